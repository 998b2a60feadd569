"""ListParts and ListMultipartUploads."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from ...errors import invalid_argument
from ...rules import checksums
from ...rules.etags import quoted
from ...rules.listing import after_all, check_encoding, common_prefix
from ...rules.sse_c import check_upload
from ...state.bucket import Bucket
from ...state.objects import Part
from ...state.uploads import Upload
from ..buckets.lifecycle import shown_abort
from ..context import Context
from ..objects.list_objects import page_size, url_encoded
from ..registry import Output, Params, operation
from .uploads import find_upload


def _initiator(context: Context, upload: Upload) -> Output:
    """Initiator still has the DisplayName that Owner lost in November 2025. A user is told by ARN and name."""
    account, user = context.accounts.account(upload.initiator), upload.initiating_user
    if user is not None:
        return {"ID": user, "DisplayName": user.partition("/")[2]}
    return {"ID": account.canonical_id, "DisplayName": account.display_name}


@operation("ListParts")
def list_parts(context: Context, params: Params) -> Output:
    """The parts of an open upload by number. NextPartNumberMarker is given even when nothing follows."""
    limit = page_size(params, "MaxParts")
    marker = params.get("PartNumberMarker", 0)
    bucket = context.bucket
    with bucket.lock:
        upload = find_upload(bucket, params)
        check_upload(params, upload.encryption)
        behind = upload.parts.irange(minimum=marker, inclusive=(False, True))
        shown = [upload.parts[number] for number, _ in zip(behind, range(limit), strict=False)]
        truncated = limit > 0 and len(shown) == limit and shown[-1].number < upload.parts.peekitem()[0]
    return {
        "Bucket": bucket.name,
        "Key": upload.key,
        "UploadId": upload.id,
        "PartNumberMarker": marker,
        "NextPartNumberMarker": shown[-1].number if shown else 0,
        "MaxParts": limit,
        "IsTruncated": truncated,
        "Parts": [_part(part, upload) for part in shown],
        "Initiator": _initiator(context, upload),
        "Owner": context.owner_element(context.owner_of(bucket, upload.owner)),
        "StorageClass": upload.carried.storage_class,
        "ChecksumAlgorithm": upload.algorithm,
        "ChecksumType": upload.checksum_type,
        **shown_abort(bucket, upload),
    }


def _part(part: Part, upload: Upload) -> Output:
    shown = {
        "PartNumber": part.number,
        "LastModified": part.last_modified,
        "ETag": quoted(part.etag),
        "Size": part.size,
    }
    # A checksum that was sent for an upload without an algorithm was checked, but is not listed.
    if upload.algorithm is not None:
        shown.update(checksums.as_output(part.checksum, with_type=False))
    return shown


class _Page(NamedTuple):
    uploads: list[Upload]
    prefixes: list[str]
    next_key: str
    next_upload: str
    truncated: bool


def _start(bucket: Bucket, params: Params) -> tuple[str, int] | None:
    """Behind which place in the order of (key, sequence) the page begins; None: at the first upload.

    The marker's upload may be over by now: who cleans up aborts a page of them, then asks for the next.
    """
    key = params.get("KeyMarker") or ""
    if not key:
        return None
    marker = params.get("UploadIdMarker")
    if not marker:
        return key, bucket.sequence
    upload = bucket.uploads.get(marker)
    order = upload.order if upload is not None else bucket.closed.get(marker)
    if order is None or order[0] != key:
        raise invalid_argument("Invalid uploadId marker", "upload-id-marker", marker)
    return order


def _page(bucket: Bucket, params: Params, limit: int) -> _Page:
    prefix, delimiter = params.get("Prefix", ""), params.get("Delimiter") or ""
    start = _start(bucket, params)
    seen = common_prefix(start[0], prefix, delimiter) if start and delimiter and start[0].startswith(prefix) else None
    walk = partial(bucket.uploads_by_key.irange, inclusive=(False, True))
    order = walk(minimum=max(start or ("", -1), (prefix, -1)))
    uploads: list[Upload] = []
    prefixes: list[str] = []
    last = ("", "")
    while (place := next(order, None)) is not None and place[0].startswith(prefix):
        key = place[0]
        if seen is not None and key.startswith(seen):
            order = walk(minimum=(after_all(seen), -1))
            seen = None
            continue
        if len(uploads) + len(prefixes) == limit:
            return _Page(uploads, prefixes, *last, limit > 0)
        seen = common_prefix(key, prefix, delimiter) if delimiter else None
        if seen is not None:
            prefixes.append(seen)
            last = (seen, "")
        else:
            upload = bucket.uploads_by_key[place]
            uploads.append(upload)
            last = (key, upload.id)
    return _Page(uploads, prefixes, *last, False)


@operation("ListMultipartUploads")
def list_multipart_uploads(context: Context, params: Params) -> Output:
    """The open uploads by key and, for one key, in the order of their Create.

    NextKeyMarker and NextUploadIdMarker name the last one listed, even when nothing follows.
    """
    encode = check_encoding(params.get("EncodingType"))
    text = url_encoded if encode else str
    limit = page_size(params, "MaxUploads")
    bucket = context.bucket
    with bucket.lock:
        context.ensure(bucket)
        found = _page(bucket, params, limit)
    delimiter, prefix = params.get("Delimiter"), params.get("Prefix")
    return {
        "Bucket": bucket.name,
        "KeyMarker": text(params.get("KeyMarker", "")),
        "UploadIdMarker": params.get("UploadIdMarker", "") if params.get("KeyMarker") else "",
        "NextKeyMarker": text(found.next_key),
        "NextUploadIdMarker": found.next_upload,
        "Delimiter": text(delimiter) if delimiter else None,
        "Prefix": text(prefix) if prefix else None,
        "EncodingType": params.get("EncodingType"),
        "MaxUploads": limit,
        "IsTruncated": found.truncated,
        "Uploads": [upload_entry(context, upload, text(upload.key)) for upload in found.uploads],
        "CommonPrefixes": [{"Prefix": text(one)} for one in found.prefixes],
    }


def upload_entry(context: Context, upload: Upload, key: str) -> Output:
    """What every listing tells of an upload; ``key`` as it is spelled there."""
    return {
        "Key": key,
        "UploadId": upload.id,
        "Initiator": _initiator(context, upload),
        "Owner": context.owner_element(context.owner_of(context.bucket, upload.owner)),
        "StorageClass": upload.carried.storage_class,
        "Initiated": upload.initiated,
        "ChecksumAlgorithm": upload.algorithm,
        "ChecksumType": upload.checksum_type,
    }
