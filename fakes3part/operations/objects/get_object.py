"""GetObject and HeadObject: the same response, with and without its body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from ...errors import S3Error, invalid_argument
from ...message import Segments
from ...protocol.timestamps import http_date
from ...rules import checksums
from ...rules.access_tiers import INTELLIGENT_TIERING, archive_status
from ...rules.archived_objects import check_readable
from ...rules.conditions import READ_CONDITIONS, check_read
from ...rules.etags import quote_etag
from ...rules.limits import MAX_PARTS
from ...rules.ranges import byte_range
from ...rules.sse_c import MEMBERS, check_key
from ...state.encryption import SSE_S3
from ...state.objects import Checksum, Version
from ..access_times import record_access
from ..context import Context, find_version, read_response_version_id
from ..lifecycle_headers import expiration_header
from ..object_encryption import check_may_decrypt
from ..object_lock import lock_members
from ..registry import Output, Params, operation
from .restore_object import restore_header

OVERRIDES = {
    "ResponseCacheControl": "CacheControl",
    "ResponseContentDisposition": "ContentDisposition",
    "ResponseContentEncoding": "ContentEncoding",
    "ResponseContentLanguage": "ContentLanguage",
    "ResponseContentType": "ContentType",
    "ResponseExpires": "Expires",
}
_OVERRIDING = frozenset(OVERRIDES)


def _check_head(params: Params, headers: Mapping[str, str]) -> None:
    """Check the parameters that say which part is read and how."""
    mode = params.get("ChecksumMode")
    if mode is not None and mode.upper() != "ENABLED":
        raise S3Error("InvalidRequest", "Value for x-amz-checksum-mode header is invalid.")
    if "PartNumber" in params:
        if params.get("Range"):
            raise S3Error("InvalidRequest", "Cannot specify both Range header and partNumber query parameter")
        if not 1 <= params["PartNumber"] <= MAX_PARTS:
            raise invalid_argument(
                f"Part number must be an integer between 1 and {MAX_PARTS}, inclusive",
                "partNumber",
                params["PartNumber"],
            )


@operation("GetObject", check_head=_check_head)
def get_object(context: Context, params: Params) -> Output:
    """Return an object's bytes and headers: the whole object, a range, or one part."""
    output, body = _response(context, params)
    output["Body"] = body
    return output


@operation("HeadObject", check_head=_check_head)
def head_object(context: Context, params: Params) -> Output:
    """Return GetObject's response without the body."""
    return _response(context, params)[0]


def _response(context: Context, params: Params) -> tuple[Output, Segments]:
    bucket, key = context.bucket, params["Key"]
    with bucket.lock:
        version = bucket.objects.get(key) if "VersionId" not in params else None
        if version is None:
            version = find_version(bucket, key, params.get("VersionId"), context.request.method)
        version_id = read_response_version_id(bucket, version)
    if version.encryption is not SSE_S3 or not MEMBERS.isdisjoint(params):
        _check_encryption(context, params, version)
    properties, storage_class = version.properties, version.properties.storage_class
    if not READ_CONDITIONS.isdisjoint(params):
        _check_conditions(params, version, version_id, context.clock.now())
    assert version.data is not None
    if storage_class != "STANDARD" and context.request.method == "GET":
        check_readable(version, context.clock.now())
    output: Output = {
        "AcceptRanges": "bytes",
        "ETag": f'"{version.etag}"',
        "LastModified": version.last_modified,
        "VersionId": version_id,
        **version.encryption.response_members,
        **properties.system,
    }
    if properties.metadata or properties.tags or properties.redirect or storage_class != "STANDARD":
        output.update(_stored_members(context, version, params))
    if not _OVERRIDING.isdisjoint(params):
        output.update(_overrides(params))
    if version.lock is not None:
        output.update(lock_members(context, version, params.get("VersionId")))
    if bucket.lifecycle is not None and "VersionId" not in params:
        output["Expiration"] = expiration_header(bucket, version)
    if version.replication is not None:
        output["ReplicationStatus"] = version.replication.status
    if storage_class != "STANDARD":
        now = context.clock.now()
        output["Restore"] = restore_header(version, now)
        output["ArchiveStatus"] = archive_status(version, now)
    start, stop, checksum = 0, version.size, version.checksum
    if "Range" in params or "PartNumber" in params:
        start, stop, is_partial, checksum = _extent(params, version)
        if is_partial:
            context.status = 206
            if stop > start:  # an empty part is a 206 without Content-Range
                output["ContentRange"] = f"bytes {start}-{stop - 1}/{version.size}"
        if "PartNumber" in params and version.parts:
            output["PartsCount"] = len(version.parts)
    output["ContentLength"] = stop - start
    if "ChecksumMode" in params:
        output.update(checksums.checksum_output(checksum))
    if storage_class == INTELLIGENT_TIERING and context.request.method == "GET":
        record_access(context, bucket, version)
    return output, version.data.slice(start, stop)


def _check_conditions(params: Params, version: Version, version_id: str | None, now: datetime) -> None:
    """Check the conditions of the request; the response of a 304 has the version's validators."""
    try:
        check_read(params, version, now)
    except S3Error as error:
        if error.status == 304:
            error.headers.update(_validators(version, version_id))
        raise


def _check_encryption(context: Context, params: Params, version: Version) -> None:
    """Check that the request has the SSE-C key, and that the caller may decrypt with the KMS key.

    KMS is needed for what has to be decrypted: the bytes, their checksum and, as for GetObject, a part.

    Raises:
        S3Error: InvalidRequest, InvalidArgument, AccessDenied, or one of KMS's.
    """
    check_key(params, version.encryption)
    if context.request.method == "GET" or params.get("ChecksumMode") or "PartNumber" in params:
        check_may_decrypt(context, version.encryption)


def _validators(version: Version, version_id: str | None) -> dict[str, str]:
    """Return the headers of a 304."""
    headers = {
        "ETag": quote_etag(version.etag),
        "Last-Modified": http_date(version.last_modified),
    }
    return headers if version_id is None else {**headers, "x-amz-version-id": version_id}


def _stored_members(context: Context, version: Version, params: Params) -> Output:
    """Return the response members that come from the stored properties of the version, besides the content headers."""
    properties, output = version.properties, Output()
    if properties.metadata:
        output["Metadata"] = properties.metadata
    if properties.storage_class != "STANDARD":
        output["StorageClass"] = properties.storage_class
    if properties.redirect:
        output["WebsiteRedirectLocation"] = properties.redirect
    if properties.tags and context.is_allowed("s3:GetObjectTagging", context.bucket, version.key, params.get("VersionId")):
        output["TagCount"] = len(properties.tags)
    return output


def _overrides(params: Params) -> Output:
    """Return the members that ``response-*`` query parameters replace."""
    return {OVERRIDES[member]: value for member, value in params.items() if member in OVERRIDES}


class Extent(NamedTuple):
    """The part of an object that is read, and the checksum that is known for exactly that; None: none is known."""

    start: int
    stop: int
    is_partial: bool
    checksum: Checksum | None


def _extent(params: Params, version: Version) -> Extent:
    """Return the part of a version that a range or a part number selects."""
    size, parts, number = version.size, version.parts, params.get("PartNumber")
    if number is None:
        requested = byte_range(params.get("Range"), size)
        if requested is None:
            return Extent(0, size, False, version.checksum)
        return Extent(*requested, True, version.checksum if requested == (0, size) else None)
    count = max(len(parts), 1)
    if number > count:
        raise S3Error("InvalidPartNumber", PartNumberRequested=number, ActualPartCount=count)
    if not parts:
        # An empty object has no range for Content-Range: 200. Assumed: not recorded from AWS.
        return Extent(0, size, size > 0, version.checksum)
    start = sum(part.size for part in parts[: number - 1])
    part = parts[number - 1]
    if version.checksum is not None and version.checksum.type == checksums.COMPOSITE:
        checksum = part.checksum and replace(part.checksum, type=checksums.COMPOSITE)
    else:
        checksum = version.checksum if count == 1 else None
    return Extent(start, start + part.size, True, checksum)
