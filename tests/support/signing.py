"""Helpers of authentication tests: requests that are signed by botocore and changed before they are sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote, urlsplit

from botocore.auth import HmacV1Auth, HmacV1QueryAuth, S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from fakes3part.clock import Clock
from tests.support.doors import Door, RawResponse
from tests.support.errors import SIGNATURE_DOES_NOT_MATCH

KEY = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
ACCOUNT = "111111111111"
CREDENTIALS = Credentials(KEY, SECRET)
UNKNOWN_KEY = Credentials("testing", "testing")
WRONG_SECRET = Credentials(KEY, "another secret")
DENIED = {"Code": "AccessDenied", "Message": "Access Denied"}


@dataclass
class SignedRequest:
    """A signed request, to be changed before it is sent."""

    door: Door
    method: str
    target: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def send(self) -> RawResponse:
        return self.door.raw(self.method, self.target, self.headers, self.body, sign=False)

    @property
    def authorization(self) -> str:
        return self.headers["Authorization"]

    def change(self, old: str, new: str) -> SignedRequest:
        """Replace ``old`` in the Authorization header, or in the target of a presigned URL."""
        if "Authorization" in self.headers:
            assert old in self.authorization
            self.headers["Authorization"] = self.authorization.replace(old, new)
        else:
            assert old in self.target
            self.target = self.target.replace(old, new)
        return self


def _request(door: Door, method: str, target: str, headers: Mapping[str, str] | None, body: bytes) -> AWSRequest:
    return AWSRequest(method, door.url + target, dict(headers or {}), body)


def _changed(door: Door, request: AWSRequest) -> SignedRequest:
    url = urlsplit(request.url)
    target = f"{url.path}?{url.query}" if url.query else url.path
    return SignedRequest(door, request.method, target, dict(request.headers.items()), request.data)


def by_header(
    door: Door,
    method: str = "GET",
    target: str = "/bucket/k",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    *,
    credentials: Credentials = CREDENTIALS,
    region: str = "us-east-1",
    service: str = "s3",
) -> SignedRequest:
    request = _request(door, method, target, headers, body)
    S3SigV4Auth(credentials, service, region).add_auth(request)
    return _changed(door, request)


def by_url(
    door: Door,
    method: str = "GET",
    target: str = "/bucket/k",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    *,
    credentials: Credentials = CREDENTIALS,
    region: str = "us-east-1",
    expires: int = 3600,
) -> SignedRequest:
    """Return a presigned request. The headers that are given, and Host, are signed and must be sent."""
    request = _request(door, method, target, headers, b"")  # botocore would move a form body into the query
    S3SigV4QueryAuth(credentials, "s3", region, expires).add_auth(request)
    spoiled = _changed(door, request)
    spoiled.body = body
    return spoiled


def by_sigv2_header(
    door: Door,
    method: str = "GET",
    target: str = "/bucket/k",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    *,
    credentials: Credentials = CREDENTIALS,
) -> SignedRequest:
    request = _request(door, method, target, headers, body)
    HmacV1Auth(credentials).add_auth(request)
    return _changed(door, request)


def by_sigv2_url(
    door: Door,
    method: str = "GET",
    target: str = "/bucket/k",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    *,
    credentials: Credentials = CREDENTIALS,
    expires: int = 3600,
) -> SignedRequest:
    request = _request(door, method, target, headers, body)
    HmacV1QueryAuth(credentials, expires).add_auth(request)
    spoiled = _changed(door, request)
    spoiled.headers = dict(headers or {})
    return spoiled


SIGNERS: dict[str, Callable[..., SignedRequest]] = {
    "header": by_header,
    "url": by_url,
    "old header": by_sigv2_header,
    "old url": by_sigv2_url,
}


def mismatched(answer: RawResponse, *, canonical: bool) -> dict[str, Any]:
    """Assert that the response is SignatureDoesNotMatch with all its elements in order."""
    error: dict[str, Any] = dict(answer.error)
    assert (answer.status, error.pop("Code"), error.pop("Message")) == (403, "SignatureDoesNotMatch", SIGNATURE_DOES_NOT_MATCH)
    names = ["AWSAccessKeyId", "StringToSign", "SignatureProvided", "StringToSignBytes"]
    assert list(error) == names + (["CanonicalRequest", "CanonicalRequestBytes"] if canonical else [])
    assert error["AWSAccessKeyId"] == KEY
    for name in ("StringToSign", "CanonicalRequest") if canonical else ("StringToSign",):
        assert bytes.fromhex(error[f"{name}Bytes"]).decode("latin-1") == error[name]
    return error


def at(moment: str) -> datetime:
    """Format a time as ``20130524T000000Z``."""
    return datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)


def iso(date: datetime) -> str:
    return f"{date:%Y-%m-%dT%H:%M:%SZ}"


class MovingClock(Clock):
    """A system clock that tests set, for server and client."""

    def __init__(self) -> None:
        super().__init__()
        self.fixed: datetime | None = None
        self.ahead = timedelta()

    def now(self) -> datetime:
        return (self.fixed or datetime.now(timezone.utc)) + self.ahead


def path(key: str) -> str:
    """Encode a key for a URL as SDKs do."""
    return quote(key, safe="/~")
