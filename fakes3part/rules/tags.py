"""Tags of objects and buckets, from a header or a document. Error texts are recorded from AWS."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from unicodedata import category
from urllib.parse import parse_qsl

from ..errors import S3Error, invalid_argument
from ..state.objects import NOTHING
from .limits import MAX_TAGS

MAX_BUCKET_TAGS = 50
MAX_KEY, MAX_VALUE = 128, 256
"""The maximum numbers of characters."""

_PLAIN = re.compile(r"[A-Za-z0-9 _.:/=+\-@]*")
_SYSTEM = "aws:"
OF_OBJECT = "Your TagKey cannot be prefixed with aws:"
OF_BUCKET = "System tags cannot be added/updated by requester"
OF_NEW_BUCKET = (
    'User-defined tag keys can\'t start with "aws:". This prefix is reserved for system tags. Remove "aws:" from your tag keys '
    "and try again."
)
"""The error texts of a key that starts with ``aws:``, for the tags of an object, a bucket and a new bucket."""

_DUPLICATE = "There are duplicate tag keys in your request. Remove the duplicate tag keys and try again."


def _is_text(text: str) -> bool:
    """Return whether a text has only letters, digits and separators of any script, and ``_ . : / = + - @``."""
    return bool(_PLAIN.fullmatch(text)) or all(
        _PLAIN.fullmatch(character) or category(character)[0] in "LNZ" for character in text
    )


def _check(key: str, value: str, of_system: str) -> None:
    if key.startswith(_SYSTEM):
        if of_system == OF_NEW_BUCKET:  # no TagKey: recorded from AWS, February 2026
            raise S3Error("InvalidTag", of_system)
        raise S3Error("InvalidTag", of_system, TagKey=key)
    if not 0 < len(key) <= MAX_KEY or not _is_text(key):
        raise S3Error("InvalidTag", TagKey=key)
    if len(value) > MAX_VALUE or not _is_text(value):
        raise S3Error("InvalidTag", "The TagValue you have provided is invalid", TagKey=key, TagValue=value)


def parse_tagging_header(header: str | None) -> Mapping[str, str]:
    """Parse the tag set of an ``x-amz-tagging`` header, a URL-encoded query. A name without ``=`` has an empty value.

    Raises:
        S3Error: InvalidArgument for bad encoding, characters that no tag has, or duplicate names; InvalidTag or BadRequest for
            limits.
    """
    if not header:
        return NOTHING
    try:
        pairs = parse_qsl(header, keep_blank_values=True, errors="strict")
    except ValueError:
        pairs = [("", ""), ("", "")]
    if len({key for key, _ in pairs}) != len(pairs) or not all(_is_text(key) and _is_text(value) for key, value in pairs):
        raise invalid_argument(
            "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name "
            "duplicates.",
            "x-amz-tagging",
            header,
        )
    _check_count(len(pairs))
    for key, value in pairs:
        if key.startswith(_SYSTEM):
            raise S3Error("InvalidTag", OF_OBJECT)
        _check(key, value, OF_OBJECT)
    return dict(pairs)


def parse_object_tags(tag_set: Iterable[Mapping[str, str]]) -> Mapping[str, str]:
    """Return the tags of an object from a document's ``TagSet``.

    Raises:
        S3Error: BadRequest for more than ten, InvalidTag.
    """
    tags = list(tag_set)
    _check_count(len(tags))
    return _from_set(tags, OF_OBJECT)


def parse_bucket_tags(tag_set: Iterable[Mapping[str, str]], of_system: str = OF_BUCKET) -> Mapping[str, str]:
    """Return the tags of a bucket from a document's ``TagSet``.

    Raises:
        S3Error: BadRequest for more than fifty, InvalidTag.
    """
    tags = list(tag_set)
    _check_bucket_count(len(tags))
    return _from_set(tags, of_system)


def add_bucket_tags(existing: Mapping[str, str], tag_set: Iterable[Mapping[str, str]]) -> Mapping[str, str]:
    """Return the tags of a bucket after S3 Control's TagResource: existing ones keep their place, with the new value.

    Assumed, not recorded from AWS: every error but that of duplicate keys.

    Raises:
        S3Error: BadRequest for more than fifty, InvalidTag.
    """
    tags = list(tag_set)
    if len({tag["Key"] for tag in tags}) != len(tags):
        raise S3Error("InvalidTag", _DUPLICATE)
    result = {**existing, **_from_set(tags, OF_NEW_BUCKET)}
    _check_bucket_count(len(result))
    return result


def tag_set_output(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return tags as the ``TagSet`` of a response."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _check_bucket_count(count: int) -> None:
    if count > MAX_BUCKET_TAGS:
        raise S3Error("BadRequest", f"Bucket tag count cannot be greater than {MAX_BUCKET_TAGS}")


def _check_count(count: int) -> None:
    if count > MAX_TAGS:
        raise S3Error("BadRequest", f"Object tags cannot be greater than {MAX_TAGS}")


def _from_set(tag_set: list[Mapping[str, str]], of_system: str) -> Mapping[str, str]:
    tags: dict[str, str] = {}
    for tag in tag_set:
        key, value = tag["Key"], tag["Value"]
        if key in tags:
            raise S3Error("InvalidTag", "Cannot provide multiple Tags with the same key", TagKey=key)
        _check(key, value, of_system)
        tags[key] = value
    return tags or NOTHING
