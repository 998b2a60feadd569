"""Lets the pauses between a client's attempts pass on the fake's clock if a test controls it, instead of waiting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..clock import Clock
from . import stack


def controlled_clock(host: str) -> Clock | None:
    """Return the clock of the fake that serves a host; None if there is no fake, or no test controls its clock."""
    if not is_any_clock_controlled():
        return None
    fake = stack.active.fake_for(host)
    return fake.clock if fake is not None and fake.clock.is_controlled else None


def is_any_clock_controlled() -> bool:
    """Return whether a test controls the clock of an active fake."""
    for interception in stack.active.interceptions:  # noqa: SIM110  # a generator takes longer, in each call of each client
        if interception.fake.clock.is_controlled:
            return True
    return False


class TimeModule:
    """The module ``time`` for a library's retries. A replacement of ``time.sleep`` by other code still takes effect.

    Args:
        module: the module itself.
        clock: returns the clock of the request that is tried again; None: the library really waits.
    """

    def __init__(self, module: Any, clock: Callable[[], Clock | None]) -> None:
        self._module = module
        self._clock = clock

    def sleep(self, seconds: float) -> None:
        clock = self._clock()
        if clock is None:
            self._module.sleep(seconds)
        else:
            clock.sleep(seconds)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)
