"""Stored headers and how reads return them: content headers, user metadata, ``response-*``.

Sources: recorded from AWS, February 2026 (LocalStack's test_s3.snapshot.json); the S3 user guide, "Working with object metadata".
"""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest

from tests.support.doors import Door, refused
from tests.support.errors import METADATA_TOO_LARGE
from tests.support.multipart import Upload
from tests.support.state import SIGNED, framed, streaming, unchanged

STORED = {
    "CacheControl": "max-age=5, public",
    "ContentDisposition": 'attachment; filename="a b.txt"',
    "ContentEncoding": "gzip",
    "ContentLanguage": "de, en",
    "ContentType": "text/plain; charset=utf-8",
    "WebsiteRedirectLocation": "https://example.org/there",
    "StorageClass": "STANDARD_IA",
}


@pytest.mark.parametrize("read", ["get_object", "head_object"])
@pytest.mark.parametrize(("member", "value"), STORED.items(), ids=str)
def test_stored_headers_come_back(s3: Any, bucket: str, read: str, member: str, value: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"abc", **{member: value})
    assert getattr(s3, read)(Bucket=bucket, Key="k")[member] == value


@pytest.mark.parametrize("expires", ["Sat, 21 Feb 2026 00:17:01 GMT", "never", "0"])
def test_expires_is_stored_as_sent(door: Door, bucket: str, expires: str) -> None:
    assert door.raw("PUT", "/bucket/k", {"Expires": expires}, b"abc").status == 200
    assert door.client.get_object(Bucket=bucket, Key="k")["ExpiresString"] == expires


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("gzip", "gzip"),
        ("gzip, br", "gzip, br"),
        ("gzip ,  br", "gzip ,  br"),
        ("aws-chunked,gzip", "gzip"),
        ("aws-chunked, gzip", "gzip"),
        ("br,aws-chunked", "br"),
        ("br, aws-chunked", "br"),
        ("br , aws-chunked", "br"),
        ("gzip,aws-chunked,br", "gzip,br"),
        ("gzip, aws-chunked, br", "gzip, br"),
        ("aws-chunked", None),
        ("aws-chunked,aws-chunked", None),
        ("aws-chunked, aws-chunked", None),
        ("aws-chunked,br,aws-chunked", "br"),
        ("x-aws-chunked", "x-aws-chunked"),
        ("aws-chunked-2,gzip", "aws-chunked-2,gzip"),
    ],
)
@pytest.mark.parametrize("framing", [True, False], ids=["framed", "not framed"])
def test_aws_chunked_is_no_property_of_the_object(door: Door, bucket: str, sent: str, kept: str | None, framing: bool) -> None:
    """Whether the body is framed is told by ``x-amz-content-sha256`` alone."""
    headers = {**streaming(3), "Content-Encoding": sent} if framing else {**SIGNED, "Content-Encoding": sent}
    assert door.raw("PUT", "/bucket/k", headers, framed([b"abc"]) if framing else b"abc", sign=False).status == 200
    response = door.raw("GET", "/bucket/k")
    assert (response.headers.get("content-encoding"), response.body) == (kept, b"abc")


@pytest.mark.parametrize("more", [{}, {"x-amz-decoded-content-length": "3"}, {"x-amz-decoded-content-length": "x"}], ids=str)
@pytest.mark.parametrize("signed", ["hash", "unsigned payload"])
def test_bodies_without_framing(door: Door, bucket: str, more: dict[str, str], signed: str) -> None:
    """Beside a plain hash, or UNSIGNED-PAYLOAD, a body is taken as it is, even if it looks framed."""
    body, headers = framed([b"abc"]), {"Content-Encoding": "aws-chunked", **more}
    if signed == "unsigned payload":
        headers |= SIGNED
    upload = Upload(door.client, bucket)
    for target in ("/bucket/k", f"/bucket/key?partNumber=1&uploadId={upload.id}"):
        assert door.raw("PUT", target, headers, body, sign=signed == "hash").status == 200
    assert door.client.get_object(Bucket=bucket, Key="k")["Body"].read() == body
    assert [part["Size"] for part in upload.parts()] == [len(body)]
    document = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    assert door.raw("PUT", "/bucket?versioning", headers, document, sign=signed == "hash").status == 200
    assert door.client.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"


def test_unsigned_requests_of_botocore(door: Door, bucket: str) -> None:
    """Over https botocore frames them too, without ``x-amz-content-sha256``."""
    door.client.delete_public_access_block(Bucket=bucket)
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::bucket/*"}
    door.client.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    headers = {"Content-Encoding": "aws-chunked", "x-amz-decoded-content-length": "3"}
    assert door.raw("PUT", "/bucket/k", headers, framed([b"abc"]), sign=False).status == 200
    assert door.client.get_object(Bucket=bucket, Key="k")["Body"].read() == b"abc"


def test_gzipped_objects_are_returned_untouched(door: Door, bucket: str) -> None:
    door.raw("PUT", "/bucket/k", {"Content-Encoding": "gzip"}, b"\x1f\x8bnot really")
    response = door.raw("GET", "/bucket/k", {"Accept-Encoding": "identity"})
    assert (response.headers["content-encoding"], response.body) == ("gzip", b"\x1f\x8bnot really")


def test_system_headers_come_back_as_the_bytes_sent(door: Door, bucket: str) -> None:
    value = 'attachment; filename="caf\xc3\xa9"'
    assert door.raw("PUT", "/bucket/k", {"Content-Disposition": value}, b"abc").status == 200
    assert door.raw("HEAD", "/bucket/k").headers["content-disposition"] == value


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("plain", "plain"),
        ("a,b", "a,b"),
        ("=?UTF-8?Q?abc_d?=", "abc d"),
        ("=?UTF-8?B?YWJj?=", "abc"),
        ("=?utf-8?q?caf=C3=A9_noir?=", "=?UTF-8?Q?caf=C3=A9_noir?="),
        ("caf\xc3\xa9", "=?UTF-8?Q?caf=C3=A9?="),
        ("=?UTF-8?B?w6kB?=", "=?UTF-8?B?w6kB?="),
        ("=?not a word?=", "=?not a word?="),
        # B if as many characters are foreign as are not, or more.
        ("=?UTF-8?Q?=C3=A9=C3=A9a?=", "=?UTF-8?B?w6nDqWE=?="),
        ("=?UTF-8?Q?=C3=A9a?=", "=?UTF-8?B?w6lh?="),
        ("=?UTF-8?Q?=C3=A9ab?=", "=?UTF-8?Q?=C3=A9ab?="),
        ("=?UTF-8?Q?=01?=", "=?UTF-8?B?AQ==?="),
        ("=?UTF-8?Q?ab=01?=", "=?UTF-8?Q?ab=01?="),
        ("=?UTF-8?Q?ab=7F?=", "=?UTF-8?Q?ab=7F?="),
        ("=?UTF-8?B?8J+YgGFi?=", "=?UTF-8?B?8J+YgGFi?="),  # counted in UTF-16
        ("=?UTF-8?B?8J+YgGFiYw==?=", "=?UTF-8?Q?=F0=9F=98=80abc?="),
        # What Q leaves as it is.
        (
            "caf\xc3\xa9 %(\",:)<>@;[]{}|\\^~`'!*+-/.,#$&=?_",
            "=?UTF-8?Q?caf=C3=A9_%(\",:)<>@;[]{}|\\^~`'!*+-/.,#$&=3D=3F=5F?=",
        ),
        # Tabs are plain, alone.
        ("a\tb", "a\tb"),
        ("=?UTF-8?Q?a=09b?=", "a\tb"),
        ("=?UTF-8?Q?a=09b=C3=A9?=", "=?UTF-8?Q?a=09b=C3=A9?="),
        ("=?UTF-8?Q?a=0D=0Ab?=", "=?UTF-8?Q?a=0D=0Ab?="),
        # A text that looks like a word is a text.
        ("=?UTF-8?Q?=3D=3FUTF-8=3FQ=3Fa=3F=3D?=", "=?UTF-8?Q?a?="),
        # Characters outside base64 count as six ones, and bytes that are no UTF-8 are U+FFFD, one each.
        ("=?UTF-8?B?YWJj!!!!?=", "=?UTF-8?B?YWJj77+977+977+9?="),
        ("=?UTF-8?B?YW!j?=", "=?UTF-8?Q?ao=EF=BF=BD?="),
        ("=?UTF-8?B?YWJjYWJj4oI=?=", "=?UTF-8?Q?abcabc=EF=BF=BD=EF=BF=BD?="),
        ("=?UTF-8?B?YWJ?=", "=?UTF-8?B?YWJ?="),
        # Words of at most 75 characters.
        ("x" * 100, "x" * 100),
        ("\xc3\xa9" * 30, f"=?UTF-8?B?{'w6nDqcOp' * 5}?= =?UTF-8?B?{'w6nDqcOp' * 5}?="),
        ("\xc3\xa9" + "x" * 99, f"=?UTF-8?Q?=C3=A9{'x' * 49}?= =?UTF-8?Q?{'x' * 50}?="),
    ],
    ids=str,
)
def test_user_metadata_is_text(door: Door, bucket: str, sent: str, kept: str) -> None:
    assert door.raw("PUT", "/bucket/k", {"x-amz-meta-k": sent}, b"abc").status == 200
    assert door.raw("GET", "/bucket/k").headers["x-amz-meta-k"] == kept


def test_metadata_keys_are_lower_case(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Metadata={"CamelCase": "Value", "x_y": "", "a-b": "1"})
    assert s3.head_object(Bucket=bucket, Key="k")["Metadata"] == {"camelcase": "Value", "x_y": "", "a-b": "1"}


def test_metadata_of_2048_bytes(door: Door, bucket: str) -> None:
    fits = {"key": "v" * 1000, "k2": "v" * 1043}
    door.client.put_object(Bucket=bucket, Key="k", Metadata=fits)
    assert door.client.head_object(Bucket=bucket, Key="k")["Metadata"] == fits
    message = METADATA_TOO_LARGE
    extras = {"Size": "2049", "MaxSizeAllowed": "2048"}
    with unchanged(door.fake):
        for call in (
            lambda: door.client.put_object(Bucket=bucket, Key="k", Metadata={**fits, "k2": "v" * 1044}),
            lambda: door.client.copy_object(
                Bucket=bucket,
                Key="c",
                CopySource="bucket/k",
                MetadataDirective="REPLACE",
                Metadata={**fits, "k2": "v" * 1044},
            ),
        ):
            refused(call, 400, "MetadataTooLarge", message, extras)


OVERRIDES = {
    "ResponseCacheControl": ("cache-control", "no-cache"),
    "ResponseContentDisposition": ("content-disposition", 'attachment; filename="x"'),
    "ResponseContentEncoding": ("content-encoding", "identity"),
    "ResponseContentLanguage": ("content-language", "fr"),
    "ResponseContentType": ("content-type", "text/html"),
    "ResponseExpires": ("expires", "Sat, 21 Feb 2026 00:17:01 GMT"),
}


@pytest.mark.parametrize("read", ["get_object", "head_object"])
def test_response_headers_override_the_stored(s3: Any, bucket: str, read: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"abc", ContentType="text/plain", CacheControl="public")
    response = getattr(s3, read)(Bucket=bucket, Key="k", **{member: value for member, (_, value) in OVERRIDES.items()})
    headers = response["ResponseMetadata"]["HTTPHeaders"]
    assert {name: headers[name] for name, _ in OVERRIDES.values()} == dict(OVERRIDES.values())
    ranged = s3.get_object(Bucket=bucket, Key="k", Range="bytes=0-0", ResponseContentType="text/html")
    assert (ranged["ContentType"], ranged["Body"].read()) == ("text/html", b"a")
    assert s3.head_object(Bucket=bucket, Key="k")["ContentType"] == "text/plain"


def test_response_headers_do_not_touch_errors(door: Door, bucket: str) -> None:
    response = door.raw("GET", "/bucket/none?response-content-type=text%2Fhtml&response-cache-control=x")
    assert (response.status, response.headers["content-type"]) == (404, "application/xml")
    assert "cache-control" not in response.headers


@pytest.mark.parametrize("value", ["\u20ac", "a\r\nSet-Cookie: b"], ids=["beyond latin-1", "two lines"])
def test_response_headers_must_be_headers(s3: Any, bucket: str, value: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"abc")
    message = "Header value cannot be represented using ISO-8859-1."
    call = partial(s3.get_object, Bucket=bucket, Key="k", ResponseCacheControl=value)
    refused(call, 400, "InvalidArgument", message, {"ArgumentName": "response-cache-control", "ArgumentValue": value})
