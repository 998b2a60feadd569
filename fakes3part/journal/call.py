"""One recorded call, as users see it."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote_plus

from .. import redaction
from ..text import shorten, size
from .record import Body, Record

if TYPE_CHECKING:
    from ..error_codes.codes import ErrorCode
    from ..operation_names import OperationName
    from .history import History

_ATTEMPT = re.compile(r"\battempt=(\d+)")
_ACCESS_KEY = re.compile(r"Credential=([^/,\s]+)/|^AWS ([^:]+):")
_IN_QUERY = re.compile(r"(?:^|&)(?:X-Amz-Credential=([^&]*?)(?:%2F|/)|AWSAccessKeyId=([^&]*))", re.IGNORECASE)


class Call:
    """One recorded call: its request, its caller and its response. Secrets are ``***``. Attributes are computed when read."""

    __slots__ = ("_history", "_record")

    def __init__(self, record: Record, history: History) -> None:
        self._record = record
        self._history = history

    # The operation

    @property
    def number(self) -> int:
        """The number of the call in the journal, counted from 1."""
        return self._record.number

    @property
    def operation(self) -> OperationName | None:
        """AWS's name of the operation (``GetObject``); None if the request was rejected before it was routed."""
        operation = self._record.operation
        return cast("OperationName", operation.name) if operation is not None else None

    @property
    def bucket(self) -> str | None:
        """The bucket's name; None if the request names none."""
        return self._record.address.bucket if self._record.address is not None else None

    @property
    def key(self) -> str | None:
        """The key, decoded; for PostObject the form's key. None if the request names none."""
        record = self._record
        key = record.address.key if record.address is not None else None
        return record.params.get("Key") if key is None and record.params else key

    @property
    def params(self) -> dict[str, Any]:
        """The operation's parameters as boto3 names them; an object's bytes are a `Body`.

        If the call was rejected before they were parsed: those in its URL and headers, or none if these are invalid.
        """
        record = self._record
        params = redaction.params(_parsed(record) if record.params is None else record.params)
        operation = record.operation
        if operation is not None and operation.streaming_input:
            name = operation.input_shape.payload or ""
            if name in params:
                params[name] = Body(params[name])
            if params.get("ContentEncoding") == "aws-chunked":  # set by the SDK, not by its user
                del params["ContentEncoding"]
        return params

    @property
    def version_id(self) -> str | None:
        """The version that was requested or else created; None: neither."""
        return self.params.get("VersionId") or self._record.version_id

    @property
    def upload_id(self) -> str | None:
        """The multipart upload that the call concerns or creates; None: it concerns none."""
        return self.params.get("UploadId") or self._record.upload_id

    @property
    def part_number(self) -> int | None:
        """The part's number; None if the request names none."""
        return self.params.get("PartNumber")

    # The HTTP request

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self._record.method

    @property
    def scheme(self) -> str:
        """``http`` or ``https``."""
        return self._record.scheme

    @property
    def host(self) -> str:
        """The Host header."""
        return self._record.host

    @property
    def path(self) -> str:
        """The path, percent-encoded as sent."""
        return self._record.path

    @property
    def query(self) -> str:
        """The query as sent, except secrets."""
        return redaction.query(self._record.query)

    @property
    def headers(self) -> dict[str, str]:
        """The headers as sent, except secrets; names in lower case."""
        return redaction.headers(self._record.headers)

    @property
    def client(self) -> str:
        """The client's IP address."""
        return self._record.client

    @property
    def bytes_in(self) -> int:
        """Bytes of the request's body that were read, including aws-chunked framing (which in-process calls do not have)."""
        return self._record.bytes_in

    @property
    def bytes_out(self) -> int:
        """Bytes of the response's body, before a fault truncates it."""
        return self._record.bytes_out

    # The caller

    @property
    def caller(self) -> str | None:
        """The caller's ARN, or ``anonymous``; None if the request was rejected before it was authenticated."""
        caller = self._record.caller
        if caller is None:
            return None
        return "anonymous" if caller.account is None else caller.arn

    @property
    def account(self) -> str | None:
        """The caller's account, 12 digits; None if the caller is anonymous or unknown."""
        caller = self._record.caller
        return caller.account.id if caller is not None and caller.account is not None else None

    @property
    def access_key(self) -> str | None:
        """The access key id in the request, valid or not; None: the request is not signed."""
        record = self._record
        if record.caller is not None and record.caller.access_key is not None:
            return record.caller.access_key
        match = _ACCESS_KEY.search(record.headers.get("authorization", "")) or _IN_QUERY.search(record.query)
        return None if match is None else unquote_plus(match[1] or match[2])

    # The response

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self._record.status

    @property
    def error(self) -> ErrorCode | str | None:
        """S3's error code (``NoSuchKey``), even if the response, to a HEAD, has no body; None if the call succeeded."""
        return self._record.error.code if self._record.error is not None else None

    @property
    def message(self) -> str | None:
        """S3's error message; None if the call succeeded."""
        return self._record.error.message if self._record.error is not None else None

    @property
    def request_id(self) -> str:
        """The ``x-amz-request-id`` header of the response."""
        return self._record.request_id

    @property
    def fault(self) -> str | None:
        """The names of the faults that rules injected into this call; None: no rule did."""
        return self._record.fault

    @property
    def leniences(self) -> tuple[str, ...]:
        """The names of the leniences by which the call was accepted: S3 would have refused it."""
        return self._record.leniences

    @property
    def hint(self) -> str | None:
        """Why the call found nothing or was denied: which call deleted the key, which keys are similar; None: unknown."""
        from .hints import hint

        return hint(self._record, self._history)

    # Time

    @property
    def time(self) -> datetime:
        """When the response was made, by the fake's clock."""
        return self._record.time

    @property
    def started(self) -> float:
        """Seconds of `time.perf_counter`, to be compared only: calls overlap if one's ``started`` is before another's `ended`."""
        return self._record.started

    @property
    def ended(self) -> float:
        """When the response was made, in seconds of the same clock as `started`."""
        return self._record.ended

    @property
    def duration(self) -> float:
        """Seconds between `started` and `ended`."""
        return self._record.ended - self._record.started

    @property
    def thread(self) -> str:
        """The name of the thread that handled the request."""
        return self._record.thread

    @property
    def invocation_id(self) -> str | None:
        """The SDK's id of the call, the same in all its attempts; None: the client sends none."""
        return self._record.headers.get("amz-sdk-invocation-id")

    @property
    def attempt(self) -> int:
        """The attempt, counted from 1: by the SDK or, if it sends no number, by the journal, which counts `invocation_id`."""
        match = _ATTEMPT.search(self._record.headers.get("amz-sdk-request", ""))
        if match is not None:
            return int(match[1])
        invocation_id = self.invocation_id
        if invocation_id is None:
            return 1
        earlier = (record for record in self._history.records() if record.number < self.number)
        return 1 + sum(record.headers.get("amz-sdk-invocation-id") == invocation_id for record in earlier)

    # Representations

    def to_json(self) -> dict[str, Any]:
        """Return all attributes in types that JSON has; times are ISO 8601, `duration` is in seconds."""
        return {name: to_json_value(getattr(self, name)) for name, value in vars(Call).items() if isinstance(value, property)}

    def __str__(self) -> str:
        """Return the call in one line."""
        return " ".join(filter(None, cells(self)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Call) and other._record is self._record

    def __hash__(self) -> int:
        return id(self._record)

    def __repr__(self) -> str:
        return f"<Call {self}>"


def cells(call: Call) -> list[str]:
    """Return the columns of the call's line in a table; some may be empty."""
    return [
        f"#{call.number}",
        call.operation or f"{call.method} (unknown)",
        _target(call),
        f"{call.status} {call.error or ''}".strip(),
        " ".join(f"{direction} {size(count)}" for direction, count in (("in", call.bytes_in), ("out", call.bytes_out)) if count),
        f"{call.duration * 1000:.1f} ms",
        _remarks(call),
    ]


def _target(call: Call) -> str:
    if call.bucket is None:
        return shorten(call.path)
    target = shorten(call.bucket if call.key is None else f"{call.bucket}/{call.key}")
    return target if call.part_number is None else f"{target} part {call.part_number}"


def _remarks(call: Call) -> str:
    remarks = []
    if call.attempt > 1:
        remarks.append(f"attempt {call.attempt}")
    if call.fault is not None:
        remarks.append(f"fault: {call.fault}")
    if call.leniences:
        remarks.append(f"lenient: {', '.join(call.leniences)}")
    if call.caller == "anonymous":
        remarks.append("anonymous")
    return ", ".join(remarks)


def to_json_value(value: Any) -> Any:
    """Return a value in types that JSON has. Bytes are base64 (policies and the like are text already)."""
    if isinstance(value, Mapping):
        return {str(name): to_json_value(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json_value(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Body):
        return {"size": value.size}
    if isinstance(value, (bytes, memoryview)):
        return b64encode(value).decode()
    return value


def _parsed(record: Record) -> dict[str, Any]:
    """Return the parameters of a call that was rejected before they were parsed."""
    from ..errors import S3Error

    address, operation = record.address, record.operation
    if address is None:
        return {}
    values = {"Bucket": address.bucket, "Key": address.key}
    params: dict[str, Any] = {name: value for name, value in values.items() if value is not None}
    if operation is None:
        return params
    query = dict(pair.partition("=")[::2] for pair in record.query.split("&"))
    decoded = {unquote_plus(name): unquote_plus(value) for name, value in query.items() if name}
    try:
        params |= operation.parse(address.bucket, address.key, decoded, record.headers, bytes)
    except S3Error:
        return params
    if operation.streaming_input:  # was not read
        params.pop(operation.input_shape.payload or "", None)
    return params
