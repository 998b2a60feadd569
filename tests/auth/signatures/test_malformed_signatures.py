"""Arbitrary texts in place of signatures: each gets an error of S3, none an exception, and nothing is stored."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fakes3part.api.fakes3 import FakeS3
from fakes3part.message import Request
from tests.support.signing import KEY, MovingClock, at
from tests.support.state import framed, unchanged

FUZZ = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
JUNK = st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=40)
DATES = st.sampled_from(["20260101T000000Z", "99991231T235959Z", "00010101T000000Z", "Thu, 01 Jan 2026 00:00:00 GMT"]) | JUNK
SCOPES = st.sampled_from([f"{KEY}/20260101/us-east-1/s3/aws4_request", f"{KEY}/99991231/é/s3/aws4_request"]) | JUNK
HASHES = st.sampled_from(["UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", "0" * 64, "ü" * 64]) | JUNK
NAMES = st.sampled_from(["host", "host;x-amz-date", "host;host", ";", "HOST;é"]) | JUNK
SIGNATURES = st.sampled_from(["0" * 64, "é", "\u0660" * 64]) | JUNK
AUTHORIZATIONS = (
    st.builds("AWS4-HMAC-SHA256 Credential={}, SignedHeaders={}, Signature={}".format, SCOPES, NAMES, SIGNATURES)
    | st.builds("{} Credential={},SignedHeaders={},Signature={},{}".format, JUNK, SCOPES, NAMES, SIGNATURES, JUNK)
    | st.builds("AWS {}:{}".format, st.just(KEY) | JUNK, SIGNATURES)
    | JUNK
)


@pytest.fixture
def fake() -> FakeS3:
    fake = FakeS3(strict_credentials=True)
    fake.add_account("111111111111", access_key=KEY)
    clock: Any = MovingClock()
    clock.fixed = at("20260101T000000Z")
    fake.clock = clock
    return fake


def _ask(fake: FakeS3, method: str, query: str, headers: dict[str, str]) -> None:
    body = framed([b"abc"], extension=";chunk-signature=" + "0" * 64)
    headers.setdefault("content-length", str(len(body)))  # a PUT without one is refused before its signature is judged
    headers.setdefault("x-amz-decoded-content-length", "3")
    with unchanged(fake):
        response = fake.handle(Request(method, "s3.amazonaws.com", "/bucket/k", query, headers, body))
    assert response.status in (400, 403, 404, 501)


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_headers(fake: FakeS3, method: str) -> None:
    @FUZZ
    @given(
        AUTHORIZATIONS, DATES, HASHES, st.dictionaries(st.sampled_from(["date", "x-amz-security-token", "host", "x-amz-a"]), JUNK)
    )
    @example("AWS4-HMAC-SHA256 Credential=/////, SignedHeaders=;, Signature=0", "20260101T000000Z", "UNSIGNED-PAYLOAD", {})
    def check(authorization: str, date: str, claimed: str, more: dict[str, str]) -> None:
        headers = {"authorization": authorization, "x-amz-date": date, "x-amz-content-sha256": claimed, **more}
        _ask(fake, method, "", headers)

    check()


@pytest.mark.parametrize("version", [2, 4])
def test_queries(fake: FakeS3, version: int) -> None:
    text = {
        "X-Amz-Algorithm": st.just("AWS4-HMAC-SHA256") | JUNK,
        "X-Amz-Credential": SCOPES,
        "X-Amz-Date": DATES,
        "X-Amz-Expires": st.sampled_from(["0", "604800", "-0", "+1", "\u0661"]) | JUNK,
        "X-Amz-SignedHeaders": NAMES,
        "X-Amz-Signature": SIGNATURES,
    }
    old = {
        "AWSAccessKeyId": st.just(KEY) | JUNK,
        "Signature": SIGNATURES,
        "Expires": st.sampled_from(["0", "99999999999", "253402300800"]) | JUNK,
    }
    parameters = st.fixed_dictionaries(
        {}, optional={**(text if version == 4 else old), "x-amz-security-token": JUNK, "x-amz-meta-a": JUNK, "": JUNK}
    )

    @FUZZ
    @given(parameters, st.sampled_from([quote, str]), st.dictionaries(st.sampled_from(["x-amz-meta-a", "x-amz-b"]), JUNK))
    def check(parameters: dict[str, str], spell: object, headers: dict[str, str]) -> None:
        assert callable(spell)
        _ask(fake, "PUT", "&".join(f"{name}={spell(value)}" for name, value in parameters.items()), dict(headers))

    check()
