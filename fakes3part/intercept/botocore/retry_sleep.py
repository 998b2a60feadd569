"""Lets the pauses between a client's attempts pass on the fake's clock if a test controls it, instead of waiting.

botocore sleeps in two places: its endpoint before a retry, and the token bucket of the adaptive retry mode before a request.
Neither knows the host, so the endpoint's method for sending, which does, sets the clock for its thread. Clients of hosts that no
fake serves wait as usual.
"""

from __future__ import annotations

import threading
from typing import Any, cast

from botocore import endpoint
from botocore.retries.bucket import TokenBucket

from ...clock import Clock
from ..network_guard import ServiceNotFaked
from ..patch import Function, Patch
from ..retry_pauses import TimeModule, controlled_clock, is_any_clock_controlled


class _ThreadState(threading.local):
    clock: Clock | None = None


_thread = _ThreadState()


def patches() -> list[Patch]:
    """Return the patches of the endpoint, of the name ``time`` in its module, and of the token bucket."""
    return [
        Patch(endpoint.Endpoint, "_send_request", _sending),
        Patch(endpoint, "time", lambda module: cast(Any, TimeModule(module, lambda: _thread.clock))),
        Patch(TokenBucket, "_sleep_amount", _sleep_amount),
    ]


def _sending(original: Function) -> Function:
    def _send_request(self: Any, request_dict: Any, operation_model: Any) -> Any:
        clock = clock_for(self.host)
        try:
            if clock is None:
                return original(self, request_dict, operation_model)
            outer, _thread.clock = _thread.clock, clock
            try:
                return original(self, request_dict, operation_model)
            finally:
                _thread.clock = outer
        except ServiceNotFaked as error:
            error.name_operation(self.host, operation_model.name)
            raise

    return _send_request


def clock_for(url: str) -> Clock | None:
    """Return the clock of the fake that serves a URL; None if there is no fake, or no test controls its clock."""
    return controlled_clock(url.partition("://")[2].partition("/")[0]) if is_any_clock_controlled() else None


def _sleep_amount(original: Function) -> Function:
    def _sleep_amount(self: Any, amount: float) -> float:
        return sleep_amount(original, self, amount, _thread.clock)

    return _sleep_amount


def sleep_amount(original: Function, bucket: Any, amount: float, clock: Clock | None) -> float:
    """Return how long the caller of a token bucket has to wait, after advancing the fake's clock and refilling the bucket.

    Args:
        original: the bucket's method, which returns that without the clock.
        clock: None: the caller really waits.
    """
    seconds: float = original(bucket, amount)
    if clock is not None and seconds > 0:
        clock.sleep(seconds)
        bucket._last_timestamp -= seconds
        bucket._refill()
        seconds = original(bucket, amount)
    return seconds
