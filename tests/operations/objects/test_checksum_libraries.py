"""CRCs and XXHASHes: the libraries agree with each other, and what happens where one or all of them are missing."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakes3part import FakeS3
from fakes3part.errors import S3Error
from fakes3part.rules.checksum_libraries import _anycrc, crc, xxhash_constructor, xxhash_digest
from fakes3part.rules.python_crc import python_crc

DATA = (b"", b"1", memoryview(b"x123456789x")[1:10], b"0" * 100_000)
CHECK = {"CRC32": 0xCBF43926, "CRC32C": 0xE3069283, "CRC64NVME": 0xAE8B14860A799888}
"""The CRCs of ``123456789``: the "check" values of the catalogue of parametrised CRC algorithms (Greg Cook)."""

EVERY = ("anycrc", "xxhash", "awscrt", "awscrt.checksums")
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


@pytest.mark.parametrize("missing", [(), ("anycrc",), EVERY], ids=["anycrc", "awscrt", "Python"])
@pytest.mark.parametrize("name", CHECK)
def test_crcs(monkeypatch: pytest.MonkeyPatch, name: str, missing: tuple[str, ...]) -> None:
    if missing == ("anycrc",):
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


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # (it does not depend on the library in use)
@given(st.sampled_from(sorted(CHECK)), st.binary(max_size=300), st.binary(max_size=300), st.integers(0, 2**40))
def test_crcs_in_python_are_those_of_a_library(name: str, first: bytes, second: bytes, length: int) -> None:
    library = _anycrc(name)
    update, combine = python_crc(name)
    head, tail = library.update(first, 0), library.update(second, 0)
    assert update(first, 0) == head
    assert update(second, head) == library.update(first + second, 0)
    assert combine(head, tail, len(second)) == library.update(first + second, 0)
    assert combine(head, tail, length) == library.combine(head, tail, length)


@pytest.mark.parametrize("name", XXHASHES)
def test_without_any_library(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    _without(monkeypatch, *EVERY)
    with pytest.raises(S3Error) as refused:
        xxhash_digest(name, DATA)
    text = f"fakes3part computes {name} checksums by the package xxhash or awscrt, and neither is installed"
    assert (refused.value.status, refused.value.code, refused.value.message) == (501, "NotImplemented", text)


def test_nothing_is_stored_whose_checksum_cannot_be_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeS3()
    client = fake.client(config=Config(request_checksum_calculation="when_required"))
    client.create_bucket(Bucket="bucket")
    expected = client.put_object(Bucket="bucket", Key="k", Body=b"body")["ChecksumCRC64NVME"]
    _without(monkeypatch, *EVERY)
    with pytest.raises(ClientError) as refused:
        client.put_object(Bucket="bucket", Key="k2", Body=b"body", ChecksumXXHASH64="AAAAAAAAAAA=")
    assert refused.value.response["Error"]["Code"] == "NotImplemented"
    assert client.put_object(Bucket="bucket", Key="computed", Body=b"body")["ChecksumCRC64NVME"] == expected
    assert [entry["Key"] for entry in client.list_objects_v2(Bucket="bucket")["Contents"]] == ["computed", "k"]
