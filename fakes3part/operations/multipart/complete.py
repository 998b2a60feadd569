"""CompleteMultipartUpload: makes one object of the listed parts, or changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from itertools import pairwise
from typing import Any

from ...errors import S3Error, invalid_argument
from ...rules import checksums
from ...rules.conditions import check_write, check_write_headers
from ...rules.etags import composite_etag, quote_etag, unquote_etag
from ...rules.sse_c import check_upload
from ...state.bucket import DIRECTORY, Bucket
from ...state.objects import Checksum, ObjectPart, Part, Version
from ...state.synthetic_data import join
from ...state.uploads import CompletedUpload, Upload
from ..context import Context, response_version_id
from ..lifecycle_headers import expiration_header
from ..object_encryption import check_may_decrypt, complete_members
from ..object_lock import lock_of_new_version
from ..object_url import object_url
from ..objects.put_object import add_storage_class_header
from ..registry import Output, Params, operation
from .uploads import find_upload

_FORM = "application/x-www-form-urlencoded"


def _check_head(params: Params, headers: Mapping[str, str]) -> None:
    check_write_headers(params)


def _check_upload_exists(context: Context, params: Params) -> None:
    """Raise NoSuchUpload unless the upload is open, or was completed: then the request may be the same one again."""
    bucket = context.bucket
    with bucket.lock:
        completed = bucket.completed_uploads.get(params["UploadId"])
        if completed is None or completed.key != params["Key"]:
            find_upload(bucket, params)


@operation("CompleteMultipartUpload", check_head=_check_head, check_bucket=_check_upload_exists)
def complete_multipart_upload(context: Context, params: Params) -> Output:
    """Assemble the object from the listed parts and drop the parts that are not listed.

    After an error the upload stays open. The same request sent again gets the same response: the operation is idempotent.
    """
    listed = _requested_parts(context, params)
    bucket = context.bucket
    with bucket.lock:
        context.ensure_exists(bucket)
        repeated = _earlier_completion(bucket, params, listed)
        if repeated is not None:
            add_storage_class_header(context, bucket, repeated.storage_class)
            return repeated.output
        upload = find_upload(bucket, params)
        check_upload(params, upload.encryption)
        check_may_decrypt(context, upload.encryption)
        check_write(
            params,
            upload.key,
            bucket.current(upload.key),
            deleted_since=upload.deleted_since,
            written_since=upload.written_since,
        )
        parts = _check_parts(bucket, context.settings.min_part_size, upload, params, listed)
        checksum = _object_checksum(upload, parts)
        _check_object(context, upload, params, parts, checksum)
        version = _version(context, upload, parts, checksum)
        bucket.complete_upload(upload, version)
        context.add_event("ObjectCreated:CompleteMultipartUpload", bucket, upload.key, version)
        add_storage_class_header(context, bucket, upload.properties.storage_class)
        output = {
            "Location": object_url(context, bucket.name, upload.key),
            "Bucket": bucket.name,
            "Key": upload.key,
            "ETag": quote_etag(version.etag),
            "VersionId": response_version_id(bucket, version),
            "Expiration": None if bucket.lifecycle is None else expiration_header(bucket, version),
            **complete_members(upload.encryption),
            **_checksum_members(upload, checksum),
        }
        completed = CompletedUpload(upload.key, _digest_of(listed), output, upload.properties.storage_class)
        bucket.remember_completed(upload.id, completed)
        return output


def preview_complete(bucket: Bucket, upload: Upload, min_part_size: int) -> tuple[list[Part], str]:
    """Return the parts and the ETag of the object that a CompleteMultipartUpload of all parts would make. Nothing is changed.

    Raises:
        S3Error: the error that it would be refused with.
    """
    listed = [{"PartNumber": part.number, "ETag": part.etag, **_listed_checksum(upload, part)} for part in upload.parts.values()]
    if not listed:
        raise S3Error("InvalidRequest", "You must specify at least one part")
    parts = _check_parts(bucket, min_part_size, upload, {}, listed)
    return parts, composite_etag(parts)


def _listed_checksum(upload: Upload, part: Part) -> dict[str, str]:
    """Return the member by which a client lists the checksum of a part; empty if the upload has none."""
    if upload.algorithm is None or part.checksum is None:
        return {}
    return {checksums.ALGORITHMS[upload.algorithm].member: part.checksum.value}


def _requested_parts(context: Context, params: Params) -> list[dict[str, Any]]:
    """Return the parts that the request lists.

    A body with the Content-Type of a form counts as no body (botocore's model documentation warns of it).

    Raises:
        S3Error: InvalidRequest without a body, MalformedXML without a complete part, InvalidArgument for a number below 1.
    """
    document = params.get("MultipartUpload")
    if document is None or context.request.headers.get("content-type", "").lower().startswith(_FORM):
        raise S3Error("InvalidRequest", "You must specify at least one part")
    parts: list[dict[str, Any]] = document.get("Parts", [])
    if not parts or any("ETag" not in part or "PartNumber" not in part for part in parts):
        raise S3Error("MalformedXML")
    for part in parts:
        if part["PartNumber"] < 1:
            raise invalid_argument("PartNumber must be >= 1", "PartNumber", part["PartNumber"])
        _check_checksums_of(part)
    return parts


def _check_checksums_of(part: dict[str, Any]) -> None:
    """Raise InvalidArgument for a part that is listed with several checksums, or with one that is not base64."""
    sent = [(checksums.BY_MEMBER[member], part[member]) for member in part if member in checksums.BY_MEMBER]
    if len(sent) > 1 or any(checksums.decode(value, algorithm.length) is None for algorithm, value in sent):
        value = "".join(f"{algorithm.name}:{value};" for algorithm, value in sent)
        raise invalid_argument("Invalid Base64 or multiple checksums present in request", "Checksum", value)


def _digest_of(listed: list[dict[str, Any]]) -> bytes:
    """Return a digest that identifies a list of parts. It is stored instead of the list, which can have 10,000 parts."""
    return sha256("\n".join(f"{part['PartNumber']} {unquote_etag(part['ETag'])}" for part in listed).encode()).digest()


def _earlier_completion(bucket: Bucket, params: Params, listed: list[dict[str, Any]]) -> CompletedUpload | None:
    """Return what is remembered of the same request before; None: there was none."""
    completed = bucket.completed_uploads.get(params["UploadId"])
    if completed is None or completed.key != params["Key"] or completed.parts != _digest_of(listed):
        return None
    return completed


def _check_parts(bucket: Bucket, min_part_size: int, upload: Upload, params: Params, listed: list[dict[str, Any]]) -> list[Part]:
    """Return the stored parts that the request lists.

    Raises:
        S3Error: InvalidPartOrder, InvalidPart, InvalidRequest, BadDigest, or EntityTooSmall for any part but the last.
    """
    numbers = [part["PartNumber"] for part in listed]
    in_order = all(first < second for first, second in pairwise(numbers))
    consecutive = upload.checksum_type == checksums.COMPOSITE or bucket.kind is DIRECTORY
    if not in_order or (consecutive and numbers != list(range(1, len(numbers) + 1))):
        raise S3Error("InvalidPartOrder", UploadId=upload.id)
    checksum_type = params.get("ChecksumType")
    if checksum_type is not None and checksum_type.upper() != upload.checksum_type:
        raise S3Error(
            "InvalidRequest",
            f"The upload was created using the {upload.checksum_type or 'null'} checksum mode. The complete request must use "
            "the same checksum mode.",
        )
    parts = []
    for position, requested in enumerate(listed, 1):
        part = _find_part(upload, requested)
        if position < len(listed) and part.size < min_part_size:
            raise S3Error(
                "EntityTooSmall",
                ProposedSize=part.size,
                MinSizeAllowed=min_part_size,
                PartNumber=part.number,
                ETag=part.etag,
            )
        parts.append(part)
    return parts


def _find_part(upload: Upload, requested: dict[str, Any]) -> Part:
    """Return the stored part that a listed part refers to: with the same number, ETag and checksum.

    Raises:
        S3Error: InvalidPart, InvalidRequest where a checksum is required, BadDigest for one of another algorithm.
    """
    number, etag = requested["PartNumber"], unquote_etag(requested["ETag"])
    part: Part | None = upload.parts.get(number)
    invalid_part = S3Error("InvalidPart", UploadId=upload.id, PartNumber=number, ETag=etag)
    if part is None or part.etag != etag:
        raise invalid_part
    checksum = next(((member, requested[member]) for member in requested if member in checksums.BY_MEMBER), None)
    if checksum is None:
        if upload.checksum_type == checksums.COMPOSITE:
            raise S3Error(
                "InvalidRequest",
                f"The upload was created using a {str(upload.algorithm).lower()} checksum. The complete request must include "
                f"the checksum for each part. It was missing for part {number} in the request.",
            )
        return part
    name = checksums.BY_MEMBER[checksum[0]].name
    if upload.algorithm is None:
        raise invalid_part
    if name != upload.algorithm:
        raise S3Error("BadDigest", f"The {name.lower()} you specified for part {number} did not match what we received.")
    if part.checksum is None or part.checksum.value != checksum[1]:
        raise invalid_part
    return part


def _object_checksum(upload: Upload, parts: list[Part]) -> Checksum | None:
    """Return the object's checksum, from those of the parts, without reading the bytes again.

    None: with SSE-C S3 computes a checksum only if the upload was created with an algorithm; nor are terabytes of synthetic
    parts hashed without one.
    """
    if upload.algorithm is None and (upload.encryption.customer is not None or any(part.data.is_opaque for part in parts)):
        return None
    algorithm = upload.algorithm or checksums.DEFAULT
    values = [(checksums.digest(part.data, algorithm), part.size) for part in parts]
    if upload.checksum_type == checksums.COMPOSITE:
        return checksums.composite_checksum(algorithm, (value for value, _ in values))
    return checksums.combine_crcs(algorithm, values)


def _checksum_members(upload: Upload, checksum: Checksum | None) -> Output:
    """Return the checksum's members. With SSE-KMS a checksum that the client did not request is returned by reads only."""
    hidden = upload.algorithm is None and upload.encryption.key_arn is not None
    return {} if hidden else checksums.checksum_output(checksum)


def _check_object(context: Context, upload: Upload, params: Params, parts: list[Part], checksum: Checksum | None) -> None:
    """Check the size and the checksum that the request declares for the whole object.

    A FULL_OBJECT value is accepted only together with ``x-amz-checksum-type: FULL_OBJECT``, and one in the form of a COMPOSITE
    value (``-N``) is a wrong one (recorded from AWS, February 2026). A COMPOSITE value may lack the ``-N``: minio-go sends it so.

    Raises:
        S3Error: InvalidRequest or BadDigest.
    """
    size, total = params.get("MpuObjectSize"), sum(part.size for part in parts)
    if size is not None and size != total:
        raise S3Error(
            "InvalidRequest",
            f"The provided 'x-amz-mp-object-size' header value {size} does not match what was computed: {total}",
        )
    sent = [(checksums.BY_MEMBER[member], params[member]) for member in params if member in checksums.BY_MEMBER]
    if len(sent) > 1:
        raise checksums.only_one()
    if not sent or upload.algorithm is None or checksum is None:
        return
    algorithm, value = sent[0]
    digest, dash, count = value.partition("-")
    composite = upload.checksum_type == checksums.COMPOSITE
    if checksums.decode(digest, algorithm.length) is None or (dash and not count.isdecimal()):
        raise S3Error("InvalidRequest", f"Value for {algorithm.header} header is invalid.")
    is_accepted = composite or params.get("ChecksumType") is not None
    expected = checksum.value if dash else checksum.value.partition("-")[0]
    if not is_accepted or algorithm.name != upload.algorithm or value != expected:
        raise S3Error("BadDigest", f"The {upload.algorithm.lower()} you specified did not match the calculated checksum.")


def _version(context: Context, upload: Upload, parts: list[Part], checksum: Checksum | None) -> Version:
    has_part_checksums = upload.algorithm is not None
    now = context.now()
    return Version(
        key=upload.key,
        id=context.new_version_id(context.bucket),
        last_modified=now,
        owner=upload.owner,
        etag=context.ids.etag() if context.bucket.kind is DIRECTORY else composite_etag(parts),
        data=join([part.data for part in parts]),
        properties=upload.properties,
        checksum=checksum,
        parts=tuple(ObjectPart(part.size, part.checksum if has_part_checksums else None) for part in parts),
        encryption=upload.encryption,
        acl=upload.acl,
        lock=lock_of_new_version(context.bucket, upload.lock, now),
    )
