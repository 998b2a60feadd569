"""Fixtures for the tests of interception. Each restores the state of the process."""

from tests.support.interception import early_client, late_client, nothing_left

__all__ = ["early_client", "late_client", "nothing_left"]
