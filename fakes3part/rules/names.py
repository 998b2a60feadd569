"""Names of buckets and keys."""

from __future__ import annotations

import re

from ..errors import S3Error

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", re.ASCII)
_LEGACY_BUCKET = re.compile(r"[A-Za-z0-9._-]{3,255}", re.ASCII)
_IP = re.compile(r"\d+\.\d+\.\d+\.\d+", re.ASCII)
_RESERVED_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
_RESERVED_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")

MAX_KEY_BYTES = 1024


def could_be_bucket(name: str) -> bool:
    """Return whether a bucket of this name can be created today, by its length and characters."""
    return _BUCKET.fullmatch(name) is not None


def is_bucket_name(name: str) -> bool:
    """Return whether a name follows the naming rules for a new general purpose bucket."""
    return (
        could_be_bucket(name)
        and ".." not in name
        and not _IP.fullmatch(name)
        and not name.startswith(_RESERVED_PREFIXES)
        and not name.endswith(_RESERVED_SUFFIXES)
    )


def is_legacy_bucket_name(name: str) -> bool:
    """Return whether a name follows the rules of us-east-1 before March 2018, and is none that S3 reserves today.

    Source: "Rules for bucket naming in the US East (N. Virginia) Region", S3 developer guide of 2017.
    """
    return _LEGACY_BUCKET.fullmatch(name) is not None and not name.endswith(_RESERVED_SUFFIXES)


def check_bucket_name(name: str) -> None:
    """Check the naming rules for a new general purpose bucket.

    Raises:
        S3Error: InvalidBucketName.
    """
    if not is_bucket_name(name):
        raise S3Error("InvalidBucketName", BucketName=name)


def bucket_name_advice(name: str) -> str:
    """Return the naming rules, with a name that follows them and is like a refused one, and the setting that accepts that."""
    rule = (
        "the name of a bucket has 3 to 63 lower-case letters, digits, hyphens and dots, a letter or digit at both ends "
        "(since March 2018 in every region)"
    )
    valid = re.sub(r"[^a-z0-9.]+|\.\.+", "-", name.lower()).strip("-.")[:63].strip("-.")
    suggestion = f"; {valid!r} would do" if valid != name and is_bucket_name(valid) else ""
    lenient = "; the setting lenient=['bucket_names'] accepts it, as mock_aws does" if is_legacy_bucket_name(name) else ""
    return f"{rule}{suggestion}{lenient}"


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
