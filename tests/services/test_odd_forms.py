"""STS's forms with numbers of any length, and with texts where structures belong."""

from __future__ import annotations

import pytest

from fakes3part import FakeS3
from fakes3part.message import Request
from tests.support.signing import UNKNOWN_KEY

DIGITS = "9" * 5000
ACTION = "Action=AssumeRole&Version=2011-06-15&RoleArn=arn:aws:iam::111111111111:role/r&RoleSessionName=s"


@pytest.mark.parametrize(
    ("parameter", "code"),
    [
        (f"DurationSeconds={DIGITS}", "MalformedInput"),
        (f"DurationSeconds=-{DIGITS}", "MalformedInput"),
        ("DurationSeconds=--5", "MalformedInput"),
        ("DurationSeconds=%D9%A3", "MalformedInput"),
        ("Tags.member.1=x", "ValidationError"),
        (f"Tags.member.{DIGITS}.Key=k", "ValidationError"),
    ],
    ids=["huge", "negative", "two signs", "another script", "text", "index"],
)
def test_odd_forms(parameter: str, code: str) -> None:
    fake = FakeS3()
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "authorization": f"AWS4-HMAC-SHA256 Credential={UNKNOWN_KEY.access_key}/20260101/us-east-1/sts/aws4_request, "
        f"SignedHeaders=host;x-amz-date, Signature={'0' * 64}",
        "x-amz-date": "20260101T000000Z",
    }
    body = f"{ACTION}&{parameter}".encode()
    response = fake.handle(Request("POST", "sts.amazonaws.com", "/", headers=headers, body=body))
    assert response.status == 400
    assert f"<Code>{code}</Code>" in b"".join(map(bytes, response.body)).decode()
