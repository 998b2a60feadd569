"""Errors of CompleteMultipartUpload. Each leaves the upload open, and it can be completed afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.support.doors import Door, MiB, assert_error, refused
from tests.support.errors import ENTITY_TOO_SMALL, INVALID_PART_ORDER, MALFORMED_XML
from tests.support.multipart import INVALID_PART, Listed, Upload, content, document, etag_of, md5, visibly_unchanged

BODIES = (b"one", b"two", b"three")
WHOLE = b"onetwothree"
NO_PARTS = "You must specify at least one part"


def uploaded(tiny: Door, **options: Any) -> tuple[Upload, list[Listed]]:
    """Upload three parts; return the upload and the list of parts for CompleteMultipartUpload."""
    upload = Upload(tiny.client, "bucket", **options)
    sent = {"ChecksumAlgorithm": upload.algorithm} if upload.algorithm else {}
    return upload, [upload.put(number, body, **sent) for number, body in enumerate(BODIES, 1)]


def completes(upload: Upload, parts: list[Listed]) -> None:
    """Check that the upload can be completed afterwards."""
    completed = upload.complete(*parts)
    assert completed["ETag"] == etag_of(*BODIES)
    assert content(upload.s3, "bucket") == WHOLE


Change = Callable[[list[Listed]], list[Listed]]


def but(position: int, **changes: Any) -> Change:
    """Return the function that changes these fields of one part in a correct list; None removes a field."""

    def change(parts: list[Listed]) -> list[Listed]:
        changed = {**parts[position], **changes}
        return [*parts[:position], {k: v for k, v in changed.items() if v is not None}, *parts[position + 1 :]]

    return change


def only(*positions: int) -> Change:
    return lambda parts: [parts[position] for position in positions]


def same(parts: list[Listed]) -> list[Listed]:
    return parts


def etags(parts: list[Listed]) -> list[Listed]:
    """Return the list of parts without checksums."""
    return [{"PartNumber": part["PartNumber"], "ETag": part["ETag"]} for part in parts]


@dataclass
class Case:
    """``extras``: ``{id}`` stands for the upload id."""

    code: str
    message: str
    extras: dict[str, str] = field(default_factory=dict)
    change: Change = same
    created: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)


OTHER = md5(b"other")
ZERO = "AAAAAA=="
CRC32 = {"ChecksumAlgorithm": "CRC32"}
FULL_CRC32C = {"ChecksumAlgorithm": "CRC32C", "ChecksumType": "FULL_OBJECT"}
RIGHT_CRC32C = "oOppAQ=="
MULTIPLE = "Invalid Base64 or multiple checksums present in request"


def order(change: Change, **created: str) -> Case:
    return Case("InvalidPartOrder", INVALID_PART_ORDER, {"UploadId": "{id}"}, change, created)


def invalid(number: int, etag: str, change: Change, **created: str) -> Case:
    return Case("InvalidPart", INVALID_PART, {"UploadId": "{id}", "PartNumber": str(number), "ETag": etag}, change, created)


def mode(created_mode: str, created: dict[str, str], expected: str) -> Case:
    message = (
        f"The upload was created using the {created_mode} checksum mode. The complete request must use the same checksum mode."
    )
    return Case("InvalidRequest", message, {}, same, created, {"ChecksumType": expected})


def missing(number: int, algorithm: str, change: Change) -> Case:
    message = (
        f"The upload was created using a {algorithm.lower()} checksum. The complete request must include the checksum for each "
        f"part. It was missing for part {number} in the request."
    )
    return Case("InvalidRequest", message, {}, change, {"ChecksumAlgorithm": algorithm})


def checksum(value: str) -> Case:
    return Case(
        "InvalidArgument",
        MULTIPLE,
        {"ArgumentName": "Checksum", "ArgumentValue": "".join(f"{one};" for one in value.split(";"))},
        but(0, **{f"Checksum{one.partition(':')[0]}": one.partition(":")[2] for one in value.split(";")}),
        CRC32,
    )


def of_object(name: str, created: dict[str, str], **options: Any) -> Case:
    return Case("BadDigest", f"The {name} you specified did not match the calculated checksum.", {}, same, created, options)


def malformed(header: str, **options: Any) -> Case:
    return Case("InvalidRequest", f"Value for {header} header is invalid.", {}, same, CRC32, options)


CASES: dict[str, Case] = {
    "descending": order(only(1, 0)),
    "last two swapped": order(only(0, 2, 1)),
    "one twice": order(only(0, 0, 1)),
    "one twice, apart": order(only(0, 1, 0)),
    "composite with a gap": order(only(0, 2), **CRC32),
    "composite not from 1": order(only(1, 2), **CRC32),
    "composite descending": order(only(1, 0), **CRC32),
    "never uploaded": invalid(4, OTHER, lambda parts: [*parts, {"PartNumber": 4, "ETag": f'"{OTHER}"'}]),
    "number beyond all": invalid(10001, OTHER, lambda parts: [*parts, {"PartNumber": 10001, "ETag": OTHER}]),
    "never uploaded, right ETag": invalid(7, md5(b"three"), but(2, PartNumber=7)),
    "wrong ETag of the first": invalid(1, OTHER, but(0, ETag=f'"{OTHER}"')),
    "wrong ETag of the last": invalid(3, OTHER, but(2, ETag=OTHER)),
    "ETag of another part": invalid(1, md5(b"two"), but(0, ETag=f'"{md5(b"two")}"')),
    "ETag that is none": invalid(2, "none", but(1, ETag='"none"')),
    "checksum without algorithm, right": invalid(1, md5(b"one"), but(0, ChecksumCRC32="emyG8Q==")),
    "checksum without algorithm, wrong": invalid(3, md5(b"three"), but(2, ChecksumSHA256="A" * 43 + "=")),
    "wrong checksum, COMPOSITE": invalid(2, md5(b"two"), but(1, ChecksumCRC32=ZERO), **CRC32),
    "wrong checksum, FULL_OBJECT": invalid(3, md5(b"three"), but(2, ChecksumCRC32C=ZERO), **FULL_CRC32C),
    "no checksums": missing(1, "CRC32", etags),
    "no checksum of the second": missing(2, "SHA256", but(1, ChecksumSHA256=None)),
    "another algorithm's checksum": Case(
        "BadDigest",
        "The sha256 you specified for part 1 did not match what we received.",
        {},
        but(0, ChecksumCRC32=None, ChecksumSHA256="A" * 43 + "="),
        CRC32,
    ),
    "another algorithm's checksum, FULL_OBJECT": Case(
        "BadDigest",
        "The crc32 you specified for part 3 did not match what we received.",
        {},
        but(2, ChecksumCRC32C=None, ChecksumCRC32=ZERO),
        FULL_CRC32C,
    ),
    "two checksums in a part": checksum(f"CRC32:{ZERO};SHA1:{'A' * 27}="),
    "checksum of a part no base64": checksum("CRC32:not base64"),
    "checksum of a part too short": checksum("CRC32:AAAA"),
    "COMPOSITE as FULL_OBJECT": mode("COMPOSITE", CRC32, "FULL_OBJECT"),
    "FULL_OBJECT as COMPOSITE": mode("FULL_OBJECT", FULL_CRC32C, "COMPOSITE"),
    "none as FULL_OBJECT": mode("null", {}, "FULL_OBJECT"),
    "none as COMPOSITE": mode("null", {}, "COMPOSITE"),
    "FULL_OBJECT value wrong": of_object("crc32c", FULL_CRC32C, ChecksumCRC32C=ZERO, ChecksumType="FULL_OBJECT"),
    "FULL_OBJECT value right without type": of_object("crc32c", FULL_CRC32C, ChecksumCRC32C=RIGHT_CRC32C),
    "FULL_OBJECT value wrong without type": of_object("crc32c", FULL_CRC32C, ChecksumCRC32C=ZERO),
    "FULL_OBJECT value of another algorithm": of_object(
        "crc32c", FULL_CRC32C, ChecksumCRC32="CeHAkg==", ChecksumType="FULL_OBJECT"
    ),
    "composite form of FULL_OBJECT": of_object("crc32c", FULL_CRC32C, ChecksumCRC32C=f"{ZERO}-3"),
    "composite form of the FULL_OBJECT value": of_object("crc32c", FULL_CRC32C, ChecksumCRC32C=f"{RIGHT_CRC32C}-3"),
    "composite form, with type": of_object("crc32c", FULL_CRC32C, ChecksumCRC32C=f"{RIGHT_CRC32C}-3", ChecksumType="FULL_OBJECT"),
    "composite form of another algorithm": of_object("crc32c", FULL_CRC32C, ChecksumCRC32=f"{ZERO}-3"),
    "COMPOSITE value wrong": of_object("crc32", CRC32, ChecksumCRC32=f"{ZERO}-3"),
    "COMPOSITE value wrong, with type": of_object("crc32", CRC32, ChecksumCRC32=f"{ZERO}-3", ChecksumType="COMPOSITE"),
    "COMPOSITE value of another algorithm": of_object("crc32", CRC32, ChecksumCRC32C=f"{ZERO}-3"),
    "COMPOSITE value wrong, without count": of_object("crc32", CRC32, ChecksumCRC32=ZERO),
    "COMPOSITE value of another algorithm, without count": of_object("crc32", CRC32, ChecksumCRC32C=ZERO),
    "COMPOSITE value with letters": malformed("x-amz-checksum-crc32", ChecksumCRC32=f"{ZERO}-12a"),
    "COMPOSITE value with two counts": malformed("x-amz-checksum-crc32", ChecksumCRC32=f"{ZERO}-10-20"),
    "COMPOSITE value no base64": malformed("x-amz-checksum-crc32", ChecksumCRC32="not base64-3"),
    "COMPOSITE value too short": malformed("x-amz-checksum-crc32", ChecksumCRC32="AAAA-3"),
    "size too small": Case(
        "InvalidRequest",
        "The provided 'x-amz-mp-object-size' header value 10 does not match what was computed: 11",
        options={"MpuObjectSize": 10},
    ),
    "size too large": Case(
        "InvalidRequest",
        "The provided 'x-amz-mp-object-size' header value 12 does not match what was computed: 11",
        options={"MpuObjectSize": 12},
    ),
    "size of all parts, some listed": Case(
        "InvalidRequest",
        "The provided 'x-amz-mp-object-size' header value 11 does not match what was computed: 6",
        change=only(0, 1),
        options={"MpuObjectSize": 11},
    ),
    "negative size": Case(
        "InvalidRequest",
        "Value for x-amz-mp-object-size header is less than zero: '-1'",
        options={"MpuObjectSize": -1},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_refused(tiny: Door, name: str) -> None:
    case = CASES[name]
    tiny.client.put_object(Bucket="bucket", Key="key", Body=b"as before")
    upload, parts = uploaded(tiny, **case.created)
    extras = {key: value.replace("{id}", upload.id) for key, value in case.extras.items()}
    with visibly_unchanged(tiny.client, "bucket"):
        refused(lambda: upload.complete(*case.change(parts), **case.options), 400, case.code, case.message, extras)
    completes(upload, parts)


@pytest.mark.parametrize("checksum_type", [{}, {"ChecksumType": "COMPOSITE"}], ids=["no type", "type"])
@pytest.mark.parametrize("value", ["F9bAnw==-1", "F9bAnw=="], ids=["with count", "without count"])
def test_composite_value(tiny: Door, value: str, checksum_type: dict[str, str]) -> None:
    """minio-go sends it without the number of parts; responses have it. (The vector is recorded from AWS.)"""
    upload = Upload(tiny.client, "bucket", ChecksumAlgorithm="CRC32C")
    part = upload.put(1, b"this is a part", ChecksumAlgorithm="CRC32C")
    with visibly_unchanged(tiny.client, "bucket"):
        refused(
            lambda: upload.complete(part, ChecksumCRC32C="F9bAnw==-2", **checksum_type),
            400,
            "BadDigest",
            "The crc32c you specified did not match the calculated checksum.",
        )
    completed = upload.complete(part, ChecksumCRC32C=value, **checksum_type)
    assert (completed["ChecksumCRC32C"], completed["ChecksumType"]) == ("F9bAnw==-1", "COMPOSITE")
    head = tiny.client.head_object(Bucket="bucket", Key="key", ChecksumMode="ENABLED")
    assert (head["ChecksumCRC32C"], head["ChecksumType"]) == ("F9bAnw==-1", "COMPOSITE")


def test_several_parts_wrong(tiny: Door) -> None:
    """Which one is named is not promised."""
    upload, parts = uploaded(tiny)
    wrong = [{**part, "ETag": OTHER} for part in parts]
    with visibly_unchanged(tiny.client, "bucket"), pytest.raises(tiny.client.exceptions.ClientError) as caught:
        upload.complete(*wrong)
    error: Any = caught.value.response["Error"]
    assert (error["Code"], error["Message"], error["ETag"]) == ("InvalidPart", INVALID_PART, OTHER)
    assert error["PartNumber"] in ("1", "2", "3")
    completes(upload, parts)


RIGHT = b"<Part><PartNumber>1</PartNumber><ETag>f97c5d29941bfb1b2fdab0874906ab82</ETag></Part>"
ROOT = b"<CompleteMultipartUpload>%b</CompleteMultipartUpload>"
MALFORMED = {
    "no parts": ROOT % b"",
    "empty root": b"<CompleteMultipartUpload/>",
    "no ETag": ROOT % b"<Part><PartNumber>1</PartNumber></Part>",
    "no number": ROOT % b"<Part><ETag>f97c5d29941bfb1b2fdab0874906ab82</ETag></Part>",
    "second without ETag": ROOT % (RIGHT + b"<Part><PartNumber>2</PartNumber></Part>"),
    "empty part": ROOT % b"<Part/>",
    "number that is none": ROOT % RIGHT.replace(b">1<", b">one<"),
    "empty number": ROOT % RIGHT.replace(b">1<", b"><"),
    "huge number": ROOT % RIGHT.replace(b">1<", b">99999999999999999999<"),
    "no XML": b"PartNumber=1",
    "JSON": b'{"Parts": []}',
    "cut off": (ROOT % RIGHT)[:-5],
    "two roots": ROOT % RIGHT + ROOT % RIGHT,
    "another root": RIGHT,
    "unknown element": ROOT % (RIGHT + b"<Other/>"),
    "unknown element in a part": ROOT % RIGHT.replace(b"<ETag>", b"<Size>3</Size><ETag>"),
    "text between": ROOT % (RIGHT + b"text"),
    "DOCTYPE": b'<!DOCTYPE a [<!ENTITY e "1">]>' + ROOT % RIGHT.replace(b">1<", b">&e;<"),
    "no UTF-8": ROOT % RIGHT.replace(b"f97c", b"\xff\xfe"),
}


@pytest.mark.parametrize("what", MALFORMED)
def test_malformed_document(tiny: Door, what: str) -> None:
    upload, parts = uploaded(tiny)
    with visibly_unchanged(tiny.client, "bucket"):
        assert_error(tiny.raw("POST", upload.target, {}, MALFORMED[what]), 400, "MalformedXML", MALFORMED_XML)
    completes(upload, parts)


@pytest.mark.parametrize("number", ["0", "-1"])
def test_part_number_below_1(tiny: Door, number: str) -> None:
    upload, parts = uploaded(tiny)
    with visibly_unchanged(tiny.client, "bucket"):
        assert_error(
            tiny.raw("POST", upload.target, {}, document({"PartNumber": number, "ETag": OTHER})),
            400,
            "InvalidArgument",
            "PartNumber must be >= 1",
            {"ArgumentName": "PartNumber", "ArgumentValue": number},
        )
    completes(upload, parts)


def test_no_body(tiny: Door) -> None:
    upload, parts = uploaded(tiny)
    with visibly_unchanged(tiny.client, "bucket"):
        assert_error(tiny.raw("POST", upload.target), 400, "InvalidRequest", NO_PARTS)
        refused(lambda: tiny.client.complete_multipart_upload(**upload.where), 400, "InvalidRequest", NO_PARTS)
    completes(upload, parts)


def test_form_content_type(tiny: Door) -> None:
    """A form's body is no body to S3."""
    upload, parts = uploaded(tiny)
    with visibly_unchanged(tiny.client, "bucket"):
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        assert_error(tiny.raw("POST", upload.target, headers, document(*parts)), 400, "InvalidRequest", NO_PARTS)
    completes(upload, parts)


def test_size_that_is_no_number(tiny: Door) -> None:
    upload, parts = uploaded(tiny)
    with visibly_unchanged(tiny.client, "bucket"):
        assert_error(
            tiny.raw("POST", upload.target, {"x-amz-mp-object-size": "x"}, document(*parts)),
            400,
            "InvalidRequest",
            "Value for x-amz-mp-object-size header is invalid: 'x'",
        )
    completes(upload, parts)


def test_document_too_large(tiny: Door) -> None:
    upload, parts = uploaded(tiny)
    with visibly_unchanged(tiny.client, "bucket"):
        assert_error(
            tiny.raw("POST", upload.target, {}, document(*parts) + b" " * 2 * MiB),
            400,
            "MaxMessageLengthExceeded",
            "Your request was too big.",
            {"MaxMessageLengthBytes": str(2 * MiB)},
        )
    completes(upload, parts)


@pytest.mark.parametrize("parts", [(5 * MiB - 1, 1), (5 * MiB, 5 * MiB - 1, 0), (0, 1)])
def test_part_too_small(s3: Any, bucket: str, parts: tuple[int, ...]) -> None:
    """5 MiB for every part but the last; one of them listed last is good."""
    upload = Upload(s3, bucket)
    sent = [upload.put(number, bytes(size)) for number, size in enumerate(parts, 1)]
    small = len(parts) - 2
    extras = {
        "ProposedSize": str(parts[small]),
        "MinSizeAllowed": "5242880",
        "PartNumber": str(small + 1),
        "ETag": md5(bytes(parts[small])),
    }
    with visibly_unchanged(s3, bucket):
        refused(lambda: upload.complete(*sent), 400, "EntityTooSmall", ENTITY_TOO_SMALL, extras)
    upload.complete(*sent[: small + 1])
    assert content(s3, bucket) == bytes(sum(parts[: small + 1]))


def test_exactly_5_mib(s3: Any, bucket: str) -> None:
    upload = Upload(s3, bucket)
    upload.complete(upload.put(1, bytes(5 * MiB)), upload.put(2, b"end"))
    assert s3.head_object(Bucket=bucket, Key="key")["ContentLength"] == 5 * MiB + 3
