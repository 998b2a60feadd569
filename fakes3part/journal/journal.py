"""The journal: every request that reached a fake, kept as it was answered, told when somebody looks.

Recording is on the path of every request, so it keeps references and renders nothing; bodies are not kept (the journal must
not keep alive what a test deleted). `calls.Call` is how users see a `Record`, `calls.Calls` how they search.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from datetime import datetime
from itertools import islice
from threading import Lock, current_thread
from typing import TYPE_CHECKING, Any, Protocol
from weakref import ref

from ..message import Request, Response, Segments
from .calls import Calls
from .record import DOWNLOADS, KEPT_BODY, Record

if TYPE_CHECKING:
    from ..auth.callers import Caller
    from ..protocol.address import Address
    from ..protocol.model import Operation
    from .history import FakeState

_COUNTED = 16
"""Segments of a body whose lengths are summed; of more, the Content-Length tells."""


class Handled(Protocol):
    """What of a request on its way through the pipeline is kept. What is not known yet when it is refused, is None.

    ``error``: code, message, extra elements and the decision of the `S3Error` that it was refused with. (Never the error
    itself: its traceback would keep everything alive.)
    """

    request: Request
    sent: Mapping[str, str]
    began: float
    operation: Operation | None
    address: Address | None
    caller: Caller | None
    params: dict[str, Any] | None
    output: dict[str, Any] | None
    error: tuple[str, str, Mapping[str, Any], Any] | None
    fault: str | None


class Journal(Calls):
    """All calls so far, the oldest first: ``fakes3.calls``. Grows as requests are answered, in any thread.

    It keeps the latest ``size`` calls. Its order is that in which the calls were answered.
    """

    def __init__(self, fake: FakeState, size: int) -> None:
        super().__init__()
        # Weakly: a fake is to die, and its bytes with it, with the last reference to it.
        self._fake = ref(fake)
        self._kept: deque[Record] = deque(maxlen=size)
        self._lock = Lock()
        self.total = 0

    @property
    def _history(self) -> Journal:
        return self  # no attribute: it would have to wait for the garbage collector

    @property
    def fake(self) -> FakeState | None:
        return self._fake()

    @property
    def dropped(self) -> int:
        """How many calls were too old to keep."""
        return self.total - len(self._kept)

    def records(self) -> tuple[Record, ...]:
        with self._lock:
            return tuple(self._kept)

    def latest(self, most: int | None = None) -> list[Record]:
        """So many of the latest records (None: all), the latest first."""
        with self._lock:
            return list(islice(reversed(self._kept), most))

    def clear(self) -> None:
        """Forget all calls, and that there were any."""
        with self._lock:
            self._kept.clear()
            self.total = 0

    def add(self, call: Handled, response: Response, request_id: str, now: float, at: datetime) -> Record:
        """Record what was answered. ``now`` is of the same clock as ``call.began``; ``at`` is the fake's time."""
        request, operation, params, output = call.request, call.operation, call.params, call.output
        body = response.body
        version_id = upload_id = None
        if output:
            version_id, upload_id = output.get("VersionId"), output.get("UploadId")
        if request.received > KEPT_BODY and params and operation is not None and operation.streaming_input:
            _forget_bytes(operation, params)
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
                    call.sent,
                    operation,
                    call.address,
                    call.caller,
                    params,
                    call.error,
                    call.fault,
                    call.began,
                    now,
                    at,
                    thread,
                    request_id,
                    response.status,
                    request.received,
                    len(body[0]) if len(body) == 1 else _size(response),
                    version_id,
                    upload_id,
                    [] if is_download else None,
                ),
            )
            self._kept.append(record)
        return record


_new: Any = tuple.__new__
"""Makes a `Record` in a quarter of the time that its own constructor takes."""


def _forget_bytes(operation: Operation, params: dict[str, Any]) -> None:
    """Let go of an object's bytes."""
    name = "Body" if "Body" in params else operation.input_shape.payload or ""
    data = params.get(name, b"")
    params[name] = len(data)


def _size(response: Response) -> int:
    """Bytes of the answer's body."""
    body: Segments = response.body
    if len(body) > _COUNTED:
        for name, value in response.headers:
            if name == "Content-Length":
                return int(value)
    return sum(map(len, body))
