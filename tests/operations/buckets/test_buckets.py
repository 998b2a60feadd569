"""CreateBucket, HeadBucket, DeleteBucket, GetBucketLocation, ListBuckets. Most errors are recorded from AWS, February 2026."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from functools import partial
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from fakes3part import FakeS3
from tests.support.callers import OWNER, STRANGER
from tests.support.doors import Door, refused, refused_head
from tests.support.errors import (
    BUCKET_ALREADY_OWNED_BY_YOU,
    BUCKET_NOT_EMPTY,
    INVALID_BUCKET_NAME,
    INVALID_CONTINUATION_TOKEN,
    MALFORMED_XML,
    NO_SUCH_BUCKET,
)
from tests.support.hosts import ask
from tests.support.state import unchanged

NAMES = ["abc", "a-b", "a.b.c", "123", "0-0", "a" * 63, "bucket.with.dots", "sthree", "1.2.3.x"]
BAD_NAMES = {
    "upper case": "Bucket",
    "two characters": "ab",
    "64 characters": "a" * 64,
    "underscore": "a_b_c",
    "two dots": "a..b",
    "leading dot": ".abc",
    "trailing dot": "abc.",
    "leading hyphen": "-abc",
    "trailing hyphen": "abc-",
    "IP address": "192.168.5.4",
    "punycode": "xn--abc",
    "alias suffix": "abc-s3alias",
    "object lambda suffix": "abc--ol-s3",
    "sthree-": "sthree-abc",
    "demo": "amzn-s3-demo-abc",
    "space": "a%20b",
    "unicode": "caf%C3%A9",
    "mrap": "abc.mrap",
}


@pytest.mark.parametrize("name", NAMES)
def test_good_names(s3: Any, name: str) -> None:
    s3.create_bucket(Bucket=name)
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == [name]
    s3.put_object(Bucket=name, Key="k", Body=b"abc")
    assert s3.get_object(Bucket=name, Key="k")["Body"].read() == b"abc"


@pytest.mark.parametrize("name", BAD_NAMES.values(), ids=BAD_NAMES)
def test_bad_names(door: Door, name: str) -> None:
    with unchanged(door.fake):
        response = door.raw("PUT", f"/{name}")
    assert response.status == 400
    assert response.error == {
        "Code": "InvalidBucketName",
        "Message": INVALID_BUCKET_NAME,
        "BucketName": unquote(name),
    }


def test_create_in_us_east_1(s3: Any) -> None:
    response = s3.create_bucket(Bucket="bucket")
    assert (response["Location"], response["BucketArn"]) == ("/bucket", "arn:aws:s3:::bucket")
    headers = response["ResponseMetadata"]["HTTPHeaders"]
    assert headers["content-length"] == "0"
    assert "content-type" not in headers


def test_create_again_in_us_east_1(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"abc")
    assert s3.create_bucket(Bucket=bucket)["Location"] == "/bucket"
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"abc"


@contextlib.contextmanager
def _in_eu_west_1(door: Door) -> Iterator[Any]:
    """Yield a client of a region's endpoint: in-process the host names the region, at a server the signature does."""
    with door.client_with(region_name="eu-west-1") as s3:
        yield s3


def test_create_again_elsewhere(door: Door) -> None:
    here = {"LocationConstraint": "eu-west-1"}
    with _in_eu_west_1(door) as s3:
        assert s3.create_bucket(Bucket="bucket", CreateBucketConfiguration=here)["Location"] == (
            "http://bucket.s3.amazonaws.com/"
        )
        s3.put_object(Bucket="bucket", Key="k", Body=b"abc")
        message = BUCKET_ALREADY_OWNED_BY_YOU
        again = partial(s3.create_bucket, Bucket="bucket", CreateBucketConfiguration=here)
        refused(again, 409, "BucketAlreadyOwnedByYou", message, {"BucketName": "bucket"})
        assert s3.get_object(Bucket="bucket", Key="k")["Body"].read() == b"abc"


def test_create_somebody_elses(door: Door, bucket: str) -> None:
    message = (
        "The requested bucket name is not available. The bucket namespace is shared by all users of the system. "
        "Please select a different name and try again."
    )
    with door.client_with(aws_access_key_id=STRANGER) as stranger:
        with unchanged(door.fake):
            create = partial(stranger.create_bucket, Bucket=bucket)
            refused(create, 409, "BucketAlreadyExists", message, {"BucketName": bucket})
        door.client.delete_bucket(Bucket=bucket)
        stranger.create_bucket(Bucket=bucket)
        assert door.fake.store.buckets[bucket].account == STRANGER


@pytest.mark.parametrize("constraint", ["us-east-1", "foo", "aws-global", "EU-west-1"])
def test_bad_constraint_in_us_east_1(door: Door, constraint: str) -> None:
    configuration = {"LocationConstraint": constraint}
    with unchanged(door.fake):
        create = partial(door.client.create_bucket, Bucket="bucket", CreateBucketConfiguration=configuration)
        message = "The specified location-constraint is not valid"
        refused(create, 400, "InvalidLocationConstraint", message, {"LocationConstraint": constraint})


def test_bad_constraint_elsewhere(door: Door) -> None:
    with _in_eu_west_1(door) as s3:
        for constraint in (None, "us-west-1", "us-east-1", "bar", "eu", "aws-global", "cn-north-1"):
            message = (
                f"The {constraint or 'unspecified'} location constraint is incompatible for the region specific endpoint "
                "this request was sent to."
            )
            options = {"CreateBucketConfiguration": {"LocationConstraint": constraint}} if constraint else {}
            create = partial(s3.create_bucket, Bucket="bucket", **options)
            refused(create, 400, "IllegalLocationConstraintException", message)
        assert s3.list_buckets()["Buckets"] == []


def test_the_old_name_of_eu_west_1(door: Door) -> None:
    with _in_eu_west_1(door) as s3:
        old_name = {"LocationConstraint": "EU"}
        s3.create_bucket(Bucket="bucket", CreateBucketConfiguration=old_name)
        assert s3.get_bucket_location(Bucket="bucket")["LocationConstraint"] == "EU"
        assert s3.head_bucket(Bucket="bucket")["BucketRegion"] == "eu-west-1"
        assert s3.list_buckets(Prefix="b")["Buckets"][0]["BucketRegion"] == "eu-west-1"
        assert door.fake.buckets["bucket"].region == "eu-west-1"
        again = partial(s3.create_bucket, Bucket="bucket", CreateBucketConfiguration=old_name)
        refused(again, 409, "BucketAlreadyOwnedByYou", BUCKET_ALREADY_OWNED_BY_YOU, {"BucketName": "bucket"})


EMPTY = {
    "no body": b"",
    "no elements": b"<CreateBucketConfiguration/>",
    "no constraint": b"<CreateBucketConfiguration><Tags/></CreateBucketConfiguration>",
    "an empty constraint": b"<CreateBucketConfiguration><LocationConstraint/></CreateBucketConfiguration>",
}


@pytest.mark.parametrize("region", ["eu-west-1", "us-west-2", "eu-central-1"])
@pytest.mark.parametrize("body", EMPTY.values(), ids=EMPTY)
def test_no_constraint_elsewhere(region: str, body: bytes) -> None:
    fake = FakeS3()
    for host in (f"s3.{region}.amazonaws.com", "localhost:8000"):
        response = ask(fake, "PUT", host, "/bucket", body, region=region)
        assert (response.status, response.error) == (
            400,
            {
                "Code": "IllegalLocationConstraintException",
                "Message": "The unspecified location constraint is incompatible for the region specific endpoint this request "
                "was sent to.",
            },
        )
    assert fake.buckets == {}


@pytest.mark.parametrize("region", ["us-west-2", "eu-central-1", "us-east-2"])
def test_eu_is_no_other_region(door: Door, region: str) -> None:
    message = "The EU location constraint is incompatible for the region specific endpoint this request was sent to."
    with door.client_with(region_name=region) as s3, unchanged(door.fake):
        create = partial(s3.create_bucket, Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "EU"})
        refused(create, 400, "IllegalLocationConstraintException", message)


REGIONS = {"us-west-2": "us-west-2", "eu-central-1": "eu-central-1", "EU": "eu-west-1"}


@pytest.mark.parametrize(("constraint", "region"), REGIONS.items())
def test_other_regions_by_the_global_endpoint(s3: Any, constraint: str, region: str) -> None:
    response = s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": constraint})
    assert response["Location"] == "http://bucket.s3.amazonaws.com/"
    assert s3.get_bucket_location(Bucket="bucket")["LocationConstraint"] == constraint
    assert s3.head_bucket(Bucket="bucket")["BucketRegion"] == region
    [listed] = s3.list_buckets(BucketRegion=region)["Buckets"]
    assert (listed["Name"], listed["BucketRegion"]) == ("bucket", region)


LOCATION = b'<?xml version="1.0" encoding="UTF-8"?>\n<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


def test_listings_tell_the_region(door: Door) -> None:
    for constraint, region in REGIONS.items():
        name = f"in-{region}-{constraint.lower()}"
        door.client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": constraint})
        assert door.raw("GET", f"/{name}").headers["x-amz-bucket-region"] == region


def test_location_on_the_wire(door: Door, bucket: str) -> None:
    assert door.client.get_bucket_location(Bucket=bucket)["LocationConstraint"] is None
    assert door.raw("GET", "/bucket?location").body == LOCATION + b"/>"
    configuration = {"LocationConstraint": "eu-west-3"}
    door.client.create_bucket(Bucket="other", CreateBucketConfiguration=configuration)
    assert door.raw("GET", "/other?location").body == LOCATION + b">eu-west-3</LocationConstraint>"


INVALID_ACL = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"


@pytest.mark.parametrize(
    "options", [{}, {"ACL": "private"}, {"ObjectOwnership": "BucketOwnerEnforced"}, {"ObjectLockEnabledForBucket": False}]
)
def test_options_that_are_the_default(s3: Any, options: dict[str, Any]) -> None:
    s3.create_bucket(Bucket="bucket", **options)
    assert s3.head_bucket(Bucket="bucket")["BucketRegion"] == "us-east-1"


@pytest.mark.parametrize("options", [{"ACL": "public-read"}, {"GrantRead": 'id="1"'}], ids=str)
def test_acls(door: Door, options: dict[str, str]) -> None:
    with unchanged(door.fake):
        create = partial(door.client.create_bucket, Bucket="bucket", **options)
        refused(create, 400, "InvalidBucketAclWithObjectOwnership", INVALID_ACL)


def test_bad_ownership(door: Door) -> None:
    with unchanged(door.fake):
        create = partial(door.client.create_bucket, Bucket="bucket", ObjectOwnership="mine")
        message = "Invalid x-amz-object-ownership header: mine"
        refused(create, 400, "InvalidArgument", message, {"ArgumentName": "x-amz-object-ownership"})


@pytest.mark.parametrize("body", [b"garbage", b"<CreateBucketConfiguration>", b"<Other/>"], ids=repr)
def test_garbage_body(door: Door, body: bytes) -> None:
    with unchanged(door.fake):
        response = door.raw("PUT", "/bucket", body=body)
    assert (response.status, response.error) == (400, {"Code": "MalformedXML", "Message": MALFORMED_XML})


def test_head(s3: Any, bucket: str) -> None:
    headers = s3.head_bucket(Bucket=bucket)["ResponseMetadata"]["HTTPHeaders"]
    assert headers["x-amz-bucket-region"] == "us-east-1"
    assert headers["x-amz-access-point-alias"] == "false"
    assert headers["x-amz-bucket-arn"] == "arn:aws:s3:::bucket"
    assert headers["content-type"] == "application/xml"


def test_head_refused(door: Door, bucket: str) -> None:
    refused_head(partial(door.client.head_bucket, Bucket="missing"), 404)
    with door.client_with(aws_access_key_id=STRANGER) as stranger:
        refused_head(partial(stranger.head_bucket, Bucket=bucket), 403)


def test_delete(s3: Any, bucket: str) -> None:
    response = s3.delete_bucket(Bucket=bucket)
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 204
    refused_head(partial(s3.head_bucket, Bucket=bucket), 404)
    refused(partial(s3.delete_bucket, Bucket=bucket), 404, "NoSuchBucket", NO_SUCH_BUCKET, {"BucketName": bucket})


def test_delete_of_a_bucket_that_is_not_empty(door: Door, bucket: str) -> None:
    door.client.put_object(Bucket=bucket, Key="k")
    with unchanged(door.fake):
        message = BUCKET_NOT_EMPTY
        extras = {"BucketName": bucket}
        refused(partial(door.client.delete_bucket, Bucket=bucket), 409, "BucketNotEmpty", message, extras)


def test_open_uploads_do_not_keep_a_bucket(s3: Any, bucket: str) -> None:
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    s3.delete_bucket(Bucket=bucket)
    s3.create_bucket(Bucket=bucket)
    with pytest.raises(s3.exceptions.NoSuchUpload):
        s3.list_parts(Bucket=bucket, Key="k", UploadId=upload)


ON_A_BUCKET: dict[str, Callable[[Any], Any]] = {
    "GetBucketLocation": lambda s3: s3.get_bucket_location(Bucket="missing"),
    "GetBucketVersioning": lambda s3: s3.get_bucket_versioning(Bucket="missing"),
    "PutBucketVersioning": lambda s3: s3.put_bucket_versioning(Bucket="missing", VersioningConfiguration={"Status": "Enabled"}),
    "ListObjects": lambda s3: s3.list_objects(Bucket="missing"),
    "ListObjectsV2": lambda s3: s3.list_objects_v2(Bucket="missing"),
    "ListMultipartUploads": lambda s3: s3.list_multipart_uploads(Bucket="missing"),
    "PutObject": lambda s3: s3.put_object(Bucket="missing", Key="k", Body=b"abc"),
    "GetObject": lambda s3: s3.get_object(Bucket="missing", Key="k"),
    "DeleteObject": lambda s3: s3.delete_object(Bucket="missing", Key="k"),
    "DeleteObjects": lambda s3: s3.delete_objects(Bucket="missing", Delete={"Objects": [{"Key": "k"}]}),
    "CopyObject": lambda s3: s3.copy_object(Bucket="missing", Key="k", CopySource="bucket/k"),
    "CopyObject source": lambda s3: s3.copy_object(Bucket="bucket", Key="k", CopySource="missing/k"),
    "CreateMultipartUpload": lambda s3: s3.create_multipart_upload(Bucket="missing", Key="k"),
}


@pytest.mark.parametrize("call", ON_A_BUCKET.values(), ids=ON_A_BUCKET)
def test_missing_bucket(door: Door, bucket: str, call: Callable[[Any], Any]) -> None:
    with unchanged(door.fake):
        refused(partial(call, door.client), 404, "NoSuchBucket", NO_SUCH_BUCKET, {"BucketName": "missing"})


def test_head_object_in_a_missing_bucket(s3: Any) -> None:
    refused_head(partial(s3.head_object, Bucket="missing", Key="k"), 404)


# ListBuckets


@pytest.fixture
def several(door: Door) -> list[str]:
    for name in ("mid", "zoo", "abc", "abd"):
        door.client.create_bucket(Bucket=name)
    door.client.create_bucket(Bucket="far", CreateBucketConfiguration={"LocationConstraint": "eu-west-3"})
    assert door.raw("PUT", "/not-mine", access_key=STRANGER).status == 200
    return ["abc", "abd", "far", "mid", "zoo"]


def test_list_buckets(s3: Any, several: list[str]) -> None:
    response = s3.list_buckets()
    assert [bucket["Name"] for bucket in response["Buckets"]] == several
    assert {"ContinuationToken", "Prefix"}.isdisjoint(response)
    assert set(response["Owner"]) == {"ID"}
    assert len(response["Owner"]["ID"]) == 64
    for bucket in response["Buckets"]:
        assert set(bucket) == {"Name", "CreationDate", "BucketArn"}
        assert bucket["BucketArn"] == f"arn:aws:s3:::{bucket['Name']}"
        assert abs((datetime.now(timezone.utc) - bucket["CreationDate"]).total_seconds()) < 60


def test_list_buckets_on_the_wire(door: Door, bucket: str) -> None:
    root = ElementTree.fromstring(door.raw("GET", "/?max-buckets=1&prefix=b").body)
    namespace = "{http://s3.amazonaws.com/doc/2006-03-01/}"
    assert root.tag == f"{namespace}ListAllMyBucketsResult"
    assert [child.tag.removeprefix(namespace) for child in root] == ["Owner", "Buckets", "Prefix"]
    [listed] = root.iter(f"{namespace}Bucket")
    names = [child.tag.removeprefix(namespace) for child in listed]
    assert names == ["Name", "CreationDate", "BucketRegion", "BucketArn"]
    date = listed.findtext(f"{namespace}CreationDate") or ""
    assert datetime.strptime(date, "%Y-%m-%dT%H:%M:%S.000Z")


@pytest.mark.parametrize("size", [1, 2, 4, 5, 10_000])
def test_pages(s3: Any, several: list[str], size: int) -> None:
    names, token = [], {}
    while True:
        page = s3.list_buckets(MaxBuckets=size, **token)
        assert 0 < len(page["Buckets"]) <= size
        assert all("BucketRegion" in bucket for bucket in page["Buckets"])
        names += [bucket["Name"] for bucket in page["Buckets"]]
        if "ContinuationToken" not in page:
            break
        assert len(page["Buckets"]) == size
        assert len(page["ContinuationToken"]) <= 1024
        token = {"ContinuationToken": page["ContinuationToken"]}
    assert names == several


def test_prefix_and_region(s3: Any, several: list[str]) -> None:
    found = s3.list_buckets(Prefix="ab")
    assert ([bucket["Name"] for bucket in found["Buckets"]], found["Prefix"]) == (["abc", "abd"], "ab")
    found = s3.list_buckets(BucketRegion="eu-west-3")
    assert [(bucket["Name"], bucket["BucketRegion"]) for bucket in found["Buckets"]] == [("far", "eu-west-3")]
    assert s3.list_buckets(Prefix="none")["Buckets"] == []


@pytest.mark.parametrize("number", ["0", "-1", "10001"])
def test_bad_max_buckets(door: Door, number: str) -> None:
    response = door.raw("GET", f"/?max-buckets={number}")
    assert response.status == 400
    assert response.error == {
        "Code": "InvalidArgument",
        "Message": "Argument max-buckets must be an integer between 1 and 10000.",
        "ArgumentName": "max-buckets",
        "ArgumentValue": number,
    }


def test_bad_region_and_token(s3: Any) -> None:
    extras = {"ArgumentName": "bucket-region", "ArgumentValue": "foo"}
    message = "Argument value foo is not a valid AWS Region"
    refused(partial(s3.list_buckets, BucketRegion="foo"), 400, "InvalidArgument", message, extras)
    extras = {"ArgumentName": "continuation-token"}
    message = INVALID_CONTINUATION_TOKEN
    refused(partial(s3.list_buckets, ContinuationToken="garbage"), 400, "InvalidArgument", message, extras)


def test_accounts_see_their_own(door: Door, several: list[str]) -> None:
    with door.client_with(aws_access_key_id=STRANGER) as stranger:
        response = stranger.list_buckets()
    assert [bucket["Name"] for bucket in response["Buckets"]] == ["not-mine"]
    assert response["Owner"] != door.client.list_buckets()["Owner"]
    assert door.fake.store.buckets["abc"].account == OWNER


@pytest.mark.parametrize(
    ("member", "value"), [("Location", {"Type": "LocalZone", "Name": "x"}), ("Bucket", {"Type": "Directory"})]
)
def test_options_of_directory_buckets(door: Door, member: str, value: dict[str, str]) -> None:
    with unchanged(door.fake):
        create = partial(door.client.create_bucket, Bucket="bucket", CreateBucketConfiguration={member: value})
        refused(create, 400, "InvalidRequest", f"{member} is only supported by directory buckets")
