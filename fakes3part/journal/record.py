"""What the journal stores of one call: plain data, without any of the journal's own types."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from ..auth.callers import Caller
    from ..errors import Decision
    from ..message import BodyState
    from ..protocol.address import Address
    from ..protocol.model import Operation

KEPT_BODY = 1024
"""The largest request body, in bytes, that the journal stores; of a larger one it stores only the size."""

DOWNLOADS = frozenset({"GetObject", "GetObjectAnnotation"})
"""Operations whose response body the caller must read or close; SDKs read all other response bodies themselves."""


class Body:
    """An uploaded body in the journal.

    Attributes:
        size: in bytes.
        data: its bytes; None if there are more than `KEPT_BODY`.
    """

    __slots__ = ("data", "size")

    def __init__(self, data_or_size: bytes | int) -> None:
        self.size = data_or_size if isinstance(data_or_size, int) else len(data_or_size)
        self.data = None if isinstance(data_or_size, int) else data_or_size

    def __repr__(self) -> str:
        return f"<Body of {self.size} bytes>"


class CallError(NamedTuple):
    """The error of a call. (The exception itself is not stored: its traceback would keep everything alive.)

    Attributes:
        code: S3's code.
        message: S3's message.
        extras: the further elements of S3's error document.
        decision: the authorization decision that denied the call; None: the error is no denial.
    """

    code: str
    message: str
    extras: Mapping[str, Any]
    decision: Decision | None

    def __repr__(self) -> str:
        return f"<{self.code}: {self.message}>"  # the extras may contain the signature or token of the request


class Record(NamedTuple):
    """What the journal stores of one call, as cheaply as possible; `Call` interprets it.

    Attributes:
        headers: as sent.
        operation: None if the request was rejected before it was routed; the same goes for ``address``, ``caller``, ``params``.
        params: an object's bytes are replaced by their number if there are more than `KEPT_BODY`.
        error: None if the call succeeded.
        fault: the names of the injected faults; None if there were none.
        started: seconds of `time.perf_counter`, as ``ended``.
        time: when the response was made, by the fake's clock.
        version_id: the version that the call made; None if it made none.
        upload_id: the upload that the call made; None if it made none.
        body_state: whether the body of a download was read; None for other operations.
        leniences: the names of the leniences that the call used.
    """

    number: int
    method: str
    scheme: str
    host: str
    path: str
    query: str
    client: str
    headers: Mapping[str, str]
    operation: Operation | None
    address: Address | None
    caller: Caller | None
    params: dict[str, Any] | None
    error: CallError | None
    fault: str | None
    started: float
    ended: float
    time: datetime
    thread: str
    request_id: str
    status: int
    bytes_in: int
    bytes_out: int
    version_id: str | None
    upload_id: str | None
    body_state: BodyState | None
    leniences: tuple[str, ...]

    def __repr__(self) -> str:
        return f"<Record #{self.number} {self.method} {self.path} {self.status}>"  # headers and query contain secrets
