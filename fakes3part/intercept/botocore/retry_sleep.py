"""The pauses between a client's attempts: they pass on the clock that a test has taken hold of, and nobody really sleeps.

Botocore sleeps in two places: its endpoint before it tries again, and the token bucket of the adaptive retry mode before a
request goes out at all. Neither knows for whom, so the endpoint's sending, which knows its host, notes that per thread: a
client whose requests are not answered here waits as ever.
"""

from __future__ import annotations

import threading
from typing import Any, cast

from botocore import endpoint
from botocore.retries.bucket import TokenBucket

from ...clock import Clock
from .. import stack
from ..patch import Function, Patch


class _Here(threading.local):
    clock: Clock | None = None


_here = _Here()


def patches() -> list[Patch]:
    """The patches of the endpoint, of the ``time`` that its module knows, and of the bucket."""
    return [
        Patch(endpoint.Endpoint, "_send_request", _sending),
        Patch(endpoint, "time", cast(Any, _Time)),
        Patch(TokenBucket, "_sleep_amount", _sleep_amount),
    ]


def _sending(original: Function) -> Function:
    def _send_request(self: Any, request_dict: Any, operation_model: Any) -> Any:
        clock = _clock_for(self.host)
        if clock is None:
            return original(self, request_dict, operation_model)
        outer, _here.clock = _here.clock, clock
        try:
            return original(self, request_dict, operation_model)
        finally:
            _here.clock = outer

    return _send_request


def _clock_for(url: str) -> Clock | None:
    """The clock of the fake that answers there, if it is a test's own."""
    active = stack.active
    if not any(interception.fake.clock.is_controlled for interception in active.interceptions):
        return None
    fake = active.fake_for(url.partition("://")[2].partition("/")[0])
    return fake.clock if fake is not None and fake.clock.is_controlled else None


class _Time:
    """The module ``time`` for botocore's endpoint. Whoever replaces ``time.sleep``, here or there, is still asked."""

    def __init__(self, module: Any) -> None:
        self._module = module

    def sleep(self, seconds: float) -> None:
        if _here.clock is None:
            self._module.sleep(seconds)
        else:
            _here.clock.sleep(seconds)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


def _sleep_amount(original: Function) -> Function:
    """How long the bucket's caller has to wait: not at all, once the time has passed on the clock and the bucket was told."""

    def _sleep_amount(self: Any, amount: float) -> float:
        seconds: float = original(self, amount)
        if _here.clock is not None and seconds > 0:
            _here.clock.sleep(seconds)
            self._last_timestamp -= seconds
            self._refill()
            seconds = original(self, amount)
        return seconds

    return _sleep_amount
