"""Who sends an Authorization header is remembered only as long as nothing of it is verified, and no account or key changes."""

from __future__ import annotations

import pytest

from fakes3part.api.fakes3 import FakeS3
from fakes3part.message import Request, Response

DAY = "20260101"  # a fake with a seed has its clock there
CREDENTIAL = f"Credential=testing/{DAY}/us-east-1/s3/aws4_request"
USUAL = f"AWS4-HMAC-SHA256 {CREDENTIAL}, SignedHeaders=host, Signature={'0' * 64}"


def send(fake: FakeS3, authorization: str = USUAL, *, date: str = f"{DAY}T000000Z", **headers: str) -> Response:
    sent = {"authorization": authorization, "x-amz-date": date, "x-amz-content-sha256": "UNSIGNED-PAYLOAD"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    return fake.handle(Request("GET", "s3.amazonaws.com", "/", headers=sent))


def code(response: Response) -> str:
    [document] = response.body
    return bytes(document).partition(b"<Code>")[2].partition(b"</Code>")[0].decode()


@pytest.fixture
def fake() -> FakeS3:
    fake = FakeS3(seed=1)
    for _ in range(2):
        assert send(fake).status == 200
    assert fake.accounts.unverified_callers
    return fake


def test_a_key_that_is_added_is_verified_from_then_on(fake: FakeS3) -> None:
    fake.accounts.add_key(fake.accounts.account("123456789012"), access_key="testing", secret_key="secret")
    assert not fake.accounts.unverified_callers
    assert code(send(fake)) == "AccessDenied"  # x-amz-* headers are not signed


def test_an_account_that_is_added_is_the_callers(fake: FakeS3) -> None:
    fake.accounts.add_account(fake.accounts.default, display_name="other")
    assert send(fake).status == 200
    [remembered] = fake.accounts.unverified_callers.values()
    assert remembered.caller.account is fake.accounts.account(fake.accounts.default)


@pytest.mark.parametrize(
    ("authorization", "expected"),
    [
        (USUAL.partition(", SignedHeaders")[0] + ", Signature=0", "AuthorizationHeaderMalformed"),
        (USUAL + ", Signature=0", "AuthorizationHeaderMalformed"),
        (USUAL[:-64] + "0, 0", "AuthorizationHeaderMalformed"),
        (USUAL.replace("s3/", "ec2/"), "AuthorizationHeaderMalformed"),
        (USUAL.replace("AWS4-HMAC-SHA256", "AWS5"), "InvalidArgument"),
    ],
)
def test_other_headers_are_judged_as_before(fake: FakeS3, authorization: str, expected: str) -> None:
    for _ in range(2):
        assert code(send(fake, authorization)) == expected


def test_what_is_wrong_with_any_signature_is_refused_each_time(fake: FakeS3) -> None:
    assert code(send(fake, date="20260102T000000Z")) == "AuthorizationHeaderMalformed"
    assert code(send(fake, date="today")) == "AccessDenied"
    assert code(send(fake, x_amz_content_sha256="0")) == "InvalidArgument"


def test_temporary_keys_are_not_remembered(fake: FakeS3) -> None:
    temporary = USUAL.replace("testing", "ASIA" + "A" * 16)
    for _ in range(2):
        send(fake, temporary)
    assert [signing for signing in fake.accounts.unverified_callers if "ASIA" in signing] == []


def test_few_headers_are_remembered(fake: FakeS3, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fakes3part.auth.accounts._MAX_UNKNOWN_CALLERS", 3)
    for number in range(10):
        assert send(fake, USUAL.replace("testing", f"key{number}")).status == 200
        assert len(fake.accounts.unverified_callers) <= 3
