"""Parses the ``multipart/form-data`` form of browser uploads, and writes the document of their response.

werkzeug's decoder splits the form into parts. It is strict about boundaries and lenient about line ends, as browsers and
libraries need it. This module applies S3's rules to the parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from ..errors import S3Error, invalid_argument
from .documents import DECLARATION, encode, escape

if TYPE_CHECKING:
    from werkzeug.sansio.multipart import Field, File

FILE = "file"
KEY = "key"

_QUOTED = re.compile(r';\s*filename="((?:[^"\\]|\\.)*)"', re.IGNORECASE)
_DIRECTORY = re.compile(r'.*(?:/|\\(?!"))', re.DOTALL)
_FILENAME = "${filename}"
_FIXED = frozenset({"policy", "signature", "x-amz-signature"})
"""Fields in which ``${filename}`` is not replaced: their text is signed, or a signature."""


class Form(NamedTuple):
    """A parsed form.

    Attributes:
        fields: those before the file, by lower-case name; the first of each name counts.
        data: the file's bytes.
        filename: without directories; None if the file was sent as a plain field.
    """

    fields: Mapping[str, str]
    data: bytes
    filename: str | None


class _Part(NamedTuple):
    name: str
    filename: str | None
    data: bytes


def parse_boundary(content_type: str) -> bytes:
    """Return the boundary of a form's Content-Type.

    Raises:
        S3Error: PreconditionFailed for another type, as recorded from AWS; MalformedPOSTRequest without a boundary.
    """
    from werkzeug.http import parse_options_header

    kind, options = parse_options_header(content_type)
    if kind.lower() != "multipart/form-data":
        raise S3Error("PreconditionFailed", Condition="Bucket POST must be of the enclosure-type multipart/form-data")
    boundary = options.get("boundary", "")
    if not boundary or not boundary.isascii():
        raise S3Error("MalformedPOSTRequest")
    return boundary.encode()


def read_form(boundary: bytes, body: bytes, max_size: int) -> Form:
    """Parse a form. Parts after the file are ignored, but there must not be another file.

    Args:
        max_size: the most bytes of names and values that may precede the file.

    Raises:
        S3Error: MalformedPOSTRequest, MaxPostPreDataLengthExceeded; InvalidArgument if there is not exactly one file.
    """
    try:
        parts = list(_parts(boundary, body))
    except (ValueError, AttributeError):  # raised by werkzeug for what it cannot parse
        raise S3Error("MalformedPOSTRequest") from None
    fields: dict[str, str] = {}
    size = 0
    file: _Part | None = None
    for part in parts:
        name = part.name.lower()
        if name == FILE:
            if file is not None:
                raise _not_one_file()
            file = part
        elif file is None:
            size += len(name) + len(part.data)
            fields.setdefault(name, _text(part.data))
    if file is None:
        raise _not_one_file()
    if size > max_size:
        raise S3Error("MaxPostPreDataLengthExceeded", MaxPostPreDataLengthBytes=max_size)
    if file.filename is not None:
        fields = _with_filename(fields, file.filename)
    return Form(fields, file.data, file.filename)


def _not_one_file() -> S3Error:
    return invalid_argument("POST requires exactly one file upload per request.", FILE, 0)


def missing_field(name: str) -> S3Error:
    """Return the error for a missing required field. (The two spaces are S3's.)"""
    text = f"Bucket POST must contain a field named '{name}'.  If it is specified, please check the order of the fields."
    return invalid_argument(text, name, "")


def _parts(boundary: bytes, body: bytes) -> Iterator[_Part]:
    """Yield all parts in order. A field may have a filename, and a file may have none: browsers and ``requests`` differ."""
    from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder

    decoder = MultipartDecoder(boundary)
    decoder.receive_data(body)
    decoder.receive_data(None)
    name, filename, pieces = "", None, list[bytes]()
    while not isinstance(event := decoder.next_event(), Epilogue):
        if isinstance(event, (Field, File)):
            name, pieces = _checked_name(event), []
            filename = _filename(event.headers["content-disposition"], event.filename) if isinstance(event, File) else None
        elif isinstance(event, Data):
            pieces.append(event.data)
            if not event.more_data:
                yield _Part(name, filename, b"".join(pieces))


def _checked_name(event: Field | File) -> str:
    """Return the name of a part.

    Raises:
        ValueError: it has no name, or its headers do not end before the next boundary.
    """
    if not isinstance(event.name, str) or any(header.startswith("--") for header, _ in event.headers):
        raise ValueError
    return event.name


def _filename(header: str, filename: str) -> str:
    """Return a file's name without its directories.

    Browsers that send directories do not escape a backslash, which werkzeug (and HTTP) take for an escape of what follows.
    """
    quoted = _QUOTED.search(header) if "\\" in header else None
    if quoted is not None:
        filename = quoted[1].replace('\\"', "%22")
    return _DIRECTORY.sub("", filename).replace("%22", '"')


def _text(data: bytes) -> str:
    """Decode a field: UTF-8, as pages are today, or latin-1 if it is invalid UTF-8."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _with_filename(fields: Mapping[str, str], filename: str) -> dict[str, str]:
    """Replace ``${filename}`` in the fields by the file's name."""
    return {field: text if field in _FIXED else text.replace(_FILENAME, filename) for field, text in fields.items()}


def post_response(location: str, bucket: str, key: str, etag: str) -> bytes:
    """Return the document of ``success_action_status`` 201. That its root has no namespace is assumed: not recorded from AWS."""
    elements = {"Location": location, "Bucket": bucket, "Key": key, "ETag": etag}
    body = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in elements.items())
    return encode(f"{DECLARATION}<PostResponse>{body}</PostResponse>")
