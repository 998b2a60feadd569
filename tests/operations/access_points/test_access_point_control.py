"""S3 Control's operations on access points, in-process and over HTTP."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest

from fakes3part.state.access_control import PublicAccessBlock
from tests.support.callers import OWNER, STRANGER
from tests.support.doors import Door, refused
from tests.support.errors import NO_SUCH_ACCESS_POINT, NO_SUCH_BUCKET
from tests.support.named_clients import Clients
from tests.support.state import unchanged

ARN = f"arn:aws:s3:us-east-1:{OWNER}:accesspoint/point"
MINE = {"AccountId": OWNER, "Name": "point"}
READS = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": STRANGER}, "Action": "s3:GetObject", "Resource": f"{ARN}/object/*"},
            {"Effect": "Allow", "Principal": {"AWS": STRANGER}, "Action": "s3:ListBucket", "Resource": ARN},
        ],
    }
)


def points(door: Door) -> list[str]:
    return [point.arn for point in door.fake.store.points.points.values()]


def test_a_life(door: Door, client: Any, control: Any, bucket: str) -> None:
    made = control.create_access_point(**MINE, Bucket=bucket)
    assert made["AccessPointArn"] == ARN
    client.put_object(Bucket=made["AccessPointArn"], Key="k", Body=b"1")
    assert client.get_object(Bucket=made["Alias"], Key="k")["Body"].read() == b"1"
    got = control.get_access_point(**MINE)
    del got["ResponseMetadata"]
    created = got.pop("CreationDate")
    assert created.utcoffset() is not None
    assert got == {
        "Name": "point",
        "Bucket": "bucket",
        "NetworkOrigin": "Internet",
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": True,
        },
        "Alias": made["Alias"],
        "AccessPointArn": ARN,
        "Endpoints": {
            "ipv4": "s3-accesspoint.us-east-1.amazonaws.com",
            "fips": "s3-accesspoint-fips.us-east-1.amazonaws.com",
            "dualstack": "s3-accesspoint.dualstack.us-east-1.amazonaws.com",
            "fips_dualstack": "s3-accesspoint-fips.dualstack.us-east-1.amazonaws.com",
        },
        "BucketAccountId": OWNER,
    }
    control.delete_access_point(**MINE)
    assert points(door) == []
    refused(
        partial(client.get_object, Bucket=ARN, Key="k"),
        404,
        "NoSuchAccessPoint",
        NO_SUCH_ACCESS_POINT,
        {"AccessPointName": "point"},
    )
    client.delete_object(Bucket=bucket, Key="k")
    client.delete_bucket(Bucket=bucket)


def test_options(door: Door, control: Any, bucket: str) -> None:
    block = {"BlockPublicPolicy": True}
    control.create_access_point(
        **MINE, Bucket=bucket, VpcConfiguration={"VpcId": "vpc-1"}, PublicAccessBlockConfiguration=block, BucketAccountId=OWNER
    )
    got = control.get_access_point(**MINE)
    assert (got["NetworkOrigin"], got["VpcConfiguration"]) == ("VPC", {"VpcId": "vpc-1"})
    (point,) = door.fake.store.points.points.values()
    assert point.block == PublicAccessBlock(False, False, True, False)


def test_lists(door: Door, control: Any, new: Clients, bucket: str) -> None:
    door.client.create_bucket(Bucket="other")
    for number in range(5):
        door.fake.add_access_point(f"point-{number}", "other" if number == 3 else bucket)
    door.fake.add_access_point("theirs", bucket, account=STRANGER)
    names = [f"point-{number}" for number in range(5)]
    listed = control.list_access_points(AccountId=OWNER)
    assert [one["Name"] for one in listed["AccessPointList"]] == names
    assert "NextToken" not in listed
    first = listed["AccessPointList"][0]
    alias = door.fake.store.points.find("point-0", OWNER, "us-east-1")
    assert alias is not None
    assert first == {
        "Name": "point-0",
        "NetworkOrigin": "Internet",
        "Bucket": "bucket",
        "AccessPointArn": ARN.replace("point/point", "point/point-0"),
        "Alias": alias.alias,
        "BucketAccountId": OWNER,
    }
    found, token = [], None
    while True:
        page = control.list_access_points(AccountId=OWNER, Bucket=bucket, MaxResults=2, **({"NextToken": token} if token else {}))
        assert len(page["AccessPointList"]) <= 2
        found += [one["Name"] for one in page["AccessPointList"]]
        token = page.get("NextToken")
        if token is None:
            break
    assert found == ["point-0", "point-1", "point-2", "point-4"]
    theirs = new("s3control", key=STRANGER).list_access_points(AccountId=STRANGER)
    assert [one["Name"] for one in theirs["AccessPointList"]] == ["theirs"]


def test_policies(door: Door, control: Any, bucket: str) -> None:
    control.create_access_point(**MINE, Bucket=bucket)
    absent = {"AccessPointName": "point"}
    for call in (control.get_access_point_policy, control.get_access_point_policy_status):
        refused(partial(call, **MINE), 404, "NoSuchAccessPointPolicy", "The specified accesspoint policy does not exist", absent)
    control.put_access_point_policy(**MINE, Policy=READS)
    assert control.get_access_point_policy(**MINE)["Policy"] == READS
    assert control.get_access_point_policy_status(**MINE)["PolicyStatus"] == {"IsPublic": False}
    control.delete_access_point_policy(**MINE)
    control.delete_access_point_policy(**MINE)
    refused(
        partial(control.get_access_point_policy, **MINE),
        404,
        "NoSuchAccessPointPolicy",
        "The specified accesspoint policy does not exist",
        absent,
    )


def test_public_policies(door: Door, control: Any, bucket: str) -> None:
    public = READS.replace(f'{{"AWS": "{STRANGER}"}}', '"*"')
    control.create_access_point(**MINE, Bucket=bucket)
    refused(partial(control.put_access_point_policy, **MINE, Policy=public), 403, "AccessDenied", "Access Denied")
    control.create_access_point(
        AccountId=OWNER, Name="open", Bucket=bucket, PublicAccessBlockConfiguration={"BlockPublicAcls": True}
    )
    theirs = public.replace("point/point", "point/open")
    control.put_access_point_policy(AccountId=OWNER, Name="open", Policy=theirs)
    status = control.get_access_point_policy_status(AccountId=OWNER, Name="open")
    assert status["PolicyStatus"] == {"IsPublic": True}
    control.create_access_point(AccountId=OWNER, Name="inner", Bucket=bucket, VpcConfiguration={"VpcId": "vpc-1"})
    control.put_access_point_policy(AccountId=OWNER, Name="inner", Policy=public.replace("point/point", "point/inner"))
    status = control.get_access_point_policy_status(AccountId=OWNER, Name="inner")
    assert status["PolicyStatus"] == {"IsPublic": False}  # for a VPC it never is


BAD_POLICIES = {
    "no JSON": ("{", "This policy contains invalid Json"),
    "no policy": ("[]", "Policies must be valid JSON and the first byte must be '{'"),
    "the bucket's ARN": (READS.replace(f"{ARN}/object/*", "arn:aws:s3:::bucket/*"), "Policy has invalid resource"),
    "another access point": (READS.replace("point/point/object", "point/other/object"), "Policy has invalid resource"),
    "a key without /object": (READS.replace("/object/*", "/*"), "Policy has invalid resource"),
    "an unknown action": (READS.replace("s3:GetObject", "s3:Frobnicate"), "Policy has invalid action"),
    "an action of the other level": (
        READS.replace("s3:ListBucket", "s3:GetObject"),
        "Action does not apply to any resource(s) in statement",
    ),
}


@pytest.mark.parametrize("case", BAD_POLICIES)
def test_bad_policies(door: Door, control: Any, bucket: str, case: str) -> None:
    text, message = BAD_POLICIES[case]
    control.create_access_point(**MINE, Bucket=bucket)
    refused(partial(control.put_access_point_policy, **MINE, Policy=text), 400, "MalformedPolicy", message)
    assert [point.policy for point in door.fake.store.points.points.values()] == [None]


def test_too_long_a_policy(control: Any, bucket: str) -> None:
    control.create_access_point(**MINE, Bucket=bucket)
    text = READS + " " * 20480
    refused(
        partial(control.put_access_point_policy, **MINE, Policy=text),
        400,
        "PolicyTooLarge",
        "Your policy is too large",
        {"MaxSizeAllowed": "20480"},
    )


CREATES: dict[str, tuple[dict[str, Any], int, str, str, dict[str, str]]] = {
    "no bucket": (
        {"Bucket": "no-such-bucket"},
        404,
        "NoSuchBucket",
        NO_SUCH_BUCKET,
        {"BucketName": "no-such-bucket"},
    ),
    "a bad name": ({"Name": "Point"}, 400, "InvalidAccessPoint", "The specified access point name or account is not valid.", {}),
    "there already": (
        {"Name": "there"},
        409,
        "AccessPointAlreadyOwnedByYou",
        "Your previous request to create the named accesspoint succeeded and you already own it.",
        {"AccessPointName": "there"},
    ),
    "another account's bucket": ({"Bucket": "theirs"}, 403, "AccessDenied", "Access Denied", {}),
    "not that account's bucket": ({"BucketAccountId": STRANGER}, 403, "AccessDenied", "Access Denied", {}),
    "in another's name": ({"AccountId": STRANGER}, 403, "AccessDenied", "Access Denied", {}),
    "tags": (
        {"Tags": [{"Key": "a", "Value": "b"}]},
        501,
        "NotImplemented",
        "fakes3part does not implement S3 Control's CreateAccessPoint (Tags)",
        {"Operation": "S3 Control's CreateAccessPoint"},
    ),
}


@pytest.mark.parametrize("case", CREATES)
def test_refused(door: Door, control: Any, new: Clients, bucket: str, case: str) -> None:
    given, status, code, message, extras = CREATES[case]
    new(key=STRANGER).create_bucket(Bucket="theirs")
    door.fake.add_access_point("there", bucket)
    before = points(door)
    with unchanged(door.fake):
        create = partial(control.create_access_point, **{**MINE, "Bucket": bucket, **given})
        refused(create, status, code, message, extras)
    assert points(door) == before


def test_across_accounts(door: Door, new: Clients, bucket: str) -> None:
    theirs = new("s3control", key=STRANGER)
    made = theirs.create_access_point(AccountId=STRANGER, Name="point", Bucket=bucket, BucketAccountId=OWNER)
    assert made["AccessPointArn"] == f"arn:aws:s3:us-east-1:{STRANGER}:accesspoint/point"
    assert theirs.get_access_point(AccountId=STRANGER, Name="point")["BucketAccountId"] == OWNER


@pytest.mark.parametrize(
    "method", ["get_access_point", "delete_access_point", "get_access_point_policy", "delete_access_point_policy"]
)
def test_a_missing_access_point(control: Any, method: str) -> None:
    refused(
        partial(getattr(control, method), **MINE), 404, "NoSuchAccessPoint", NO_SUCH_ACCESS_POINT, {"AccessPointName": "point"}
    )


def test_another_region(door: Door, new: Clients, bucket: str) -> None:
    """AWS's hosts have a region: access points of other regions are not found, and buckets of other regions get none."""
    if door.name == "server":
        return
    there = new("s3control", region="eu-west-1")
    message = "The bucket is in us-east-1: its access points can be created in that Region only."
    refused(partial(there.create_access_point, **MINE, Bucket=bucket), 400, "InvalidRequest", message)
    door.fake.add_access_point("point", bucket)
    refused(partial(there.get_access_point, **MINE), 404, "NoSuchAccessPoint", NO_SUCH_ACCESS_POINT, {"AccessPointName": "point"})
    assert there.list_access_points(AccountId=OWNER)["AccessPointList"] == []


def test_own_policies_count(door: Door, bucket: str, new: Clients) -> None:
    statement = {"Effect": "Allow", "Action": "s3:CreateAccessPoint", "Resource": ARN}
    user = door.fake.add_user(
        None, f"maker-{door.name}-{len(door.fake.accounts.principals)}", {"Version": "2012-10-17", "Statement": [statement]}
    )
    control = new("s3control", key=user.access_key, aws_secret_access_key=user.secret_key)
    control.create_access_point(**MINE, Bucket=bucket)
    words = (
        f"User: {user.arn} is not authorized to perform: s3:DeleteAccessPoint on resource: {ARN} because no identity-based "
        "policy allows the s3:DeleteAccessPoint action"
    )
    refused(partial(control.delete_access_point, **MINE), 403, "AccessDenied", words)


def test_unsupported_members(control: Any) -> None:
    name = "ListAccessPointsForObjectLambda"
    message = f"fakes3part does not implement S3 Control's {name}"
    ask = partial(control.list_access_points_for_object_lambda, AccountId=OWNER)
    refused(ask, 501, "NotImplemented", message, {"Operation": f"S3 Control's {name}"})
