"""S3 Control's operations on Outposts, through both doors."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from functools import partial
from typing import Any

import pytest

from tests.support.callers import OWNER
from tests.support.doors import Door, refused
from tests.support.errors import BUCKET_ALREADY_OWNED_BY_YOU, BUCKET_NOT_EMPTY, INVALID_BUCKET_NAME, NO_SUCH_BUCKET
from tests.support.named_clients import Clients

OUTPOST = "op-01234567890123456"
PLACE = f"arn:aws:s3-outposts:us-west-2:{OWNER}:outpost/{OUTPOST}"
BUCKET = f"{PLACE}/bucket/reports"
POINT = f"{PLACE}/accesspoint/point"
MINE = {"AccountId": OWNER}


@pytest.fixture
def reports(control: Any) -> dict[str, str]:
    """The params that name the bucket."""
    assert control.create_bucket(Bucket="reports", OutpostId=OUTPOST)["BucketArn"] == BUCKET
    return {**MINE, "Bucket": BUCKET}


def test_buckets(door: Door, control: Any, reports: dict[str, str]) -> None:
    got = control.get_bucket(**reports)
    assert (got["Bucket"], got["PublicAccessBlockEnabled"]) == ("reports", True)
    control.create_bucket(Bucket="archive", OutpostId=OUTPOST)
    control.create_bucket(Bucket="elsewhere", OutpostId="op-00000000000000000")
    listed = control.list_regional_buckets(**MINE, OutpostId=OUTPOST)["RegionalBucketList"]
    assert [(one["Bucket"], one["OutpostId"]) for one in listed] == [("archive", OUTPOST), ("reports", OUTPOST)]
    assert listed[1]["BucketArn"] == BUCKET
    first = control.list_regional_buckets(**MINE, OutpostId=OUTPOST, MaxResults=1)
    second = control.list_regional_buckets(**MINE, OutpostId=OUTPOST, MaxResults=1, NextToken=first["NextToken"])
    assert [page["RegionalBucketList"][0]["Bucket"] for page in (first, second)] == ["archive", "reports"]
    assert "NextToken" not in second
    control.delete_bucket(**reports)
    extras = {"BucketName": "reports"}
    for call in (control.get_bucket, control.delete_bucket, control.get_bucket_versioning):
        refused(partial(call, **reports), 404, "NoSuchBucket", NO_SUCH_BUCKET, extras)


def test_buckets_refused(door: Door, control: Any, reports: dict[str, str]) -> None:
    create = partial(control.create_bucket, OutpostId=OUTPOST)
    refused(
        partial(create, Bucket="reports"),
        409,
        "BucketAlreadyOwnedByYou",
        BUCKET_ALREADY_OWNED_BY_YOU,
        {"BucketName": "reports"},
    )
    invalid = {"BucketName": "Reports"}
    refused(partial(create, Bucket="Reports"), 400, "InvalidBucketName", INVALID_BUCKET_NAME, invalid)
    message = "ACL is not supported by Amazon S3 on Outposts buckets."
    refused(partial(create, Bucket="other", ACL="private"), 400, "InvalidRequest", message)
    argument = {"ArgumentName": "x-amz-outpost-id", "ArgumentValue": "op-1"}
    refused(
        partial(control.create_bucket, Bucket="other", OutpostId="op-1"), 400, "InvalidArgument", "Invalid Outpost id", argument
    )
    assert len(door.fake.store.points.outposts) == 1


def test_access_points(door: Door, control: Any, client: Any, reports: dict[str, str]) -> None:
    create = partial(control.create_access_point, **reports, Name="point")
    refused(create, 400, "InvalidRequest", "S3 on Outposts only supports VPC-style access points.")
    made = create(VpcConfiguration={"VpcId": "vpc-1"})
    assert made["AccessPointArn"] == POINT
    assert made["Alias"].endswith("--op-s3")
    got = control.get_access_point(**MINE, Name=POINT)
    assert (got["Name"], got["Bucket"], got["NetworkOrigin"], got["VpcConfiguration"]) == (
        "point",
        "reports",
        "VPC",
        {"VpcId": "vpc-1"},
    )
    assert "PublicAccessBlockConfiguration" not in got
    listed = control.list_access_points(**reports)["AccessPointList"]
    assert [(one["Name"], one["AccessPointArn"]) for one in listed] == [("point", POINT)]
    client.put_object(Bucket=POINT, Key="k", Body=b"")
    full = {"BucketName": "reports"}
    refused(partial(control.delete_bucket, **reports), 409, "BucketNotEmpty", BUCKET_NOT_EMPTY, full)
    client.delete_object(Bucket=POINT, Key="k")
    attached = (
        "The bucket you are attempting to delete has access points attached. Delete your access points before attempting to "
        "delete the bucket."
    )
    refused(partial(control.delete_bucket, **reports), 400, "BucketHasAccessPointsAttached", attached, full)
    control.delete_access_point(**MINE, Name=POINT)
    assert control.list_access_points(**reports)["AccessPointList"] == []
    control.delete_bucket(**reports)


def policy(resource: str, action: str = "s3-outposts:GetObject") -> str:
    statement = {"Effect": "Allow", "Principal": {"AWS": OWNER}, "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_policies(control: Any, reports: dict[str, str]) -> None:
    control.create_access_point(**reports, Name="point", VpcConfiguration={"VpcId": "vpc-1"})
    of_point, of_bucket = policy(f"{POINT}/object/*"), policy(f"{BUCKET}/object/*")
    control.put_access_point_policy(**MINE, Name=POINT, Policy=of_point)
    control.put_bucket_policy(**reports, Policy=of_bucket)
    assert control.get_access_point_policy(**MINE, Name=POINT)["Policy"] == of_point
    assert control.get_bucket_policy(**reports)["Policy"] == of_bucket
    for text, message in (
        (policy("arn:aws:s3:::reports/*"), "Policy has invalid resource"),
        (policy(f"{BUCKET}/object/*", "s3:GetObject"), "Policy has invalid action"),
        ("{", "This policy contains invalid Json"),
    ):
        refused(partial(control.put_bucket_policy, **reports, Policy=text), 400, "MalformedPolicy", message)
        refused(partial(control.put_access_point_policy, **MINE, Name=POINT, Policy=text), 400, "MalformedPolicy", message)
    control.delete_bucket_policy(**reports)
    missing = {"BucketName": "reports"}
    refused(partial(control.get_bucket_policy, **reports), 404, "NoSuchBucketPolicy", "The bucket policy does not exist", missing)


def test_sub_resources(control: Any, client: Any, reports: dict[str, str]) -> None:
    control.create_access_point(**reports, Name="point", VpcConfiguration={"VpcId": "vpc-1"})
    control.put_bucket_tagging(**reports, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    assert control.get_bucket_tagging(**reports)["TagSet"] == [{"Key": "a", "Value": "b"}]
    control.delete_bucket_tagging(**reports)
    missing = {"BucketName": "reports"}
    refused(partial(control.get_bucket_tagging, **reports), 404, "NoSuchTagSet", "The TagSet does not exist", missing)
    assert "Status" not in control.get_bucket_versioning(**reports)
    control.put_bucket_versioning(**reports, VersioningConfiguration={"Status": "Enabled"})
    assert control.get_bucket_versioning(**reports)["Status"] == "Enabled"
    version = client.put_object(Bucket=POINT, Key="k", Body=b"")["VersionId"]
    assert [one["VersionId"] for one in client.list_object_versions(Bucket=POINT)["Versions"]] == [version]


def test_lifecycle(door: Door, control: Any, client: Any, reports: dict[str, str]) -> None:
    control.create_access_point(**reports, Name="point", VpcConfiguration={"VpcId": "vpc-1"})
    door.fake.clock.freeze(datetime(2026, 1, 1, 12, tzinfo=timezone.utc))
    rule = {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 3}}
    control.put_bucket_lifecycle_configuration(**reports, LifecycleConfiguration={"Rules": [rule]})
    assert control.get_bucket_lifecycle_configuration(**reports)["Rules"] == [rule]
    for key in ("kept", "tmp/k"):
        client.put_object(Bucket=POINT, Key=key, Body=b"")
    door.client.create_bucket(Bucket="reports")  # another bucket of the same name
    door.client.put_object(Bucket="reports", Key="tmp/k", Body=b"")
    door.fake.clock.advance(days=5)
    assert [one["Key"] for one in client.list_objects_v2(Bucket=POINT)["Contents"]] == ["kept"]
    assert list(door.fake.store.buckets["reports"].objects) == ["tmp/k"]
    moves = {**rule, "Transitions": [{"Days": 1, "StorageClass": "GLACIER"}]}
    message = "Lifecycle transitions are not supported by Amazon S3 on Outposts buckets."
    put = partial(control.put_bucket_lifecycle_configuration, **reports, LifecycleConfiguration={"Rules": [moves]})
    refused(put, 400, "InvalidRequest", message)
    control.delete_bucket_lifecycle_configuration(**reports)
    refused(
        partial(control.get_bucket_lifecycle_configuration, **reports),
        404,
        "NoSuchLifecycleConfiguration",
        "The lifecycle configuration does not exist",
        {"BucketName": "reports"},
    )
    door.fake.clock.reset()


def test_elsewhere_there_are_none(new: Clients) -> None:
    """Buckets of S3 Control are on Outposts, or there is nothing to tell of them."""
    control = new("s3control")
    refused(
        partial(control.get_bucket, **MINE, Bucket="reports"),
        400,
        "InvalidRequest",
        "Missing required header for this request: x-amz-outpost-id",
    )


def test_own_policies_count(door: Door, new: Clients, control: Any, reports: dict[str, str]) -> None:
    statement = {"Effect": "Allow", "Action": "s3-outposts:GetBucket", "Resource": BUCKET}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    user = door.fake.add_user(None, f"user-{len(door.fake.accounts.principals)}", document)
    limited = new("s3control", region="us-west-2", key=user.access_key, aws_secret_access_key=user.secret_key)
    if door.name == "server":  # its region is us-east-1, and the signature of a known key is judged
        return
    assert limited.get_bucket(**reports)["Bucket"] == "reports"
    words = (
        f"User: {user.arn} is not authorized to perform: s3-outposts:DeleteBucket on resource: {BUCKET} because no "
        "identity-based policy allows the s3-outposts:DeleteBucket action"
    )
    refused(partial(limited.delete_bucket, **reports), 403, "AccessDenied", words)
