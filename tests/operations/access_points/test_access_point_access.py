"""Authorization through access points: the access point and its bucket must both allow the request."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fakes3part.api.fakes3 import FakeS3
from fakes3part.auth.callers import Principal
from fakes3part.state.access_control import PublicAccessBlock
from fakes3part.state.access_points import AccessPoint
from tests.support.callers import OWNER, STRANGER
from tests.support.doors import Door, refused
from tests.support.named_clients import Clients
from tests.support.state import unchanged

ARN = f"arn:aws:s3:us-east-1:{OWNER}:accesspoint/point"
ON_POINT = {"Action": "s3:GetObject", "Resource": f"{ARN}/object/*"}
ON_BUCKET = {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/*"}
DELEGATES = {
    "Principal": "*",
    "Action": "s3:*",
    "Resource": ["arn:aws:s3:::bucket", "arn:aws:s3:::bucket/*"],
    "Condition": {"StringEquals": {"s3:DataAccessPointAccount": OWNER}},
}
EVERYBODY = {"Principal": "*"}
THEM = {"Principal": {"AWS": STRANGER}}
DENIES = {"Effect": "Deny", "Principal": "*"}
OPEN = PublicAccessBlock(False, False, False, False)

Statements = list[dict[str, Any]]


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **one} for one in statements]})


@pytest.fixture
def fake() -> Iterator[FakeS3]:
    with FakeS3() as fake:
        with contextlib.closing(fake.client()) as s3:
            s3.create_bucket(Bucket="bucket")
            s3.put_object(Bucket="bucket", Key="k", Body=b"text")
        yield fake


def put_policies(fake: FakeS3, point: Statements, bucket: Statements, **more: Any) -> AccessPoint:
    if bucket:
        fake.store.buckets["bucket"].public_access_block = more.pop("bucket_block", None)
        fake.store.buckets["bucket"].policy = policy(*bucket)
    return fake.add_access_point("point", "bucket", policy=policy(*point) if point else None, **{"block": OPEN, **more})


def caller_of(fake: FakeS3, who: str, mine: Statements) -> Principal | str | None:
    if who == "anonymous":
        return "anonymous"
    if who == "stranger":
        return fake.add_account(STRANGER)
    account = OWNER if who == "user" else STRANGER
    return fake.add_user(account, "user", json.loads(policy(*mine)) if mine else None) if who != "root" else None


def may(fake: FakeS3, who: Principal | str | None, name: str, operation: str = "get_object", **params: Any) -> int:
    anonymous = who == "anonymous"
    client = fake.client(None if anonymous else who, anonymous=anonymous)
    with contextlib.closing(client):
        try:
            response = getattr(client, operation)(Bucket=name, **({"Key": "k"} | params))
        except ClientError as error:
            response = error.response
        return int(response["ResponseMetadata"]["HTTPStatusCode"])


# Caller, statements of its identity policy, of the access point's policy, of the bucket's; and the status of GetObject.
TABLE: dict[str, tuple[str, Statements, Statements, Statements, int]] = {
    "root": ("root", [], [], [], 200),
    "root, the point denies": ("root", [], [{**ON_POINT, **DENIES}], [], 403),
    "root, the bucket denies": ("root", [], [], [{**ON_BUCKET, **DENIES}], 403),
    "root, denied elsewhere": ("root", [], [{**ON_POINT, **DENIES, "Action": "s3:PutObject"}], [], 200),
    "user": ("user", [], [], [], 403),
    "user, own policy for both": ("user", [ON_POINT, ON_BUCKET], [], [], 200),
    "user, own policy for the point": ("user", [ON_POINT], [], [], 403),
    "user, own policy for the bucket": ("user", [ON_BUCKET], [], [], 403),
    "user, own policy for the point, delegated": ("user", [ON_POINT], [], [DELEGATES], 200),
    "user, the point allows": ("user", [], [{**ON_POINT, **EVERYBODY}], [], 403),
    "user, the point allows, delegated": ("user", [], [{**ON_POINT, **EVERYBODY}], [DELEGATES], 200),
    "user, both allow": ("user", [], [{**ON_POINT, **EVERYBODY}], [{**ON_BUCKET, **EVERYBODY}], 200),
    "user, only the bucket allows": ("user", [], [], [{**ON_BUCKET, **EVERYBODY}], 403),
    "user, delegated to nobody": ("user", [], [], [DELEGATES], 403),
    "user, own policy denies the point": (
        "user",
        [{**ON_POINT, "Effect": "Deny"}],
        [{**ON_POINT, **EVERYBODY}],
        [DELEGATES],
        403,
    ),
    "user, own policy denies the bucket": (
        "user",
        [{**ON_BUCKET, "Effect": "Deny"}],
        [{**ON_POINT, **EVERYBODY}],
        [DELEGATES],
        403,
    ),
    "stranger": ("stranger", [], [], [], 403),
    "stranger, the point allows": ("stranger", [], [{**ON_POINT, **THEM}], [], 403),
    "stranger, the point allows, delegated": ("stranger", [], [{**ON_POINT, **THEM}], [DELEGATES], 200),
    "stranger, the point allows others": ("stranger", [], [{**ON_POINT, "Principal": {"AWS": OWNER}}], [DELEGATES], 403),
    "guest, the point allows, delegated": ("guest", [], [{**ON_POINT, **THEM}], [DELEGATES], 403),
    "guest, own policy too": ("guest", [ON_POINT], [{**ON_POINT, **THEM}], [DELEGATES], 200),
    "guest, own policy denies the bucket": (
        "guest",
        [ON_POINT, {**ON_BUCKET, "Effect": "Deny"}],
        [{**ON_POINT, **THEM}],
        [DELEGATES],
        403,
    ),
    "anonymous": ("anonymous", [], [], [DELEGATES], 403),
}


@pytest.mark.parametrize("way", ["arn", "alias"])
@pytest.mark.parametrize("case", TABLE)
def test_decisions(fake: FakeS3, case: str, way: str) -> None:
    who, mine, on_point, on_bucket, status = TABLE[case]
    point = put_policies(fake, on_point, on_bucket)
    caller = caller_of(fake, who, mine)
    with unchanged(fake):
        assert may(fake, caller, getattr(point, way)) == status
    explained = fake.explain("GetObject", bucket=getattr(point, way), key="k", caller=caller)
    assert bool(explained) == (status == 200)


def test_a_bucket_is_not_opened_by_its_access_points(fake: FakeS3) -> None:
    """What is allowed through an access point is not allowed directly."""
    point = put_policies(fake, [{**ON_POINT, **EVERYBODY}], [DELEGATES])
    user = caller_of(fake, "user", [])
    assert (may(fake, user, point.arn), may(fake, user, "bucket")) == (200, 403)


CONDITIONS = {
    "s3:DataAccessPointArn": (ARN, 200),
    "s3:DataAccessPointAccount": (OWNER, 200),
    "s3:AccessPointNetworkOrigin": ("Internet", 200),
}


@pytest.mark.parametrize("key", CONDITIONS)
@pytest.mark.parametrize("right", [True, False])
def test_condition_keys(fake: FakeS3, key: str, right: bool) -> None:
    value = CONDITIONS[key][0] if right else "other"
    delegates = {**DELEGATES, "Condition": {"StringLike": {key: value}}}
    point = put_policies(fake, [{**ON_POINT, **EVERYBODY}], [delegates])
    assert may(fake, caller_of(fake, "user", []), point.arn) == (200 if right else 403)


def test_bucket_operations(fake: FakeS3) -> None:
    """The resource of a listing is the access point itself."""
    listing = {**EVERYBODY, "Action": "s3:ListBucket", "Resource": ARN, "Condition": {"StringEquals": {"s3:prefix": "a/"}}}
    point = put_policies(fake, [listing], [DELEGATES])
    user = caller_of(fake, "user", [])
    with contextlib.closing(fake.client(user)) as client:  # type: ignore[arg-type]
        assert client.list_objects_v2(Bucket=point.arn, Prefix="a/")["KeyCount"] == 0
        message = (
            f'User: {user.arn} is not authorized to perform: s3:ListBucket on resource: "{ARN}" because no '  # type: ignore[union-attr]
            "identity-based policy allows the s3:ListBucket action"
        )
        refused(partial(client.list_objects_v2, Bucket=point.alias, Prefix="b/"), 403, "AccessDenied", message)


def test_a_missing_key(fake: FakeS3) -> None:
    """Only who may list learns that it is not."""
    point = put_policies(fake, [{**ON_POINT, **EVERYBODY}], [DELEGATES])
    user = caller_of(fake, "user", [])
    assert may(fake, user, point.arn, Key="none") == 403
    assert may(fake, None, point.arn, Key="none") == 404


def test_each_key_of_many(fake: FakeS3) -> None:
    deletes = {**EVERYBODY, "Action": "s3:DeleteObject", "Resource": f"{ARN}/object/k"}
    point = put_policies(fake, [deletes], [DELEGATES])
    with contextlib.closing(fake.client(caller_of(fake, "user", []))) as client:  # type: ignore[arg-type]
        response = client.delete_objects(Bucket=point.arn, Delete={"Objects": [{"Key": "k"}, {"Key": "l"}]})
    assert [one["Key"] for one in response["Deleted"]] == ["k"]
    assert [(one["Key"], one["Code"]) for one in response["Errors"]] == [("l", "AccessDenied")]


def test_copies_ask_the_sources_access_point(fake: FakeS3) -> None:
    point = put_policies(fake, [{**ON_POINT, **EVERYBODY}], [DELEGATES])
    writes = {"Action": "s3:PutObject", "Resource": "arn:aws:s3:::bucket/*"}
    user = caller_of(fake, "user", [writes])
    with contextlib.closing(fake.client(user)) as client:  # type: ignore[arg-type]
        client.copy_object(Bucket="bucket", Key="c", CopySource=f"{point.arn}/object/k")
        upload = client.create_multipart_upload(Bucket="bucket", Key="m")["UploadId"]
        client.upload_part_copy(Bucket="bucket", Key="m", UploadId=upload, PartNumber=1, CopySource=f"{point.alias}/k")
        with pytest.raises(ClientError, match="AccessDenied"):
            client.copy_object(Bucket="bucket", Key="d", CopySource="bucket/k")
    assert sorted(fake.store.buckets["bucket"].objects) == ["c", "k"]


# --- public access ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("of_point", "of_bucket", "status"),
    [
        (OPEN, None, 200),
        (OPEN, OPEN, 200),
        (PublicAccessBlock(False, False, False, True), None, 403),
        (OPEN, PublicAccessBlock(False, False, False, True), 403),
        (PublicAccessBlock(True, True, True, False), None, 200),
    ],
)
def test_public_access_blocks(
    fake: FakeS3, of_point: PublicAccessBlock, of_bucket: PublicAccessBlock | None, status: int
) -> None:
    """The strictest counts."""
    point = put_policies(fake, [{**ON_POINT, **EVERYBODY}], [DELEGATES], bucket_block=of_bucket)
    fake.store.points.replace(replace(point, block=of_point))
    assert may(fake, "anonymous", point.alias) == status
    assert may(fake, None, point.alias) == 200


def test_public_policies_are_blocked(fake: FakeS3) -> None:
    """An access point's policy for everybody is public, though its bucket may delegate without being so."""
    with pytest.raises(ValueError, match="AccessDenied"):
        fake.add_access_point("point", "bucket", policy=policy({**ON_POINT, **EVERYBODY}), block=PublicAccessBlock())
    assert fake.store.points.points == {}


# --- networks --------------------------------------------------------------------------------------------------------


def test_vpc(fake: FakeS3) -> None:
    point = put_policies(fake, [{**ON_POINT, **EVERYBODY}], [], vpc="vpc-1")
    assert may(fake, None, point.arn) == 403
    assert "for requests from vpc-1 only, and this one comes from the internet" in str(fake.last_denial)
    assert not fake.explain("GetObject", bucket=point.arn, key="k")
    fake.vpc = "vpc-2"
    assert may(fake, None, point.alias) == 403
    fake.vpc = "vpc-1"
    assert may(fake, None, point.alias) == 200
    assert fake.explain("GetObject", bucket=point.arn, key="k")
    fake.vpc = None
    assert may(fake, None, "bucket") == 200


def test_vpc_endpoints(fake: FakeS3) -> None:
    """A request to a VPC endpoint's host comes from its VPC."""
    point = fake.add_access_point("point", "bucket", vpc="vpc-1")
    endpoint = "https://accesspoint.vpce-1a2b3c4d-5e6f.s3.us-east-1.vpce.amazonaws.com"
    with contextlib.closing(fake.client(endpoint_url=endpoint)) as client:
        assert client.get_object(Bucket=point.arn, Key="k")["Body"].read() == b"text"


def test_source_vpc(fake: FakeS3) -> None:
    """Bucket policies can have conditions on `FakeS3.vpc` too."""
    only = {**ON_BUCKET, **DENIES, "Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}}
    fake.store.buckets["bucket"].policy = policy(only)
    assert may(fake, None, "bucket") == 403
    fake.vpc = "vpc-1"
    assert may(fake, None, "bucket") == 200


# --- accounts --------------------------------------------------------------------------------------------------------


def test_an_access_point_of_another_account(fake: FakeS3) -> None:
    """The owner of the access point needs the bucket's word; with it, its root needs nothing else."""
    them = fake.add_account(STRANGER)
    point = fake.add_access_point("point", "bucket", account=them)
    assert point.arn == f"arn:aws:s3:us-east-1:{STRANGER}:accesspoint/point"
    assert may(fake, them, point.arn) == 403
    fake.store.buckets["bucket"].policy = policy(
        {**DELEGATES, "Condition": {"StringEquals": {"s3:DataAccessPointAccount": STRANGER}}}
    )
    assert may(fake, them, point.arn) == 200
    assert may(fake, None, point.arn) == 403  # the bucket's owner is a stranger to the access point


def test_expected_owner(door: Door, client: Any, point: AccessPoint) -> None:
    """The bucket's."""
    get = partial(client.get_object, Bucket=point.arn, Key="k")
    assert get(ExpectedBucketOwner=OWNER)["Body"].read() == b"text"
    refused(partial(get, ExpectedBucketOwner=STRANGER), 403, "AccessDenied", "Access Denied")


def test_through_both_doors(door: Door, new: Clients, bucket: str) -> None:
    with contextlib.closing(door.fake.client()) as owner:
        owner.put_object(Bucket=bucket, Key="k", Body=b"text")
    door.fake.store.buckets[bucket].policy = policy(DELEGATES)
    point = door.fake.add_access_point("point", bucket, policy=policy({**ON_POINT, **THEM}))
    them = new(key=STRANGER)
    for name in (point.arn, point.alias):
        assert them.get_object(Bucket=name, Key="k")["Body"].read() == b"text"
        with unchanged(door.fake):
            refused(partial(them.put_object, Bucket=name, Key="k", Body=b""), 403, "AccessDenied", "Access Denied")
