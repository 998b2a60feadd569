"""SigV4A signatures of awscrt: verified where the secret is known; syntax and time are always checked."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlsplit

import hypothesis
import hypothesis.strategies as some
import pytest
from awscrt.crypto import EC
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.crt.auth import CrtS3SigV4AsymAuth

from fakes3part.api.fakes3 import FakeS3
from fakes3part.auth.callers import Principal
from fakes3part.auth.signatures import p256, sigv4a
from fakes3part.message import Request, Response

HOST = "bucket.s3.us-east-1.amazonaws.com"


@pytest.fixture(params=["awscrt", "no awscrt"])
def fake(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeS3]:
    """A fake that verifies signatures by awscrt, or where awscrt is not installed (or has no ``EC``)."""
    sigv4a.verifier_of.cache_clear()
    if request.param == "no awscrt":
        monkeypatch.delattr("awscrt.crypto.EC")
    fake = FakeS3()
    with contextlib.closing(fake.client()) as s3:
        s3.create_bucket(Bucket="bucket")
    yield fake
    sigv4a.verifier_of.cache_clear()


def signed(
    who: Principal, *, secret: str | None = None, regions: str = "*", path: str = "/a%20b", host: str = HOST
) -> dict[str, str]:
    """Return the headers of a PUT of the key, signed for a set of regions."""
    request = AWSRequest("PUT", f"https://{host}{path}", {"x-amz-meta-a": "1"}, b"text")
    CrtS3SigV4AsymAuth(Credentials(who.access_key, secret or who.secret_key), "s3", regions).add_auth(request)
    return {name.lower(): str(value) for name, value in request.headers.items()} | {"host": host, "content-length": "4"}


def put(fake: FakeS3, headers: dict[str, str]) -> tuple[int, str]:
    response = fake.handle(Request("PUT", HOST, "/a%20b", headers=headers, body=b"text"))
    return response.status, code_of(response)


def code_of(answer: Response) -> str:
    body = b"".join(map(bytes, answer.body)).decode()
    return body.partition("<Code>")[2].partition("</Code>")[0]


def test_right(fake: FakeS3) -> None:
    assert put(fake, signed(fake.add_account(fake.settings.account))) == (200, "")
    assert fake.store.buckets["bucket"].objects["a b"].properties.metadata == {"a": "1"}


def later(headers: dict[str, str], **changes: str) -> dict[str, str]:
    return headers | {name.replace("_", "-"): value for name, value in changes.items()}


def _signature(headers: dict[str, str], change: Callable[[str], str]) -> dict[str, str]:
    head, _, signature = headers["authorization"].partition("Signature=")
    return headers | {"authorization": f"{head}Signature={change(signature)}"}


WRONG: dict[str, tuple[Callable[[Principal], dict[str, str]], int, str]] = {
    "another secret": (lambda who: signed(who, secret="another"), 403, "SignatureDoesNotMatch"),
    "another path": (lambda who: signed(who, path="/other"), 403, "SignatureDoesNotMatch"),
    "a changed header": (lambda who: later(signed(who), x_amz_meta_a="2"), 403, "SignatureDoesNotMatch"),
    "a header more": (lambda who: later(signed(who), x_amz_meta_b="2"), 403, "AccessDenied"),
    "other regions": (lambda who: later(signed(who), x_amz_region_set="us-*"), 403, "SignatureDoesNotMatch"),
    "regions without this one": (lambda who: signed(who, regions="eu-west-1"), 400, "AuthorizationHeaderMalformed"),
    "no DER": (lambda who: _signature(signed(who), lambda text: "00" * 70), 403, "SignatureDoesNotMatch"),
    "odd hex": (lambda who: _signature(signed(who), lambda text: text + "a"), 403, "SignatureDoesNotMatch"),
    "no hex": (lambda who: _signature(signed(who), lambda text: "xyz"), 400, "AuthorizationHeaderMalformed"),
    "long ago": (lambda who: later(signed(who), x_amz_date=f"{datetime.now(timezone.utc):%Y%m%d}T000000Z"), 403, ""),
    "no region set": (
        lambda who: {name: value for name, value in signed(who).items() if name != "x-amz-region-set"},
        400,
        "AuthorizationHeaderMalformed",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong(fake: FakeS3, case: str) -> None:
    make, status, code = WRONG[case]
    found = put(fake, make(fake.add_account(fake.settings.account)))
    assert found[0] == status
    assert found[1] == code or (not code and found[1] in ("RequestTimeTooSkewed", "SignatureDoesNotMatch"))
    assert fake.store.buckets["bucket"].is_empty


@pytest.mark.parametrize("regions", ["*", "us-east-1", "us-*", "eu-west-1,us-east-1"])
def test_region_sets(fake: FakeS3, regions: str) -> None:
    assert put(fake, signed(fake.add_account(fake.settings.account), regions=regions)) == (200, "")


def test_a_host_without_a_region(fake: FakeS3) -> None:
    """It has the region that a request is signed for."""
    headers = signed(fake.add_account(fake.settings.account), regions="eu-west-1", path="/bucket/k", host="localhost")
    assert fake.handle(Request("PUT", "localhost", "/bucket/k", headers=headers, body=b"text")).status == 200


def test_unknown_keys_are_not_verified(fake: FakeS3) -> None:
    """Signatures of unknown keys are not verified."""
    unknown = Principal(fake.accounts.account(fake.settings.account), "guest", "whatever")
    assert put(fake, signed(unknown)) == (200, "")


def test_strict() -> None:
    fake = FakeS3(strict_credentials=True)
    unknown = Principal(fake.accounts.account(fake.settings.account), "guest", "whatever")
    assert put(fake, signed(unknown)) == (403, "InvalidAccessKeyId")


@pytest.fixture
def url(fake: FakeS3) -> str:
    """Return a presigned URL of an object on an Outpost."""
    point = fake.add_access_point("point", fake.add_outposts_bucket("reports"), vpc="vpc-1")
    with contextlib.closing(fake.client()) as client:
        client.put_object(Bucket=point.arn, Key="k", Body=b"text")
        made: str = client.generate_presigned_url("get_object", Params={"Bucket": point.arn, "Key": "k"}, ExpiresIn=60)
    assert "X-Amz-Algorithm=AWS4-ECDSA-P256-SHA256" in made
    return made


def fetch(fake: FakeS3, url: str) -> tuple[int, Any]:
    parts = urlsplit(url)
    response = fake.handle(Request("GET", parts.netloc, parts.path, parts.query, {"host": parts.netloc}))
    return response.status, code_of(response) or b"".join(map(bytes, response.body))


def test_presigned(fake: FakeS3, url: str) -> None:
    assert fetch(fake, url) == (200, b"text")
    assert fetch(fake, url.replace("Expires=60", "Expires=61")) == (403, "SignatureDoesNotMatch")
    assert fetch(fake, url.replace("&X-Amz-Region-Set=%2A", "")) == (400, "AuthorizationQueryParametersError")
    fake.clock.advance(seconds=61)
    assert fetch(fake, url) == (403, "AccessDenied")


# --- the curve -------------------------------------------------------------------------------------------------------


def test_a_known_key() -> None:
    """The example of AWS's test suite for SigV4A."""
    x, y = sigv4a.public_key_of("AKISORANDOMAASORANDOM", "q+jcrXGc+0zWN6uzclKVhvMmUsIfRPa4rlRandom")
    assert f"{x:064x}" == "15d242ceebf8d8169fd6a8b5a746c41140414c3b07579038da06af89190fffcb"
    assert f"{y:064x}" == "0515242cedd82e94799482e4c0514b505afccf2c0c98d6a553bf539f424c5ec0"


def sign(private: int, message: bytes, nonce: int) -> bytes:
    """Return a signature, computed by the definition of ECDSA."""
    r = p256.public_key(nonce)[0] % p256.N
    s = pow(nonce, -1, p256.N) * (int.from_bytes(hashlib.sha256(message).digest(), "big") + r * private) % p256.N
    numbers = b"".join(b"\x02%c%b" % (len(one), one) for one in (number.to_bytes(33, "big") for number in (r, s)))
    return b"\x30%c%b" % (len(numbers), numbers)


numbers = some.integers(1, p256.N - 1)


@hypothesis.settings(max_examples=15)
@hypothesis.given(numbers, numbers, some.binary(max_size=40), some.binary(max_size=40))
def test_signatures(private: int, nonce: int, message: bytes, other: bytes) -> None:
    key, signature = p256.public_key(private), sign(private, message, nonce)
    assert p256.is_valid(key, message, signature)
    assert p256.is_valid(key, other, signature) == (message == other)
    assert not p256.is_valid(p256.public_key(private % (p256.N - 1) + 1), message, signature)


@hypothesis.given(some.binary(max_size=80))
def test_any_other_signature_is_invalid(noise: bytes) -> None:
    assert not p256.is_valid(p256.public_key(7), b"message", noise)
    assert not sigv4a.verifier_of("key", "secret")(b"message", noise)


@hypothesis.settings(max_examples=15)
@hypothesis.given(numbers, some.binary(max_size=40), some.binary(max_size=40))
def test_awscrt_agrees(private: int, message: bytes, other: bytes) -> None:
    """It takes our public keys, and its signatures are ours."""
    key = p256.public_key(private)
    coordinates = b"".join(number.to_bytes(32, "big") for number in key)
    scalar, public = b"\x04\x20" + private.to_bytes(32, "big"), b"\xa1\x44\x03\x42\x00\x04" + coordinates
    curve = bytes.fromhex("a00a06082a8648ce3d030107")
    pair = EC.new_key_from_der_data(b"\x30\x77\x02\x01\x01" + scalar + curve + public)  # RFC 5915
    public_pair = EC.new_key_from_der_data(p256.encode_public_key(key))
    signature = pair.sign(hashlib.sha256(message).digest())
    for text in (message, other):
        expected = text == message
        assert p256.is_valid(key, text, signature) is expected
        assert public_pair.verify(hashlib.sha256(text).digest(), signature) is expected
