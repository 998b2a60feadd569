"""AbortMultipartUpload, ListParts and ListMultipartUploads."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from fakes3part.api.fakes3 import FakeS3
from fakes3part.message import Request
from tests.support.doors import Door, assert_error, refused
from tests.support.errors import INVALID_ENCODING_TYPE, NO_SUCH_UPLOAD
from tests.support.multipart import Upload, content, etag_of, md5, tags, visible_state, visibly_unchanged
from tests.support.state import SIGNED
from tests.support.vectors import CHECKSUM_MEMBERS, DUMMY_CHECKSUMS

XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
NS = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


# --- AbortMultipartUpload ---


def test_abort(door: Door, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="key", Body=b"as before")
    upload, other = Upload(s3, bucket), Upload(s3, bucket)
    upload.put(1)
    part = other.put(1, b"other")
    response = door.raw("DELETE", upload.target)
    assert (response.status, response.body) == (204, b"")
    assert not {"content-type", "x-amz-version-id", "x-amz-request-charged"} & response.headers.keys()
    assert [one[1] for one in visible_state(s3, bucket)["uploads"]] == [other.id]
    assert content(s3, bucket) == b"as before"
    with visibly_unchanged(s3, bucket):
        refused(lambda: s3.abort_multipart_upload(**upload.where), 404, "NoSuchUpload", NO_SUCH_UPLOAD, {"UploadId": upload.id})
        refused(upload.parts, 404, "NoSuchUpload", NO_SUCH_UPLOAD, {"UploadId": upload.id})
    other.complete(part)
    assert content(s3, bucket) == b"other"


def test_abort_without_parts(s3: Any, bucket: str) -> None:
    upload = Upload(s3, bucket)
    assert s3.abort_multipart_upload(**upload.where)["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert visible_state(s3, bucket) == {"uploads": [], "objects": []}


# --- ListParts ---


def test_no_parts(door: Door, s3: Any, bucket: str) -> None:
    upload = Upload(s3, bucket)
    response = door.raw("GET", upload.target)
    owner = s3.list_buckets()["Owner"]["ID"]
    assert response.status == 200
    assert response.headers["content-type"] == "application/xml"
    assert response.body.decode() == (
        f"{XML}<ListPartsResult {NS}><Bucket>bucket</Bucket><Key>key</Key><UploadId>{upload.id}</UploadId>"
        f"<Initiator><ID>{owner}</ID><DisplayName>123456789012</DisplayName></Initiator><Owner><ID>{owner}</ID></Owner>"
        "<StorageClass>STANDARD</StorageClass><PartNumberMarker>0</PartNumberMarker>"
        "<NextPartNumberMarker>0</NextPartNumberMarker><MaxParts>1000</MaxParts><IsTruncated>false</IsTruncated>"
        "</ListPartsResult>"
    )


def test_parts(door: Door, s3: Any, bucket: str) -> None:
    """NextPartNumberMarker names the last part even when no page follows. No checksums: the upload has no algorithm."""
    upload = Upload(s3, bucket)
    begun = datetime.now(timezone.utc).replace(microsecond=0)
    upload.put(7, b"seven")
    upload.put(2, b"two")
    response = s3.list_parts(**upload.where)
    assert [(one["PartNumber"], one["Size"], one["ETag"]) for one in response["Parts"]] == [
        (2, 3, f'"{md5(b"two")}"'),
        (7, 5, f'"{md5(b"seven")}"'),
    ]
    assert all(begun <= one["LastModified"] <= datetime.now(timezone.utc) for one in response["Parts"])
    assert (response["PartNumberMarker"], response["NextPartNumberMarker"], response["IsTruncated"]) == (0, 7, False)
    raw = door.raw("GET", upload.target)
    assert tags(raw)[-3:] == ["IsTruncated", "Part", "Part"]
    assert b"Checksum" not in raw.body
    inside = raw.body.partition(b"<Part>")[2].partition(b"</Part>")[0]
    assert inside.startswith(b"<PartNumber>2</PartNumber><LastModified>")
    assert inside.endswith(f"</LastModified><ETag>&quot;{md5(b'two')}&quot;</ETag><Size>3</Size>".encode())


@pytest.mark.parametrize("algorithm", CHECKSUM_MEMBERS)
def test_parts_with_checksums(door: Door, quiet: Any, bucket: str, algorithm: str) -> None:
    upload = Upload(quiet, bucket, ChecksumAlgorithm=algorithm)
    upload.send(1, b"dummy data", **{CHECKSUM_MEMBERS[algorithm]: DUMMY_CHECKSUMS[algorithm]})
    response = quiet.list_parts(**upload.where)
    kind = "FULL_OBJECT" if algorithm == "CRC64NVME" else "COMPOSITE"
    assert (response["ChecksumAlgorithm"], response["ChecksumType"]) == (algorithm, kind)
    assert response["Parts"][0][CHECKSUM_MEMBERS[algorithm]] == DUMMY_CHECKSUMS[algorithm]
    raw = door.raw("GET", upload.target)
    assert tags(raw)[-3:] == ["Part", "ChecksumAlgorithm", "ChecksumType"]
    assert f"<Size>10</Size><Checksum{algorithm}>{DUMMY_CHECKSUMS[algorithm]}</Checksum{algorithm}></Part>".encode() in raw.body


PAGES: list[tuple[dict[str, int], list[int], int, bool]] = [
    ({}, [1, 3, 5, 10000], 10000, False),
    ({"MaxParts": 2}, [1, 3], 3, True),
    ({"MaxParts": 4}, [1, 3, 5, 10000], 10000, False),
    ({"MaxParts": 3}, [1, 3, 5], 5, True),
    ({"MaxParts": 5000}, [1, 3, 5, 10000], 10000, False),
    ({"PartNumberMarker": 1}, [3, 5, 10000], 10000, False),
    ({"PartNumberMarker": 2}, [3, 5, 10000], 10000, False),
    ({"PartNumberMarker": 3, "MaxParts": 1}, [5], 5, True),
    ({"PartNumberMarker": 5, "MaxParts": 1}, [10000], 10000, False),
    ({"PartNumberMarker": 10000}, [], 0, False),
    ({"PartNumberMarker": 2147483647}, [], 0, False),
    ({"MaxParts": 0}, [], 0, False),
]


@pytest.mark.parametrize(("options", "numbers", "following", "truncated"), PAGES)
def test_pages_of_parts(
    s3: Any, bucket: str, options: dict[str, int], numbers: list[int], following: int, truncated: bool
) -> None:
    """The marker is exclusive; a page has at most 1,000 parts."""
    upload = Upload(s3, bucket)
    for number in (5, 10000, 1, 3):
        upload.put(number)
    response = s3.list_parts(**upload.where, **options)
    assert [one["PartNumber"] for one in response.get("Parts", [])] == numbers
    assert (response["NextPartNumberMarker"], response["IsTruncated"]) == (following, truncated)
    assert response["PartNumberMarker"] == options.get("PartNumberMarker", 0)
    assert response["MaxParts"] == min(options.get("MaxParts", 1000), 1000)


def test_empty_texts_are_defaults(door: Door, s3: Any, bucket: str) -> None:
    upload = Upload(s3, bucket)
    upload.put(1)
    response = door.raw("GET", f"{upload.target}&max-parts=&part-number-marker=")
    assert response.status == 200
    assert b"<PartNumberMarker>0</PartNumberMarker><NextPartNumberMarker>1<" in response.body
    assert b"<MaxParts>1000</MaxParts>" in response.body


BAD_NUMBERS = [
    ("max-parts", "-1", "Argument max-parts must be an integer between 0 and 2147483647"),
    ("max-parts", "-3", "Argument max-parts must be an integer between 0 and 2147483647"),
    ("max-parts", "a", "Provided max-parts not an integer or within integer range"),
    ("max-parts", "2147483648", "Provided max-parts not an integer or within integer range"),
    ("part-number-marker", "-1", "Argument part-number-marker must be an integer between 0 and 2147483647"),
    ("part-number-marker", "x", "Provided part-number-marker not an integer or within integer range"),
]


@pytest.mark.parametrize(("name", "value", "message"), BAD_NUMBERS)
def test_bad_numbers_of_list_parts(door: Door, s3: Any, bucket: str, name: str, value: str, message: str) -> None:
    upload = Upload(s3, bucket)
    upload.put(1)
    with visibly_unchanged(s3, bucket):
        assert_error(
            door.raw("GET", f"{upload.target}&{name}={value}"),
            400,
            "InvalidArgument",
            message,
            {"ArgumentName": name, "ArgumentValue": value},
        )


# --- ListMultipartUploads ---


def test_no_uploads(door: Door, s3: Any, bucket: str) -> None:
    response = door.raw("GET", f"/{bucket}?uploads")
    assert response.status == 200
    assert response.body.decode() == (
        f"{XML}<ListMultipartUploadsResult {NS}><Bucket>bucket</Bucket><KeyMarker/><UploadIdMarker/><NextKeyMarker/>"
        "<NextUploadIdMarker/><MaxUploads>1000</MaxUploads><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>"
    )


def test_uploads(door: Door, s3: Any, bucket: str) -> None:
    """By key, then in the order of their Create. The Next markers name the last one although nothing follows."""
    begun = datetime.now(timezone.utc).replace(microsecond=0)
    uploads = [Upload(s3, bucket, key) for key in ("b", "a", "b", "B")]
    response = s3.list_multipart_uploads(Bucket=bucket)
    ids = [uploads[index].id for index in (3, 1, 0, 2)]
    assert [(one["Key"], one["UploadId"]) for one in response["Uploads"]] == list(zip("Babb", ids, strict=True))
    assert (response["NextKeyMarker"], response["NextUploadIdMarker"]) == ("b", ids[-1])
    assert (response["KeyMarker"], response["UploadIdMarker"], response["IsTruncated"]) == ("", "", False)
    owner = s3.list_buckets()["Owner"]["ID"]
    for one in response["Uploads"]:
        assert begun <= one["Initiated"] <= datetime.now(timezone.utc)
        assert one["StorageClass"] == "STANDARD"
        assert (one["Owner"], one["Initiator"]) == ({"ID": owner}, {"ID": owner, "DisplayName": "123456789012"})
        assert not {"ChecksumAlgorithm", "ChecksumType"} & one.keys()


def test_elements_of_an_upload(door: Door, s3: Any, bucket: str) -> None:
    upload = Upload(s3, bucket, ChecksumAlgorithm="SHA1")
    Upload(s3, bucket, "folder/key")
    response = door.raw("GET", f"/{bucket}?uploads&delimiter=/&prefix=&encoding-type=url")
    assert tags(response) == [
        "Bucket",
        "KeyMarker",
        "UploadIdMarker",
        "NextKeyMarker",
        "NextUploadIdMarker",
        "Delimiter",
        "EncodingType",
        "MaxUploads",
        "IsTruncated",
        "Upload",
        "CommonPrefixes",
    ]
    inside = response.body.decode().partition("<Upload>")[2].partition("</Upload>")[0]
    assert inside.startswith(f"<Key>key</Key><UploadId>{upload.id}</UploadId><Initiator>")
    assert "</Initiator><Owner>" in inside
    assert "</Owner><StorageClass>STANDARD</StorageClass><Initiated>" in inside
    assert inside.endswith("</Initiated><ChecksumAlgorithm>SHA1</ChecksumAlgorithm><ChecksumType>COMPOSITE</ChecksumType>")
    assert response.body.decode().endswith(
        "</Upload><CommonPrefixes><Prefix>folder/</Prefix></CommonPrefixes></ListMultipartUploadsResult>"
    )


KEYS = ("a", "a", "b/1", "b/2", "b/2", "c")
Options = dict[str, Any]
UPLOAD_PAGES: list[tuple[Options, str, list[str], str, bool]] = [
    # options, the letters of KEYS' positions listed, prefixes, the next markers' position (or prefix), truncated
    ({}, "012345", [], "5", False),
    ({"MaxUploads": 2}, "01", [], "1", True),
    ({"MaxUploads": 6}, "012345", [], "5", False),
    ({"MaxUploads": 0}, "", [], "", False),
    ({"MaxUploads": 5000}, "012345", [], "5", False),
    ({"KeyMarker": "a"}, "2345", [], "5", False),
    ({"KeyMarker": "a", "UploadIdMarker": 0}, "12345", [], "5", False),
    ({"KeyMarker": "a", "UploadIdMarker": 1}, "2345", [], "5", False),
    ({"KeyMarker": "b/2", "UploadIdMarker": 3, "MaxUploads": 1}, "4", [], "4", True),
    ({"KeyMarker": "aa"}, "2345", [], "5", False),
    ({"KeyMarker": "c"}, "", [], "", False),
    ({"UploadIdMarker": 3}, "012345", [], "5", False),
    ({"Prefix": "b/"}, "234", [], "4", False),
    ({"Prefix": "b/", "MaxUploads": 2}, "23", [], "3", True),
    ({"Prefix": "b/", "KeyMarker": "b/1"}, "34", [], "4", False),
    ({"Prefix": "b/", "KeyMarker": "a"}, "234", [], "4", False),
    ({"Prefix": "x"}, "", [], "", False),
    ({"Delimiter": "/"}, "015", ["b/"], "5", False),
    ({"Delimiter": "/", "MaxUploads": 3}, "01", ["b/"], "b/", True),
    ({"Delimiter": "/", "KeyMarker": "b/"}, "5", [], "5", False),
    ({"Delimiter": "/", "KeyMarker": "a", "MaxUploads": 1}, "", ["b/"], "b/", True),
    ({"Delimiter": "/", "Prefix": "b"}, "", ["b/"], "b/", False),
    ({"Delimiter": "/", "Prefix": "b/"}, "234", [], "4", False),
]


@pytest.mark.parametrize(("options", "shown", "prefixes", "following", "truncated"), UPLOAD_PAGES)
def test_pages_of_uploads(
    s3: Any, bucket: str, options: Options, shown: str, prefixes: list[str], following: str, truncated: bool
) -> None:
    ids = [Upload(s3, bucket, key).id for key in KEYS]
    if "UploadIdMarker" in options:
        options = {**options, "UploadIdMarker": ids[options["UploadIdMarker"]]}
    response = s3.list_multipart_uploads(Bucket=bucket, **options)
    listed = [(one["Key"], one["UploadId"]) for one in response.get("Uploads", [])]
    assert listed == [(KEYS[int(position)], ids[int(position)]) for position in shown]
    assert [one["Prefix"] for one in response.get("CommonPrefixes", [])] == prefixes
    markers = (KEYS[int(following)], ids[int(following)]) if following.isdigit() else (following, "")
    assert (response["NextKeyMarker"], response["NextUploadIdMarker"]) == markers
    assert response["IsTruncated"] is truncated
    assert response["MaxUploads"] == min(options.get("MaxUploads", 1000), 1000)
    assert response.get("Prefix", "") == options.get("Prefix", "")
    assert response.get("Delimiter") == options.get("Delimiter")
    assert response["KeyMarker"] == options.get("KeyMarker", "")
    assert response["UploadIdMarker"] == (options.get("UploadIdMarker", "") if "KeyMarker" in options else "")


@pytest.mark.parametrize("delimiter", ["", "/"])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_paginator(s3: Any, bucket: str, size: int, delimiter: str) -> None:
    """Page by page every entry is listed once and in order, wherever the pages end."""
    expected = [(key, Upload(s3, bucket, key).id) for key in KEYS]
    options = {"Delimiter": delimiter} if delimiter else {}
    pages = list(
        s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, PaginationConfig={"PageSize": size}, **options)
    )
    found = [(one["Key"], one["UploadId"]) for page in pages for one in page.get("Uploads", [])]
    prefixes = [one["Prefix"] for page in pages for one in page.get("CommonPrefixes", [])]
    if delimiter:
        expected = [one for one in expected if "/" not in one[0]]
    assert (found, prefixes) == (expected, ["b/"] if delimiter else [])
    assert [len(page.get("Uploads", [])) + len(page.get("CommonPrefixes", [])) for page in pages[:-1]] == [size] * (
        len(pages) - 1
    )


def test_encoding_type(s3: Any, bucket: str, door: Door) -> None:
    Upload(s3, bucket, "a b+é/ü")
    Upload(s3, bucket, "a b/c")
    raw = door.raw("GET", f"/{bucket}?uploads&encoding-type=url&prefix=a%20b&delimiter=/")
    assert b"<EncodingType>url</EncodingType>" in raw.body
    assert b"<Prefix>a+b</Prefix>" in raw.body
    assert b"<CommonPrefixes><Prefix>a+b%2B%C3%A9/</Prefix></CommonPrefixes>" in raw.body
    assert b"<CommonPrefixes><Prefix>a+b/</Prefix></CommonPrefixes>" in raw.body
    plain = s3.list_multipart_uploads(Bucket=bucket, Prefix="a b")
    assert [one["Key"] for one in plain["Uploads"]] == ["a b+é/ü", "a b/c"]


BAD_OPTIONS = [
    ("key-marker=key&upload-id-marker=nonsense", "Invalid uploadId marker", "upload-id-marker", "nonsense"),
    ("encoding-type=base64", INVALID_ENCODING_TYPE, "encoding-type", "base64"),
    ("max-uploads=-1", "Argument max-uploads must be an integer between 0 and 2147483647", "max-uploads", "-1"),
    ("max-uploads=x", "Provided max-uploads not an integer or within integer range", "max-uploads", "x"),
]


@pytest.mark.parametrize(("query", "message", "name", "value"), BAD_OPTIONS)
def test_bad_options_of_list_uploads(door: Door, s3: Any, bucket: str, query: str, message: str, name: str, value: str) -> None:
    Upload(s3, bucket)
    with visibly_unchanged(s3, bucket):
        assert_error(
            door.raw("GET", f"/{bucket}?uploads&{query}"),
            400,
            "InvalidArgument",
            message,
            {"ArgumentName": name, "ArgumentValue": value},
        )


def test_upload_id_marker_of_another_key(s3: Any, bucket: str) -> None:
    """Assumed, not recorded from AWS: rejected like an invalid marker."""
    Upload(s3, bucket, "a")
    other = Upload(s3, bucket, "b").id
    refused(
        lambda: s3.list_multipart_uploads(Bucket=bucket, KeyMarker="a", UploadIdMarker=other),
        400,
        "InvalidArgument",
        "Invalid uploadId marker",
        {"ArgumentName": "upload-id-marker", "ArgumentValue": other},
    )


def test_upload_id_marker_is_ignored_without_key_marker(door: Door, s3: Any, bucket: str) -> None:
    Upload(s3, bucket)
    response = door.raw("GET", f"/{bucket}?uploads&upload-id-marker=nonsense")
    assert response.status == 200
    assert b"<Key>key</Key>" in response.body


# --- many ---


class Crowd:
    """A fake called without HTTP: no client could send ten thousand requests in a second."""

    def __init__(self) -> None:
        self.fake = FakeS3(min_part_size=1)
        self.ask("PUT", "/bucket")

    def ask(self, method: str, path: str, query: str = "", body: bytes = b"") -> bytes:
        headers = {
            **{name.lower(): value for name, value in SIGNED.items()},
            "content-length": str(len(body)),
        }
        response = self.fake.handle(Request(method, "s3.amazonaws.com", path, query, headers, body))
        assert response.status == 200
        return b"".join(response.body)

    def create(self, key: str) -> str:
        return self.ask("POST", f"/bucket/{key}", "uploads").partition(b"<UploadId>")[2].partition(b"<")[0].decode()


def test_at_most_1000_uploads_a_page(_clients: dict[str, Any]) -> None:  # noqa: PT019 (they are no values)
    s3 = _clients["in-process"]
    crowd = Crowd()
    ids = [crowd.create(f"{number:04}") for number in range(1002)]
    with crowd.fake:
        first = s3.list_multipart_uploads(Bucket="bucket", MaxUploads=1002)
        assert (len(first["Uploads"]), first["IsTruncated"], first["MaxUploads"]) == (1000, True, 1000)
        rest = s3.list_multipart_uploads(
            Bucket="bucket", KeyMarker=first["NextKeyMarker"], UploadIdMarker=first["NextUploadIdMarker"]
        )
        assert [one["UploadId"] for one in first["Uploads"] + rest["Uploads"]] == ids


def test_10000_parts(_clients: dict[str, Any]) -> None:  # noqa: PT019 (they are no values)
    s3 = _clients["in-process"]
    crowd = Crowd()
    upload_id = crowd.create("key")
    for number in range(10000, 0, -1):
        crowd.ask("PUT", "/bucket/key", f"partNumber={number}&uploadId={upload_id}", b"%05d" % number)
    where = {"Bucket": "bucket", "Key": "key", "UploadId": upload_id}
    with crowd.fake:
        pages = list(s3.get_paginator("list_parts").paginate(**where))
        assert [len(page["Parts"]) for page in pages] == [1000] * 10
        assert [page["IsTruncated"] for page in pages] == [True] * 9 + [False]
        listed = [part for page in pages for part in page["Parts"]]
        assert [part["PartNumber"] for part in listed] == list(range(1, 10001))
        parts = [{"PartNumber": part["PartNumber"], "ETag": part["ETag"]} for part in listed]
        completed = s3.complete_multipart_upload(**where, MultipartUpload={"Parts": parts})
        whole = b"".join(b"%05d" % number for number in range(1, 10001))
        assert completed["ETag"] == etag_of(*(b"%05d" % number for number in range(1, 10001)))
        assert content(s3, "bucket") == whole
        assert content(s3, "bucket", PartNumber=10000) == b"10000"
        assert content(s3, "bucket", Range="bytes=24998-25006") == whole[24998:25007]
