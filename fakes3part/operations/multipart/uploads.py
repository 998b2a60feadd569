"""CreateMultipartUpload, UploadPart, UploadPartCopy and AbortMultipartUpload."""

from __future__ import annotations

from collections.abc import Mapping

from ...errors import S3Error, invalid_argument
from ...rules import checksums
from ...rules.etags import check_content_md5, md5_of, quote_etag
from ...rules.limits import MAX_PARTS
from ...rules.object_properties import object_properties
from ...rules.ranges import copy_range
from ...rules.sse_c import check_part
from ...state.bucket import Bucket
from ...state.objects import Checksum, Data, Part
from ...state.uploads import Upload
from ..access_times import record_access
from ..context import Context
from ..lifecycle_headers import abort_members
from ..object_encryption import check_may_decrypt, choose_encryption
from ..object_lock import check_has_digest, requested_lock
from ..object_ownership import owner_and_acl
from ..objects.copy_object import check_source_head, check_source_size, find_source, new_etag
from ..objects.put_object import as_data
from ..registry import Output, Params, operation
from ..write_head import check_write_head


def _check_new_upload(params: Params, headers: Mapping[str, str]) -> None:
    checksums.upload_type(params.get("ChecksumAlgorithm"), params.get("ChecksumType"))
    check_write_head(params, headers)


@operation("CreateMultipartUpload", check_head=_check_new_upload)
def create_multipart_upload(context: Context, params: Params) -> Output:
    """Open an upload with the properties of the future object. A key can have any number of open uploads."""
    algorithm, checksum_type = checksums.upload_type(params.get("ChecksumAlgorithm"), params.get("ChecksumType"))
    bucket, key = context.bucket, params["Key"]
    owner, acl = owner_and_acl(context, bucket, params)
    properties = object_properties(params, bucket.kind)
    lock = requested_lock(context, bucket, params)
    encryption = choose_encryption(context, bucket, params)
    with bucket.lock:
        context.ensure_exists(bucket)
        upload = Upload(
            id=context.ids.upload_id(),
            key=key,
            sequence=bucket.next_sequence(),
            initiated=context.now(),
            owner=owner,
            initiator=context.account,
            initiating_user=context.caller.arn if context.caller.identity else None,
            properties=properties,
            algorithm=algorithm,
            checksum_type=checksum_type,
            encryption=encryption,
            acl=acl,
            lock=lock,
        )
        bucket.open_upload(upload)
    return {
        "Bucket": bucket.name,
        "Key": key,
        "UploadId": upload.id,
        "ChecksumAlgorithm": algorithm,
        "ChecksumType": checksum_type,
        **encryption.response_members,
        **abort_members(bucket, upload),
    }


def find_upload(bucket: Bucket, params: Params) -> Upload:
    """Return the open upload that a request names. Call it under the bucket's lock.

    An upload id is valid for its bucket and its key only.

    Raises:
        S3Error: NoSuchUpload, with the id as sent.
    """
    upload = bucket.uploads.get(params["UploadId"])
    if upload is None or upload.key != params["Key"]:
        raise S3Error("NoSuchUpload", UploadId=params["UploadId"])
    return upload


def check_part_number(number: int) -> None:
    """Raise InvalidArgument for a number that is not between 1 and 10,000."""
    if not 1 <= number <= MAX_PARTS:
        raise invalid_argument(f"Part number must be an integer between 1 and {MAX_PARTS}, inclusive", "partNumber", number)


def _store_part(context: Context, params: Params, part: Part) -> None:
    """Store the part, in place of one with the same number.

    Raises:
        S3Error: NoSuchUpload, if the upload was closed meanwhile.
    """
    bucket = context.bucket
    with bucket.lock:
        bucket.put_part(find_upload(bucket, params), part)


def _check_encryption(context: Context, upload: Upload, params: Params) -> None:
    """Check the SSE-C key of a part, and with SSE-KMS that the caller may use the upload's key.

    Raises:
        S3Error: InvalidArgument, InvalidRequest, AccessDenied, or one of KMS's.
    """
    check_part(params, upload.encryption)
    check_may_decrypt(context, upload.encryption)


def _part_checksum(context: Context, upload: Upload, data: Data) -> Checksum | None:
    """Return the verified checksum of a part; None: none was sent, and the upload needs none.

    An upload with a FULL_OBJECT checksum needs one for every part: it is computed if it was not sent.

    Raises:
        S3Error: InvalidRequest for another algorithm than the upload's, or BadDigest.
    """
    sent = context.sent_checksum()
    if sent is None:
        check_has_digest(context, context.bucket, upload.lock, "Part")
    if upload.algorithm is not None:
        actual = sent.algorithm.name if sent else None
        if actual != upload.algorithm and not (sent is None and upload.checksum_type == checksums.FULL_OBJECT):
            raise S3Error(
                "InvalidRequest",
                f"Checksum Type mismatch occurred, expected checksum Type: {upload.algorithm.lower()}, actual checksum "
                f"Type: {actual.lower() if actual else 'null'}",
            )
        if sent is None:
            return checksums.computed(data, upload.algorithm)
    return checksums.verify_checksum(data, sent)


def _check_part(params: Params, headers: Mapping[str, str]) -> None:
    check_part_number(params["PartNumber"])


def _check_copied_part(params: Params, headers: Mapping[str, str]) -> None:
    check_part_number(params["PartNumber"])
    check_source_head(params, headers)


@operation("UploadPart", check_head=_check_part)
def upload_part(context: Context, params: Params) -> Output:
    """Store one part, in place of an earlier part with the same number."""
    number = params["PartNumber"]
    bucket = context.bucket
    with bucket.lock:
        upload = find_upload(bucket, params)
    _check_encryption(context, upload, params)
    data = as_data(params.get("Body", b""), context.digests)
    md5 = md5_of(data)
    check_content_md5(params.get("ContentMD5"), md5)
    checksum = _part_checksum(context, upload, data)
    etag = md5.hex() if upload.encryption.has_md5_etag else context.ids.etag()
    _store_part(context, params, Part(number, data, etag, context.now(), checksum))
    return {
        "ETag": quote_etag(etag),
        **upload.encryption.response_members,
        **checksums.checksum_output(checksum, with_type=False),
    }


@operation("UploadPartCopy", check_head=_check_copied_part)
def upload_part_copy(context: Context, params: Params) -> Output:
    """Store an object, or a range of it, as one part. The bytes are shared, not copied.

    The part's checksum has the upload's algorithm, whatever the source has.
    """
    number = params["PartNumber"]
    bucket = context.bucket
    with bucket.lock:
        upload = find_upload(bucket, params)
    _check_encryption(context, upload, params)
    source_bucket, source, _, source_id = find_source(context, params)
    assert source.data is not None
    header = params.get("CopySourceRange")
    start, stop = copy_range(header, source.size) if header is not None else (0, source.size)
    check_source_size(stop - start)
    is_whole = (start, stop) == (0, source.size)
    data = source.data if is_whole else source.data.cut(start, stop)
    etag = new_etag(context, upload.encryption, source, data)
    checksum = checksums.computed(data, upload.algorithm) if upload.algorithm else None
    part = Part(number, data, etag, context.now(), checksum)
    _store_part(context, params, part)
    record_access(context, source_bucket, source)
    return {
        "CopyPartResult": {
            "ETag": quote_etag(etag),
            "LastModified": part.last_modified,
            **checksums.checksum_output(checksum, with_type=False),
        },
        "CopySourceVersionId": source_id,
        **upload.encryption.response_members,
    }


@operation("AbortMultipartUpload")
def abort_multipart_upload(context: Context, params: Params) -> Output:
    """Close an upload and delete its parts.

    An upload that was completed is aborted in vain: 204, and the object stays (botocore's tests on AWS; minio's issue 2250).
    """
    bucket = context.bucket
    with bucket.lock:
        completed = bucket.completed_uploads.get(params["UploadId"])
        if completed is None or completed.key != params["Key"]:
            bucket.close_upload(find_upload(bucket, params))
    return {}
