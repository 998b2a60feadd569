"""ListObjectsV2 of directory buckets: no lexicographical order, and ``/`` as the only delimiter."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes3part.api.fakes3 import FakeS3
from tests.support.directory_buckets import ZONAL, ask, make
from tests.support.doors import Door, refused
from tests.support.errors import HEADER_NOT_IMPLEMENTED, INVALID_CONTINUATION_TOKEN, INVALID_ENCODING_TYPE
from tests.support.state import unchanged

KEYS = [f"{folder}{name}" for folder in ("", "a/", "a/b/", "c/") for name in ("x", "y", "z")]


@pytest.fixture
def filled(s3: Any, directory: str) -> str:
    for key in KEYS:
        s3.put_object(Bucket=directory, Key=key, Body=b"abc")
    return directory


def test_the_order_is_another(s3: Any, filled: str) -> None:
    listed = s3.list_objects_v2(Bucket=filled)
    keys = [one["Key"] for one in listed["Contents"]]
    assert sorted(keys) == sorted(KEYS)
    assert keys != sorted(KEYS)
    assert keys == [one["Key"] for one in s3.list_objects_v2(Bucket=filled)["Contents"]]
    assert (listed["KeyCount"], listed["MaxKeys"], listed["IsTruncated"]) == (12, 1000, False)
    one = listed["Contents"][0]
    assert (one["StorageClass"], one["Size"], one["ChecksumAlgorithm"], "Owner" in one) == (
        "EXPRESS_ONEZONE",
        3,
        ["CRC32"],
        False,
    )


def test_the_owner_is_the_buckets(s3: Any, filled: str) -> None:
    owners = {one["Owner"]["ID"] for one in s3.list_objects_v2(Bucket=filled, FetchOwner=True)["Contents"]}
    assert len(owners) == 1


@pytest.mark.parametrize("size", [1, 2, 5, 11, 12, 13])
def test_pages(s3: Any, filled: str, size: int) -> None:
    pages = list(s3.get_paginator("list_objects_v2").paginate(Bucket=filled, PaginationConfig={"PageSize": size}))
    assert [one["Key"] for page in pages for one in page["Contents"]] == [
        one["Key"] for one in s3.list_objects_v2(Bucket=filled)["Contents"]
    ]
    assert len(pages) == -(-12 // size)
    assert [page["IsTruncated"] for page in pages] == [True] * (len(pages) - 1) + [False]


FOLDERS: dict[str, tuple[str, list[str], list[str]]] = {
    "root": ("", ["x", "y", "z"], ["a/", "c/"]),
    "folder": ("a/", ["a/x", "a/y", "a/z"], ["a/b/"]),
    "deep": ("a/b/", ["a/b/x", "a/b/y", "a/b/z"], []),
    "none": ("d/", [], []),
}


@pytest.mark.parametrize(("prefix", "keys", "prefixes"), FOLDERS.values(), ids=FOLDERS)
def test_folders(s3: Any, filled: str, prefix: str, keys: list[str], prefixes: list[str]) -> None:
    for size in (1000, 1, 2):
        found: list[str] = []
        rolled: list[str] = []
        for page in s3.get_paginator("list_objects_v2").paginate(
            Bucket=filled, Prefix=prefix, Delimiter="/", PaginationConfig={"PageSize": size}
        ):
            found += [one["Key"] for one in page.get("Contents", [])]
            rolled += [one["Prefix"] for one in page.get("CommonPrefixes", [])]
        assert (sorted(found), sorted(rolled)) == (keys, prefixes)
    whole = s3.list_objects_v2(Bucket=filled, Prefix=prefix)
    assert sorted(one["Key"] for one in whole.get("Contents", [])) == sorted(key for key in KEYS if key.startswith(prefix))


def test_prefixes_of_uploads_in_progress(s3: Any, filled: str) -> None:
    upload = s3.create_multipart_upload(Bucket=filled, Key="new/folder/k")["UploadId"]
    ask = partial(s3.list_objects_v2, Bucket=filled, Delimiter="/")
    assert "new/" in [one["Prefix"] for one in ask()["CommonPrefixes"]]
    assert [one["Prefix"] for one in ask(Prefix="new/")["CommonPrefixes"]] == ["new/folder/"]
    assert "Contents" not in s3.list_objects_v2(Bucket=filled, Prefix="new/")
    s3.abort_multipart_upload(Bucket=filled, Key="new/folder/k", UploadId=upload)
    assert "new/" not in [one["Prefix"] for one in ask()["CommonPrefixes"]]


def _argument(message: str, name: str, value: str) -> tuple[int, str, str, dict[str, str]]:
    return 400, "InvalidArgument", message, {"ArgumentName": name, "ArgumentValue": value}


WRONG: dict[str, tuple[dict[str, Any], tuple[Any, ...]]] = {
    "delimiter": ({"Delimiter": "-"}, _argument("Directory buckets support no delimiter but /", "delimiter", "-")),
    "long delimiter": ({"Delimiter": "//"}, _argument("Directory buckets support no delimiter but /", "delimiter", "//")),
    "prefix": ({"Prefix": "a"}, _argument("Directory buckets support only prefixes that end in a delimiter", "prefix", "a")),
    "start-after": (
        {"StartAfter": "a"},
        (
            501,
            "NotImplemented",
            HEADER_NOT_IMPLEMENTED,
            {"additionalMessage": "start-after is not supported for directory buckets"},
        ),
    ),
    "restore status": (
        {"OptionalObjectAttributes": ["RestoreStatus"]},
        (501, "NotImplemented", HEADER_NOT_IMPLEMENTED, {"Header": "x-amz-optional-object-attributes"}),
    ),
    "token": (
        {"ContinuationToken": "nonsense"},
        (400, "InvalidArgument", INVALID_CONTINUATION_TOKEN, {"ArgumentName": "continuation-token"}),
    ),
    "encoding": (
        {"EncodingType": "base64"},
        _argument(INVALID_ENCODING_TYPE, "encoding-type", "base64"),
    ),
}


@pytest.mark.parametrize(("options", "error"), WRONG.values(), ids=WRONG)
def test_unsupported_parameters(s3: Any, filled: str, options: dict[str, Any], error: tuple[Any, ...]) -> None:
    refused(partial(s3.list_objects_v2, Bucket=filled, **options), *error)


@pytest.mark.parametrize("options", [{"Delimiter": "-"}, {"Prefix": "a"}])
def test_listing_uploads(door: Door, s3: Any, filled: str, options: dict[str, str]) -> None:
    error = WRONG["delimiter" if "Delimiter" in options else "prefix"][1]
    with unchanged(door.fake):
        refused(partial(s3.list_multipart_uploads, Bucket=filled, **options), *error)


def test_an_empty_bucket(s3: Any, filled: str) -> None:
    none = s3.list_objects_v2(Bucket=filled, MaxKeys=0)
    assert (none["KeyCount"], none["IsTruncated"], "NextContinuationToken" in none) == (0, False, False)


_SEGMENTS = st.lists(st.text("ab-\xe9", min_size=1, max_size=3), min_size=1, max_size=3).map("/".join)


@settings(max_examples=40)
@given(st.sets(_SEGMENTS, max_size=12), st.integers(1, 5), st.sampled_from(["", "/"]))
def test_pages_hold_everything_once(keys: set[str], size: int, delimiter: str) -> None:
    fake = FakeS3()
    make(fake)
    for key in keys:
        assert ask(fake, "PUT", ZONAL, f"/{quote(key)}").status == 200
    expected = {key[: key.index("/") + 1] if delimiter and "/" in key else key for key in keys}
    found: list[str] = []
    token = ""
    while True:
        query = f"list-type=2&max-keys={size}&delimiter={quote(delimiter)}" + (
            f"&continuation-token={quote(token)}" if token else ""
        )
        page = ask(fake, "GET", ZONAL, f"/?{query}").document
        for one in ("Contents", "CommonPrefixes"):
            entries = page.get(one, [])
            entries = entries if isinstance(entries, list) else [entries]
            found += [entry["Key" if one == "Contents" else "Prefix"] for entry in entries]
        token = page.get("NextContinuationToken", "")
        if not token:
            break
    assert len(found) == len(set(found))
    assert set(found) == expected
