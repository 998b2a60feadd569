"""Fixtures of the tests of interception: each leaves the process as it found it."""

from tests.support.interception import early_client, late_client, nothing_left

__all__ = ["early_client", "late_client", "nothing_left"]
