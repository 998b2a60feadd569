"""Signatures by the credentials that a fake itself gives: verified with nothing configured."""

from __future__ import annotations

import hmac
import os
import subprocess
import sys
from contextlib import closing
from functools import partial
from hashlib import sha256
from string import ascii_letters, digits
from typing import Any
from urllib.parse import unquote_plus, urlsplit

import boto3
import pytest
import requests
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakes3part import FakeS3, LenientWarning, Server, mock_s3
from fakes3part.message import Request
from tests.support.doors import Door, RawResponse, assert_error, refused, warm
from tests.support.errors import INVALID_TOKEN
from tests.support.signing import SIGNERS, SignedRequest, by_header, by_sigv2_url, by_url
from tests.support.state import unchanged

OWN = Credentials("FOOBARKEY", "FOOBARSECRET")
OTHER_SECRET = Credentials("FOOBARKEY", "another secret")
OTHER_KEY = Credentials("testing", "another secret")
V4 = Config(signature_version="s3v4")
SENT = {"aws_access_key_id": "FOOBARKEY", "aws_secret_access_key": "FOOBARSECRET"}
UNSIGNED = "There were headers present in the request which were not signed"


@pytest.fixture
def door(door: Door, bucket: str) -> Door:
    """A door to a fake with the object ``k`` in ``bucket``."""
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc")
    return door


def code(response: RawResponse) -> tuple[int, str | None]:
    return response.status, response.error["Code"] if response.body else None


# --- tokens ------------------------------------------------------------------------------------------------------------------

WRONG_TOKEN = Credentials("FOOBARKEY", "FOOBARSECRET", "bad-token-causes-400")


@pytest.mark.parametrize("signer", SIGNERS)
@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD"])
def test_a_session_token_of_another_key(door: Door, signer: str, method: str) -> None:
    with unchanged(door.fake):
        response = SIGNERS[signer](door, method, credentials=WRONG_TOKEN).send()
        if method == "HEAD":
            assert (response.status, response.body) == (400, b"")
        else:
            assert_error(response, 400, "InvalidToken", INVALID_TOKEN, {"Token-0": "bad-token-causes-400"})


@pytest.mark.parametrize("signer", SIGNERS)
def test_the_token_that_suites_write(door: Door, signer: str) -> None:
    sign, right = SIGNERS[signer], Credentials("FOOBARKEY", "FOOBARSECRET", "testing")
    for _ in range(2):
        assert sign(door, credentials=right).send().body == b"abc"
        assert code(sign(door, credentials=WRONG_TOKEN).send()) == (400, "InvalidToken")


def test_a_client_with_another_token_after_one_with_the_right_one(door: Door) -> None:
    with (
        door.client_with(**SENT, aws_session_token="testing") as right,
        door.client_with(**SENT, aws_session_token="bad") as wrong,
    ):
        for _ in range(2):
            assert right.get_object(Bucket="bucket", Key="k")["Body"].read() == b"abc"
            with unchanged(door.fake):
                put = partial(wrong.put_object, Bucket="bucket", Key="k", Body=b"new")
                refused(put, 400, "InvalidToken", INVALID_TOKEN, {"Token-0": "bad"})


# --- URLs --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", [by_url, by_sigv2_url])
def test_a_right_url(door: Door, sign: Any) -> None:
    assert sign(door, credentials=OWN).send().body == b"abc"
    assert sign(door, "PUT", credentials=OWN, body=b"new").send().status == 200


@pytest.mark.parametrize("sign", [by_url, by_sigv2_url])
@pytest.mark.parametrize("method", ["PUT", "HEAD", "DELETE"])
def test_a_url_to_get_is_for_nothing_else(door: Door, sign: Any, method: str) -> None:
    sent: SignedRequest = sign(door, credentials=OWN)
    sent.method, sent.body = method, b"new" if method == "PUT" else b""
    with unchanged(door.fake):
        assert code(sent.send()) == (403, None if method == "HEAD" else "SignatureDoesNotMatch")


@pytest.mark.parametrize("sign", [by_url, by_sigv2_url])
def test_another_secret(door: Door, sign: Any) -> None:
    assert code(sign(door, credentials=OTHER_SECRET).send()) == (403, "SignatureDoesNotMatch")


def test_an_unsigned_header(door: Door) -> None:
    sent = by_url(door, "PUT", credentials=OWN, body=b"new")
    sent.headers["x-amz-storage-class"] = "GLACIER"
    with unchanged(door.fake):
        error = sent.send().error
    assert (error["Code"], error["Message"], error["HeadersNotSigned"]) == ("AccessDenied", UNSIGNED, "x-amz-storage-class")


def test_an_expired_url(door: Door) -> None:
    sent = by_url(door, credentials=OWN, expires=60)
    door.fake.clock.advance(seconds=61)
    error = sent.send().error
    assert (error["Code"], error["Message"]) == ("AccessDenied", "Request has expired")


def test_a_signed_header_with_another_value(door: Door) -> None:
    sent = by_url(door, "PUT", headers={"content-type": "text/plain"}, credentials=OWN, body=b"new")
    assert sent.send().status == 200
    sent.headers["content-type"] = "text/html"
    with unchanged(door.fake):
        assert code(sent.send()) == (403, "SignatureDoesNotMatch")


@pytest.mark.parametrize("name", SIGNERS)
def test_keys_of_the_users_own_have_any_secret(door: Door, name: str) -> None:
    assert SIGNERS[name](door, credentials=OTHER_KEY).send().body == b"abc"


CHARACTERS = f"{ascii_letters}{digits}-_.~/?&=%+"


def meaning(target: str) -> tuple[str, list[tuple[str, str]]]:
    """Return what a target means: two spellings of the same are the same to S3."""
    path, _, query = target.partition("?")
    pairs = (pair.partition("=") for pair in query.split("&"))
    return unquote_plus(path.replace("+", "%2B")), [(unquote_plus(name), unquote_plus(value)) for name, _, value in pairs]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.data())
def test_any_other_character_in_a_url_or_a_signed_header_is_refused(door: Door, data: st.DataObject) -> None:
    query = "?response-content-type=text%2Fplain&response-expires=1"
    sent = by_url(door, "GET", f"/bucket/k{query}", {"x-amz-request-payer": "requester"}, credentials=OWN)
    place = data.draw(st.sampled_from([sent.target, sent.target, "requester"]), "place")
    position = data.draw(st.integers(1 if place.startswith("/") else 0, len(place) - 1), "position")
    character = data.draw(
        st.sampled_from("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~/?&=%+"), "character"
    )
    changed = place[:position] + character + place[position + 1 :]
    if changed == place or (place == sent.target and meaning(changed) == meaning(place)):
        assert sent.send().status == 200
        return
    if place == sent.target:
        sent.target = changed
    else:
        sent.headers["x-amz-request-payer"] = changed
    with unchanged(door.fake):
        assert sent.send().status in (400, 403)


@pytest.mark.parametrize("character", "XY%a")
def test_any_other_character_in_the_access_key_is_refused(door: Door, character: str) -> None:
    for position, original in enumerate("FOOBARKEY"):
        if character != original:
            sent = by_url(door, credentials=OWN).change(
                "FOOBARKEY", f"{'FOOBARKEY'[:position]}{character}{'FOOBARKEY'[position + 1 :]}"
            )
            assert sent.send().status in (400, 403)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.data())
def test_any_other_character_in_the_host_is_refused(door: Door, data: st.DataObject) -> None:
    sent = by_url(door, credentials=OWN)
    host = urlsplit(door.url).netloc
    position = data.draw(st.integers(0, len(host) - 1))
    changed = host[:position] + data.draw(st.sampled_from("abcxyz0123456789")) + host[position + 1 :]
    path, _, query = sent.target.partition("?")
    response = door.fake.handle(Request("GET", changed, path, query, {"host": changed}))
    assert (response.status == 200) is (changed == host)


def test_a_client_of_a_mock_has_them() -> None:
    with mock_s3(), closing(boto3.client("s3", region_name="us-east-1", config=V4)) as s3:
        s3.create_bucket(Bucket="bucket")
        s3.put_object(Bucket="bucket", Key="k", Body=b"abc")
        url = s3.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "k"})
        assert requests.get(url, timeout=10).content == b"abc"
        for tampered in (url.replace("/k?", "/K?"), url.replace("Expires=3600", "Expires=3601")):
            assert requests.get(tampered, timeout=10).status_code == 403
        response = requests.put(url, data=b"new", timeout=10)
        assert response.status_code == 403
        assert "<Code>SignatureDoesNotMatch</Code>" in response.text
        assert s3.get_object(Bucket="bucket", Key="k")["Body"].read() == b"abc"


def test_a_client_with_keys_of_its_own_in_a_mock(monkeypatch: pytest.MonkeyPatch) -> None:
    with mock_s3(), monkeypatch.context() as patched:  # restored before the mock ends, or its key would be set from then on
        patched.setenv("AWS_ACCESS_KEY_ID", "testing")
        with closing(boto3.Session().client("s3", region_name="us-east-1")) as s3:
            s3.create_bucket(Bucket="bucket")
            s3.put_object(Bucket="bucket", Key="k", Body=b"abc")
            url = s3.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "k"})
            assert requests.get(f"{url[:-1]}{'1' if url[-1] == '0' else '0'}", timeout=10).content == b"abc"


def test_strict_credentials_do_not_know_them(door: Door) -> None:
    fake = FakeS3(strict_credentials=True)
    with fake, closing(boto3.client("s3", region_name="us-east-1")) as s3:
        text = "The AWS Access Key Id you provided does not exist in our records."
        refused(lambda: s3.list_buckets(), 403, "InvalidAccessKeyId", text, {"AWSAccessKeyId": "FOOBARKEY"})


def test_a_key_of_this_name_that_was_added_wins() -> None:
    fake = FakeS3()
    fake.accounts.add_key(fake.accounts.account("111111111111"), access_key="FOOBARKEY", secret_key="mine")
    with Server(fake) as server:
        options = {"endpoint_url": server.url, "region_name": "us-east-1", "aws_access_key_id": "FOOBARKEY"}
        with closing(warm().client("s3", aws_secret_access_key="mine", **options)) as s3:
            s3.create_bucket(Bucket="bucket")
        with closing(warm().client("s3", aws_secret_access_key="FOOBARSECRET", **options)) as s3, pytest.raises(ClientError):
            s3.list_buckets()
    assert fake.store.buckets["bucket"].account == "111111111111"


# --- headers -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["header", "old header"])
def test_headers_are_verified_over_http_only(door: Door, name: str) -> None:
    assert SIGNERS[name](door, credentials=OWN).send().body == b"abc"
    response = SIGNERS[name](door, credentials=OTHER_SECRET).send()
    if door.name == "server":
        assert code(response) == (403, "SignatureDoesNotMatch")
    else:  # a client of this process has just computed it
        assert response.body == b"abc"


def test_a_changed_header_over_http(door: Door) -> None:
    sent = by_header(door, "PUT", headers={"x-amz-meta-a": "1"}, credentials=OWN, body=b"new")
    sent.headers["x-amz-meta-a"] = "2"
    if door.name == "server":
        with unchanged(door.fake):
            assert code(sent.send()) == (403, "SignatureDoesNotMatch")
    else:
        assert sent.send().status == 200


PROGRAM = """
import os
import boto3
from botocore.exceptions import ClientError

s3 = boto3.client("s3")
s3.create_bucket(Bucket="bucket")
s3.put_object(Bucket="bucket", Key="k", Body=b"abc")
wrong = boto3.client("s3", aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"], aws_secret_access_key="another")
try:
    wrong.put_object(Bucket="bucket", Key="k", Body=b"new")
except ClientError as error:
    print(error.response["Error"]["Code"])
"""


@pytest.mark.parametrize("tls", [False, True])
def test_another_process(tls: bool) -> None:
    with Server(tls=tls) as server:
        environment = {**os.environ, **server.environment()}
        command = [sys.executable, "-c", PROGRAM]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "SignatureDoesNotMatch\n", "")
        assert server.fake.buckets["bucket"].objects["k"].data == b"abc"


# --- forms -------------------------------------------------------------------------------------------------------------------


def options(door: Door, credentials: Credentials) -> dict[str, Any]:
    place = {"endpoint_url": door.url} if door.name == "server" else {}
    keys = {"aws_access_key_id": credentials.access_key, "aws_secret_access_key": credentials.secret_key}
    return {"region_name": "us-east-1", **place, **keys}


@pytest.mark.parametrize("version", ["s3v4", "s3"])
@pytest.mark.parametrize(
    ("credentials", "expected"),
    [(OWN, (204, None)), (OTHER_SECRET, (403, "SignatureDoesNotMatch")), (OTHER_KEY, (204, None))],
    ids=["own", "another secret", "a key of the user's own"],
)
def test_forms(door: Door, version: str, credentials: Credentials, expected: tuple[int, str | None]) -> None:
    config = Config(signature_version=version)
    with closing(warm().client("s3", config=config, **options(door, credentials))) as s3:
        form = s3.generate_presigned_post("bucket", "posted")
    prepared = requests.Request("POST", form["url"], data=form["fields"], files={"file": b"text"}).prepare()
    headers = {"Content-Type": prepared.headers["Content-Type"]}
    assert isinstance(prepared.body, bytes)
    response = door.raw("POST", "/bucket", headers, prepared.body, sign=False)
    assert code(response) == expected
    assert ("posted" in door.fake.buckets["bucket"].objects) is (expected[0] == 204)


# --- the other services ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("secret", ["FOOBARSECRET", "another"])
def test_a_presigned_url_of_sts(door: Door, secret: str) -> None:
    with closing(warm().client("sts", **options(door, Credentials("FOOBARKEY", secret)))) as sts:
        url = sts.generate_presigned_url("get_caller_identity", HttpMethod="GET")
    parts = urlsplit(url)
    response = door.fake.handle(Request("GET", parts.netloc, parts.path or "/", parts.query, {"host": parts.netloc}))
    assert response.status == (200 if secret == "FOOBARSECRET" else 403)


# --- leniences ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lenient", ["credentials", "acls"])
def test_the_lenience_credentials_judges_none_of_this(lenient: str) -> None:
    fake = FakeS3(lenient=[lenient])
    fake.seed({"bucket": {"k": b"abc"}})
    with fake, closing(boto3.client("s3", region_name="us-east-1", config=V4)) as s3:
        url = s3.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "k"})
        tampered = url.replace("Expires=3600", "Expires=3601")
        if lenient == "credentials":
            with pytest.warns(LenientWarning, match="credentials"):
                response = requests.get(tampered, timeout=10)
            assert response.content == b"abc"
            assert fake.calls[-1].leniences == ("credentials",)
            assert requests.get(url, timeout=10).content == b"abc"
            assert fake.calls[-1].leniences == ()
            with closing(boto3.client("s3", region_name="us-east-1", **SENT, aws_session_token="bad")) as other:
                other.head_object(Bucket="bucket", Key="k")
            assert fake.calls[-1].leniences == ("credentials",)
        else:
            assert requests.get(tampered, timeout=10).status_code == 403


def test_signed_chunks_over_http(door: Door) -> None:
    """What Java's SDK sends over plain HTTP: every chunk is signed with the signature before it."""
    data = b"signed chunk"
    request = AWSRequest(
        "PUT",
        f"{door.url}/bucket/chunked",
        {
            "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
            "x-amz-decoded-content-length": str(len(data)),
            "content-encoding": "aws-chunked",
        },
    )
    signer = S3SigV4Auth(OWN, "s3", "us-east-1")
    signer.payload = lambda _request: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
    signer.add_auth(request)
    timestamp = request.headers["X-Amz-Date"]
    seed = request.headers["Authorization"].rpartition("Signature=")[2]
    key = b"AWS4FOOBARSECRET"
    for part in (timestamp[:8], "us-east-1", "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    body, previous = b"", seed
    for chunk in (data, b""):
        hashes = f"{sha256(b'').hexdigest()}\n{sha256(chunk).hexdigest()}"
        scope = f"{timestamp[:8]}/us-east-1/s3/aws4_request"
        text = f"AWS4-HMAC-SHA256-PAYLOAD\n{timestamp}\n{scope}\n{previous}\n{hashes}"
        previous = hmac.digest(key, text.encode(), "sha256").hex()
        body += b"%x;chunk-signature=%b\r\n%b\r\n" % (len(chunk), previous.encode(), chunk)
    headers = dict(request.headers.items())
    assert door.raw("PUT", "/bucket/chunked", headers, body, sign=False).status == 200
    changed = body.replace(data, data.upper())
    if door.name == "server":
        with unchanged(door.fake):
            response = door.raw("PUT", "/bucket/chunked", headers, changed, sign=False)
        assert code(response) == (403, "SignatureDoesNotMatch")
    else:
        assert door.raw("PUT", "/bucket/chunked", headers, changed, sign=False).status == 200
