"""CompleteMultipartUpload: the response, the object with its ETag and checksums, and the closed upload."""

from __future__ import annotations

import hashlib
import io
import re
import zlib
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

from tests.support.doors import Door, MiB, refused
from tests.support.errors import NO_SUCH_UPLOAD
from tests.support.multipart import Listed, Upload, content, document, etag_of, md5, tags, visible_state
from tests.support.vectors import CHECKSUM_MEMBERS, DUMMY_CHECKSUMS

Q = "&quot;"


def three(tiny: Door, *bodies: bytes, **options: Any) -> tuple[Upload, list[Listed]]:
    upload = Upload(tiny.client, "bucket", **options)

    def checksum(body: bytes) -> dict[str, str]:
        if upload.algorithm == "MD5":  # which botocore leaves to the caller
            return {"ChecksumMD5": b64encode(hashlib.md5(body).digest()).decode()}
        return {"ChecksumAlgorithm": upload.algorithm} if upload.algorithm else {}

    return upload, [upload.put(number, body, **checksum(body)) for number, body in enumerate(bodies or (b"a", b"b", b"c"), 1)]


def test_answer(tiny: Door) -> None:
    upload, parts = three(tiny)
    response = tiny.raw("POST", upload.target, {}, document(*parts))
    assert response.status == 200
    assert tags(response) == ["Location", "Bucket", "Key", "ETag", "ChecksumCRC64NVME", "ChecksumType"]
    assert b'<CompleteMultipartUploadResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' in response.body
    etag = etag_of(b"a", b"b", b"c").strip('"')
    assert f"<Bucket>bucket</Bucket><Key>key</Key><ETag>{Q}{etag}{Q}</ETag>".encode() in response.body
    assert response.headers["content-type"] == "application/xml"
    assert response.headers["x-amz-server-side-encryption"] == "AES256"
    unwanted = {"etag", "x-amz-version-id", "x-amz-expiration", "x-amz-checksum-crc64nvme", "x-amz-checksum-type"}
    assert not unwanted & response.headers.keys()


def test_object(tiny: Door) -> None:
    s3 = tiny.client
    upload, parts = three(tiny)
    assert visible_state(s3, "bucket")["objects"] == []
    begun = datetime.now(timezone.utc).replace(microsecond=0)
    completed = upload.complete(*parts)
    (listed,) = s3.list_objects_v2(Bucket="bucket")["Contents"]
    assert (listed["Key"], listed["Size"], listed["ETag"], listed["StorageClass"]) == ("key", 3, completed["ETag"], "STANDARD")
    head = s3.head_object(Bucket="bucket", Key="key")
    assert (head["ETag"], head["ContentLength"]) == (completed["ETag"], 3)
    assert begun <= head["LastModified"] <= datetime.now(timezone.utc)
    assert content(s3, "bucket") == b"abc"
    assert "Uploads" not in s3.list_multipart_uploads(Bucket="bucket")
    refused(upload.parts, 404, "NoSuchUpload", NO_SUCH_UPLOAD, {"UploadId": upload.id})


def test_version_id(tiny: Door) -> None:
    """Each Complete makes a version, in the order of the Completes."""
    s3 = tiny.client
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    first, first_parts = three(tiny, b"first")
    second, second_parts = three(tiny, b"second")
    newer = second.complete(*second_parts)
    newest = first.complete(*first_parts)
    assert re.fullmatch(r"[A-Za-z0-9._]{32}", newest["VersionId"])
    assert newest["ResponseMetadata"]["HTTPHeaders"]["x-amz-version-id"] == newest["VersionId"] != newer["VersionId"]
    assert content(s3, "bucket") == b"first"
    assert content(s3, "bucket", VersionId=newer["VersionId"]) == b"second"


@pytest.mark.parametrize("count", [1, 2, 3, 11])
def test_etag(tiny: Door, count: int) -> None:
    """MD5 of the parts' MD5s, and their number; ``-1`` for one part."""
    bodies = [b"part %d" % number for number in range(count)]
    upload, parts = three(tiny, *bodies)
    assert upload.complete(*parts)["ETag"] == etag_of(*bodies)
    assert etag_of(*bodies).endswith(f'-{count}"')


def test_recorded_one_part(s3: Any, bucket: str) -> None:
    upload = Upload(s3, bucket, ChecksumAlgorithm="CRC32C")
    part = upload.put(1, b"this is a part", ChecksumAlgorithm="CRC32C")
    assert part == {"PartNumber": 1, "ETag": '"11df95d595559285eb2b042124e74f09"', "ChecksumCRC32C": "iqJrOQ=="}
    completed = upload.complete(part)
    assert (completed["ETag"], completed["ChecksumCRC32C"]) == ('"395d97c07920de036bfa21e7568a2e9f-1"', "F9bAnw==-1")
    assert completed["ChecksumType"] == "COMPOSITE"


def test_recorded_one_part_full_object(s3: Any, bucket: str) -> None:
    upload = Upload(s3, bucket, ChecksumAlgorithm="CRC32C", ChecksumType="FULL_OBJECT")
    completed = upload.complete(upload.put(1, b"this is a part", ChecksumAlgorithm="CRC32C"))
    assert (completed["ETag"], completed["ChecksumCRC32C"]) == ('"395d97c07920de036bfa21e7568a2e9f-1"', "iqJrOQ==")


def test_recorded_default_checksum(s3: Any, bucket: str) -> None:
    upload = Upload(s3, bucket)
    part = upload.put(1, b"upload-part-1" * 5)
    assert part["ETag"] == '"3237c18681adb6a9d843c733ce249480"'
    completed = upload.complete(part)
    assert (completed["ETag"], completed["ChecksumCRC64NVME"]) == ('"e747540af6911dbc890f8d3e0b48549b-1"', "CTXktO4pIQs=")
    assert completed["ChecksumType"] == "FULL_OBJECT"


@pytest.mark.parametrize(
    ("created", "member", "value"),
    [
        ({"ChecksumAlgorithm": "CRC32"}, "ChecksumCRC32", "5FRUiw==-3"),
        ({"ChecksumAlgorithm": "CRC32", "ChecksumType": "FULL_OBJECT"}, "ChecksumCRC32", "qSEQSA=="),
        ({"ChecksumAlgorithm": "CRC32C"}, "ChecksumCRC32C", "XF5+4A==-3"),
    ],
)
def test_recorded_three_parts(s3: Any, bucket: str, created: dict[str, str], member: str, value: str) -> None:
    bodies = [b"a" * 5242881, b"a" * 5242881, b"a" * 10]
    upload = Upload(s3, bucket, **created)
    parts = [upload.put(n, body, ChecksumAlgorithm=upload.algorithm) for n, body in enumerate(bodies, 1)]
    if member == "ChecksumCRC32":
        assert [part[member] for part in parts] == ["NRU+Sw==", "NRU+Sw==", "TBHN8A=="]
    completed = upload.complete(*parts)
    assert completed["ETag"] == '"4d45984fc3feb2ac9b22683c49674b56-3"'
    assert (completed[member], completed["ChecksumType"]) == (value, created.get("ChecksumType", "COMPOSITE"))
    head = s3.head_object(Bucket=bucket, Key="key", ChecksumMode="ENABLED")
    assert (head[member], head["ChecksumType"]) == (value, completed["ChecksumType"])
    copied = s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/key")["CopyObjectResult"]
    assert (copied["ETag"], copied["ChecksumType"]) == ('"a0397ee2df08832642af5d7e57c5760c"', "FULL_OBJECT")
    if member == "ChecksumCRC32":
        assert copied[member] == "qSEQSA=="
    assert "PartsCount" not in s3.head_object(Bucket=bucket, Key="copy", PartNumber=1)


HALVES = (b"dummy", b" data")
DIGESTS: dict[str, Callable[[bytes], bytes]] = {
    "CRC32": lambda data: zlib.crc32(data).to_bytes(4, "big"),
    "SHA1": lambda data: hashlib.sha1(data).digest(),
    "SHA256": lambda data: hashlib.sha256(data).digest(),
    "SHA512": lambda data: hashlib.sha512(data).digest(),
    "MD5": lambda data: hashlib.md5(data).digest(),
}
"""Computed here too. The other composites: CRC32C is recorded above, the rest is known by its shape only."""


@pytest.mark.parametrize("algorithm", CHECKSUM_MEMBERS)
def test_composite_of_every_algorithm(tiny: Door, algorithm: str) -> None:
    upload, parts = three(tiny, *HALVES, ChecksumAlgorithm=algorithm)
    member = CHECKSUM_MEMBERS[algorithm]
    completed = upload.complete(*parts)
    if algorithm == "CRC64NVME":
        assert (completed[member], completed["ChecksumType"]) == (DUMMY_CHECKSUMS[algorithm], "FULL_OBJECT")
    else:
        assert (completed[member][-2:], completed["ChecksumType"]) == ("-2", "COMPOSITE")
        assert len(completed[member]) == len(DUMMY_CHECKSUMS[algorithm]) + 2
    if algorithm in DIGESTS:
        digest = DIGESTS[algorithm]
        assert completed[member] == b64encode(digest(digest(HALVES[0]) + digest(HALVES[1]))).decode() + "-2"
    got = tiny.client.get_object(Bucket="bucket", Key="key", ChecksumMode="ENABLED")
    assert (got[member], got["ChecksumType"], got["Body"].read()) == (completed[member], completed["ChecksumType"], b"dummy data")
    (listed,) = tiny.client.list_objects_v2(Bucket="bucket")["Contents"]
    assert (listed["ChecksumAlgorithm"], listed["ChecksumType"]) == ([algorithm], completed["ChecksumType"])


@pytest.mark.parametrize("listing", ["with", "without"])
@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME"])
def test_full_object_checksum(tiny: Door, algorithm: str, listing: str) -> None:
    """Of the whole content; the parts' checksums may be listed or not."""
    upload, parts = three(tiny, *HALVES, ChecksumAlgorithm=algorithm, ChecksumType="FULL_OBJECT")
    member = CHECKSUM_MEMBERS[algorithm]
    if listing == "without":
        parts = [{"PartNumber": part["PartNumber"], "ETag": part["ETag"]} for part in parts]
    completed = upload.complete(*parts)
    assert (completed[member], completed["ChecksumType"]) == (DUMMY_CHECKSUMS[algorithm], "FULL_OBJECT")
    head = tiny.client.head_object(Bucket="bucket", Key="key", ChecksumMode="ENABLED")
    assert (head[member], head["ChecksumType"]) == (DUMMY_CHECKSUMS[algorithm], "FULL_OBJECT")
    assert member not in tiny.client.head_object(Bucket="bucket", Key="key")


def test_default_checksum(tiny: Door) -> None:
    """An upload without algorithm gets CRC64NVME of the whole, with any checksums of its parts (boto3: CRC32)."""
    upload, parts = three(tiny, *HALVES)
    completed = upload.complete(*parts)
    assert (completed["ChecksumCRC64NVME"], completed["ChecksumType"]) == (DUMMY_CHECKSUMS["CRC64NVME"], "FULL_OBJECT")
    got = tiny.client.get_object(Bucket="bucket", Key="key", ChecksumMode="ENABLED")
    assert (got["ChecksumCRC64NVME"], got["ChecksumType"]) == (DUMMY_CHECKSUMS["CRC64NVME"], "FULL_OBJECT")
    assert "ChecksumCRC32" not in got


COMPOSITE_CRC32 = {"ChecksumAlgorithm": "CRC32"}
FULL_CRC32 = {"ChecksumAlgorithm": "CRC32", "ChecksumType": "FULL_OBJECT"}
COMPOSITE_VALUE = "+2nRJQ==-2"
SAID: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "size": ({}, {"MpuObjectSize": 10}),
    "FULL_OBJECT": (FULL_CRC32, {"ChecksumType": "FULL_OBJECT"}),
    "FULL_OBJECT value": (FULL_CRC32, {"ChecksumType": "FULL_OBJECT", "ChecksumCRC32": DUMMY_CHECKSUMS["CRC32"]}),
    "FULL_OBJECT value and size": (
        FULL_CRC32,
        {"ChecksumType": "FULL_OBJECT", "ChecksumCRC32": DUMMY_CHECKSUMS["CRC32"], "MpuObjectSize": 10},
    ),
    "COMPOSITE": (COMPOSITE_CRC32, {"ChecksumType": "COMPOSITE"}),
    "COMPOSITE value": (COMPOSITE_CRC32, {"ChecksumCRC32": COMPOSITE_VALUE}),
    "COMPOSITE value with type": (COMPOSITE_CRC32, {"ChecksumCRC32": COMPOSITE_VALUE, "ChecksumType": "COMPOSITE"}),
    "ignored value": ({}, {"ChecksumCRC32": "AAAAAA=="}),
    "ignored right value": ({}, {"ChecksumSHA256": DUMMY_CHECKSUMS["SHA256"]}),
}


@pytest.mark.parametrize("name", SAID)
def test_accepted_sizes_and_checksums_of_the_object(tiny: Door, name: str) -> None:
    """A checksum of an object whose upload has no algorithm is ignored, even a wrong one."""
    created, options = SAID[name]
    upload, parts = three(tiny, *HALVES, **created)
    completed = upload.complete(*parts, **options)
    if created:
        assert completed["ChecksumCRC32"] == (DUMMY_CHECKSUMS["CRC32"] if created == FULL_CRC32 else COMPOSITE_VALUE)
    else:
        assert (completed["ChecksumCRC64NVME"], completed["ChecksumType"]) == (DUMMY_CHECKSUMS["CRC64NVME"], "FULL_OBJECT")
        assert "ChecksumCRC32" not in completed
    assert content(tiny.client, "bucket") == b"dummy data"


# --- which parts ---


def test_parts_not_listed_are_dropped(tiny: Door) -> None:
    upload, parts = three(tiny, b"one", b"two", b"three", b"four")
    completed = upload.complete(parts[1], parts[3])
    assert completed["ETag"] == etag_of(b"two", b"four")
    assert content(tiny.client, "bucket") == b"twofour"
    assert tiny.client.head_object(Bucket="bucket", Key="key", PartNumber=1)["PartsCount"] == 2


@pytest.mark.parametrize("numbers", [(1, 3, 5), (2,), (10000,), (1, 10000), (7, 8, 9)])
def test_gaps(tiny: Door, numbers: tuple[int, ...]) -> None:
    """Without a checksum algorithm (or with a FULL_OBJECT one), any ascending numbers will do."""
    for created in ({}, FULL_CRC32):
        upload = Upload(tiny.client, "bucket", **created)
        parts = [upload.put(number, b"%d;" % number) for number in numbers]
        assert upload.complete(*parts)["ETag"] == etag_of(*(b"%d;" % number for number in numbers))
        assert content(tiny.client, "bucket") == b"".join(b"%d;" % number for number in numbers)


E = md5(b"a")
PART = f"<Part><PartNumber>1</PartNumber><ETag>{E}</ETag></Part>"
NS = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
DOCUMENTS = {
    "bare": f"<CompleteMultipartUpload>{PART}</CompleteMultipartUpload>",
    "namespace": f"<CompleteMultipartUpload {NS}>{PART}</CompleteMultipartUpload>",
    "prefix": "<s:CompleteMultipartUpload {}><s:Part><s:PartNumber>1</s:PartNumber><s:ETag>{}</s:ETag></s:Part>"
    "</s:CompleteMultipartUpload>".format(NS.replace("xmlns", "xmlns:s"), E),
    "declaration": f'<?xml version="1.0" encoding="UTF-8"?>\n<CompleteMultipartUpload>{PART}</CompleteMultipartUpload>',
    "quotes": f"<CompleteMultipartUpload>{PART.replace(E, chr(34) + E + chr(34))}</CompleteMultipartUpload>",
    "escaped quotes": f"<CompleteMultipartUpload>{PART.replace(E, Q + E + Q)}</CompleteMultipartUpload>",
    "numeric references": f"<CompleteMultipartUpload>{PART.replace(E, '&#34;' + E + '&#x22;')}</CompleteMultipartUpload>",
    "CDATA": f"<CompleteMultipartUpload>{PART.replace(E, '<![CDATA[' + E + ']]>')}</CompleteMultipartUpload>",
    "children swapped": f"<CompleteMultipartUpload><Part><ETag>{E}</ETag><PartNumber>1</PartNumber></Part>"
    "</CompleteMultipartUpload>",
    "white space": f"\n<CompleteMultipartUpload>\n  <Part>\n\t<PartNumber> 1 </PartNumber>\r\n<ETag>{E}</ETag>\n</Part>\n"
    "</CompleteMultipartUpload>\n",
    "comment": f"<CompleteMultipartUpload><!-- one -->{PART}</CompleteMultipartUpload>",
}


@pytest.mark.parametrize("spelling", DOCUMENTS)
def test_spellings_of_the_document(tiny: Door, spelling: str) -> None:
    upload, _ = three(tiny, b"a", b"b")
    response = tiny.raw("POST", upload.target, {"Content-Type": "text/plain"}, DOCUMENTS[spelling].encode())
    assert response.status == 200, response.body
    assert content(tiny.client, "bucket") == b"a"


# --- Location ---


def test_location_of_the_endpoint(door: Door, s3: Any, bucket: str) -> None:
    upload = Upload(s3, bucket, "a/b c")
    location = upload.complete(upload.put(1))["Location"]
    if door.name == "server":
        assert location == f"{door.url}/bucket/a%2Fb+c"
    else:
        assert location == "https://bucket.s3.amazonaws.com/a%2Fb+c"


@pytest.mark.parametrize(("style", "location"), [("path", "https://{}/bucket/key"), ("virtual", "https://bucket.{}/key")])
def test_location_in_both_styles(door: Door, s3: Any, bucket: str, style: str, location: str) -> None:
    if door.name == "server":
        upload = Upload(s3, bucket)
        part = upload.put(1)
        target, host = upload.target, door.url.partition("://")[2]
        if style == "virtual":
            port = host.rpartition(":")[2]
            target, host = target.removeprefix("/bucket"), f"bucket.s3.localhost:{port}"
        response = door.raw("POST", target, {"Host": host}, document(part))
        assert response.status == 200, response.body
        expected = location.replace("https:", "http:").replace("bucket.{}", "{}").format(host)
        assert f"<Location>{expected}</Location>".encode() in response.body
    else:
        addressing: Any = {"addressing_style": style}
        with door.client_with(config=Config(s3=addressing), region_name="eu-west-1") as client:
            client.create_bucket(Bucket="bucket2", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
            upload = Upload(client, "bucket2")
            expected = location.replace("bucket", "bucket2").format("s3.eu-west-1.amazonaws.com")
            assert upload.complete(upload.put(1))["Location"] == expected


KEYS = {
    "plain.txt": "plain.txt",
    "with space/a.jpg": "with+space%2Fa.jpg",
    "a+b": "a%2Bb",
    "/": "%2F",
    "a//b/": "a%2F%2Fb%2F",
    "100%": "100%25",
    "a=b&c?d#e": "a%3Db%26c%3Fd%23e",
    "naïve é": "na%C3%AFve+%C3%A9",
}


@pytest.mark.parametrize(("key", "encoded"), KEYS.items())
def test_location_has_the_key_as_in_a_form(s3: Any, bucket: str, key: str, encoded: str) -> None:
    upload = Upload(s3, bucket, key)
    completed = upload.complete(upload.put(1))
    assert completed["Location"].split("/", 3)[3].removeprefix("bucket/") == encoded
    assert (completed["Key"], content(s3, bucket, key)) == (key, b"data")


def test_unicode_key(door: Door, s3: Any, bucket: str) -> None:
    """Percent-encoded in Location, raw in Key."""
    key = "test-unicode_—_file?&<b>"
    upload = Upload(s3, bucket, key)
    completed = upload.complete(upload.put(1))
    assert completed["Location"].endswith("/test-unicode_%E2%80%94_file%3F%26%3Cb%3E")
    assert completed["Key"] == key
    assert content(s3, bucket, key) == b"data"


# --- the client that most people use ---


class Trickle:
    """A file object that can only be read."""

    def __init__(self, size: int) -> None:
        self.left = size

    def read(self, amount: int = -1) -> bytes:
        size = self.left if amount < 0 else min(amount, self.left)
        self.left -= size
        return b"x" * size


@pytest.mark.parametrize("seekable", [True, False])
def test_transfer_manager(s3: Any, bucket: str, seekable: bool) -> None:
    """20 MiB through boto3's own threads: three parts, then back in ranges."""
    size = 20 * MiB
    config = TransferConfig(multipart_threshold=8 * MiB, multipart_chunksize=8 * MiB, max_concurrency=10)
    body: Any = io.BytesIO(b"x" * size) if seekable else Trickle(size)
    s3.upload_fileobj(body, bucket, "key", Config=config, ExtraArgs={"Metadata": {"one": "1"}, "ContentType": "a/b"})
    head = s3.head_object(Bucket=bucket, Key="key", PartNumber=3)
    assert (head["PartsCount"], head["ContentLength"], head["ContentRange"]) == (
        3,
        4 * MiB,
        f"bytes {16 * MiB}-{size - 1}/{size}",
    )
    assert (head["Metadata"], head["ContentType"]) == ({"one": "1"}, "a/b")
    part = md5(b"x" * 8 * MiB)
    assert head["ETag"].strip('"') == md5(bytes.fromhex(part + part + md5(b"x" * 4 * MiB))) + "-3"
    back = io.BytesIO()
    s3.download_fileobj(bucket, "key", back, Config=config)
    assert back.getvalue() == b"x" * size
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)
