"""ListObjectVersions: documents, markers, encodings, owners, and invalid arguments.

Sources: recorded from AWS, February 2026 (LocalStack's test_s3.snapshot.json); botocore's model documentation.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any
from xml.etree import ElementTree

import pytest

from fakes3part.state.objects import Restore
from tests.support.doors import Door, assert_error
from tests.support.errors import INVALID_ENCODING_TYPE, INVALID_VERSION_ID
from tests.support.state import unchanged
from tests.support.version_ids import GONE

XMLNS = "{http://s3.amazonaws.com/doc/2006-03-01/}"
VERSION = ["Key", "VersionId", "IsLatest", "LastModified", "ETag", "ChecksumAlgorithm", "ChecksumType", "Size", "Owner"]
MARKER = ["Key", "VersionId", "IsLatest", "LastModified", "Owner"]


def tree(door: Door, query: str = "") -> ElementTree.Element:
    response = door.raw("GET", f"/bucket?versions{query}")
    assert (response.status, response.headers["content-type"]) == (200, "application/xml")
    assert response.headers["x-amz-bucket-region"] == "us-east-1"
    root = ElementTree.fromstring(response.body)
    assert root.tag == f"{XMLNS}ListVersionsResult"
    return root


def names(element: ElementTree.Element) -> list[str]:
    return [child.tag.removeprefix(XMLNS) for child in element]


def fields(root: ElementTree.Element) -> list[tuple[str, str | None]]:
    """Return the fields of the document except the entries."""
    apart = ("Version", "DeleteMarker", "CommonPrefixes")
    return [(name, child.text) for name, child in zip(names(root), root, strict=True) if name not in apart]


def listed(root: ElementTree.Element) -> list[tuple[str | None, ...]]:
    """Return (element, key, version id, is latest) of each entry, in the order of the document."""
    entries = [child for child in root if child.tag in (f"{XMLNS}Version", f"{XMLNS}DeleteMarker")]
    expected = ("Key", "VersionId", "IsLatest")
    return [(entry.tag.removeprefix(XMLNS), *(entry.findtext(f"{XMLNS}{name}") for name in expected)) for entry in entries]


def enable(s3: Any, status: str = "Enabled") -> None:
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": status})


def put(s3: Any, key: str) -> str:
    return str(s3.put_object(Bucket="bucket", Key=key, Body=b"abc").get("VersionId", "null"))


def mark(s3: Any, key: str) -> str:
    return str(s3.delete_object(Bucket="bucket", Key=key)["VersionId"])


@pytest.fixture
def mixed(s3: Any, bucket: str) -> list[tuple[str, str, str, str]]:
    """Three keys, one of them deleted and put again, as listings return them."""
    before = put(s3, "b")
    enable(s3)
    first, marker, last = put(s3, "a"), mark(s3, "a"), put(s3, "a")
    gone = mark(s3, "b")
    only = put(s3, "c")
    return [
        ("Version", "a", last, "true"),
        ("DeleteMarker", "a", marker, "false"),
        ("Version", "a", first, "false"),
        ("DeleteMarker", "b", gone, "true"),
        ("Version", "b", before, "false"),
        ("Version", "c", only, "true"),
    ]


def test_document(door: Door, mixed: Any) -> None:
    root = tree(door)
    assert fields(root) == [
        ("Name", "bucket"),
        ("Prefix", None),
        ("KeyMarker", None),
        ("VersionIdMarker", None),
        ("MaxKeys", "1000"),
        ("IsTruncated", "false"),
    ]
    assert listed(root) == mixed
    for entry in root:
        if entry.tag == f"{XMLNS}Version":
            assert names(entry) == [*VERSION, "StorageClass"]
            assert entry.findtext(f"{XMLNS}ETag") == '"900150983cd24fb0d6963f7d28e17f72"'
            assert entry.findtext(f"{XMLNS}Size") == "3"
            assert entry.findtext(f"{XMLNS}StorageClass") == "STANDARD"
            assert entry.findtext(f"{XMLNS}ChecksumType") == "FULL_OBJECT"
        elif entry.tag == f"{XMLNS}DeleteMarker":
            assert names(entry) == MARKER
            assert re.fullmatch(r"[-0-9]{10}T[:0-9]{8}\.000Z", entry.findtext(f"{XMLNS}LastModified") or "")
    [owner] = {tuple((one.tag, one.text) for one in owner) for owner in root.iter(f"{XMLNS}Owner")}
    assert [name for name, _ in owner] == [f"{XMLNS}ID"]


def test_document_with_everything(door: Door, mixed: Any) -> None:
    put(door.client, "a/1")
    root = tree(door, f"&delimiter=/&max-keys=2&key-marker=a&version-id-marker={mixed[1][2]}&encoding-type=url&prefix=")
    assert fields(root) == [
        ("Name", "bucket"),
        ("Prefix", None),
        ("KeyMarker", "a"),
        ("VersionIdMarker", mixed[1][2]),
        ("NextKeyMarker", "a/"),  # after a common prefix there is no version to continue from
        ("MaxKeys", "2"),
        ("Delimiter", "/"),
        ("EncodingType", "url"),
        ("IsTruncated", "true"),
    ]
    assert listed(root) == [mixed[2]]
    assert names(root)[-2:] == ["Version", "CommonPrefixes"]
    root = tree(door, "&delimiter=/&max-keys=1&key-marker=a/")
    assert ("NextVersionIdMarker", mixed[3][2]) in fields(root)
    assert listed(root) == [mixed[3]]


@pytest.mark.parametrize("size", range(1, 8))
def test_pages_are_cut_between_versions(door: Door, mixed: Any, size: int) -> None:
    paginator = door.client.get_paginator("list_object_versions")
    pages = list(paginator.paginate(Bucket="bucket", PaginationConfig={"PageSize": size}))
    found = [[*page.get("Versions", []), *page.get("DeleteMarkers", [])] for page in pages]
    assert [len(page) for page in found] == [len(mixed[start : start + size]) for start in range(0, 6, size)]
    ids = [{entry["VersionId"] for entry in page} for page in found]
    assert ids == [{entry[2] for entry in mixed[start : start + size]} for start in range(0, 6, size)]
    latest = {entry["VersionId"] for page in found for entry in page if entry["IsLatest"]}
    assert latest == {entry[2] for entry in mixed if entry[3] == "true"}
    assert [page["IsTruncated"] for page in pages] == [True] * (len(pages) - 1) + [False]


def test_markers(door: Door, mixed: Any) -> None:
    assert listed(tree(door, "&key-marker=a")) == mixed[3:]
    assert listed(tree(door, "&key-marker=0")) == mixed
    assert listed(tree(door, f"&key-marker=a&version-id-marker={mixed[0][2]}")) == mixed[1:]
    assert listed(tree(door, f"&key-marker=a&version-id-marker={mixed[2][2]}")) == mixed[3:]
    assert listed(tree(door, "&key-marker=b&version-id-marker=null")) == mixed[5:]
    assert listed(tree(door, f"&key-marker=c&version-id-marker={mixed[5][2]}")) == []
    # The marker's version does not exist any more: all versions of the key are listed.
    assert listed(tree(door, f"&key-marker=a&version-id-marker={GONE}")) == mixed
    assert listed(tree(door, f"&key-marker=c&version-id-marker={GONE}")) == mixed[5:]
    assert listed(tree(door, f"&key-marker=aa&version-id-marker={GONE}")) == mixed[3:]


def test_never_versioned(door: Door, bucket: str) -> None:
    for key in ("b", "a"):
        put(door.client, key)
    assert listed(tree(door)) == [("Version", "a", "null", "true"), ("Version", "b", "null", "true")]
    assert listed(tree(door, "&max-keys=1&key-marker=a&version-id-marker=null")) == [("Version", "b", "null", "true")]
    door.client.delete_object(Bucket=bucket, Key="a")
    assert listed(tree(door)) == [("Version", "b", "null", "true")]


def test_empty(door: Door, bucket: str) -> None:
    assert names(tree(door)) == ["Name", "Prefix", "KeyMarker", "VersionIdMarker", "MaxKeys", "IsTruncated"]
    put(door.client, "a")
    for query in ("&max-keys=0", "&prefix=b"):
        root = tree(door, query)
        assert (listed(root), root.findtext(f"{XMLNS}IsTruncated")) == ([], "false")


def test_a_page_is_of_a_thousand_at_most(door: Door, bucket: str) -> None:
    put(door.client, "a")
    assert tree(door, "&max-keys=2000").findtext(f"{XMLNS}MaxKeys") == "2000"
    assert tree(door, "&max-keys=").findtext(f"{XMLNS}MaxKeys") == "1000"


def test_suspended(door: Door, bucket: str) -> None:
    s3 = door.client
    put(s3, "a")
    enable(s3)
    kept = put(s3, "a")
    assert listed(tree(door)) == [("Version", "a", kept, "true"), ("Version", "a", "null", "false")]
    enable(s3, "Suspended")
    assert mark(s3, "a") == "null"  # it takes the place of the null version, and is the newest
    assert listed(tree(door)) == [("DeleteMarker", "a", "null", "true"), ("Version", "a", kept, "false")]
    put(s3, "a")
    assert listed(tree(door)) == [("Version", "a", "null", "true"), ("Version", "a", kept, "false")]
    s3.delete_object(Bucket=bucket, Key="a", VersionId="null")
    assert listed(tree(door)) == [("Version", "a", kept, "true")]


def test_common_prefixes(door: Door, bucket: str) -> None:
    s3 = door.client
    enable(s3)
    for key in ("x/1", "x/1", "x/2", "y", "z/1"):
        put(s3, key)
    mark(s3, "x/1")
    mark(s3, "z/1")
    root = tree(door, "&delimiter=/")
    assert [entry[1] for entry in listed(root)] == ["y"]
    assert [prefix.findtext(f"{XMLNS}Prefix") for prefix in root.iter(f"{XMLNS}CommonPrefixes")] == ["x/", "z/"]
    assert [entry[1] for entry in listed(tree(door, "&delimiter=/&prefix=x/"))] == ["x/1", "x/1", "x/1", "x/2"]
    seen = tree(door, "&delimiter=/&key-marker=x/1&max-keys=1")  # a marker within a prefix has seen it
    assert ([entry[1] for entry in listed(seen)], seen.findtext(f"{XMLNS}IsTruncated")) == (["y"], "true")
    assert seen.find(f"{XMLNS}CommonPrefixes") is None


def test_url_encoding(door: Door, bucket: str) -> None:
    enable(door.client)
    key = "a b/\xe9+&\x01/x"
    marker, version = put(door.client, key), mark(door.client, key)
    query = "&prefix=a%20b/%C3%A9&delimiter=%2B%26&encoding-type=url"
    root = tree(door, f"{query}&key-marker=a%20a")
    assert fields(root)[1:4] == [("Prefix", "a+b/%C3%A9"), ("KeyMarker", "a+a"), ("VersionIdMarker", None)]
    assert ("Delimiter", "%2B%26") in fields(root)
    [prefix] = root.iter(f"{XMLNS}CommonPrefixes")
    assert prefix.findtext(f"{XMLNS}Prefix") == "a+b/%C3%A9%2B%26"
    encoded = "a+b/%C3%A9%2B%26%01/x"
    root = tree(door, "&encoding-type=url&max-keys=1")
    assert listed(root) == [("DeleteMarker", encoded, version, "true")]
    assert fields(root)[4:6] == [("NextKeyMarker", encoded), ("NextVersionIdMarker", version)]
    assert listed(tree(door, "&encoding-type=url"))[1] == ("Version", encoded, marker, "false")
    raw = door.raw("GET", "/bucket?versions").body
    assert raw.count("<Key>a b/\xe9+&amp;&#x1;/x</Key>".encode()) == 2


def test_carriage_returns_survive(door: Door, bucket: str) -> None:
    put(door.client, "a\rb")
    assert b"<Key>a&#13;b</Key>" in door.raw("GET", "/bucket?versions").body
    assert [entry[1] for entry in listed(tree(door))] == ["a\rb"]


NO_INTEGER = "Provided max-keys not an integer or within integer range"
MARKER_NAME = "version-id-marker"
BAD = {
    "text": ("max-keys=ten", NO_INTEGER, "max-keys", "ten"),
    "beyond": ("max-keys=2147483648", NO_INTEGER, "max-keys", "2147483648"),
    "encoding": ("encoding-type=xml", INVALID_ENCODING_TYPE, "encoding-type", "xml"),
    "no key": (
        f"version-id-marker={GONE}",
        "A version-id marker cannot be specified without a key marker.",
        MARKER_NAME,
        GONE,
    ),
    "null version": (
        "version-id-marker=null",
        "A version-id marker cannot be specified without a key marker.",
        MARKER_NAME,
        "null",
    ),
    "empty key": (
        f"key-marker=&version-id-marker={GONE}",
        "A version-id marker cannot be specified without a key marker.",
        MARKER_NAME,
        GONE,
    ),
    "empty version": ("key-marker=a&version-id-marker=", "A version-id marker cannot be empty.", MARKER_NAME, None),
    "no version": ("key-marker=a&version-id-marker=bad", INVALID_VERSION_ID, MARKER_NAME, "bad"),
}


@pytest.mark.parametrize(("query", "message", "name", "value"), BAD.values(), ids=BAD)
def test_bad_arguments(door: Door, bucket: str, query: str, message: str, name: str, value: str | None) -> None:
    put(door.client, "a")
    with unchanged(door.fake):
        response = door.raw("GET", f"/bucket?versions&{query}")
    assert response.status == 400
    assert response.error == {"Code": "InvalidArgument", "Message": message, "ArgumentName": name, "ArgumentValue": value}


def test_a_negative_page(door: Door) -> None:
    """Recorded from AWS, September 2026: without a value, and after the encoding type."""
    response = door.raw("GET", "/missing?versions&max-keys=-1")
    assert_error(response, 400, "InvalidArgument", "max-keys cannot be negative", {"ArgumentName": "max-keys"})
    assert door.raw("GET", "/missing?versions&max-keys=-1&encoding-type=x").error["Message"] == INVALID_ENCODING_TYPE


def test_nothing_follows_the_null_version_of_an_empty_key(door: Door, bucket: str) -> None:
    """Recorded from AWS, September 2026."""
    put(door.client, "a")
    root = tree(door, "&key-marker=&version-id-marker=null&delimiter=")
    assert (listed(root), root.findtext(f"{XMLNS}IsTruncated"), root.findtext(f"{XMLNS}Delimiter")) == ([], "false", "")


def test_two_empty_markers_are_ignored(door: Door, bucket: str) -> None:
    put(door.client, "a")
    assert [entry[1] for entry in listed(tree(door, "&key-marker=&version-id-marker="))] == ["a"]


def test_a_key_has_no_versions_listing(door: Door, bucket: str) -> None:
    response = door.raw("GET", "/bucket/k?versions")
    message = "There is no such thing as the ?versions sub-resource for a key"
    assert (response.status, response.error) == (400, {"Code": "InvalidRequest", "Message": message})


# --- RestoreStatus ---------------------------------------------------------------------------------------------------


LISTINGS: dict[str, Callable[..., Any]] = {
    "V1": lambda s3, **requested: s3.list_objects(Bucket="bucket", **requested)["Contents"],
    "V2": lambda s3, **requested: s3.list_objects_v2(Bucket="bucket", **requested)["Contents"],
    "versions": lambda s3, **requested: s3.list_object_versions(Bucket="bucket", **requested)["Versions"],
}


@pytest.mark.parametrize("listing", LISTINGS.values(), ids=LISTINGS)
def test_restore_status(door: Door, bucket: str, listing: Callable[..., Any]) -> None:
    for key in ("cold", "warm"):
        door.client.put_object(Bucket=bucket, Key=key, StorageClass="GLACIER" if key == "cold" else "STANDARD")
    clock, inside = door.fake.clock, door.fake.store.buckets[bucket]
    clock.freeze("2026-01-01T10:00:00Z")
    now = datetime(2026, 1, 1, 10, tzinfo=timezone.utc)
    with inside.lock:
        inside.replace(replace(inside.objects["cold"], restore=Restore(now + timedelta(hours=5), now + timedelta(days=3))))

    def status() -> list[Any]:
        return [entry.get("RestoreStatus") for entry in listing(door.client, OptionalObjectAttributes=["RestoreStatus"])]

    assert status() == [{"IsRestoreInProgress": True}, None]
    clock.advance(hours=5)
    assert status() == [{"IsRestoreInProgress": False, "RestoreExpiryDate": now + timedelta(days=3)}, None]
    assert ["RestoreStatus" in entry for entry in listing(door.client)] == [False, False]
    clock.advance(days=3)
    assert status() == [None, None]


@pytest.mark.parametrize("query", ["", "?list-type=2", "?versions"])
def test_invalid_optional_attributes(door: Door, bucket: str, query: str) -> None:
    header = "x-amz-optional-object-attributes"
    response = door.raw("GET", f"/bucket{query}", {header: "RestoreStatus, Colour"})
    assert response.status == 400
    assert response.error == {
        "Code": "InvalidArgument",
        "Message": "Invalid attribute name specified.",
        "ArgumentName": header,
        "ArgumentValue": "Colour",
    }
