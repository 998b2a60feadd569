"""boto3's redirector, for a client of one region and a bucket of another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fakes3part import mock_s3
from fakes3part.api.fakes3 import FakeS3
from fakes3part.api.server import Server
from tests.support.doors import Door, refused, refused_head
from tests.support.errors import BUCKET_ALREADY_OWNED_BY_YOU
from tests.support.hosts import client_of, counted

HERE, THERE = "bucket.s3.eu-west-1.amazonaws.com", "bucket.s3.us-west-2.amazonaws.com"


@pytest.fixture
def fake() -> Iterator[FakeS3]:
    with FakeS3() as fake:
        yield fake


@pytest.fixture
def bucket(fake: FakeS3) -> str:
    with client_of("us-west-2") as home:
        home.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
        home.put_object(Bucket="bucket", Key="k", Body=b"abc")
    return "bucket"


CALLS: dict[str, Callable[[Any], Any]] = {
    "HeadBucket": lambda s3: s3.head_bucket(Bucket="bucket"),
    "HeadObject": lambda s3: s3.head_object(Bucket="bucket", Key="k"),
    "GetObject": lambda s3: s3.get_object(Bucket="bucket", Key="k")["Body"].read(),
    "PutObject": lambda s3: s3.put_object(Bucket="bucket", Key="new", Body=b"xyz"),
    "ListObjectsV2": lambda s3: s3.list_objects_v2(Bucket="bucket"),
    "CreateMultipartUpload": lambda s3: s3.create_multipart_upload(Bucket="bucket", Key="k"),
    "DeleteObjects": lambda s3: s3.delete_objects(Bucket="bucket", Delete={"Objects": [{"Key": "k"}]}),
    "PutBucketVersioning": lambda s3: s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"}),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_one_redirect_per_client(fake: FakeS3, bucket: str, call: Callable[[Any], Any]) -> None:
    with client_of("eu-west-1") as s3:
        with counted(s3) as sent:
            call(s3)
        assert sent == [(HERE, 301), (THERE, 200)]
        with counted(s3) as sent:
            s3.head_bucket(Bucket=bucket)
        assert sent == [(THERE, 200)]


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_by_the_global_host(fake: FakeS3, bucket: str, call: Callable[[Any], Any]) -> None:
    """A new bucket is redirected by 307. A day later its DNS entry exists, and the region rejects the signature."""
    fake.clock.freeze()
    for status in (307, 400):
        with client_of("us-east-1") as s3, counted(s3) as sent:
            call(s3)
            assert sent == [("bucket.s3.amazonaws.com", status), (THERE, 200)]
        fake.clock.advance(days=2)
        fake.store.buckets["bucket"].versioning = None
        with client_of("us-west-2") as home:
            home.put_object(Bucket="bucket", Key="k", Body=b"abc")


def test_a_region_to_opt_in_to(fake: FakeS3) -> None:
    with client_of("af-south-1") as home, client_of("eu-west-1") as s3:
        home.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "af-south-1"})
        with counted(s3) as sent:
            s3.put_object(Bucket="bucket", Key="k", Body=b"abc")
        assert sent == [(HERE, 400), ("bucket.s3.af-south-1.amazonaws.com", 200)]


def test_a_body_is_sent_again_whole(fake: FakeS3, bucket: str) -> None:
    body = bytes(range(256)) * 5000
    with client_of("eu-west-1") as s3:
        s3.put_object(Bucket=bucket, Key="big", Body=body)
    with client_of("us-west-2") as home:
        assert home.get_object(Bucket=bucket, Key="big")["Body"].read() == body


def test_location_by_any_client(fake: FakeS3, bucket: str) -> None:
    for region, requests in (("us-east-1", 1), ("us-west-2", 1), ("eu-west-1", 2)):
        with client_of(region) as s3, counted(s3) as sent:
            assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] == "us-west-2"
            assert len(sent) == requests


def test_copies_cross_regions(fake: FakeS3, bucket: str) -> None:
    """A copy is requested in the region of the destination; that of the source does not matter."""
    with client_of("eu-west-1") as s3, counted(s3) as sent:
        s3.create_bucket(Bucket="copies", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        s3.copy_object(Bucket="copies", Key="k", CopySource={"Bucket": bucket, "Key": "k"})
        upload = s3.create_multipart_upload(Bucket="copies", Key="m")["UploadId"]
        s3.upload_part_copy(Bucket="copies", Key="m", UploadId=upload, PartNumber=1, CopySource=f"{bucket}/k")
        assert s3.get_object(Bucket="copies", Key="k")["Body"].read() == b"abc"
        assert {status for _, status in sent} == {200}


def test_head_bucket_shows_the_region_to_other_accounts(fake: FakeS3, bucket: str) -> None:
    with client_of("us-west-2") as s3:
        fake.store.buckets[bucket].account = "999999999999"
        error = refused_head(lambda: s3.head_bucket(Bucket=bucket), 403)
    assert error.response["ResponseMetadata"]["HTTPHeaders"]["x-amz-bucket-region"] == "us-west-2"


def test_list_objects_shows_the_region(fake: FakeS3, bucket: str) -> None:
    with client_of("us-west-2") as s3:
        for response in (s3.list_objects(Bucket=bucket), s3.list_objects_v2(Bucket=bucket)):
            assert response["ResponseMetadata"]["HTTPHeaders"]["x-amz-bucket-region"] == "us-west-2"


def test_list_buckets_of_all_regions(fake: FakeS3, bucket: str) -> None:
    with client_of("eu-west-1") as s3, client_of("cn-north-1") as china:
        s3.create_bucket(Bucket="here", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        china.create_bucket(Bucket="china", CreateBucketConfiguration={"LocationConstraint": "cn-north-1"})
        assert [found["Name"] for found in s3.list_buckets()["Buckets"]] == ["bucket", "here"]
        listed = s3.list_buckets(BucketRegion="us-west-2")["Buckets"]
        assert [(found["Name"], found["BucketRegion"]) for found in listed] == [("bucket", "us-west-2")]
        assert [found["Name"] for found in china.list_buckets()["Buckets"]] == ["china"]


def test_presigned_urls_of_another_region(fake: FakeS3, bucket: str) -> None:
    from urllib.parse import urlsplit

    from tests.support.hosts import ask

    with client_of("eu-west-1", s3={"addressing_style": "virtual"}) as s3:
        url = urlsplit(s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "k"}))
    assert url.netloc == HERE
    response = ask(fake, "GET", url.netloc, f"{url.path}?{url.query}")
    assert (response.status, response.error["Code"], response.headers["x-amz-bucket-region"]) == (
        301,
        "PermanentRedirect",
        "us-west-2",
    )


def test_create_in_another_region(fake: FakeS3, bucket: str) -> None:
    """CreateBucket is not redirected: the name is taken in every region."""
    mine = BUCKET_ALREADY_OWNED_BY_YOU
    constraint = {"LocationConstraint": "eu-west-1"}
    with client_of("eu-west-1") as s3, client_of("us-east-1") as main:
        extras = {"BucketName": bucket}
        for create in (
            lambda: s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=constraint),
            lambda: main.create_bucket(Bucket=bucket),
        ):
            refused(create, 409, "BucketAlreadyOwnedByYou", mine, extras)


# The region that a client caches


def test_clients_forget_regions_with_the_buckets() -> None:
    """A client that outlives a test does not keep the region of that test's bucket."""
    with client_of("us-east-1") as s3:
        elsewhere = {"LocationConstraint": "eu-west-1"}
        for _ in range(2):
            with mock_s3():
                s3.create_bucket(Bucket="bucket", CreateBucketConfiguration=elsewhere)
                with counted(s3) as sent:
                    s3.put_object(Bucket="bucket", Key="k", Body=b"abc")
                assert [status for _, status in sent] == [307, 200]
            with mock_s3():
                s3.create_bucket(Bucket="bucket")
                s3.put_object(Bucket="bucket", Key="k", Body=b"abc")
        with FakeS3() as fake:
            empty = fake.snapshot()
            for forget in (fake.reset, lambda: fake.restore(empty)):
                s3.create_bucket(Bucket="bucket", CreateBucketConfiguration=elsewhere)
                s3.put_object(Bucket="bucket", Key="k", Body=b"abc")
                forget()
                s3.create_bucket(Bucket="bucket")
                forget()


# A server


def test_a_server_serves_buckets_of_any_region(door: Door) -> None:
    with Server() as server, client_of("us-east-1", endpoint_url=server.url) as s3:
        s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
        with counted(s3) as sent:
            s3.put_object(Bucket="bucket", Key="k", Body=b"abc")
        assert [status for _, status in sent] == [200]


def test_a_strict_server_checks_the_signing_region() -> None:
    with Server(strict_regions=True) as server, client_of("us-east-1", endpoint_url=server.url) as s3:
        s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
        for call in (CALLS["PutObject"], CALLS["HeadBucket"]):
            with client_of("us-east-1", endpoint_url=server.url) as fresh, counted(fresh) as sent:
                call(fresh)
            assert [status for _, status in sent] == [400, 200]
