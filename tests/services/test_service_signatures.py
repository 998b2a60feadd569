"""Authentication of STS and KMS requests: signatures of known keys are verified."""

from __future__ import annotations

import json
import urllib.request
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import xmltodict
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from fakes3part.api.fakes3 import FakeS3
from fakes3part.message import Request, Response
from tests.support.callers import OWNER
from tests.support.doors import refused
from tests.support.services import Door

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TARGET = {"X-Amz-Target": "TrentService.ListKeys", "Content-Type": "application/x-amz-json-1.1"}
ASKED = {"sts": (FORM, b"Action=GetCallerIdentity&Version=2011-06-15"), "kms": (TARGET, b"{}")}
CODES = {
    "sts": {
        "mismatch": (403, "SignatureDoesNotMatch"),
        "unknown": (403, "InvalidClientTokenId"),
        "missing": (403, "MissingAuthenticationToken"),
        "incomplete": (400, "IncompleteSignature"),
    },
    "kms": {
        "mismatch": (400, "InvalidSignatureException"),
        "unknown": (400, "UnrecognizedClientException"),
        "missing": (400, "MissingAuthenticationTokenException"),
        "incomplete": (400, "IncompleteSignatureException"),
    },
}
MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing "
    "method. Consult the service documentation for details."
)
INVALID = "The security token included in the request is invalid."


class Asking:
    """A configured user, and requests signed by botocore's signer, to be spoiled before they are sent."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.fake = FakeS3()
        self.user = self.fake.add_user(None, "bob", {"Version": "2012-10-17", "Statement": []})
        self.host = f"{service}.us-east-1.amazonaws.com"

    def signed(self, *, region: str = "us-east-1", service: str | None = None, secret: str | None = None) -> Request:
        headers, body = ASKED[self.service]
        request = AWSRequest("POST", f"https://{self.host}/", dict(headers), body)
        keys = Credentials(self.user.access_key, secret or self.user.secret_key)
        SigV4Auth(keys, service or self.service, region).add_auth(request)
        plain = {name.lower(): str(value) for name, value in request.headers.items()}
        return Request("POST", self.host, "/", headers={"host": self.host, **plain}, body=body)

    def error(self, request: Request) -> tuple[int, str, str]:
        return _error(self.service, self.fake.handle(request))


def _error(service: str, response: Response) -> tuple[int, str, str]:
    document = b"".join(map(bytes, response.body))
    if service == "kms":
        found = json.loads(document)
        return response.status, found["__type"], found["message"]
    details = xmltodict.parse(document)["ErrorResponse"]["Error"]
    assert details["Type"] == "Sender"
    return response.status, details["Code"], details["Message"] or ""


@pytest.fixture(params=["sts", "kms"])
def asking(request: pytest.FixtureRequest) -> Asking:
    return Asking(request.param)


def test_a_right_signature(asking: Asking) -> None:
    response = asking.fake.handle(asking.signed())
    document = b"".join(map(bytes, response.body)).decode()
    if asking.service == "sts":
        assert response.status == 200
        assert f"<Arn>{asking.user.arn}</Arn>" in document
    else:  # he is known, and may not
        assert response.status == 400
        assert f"User: {asking.user.arn} is not authorized to perform: kms:ListKeys on resource: *" in document


def test_a_wrong_secret(asking: Asking) -> None:
    assert asking.error(asking.signed(secret="guess")) == (*CODES[asking.service]["mismatch"], MISMATCH)


@pytest.mark.parametrize("service", CODES)
def test_a_session_token_of_another_key(door: Door, service: str) -> None:
    own = {"aws_access_key_id": "FOOBARKEY", "aws_secret_access_key": "FOOBARSECRET"}
    calls = {"sts": "get_caller_identity", "kms": "list_keys"}
    wrong = door.client(service, **own, aws_session_token="bad-token")
    refused(getattr(wrong, calls[service]), *CODES[service]["unknown"], "The security token included in the request is invalid.")
    getattr(door.client(service, **own, aws_session_token="testing"), calls[service])()


@pytest.mark.parametrize("change", ["body", "header", "path", "query"])
def test_a_changed_request(asking: Asking, change: str) -> None:
    signed = asking.signed()
    headers, body = signed.headers, signed.payload.data
    if change == "header":
        headers = {**headers, "content-type": headers["content-type"] + ";a=b"}
    changed = Request(
        "POST",
        signed.host,
        "/",
        "a=b" if change == "query" else "",
        headers,
        {"sts": body + b"&a=b", "kms": b"{ }"}[asking.service] if change == "body" else body,
    )
    if change == "path":
        changed.host = changed.headers["host"] = f"{asking.service}.eu-west-1.amazonaws.com"
        text = "Credential should be scoped to a valid region."
        assert asking.error(changed) == (*CODES[asking.service]["mismatch"], text)
        return
    assert asking.error(changed) == (*CODES[asking.service]["mismatch"], MISMATCH)


def test_scoped_elsewhere(asking: Asking) -> None:
    region = "Credential should be scoped to a valid region."
    service = f"Credential should be scoped to correct service: '{asking.service}'."
    code = CODES[asking.service]["mismatch"]
    assert asking.error(asking.signed(region="eu-west-1")) == (*code, region)
    assert asking.error(asking.signed(service="s3")) == (*code, service)
    assert asking.error(asking.signed(region="eu-west-1", service="s3")) == (*code, f"{region} {service}")


def test_signed_long_ago(asking: Asking) -> None:
    request = asking.signed()
    asking.fake.clock.freeze(datetime(2030, 1, 1, tzinfo=timezone.utc))
    asking.fake.clock.system_time = asking.fake.clock.now  # type: ignore[method-assign]
    then = request.headers["x-amz-date"]
    text = f"Signature expired: {then} is now earlier than 20291231T234500Z (20300101T000000Z - 15 min.)"
    assert asking.error(request) == (*CODES[asking.service]["mismatch"], text)
    asking.fake.clock.move_to(datetime(2020, 1, 1, tzinfo=timezone.utc))
    text = f"Signature not yet current: {then} is still later than 20200101T001500Z (20200101T000000Z + 15 min.)"
    assert asking.error(request) == (*CODES[asking.service]["mismatch"], text)


def _with(request: Request, **headers: str | None) -> Request:
    changed = {**request.headers, **{name.replace("_", "-"): value or "" for name, value in headers.items()}}
    kept = {name: value for name, value in changed.items() if headers.get(name.replace("-", "_"), "") is not None}
    return Request("POST", request.host, "/", headers=kept, body=request.payload.data)


def test_malformed(asking: Asking) -> None:
    codes, request = CODES[asking.service], asking.signed()
    missing = {"sts": "Request is missing Authentication Token", "kms": "Missing Authentication Token"}[asking.service]
    whole = request.headers["authorization"]
    cases = [
        (_with(request, authorization=None), "missing", missing),
        (_with(request, authorization="Basic x"), "incomplete", "Unsupported AWS 'algorithm': 'Basic'."),
        (
            _with(request, authorization=whole.partition(", Signature")[0]),
            "incomplete",
            "Authorization header requires 'Signature' parameter.",
        ),
        (
            _with(request, authorization=whole.replace("/aws4_request", "")),
            "incomplete",
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got "
            f"'{whole.partition('Credential=')[2].partition('/aws4_request')[0]}'",
        ),
        (
            _with(request, x_amz_date="today"),
            "incomplete",
            "Date must be in ISO-8601 'basic format'. Got 'today'. See http://en.wikipedia.org/wiki/ISO_8601",
        ),
        (
            _with(request, authorization=whole.replace("/aws4_request", "/aws3_request")),
            "mismatch",
            "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws3_request'.",
        ),
    ]
    for changed, code, message in cases:
        assert asking.error(changed) == (*codes[code], message)


def test_tokens(asking: Asking) -> None:
    unknown = (*CODES[asking.service]["unknown"], INVALID)
    assert asking.error(_with(asking.signed(), x_amz_security_token="made up")) == unknown
    asking.user = asking.fake.add_session(asking.user)
    assert asking.error(asking.signed()) == unknown  # it has a token, and did not come with it
    assert asking.error(_with(asking.signed(), x_amz_security_token="made up")) == unknown


def test_unknown_keys_where_they_count() -> None:
    for service in ("sts", "kms"):
        asking = Asking(service)
        asking.fake = FakeS3(strict_credentials=True)
        assert asking.error(asking.signed()) == (*CODES[service]["unknown"], INVALID)


def test_unknown_actions() -> None:
    fake = FakeS3()
    headers = {"content-type": FORM["Content-Type"]}

    def sts(body: bytes) -> tuple[int, str, str]:
        return _error("sts", fake.handle(Request("POST", "sts.amazonaws.com", "/", headers=dict(headers), body=body)))

    assert sts(b"Action=No&Version=2011-06-15") == (400, "InvalidAction", "Could not find operation No for version 2011-06-15")
    assert sts(b"Action=AssumeRole&Version=1") == (400, "InvalidAction", "Could not find operation AssumeRole for version 1")
    assert sts(b"") == (400, "MissingAction", "Missing Action")
    request = Request("POST", "kms.us-east-1.amazonaws.com", "/", headers={"x-amz-target": "TrentService.No"}, body=b"{}")
    assert _error("kms", fake.handle(request)) == (400, "UnknownOperationException", "")


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b'{"Limit": "1"}', b'{"Limit": true}', b'{"Marker": 1}', b"\xff"])
def test_malformed_documents(body: bytes) -> None:
    headers = {
        "x-amz-target": "TrentService.ListKeys",
        "authorization": "AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/kms/aws4_request, SignedHeaders=host, Signature=0",
        "x-amz-date": "20260101T000000Z",
    }
    response = FakeS3().handle(Request("POST", "kms.us-east-1.amazonaws.com", "/", headers=headers, body=body))
    assert _error("kms", response) == (400, "SerializationException", "")


@pytest.mark.parametrize("door", ["server"], indirect=True)
def test_a_presigned_url(door: Door) -> None:
    """As EKS's tokens are."""
    bob = door.fake.add_user(None, "bob")
    assert door.url is not None
    url = _presigned(door.url, bob, 60)
    with urllib.request.urlopen(url, timeout=10) as response:
        assert f"<Arn>{bob.arn}</Arn>" in response.read().decode()
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(url.replace("GetCallerIdentity", "GetSessionToken"), timeout=10)
    assert caught.value.code == 403
    assert "<Code>SignatureDoesNotMatch</Code>" in caught.value.read().decode()
    caught.value.close()
    door.fake.clock.advance(minutes=2)
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(url, timeout=10)
    assert "<Code>SignatureDoesNotMatch</Code><Message>Signature expired: " in caught.value.read().decode()
    caught.value.close()


def _presigned(url: str, who: Any, seconds: int) -> str:
    request = AWSRequest("GET", f"{url}/?Action=GetCallerIdentity&Version=2011-06-15")
    SigV4QueryAuth(Credentials(who.access_key, who.secret_key), "sts", "us-east-1", expires=seconds).add_auth(request)
    return str(request.url)


def test_the_server_is_in_the_region_that_was_signed_for(door: Door) -> None:
    for region in ("eu-west-1", "us-gov-west-1"):
        client = door.client("kms", region_name=region)
        partition = "aws-us-gov" if "gov" in region else "aws"
        assert client.create_key()["KeyMetadata"]["Arn"].startswith(f"arn:{partition}:kms:{region}:{OWNER}:key/")


def test_a_session_signs_for_all_of_them(door: Door) -> None:
    credentials = door.client("sts").assume_role(RoleArn=f"arn:aws:iam::{OWNER}:role/job", RoleSessionName="s1")["Credentials"]
    assert door.client_of(credentials, "kms").list_keys()["Keys"] == []
    block = {"AccountId": OWNER, "PublicAccessBlockConfiguration": {"BlockPublicAcls": True}}
    door.client_of(credentials, "s3control").put_public_access_block(**block)
    spoiled = {**credentials, "SecretAccessKey": "guess"}
    refused(door.client_of(spoiled, "kms").list_keys, 400, "InvalidSignatureException", MISMATCH)
    refused(door.client_of(spoiled, "sts").get_caller_identity, 403, "SignatureDoesNotMatch", MISMATCH)
    with pytest.raises(Exception, match="SignatureDoesNotMatch"):
        door.client_of(spoiled, "s3control").get_public_access_block(AccountId=OWNER)
    assert timedelta(minutes=59) < credentials["Expiration"] - datetime.now(timezone.utc) <= timedelta(hours=1)
