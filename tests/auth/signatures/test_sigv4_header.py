"""SigV4 in the Authorization header, and ``x-amz-content-sha256``: every error, and their order.

Recorded from AWS: RequestTimeTooSkewed (September 2025), a wrong region and HeadersNotSigned (February 2026). The other texts and
the order of checks are versitygw's, assumed: not recorded from AWS.
"""

from __future__ import annotations

import re
from datetime import timedelta
from hashlib import sha256

import pytest
from botocore.credentials import Credentials

from tests.support.doors import Door, assert_error
from tests.support.errors import WRONG_CONTENT_SHA256
from tests.support.signing import (
    CREDENTIALS,
    KEY,
    UNKNOWN_KEY,
    WRONG_SECRET,
    MovingClock,
    SignedRequest,
    at,
    by_header,
    iso,
    mismatched,
)
from tests.support.state import unchanged

MALFORMED = "The authorization header is malformed; "
BOTH = pytest.mark.parametrize("credentials", [CREDENTIALS, UNKNOWN_KEY], ids=["known", "unknown"])


def test_right(door: Door) -> None:
    assert by_header(door).send().body == b"abc"
    assert by_header(door, "PUT", body=b"new").send().status == 200
    assert by_header(door).send().body == b"new"


def test_signatures_of_known_keys_are_verified(door: Door) -> None:
    door.client.put_object(Bucket="bucket", Key="k", Body=b"old")
    with unchanged(door.fake):
        error = mismatched(by_header(door, "PUT", body=b"new", credentials=WRONG_SECRET).send(), canonical=True)
    assert error["StringToSign"].startswith("AWS4-HMAC-SHA256\n20")
    assert error["StringToSign"].endswith(sha256(error["CanonicalRequest"].encode()).hexdigest())
    lines = error["CanonicalRequest"].split("\n")
    assert lines[:3] == ["PUT", "/bucket/k", ""]
    assert lines[-1] == sha256(b"new").hexdigest()


def test_signatures_of_unknown_keys_are_not_verified(door: Door) -> None:
    sent = by_header(door, "PUT", "/own", credentials=UNKNOWN_KEY)
    assert sent.change(sent.authorization[-64:], "0" * 64).send().status == 200


CHANGES = {
    "method": lambda sent: setattr(sent, "method", "DELETE"),
    "key": lambda sent: setattr(sent, "target", "/bucket/other"),
    "query": lambda sent: setattr(sent, "target", "/bucket/k?x=y"),
    "signed header": lambda sent: sent.headers.update({"x-amz-meta-a": "other"}),
    "signature": lambda sent: sent.change("Signature=", "Signature=0"),
    "content hash": lambda sent: sent.headers.update({"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"}),
    "a signed header that is not sent": lambda sent: sent.change("SignedHeaders=", "SignedHeaders=content-language;"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_signed_headers_must_be_sent(door: Door, change: object) -> None:
    sent = by_header(door, "PUT", headers={"x-amz-meta-a": "b"}, body=b"new")
    assert callable(change)
    change(sent)
    with unchanged(door.fake):
        mismatched(sent.send(), canonical=True)


def test_headers_compare_with_single_spaces(door: Door) -> None:
    sent = by_header(door, "PUT", headers={"x-amz-meta-a": "b  c", "x-amz-meta-b": " d "}, body=b"new")
    sent.headers["x-amz-meta-b"] = "d"
    assert sent.send().status == 200
    assert door.client.head_object(Bucket="bucket", Key="k")["Metadata"] == {"a": "b  c", "b": "d"}


def test_the_body_is_checked_after_the_signature(door: Door) -> None:
    sent = by_header(door, "PUT", body=b"new")
    sent.body = b"NEW"
    sent.headers["Content-Length"] = "3"
    with unchanged(door.fake):
        assert_error(
            sent.send(),
            400,
            "XAmzContentSHA256Mismatch",
            WRONG_CONTENT_SHA256,
            {"ClientComputedContentSHA256": sha256(b"new").hexdigest(), "S3ComputedContentSHA256": sha256(b"NEW").hexdigest()},
        )
        sent.change("Signature=", "Signature=0")
        mismatched(sent.send(), canonical=True)


# Dates


@BOTH
@pytest.mark.parametrize("date", [None, "", "yesterday", "20261301T000000Z", "20260101", "2026-01-01T00:00:00Z"])
def test_no_valid_date(door: Door, credentials: Credentials, date: str | None) -> None:
    sent = by_header(door, credentials=credentials)
    del sent.headers["X-Amz-Date"]
    if date is not None:
        sent.headers["X-Amz-Date"] = date
    assert_error(sent.send(), 403, "AccessDenied", "AWS authentication requires a valid Date or x-amz-date header")


@BOTH
def test_the_date_header_is_enough(door: Door, credentials: Credentials) -> None:
    sent = by_header(door, "PUT", "/new", headers={"Date": "replaced by the signer"}, credentials=credentials)
    assert "X-Amz-Date" not in sent.headers
    assert sent.headers["Date"] != "replaced by the signer"
    assert sent.send().status == 200
    sent.headers["Date"] = "yesterday"
    assert_error(sent.send(), 403, "AccessDenied", "AWS authentication requires a valid Date or x-amz-date header")


@pytest.mark.parametrize("minutes", [-16, 16, 60 * 24])
def test_skew(door: Door, clock: MovingClock, minutes: int) -> None:
    sent = by_header(door)
    clock.fixed = at(sent.headers["X-Amz-Date"]) + timedelta(minutes=minutes)
    assert_error(
        sent.send(),
        403,
        "RequestTimeTooSkewed",
        "The difference between the request time and the current time is too large.",
        {"RequestTime": sent.headers["X-Amz-Date"], "ServerTime": iso(clock.now()), "MaxAllowedSkewMilliseconds": "900000"},
    )
    sent = by_header(door, "PUT", "/strangers", credentials=UNKNOWN_KEY)
    assert sent.send().status == 200  # with an unknown key only the syntax is checked


@pytest.mark.parametrize("minutes", [-15, 15])
def test_skew_within_bounds(door: Door, clock: MovingClock, minutes: int) -> None:
    sent = by_header(door)
    clock.fixed = at(sent.headers["X-Amz-Date"]) + timedelta(minutes=minutes)
    assert sent.send().status == 200


@BOTH
def test_another_day_in_the_credential(door: Door, credentials: Credentials) -> None:
    sent = by_header(door, credentials=credentials)
    sent.change(f"/{sent.headers['X-Amz-Date'][:8]}/", "/20200101/")
    message = f"{MALFORMED}Invalid credential date. Date is not the same as X-Amz-Date."
    assert_error(sent.send(), 400, "AuthorizationHeaderMalformed", message)


# Syntax


def _credential(text: str) -> str:
    return f"AWS4-HMAC-SHA256 Credential={text}, SignedHeaders=host, Signature={'0' * 64}"


MALFORMED_CREDENTIAL = 'the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".'
THREE = "the authorization header requires three components: Credential, SignedHeaders, and Signature."
HEADERS = {
    "AWS4-HMAC-SHA256 x": THREE,
    "AWS4-HMAC-SHA256 Credential=x, SignedHeaders=host": THREE,
    "AWS4-HMAC-SHA256 Credential=x, SignedHeaders=host, Signature=0, More=1": THREE,
    "AWS4-HMAC-SHA256 Credential=x, SignedHeaders, Signature=0": 'the authorization component "SignedHeaders" is malformed.',
    "AWS4-HMAC-SHA256 Credentials=x, SignedHeaders=host, Signature=0": "missing Credential.",
    "AWS4-HMAC-SHA256 Credential=x, SignedHeader=host, Signature=0": "missing SignedHeaders.",
    "AWS4-HMAC-SHA256 Credential=x, SignedHeaders=host, Signatures=0": "missing Signature.",
    "AWS4-HMAC-SHA256 Credential=, SignedHeaders=host, Signature=0": "missing Credential.",
    "AWS4-HMAC-SHA256 Credential=x, SignedHeaders=host, Signature=": "missing Signature.",
    _credential("x"): MALFORMED_CREDENTIAL,
    _credential("x/20260101/us-east-1/s3"): MALFORMED_CREDENTIAL,
    _credential("x/y/20260101/us-east-1/s3/aws4_request"): MALFORMED_CREDENTIAL,
    _credential("/20260101/us-east-1/s3/aws4_request"): MALFORMED_CREDENTIAL,
    _credential("x/20260101/us-east-1/ec2/aws4_request"): 'incorrect service "ec2". This endpoint belongs to "s3".',
    _credential("x/20260101/us-east-1/s3/aws5"): 'incorrect terminal "aws5". This endpoint uses "aws4_request".',
    _credential("x/2026-01-01/us-east-1/s3/aws4_request"): 'incorrect date format "2026-01-01". This date in the '
    'credential must be in the format "yyyyMMdd".',
    _credential("x/20261301/us-east-1/s3/aws4_request"): 'incorrect date format "20261301". This date in the '
    'credential must be in the format "yyyyMMdd".',
}


@pytest.mark.parametrize("header", HEADERS)
def test_malformed(door: Door, header: str) -> None:
    sent = by_header(door)
    sent.headers["Authorization"] = header
    assert_error(sent.send(), 400, "AuthorizationHeaderMalformed", MALFORMED + HEADERS[header])


@pytest.mark.parametrize(
    "spell",
    [
        lambda text: text.replace(", ", ","),
        lambda text: text.replace(", ", " ,  "),
        lambda text: re.sub(r"(\S+) (\S+), (\S+), (\S+)", r"\1 \4, \3, \2", text),
    ],
    ids=["no spaces", "many", "another order"],
)
def test_other_spellings(door: Door, spell: object) -> None:
    sent = by_header(door)
    assert callable(spell)
    sent.headers["Authorization"] = spell(sent.authorization)
    assert sent.send().body == b"abc"


ONE_SPACE = "Authorization header is invalid -- one and only one ' ' (space) required."
UNSUPPORTED = "Unsupported Authorization Type"


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("AWS4-HMAC-SHA256", ONE_SPACE),
        ("token", ONE_SPACE),
        ("AWS a:b c", ONE_SPACE),
        ("Bearer token", UNSUPPORTED),
        ("Basic dTpw", UNSUPPORTED),
        ("AWS4-HMAC-SHA512 Credential=x", UNSUPPORTED),
        ("AWS a", "AWS authorization header is invalid.  Expected AwsAccessKeyId:signature"),
    ],
)
def test_other_schemes(door: Door, header: str, message: str) -> None:
    sent = SignedRequest(door, "GET", "/bucket/k", {"Authorization": header, "Date": "Thu, 01 Jan 2026 00:00:00 GMT"})
    assert_error(sent.send(), 400, "InvalidArgument", message, {"ArgumentName": "Authorization", "ArgumentValue": header})


def test_sigv4a_has_another_credential(door: Door) -> None:
    """The credential of SigV4A has no region: that is in x-amz-region-set. (Valid ones: test_sigv4a.py.)"""
    sent = by_header(door).change("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256")
    message = f'{MALFORMED}the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/SERVICE/aws4_request".'
    assert_error(sent.send(), 400, "AuthorizationHeaderMalformed", message)


# Region


def test_region(door: Door) -> None:
    for region in ("aws-global", "eu-west-1"):
        if door.name == "server":  # its host names no region: it has the signature's
            assert by_header(door, region=region).send().body == b"abc"
            assert by_header(door, "HEAD", region=region).send().status == 200
            assert by_header(door, "HEAD", region=region, credentials=UNKNOWN_KEY).send().status == 403
            continue
        message = f"{MALFORMED}the region '{region}' is wrong; expecting 'us-east-1'"
        assert_error(by_header(door, region=region).send(), 400, "AuthorizationHeaderMalformed", message, {"Region": "us-east-1"})
        head = by_header(door, "HEAD", region=region).send()
        assert (head.status, head.body, head.headers["x-amz-bucket-region"]) == (400, b"", "us-east-1")
        stranger = by_header(door, "HEAD", "/bucket/k", region=region, credentials=UNKNOWN_KEY).send()
        assert stranger.status == 400  # AWS's hosts check the region even with an unknown key


def test_a_bucket_is_served_in_its_region(door: Door) -> None:
    door.client.create_bucket(Bucket="abroad", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert by_header(door, target="/abroad?location", region="eu-west-1").send().status == 200


# Content hash


@BOTH
def test_no_content_hash(door: Door, credentials: Credentials) -> None:
    sent = by_header(door, credentials=credentials)
    del sent.headers["X-Amz-Content-SHA256"]
    assert_error(sent.send(), 400, "InvalidRequest", "Missing required header for this request: x-amz-content-sha256")


@pytest.mark.parametrize("value", ["", "abc", "z" * 64, "STREAMING-ANYTHING", "unsigned-payload"])
def test_a_malformed_content_hash(door: Door, value: str) -> None:
    """The header of a GET is checked although it has no body."""
    sent = by_header(door)
    sent.headers["X-Amz-Content-SHA256"] = value
    response = sent.send()
    assert (response.status, response.error["Code"], response.error["ArgumentValue"]) == (400, "InvalidArgument", value or None)


STREAMING = [
    "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD",
    "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER",
]


@pytest.mark.parametrize("value", STREAMING)
@pytest.mark.parametrize(("method", "target"), [("PUT", "/new"), ("PUT", "/bucket?versioning"), ("POST", "/bucket/k?uploads")])
def test_streaming_where_nothing_streams(door: Door, method: str, target: str, value: str) -> None:
    sent = by_header(door, method, target, credentials=UNKNOWN_KEY)
    sent.headers["X-Amz-Content-SHA256"] = value
    with unchanged(door.fake):
        assert_error(sent.send(), 400, "InvalidRequest", "The value of x-amz-content-sha256 header is invalid.")


# Unsigned headers


def test_headers_not_signed(door: Door) -> None:
    message = "There were headers present in the request which were not signed"
    sent = by_header(door, "PUT", body=b"new")
    sent.headers |= {"x-amz-meta-a": "1", "Content-Language": "en", "x-amz-acl": "private"}
    with unchanged(door.fake):
        response = sent.send()
    assert set(str(response.error.pop("HeadersNotSigned")).split(", ")) == {"x-amz-meta-a", "x-amz-acl"}
    assert response.error["Message"] == message
    sent = by_header(door).change("SignedHeaders=host;", "SignedHeaders=")
    assert_error(sent.send(), 403, "AccessDenied", message, {"HeadersNotSigned": "host"})


def test_other_headers_need_no_signature(door: Door) -> None:
    sent = by_header(door, "PUT", body=b"new")
    sent.headers |= {"Content-Language": "en", "Cache-Control": "no-cache", "User-Agent": "x"}
    assert sent.send().status == 200


def test_unknown_keys_may_leave_headers_unsigned(door: Door) -> None:
    assert by_header(door, "PUT", "/own", credentials=UNKNOWN_KEY).send().status == 200
    sent = by_header(door, "PUT", "/own/k", credentials=UNKNOWN_KEY)
    sent.headers["x-amz-meta-a"] = "1"
    assert sent.send().status == 200


# Order of checks


def test_order(door: Door, clock: MovingClock) -> None:
    """Date, credential, skew, region, day, content hash, unsigned headers, signature: each error hides the later ones.

    A server's host names no region: every region is right there.
    """
    sent = by_header(door, "PUT", region="eu-west-1", credentials=WRONG_SECRET, body=b"new")
    day = sent.headers["X-Amz-Date"][:8]
    sent.headers |= {"x-amz-meta-a": "1", "X-Amz-Content-SHA256": "abc"}
    sent.change(f"/{day}/", "/20200101/").change("/s3/", "/ec2/")
    clock.ahead = timedelta(days=1)
    date = sent.headers.pop("X-Amz-Date")
    seen = []

    def see() -> None:
        error = sent.send().error
        seen.append((error["Code"], str(error["Message"])[:50]))

    see()
    sent.headers["X-Amz-Date"] = date
    see()
    sent.change("/ec2/", "/s3/")
    see()
    clock.ahead = timedelta()
    if door.name == "in-process":
        see()
    sent.change("/eu-west-1/", "/us-east-1/")
    see()
    sent.change("/20200101/", f"/{day}/")
    see()
    sent.headers["X-Amz-Content-SHA256"] = "UNSIGNED-PAYLOAD"
    see()
    del sent.headers["x-amz-meta-a"]
    see()
    region = [("AuthorizationHeaderMalformed", "The authorization header is malformed; the region ")]
    assert seen == [
        ("AccessDenied", "AWS authentication requires a valid Date or x-amz-"),
        ("AuthorizationHeaderMalformed", "The authorization header is malformed; incorrect s"),
        ("RequestTimeTooSkewed", "The difference between the request time and the cu"),
        *(region if door.name == "in-process" else []),
        ("AuthorizationHeaderMalformed", "The authorization header is malformed; Invalid cre"),
        ("InvalidArgument", "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STR"),
        ("AccessDenied", "There were headers present in the request which we"),
        ("SignatureDoesNotMatch", "The request signature we calculated does not match"),
    ]


def test_errors_of_head_have_no_body(door: Door) -> None:
    response = by_header(door, "HEAD", credentials=WRONG_SECRET).send()
    assert (response.status, response.body) == (403, b"")


def test_the_get_example_of_the_api_reference(door: Door, clock: MovingClock) -> None:
    """The example of "Signature Calculations for the Authorization Header" in the S3 API reference."""
    if door.name == "server":
        pytest.skip("the example names AWS's host")
    from fakes3part.message import Request

    clock.fixed = at("20130524T000000Z")
    signature = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    headers = {
        "host": "examplebucket.s3.amazonaws.com",
        "range": "bytes=0-9",
        "x-amz-content-sha256": sha256().hexdigest(),
        "x-amz-date": "20130524T000000Z",
        "authorization": f"AWS4-HMAC-SHA256 Credential={KEY}/20130524/us-east-1/s3/aws4_request,"
        f"SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature={signature}",
    }
    response = door.fake.handle(Request("GET", headers["host"], "/test.txt", headers=headers))
    assert (response.status, b"NoSuchBucket" in b"".join(map(bytes, response.body))) == (404, True)
