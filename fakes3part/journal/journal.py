"""The journal of a fake: records every request that it handled.

Recording is on the path of every request, so it stores references and renders nothing. Bodies are not stored: the journal must
not keep the data of deleted objects alive. Users see a `Record` as `call.Call`, and search with `calls.Calls`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from datetime import datetime
from itertools import islice
from threading import current_thread
from typing import TYPE_CHECKING, Any, Protocol
from weakref import ref

from ..locks import LazyLock, new_lock
from ..message import Request, Response, Segments, size_of
from .calls import Calls
from .record import DOWNLOADS, KEPT_BODY, CallError, Record

if TYPE_CHECKING:
    from ..auth.callers import Caller
    from ..protocol.address import Address
    from ..protocol.model import Operation
    from .history import FakeState

_COUNTED = 16
"""The number of segments up to which their lengths are summed; above, the Content-Length header is used."""


class CallInProgress(Protocol):
    """The parts of a request in the pipeline that are recorded; None: the request was rejected before the part was known."""

    request: Request
    sent_headers: Mapping[str, str]
    started: float
    operation: Operation | None
    address: Address | None
    caller: Caller | None
    params: dict[str, Any] | None
    output: dict[str, Any] | None
    error: CallError | None
    fault: str | None


class Journal(Calls):
    """``FakeS3.calls``: all calls so far, in the order of their responses. It grows as requests are handled, in any thread.

    Attributes:
        total: how many calls were recorded since the journal was made or cleared; the latest ``size`` of them are stored.
    """

    _lock = LazyLock(new_lock)

    def __init__(self, fake: FakeState, size: int) -> None:
        super().__init__()
        # Weak: a fake and its data are to be freed with the last reference to it.
        self._fake = ref(fake)
        self._stored: deque[Record] = deque(maxlen=size)
        self.total = 0

    @property
    def _history(self) -> Journal:
        return self  # no attribute: a cycle would have to wait for the garbage collector

    @property
    def fake(self) -> FakeState | None:
        return self._fake()

    @property
    def dropped(self) -> int:
        """How many calls are no longer stored, because later calls replaced them."""
        return self.total - len(self._stored)

    def records(self) -> tuple[Record, ...]:
        with self._lock:
            return tuple(self._stored)

    def latest(self, limit: int | None = None) -> list[Record]:
        """Return the latest ``limit`` records (None: all), the latest first."""
        with self._lock:
            return list(islice(reversed(self._stored), limit))

    def clear(self) -> None:
        """Remove all calls, and restart their numbers at 1."""
        with self._lock:
            self._stored.clear()
            self.total = 0

    def add(self, call: CallInProgress, response: Response, request_id: str, ended: float, time: datetime) -> Record:
        """Record a call.

        Args:
            ended: seconds of `time.perf_counter`, as ``call.started``.
            time: the fake's time.
        """
        request, operation, params, output = call.request, call.operation, call.params, call.output
        body = response.body
        size = 0 if not body else len(body[0]) if len(body) == 1 else _size(response)
        version_id = upload_id = None
        if output:
            version_id, upload_id = output.get("VersionId"), output.get("UploadId")
        received = request.received
        if received > KEPT_BODY and params and operation is not None and operation.streaming_input:
            _replace_bytes(operation, params)
        is_download = operation is not None and operation.name in DOWNLOADS
        thread = current_thread().name
        with self._lock:
            self.total = number = self.total + 1
            record: Record = _new(
                Record,
                (
                    number,
                    request.method,
                    request.scheme,
                    request.host,
                    request.path,
                    request.query,
                    request.client,
                    call.sent_headers,
                    operation,
                    call.address,
                    call.caller,
                    params,
                    call.error,
                    call.fault,
                    call.started,
                    ended,
                    time,
                    thread,
                    request_id,
                    response.status,
                    received,
                    size,
                    version_id,
                    upload_id,
                    [] if is_download else None,
                    request.used_leniences,
                ),
            )
            self._stored.append(record)
        return record


_new: Any = tuple.__new__
"""Makes a `Record` in a quarter of the time of its own constructor."""


def _replace_bytes(operation: Operation, params: dict[str, Any]) -> None:
    """Replace an object's bytes by their number."""
    name = "Body" if "Body" in params else operation.input_shape.payload or ""
    data = params.get(name, b"")
    params[name] = len(data)


def _size(response: Response) -> int:
    """Return the number of bytes of the response's body."""
    body: Segments = response.body
    if len(body) > _COUNTED:
        for name, value in response.headers:
            if name == "Content-Length":
                return int(value)
    return size_of(body)
