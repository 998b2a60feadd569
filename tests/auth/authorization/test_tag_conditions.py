"""Condition keys of tags: existing ones, those in a header or document of the request, those of a new bucket."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fakes3part.auth.callers import Principal
from tests.support.doors import Door

ALL = ["arn:aws:s3:::*"]
_names = iter(range(10_000))


def user(door: Door, *statements: dict[str, Any]) -> Principal:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": ALL, **one} for one in statements]}
    return door.fake.add_user("123456789012", f"tagger{next(_names)}", document)


def may(door: Door, who: Principal, call: Callable[[Any], Any]) -> bool:
    with door.client_with(aws_access_key_id=who.access_key, aws_secret_access_key=who.secret_key) as client:
        try:
            call(client)
        except client.exceptions.ClientError as error:
            code = error.response["Error"]["Code"]
        else:
            return True
    assert code == "AccessDenied"
    return False


def tag_set(**tags: str) -> dict[str, Any]:
    return {"TagSet": [{"Key": key, "Value": value} for key, value in tags.items()]}


@pytest.mark.parametrize(("colour", "allowed"), [("red", True), ("blue", False), (None, False)], ids=str)
def test_existing_tags(door: Door, bucket: str, colour: str | None, allowed: bool) -> None:
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc")
    if colour is not None:
        door.client.put_object_tagging(Bucket=bucket, Key="k", Tagging=tag_set(colour=colour))
    red = {"StringEquals": {"s3:ExistingObjectTag/colour": "red"}}
    who = user(door, {"Action": ["s3:GetObject", "s3:*Tagging"], "Condition": red})
    for call in (
        lambda s3: s3.get_object(Bucket=bucket, Key="k")["Body"].read(),
        lambda s3: s3.get_object_tagging(Bucket=bucket, Key="k"),
        lambda s3: s3.put_object_tagging(Bucket=bucket, Key="k", Tagging=tag_set(colour="red")),
        lambda s3: s3.delete_object_tagging(Bucket=bucket, Key="k"),
    ):
        assert may(door, who, call) is allowed


def test_existing_tags_of_a_version(door: Door, bucket: str) -> None:
    s3 = door.client
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    red, blue = (s3.put_object(Bucket=bucket, Key="k", Tagging=f"colour={one}")["VersionId"] for one in ("red", "blue"))
    condition = {"StringEquals": {"s3:ExistingObjectTag/colour": "red"}}
    who = user(door, {"Action": "s3:GetObjectVersion", "Condition": condition})
    assert may(door, who, lambda client: client.get_object(Bucket=bucket, Key="k", VersionId=red)["Body"].read())
    assert not may(door, who, lambda client: client.get_object(Bucket=bucket, Key="k", VersionId=blue))


WRITES: dict[str, Callable[[Any, dict[str, str]], Any]] = {
    "document": lambda s3, tags: s3.put_object_tagging(Bucket="bucket", Key="k", Tagging=tag_set(**tags)),
    "header": lambda s3, tags: s3.put_object(Bucket="bucket", Key="k", Tagging="&".join(map("=".join, tags.items()))),
    "upload": lambda s3, tags: s3.create_multipart_upload(
        Bucket="bucket", Key="k", Tagging="&".join(map("=".join, tags.items()))
    ),
}
REQUEST_TAGS: dict[str, tuple[dict[str, Any], dict[str, str], bool]] = {
    "the value": ({"StringEquals": {"s3:RequestObjectTag/team": "a"}}, {"team": "a"}, True),
    "another value": ({"StringEquals": {"s3:RequestObjectTag/team": "a"}}, {"team": "b"}, False),
    "another key": ({"StringEquals": {"s3:RequestObjectTag/team": "a"}}, {"Team": "a"}, False),
    "keys": ({"ForAllValues:StringEquals": {"s3:RequestObjectTagKeys": ["team", "x"]}}, {"team": "z"}, True),
    "a key too many": ({"ForAllValues:StringEquals": {"s3:RequestObjectTagKeys": ["team", "x"]}}, {"team": "z", "y": "1"}, False),
    "one of the keys": ({"ForAnyValue:StringEquals": {"s3:RequestObjectTagKeys": "team"}}, {"y": "1", "team": "z"}, True),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
@pytest.mark.parametrize(("condition", "tags", "allowed"), REQUEST_TAGS.values(), ids=REQUEST_TAGS)
def test_tags_of_the_request(door: Door, bucket: str, write: Any, condition: Any, tags: dict[str, str], allowed: bool) -> None:
    door.client.put_object(Bucket=bucket, Key="k", Tagging="old=1")
    who = user(
        door,
        {"Action": "s3:PutObject"},
        {"Action": "s3:PutObjectTagging", "Condition": condition},
    )
    assert may(door, who, lambda s3: write(s3, tags)) is allowed


def test_the_tag_count_needs_get_object_tagging(door: Door, bucket: str) -> None:
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc", Tagging="a=1")
    seen: list[int | None] = []

    def look(s3: Any) -> None:
        seen.append(s3.head_object(Bucket=bucket, Key="k").get("TagCount"))

    for actions in (["s3:GetObject"], ["s3:GetObject", "s3:GetObjectTagging"]):
        assert may(door, user(door, {"Action": actions}), look)
    assert seen == [None, 1]


CREATE: dict[str, tuple[list[dict[str, Any]], bool]] = {
    "allowed": ([{"Action": ["s3:CreateBucket", "s3:TagResource"]}], True),
    "no tagging": ([{"Action": "s3:CreateBucket"}], False),
    "the tag": (
        [{"Action": ["s3:CreateBucket", "s3:TagResource"], "Condition": {"StringEquals": {"aws:RequestTag/Owner": "me"}}}],
        True,
    ),
    "another tag": (
        [{"Action": ["s3:CreateBucket", "s3:TagResource"], "Condition": {"StringEquals": {"aws:RequestTag/Owner": "you"}}}],
        False,
    ),
    "keys": (
        [
            {
                "Action": ["s3:CreateBucket", "s3:TagResource"],
                "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["Owner", "Cost"]}},
            }
        ],
        True,
    ),
    "a key too many": (
        [
            {
                "Action": ["s3:CreateBucket", "s3:TagResource"],
                "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["Owner"]}},
            }
        ],
        False,
    ),
}


@pytest.mark.parametrize(("statements", "allowed"), CREATE.values(), ids=CREATE)
def test_creating_with_tags(door: Door, statements: list[dict[str, Any]], allowed: bool) -> None:
    who = user(door, *statements)
    tags = [{"Key": "Owner", "Value": "me"}, {"Key": "Cost", "Value": "1"}]
    create = lambda s3: s3.create_bucket(Bucket="new", CreateBucketConfiguration={"Tags": tags})  # noqa: E731
    assert may(door, who, create) is allowed
    assert ("new" in door.fake.buckets) is allowed
