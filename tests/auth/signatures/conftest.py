"""Fixtures: a fake with one configured account, behind both doors."""

from tests.support.configured_account import _doors, clock, door, session

__all__ = ["_doors", "clock", "door", "session"]
