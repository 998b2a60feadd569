"""User metadata: S3 stores texts. It decodes RFC 2047 encoded words in headers, and makes headers of the texts for responses.

Metadata is stored in the form that responses have, so that a read costs nothing. Recorded from AWS, February 2026, which agrees
with javax.mail's `MimeUtility.encodeText`, from which the rest is taken: how long texts are split into words, and that characters
are counted as UTF-16 units.
"""

from __future__ import annotations

import codecs
import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from binascii import a2b_qp
from collections.abc import Callable, Mapping
from contextlib import suppress

from ..errors import S3Error
from .limits import MAX_METADATA

_WORD = re.compile(r"=\?([\w-]+)\?([BQ])\?([^?\s]*)\?=", re.ASCII | re.IGNORECASE)
_WORDS = re.compile(rf"{_WORD.pattern}(?:\s+{_WORD.pattern})*", _WORD.flags)
_DIGITS = {character: value for value, character in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")}
_LITERAL = frozenset(range(0x21, 0x7F)) - frozenset(b"=_?")
_FOREIGN = re.compile(r"[^\t\n\r\x20-\x7e]")
_MAX_WORD = 75 - len("=?UTF-8?Q??=")
_REPLACE_EACH = "fakes3part.replace_each_byte"


class FormMetadata(dict[str, str]):
    """Metadata that came as fields of a form: texts, in which S3 decodes no words."""


def _replace_each_byte(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\ufffd" * (error.end - error.start), error.end


codecs.register_error(_REPLACE_EACH, _replace_each_byte)


# --- texts of headers ------------------------------------------------------------------------------------------------


def _decoded_base64(text: str) -> bytes:
    """Decode base64. A character outside its alphabet counts as six ones; an incomplete group is a ValueError (assumed)."""
    with suppress(Base64Error, ValueError):
        return b64decode(text, validate=True)
    if len(text) % 4:
        raise ValueError(text)
    raw = b""
    for start in range(0, len(text), 4):
        group = text[start : start + 4]
        size = 1 if group[2] == "=" else 2 if group[3] == "=" else 3
        bits = 0
        for character in group:
            bits = bits << 6 | _DIGITS.get(character, 0x3F)
        raw += bits.to_bytes(3, "big")[:size]
    return raw


def _decoded_word(charset: str, encoding: str, text: str) -> str:
    raw = _decoded_base64(text) if encoding in "Bb" else a2b_qp(text, header=True)
    text = raw.decode(charset, _REPLACE_EACH)
    text.encode()  # some charsets decode to half of a surrogate pair
    return text


def _decoded_words(match: re.Match[str]) -> str:
    """Decode a run of encoded words; the space between them is dropped. If one cannot be decoded, all stay as they are."""
    try:
        return "".join(_decoded_word(*word) for word in _WORD.findall(match[0]))
    except (LookupError, ValueError):
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


# --- headers of texts ------------------------------------------------------------------------------------------------


def encode(text: str) -> str:
    """Encode a text as the value of a header: as it is, or in words of quoted-printable or, if most of it is foreign, base64.

    Foreign are control characters and what is not ASCII. A text with line breaks is encoded too, as no header can contain them
    (assumed: not recorded from AWS).
    """
    foreign = sum(map(_units, _FOREIGN.findall(text)))
    if not foreign and "\n" not in text and "\r" not in text:
        return text
    if 2 * foreign >= _units(text):
        return " ".join(_words(text, "B", lambda raw: b64encode(raw).decode()))
    return " ".join(_words(text, "Q", _quoted))


def _units(text: str) -> int:
    """Return the length in UTF-16."""
    return len(text.encode("utf-16-le")) // 2


def _quoted(raw: bytes) -> str:
    return "".join("_" if byte == 0x20 else chr(byte) if byte in _LITERAL else f"={byte:02X}" for byte in raw)


def _words(text: str, encoding: str, spell: Callable[[bytes], str]) -> list[str]:
    """Return the encoded words of a text: it is halved until each word has at most 75 characters."""
    spelled = spell(text.encode())
    units = text.encode("utf-16-le")
    if len(spelled) <= _MAX_WORD or len(units) <= 2:
        return [f"=?UTF-8?{encoding}?{spelled}?="]
    half = len(units) // 4 * 2
    if 0xD8 <= units[half - 1] <= 0xDB:  # between the two units of one character
        half -= 2
    return [word for part in (units[:half], units[half:]) for word in _words(part.decode("utf-16-le"), encoding, spell)]


def stored_metadata(metadata: Mapping[str, str]) -> Mapping[str, str]:
    """Return the metadata of a request in the form that responses have.

    At most 2,048 bytes of UTF-8, keys (without ``x-amz-meta-``) and values together.

    Raises:
        S3Error: MetadataTooLarge.
    """
    plain = all(value.isascii() and "=?" not in value and value.isprintable() for value in metadata.values())
    is_text = plain or isinstance(metadata, FormMetadata)
    texts = metadata if is_text else {key: decode(value) for key, value in metadata.items()}
    size = sum(len(key.encode()) + len(value.encode()) for key, value in texts.items())
    if size > MAX_METADATA:
        raise S3Error("MetadataTooLarge", Size=size, MaxSizeAllowed=MAX_METADATA)
    return metadata if plain else {key: encode(text) for key, text in texts.items()}
