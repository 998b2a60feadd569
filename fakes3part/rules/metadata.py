"""User metadata: S3 decodes RFC 2047 encoded words on write, and encodes what is not ASCII in responses.

Metadata is stored in the form that responses have, so that a read costs nothing. Recorded from AWS: ``=?UTF-8?Q?...?=`` with
``_`` for a space, ``=?UTF-8?B?...?=`` when there are control characters.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from binascii import a2b_qp
from collections.abc import Mapping
from contextlib import suppress

from ..errors import S3Error
from .limits import MAX_METADATA

_WORD = re.compile(r"=\?([\w-]+)\?([BQ])\?([^?\s]*)\?=", re.ASCII | re.IGNORECASE)
_WORDS = re.compile(rf"{_WORD.pattern}(?:\s+{_WORD.pattern})*", _WORD.flags)
_LITERAL = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/.,")


def _decoded_word(charset: str, encoding: str, text: str) -> str:
    raw = b64decode(text, validate=True) if encoding in "Bb" else a2b_qp(text, header=True)
    text = raw.decode(charset)
    text.encode()  # some charsets decode to half of a surrogate pair
    return text


def _decoded_words(match: re.Match[str]) -> str:
    """Decode a run of encoded words; the space between them is dropped. If one cannot be decoded, all stay as they are."""
    try:
        return "".join(_decoded_word(*word) for word in _WORD.findall(match[0]))
    except (Base64Error, LookupError, ValueError):
        return match[0]


def decode(header: str) -> str:
    """Decode a header's value: UTF-8 bytes, or ASCII with RFC 2047 encoded words."""
    if not header.isascii():
        # Bytes that are no UTF-8 stay the characters that latin-1 makes of them.
        with suppress(UnicodeError):
            header = header.encode("latin-1").decode()
    if "=?" not in header:
        return header
    return _WORDS.sub(_decoded_words, header)


def encode(text: str) -> str:
    """Encode a text as the value of a header."""
    if text.isascii() and text.isprintable() and text == text.strip() and ("=?" not in text or decode(text) == text):
        return text
    raw = text.encode()
    if not text.isprintable():
        return f"=?UTF-8?B?{b64encode(raw).decode()}?="
    spelled = "".join("_" if byte == 0x20 else chr(byte) if byte in _LITERAL else f"={byte:02X}" for byte in raw)
    return f"=?UTF-8?Q?{spelled}?="


def stored_metadata(metadata: Mapping[str, str]) -> Mapping[str, str]:
    """Return the metadata of a request in the form that responses have.

    At most 2,048 bytes of UTF-8, keys (without ``x-amz-meta-``) and values together.

    Raises:
        S3Error: MetadataTooLarge.
    """
    plain = all(value.isascii() and "=?" not in value and value.isprintable() for value in metadata.values())
    texts = metadata if plain else {key: decode(value) for key, value in metadata.items()}
    size = sum(len(key.encode()) + len(value.encode()) for key, value in texts.items())
    if size > MAX_METADATA:
        raise S3Error("MetadataTooLarge", Size=size, MaxSizeAllowed=MAX_METADATA)
    return metadata if plain else {key: encode(text) for key, text in texts.items()}
