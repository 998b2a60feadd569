"""seed: the same from run to run."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from datetime import datetime, timezone
from typing import Any

import pytest

from fakes3part.api.fakes3 import FakeS3
from tests.support.doors import Door
from tests.support.snapshots import encoded_state, fill_with_everything

START = datetime(2026, 1, 1, tzinfo=timezone.utc)

SCRIPT = """
    import boto3
    from fakes3part import FakeS3

    with FakeS3(seed=7) as fake:
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="bkt")
        client.put_bucket_versioning(Bucket="bkt", VersioningConfiguration={"Status": "Enabled"})
        put = client.put_object(Bucket="bkt", Key="k", Body=b"x", ServerSideEncryption="aws:kms")
        upload = client.create_multipart_upload(Bucket="bkt", Key="k")
        head = client.head_object(Bucket="bkt", Key="k")
        meta = put["ResponseMetadata"]
        print(put["ETag"], put["VersionId"], upload["UploadId"], head["LastModified"], meta["RequestId"], meta["HostId"])
        print(meta["HTTPHeaders"]["date"], client.list_buckets()["Buckets"][0]["CreationDate"])
        client.close()
"""


def test_two_runs_are_the_same() -> None:
    runs = [
        subprocess.run([sys.executable, "-c", textwrap.dedent(SCRIPT)], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert runs[0] == runs[1]
    assert "Thu, 01 Jan 2026 00:00:00 GMT" in runs[0]
    assert "2026-01-01 00:00:00+00:00" in runs[0]


def test_the_clock_stands_still_until_it_is_moved() -> None:
    fake = FakeS3(seed=0)
    assert (fake.clock.now(), fake.clock.is_frozen) == (START, True)
    fake.clock.advance(days=1)
    assert fake.clock.now().day == 2
    fake.clock.move_to("2027-03-04")
    assert fake.clock.now() == datetime(2027, 3, 4, tzinfo=timezone.utc)
    fake.reset()
    assert (fake.clock.now(), fake.clock.is_frozen) == (START, True)
    assert not FakeS3().clock.is_controlled
    assert FakeS3(seed=0).fork().clock.now() == START


def test_clients_of_any_clock_are_believed(door: Door) -> None:
    """Those of another process, or without interception, sign by the machine's clock: signatures, and presigned URLs."""
    with door.with_settings(seed=1, strict_credentials=False) as client:
        client.create_bucket(Bucket="bkt")
        client.put_object(Bucket="bkt", Key="k", Body=b"x")
        assert client.head_object(Bucket="bkt", Key="k")["LastModified"] == START
    fake = FakeS3(seed=1)
    user = fake.add_account()
    client = fake.client(user)
    client.create_bucket(Bucket="bkt")
    fake.clock.advance(days=30)
    client.put_object(Bucket="bkt", Key="k", Body=b"x")
    assert client.head_object(Bucket="bkt", Key="k")["LastModified"] == datetime(2026, 1, 31, tzinfo=timezone.utc)
    client.close()


def _whole(seed: int | None) -> list[dict[str, Any]]:
    fake = FakeS3(seed=seed)
    fill_with_everything(fake)
    return encoded_state(fake)


@pytest.mark.parametrize(("first", "second", "same"), [(1, 1, True), (1, 2, False), (None, None, False)])
def test_everything_is_the_same(first: int | None, second: int | None, same: bool) -> None:
    assert (_whole(first) == _whole(second)) is same


def test_what_is_done_again_after_a_restore_gets_the_same_ids() -> None:
    for seed, same in ((1, True), (None, False)):
        fake = FakeS3(seed=seed)
        fake.ids.upload_id()
        snapshot = fake.snapshot()
        first = fake.ids.upload_id(), fake.ids.request_ids(), fake.ids.etag()
        fake.restore(snapshot)
        assert ((fake.ids.upload_id(), fake.ids.request_ids(), fake.ids.etag()) == first) is same
        assert fake.ids.request_ids()[1].startswith(first[1][1][:60])
