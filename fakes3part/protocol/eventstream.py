"""Encodes the event stream of SelectObjectContent's response (``application/vnd.amazon.eventstream``).

A message is: total length, length of the headers (four bytes each, big-endian), CRC-32 of these eight; headers; payload;
CRC-32 of everything before it. A header is: length of its name, name, type 7 (string), length in two bytes, value. (Amazon S3
API Reference, "Appendix: SelectObjectContent Response".)
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from zlib import crc32

_STRING = 7


def _header(name: str, value: str) -> bytes:
    name_bytes, value_bytes = name.encode(), value.encode()
    return struct.pack("!B", len(name_bytes)) + name_bytes + struct.pack("!BH", _STRING, len(value_bytes)) + value_bytes


def encode_message(headers: Mapping[str, str], payload: bytes) -> bytes:
    """Encode one message."""
    block = b"".join(_header(name, value) for name, value in headers.items())
    prelude = struct.pack("!II", 16 + len(block) + len(payload), len(block))
    message = prelude + struct.pack("!I", crc32(prelude)) + block + payload
    return message + struct.pack("!I", crc32(message))


def encode_event(name: str, payload: bytes, content_type: str | None) -> bytes:
    """Encode one event. ``content_type``: None for an event without payload (``Cont``, ``End``)."""
    headers = {":message-type": "event", ":event-type": name}
    if content_type is not None:
        headers[":content-type"] = content_type
    return encode_message(headers, payload)


def encode_error(code: str, message: str) -> bytes:
    """Encode an error that ends a stream, whose status 200 has been sent. botocore raises it as EventStreamError."""
    return encode_message({":error-code": code, ":error-message": message, ":message-type": "error"}, b"")
