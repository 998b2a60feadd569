"""The condition keys of a bucket's tags, which exist while attribute-based access control is enabled only.

Recorded from AWS, September 2026 (project stackd).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.auth.authorization.test_tag_conditions import may, user
from tests.support.callers import STRANGER
from tests.support.doors import Door

KEYS = ("aws:ResourceTag", "s3:BucketTag")

CALLS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "list": ("s3:ListBucket", lambda s3: s3.list_objects_v2(Bucket="bucket")),
    "head": ("s3:ListBucket", lambda s3: s3.list_objects_v2(Bucket="bucket", MaxKeys=0)),
    "configuration": ("s3:GetBucketVersioning", lambda s3: s3.get_bucket_versioning(Bucket="bucket")),
    "get": ("s3:GetObject", lambda s3: s3.get_object(Bucket="bucket", Key="k")["Body"].read()),
    "put": ("s3:PutObject", lambda s3: s3.put_object(Bucket="bucket", Key="new")),
    "delete": ("s3:DeleteObject", lambda s3: s3.delete_object(Bucket="bucket", Key="k")),
    "tags of an object": ("s3:GetObjectTagging", lambda s3: s3.get_object_tagging(Bucket="bucket", Key="k")),
}


@pytest.fixture(autouse=True)
def _tagged(door: Door, bucket: str) -> None:
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc", Tagging="team=object")
    door.client.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "team", "Value": "a"}]})


def switch(door: Door, status: str) -> None:
    door.client.put_bucket_abac(Bucket="bucket", AbacStatus={"Status": status})


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("call", CALLS)
def test_tags_count_while_it_is_enabled(door: Door, key: str, call: str) -> None:
    action, use = CALLS[call]
    who = user(door, {"Action": action, "Condition": {"StringEquals": {f"{key}/team": "a"}}})
    other = user(door, {"Action": action, "Condition": {"StringEquals": {f"{key}/team": "b"}}})
    for status, allowed in (("Disabled", False), ("Enabled", True), ("Disabled", False)):
        switch(door, status)
        assert not may(door, other, use)
        if call != "delete" or status != "Enabled":
            assert may(door, who, use) is allowed
    switch(door, "Enabled")
    assert may(door, who, use)


CONDITIONS: dict[str, tuple[dict[str, Any], bool, bool]] = {
    "the value": ({"StringEquals": {"{}/team": "a"}}, True, False),
    "the key in any case": ({"StringEquals": {"{}/Team": "a"}}, False, False),
    "a pattern": ({"StringLike": {"{}/team": "*"}}, True, False),
    "null": ({"Null": {"{}/team": "true"}}, False, True),
    "not null": ({"Null": {"{}/team": "false"}}, True, False),
    "if it exists": ({"StringEqualsIfExists": {"{}/team": "b"}}, False, True),
    "another key": ({"StringEquals": {"{}/cost": "a"}}, False, False),
    "a negation": ({"StringNotEquals": {"{}/team": "a"}}, False, True),
}


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("case", CONDITIONS)
def test_operators(door: Door, key: str, case: str) -> None:
    condition, if_enabled, if_disabled = CONDITIONS[case]
    filled = {operator: {name.format(key): value for name, value in names.items()} for operator, names in condition.items()}
    who = user(door, {"Action": "s3:ListBucket", "Condition": filled})
    for status, allowed in (("Disabled", if_disabled), ("Enabled", if_enabled)):
        switch(door, status)
        assert may(door, who, CALLS["list"][1]) is allowed


def test_policies_of_the_bucket_and_variables(door: Door) -> None:
    """A bucket policy denies by the tag; a policy variable takes its value."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": STRANGER},
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::bucket/*",
        "Condition": {"StringEquals": {"aws:ResourceTag/team": "a"}},
    }
    door.client.put_bucket_policy(Bucket="bucket", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    with door.client_with(aws_access_key_id=STRANGER) as stranger:
        with pytest.raises(stranger.exceptions.ClientError, match="AccessDenied"):
            CALLS["get"][1](stranger)
        switch(door, "Enabled")
        assert CALLS["get"][1](stranger) == b"abc"
    same = {"StringEquals": {"s3:ExistingObjectTag/team": "${s3:BucketTag/team}"}}
    who = user(door, {"Action": "s3:GetObject", "Condition": same})
    assert not may(door, who, CALLS["get"][1])
    door.client.put_object(Bucket="bucket", Key="k", Body=b"abc", Tagging="team=a")
    assert may(door, who, CALLS["get"][1])


def test_each_bucket_of_a_copy_has_its_own_tags(door: Door) -> None:
    switch(door, "Enabled")
    door.client.create_bucket(Bucket="other")
    who = user(door, {"Action": "s3:*", "Condition": {"StringEquals": {"aws:ResourceTag/team": "a"}}})
    assert may(door, who, lambda s3: s3.copy_object(Bucket="bucket", Key="new", CopySource="bucket/k"))
    assert not may(door, who, lambda s3: s3.copy_object(Bucket="other", Key="new", CopySource="bucket/k"))
    assert not may(door, who, lambda s3: s3.copy_object(Bucket="bucket", Key="new", CopySource="other/k"))


def test_access_points(door: Door) -> None:
    """Assumed: s3:BucketTag is of the bucket behind an access point, aws:ResourceTag of what is authorized."""
    switch(door, "Enabled")
    alias = door.fake.add_access_point("point", "bucket").alias
    for key, allowed in (("s3:BucketTag", True), ("aws:ResourceTag", False)):
        who = user(door, {"Action": "s3:GetObject", "Resource": "*", "Condition": {"StringEquals": {f"{key}/team": "a"}}})
        assert may(door, who, lambda s3: s3.get_object(Bucket=alias, Key="k")["Body"].read()) is allowed


@pytest.mark.parametrize(("status", "remarked"), [("Disabled", True), ("Enabled", False)])
def test_a_denial_says_that_tags_do_not_count(door: Door, status: str, remarked: bool) -> None:
    switch(door, status)
    who = user(door, {"Action": "s3:ListBucket", "Condition": {"StringEquals": {"aws:ResourceTag/team": "b"}}})
    assert not may(door, who, CALLS["list"][1])
    remark = "a policy compares the bucket's tags, which count only while ABAC is enabled: see PutBucketAbac"
    explained = door.fake.explain("ListObjectsV2", bucket="bucket", caller=who)
    assert door.fake.last_denial is not None
    for decision in (door.fake.last_denial, explained):
        reason = "neither the identity policy nor the bucket policy allows it"
        assert decision.reason == (f"{reason} ({remark})" if remarked else reason)
