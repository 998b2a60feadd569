"""Browser uploads: the form of a ``multipart/form-data`` POST, and the document that may answer it.

The parts are taken apart by werkzeug's decoder, which is strict about boundaries and lenient about line ends, as browsers and
libraries need it; what they mean to S3 is decided here.
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
MAX_FIELDS = 20 * 1024
"""Bytes of names and values that may precede the file."""

_QUOTED = re.compile(r';\s*filename="((?:[^"\\]|\\.)*)"', re.IGNORECASE)
_DIRECTORY = re.compile(r'.*(?:/|\\(?!"))', re.DOTALL)
_FILENAME = "${filename}"
_FIXED = frozenset({"policy", "signature", "x-amz-signature"})
"""Fields whose text is signed or a signature: nothing is put in for ``${filename}`` there."""


class Form(NamedTuple):
    """What a form says to S3.

    ``fields`` are those before the file, by lower-case name (the first of each name counts); ``data`` is the file as it was sent;
    ``filename``, without directories, is None when the file came as a plain field.
    """

    fields: Mapping[str, str]
    data: bytes
    filename: str | None


class _Part(NamedTuple):
    name: str
    filename: str | None
    data: bytes


def boundary(content_type: str) -> bytes:
    """The boundary of a form's Content-Type.

    Raises:
        S3Error: PreconditionFailed for another type (recorded so), MalformedPOSTRequest without a boundary.
    """
    from werkzeug.http import parse_options_header

    kind, options = parse_options_header(content_type)
    if kind.lower() != "multipart/form-data":
        raise S3Error("PreconditionFailed", Condition="Bucket POST must be of the enclosure-type multipart/form-data")
    found = options.get("boundary", "")
    if not found or not found.isascii():
        raise S3Error("MalformedPOSTRequest")
    return found.encode()


def read_form(border: bytes, body: bytes) -> Form:
    """Take a form apart. What follows the file is not looked at, save that it must not be another file.

    Raises:
        S3Error: MalformedPOSTRequest, MaxPostPreDataLengthExceeded, or InvalidArgument without exactly one file.
    """
    try:
        parts = list(_parts(border, body))
    except (ValueError, AttributeError):  # werkzeug's words for what it cannot read
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
    if size > MAX_FIELDS:
        raise S3Error("MaxPostPreDataLengthExceeded", MaxPostPreDataLengthBytes=MAX_FIELDS)
    if file.filename is not None:
        fields = _with_filename(fields, file.filename)
    return Form(fields, file.data, file.filename)


def _not_one_file() -> S3Error:
    return invalid_argument("POST requires exactly one file upload per request.", FILE, 0)


def missing_field(name: str) -> S3Error:
    """The error for a field that must be there, spelled as S3 spells it (the two spaces are its own)."""
    text = f"Bucket POST must contain a field named '{name}'.  If it is specified, please check the order of the fields."
    return invalid_argument(text, name, "")


def _parts(border: bytes, body: bytes) -> Iterator[_Part]:
    """All parts in order. A field may have a filename as well as a file may have none: browsers and requests differ."""
    from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder

    decoder = MultipartDecoder(border)
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
    """The name of a part.

    Raises:
        ValueError: it has none, or no end of its headers: a boundary is among them.
    """
    if not isinstance(event.name, str) or any(header.startswith("--") for header, _ in event.headers):
        raise ValueError
    return event.name


def _filename(header: str, found: str) -> str:
    """The file's name without its directories.

    Browsers that send those write a backslash as it is, which werkzeug (and HTTP) take for an escape of what follows it.
    """
    quoted = _QUOTED.search(header) if "\\" in header else None
    if quoted is not None:
        found = quoted[1].replace('\\"', "%22")
    return _DIRECTORY.sub("", found).replace("%22", '"')


def _text(data: bytes) -> str:
    """A field's text: UTF-8, as pages are today; bytes that are none are the characters that latin-1 makes of them."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _with_filename(fields: Mapping[str, str], filename: str) -> dict[str, str]:
    """``${filename}`` in any field is the file's name."""
    return {field: text if field in _FIXED else text.replace(_FILENAME, filename) for field, text in fields.items()}


def post_response(location: str, bucket: str, key: str, etag: str) -> bytes:
    """The document of ``success_action_status`` 201; its root has no namespace."""
    elements = {"Location": location, "Bucket": bucket, "Key": key, "ETag": etag}
    body = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in elements.items())
    return encode(f"{DECLARATION}<PostResponse>{body}</PostResponse>")
