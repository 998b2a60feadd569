"""Both doors in front of a fake that knows one account."""

from tests.support.configured_account import _doors, clock, door, session

__all__ = ["_doors", "clock", "door", "session"]
