"""CopyObject, and the source of every copy."""

from __future__ import annotations

from dataclasses import replace

from ..errors import S3Error, invalid_argument
from ..rules import checksums
from ..rules.carried import ARCHIVED, carried
from ..rules.conditions import check_source, check_write, check_write_headers
from ..rules.copysource import copy_source
from ..rules.encryption import ASKED
from ..rules.etags import md5_of, quoted
from ..rules.limits import MAX_UPLOAD
from ..state.bucket import Bucket
from ..state.encryption import Encryption
from ..state.objects import NULL, Carried, Data, Version
from .context import Context, find_version, read_version_id, shown_version_id
from .encrypting import check_readable, chosen
from .granting import owner_and_acl
from .registry import Output, Params, operation

_DIRECTIVES = ("COPY", "REPLACE")
_CHANGES = ASKED | {"StorageClass", "WebsiteRedirectLocation"}
_ONTO_ITSELF = (
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, "
    "storage class, website redirect location or encryption attributes."
)


def find_source(s3: Context, params: Params, operation: str) -> tuple[Bucket, Version, str | None]:
    """The source of a copy, its conditions checked: its bucket, its version and the version id to answer with.

    Raises:
        S3Error: what is wrong with the header, the source, its key, or its conditions; NotImplemented names ``operation``.
    """
    if s3.request.headers.get("content-length", "0") != "0":
        raise S3Error(
            "InvalidRequest",
            "The request included a body. Requests of this type must not include a non-empty body.",
        )
    source = copy_source(params["CopySource"], operation)
    bucket = s3.source_bucket(source.bucket)
    s3.authorize("s3:GetObject", bucket, source.key, source.version_id)
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
    check_readable(s3, params, version.encryption, "CopySource")
    check_source(params, version)
    if version.carried.storage_class in ARCHIVED:
        raise S3Error("InvalidObjectState", "Operation is not valid for the source object's storage class")
    return bucket, version, version_id


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


def _carried(params: Params, source: Version) -> tuple[Carried, str]:
    """What the copy keeps: storage class and redirect are never copied, the rest as the directives say."""
    metadata = _directive(params, "MetadataDirective", "x-amz-metadata-directive", "metadata")
    tagging = _directive(params, "TaggingDirective", "x-amz-tagging-directive", "tagging")
    kept = carried(params)
    if metadata == "COPY":
        kept = replace(kept, system=source.carried.system, metadata=source.carried.metadata)
    if tagging == "COPY":
        kept = replace(kept, tags=source.carried.tags)
    return kept, metadata


def _check_changes_something(bucket: Bucket, source: Version, params: Params) -> None:
    """A copy onto itself must change something; bringing back an older version does.

    So does any word on encryption, even for what is there already: in the request, or to the bucket (PutBucketEncryption). And
    an object under a key of KMS or of the client would become another without a word. All this is recorded.
    A suspended bucket may also turn a version with an id into its null version: recorded so.
    """
    becomes_null = bucket.versioning == "Suspended" and source.id != NULL
    encrypts = bucket.encryption is not None or not source.encryption.has_md5_etag
    if source is bucket.current(source.key) and not (becomes_null or encrypts or _CHANGES & params.keys()):
        raise S3Error("InvalidRequest", _ONTO_ITSELF)


@operation("CopyObject")
def copy_object(s3: Context, params: Params) -> Output:
    """Copy an object within S3; the bytes are shared, not copied. The copy of a multipart object has one part."""
    check_write_headers(params)
    source_bucket, source, source_id = find_source(s3, params, "CopyObject")
    check_source_size(source.size)
    bucket, key = s3.bucket, params["Key"]
    owner, acl = owner_and_acl(s3, bucket, params)
    kept, directive = _carried(params, source)
    if source_bucket is bucket and source.key == key and directive == "COPY":
        _check_changes_something(bucket, source, params)
    encryption = chosen(s3, bucket, params, copying=True)
    assert source.data is not None
    data = Data(source.data.segments, source.data.digests)
    etag = new_etag(s3, encryption, source, data)
    named = params.get("ChecksumAlgorithm")
    algorithm = checksums.known_algorithm(named).name if named else _algorithm_of(source)
    checksum = checksums.computed(data, algorithm)
    with bucket.lock:
        s3.ensure(bucket)
        check_write(params, key, bucket.current(key))
        version = Version(
            key, s3.new_version_id(bucket), s3.now(), owner, etag, data, kept, checksum, encryption=encryption, acl=acl
        )
        bucket.store(version)
    return {
        "CopyObjectResult": {
            "ETag": quoted(etag),
            "LastModified": version.last_modified,
            **checksums.as_output(checksum),
        },
        "CopySourceVersionId": source_id,
        "VersionId": shown_version_id(bucket, version),
        **encryption.shown,
    }


def new_etag(s3: Context, encryption: Encryption, source: Version, data: Data) -> str:
    """The ETag of (a part of) a source's bytes under another encryption: an MD5 that is known is not computed again."""
    if not encryption.has_md5_etag:
        return s3.ids.etag()
    known = source.data is not None and source.data.segments is data.segments and not source.parts
    return source.etag if known and source.encryption.has_md5_etag else md5_of(data).hex()


def _algorithm_of(source: Version) -> str:
    return source.checksum.algorithm if source.checksum else checksums.DEFAULT
