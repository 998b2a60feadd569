"""PutObjectAnnotation, GetObjectAnnotation, ListObjectAnnotations and DeleteObjectAnnotation, and the annotations of a copy.

Annotations belong to one version and are deleted with it. A change of them makes no new version, and the object's Last-Modified
and ETag stay the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from ...errors import S3Error, invalid_argument
from ...rules import annotations as rules
from ...rules import checksums, object_lock
from ...rules.directory_buckets import not_supported
from ...rules.etags import check_content_md5, md5_of, quote_etag
from ...rules.limits import PAGE
from ...rules.listing import decode_token, encode_token
from ...state.bucket import DIRECTORY, Bucket
from ...state.encryption import Encryption
from ...state.objects import Annotation, Data, Version
from ..context import Context, find_version, read_response_version_id
from ..object_encryption import GENERATE, check_key_use, check_may_decrypt
from ..registry import Output, Params, operation
from .put_object import as_data, default_checksum

_NO_ANNOTATIONS: Mapping[str, Annotation] = {}
_BYPASS = "x-amz-bypass-governance-retention"


@contextmanager
def _locked_version(
    context: Context, params: Params, method: str
) -> Iterator[tuple[Version, Mapping[str, Annotation], str | None]]:
    """Yield the version of a request, its annotations by name, and the version id of the response, with the bucket locked."""
    bucket = context.bucket
    with bucket.lock:
        context.ensure_exists(bucket)
        version = find_version(bucket, params["Key"], params.get("VersionId"), method)
        rules.check_parent(version, params.get("ObjectIfMatch"))
        yield version, version.annotations or _NO_ANNOTATIONS, read_response_version_id(bucket, version)


def _replace_annotations(bucket: Bucket, version: Version, annotations: Mapping[str, Annotation]) -> None:
    bucket.replace(replace(version, annotations=annotations or None))


def _etag(context: Context, encryption: Encryption, data: Data, md5: bytes | None = None) -> str:
    """Return the ETag of an annotation: the MD5 of its bytes, unless the object is encrypted with KMS."""
    return (md5 or md5_of(data)).hex() if encryption.has_md5_etag else context.ids.etag()


def _encryption_method(encryption: Encryption) -> str | None:
    """Return the encryption method of an annotation, which is its object's. None: SSE-C, which is not returned."""
    method: str | None = encryption.response_members.get("ServerSideEncryption")
    return method


@operation("PutObjectAnnotation")
def put_object_annotation(context: Context, params: Params) -> Output:
    """Add a payload to one version, in place of one with the same name."""
    name, payload = params["AnnotationName"], params.get("AnnotationPayload", b"")
    rules.check_name(name)
    rules.check_payload(payload)
    data = as_data(payload, context.digests)
    md5 = md5_of(data)
    check_content_md5(params.get("ContentMD5"), md5, expected_in_hex=True)
    checksum = checksums.verify_checksum(data, context.sent_checksum()) or default_checksum(data)
    with _locked_version(context, params, "PUT") as (version, annotations, version_id):
        rules.check_takes_annotations(version)
        if version.encryption.key_arn is not None:
            check_key_use(context, version.encryption.key_arn, GENERATE)
        annotation = Annotation(name, data, _etag(context, version.encryption, data, md5), context.now(), checksum)
        _replace_annotations(context.bucket, version, rules.with_annotation(annotations, annotation))
        described = {"name": name, "size": data.size, "etag": annotation.etag}
        context.add_event("ObjectAnnotation:Put", context.bucket, version.key, version, {"object-annotation": described})
    return {
        "Key": version.key,
        "AnnotationName": name,
        "ObjectVersionId": version_id,
        "ETag": quote_etag(annotation.etag),
        "ServerSideEncryption": _encryption_method(version.encryption),
        **checksums.checksum_output(checksum),
    }


@operation("GetObjectAnnotation")
def get_object_annotation(context: Context, params: Params) -> Output:
    """Return the payload of one annotation."""
    name, mode = params["AnnotationName"], params.get("ChecksumMode")
    rules.check_not_empty(name)
    if mode is not None and mode.upper() != "ENABLED":
        raise S3Error("InvalidRequest", "Value for x-amz-checksum-mode header is invalid.")
    with _locked_version(context, params, "GET") as (version, annotations, version_id):
        annotation = annotations.get(name)
    if annotation is None:
        raise S3Error("NoSuchAnnotation", Key=version.key, AnnotationName=name)
    check_may_decrypt(context, version.encryption)
    return {
        "AnnotationPayload": annotation.data.segments,
        "ObjectVersionId": version_id,
        "LastModified": annotation.last_modified,
        "ContentLength": annotation.data.size,
        "ETag": quote_etag(annotation.etag),
        "ServerSideEncryption": _encryption_method(version.encryption),
        **(checksums.checksum_output(annotation.checksum) if mode else {}),
    }


@operation("ListObjectAnnotations")
def list_object_annotations(context: Context, params: Params) -> Output:
    """Return a page of the annotations of one version by name, in UTF-8 order."""
    prefix, token = params.get("AnnotationPrefix", ""), params.get("ContinuationToken")
    rules.check_prefix(prefix)
    limit = params.get("MaxAnnotationResults", PAGE)
    if limit > PAGE:
        text = f"Argument max-annotation-results must be an integer between 1 and {PAGE}."
        raise invalid_argument(text, "max-annotation-results", limit)
    after = decode_token(token) if token is not None else ""
    with _locked_version(context, params, "GET") as (version, annotations, version_id):
        names = sorted(name for name in annotations if name > after and name.startswith(prefix))
    page = [annotations[name] for name in names[:limit]]
    return {
        "Annotations": [_entry(annotation) for annotation in page],
        "Bucket": context.bucket.name,
        "Key": version.key,
        "ObjectVersionId": version_id,
        "AnnotationPrefix": params.get("AnnotationPrefix"),
        "MaxAnnotationResults": limit,
        "AnnotationCount": len(page),
        "ContinuationToken": token,
        "NextContinuationToken": encode_token(page[-1].name) if page and len(names) > limit else None,
    }


def _entry(annotation: Annotation) -> Output:
    return {
        "AnnotationName": annotation.name,
        "LastModified": annotation.last_modified,
        "ETag": quote_etag(annotation.etag),
        "ChecksumAlgorithm": [annotation.checksum.algorithm],
        "Size": annotation.data.size,
    }


@operation("DeleteObjectAnnotation")
def delete_object_annotation(context: Context, params: Params) -> Output:
    """Delete one annotation. One that does not exist is not an error (204).

    Object Lock protects it as it protects the version. ``x-amz-bypass-governance-retention`` bypasses GOVERNANCE retention: the
    model's documentation names this header, though the input shape has no member for it.
    """
    rules.check_not_empty(params["AnnotationName"])
    bypass = context.request.headers.get(_BYPASS, "").lower() == "true"
    with _locked_version(context, params, "DELETE") as (version, annotations, version_id):
        if bypass and object_lock.only_governance(version, context.clock.now()):
            context.authorize("s3:BypassGovernanceRetention", context.bucket, version.key)
        if not object_lock.may_remove(version, context.clock.now(), bypass=bypass):
            raise object_lock.object_protected()
        if params["AnnotationName"] in annotations:
            _replace_annotations(
                context.bucket,
                version,
                {name: annotation for name, annotation in annotations.items() if name != params["AnnotationName"]},
            )
            described = {"object-annotation": {"name": params["AnnotationName"]}}
            context.add_event("ObjectAnnotation:Delete", context.bucket, version.key, version, described)
    return {"ObjectVersionId": version_id}


# --- copies ----------------------------------------------------------------------------------------------------------


def copied_annotations(
    context: Context, params: Params, source_bucket: Bucket, source: Version, encryption: Encryption
) -> Mapping[str, Annotation] | None:
    """Return the annotations of a copy: the source's current ones; None: there are none, or the directive is EXCLUDE.

    The caller must be allowed to read and write annotations, unless the source has none.

    Args:
        encryption: the copy's.

    Raises:
        S3Error: InvalidArgument for an unknown directive, AccessDenied, InvalidRequest for a copy with SSE-C.
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
        name: replace(annotation, etag=_etag(context, encryption, annotation.data), last_modified=now)
        for name, annotation in source.annotations.items()
    }
