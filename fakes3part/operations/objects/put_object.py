"""PutObject."""

from __future__ import annotations

from ...rules import checksums
from ...rules.conditions import WRITE_CONDITIONS, check_write
from ...rules.etags import check_content_md5, md5_of
from ...rules.object_properties import object_properties
from ...state.bucket import GENERAL_PURPOSE, Bucket
from ...state.objects import Checksum, Data, Version
from ..context import Context, response_version_id
from ..lifecycle_headers import expiration_header
from ..object_encryption import choose_encryption
from ..object_lock import check_has_digest, lock_of_new_version, requested_lock
from ..object_ownership import owner_and_acl
from ..registry import Output, Params, operation
from ..write_head import check_write_head


def as_data(body: bytes, digests: dict[str, str] | None = None) -> Data:
    """Return the bytes as they are stored; ``digests`` are those known already (`Data.digests`), None: there are none."""
    return Data((body,) if body else (), digests)


@operation("PutObject", check_head=check_write_head)
def put_object(context: Context, params: Params) -> Output:
    """Store an object, if its digests match the body and its conditions hold."""
    return store_object(context, params, params.get("Body", b""), context.sent_checksum())


def store_object(
    context: Context,
    params: Params,
    body: bytes,
    checksum: checksums.SentChecksum | None,
    event: str = "ObjectCreated:Put",
) -> Output:
    """Store an object, for PutObject and PostObject. `check_write_head` has checked the params.

    Args:
        params: PutObject's members; ``Body`` is ignored.
        body: the object's bytes.
        checksum: the checksum that the client sent; None: it sent none.
        event: the event to publish.

    Raises:
        S3Error: nothing was stored.
    """
    bucket, key = context.bucket, params["Key"]
    owner, acl = owner_and_acl(context, bucket, params)
    properties = object_properties(params, bucket.kind)
    lock = requested_lock(context, bucket, params)
    encryption = choose_encryption(context, bucket, params)
    data = Data((body,) if body else (), context.digests)
    md5 = md5_of(data)
    if "ContentMD5" in params:
        check_content_md5(params["ContentMD5"], md5, expected_in_hex=True)
    verified = checksums.verify_checksum(data, checksum)
    if verified is None and bucket.object_lock is not None:
        check_has_digest(context, bucket, lock)
    stored_checksum = verified or default_checksum(data)
    etag = md5.hex() if encryption.has_md5_etag else context.ids.etag()
    with bucket.lock:
        context.ensure_exists(bucket)
        if not WRITE_CONDITIONS.isdisjoint(params):
            check_write(params, key, bucket.current(key))
        version_id, now = context.new_version_id(bucket), context.now()
        if bucket.object_lock is not None:
            lock = lock_of_new_version(bucket, lock, now)
        version = Version(
            key, version_id, now, owner, etag, data, properties, stored_checksum, encryption=encryption, acl=acl, lock=lock
        )
        bucket.store(version)
        context.add_event(event, bucket, key, version)
    if properties.storage_class != "STANDARD":
        add_storage_class_header(context, bucket, properties.storage_class)
    return {
        "ETag": f'"{etag}"',
        "VersionId": response_version_id(bucket, version),
        "Expiration": None if bucket.lifecycle is None else expiration_header(bucket, version),
        **encryption.response_members,
        **checksums.checksum_output(stored_checksum),
    }


def add_storage_class_header(context: Context, bucket: Bucket, storage_class: str) -> None:
    """Add ``x-amz-storage-class`` to the response of a write, for which outputs have no member.

    Recorded from AWS, September 2026, for PutObject into another class than STANDARD. Assumed: CopyObject and
    CompleteMultipartUpload have it too, and responses of other kinds of bucket do not.
    """
    if storage_class != "STANDARD" and bucket.kind is GENERAL_PURPOSE:
        context.headers.append(("x-amz-storage-class", storage_class))


def default_checksum(data: Data) -> Checksum:
    """Return the checksum that S3 computes when the client sends none: CRC64NVME of the whole object."""
    return checksums.computed(data, checksums.DEFAULT)
