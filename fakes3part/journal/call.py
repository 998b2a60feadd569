"""One call, as it is kept and as users see it."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from ..text import shorten, size
from . import redaction
from .record import Body, Record

if TYPE_CHECKING:
    from .history import History

_ATTEMPT = re.compile(r"\battempt=(\d+)")
_ACCESS_KEY = re.compile(r"Credential=([^/,\s]+)/|^AWS ([^:]+):")
_IN_QUERY = re.compile(r"(?:^|&)(?:X-Amz-Credential=([^&]*?)(?:%2F|/)|AWSAccessKeyId=([^&]*))", re.IGNORECASE)


class Call:
    """One call, as it was answered; secrets are ``***``. Attributes are computed when they are looked at."""

    __slots__ = ("_history", "_record")

    def __init__(self, record: Record, history: History) -> None:
        self._record = record
        self._history = history

    # What was asked

    @property
    def number(self) -> int:
        """1 for the first call that the journal saw, and so on."""
        return self._record.number

    @property
    def operation(self) -> str | None:
        """AWS's name (``GetObject``); None when the call was refused before it was known."""
        return self._record.operation.name if self._record.operation is not None else None

    @property
    def bucket(self) -> str | None:
        return self._record.address.bucket if self._record.address is not None else None

    @property
    def key(self) -> str | None:
        """Decoded; of a browser's form, the one that the form names."""
        record = self._record
        key = record.address.key if record.address is not None else None
        return record.params.get("Key") if key is None and record.params else key

    @property
    def params(self) -> dict[str, Any]:
        """What a boto3 caller would have written; an object's bytes are a `Body`.

        Of a call that was refused early, what its URL and headers tell; nothing when they make no sense.
        """
        record = self._record
        params = redaction.params(_parsed(record) if record.params is None else record.params)
        operation = record.operation
        if operation is not None and operation.streaming_input:
            name = operation.input_shape.payload or ""
            if name in params:
                params[name] = Body(params[name])
            if params.get("ContentEncoding") == "aws-chunked":  # the SDK's word, not its user's
                del params["ContentEncoding"]
        return params

    @property
    def version_id(self) -> str | None:
        """The version that was asked for or, if none was, that was made."""
        return self.params.get("VersionId") or self._record.version_id

    @property
    def upload_id(self) -> str | None:
        """Of a call about a multipart upload, CreateMultipartUpload's included."""
        return self.params.get("UploadId") or self._record.upload_id

    @property
    def part_number(self) -> int | None:
        return self.params.get("PartNumber")

    # The request on the wire

    @property
    def method(self) -> str:
        return self._record.method

    @property
    def scheme(self) -> str:
        return self._record.scheme

    @property
    def host(self) -> str:
        return self._record.host

    @property
    def path(self) -> str:
        """Raw: percent-encoded as it was sent."""
        return self._record.path

    @property
    def query(self) -> str:
        """Raw, but for the secrets."""
        return redaction.query(self._record.query)

    @property
    def headers(self) -> dict[str, str]:
        """As sent, names in lower case."""
        return redaction.headers(self._record.headers)

    @property
    def client(self) -> str:
        """The IP address it came from."""
        return self._record.client

    @property
    def bytes_in(self) -> int:
        """Bytes of the request's body that were read, as on the wire (in-process, without aws-chunked framing)."""
        return self._record.bytes_in

    @property
    def bytes_out(self) -> int:
        """Bytes of the answer's body, before a fault cut it."""
        return self._record.bytes_out

    # Who

    @property
    def caller(self) -> str | None:
        """An ARN, or ``anonymous``; None when the call was refused before that was known."""
        caller = self._record.caller
        if caller is None:
            return None
        return "anonymous" if caller.account is None else caller.arn

    @property
    def account(self) -> str | None:
        """12 digits."""
        caller = self._record.caller
        return caller.account.id if caller is not None and caller.account is not None else None

    @property
    def access_key(self) -> str | None:
        """As the request gave it, whether it is good or not."""
        record = self._record
        if record.caller is not None and record.caller.access_key is not None:
            return record.caller.access_key
        found = _ACCESS_KEY.search(record.headers.get("authorization", "")) or _IN_QUERY.search(record.query)
        return None if found is None else unquote_plus(found[1] or found[2])

    # What came of it

    @property
    def status(self) -> int:
        return self._record.status

    @property
    def error(self) -> str | None:
        """S3's code (``NoSuchKey``), also where the answer, to a HEAD, had no body to tell it."""
        return self._record.error[0] if self._record.error is not None else None

    @property
    def message(self) -> str | None:
        """S3's words for the error."""
        return self._record.error[1] if self._record.error is not None else None

    @property
    def request_id(self) -> str:
        return self._record.request_id

    @property
    def fault(self) -> str | None:
        """The fault that a rule of the test injected into this call."""
        return self._record.fault

    @property
    def hint(self) -> str | None:
        """Why it was not found, or was denied, as far as the fake knows now: what was deleted when, which keys are near."""
        from .hints import hint

        return hint(self._record, self._history)

    # When

    @property
    def at(self) -> datetime:
        """When it was answered, by the fake's clock."""
        return self._record.at

    @property
    def started(self) -> float:
        """Seconds of a clock that only serves to compare: calls overlapped if one started before another's `ended`."""
        return self._record.began

    @property
    def ended(self) -> float:
        return self._record.ended

    @property
    def duration(self) -> float:
        """Seconds that the fake took."""
        return self._record.ended - self._record.began

    @property
    def thread(self) -> str:
        """The name of the thread it was answered in."""
        return self._record.thread

    @property
    def invocation_id(self) -> str | None:
        """The same in all attempts of one call of an SDK's."""
        return self._record.headers.get("amz-sdk-invocation-id")

    @property
    def attempt(self) -> int:
        """1, or more in a retry: as the SDK counts, or else as the journal does by `invocation_id`."""
        told = _ATTEMPT.search(self._record.headers.get("amz-sdk-request", ""))
        if told is not None:
            return int(told[1])
        mine = self.invocation_id
        if mine is None:
            return 1
        earlier = (one for one in self._history.records() if one.number < self.number)
        return 1 + sum(one.headers.get("amz-sdk-invocation-id") == mine for one in earlier)

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
        " ".join(f"{way} {size(count)}" for way, count in (("in", call.bytes_in), ("out", call.bytes_out)) if count),
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
    """The params of a call that was refused before anybody parsed them."""
    from ..errors import S3Error

    address, operation = record.address, record.operation
    if address is None:
        return {}
    known = {"Bucket": address.bucket, "Key": address.key}
    params: dict[str, Any] = {name: value for name, value in known.items() if value is not None}
    if operation is None:
        return params
    query = dict(pair.partition("=")[::2] for pair in record.query.split("&"))
    decoded = {unquote_plus(name): unquote_plus(value) for name, value in query.items() if name}
    try:
        params |= operation.parse(address.bucket, address.key, decoded, record.headers, bytes)
    except S3Error:
        return params
    if operation.streaming_input:  # nobody read it
        params.pop(operation.input_shape.payload or "", None)
    return params
