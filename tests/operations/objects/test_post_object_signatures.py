"""Signatures of forms. They are verified if the secret is known, before the policy is checked."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import freezegun
import pytest
from botocore.config import Config

from fakes3part.api.fakes3 import FakeS3
from fakes3part.message import Request
from tests.support.doors import Door, RawResponse
from tests.support.errors import INVALID_ACCESS_KEY_ID, INVALID_TOKEN, SIGNATURE_DOES_NOT_MATCH
from tests.support.post_forms import DATA, HEADERS, by, conditions, form, known, policy, post, signed, stored
from tests.support.state import unchanged

pytestmark = pytest.mark.usefixtures("bucket")

SIGNATURE = {4: "x-amz-signature", 2: "signature"}
VERSIONS = pytest.mark.parametrize("version", [4, 2])


def mismatch(key: str, fields: dict[str, str], version: int) -> dict[str, str]:
    return {
        "Code": "SignatureDoesNotMatch",
        "Message": SIGNATURE_DOES_NOT_MATCH,
        "AWSAccessKeyId": key,
        "StringToSign": fields["policy"],
        "SignatureProvided": fields[SIGNATURE[version]],
        "StringToSignBytes": " ".join(f"{byte:02x}" for byte in fields["policy"].encode()),
    }


@VERSIONS
def test_verified(door: Door, version: int) -> None:
    assert post(door, signed({"key": "k"}, **by(known(door.fake), version))).status == 204
    assert stored(door, "k")["Body"] == DATA


@VERSIONS
def test_boto3_s_own(door: Door, version: int) -> None:
    owner = known(door.fake)
    config = Config(signature_version={4: "s3v4", 2: "s3"}[version])
    keys = {"aws_access_key_id": owner.access_key, "aws_secret_access_key": owner.secret_key}
    with door.client_with(config=config, **keys) as s3:
        made = s3.generate_presigned_post("bucket", "up/${filename}", Conditions=[["content-length-range", 1, 100]])
    assert post(door, made["fields"]).status == 204
    assert post(door, {**made["fields"], SIGNATURE[version]: "0" * 64}).status == 403


def _other_policy(fields: dict[str, str]) -> None:
    fields["policy"] = base64.b64encode(policy(conditions({"key": "k"}), timedelta(days=2)).encode()).decode()


def _garbled(fields: dict[str, str]) -> None:
    fields["policy"] += "!"


def _no_policy_at_all(fields: dict[str, str]) -> None:
    fields["policy"] = ""


TAMPERED: dict[str, Callable[[dict[str, str]], None]] = {
    "another policy": _other_policy,
    "garbled policy": _garbled,
    "empty policy": _no_policy_at_all,
}


@VERSIONS
@pytest.mark.parametrize("tamper", TAMPERED.values(), ids=TAMPERED)
def test_tampered(door: Door, version: int, tamper: Callable[[dict[str, str]], None]) -> None:
    owner = known(door.fake)
    fields = signed({"key": "k"}, **by(owner, version))
    tamper(fields)
    with unchanged(door.fake):
        response = post(door, fields)
    expected = {name: value or None for name, value in mismatch(owner.access_key, fields, version).items()}
    assert (response.status, response.error) == (403, expected)


@VERSIONS
@pytest.mark.parametrize("signature", ["0" * 64, "x", "ü", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="])
def test_another_signature(door: Door, version: int, signature: str) -> None:
    owner = known(door.fake)
    fields = {**signed({"key": "k"}, **by(owner, version)), SIGNATURE[version]: signature}
    with unchanged(door.fake):
        response = post(door, fields)
    assert (response.status, response.error) == (403, mismatch(owner.access_key, fields, version))


@VERSIONS
def test_another_secret(door: Door, version: int) -> None:
    owner = known(door.fake)
    fields = signed({"key": "k"}, **{**by(owner, version), "secret": "guessed"})
    with unchanged(door.fake):
        response = post(door, fields)
    assert (response.status, response.error) == (403, mismatch(owner.access_key, fields, version))


@VERSIONS
def test_the_signature_is_looked_at_first(door: Door, version: int) -> None:
    owner = known(door.fake)
    fields = signed({"key": "k"}, "{}", **{**by(owner, version), "secret": "guessed"})
    assert post(door, fields).error == mismatch(owner.access_key, fields, version)


@VERSIONS
def test_a_form_signed_with_an_unknown_key(door: Door, version: int) -> None:
    assert post(door, {**signed({"key": "k"}, version=version), SIGNATURE[version]: "anything"}).status == 204


def argument(message: str, name: str, value: str) -> dict[str, str]:
    return {"Code": "InvalidArgument", "Message": message, "ArgumentName": name, "ArgumentValue": value}


PARSING = "Error parsing the X-Amz-Credential parameter; "
EXPECTING = f'{PARSING}the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".'
TODAY = f"{datetime.now(timezone.utc):%Y%m%d}"
NOT_V4: dict[str, tuple[dict[str, str], str, str]] = {
    "algorithm": ({"x-amz-algorithm": "AWS4-HMAC-SHA1"}, "Only AWS4-HMAC-SHA256 is supported", "X-Amz-Algorithm"),
    "date": ({"x-amz-date": "2026-01-01"}, "X-Amz-Date must be formated via ISO8601 Long format", "X-Amz-Date"),
    "no such day": ({"x-amz-date": "20260230T000000Z"}, "X-Amz-Date must be formated via ISO8601 Long format", "X-Amz-Date"),
    "credential": ({"x-amz-credential": "testing"}, EXPECTING, "X-Amz-Credential"),
    "empty credential": ({"x-amz-credential": f"/{TODAY}/us-east-1/s3/aws4_request"}, EXPECTING, "X-Amz-Credential"),
    "service": (
        {"x-amz-credential": f"testing/{TODAY}/us-east-1/ec2/aws4_request"},
        f'{PARSING}incorrect service "ec2". This endpoint belongs to "s3".',
        "X-Amz-Credential",
    ),
    "terminal": (
        {"x-amz-credential": f"testing/{TODAY}/us-east-1/s3/aws5_request"},
        f'{PARSING}incorrect terminal "aws5_request". This endpoint uses "aws4_request".',
        "X-Amz-Credential",
    ),
    "another day": (
        {"x-amz-credential": "testing/20200101/us-east-1/s3/aws4_request", "x-amz-date": "20200102T000000Z"},
        'Invalid credential date "20200101". This date is not the same as X-Amz-Date: "20200102".',
        "X-Amz-Credential",
    ),
}


@pytest.mark.parametrize(("changed", "message", "name"), NOT_V4.values(), ids=NOT_V4)
def test_no_version_4(door: Door, changed: dict[str, str], message: str, name: str) -> None:
    with unchanged(door.fake):
        response = post(door, {**signed({"key": "k"}), **changed})
    assert (response.status, response.error) == (400, argument(message, name, changed[name.lower()]))


def test_another_region(door: Door) -> None:
    fields = signed({"key": "k"}, region="eu-west-1", **by(known(door.fake)))
    if door.name == "server":  # its host names no region: it has the signature's
        assert post(door, fields).status == 204
        return
    with unchanged(door.fake):
        response = post(door, fields)
    message = f'{PARSING}the region "eu-west-1" is wrong; expecting "us-east-1"'
    assert (response.status, response.error) == (400, argument(message, "X-Amz-Credential", fields["x-amz-credential"]))


def test_another_region_of_an_unknown_key(door: Door) -> None:
    assert post(door, signed({"key": "k"}, region="eu-west-1")).status == 204


@VERSIONS
def test_session_tokens(door: Door, version: int) -> None:
    session = door.fake.accounts.add_session(known(door.fake))
    assert session.session_token is not None
    token, given = {"x-amz-security-token": session.session_token}, by(session, version)
    assert post(door, signed({"key": "k", **token}, **given)).status == 204
    with unchanged(door.fake):
        wrong = post(door, signed({"key": "k", "x-amz-security-token": "other"}, **given))
        none = post(door, signed({"key": "k"}, **given))
    message = INVALID_TOKEN
    assert (wrong.status, wrong.error) == (400, {"Code": "InvalidToken", "Message": message, "Token-0": "other"})
    assert (none.status, none.error["Code"], none.error["AWSAccessKeyId"]) == (403, "InvalidAccessKeyId", session.access_key)


def _post(fake: FakeS3, fields: dict[str, str], host: str = "localhost") -> RawResponse:
    content = form(fields)
    headers = {"content-type": HEADERS["Content-Type"], "content-length": str(len(content))}
    response = fake.handle(Request("POST", host, "/bucket", headers=headers, body=content))
    return RawResponse(response.status, dict(response.headers), b"".join(map(bytes, response.body)))


@VERSIONS
@pytest.mark.parametrize("door", ["in-process"], indirect=True)
def test_unknown_keys_of_a_strict_fake(door: Door, version: int) -> None:
    with FakeS3(strict_credentials=True) as fake:
        with door.client_with(aws_access_key_id=(owner := known(fake)).access_key, aws_secret_access_key=owner.secret_key) as s3:
            s3.create_bucket(Bucket="bucket")
        response = _post(fake, signed({"key": "k"}, version=version))
        assert (response.status, response.error) == (
            403,
            {
                "Code": "InvalidAccessKeyId",
                "Message": INVALID_ACCESS_KEY_ID,
                "AWSAccessKeyId": "testing",
            },
        )
        assert _post(fake, signed({"key": "k"}, **by(owner, version))).status == 204


def test_no_access_key(door: Door) -> None:
    with unchanged(door.fake):
        response = post(door, signed({"key": "k"}, version=2, key=""))
    message = INVALID_ACCESS_KEY_ID
    assert (response.status, response.error) == (403, {"Code": "InvalidAccessKeyId", "Message": message, "AWSAccessKeyId": None})


@pytest.mark.parametrize("door", ["in-process"], indirect=True)
def test_sigv2_in_regions_without_it(door: Door) -> None:
    door.fake.store.buckets["bucket"].region = "eu-central-1"
    response = _post(door.fake, signed({"key": "k"}, version=2), "s3.eu-central-1.amazonaws.com")
    message = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
    assert (response.status, response.error) == (400, {"Code": "InvalidRequest", "Message": message})


@pytest.mark.parametrize("door", ["in-process"], indirect=True)
@pytest.mark.parametrize(("later", "status"), [(3599, 204), (3601, 403)])
def test_a_policy_expires_on_the_fake_s_clock(door: Door, later: int, status: int) -> None:
    fields = signed({"key": "k"}, **by(known(door.fake)))
    with freezegun.freeze_time(datetime.now(timezone.utc) + timedelta(seconds=later)):
        response = _post(door.fake, fields)
    assert response.status == status
    if status == 403:
        assert response.error == {"Code": "AccessDenied", "Message": "Invalid according to Policy: Policy expired."}
