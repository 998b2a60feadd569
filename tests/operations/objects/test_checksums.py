"""The ten checksum algorithms against their authors' libraries, and checksums of encrypted objects.

Sources: recorded from AWS, February 2026 (LocalStack's test_s3.snapshot.json); test vectors of the algorithms' authors.
"""

from __future__ import annotations

import hashlib
import zlib
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import awscrt.checksums
import crc32c
import pytest
import xxhash
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes3part.rules import checksums
from fakes3part.state.objects import Data
from tests.support.doors import Door
from tests.support.encryption import MiB, customer

MAKERS: dict[str, Callable[[bytes], bytes]] = {
    "CRC32": lambda data: zlib.crc32(data).to_bytes(4, "big"),
    "CRC32C": lambda data: crc32c.crc32c(data).to_bytes(4, "big"),
    "CRC64NVME": lambda data: awscrt.checksums.crc64nvme(data).to_bytes(8, "big"),
    "SHA1": lambda data: hashlib.sha1(data).digest(),
    "SHA256": lambda data: hashlib.sha256(data).digest(),
    "SHA512": lambda data: hashlib.sha512(data).digest(),
    "MD5": lambda data: hashlib.md5(data).digest(),
    "XXHASH64": lambda data: xxhash.xxh64(data).digest(),
    "XXHASH3": lambda data: xxhash.xxh3_64(data).digest(),
    "XXHASH128": lambda data: xxhash.xxh3_128(data).digest(),
}
CRCS = [name for name, algorithm in checksums.ALGORITHMS.items() if algorithm.combine is not None]
by_name = pytest.mark.parametrize("name", MAKERS)
segments = st.lists(st.binary(max_size=300), max_size=6)


def base64(digest: bytes) -> str:
    return b64encode(digest).decode()


def crc64nvme_by_hand(data: bytes) -> int:
    """Compute the checksum bit by bit from the polynomial: the code under test uses the library of the algorithm's authors."""
    value = 0xFFFFFFFFFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ (0x9A6C9329AC4BC9B5 if value & 1 else 0)
    return value ^ 0xFFFFFFFFFFFFFFFF


def test_every_algorithm_has_a_maker() -> None:
    assert set(MAKERS) == set(checksums.ALGORITHMS)


@by_name
@given(pieces=segments)
@settings(max_examples=60, deadline=None)
def test_digests_are_the_makers(name: str, pieces: list[bytes]) -> None:
    views = tuple(memoryview(piece) if number % 2 else piece for number, piece in enumerate(pieces))
    assert checksums.digest(Data(views), name) == base64(MAKERS[name](b"".join(pieces)))


@given(data=st.binary(max_size=100))
@settings(max_examples=60, deadline=None)
def test_crc64nvme_is_its_polynomial(data: bytes) -> None:
    assert checksums.digest(Data((data,)), "CRC64NVME") == base64(crc64nvme_by_hand(data).to_bytes(8, "big"))


@pytest.mark.parametrize("name", CRCS)
@given(pieces=segments)
@settings(max_examples=100, deadline=None)
def test_combining_is_hashing_the_whole(name: str, pieces: list[bytes]) -> None:
    parts = [(checksums.digest(Data((piece,)), name), len(piece)) for piece in pieces]
    combined = checksums.combine_crcs(name, parts)
    assert (combined.value, combined.type) == (base64(MAKERS[name](b"".join(pieces))), "FULL_OBJECT")


@by_name
@given(pieces=st.lists(st.binary(max_size=50), min_size=1, max_size=5))
@settings(max_examples=40, deadline=None)
def test_composite_is_the_hash_of_the_hashes(name: str, pieces: list[bytes]) -> None:
    digests = [MAKERS[name](piece) for piece in pieces]
    composite = checksums.composite_checksum(name, map(base64, digests))
    assert composite.value == f"{base64(MAKERS[name](b''.join(digests)))}-{len(pieces)}"
    assert composite.type == "COMPOSITE"


BODY = b"something to hash"
METHODS: dict[str, dict[str, Any]] = {
    "plain": {},
    "KMS": {"ServerSideEncryption": "aws:kms"},
    "DSSE": {"ServerSideEncryption": "aws:kms:dsse"},
    "SSE-C": customer(),
}
by_method = pytest.mark.parametrize("requested", METHODS.values(), ids=METHODS)


def own_key(requested: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in requested.items() if name.startswith("SSECustomer")}


def values(response: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in response.items() if name.startswith("Checksum")}


@by_method
@by_name
def test_put_get_head_copy(s3: Any, bucket: str, requested: dict[str, Any], name: str) -> None:
    expected = {f"Checksum{name}": base64(MAKERS[name](BODY)), "ChecksumType": "FULL_OBJECT"}
    given = {f"Checksum{name}": expected[f"Checksum{name}"]}
    put = s3.put_object(Bucket=bucket, Key="k", Body=BODY, **given, **requested)
    got = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED", **own_key(requested))
    head = s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED", **own_key(requested))
    opened = {f"CopySource{member}": value for member, value in own_key(requested).items()}
    copied = s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/k", **opened, **requested)["CopyObjectResult"]
    assert values(put) == values(got) == values(head) == values(copied) == expected


@by_name
def test_a_copy_may_have_another(s3: Any, bucket: str, name: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY, ServerSideEncryption="aws:kms")
    copied = s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/k", ChecksumAlgorithm=name)["CopyObjectResult"]
    assert values(copied) == {f"Checksum{name}": base64(MAKERS[name](BODY)), "ChecksumType": "FULL_OBJECT"}


@by_method
@by_name
def test_multipart(s3: Any, bucket: str, requested: dict[str, Any], name: str) -> None:
    """A requested algorithm is in every response, with any encryption."""
    key, member = own_key(requested), f"Checksum{name}"
    s3.put_object(Bucket=bucket, Key="source", Body=b"end")
    upload = {"Bucket": bucket, "Key": "k"}
    created = s3.create_multipart_upload(**upload, ChecksumAlgorithm=name, **requested)
    upload["UploadId"] = created["UploadId"]
    sent = base64(MAKERS[name](BODY))
    first = s3.upload_part(**upload, PartNumber=1, Body=BODY, **{member: sent}, **key)
    assert values(first) == {member: sent}
    if created["ChecksumType"] == "COMPOSITE":
        whole = f"{base64(MAKERS[name](MAKERS[name](BODY)))}-1"
    else:
        whole = sent
    parts = [{"PartNumber": 1, "ETag": first["ETag"], member: sent}]
    second = s3.upload_part_copy(**upload, PartNumber=2, CopySource=f"{bucket}/source", **key)["CopyPartResult"]
    assert values(second) == {member: base64(MAKERS[name](b"end"))}
    listed = s3.list_parts(**upload)
    assert [part[member] for part in listed["Parts"]] == [sent, second[member]]
    completed = s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    head = s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED", **key)
    assert values(completed) == values(head) == {member: whole, "ChecksumType": created["ChecksumType"]}


class TestDefault:
    """The checksum without a requested algorithm: CRC64NVME, returned or hidden."""

    @by_method
    def test_put(self, door: Door, bucket: str, requested: dict[str, Any]) -> None:
        with door.client_with(config=_quiet()) as s3:
            put = s3.put_object(Bucket=bucket, Key="k", Body=b"hello world", **requested)
            assert values(put) == {"ChecksumCRC64NVME": "jSnVw/bqjr4=", "ChecksumType": "FULL_OBJECT"}

    @by_method
    def test_multipart(self, s3: Any, bucket: str, requested: dict[str, Any]) -> None:
        upload = {"Bucket": bucket, "Key": "k"}
        upload["UploadId"] = s3.create_multipart_upload(**upload, **requested)["UploadId"]
        bodies = [b"x" * (5 * MiB), b"end"]
        parts = [
            {
                "PartNumber": number,
                "ETag": s3.upload_part(**upload, PartNumber=number, Body=body, **own_key(requested))["ETag"],
            }
            for number, body in enumerate(bodies, 1)
        ]
        completed = s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
        head = s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED", **own_key(requested))
        whole = {"ChecksumCRC64NVME": base64(MAKERS["CRC64NVME"](b"".join(bodies))), "ChecksumType": "FULL_OBJECT"}
        assert values(completed) == (whole if not requested else {})
        assert values(head) == ({} if own_key(requested) else whole)


def _quiet() -> Any:
    from botocore.config import Config

    return Config(request_checksum_calculation="when_required", retries={"total_max_attempts": 1})
