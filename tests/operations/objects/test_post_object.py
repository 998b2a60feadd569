"""PostObject: responses to accepted forms, and the stored objects."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from botocore.config import Config

from fakes3part.message import Request
from tests.support.doors import Door
from tests.support.post_forms import BOUNDARY, DATA, HEADERS, body, form, post, send, signed, stored

ETAG = f'"{hashlib.md5(DATA).hexdigest()}"'

pytestmark = pytest.mark.usefixtures("bucket")

STATUSES = {None: 204, "200": 200, "201": 201, "204": 204, "202": 204, "404": 204, "": 204, "two hundred": 204}


@pytest.mark.parametrize(("requested", "status"), STATUSES.items())
@pytest.mark.parametrize("version", [4, 2])
def test_status(door: Door, requested: str | None, status: int, version: int) -> None:
    fields = {"key": "k"} | ({} if requested is None else {"success_action_status": requested})
    response = post(door, signed(fields, version=version))
    location = f"{door.url}/bucket/k"
    assert (response.status, response.headers["etag"], response.headers["location"]) == (status, ETAG, location)
    if status == 201:
        assert response.headers["content-type"] == "application/xml"
        assert response.body.decode() == (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f"<PostResponse><Location>{location}</Location><Bucket>bucket</Bucket><Key>k</Key>"
            f"<ETag>&quot;{ETAG[1:-1]}&quot;</ETag></PostResponse>"
        )
    else:
        assert response.body == b""
    assert response.headers["x-amz-server-side-encryption"] == "AES256"
    got = stored(door, "k")
    assert (got["Body"], got["ETag"], got["ContentType"]) == (DATA, ETAG, "binary/octet-stream")


TOLD = {"bucket": ["bucket"], "key": ["a b/ü&c"], "etag": [ETAG]}
REDIRECTS = {
    "http://localhost.test/random": TOLD,
    "https://localhost.test:8443/": TOLD,
    "http://localhost.test?a=1&b=": {"a": ["1"], "b": [""], **TOLD},
    "http://localhost.test/x?y#part": {"y": [""], **TOLD},
}


@pytest.mark.parametrize("field", ["success_action_redirect", "redirect"])
@pytest.mark.parametrize(("url", "returned"), REDIRECTS.items(), ids=list(REDIRECTS))
def test_redirect(door: Door, url: str, returned: dict[str, list[str]], field: str) -> None:
    response = post(door, signed({"key": "a b/ü&c", field: url, "success_action_status": "201"}))
    assert (response.status, response.body, response.headers["etag"]) == (303, b"", ETAG)
    found, requested = urlsplit(response.headers["location"]), urlsplit(url)
    assert parse_qs(found.query, keep_blank_values=True) == returned
    assert found._replace(query="") == requested._replace(query="")


def test_redirect_to_the_letter(door: Door) -> None:
    response = post(door, signed({"key": "k", "success_action_redirect": "http://localhost.test/random"}))
    returned = f"bucket=bucket&key=k&etag=%22{ETAG[1:-1]}%22"
    assert response.headers["location"] == f"http://localhost.test/random?{returned}"


@pytest.mark.parametrize(
    "url", ["", "relative", "/a/b", "//host/a", "http://", "http:///a", "javascript:alert(1)", "http://[", "http://ü/"]
)
def test_no_absolute_url(door: Door, url: str) -> None:
    response = post(door, signed({"key": "k", "success_action_redirect": url}))
    assert (response.status, response.headers["location"]) == (204, f"{door.url}/bucket/k")


FILENAMES = {
    "plain": ("up/${filename}", "photo.jpg", "up/photo.jpg"),
    "twice": ("${filename}/${filename}", "a", "a/a"),
    "unix path": ("up/${filename}", "/home/me/photo.jpg", "up/photo.jpg"),
    "windows path": ("up/${filename}", "C:\\Users\\me\\photo.jpg", "up/photo.jpg"),
    "windows path, escaped": ("up/${filename}", "C:\\\\me\\\\photo.jpg", "up/photo.jpg"),
    "unicode": ("up/${filename}", "größe ✓.txt", "up/größe ✓.txt"),
    "quoted": ("up/${filename}", "a%22b.txt", 'up/a"b.txt'),
    "quoted, escaped": ("up/${filename}", 'a\\"b.txt', 'up/a"b.txt'),
    "no file chosen": ("up/${filename}", "", "up/"),
    "file is a plain field": ("up/${filename}", None, "up/${filename}"),
    "another variable": ("up/${user}", "photo.jpg", "up/${user}"),
    "its own name again": ("${filename}", "${filename}", "${filename}"),
}


@pytest.mark.parametrize(("key", "filename", "expected"), FILENAMES.values(), ids=FILENAMES)
def test_filename(door: Door, key: str, filename: str | None, expected: str) -> None:
    assert post(door, signed({"key": key}), filename=filename).status == 204
    assert [one["Key"] for one in door.client.list_objects_v2(Bucket="bucket")["Contents"]] == [expected]


def test_filename_in_every_field(door: Door) -> None:
    fields = {"key": "k", "x-amz-meta-name": "is ${filename}", "success_action_redirect": "http://a.test/${filename}"}
    response = post(door, signed(fields))
    assert response.headers["location"].startswith("http://a.test/photo.jpg?")
    assert stored(door, "k")["Metadata"] == {"name": "is photo.jpg"}


KEPT: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "content headers": (
        {
            "Content-Type": "image/jpeg",
            "Cache-Control": "max-age=60",
            "Content-Disposition": "attachment",
            "Content-Encoding": "gzip",
            "Content-Language": "de",
            "Expires": "Thu, 01 Jan 2026 00:00:00 GMT",
        },
        {
            "ContentType": "image/jpeg",
            "CacheControl": "max-age=60",
            "ContentDisposition": "attachment",
            "ContentEncoding": "gzip",
            "ContentLanguage": "de",
            "ExpiresString": "Thu, 01 Jan 2026 00:00:00 GMT",
        },
    ),
    "metadata": ({"x-amz-meta-A": "1", "X-Amz-Meta-b": "two words"}, {"Metadata": {"a": "1", "b": "two words"}}),
    "unicode metadata": ({"x-amz-meta-a": "grüße"}, {"Metadata": {"a": "=?UTF-8?Q?gr=C3=BC=C3=9Fe?="}}),
    "metadata that looks encoded": ({"x-amz-meta-a": "=?UTF-8?Q?caf=C3=A9?="}, {"Metadata": {"a": "=?UTF-8?Q?caf=C3=A9?="}}),
    "metadata that looks wrong": ({"x-amz-meta-a": "=?x?= é"}, {"Metadata": {"a": "=?UTF-8?Q?=3D=3Fx=3F=3D_=C3=A9?="}}),
    "mostly foreign metadata": ({"x-amz-meta-a": "žluť"}, {"Metadata": {"a": "=?UTF-8?B?xb5sdcWl?="}}),
    "metadata beyond latin-1": ({"x-amz-meta-a": "price: 5 €"}, {"Metadata": {"a": "=?UTF-8?Q?price:_5_=E2=82=AC?="}}),
    "metadata with a tab": ({"x-amz-meta-a": "1\tb"}, {"Metadata": {"a": "1\tb"}}),
    "metadata of several lines": ({"x-amz-meta-a": "1\r\nb"}, {"Metadata": {"a": "=?UTF-8?Q?1=0D=0Ab?="}}),
    "system header beyond latin-1": ({"Content-Disposition": "a✓b\r\nc"}, {"ContentDisposition": "a b  c"}),
    "storage class": ({"x-amz-storage-class": "STANDARD_IA"}, {"StorageClass": "STANDARD_IA"}),
    "website redirect": ({"x-amz-website-redirect-location": "/other"}, {"WebsiteRedirectLocation": "/other"}),
    "encryption": ({"x-amz-server-side-encryption": "AES256"}, {"ServerSideEncryption": "AES256"}),
    "KMS": ({"x-amz-server-side-encryption": "aws:kms"}, {"ServerSideEncryption": "aws:kms"}),
    "canned ACL": ({"acl": "bucket-owner-full-control"}, {}),
    "requester pays": ({"x-amz-request-payer": "requester"}, {}),
    "expected owner": ({"x-amz-expected-bucket-owner": "123456789012"}, {}),
    "checksum by default": ({}, {"ChecksumCRC64NVME": "dPVWc2vU1+Q=", "ChecksumType": "FULL_OBJECT"}),
    "checksum": ({"x-amz-checksum-crc32": "QWaN2w=="}, {"ChecksumCRC32": "QWaN2w=="}),
    "Content-MD5": ({"Content-MD5": "Mb+5cwrlGvc5U7pyDIZg1w=="}, {"ETag": ETAG}),
    "ignored by name": ({"x-ignore-me": "1"}, {"Metadata": {}}),
    "of no meaning": ({"submit": "Upload"}, {"Metadata": {}}),
    "tags": (
        {"tagging": "<Tagging><TagSet><Tag><Key>a=b</Key><Value>ü +</Value></Tag></TagSet></Tagging>"},
        {"TagCount": 1},
    ),
    "tags of another shape": ({"tagging": "<Tags><Tag/></Tags>"}, {}),
}


@pytest.mark.parametrize(("fields", "shown"), KEPT.values(), ids=KEPT)
def test_kept(door: Door, fields: dict[str, str], shown: dict[str, Any]) -> None:
    assert post(door, signed({"key": "k", **fields})).status == 204
    got = stored(door, "k")
    assert got["Body"] == DATA
    assert {name: got[name] for name in shown} == shown


def test_tags(door: Door) -> None:
    post(door, signed({"key": "k", **KEPT["tags"][0]}))
    assert door.fake.store.buckets["bucket"].objects["k"].properties.tags == {"a=b": "ü +"}


def test_headers_of_the_request_are_not_the_object_s(door: Door) -> None:
    headers = {
        **HEADERS,
        "Cache-Control": "no-cache",
        "x-amz-meta-a": "1",
        "If-None-Match": "*",
        "x-amz-storage-class": "GLACIER",
    }
    for _ in range(2):
        assert send(door, form(signed({"key": "k"})), headers).status == 204
    got = stored(door, "k")
    assert ("CacheControl" in got, got["Metadata"], "StorageClass" in got) == (False, {}, False)


def test_names_in_any_case(door: Door) -> None:
    fields = signed({"key": "k", "success_action_status": "201", "x-amz-meta-a": "1"})
    assert post(door, {name.swapcase(): text for name, text in fields.items()}).status == 201
    assert stored(door, "k")["Metadata"] == {"a": "1"}


def test_fields_after_the_file_are_ignored(door: Door) -> None:
    parts = [(name, text, None) for name, text in signed({"key": "k"}).items()]
    parts += [("File", DATA, "photo.jpg"), ("key", "other", None), ("x-amz-meta-a", "1", None)]
    assert send(door, body(parts)).status == 204
    assert stored(door, "k")["Metadata"] == {}


def test_every_field_has_a_filename(door: Door) -> None:
    parts = [(name, text, name) for name, text in signed({"key": "k/${filename}"}).items()]
    assert send(door, body([*parts, ("file", DATA, "photo.jpg")])).status == 204
    assert stored(door, "k/photo.jpg")["Body"] == DATA


def test_the_first_of_a_name_counts(door: Door) -> None:
    parts = [("key", "k", None), ("KEY", "other", None)]
    parts += [(name, text, None) for name, text in signed({"key": "k"}).items() if name != "key"]
    assert send(door, body([*parts, ("file", DATA, None)])).status == 204
    assert stored(door, "k")["Body"] == DATA


FILES = {
    "empty": b"",
    "line ends": b"\r\n\r\n\n\r",
    "all bytes": bytes(range(256)) * 3,
    "nearly a boundary": f"\r\n--{BOUNDARY[:-1]}\r\n--{BOUNDARY}x\r\n--".encode(),
    "part of a boundary at the end": b"a\r\n--",
    "a MiB": b"\r\n-" * 350_000,
}


@pytest.mark.parametrize("data", FILES.values(), ids=FILES)
def test_bytes(door: Door, data: bytes) -> None:
    assert post(door, signed({"key": "k"}), data).status == 204
    assert stored(door, "k")["Body"] == data


@pytest.mark.parametrize("filename", [None, "", "photo.jpg"])
def test_text_as_file(door: Door, filename: str | None) -> None:
    assert post(door, signed({"key": "k"}), "a text", filename).status == 204
    assert stored(door, "k")["Body"] == b"a text"


def test_versions(door: Door) -> None:
    door.client.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    first, second = (post(door, signed({"key": "k"})).headers["x-amz-version-id"] for _ in range(2))
    assert first != second
    assert stored(door, "k")["VersionId"] == second


def test_line_feeds_alone(door: Door) -> None:
    """Scripts write such forms, which the RFC does not allow."""
    content = form(signed({"key": "k"}), b"data").replace(b"\r\n", b"\n")
    assert send(door, content).status == 204
    assert stored(door, "k")["Body"] == b"data"


@pytest.mark.parametrize("content_type", ['Multipart/Form-Data; charset=UTF-8; boundary="{}"', "multipart/form-data;boundary={}"])
def test_content_types(door: Door, content_type: str) -> None:
    assert send(door, form(signed({"key": "k"})), {"Content-Type": content_type.format(BOUNDARY)}).status == 204


def test_bucket_in_the_host(door: Door) -> None:
    content = form(signed({"key": "a b/c", "success_action_status": "201"}))
    headers = {"content-type": HEADERS["Content-Type"], "content-length": str(len(content))}
    response = door.fake.handle(Request("POST", "bucket.s3.amazonaws.com", "/", headers=headers, body=content))
    assert (response.status, response.operation) == (201, "PostObject")
    assert dict(response.headers)["Location"] == "https://bucket.s3.amazonaws.com/a+b%2Fc"


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_fields_made_by_boto3(door: Door, version: str) -> None:
    with door.client_with(config=Config(signature_version=version)) as s3:
        made = s3.generate_presigned_post(
            "bucket",
            "up/${filename}",
            Fields={"acl": "private", "Content-Type": "text/plain"},
            Conditions=[{"acl": "private"}, ["starts-with", "$Content-Type", "text/"], ["content-length-range", 1, 100]],
        )
    assert post(door, made["fields"]).status == 204
    assert stored(door, "up/photo.jpg")["ContentType"] == "text/plain"


@pytest.mark.parametrize("door", ["server"], indirect=True)
@pytest.mark.parametrize("version", ["s3v4", "s3"])
@pytest.mark.parametrize("all_files", [False, True])
def test_requests(door: Door, version: str, all_files: bool) -> None:
    """``requests`` writes either kind of form: plain fields, or every field as a file."""
    with door.client_with(config=Config(signature_version=version)) as s3:
        made = s3.generate_presigned_post("bucket", "up/${filename}")
    files: dict[str, Any] = {"file": ("größe.txt", DATA)}
    if all_files:
        files = {**{name: (name, text) for name, text in made["fields"].items()}, **files}
    response = requests.post(made["url"], data={} if all_files else made["fields"], files=files, timeout=10)
    assert (response.status_code, response.content, response.headers["ETag"]) == (204, b"", ETAG)
    assert stored(door, "up/größe.txt")["Body"] == DATA


@pytest.mark.parametrize("door", ["server"], indirect=True)
def test_a_browser_follows_the_redirect(door: Door) -> None:
    url = f"{door.url}/_fakes3part/health"
    response = requests.post(
        f"{door.url}/bucket",
        files={},
        data=form(signed({"key": "k", "success_action_redirect": url})),
        headers=HEADERS,
        timeout=10,
    )
    assert [one.status_code for one in response.history] == [303]
    assert response.url == f"{url}?bucket=bucket&key=k&etag=%22{ETAG[1:-1]}%22"
