"""CopyObject, and the source of every copy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from ...auth.authorization.evaluate import is_charged
from ...errors import S3Error, invalid_argument
from ...rules import checksums
from ...rules.archived_objects import check_tier, is_archived
from ...rules.conditions import check_source, check_write, check_write_headers
from ...rules.copy_source import copy_source
from ...rules.directory_buckets import not_supported
from ...rules.encryption import ENCRYPTION_MEMBERS
from ...rules.etags import md5_of, quote_etag
from ...rules.limits import MAX_UPLOAD
from ...rules.object_properties import SYSTEM, object_properties
from ...state.bucket import DIRECTORY, GENERAL_PURPOSE, Bucket
from ...state.encryption import AES256, Encryption
from ...state.objects import NULL, Data, ObjectProperties, Version
from ..access_times import record_access
from ..buckets.acceleration import check_accelerated_source
from ..context import Context, find_version, read_response_version_id
from ..lifecycle_headers import expiration_header
from ..object_encryption import check_key_and_may_decrypt, choose_encryption
from ..object_lock import lock_of_new_version, requested_lock
from ..object_ownership import owner_and_acl
from ..registry import Output, Params, operation
from ..write_head import check_lock_and_encryption
from .annotations import copied_annotations
from .put_object import add_storage_class_header

_DIRECTIVES = ("COPY", "REPLACE")
_METADATA_MEMBERS = frozenset([*SYSTEM, "Metadata"])
_TAGGING_MEMBERS = frozenset(["Tagging"])
_CHANGING_MEMBERS = ENCRYPTION_MEMBERS | {"StorageClass", "WebsiteRedirectLocation"}
_ONTO_ITSELF = (
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, "
    "storage class, website redirect location or encryption attributes."
)


class Source(NamedTuple):
    """The source of a copy.

    ``requested_version_id`` is the version id of the request (None: it has none), ``response_version_id`` that of the response.
    """

    bucket: Bucket
    version: Version
    requested_version_id: str | None
    response_version_id: str | None


def check_source_head(params: Params, headers: Mapping[str, str]) -> None:
    """Check that a copy has no body, and that its source can be read.

    Raises:
        S3Error: InvalidRequest, InvalidArgument.
    """
    if headers.get("content-length", "0") != "0":
        raise S3Error(
            "InvalidRequest",
            "The request included a body. Requests of this type must not include a non-empty body.",
        )
    copy_source(params["CopySource"], legacy_names=True)  # whether such names are allowed here is judged later


def find_source(context: Context, params: Params) -> Source:
    """Find and authorize the source of a copy, and check its conditions.

    Raises:
        S3Error: of the header, the bucket, the version, its encryption, or its conditions.
    """
    source = copy_source(params["CopySource"], legacy_names="bucket_names" in context.request.lenient)
    bucket = context.source_bucket(source.bucket)
    check_accelerated_source(context, bucket)
    context.authorize_source("s3:GetObject", bucket, source.key, source.version_id)
    with bucket.lock:
        try:
            version = find_version(bucket, source.key, source.version_id)
        except S3Error as error:
            if error.code == "MethodNotAllowed":
                raise S3Error(
                    "InvalidRequest",
                    "The source of a copy request may not specifically refer to a delete marker by version id.",
                ) from None
            raise
        version_id = read_response_version_id(bucket, version)
    check_key_and_may_decrypt(context, params, version.encryption, "CopySource")
    now = context.clock.now()
    check_source(params, version, now)
    check_tier(version, now)
    if is_archived(version, now):
        raise S3Error("InvalidObjectState", "Operation is not valid for the source object's storage class")
    if is_charged(context.caller, bucket) and not is_charged(context.caller, context.bucket):
        # The pipeline adds the header for the destination; one header stands for both.
        context.headers.append(("x-amz-request-charged", "requester"))
    return Source(bucket, version, source.version_id, version_id)


def check_source_size(size: int) -> None:
    """Raise InvalidRequest for more bytes than one copy may have."""
    if size > MAX_UPLOAD:
        raise S3Error(
            "InvalidRequest",
            f"The specified copy source is larger than the maximum allowable size for a copy source: {MAX_UPLOAD}",
        )


def _directive(params: Params, member: str, name: str, kind: str) -> str:
    value = str(params.get(member, "COPY"))
    if value not in _DIRECTIVES:
        raise invalid_argument(f"Unknown {kind} directive.", name, value)
    return value


def _directives(params: Params) -> tuple[str, str]:
    """Return the directives of metadata and tags."""
    metadata = _directive(params, "MetadataDirective", "x-amz-metadata-directive", "metadata")
    return metadata, _directive(params, "TaggingDirective", "x-amz-tagging-directive", "tagging")


def _copied_properties(params: Params, source: Version, kind: str) -> tuple[ObjectProperties, str]:
    """Return the properties of the copy, and the metadata directive.

    Storage class and redirect location are never copied; metadata and tags are, unless their directive is REPLACE. What a
    directive copies is ignored in the request.
    """
    metadata, tagging = _directives(params)
    ignored: frozenset[str] = frozenset()
    ignored |= _METADATA_MEMBERS if metadata == "COPY" else ignored
    ignored |= _TAGGING_MEMBERS if tagging == "COPY" else ignored
    properties = object_properties({member: value for member, value in params.items() if member not in ignored}, kind)
    if metadata == "COPY":
        properties = replace(properties, system=source.properties.system, metadata=source.properties.metadata)
    if tagging == "COPY":
        properties = replace(properties, tags=source.properties.tags)
    return properties, metadata


def _check_changes_something(bucket: Bucket, copied: Source, params: Params) -> None:
    """Raise InvalidRequest for a copy of the current version onto itself that changes nothing.

    In a bucket with versioning this is legal if the source names a version, the current one included (moto's tests on AWS).

    Counted as changes (recorded from AWS): any encryption header, or a default encryption set on the bucket, even if it is the
    encryption that the object has; a source encrypted with KMS or SSE-C; a version with an id that becomes the null version of a
    bucket with suspended versioning; a restored object.
    """
    source = copied.version
    if copied.requested_version_id is not None and bucket.versioning is not None:
        return
    becomes_null = bucket.versioning == "Suspended" and source.id != NULL
    has_default_encryption = bucket.encryption is not None and bucket.kind is GENERAL_PURPOSE
    encrypts = has_default_encryption or source.encryption.algorithm != AES256
    changes = becomes_null or encrypts or source.restore is not None or _CHANGING_MEMBERS & params.keys()
    if source is bucket.current(source.key) and not changes:
        raise S3Error("InvalidRequest", _ONTO_ITSELF)


def _check_head(params: Params, headers: Mapping[str, str]) -> None:
    check_write_headers(params)
    check_source_head(params, headers)
    _directives(params)
    check_lock_and_encryption(params)
    if params.get("ChecksumAlgorithm"):
        checksums.known_algorithm(params["ChecksumAlgorithm"])


@operation("CopyObject", check_head=_check_head)
def copy_object(context: Context, params: Params) -> Output:
    """Copy an object. The bytes are shared, not copied. The copy of a multipart object has one part."""
    copied = find_source(context, params)
    source = copied.version
    check_source_size(source.size)
    bucket, key = context.bucket, params["Key"]
    owner, acl = owner_and_acl(context, bucket, params)
    properties, directive = _copied_properties(params, source, bucket.kind)
    lock = requested_lock(context, bucket, params)
    if properties.tags and bucket.kind is DIRECTORY:
        raise not_supported("x-amz-tagging")
    if properties.tags and properties.tags is source.properties.tags:
        context.authorize_source("s3:GetObjectTagging", copied.bucket, source.key, copied.requested_version_id)
        context.authorize("s3:PutObjectTagging", bucket, key)
    if copied.bucket is bucket and source.key == key and directive == "COPY":
        _check_changes_something(bucket, copied, params)
    encryption = choose_encryption(context, bucket, params, copying=True)
    assert source.data is not None
    data = source.data
    etag = new_etag(context, encryption, source, data)
    algorithm_name = params.get("ChecksumAlgorithm")
    algorithm = checksums.known_algorithm(algorithm_name).name if algorithm_name else _algorithm_of(source)
    is_computed = algorithm_name or not data.is_opaque or algorithm in data.digests
    checksum = checksums.computed(data, algorithm) if is_computed else None
    annotations = copied_annotations(context, params, copied.bucket, source, encryption)
    with bucket.lock:
        context.ensure_exists(bucket)
        check_write(params, key, bucket.current(key))
        version_id, now = context.new_version_id(bucket), context.now()
        lock = lock_of_new_version(bucket, lock, now)
        version = Version(
            key, version_id, now, owner, etag, data, properties, checksum, encryption=encryption, acl=acl, lock=lock
        )
        version.annotations = annotations
        bucket.store(version)
        context.add_event("ObjectCreated:Copy", bucket, key, version)
    add_storage_class_header(context, bucket, properties.storage_class)
    record_access(context, copied.bucket, source)
    return {
        "CopyObjectResult": {
            "ETag": quote_etag(etag),
            "LastModified": version.last_modified,
            **checksums.checksum_output(checksum),
        },
        "CopySourceVersionId": copied.response_version_id,
        # Recorded from AWS: ``null`` if versioning is suspended, where PutObject's response has none.
        "VersionId": read_response_version_id(bucket, version),
        "Expiration": None if bucket.lifecycle is None else expiration_header(bucket, version),
        **encryption.response_members,
    }


def new_etag(context: Context, encryption: Encryption, source: Version, data: Data) -> str:
    """Return the ETag of a source's bytes, or of a range of them, under an encryption.

    The MD5 is not computed again where the source's ETag is the MD5 of exactly these bytes, and not at all of opaque data.
    """
    if not encryption.has_md5_etag or data.is_opaque:
        return context.ids.etag()
    is_known = source.data is not None and source.data.segments is data.segments and not source.parts
    return source.etag if is_known and source.encryption.has_md5_etag else md5_of(data).hex()


def _algorithm_of(source: Version) -> str:
    return source.checksum.algorithm if source.checksum else checksums.DEFAULT
