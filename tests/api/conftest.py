"""Fixtures of the tests of ``mock_s3``: each leaves the process as it found it."""

from tests.support.interception import nothing_left

__all__ = ["nothing_left"]
