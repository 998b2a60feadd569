"""CRCs and XXHASHes: the libraries agree with each other, and what happens where one or all of them are missing."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from fakes3part import FakeS3
from fakes3part.errors import S3Error
from fakes3part.rules.checksum_libraries import crc, xxhash_constructor, xxhash_digest

DATA = (b"", b"1", memoryview(b"x123456789x")[1:10], b"0" * 100_000)
CHECK = {"CRC32": 0xCBF43926, "CRC32C": 0xE3069283, "CRC64NVME": 0xAE8B14860A799888}
"""The CRCs of ``123456789``: the "check" values of the catalogue of parametrised CRC algorithms (Greg Cook)."""

XXHASHES = ("XXHASH64", "XXHASH3", "XXHASH128")


def _choose_anew() -> None:
    crc.cache_clear()
    xxhash_constructor.cache_clear()


@pytest.fixture(autouse=True)
def _choice() -> Iterator[None]:
    _choose_anew()
    yield
    _choose_anew()


def _without(monkeypatch: pytest.MonkeyPatch, *packages: str) -> None:
    for package in packages:
        monkeypatch.setitem(sys.modules, package, None)
    _choose_anew()


@pytest.mark.parametrize("missing", [(), ("anycrc",)], ids=["anycrc", "awscrt"])
@pytest.mark.parametrize("name", CHECK)
def test_crcs(monkeypatch: pytest.MonkeyPatch, name: str, missing: tuple[str, ...]) -> None:
    if missing:
        pytest.importorskip("awscrt.checksums")
    _without(monkeypatch, *missing)
    functions = crc(name)
    assert functions.update(DATA[2], 0) == CHECK[name]
    value = 0
    for segment in DATA:
        value = functions.update(segment, value)
    joined = b"".join(DATA)
    assert value == functions.update(joined, 0)
    first, second = functions.update(joined[:7], 0), functions.update(joined[7:], 0)
    assert functions.combine(first, second, len(joined) - 7) == value


@pytest.mark.parametrize("name", XXHASHES)
def test_xxhashes_of_both_libraries_are_the_same(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    pytest.importorskip("awscrt.checksums")
    by_xxhash = xxhash_digest(name, DATA)
    _without(monkeypatch, "xxhash")
    assert xxhash_digest(name, DATA) == by_xxhash


@pytest.mark.parametrize(
    ("name", "packages"), [*((name, "anycrc or awscrt") for name in CHECK), *((name, "xxhash or awscrt") for name in XXHASHES)]
)
def test_without_any_library(monkeypatch: pytest.MonkeyPatch, name: str, packages: str) -> None:
    _without(monkeypatch, "anycrc", "xxhash", "awscrt", "awscrt.checksums")
    with pytest.raises(S3Error) as refused:
        crc(name) if name in CHECK else xxhash_digest(name, DATA)
    text = f"fakes3part computes {name} checksums by the package {packages}, and neither is installed"
    assert (refused.value.status, refused.value.code, refused.value.message) == (501, "NotImplemented", text)


def test_nothing_is_stored_without_the_checksum_that_s3_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeS3()
    client = fake.client(config=Config(request_checksum_calculation="when_required"))
    client.create_bucket(Bucket="bucket")
    _without(monkeypatch, "anycrc", "awscrt", "awscrt.checksums")
    with pytest.raises(ClientError) as refused:
        client.put_object(Bucket="bucket", Key="k", Body=b"body")
    assert refused.value.response["Error"]["Code"] == "NotImplemented"
    client.put_object(Bucket="bucket", Key="sent", Body=b"body", ChecksumAlgorithm="SHA256")
    assert [entry["Key"] for entry in client.list_objects_v2(Bucket="bucket")["Contents"]] == ["sent"]
