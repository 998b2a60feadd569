"""Objects through access points: by ARN and by alias, in-process and over HTTP."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from botocore.config import Config

from fakes3part.api.fakes3 import FakeS3
from fakes3part.message import Request
from fakes3part.state.access_points import ALIAS_FORM, AccessPoint
from tests.support.callers import OWNER
from tests.support.doors import Door, MiB, refused, refused_head
from tests.support.errors import (
    INVALID_BUCKET_NAME,
    INVALID_COPY_SOURCE_BUCKET,
    INVALID_COPY_SOURCE_KEY,
    METHOD_NOT_ALLOWED,
    NO_SUCH_ACCESS_POINT,
    NO_SUCH_BUCKET,
    NO_SUCH_KEY,
)
from tests.support.named_clients import Clients
from tests.support.state import SIGNED, unchanged


@pytest.fixture(params=["arn", "alias"])
def name(request: pytest.FixtureRequest, point: AccessPoint) -> str:
    """What a client gives as ``Bucket``."""
    return point.arn if request.param == "arn" else point.alias


def test_names(point: AccessPoint) -> None:
    assert point.arn == f"arn:aws:s3:us-east-1:{OWNER}:accesspoint/point"
    assert ALIAS_FORM.fullmatch(point.alias)
    assert point.alias.startswith("point-")


@pytest.mark.parametrize("length", [3, 20, 21, 50])
def test_an_alias_could_be_a_buckets_name(door: Door, bucket: str, length: int) -> None:
    alias = door.fake.add_access_point("a" * length, bucket).alias
    assert len(alias) <= 63
    assert ALIAS_FORM.fullmatch(alias)


def test_objects(client: Any, name: str, bucket: str) -> None:
    assert client.get_object(Bucket=name, Key="k")["Body"].read() == b"text"
    client.put_object(Bucket=name, Key="a b/é", Body=b"more", Metadata={"m": "1"}, Tagging="t=1")
    head = client.head_object(Bucket=bucket, Key="a b/é")
    assert (head["ContentLength"], head["Metadata"], head.get("StorageClass")) == (4, {"m": "1"}, None)
    assert client.get_object_tagging(Bucket=name, Key="a b/é")["TagSet"] == [{"Key": "t", "Value": "1"}]
    listed = client.list_objects_v2(Bucket=name)
    assert (listed["Name"], [entry["Key"] for entry in listed["Contents"]]) == ("bucket", ["a b/é", "k"])
    assert [entry["Key"] for entry in client.list_objects(Bucket=name)["Contents"]] == ["a b/é", "k"]
    deleted = client.delete_objects(Bucket=name, Delete={"Objects": [{"Key": "k"}]})["Deleted"]
    assert deleted == [{"Key": "k"}]
    client.delete_object(Bucket=name, Key="a b/é")
    assert "Contents" not in client.list_objects_v2(Bucket=bucket)


def test_the_multipart_family(client: Any, name: str, door: Door, point: AccessPoint) -> None:
    """Responses name the bucket: "does not return the access point ARN or access point alias if used" (botocore's model)."""
    created = client.create_multipart_upload(Bucket=name, Key="m")
    upload = {"Bucket": name, "Key": "m", "UploadId": created["UploadId"]}
    etags = [client.upload_part(**upload, PartNumber=1, Body=b"a" * 5 * MiB)["ETag"]]
    copied = client.upload_part_copy(**upload, PartNumber=2, CopySource=f"{point.arn}/object/k", CopySourceRange="bytes=1-2")
    etags.append(copied["CopyPartResult"]["ETag"])
    listed, uploads = client.list_parts(**upload), client.list_multipart_uploads(Bucket=name)
    assert [created["Bucket"], listed["Bucket"], uploads["Bucket"]] == ["bucket"] * 3
    assert [part["PartNumber"] for part in listed["Parts"]] == [1, 2]
    assert [one["UploadId"] for one in uploads["Uploads"]] == [upload["UploadId"]]
    parts = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(etags, 1)]
    completed = client.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    assert completed["Bucket"] == "bucket"
    host = {"arn": f"//point-{OWNER}.", "alias": f"//{point.alias}."}["arn" if name == point.arn else "alias"]
    if door.name == "server" and name == point.alias:
        assert re.fullmatch(rf"http://localhost:\d+/{point.alias}/m", completed["Location"])
    else:
        assert host in completed["Location"]
        assert completed["Location"].endswith("/m")
    got = client.get_object(Bucket=name, Key="m", PartNumber=2)
    assert (got["Body"].read(), got["PartsCount"]) == (b"ex", 2)
    other = client.create_multipart_upload(Bucket=name, Key="n")
    client.abort_multipart_upload(Bucket=name, Key="n", UploadId=other["UploadId"])
    assert door.fake.store.buckets["bucket"].uploads == {}


def test_head_bucket(client: Any, name: str, point: AccessPoint) -> None:
    head = client.head_bucket(Bucket=name)
    assert head["ResponseMetadata"]["HTTPHeaders"]["x-amz-access-point-alias"] == str(name == point.alias).lower()
    assert head["BucketRegion"] == "us-east-1"
    if name == point.alias:  # botocore takes no ARN there
        assert client.get_bucket_location(Bucket=name)["LocationConstraint"] is None


def test_versions(client: Any, name: str, bucket: str, s3: Any) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    version = client.put_object(Bucket=name, Key="k", Body=b"new")["VersionId"]
    assert client.get_object(Bucket=name, Key="k", VersionId=version)["Body"].read() == b"new"
    assert [one["VersionId"] for one in client.list_object_versions(Bucket=name)["Versions"]] == [version, "null"]


REFUSED: dict[str, dict[str, Any]] = {
    "delete_bucket": {},
    "delete_bucket_policy": {},
    "delete_bucket_tagging": {},
    "get_bucket_encryption": {},
    "get_bucket_lifecycle_configuration": {},
    "get_bucket_tagging": {},
    "get_bucket_versioning": {},
    "get_bucket_ownership_controls": {},
    "get_public_access_block": {},
    "put_bucket_acl": {"ACL": "private"},
    "put_bucket_policy": {"Policy": "{}"},
    "put_bucket_versioning": {"VersioningConfiguration": {"Status": "Enabled"}},
    "put_bucket_tagging": {"Tagging": {"TagSet": []}},
    "select_object_content": {
        "Key": "k",
        "Expression": "SELECT * FROM S3Object",
        "ExpressionType": "SQL",
        "InputSerialization": {"CSV": {}},
        "OutputSerialization": {"CSV": {}},
    },
}
METHODS = {"delete": "DELETE", "get": "GET", "put": "PUT", "select": "POST"}


@pytest.mark.parametrize("method", REFUSED)
def test_operations_that_access_points_do_not_support(door: Door, client: Any, name: str, method: str) -> None:
    extras = {"Method": METHODS[method.partition("_")[0]], "ResourceType": "ACCESSPOINT"}
    with unchanged(door.fake):
        refused(
            partial(getattr(client, method), Bucket=name, **REFUSED[method]), 405, "MethodNotAllowed", METHOD_NOT_ALLOWED, extras
        )


def test_no_bucket_has_an_alias_for_a_name(door: Door, s3: Any, point: AccessPoint) -> None:
    with unchanged(door.fake):
        extras = {"Method": "PUT", "ResourceType": "ACCESSPOINT"}
        refused(partial(s3.create_bucket, Bucket=point.alias), 405, "MethodNotAllowed", METHOD_NOT_ALLOWED, extras)
        other = "other-abcdefghijklmnopqrstuvwxyz01234567-s3alias"
        refused(
            partial(s3.create_bucket, Bucket=other),
            400,
            "InvalidBucketName",
            INVALID_BUCKET_NAME,
            {"BucketName": other},
        )


# --- those that are not there ----------------------------------------------------------------------------------------

UNKNOWN = "other-abcdefghijklmnopqrstuvwxyz01234567-s3alias"
LOST: dict[str, tuple[str, int, str, str, dict[str, str]]] = {
    "arn": (
        f"arn:aws:s3:us-east-1:{OWNER}:accesspoint/other",
        404,
        "NoSuchAccessPoint",
        NO_SUCH_ACCESS_POINT,
        {"AccessPointName": "other"},
    ),
    "account": (
        "arn:aws:s3:us-east-1:111122223333:accesspoint/point",
        404,
        "NoSuchAccessPoint",
        NO_SUCH_ACCESS_POINT,
        {"AccessPointName": "point"},
    ),
    "alias": (UNKNOWN, 404, "NoSuchAccessPoint", NO_SUCH_ACCESS_POINT, {"AccessPointName": UNKNOWN}),
    "alias of no form": (
        "point-s3alias",
        400,
        "InvalidAccessPointAliasError",
        "The specified access point alias name is not valid.",
        {},
    ),
}


@pytest.mark.parametrize("with_points", [True, False])
@pytest.mark.parametrize("case", LOST)
def test_lost(door: Door, client: Any, bucket: str, case: str, with_points: bool) -> None:
    if with_points:
        door.fake.add_access_point("point", bucket)
    name, status, code, message, extras = LOST[case]
    with unchanged(door.fake):
        refused(partial(client.put_object, Bucket=name, Key="k", Body=b"x"), status, code, message, extras)
        refused(
            partial(client.upload_part, Bucket=name, Key="k", UploadId="u", PartNumber=1, Body=b"x"),
            status,
            code,
            message,
            extras,
        )
        refused_head(partial(client.head_bucket, Bucket=name), status)


def test_another_region(door: Door, client: Any, point: AccessPoint) -> None:
    """AWS's hosts have a region, which the access point is not in. A server has none, and finds it."""
    elsewhere = point.arn.replace("us-east-1", "eu-west-1")
    if door.name == "server":
        assert client.get_object(Bucket=elsewhere, Key="k")["Body"].read() == b"text"
    else:
        refused(
            partial(client.get_object, Bucket=elsewhere, Key="k"),
            404,
            "NoSuchAccessPoint",
            NO_SUCH_ACCESS_POINT,
            {"AccessPointName": "point"},
        )


def test_of_a_bucket_elsewhere(door: Door, new: Clients) -> None:
    there = new(region="eu-west-1")
    there.create_bucket(
        Bucket="far", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    ) if door.name != "server" else (
        door.client.create_bucket(Bucket="far", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    )
    point = door.fake.add_access_point("far-point", "far")
    assert point.arn == f"arn:aws:s3:eu-west-1:{OWNER}:accesspoint/far-point"
    new().put_object(Bucket=point.arn, Key="k", Body=b"there")
    assert there.get_object(Bucket=point.alias, Key="k")["Body"].read() == b"there"


def test_without_its_bucket(door: Door, client: Any, name: str) -> None:
    message = (
        "The bucket you are attempting to delete has access points attached. Delete your access points before attempting to "
        "delete the bucket."
    )
    client.delete_object(Bucket="bucket", Key="k")
    extras = {"BucketName": "bucket"}
    refused(partial(client.delete_bucket, Bucket="bucket"), 400, "BucketHasAccessPointsAttached", message, extras)
    door.fake.store.remove(door.fake.store.buckets["bucket"])
    refused(partial(client.get_object, Bucket=name, Key="k"), 404, "NoSuchBucket", NO_SUCH_BUCKET, extras)


# --- hosts -----------------------------------------------------------------------------------------------------------

HOSTS = [
    "point-{o}.s3-accesspoint.us-east-1.amazonaws.com",
    "point-{o}.s3-accesspoint-fips.us-east-1.amazonaws.com",
    "point-{o}.s3-accesspoint.dualstack.us-east-1.amazonaws.com",
    "point-{o}.s3-accesspoint-fips.dualstack.us-east-1.amazonaws.com",
    "point-{o}.localhost:9000",
    "POINT-{o}.s3.localhost",
    "point-{o}.127.0.0.1:9000",
    "point-{o}.minio.test",
    "{a}.s3.amazonaws.com",
    "{a}.s3.us-east-1.amazonaws.com",
    "{a}.localhost",
]


@pytest.mark.parametrize("host", HOSTS)
def test_hosts(host: str) -> None:
    fake = FakeS3(custom_endpoints=["minio.test"])
    headers = {header.lower(): text for header, text in SIGNED.items()} | {"content-length": "0"}
    assert fake.handle(Request("PUT", "localhost", "/bucket", headers=dict(headers))).status == 200
    point = fake.add_access_point("point", "bucket")
    response = fake.handle(Request("PUT", host.format(o=OWNER, a=point.alias), "/a//b%2Fc", headers=dict(headers)))
    assert (response.status, list(fake.store.buckets["bucket"].objects)) == (200, ["a//b/c"])


def test_a_bucket_may_be_called_so() -> None:
    """Before a custom endpoint's host, ``name-123456789012`` is a bucket if no access point has that name."""
    fake = FakeS3()
    headers = {header.lower(): text for header, text in SIGNED.items()} | {"content-length": "0"}
    host = f"logs-{OWNER}.localhost"
    lost = fake.handle(Request("GET", host, "/k", headers=dict(headers)))
    assert (lost.status, b"<AccessPointName>logs</AccessPointName>" in b"".join(lost.body)) == (404, True)
    for path in ("/", "/k"):
        assert fake.handle(Request("PUT", host, path, headers=dict(headers))).status == 200
    assert list(fake.store.buckets[f"logs-{OWNER}"].objects) == ["k"]


# --- sources of copies -----------------------------------------------------------------------------------------------

SOURCES: dict[str, Callable[[AccessPoint], Any]] = {
    "arn": lambda point: f"{point.arn}/object/k",
    "arn with colons": lambda point: f"{point.arn.replace('accesspoint/', 'accesspoint:')}/object/k",
    "dict": lambda point: {"Bucket": point.arn, "Key": "k"},
    "alias": lambda point: f"{point.alias}/k",
}


@pytest.mark.parametrize("source", SOURCES)
def test_sources(s3: Any, point: AccessPoint, source: str) -> None:
    s3.create_bucket(Bucket="target")
    s3.copy_object(Bucket="target", Key="copy", CopySource=SOURCES[source](point))
    assert s3.get_object(Bucket="target", Key="copy")["Body"].read() == b"text"


def test_a_source_with_a_version(s3: Any, bucket: str, point: AccessPoint) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=bucket, Key="a/ü b", Body=b"1")
    s3.put_object(Bucket=bucket, Key="a/ü b", Body=b"2")
    old = s3.list_object_versions(Bucket=bucket, Prefix="a/")["Versions"][1]["VersionId"]
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": point.arn, "Key": "a/ü b", "VersionId": old})
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == b"1"


BAD_SOURCES: dict[str, tuple[str, int, str, str, dict[str, str]]] = {
    "unknown": (
        f"arn:aws:s3:us-east-1:{OWNER}:accesspoint/other/object/k",
        404,
        "NoSuchAccessPoint",
        NO_SUCH_ACCESS_POINT,
        {"AccessPointName": "other"},
    ),
    "no object": (
        f"arn:aws:s3:us-east-1:{OWNER}:accesspoint/point",
        400,
        "InvalidArgument",
        INVALID_COPY_SOURCE_BUCKET,
        {"ArgumentName": "x-amz-copy-source", "ArgumentValue": "x-amz-copy-source"},
    ),
    "no key": (
        f"arn:aws:s3:us-east-1:{OWNER}:accesspoint/point/object/",
        400,
        "InvalidArgument",
        INVALID_COPY_SOURCE_KEY,
        {"ArgumentName": "x-amz-copy-source", "ArgumentValue": "x-amz-copy-source"},
    ),
    "no such key": (
        f"arn:aws:s3:us-east-1:{OWNER}:accesspoint/point/object/none",
        404,
        "NoSuchKey",
        NO_SUCH_KEY,
        {"Key": "none"},
    ),
    "unknown alias": (f"{UNKNOWN}/k", 404, "NoSuchAccessPoint", NO_SUCH_ACCESS_POINT, {"AccessPointName": UNKNOWN}),
}


@pytest.mark.parametrize("case", BAD_SOURCES)
def test_bad_sources(door: Door, s3: Any, bucket: str, point: AccessPoint, case: str) -> None:
    source, status, code, message, extras = BAD_SOURCES[case]
    with unchanged(door.fake):
        refused(partial(s3.copy_object, Bucket=bucket, Key="copy", CopySource=source), status, code, message, extras)


def test_a_source_in_another_region(door: Door, s3: Any, bucket: str) -> None:
    s3.create_bucket(Bucket="far", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    far = door.fake.add_access_point("far-point", "far")
    message = "Copies through access points are supported only when the source and destination buckets are in the same Region."
    with unchanged(door.fake):
        refused(partial(s3.copy_object, Bucket=bucket, Key="c", CopySource=f"{far.arn}/object/k"), 400, "InvalidRequest", message)


# --- the fake's own face ---------------------------------------------------------------------------------------------


def test_path_style_is_no_matter_for_arns(new: Clients, point: AccessPoint) -> None:
    client = new(config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}))
    assert client.get_object(Bucket=point.arn, Key="k")["Body"].read() == b"text"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("point", "no-such-bucket"), "NoSuchBucket"),
        (("Point", "bucket"), "InvalidAccessPoint"),
        (("ab", "bucket"), "InvalidAccessPoint"),
        (("a" * 51, "bucket"), "InvalidAccessPoint"),
        (("-point", "bucket"), "InvalidAccessPoint"),
        (("point.", "bucket"), "InvalidAccessPoint"),
        (("point-s3alias", "bucket"), "InvalidAccessPoint"),
        (("there", "bucket"), "AccessPointAlreadyOwnedByYou"),
        (("point", "bucket", None, "{"), "MalformedPolicy"),
        (("point", "arn:aws:s3-outposts:us-east-1:123456789012:outpost/op-01234567890123456/bucket/none"), "NoSuchBucket"),
    ],
)
def test_refused_in_python(arguments: tuple[Any, ...], message: str) -> None:
    with FakeS3() as fake:
        fake.client().create_bucket(Bucket="bucket")
        fake.add_access_point("there", "bucket")
        with pytest.raises(ValueError, match=message):
            fake.add_access_point(*arguments)
        assert [point.name for point in fake.store.points.points.values()] == ["there"]


def test_checkpoints_and_reset(door: Door, client: Any, point: AccessPoint) -> None:
    before = door.fake.snapshot()
    client.put_object(Bucket=point.arn, Key="later", Body=b"")
    door.fake.add_access_point("later", "bucket")
    door.fake.restore(before)
    assert [one.name for one in door.fake.store.points.points.values()] == ["point"]
    assert [entry["Key"] for entry in client.list_objects_v2(Bucket=point.alias)["Contents"]] == ["k"]
    door.fake.reset()
    assert door.fake.store.points.points == {}


# --- what is left ----------------------------------------------------------------------------------------------------


def test_forms_do_not_come_here(point: AccessPoint, door: Door) -> None:
    with unchanged(door.fake):
        response = door.raw("POST", f"/{point.alias}", {"Content-Type": "multipart/form-data; boundary=b"}, b"--b--", sign=False)
    assert (response.status, response.error["Code"], response.error["ResourceType"]) == (405, "MethodNotAllowed", "ACCESSPOINT")


def test_multi_region_access_points_are_named() -> None:
    """botocore signs by SigV4A for them, which is no matter."""
    arn = f"arn:aws:s3::{OWNER}:accesspoint/mfzwi23gnjvgw.mrap"
    message = "fakes3part does not implement UploadPart (multi-region access points)"
    with FakeS3() as fake, contextlib.closing(fake.client()) as s3:
        upload = partial(s3.upload_part, Bucket=arn, Key="k", UploadId="u", PartNumber=1, Body=b"")
        refused(upload, 501, "NotImplemented", message, {"Operation": "UploadPart"})
