"""seed: objects as PutObject would store them."""

from __future__ import annotations

from base64 import b64encode
from hashlib import md5
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ParamValidationError

from fakes3part import S3Error
from fakes3part.api.fakes3 import FakeS3
from tests.support.doors import Door
from tests.support.snapshots import KEY, ask, encoded_state


def test_kinds_of_values(door: Door, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"of a file")
    door.fake.seed(
        {
            "bkt": {
                "bytes": b"\x00\xff",
                "array": bytearray(b"array"),
                "view": memoryview(b"view"),
                "text": "grün",
                "path": tmp_path / "file",
                "dict": {
                    "Body": "text",
                    "ContentType": "text/html",
                    "Metadata": {"Name": "value"},
                    "Tagging": "a=b&c=d",
                    "CacheControl": "no-store",
                    "StorageClass": "STANDARD_IA",
                },
                "dict with a path": {"Body": tmp_path / "file"},
                "dict of nothing": {},
                "a//b/../ü ?&%#": b"odd",
            },
            "empty": {},
        }
    )
    expected = {
        "bytes": b"\x00\xff",
        "array": b"array",
        "view": b"view",
        "text": "grün".encode(),
        "path": b"of a file",
        "dict": b"text",
        "dict with a path": b"of a file",
        "dict of nothing": b"",
        "a//b/../ü ?&%#": b"odd",
    }
    for key, body in expected.items():
        got = door.client.get_object(Bucket="bkt", Key=key, ChecksumMode="ENABLED")
        assert got["Body"].read() == body
        assert got["ETag"] == f'"{md5(body).hexdigest()}"'
        assert got["ChecksumType"] == "FULL_OBJECT"
    got = door.client.get_object(Bucket="bkt", Key="dict")
    got["Body"].close()
    assert (got["ContentType"], got["Metadata"], got["TagCount"]) == ("text/html", {"name": "value"}, 2)
    assert (got["CacheControl"], got["StorageClass"]) == ("no-store", "STANDARD_IA")
    assert door.client.list_objects_v2(Bucket="empty")["KeyCount"] == 0


def test_it_is_what_a_client_would_have_put(tmp_path: Path) -> None:
    """All arguments of PutObject have the same result from a client and from seed."""
    arguments: dict[str, Any] = {
        "Body": b"hello",
        "ContentEncoding": "gzip",
        "Expires": "2030-01-01T00:00:00Z",
        "Metadata": {"Upper": " spaced "},
        "Tagging": "x=%20y",
        "ServerSideEncryption": "aws:kms",
        "ChecksumAlgorithm": "SHA256",
        "ChecksumSHA256": b64encode(bytes.fromhex("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")).decode(),
        "WebsiteRedirectLocation": "/there",
        "ACL": "bucket-owner-full-control",
    }
    seeded, put = FakeS3(seed=1), FakeS3(seed=1)
    seeded.seed({"bkt": {"k": arguments, "c": {"Body": b"1", "SSECustomerKey": KEY, "SSECustomerAlgorithm": "AES256"}}})
    client = put.client()
    client.create_bucket(Bucket="bkt")
    client.put_object(Bucket="bkt", Key="k", **arguments)
    client.put_object(
        Bucket="bkt", Key="c", Body=b"1", SSECustomerKey=KEY, SSECustomerAlgorithm="AES256", ChecksumAlgorithm="CRC32"
    )
    client.close()
    [first], [second] = encoded_state(seeded), encoded_state(put)
    assert first["objects"][0] == second["objects"][0]
    first["objects"][1].pop("checksum"), second["objects"][1].pop("checksum")  # the client sends one of its own
    assert first == second


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_buckets_are_created_in_the_region_and_kept_if_there(region: str) -> None:
    fake = FakeS3(region=region)
    fake.seed({"bkt": {"a": b"1"}})
    fake.seed({"bkt": {"b": b"2"}})
    assert (fake.buckets["bkt"].region, list(fake.buckets["bkt"].objects)) == (region, ["a", "b"])


def test_into_what_is_there() -> None:
    """Buckets with versioning, with Object Lock, and of another account: objects are put as the owner."""
    fake = FakeS3()
    owner = fake.add_account()
    client = fake.client(owner)
    client.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
    rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 2}}
    client.put_object_lock_configuration(Bucket="locked", ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule})
    client.close()
    fake.seed({"locked": {"k": b"1"}})
    fake.seed({"locked": {"k": {"Body": "2", "ObjectLockLegalHoldStatus": "ON"}}})
    newest, oldest = fake.buckets["locked"].objects["k"].versions
    assert (newest.text, oldest.text, newest.owner) == ("2", "1", owner.id)
    assert newest.lock is not None
    assert oldest.lock is not None
    assert (newest.lock.legal_hold, oldest.lock.mode) == ("ON", "COMPLIANCE")


REFUSED: dict[str, tuple[Any, type[Exception], str]] = {
    "a number": ({"bkt": {"k": 3}}, TypeError, "bkt/k: an object must be bytes, str, a path, Synthetic, or a dict .*, not int"),
    "a number for a body": ({"bkt": {"a": b"1", "k": {"Body": 3}}}, TypeError, "bkt/k: .* not int"),
    "a key that is none": ({"bkt": {b"k": b""}}, TypeError, "bucket names and keys must be str"),
    "no key": ({"bkt": {"": b""}}, ValueError, "a key must have at least one character"),
    "a long key": ({"bkt": {"k" * 1025: b""}}, S3Error, "KeyTooLongError"),
    "a bad bucket": ({"Bad_Name": {"k": b""}}, S3Error, "InvalidBucketName"),
    "an unknown argument": ({"bkt": {"k": {"Bodi": b""}}}, ParamValidationError, 'Unknown parameter in input: "Bodi"'),
    "metadata that is no ASCII": ({"bkt": {"k": {"Metadata": {"a": "ü"}}}}, ParamValidationError, "Non ascii characters"),
    "a key in the arguments": ({"bkt": {"k": {"Key": "other"}}}, ValueError, "the arguments must not have another Bucket or Key"),
    "a wrong checksum": ({"bkt": {"k": {"Body": "a", "ChecksumCRC32": "AAAAAA=="}}}, S3Error, "BadDigest"),
    "a wrong class": ({"bkt": {"k": {"StorageClass": "HOT"}}}, S3Error, "InvalidStorageClass"),
    "what is not there": ({"bkt": {"k": Path("/nowhere/at/all")}}, FileNotFoundError, "nowhere"),
}


@pytest.mark.parametrize(("content", "error", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(content: Any, error: type[Exception], message: str) -> None:
    fake = FakeS3()
    with pytest.raises(error, match=message):
        fake.seed(content)
    assert all(not bucket.objects for bucket in fake.buckets.values())
    if error is TypeError:
        assert not fake.buckets


def test_a_seed_is_no_call() -> None:
    fake = FakeS3(seed=1)
    expected = FakeS3(seed=1).ids.request_ids()
    fake.seed({"bkt": {"a": b"1", "b": {"Body": b"2"}}})
    assert fake.ids.request_ids() == expected
    assert ask(fake, "GET", "/bkt/a").status == 200
