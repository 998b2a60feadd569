"""The real AWS CLI with injected faults: it retries, or prints S3's error."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fakes3part import FakeS3, Server, faults
from tests.support.aws_cli import Aws

MiB = 1024 * 1024
SHORT_DELAYS = "import random\nrandom.random = lambda: 0.001\n"
"""The random factor by which botocore multiplies its retry delays. It is small, so that the real CLI hardly waits."""


@pytest.fixture(scope="module")
def _server() -> Iterator[Server]:
    with Server(FakeS3(seed=5)) as server:
        yield server


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory, _server: Server) -> Iterator[Aws]:
    home = tmp_path_factory.mktemp("home")
    (home / "sitecustomize.py").write_text(SHORT_DELAYS)
    with Aws(home, _server.url) as aws:
        aws.environment.update(AWS_MAX_ATTEMPTS="4", AWS_RETRY_MODE="standard", PYTHONPATH=str(home))
        yield aws


@pytest.fixture
def fake(_server: Server, aws: Aws) -> FakeS3:
    _server.fake.reset()
    assert aws("s3api", "create-bucket", "--bucket", "bucket").status == 0
    return _server.fake


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(os.urandom(17 * MiB))  # three parts of the CLI's 8 MiB
    return path


def stored(fake: FakeS3, key: str = "key") -> bytes | None:
    version = fake.store.buckets["bucket"].objects.get(key)
    return None if version is None or version.data is None else b"".join(map(bytes, version.data.segments))


@pytest.mark.parametrize("effect", ["SlowDown", "InternalError", faults.Reset("before"), faults.Reset("after")])
def test_it_retries(fake: FakeS3, aws: Aws, tmp_path: Path, effect: Any) -> None:
    (tmp_path / "body").write_bytes(b"data")
    rule = fake.fail("PutObject", effect, times=2)
    ran = aws("s3api", "put-object", "--bucket", "bucket", "--key", "key", "--body", str(tmp_path / "body"))
    assert ran.output["ETag"] == '"8d777f385d3dfec8815d20f7496026dc"'
    assert (rule.hits, rule.calls, stored(fake)) == (2, 3, b"data")


def test_it_gives_up(fake: FakeS3, aws: Aws) -> None:
    rule = fake.fail("ListObjectsV2", "SlowDown")
    ran = aws("s3api", "list-objects-v2", "--bucket", "bucket")
    assert (ran.status, ran.out, rule.hits) == (255, "", 4)
    assert ran.err.strip().endswith(
        "An error occurred (SlowDown) when calling the ListObjectsV2 operation (reached max retries: 3): "
        "Please reduce your request rate."
    )


@pytest.mark.parametrize(
    ("operation", "effect", "often"),
    [
        ("*", "SlowDown", {"nth": {1, 2}}),
        ("UploadPart", faults.Reset("before"), {"times": 2}),
        ("UploadPart", faults.Reset("after"), {"times": 2}),
        ("CompleteMultipartUpload", faults.ErrorIn200(), {"times": 2}),
        ("*", faults.Duplicate(), {}),
    ],
)
def test_cp_up(fake: FakeS3, aws: Aws, file: Path, operation: str, effect: Any, often: dict[str, Any]) -> None:
    rule = fake.fail(operation, effect, **often)
    ran = aws("s3", "cp", str(file), "s3://bucket/key", "--no-progress")
    assert (ran.status, ran.err) == (0, "")
    assert stored(fake) == file.read_bytes()
    assert rule.hits >= 2


@pytest.mark.parametrize("effect", ["SlowDown", faults.Truncate(), faults.Reset("during"), faults.Latency(0.001)])
def test_cp_down(fake: FakeS3, aws: Aws, file: Path, tmp_path: Path, effect: Any) -> None:
    aws("s3", "cp", str(file), "s3://bucket/key", "--no-progress")
    rule = fake.fail("GetObject", effect, times=2)
    ran = aws("s3", "cp", "s3://bucket/key", str(tmp_path / "target"), "--no-progress")
    assert (ran.status, ran.err) == (0, "")
    assert (tmp_path / "target").read_bytes() == file.read_bytes()
    assert rule.hits == 2


def test_cp_down_of_a_flipped_byte(fake: FakeS3, aws: Aws, tmp_path: Path) -> None:
    (tmp_path / "body").write_bytes(b"data" * 1000)
    aws("s3", "cp", str(tmp_path / "body"), "s3://bucket/key", "--no-progress")
    fake.fail("GetObject", faults.Corrupt(offset=17))
    ran = aws("s3", "cp", "s3://bucket/key", str(tmp_path / "target"), "--no-progress")
    assert ran.status == 1
    assert "did not match calculated checksum" in ran.err
    assert not (tmp_path / "target").exists()


def test_cp_up_of_a_lasting_fault(fake: FakeS3, aws: Aws, file: Path) -> None:
    fake.fail("UploadPart", "InternalError", part_number=2)
    ran = aws("s3", "cp", str(file), "s3://bucket/key", "--no-progress")
    assert ran.status == 1
    assert "An error occurred (InternalError) when calling the UploadPart operation (reached max retries: 3)" in ran.err
    assert stored(fake) is None
    assert not fake.store.buckets["bucket"].uploads
