"""`LogEntry`: what the log of ``serve`` shows of one request."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import S3Error
from ..journal.call import Call, to_json_value
from ..message import size_of
from ..protocol.address import parse_address
from ..protocol.http1 import header
from ..services.dispatch import service_of

if TYPE_CHECKING:
    from ..api.fakes3 import FakeS3
    from ..message import Request, Response
    from ..server.responses import Exchange

_CODE = re.compile(rb'<Error(?:Response [^>]*)?>.{0,300}?<Code>([\w.]+)</Code>|^\{"__type": ?"([\w.]+)"', re.DOTALL)
"""The code in an error document of S3, S3 Control and STS, or of KMS."""

_SEARCHED = 200
"""How many of the latest calls are searched for a request: as many may end between it and its entry."""


class LogEntry(NamedTuple):
    """One request in the log.

    Attributes:
        time: when its response was made, by the system's clock.
        method: None: what came was no HTTP request.
        bucket: None: the request names none, as for ``key``.
        key: decoded.
        path: as sent, without the query, which may be presigned.
        status: 0: no response is sent, because of a fault.
        error: S3's code, also of a HEAD; None: there is none.
        bytes_in: of the request's body, as far as it was read.
        bytes_out: of the response's body.
        seconds: until the response was made.
        request_id: None: the response has none.
        call: the call in the journal; None: the journal has none, as for the control API and STS.
    """

    time: datetime
    method: str | None
    operation: str | None
    bucket: str | None
    key: str | None
    path: str | None
    status: int
    error: str | None
    bytes_in: int
    bytes_out: int
    seconds: float
    request_id: str | None
    call: Call | None

    def to_json(self, *, verbose: bool) -> dict[str, Any]:
        """Return the entry in types that JSON has. The keys are always the same; docs/reference/cli.md describes them."""
        call = self.call
        document: dict[str, Any] = {
            "time": self.time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "method": self.method,
            "operation": self.operation,
            "bucket": self.bucket,
            "key": self.key,
            "path": self.path,
            "status": self.status,
            "error": self.error,
            "bytes_in": self.bytes_in,
            "bytes_out": self.bytes_out,
            "ms": round(self.seconds * 1000, 3),
            "request_id": self.request_id,
            "fault": None if call is None else call.fault,
            "leniences": [] if call is None else list(call.leniences),
        }
        if verbose:
            document |= {
                "message": None if call is None else call.message,
                "hint": None if call is None else call.hint,
                "caller": None if call is None else call.caller,
                "params": {} if call is None else to_json_value(call.params),
            }
        return document


def log_entry(fake: FakeS3, exchange: Exchange) -> LogEntry:
    """Return the entry of an exchange."""
    request, response = exchange.request, exchange.response
    request_id = header(response, "x-amz-request-id")
    call = None if request is None or exchange.is_control or request_id is None else _find_call(fake, request_id)
    bucket, key = _address(fake, exchange, call)
    return LogEntry(
        datetime.now(timezone.utc),
        None if request is None else request.method,
        response.operation,
        bucket,
        key,
        None if request is None else request.path,
        response.status,
        _error_code(response) if call is None else call.error,
        0 if request is None else request.received,
        size_of(response.body),
        exchange.seconds,
        request_id,
        call,
    )


def _find_call(fake: FakeS3, request_id: str) -> Call | None:
    """Return the call of a request; None: the journal has none."""
    for record in fake.calls.latest(_SEARCHED):
        if record.request_id == request_id:
            return Call(record, fake.calls)
    return None


def _address(fake: FakeS3, exchange: Exchange, call: Call | None) -> tuple[str | None, str | None]:
    """Return the bucket and the key of a request; None for what it does not name."""
    if call is not None:
        return call.bucket, call.key
    if exchange.request is None or exchange.is_control or service_of(exchange.request) is not None:
        return None, None
    return _parsed_address(fake, exchange.request)


def _parsed_address(fake: FakeS3, request: Request) -> tuple[str | None, str | None]:
    try:
        address = parse_address(request.host, request.path, fake.custom_hosts)
    except S3Error:
        return None, None
    return address.bucket, address.key


def _error_code(response: Response) -> str | None:
    """Return the code in an error document; None: the response is none."""
    if response.status < 400 or not response.body:
        return None
    match = _CODE.search(bytes(response.body[0][:1000]))
    return None if match is None else (match[1] or match[2]).decode()
