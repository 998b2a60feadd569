"""What PutObject, CopyObject and CreateMultipartUpload give an object to keep: checked here, kept in a `Carried`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from ..errors import S3Error, invalid_argument
from ..state.objects import NOTHING, Carried
from .limits import MAX_TAGS
from .metadata import stored

SYSTEM = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Expires",
)
DEFAULT_CONTENT_TYPE = "binary/octet-stream"
STORAGE_CLASSES = frozenset(
    [
        "STANDARD",
        "REDUCED_REDUNDANCY",
        "STANDARD_IA",
        "ONEZONE_IA",
        "INTELLIGENT_TIERING",
        "GLACIER",
        "DEEP_ARCHIVE",
        "GLACIER_IR",
    ]
)
ARCHIVED = frozenset({"GLACIER", "DEEP_ARCHIVE"})
_LOCKS = ("ObjectLockMode", "ObjectLockRetainUntilDate", "ObjectLockLegalHoldStatus")
_CHUNKED = re.compile(r"\s*,\s*aws-chunked\b|\s*\baws-chunked\b\s*,?\s*")
_TAG_TEXT = re.compile(r"[\w\s.:/=+\-@]*")


def check_no_lock(params: Mapping[str, Any]) -> None:
    """Object lock headers on a bucket without object lock.

    Raises:
        S3Error: InvalidArgument for a bad mode, InvalidRequest otherwise.
    """
    mode = params.get("ObjectLockMode")
    if mode is not None and mode not in ("GOVERNANCE", "COMPLIANCE"):
        raise invalid_argument("Unknown wormMode directive.", "x-amz-object-lock-mode", mode)
    if any(lock in params for lock in _LOCKS):
        raise S3Error("InvalidRequest", "Bucket is missing ObjectLockConfiguration")


def storage_class(params: Mapping[str, Any]) -> str:
    """The storage class asked for, or STANDARD.

    Raises:
        S3Error: InvalidStorageClass (OUTPOSTS included: that is for Outposts buckets).
    """
    wanted = params.get("StorageClass", "STANDARD")
    if wanted not in STORAGE_CLASSES:
        raise S3Error("InvalidStorageClass", StorageClassRequested=wanted)
    return str(wanted)


def redirect(params: Mapping[str, Any]) -> str | None:
    location = params.get("WebsiteRedirectLocation")
    if location is not None and not location.startswith(("/", "http://", "https://")):
        raise S3Error("InvalidRedirectLocation")
    return location


def metadata(params: Mapping[str, Any]) -> Mapping[str, str]:
    """User metadata as answers carry it, keys in lower case.

    Raises:
        S3Error: MetadataTooLarge.
    """
    given: Mapping[str, str] | None = params.get("Metadata")
    return stored(given) if given else NOTHING


def tags(header: str | None) -> Mapping[str, str]:
    """The tag set of an ``x-amz-tagging`` header, a URL-encoded query.

    Raises:
        S3Error: InvalidArgument for bad encoding or duplicate names, InvalidTag or BadRequest for limits.
    """
    if not header:
        return NOTHING
    try:
        pairs = parse_qsl(header, keep_blank_values=True, strict_parsing=True, errors="strict")
    except ValueError:
        pairs = [("", ""), ("", "")]
    if len({key for key, _ in pairs}) != len(pairs):
        raise invalid_argument(
            "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name "
            "duplicates.",
            "x-amz-tagging",
            header,
        )
    if len(pairs) > MAX_TAGS:
        raise S3Error("BadRequest", f"Object tags cannot be greater than {MAX_TAGS}")
    for key, value in pairs:
        if key.startswith("aws:"):
            raise S3Error("InvalidTag", "Your TagKey cannot be prefixed with aws:", TagKey=key)
        if not 0 < len(key) <= 128 or not _TAG_TEXT.fullmatch(key):
            raise S3Error("InvalidTag", TagKey=key)
        if len(value) > 256 or not _TAG_TEXT.fullmatch(value):
            raise S3Error("InvalidTag", "The TagValue you have provided is invalid", TagKey=key, TagValue=value)
    return dict(pairs)


def _content_encoding(value: str) -> str | None:
    """``aws-chunked`` is how the body travelled, no property of the object: S3 does not keep it."""
    return _CHUNKED.sub("", value) or None


def system(params: Mapping[str, Any]) -> dict[str, str]:
    """The content headers, exactly as sent; Content-Type has S3's default."""
    kept = {name: params[name] for name in SYSTEM if name in params}
    if "ContentEncoding" in kept:
        encoding = _content_encoding(kept.pop("ContentEncoding"))
        if encoding is not None:
            kept["ContentEncoding"] = encoding
    if not kept.get("ContentType"):
        kept["ContentType"] = DEFAULT_CONTENT_TYPE
    return kept


_FRAMING = "aws-chunked"
_KEPT = frozenset({*SYSTEM, *_LOCKS, "Metadata", "StorageClass", "Tagging", "WebsiteRedirectLocation"} - {"ContentEncoding"})
_NOTHING_GIVEN = Carried(system={"ContentType": DEFAULT_CONTENT_TYPE})


def carried(params: Mapping[str, Any]) -> Carried:
    """All of it, checked.

    Raises:
        S3Error: whatever the rules above raise.
    """
    if _KEPT.isdisjoint(params) and params.get("ContentEncoding", _FRAMING) == _FRAMING:
        return _NOTHING_GIVEN
    check_no_lock(params)
    return Carried(
        system=system(params),
        metadata=metadata(params),
        tags=tags(params.get("Tagging")),
        storage_class=storage_class(params),
        redirect=redirect(params),
    )
