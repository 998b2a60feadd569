"""The syntax of HTTP/1.1 bodies and responses: what every door shares that reads or writes them as bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from http import HTTPStatus

from ..errors import S3Error
from ..message import Buffer, Response, Segments, size_of
from ..settings import MAX_TRAILER_SIZE

LINE_LIMIT = 4096
"""Bytes of a line between the chunks of a body."""

SMALL = 64 * 1024
"""Bytes. Smaller buffers are joined until a send has about this many; larger ones are sent as they are."""

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

PHRASES = {status.value: status.phrase for status in HTTPStatus} | {
    413: "Request Entity Too Large",
    414: "Request-URI Too Long",
    416: "Requested Range Not Satisfiable",
    422: "Unprocessable Entity",
}
"""The phrases of statuses. Python 3.13 changed those that stand here; S3's are the older ones."""

STATUS_LINES = {status: f"{status} {phrase}" for status, phrase in PHRASES.items()}
BODILESS = frozenset({204, 304})

_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})(?:[ \t]*;[^\x00-\x08\x0a-\x1f\x7f]*)?\r\n")
_TRAILER = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[^\x00-\x08\x0a-\x1f\x7f]*\r\n")
_UNSAFE = str.maketrans("\r\n", "  ")

# --- requests ----------------------------------------------------------------------------------------------------------------


def chunk_size(line: bytes) -> int:
    """Return the size of a chunk, from the line before it.

    Raises:
        S3Error: IncompleteBody if there is none.
    """
    match = _CHUNK_SIZE.fullmatch(line)
    if match is None:
        raise broken_body()
    return int(match[1], 16)


def check_chunk_end(line: bytes) -> None:
    """Raise IncompleteBody unless a chunk's data is followed by CR LF."""
    if line != b"\r\n":
        raise broken_body()


class Trailers:
    """Checks the lines after the last chunk of a body. Trailers are dropped: S3's are within the aws-chunked framing.

    ``limit`` is how many bytes they may have together.
    """

    def __init__(self, limit: int = MAX_TRAILER_SIZE) -> None:
        self._room = limit

    def is_end(self, line: bytes) -> bool:
        """Return whether a line is the empty one at the end of the body.

        Raises:
            S3Error: IncompleteBody if it is no header, or if all are too long together.
        """
        if line == b"\r\n":
            return True
        self._room -= len(line)
        if self._room < 0 or not _TRAILER.fullmatch(line):
            raise broken_body()
        return False


def incomplete_body() -> S3Error:
    """Return the error for a body that is shorter than its Content-Length."""
    return S3Error("IncompleteBody")


def broken_body() -> S3Error:
    """Return the error for a ``Transfer-Encoding: chunked`` body with invalid or missing chunks."""
    return S3Error("IncompleteBody", "The request body terminated unexpectedly")


# --- responses ---------------------------------------------------------------------------------------------------------------


def sends_body(method: str, status: int) -> bool:
    """Return whether HTTP allows this response to have a body."""
    return method != "HEAD" and status not in BODILESS and status >= 200


def header(response: Response, name: str) -> str | None:
    """Return the value of a response's header; None if there is none. ``name`` is in lower case."""
    for key, value in response.headers:
        if len(key) == len(name) and key.lower() == name:
            return value
    return None


def safe_headers(response: Response) -> list[tuple[str, str]]:
    """Return the response's headers as HTTP can carry them.

    A value has no line ends (``response-content-type=a%0D%0Ab`` would inject a header), and characters beyond Latin-1, which only
    callers in this process can store, are the bytes of UTF-8.
    """
    headers = response.headers
    if response.status in BODILESS:
        headers = [(name, value) for name, value in headers if name.lower() != "content-length"]
    values = "".join([value for _, value in headers])
    if "\n" in values or "\r" in values:
        headers = [(name, value.translate(_UNSAFE)) for name, value in headers]
    if not values.isascii():
        headers = [(name, _latin_1(value)) for name, value in headers]
    return headers


def _latin_1(value: str) -> str:
    try:
        value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode("utf-8", "replace").decode("latin-1")
    return value


def status_line(status: int) -> str:
    """Return ``403 Forbidden``, in title case: s3cmd compares the phrase."""
    return STATUS_LINES.get(status) or f"{status} Unknown"


def response_head(status: int, headers: Iterable[tuple[str, str]]) -> bytes:
    """Return status line and headers of a response, with the empty line at their end."""
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers])
    return f"HTTP/1.1 {status_line(status)}\r\n{lines}\r\n".encode("latin-1")


def framing(response: Response, *, is_old_client: bool) -> tuple[tuple[tuple[str, str], ...], bool]:
    """Return the headers that the response lacks so that its client finds the end of its body, and whether it is chunked.

    S3 sends a body without a length in chunks. A client of HTTP/1.0 (``is_old_client``) does not know chunks.
    """
    if response.status in BODILESS or header(response, "content-length") is not None:
        return (), False
    if is_old_client:
        return (("Content-Length", str(size_of(response.body))),), False
    return (("Transfer-Encoding", "chunked"),), True


def chunk(buffer: Buffer) -> tuple[Buffer, Buffer, Buffer]:
    """Return a buffer as a chunk, in segments."""
    return b"%x\r\n" % len(buffer), buffer, b"\r\n"


LAST_CHUNK = b"0\r\n\r\n"


def in_chunks(segments: Segments) -> list[Buffer]:
    """Return a whole body in chunks, as segments: small ones are joined to one chunk."""
    buffers: list[Buffer] = []
    for portion in portions(segments):
        buffers += chunk(portion)
    buffers.append(LAST_CHUNK)
    return buffers


def portions(segments: Segments, head: bytes = b"") -> Iterator[Buffer]:
    """Yield ``head`` and the segments as buffers worth a send each: small ones joined, large ones unchanged."""
    small: list[Buffer] = [head] if head else []
    size = len(head)
    for segment in segments:
        if len(segment) >= SMALL:
            if small:
                yield b"".join(small)
                small, size = [], 0
            yield segment
            continue
        small.append(segment)
        size += len(segment)
        if size >= SMALL:
            yield b"".join(small)
            small, size = [], 0
    if size:
        yield b"".join(small)
