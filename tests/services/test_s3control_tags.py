"""S3 Control: the tags of buckets by TagResource, UntagResource and ListTagsForResource.

Recorded from AWS, September 2026 (project stackd), where no comment says otherwise.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from tests.support.callers import OWNER, STRANGER
from tests.support.doors import refused
from tests.support.errors import INVALID_TAG_KEY, NO_SUCH_BUCKET
from tests.support.services import Door, allow, policy
from tests.support.state import unchanged

ARN = "arn:aws:s3:::bucket"


@pytest.fixture(autouse=True)
def _bucket(s3: Any) -> None:
    s3.create_bucket(Bucket="bucket")


def tag_set(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def tag(control: Any, arn: str = ARN, account: str = OWNER, **tags: str) -> Any:
    return control.tag_resource(AccountId=account, ResourceArn=arn, Tags=tag_set(tags))


def listed(control: Any) -> dict[str, str]:
    found = control.list_tags_for_resource(AccountId=OWNER, ResourceArn=ARN)["Tags"]
    return {one["Key"]: one["Value"] for one in found}


@pytest.mark.parametrize("abac", ["Enabled", "Disabled"])
def test_tags_are_added_and_removed_one_by_one(s3: Any, control: Any, abac: str) -> None:
    assert listed(control) == {}
    s3.put_bucket_tagging(Bucket="bucket", Tagging={"TagSet": tag_set({"a": "1"})})
    s3.put_bucket_abac(Bucket="bucket", AbacStatus={"Status": abac})
    assert tag(control, b="2")["ResponseMetadata"]["HTTPStatusCode"] == 204
    tag(control, a="3", c="", **{"key with ü:/=+-@_.": "value"})
    expected = {"a": "3", "b": "2", "c": "", "key with ü:/=+-@_.": "value"}
    assert listed(control) == expected
    assert s3.get_bucket_tagging(Bucket="bucket")["TagSet"] == tag_set(expected)
    gone = control.untag_resource(AccountId=OWNER, ResourceArn=ARN, TagKeys=["a", "c", "key with ü:/=+-@_.", "unknown"])
    assert gone["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert listed(control) == {"b": "2"}
    control.untag_resource(AccountId=OWNER, ResourceArn=ARN, TagKeys=["b"])
    control.untag_resource(AccountId=OWNER, ResourceArn=ARN, TagKeys=["b"])
    assert listed(control) == {}
    text = "The TagSet does not exist"
    refused(partial(s3.get_bucket_tagging, Bucket="bucket"), 404, "NoSuchTagSet", text, {"BucketName": "bucket"})


DUPLICATES = "There are duplicate tag keys in your request. Remove the duplicate tag keys and try again."
OF_SYSTEM = (
    'User-defined tag keys can\'t start with "aws:". This prefix is reserved for system tags. Remove "aws:" from your tag keys '
    "and try again."
)
MANY = {f"k{number}": "" for number in range(50)}
BAD: dict[str, tuple[list[dict[str, str]], str, str, dict[str, str]]] = {
    "duplicates": (tag_set({"new": "1", "a": "1"}) + tag_set({"a": "1"}), "InvalidTag", DUPLICATES, {}),
    # Assumed, not recorded:
    "a system tag": (tag_set({"new": "1", "aws:x": "1"}), "InvalidTag", OF_SYSTEM, {}),
    "a bad key": (tag_set({"new": "1", "a?": "1"}), "InvalidTag", INVALID_TAG_KEY, {"TagKey": "a?"}),
    "one too many": (tag_set(MANY), "BadRequest", "Bucket tag count cannot be greater than 50", {}),
}


@pytest.mark.parametrize("case", BAD)
def test_all_or_nothing(door: Door, control: Any, case: str) -> None:
    tags, code, message, extras = BAD[case]
    tag(control, kept="1")
    with unchanged(door.fake):
        refused(lambda: control.tag_resource(AccountId=OWNER, ResourceArn=ARN, Tags=tags), 400, code, message, extras)
    assert listed(control) == {"kept": "1"}


def test_fifty_tags(control: Any) -> None:
    tag(control, **MANY)
    tag(control, **MANY)
    assert listed(control) == MANY


CALLS: dict[str, dict[str, Any]] = {
    "tag_resource": {"Tags": tag_set({"a": "1"})},
    "untag_resource": {"TagKeys": ["a"]},
    "list_tags_for_resource": {},
}


@pytest.mark.parametrize(("call", "params"), CALLS.items(), ids=CALLS)
def test_other_resources(door: Door, control: Any, call: str, params: dict[str, Any]) -> None:
    """Assumed, not recorded: the errors."""
    name = f"S3 Control's {''.join(word.capitalize() for word in call.split('_'))}"

    def use(arn: str) -> Any:
        return getattr(control, call)(AccountId=OWNER, ResourceArn=arn, **params)

    with unchanged(door.fake):
        refused(lambda: use("arn:aws:s3:::missing"), 404, "NoSuchBucket", NO_SUCH_BUCKET, {"BucketName": "missing"})
        point = f"arn:aws:s3:us-east-1:{OWNER}:accesspoint/p"
        for arn in (point, "arn:aws:s3:::bucket/k"):
            text = f"fakes3part does not implement {name} (the resource {arn})"
            refused(lambda arn=arn: use(arn), 501, "NotImplemented", text, {"Operation": name})


@pytest.mark.parametrize(("call", "params"), CALLS.items(), ids=CALLS)
def test_permissions(door: Door, s3: Any, control: Any, call: str, params: dict[str, Any]) -> None:
    action = f"s3:{''.join(word.capitalize() for word in call.split('_'))}"
    tag(control, a="1")
    eve, ann = (door.fake.add_user(None, name, document) for name, document in (("eve", None), ("ann", policy(allow(action)))))
    use = {"AccountId": OWNER, "ResourceArn": ARN, **params}
    message = (
        f'User: {eve.arn} is not authorized to perform: {action} on resource: "{ARN}" because no identity-based policy allows '
        f"the {action} action"
    )
    with unchanged(door.fake):
        refused(lambda: getattr(door.client_of(eve, "s3control"), call)(**use), 403, "AccessDenied", message)
        stranger = door.client("s3control", aws_access_key_id=STRANGER)
        refused(lambda: getattr(stranger, call)(**use), 403, "AccessDenied", "Access Denied")
    assert door.fake.last_denial is not None
    assert door.fake.last_denial.action == action
    getattr(door.client_of(ann, "s3control"), call)(**use)
    principal = {"Effect": "Allow", "Principal": {"AWS": STRANGER}, "Action": action, "Resource": ARN}
    s3.put_bucket_policy(Bucket="bucket", Policy=policy(principal))
    getattr(stranger, call)(**use)
    other = {**use, "AccountId": "999999999999"}
    refused(lambda: getattr(control, call)(**other), 403, "AccessDenied", "Access Denied")


CONDITIONS: dict[str, tuple[dict[str, Any], bool]] = {
    "the tag": ({"StringEquals": {"aws:RequestTag/team": "a"}}, True),
    "another value": ({"StringEquals": {"aws:RequestTag/team": "b"}}, False),
    "the keys": ({"ForAllValues:StringEquals": {"aws:TagKeys": ["team", "cost"]}}, True),
    "a key too many": ({"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}, False),
}


@pytest.mark.parametrize("abac", ["Enabled", "Disabled"])
@pytest.mark.parametrize("case", CONDITIONS)
def test_conditions_on_the_request(door: Door, s3: Any, case: str, abac: str) -> None:
    condition, allowed = CONDITIONS[case]
    s3.put_bucket_abac(Bucket="bucket", AbacStatus={"Status": abac})
    user = door.fake.add_user(None, "ann", policy(allow("s3:TagResource", Condition=condition)))
    client = door.client_of(user, "s3control")
    if allowed:
        tag(client, team="a", cost="1")
    else:
        with pytest.raises(client.exceptions.ClientError, match="AccessDenied"):
            tag(client, team="a", cost="1")
    assert ("team" in listed(door.client("s3control"))) is allowed


@pytest.mark.parametrize(("keys", "allowed"), [(["team"], True), (["team", "cost"], False)])
def test_conditions_on_keys_that_are_removed(door: Door, control: Any, keys: list[str], allowed: bool) -> None:
    tag(control, team="a", cost="1")
    condition = {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}
    user = door.fake.add_user(None, "ann", policy(allow("s3:UntagResource", Condition=condition)))
    client = door.client_of(user, "s3control")
    if allowed:
        client.untag_resource(AccountId=OWNER, ResourceArn=ARN, TagKeys=keys)
    else:
        with pytest.raises(client.exceptions.ClientError, match="AccessDenied"):
            client.untag_resource(AccountId=OWNER, ResourceArn=ARN, TagKeys=keys)
    assert ("team" in listed(control)) is not allowed


@pytest.mark.parametrize(("abac", "allowed"), [("Enabled", True), ("Disabled", False)])
def test_the_tags_count_for_their_own_change(door: Door, s3: Any, control: Any, abac: str, allowed: bool) -> None:
    tag(control, team="a")
    s3.put_bucket_abac(Bucket="bucket", AbacStatus={"Status": abac})
    condition = {"StringEquals": {"aws:ResourceTag/team": "a"}}
    user = door.fake.add_user(None, "ann", policy(allow("s3:*Resource", Condition=condition)))
    client = door.client_of(user, "s3control")
    if allowed:
        tag(client, team="b")
    with pytest.raises(client.exceptions.ClientError, match="AccessDenied"):
        tag(client, team="a")
