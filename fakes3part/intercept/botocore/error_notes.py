"""Adds a note to botocore's ClientError with what S3 does not say: why something was not found, denied or refused by a rule."""

from __future__ import annotations

import sys
from typing import Any

from botocore.exceptions import ClientError

from ...backend import Backend
from .. import stack
from ..patch import Function, Patch

_STATUSES = frozenset({"403", "404", "405"})
"""botocore uses the status as the code if the response has no document."""

_LATEST = 64
"""The number of calls to search for the failed one: other threads may have made calls since."""


def patches() -> list[Patch]:
    """Return the patch of ``ClientError.__init__``; none before Python 3.11, whose exceptions have no notes."""
    return [Patch(ClientError, "__init__", _with_note)] if sys.version_info >= (3, 11) else []


def _with_note(original: Function) -> Function:
    def __init__(self: ClientError, error_response: Any, operation_name: str) -> None:  # noqa: N807
        original(self, error_response, operation_name)
        interceptions = stack.active.interceptions
        if interceptions:
            text = _why(error_response, interceptions)
            if text is not None:
                self.add_note(f"fakes3part: {text}")

    return __init__


def _why(error_response: Any, interceptions: tuple[stack.Interception[Backend], ...]) -> str | None:
    from ...journal.hints import HINTED_CODES, SEARCHED_CALLS, hint

    code = error_response.get("Error", {}).get("Code")
    if code not in HINTED_CODES and code not in _STATUSES:
        return None
    request_id = error_response.get("ResponseMetadata", {}).get("RequestId")
    if not request_id:
        return None
    for fake in {id(interception.fake): interception.fake for interception in interceptions}.values():
        if not fake.has_state:
            continue
        calls = fake.calls
        for record in calls.latest(_LATEST):
            if record.request_id == request_id:
                return hint(record, calls, SEARCHED_CALLS)
    return None
