"""The head of an HTTP/1.1 request: parsed strictly, for every door that reads requests as bytes.

What RFC 9110 and RFC 9112 forbid is refused, before anything is handled: it is the matter of request smuggling. S3's answers to
such requests are assumed: not recorded from AWS, save the code and text of `bad_request`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from ..errors import S3Error
from ..text import whole_number

HEAD_LIMIT = 64 * 1024
"""Bytes of a request's line and headers, by default. S3's own limit of 8 KiB is checked in the pipeline."""

_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_REQUEST_LINE = re.compile(r"([!#$%&'*+\-.^_`|~0-9A-Z]+) ([^\x00-\x20\x7f#]+) HTTP/([0-9])(?:\.([0-9]))?")
_HEADER = re.compile(rf"({_TOKEN}):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)")
_NAME = re.compile(_TOKEN)
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9\-._~!$&'()*+;=%]+)(?::[0-9]*)?")
_ABSOLUTE = re.compile(r"https?://", re.IGNORECASE)
_BRACKETS = re.compile(r"//[^/?]*[\[\]]")
"""What could be an authority whose brackets are wrong (RFC 3986, 3.2.2)."""

_TARGET_CONTROL = re.compile(r"[\x00-\x20\x7f]")


class Target(NamedTuple):
    """The target of a request line.

    Attributes:
        scheme: ``http`` or ``https``; ``""`` unless the target is in absolute form.
        host: likewise.
        path: raw.
        query: raw.
    """

    scheme: str
    host: str
    path: str
    query: str


class Head(NamedTuple):
    """Request line and headers.

    Attributes:
        raw_target: the target as sent; `parse_target` splits it.
        headers: those of a `Request`. Of two framings, Content-Length has been removed.
        is_old: whether the client speaks HTTP/1.0.
        length: how many bytes of body follow; None: it comes in chunks.
        must_close: whether the connection ends with this request.
    """

    method: str
    raw_target: str
    headers: dict[str, str]
    is_old: bool
    length: int | None
    must_close: bool

    @property
    def expects_continue(self) -> bool:
        """Whether the client waits for ``100 Continue``."""
        return not self.is_old and self.headers.get("expect", "").lower() == "100-continue"


def head_limit(max_header_size: int) -> int:
    """Return how many bytes a request's line and headers may have where the setting ``max_header_size`` has this value."""
    return max(HEAD_LIMIT, 8 * max_header_size)


def bad_request() -> S3Error:
    """Return the error for what is no request of HTTP/1.1 (text as in reports of users of S3)."""
    return S3Error("BadRequest", "An error occurred when parsing the HTTP request.")


def parse_head(text: str) -> Head:
    """Parse the head of a request: all before the empty line.

    Raises:
        S3Error: BadRequest, NotImplemented (of Transfer-Encoding) or HttpVersionNotSupported.
    """
    request_line, _, lines = text.partition("\r\n")
    method, target, is_old = parse_request_line(request_line)
    _, _, headers, _, length, must_close = _parse_headers(lines, is_old)
    return Head(method, target, headers.copy(), is_old, length, must_close)


@lru_cache(maxsize=256)
def _parse_headers(lines: str, is_old: bool) -> Head:
    """Parse the headers of a request; the head's method and target are empty, and its headers must be copied.

    They are remembered: a client sends the same few in most of its requests, but for those that it signs.
    """
    headers: dict[str, str] = {}
    for line in lines.split("\r\n") if lines else ():
        add_header(headers, line)
    return frame("", "", headers, is_old=is_old)


@lru_cache(maxsize=256)
def parse_request_line(line: str) -> tuple[str, str, bool]:
    """Return method, target and whether the client speaks HTTP/1.0.

    Raises:
        S3Error: BadRequest or HttpVersionNotSupported.
    """
    match = _REQUEST_LINE.fullmatch(line)
    if match is None:
        raise bad_request()
    method, target, major, minor = match.groups()
    if major != "1" or minor not in ("0", "1"):
        raise S3Error("HttpVersionNotSupported")
    return method, target, minor == "0"


def add_header(headers: dict[str, str], line: str) -> None:
    """Add a header line of a request, without its line end, to the headers of a `Request`.

    Raises:
        S3Error: BadRequest: it is no header, or a second Host.
    """
    match = _HEADER.fullmatch(line)
    if match is None:
        raise bad_request()
    name, value = match.groups()
    name, value = name.lower(), value.rstrip(" \t")
    if name in headers:
        if name == "host":
            raise bad_request()
        value = f"{headers[name]},{value}"
    headers[name] = value


def frame(method: str, target: str, headers: dict[str, str], *, is_old: bool) -> Head:
    """Return the head of a request whose lines have been parsed.

    Raises:
        S3Error: BadRequest or NotImplemented: where its body ends, or its host, is not clear.
    """
    host = headers.get("host")
    if host is None:
        if not is_old:
            raise bad_request()
    elif not _HOST.fullmatch(host):
        raise bad_request()
    length = body_length(headers)
    options = headers.get("connection", "").lower()
    must_close = "close" in options or (is_old and "keep-alive" not in options)
    if length is None and (is_old or headers.pop("content-length", None) is not None):
        must_close = True  # RFC 9112, 6.1: a request may be smuggled
    return Head(method, target, headers, is_old, length, must_close)


def body_length(headers: dict[str, str]) -> int | None:
    """Return how many bytes of body follow the headers of a request; None: it comes in chunks.

    A list of equal Content-Lengths becomes one.

    Raises:
        S3Error: BadRequest: the Content-Length is no number, there are different ones, or the Transfer-Encoding is empty;
            NotImplemented: it is something else than ``chunked``.
    """
    encoding = headers.get("transfer-encoding")
    if encoding is not None:
        check_transfer_encoding(encoding)
        return None
    if "content-length" not in headers:
        return 0
    lengths = {length.strip(" \t") for length in headers["content-length"].split(",")}
    text = lengths.pop()
    length = whole_number(text)
    if lengths or length is None:
        raise bad_request()
    headers["content-length"] = text
    return length


def check_transfer_encoding(encoding: str) -> None:
    """Raise an error unless a Transfer-Encoding is ``chunked``: BadRequest if it is empty, else NotImplemented."""
    if encoding.lower() != "chunked":
        if not encoding.strip(" \t,"):
            raise bad_request()
        raise S3Error("NotImplemented", Header="Transfer-Encoding")


@lru_cache(maxsize=256)
def parse_target(target: str) -> Target:
    """Split the target of a request line.

    Raises:
        S3Error: BadRequest: it is no path, no URL with a host, and not ``*``.
    """
    scheme = host = ""
    if not target.startswith("/") and target != "*":
        absolute = _ABSOLUTE.match(target)
        if absolute is None:
            raise bad_request()
        scheme = absolute[0].lower().removesuffix("://")
        rest = target[absolute.end() :]
        host = rest.partition("/")[0].partition("?")[0]
        if not _HOST.fullmatch(host):
            raise bad_request()
        target = rest[len(host) :]
    if _TARGET_CONTROL.search(target) or _BRACKETS.match(target):
        raise bad_request()
    path, _, query = target.partition("?")
    return Target(scheme, host, "/" if path in ("", "*") else path, query)


def check_headers(headers: Mapping[str, str]) -> None:
    """Check headers that a WSGI server has parsed, as `add_header` and `frame` check lines.

    Raises:
        S3Error: BadRequest or NotImplemented.
    """
    for name, value in headers.items():
        if not _NAME.fullmatch(name) or _CONTROL.search(value):
            raise bad_request()
    if not _HOST.fullmatch(headers.get("host", "")):
        raise bad_request()
    if "transfer-encoding" in headers:
        check_transfer_encoding(headers["transfer-encoding"])
