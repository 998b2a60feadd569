"""Names of buckets and keys."""

from __future__ import annotations

import re

from ..errors import S3Error

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", re.ASCII)
_IP = re.compile(r"\d+\.\d+\.\d+\.\d+", re.ASCII)
_RESERVED_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
_RESERVED_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")

MAX_KEY_BYTES = 1024


def could_be_bucket(name: str) -> bool:
    """Return whether a bucket of this name can exist, by its length and characters."""
    return _BUCKET.fullmatch(name) is not None


def check_bucket_name(name: str) -> None:
    """Check the naming rules for a new general purpose bucket.

    Raises:
        S3Error: InvalidBucketName.
    """
    if (
        not could_be_bucket(name)
        or ".." in name
        or _IP.fullmatch(name)
        or name.startswith(_RESERVED_PREFIXES)
        or name.endswith(_RESERVED_SUFFIXES)
    ):
        raise S3Error("InvalidBucketName", BucketName=name)


def check_key(key: str) -> None:
    """Check that a key is 1 to 1,024 bytes of UTF-8. ``a/../b`` is stored as it is; the keys ``.`` and ``..`` are refused.

    Raises:
        S3Error: KeyTooLongError, or BadRequest under the code ``400`` (recorded from AWS).
    """
    # No character takes more than four bytes: a short key need not be encoded to check its length.
    if len(key) * 4 > MAX_KEY_BYTES and (size := len(key.encode())) > MAX_KEY_BYTES:
        raise S3Error("KeyTooLongError", Size=size, MaxSizeAllowed=MAX_KEY_BYTES)
    if key in (".", ".."):
        refused = S3Error("BadRequest")
        refused.code = "400"
        raise refused
