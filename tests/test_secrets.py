"""Signatures and session tokens never reach a log, the journal, a warning or a report, wherever a request carries them.

S3's own errors echo what the client sent (InvalidToken, SignatureDoesNotMatch); these go to the client alone.
"""

from __future__ import annotations

import json
import logging
import re
from typing import Any

import pytest

from fakes3part import FakeS3, faults, redaction
from fakes3part.faults.matching import PendingCall
from fakes3part.message import Request
from fakes3part.server.responses import respond
from tests.support.doors import Door
from tests.support.post_forms import HEADERS, form, known, signed
from tests.support.programs import Programs

SECRET = "5ECRE7" * 8
KEY = "AKIAIOSFODNN7EXAMPLE"
SCOPE = f"{KEY}/20260101/us-east-1/s3/aws4_request"
URL = f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={SCOPE.replace('/', '%2F')}&X-Amz-Date=20260101T000000Z&X-Amz-Expires=9"
AUTHORIZATION = f"AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=host;x-amz-date, Signature={SECRET}"
HASH = {"x-amz-content-sha256": "UNSIGNED-PAYLOAD", "x-amz-date": "20260101T000000Z"}

IN_REQUESTS: dict[str, tuple[str, dict[str, str]]] = {
    "presigned URL": (f"{URL}&X-Amz-SignedHeaders=host&X-Amz-Signature={SECRET}", {}),
    "presigned URL, incomplete": (f"X-Amz-Signature={SECRET}", {}),
    "presigned URL, other case": (f"x-amz-signature={SECRET}", {}),
    "presigned URL, encoded name": (f"X%2DAmz%2DSignature={SECRET}", {}),
    "token of a presigned URL": (f"{URL}&X-Amz-SignedHeaders=host&X-Amz-Signature=0&X-Amz-Security-Token={SECRET}", {}),
    "SigV2 URL": (f"AWSAccessKeyId={KEY}&Expires=1&Signature={SECRET}", {}),
    "SigV2 URL with a token": (f"AWSAccessKeyId={KEY}&Expires=1&Signature=0&x-amz-security-token={SECRET}", {}),
    "session of a directory bucket": (f"X-Amz-S3session-Token={SECRET}", {}),
    "customer key": (f"x-amz-server-side-encryption-customer-key={SECRET}", {}),
    "Authorization": ("", {"Authorization": AUTHORIZATION, **HASH}),
    "Authorization with spaces": ("", {"Authorization": AUTHORIZATION.replace("Signature=", "Signature = "), **HASH}),
    "Authorization, other case": ("", {"Authorization": AUTHORIZATION.replace("Signature=", "signature="), **HASH}),
    "Authorization of SigV4A": ("", {"Authorization": AUTHORIZATION.replace("HMAC", "ECDSA-P256"), **HASH}),
    "Authorization of SigV2": ("", {"Authorization": f"AWS {KEY}:{SECRET}", "Date": "Thu, 01 Jan 2026 00:00:00 GMT"}),
    "Authorization of another scheme": ("", {"Authorization": f"Bearer {SECRET}"}),
    "Authorization of no scheme": ("", {"Authorization": SECRET}),
    "token": ("", {"Authorization": AUTHORIZATION.replace(SECRET, "0"), "x-amz-security-token": SECRET, **HASH}),
    "cookie": ("", {"Cookie": SECRET}),
}


@pytest.fixture(params=["known key", "unknown key"])
def key(request: pytest.FixtureRequest, door: Door) -> str:
    return known(door.fake).access_key if request.param == "known key" else KEY


def shown(fake: FakeS3) -> str:
    """Return all that the journal and the events show."""
    calls = list(fake.calls)
    texts: list[Any] = [repr(fake.calls), *map(repr, calls), *map(str, calls), *(call.hint for call in calls)]
    texts += [json.dumps(call.to_json()) for call in calls] + [json.dumps(fake.events.to_json()), repr(fake.events)]
    texts += [repr(call._record) + repr(call._record.error) for call in calls]
    return "\n".join(map(str, texts))


@pytest.mark.parametrize(("query", "headers"), IN_REQUESTS.values(), ids=IN_REQUESTS)
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_requests(
    door: Door, bucket: str, caplog: pytest.LogCaptureFixture, key: str, method: str, query: str, headers: dict[str, str]
) -> None:
    caplog.set_level(logging.DEBUG)
    query, headers = query.replace(KEY, key), {name: text.replace(KEY, key) for name, text in headers.items()}
    door.raw(method, f"/bucket/k?{query}" if query else "/bucket/k", headers, sign=False)
    assert SECRET not in caplog.text
    assert SECRET not in shown(door.fake)
    if door.name == "server":
        assert re.search(rf"{method} /bucket/k\S* \d\d\d", caplog.text)
        control = door.raw("GET", "/_fakes3part/calls", sign=False)
        assert control.status == 200
        assert SECRET.encode() not in control.body


@pytest.mark.parametrize("version", [4, 2])
def test_forms(door: Door, bucket: str, caplog: pytest.LogCaptureFixture, key: str, version: int) -> None:
    caplog.set_level(logging.DEBUG)
    fields = signed({"key": "k", "x-amz-security-token": SECRET}, version=version, key=key)
    fields["x-amz-signature" if version == 4 else "signature"] = SECRET
    door.raw("POST", "/bucket", dict(HEADERS), form(fields), sign=False)
    assert len(door.fake.calls.filter("PostObject")) == 1
    assert SECRET not in caplog.text
    assert SECRET not in shown(door.fake)


@pytest.mark.parametrize("query", [f"X-Amz-Signature={SECRET}&a=b", f"a=b&X-Amz-Security-Token={SECRET}"])
def test_bugs_of_ours(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, query: str) -> None:
    def fail(_: Request) -> None:
        raise ZeroDivisionError

    fake = FakeS3()
    monkeypatch.setattr(fake, "handle", fail)
    request = Request("GET", "localhost", "/bucket/k", query, {"authorization": AUTHORIZATION})
    assert respond(fake, request).status == 500
    assert "ZeroDivisionError" in caplog.text
    assert "a=b" in caplog.text
    assert SECRET not in caplog.text + repr(request)


def test_callbacks_of_rules(door: Door, bucket: str) -> None:
    """pytest shows the representation of their argument if they fail."""
    seen: list[PendingCall] = []
    door.fake.fail("GetObject", faults.Error("SlowDown"), when=lambda call: not seen.append(call))
    door.raw(
        "GET", f"/bucket/k?{URL}&X-Amz-SignedHeaders=host&X-Amz-Signature={SECRET}&X-Amz-Security-Token={SECRET}", sign=False
    )
    door.raw("GET", "/bucket/k", {"Authorization": AUTHORIZATION, **HASH}, sign=False)
    assert SECRET not in repr(seen)


def test_the_report_of_pytest(pytester: pytest.Pytester, programs: Programs) -> None:
    """In a failing test: its report section, and the representations that pytest shows of local variables."""
    pytester.makepyfile(
        f"""
        from fakes3part.message import Request

        def test_it(fakes3):
            query = "{URL}&X-Amz-SignedHeaders=host&X-Amz-Signature=" + "5ECRE7" * 8
            request = Request("GET", "s3.amazonaws.com", "/bucket/k", query, {{"authorization": query}})
            del query
            response = fakes3.handle(request)
            call = fakes3.calls[-1]
            record = call._record
            assert response.status == 200
        """
    )
    result = programs.pytest(pytester, "--showlocals")
    result.assert_outcomes(failed=1)
    text = result.stdout.str()
    assert "S3 calls" in text
    assert "<Request GET https://s3.amazonaws.com/bucket/k?" in text
    assert SECRET not in text


@pytest.mark.parametrize(
    ("query", "redacted"),
    [
        ("X-Amz-Signature=a&b=c", "X-Amz-Signature=***&b=c"),
        ("b=c&x-amz-signature=a", "b=c&x-amz-signature=***"),
        ("b&signature=a=b", "b&signature=***"),
        ("b&c=d", "b&c=d"),
        ("", ""),
    ],
)
def test_redacted_queries(query: str, redacted: str) -> None:
    assert redaction.query(query) == redacted
