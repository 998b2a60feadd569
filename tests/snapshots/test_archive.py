"""save and load: the whole state is saved, and a damaged file changes nothing."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import json
import os
import pkgutil
import stat
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import fakes3part.state
from fakes3part.api.fakes3 import FakeS3
from fakes3part.snapshots import json_codec
from fakes3part.snapshots.archive import ArchiveError
from fakes3part.snapshots.json_codec import DecodeError, Decoder, Encoder
from fakes3part.state.access_control import BLOCK_ALL
from fakes3part.state.objects import Data
from tests.support.snapshots import KEY, ask, encoded_state, fill_with_everything


def test_everything_is_kept(tmp_path: Path) -> None:
    fake, path = FakeS3(region="eu-west-1", account="111122223333", seed=3), tmp_path / "state.zip"
    fill_with_everything(FakeS3())  # in us-east-1: what it puts there is not asked for
    fake.seed({"europe": {"k": b"1"}})
    plain = FakeS3()
    fill_with_everything(plain)
    for one in (fake, plain):
        one.save(path)
        loaded = FakeS3.load(path)
        assert encoded_state(loaded) == encoded_state(one)
        assert (loaded.settings.region, loaded.settings.account) == (one.settings.region, one.settings.account)
        assert loaded.kms.save() == one.kms.save()
        assert loaded.store.processes_ran_at == one.store.processes_ran_at
    client = loaded.client()
    got = client.get_object(Bucket="plain", Key="mine", SSECustomerKey=KEY, SSECustomerAlgorithm="AES256")
    assert got["Body"].read() == b"sse-c"
    assert client.get_object(Bucket="plain", Key="done", PartNumber=1)["Body"].read() == b"all"
    assert client.get_object_annotation(Bucket="plain", Key="empty", AnnotationName="note")["AnnotationPayload"].read() == b"seen"
    [upload] = client.list_multipart_uploads(Bucket="plain")["Uploads"]
    assert [
        part["PartNumber"] for part in client.list_parts(Bucket="plain", Key="big", UploadId=upload["UploadId"])["Parts"]
    ] == [
        1,
        3,
    ]
    version = client.list_object_versions(Bucket="locked")["Versions"][0]["VersionId"]
    with pytest.raises(client.exceptions.ClientError, match="AccessDenied"):
        client.delete_object(Bucket="locked", Key="k", VersionId=version)
    client.close()


def test_the_same_state_is_the_same_file(tmp_path: Path) -> None:
    fake = FakeS3(seed=1)
    fake.seed({"bkt": {"a": b"same", "b": b"same", "c": b"other", "d": b""}})
    fake.save(tmp_path / "one")
    FakeS3.load(tmp_path / "one").save(tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    with zipfile.ZipFile(tmp_path / "one") as archive:
        assert len([name for name in archive.namelist() if name.startswith("data/")]) == 3
        index = json.loads(archive.read("fakes3part.json"))
    assert (index["format"], index["version"]) == ("fakes3part", 3)
    assert sorted(os.listdir(tmp_path)) == ["one", "two"]
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE((tmp_path / "one").stat().st_mode) == 0o666 & ~mask


def test_loading_into_a_fake_replaces_what_is_there(tmp_path: Path) -> None:
    saved, fake = FakeS3(), FakeS3(region="eu-west-1")
    saved.seed({"bkt": {"a": b"1"}})
    saved.save(tmp_path / "state")
    user = fake.add_account()
    fake.seed({"mine": {"b": b"2"}})
    assert fake.load(tmp_path / "state") is fake
    assert (list(fake.buckets), fake.settings.region) == (["bkt"], "eu-west-1")
    assert fake.accounts.caller(user.access_key) is not None
    fake.save(tmp_path / "state")  # onto itself
    assert FakeS3.load(tmp_path / "state", region="sa-east-1").settings.region == "sa-east-1"
    with pytest.raises(TypeError, match="takes no settings for an existing fake"):
        fake.load(tmp_path / "state", region="us-east-1")  # type: ignore[call-arg]


@pytest.mark.parametrize("hold", ["none", "frozen", "moved"])
def test_the_clock_is_kept_if_a_test_held_it(hold: str, tmp_path: Path) -> None:
    fake = FakeS3()
    if hold == "frozen":
        fake.clock.freeze("2031-02-03T04:05:06")
    elif hold == "moved":
        fake.clock.advance(days=400, seconds=0.25)
    fake.save(tmp_path / "state")
    other = FakeS3()
    other.clock.freeze("2020-01-01")
    held = other.clock.state
    other.load(tmp_path / "state")
    assert other.clock.state == (held if hold == "none" else fake.clock.state)
    assert FakeS3.load(tmp_path / "state").clock.state == fake.clock.state
    assert timedelta(seconds=other.clock.state.offset / timedelta(seconds=1)) == other.clock.state.offset


def test_ids_of_a_seeded_fake_are_not_given_again(tmp_path: Path) -> None:
    versioning = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"

    def put(fake: FakeS3) -> list[str]:
        fake.seed({"bkt": {}})
        assert ask(fake, "PUT", "/bkt?versioning", versioning).status == 200
        fake.seed({"bkt": {"k": b"x"}})
        return list(fake.store.buckets["bkt"].versions("k"))

    first = FakeS3(seed=5)
    put(first)
    first.save(tmp_path / "state")
    loaded, again = (FakeS3.load(tmp_path / "state", seed=5) for _ in range(2))
    ids = put(loaded)
    assert len(set(ids)) == 2
    assert put(again) == ids


def _rewrite(path: Path, change: Callable[[dict[str, bytes]], object]) -> None:
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    change(entries)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)


def _index(change: Callable[[dict[str, Any]], object]) -> Callable[[dict[str, bytes]], object]:
    def of(entries: dict[str, bytes]) -> None:
        index = json.loads(entries["fakes3part.json"])
        change(index)
        entries["fakes3part.json"] = json.dumps(index).encode()

    return of


def _data(entries: dict[str, bytes]) -> str:
    return next(name for name in entries if name.startswith("data/"))


BAD: dict[str, tuple[Callable[[dict[str, bytes]], object], str]] = {
    "no index": (lambda entries: entries.pop("fakes3part.json"), "it has no fakes3part.json"),
    "no json": (lambda entries: entries.update({"fakes3part.json": b"{"}), "is damaged"),
    "a list": (lambda entries: entries.update({"fakes3part.json": b"[]"}), "is not an archive of FakeS3.save"),
    "another format": (_index(lambda index: index.update(format="moto")), "is not an archive of FakeS3.save"),
    "a later version": (
        _index(lambda index: index.update(version=4)),
        "version 4 of the format; this fakes3part reads version 3",
    ),
    "data missing": (lambda entries: entries.pop(_data(entries)), "is damaged"),
    "other data": (lambda entries: entries.update({_data(entries): b"evil"}), "does not match its SHA-256"),
    "an unknown class": (_index(lambda index: index["buckets"].append({"$": "Popen"})), "there is no class 'Popen'"),
    "an unknown field": (_index(lambda index: index["buckets"][0].update(color="red")), "bucket.Bucket has no field color"),
    "a field missing": (_index(lambda index: index["buckets"][0].pop("name")), "is damaged"),
    "another class": (_index(lambda index: index["buckets"][0]["objects"][0].update({"$": "objects.Lock"})), "is damaged"),
    "no buckets": (_index(lambda index: index.pop("buckets")), "is damaged"),
    "a bad date": (_index(lambda index: index["buckets"][0].update(created={"$date": "x"})), "is damaged"),
    "an object without data": (_index(lambda index: index["buckets"][0]["objects"][0].pop("data")), "has no data"),
    "a key that is no text": (
        _index(lambda index: index["buckets"][0]["objects"][0].update(key=None)),
        "objects.Version.key cannot be None",
    ),
    "a region that is no text": (_index(lambda index: index["buckets"][0].update(region={})), "bucket.Bucket.region cannot be"),
    "text in place of a structure": (_index(lambda index: index["buckets"][0].update(encryption="x")), "encryption cannot be"),
    "a key without versions": (_index(lambda index: index["buckets"][0].update(versions=[[]])), "a key without versions"),
    "no clock": (_index(lambda index: index.pop("clock")), "is damaged"),
}


@pytest.mark.parametrize(("change", "message"), BAD.values(), ids=BAD)
def test_a_bad_file_changes_nothing(change: Callable[[dict[str, bytes]], object], message: str, tmp_path: Path) -> None:
    fake, path = FakeS3(), tmp_path / "state"
    fake.seed({"bkt": {"a": b"1"}})
    fake.save(path)
    _rewrite(path, change)
    before, clock = encoded_state(fake), fake.clock.state
    with pytest.raises(ArchiveError, match=message):
        fake.load(path)
    assert (encoded_state(fake), fake.clock.state) == (before, clock)


@pytest.mark.parametrize("content", [b"", b"no archive at all", b"PK\x03\x04"])
def test_no_archive(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "state").write_bytes(content)
    with pytest.raises(ArchiveError, match=r"is not an archive of FakeS3\.save"):
        FakeS3.load(tmp_path / "state")
    with pytest.raises(FileNotFoundError):
        FakeS3.load(tmp_path / "nowhere")


@pytest.mark.parametrize("at", range(30, 1200, 45))
def test_a_damaged_byte_is_an_archive_error_or_does_not_matter(at: int, tmp_path: Path) -> None:
    fake, path = FakeS3(seed=1), tmp_path / "state"
    fake.seed({"bkt": {"a": b"1" * 300, "b": b"2" * 300}})
    fake.save(path)
    raw = bytearray(path.read_bytes())
    assert len(raw) > 1200
    raw[at] ^= 0xFF
    path.write_bytes(raw)
    before = encoded_state(fake)
    with contextlib.suppress(ArchiveError):
        fake.load(path)
    assert encoded_state(fake) == before


def test_a_save_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    fake, path = FakeS3(), tmp_path / "state"
    mapped = tmp_path / "files"
    mapped.mkdir()
    (mapped / "a").write_bytes(b"1")
    fake.seed_directory(mapped, "bkt")
    fake.save(path)
    before = path.read_bytes()
    (mapped / "a").unlink()
    with pytest.raises(RuntimeError, match=r"is gone|cannot be read"):
        fake.save(path)
    assert path.read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == ["files", "state"]
    assert FakeS3.load(path).buckets["bkt"].objects["a"].data == b"1"


NOT_SAVED = {"bucket_configuration.BucketConfiguration", "object_lambda.ObjectLambda"}
NOT_SAVED |= {"object_lambda.PendingLambdaResponse", "snapshot.Snapshot"}
NOT_SAVED |= {"object_rule.RuleVersion", "synthetic_data.Synthetic"}
"""A base class, classes that hold functions, running requests and whole states, and those that `snapshots.rules` saves."""


def test_every_class_of_the_state_can_be_saved() -> None:
    found = set()
    for module in pkgutil.iter_modules(fakes3part.state.__path__):
        path = f"fakes3part.state.{module.name}"
        for name, cls in vars(importlib.import_module(path)).items():
            if isinstance(cls, type) and dataclasses.is_dataclass(cls) and cls.__module__ == path:
                found.add(f"{module.name}.{name}")
    assert found - NOT_SAVED == set(json_codec._CLASSES)


VALUES = [None, True, 3, 1.5, "text", "\ud800", b"\x00", (1, (2,)), [1, [2]], {"a": {"b": ()}}, {"$": 1, "$date": "x"}, {}]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_values(value: object) -> None:
    def none(_: object) -> Any:
        raise AssertionError

    encoded = json.loads(json.dumps(Encoder(none)(value)))
    decoded = Decoder(none)(encoded)
    assert decoded == value
    assert type(decoded) is type(value)


def test_what_cannot_be_saved() -> None:
    with pytest.raises(TypeError, match="cannot save a function"):
        Encoder(str)(lambda: None)
    with pytest.raises(DecodeError, match="is not a Data"):
        Decoder(lambda _: Data(())).of(Data, "text")


def test_every_kind_of_bucket_is_kept(tmp_path: Path) -> None:
    """Access points, Outposts, directory buckets, websites, the public access block of an account."""
    fake = FakeS3()
    with contextlib.closing(fake.client()) as s3:
        s3.create_bucket(Bucket="plain")
        site = {"IndexDocument": {"Suffix": "index.html"}, "RoutingRules": [{"Redirect": {"HostName": "elsewhere.test"}}]}
        s3.put_bucket_website(Bucket="plain", WebsiteConfiguration=site)
        where = {"Location": {"Name": "use1-az4", "Type": "AvailabilityZone"}, "Bucket": {"Type": "Directory"}}
        s3.create_bucket(Bucket="logs--use1-az4--x-s3", CreateBucketConfiguration=where)
        s3.put_object(Bucket="logs--use1-az4--x-s3", Key="k", Body=b"1")
        s3.rename_object(Bucket="logs--use1-az4--x-s3", Key="new", RenameSource="k", ClientToken="token")
        point = fake.add_access_point("point", "plain")
        outposts = fake.add_outposts_bucket("archive", "op-01234567890123456")
        fake.add_access_point("archive-point", outposts, vpc="vpc-1a2b")
        fake.store.public_access_blocks["123456789012"] = BLOCK_ALL
        fake.save(tmp_path / "state.zip")
    loaded = FakeS3.load(tmp_path / "state.zip")
    assert list(loaded.buckets) == list(fake.buckets) == ["logs--use1-az4--x-s3", "plain"]
    for name in fake.buckets:
        assert loaded.buckets[name].configuration == fake.buckets[name].configuration
    assert loaded.store.buckets["logs--use1-az4--x-s3"].directory == fake.store.buckets["logs--use1-az4--x-s3"].directory
    assert loaded.store.points.points == fake.store.points.points
    assert loaded.store.points.outposts.keys() == fake.store.points.outposts.keys() != set()
    assert loaded.store.buckets["plain"].public_access_blocks == {"123456789012": BLOCK_ALL}
    with contextlib.closing(loaded.client()) as s3:
        s3.put_object(Bucket=point.alias, Key="k", Body=b"12")
        assert s3.get_object(Bucket="plain", Key="k")["Body"].read() == b"12"
        assert s3.get_object(Bucket="logs--use1-az4--x-s3", Key="new")["Body"].read() == b"1"
    fake.save(tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == (tmp_path / "state.zip").read_bytes()
