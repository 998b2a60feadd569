"""Keys are stored unchanged: not normalised, decoded twice or trimmed.

Sources: recorded from AWS, February 2026 (LocalStack's test_s3.snapshot.json); the S3 user guide, "Naming Amazon S3 objects".
"""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import quote

import pytest

from tests.support.doors import Door, refused, refused_head
from tests.support.errors import NO_SUCH_KEY
from tests.support.state import unchanged

KEYS = {
    "one": "k",
    "folder": "folder/",
    "double slash": "a//b",
    "leading slash": "/a",
    "only slashes": "///",
    "percent": "a%2Fb",
    "percent alone": "100%",
    "dots": "a/../b",
    "leading dots": "../b",
    "dot": "./a/.",
    "three dots": "...",
    "plus": "a+b c",
    "ampersand": "a&b=c&d",
    "markup": '<a href="x">\'&amp;</a>',
    "question": "a?versionId=b#c",
    "spaces": "  a  ",
    "backslash": "a\\b",
    "latin": "caf\xe9",
    "decomposed": "cafe\u0301",
    "beyond U+FFFF": "a/\U0001f600",
    "last character": "\U0010ffff",
    "non-characters": "\ufffe\uffff",
    "controls": "\x01\x02\x1f\x7f\x85",
    "line ends": "a\tb\nc\rd\r\n",
    "1,024 bytes": "k" * 1024,
    "1,024 bytes of 512 characters": "\xe9" * 512,
    "sub-delims": "!*'();:@=$,[]~^`{|}",
}


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_round_trip(s3: Any, bucket: str, key: str) -> None:
    s3.put_object(Bucket=bucket, Key=key, Body=b"abc")
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"abc"
    assert s3.head_object(Bucket=bucket, Key=key)["ContentLength"] == 3
    assert [entry["Key"] for entry in s3.list_objects(Bucket=bucket)["Contents"]] == [key]
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket, Prefix=key[:1])["Contents"]] == [key]
    copy = s3.copy_object(Bucket=bucket, Key=f"copies/{key[:1000]}"[:500], CopySource={"Bucket": bucket, "Key": key})
    assert copy["CopyObjectResult"]["ETag"] == '"900150983cd24fb0d6963f7d28e17f72"'
    s3.delete_object(Bucket=bucket, Key=key)
    refused_head(partial(s3.head_object, Bucket=bucket, Key=key), 404)


DELETABLE = {name: key for name, key in KEYS.items() if not set(key) & set("\x01\ufffe")}
"""Keys that XML 1.0 can carry: what DeleteObjects is able to name."""


@pytest.mark.parametrize("key", DELETABLE.values(), ids=DELETABLE)
def test_delete_objects_takes_keys_as_they_are(s3: Any, bucket: str, key: str) -> None:
    s3.put_object(Bucket=bucket, Key=key, Body=b"abc")
    response = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key}]})
    assert response["Deleted"] == [{"Key": key}]
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_a_missing_key_is_named(door: Door, bucket: str, key: str) -> None:
    response = door.raw("GET", f"/bucket/{quote(key)}")
    assert response.status == 404
    if key not in DELETABLE.values():
        assert b"<Key>" in response.body
    else:
        assert response.error == {"Code": "NoSuchKey", "Message": NO_SUCH_KEY, "Key": key}


def test_keys_are_distinct(s3: Any, bucket: str) -> None:
    alike = ["a/b", "a//b", "/a/b", "a/b/", "a%2Fb", "a/./b", "A/b", "a/c/../b", "cafe\u0301", "caf\xe9", "a+b", "a b"]
    for key in alike:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    assert {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode() for key in alike} == {key: key for key in alike}
    listed = [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert listed == sorted(alike, key=str.encode)


@pytest.mark.parametrize("key", ["k" * 1025, "\xe9" * 512 + "k", "\U0001f600" * 257], ids=["1,025", "two bytes", "four bytes"])
def test_too_long(door: Door, bucket: str, key: str) -> None:
    extras = {"Size": str(len(key.encode())), "MaxSizeAllowed": "1024"}
    s3 = door.client
    s3.put_object(Bucket=bucket, Key="k", Body=b"abc")
    with unchanged(door.fake):
        for call in (
            lambda: s3.put_object(Bucket=bucket, Key=key, Body=b"abc"),
            lambda: s3.get_object(Bucket=bucket, Key=key),
            lambda: s3.copy_object(Bucket=bucket, Key=key, CopySource="bucket/k"),
            lambda: s3.create_multipart_upload(Bucket=bucket, Key=key),
        ):
            refused(call, 400, "KeyTooLongError", "Your key is too long", extras)
        refused_head(partial(s3.head_object, Bucket=bucket, Key=key), 400)


@pytest.mark.parametrize("key", [".", ".."])
def test_dots_alone_are_refused(door: Door, bucket: str, key: str) -> None:
    with unchanged(door.fake):
        response = door.raw("PUT", f"/bucket/{key}", body=b"abc")
    assert (response.status, response.error) == (400, {"Code": "400", "Message": "Bad Request"})


@pytest.mark.parametrize("target", ["/bucket/%ff", "/bucket/a%c3%28", "/bucket/%ed%a0%80", "/%ff/k"])
def test_keys_are_utf_8(door: Door, bucket: str, target: str) -> None:
    with unchanged(door.fake):
        response = door.raw("PUT", target, body=b"abc")
    assert response.status == 400
    assert response.error == {"Code": "InvalidURI", "Message": "Couldn't parse the specified URI.", "URI": target}


def test_bytes_on_the_wire(door: Door, bucket: str) -> None:
    """However a client escapes it, one spelling of the bytes is one key."""
    assert door.raw("PUT", "/bucket/%61%2F%62+c", body=b"abc").status == 200
    assert door.raw("GET", "/bucket/a/b+c").body == b"abc"
    assert door.raw("GET", "/bucket/a/b%2Bc").body == b"abc"
    assert door.raw("GET", "/bucket/a/b%20c").status == 404
