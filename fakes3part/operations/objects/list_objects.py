"""ListObjects and ListObjectsV2."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import repeat
from urllib.parse import quote_plus

from ...errors import invalid_argument
from ...rules.archived_objects import is_restored, is_restoring
from ...rules.etags import quoted
from ...rules.limits import PAGE
from ...rules.listing import Page, check_encoding, decode_token, encode_token, page
from ...rules.regions import shown_region
from ...state.access_control import ENFORCED
from ...state.bucket import Bucket
from ...state.objects import Version
from ..context import Context
from ..registry import Output, Params, operation


def url_encoded(text: str) -> str:
    """A key under ``encoding-type=url``: percent-encoded UTF-8, ``/`` kept, a space as ``+``."""
    return quote_plus(text, safe="/")


def page_size(params: Params, member: str) -> int:
    """How many a page may hold: what was asked for, at most 1,000."""
    return min(int(params.get(member, PAGE)), PAGE)


def includes_restore_status(params: Params) -> bool:
    """Whether the request wants ``RestoreStatus``, the only optional attribute that there is.

    Raises:
        S3Error: InvalidArgument for any other. (Our words: S3's are not known.)
    """
    wanted = params.get("OptionalObjectAttributes")
    if wanted is None:
        return False
    for name in wanted:
        if name != "RestoreStatus":
            raise invalid_argument("Invalid attribute name specified.", "x-amz-optional-object-attributes", name)
    return True


def restore_status(version: Version, now: datetime) -> Output | None:
    """How far a restore is; None where there is none, or its copy is gone again."""
    if is_restoring(version, now):
        return {"IsRestoreInProgress": True}
    if version.restore is not None and is_restored(version, now):
        return {"IsRestoreInProgress": False, "RestoreExpiryDate": version.restore.expires}
    return None


def entry(version: Version, owner: dict[str, str] | None, encode: bool) -> Output:
    """What every listing tells of an object."""
    entry = {
        "Key": url_encoded(version.key) if encode else version.key,
        "LastModified": version.last_modified,
        "ETag": quoted(version.etag),
        "Size": version.size,
        "StorageClass": version.carried.storage_class,
    }
    if owner is not None:
        entry["Owner"] = owner
    if version.checksum is not None:
        entry["ChecksumAlgorithm"] = [version.checksum.algorithm]
        entry["ChecksumType"] = version.checksum.type
    return entry


def owners(context: Context, bucket: Bucket, versions: list[Version]) -> Iterable[dict[str, str]]:
    """The ``Owner`` of each: one and the same where the bucket's owner owns everything."""
    if bucket.ownership == ENFORCED:
        return repeat(context.owner(bucket))
    return [context.owner_element(version.owner) for version in versions]


def _list(context: Context, params: Params, after: str, *, owner: bool) -> tuple[Page, Output]:
    """The page and what both versions of the operation answer alike."""
    encode = check_encoding(params.get("EncodingType"))
    prefix, delimiter = params.get("Prefix", ""), params.get("Delimiter") or ""
    limit = page_size(params, "MaxKeys")
    bucket = context.bucket
    with bucket.lock:
        context.ensure(bucket)
        found = page(bucket.live, prefix=prefix, delimiter=delimiter, after=after, limit=limit)
        versions = bucket.live.take(found.keys)
    shown = owners(context, bucket, versions) if owner and not context.caller.is_anonymous else repeat(None)
    contents = [entry(version, one, encode) for version, one in zip(versions, shown, strict=False)]
    if includes_restore_status(params):
        now = context.clock.now()
        for version, content in zip(versions, contents, strict=True):
            content["RestoreStatus"] = restore_status(version, now)
    text = url_encoded if encode else str
    context.headers.append(("x-amz-bucket-region", shown_region(bucket)))
    return found, {
        "Name": bucket.name,
        "Prefix": text(prefix),
        "MaxKeys": limit,
        "Delimiter": text(delimiter) if delimiter else None,
        "EncodingType": params.get("EncodingType"),
        "IsTruncated": found.truncated,
        "Contents": contents,
        "CommonPrefixes": [{"Prefix": text(prefix)} for prefix in found.prefixes],
    }


@operation("ListObjects")
def list_objects(context: Context, params: Params) -> Output:
    """Version 1 of the listing: by marker. NextMarker is given only with a delimiter."""
    marker = params.get("Marker", "")
    found, output = _list(context, params, marker, owner=True)
    text = url_encoded if output["EncodingType"] else str
    output["Marker"] = text(marker)
    if found.truncated and output["Delimiter"]:
        output["NextMarker"] = text(found.last)
    return output


@operation("ListObjectsV2")
def list_objects_v2(context: Context, params: Params) -> Output:
    """Version 2 of the listing: by an opaque continuation token, which goes before ``start-after``."""
    token, start_after = params.get("ContinuationToken"), params.get("StartAfter")
    after = decode_token(token) if token is not None else start_after or ""
    found, output = _list(context, params, after, owner=params.get("FetchOwner", False))
    text = url_encoded if output["EncodingType"] else str
    output["KeyCount"] = len(found.keys) + len(found.prefixes)
    output["StartAfter"] = text(start_after) if start_after else None
    output["ContinuationToken"] = token
    if found.truncated:
        output["NextContinuationToken"] = encode_token(found.last)
    return output
