"""Tags of objects: the three operations, versions, limits of documents and headers, and responses of reads and writes."""

from __future__ import annotations

import base64
import hashlib
from functools import partial
from typing import Any

import pytest

from fakes3part.rules import tags as rules
from tests.support.doors import Door, refused, refused_head
from tests.support.errors import (
    INVALID_TAG_KEY,
    NO_SUCH_KEY,
)

KEY, VALUE = INVALID_TAG_KEY, "The TagValue you have provided is invalid"
MANY = "Object tags cannot be greater than 10"
TWICE = "Cannot provide multiple Tags with the same key"
SYSTEM = "Your TagKey cannot be prefixed with aws:"
NOTHING = '<?xml version="1.0" encoding="UTF-8"?>\n<Tagging xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><TagSet/></Tagging>'

Tags = dict[str, str]


def tag_set(tags: Tags) -> dict[str, Any]:
    return {"TagSet": [{"Key": key, "Value": value} for key, value in tags.items()]}


def tags_of(s3: Any, **where: Any) -> Tags:
    return {tag["Key"]: tag["Value"] for tag in s3.get_object_tagging(Bucket="bucket", **{"Key": "k", **where})["TagSet"]}


@pytest.fixture
def tagged(s3: Any, bucket: str) -> str:
    s3.put_object(Bucket=bucket, Key="k", Body=b"abc", Tagging="old=1")
    return bucket


@pytest.fixture
def versions(s3: Any, bucket: str) -> list[str]:
    """Three versions of a key: from before versioning, one of two that came after, and a delete marker."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"0", Tagging="v=0")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=bucket, Key="k", Body=b"1", Tagging="v=1")["VersionId"]
    return ["null", first, s3.delete_object(Bucket=bucket, Key="k")["VersionId"]]


# --- the operations --------------------------------------------------------------------------------------------------

GOOD = {
    "one": {"a": "1"},
    "none": {},
    "ten": {f"k{number}": "" for number in range(10)},
    "longest": {"k" * 128: "v" * 256},
    "every character": {"aZ09 _.:/=+-@": "aZ09 _.:/=+-@"},
    "other scripts": {"größe": "ひらがな", "цвет": "٣", "\u3000": "\U00010330"},
    "aws elsewhere": {"xaws:": "aws:", "AWS:x": "1"},
    "a value that is a space": {"a": " "},
}


@pytest.mark.parametrize("tags", GOOD.values(), ids=GOOD)
def test_put_get_delete(s3: Any, tagged: str, tags: Tags) -> None:
    before = s3.head_object(Bucket=tagged, Key="k")
    put = s3.put_object_tagging(Bucket=tagged, Key="k", Tagging=tag_set(tags))
    assert put["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert "VersionId" not in put
    assert tags_of(s3) == tags
    after = s3.head_object(Bucket=tagged, Key="k")
    assert after.get("TagCount", 0) == len(tags)
    assert (after["LastModified"], after["ETag"]) == (before["LastModified"], before["ETag"])
    gone = s3.delete_object_tagging(Bucket=tagged, Key="k")
    assert gone["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert tags_of(s3) == {}
    assert "TagCount" not in s3.get_object(Bucket=tagged, Key="k")
    s3.delete_object_tagging(Bucket=tagged, Key="k")


def test_on_the_wire(door: Door, bucket: str) -> None:
    door.client.put_object(Bucket=bucket, Key="k")
    response = door.raw("GET", "/bucket/k?tagging")
    assert (response.status, response.headers["content-type"], response.body.decode()) == (200, "application/xml", NOTHING)
    body = b"<Tagging><TagSet><Tag><Value>1</Value><Key>a</Key></Tag></TagSet></Tagging>"
    digest = base64.b64encode(hashlib.md5(body).digest()).decode()
    put = door.raw("PUT", "/bucket/k?tagging", {"Content-MD5": digest}, body)
    assert (put.status, put.body) == (200, b"")
    text = door.raw("GET", "/bucket/k?tagging").body.decode()
    assert "<TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet>" in text
    gone = door.raw("DELETE", "/bucket/k?tagging")
    assert (gone.status, gone.body) == (204, b"")


BAD: dict[str, tuple[list[tuple[str, str]], str, str, dict[str, str]]] = {
    "eleven": ([(f"k{number}", "") for number in range(11)], "BadRequest", MANY, {}),
    "twice": ([("a", "1"), ("a", "1")], "InvalidTag", TWICE, {"TagKey": "a"}),
    "of the system": ([("aws:x", "1")], "InvalidTag", SYSTEM, {"TagKey": "aws:x"}),
    "long key": ([("k" * 129, "1")], "InvalidTag", KEY, {"TagKey": "k" * 129}),
    "bad key": ([("a{", "1")], "InvalidTag", KEY, {"TagKey": "a{"}),
    "key with a line end": ([("a\nb", "1")], "InvalidTag", KEY, {"TagKey": "a\nb"}),
    "long value": ([("a", "v" * 257)], "InvalidTag", VALUE, {"TagKey": "a", "TagValue": "v" * 257}),
    "bad value": ([("a", "1"), ("b", "1,2")], "InvalidTag", VALUE, {"TagKey": "b", "TagValue": "1,2"}),
    "value of an emoji": ([("a", "\U0001f600")], "InvalidTag", VALUE, {"TagKey": "a", "TagValue": "\U0001f600"}),
}


EMPTY_KEY = b"<Tagging><TagSet><Tag><Key/><Value>1</Value></Tag></TagSet></Tagging>"


def test_head_of_a_missing_key_is_as_ever(s3: Any, bucket: str) -> None:
    refused_head(partial(s3.head_object, Bucket=bucket, Key="missing"), 404)
    refused(
        partial(s3.get_object, Bucket=bucket, Key="missing"),
        404,
        "NoSuchKey",
        NO_SUCH_KEY,
        {"Key": "missing"},
    )


def test_every_character() -> None:
    """The rule, character by character over the first planes' interesting part: letters, digits, separators, ``_.:/=+-@``."""
    import unicodedata

    for code in range(0x3000):
        one = chr(code)
        allowed = one in "_.:/=+-@" or unicodedata.category(one)[0] in "LNZ"
        if allowed:
            assert rules.parse_object_tags([{"Key": one, "Value": one}]) == {one: one}
        else:
            with pytest.raises(rules.S3Error):
                rules.parse_object_tags([{"Key": one, "Value": ""}])
