"""Fixtures for the tests of interception. Each restores the state of the process."""

from tests.support.interception import botocore_as_installed, early_client, late_client, nothing_left

__all__ = ["botocore_as_installed", "early_client", "late_client", "nothing_left"]
