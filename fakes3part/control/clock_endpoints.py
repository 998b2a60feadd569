"""The endpoints of the control API that show and move the fake's clock."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from .endpoint import BadRequestError, ConflictError, ControlEndpoint, ControlRequest, Document, control_endpoint
from .schemas import LONGEST

if TYPE_CHECKING:
    from ..backend import Backend


_UNITS = ("weeks", "days", "hours", "minutes", "seconds")


def _clock(backend: Backend, request: ControlRequest) -> Document:
    clock = backend.clock
    return {"now": clock.now().isoformat(), "frozen": clock.is_frozen, "controlled": clock.is_controlled}


def _wait_for_next_second() -> None:
    # Clients in other processes date their signatures in whole seconds: after this wait, a date shows whether a request was
    # signed before or after the move.
    now = datetime.now(timezone.utc)
    time.sleep((1_000_000 - now.microsecond) / 1_000_000)


def _freeze(backend: Backend, request: ControlRequest) -> Document:
    _wait_for_next_second()
    backend.clock.freeze(request.document.get("at"))
    return _clock(backend, request)


def _advance(backend: Backend, request: ControlRequest) -> Document:
    span = timedelta(**{name: _number(name, value) for name, value in request.document.items()})
    _wait_for_next_second()
    try:
        backend.clock.advance(span)
    except OverflowError as error:
        raise ConflictError(f"the clock shows the years 1 to 9999: {error}") from None
    return _clock(backend, request)


def _number(name: str, value: Any) -> float:
    """Return the value of a unit of time.

    Raises:
        BadRequestError: it is no number, or too large.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise BadRequestError(f"{name} must be a number, not {value!r}")
    if not abs(value) <= LONGEST[name]:
        raise BadRequestError(
            f"{name} must be a number from -{LONGEST[name]} to {LONGEST[name]}, which is 10,000 years, not {value!r}"
        )
    return value


def _move(backend: Backend, request: ControlRequest) -> Document:
    if "to" not in request.document:
        raise BadRequestError("the document needs 'to': the new time, in ISO 8601")
    _wait_for_next_second()
    backend.clock.move_to(request.document["to"])
    return _clock(backend, request)


def _reset_clock(backend: Backend, request: ControlRequest) -> Document:
    backend.clock.reset()
    return _clock(backend, request)


CLOCK_ENDPOINTS: tuple[ControlEndpoint, ...] = (
    control_endpoint("GET", "clock", "Return the fake's time.", _clock),
    control_endpoint("DELETE", "clock", "Show the system's time again.", _reset_clock),
    control_endpoint(
        "POST", "clock/freeze", "Stop the clock, now or at a time.", _freeze, body={"at": "ISO 8601; now if absent"}
    ),
    control_endpoint("POST", "clock/advance", "Advance the clock.", _advance, body=dict.fromkeys(_UNITS, "a number")),
    control_endpoint("POST", "clock/move_to", "Set the clock to another time.", _move, body={"to": "ISO 8601"}),
)
