"""The syntax of HTTP/1.1 messages: what every door shares that reads requests, or writes responses, as bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from http import HTTPStatus

from ..errors import S3Error
from ..message import Buffer, Response, Segments

HEAD_LIMIT = 64 * 1024
"""Bytes of a request's line and headers. S3's own limit of 8 KiB is checked in the pipeline."""

LINE_LIMIT = 4096
"""Bytes of a line between the chunks of a body."""

SMALL = 64 * 1024
"""Bytes. Smaller buffers are joined until a send has about this many; larger ones are sent as they are."""

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}
BODILESS = frozenset({204, 304})

_UNSAFE = str.maketrans("\r\n", "  ")

# --- requests ----------------------------------------------------------------------------------------------------------------


def add_header(headers: dict[str, str], line: str) -> None:
    """Add a header line of a request, without its line end, to the headers of a `Request`.

    Raises:
        ValueError: it is no header.
    """
    name, colon, value = line.partition(":")
    if not (colon and name) or " " in name or "\t" in name:
        raise ValueError("Illegal header line.")
    name, value = name.lower(), value.strip(" \t\r\n")
    headers[name] = f"{headers[name]},{value}" if name in headers else value


def body_length(headers: dict[str, str]) -> int | None:
    """Return how many bytes of body follow the headers of a request; None: it has a Transfer-Encoding.

    A list of equal Content-Lengths becomes one.

    Raises:
        ValueError: the Content-Length is no number, or there are different ones.
    """
    if "transfer-encoding" in headers:
        return None
    if "content-length" not in headers:
        return 0
    lengths = {length.strip() for length in headers["content-length"].split(",")}
    length = lengths.pop()
    if lengths or not (length.isascii() and length.isdigit()):
        raise ValueError("Malformed Content-Length Header.")
    headers["content-length"] = length
    return int(length)


def split_target(target: str) -> tuple[str, str, str]:
    """Split a request line's target into host (``""`` unless it is in absolute form), raw path and raw query."""
    host = ""
    if not target.startswith("/"):
        _, separator, rest = target.partition("://")
        if separator:
            host = rest.partition("/")[0].partition("?")[0]
            target = rest[len(host) :]
    path, _, query = target.partition("?")
    return host, ("/" if path in ("", "*") else path), query


def chunk_size(line: bytes) -> int:
    """Return the size of a chunk, from the line before it.

    Raises:
        S3Error: IncompleteBody if there is none.
    """
    digits = line.partition(b";")[0].strip()
    # int() alone would accept "+5", "0x5" and "1_0".
    if not line.endswith(b"\n") or not digits or len(digits) > 16 or digits.strip(b"0123456789abcdefABCDEF"):
        raise broken_body()
    return int(digits, 16)


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
    """Return the response's headers, without line ends in a value (``response-content-type=a%0D%0Ab`` would inject a header)."""
    headers = response.headers
    if response.status in BODILESS:
        headers = [(name, value) for name, value in headers if name.lower() != "content-length"]
    values = "".join([value for _, value in headers])
    if "\n" in values or "\r" in values:
        headers = [(name, value.translate(_UNSAFE)) for name, value in headers]
    return headers


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
        return (("Content-Length", str(sum(map(len, response.body)))),), False
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
