"""Objects on Outposts: through access points, by every form of ARN and by alias, signed by SigV4A as botocore does there."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import Any

import pytest
from botocore.config import Config

from fakes3part.api.fakes3 import FakeS3
from fakes3part.state.access_points import AccessPoint
from fakes3part.state.bucket import Bucket
from tests.support.callers import OWNER
from tests.support.doors import Door, MiB, refused, refused_head
from tests.support.errors import HEADER_NOT_IMPLEMENTED, INVALID_STORAGE_CLASS, METHOD_NOT_ALLOWED, NO_SUCH_ACCESS_POINT
from tests.support.named_clients import Clients
from tests.support.state import unchanged

OUTPOST = "op-01234567890123456"
NOT_THERE = "This functionality is not supported for Amazon S3 on Outposts"


@pytest.fixture(params=["slashes", "colons"])
def name(request: pytest.FixtureRequest, point: AccessPoint) -> str:
    if request.param == "slashes":
        return point.arn
    head, _, tail = point.arn.partition("outpost/")
    return f"{head}outpost:{tail.replace('/', ':')}"


def inside(door: Door) -> Bucket:
    return door.fake.store.points.outposts[OWNER, OUTPOST, "reports"]


def test_names(point: AccessPoint) -> None:
    assert point.arn == f"arn:aws:s3-outposts:us-west-2:{OWNER}:outpost/{OUTPOST}/accesspoint/point"
    assert point.alias.endswith("--op-s3")
    assert len(point.alias) <= 63


def test_objects(door: Door, client: Any, name: str) -> None:
    put = client.put_object(Bucket=name, Key="a b/é", Body=b"text", Metadata={"m": "1"}, Tagging="t=1")
    assert put["ServerSideEncryption"] == "AES256"
    head = client.head_object(Bucket=name, Key="a b/é")
    assert (head["StorageClass"], head["Metadata"]) == ("OUTPOSTS", {"m": "1"})
    assert client.get_object(Bucket=name, Key="a b/é", Range="bytes=1-2")["Body"].read() == b"ex"
    assert client.get_object_tagging(Bucket=name, Key="a b/é")["TagSet"] == [{"Key": "t", "Value": "1"}]
    listed = client.list_objects_v2(Bucket=name)
    assert listed["Name"] == "reports"
    assert [(one["Key"], one["StorageClass"]) for one in listed["Contents"]] == [("a b/é", "OUTPOSTS")]
    client.copy_object(Bucket=name, Key="copy", CopySource={"Bucket": name, "Key": "a b/é"})
    assert [version.properties.storage_class for version in inside(door).objects.values.values()] == ["OUTPOSTS"] * 2
    assert client.head_bucket(Bucket=name)["BucketRegion"] == "us-west-2"
    client.delete_objects(Bucket=name, Delete={"Objects": [{"Key": "a b/é"}, {"Key": "copy"}]})
    assert inside(door).is_empty
    assert door.fake.buckets == {}  # nothing of it is a bucket of S3's


def test_the_multipart_family(door: Door, client: Any, name: str, point: AccessPoint) -> None:
    client.put_object(Bucket=name, Key="k", Body=b"text")
    created = client.create_multipart_upload(Bucket=name, Key="m", StorageClass="OUTPOSTS")
    upload = {"Bucket": name, "Key": "m", "UploadId": created["UploadId"]}
    etags = [client.upload_part(**upload, PartNumber=1, Body=b"a" * 5 * MiB)["ETag"]]
    copied = client.upload_part_copy(**upload, PartNumber=2, CopySource=f"{point.arn}/object/k", CopySourceRange="bytes=1-2")
    etags.append(copied["CopyPartResult"]["ETag"])
    listed, uploads = client.list_parts(**upload), client.list_multipart_uploads(Bucket=name)
    assert [created["Bucket"], listed["Bucket"], uploads["Bucket"]] == ["reports"] * 3
    assert (listed["StorageClass"], uploads["Uploads"][0]["StorageClass"]) == ("OUTPOSTS", "OUTPOSTS")
    parts = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(etags, 1)]
    done = client.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    assert done["Bucket"] == "reports"
    assert f"//point-{OWNER}.{OUTPOST}." in done["Location"]
    assert client.head_object(Bucket=name, Key="m")["ContentLength"] == 5 * MiB + 2
    other = client.create_multipart_upload(Bucket=name, Key="n")
    client.abort_multipart_upload(Bucket=name, Key="n", UploadId=other["UploadId"])
    assert inside(door).uploads == {}


def test_alias(door: Door, point: AccessPoint) -> None:
    """botocore makes AWS's host of it, whatever endpoint it was given: so in-process only."""
    if door.name == "server":
        response = door.raw("PUT", "/k", {"Host": f"{point.alias}.{OUTPOST}.s3-outposts.us-west-2.amazonaws.com"})
        assert response.status == 200
    else:
        with door.client_with(region_name="us-west-2", config=Config()) as client:
            client.put_object(Bucket=point.alias, Key="k", Body=b"")
    assert list(inside(door).objects) == ["k"]


def test_plain_sigv4(new: Clients, point: AccessPoint) -> None:
    client = new(region="us-west-2", config=Config(signature_version="s3v4"))
    client.put_object(Bucket=point.arn, Key="k", Body=b"text")
    assert client.get_object(Bucket=point.arn, Key="k")["Body"].read() == b"text"


# --- what Outposts do not do -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("storage", ["STANDARD", "STANDARD_IA", "GLACIER", "EXPRESS_ONEZONE"])
def test_other_storage_classes(door: Door, client: Any, point: AccessPoint, storage: str) -> None:
    extras = {"StorageClassRequested": storage}
    client.put_object(Bucket=point.arn, Key="k", Body=b"")
    before = list(inside(door).objects.values.values())
    for call in (
        partial(client.put_object, Body=b"x"),
        client.create_multipart_upload,
        partial(client.copy_object, CopySource=f"{point.arn}/object/k"),
    ):
        refused(
            partial(call, Bucket=point.arn, Key="k", StorageClass=storage),
            400,
            "InvalidStorageClass",
            INVALID_STORAGE_CLASS,
            extras,
        )
    assert (list(inside(door).objects.values.values()), inside(door).uploads) == (before, {})


def test_the_storage_class_elsewhere(door: Door, s3: Any, bucket: str) -> None:
    extras = {"StorageClassRequested": "OUTPOSTS"}
    for call in (partial(s3.put_object, Body=b"x"), s3.create_multipart_upload):
        with unchanged(door.fake):
            refused(
                partial(call, Bucket=bucket, Key="k", StorageClass="OUTPOSTS"),
                400,
                "InvalidStorageClass",
                INVALID_STORAGE_CLASS,
                extras,
            )


KMS_KEY = f"arn:aws:kms:us-west-2:{OWNER}:key/11111111-2222-3333-4444-555555555555"
UNSUPPORTED: dict[str, tuple[str, dict[str, Any], str]] = {
    "ACL": ("put_object", {"ACL": "private"}, "x-amz-acl"),
    "grant": ("put_object", {"GrantRead": "id=1"}, "x-amz-grant-read"),
    "ACL of an upload": ("create_multipart_upload", {"ACL": "public-read"}, "x-amz-acl"),
    "KMS": ("put_object", {"ServerSideEncryption": "aws:kms"}, "x-amz-server-side-encryption"),
    "KMS's key": (
        "create_multipart_upload",
        {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": KMS_KEY},
        "x-amz-server-side-encryption-aws-kms-key-id",
    ),
    "lock": ("put_object", {"ObjectLockLegalHoldStatus": "ON"}, "x-amz-object-lock-legal-hold"),
    "redirect": ("put_object", {"WebsiteRedirectLocation": "/"}, "x-amz-website-redirect-location"),
    "payer": ("get_object", {"RequestPayer": "requester"}, "x-amz-request-payer"),
    "part of an object": ("get_object", {"PartNumber": 1}, "partNumber"),
}


@pytest.mark.parametrize("case", UNSUPPORTED)
def test_lacking(door: Door, client: Any, point: AccessPoint, case: str) -> None:
    method, given, header = UNSUPPORTED[case]
    extras = {"Header": header, "additionalMessage": NOT_THERE}
    refused(
        partial(getattr(client, method), Bucket=point.arn, Key="k", **given),
        501,
        "NotImplemented",
        HEADER_NOT_IMPLEMENTED,
        extras,
    )
    assert inside(door).is_empty
    assert inside(door).uploads == {}


def test_lacking_on_a_head(client: Any, point: AccessPoint) -> None:
    client.put_object(Bucket=point.arn, Key="k", Body=b"")
    with pytest.raises(client.exceptions.ClientError) as caught:
        client.head_object(Bucket=point.arn, Key="k", PartNumber=1)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


OPERATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "get_object_acl": ("GET", {"Key": "k"}),
    "put_object_acl": ("PUT", {"Key": "k", "ACL": "private"}),
    "get_object_legal_hold": ("GET", {"Key": "k"}),
    "get_object_retention": ("GET", {"Key": "k"}),
    "restore_object": ("POST", {"Key": "k", "RestoreRequest": {"Days": 1}}),
    "get_bucket_acl": ("GET", {}),
    "get_bucket_versioning": ("GET", {}),
    "delete_bucket": ("DELETE", {}),
    "put_bucket_policy": ("PUT", {"Policy": "{}"}),
}


@pytest.mark.parametrize("method", OPERATIONS)
def test_operations_that_are_not_there(client: Any, point: AccessPoint, method: str) -> None:
    verb, given = OPERATIONS[method]
    message = METHOD_NOT_ALLOWED
    extras = {"Method": verb, "ResourceType": "ACCESSPOINT"}
    refused(partial(getattr(client, method), Bucket=point.arn, **given), 405, "MethodNotAllowed", message, extras)


def test_sse_c(client: Any, point: AccessPoint) -> None:
    key = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": b"k" * 32}
    client.put_object(Bucket=point.arn, Key="k", Body=b"text", **key)
    assert client.get_object(Bucket=point.arn, Key="k", **key)["Body"].read() == b"text"


# --- where things are ------------------------------------------------------------------------------------------------

LOST = [
    (f"arn:aws:s3-outposts:us-west-2:{OWNER}:outpost/{OUTPOST}/accesspoint/other", "other"),
    (f"arn:aws:s3-outposts:us-west-2:{OWNER}:outpost/op-00000000000000000/accesspoint/point", "point"),
    (f"arn:aws:s3-outposts:us-west-2:111122223333:outpost/{OUTPOST}/accesspoint/point", "point"),
]


@pytest.mark.parametrize(("arn", "name"), LOST)
def test_lost(client: Any, point: AccessPoint, arn: str, name: str) -> None:
    extras = {"AccessPointName": name}
    refused(partial(client.put_object, Bucket=arn, Key="k", Body=b""), 404, "NoSuchAccessPoint", NO_SUCH_ACCESS_POINT, extras)
    refused_head(partial(client.head_bucket, Bucket=arn), 404)


def test_copies_stay_in_their_bucket(door: Door, client: Any, s3: Any, bucket: str, point: AccessPoint) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"text")
    client.put_object(Bucket=point.arn, Key="k", Body=b"text")
    other = door.fake.add_access_point("other", door.fake.add_outposts_bucket("other", region="us-west-2"), vpc="vpc-1")
    message = "You can only copy objects within the same Outposts bucket."
    for target, source in ((point.arn, f"{bucket}/k"), (other.arn, f"{point.arn}/object/k")):
        refused(partial(client.copy_object, Bucket=target, Key="c", CopySource=source), 400, "InvalidRequest", message)
    refused(partial(s3.copy_object, Bucket=bucket, Key="c", CopySource=f"{point.arn}/object/k"), 400, "InvalidRequest", message)
    assert list(inside(door).objects) == list(door.fake.store.buckets[bucket].objects) == ["k"]
    outpost = point.arn.partition("/accesspoint/")[0]  # the form that botocore's model documents
    client.copy_object(Bucket=point.arn, Key="c", CopySource=f"{outpost}/object/k")
    assert list(inside(door).objects) == ["c", "k"]


def test_the_same_name_everywhere(door: Door, client: Any, s3: Any, point: AccessPoint) -> None:
    """Names are an account's on one Outpost: S3's buckets and other Outposts have them too."""
    s3.create_bucket(Bucket="reports")
    other = "op-00000000000000000"
    second = door.fake.add_access_point("point", door.fake.add_outposts_bucket("reports", other, region="us-west-2"), vpc="vpc-1")
    client.put_object(Bucket=second.arn, Key="k", Body=b"")
    assert inside(door).is_empty
    assert door.fake.store.buckets["reports"].is_empty


# --- who may ---------------------------------------------------------------------------------------------------------


def test_policies(point: AccessPoint) -> None:
    """Actions are called s3-outposts there, and both ARNs are the Outpost's."""
    fake = FakeS3()
    arn = fake.add_outposts_bucket("reports")
    point = fake.add_access_point("point", arn, vpc="vpc-1")
    reads = {"Effect": "Allow", "Action": "s3-outposts:GetObject"}
    allowed = [{**reads, "Resource": [f"{point.arn}/object/*", f"{arn}/object/*"]}]
    with fake, contextlib.closing(fake.client()) as owner:
        owner.put_object(Bucket=point.arn, Key="k", Body=b"text")
        for name, statements, status in (
            ("both", allowed, True),
            ("point", [{**reads, "Resource": f"{point.arn}/object/*"}], False),
            ("s3", [{**allowed[0], "Action": "s3:GetObject"}], False),
        ):
            user = fake.add_user(None, name, {"Version": "2012-10-17", "Statement": statements})
            assert bool(fake.explain("GetObject", bucket=point.arn, key="k", caller=user)) is status
            with contextlib.closing(fake.client(user)) as client:
                if status:
                    assert client.get_object(Bucket=point.arn, Key="k")["Body"].read() == b"text"
                else:
                    words = (
                        f'User: {user.arn} is not authorized to perform: s3-outposts:GetObject on resource: "'
                        f'{point.arn if name == "s3" else arn}/object/k" because no identity-based policy allows the '
                        "s3-outposts:GetObject action"
                    )
                    refused(partial(client.get_object, Bucket=point.arn, Key="k"), 403, "AccessDenied", words)


@pytest.mark.parametrize(
    ("name", "outpost", "message"),
    [
        ("Reports", OUTPOST, "InvalidBucketName"),
        ("reports", "op-1", "Invalid Outpost id"),
        ("there", OUTPOST, "BucketAlreadyOwnedByYou"),
    ],
)
def test_refused_in_python(name: str, outpost: str, message: str) -> None:
    fake = FakeS3()
    there = fake.add_outposts_bucket("there")
    with pytest.raises(ValueError, match=message):
        fake.add_outposts_bucket(name, outpost)
    with pytest.raises(ValueError, match="S3 on Outposts only supports VPC-style access points"):
        fake.add_access_point("point", there)
    assert len(fake.store.points.outposts) == 1
    assert fake.store.points.points == {}


def test_checkpoints(door: Door, client: Any, point: AccessPoint) -> None:
    before = door.fake.snapshot()
    client.put_object(Bucket=point.arn, Key="k", Body=b"")
    door.fake.restore(before)
    assert inside(door).is_empty
    client.put_object(Bucket=point.arn, Key="l", Body=b"")
    assert list(inside(door).objects) == ["l"]
