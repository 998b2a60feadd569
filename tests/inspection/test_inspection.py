"""``fakes3.buckets``: read-only views of the state, their representations and the messages of their errors."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest

from fakes3part.api.fakes3 import FakeS3
from fakes3part.inspection.buckets import Configuration
from fakes3part.state.bucket import DIRECTORY, Bucket
from tests.support.doors import Door
from tests.support.snapshots import encoded_state, fill_with_everything


@pytest.fixture
def fake() -> FakeS3:
    fake = FakeS3(seed=1)
    fill_with_everything(fake)
    return fake


def test_objects(door: Door) -> None:
    fill_with_everything(door.fake)
    door.fake.clock.freeze()
    bucket = door.fake.buckets["plain"]
    one = bucket.objects["ünï/✓ $"]
    assert (one.bucket, one.key, one.data, one.text, one.size) == ("plain", "ünï/✓ $", b"hello", "hello", 5)
    assert (one.etag, one.content_type) == ("5d41402abc4b2a76b9719d911017c592", "text/plain")
    assert (one.metadata, one.tags) == ({"$": "1", "a": "b"}, {"t": "1", "u": "2"})
    assert (one.storage_class, one.headers["CacheControl"]) == ("STANDARD_IA", "no-store")
    assert (one.version_id, one.is_latest, one.delete_marker, one.owner) == ("null", True, False, door.fake.settings.account)
    assert (one.encryption.algorithm, one.encryption.key_arn, one.acl, one.lock, one.restore) == (
        "AES256",
        None,
        None,
        None,
        None,
    )
    assert (len(one.parts), one.annotations) == (0, {})
    head = door.client.head_object(Bucket="plain", Key="ünï/✓ $", ChecksumMode="ENABLED")
    assert one.last_modified == head["LastModified"]
    [(algorithm, value)] = one.checksums.items()
    assert value == head[f"Checksum{algorithm}"]
    assert bucket.objects["kms"].encryption.key_arn is not None
    assert bucket.objects["mine"].encryption.customer_key_md5 is not None
    assert bucket.objects["cold"].restore is not None
    assert bucket.objects["empty"].annotations == {"note": b"seen"}
    assert [grant.permission for grant in bucket.objects["empty"].acl or ()] == ["FULL_CONTROL", "READ"]
    done = bucket.objects["done"]
    assert (done.parts[1].data, done.parts[1].size, done.etag[-2:]) == (b"all", 3, "-1")
    assert bucket.size == sum(one.size for one in bucket.objects.values())


def test_versions_and_markers(fake: FakeS3) -> None:
    bucket = fake.buckets["locked"]
    assert list(bucket.objects) == ["only"]
    assert list(bucket.versions) == ["k", "only"]
    marker, newer, older = bucket.versions["k"]
    assert (marker.delete_marker, marker.is_latest, marker.data, marker.size) == (True, True, b"", 0)
    assert (newer.data, older.data, newer.is_latest) == (b"two", b"one", False)
    assert newer.lock is not None
    assert newer.lock.legal_hold == "ON"
    assert [one.version_id for one in bucket.objects["only"].versions] == [bucket.objects["only"].version_id]
    client = fake.client()
    client.delete_object(Bucket="locked", Key="k", VersionId=marker.version_id)
    client.close()
    assert newer.is_latest
    assert bucket.objects["k"].versions[0].version_id == newer.version_id


def test_uploads(fake: FakeS3) -> None:
    uploads = fake.buckets["plain"].uploads
    [(upload_id, upload)] = uploads.items()
    assert (upload.id, upload.key, upload.bucket, upload.size) == (upload_id, "big", "plain", 2)
    assert (list(upload.parts), upload.parts[3].size, upload.parts[3].data) == ([1, 3], 1, b"p")
    assert list(upload.parts[3].checksums) == ["SHA256"]
    assert (upload.metadata, upload.checksum_algorithm, upload.storage_class) == ({"m": "n"}, "SHA256", "STANDARD")
    assert upload.parts[1].etag == "83878c91171338902e0fe0fb97a8c47a"
    client = fake.client()
    client.upload_part(Bucket="plain", Key="big", UploadId=upload_id, PartNumber=2, Body=b"q", ChecksumAlgorithm="SHA256")
    assert list(upload.parts) == [1, 3]  # as it was
    assert list(uploads[upload_id].parts) == [1, 2, 3]
    client.abort_multipart_upload(Bucket="plain", Key="big", UploadId=upload_id)
    client.close()
    assert not uploads


def test_configuration(fake: FakeS3) -> None:
    plain, locked = fake.buckets["plain"].configuration, fake.buckets["locked"].configuration
    assert plain.lifecycle is not None
    assert plain.lifecycle.rules[0].id == "all"
    assert (plain.tags, plain.ownership, plain.versioning) == ({"team": "x"}, "ObjectWriter", None)
    assert plain.policy is not None
    assert plain.encryption is not None
    assert plain.encryption.bucket_key
    assert (locked.versioning, locked.object_lock is not None) == ("Enabled", True)
    assert locked.object_lock is not None
    assert locked.object_lock.mode == "GOVERNANCE"
    assert (fake.buckets["plain"].region, fake.buckets["plain"].account) == ("us-east-1", fake.settings.account)


_ELSEWHERE = {"account", "created", "kind", "name", "objects", "outpost", "region", "uploads", "versions_by_key", "zone"}
_NOT_SHOWN = {
    "default_fields",
    "public_access_blocks",
    "closed_uploads",
    "completed_uploads",
    "deleted",
    "directory",
    "epoch",
    "lock",
    "sequence",
    "shares_uploads",
}
_NOT_SHOWN |= {"analytics_activity", "metadata_tables", "metric_sums", "uploads_by_key", "usage"}


def test_every_configuration_is_shown(fake: FakeS3) -> None:
    configurations = {field.name for field in dataclasses.fields(Configuration)}
    assert configurations == {field.name for field in dataclasses.fields(Bucket)} - _ELSEWHERE - _NOT_SHOWN
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to 'policy'"):
        fake.buckets["plain"].configuration.policy = None


def test_kinds_of_buckets(fake: FakeS3) -> None:
    name = "bucket--usw2-az1--x-s3"
    fake.store.add(Bucket(name, fake.settings.account, "us-west-2", fake.clock.now(), kind=DIRECTORY, zone="usw2-az1"))
    plain, zonal = fake.buckets["plain"], fake.buckets[name]
    assert (plain.kind, plain.zone, plain.outpost) == ("general purpose", None, None)
    assert (zonal.kind, zonal.zone, zonal.outpost) == ("directory", "usw2-az1", None)


def test_it_is_what_is_there_now(fake: FakeS3) -> None:
    buckets, bucket, one = fake.buckets, fake.buckets["plain"], fake.buckets["plain"].objects["empty"]
    snapshot = fake.snapshot()
    fake.seed({"plain": {"empty": b"full", "more": b""}, "new": {}})
    assert ("new" in buckets, "more" in bucket.objects, bucket.objects["empty"].text, one.text) == (True, True, "full", "")
    fake.restore(snapshot)
    assert ("new" in buckets, "more" in bucket.objects) == (False, False)
    fake.reset()
    assert len(buckets) == 0
    with pytest.raises(KeyError, match="no bucket 'plain'; there are none"):
        _ = bucket.objects["empty"]
    assert repr(bucket) == "<Bucket 'plain', deleted>"


REPRS = {
    "buckets": "<2 buckets: 'locked', 'plain'>",
    "bucket": "<Bucket 'plain', 6 objects of 17 bytes, 1 open upload>",
    "locked": "<Bucket 'locked', 1 object of 3 bytes, versioning Enabled>",
    "objects": "<6 objects of 'plain': 'cold', 'done', 'empty', 'kms', 'mine', ...>",
    "object": "<Object 'plain/done', 3 bytes, binary/octet-stream, ETag 1b31eb213d5742675fe62fdd45e3083e-1>",
    "versions": "<2 keys of 'locked': 'k', 'only'>",
    "parts": "<2 parts: 1, 3>",
    "part": "<Part 3 of 1 byte>",
}


def test_reprs(fake: FakeS3) -> None:
    plain, locked = fake.buckets["plain"], fake.buckets["locked"]
    [upload] = plain.uploads.values()
    said = {
        "buckets": repr(fake.buckets),
        "bucket": repr(plain),
        "locked": repr(locked),
        "objects": repr(plain.objects),
        "object": repr(plain.objects["done"]),
        "versions": repr(locked.versions),
        "parts": repr(upload.parts),
        "part": repr(upload.parts[3]),
    }
    assert said == REPRS
    marker, newer, _ = locked.versions["k"]
    assert repr(marker) == f"<Delete marker 'locked/k', version {marker.version_id}>"
    assert repr(newer).endswith(f", version {newer.version_id}>")
    assert repr(upload) == f"<Upload {upload.id} of 'plain/big', 2 parts, 2 bytes>"
    assert repr(plain.uploads) == f"<1 upload of 'plain': {upload.id!r}>"
    assert repr(FakeS3().buckets) == "<0 buckets>"


MISSING: dict[str, tuple[Any, str]] = {
    "a bucket": (lambda fake: fake.buckets["plan"], "no bucket 'plan'; did you mean 'plain'?"),
    "nothing like it": (lambda fake: fake.buckets["xyz"], "no bucket 'xyz'; there are 'locked', 'plain'"),
    "an object": (lambda fake: fake.buckets["plain"].objects["emty"], "no object 'emty'; did you mean 'empty'?"),
    "a deleted one": (
        lambda fake: fake.buckets["locked"].objects["k"],
        "no object 'k'; there are 'only' ('k' is deleted; .versions['k'] has its versions)",
    ),
    "versions": (lambda fake: fake.buckets["locked"].versions["onyl"], "no key 'onyl'; did you mean 'only'?"),
    "a part": (lambda fake: next(iter(fake.buckets["plain"].uploads.values())).parts[2], "no part 2; there are '1', '3'"),
    "an upload": (lambda fake: fake.buckets["locked"].uploads["x"], "no upload 'x'; there are none"),
}


@pytest.mark.parametrize(("look", "message"), MISSING.values(), ids=MISSING)
def test_what_is_not_there(fake: FakeS3, look: Any, message: str) -> None:
    with pytest.raises(KeyError) as caught:
        look(fake)
    assert str(caught.value) == message


def test_a_name_among_very_many_is_found() -> None:
    fake = FakeS3()
    fake.seed({"bkt": {f"data/{number:05}.json": b"" for number in range(5000)}})
    with pytest.raises(KeyError, match=r"did you mean 'data/04242.json'"):
        _ = fake.buckets["bkt"].objects["data/04242.jso"]
    assert fake.buckets["bkt"].objects.get("data/9") is None


def _everything(value: Any, seen: list[Any]) -> list[Any]:
    """Yield everything that can be reached from a view by public names."""
    if isinstance(value, str | bytes | int | float | None) or any(value is one for one in seen):
        return seen
    seen.append(value)
    if isinstance(value, Mapping):
        for one in value.values():
            _everything(one, seen)
    elif isinstance(value, tuple | list):
        for one in value:
            _everything(one, seen)
    if type(value).__module__.startswith("fakes3part"):
        for name in dir(value):
            if not name.startswith("_") and not (name == "text" and hasattr(value, "data")):
                attribute = getattr(value, name)
                if not callable(attribute):
                    _everything(attribute, seen)
    return seen


def test_nothing_that_a_view_gives_can_be_changed(fake: FakeS3) -> None:
    before = encoded_state(fake)
    reached = _everything(fake.buckets, [])
    assert len(reached) > 80
    for one in reached:
        assert not isinstance(one, dict | list | set | bytearray), one
        if isinstance(one, MappingProxyType):
            with pytest.raises(TypeError):
                one["new"] = "x"  # type: ignore[index]
        if dataclasses.is_dataclass(one):
            name = dataclasses.fields(one)[0].name
            with pytest.raises(dataclasses.FrozenInstanceError):
                setattr(one, name, "x")
        elif isinstance(one, Mapping):
            with pytest.raises(TypeError):
                one["new"] = "x"  # type: ignore[index]
    assert encoded_state(fake) == before
    with pytest.raises(AttributeError):
        fake.buckets["plain"].objects["empty"].etag = "x"  # type: ignore[misc]
