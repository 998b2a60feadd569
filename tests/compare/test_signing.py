"""Requests are signed as botocore signs them, which is another implementation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import botocore.auth
import freezegun
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials

from fakes3part.compare.signing import Credentials, authentication, region_of, sign
from fakes3part.message import Request
from fakes3part.protocol.query import parse_query

NOW = datetime(2026, 2, 21, 0, 17, 1, tzinfo=timezone.utc)
HASH = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

REQUESTS: list[Any] = [
    ("GET", "/bucket/key", "", {}),
    ("GET", "/bucket/a%20b/%C3%BC%2B..//c", "versionId=1&x-id=GetObject", {"range": "bytes=0-1"}),
    ("PUT", "/bucket/key", "partNumber=1&uploadId=a.b_c", {"content-md5": "x", "x-amz-acl": "private", "expect": "100-continue"}),
    ("POST", "/bucket", "delete", {"content-type": "application/xml"}),
    ("GET", "/", "", {"user-agent": "Boto3"}),
]


@pytest.fixture(autouse=True)
def _botocore_at_this_time() -> Iterator[None]:
    with freezegun.freeze_time(NOW):
        yield


@pytest.mark.parametrize("token", [None, "token/+="])
@pytest.mark.parametrize(("method", "path", "query", "headers"), REQUESTS)
def test_the_header(method: str, path: str, query: str, headers: dict[str, str], token: str | None) -> None:
    sent = {**headers, "x-amz-content-sha256": HASH, "authorization": "AWS4-HMAC-SHA256 old", "x-amz-security-token": "old"}
    request = Request(method, "s3.eu-west-1.amazonaws.com", path, query, sent)
    signed = sign(request, Credentials("AKID", "secret", token), "eu-west-1", NOW, "header")
    url = f"https://s3.eu-west-1.amazonaws.com{path}" + (f"?{query}" if query else "")
    expected = AWSRequest(method, url, headers, b"")
    signer = botocore.auth.S3SigV4Auth(BotocoreCredentials("AKID", "secret", token), "s3", "eu-west-1")
    signer.payload = lambda request: HASH
    signer.add_auth(expected)
    assert signed.headers["authorization"] == expected.headers["Authorization"]
    assert signed.headers.get("x-amz-security-token") == token
    assert (signed.path, signed.query) == (path, query)


@pytest.mark.parametrize("token", [None, "token/+="])
@pytest.mark.parametrize("path", ["/bucket/key", "/bucket/a%20b"])
def test_the_query_of_a_presigned_url(path: str, token: str | None) -> None:
    old = "versionId=1&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=s&X-Amz-Credential=c"
    request = Request("GET", "s3.amazonaws.com", path, old, {"accept": "*/*"})
    signed = sign(request, Credentials("AKID", "secret", token), "us-east-1", NOW, "query")
    expected = AWSRequest("GET", f"https://s3.amazonaws.com{path}?versionId=1", {}, b"")
    credentials = BotocoreCredentials("AKID", "secret", token)
    botocore.auth.S3SigV4QueryAuth(credentials, "s3", "us-east-1", expires=60).add_auth(expected)
    assert parse_query(signed.query) == parse_query(expected.url.partition("?")[2])
    assert "authorization" not in signed.headers


def test_version_2_becomes_version_4() -> None:
    end = int(NOW.timestamp()) + 120
    query = f"versionId=1&AWSAccessKeyId=old&Signature=old&Expires={end}"
    signed = sign(Request("GET", "host", "/b/k", query), Credentials("AKID", "secret"), "us-east-1", NOW, "query")
    parameters = parse_query(signed.query)
    assert parameters["X-Amz-Expires"] == "120"
    assert parameters.keys() & {"AWSAccessKeyId", "Signature", "Expires"} == set()


HOW: list[Any] = [
    (
        {"authorization": "AWS4-HMAC-SHA256 Credential=A/20260101/eu-west-1/s3/aws4_request, SignedHeaders=host"},
        "",
        "header",
        "eu-west-1",
    ),
    ({"authorization": "AWS A:signature"}, "", "header", None),
    ({}, "X-Amz-Signature=s&X-Amz-Credential=A%2F20260101%2Feu-west-1%2Fs3%2Faws4_request", "query", "eu-west-1"),
    ({}, "AWSAccessKeyId=A&Signature=s&Expires=1", "query", None),
    ({}, "", "none", None),
    ({"authorization": "AWS4 x", "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"}, "", "chunks", None),
    ({"authorization": "AWS4 x", "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}, "", "header", None),
]


@pytest.mark.parametrize(("headers", "query", "how", "region"), HOW)
def test_how_a_request_is_signed(headers: dict[str, str], query: str, how: str, region: str | None) -> None:
    request = Request("GET", "host", "/b/k", query, headers)
    assert (authentication(request), region_of(request)) == (how, region)


def test_an_anonymous_request_stays_anonymous() -> None:
    signed = sign(Request("GET", "host", "/b/k"), Credentials("AKID", "secret"), "us-east-1", NOW, "none")
    assert (signed.headers, signed.query) == ({"host": "host"}, "")


def test_the_secret_is_not_shown() -> None:
    assert repr(Credentials("AKID", "secret", "token")) == "<Credentials AKID>"
