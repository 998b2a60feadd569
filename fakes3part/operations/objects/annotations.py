"""PutObjectAnnotation, GetObjectAnnotation, ListObjectAnnotations, DeleteObjectAnnotation; and how a copy takes them along.

Annotations hang on one version and go with it; a change of them is no new version, and Last-Modified and ETag of the object stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from ...errors import S3Error
from ...rules import annotations as rules
from ...rules import checksums, object_lock
from ...rules.directory_buckets import not_supported
from ...rules.etags import check_content_md5, md5_of, quoted
from ...rules.limits import PAGE
from ...rules.listing import decode_token, encode_token
from ...state.bucket import DIRECTORY, Bucket
from ...state.encryption import Encryption
from ...state.objects import Annotation, Data, Version
from ..context import Context, find_version, read_version_id
from ..object_encryption import GENERATE, check_key_use, check_may_decrypt
from ..registry import Output, Params, operation
from .put_object import as_data, default_checksum

_NONE: Mapping[str, Annotation] = {}
_BYPASS = "x-amz-bypass-governance-retention"


@contextmanager
def _parent(context: Context, params: Params, method: str) -> Iterator[tuple[Version, Mapping[str, Annotation], str | None]]:
    """The version that is meant, its annotations and the version id to answer with; inside, the bucket is locked."""
    bucket = context.bucket
    with bucket.lock:
        context.ensure(bucket)
        version = find_version(bucket, params["Key"], params.get("VersionId"), method)
        rules.check_parent(version, params.get("ObjectIfMatch"))
        yield version, version.annotations or _NONE, read_version_id(bucket, version)


def _change(bucket: Bucket, version: Version, kept: Mapping[str, Annotation]) -> None:
    bucket.replace(replace(version, annotations=kept or None))


def _etag(context: Context, encryption: Encryption, data: Data, md5: bytes | None = None) -> str:
    """As an object's: the MD5 of the bytes, unless they are under a key of KMS."""
    return (md5 or md5_of(data)).hex() if encryption.has_md5_etag else context.ids.etag()


def _method(encryption: Encryption) -> str | None:
    """How an annotation is encrypted: as its object. Of the key nothing is told."""
    method: str | None = encryption.shown.get("ServerSideEncryption")
    return method


@operation("PutObjectAnnotation")
def put_object_annotation(context: Context, params: Params) -> Output:
    """Attach a payload to one version, in the place of the one of that name, if any."""
    name, payload = params["AnnotationName"], params.get("AnnotationPayload", b"")
    rules.check_name(name)
    rules.check_payload(payload)
    data = as_data(payload, context.digests)
    md5 = md5_of(data)
    check_content_md5(params.get("ContentMD5"), md5, expected_in_hex=True)
    checksum = checksums.verified(data, context.request.headers, context.trailers) or default_checksum(data)
    with _parent(context, params, "PUT") as (version, there, version_id):
        rules.check_takes_annotations(version)
        if version.encryption.key_arn is not None:
            check_key_use(context, version.encryption.key_arn, GENERATE)
        made = Annotation(name, data, _etag(context, version.encryption, data, md5), context.now(), checksum)
        _change(context.bucket, version, rules.added(there, made))
        context.add_event("ObjectAnnotation:Put", context.bucket, version.key, version)
    return {
        "Key": version.key,
        "AnnotationName": name,
        "ObjectVersionId": version_id,
        "ETag": quoted(made.etag),
        "ServerSideEncryption": _method(version.encryption),
        **checksums.as_output(checksum),
    }


@operation("GetObjectAnnotation")
def get_object_annotation(context: Context, params: Params) -> Output:
    """The payload of one annotation."""
    name, mode = params["AnnotationName"], params.get("ChecksumMode")
    if mode is not None and mode.upper() != "ENABLED":
        raise S3Error("InvalidRequest", "Value for x-amz-checksum-mode header is invalid.")
    with _parent(context, params, "GET") as (version, there, version_id):
        found = there.get(name)
    if found is None:
        raise S3Error("NoSuchAnnotation", Key=version.key, AnnotationName=name)
    check_may_decrypt(context, version.encryption)
    return {
        "AnnotationPayload": found.data.segments,
        "ObjectVersionId": version_id,
        "LastModified": found.last_modified,
        "ContentLength": found.data.size,
        "ETag": quoted(found.etag),
        "ServerSideEncryption": _method(version.encryption),
        **(checksums.as_output(found.checksum) if mode else {}),
    }


@operation("ListObjectAnnotations")
def list_object_annotations(context: Context, params: Params) -> Output:
    """The annotations of one version by name, in the order of its UTF-8 bytes, a page at a time."""
    prefix, token = params.get("AnnotationPrefix", ""), params.get("ContinuationToken")
    rules.check_prefix(prefix)
    after = decode_token(token) if token is not None else ""
    limit = min(params.get("MaxAnnotationResults", PAGE), PAGE)
    with _parent(context, params, "GET") as (version, there, version_id):
        names = sorted(name for name in there if name > after and name.startswith(prefix))
    shown = [there[name] for name in names[:limit]]
    return {
        "Annotations": [_entry(one) for one in shown],
        "Bucket": context.bucket.name,
        "Key": version.key,
        "ObjectVersionId": version_id,
        "AnnotationPrefix": prefix or None,
        "MaxAnnotationResults": limit,
        "AnnotationCount": len(shown),
        "ContinuationToken": token,
        "NextContinuationToken": encode_token(shown[-1].name) if shown and len(names) > limit else None,
    }


def _entry(annotation: Annotation) -> Output:
    return {
        "AnnotationName": annotation.name,
        "LastModified": annotation.last_modified,
        "ETag": quoted(annotation.etag),
        "ChecksumAlgorithm": [annotation.checksum.algorithm],
        "Size": annotation.data.size,
    }


@operation("DeleteObjectAnnotation")
def delete_object_annotation(context: Context, params: Params) -> Output:
    """Forget one annotation for good; one that is not there is forgotten already (204, as of an object).

    Object Lock guards it as it guards the version: GOVERNANCE yields to ``x-amz-bypass-governance-retention``, which the
    model's documentation names though its shape has no member for it.
    """
    bypass = context.request.headers.get(_BYPASS, "").lower() == "true"
    with _parent(context, params, "DELETE") as (version, there, version_id):
        if bypass and object_lock.only_governance(version, context.clock.now()):
            context.authorize("s3:BypassGovernanceRetention", context.bucket, version.key)
        if not object_lock.may_remove(version, context.clock.now(), bypass=bypass):
            raise object_lock.protected()
        if params["AnnotationName"] in there:
            _change(context.bucket, version, {name: one for name, one in there.items() if name != params["AnnotationName"]})
            context.add_event("ObjectAnnotation:Delete", context.bucket, version.key, version)
    return {"ObjectVersionId": version_id}


# --- copies ----------------------------------------------------------------------------------------------------------


def copied_annotations(
    context: Context, params: Params, source_bucket: Bucket, source: Version, encryption: Encryption
) -> Mapping[str, Annotation] | None:
    """The annotations of a copy: the source's, all of them as they are now, unless the request says EXCLUDE.

    Who copies some needs to be allowed to read and to write annotations. (Who copies an object without any needs neither.)

    Args:
        encryption: the copy's.

    Raises:
        S3Error: InvalidArgument for another directive, AccessDenied, InvalidRequest for a copy under SSE-C.
    """
    if not rules.copies_annotations(params.get("AnnotationDirective")) or not source.annotations:
        return None
    if context.bucket.kind is DIRECTORY:
        raise not_supported("x-amz-object-annotation-directive")
    version_id = source.id if "?versionId=" in params["CopySource"] else None
    context.authorize_source("s3:GetObjectAnnotation", source_bucket, source.key, version_id)
    context.authorize("s3:PutObjectAnnotation", context.bucket, params["Key"])
    if encryption.customer is not None:
        raise S3Error(
            "InvalidRequest",
            "Objects encrypted with SSE-C cannot have annotations. Use the annotation directive EXCLUDE to copy without them.",
        )
    now = context.now()
    return {
        name: replace(one, etag=_etag(context, encryption, one.data), last_modified=now)
        for name, one in source.annotations.items()
    }
