"""s3transfer with ten threads and many faults: what it transfers is complete, and what it gives up leaves nothing partial."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from boto3.exceptions import RetriesExceededError, S3UploadFailedError
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError, ConnectionClosedError, FlexibleChecksumError, IncompleteReadError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from s3transfer.utils import ChunksizeAdjuster

from fakes3part import FakeS3, faults
from tests.support.faults import BUCKET, Transport

KiB = 1024
PART = 16 * KiB
DATA = os.urandom(20 * PART + 5)
TRANSFER = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART, io_chunksize=4 * KiB, max_concurrency=10)
RETRIES = {"mode": "standard", "total_max_attempts": 30}


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets s3transfer use parts below S3's limit of 5 MiB, as this fake does."""
    monkeypatch.setattr(ChunksizeAdjuster, "adjust_chunksize", lambda self, size, file_size=None: size)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(DATA)
    return path


def upload(s3: Any, source: Path, **config: Any) -> None:
    s3.upload_file(str(source), BUCKET, "key", Config=TransferConfig(**{**vars_of(TRANSFER), **config}))


def vars_of(config: TransferConfig) -> dict[str, Any]:
    names = ("multipart_threshold", "multipart_chunksize", "io_chunksize", "max_concurrency")
    return {name: getattr(config, name) for name in names}


def download(s3: Any, target: Path, config: TransferConfig = TRANSFER) -> bytes:
    s3.download_file(BUCKET, "key", str(target), Config=config)
    return target.read_bytes()


@pytest.mark.parametrize(
    ("operation", "effect"),
    [
        ("*", "SlowDown"),
        ("UploadPart", "InternalError"),
        ("UploadPart", faults.Reset("before")),
        ("UploadPart", faults.Reset("during")),
        ("UploadPart", faults.Reset("after")),
        ("UploadPart", faults.Refuse()),
        ("*", faults.Duplicate()),
    ],
)
def test_an_upload_succeeds(transport: Transport, source: Path, operation: str, effect: Any) -> None:
    s3 = transport.client(retries=RETRIES)
    rule = transport.fake.fail(operation, effect, probability=0.5)
    upload(s3, source)
    assert transport.stored("key") == DATA
    assert rule.hits > 3


@pytest.mark.parametrize(
    ("operation", "effect"),
    [
        ("CreateMultipartUpload", faults.Reset("after")),
        ("CompleteMultipartUpload", faults.Reset("after")),
        ("CompleteMultipartUpload", faults.Malformed()),
        ("CompleteMultipartUpload", faults.ErrorIn200()),
        ("CompleteMultipartUpload", faults.Truncate()),
    ],
)
def test_an_upload_survives_its_first_and_last_call(transport: Transport, source: Path, operation: str, effect: Any) -> None:
    s3 = transport.client(retries=RETRIES)
    rule = transport.fake.fail(operation, effect, times=2)
    upload(s3, source)
    assert transport.stored("key") == DATA
    assert rule.hits == 2
    left = transport.fake.store.buckets[BUCKET].uploads  # their ids are unknown: the responses were lost
    assert len([upload for upload in left.values() if upload.parts]) == 0


def test_a_part_that_keeps_failing_fails_the_upload(transport: Transport, source: Path) -> None:
    s3 = transport.client(retries={"mode": "standard", "total_max_attempts": 2})
    transport.fake.fail("UploadPart", "InternalError", part_number=7)
    with pytest.raises(S3UploadFailedError, match="InternalError"):
        upload(s3, source)
    assert transport.listed() == []
    assert not transport.fake.store.buckets[BUCKET].uploads  # it was aborted


def stored(transport: Transport, **config: Any) -> Any:
    s3 = transport.client(retries=RETRIES, **config)
    s3.put_object(Bucket=BUCKET, Key="key", Body=DATA)
    return s3


@pytest.mark.parametrize(
    "effect",
    [
        "SlowDown",
        faults.Reset("before"),
        faults.Reset("during"),
        faults.Truncate(),
        faults.Truncate(after=0),
    ],
)
def test_a_download_succeeds(transport: Transport, tmp_path: Path, effect: Any) -> None:
    s3 = stored(transport)
    # Not consecutive calls: they could all hit one part, and s3transfer tries each part only five times.
    rule = transport.fake.fail("GetObject", effect, nth={1, 3, 5, 8, 13, 21})
    assert download(s3, tmp_path / "target") == DATA
    assert rule.hits == 6


@pytest.mark.parametrize(("effect", "cause"), [(faults.Truncate(), IncompleteReadError), (faults.Reset("during"), Exception)])
def test_a_download_that_keeps_failing_leaves_no_file(
    transport: Transport, tmp_path: Path, effect: Any, cause: type[Exception]
) -> None:
    s3 = stored(transport)
    transport.fake.fail("GetObject", effect)
    one_by_one = TransferConfig(**vars_of(TRANSFER), use_threads=False)  # otherwise the sockets of other parts stay open
    with pytest.raises(RetriesExceededError) as caught:
        download(s3, tmp_path / "target", one_by_one)
    assert isinstance(caught.value.last_exception, cause)
    assert list(tmp_path.iterdir()) == []


def test_a_corrupted_download_is_caught(transport: Transport, tmp_path: Path) -> None:
    s3 = stored(transport)
    whole = TransferConfig(multipart_threshold=KiB * KiB)
    with transport.fake.fail("GetObject", faults.Corrupt(offset=12345)), pytest.raises(FlexibleChecksumError):
        download(s3, tmp_path / "target", whole)
    assert list(tmp_path.iterdir()) == []
    assert download(s3, tmp_path / "target", whole) == DATA


def test_a_corrupted_range_is_not_caught(transport: Transport, tmp_path: Path) -> None:
    """S3 has the checksum of the whole object only, and s3transfer compares none of a range."""
    s3 = stored(transport)
    transport.fake.fail("GetObject", faults.Corrupt(), nth=3)
    data = download(s3, tmp_path / "target")
    assert len(data) == len(DATA)
    assert sum(received != sent for received, sent in zip(data, DATA, strict=True)) == 1


EFFECTS: dict[str, Any] = {
    "SlowDown": "SlowDown",
    "InternalError": "InternalError",
    "before": faults.Reset("before"),
    "during": faults.Reset("during"),
    "after": faults.Reset("after"),
    "duplicate": faults.Duplicate(),
    "200": faults.ErrorIn200(),
}


LAST = ("PutObject", "CompleteMultipartUpload")
"""The operations that make an object visible."""


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 2**32),
    probabilities=st.dictionaries(st.sampled_from(list(EFFECTS)), st.sampled_from([0.05, 0.2, 0.5]), min_size=1),
    attempts=st.sampled_from([1, 3, 20]),
    old=st.sampled_from([None, b"old"]),
    size=st.sampled_from([10, PART, 5 * PART + 7]),
)
def test_random_faults(
    new_client: Callable[..., Any],
    tmp_path: Path,
    seed: int,
    probabilities: dict[str, float],
    attempts: int,
    old: bytes | None,
    size: int,
) -> None:
    """An upload succeeds with equal bytes, or raises and leaves the previous object; never a partial one.

    (One exception exists: a client that lost the last response may have uploaded everything without knowing it.)
    """
    source = tmp_path / "source"
    source.write_bytes(DATA[:size])
    fake = FakeS3(seed=seed, min_part_size=1)
    fake.clock.freeze()
    transport = Transport("in-process", fake, new_client, None)
    with fake:
        s3 = transport.client(retries={"mode": "standard", "total_max_attempts": attempts})
        if old is not None:
            s3.put_object(Bucket=BUCKET, Key="key", Body=old)
        for name, probability in probabilities.items():
            fake.fail("*", EFFECTS[name], probability=probability)
        try:
            upload(s3, source)
        except (S3UploadFailedError, ClientError, ConnectionClosedError):
            lost = [call for call in fake.calls if call.operation in LAST and call.status == 200 and "reset" in str(call.fault)]
            assert transport.stored("key") == old or (lost and transport.stored("key") == DATA[:size])
        else:
            assert transport.stored("key") == DATA[:size]


def test_random_faults_are_reproducible(new_client: Callable[..., Any], source: Path) -> None:
    def weather() -> list[tuple[int, int]]:
        fake = FakeS3(seed=11, min_part_size=1)
        fake.clock.freeze()
        transport = Transport("in-process", fake, new_client, None)
        with fake:
            s3 = transport.client(retries=RETRIES)
            for effect in EFFECTS.values():
                fake.fail("*", effect, probability=0.1)
            upload(s3, source, max_concurrency=1, use_threads=False)
        return [(rule.hits, rule.calls) for rule in fake.faults]

    first = weather()
    assert weather() == first
    assert all(hits for hits, _ in first[:6])
