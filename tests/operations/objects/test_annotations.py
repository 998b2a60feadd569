"""Object annotations: the four operations, and the annotations of copies.

Sources: botocore's model documentation.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.doors import Door, refused
from tests.support.errors import (
    ENTITY_TOO_LARGE,
    INVALID_CONTENT_MD5,
    INVALID_CONTINUATION_TOKEN,
    INVALID_VERSION_ID,
    METHOD_NOT_ALLOWED,
    NO_SUCH_BUCKET,
    NO_SUCH_KEY,
    NO_SUCH_VERSION,
    PRECONDITION_FAILED,
    WRONG_CONTENT_MD5,
)
from tests.support.state import unchanged
from tests.support.version_ids import GONE

KiB = 1024
MARKER = {"Method": "PUT", "ResourceType": "DeleteMarker"}
MISSING = "The specified annotation does not exist."
CUSTOMER = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32}


def etag_of(payload: bytes) -> str:
    return f'"{hashlib.md5(payload).hexdigest()}"'


def names(response: dict[str, Any]) -> list[str]:
    return [entry["AnnotationName"] for entry in response.get("Annotations", [])]


class Notes:
    """The four operations on one key."""

    def __init__(self, s3: Any, key: str = "k", bucket: str = "bucket") -> None:
        self.s3 = s3
        self.where = {"Bucket": bucket, "Key": key}

    def put(self, name: str = "note", payload: Any = b"text", **more: Any) -> dict[str, Any]:
        made: dict[str, Any] = self.s3.put_object_annotation(**self.where, AnnotationName=name, AnnotationPayload=payload, **more)
        return made

    def get(self, name: str = "note", **more: Any) -> dict[str, Any]:
        got: dict[str, Any] = self.s3.get_object_annotation(**self.where, AnnotationName=name, **more)
        got["AnnotationPayload"] = got["AnnotationPayload"].read()
        return got

    def list(self, **more: Any) -> dict[str, Any]:
        listed: dict[str, Any] = self.s3.list_object_annotations(**self.where, **more)
        return listed

    def delete(self, name: str = "note", **more: Any) -> dict[str, Any]:
        deleted: dict[str, Any] = self.s3.delete_object_annotation(**self.where, AnnotationName=name, **more)
        return deleted

    def all(self, **more: Any) -> dict[str, bytes]:
        return {name: self.get(name, **more)["AnnotationPayload"] for name in names(self.list(**more))}


@pytest.fixture
def notes(s3: Any, bucket: str) -> Notes:
    s3.put_object(Bucket=bucket, Key="k", Body=b"abc")
    return Notes(s3)


def _headers(response: dict[str, Any]) -> dict[str, str]:
    headers: dict[str, str] = response["ResponseMetadata"]["HTTPHeaders"]
    return headers


# --- put and get -----------------------------------------------------------------------------------------------------


def test_round_trip(door: Door, notes: Notes) -> None:
    put = notes.put("note", "text, ä and 😀", ChecksumAlgorithm="SHA256")
    text = "text, ä and 😀".encode()
    sha256 = base64.b64encode(hashlib.sha256(text).digest()).decode()
    assert put["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert {name: value for name, value in put.items() if name != "ResponseMetadata"} == {
        "Key": "k",
        "AnnotationName": "note",
        "ETag": etag_of(text),
        "ChecksumSHA256": sha256,
        "ChecksumType": "FULL_OBJECT",
        "ServerSideEncryption": "AES256",
    }
    got = notes.get()
    returned = (got["AnnotationPayload"], got["ContentLength"], got["ETag"], got["ServerSideEncryption"])
    assert returned == (text, len(text), etag_of(text), "AES256")
    assert got["ChecksumSHA256"] == sha256
    assert "ObjectVersionId" not in got
    assert not {"content-type", "accept-ranges"} & _headers(got).keys()


def test_the_document_of_a_put(door: Door, notes: Notes) -> None:
    response = door.raw("PUT", "/bucket/k?annotation&annotationName=a%26b", body=b"text")
    assert response.body.endswith(b"<Key>k</Key><AnnotationName>a&amp;b</AnnotationName></PutObjectAnnotationResult>")
    assert response.headers["x-amz-checksum-crc64nvme"]
    assert door.raw("GET", "/bucket/k?annotation&annotationName=a%26b").body == b"text"


@pytest.mark.parametrize("mode", [{}, {"x-amz-checksum-mode": "ENABLED"}, {"x-amz-checksum-mode": "enabled"}])
def test_checksum_mode(door: Door, notes: Notes, mode: dict[str, str]) -> None:
    notes.put(ChecksumAlgorithm="CRC32")
    response = door.raw("GET", "/bucket/k?annotation&annotationName=note", mode)
    assert ("x-amz-checksum-crc32" in response.headers) == bool(mode)
    assert response.headers.get("x-amz-checksum-type", "FULL_OBJECT") == "FULL_OBJECT"


def test_a_bad_checksum_mode(door: Door, notes: Notes) -> None:
    notes.put()
    response = door.raw("GET", "/bucket/k?annotation&annotationName=note", {"x-amz-checksum-mode": "ON"})
    error = {"Code": "InvalidRequest", "Message": "Value for x-amz-checksum-mode header is invalid."}
    assert (response.status, response.error) == (400, error)


def test_a_second_put_replaces_the_first(door: Door, notes: Notes) -> None:
    notes.put(payload=b"first")
    first = notes.get()["LastModified"]
    door.fake.clock.advance(minutes=5)
    notes.put(payload=b"second")
    got = notes.get()
    assert got["AnnotationPayload"] == b"second"
    assert (got["LastModified"] - first).total_seconds() >= 300
    assert names(notes.list()) == ["note"]


def test_annotations_do_not_change_the_object(door: Door, notes: Notes) -> None:
    """Neither a new version nor another date, for puts and deletes alike."""
    s3 = door.client
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    ours = {"VersionId", "ETag", "LastModified", "ContentLength"}

    def returned() -> dict[str, Any]:
        return {name: value for name, value in s3.head_object(Bucket="bucket", Key="k").items() if name in ours}

    before = returned()
    door.fake.clock.advance(days=1)
    notes.put()
    assert returned() == before
    notes.delete()
    assert returned() == before
    assert len(s3.list_object_versions(Bucket="bucket")["Versions"]) == 1


GOOD = ["n", "n" * 512, "ä" * 256, "a/b c&d=?#+%", "😀", "xaws", "x3", ".", "A" * 511 + "z"]


@pytest.mark.parametrize("name", GOOD)
def test_names(notes: Notes, name: str) -> None:
    notes.put(name)
    assert notes.get(name)["AnnotationPayload"] == b"text"
    assert names(notes.list()) == [name]
    notes.delete(name)
    assert names(notes.list()) == []


TOO_LONG = ("AnnotationNameTooLong", "The annotation name exceeds 512 bytes.")
INVALID = ("InvalidAnnotationName", "The annotation name you provided is invalid.")
BAD_NAMES = {
    "513 bytes": ("n" * 513, *TOO_LONG),
    "513 bytes of 257 characters": ("ä" * 256 + "n", *TOO_LONG),
    "reserved and too long": ("aws" + "n" * 510, *TOO_LONG),
    "aws": ("aws-note", *INVALID),
    "AWS": ("AWS", *INVALID),
    "s3": ("s3note", *INVALID),
    "S3": ("S3:x", *INVALID),
    "control characters": ("a\nb", *INVALID),
}


@pytest.mark.parametrize(("name", "code", "message"), BAD_NAMES.values(), ids=BAD_NAMES)
def test_bad_names(door: Door, notes: Notes, name: str, code: str, message: str) -> None:
    with unchanged(door.fake):
        refused(partial(notes.put, name), 400, code, message)
        # No annotation can have such a name: operations that look one up report it as missing.
        refused(partial(notes.get, name), 404, "NoSuchAnnotation", MISSING, {"Key": "k", "AnnotationName": name})
        assert notes.delete(name)["ResponseMetadata"]["HTTPStatusCode"] == 204


class TestPayloads:
    @pytest.mark.parametrize("size", [1, KiB * KiB])
    def test_sizes(self, notes: Notes, size: int) -> None:
        notes.put(payload=b"x" * size)
        assert notes.get()["ContentLength"] == size
        assert notes.list()["Annotations"][0]["Size"] == size

    def test_an_empty_payload(self, door: Door, notes: Notes) -> None:
        with unchanged(door.fake):
            refused(partial(notes.put, payload=b""), 400, "InvalidRequest", "Request body cannot be empty.")

    def test_too_much(self, door: Door, notes: Notes) -> None:
        sizes = {"ProposedSize": str(KiB * KiB + 1), "MaxSizeAllowed": str(KiB * KiB)}
        with unchanged(door.fake):
            refused(
                partial(notes.put, payload=b"x" * (KiB * KiB + 1)),
                400,
                "EntityTooLarge",
                ENTITY_TOO_LARGE,
                sizes,
            )

    @pytest.mark.parametrize("payload", [b"\xff", b"abc\x80", "ä".encode()[:1], b"\xed\xa0\x80", b"\xc0\xaf"], ids=repr)
    def test_no_utf_8(self, door: Door, notes: Notes, payload: bytes) -> None:
        message = "The annotation payload is not valid UTF-8 encoded text."
        with unchanged(door.fake):
            refused(partial(notes.put, payload=payload), 415, "UnsupportedMediaType", message)

    def test_any_utf_8_payload(self, notes: Notes) -> None:
        payload = "\0\r\n\ufeff\U0010ffff".encode()
        notes.put(payload=payload)
        assert notes.get()["AnnotationPayload"] == payload

    def test_content_md5(self, door: Door, notes: Notes) -> None:
        md5 = hashlib.md5(b"text")
        right = base64.b64encode(md5.digest()).decode()
        notes.put(ContentMD5=right)
        other = base64.b64encode(bytes(16)).decode()
        digests = {"ExpectedDigest": bytes(16).hex(), "CalculatedDigest": right}
        message = WRONG_CONTENT_MD5
        with unchanged(door.fake):
            refused(partial(notes.put, ContentMD5=other), 400, "BadDigest", message, digests)
            message = INVALID_CONTENT_MD5
            refused(partial(notes.put, ContentMD5="abc"), 400, "InvalidDigest", message, {"Content-MD5": "abc"})

    @pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256", "SHA512", "MD5", "XXHASH3"])
    def test_checksums(self, door: Door, notes: Notes, algorithm: str) -> None:
        right = door.raw("PUT", "/bucket/k?annotation&annotationName=n", _sdk(algorithm), b"text")
        assert right.status == 200
        value = _checksum(algorithm, b"text")
        assert right.headers[f"x-amz-checksum-{algorithm.lower()}"] == value
        listed = notes.list()["Annotations"][0]
        assert listed["ChecksumAlgorithm"] == [algorithm]
        with unchanged(door.fake):
            wrong = door.raw("PUT", "/bucket/k?annotation&annotationName=n", _sdk(algorithm, b"other"), b"text")
        message = f"The {algorithm} you specified did not match the calculated checksum."
        assert (wrong.status, wrong.error) == (400, {"Code": "BadDigest", "Message": message})


def _checksum(algorithm: str, payload: bytes) -> str:
    from fakes3part.rules.checksums import digest
    from fakes3part.state.objects import Data

    return digest(Data((payload,)), algorithm)


def _sdk(algorithm: str, payload: bytes = b"text") -> dict[str, str]:
    return {f"x-amz-checksum-{algorithm.lower()}": _checksum(algorithm, payload)}


# --- the object they hang on -----------------------------------------------------------------------------------------


def calls(notes: Notes) -> dict[str, partial[Any]]:
    return {"PUT": partial(notes.put), "GET": partial(notes.get), "LIST": partial(notes.list), "DELETE": partial(notes.delete)}


@pytest.mark.parametrize("name", ["PUT", "GET", "LIST", "DELETE"])
class TestParents:
    def test_no_bucket(self, s3: Any, name: str) -> None:
        message = NO_SUCH_BUCKET
        refused(calls(Notes(s3))[name], 404, "NoSuchBucket", message, {"BucketName": "bucket"})

    def test_no_key(self, door: Door, notes: Notes, name: str) -> None:
        with unchanged(door.fake):
            call = calls(Notes(door.client, "other"))[name]
            refused(call, 404, "NoSuchKey", NO_SUCH_KEY, {"Key": "other"})

    def test_versions(self, door: Door, notes: Notes, name: str) -> None:
        door.client.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
        marker = door.client.delete_object(Bucket="bucket", Key="k")["VersionId"]
        call, unknown = calls(notes)[name], GONE
        with unchanged(door.fake):
            error = refused(call, 404, "NoSuchKey", NO_SUCH_KEY, {"Key": "k"})
            assert _headers(dict(error.response))["x-amz-delete-marker"] == "true"
            method = {"LIST": "GET"}.get(name, name)
            refused(partial(call, VersionId=marker), 405, "MethodNotAllowed", METHOD_NOT_ALLOWED, {**MARKER, "Method": method})
            extras = {"Key": "k", "VersionId": unknown}
            message = NO_SUCH_VERSION
            refused(partial(call, VersionId=unknown), 404, "NoSuchVersion", message, extras)
            extras = {"ArgumentName": "versionId", "ArgumentValue": "x"}
            refused(partial(call, VersionId="x"), 400, "InvalidArgument", INVALID_VERSION_ID, extras)

    def test_expected_owner(self, door: Door, notes: Notes, name: str) -> None:
        notes.put("note")
        call = calls(notes)[name]
        with unchanged(door.fake):
            refused(partial(call, ExpectedBucketOwner="111122223333"), 403, "AccessDenied", "Access Denied")
        assert call(ExpectedBucketOwner="123456789012")["ResponseMetadata"]["HTTPStatusCode"] in (200, 204)


def test_each_version_has_its_own(door: Door, notes: Notes) -> None:
    s3 = door.client
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    assert notes.put(payload=b"of null")["ObjectVersionId"] == "null"
    new = s3.put_object(Bucket="bucket", Key="k", Body=b"new")["VersionId"]
    assert notes.all() == {}
    assert notes.put("other", b"of new")["ObjectVersionId"] == new
    for version_id, expected in (("null", {"note": b"of null"}), (new, {"other": b"of new"})):
        assert notes.all(VersionId=version_id) == expected
        assert notes.list(VersionId=version_id)["ObjectVersionId"] == version_id
        [name] = expected
        assert notes.get(name, VersionId=version_id)["ObjectVersionId"] == version_id
    assert notes.delete(VersionId="null")["ObjectVersionId"] == "null"
    assert notes.all(VersionId="null") == {}
    assert notes.all() == {"other": b"of new"}
    s3.delete_object(Bucket="bucket", Key="k", VersionId=new)
    assert notes.all() == {}


def test_an_overwritten_object_has_no_annotations(s3: Any, notes: Notes) -> None:
    notes.put()
    s3.put_object(Bucket="bucket", Key="k", Body=b"abc")
    assert notes.all() == {}


class TestIfMatch:
    @pytest.mark.parametrize("given", ['"900150983cd24fb0d6963f7d28e17f72"', "900150983cd24fb0d6963f7d28e17f72", "*"])
    def test_the_same(self, notes: Notes, given: str) -> None:
        notes.put(ObjectIfMatch=given)
        assert notes.all() == {"note": b"text"}
        notes.delete(ObjectIfMatch=given)
        assert notes.all() == {}

    def test_another(self, door: Door, notes: Notes) -> None:
        notes.put()
        message = PRECONDITION_FAILED
        condition = {"Condition": "x-amz-object-if-match"}
        with unchanged(door.fake):
            for call in (partial(notes.put, payload=b"new"), notes.delete):
                refused(partial(call, ObjectIfMatch='"other"'), 412, "PreconditionFailed", message, condition)


# --- list ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def many(notes: Notes) -> Notes:
    for name in ("b", "a/2", "a/1", "\uffee", "\U0001f600", "B"):
        notes.put(name, name)
    return notes


def test_the_list(door: Door, many: Notes) -> None:
    listed = many.list()
    assert names(listed) == ["B", "a/1", "a/2", "b", "\uffee", "\U0001f600"]
    first = listed["Annotations"][0]
    assert first.pop("LastModified") == many.get("B")["LastModified"]
    assert first == {"AnnotationName": "B", "ETag": etag_of(b"B"), "ChecksumAlgorithm": ["CRC32"], "Size": 1}
    returned = {name: value for name, value in listed.items() if name not in ("Annotations", "ResponseMetadata")}
    assert returned == {"Bucket": "bucket", "Key": "k", "MaxAnnotationResults": 1000, "AnnotationCount": 6}


def test_an_empty_list(door: Door, notes: Notes) -> None:
    listed = notes.list()
    assert (names(listed), listed["AnnotationCount"]) == ([], 0)
    body = door.raw("GET", "/bucket/k?annotation").body
    assert b"<ListObjectAnnotationsOutput xmlns=" in body
    assert b"<Annotations/><Bucket>bucket</Bucket><Key>k</Key>" in body


@pytest.mark.parametrize(("prefix", "expected"), [("a/", ["a/1", "a/2"]), ("b", ["b"]), ("x", []), ("aws", [])])
def test_prefixes(many: Notes, prefix: str, expected: list[str]) -> None:
    listed = many.list(AnnotationPrefix=prefix)
    assert (names(listed), listed["AnnotationPrefix"], listed["AnnotationCount"]) == (expected, prefix, len(expected))


@pytest.mark.parametrize("prefix", ["n" * 513, "a\tb"])
def test_bad_prefixes(notes: Notes, prefix: str) -> None:
    message = "The annotation prefix you provided is invalid."
    refused(partial(notes.list, AnnotationPrefix=prefix), 400, "InvalidPrefix", message)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 6])
def test_pages(many: Notes, size: int) -> None:
    found: list[str] = []
    more: dict[str, Any] = {}
    while True:
        page = many.list(MaxAnnotationResults=size, **more)
        assert (page["MaxAnnotationResults"], page["AnnotationCount"]) == (size, len(names(page)))
        assert page.get("ContinuationToken") == more.get("ContinuationToken")
        found += names(page)
        if "NextContinuationToken" not in page:
            break
        assert len(names(page)) == size
        more = {"ContinuationToken": page["NextContinuationToken"]}
    assert found == names(many.list())


def test_a_page_after_a_deleted_annotation(many: Notes) -> None:
    token = many.list(MaxAnnotationResults=2)["NextContinuationToken"]
    many.delete("a/1")
    assert names(many.list(ContinuationToken=token)) == ["a/2", "b", "\uffee", "\U0001f600"]


def test_bad_pages(door: Door, many: Notes) -> None:
    extras = {"ArgumentName": "continuation-token"}
    message = INVALID_CONTINUATION_TOKEN
    refused(partial(many.list, ContinuationToken="wrong"), 400, "InvalidArgument", message, extras)
    for value in ("0", "-1", "x", "1001", "5000"):
        response = door.raw("GET", f"/bucket/k?annotation&max-annotation-results={value}")
        assert (response.status, response.error["Code"], response.error["ArgumentValue"]) == (400, "InvalidArgument", value)
    assert many.list(MaxAnnotationResults=1000)["MaxAnnotationResults"] == 1000


def test_what_a_list_echoes(door: Door, many: Notes) -> None:
    """Recorded from AWS, September 2026."""
    listed = many.list(MaxAnnotationResults=2, AnnotationPrefix="a")
    assert (listed["MaxAnnotationResults"], listed["AnnotationPrefix"]) == (2, "a")
    assert "AnnotationPrefix" not in many.list()
    response = door.raw("GET", "/bucket/k?annotation&annotation-prefix=")
    assert b"<AnnotationPrefix/>" in response.body
    assert "content-type" not in response.headers


@pytest.mark.parametrize("method", ["PUT", "GET", "DELETE"])
def test_an_empty_name(door: Door, notes: Notes, method: str) -> None:
    """The code is recorded from AWS, September 2026, without its text."""
    with unchanged(door.fake):
        response = door.raw(method, "/bucket/k?annotation&annotationName=", body=b"text" if method == "PUT" else b"")
    error = {"Code": "UserAnnotationNameMustBeSpecified", "Message": "The name of the annotation must be specified."}
    assert (response.status, response.error) == (400, error)


# --- how many --------------------------------------------------------------------------------------------------------


def test_a_thousand(door: Door, notes: Notes) -> None:
    fill(door, 1000)
    message = "The request would exceed the maximum number of annotations allowed per object."
    with unchanged(door.fake):
        refused(partial(notes.put, "one more"), 400, "AnnotationLimitExceeded", message)
    notes.put("n0007", b"again")
    assert notes.get("n0007")["AnnotationPayload"] == b"again"
    listed = notes.list()
    assert (listed["AnnotationCount"], "NextContinuationToken" in listed) == (1000, False)
    notes.delete("n0007")
    notes.put("one more")
    assert notes.list()["AnnotationCount"] == 1000


def fill(door: Door, count: int) -> None:
    """Put annotations by the fake's `handle`, which is fast."""
    from fakes3part.message import Request
    from tests.support.state import SIGNED

    headers = {name.lower(): value for name, value in SIGNED.items()} | {"content-length": "1"}
    for number in range(count):
        query = f"annotation&annotationName=n{number:04}"
        assert door.fake.handle(Request("PUT", "localhost", "/bucket/k", query, dict(headers), b"x")).status == 200


# --- delete ----------------------------------------------------------------------------------------------------------


def test_delete(door: Door, notes: Notes) -> None:
    notes.put("a")
    notes.put("b")
    response = notes.delete("a")
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert "ObjectVersionId" not in response
    refused(partial(notes.get, "a"), 404, "NoSuchAnnotation", MISSING, {"Key": "k", "AnnotationName": "a"})
    assert notes.all() == {"b": b"text"}
    with unchanged(door.fake):
        assert notes.delete("a")["ResponseMetadata"]["HTTPStatusCode"] == 204


def test_without_a_name(door: Door, notes: Notes) -> None:
    """A GET without a name is the list; the other operations report the missing parameter, as S3 does."""
    notes.put()
    with unchanged(door.fake):
        for method in ("PUT", "DELETE"):
            response = door.raw(method, "/bucket/k?annotation", body=b"x" if method == "PUT" else b"")
            assert 400 <= response.status < 500, response


# --- encryption ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["aws:kms", "aws:kms:dsse"])
def test_encrypted_as_their_object(s3: Any, bucket: str, method: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"abc", ServerSideEncryption=method)
    notes = Notes(s3)
    put = notes.put()
    got = notes.get()
    assert (put["ServerSideEncryption"], got["ServerSideEncryption"], got["AnnotationPayload"]) == (method, method, b"text")
    assert put["ETag"] == got["ETag"] != etag_of(b"text")


def test_under_a_key_that_does_not_work(door: Door, bucket: str) -> None:
    key = door.fake.kms.add_key()
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    notes = Notes(door.client)
    notes.put()
    door.fake.kms.set_state(key, "Disabled")
    with unchanged(door.fake), pytest.raises(ClientError, match="is disabled"):
        notes.put("other")
    with pytest.raises(ClientError, match="is disabled"):
        notes.get()
    assert names(notes.list()) == ["note"]
    notes.delete()
    assert names(notes.list()) == []


def test_sse_c_objects_have_no_annotations(door: Door, bucket: str) -> None:
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc", **CUSTOMER)
    notes = Notes(door.client)
    with unchanged(door.fake):
        refused(notes.put, 400, "InvalidRequest", "Objects encrypted with SSE-C cannot have annotations.")
    assert names(notes.list()) == []


# --- copies ----------------------------------------------------------------------------------------------------------


class TestCopies:
    @pytest.fixture
    def source(self, door: Door, notes: Notes) -> Iterator[Notes]:
        notes.put("a", b"1", ChecksumAlgorithm="SHA1")
        notes.put("b", b"2")
        return notes

    def copy(self, s3: Any, **more: Any) -> Notes:
        s3.copy_object(**{"Bucket": "bucket", "Key": "copy", "CopySource": "bucket/k", **more})
        return Notes(s3, more.get("Key", "copy"))

    @pytest.mark.parametrize("directive", [{}, {"AnnotationDirective": "COPY"}], ids=["default", "COPY"])
    def test_they_come_along(self, door: Door, source: Notes, directive: dict[str, str]) -> None:
        before = source.get("a")
        door.fake.clock.advance(hours=1)
        copy = self.copy(door.client, **directive)
        assert copy.all() == source.all() == {"a": b"1", "b": b"2"}
        after = copy.get("a")
        assert (after["ETag"], after["ChecksumSHA1"]) == (before["ETag"], before["ChecksumSHA1"])
        assert after["LastModified"] > before["LastModified"]
        copy.delete("a")
        assert source.all() == {"a": b"1", "b": b"2"}

    def test_unless_excluded(self, s3: Any, source: Notes) -> None:
        assert self.copy(s3, AnnotationDirective="EXCLUDE").all() == {}

    def test_the_directive_in_a_query(self, door: Door, source: Notes) -> None:
        target = "/bucket/copy?x-amz-object-annotation-directive=EXCLUDE"
        assert door.raw("PUT", target, {"x-amz-copy-source": "bucket/k"}).status == 200
        assert Notes(door.client, "copy").all() == {}

    def test_a_bad_directive(self, door: Door, source: Notes) -> None:
        headers = {"x-amz-copy-source": "bucket/k", "x-amz-object-annotation-directive": "REPLACE"}
        with unchanged(door.fake):
            response = door.raw("PUT", "/bucket/copy", headers)
        argument = {"ArgumentName": "x-amz-object-annotation-directive", "ArgumentValue": "REPLACE"}
        error = {"Code": "InvalidArgument", "Message": "Unknown annotation directive.", **argument}
        assert (response.status, response.error) == (400, error)

    def test_onto_itself(self, s3: Any, source: Notes) -> None:
        assert self.copy(s3, Key="k", MetadataDirective="REPLACE").all() == {"a": b"1", "b": b"2"}
        assert self.copy(s3, Key="k", MetadataDirective="REPLACE", AnnotationDirective="EXCLUDE").all() == {}

    def test_of_an_older_version(self, s3: Any, source: Notes) -> None:
        s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
        s3.put_object(Bucket="bucket", Key="k", Body=b"new")
        assert self.copy(s3).all() == {}
        assert self.copy(s3, CopySource="bucket/k?versionId=null").all() == {"a": b"1", "b": b"2"}

    def test_under_another_encryption(self, door: Door, source: Notes) -> None:
        copy = self.copy(door.client, ServerSideEncryption="aws:kms")
        got = copy.get("a")
        assert (got["ServerSideEncryption"], got["AnnotationPayload"]) == ("aws:kms", b"1")
        assert got["ETag"] != source.get("a")["ETag"]
        again = Notes(door.client, "again")
        door.client.copy_object(Bucket="bucket", Key="again", CopySource="bucket/copy")
        assert again.get("a")["ETag"] == etag_of(b"1")

    def test_not_under_a_clients_own_key(self, door: Door, source: Notes) -> None:
        message = (
            "Objects encrypted with SSE-C cannot have annotations. Use the annotation directive EXCLUDE to copy without them."
        )
        with unchanged(door.fake):
            refused(partial(self.copy, door.client, **CUSTOMER), 400, "InvalidRequest", message)
        self.copy(door.client, **CUSTOMER, AnnotationDirective="EXCLUDE")

    def test_of_many_parts(self, s3: Any, source: Notes) -> None:
        """A copy by parts has none: what completes an upload brings none along."""
        upload = s3.create_multipart_upload(Bucket="bucket", Key="copy")["UploadId"]
        where = {"Bucket": "bucket", "Key": "copy", "UploadId": upload}
        part = s3.upload_part_copy(**where, PartNumber=1, CopySource="bucket/k")["CopyPartResult"]
        s3.complete_multipart_upload(**where, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
        assert Notes(s3, "copy").all() == {}

    def test_s3transfer_takes_them_along(self, s3: Any, source: Notes) -> None:
        """boto3's own managed copy by parts lists, reads and writes them."""
        from boto3.s3.transfer import TransferConfig

        body = b"x" * (6 * KiB * KiB)
        s3.put_object(Bucket="bucket", Key="large", Body=body)
        large = Notes(s3, "large")
        large.put("a", b"1")
        config = TransferConfig(multipart_threshold=5 * KiB * KiB, multipart_chunksize=5 * KiB * KiB)
        s3.copy({"Bucket": "bucket", "Key": "large"}, "bucket", "copy", {"AnnotationDirective": "COPY"}, Config=config)
        assert s3.head_object(Bucket="bucket", Key="copy")["ETag"].endswith('-2"')
        assert Notes(s3, "copy").all() == {"a": b"1"}
