"""seed_directory maps files without reading them; dump writes nothing outside its directory."""

from __future__ import annotations

import builtins
import json
import os
from hashlib import md5
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakes3part import S3Error
from fakes3part.api.fakes3 import FakeS3
from fakes3part.api.server import Server
from fakes3part.state.file_data import SEGMENT_SIZE, FileChangedError
from tests.support.doors import Door
from tests.support.snapshots import KEY, encoded_state


def tree(root: Path, **files: bytes) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Record the names of files that are opened."""
    names: list[str] = []
    real = builtins.open

    def spy(file: Any, *args: Any, **kwargs: Any) -> Any:
        names.append(os.path.basename(str(file)))
        return real(file, *args, **kwargs)

    monkeypatch.setattr(builtins, "open", spy)
    return names


def test_files_are_read_when_they_are_asked_for(door: Door, tmp_path: Path, opened: list[str]) -> None:
    tree(tmp_path, **{"a.txt": b"hello", "sub/ü ✓.json": b"{}", "sub/deep/empty": b"", "x.tar.gz": b"z"})
    (tmp_path / "nothing").mkdir()
    opened.clear()
    assert door.fake.seed_directory(tmp_path, "bkt", "in/") == 4
    assert list(door.fake.buckets["bkt"].objects) == ["in/a.txt", "in/sub/deep/empty", "in/sub/ü ✓.json", "in/x.tar.gz"]
    assert door.fake.buckets["bkt"].size == 8
    assert {"a.txt", "empty", "x.tar.gz"}.isdisjoint(opened)
    head = door.client.head_object(Bucket="bkt", Key="in/a.txt")
    assert "a.txt" in opened
    assert (head["ContentLength"], head["ContentType"], head["ETag"]) == (5, "text/plain", f'"{md5(b"hello").hexdigest()}"')
    opened.clear()
    got = door.client.get_object(Bucket="bkt", Key="in/a.txt", Range="bytes=1-3")
    assert (got["Body"].read(), opened.count("a.txt")) == (b"ell", 1)
    packed = door.client.head_object(Bucket="bkt", Key="in/x.tar.gz")
    assert (packed["ContentType"], packed["ContentEncoding"]) == ("application/x-tar", "gzip")
    listed = door.client.list_objects_v2(Bucket="bkt", Prefix="in/sub/")["Contents"]
    assert [(one["Key"], one["Size"], one["ETag"]) for one in listed] == [
        ("in/sub/deep/empty", 0, f'"{md5(b"").hexdigest()}"'),
        ("in/sub/ü ✓.json", 2, f'"{md5(b"{}").hexdigest()}"'),
    ]


def test_all_that_reads_an_object_reads_a_file(door: Door, tmp_path: Path) -> None:
    """Responses are those for an object that was put: checksums, copies, parts, tags."""
    body = os.urandom(3 * SEGMENT_SIZE + 17)
    tree(tmp_path, big=body)
    door.fake.seed_directory(tmp_path, "bkt")
    s3 = door.client
    got = s3.get_object(Bucket="bkt", Key="big", ChecksumMode="ENABLED")
    assert got["Body"].read() == body
    put = s3.put_object(Bucket="bkt", Key="put", Body=body, ChecksumAlgorithm="CRC64NVME")
    assert (got["ETag"], got["ChecksumCRC64NVME"]) == (put["ETag"], put["ChecksumCRC64NVME"])
    stream = s3.get_object(Bucket="bkt", Key="big")["Body"]
    pieces = list(iter(lambda: stream.read(300_000), b""))
    assert (b"".join(pieces), len(pieces)) == (body, -(-len(body) // 300_000))
    middle = s3.get_object(Bucket="bkt", Key="big", Range=f"bytes={SEGMENT_SIZE - 5}-{3 * SEGMENT_SIZE + 5}")
    assert middle["Body"].read() == body[SEGMENT_SIZE - 5 : 3 * SEGMENT_SIZE + 6]
    s3.copy_object(Bucket="bkt", Key="copy", CopySource="bkt/big")
    s3.put_object_tagging(Bucket="bkt", Key="big", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    upload = s3.create_multipart_upload(Bucket="bkt", Key="parts")["UploadId"]
    part = s3.upload_part_copy(
        Bucket="bkt",
        Key="parts",
        UploadId=upload,
        PartNumber=1,
        CopySource="bkt/big",
        CopySourceRange=f"bytes=1-{2 * SEGMENT_SIZE}",
    )
    s3.complete_multipart_upload(
        Bucket="bkt",
        Key="parts",
        UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["CopyPartResult"]["ETag"]}]},
    )
    objects = door.fake.buckets["bkt"].objects
    assert (objects["copy"].data, objects["big"].data, objects["parts"].data) == (body, body, body[1 : 2 * SEGMENT_SIZE + 1])
    assert (objects["big"].tags, objects["copy"].etag) == ({"a": "b"}, objects["put"].etag)


def test_by_the_rules_of_the_bucket(tmp_path: Path) -> None:
    tree(tmp_path, k=b"mapped")
    fake = FakeS3(seed=1)
    client = fake.client()
    client.create_bucket(Bucket="bkt", ObjectLockEnabledForBucket=True)
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 2}}
    client.put_object_lock_configuration(Bucket="bkt", ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule})
    encryption = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]}
    client.put_bucket_encryption(Bucket="bkt", ServerSideEncryptionConfiguration=encryption)
    client.put_object(Bucket="bkt", Key="k", Body=b"put", ChecksumAlgorithm="CRC32")
    fake.seed_directory(tmp_path, "bkt")
    newest, oldest = fake.buckets["bkt"].objects["k"].versions
    assert (newest.data, oldest.data) == (b"mapped", b"put")
    assert newest.lock == oldest.lock
    assert newest.lock is not None
    assert (newest.encryption.algorithm, len(newest.etag)) == ("aws:kms", 32)
    assert newest.etag != md5(b"mapped").hexdigest()
    client.close()


def test_snapshots_and_archives_know_mapped_files(tmp_path: Path) -> None:
    fake = FakeS3()
    fake.seed_directory(tree(tmp_path / "files", a=b"1", b=b"2"), "bkt")
    snapshot = fake.snapshot()
    fake.reset()
    fake.restore(snapshot)
    fake.save(tmp_path / "state")
    assert encoded_state(FakeS3.load(tmp_path / "state")) == encoded_state(fake)
    assert fake.fork().buckets["bkt"].objects["b"].data == b"2"


@pytest.mark.parametrize("change", ["longer", "touched", "gone"])
def test_a_file_that_changes_is_told(change: str, tmp_path: Path) -> None:
    fake = FakeS3()
    fake.seed_directory(tree(tmp_path, a=b"1", big=b"x" * (SEGMENT_SIZE + 1)), "bkt")
    objects = fake.buckets["bkt"].objects
    assert objects["a"].etag == md5(b"1").hexdigest()
    for name in ("a", "big"):
        file = tmp_path / name
        if change == "longer":
            file.write_bytes(b"12")
        elif change == "touched":
            os.utime(file, ns=(1, 1))
        else:
            file.unlink()
        with pytest.raises(FileChangedError, match=r"was mapped to an object|has changed since it was mapped"):
            _ = objects[name].data
    assert objects["a"].etag == md5(b"1").hexdigest()  # known already
    client = fake.client()
    with pytest.raises(FileChangedError):
        client.get_object(Bucket="bkt", Key="big")
    client.put_object(Bucket="bkt", Key="big", Body=b"new")
    assert objects["big"].data == b"new"
    client.close()


def test_a_server_tells_of_a_changed_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    fake = FakeS3()
    fake.seed_directory(tree(tmp_path, a=b"1"), "bkt")
    (tmp_path / "a").unlink()
    with Server(fake) as server:
        response = Door("server", fake, None, server.url, lambda: None).raw("GET", "/bkt/a")
    assert response.status == 500
    assert "was mapped to an object and" in caplog.text


def test_links_and_hidden_files(tmp_path: Path) -> None:
    outside = tree(tmp_path / "outside", secret=b"s", **{"folder/more": b"m"})
    root = tree(tmp_path / "root", real=b"r", **{".hidden": b"h", ".git/config": b"c", "sub/.dot": b"d"})
    (root / "to-real").symlink_to(root / "real")
    (root / "to-secret").symlink_to(outside / "secret")
    (root / "relative").symlink_to("../outside/secret")
    (root / "to-folder").symlink_to(outside / "folder")
    (root / "loop").symlink_to(root)
    (root / "broken").symlink_to("nowhere")
    os.mkfifo(root / "pipe")
    fake = FakeS3()
    assert fake.seed_directory(root, "bkt") == 2
    assert {key: one.data for key, one in fake.buckets["bkt"].objects.items()} == {"real": b"r", "to-real": b"r"}
    fake.seed_directory(root, "all", hidden=True)
    assert list(fake.buckets["all"].objects) == [".git/config", ".hidden", "real", "sub/.dot", "to-real"]


def test_what_cannot_be_mapped(tmp_path: Path) -> None:
    fake = FakeS3()
    with pytest.raises(FileNotFoundError):
        fake.seed_directory(tmp_path / "nowhere", "bkt")
    with pytest.raises(NotADirectoryError):
        fake.seed_directory(tree(tmp_path / "files", a=b"") / "a", "bkt")
    with pytest.raises(S3Error, match="KeyTooLongError"):
        fake.seed_directory(tmp_path / "files", "bkt", "p" * 1024)
    with open(os.fsencode(tmp_path) + b"/files/\xff", "wb"):
        pass
    with pytest.raises(ValueError, match="is not UTF-8"):
        fake.seed_directory(tmp_path / "files", "bkt")
    assert not fake.buckets


# --- dump ------------------------------------------------------------------------------------------------------------


def written(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def listing(root: Path) -> dict[str, dict[str, str]]:
    renamed: dict[str, dict[str, str]] = json.loads((root / ".fakes3part.json").read_text())["renamed"]
    return renamed


def test_dump_and_back(tmp_path: Path) -> None:
    objects = {"a/b/c.txt": b"1", "ü ✓": b"2", "empty": b""}
    fake = FakeS3()
    fake.seed({"one": objects, "two": {"k": b"3"}, "none": {}})
    fake.dump(str(tmp_path / "new" / "out"))
    root = tmp_path / "new" / "out"
    files = written(root)
    assert json.loads(files.pop(".fakes3part.json")) == {"renamed": {}}
    assert files == {"one/a/b/c.txt": b"1", "one/ü ✓": b"2", "one/empty": b"", "two/k": b"3"}
    assert sorted(os.listdir(root)) == [".fakes3part.json", "none", "one", "two"]
    back = FakeS3()
    back.seed_directory(root / "one", "one")
    assert {key: one.data for key, one in back.buckets["one"].objects.items()} == objects


HOSTILE = [
    "../escape",
    "../../escape",
    "a/../../../escape",
    "/absolute",
    "//double",
    "a//b",
    "folder/",
    "./here",
    "here/.",
    "x" * 256,
    "deep/" + "é" * 128,
    "nul\x00byte",
    "line\nbreak",
    "../.renamed/x",
]


def test_hostile_keys_stay_inside(tmp_path: Path) -> None:
    root = tmp_path / "a" / "b" / "out"
    fake = FakeS3()
    fake.seed({"bkt": {key: key for key in HOSTILE}})
    fake.dump(root)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a"]
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b"]
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["out"]
    renamed = listing(root)["bkt"]
    assert sorted(renamed) == sorted(HOSTILE)
    assert {key: (root / place).read_bytes() for key, place in renamed.items()} == {key: key.encode() for key in HOSTILE}
    assert list((root / "bkt").iterdir()) == []


def test_names_that_meet(tmp_path: Path) -> None:
    """A file where other keys need a directory, and names that are equal on some file systems."""
    keys = ["a", "a/b", "A/c", "File", "file", "straße", "STRASSE", "caf\u00e9", "cafe\u0301", "d/x", "D"]
    fake = FakeS3()
    fake.seed({"bkt": {key: key for key in keys}})
    fake.dump(tmp_path / "out")
    renamed = listing(tmp_path / "out")["bkt"]
    plain = {name.removeprefix("bkt/"): body for name, body in written(tmp_path / "out").items() if name.startswith("bkt/")}
    assert sorted([*renamed, *plain]) == sorted(keys)
    assert len({name.casefold() for name in plain}) == len(plain)
    assert all(body == name.encode() for name, body in plain.items())


def test_only_into_an_empty_directory(tmp_path: Path) -> None:
    fake = FakeS3()
    fake.seed({"bkt": {"k": b"evil"}})
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "bkt").symlink_to(tmp_path)
    with pytest.raises(FileExistsError, match="is not empty"):
        fake.dump(tmp_path / "out")
    assert not (tmp_path / "k").exists()
    (tmp_path / "out" / "bkt").unlink()
    fake.dump(tmp_path / "out")
    assert (tmp_path / "out" / "bkt" / "k").read_bytes() == b"evil"


def test_what_is_dumped_is_what_is_current(tmp_path: Path) -> None:
    fake = FakeS3()
    client = fake.client()
    client.create_bucket(Bucket="bkt")
    client.put_bucket_versioning(Bucket="bkt", VersioningConfiguration={"Status": "Enabled"})
    for body in (b"old", b"new"):
        client.put_object(Bucket="bkt", Key="k", Body=body)
    client.put_object(Bucket="bkt", Key="deleted", Body=b"")
    client.delete_object(Bucket="bkt", Key="deleted")
    client.put_object(Bucket="bkt", Key="sse-c", Body=b"plain", SSECustomerKey=KEY, SSECustomerAlgorithm="AES256")
    client.close()
    fake.dump(tmp_path)
    files = written(tmp_path)
    files.pop(".fakes3part.json")
    assert files == {"bkt/k": b"new", "bkt/sse-c": b"plain"}


_parts = st.one_of(st.sampled_from(["", ".", "..", "a", "A", "é", "e\u0301", "\x00", "\\", ":", "con"]), st.text(max_size=4))


@given(st.lists(st.lists(_parts, min_size=1, max_size=4).map("/".join), max_size=8, unique=True))
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_keys_are_all_there_and_inside(tmp_path_factory: pytest.TempPathFactory, keys: list[str]) -> None:
    fake = FakeS3()
    stored = {}
    for key in keys:
        try:
            fake.seed({"bkt": {key: key.encode()}})
        except (S3Error, ValueError):
            continue
        stored[key] = key.encode()
    base = tmp_path_factory.mktemp("dump")
    root = base / "x" / "out"
    fake.dump(root)
    assert [path for path in base.rglob("*") if path.is_file() and root not in path.parents] == []
    renamed = listing(root).get("bkt", {})
    assert {key: (root / renamed.get(key, f"bkt/{key}")).read_bytes() for key in stored} == stored
