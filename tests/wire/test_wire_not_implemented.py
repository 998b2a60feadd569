"""Whatever is not done says so: 501 NotImplemented that names the operation, and nothing changes."""

from __future__ import annotations

import contextlib
from functools import partial

import boto3
import pytest
from inside import unchanged
from tools import Door, refused
from wire_model import DONE, ELSEWHERE, OPERATIONS, call, later, modern

from fakes3part.fake import FakeS3

LATER = [name for name in OPERATIONS if later(OPERATIONS[name]) and name not in ELSEWHERE]


@pytest.fixture
def full(door: Door, bucket: str) -> Door:
    door.client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc", Tagging="a=b")
    door.client.create_multipart_upload(Bucket=bucket, Key="k")
    return door


def test_what_works() -> None:
    assert DONE - set(OPERATIONS) == {"PostObject"}  # browsers' own: no SDK has a method for it
    assert len(LATER) > 60


@pytest.mark.parametrize("name", LATER)
def test_named(full: Door, name: str) -> None:
    meant = modern(OPERATIONS[name])
    message = f"fakes3part does not implement {meant}"
    with unchanged(full.fake):
        refused(partial(call, full.client, OPERATIONS[name]), 501, "NotImplemented", message, {"Operation": meant})


@pytest.mark.parametrize(
    ("name", "method", "target", "headers"),
    [
        ("WriteGetObjectResponse", "POST", "/WriteGetObjectResponse", {"x-amz-request-route": "r", "x-amz-request-token": "t"}),
        ("GetObjectTagging", "GET", "/bucket/k?tagging", {}),
        ("PutBucketWebsite", "PUT", "/bucket?website", {}),
        ("DeleteBucketMetricsConfiguration", "DELETE", "/bucket?metrics&id=x", {}),
        ("DeleteBucketTagging", "DELETE", "/bucket?tagging", {}),
        ("DeleteObjectTagging", "DELETE", "/bucket/k?tagging", {}),
        ("RestoreObject", "POST", "/bucket/k?restore", {}),
        ("ListObjectVersions", "GET", "/bucket?versions", {}),
    ],
)
def test_named_on_the_wire(full: Door, name: str, method: str, target: str, headers: dict[str, str]) -> None:
    with unchanged(full.fake):
        answer = full.raw(method, target, headers)
    assert (answer.status, answer.error) == (
        501,
        {"Code": "NotImplemented", "Message": f"fakes3part does not implement {name}", "Operation": name},
    )


@pytest.mark.parametrize(
    ("method", "target"),
    [("DELETE", "/bucket?unknown"), ("PUT", "/bucket?unknown"), ("DELETE", "/bucket/k?unknown"), ("POST", "/bucket?unknown")],
)
def test_unknown_sub_resources_change_nothing(full: Door, method: str, target: str) -> None:
    with unchanged(full.fake):
        answer = full.raw(method, target)
    assert answer.status in (405, 501)


def test_hosts_of_their_own() -> None:
    """Operations that botocore sends to other hosts than S3's own are refused in-process by name and by what the host serves."""
    with (
        FakeS3(),
        contextlib.closing(
            boto3.session.Session().client("s3", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
        ) as s3,
    ):
        directory = {"Bucket": "base--use1-az4--x-s3"}
        for ask, name, where in (
            (lambda: s3.list_directory_buckets(), "ListDirectoryBuckets", "directory buckets"),
            (lambda: s3.create_session(**directory), "CreateSession", "directory buckets"),
            (
                lambda: s3.write_get_object_response(RequestRoute="r", RequestToken="t"),
                "WriteGetObjectResponse",
                "Object Lambda access points",
            ),
        ):
            refused(ask, 501, "NotImplemented", f"fakes3part does not implement {name} ({where})", {"Operation": name})


def test_directory_buckets_are_never_listed_as_ordinary_ones(full: Door) -> None:
    with unchanged(full.fake):
        refused(
            full.client.list_directory_buckets,
            501,
            "NotImplemented",
            f"fakes3part does not implement ListDirectoryBuckets{' (directory buckets)' if full.name == 'in-process' else ''}",
            {"Operation": "ListDirectoryBuckets"},
        )
