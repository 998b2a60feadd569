"""A presigned URL that is used again: what was found out about it does not outlive what that depends on."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from fakes3part import FakeS3
from fakes3part.message import Request, Response
from tests.support.doors import Door, assert_error
from tests.support.signing import KEY, MovingClock, at, by_url, mismatched
from tests.support.state import unchanged

HOST = "bucket.s3.amazonaws.com"


def _send(fake: FakeS3, url: str, method: str = "GET") -> Response:
    parts = urlsplit(url)
    return fake.handle(Request(method, HOST, parts.path, parts.query, {"host": HOST}))


def _url(secret: str, access_key: str = KEY) -> str:
    request = AWSRequest("GET", f"https://{HOST}/k")
    S3SigV4QueryAuth(Credentials(access_key, secret), "s3", "us-east-1", 3600).add_auth(request)
    return str(request.url)


def _fake(secret: str | None) -> FakeS3:
    """Return a fake that has a bucket and the access key with this secret; None: it does not know the key."""
    fake = FakeS3(strict_credentials=True)
    if secret is not None:
        fake.add_account("111111111111", access_key=KEY, secret_key=secret)
    return fake


def test_for_another_method(door: Door) -> None:
    sent = by_url(door)
    for _ in range(2):
        sent.method = "GET"
        assert sent.send().body == b"abc"
        sent.method = "PUT"
        with unchanged(door.fake):
            mismatched(sent.send(), canonical=True)


def test_with_another_path_or_parameter(door: Door) -> None:
    sent = by_url(door)
    right = sent.target
    for wrong in (right.replace("/k?", "/j?"), f"{right}&x=y", right.replace("Expires=3600", "Expires=3601")):
        sent.target = right
        assert sent.send().body == b"abc"
        sent.target = wrong
        mismatched(sent.send(), canonical=True)


def test_with_another_value_of_a_signed_header(door: Door) -> None:
    sent = by_url(door, "PUT", "/bucket/new", {"x-amz-meta-a": "1"}, body=b"new")
    assert sent.send().status == 200
    sent.headers["x-amz-meta-a"] = "2"
    with unchanged(door.fake):
        mismatched(sent.send(), canonical=True)
    sent.headers["x-amz-meta-a"] = "1"
    assert sent.send().status == 200
    del sent.headers["x-amz-meta-a"]
    with unchanged(door.fake):
        mismatched(sent.send(), canonical=True)


def test_with_another_body(door: Door) -> None:
    sent = by_url(door, "PUT", "/bucket/k", body=b"first")
    for body in (b"first", b"second"):
        sent.body = body
        assert sent.send().status == 200
        assert by_url(door).send().body == body


def test_until_it_expires(door: Door, clock: MovingClock) -> None:
    sent = by_url(door, expires=60)
    signed = at(sent.target.partition("X-Amz-Date=")[2].partition("&")[0])
    for seconds, status in ((0, 200), (60, 200), (61, 403), (30, 200), (-901, 403)):
        clock.fixed = signed + timedelta(seconds=seconds)
        assert sent.send().status == status


@pytest.mark.parametrize("order", [("right", "wrong", None), ("wrong", "right"), (None, "right", None)])
def test_at_fakes_that_know_other_secrets(order: tuple[str | None, ...]) -> None:
    url = _url("right")
    codes = {"right": b"NoSuchBucket", "wrong": b"SignatureDoesNotMatch", None: b"InvalidAccessKeyId"}
    for secret in order * 2:
        body = b"".join(_send(_fake(secret), url).body)
        assert b"<Code>%s</Code>" % codes[secret] in body


def test_when_its_headers_are_not_signed(door: Door) -> None:
    sent = by_url(door)
    assert sent.send().status == 200
    sent.headers["x-amz-meta-a"] = "1"
    text = "There were headers present in the request which were not signed"
    assert_error(sent.send(), 403, "AccessDenied", text, {"HeadersNotSigned": "x-amz-meta-a"})
