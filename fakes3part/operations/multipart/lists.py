"""ListParts and ListMultipartUploads."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from ...errors import invalid_argument
from ...rules import checksums
from ...rules.etags import quote_etag
from ...rules.listing import after_prefix, common_prefix, parse_encoding_type
from ...rules.sse_c import check_upload
from ...state.bucket import Bucket
from ...state.objects import Part
from ...state.uploads import Upload
from ..context import Context
from ..lifecycle_headers import abort_members
from ..objects.list_objects import check_list_head, page_size, url_encoded
from ..registry import Output, Params, operation
from .uploads import find_upload


def _initiator(context: Context, upload: Upload) -> Output:
    """Return the ``Initiator`` element, which still has the DisplayName that ``Owner`` lost in November 2025.

    An IAM user is named by ARN and user name, an account by its canonical id and display name.
    """
    account, user = context.accounts.account(upload.initiator), upload.initiating_user
    if user is not None:
        return {"ID": user, "DisplayName": user.partition("/")[2]}
    return {"ID": account.canonical_id, "DisplayName": account.display_name}


@operation("ListParts")
def list_parts(context: Context, params: Params) -> Output:
    """Return a page of the parts of an open upload, by number. NextPartNumberMarker is set even when nothing follows."""
    limit = page_size(params, "MaxParts")
    marker = params.get("PartNumberMarker", 0)
    bucket = context.bucket
    with bucket.lock:
        upload = find_upload(bucket, params)
        check_upload(params, upload.encryption)
        following = upload.parts.irange(minimum=marker, inclusive=(False, True))
        parts = [upload.parts[number] for number, _ in zip(following, range(limit), strict=False)]
        truncated = limit > 0 and len(parts) == limit and parts[-1].number < upload.parts.peekitem()[0]
    return {
        "Bucket": bucket.name,
        "Key": upload.key,
        "UploadId": upload.id,
        "PartNumberMarker": marker,
        "NextPartNumberMarker": parts[-1].number if parts else 0,
        "MaxParts": limit,
        "IsTruncated": truncated,
        "Parts": [_part_entry(part, upload) for part in parts],
        "Initiator": _initiator(context, upload),
        "Owner": context.owner_element(context.owner_of(bucket, upload.owner)),
        "StorageClass": upload.properties.storage_class,
        "ChecksumAlgorithm": upload.algorithm,
        "ChecksumType": upload.checksum_type,
        **abort_members(bucket, upload),
    }


def _part_entry(part: Part, upload: Upload) -> Output:
    entry = {
        "PartNumber": part.number,
        "LastModified": part.last_modified,
        "ETag": quote_etag(part.etag),
        "Size": part.size,
    }
    # A checksum that was sent for an upload without an algorithm was checked, but is not listed.
    if upload.algorithm is not None:
        entry.update(checksums.checksum_output(part.checksum, with_type=False))
    return entry


class _Page(NamedTuple):
    uploads: list[Upload]
    prefixes: list[str]
    next_key: str
    next_upload: str
    truncated: bool


def _start(bucket: Bucket, params: Params) -> tuple[str, int] | None:
    """Return the position (key, sequence) after which the page begins; None: it begins at the first upload.

    The marker's upload may be closed: clients that clean up abort a page of uploads, then request the next page.
    """
    key = params.get("KeyMarker") or ""
    if not key:
        return None
    marker = params.get("UploadIdMarker")
    if not marker:
        return key, bucket.sequence
    upload = bucket.uploads.get(marker)
    order = upload.order if upload is not None else bucket.closed_uploads.get(marker)
    if order is None or order[0] != key:
        raise invalid_argument("Invalid uploadId marker", "upload-id-marker", marker)
    return order


def _page(bucket: Bucket, params: Params, limit: int) -> _Page:
    prefix, delimiter = params.get("Prefix", ""), params.get("Delimiter") or ""
    start = _start(bucket, params)
    last_prefix = common_prefix(start[0], prefix, delimiter) if start and delimiter and start[0].startswith(prefix) else None
    walk = partial(bucket.uploads_by_key.irange, inclusive=(False, True))
    order = walk(minimum=max(start or ("", -1), (prefix, -1)))
    uploads: list[Upload] = []
    prefixes: list[str] = []
    last = ("", "")
    while (position := next(order, None)) is not None and position[0].startswith(prefix):
        key = position[0]
        if last_prefix is not None and key.startswith(last_prefix):
            order = walk(minimum=(after_prefix(last_prefix), -1))
            last_prefix = None
            continue
        if len(uploads) + len(prefixes) == limit:
            return _Page(uploads, prefixes, *last, limit > 0)
        last_prefix = common_prefix(key, prefix, delimiter) if delimiter else None
        if last_prefix is not None:
            prefixes.append(last_prefix)
            last = (last_prefix, "")
        else:
            upload = bucket.uploads_by_key[position]
            uploads.append(upload)
            last = (key, upload.id)
    return _Page(uploads, prefixes, *last, False)


@operation("ListMultipartUploads", check_head=check_list_head)
def list_multipart_uploads(context: Context, params: Params) -> Output:
    """Return a page of the open uploads by key and, within a key, in the order of creation.

    NextKeyMarker and NextUploadIdMarker name the last upload listed, even when nothing follows.
    """
    encode = parse_encoding_type(params.get("EncodingType"))
    text = url_encoded if encode else str
    limit = page_size(params, "MaxUploads")
    bucket = context.bucket
    with bucket.lock:
        context.ensure_exists(bucket)
        page = _page(bucket, params, limit)
    delimiter, prefix = params.get("Delimiter"), params.get("Prefix")
    return {
        "Bucket": bucket.name,
        "KeyMarker": text(params.get("KeyMarker", "")),
        "UploadIdMarker": params.get("UploadIdMarker", "") if params.get("KeyMarker") else "",
        "NextKeyMarker": text(page.next_key),
        "NextUploadIdMarker": page.next_upload,
        "Delimiter": text(delimiter) if delimiter else None,
        "Prefix": text(prefix) if prefix else None,
        "EncodingType": params.get("EncodingType"),
        "MaxUploads": limit,
        "IsTruncated": page.truncated,
        "Uploads": [upload_entry(context, upload, text(upload.key)) for upload in page.uploads],
        "CommonPrefixes": [{"Prefix": text(prefix)} for prefix in page.prefixes],
    }


def upload_entry(context: Context, upload: Upload, key: str) -> Output:
    """Return the entry of an upload in a listing. ``key`` is the key as the listing spells it (it may be URL-encoded)."""
    return {
        "Key": key,
        "UploadId": upload.id,
        "Initiator": _initiator(context, upload),
        "Owner": context.owner_element(context.owner_of(context.bucket, upload.owner)),
        "StorageClass": upload.properties.storage_class,
        "Initiated": upload.initiated,
        "ChecksumAlgorithm": upload.algorithm,
        "ChecksumType": upload.checksum_type,
    }
