"""Object annotations: valid names, prefixes and payloads.

Rules and texts are those of botocore's model documentation; the code for an empty name, without its text, is recorded from AWS,
September 2026. Assumed: a name must be text that XML can carry, since the listing has no ``encoding-type``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..errors import S3Error, invalid_argument
from ..state.objects import Annotation, Version
from .etags import unquote_etag

MAX_ANNOTATIONS = 1000
MAX_NAME = 512
"""Bytes of UTF-8."""

MAX_PAYLOAD = 1024 * 1024
DIRECTIVES = ("COPY", "EXCLUDE")
DIRECTIVE = "x-amz-object-annotation-directive"

_RESERVED = re.compile("aws|s3", re.IGNORECASE)
_UNSPEAKABLE = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\ud800-\\udfff\\ufffe\\uffff]")


def check_not_empty(name: str) -> None:
    """Raise UserAnnotationNameMustBeSpecified for an empty name of an annotation."""
    if not name:
        raise S3Error("UserAnnotationNameMustBeSpecified")


def check_name(name: str) -> None:
    """Check the name of an annotation to be written.

    Raises:
        S3Error: UserAnnotationNameMustBeSpecified, InvalidAnnotationName, AnnotationNameTooLong.
    """
    check_not_empty(name)
    if len(name.encode("utf-8", "surrogatepass")) > MAX_NAME:
        raise S3Error("AnnotationNameTooLong")
    if _RESERVED.match(name) or _UNSPEAKABLE.search(name):
        raise S3Error("InvalidAnnotationName")


def check_prefix(prefix: str) -> None:
    """Check that some annotation name can begin with this prefix.

    Raises:
        S3Error: InvalidPrefix.
    """
    if len(prefix.encode("utf-8", "surrogatepass")) > MAX_NAME or _UNSPEAKABLE.search(prefix):
        raise S3Error("InvalidPrefix", "The annotation prefix you provided is invalid.")


def check_payload(payload: bytes) -> None:
    """Check that a payload is 1 byte to 1 MiB of UTF-8.

    Raises:
        S3Error: InvalidRequest for an empty payload, EntityTooLarge, UnsupportedMediaType (415).
    """
    if not payload:
        raise S3Error("InvalidRequest", "Request body cannot be empty.")
    if len(payload) > MAX_PAYLOAD:
        raise S3Error("EntityTooLarge", ProposedSize=len(payload), MaxSizeAllowed=MAX_PAYLOAD)
    try:
        payload.decode()
    except UnicodeDecodeError:
        raise S3Error("UnsupportedMediaType") from None


def check_parent(version: Version, if_match: str | None) -> None:
    """Check that the annotated object has the ETag that the request expects; None: it expects none.

    Raises:
        S3Error: PreconditionFailed.
    """
    if if_match is not None and unquote_etag(if_match) not in ("*", version.etag):
        raise S3Error("PreconditionFailed", Condition="x-amz-object-if-match")


def check_takes_annotations(version: Version) -> None:
    """Check that the object may have annotations. They are encrypted as their object is, and S3 does not store an SSE-C key.

    Raises:
        S3Error: InvalidRequest.
    """
    if version.encryption.customer is not None:
        raise S3Error("InvalidRequest", "Objects encrypted with SSE-C cannot have annotations.")


def with_annotation(annotations: Mapping[str, Annotation], annotation: Annotation) -> Mapping[str, Annotation]:
    """Return the annotations with one added, or replaced if one of its name exists.

    Raises:
        S3Error: AnnotationLimitExceeded.
    """
    if annotation.name not in annotations and len(annotations) >= MAX_ANNOTATIONS:
        raise S3Error("AnnotationLimitExceeded")
    return {**annotations, annotation.name: annotation}


def copies_annotations(value: str | None) -> bool:
    """Return whether CopyObject copies annotations; the default, None, is that it does.

    Raises:
        S3Error: InvalidArgument for an unknown directive.
    """
    if value is None:
        return True
    if value not in DIRECTIVES:
        raise invalid_argument("Unknown annotation directive.", DIRECTIVE, value)
    return value == "COPY"
