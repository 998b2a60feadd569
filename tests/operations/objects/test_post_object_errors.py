"""PostObject: the exact error of rejected forms, which store nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.doors import Door
from tests.support.errors import (
    ACLS_NOT_ALLOWED,
    DIRECTORY_BUCKETS_ONLY,
    HEADER_NOT_IMPLEMENTED,
    INVALID_ENCRYPTION_METHOD,
    INVALID_REDIRECT_LOCATION,
    INVALID_STORAGE_CLASS,
    INVALID_TAG_KEY,
    MALFORMED_XML,
    METADATA_TOO_LARGE,
    NO_SUCH_BUCKET,
    PRECONDITION_FAILED,
    WRONG_CONTENT_MD5,
    WRONG_CRC32,
)
from tests.support.post_forms import BOUNDARY, DATA, HEADERS, Part, body, form, post, send, signed
from tests.support.state import unchanged

pytestmark = pytest.mark.usefixtures("bucket")

Error = dict[str, str | None]


def error(code: str, message: str, **extras: str | None) -> Error:
    return {"Code": code, "Message": message, **extras}


def argument(message: str, name: str, value: str | None) -> Error:
    return error("InvalidArgument", message, ArgumentName=name, ArgumentValue=value)


def missing(name: str) -> Error:
    text = f"Bucket POST must contain a field named '{name}'.  If it is specified, please check the order of the fields."
    return argument(text, name, None)


ENCLOSURE = error(
    "PreconditionFailed",
    PRECONDITION_FAILED,
    Condition="Bucket POST must be of the enclosure-type multipart/form-data",
)


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "application/x-www-form-urlencoded",
        "multipart/mixed; boundary=x",
        "text/plain",
        "multipart/form-datas; boundary=x",
    ],
)
@pytest.mark.parametrize("sign", [False, True])
def test_another_content_type(door: Door, content_type: str | None, sign: bool) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}
    with unchanged(door.fake):
        response = door.raw("POST", "/bucket", headers, form(signed({"key": "k"})), sign=sign)
    assert (response.status, response.error) == (412, ENCLOSURE)


MALFORMED_TEXT = error("MalformedPOSTRequest", "The body of your POST request is not well-formed multipart/form-data.")
GOOD = form({"key": "k"})
END = f"--{BOUNDARY}--\r\n".encode()
MALFORMED: dict[str, tuple[str, bytes]] = {
    "no boundary": ("multipart/form-data", GOOD),
    "empty boundary": ('multipart/form-data; boundary=""', GOOD),
    "another boundary": ("multipart/form-data; boundary=other", GOOD),
    "no body": (HEADERS["Content-Type"], b""),
    "a body of another kind": (HEADERS["Content-Type"], b"key=k&file=data"),
    "no end": (HEADERS["Content-Type"], GOOD.removesuffix(END)),
    "an end within a head": (HEADERS["Content-Type"], GOOD[: len(GOOD) // 2]),
    "a part without a head": (HEADERS["Content-Type"], f"--{BOUNDARY}\r\n\r\nvalue\r\n".encode() + GOOD),
    "a part without a name": (HEADERS["Content-Type"], GOOD.replace(b'; name="key"', b"")),
    "a part without a disposition": (HEADERS["Content-Type"], GOOD.replace(b"Content-Disposition", b"Content-Position")),
    "a head that is no UTF-8": (HEADERS["Content-Type"], GOOD.replace(b'"key"', b'"\xff"')),
    "a MiB of nothing": (HEADERS["Content-Type"], bytes(1024 * 1024)),
}


@pytest.mark.parametrize(("content_type", "content"), MALFORMED.values(), ids=MALFORMED)
def test_malformed(door: Door, content_type: str, content: bytes) -> None:
    with unchanged(door.fake):
        response = send(door, content, {"Content-Type": content_type})
    assert (response.status, response.error) == (400, MALFORMED_TEXT)


NOT_ONE = argument("POST requires exactly one file upload per request.", "file", "0")
FILE: Part = ("file", DATA, "photo.jpg")
NUMBERS: dict[str, list[Part]] = {
    "none": [("key", "k", None)],
    "nothing at all": [],
    "another field with a filename": [("key", "k", None), ("upload", DATA, "photo.jpg")],
    "two": [("key", "k", None), FILE, FILE],
    "two, spelled unlike": [("key", "k", None), FILE, ("FILE", b"", None)],
}


@pytest.mark.parametrize("parts", NUMBERS.values(), ids=NUMBERS)
def test_not_exactly_one_file(door: Door, parts: list[Part]) -> None:
    with unchanged(door.fake):
        response = send(door, body(parts))
    assert (response.status, response.error) == (400, NOT_ONE)


def test_no_key(door: Door) -> None:
    with unchanged(door.fake):
        response = post(door, signed({"x-amz-meta-a": "1"}))
    assert (response.status, response.error) == (400, missing("key"))


def test_key_after_the_file(door: Door) -> None:
    parts = [(name, text, None) for name, text in signed({"key": "k"}).items() if name != "key"]
    with unchanged(door.fake):
        response = send(door, body([*parts, FILE, ("key", "k", None)]))
    assert (response.status, response.error) == (400, missing("key"))


FIELDS = {
    4: ["X-Amz-Signature", "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "policy"],
    2: ["Signature", "AWSAccessKeyId", "policy"],
}


@pytest.mark.parametrize(("version", "name"), [(version, name) for version, names in FIELDS.items() for name in names])
def test_a_field_of_the_signature_is_missing(door: Door, version: int, name: str) -> None:
    fields = {field: text for field, text in signed({"key": "k"}, version=version).items() if field.lower() != name.lower()}
    with unchanged(door.fake):
        response = post(door, fields)
    assert (response.status, response.error) == (400, missing(name))


@pytest.mark.parametrize("fields", [{"key": "k"}, {"key": "k", "policy": "e30="}, {"key": "k", "acl": "public-read"}], ids=str)
@pytest.mark.parametrize("header", [None, "Bearer token"])
def test_an_unsigned_form(door: Door, fields: dict[str, str], header: str | None) -> None:
    with unchanged(door.fake):
        response = post(door, fields)
    assert (response.status, response.error) == (403, error("AccessDenied", "Access Denied"))


def test_a_signed_header_does_not_sign_the_form(door: Door) -> None:
    with unchanged(door.fake):
        response = door.raw("POST", "/bucket", dict(HEADERS), form({"key": "k"}))
    assert (response.status, response.error) == (403, error("AccessDenied", "Access Denied"))


def test_another_accounts_bucket(door: Door) -> None:
    with unchanged(door.fake):
        response = post(door, signed({"key": "k"}, key="111122223333"))
    assert (response.status, response.error) == (403, error("AccessDenied", "Access Denied"))


def test_no_such_bucket(door: Door) -> None:
    response = send(door, form(signed({"key": "k"})), target="/missing")
    assert (response.status, response.error) == (
        404,
        error("NoSuchBucket", NO_SUCH_BUCKET, BucketName="missing"),
    )


MALFORMED_DOCUMENT = error("MalformedXML", MALFORMED_XML)
TAG = "<Tag><Key>a</Key><Value>1</Value></Tag>"
OWNER_ID = "The value of the expected bucket owner parameter must be an AWS Account ID... [0000]"
REFUSED: dict[str, tuple[dict[str, str], int, Error]] = {
    "storage class": (
        {"x-amz-storage-class": "FAST"},
        400,
        error("InvalidStorageClass", INVALID_STORAGE_CLASS, StorageClassRequested="FAST"),
    ),
    "tagging that is no XML": ({"tagging": "a=b"}, 400, MALFORMED_DOCUMENT),
    "tagging that ends early": ({"tagging": "<Tagging><TagSet>"}, 400, MALFORMED_DOCUMENT),
    "the same tag twice": (
        {"tagging": f"<Tagging><TagSet>{TAG}{TAG}</TagSet></Tagging>"},
        400,
        error("InvalidTag", "Cannot provide multiple Tags with the same key", TagKey="a"),
    ),
    "a tag that is none": (
        {
            "tagging": f"<Tagging><TagSet>{TAG.replace('a', '!')}</TagSet></Tagging>".replace("T!g", "Tag").replace(
                "V!lue", "Value"
            )
        },
        400,
        error("InvalidTag", INVALID_TAG_KEY, TagKey="!"),
    ),
    "ACL": ({"acl": "mine"}, 400, argument("", "x-amz-acl", "mine") | {"Message": None}),
    "ACL on a bucket without": (
        {"acl": "public-read"},
        400,
        error("AccessControlListNotSupported", ACLS_NOT_ALLOWED),
    ),
    "website redirect": (
        {"x-amz-website-redirect-location": "ftp://a"},
        400,
        error("InvalidRedirectLocation", INVALID_REDIRECT_LOCATION),
    ),
    "checksum of another file": (
        {"x-amz-checksum-crc32": "AAAAAA=="},
        400,
        error("BadDigest", WRONG_CRC32),
    ),
    "checksum that is none": (
        {"x-amz-checksum-crc32": "x"},
        400,
        error("InvalidRequest", "Value for x-amz-checksum-crc32 header is invalid."),
    ),
    "Content-MD5 of another file": (
        {"Content-MD5": "1B2M2Y8AsgTpgAmY7PhCfg=="},
        400,
        error(
            "BadDigest",
            WRONG_CONTENT_MD5,
            ExpectedDigest="d41d8cd98f00b204e9800998ecf8427e",
            CalculatedDigest="Mb+5cwrlGvc5U7pyDIZg1w==",
        ),
    ),
    "metadata of 2049 bytes": (
        {"x-amz-meta-a": "x" * 2048},
        400,
        error(
            "MetadataTooLarge",
            METADATA_TOO_LARGE,
            Size="2049",
            MaxSizeAllowed="2048",
        ),
    ),
    "a metadata name that no header can have": (
        {"x-amz-meta-a b": "1"},
        400,
        argument("Metadata names must be valid names of HTTP headers.", "x-amz-meta-a b", None),
    ),
    "encryption": (
        {"x-amz-server-side-encryption": "ROT13"},
        400,
        argument(INVALID_ENCRYPTION_METHOD, "x-amz-server-side-encryption", "ROT13"),
    ),
    "SSE-C without its key": (
        {"x-amz-server-side-encryption-customer-algorithm": "AES256"},
        400,
        error(
            "InvalidArgument",
            "Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate secret key.",
            ArgumentName="x-amz-server-side-encryption",
        ),
    ),
    "expected owner": ({"x-amz-expected-bucket-owner": "111122223333"}, 403, error("AccessDenied", "Access Denied")),
    "expected owner that is none": (
        {"x-amz-expected-bucket-owner": "0000"},
        400,
        error("InvalidBucketOwnerAWSAccountID", OWNER_ID),
    ),
    "append": (
        {"x-amz-write-offset-bytes": "0"},
        501,
        error(
            "NotImplemented",
            HEADER_NOT_IMPLEMENTED,
            Header="x-amz-write-offset-bytes",
            additionalMessage=DIRECTORY_BUCKETS_ONLY,
        ),
    ),
}


@pytest.mark.parametrize(("fields", "status", "expected"), REFUSED.values(), ids=REFUSED)
def test_refused(door: Door, fields: dict[str, str], status: int, expected: Error) -> None:
    with unchanged(door.fake):
        response = post(door, signed({"key": "k", **fields}))
    assert (response.status, response.error) == (status, expected)


KEYS: dict[str, tuple[str, Error]] = {
    "empty": ("", argument("User key must have a length greater than 0.", "key", None)),
    "empty by its filename": ("${filename}", argument("User key must have a length greater than 0.", "key", None)),
    "too long": ("k" * 1025, error("KeyTooLongError", "Your key is too long", Size="1025", MaxSizeAllowed="1024")),
    "dots": ("..", error("400", "Bad Request")),
}


@pytest.mark.parametrize(("key", "expected"), KEYS.values(), ids=KEYS)
def test_keys(door: Door, key: str, expected: Error) -> None:
    with unchanged(door.fake):
        response = post(door, signed({"key": key}), filename="")
    assert (response.status, response.error) == (400, expected)


def test_fields_of_more_than_20_kilobytes(door: Door) -> None:
    with unchanged(door.fake):
        response = post(door, signed({"key": "k", "x-ignore-me": "x" * 20480}, "{}"))
    text = "Your POST request fields preceding the upload file were too large."
    expected = error("MaxPostPreDataLengthExceeded", text, MaxPostPreDataLengthBytes="20480")
    assert (response.status, response.error) == (400, expected)


@pytest.mark.parametrize("door", ["in-process"], indirect=True)
def test_no_length(door: Door) -> None:
    from fakes3part.message import Request

    response = door.fake.handle(Request("POST", "localhost", "/bucket", headers={"content-type": HEADERS["Content-Type"]}))
    assert response.status == 411


def test_a_condition_is_no_field(door: Door) -> None:
    """If-None-Match is a header: a field of that name is ignored."""
    fields: dict[str, Any] = {"key": "k", "x-ignore-if-none-match": "*"}
    assert [post(door, signed(fields)).status for _ in range(2)] == [204, 204]
