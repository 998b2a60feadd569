"""``x-amz-copy-source``: ``/bucket/key``, ``bucket/key``, URL-encoded, with or without ``?versionId=``."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote, unquote_to_bytes

from ..errors import invalid_argument, not_implemented
from .names import could_be_bucket

_HEADER = "x-amz-copy-source"
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


class CopySource(NamedTuple):
    bucket: str
    key: str
    version_id: str | None


def copy_source(header: str, operation: str) -> CopySource:
    """Take the header apart.

    The value that S3 puts into ``ArgumentValue`` is the header's *name*: recorded so.

    Raises:
        S3Error: InvalidArgument, or NotImplemented naming ``operation``.
    """
    path, question, query = header.partition("?versionId=")
    try:
        decoded = unquote_to_bytes(path).decode()
    except UnicodeDecodeError:
        decoded = None
    if decoded is None or _BAD_ESCAPE.search(path):
        raise invalid_argument("Invalid copy source encoding", _HEADER, _HEADER)
    if decoded.startswith("arn:"):
        raise not_implemented(operation, "copying from an access point or Outposts ARN")
    bucket, slash, key = decoded.removeprefix("/").partition("/")
    if not slash or not key:
        raise invalid_argument("Invalid copy source object key", _HEADER, _HEADER)
    if not could_be_bucket(bucket):
        raise invalid_argument("Invalid copy source bucket name", _HEADER, _HEADER)
    return CopySource(bucket, key, unquote(query) if question else None)
