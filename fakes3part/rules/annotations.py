"""Annotations: what may be a name, a prefix and a payload. The rules and texts are those of botocore's model documentation.

Where it is silent: a name must be text that XML can carry, for the listing has no ``encoding-type``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..errors import S3Error, invalid_argument
from ..state.objects import Annotation, Version
from .etags import unquoted

MAX_ANNOTATIONS = 1000
MAX_NAME = 512
"""Bytes of UTF-8."""

MAX_PAYLOAD = 1024 * 1024
DIRECTIVES = ("COPY", "EXCLUDE")
DIRECTIVE = "x-amz-object-annotation-directive"

_RESERVED = re.compile("aws|s3", re.IGNORECASE)
_UNSPEAKABLE = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\ud800-\\udfff\\ufffe\\uffff]")


def check_name(name: str) -> None:
    """The name of an annotation that is to be written.

    Raises:
        S3Error: InvalidAnnotationName, AnnotationNameTooLong.
    """
    if len(name.encode("utf-8", "surrogatepass")) > MAX_NAME:
        raise S3Error("AnnotationNameTooLong")
    if not name or _RESERVED.match(name) or _UNSPEAKABLE.search(name):
        raise S3Error("InvalidAnnotationName")


def check_prefix(prefix: str) -> None:
    """A prefix that some name could have.

    Raises:
        S3Error: InvalidPrefix.
    """
    if len(prefix.encode("utf-8", "surrogatepass")) > MAX_NAME or _UNSPEAKABLE.search(prefix):
        raise S3Error("InvalidPrefix")


def check_payload(payload: bytes) -> None:
    """One byte to 1 MiB of UTF-8.

    Raises:
        S3Error: InvalidRequest for nothing, EntityTooLarge, UnsupportedMediaType (415).
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
    """The object that an annotation hangs on, or is to hang on, is the one that was meant.

    Raises:
        S3Error: PreconditionFailed.
    """
    if if_match is not None and unquoted(if_match) not in ("*", version.etag):
        raise S3Error("PreconditionFailed", Condition="x-amz-object-if-match")


def check_takes_annotations(version: Version) -> None:
    """Not under a client's own key, which S3 does not keep: annotations are encrypted as their object is.

    Raises:
        S3Error: InvalidRequest.
    """
    if version.encryption.customer is not None:
        raise S3Error("InvalidRequest", "Objects encrypted with SSE-C cannot have annotations.")


def added(annotations: Mapping[str, Annotation], annotation: Annotation) -> Mapping[str, Annotation]:
    """The annotations with one more, or with another in the place of the one of its name.

    Raises:
        S3Error: AnnotationLimitExceeded.
    """
    if annotation.name not in annotations and len(annotations) >= MAX_ANNOTATIONS:
        raise S3Error("AnnotationLimitExceeded")
    return {**annotations, annotation.name: annotation}


def copies_annotations(value: str | None) -> bool:
    """Whether CopyObject is to copy them, which is its default.

    Raises:
        S3Error: InvalidArgument for no directive there is.
    """
    if value is None:
        return True
    if value not in DIRECTIVES:
        raise invalid_argument("Unknown annotation directive.", DIRECTIVE, value)
    return value == "COPY"
