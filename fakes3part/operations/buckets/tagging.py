"""PutBucketTagging, GetBucketTagging, DeleteBucketTagging."""

from __future__ import annotations

from collections.abc import Mapping

from ...errors import S3Error
from ...rules import tags
from ...state.access_control import ABAC_ENABLED
from ..context import Context
from ..registry import Params
from .configurations import configuration

_ABAC = "This S3 general purpose bucket has attribute-based access control (ABAC) enabled. "
_TO_DELETE = "To delete tags from this bucket, initiate an UntagResource request."
_TO_PUT = f"To add tags to this bucket, initiate a TagResource request. {_TO_DELETE}"
"""Texts of the project stackd; the code, the status and when they are raised are recorded from AWS, September 2026."""


def _check_put(context: Context, params: Params) -> None:
    if context.bucket.abac == ABAC_ENABLED:
        raise S3Error("BadRequest", _ABAC + _TO_PUT)


def _check_delete(context: Context, params: Params) -> None:
    if context.bucket.abac == ABAC_ENABLED:
        raise S3Error("BadRequest", _ABAC + _TO_DELETE)


def _parse(context: Context, params: Params) -> Mapping[str, str] | None:
    """Return the tags; None for an empty set, which S3 treats as no set."""
    _check_put(context, params)  # again, with the bucket's lock held
    return tags.parse_bucket_tags(params["Tagging"].get("TagSet", ())) or None


configuration(
    field="tags",
    put="PutBucketTagging",
    get="GetBucketTagging",
    delete="DeleteBucketTagging",
    parse=_parse,
    show=lambda tag_set: {"TagSet": tags.tag_set_output(tag_set or {})},
    missing="NoSuchTagSet",
    check_bucket=_check_put,
    check_delete=_check_delete,
)
