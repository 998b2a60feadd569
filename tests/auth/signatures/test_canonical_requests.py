"""Canonical requests agree with botocore's signers, for all keys and queries."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote_to_bytes, urlsplit

import pytest
from botocore.config import Config
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakes3part.auth.signatures.crypto import wire_bytes
from fakes3part.auth.signatures.sigv4 import canonical_path, canonical_query
from fakes3part.errors import S3Error
from fakes3part.rules.names import check_key
from tests.support.doors import Door
from tests.support.signing import CREDENTIALS, SIGNERS, by_header, by_sigv2_header, by_url, mismatched, path

HOSTILE = [
    "a b",
    "a+b",
    "a%b",
    "a%20b",
    "a%2Fb",
    "a%252Fb",
    "a//b",
    "//",
    "/a",
    "a/",
    "a//",
    "..",
    "../a",
    "a/../b",
    "./a/.",
    "é☃𝒳",
    "e\u0301",
    "~*'()!",
    "?x=1&y#z",
    "a=b&c",
    "a;b:c@d,e$f",
    '"<>\\^`{|}',
    "a\tb\u00a0c",
    "\u2028",
    "X-Amz-Signature=0",
]
HERE = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
# (XML cannot contain control characters, and UTF-8 no lone surrogates.)
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40) | st.text(
    "aé /+%.~&=?#;:*'()!", min_size=1, max_size=30
)


def _fits(key: str) -> bool:
    """Return whether S3 accepts the key."""
    try:
        check_key(key)
    except S3Error:
        return False
    return len(path(key)) < 3000


def _config(version: str, style: str) -> Config:
    return Config(signature_version=version, s3={"addressing_style": style}, retries={"total_max_attempts": 1})


def _check_round_trip(client: Any, key: str) -> None:
    """Send the key in the path, in a header (encoded by boto3) and in the query."""
    client.put_object(Bucket="bucket", Key=key, Body=b"abc", Tagging=f"t={quote(key[:9])}" if key[:9].isalnum() else "")
    assert client.get_object(Bucket="bucket", Key=key, ResponseCacheControl=quote(key))["Body"].read() == b"abc"
    listed = client.list_objects_v2(Bucket="bucket", Prefix=key, Delimiter=key[-1:], StartAfter="\x01" if key > "\x01" else "")
    assert listed["KeyCount"] >= 1
    client.copy_object(Bucket="bucket", Key=f"{key}2", CopySource={"Bucket": "bucket", "Key": key})
    client.delete_object(Bucket="bucket", Key=key)


@pytest.mark.parametrize("style", ["path", "virtual"])
@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_hostile_keys_by_boto3(door: Door, version: str, style: str) -> None:
    if door.name == "server" and style == "virtual":
        pytest.skip("an address has no sub-domains")
    with door.client_with(config=_config(version, style)) as client:
        for key in filter(_fits, HOSTILE):
            _check_round_trip(client, key)


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_any_key_by_boto3(door: Door, version: str) -> None:
    with door.client_with(config=_config(version, "path")) as client:

        @HERE
        @given(TEXT.filter(_fits))
        def check(key: str) -> None:
            _check_round_trip(client, key)

        check()


@pytest.mark.parametrize("signer", SIGNERS)
def test_any_key_and_query_by_hand(door: Door, signer: str) -> None:
    """Send parameters in any order, with duplicate names and every encoded character."""
    pairs = st.lists(st.tuples(st.sampled_from(["x-id", "x-foo", "é", "torrents", "a b", "A"]), TEXT), max_size=4)

    @HERE
    @given(TEXT.filter(lambda key: _fits(key) and key != "k"), pairs)  # "k" exists
    def check(key: str, query: list[tuple[str, str]]) -> None:
        parameters = "&".join(f"{quote(name, safe='')}={quote(value, safe='~')}" for name, value in query)
        target = f"/bucket/{path(key)}" + (f"?{parameters}" if parameters else "")
        response = SIGNERS[signer](door, "HEAD", target).send()
        assert response.status == 404, (response.status, target)

    check()


def test_any_header_by_hand(door: Door) -> None:
    values = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30)

    @HERE
    @given(st.dictionaries(st.sampled_from(["x-amz-meta-a", "x-amz-meta-b-", "cache-control", "X-Amz-Meta-C"]), values))
    def check(headers: dict[str, str]) -> None:
        for sent in (by_header(door, "HEAD", headers=headers), by_url(door, "HEAD", headers=headers)):
            assert sent.send().status == 200
        assert (
            by_sigv2_header(door, "HEAD", headers={name: value.strip() for name, value in headers.items()}).send().status == 200
        )

    check()


SPELLINGS = {
    "/bucket/a(b)": "/bucket/a%28b%29",
    "/bucket/a%2bb": "/bucket/a%2Bb",
    "/bucket/%61": "/bucket/a",
    "/bucket/a+b": "/bucket/a%2Bb",
    "/bucket/k?x-foo=a+b": "/bucket/k?x-foo=a%20b",
    "/bucket/k?x-foo=a/b": "/bucket/k?x-foo=a%2Fb",
    "/bucket/k?x-foo=a%2fb": "/bucket/k?x-foo=a%2Fb",
    "/bucket?acl": "/bucket?acl=",
}


@pytest.mark.parametrize("sent", SPELLINGS)
def test_the_encoded_form_is_signed(door: Door, sent: str) -> None:
    """S3 signs the URL decoded once and encoded again, whichever equivalent spelling the client sends."""
    right = by_header(door, "GET", SPELLINGS[sent])
    right.target = sent
    assert right.send().status in (200, 404, 501)
    if "acl" not in sent:
        wrong = by_header(door, "GET", sent)
        assert wrong.send().error["Code"] == "SignatureDoesNotMatch"


def test_the_order_of_parameters_is_free(door: Door) -> None:
    sent = by_header(door, target="/bucket?list-type=2&prefix=k&max-keys=1&delimiter=%2F&x-a=1&x-A=2&x-a=0")
    sent.target = "/bucket?x-a=0&delimiter=%2F&x-A=2&max-keys=1&list-type=2&x-a=1&prefix=k"
    assert sent.send().status == 200


def test_slashes_and_dots_are_not_normalised(door: Door) -> None:
    for target in ("/bucket//k", "/bucket/./k", "/bucket/a/../k", "/bucket/k/"):
        sent = by_header(door)
        sent.target = target
        mismatched(sent.send(), canonical=True)


@pytest.mark.parametrize("host", ["s3.amazonaws.com", "bucket.s3.amazonaws.com", "s3.us-east-1.amazonaws.com:443"])
def test_the_host_is_signed(door: Door, host: str) -> None:
    from dataclasses import replace

    if door.name == "server":
        pytest.skip("the host is the server's")
    there = replace(door, url=f"https://{host}")
    target = "/k" if host.startswith("bucket") else "/bucket/k"
    sent = by_header(there, target=target, credentials=CREDENTIALS)
    assert sent.send().body == b"abc"
    sent.door = replace(door, url="https://s3.dualstack.us-east-1.amazonaws.com")
    assert sent.send().status in (403, 404)


def test_a_default_port_is_no_part_of_the_host(door: Door) -> None:
    if door.name == "server":
        pytest.skip("the host is the server's")
    with door.client_with(endpoint_url="https://s3.amazonaws.com:443") as client:
        assert client.get_object(Bucket="bucket", Key="k")["Body"].read() == b"abc"
        url = urlsplit(client.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "k"}))
    assert door.raw("GET", f"{url.path}?{url.query}", sign=False).body == b"abc"


ESCAPES = [form for byte in range(256) for form in (f"%{byte:02X}", f"%{byte:02x}")] + list("-._~%&=;:@é/ !'()*")


@pytest.mark.parametrize("text", ["", "a", "Z9-._~", "%", "%4", "%2G", "%C3%A9", "%2F%2F", "%252F"])
def test_what_is_canonical_already_stays(text: str) -> None:
    """Every byte, escaped in either case or raw: the canonical form is what decoding and encoding again gives."""
    for escape in ESCAPES:
        for sent in (f"{escape}{text}", f"{text}{escape}", f"a{escape}{escape}{text}b"):
            once = quote(unquote_to_bytes(wire_bytes(sent)), safe="/~")
            assert canonical_path(f"/{sent}") == f"/{once}"
            if "&" not in sent and "=" not in sent:
                encoded = quote(unquote_to_bytes(wire_bytes(sent)), safe="~")
                assert canonical_query(f"n={sent}") == f"n={encoded}"
                assert canonical_query(f"b=2&{sent}=1") == "&".join(
                    f"{name}={value}" for name, value in sorted([("b", "2"), (encoded, "1")])
                )
