"""ListObjectsV2 and ListMultipartUploads of directory buckets: not in the order of the alphabet (`rules.directories.order`).

A page costs what the prefix holds, not what the page does: nobody keeps that order.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import nsmallest
from itertools import repeat, takewhile
from typing import TypeAlias

from ...errors import S3Error, invalid_argument
from ...rules.directory_buckets import order
from ...rules.listing import check_encoding, common_prefix, decode_token, encode_token
from ...rules.regions import shown_region
from ...state.bucket import Bucket
from ...state.uploads import Upload
from ..context import Context
from ..multipart.lists import upload_entry
from ..objects.list_objects import entry, page_size, url_encoded
from ..registry import Output, Params, directory_operation

_Place: TypeAlias = "tuple[tuple[int, str], int]"
"""Where something stands: its key or prefix in order, and which upload of a key it is."""


def _keys(bucket: Bucket, prefix: str, delimiter: str) -> Iterator[tuple[str, bool]]:
    """Keys, and (True) common prefixes, among them those that only uploads in progress have."""
    for key in takewhile(lambda key: key.startswith(prefix), bucket.objects.walk(prefix)):
        rolled = common_prefix(key, prefix, delimiter) if delimiter else None
        yield (key, False) if rolled is None else (rolled, True)
    if delimiter:
        for key in {key for key, _ in bucket.uploads_by_key if key.startswith(prefix)}:
            rolled = common_prefix(key, prefix, delimiter)
            if rolled is not None:
                yield rolled, True


@directory_operation("ListObjectsV2")
def list_objects_v2(context: Context, params: Params) -> Output:
    """A page of the listing; the owner of all objects is the bucket's."""
    encode = check_encoding(params.get("EncodingType"))
    text = url_encoded if encode else str
    prefix, delimiter = params.get("Prefix", ""), params.get("Delimiter") or ""
    limit, token = page_size(params, "MaxKeys"), params.get("ContinuationToken")
    after = None if token is None else order(decode_token(token))
    bucket = context.bucket
    with bucket.lock:
        context.ensure(bucket)
        found = dict(_keys(bucket, prefix, delimiter))
        places = (place for place in map(order, found) if after is None or place > after)
        page = [name for _, name in nsmallest(limit + 1, places)]
        shown = page[:limit]
        versions = bucket.objects.take(name for name in shown if not found[name])
    owner = repeat(context.owner(bucket) if params.get("FetchOwner") else None)
    truncated = bool(shown) and len(page) > limit
    context.headers.append(("x-amz-bucket-region", shown_region(bucket)))
    return {
        "Name": bucket.name,
        "Prefix": text(prefix),
        "MaxKeys": limit,
        "Delimiter": text(delimiter) if delimiter else None,
        "EncodingType": params.get("EncodingType"),
        "IsTruncated": truncated,
        "Contents": [entry(version, one, encode) for version, one in zip(versions, owner, strict=False)],
        "CommonPrefixes": [{"Prefix": text(name)} for name in shown if found[name]],
        "KeyCount": len(shown),
        "ContinuationToken": token,
        "NextContinuationToken": encode_token(shown[-1]) if truncated else None,
    }


@directory_operation("ListMultipartUploads")
def list_multipart_uploads(context: Context, params: Params) -> Output:
    """A page of the uploads in progress. The marker is a token, and says it all: ``upload-id-marker`` is not looked at."""
    encode = check_encoding(params.get("EncodingType"))
    text = url_encoded if encode else str
    prefix, delimiter = params.get("Prefix", ""), params.get("Delimiter") or ""
    limit, marker = page_size(params, "MaxUploads"), params.get("KeyMarker") or ""
    after = _decoded(marker) if marker else None
    bucket = context.bucket
    with bucket.lock:
        context.ensure(bucket)
        found = _uploads(bucket, prefix, delimiter)
        page = nsmallest(limit + 1, (place for place in found if after is None or place > after))
        shown = [(place, found[place]) for place in page[:limit]]
    truncated = bool(shown) and len(page) > limit
    return {
        "Bucket": bucket.name,
        "KeyMarker": marker,
        "NextKeyMarker": _encoded(shown[-1][0]) if truncated else None,
        "Delimiter": text(delimiter) if delimiter else None,
        "Prefix": text(prefix) if prefix else None,
        "EncodingType": params.get("EncodingType"),
        "MaxUploads": limit,
        "IsTruncated": truncated,
        "Uploads": [upload_entry(context, upload, text(upload.key)) for _, upload in shown if upload is not None],
        "CommonPrefixes": [{"Prefix": text(place[0][1])} for place, upload in shown if upload is None],
    }


def _uploads(bucket: Bucket, prefix: str, delimiter: str) -> dict[_Place, Upload | None]:
    """The uploads by their places, and (None) common prefixes."""
    found: dict[_Place, Upload | None] = {}
    for (key, sequence), upload in bucket.uploads_by_key.items():
        if key.startswith(prefix):
            rolled = common_prefix(key, prefix, delimiter) if delimiter else None
            if rolled is None:
                found[order(key), sequence] = upload
            else:
                found[order(rolled), 0] = None
    return found


def _encoded(place: _Place) -> str:
    return encode_token(f"{place[1]}/{place[0][1]}")


def _decoded(marker: str) -> _Place:
    try:
        sequence, slash, name = decode_token(marker).partition("/")
    except S3Error:
        sequence, slash, name = "", "", ""
    if not slash or not sequence.isdecimal():
        raise invalid_argument("The key marker provided is incorrect", "key-marker", marker)
    return order(name), int(sequence)
