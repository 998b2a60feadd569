"""Operations that are not implemented: 501 NotImplemented with the operation's name, and nothing changes.

All of the installed botocore are. A newer one may have more: tests take functions away.
"""

from __future__ import annotations

from functools import partial

import pytest

from tests.support.botocore_model import CONFIGURATIONS, DONE, OPERATIONS, call, modern, unimplemented
from tests.support.doors import Door, refused
from tests.support.errors import DIRECTORY_BUCKETS_ONLY, HEADER_NOT_IMPLEMENTED
from tests.support.state import unchanged


@pytest.fixture
def full(door: Door, bucket: str) -> Door:
    door.client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc", Tagging="a=b")
    door.client.create_multipart_upload(Bucket=bucket, Key="k")
    return door


def test_implemented_operations() -> None:
    assert DONE - set(OPERATIONS) == {"PostObject"}  # browsers' own: no SDK has a method for it
    assert {modern(operation) for operation in OPERATIONS.values()} - DONE == set()


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_named(full: Door, name: str) -> None:
    with unchanged(full.fake), unimplemented(OPERATIONS[name]) as missing:
        message = f"fakes3part does not implement {missing}"
        refused(partial(call, full.client, OPERATIONS[name]), 501, "NotImplemented", message, {"Operation": missing})


def test_s3s_own(full: Door) -> None:
    """Operations for which S3 itself returns 501."""
    text, s3 = HEADER_NOT_IMPLEMENTED, full.client
    rename = partial(s3.rename_object, Bucket="bucket", Key="new", RenameSource="bucket/k")
    torrent = partial(s3.get_object_torrent, Bucket="bucket", Key="k")
    only = {"Header": "x-amz-rename-source", "additionalMessage": DIRECTORY_BUCKETS_ONLY}
    with unchanged(full.fake):
        refused(rename, 501, "NotImplemented", text, only)
        refused(torrent, 501, "NotImplemented", text, {"additionalMessage": "BitTorrent is no longer supported"})


@pytest.mark.parametrize(
    ("name", "method", "target", "headers"),
    [
        ("DeleteBucketReplication", "DELETE", "/bucket?replication", {}),
    ],
)
def test_named_on_the_wire(full: Door, name: str, method: str, target: str, headers: dict[str, str]) -> None:
    with unchanged(full.fake), unimplemented(OPERATIONS[name]):
        response = full.raw(method, target, headers)
    assert (response.status, response.error) == (
        501,
        {"Code": "NotImplemented", "Message": f"fakes3part does not implement {name}", "Operation": name},
    )


@pytest.mark.parametrize(
    ("method", "target"),
    [("DELETE", "/bucket?unknown"), ("PUT", "/bucket?unknown"), ("PUT", "/bucket/k?cors"), ("DELETE", "/bucket/k?policy")],
)
def test_unknown_sub_resources_change_nothing(full: Door, method: str, target: str) -> None:
    with unchanged(full.fake):
        response = full.raw(method, target)
    assert response.status in (405, 501)
