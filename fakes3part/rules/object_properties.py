"""What PutObject, CopyObject and CreateMultipartUpload give an object to keep: checked here, kept in a `ObjectProperties`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import S3Error
from ..state.bucket import DIRECTORY, GENERAL_PURPOSE, OUTPOSTS
from ..state.objects import NOTHING, ObjectProperties
from . import tags
from .metadata import stored_metadata

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

ONLY_CLASSES: Mapping[str, tuple[str, ...]] = {OUTPOSTS: ("OUTPOSTS",), DIRECTORY: ("EXPRESS_ONEZONE", "ONEZONE_IA")}
"""Kinds of bucket that have storage classes of their own, and no others; the first is for those who ask for none."""


def requested_storage_class(params: Mapping[str, Any], kind: str = GENERAL_PURPOSE) -> str:
    """Return the requested storage class, or the default of this kind of bucket.

    Raises:
        S3Error: InvalidStorageClass, which any class of another kind of bucket is.
    """
    if kind is GENERAL_PURPOSE:
        requested = params.get("StorageClass", "STANDARD")
        is_known = requested in STORAGE_CLASSES
    else:
        classes = ONLY_CLASSES[kind]
        requested = params.get("StorageClass", classes[0])
        is_known = requested in classes
    if not is_known:
        raise S3Error("InvalidStorageClass", StorageClassRequested=requested)
    return str(requested)


def redirect(params: Mapping[str, Any]) -> str | None:
    location = params.get("WebsiteRedirectLocation")
    if location is not None and not location.startswith(("/", "http://", "https://")):
        raise S3Error("InvalidRedirectLocation")
    return location


def metadata(params: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the user metadata as responses have it, with keys in lower case.

    Raises:
        S3Error: MetadataTooLarge.
    """
    metadata: Mapping[str, str] | None = params.get("Metadata")
    return stored_metadata(metadata) if metadata else NOTHING


def _content_encoding(value: str) -> str | None:
    """Return Content-Encoding without ``aws-chunked``, which S3 does not store; None if nothing else is left.

    The rest of the list stays as it is spelled (recorded from AWS, February 2026).
    """
    if _FRAMING not in value:
        return value
    codings = value.split(",")
    return ",".join(coding for coding in codings if coding.strip() != _FRAMING).strip() or None


def system_headers(params: Mapping[str, Any]) -> dict[str, str]:
    """Return the content headers, exactly as sent; Content-Type has S3's default."""
    headers = {name: params[name] for name in SYSTEM if name in params}
    if "ContentEncoding" in headers:
        encoding = _content_encoding(headers.pop("ContentEncoding"))
        if encoding is not None:
            headers["ContentEncoding"] = encoding
    if not headers.get("ContentType"):
        headers["ContentType"] = DEFAULT_CONTENT_TYPE
    return headers


_FRAMING = "aws-chunked"
PROPERTY_MEMBERS = frozenset({*SYSTEM, "Metadata", "StorageClass", "Tagging", "WebsiteRedirectLocation"} - {"ContentEncoding"})
_DEFAULT_PROPERTIES = ObjectProperties(system={"ContentType": DEFAULT_CONTENT_TYPE})


_KNOWN_CLASSES = STORAGE_CLASSES.union(*ONLY_CLASSES.values())


def check_properties(params: Mapping[str, Any]) -> None:
    """Check the properties that a request gives a new object, as far as its headers alone tell, in any kind of bucket.

    Raises:
        S3Error: of `object_properties`.
    """
    if PROPERTY_MEMBERS.isdisjoint(params):
        return
    tags.parse_tagging_header(params.get("Tagging"))
    if params.get("StorageClass", "STANDARD") not in _KNOWN_CLASSES:
        raise S3Error("InvalidStorageClass", StorageClassRequested=params["StorageClass"])
    redirect(params)


def object_properties(params: Mapping[str, Any], kind: str = GENERAL_PURPOSE) -> ObjectProperties:
    """Return the properties that a request gives a new object, checked for this kind of bucket.

    Raises:
        S3Error: whatever the rules above raise.
    """
    if PROPERTY_MEMBERS.isdisjoint(params) and kind is GENERAL_PURPOSE and params.get("ContentEncoding", _FRAMING) == _FRAMING:
        return _DEFAULT_PROPERTIES
    return ObjectProperties(
        system=system_headers(params),
        metadata=metadata(params),
        tags=tags.parse_tagging_header(params.get("Tagging")),
        storage_class=requested_storage_class(params, kind),
        redirect=redirect(params),
    )
