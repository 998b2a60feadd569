"""CopyObject, and the source of every copy."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from ...auth.authorization.evaluate import is_charged
from ...errors import S3Error, invalid_argument
from ...rules import checksums
from ...rules.archived_objects import is_archived
from ...rules.conditions import check_source, check_write, check_write_headers
from ...rules.copy_source import copy_source
from ...rules.directory_buckets import not_supported
from ...rules.encryption import ASKED
from ...rules.etags import md5_of, quoted
from ...rules.limits import MAX_UPLOAD
from ...rules.object_properties import SYSTEM, carried
from ...state.bucket import DIRECTORY, GENERAL_PURPOSE, Bucket
from ...state.encryption import AES256, Encryption
from ...state.objects import NULL, Carried, Data, Version
from ..buckets.acceleration import check_accelerated_source
from ..buckets.lifecycle import shown_expiration
from ..context import Context, find_version, read_version_id, shown_version_id
from ..object_encryption import check_key_and_may_decrypt, choose_encryption
from ..object_lock import lock_of_new_version, requested_lock
from ..object_ownership import owner_and_acl
from ..registry import Output, Params, operation
from .annotations import copied_annotations

_DIRECTIVES = ("COPY", "REPLACE")
_OF_METADATA = frozenset([*SYSTEM, "Metadata"])
_OF_TAGGING = frozenset(["Tagging"])
_CHANGES = ASKED | {"StorageClass", "WebsiteRedirectLocation"}
_ONTO_ITSELF = (
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, "
    "storage class, website redirect location or encryption attributes."
)


class Source(NamedTuple):
    """What a copy copies. ``asked``: the version id that the request named; ``shown``: the one to answer with."""

    bucket: Bucket
    version: Version
    requested_version_id: str | None
    response_version_id: str | None


def find_source(context: Context, params: Params) -> Source:
    """The source of a copy: there, readable to the caller, its conditions checked.

    Raises:
        S3Error: what is wrong with the header, the source, its key, or its conditions.
    """
    if context.request.headers.get("content-length", "0") != "0":
        raise S3Error(
            "InvalidRequest",
            "The request included a body. Requests of this type must not include a non-empty body.",
        )
    source = copy_source(params["CopySource"])
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
        version_id = read_version_id(bucket, version)
    check_key_and_may_decrypt(context, params, version.encryption, "CopySource")
    now = context.clock.now()
    check_source(params, version, now)
    if is_archived(version, now):
        raise S3Error("InvalidObjectState", "Operation is not valid for the source object's storage class")
    if is_charged(context.caller, bucket) and not is_charged(context.caller, context.bucket):
        # What the destination costs is told by the pipeline, and one header tells it of both.
        context.headers.append(("x-amz-request-charged", "requester"))
    return Source(bucket, version, source.version_id, version_id)


def check_source_size(size: int) -> None:
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


def _carried(params: Params, source: Version, kind: str) -> tuple[Carried, str]:
    """What the copy keeps: storage class and redirect are never copied, the rest as the directives say.

    What a directive takes from the source is not even looked at in the request.
    """
    metadata = _directive(params, "MetadataDirective", "x-amz-metadata-directive", "metadata")
    tagging = _directive(params, "TaggingDirective", "x-amz-tagging-directive", "tagging")
    of_source: frozenset[str] = frozenset()
    of_source |= _OF_METADATA if metadata == "COPY" else of_source
    of_source |= _OF_TAGGING if tagging == "COPY" else of_source
    kept = carried({member: value for member, value in params.items() if member not in of_source}, kind)
    if metadata == "COPY":
        kept = replace(kept, system=source.carried.system, metadata=source.carried.metadata)
    if tagging == "COPY":
        kept = replace(kept, tags=source.carried.tags)
    return kept, metadata


def _check_changes_something(bucket: Bucket, source: Version, params: Params) -> None:
    """A copy onto itself must change something; bringing back an older version does.

    So does any word on encryption, even for what is there already: in the request, or to the bucket (PutBucketEncryption). And
    an object under a key of KMS or of the client would become another without a word. All this is recorded.
    A suspended bucket may also turn a version with an id into its null version: recorded so. And the restored copy of what is in
    an archive becomes an object of its own, in another storage class.
    """
    becomes_null = bucket.versioning == "Suspended" and source.id != NULL
    told = bucket.encryption is not None and bucket.kind is GENERAL_PURPOSE
    encrypts = told or source.encryption.algorithm != AES256
    changes = becomes_null or encrypts or source.restore is not None or _CHANGES & params.keys()
    if source is bucket.current(source.key) and not changes:
        raise S3Error("InvalidRequest", _ONTO_ITSELF)


@operation("CopyObject")
def copy_object(context: Context, params: Params) -> Output:
    """Copy an object within S3; the bytes are shared, not copied. The copy of a multipart object has one part."""
    check_write_headers(params)
    found = find_source(context, params)
    source = found.version
    check_source_size(source.size)
    bucket, key = context.bucket, params["Key"]
    owner, acl = owner_and_acl(context, bucket, params)
    kept, directive = _carried(params, source, bucket.kind)
    lock = requested_lock(context, bucket, params)
    if kept.tags and bucket.kind is DIRECTORY:
        raise not_supported("x-amz-tagging")
    if kept.tags and kept.tags is source.carried.tags:
        context.authorize_source("s3:GetObjectTagging", found.bucket, source.key, found.requested_version_id)
        context.authorize("s3:PutObjectTagging", bucket, key)
    if found.bucket is bucket and source.key == key and directive == "COPY":
        _check_changes_something(bucket, source, params)
    encryption = choose_encryption(context, bucket, params, copying=True)
    assert source.data is not None
    data = source.data
    etag = new_etag(context, encryption, source, data)
    named = params.get("ChecksumAlgorithm")
    algorithm = checksums.known_algorithm(named).name if named else _algorithm_of(source)
    checksum = checksums.computed(data, algorithm)
    attached = copied_annotations(context, params, found.bucket, source, encryption)
    with bucket.lock:
        context.ensure(bucket)
        check_write(params, key, bucket.current(key))
        version_id, now = context.new_version_id(bucket), context.now()
        lock = lock_of_new_version(bucket, lock, now)
        version = Version(key, version_id, now, owner, etag, data, kept, checksum, encryption=encryption, acl=acl, lock=lock)
        version.annotations = attached
        bucket.store(version)
        context.add_event("ObjectCreated:Copy", bucket, key, version)
    return {
        "CopyObjectResult": {
            "ETag": quoted(etag),
            "LastModified": version.last_modified,
            **checksums.as_output(checksum),
        },
        "CopySourceVersionId": found.response_version_id,
        "VersionId": shown_version_id(bucket, version),
        "Expiration": None if bucket.lifecycle is None else shown_expiration(bucket, version),
        **encryption.shown,
    }


def new_etag(context: Context, encryption: Encryption, source: Version, data: Data) -> str:
    """The ETag of (a part of) a source's bytes under another encryption: an MD5 that is known is not computed again."""
    if not encryption.has_md5_etag:
        return context.ids.etag()
    known = source.data is not None and source.data.segments is data.segments and not source.parts
    return source.etag if known and source.encryption.has_md5_etag else md5_of(data).hex()


def _algorithm_of(source: Version) -> str:
    return source.checksum.algorithm if source.checksum else checksums.DEFAULT
