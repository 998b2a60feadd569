"""The order of the versions of a key, and the finished uploads that a bucket remembers."""

from __future__ import annotations

from datetime import datetime, timezone
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes3part.state import bucket as state_of_buckets
from fakes3part.state import versions as state_of_versions
from fakes3part.state.objects import Version
from fakes3part.state.versions import Versions
from tests.support.doors import Door, refused
from tests.support.errors import NO_SUCH_UPLOAD

NOW = datetime(2026, 2, 21, tzinfo=timezone.utc)
STEPS = st.lists(st.tuples(st.sampled_from(["put", "put", "null", "take", "keep"]), st.integers(0, 20)), max_size=30)


def version(version_id: str) -> Version:
    return Version("k", version_id, NOW, "123456789012")


def ids(found: Any) -> list[str] | None:
    return None if found is None else [one.id for one in found]


@settings(max_examples=300, deadline=None, database=None)
@given(steps=STEPS)
def test_older(steps: list[tuple[str, int]]) -> None:
    """`older` yields the older versions of any version, and also of a removed one once the order is kept."""
    versions = Versions()
    history: list[str] = []  # every version that ever was, oldest first
    gone: set[str] = set()
    known: set[str] | None = None
    for number, (step, which) in enumerate(steps):
        if step == "keep":
            versions.keep_order()
            known = set(versions) if known is None else known
        elif step == "take":
            there = [one for one in history if one not in gone]
            if there:
                taken = there[which % len(there)]
                removed = versions.remove(taken)
                assert removed is not None
                assert removed.id == taken
                gone.add(taken)
        else:
            name = "null" if step == "null" else f"v{number}"
            if name in history:
                history.remove(name)
                gone.discard(name)
            versions.put(version(name))
            history.append(name)
            if known is not None:
                known.add(name)
    left = [one for one in history if one not in gone]
    assert list(versions) == left
    assert versions.newest is None if not left else versions.newest is versions[left[-1]]
    for place, name in enumerate(history):
        older = [one for one in reversed(history[:place]) if one not in gone]
        expected = older if name not in gone or name in (known or ()) else None
        twin = versions.copy() if name in versions else versions
        for each in (versions, twin):
            assert ids(each.older(name)) == expected
    assert versions.older("never") is None


def test_many_versions_taken_newest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """With many versions the order is kept from the first removal on."""
    monkeypatch.setattr(state_of_versions, "_MANY", 3)
    versions = Versions()
    for number in range(5):
        versions.put(version(f"v{number}"))
    for number in reversed(range(5)):
        assert versions.newest is versions[f"v{number}"]
        versions.remove(f"v{number}")
        assert ids(versions.older("v4")) == [f"v{older}" for older in reversed(range(number))]
    assert versions.newest is None


def test_taking_what_is_not_there() -> None:
    versions = Versions()
    versions.put(version("a"))
    versions.keep_order()
    assert versions.remove("b") is None
    assert list(versions) == ["a"]


def test_a_copy_is_one_of_its_own() -> None:
    versions = Versions()
    versions.put(version("a"))
    twin = versions.copy()
    twin.put(version("b"))
    twin.keep_order()
    assert (list(versions), list(twin)) == (["a"], ["a", "b"])
    versions.remove("a")
    assert ids(twin.older("b")) == ["a"]


def test_what_is_gone_is_forgotten_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state_of_versions, "_MAX_REMOVED", 2)
    versions = Versions()
    versions.put(version("stays"))
    versions.keep_order()
    for name in ("first", "null", "last"):
        versions.put(version(name))
        versions.remove(name)
    assert versions.older("first") is None
    assert [ids(versions.older(name)) for name in ("null", "last", "stays")] == [["stays"], ["stays"], []]
    versions.put(version("null"))  # there again: one less that is gone
    versions.put(version("more"))
    versions.remove("more")
    assert [ids(versions.older(name)) for name in ("last", "null", "more")] == [["stays"], ["stays"], ["null", "stays"]]


def upload(s3: Any, key: str) -> dict[str, Any]:
    """Upload and complete an object; return the request that completed it."""
    where = {"Bucket": "bucket", "Key": key}
    where["UploadId"] = s3.create_multipart_upload(**where)["UploadId"]
    etag = s3.upload_part(PartNumber=1, Body=b"x", **where)["ETag"]
    request = {**where, "MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": etag}]}}
    s3.complete_multipart_upload(**request)
    return request


def test_only_so_many_completed_uploads_are_remembered(door: Door, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state_of_buckets, "MAX_COMPLETED_UPLOADS", 2)
    first, second, third = (upload(door.client, key) for key in "abc")
    forgotten = partial(door.client.complete_multipart_upload, **first)
    refused(forgotten, 404, "NoSuchUpload", NO_SUCH_UPLOAD, {"UploadId": first["UploadId"]})
    for known in (second, third):
        assert door.client.complete_multipart_upload(**known)["Key"] == known["Key"]
    assert len(door.fake.store.buckets["bucket"].completed_uploads) == 2


def test_only_so_many_closed_uploads_are_remembered(door: Door, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state_of_buckets, "MAX_CLOSED_UPLOADS", 2)
    uploads = [upload(door.client, key) for key in "abc"]
    markers = {"KeyMarker": "a", "UploadIdMarker": uploads[0]["UploadId"]}
    call = partial(door.client.list_multipart_uploads, Bucket=bucket, **markers)
    extras = {"ArgumentName": "upload-id-marker", "ArgumentValue": uploads[0]["UploadId"]}
    refused(call, 400, "InvalidArgument", "Invalid uploadId marker", extras)
    markers = {"KeyMarker": "b", "UploadIdMarker": uploads[1]["UploadId"]}
    assert "Uploads" not in door.client.list_multipart_uploads(Bucket=bucket, **markers)
    markers = {"KeyMarker": "a", "UploadIdMarker": uploads[1]["UploadId"]}  # an upload of another key
    refused(
        partial(door.client.list_multipart_uploads, Bucket=bucket, **markers),
        400,
        "InvalidArgument",
        "Invalid uploadId marker",
        {"ArgumentName": "upload-id-marker", "ArgumentValue": uploads[1]["UploadId"]},
    )
