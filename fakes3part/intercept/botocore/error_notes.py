"""A note on botocore's error that tells what S3 would never tell: why it was not found, why it was denied."""

from __future__ import annotations

import sys
from typing import Any

from botocore.exceptions import ClientError

from ...backend import Backend
from ...journal.hints import EXPLANATIONS, SEARCHED_CALLS, hint
from .. import stack
from ..patch import Function, Patch

_CODES = frozenset([*EXPLANATIONS, "AccessDenied", "403", "404", "405"])
"""Codes that there may be something to tell about; botocore makes a status the code where the answer has no document."""

_LATEST = 64
"""Calls among which the one that failed is looked for: others may have been answered since, in other threads."""


def patches() -> list[Patch]:
    """The patch of ``ClientError.__init__``, where Python has notes on exceptions."""
    return [Patch(ClientError, "__init__", _noting)] if sys.version_info >= (3, 11) else []


def _noting(original: Function) -> Function:
    def __init__(self: ClientError, error_response: Any, operation_name: str) -> None:  # noqa: N807
        original(self, error_response, operation_name)
        # Everything within is a service to the reader; the error itself must come out whatever happens.
        interceptions = stack.active.interceptions
        if interceptions and error_response.get("Error", {}).get("Code") in _CODES:
            text = _why(error_response, interceptions)
            if text is not None:
                self.add_note(f"fakes3part: {text}")

    return __init__


def _why(error_response: Any, interceptions: tuple[stack.Interception[Backend], ...]) -> str | None:
    request_id = error_response.get("ResponseMetadata", {}).get("RequestId")
    if not request_id:
        return None
    for fake in {id(interception.fake): interception.fake for interception in interceptions}.values():
        calls = fake.calls
        for record in calls.latest(_LATEST):
            if record.request_id == request_id:
                return hint(record, calls, SEARCHED_CALLS)
    return None
