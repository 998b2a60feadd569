"""ListObjectsV2 and ListMultipartUploads of directory buckets, which have an order of their own
(`rules.directory_buckets.order`).

No index has that order: the cost of a page depends on the number of keys under the prefix, not on the page size.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import nsmallest
from itertools import repeat, takewhile
from typing import TypeAlias

from ...errors import S3Error, invalid_argument
from ...rules.directory_buckets import listing_order
from ...rules.limits import PAGE
from ...rules.listing import common_prefix, decode_token, encode_token, parse_encoding_type
from ...rules.regions import region_of
from ...state.bucket import Bucket
from ...state.uploads import Upload
from ...text import whole_number
from ..context import Context
from ..multipart.lists import upload_entry
from ..objects.list_objects import entry, page_size, url_encoded
from ..registry import Output, Params, directory_operation

_Position: TypeAlias = "tuple[tuple[int, str], int]"
"""The sort key of an upload or common prefix: its key or prefix in order, and the sequence number of the upload."""


def _keys(bucket: Bucket, prefix: str, delimiter: str) -> Iterator[tuple[str, bool]]:
    """Yield keys (False) and common prefixes (True), among them those that only uploads in progress have."""
    for key in takewhile(lambda key: key.startswith(prefix), bucket.objects.walk(prefix)):
        common = common_prefix(key, prefix, delimiter) if delimiter else None
        yield (key, False) if common is None else (common, True)
    if delimiter:
        for key in {key for key, _ in bucket.uploads_by_key if key.startswith(prefix)}:
            common = common_prefix(key, prefix, delimiter)
            if common is not None:
                yield common, True


@directory_operation("ListObjectsV2")
def list_objects_v2(context: Context, params: Params) -> Output:
    """Return a page of objects. All objects have the bucket's owner."""
    encode = parse_encoding_type(params.get("EncodingType"))
    text = url_encoded if encode else str
    prefix, delimiter = params.get("Prefix", ""), params.get("Delimiter") or ""
    requested, token = params.get("MaxKeys", context.settings.default_max_keys), params.get("ContinuationToken")
    limit = min(requested, PAGE)
    after = None if token is None else listing_order(decode_token(token))
    bucket = context.bucket
    with bucket.lock:
        context.ensure_exists(bucket)
        is_prefix = dict(_keys(bucket, prefix, delimiter))
        positions = (position for position in map(listing_order, is_prefix) if after is None or position > after)
        page = [name for _, name in nsmallest(limit + 1, positions)]
        names = page[:limit]
        versions = bucket.objects.values_of(name for name in names if not is_prefix[name])
    owner = repeat(context.owner(bucket) if params.get("FetchOwner") else None)
    truncated = bool(names) and len(page) > limit
    context.headers.append(("x-amz-bucket-region", region_of(bucket)))
    return {
        "Name": bucket.name,
        "Prefix": text(prefix),
        "MaxKeys": requested,
        "Delimiter": text(delimiter) if delimiter else None,
        "EncodingType": params.get("EncodingType"),
        "IsTruncated": truncated,
        "Contents": [entry(version, owner_element, encode) for version, owner_element in zip(versions, owner, strict=False)],
        "CommonPrefixes": [{"Prefix": text(name)} for name in names if is_prefix[name]],
        "KeyCount": len(names),
        "ContinuationToken": token,
        "NextContinuationToken": encode_token(names[-1]) if truncated else None,
    }


@directory_operation("ListMultipartUploads")
def list_multipart_uploads(context: Context, params: Params) -> Output:
    """Return a page of the uploads in progress. The marker is a token; ``upload-id-marker`` is ignored."""
    encode = parse_encoding_type(params.get("EncodingType"))
    text = url_encoded if encode else str
    prefix, delimiter = params.get("Prefix", ""), params.get("Delimiter") or ""
    limit, marker = page_size(params, "MaxUploads"), params.get("KeyMarker") or ""
    after = _decode_marker(marker) if marker else None
    bucket = context.bucket
    with bucket.lock:
        context.ensure_exists(bucket)
        uploads = _uploads(bucket, prefix, delimiter)
        page = nsmallest(limit + 1, (position for position in uploads if after is None or position > after))
        entries = [(position, uploads[position]) for position in page[:limit]]
    truncated = bool(entries) and len(page) > limit
    return {
        "Bucket": bucket.name,
        "KeyMarker": marker,
        "NextKeyMarker": _encode_marker(entries[-1][0]) if truncated else None,
        "Delimiter": text(delimiter) if delimiter else None,
        "Prefix": text(prefix) if prefix else None,
        "EncodingType": params.get("EncodingType"),
        "MaxUploads": limit,
        "IsTruncated": truncated,
        "Uploads": [upload_entry(context, upload, text(upload.key)) for _, upload in entries if upload is not None],
        "CommonPrefixes": [{"Prefix": text(position[0][1])} for position, upload in entries if upload is None],
    }


def _uploads(bucket: Bucket, prefix: str, delimiter: str) -> dict[_Position, Upload | None]:
    """Return the uploads by position, and common prefixes (None)."""
    uploads: dict[_Position, Upload | None] = {}
    for (key, sequence), upload in bucket.uploads_by_key.items():
        if key.startswith(prefix):
            common = common_prefix(key, prefix, delimiter) if delimiter else None
            if common is None:
                uploads[listing_order(key), sequence] = upload
            else:
                uploads[listing_order(common), 0] = None
    return uploads


def _encode_marker(position: _Position) -> str:
    return encode_token(f"{position[1]}/{position[0][1]}")


def _decode_marker(marker: str) -> _Position:
    try:
        sequence, slash, name = decode_token(marker).partition("/")
    except S3Error:
        sequence, slash, name = "", "", ""
    number = whole_number(sequence)
    if not slash or number is None:
        raise invalid_argument("The key marker provided is incorrect", "key-marker", marker)
    return listing_order(name), number
