"""PutBucketTagging, GetBucketTagging, DeleteBucketTagging."""

from __future__ import annotations

from collections.abc import Mapping

from ...rules import tags
from ..context import Context
from ..registry import Params
from .configurations import configuration


def _parse(context: Context, params: Params) -> Mapping[str, str] | None:
    """Return the tags; None for an empty set, which S3 treats as no set."""
    return tags.parse_bucket_tags(params["Tagging"].get("TagSet", ())) or None


configuration(
    field="tags",
    put="PutBucketTagging",
    get="GetBucketTagging",
    delete="DeleteBucketTagging",
    parse=_parse,
    show=lambda tag_set: {"TagSet": tags.tag_set_output(tag_set or {})},
    missing="NoSuchTagSet",
)
