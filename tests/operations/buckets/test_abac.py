"""Attribute-based access control: PutBucketAbac and GetBucketAbac, and what it does to the tags of a bucket.

Recorded from AWS, September 2026 (codes and states by the project stackd, the response of a new bucket byte for byte).
"""

from __future__ import annotations

from base64 import b64encode
from functools import partial
from hashlib import md5
from typing import Any

import pytest

from fakes3part import FakeS3
from tests.support.callers import STRANGER
from tests.support.doors import Door, assert_error, refused
from tests.support.errors import INVALID_CONTENT_MD5, MALFORMED_XML, NO_SUCH_BUCKET, WRONG_CONTENT_MD5, WRONG_CRC32
from tests.support.state import unchanged

pytestmark = pytest.mark.usefixtures("bucket")

NS = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
ABAC = "This S3 general purpose bucket has attribute-based access control (ABAC) enabled."
NO_PUT = f"{ABAC} To add tags to this bucket, initiate a TagResource request. To delete tags from this bucket, initiate an UntagResource request."  # fmt: skip  # noqa: E501
NO_DELETE = f"{ABAC} To delete tags from this bucket, initiate an UntagResource request."
TAGS: Any = {"TagSet": [{"Key": "team", "Value": "a"}]}


def document(content: str, root: str = "AbacStatus") -> bytes:
    return f"<{root} {NS}>{content}</{root}>".encode()


def put(door: Door, status: str = "Enabled") -> None:
    assert door.raw("PUT", "/bucket?abac", {}, document(f"<Status>{status}</Status>")).status == 200


def status(s3: Any) -> str:
    value: str = s3.get_bucket_abac(Bucket="bucket")["AbacStatus"]["Status"]
    return value


def test_a_new_bucket_is_disabled(door: Door) -> None:
    response = door.raw("GET", "/bucket?abac")
    expected = f'<?xml version="1.0" encoding="UTF-8"?>\n<AbacStatus {NS}><Status>Disabled</Status></AbacStatus>'
    assert (response.status, response.body.decode()) == (200, expected)
    assert "content-type" not in response.headers
    assert door.client.get_bucket_abac(Bucket="bucket")["AbacStatus"] == {"Status": "Disabled"}


def test_it_can_be_switched_any_number_of_times(s3: Any) -> None:
    for value in ("Disabled", "Enabled", "Enabled", "Disabled"):
        answer = s3.put_bucket_abac(Bucket="bucket", AbacStatus={"Status": value})
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
        assert status(s3) == value


ACCEPTED = {
    "no namespace": b"<AbacStatus><Status>Enabled</Status></AbacStatus>",
    "another root": document("<Status>Enabled</Status>", "Wrong"),
    "a prefix": b'<a:Wrong xmlns:a="urn:x"><a:Status>Enabled</a:Status></a:Wrong>',
    "white space": document("\n <Status>Enabled</Status>\n"),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_accepted_documents(door: Door, case: str) -> None:
    response = door.raw("PUT", "/bucket?abac", {}, ACCEPTED[case])
    assert (response.status, response.body) == (200, b"")
    assert status(door.client) == "Enabled"


MALFORMED = {
    "no Status": document(""),
    "no Status below another root": document("", "Wrong"),
    "an empty Status": document("<Status/>"),
    "lower case": document("<Status>enabled</Status>"),
    "unknown": document("<Status>Suspended</Status>"),
    "a blank": document("<Status>Enabled </Status>"),
    "twice": document("<Status>Enabled</Status><Status>Enabled</Status>"),
    "another element": document("<Status>Enabled</Status><Other/>"),
    "a nested root": document("<AbacStatus><Status>Enabled</Status></AbacStatus>"),
    "a text": document("Enabled"),
    "no XML": b"Enabled",
    "two roots": document("<Status>Enabled</Status>") * 2,
    "a DOCTYPE": b"<!DOCTYPE a [<!ENTITY e 'Enabled'>]><a><Status>&e;</Status></a>",
}


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed_documents(door: Door, case: str) -> None:
    put(door)
    with unchanged(door.fake):
        assert_error(door.raw("PUT", "/bucket?abac", {}, MALFORMED[case]), 400, "MalformedXML", MALFORMED_XML)


def test_an_empty_body(door: Door) -> None:
    with unchanged(door.fake):
        assert_error(door.raw("PUT", "/bucket?abac"), 400, "MissingRequestBodyError", "Request Body is empty")


BODY = document("<Status>Enabled</Status>")
OTHER = b64encode(md5(b"other").digest()).decode()
OWN = b64encode(md5(BODY).digest()).decode()
SDK = "x-amz-sdk-checksum-algorithm"
NO_CHECKSUM = f"{SDK} specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found."
BAD_DIGESTS: dict[str, tuple[dict[str, str], str, str, dict[str, str]]] = {
    "another MD5": ({"Content-MD5": OTHER}, "BadDigest", WRONG_CONTENT_MD5, {"CalculatedDigest": OWN, "ExpectedDigest": OTHER}),
    "no MD5": ({"Content-MD5": "MTIz"}, "InvalidDigest", INVALID_CONTENT_MD5, {"Content-MD5": "MTIz"}),
    "another CRC32": ({"x-amz-checksum-crc32": "AAAAAA=="}, "BadDigest", WRONG_CRC32, {}),
    "an algorithm without its checksum": ({SDK: "CRC32"}, "InvalidRequest", NO_CHECKSUM, {}),
    "an unknown algorithm": ({SDK: "FOO"}, "InvalidRequest", f"Value for {SDK} header is invalid.", {}),
}


@pytest.mark.parametrize("case", BAD_DIGESTS)
def test_digests(door: Door, case: str) -> None:
    headers, code, message, extras = BAD_DIGESTS[case]
    with unchanged(door.fake):
        assert_error(door.raw("PUT", "/bucket?abac", headers, BODY), 400, code, message, extras)


def test_a_digest_is_optional(door: Door) -> None:
    assert door.raw("PUT", "/bucket?abac", {"Content-MD5": OWN}, BODY).status == 200
    assert status(door.client) == "Enabled"


ORDER: dict[str, tuple[str, dict[str, str], tuple[int, str, str, dict[str, str]]]] = {
    "the bucket": ("/missing?abac", {}, (404, "NoSuchBucket", NO_SUCH_BUCKET, {"BucketName": "missing"})),
    "the owner": ("/bucket?abac", {"x-amz-expected-bucket-owner": STRANGER}, (403, "AccessDenied", "Access Denied", {})),
    "the owner's form": (
        "/bucket?abac",
        {"x-amz-expected-bucket-owner": "1"},
        (
            400,
            "InvalidBucketOwnerAWSAccountID",
            "The value of the expected bucket owner parameter must be an AWS Account ID... [1]",
            {},
        ),
    ),
}


@pytest.mark.parametrize("case", ORDER)
def test_bucket_and_owner_come_before_the_document(door: Door, case: str) -> None:
    target, headers, (code, *error) = ORDER[case]
    with unchanged(door.fake):
        assert_error(door.raw("PUT", target, headers, b"<no"), code, *error)
        assert_error(door.raw("GET", target, headers), code, *error)


def test_the_permission_comes_before_the_document(door: Door) -> None:
    with unchanged(door.fake):
        response = door.raw("PUT", "/bucket?abac", {}, b"<no", access_key=STRANGER)
        assert_error(response, 403, "AccessDenied", "Access Denied")
        assert_error(door.raw("GET", "/bucket?abac", access_key=STRANGER), 403, "AccessDenied", "Access Denied")


def test_actions(door: Door) -> None:
    """Recorded: s3:PutBucketAbac and s3:GetBucketAbac; botocore's documentation writes PutBucketABAC, and case does not count."""
    statement = {"Effect": "Allow", "Action": ["s3:PutBucketABAC", "s3:getbucketabac"], "Resource": "arn:aws:s3:::bucket"}
    user = door.fake.add_user(None, "test_abac", {"Version": "2012-10-17", "Statement": [statement]})
    with door.client_with(aws_access_key_id=user.access_key, aws_secret_access_key=user.secret_key) as s3:
        s3.put_bucket_abac(Bucket="bucket", AbacStatus={"Status": "Enabled"})
        assert status(s3) == "Enabled"


# --- tags ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "body", "message"),
    [("PUT", b"<Tagging/>", NO_PUT), ("PUT", b"<no", NO_PUT), ("PUT", b"", NO_PUT), ("DELETE", b"", NO_DELETE)],
)
def test_tags_are_refused(door: Door, method: str, body: bytes, message: str) -> None:
    door.client.put_bucket_tagging(Bucket="bucket", Tagging=TAGS)
    put(door)
    with unchanged(door.fake):
        assert_error(door.raw(method, "/bucket?tagging", {}, body), 400, "BadRequest", message)
        response = door.raw(method, "/bucket?tagging", {}, body, access_key=STRANGER)
        assert_error(response, 403, "AccessDenied", "Access Denied")  # the permission comes first
    assert door.client.get_bucket_tagging(Bucket="bucket")["TagSet"] == TAGS["TagSet"]


def test_tags_are_put_again_when_it_is_off(door: Door) -> None:
    s3 = door.client
    put(door)
    refused(partial(s3.put_bucket_tagging, Bucket="bucket", Tagging=TAGS), 400, "BadRequest", NO_PUT)
    refused(partial(s3.delete_bucket_tagging, Bucket="bucket"), 400, "BadRequest", NO_DELETE)
    put(door, "Disabled")
    s3.put_bucket_tagging(Bucket="bucket", Tagging=TAGS)
    assert s3.get_bucket_tagging(Bucket="bucket")["TagSet"] == TAGS["TagSet"]
    s3.delete_bucket_tagging(Bucket="bucket")
    refused(
        partial(s3.get_bucket_tagging, Bucket="bucket"),
        404,
        "NoSuchTagSet",
        "The TagSet does not exist",
        {"BucketName": "bucket"},
    )


def test_objects_stay_as_they_are(door: Door) -> None:
    s3 = door.client
    etag = s3.put_object(Bucket="bucket", Key="k", Body=b"abc", Tagging="a=1")["ETag"]
    before = s3.head_object(Bucket="bucket", Key="k")["LastModified"]
    put(door)
    head = s3.head_object(Bucket="bucket", Key="k")
    assert (head["ETag"], head["LastModified"]) == (etag, before)
    s3.put_object_tagging(Bucket="bucket", Key="k", Tagging=TAGS)
    s3.delete_object_tagging(Bucket="bucket", Key="k")


def test_it_is_saved_forked_and_shown(door: Door, tmp_path: Any) -> None:
    fake = door.fake
    assert fake.buckets["bucket"].configuration.abac == "Disabled"
    before = fake.snapshot()
    put(door)
    assert fake.buckets["bucket"].configuration.abac == "Enabled"
    fake.save(tmp_path / "archive")
    for copy in (fake.fork(), FakeS3.load(tmp_path / "archive")):
        assert copy.buckets["bucket"].configuration.abac == "Enabled"
    fake.restore(before)
    assert status(door.client) == "Disabled"
