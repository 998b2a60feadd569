"""Query parameters that S3 does not know, and sub-resources of a bucket that are asked for at a key.

Sources: versitygw's issue 1688, AWS's page on server access logs (custom parameters), backlot's issue 267, and what that project
recorded from AWS in September 2026.
"""

from __future__ import annotations

import json

import pytest

from tests.support.doors import Door, assert_error
from tests.support.state import unchanged

QUERIES = ["1699999999", "x-user", "x-user=jim", "blah=", "blah", "Uploads", "x-id=Anything", "a&b=1&c"]


@pytest.mark.parametrize("query", QUERIES)
def test_ignored(door: Door, bucket: str, query: str) -> None:
    """Writes, reads and listings are as without it."""
    assert door.raw("PUT", f"/bucket/k?{query}", body=b"abc").status == 200
    assert door.raw("GET", f"/bucket/k?{query}").body == b"abc"
    head = door.raw("HEAD", f"/bucket/k?{query}")
    assert (head.status, head.headers["content-length"]) == (200, "3")
    for listing in ("/bucket?", "/bucket?list-type=2&", "/bucket?versions&", "/?"):
        answer = door.raw("GET", f"{listing}{query}")
        assert (answer.status, b"<Key>k</Key>" in answer.body) == (200, listing != "/?")
    assert door.raw("HEAD", f"/bucket?{query}").status == 200
    upload = door.raw("POST", f"/bucket/up?uploads&{query}")
    assert b"<UploadId>" in upload.body
    assert door.raw("DELETE", f"/bucket/k?{query}").status == 204
    assert "Contents" not in door.client.list_objects_v2(Bucket=bucket)


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_no_bucket_is_created_or_deleted(door: Door, bucket: str, method: str) -> None:
    """It may be a sub-resource that is newer than botocore's model."""
    subject = f"{method} ?frobnicate"
    with unchanged(door.fake):
        answer = door.raw(method, f"/{bucket}?frobnicate")
        assert_error(answer, 501, "NotImplemented", f"fakes3part does not implement {subject}", {"Operation": subject})
        assert door.raw(method, "/missing?frobnicate").status == 404


@pytest.mark.parametrize("key", ["k", "missing", "a/b%20c"])
def test_sub_resources_of_the_bucket_at_a_key(door: Door, bucket: str, key: str) -> None:
    s3 = door.client
    s3.put_object(Bucket=bucket, Key="k", Body=b"abc")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/x"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    for name in ("location", "policy", "versioning", "requestPayment", "accelerate", "lifecycle", "website"):
        at_key, at_bucket = (door.raw("GET", f"/{target}?{name}") for target in (f"{bucket}/{key}", bucket))
        if at_bucket.status == 200:
            assert (at_key.status, at_key.body) == (200, at_bucket.body)
        else:
            assert (at_key.status, at_key.error) == (at_bucket.status, at_bucket.error)
        assert door.raw("HEAD", f"/{bucket}/{key}?{name}")[::2] == (405, b"")
    assert door.raw("GET", f"/{bucket}/{key}?policy").body.decode() == policy


def test_logging_at_a_key(door: Door, bucket: str) -> None:
    text = "There is no such thing as the ?logging sub-resource for a key"
    assert_error(door.raw("GET", "/bucket/k?logging"), 400, "NoLoggingStatusForKey", text)


def test_access_is_that_to_the_bucket(door: Door, bucket: str) -> None:
    door.client.delete_public_access_block(Bucket=bucket)
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetBucketLocation", "Resource": f"arn:aws:s3:::{bucket}"}
    door.client.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    assert door.raw("GET", "/bucket/k?location", sign=False).status == 200
    assert door.raw("GET", "/bucket/k?versioning", sign=False).status == 403
