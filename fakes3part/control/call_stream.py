"""The journal as server-sent events (``text/event-stream`` of the HTML standard).

A response ends with the calls that there are, or when there was none for a while: the client asks again with the last number,
as a browser's EventSource does by itself (``Last-Event-ID``). So it holds no thread for long, and any WSGI server can send it.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from ..message import Response
from .endpoint import BadRequestError, ControlRequest

if TYPE_CHECKING:
    from ..backend import Backend
    from ..journal.call import Call

MAX_WAIT = 60
"""Seconds."""

DEFAULT_WAIT = 1
"""Seconds. A server that stops waits for its requests: an open page must not make that long."""

_POLL = 0.1
"""Seconds between two looks at the journal. (A condition would be work for every request, also where no one waits.)"""

_MAX_EVENTS = 200
"""The most calls in one response."""

STREAM = {
    "since": "the number of a call: only later ones; without it and the header Last-Event-ID, those from now on",
    "timeout": f"seconds to wait for the first one ({DEFAULT_WAIT}), up to {MAX_WAIT}",
}

_FIELDS = (
    *("number", "time", "operation", "bucket", "key", "part_number", "method", "path", "status", "error", "fault"),
    *("leniences", "bytes_in", "bytes_out", "duration", "caller", "attempt"),
)


def summary(call: Call) -> dict[str, Any]:
    """Return what a line of the journal shows of a call."""
    document = {name: getattr(call, name) for name in _FIELDS}
    return {**document, "time": call.time.isoformat()}


def stream_calls(backend: Backend, request: ControlRequest) -> Response:
    """Return the calls after a number as events ``call``, as soon as there is one; and ``clear`` if the journal was cleared.

    Raises:
        BadRequestError: the timeout is not allowed.
        ValueError: a number is none.
    """
    timeout = float(request.query.get("timeout", DEFAULT_WAIT))
    if not 0 <= timeout <= MAX_WAIT:
        raise BadRequestError(f"timeout must be 0 to {MAX_WAIT} seconds, not {timeout:g}")
    journal = backend.calls
    since = int(request.query.get("since") or request.headers.get("last-event-id") or journal.total)
    end = time.monotonic() + timeout
    while journal.total == since and time.monotonic() < end:
        time.sleep(_POLL)
    events = ["retry: 200\n\n"]
    if journal.total < since:
        events.append("id: 0\nevent: clear\ndata: {}\n\n")
        since = 0
    for call in journal.filter(since=since)[:_MAX_EVENTS]:
        events.append(f"id: {call.number}\nevent: call\ndata: {json.dumps(summary(call))}\n\n")
    if len(events) == 1:
        events.append(f"id: {since}\n: nothing new\n\n")
    body = "".join(events).encode()
    headers = [("Content-Type", "text/event-stream"), ("Cache-Control", "no-store"), ("Content-Length", str(len(body)))]
    return Response(200, headers, (body,))
