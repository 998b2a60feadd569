"""Presigned URLs of SigV4 and SigV2: every error, and what is accepted.

Recorded from AWS, February 2026: missing parameters, malformed credentials, expired URLs, wrong signatures, HeadersNotSigned, and
headers in the query. The other texts are versitygw's, assumed: not recorded from AWS.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from botocore.config import Config
from botocore.credentials import Credentials

from tests.support.doors import Door, RawResponse, assert_error
from tests.support.errors import PRECONDITION_FAILED, WRONG_CONTENT_SHA256
from tests.support.signing import (
    CREDENTIALS,
    KEY,
    UNKNOWN_KEY,
    WRONG_SECRET,
    MovingClock,
    SignedRequest,
    at,
    by_sigv2_url,
    by_url,
    iso,
    mismatched,
)
from tests.support.state import unchanged

BOTH = pytest.mark.parametrize("credentials", [CREDENTIALS, UNKNOWN_KEY], ids=["known", "unknown"])
PARAMETERS = ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature"]
ERROR = "AuthorizationQueryParametersError"
CREDENTIAL = "Error parsing the X-Amz-Credential parameter; "
UNSIGNED = "There were headers present in the request which were not signed"


def _parameter(sent: SignedRequest, name: str) -> str:
    return parse_qs(urlsplit(sent.target).query)[name][0]


def _with(sent: SignedRequest, name: str, value: str | None) -> SignedRequest:
    """Return the URL with another value of a parameter; None: without the parameter."""
    path, _, query = sent.target.partition("?")
    pairs = [pair for pair in query.split("&") if not pair.startswith(f"{name}=")]
    assert len(pairs) == query.count("&")
    if value is not None:
        pairs.append(f"{name}={quote(value, safe='')}")
    sent.target = f"{path}?{'&'.join(pairs)}"
    return sent


def _send_unchanged(door: Door, sent: SignedRequest, status: int) -> RawResponse:
    with unchanged(door.fake):
        response = sent.send()
    assert response.status == status
    return response


# SigV4


def test_right(door: Door) -> None:
    assert by_url(door).send().body == b"abc"
    assert by_url(door, "PUT", body=b"new").send().status == 200
    assert by_url(door).send().body == b"new"


@BOTH
@pytest.mark.parametrize("name", PARAMETERS)
def test_all_six_parameters(door: Door, name: str, credentials: Credentials) -> None:
    sent = _with(by_url(door, credentials=credentials), name, None)
    assert_error(
        sent.send(),
        400,
        ERROR,
        "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, "
        "X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
    )


MALFORMED = f'{CREDENTIAL}the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".'
NO_DAY = f'{CREDENTIAL}incorrect date format "2026". This date in the credential must be in the format "yyyyMMdd".'
ALGORITHM = 'X-Amz-Algorithm only supports "AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256"'
DATE = "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\""
NUMBER = "X-Amz-Expires should be a number"
WEEK = "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds"
WRONG_VALUES = [
    ("X-Amz-Algorithm", "AWS4-HMAC-SHA1", ALGORITHM),
    ("X-Amz-Algorithm", "", ALGORITHM),
    ("X-Amz-Credential", "x", MALFORMED),
    ("X-Amz-Credential", "", MALFORMED),
    ("X-Amz-Credential", f"{KEY}%2F20260101%2Fus-east-1%2Fs3%2Faws4_request", MALFORMED),
    ("X-Amz-Credential", f"{KEY}/20260101/us-east-1/s3", MALFORMED),
    (
        "X-Amz-Credential",
        f"{KEY}/20260101/us-east-1/ec2/aws4_request",
        f'{CREDENTIAL}incorrect service "ec2". This endpoint belongs to "s3".',
    ),
    (
        "X-Amz-Credential",
        f"{KEY}/20260101/us-east-1/s3/aws5",
        f'{CREDENTIAL}incorrect terminal "aws5". This endpoint uses "aws4_request".',
    ),
    ("X-Amz-Credential", f"{KEY}/2026/us-east-1/s3/aws4_request", NO_DAY),
    ("X-Amz-Date", "2026-01-01T00:00:00Z", DATE),
    ("X-Amz-Date", "20261301T000000Z", DATE),
    ("X-Amz-Date", "", DATE),
    ("X-Amz-Date", "20200102T000000Z", 'Invalid credential date "{day}". This date is not the same as X-Amz-Date: "20200102".'),
    ("X-Amz-Expires", "604801", WEEK),
    ("X-Amz-Expires", "-1", "X-Amz-Expires must be non-negative"),
    ("X-Amz-Expires", "soon", NUMBER),
    ("X-Amz-Expires", "1.5", NUMBER),
    ("X-Amz-Expires", "", NUMBER),
    ("X-Amz-Expires", "9" * 30, NUMBER),
]


@BOTH
@pytest.mark.parametrize(("name", "value", "message"), WRONG_VALUES)
def test_wrong_values(door: Door, name: str, value: str, message: str, credentials: Credentials) -> None:
    sent = by_url(door, "DELETE", credentials=credentials)
    day = _parameter(sent, "X-Amz-Date")[:8]
    response = _send_unchanged(door, _with(sent, name, value), 400)
    assert_error(response, 400, ERROR, message.format(day=day))


def test_sigv4a_has_another_credential(door: Door) -> None:
    """The credential of SigV4A has no region: that is in X-Amz-Region-Set. (Valid ones: test_sigv4a.py.)"""
    sent = _with(by_url(door), "X-Amz-Algorithm", "AWS4-ECDSA-P256-SHA256")
    message = f'{CREDENTIAL}the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/SERVICE/aws4_request".'
    assert_error(sent.send(), 400, ERROR, message)


def test_region(door: Door) -> None:
    known, unknown = (by_url(door, region="eu-west-1", credentials=keys).send() for keys in (CREDENTIALS, UNKNOWN_KEY))
    if door.name == "server":  # its host names no region: it has the signature's
        assert known.body == b"abc"
        assert (unknown.status, unknown.error["Message"]) == (403, "Access Denied")
    else:
        message = f'{CREDENTIAL}the region "eu-west-1" is wrong; expecting "us-east-1"'
        for response in (known, unknown):
            assert_error(response, 400, ERROR, message, {"Region": "us-east-1"})


@BOTH
@pytest.mark.parametrize("expires", [0, 1, 3600, 604800])
def test_expiry(door: Door, clock: MovingClock, expires: int, credentials: Credentials) -> None:
    """By the fake's clock, also with an unknown key; the URL is still valid in its last second."""
    sent = by_url(door, "PUT", "/new", credentials=credentials, expires=expires)
    date = at(_parameter(sent, "X-Amz-Date"))
    clock.fixed = date + timedelta(seconds=expires + 1)
    with unchanged(door.fake):
        response = sent.send()
    extras = {"X-Amz-Expires": str(expires), "Expires": iso(date + timedelta(seconds=expires)), "ServerTime": iso(clock.now())}
    assert list(response.error.items())[2:] == list(extras.items())
    assert_error(response, 403, "AccessDenied", "Request has expired", extras)
    clock.fixed = date + timedelta(seconds=expires)
    assert sent.send().status == 200


@BOTH
def test_not_yet_valid(door: Door, clock: MovingClock, credentials: Credentials) -> None:
    sent = by_url(door, "PUT", "/new", credentials=credentials)
    date = _parameter(sent, "X-Amz-Date")
    clock.fixed = at(date) - timedelta(minutes=15, seconds=1)
    extras = {"X-Amz-Date": date, "ServerTime": iso(clock.now())}
    assert_error(_send_unchanged(door, sent, 403), 403, "AccessDenied", "Request is not valid yet", extras)
    clock.fixed = at(date) - timedelta(minutes=15)
    assert sent.send().status == 200


CHANGES: dict[str, Callable[[SignedRequest], Any]] = {
    "secret": lambda sent: None,
    "key": lambda sent: sent.change("/bucket/k?", "/bucket/other?"),
    "method": lambda sent: setattr(sent, "method", "DELETE"),
    "parameter": lambda sent: sent.change("/k?", "/k?x-id=PutObject&"),
    "bare parameter": lambda sent: sent.change("/k?", "/k?x-id&"),
    "longer life": lambda sent: sent.change("X-Amz-Expires=3600", "X-Amz-Expires=36000"),
    "signature": lambda sent: sent.change("Signature=", "Signature=0"),
    "signed header with another value": lambda sent: sent.headers.update({"Content-Encoding": "br"}),
    "signed header absent": lambda sent: sent.headers.pop("Content-Encoding"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_changed(door: Door, name: str) -> None:
    credentials = WRONG_SECRET if name == "secret" else CREDENTIALS
    sent = by_url(door, "PUT", headers={"Content-Encoding": "gzip"}, body=b"new", credentials=credentials)
    CHANGES[name](sent)
    error = mismatched(_send_unchanged(door, sent, 403), canonical=True)
    assert error["CanonicalRequest"].endswith("\ncontent-encoding;host\nUNSIGNED-PAYLOAD")


@BOTH
def test_headers_not_signed(door: Door, credentials: Credentials) -> None:
    """Judged without the secret, too (issues localstack 739 and aws-sdk-js-v3 3906)."""
    for name in ("x-amz-meta-wrong", "x-amz-expires", "x-amz-user-agent", "x-amz-date"):
        sent = by_url(door, "PUT", body=b"new", credentials=credentials)
        sent.headers[name] = "1"
        assert_error(_send_unchanged(door, sent, 403), 403, "AccessDenied", UNSIGNED, {"HeadersNotSigned": name})
    sent = _with(by_url(door, credentials=credentials), "X-Amz-SignedHeaders", "content-type")
    assert_error(sent.send(), 403, "AccessDenied", UNSIGNED, {"HeadersNotSigned": "host"})


@BOTH
@pytest.mark.parametrize("name", ["Content-Type", "Content-MD5", "x-amz-acl", "x-amz-content-sha256", "Range"])
def test_a_signed_header_was_not_sent(door: Door, credentials: Credentials, name: str) -> None:
    """Judged without the secret, too (issues localstack 739 and aws-sdk-js-v3 3906)."""
    headers = {name: "text/plain", "x-amz-meta-a": "1"}
    sent = by_url(door, "PUT", headers=headers, body=b"new", credentials=credentials)
    sent.headers.pop(name)
    error = _send_unchanged(door, sent, 403).error
    assert (error["Code"], error["AWSAccessKeyId"]) == ("SignatureDoesNotMatch", credentials.access_key)
    assert f"\n{name.lower()}:\n" in (error["CanonicalRequest"] or "")


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Encoding": "gzip"},
        {"x-amz-content-sha256": sha256(b"other").hexdigest()},
        {"x-amz-content-sha256": "nonsense"},
    ],
)
def test_headers_that_need_no_signature(door: Door, headers: dict[str, str]) -> None:
    sent = by_url(door, "PUT", body=b"new")
    sent.headers |= headers
    assert sent.send().status == 200
    assert by_url(door).send().body == b"new"


def test_headers_in_the_query(door: Door) -> None:
    """They count as headers; a header with the same name must have the same value."""
    sent = by_url(door, "PUT", "/bucket/k?x-amz-meta-a=b%20c&x-amz-tagging=t%3Dv", body=b"new")
    assert sent.send().status == 200
    head = door.client.head_object(Bucket="bucket", Key="k")
    assert (head["Metadata"], head["TagCount"]) == ({"a": "b c"}, 1)
    sent.headers["x-amz-meta-a"] = "b c"
    assert sent.send().status == 200
    sent.headers["x-amz-meta-a"] = "other"
    assert "x-amz-meta-a=other" in mismatched(_send_unchanged(door, sent, 403), canonical=True)["CanonicalRequest"]


def test_conditions_in_the_query(door: Door) -> None:
    sent = by_url(door, "PUT", body=b"new", headers={"If-None-Match": "*"})
    assert_error(_send_unchanged(door, sent, 412), 412, "PreconditionFailed", PRECONDITION_FAILED, {"Condition": "If-None-Match"})


def test_a_get_with_a_body(door: Door) -> None:
    assert by_url(door, body=b"ignored").send().body == b"abc"


@BOTH
@pytest.mark.parametrize("signer", [by_url, by_sigv2_url], ids=["V4", "V2"])
def test_both_mechanisms(door: Door, signer: Callable[..., SignedRequest], credentials: Credentials) -> None:
    sent = signer(door, credentials=credentials)
    sent.headers["Authorization"] = "AWS a:b"
    message = (
        "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the "
        "Authorization header should be specified"
    )
    assert_error(sent.send(), 400, "InvalidArgument", message, {"ArgumentName": "Authorization", "ArgumentValue": "AWS a:b"})


def test_expiry_goes_before_headers_and_signature(door: Door, clock: MovingClock) -> None:
    sent = by_url(door, credentials=WRONG_SECRET)
    sent.headers["x-amz-meta-wrong"] = "1"
    clock.ahead = timedelta(hours=2)
    assert sent.send().error["Message"] == "Request has expired"
    clock.ahead = timedelta()
    assert sent.send().error["Message"] == UNSIGNED
    del sent.headers["x-amz-meta-wrong"]
    mismatched(sent.send(), canonical=True)


def test_the_url_example_of_the_api_reference(door: Door, clock: MovingClock) -> None:
    """The example of "Authenticating Requests: Using Query Parameters" in the S3 API reference."""
    if door.name == "server":
        pytest.skip("the example names AWS's host")
    from fakes3part.message import Request

    clock.fixed = at("20130524T120000Z")
    query = (
        f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={KEY}%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&"
        "X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&"
        "X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    )
    response = door.fake.handle(Request("GET", "examplebucket.s3.amazonaws.com", "/test.txt", query))
    assert (response.status, b"NoSuchBucket" in b"".join(map(bytes, response.body))) == (404, True)


# SigV2


def test_sigv2_valid_urls(door: Door) -> None:
    assert by_sigv2_url(door).send().body == b"abc"
    sent = by_sigv2_url(
        door, "PUT", headers={"Content-Type": "text/plain", "Content-MD5": "IuVWNwcwb9j0rPOf+B9t3A=="}, body=b"new"
    )
    assert _send_unchanged(door, sent, 400).error["Code"] == "BadDigest"
    assert by_sigv2_url(door, "PUT", "/bucket/k?x-amz-meta-a=b", body=b"new").send().status == 403  # botocore does not sign it


@BOTH
@pytest.mark.parametrize("name", ["AWSAccessKeyId", "Signature", "Expires"])
def test_all_three_parameters(door: Door, name: str, credentials: Credentials) -> None:
    sent = _with(by_sigv2_url(door, credentials=credentials), name, None)
    message = "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters"
    assert_error(sent.send(), 403, "AccessDenied", message)


@BOTH
def test_sigv2_expiry(door: Door, clock: MovingClock, credentials: Credentials) -> None:
    sent = by_sigv2_url(door, "PUT", "/new", credentials=credentials)
    expires = datetime.fromtimestamp(int(_parameter(sent, "Expires")), timezone.utc)
    clock.fixed = expires + timedelta(seconds=1)
    response = _send_unchanged(door, sent, 403)
    assert_error(response, 403, "AccessDenied", "Request has expired", {"Expires": iso(expires), "ServerTime": iso(clock.now())})
    clock.fixed = expires
    assert sent.send().status == 200


@pytest.mark.parametrize("expires", ["", "tomorrow", "-1", "9" * 12])
def test_sigv2_malformed_expires(door: Door, expires: str) -> None:
    message = f"Invalid date (should be seconds since epoch): {expires}"
    assert_error(_with(by_sigv2_url(door), "Expires", expires).send(), 403, "AccessDenied", message)


SIGV2_CHANGES: dict[str, Callable[[SignedRequest], Any]] = {
    "secret": lambda sent: None,
    "key": lambda sent: sent.change("/bucket/k?", "/bucket/other?"),
    "method": lambda sent: setattr(sent, "method", "DELETE"),
    "longer life": lambda sent: sent.change("Expires=", "Expires=1"),
    "sub-resource": lambda sent: sent.change("/k?", "/k?tagging&"),
    "signature": lambda sent: sent.change("Signature=", "Signature=0"),
    "another type": lambda sent: sent.headers.update({"Content-Type": "text/html"}),
    "no type": lambda sent: sent.headers.pop("Content-Type"),
    "a digest": lambda sent: sent.headers.update({"Content-MD5": "IuVWNwcwb9j0rPOf+B9t3A=="}),
    "unsigned x-amz header": lambda sent: sent.headers.update({"x-amz-meta-wrong": "1"}),
    "unsigned x-amz parameter": lambda sent: sent.change("/k?", "/k?x-amz-meta-wrong=1&"),
}


@pytest.mark.parametrize("name", SIGV2_CHANGES)
def test_sigv2_changed_requests(door: Door, name: str) -> None:
    credentials = WRONG_SECRET if name == "secret" else CREDENTIALS
    sent = by_sigv2_url(door, "PUT", headers={"Content-Type": "text/plain"}, body=b"new", credentials=credentials)
    SIGV2_CHANGES[name](sent)
    response = _send_unchanged(door, sent, 403)
    if "longer" in name:  # the number is a date centuries later
        assert response.error["Message"] == f"Invalid date (should be seconds since epoch): {_parameter(sent, 'Expires')}" or (
            mismatched(response, canonical=False)
        )
    else:
        mismatched(response, canonical=False)


def test_sigv2_unsigned_content_type(door: Door) -> None:
    sent = by_sigv2_url(door, "PUT", body=b"new")
    sent.headers["Content-Encoding"] = "gzip"
    assert sent.send().status == 200
    sent.headers["Content-Type"] = "text/plain"
    assert mismatched(sent.send(), canonical=False)["StringToSign"].startswith("PUT\n\ntext/plain\n")


@pytest.mark.parametrize("version", ["s3", "s3v4"])
@pytest.mark.parametrize("style", ["path", "virtual"])
def test_boto3(door: Door, version: str, style: str) -> None:
    """Presigned URLs of boto3, with both versions and both addressing styles."""
    if door.name == "server" and style == "virtual":
        pytest.skip("an address has no sub-domains")
    config = Config(signature_version=version, s3={"addressing_style": style})
    params = {"Bucket": "bucket", "Key": "a b+c/é//%2F", "Metadata": {"a": "b"}, "ContentType": "text/plain"}
    with door.client_with(config=config) as client:
        put = urlsplit(client.generate_presigned_url("put_object", Params=params))
        get = urlsplit(
            client.generate_presigned_url(
                "get_object",
                Params={"Bucket": "bucket", "Key": params["Key"], "ResponseContentDisposition": 'attachment; filename="a b+c"'},
            )
        )
    here = Door(door.name, door.fake, door.client, f"{put.scheme}://{put.netloc}", door.new_client)
    headers = {"Content-Type": "text/plain", **({"x-amz-meta-a": "b"} if version == "s3v4" else {})}
    response = here.raw("PUT", f"{put.path}?{put.query}", headers, b"new", sign=False)
    assert response.status == 200, response.body
    response = here.raw("GET", f"{get.path}?{get.query}", sign=False)
    assert (response.body, response.headers["content-disposition"]) == (b"new", 'attachment; filename="a b+c"')
    assert response.headers["x-amz-meta-a"] == "b"


@pytest.mark.parametrize("region", ["eu-central-1", "us-east-2", "cn-north-1", "made-up-1"])
@pytest.mark.parametrize("signer", ["header", "url"])
def test_regions_since_2014_accept_sigv4_only(region: str, signer: str) -> None:
    from fakes3part.api.fakes3 import FakeS3
    from fakes3part.message import Request

    fake = FakeS3(region=region)
    headers = {"authorization": "AWS a:b"} if signer == "header" else {}
    query = "" if signer == "header" else "AWSAccessKeyId=a&Signature=b&Expires=1"
    response = fake.handle(Request("GET", "127.0.0.1:9000", "/", query, headers))
    body = b"".join(map(bytes, response.body))
    assert response.status == 400
    assert (
        b"<Code>InvalidRequest</Code><Message>The authorization mechanism you have provided is not supported. Please use " in body
    )


def test_a_content_hash_that_was_signed_is_compared(door: Door) -> None:
    right = {"x-amz-content-sha256": sha256(b"abc").hexdigest()}
    assert by_url(door, "PUT", "/bucket/signed", right, b"abc").send().status == 200
    response = by_url(door, "PUT", "/bucket/signed", right, b"another").send()
    assert (response.status, response.error) == (
        400,
        {
            "Code": "XAmzContentSHA256Mismatch",
            "Message": WRONG_CONTENT_SHA256,
            "ClientComputedContentSHA256": right["x-amz-content-sha256"],
            "S3ComputedContentSHA256": sha256(b"another").hexdigest(),
        },
    )
    assert by_url(door, target="/bucket/signed").send().body == b"abc"


def test_an_expected_owner_in_the_query_counts_in_any_case(door: Door) -> None:
    for name in ("x-amz-expected-bucket-owner", "X-Amz-Expected-Bucket-Owner"):
        assert_error(by_url(door, target=f"/bucket/k?{name}=999999999999").send(), 403, "AccessDenied", "Access Denied")
        assert by_url(door, target=f"/bucket/k?{name}={door.fake.store.buckets['bucket'].account}").send().body == b"abc"


class TestJudgedAnew:
    """Nothing that was found out about a URL is true of its next request: clock, keys and policies may have changed."""

    def test_the_clock(self, door: Door, clock: MovingClock) -> None:
        sent = by_url(door, expires=60)
        for ahead, status in [(0, 200), (30, 200), (120, 403), (0, 200), (-1200, 403), (0, 200)]:
            clock.ahead = timedelta(seconds=ahead)
            assert sent.send().status == status, ahead

    def test_a_secret_that_becomes_known(self, door: Door) -> None:
        sent = by_url(door, credentials=Credentials("AKIALATERLATERLATER1", "wrong"))
        assert sent.send().error["Code"] == "AccessDenied"  # any secret is accepted of another account's key that is not known
        door.fake.accounts.add_key(door.fake.accounts.account(door.fake.settings.account), None, "AKIALATERLATERLATER1", "right")
        assert _send_unchanged(door, sent, 403).error["Code"] == "SignatureDoesNotMatch"

    def test_the_method(self, door: Door) -> None:
        sent = by_url(door)
        assert sent.send().status == 200
        sent.method = "DELETE"
        mismatched(_send_unchanged(door, sent, 403), canonical=True)

    def test_a_header(self, door: Door) -> None:
        sent = by_url(door)
        assert sent.send().status == 200
        sent.headers["x-amz-meta-a"] = "b"
        assert_error(sent.send(), 403, "AccessDenied", UNSIGNED, {"HeadersNotSigned": "x-amz-meta-a"})
        del sent.headers["x-amz-meta-a"]
        assert sent.send().status == 200

    def test_a_policy(self, door: Door) -> None:
        sent = by_url(door)
        deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/*"}
        assert sent.send().status == 200
        door.client.put_bucket_policy(Bucket="bucket", Policy=json.dumps({"Version": "2012-10-17", "Statement": [deny]}))
        assert sent.send().status == 403
        door.client.delete_bucket_policy(Bucket="bucket")
        assert sent.send().status == 200

    def test_another_fake(self, door: Door) -> None:
        """A key that one fake knows is any key to another one, and the other way round."""
        from fakes3part import FakeS3
        from fakes3part.message import Request

        target = by_url(door, credentials=WRONG_SECRET).target
        path, _, query = target.partition("?")

        def code(fake: FakeS3) -> bytes:
            response = fake.handle(Request("GET", "s3.amazonaws.com", path, query, {"host": "s3.amazonaws.com"}))
            return b"".join(response.body).partition(b"<Code>")[2].partition(b"</Code>")[0]

        strict = FakeS3(strict_credentials=True)
        for _ in range(2):
            assert code(FakeS3()) == b"NoSuchBucket"
            assert code(door.fake) == b"SignatureDoesNotMatch"
            assert code(strict) == b"InvalidAccessKeyId"
