"""``x-amz-copy-source``: ``/bucket/key``, ``bucket/key``, URL-encoded once, with or without ``?versionId=``.

Through an access point: its ARN and ``/object/key``. It may be a whole URL in path style, whose scheme and host do not count
(recorded from AWS, February 2026; that they may be a URL for UploadPartCopy too is assumed).
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote, unquote_to_bytes

from ..errors import invalid_argument
from .names import could_be_bucket, is_legacy_bucket_name

_HEADER = "x-amz-copy-source"
_ARN = re.compile(r"(arn:[\w:/-]+)[:/]object[:/](.*)", re.ASCII | re.DOTALL)
_ENDPOINT = re.compile(r"https?://[^/]*/", re.ASCII | re.IGNORECASE)
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


class CopySource(NamedTuple):
    """``bucket`` is a bucket's name, an alias, or the ARN of an access point."""

    bucket: str
    key: str
    version_id: str | None


def copy_source(header: str, *, legacy_names: bool = False) -> CopySource:
    """Take the header apart.

    A plus is a space, as in a query, for some clients encode so: a key's own plus has to come as ``%2B``.

    The value that S3 puts into ``ArgumentValue`` is the header's *name*: recorded so.

    Args:
        legacy_names: whether a bucket may have a name of before March 2018.

    Raises:
        S3Error: InvalidArgument.
    """
    path, question, query = header.partition("?versionId=")
    try:
        decoded = unquote_to_bytes(path.replace("+", " ")).decode()
    except UnicodeError:
        decoded = None
    if decoded is None or _BAD_ESCAPE.search(path):
        raise invalid_argument("Invalid copy source encoding", _HEADER, _HEADER)
    endpoint = _ENDPOINT.match(decoded)
    decoded = decoded.removeprefix("/") if endpoint is None else decoded[endpoint.end() :]
    if arn := _ARN.match(decoded):
        bucket, slash, key = arn[1], "/", arn[2]
    else:
        bucket, slash, key = decoded.partition("/")
    if not slash or not key:
        raise invalid_argument("Invalid copy source object key", _HEADER, _HEADER)
    if not (arn or could_be_bucket(bucket) or (legacy_names and is_legacy_bucket_name(bucket))):
        raise invalid_argument("Invalid copy source bucket name", _HEADER, _HEADER)
    return CopySource(bucket, key, unquote(query) if question else None)
