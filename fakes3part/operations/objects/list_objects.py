"""ListObjects and ListObjectsV2."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import repeat
from urllib.parse import quote_plus

from ...errors import invalid_argument
from ...rules.archived_objects import is_restored, is_restoring
from ...rules.etags import quote_etag
from ...rules.limits import PAGE
from ...rules.listing import Page, decode_token, encode_token, page, parse_encoding_type
from ...rules.regions import region_of
from ...state.access_control import ENFORCED
from ...state.bucket import Bucket
from ...state.objects import Version
from ..context import Context
from ..registry import Output, Params, operation


def url_encoded(text: str) -> str:
    """Return a key encoded for ``encoding-type=url``: percent-encoded UTF-8, with ``/`` kept and a space as ``+``."""
    return quote_plus(text, safe="/")


def page_size(params: Params, member: str, default: int = PAGE) -> int:
    """Return the requested page size, at most 1,000."""
    return min(int(params.get(member, default)), PAGE)


def check_list_head(params: Params, headers: Mapping[str, str]) -> None:
    """Check the encoding type, the continuation token and the optional attributes of a listing.

    Raises:
        S3Error: InvalidArgument.
    """
    parse_encoding_type(params.get("EncodingType"))
    if "ContinuationToken" in params:
        decode_token(params["ContinuationToken"])
    includes_restore_status(params)


def includes_restore_status(params: Params) -> bool:
    """Return whether the request includes ``RestoreStatus``, the only optional attribute.

    Raises:
        S3Error: InvalidArgument for any other. (Text assumed: not recorded from AWS.)
    """
    attributes = params.get("OptionalObjectAttributes")
    if attributes is None:
        return False
    for name in attributes:
        if name != "RestoreStatus":
            raise invalid_argument("Invalid attribute name specified.", "x-amz-optional-object-attributes", name)
    return True


def restore_status(version: Version, now: datetime) -> Output | None:
    """Return the ``RestoreStatus`` element; None: no restore is in progress and no restored copy exists."""
    if is_restoring(version, now):
        return {"IsRestoreInProgress": True}
    if version.restore is not None and is_restored(version, now):
        return {"IsRestoreInProgress": False, "RestoreExpiryDate": version.restore.expires}
    return None


def entry(version: Version, owner: dict[str, str] | None, encode: bool) -> Output:
    """Return the entry of an object in a listing."""
    entry = {
        "Key": url_encoded(version.key) if encode else version.key,
        "LastModified": version.last_modified,
        "ETag": quote_etag(version.etag),
        "Size": version.size,
        "StorageClass": version.properties.storage_class,
    }
    if owner is not None:
        entry["Owner"] = owner
    if version.checksum is not None:
        entry["ChecksumAlgorithm"] = [version.checksum.algorithm]
        entry["ChecksumType"] = version.checksum.type
    return entry


def owners(context: Context, bucket: Bucket, versions: list[Version]) -> Iterable[dict[str, str]]:
    """Return the ``Owner`` of each version. It is the same for all where the bucket's owner owns every object."""
    if bucket.ownership == ENFORCED:
        return repeat(context.owner(bucket))
    return [context.owner_element(version.owner) for version in versions]


def _list_page(context: Context, params: Params, after: str, *, owner: bool) -> tuple[Page, Output]:
    """Return a page of keys and the response members that both versions of the operation have."""
    encode = parse_encoding_type(params.get("EncodingType"))
    prefix, delimiter = params.get("Prefix", ""), params.get("Delimiter") or ""
    requested = params.get("MaxKeys", context.settings.default_max_keys)
    limit = min(requested, PAGE)
    bucket = context.bucket
    with bucket.lock:
        context.ensure_exists(bucket)
        page_of_keys = page(bucket.objects, prefix=prefix, delimiter=delimiter, after=after, limit=limit)
        versions = bucket.objects.values_of(page_of_keys.keys)
    owner_of_each = owners(context, bucket, versions) if owner and not context.caller.is_anonymous else repeat(None)
    contents = [entry(version, owner_element, encode) for version, owner_element in zip(versions, owner_of_each, strict=False)]
    if includes_restore_status(params):
        now = context.clock.now()
        for version, content in zip(versions, contents, strict=True):
            content["RestoreStatus"] = restore_status(version, now)
    text = url_encoded if encode else str
    context.headers.append(("x-amz-bucket-region", region_of(bucket)))
    return page_of_keys, {
        "Name": bucket.name,
        "Prefix": text(prefix),
        "MaxKeys": requested,
        "Delimiter": text(delimiter) if delimiter else None,
        "EncodingType": params.get("EncodingType"),
        "IsTruncated": page_of_keys.truncated,
        "Contents": contents,
        "CommonPrefixes": [{"Prefix": text(prefix)} for prefix in page_of_keys.prefixes],
    }


@operation("ListObjects", check_head=check_list_head)
def list_objects(context: Context, params: Params) -> Output:
    """List objects, version 1: by marker. NextMarker is set only with a delimiter."""
    marker = params.get("Marker", "")
    page_of_keys, output = _list_page(context, params, marker, owner=True)
    text = url_encoded if output["EncodingType"] else str
    output["Marker"] = text(marker)
    if page_of_keys.truncated and output["Delimiter"]:
        output["NextMarker"] = text(page_of_keys.last)
    return output


@operation("ListObjectsV2", check_head=check_list_head)
def list_objects_v2(context: Context, params: Params) -> Output:
    """List objects, version 2: by an opaque continuation token, which takes precedence over ``start-after``."""
    token, start_after = params.get("ContinuationToken"), params.get("StartAfter")
    after = decode_token(token) if token is not None else start_after or ""
    page_of_keys, output = _list_page(context, params, after, owner=params.get("FetchOwner", False))
    text = url_encoded if output["EncodingType"] else str
    output["KeyCount"] = len(page_of_keys.keys) + len(page_of_keys.prefixes)
    output["StartAfter"] = text(start_after) if start_after is not None and token is None else None
    output["ContinuationToken"] = token
    if page_of_keys.truncated:
        output["NextContinuationToken"] = encode_token(page_of_keys.last)
    return output
