"""The file format of recordings: what another S3 has responded, as lines of JSON. docs/reference/recording.md describes it."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any, TextIO

from .. import redaction
from ..protocol.timestamps import iso_date, parse_iso_date
from .answers import Answer, Content
from .redactor import Redactor
from .translate import correct_digests

VERSION = 1
LARGEST_BODY = 64 * 1024
"""In bytes; of a larger body, which does not repeat a few bytes, the file has only size and digest."""

_LONGEST_UNIT = 64


class RecordingError(Exception):
    """A file that is no recording. The text says what is wrong, and in which line."""


@dataclass(frozen=True)
class RecordedBody:
    """A body in a recording.

    Attributes:
        data: None: the file has only its size and digest.
    """

    size: int
    digest: str
    data: bytes | None

    @property
    def content(self) -> Content:
        """The body of a response."""
        return Content(self.size, self.digest, self.data)


@dataclass(frozen=True)
class RecordedCall:
    """A request to another S3, and its response; secrets are replaced.

    Attributes:
        group: the scenario or test that made it. Each group begins without buckets.
        time: when the response came.
        operation: AWS's name of it; None: unknown.
        path: in path style, percent-encoded as sent.
        query: as sent, without the parameters of a signature.
        authentication: ``header``, ``query`` or ``none``: how the request was signed.
        seconds: of a presigned URL, how long it was valid; None: it is none.
        trailers: those of an aws-chunked body, whose framing is removed; None: the body is as sent.
    """

    group: str
    time: datetime
    operation: str | None
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: RecordedBody
    status: int
    response_headers: tuple[tuple[str, str], ...]
    response_body: RecordedBody
    authentication: str = "header"
    seconds: str | None = None
    trailers: Mapping[str, str] | None = field(default=None)

    @property
    def answer(self) -> Answer:
        """The response."""
        return Answer(self.status, self.response_headers, self.response_body.content)


@dataclass(frozen=True)
class Recording:
    """A recording.

    Attributes:
        target: ``aws``, or the URL of the endpoint.
        region: the region of the clients.
    """

    target: str
    region: str
    calls: list[RecordedCall]


class RecordingWriter:
    """Writes a recording, one call at a time.

    Args:
        file: an open text file.
        redactor: replaces secrets.
    """

    def __init__(self, file: TextIO, redactor: Redactor, target: str, region: str, now: datetime) -> None:
        self._file = file
        self._redactor = redactor
        self._write(
            {"fakes3part": "recording", "version": VERSION, "target": target, "region": region, "recorded": iso_date(now)}
        )

    def add(self, call: RecordedCall) -> None:
        """Write one call."""
        redact = self._redactor
        redact.learn(call.answer, call.headers, call.body.data)
        headers = redact.headers(call.headers)
        body = call.body.data and redact.body(call.body.data)
        if call.body.data and body and body != call.body.data:
            correct_digests(headers, call.body.data, body)
        request: dict[str, Any] = {
            "method": call.method,
            "path": redact.text(call.path),
            "query": redaction.query(redact.text(call.query)),
            "authentication": call.authentication,
            "headers": headers,
            "body": self._body(call.body),
        }
        if call.seconds is not None:
            request["seconds"] = call.seconds
        if call.trailers is not None:
            request["trailers"] = dict(call.trailers)
        response = {
            "status": call.status,
            "headers": [[name, redact.header(name.lower(), value)] for name, value in call.response_headers],
            "body": self._body(call.response_body),
        }
        self._write(
            {
                "group": call.group,
                "time": iso_date(call.time),
                "operation": call.operation,
                "request": request,
                "response": response,
            }
        )

    def _body(self, body: RecordedBody) -> dict[str, Any]:
        if body.data is None:
            return {"size": body.size, "sha256": body.digest}
        data = self._redactor.body(body.data)
        return {"size": body.size, "sha256": body.digest} if data is None else body_to_json(data)

    def _write(self, document: dict[str, Any]) -> None:
        self._file.write(json.dumps(document, separators=(",", ":"), ensure_ascii=False) + "\n")
        self._file.flush()


def body_to_json(data: bytes) -> dict[str, Any]:
    """Return a body in types that JSON has: as text, base64, a few bytes repeated, or size and digest. Empty: {}."""
    if not data:
        return {}
    if len(data) > _LONGEST_UNIT:
        for size in (1, 16, _LONGEST_UNIT):
            times, rest = divmod(len(data), size)
            if not rest and data == data[:size] * times:
                return {"repeat": b64encode(data[:size]).decode(), "times": times}
    if len(data) > LARGEST_BODY and not data.lstrip().startswith(b"<"):
        return {"size": len(data), "sha256": sha256(data).hexdigest()}
    try:
        return {"text": data.decode()}
    except UnicodeDecodeError:
        return {"base64": b64encode(data).decode()}


def recorded_body(data: bytes | None, content: Content | None = None) -> RecordedBody:
    """Return a body for a recording.

    Args:
        content: size and digest, if ``data`` is None.
    """
    if data is None:
        assert content is not None
        return RecordedBody(content.size, content.sha256, None)
    return RecordedBody(len(data), sha256(data).hexdigest(), data)


def _body_from_json(document: Mapping[str, Any]) -> RecordedBody:
    if "size" in document:
        return RecordedBody(int(document["size"]), str(document["sha256"]), None)
    if "repeat" in document:
        return recorded_body(b64decode(document["repeat"]) * int(document["times"]))
    if "base64" in document:
        return recorded_body(b64decode(document["base64"]))
    return recorded_body(str(document.get("text", "")).encode())


def read(path: Path) -> Recording:
    """Read a recording.

    Raises:
        RecordingError: the file is none.
        OSError: it cannot be read.
    """
    documents = list(_documents(path))
    if not documents:
        raise RecordingError(f"{path} is empty")
    head = documents[0]
    if head.get("fakes3part") != "recording":
        raise RecordingError(f"{path} is no recording of fakes3part")
    if head.get("version") != VERSION:
        raise RecordingError(f"{path} has version {head.get('version')!r} of the format; this release reads version {VERSION}")
    calls = []
    for number, document in enumerate(documents[1:], 2):
        try:
            calls.append(_call(document))
        except (KeyError, TypeError, ValueError) as error:
            raise RecordingError(f"{path}, line {number}: {type(error).__name__}: {error}") from None
    return Recording(str(head.get("target")), str(head.get("region", "us-east-1")), calls)


def _documents(path: Path) -> Iterator[dict[str, Any]]:
    with open(path, encoding="utf-8") as file:
        try:
            lines = [line for line in file if line.strip()]
        except UnicodeDecodeError:
            raise RecordingError(f"{path} is no recording of fakes3part") from None
    for number, line in enumerate(lines, 1):
        try:
            document = json.loads(line)
        except ValueError:
            raise RecordingError(f"{path}, line {number}: not JSON") from None
        if not isinstance(document, dict):
            raise RecordingError(f"{path}, line {number}: not an object")
        yield document


def _call(document: Mapping[str, Any]) -> RecordedCall:
    request, response = document["request"], document["response"]
    time = parse_iso_date(str(document["time"]))
    if time is None:
        raise ValueError(f"time must be in ISO 8601, not {document['time']!r}")
    return RecordedCall(
        group=str(document["group"]),
        time=time.astimezone(timezone.utc),
        operation=document["operation"],
        method=str(request["method"]),
        path=str(request["path"]),
        query=str(request["query"]),
        headers={str(name): str(value) for name, value in request["headers"].items()},
        body=_body_from_json(request["body"]),
        status=int(response["status"]),
        response_headers=tuple((str(name), str(value)) for name, value in response["headers"]),
        response_body=_body_from_json(response["body"]),
        authentication=str(request["authentication"]),
        seconds=request.get("seconds"),
        trailers=request.get("trailers"),
    )
