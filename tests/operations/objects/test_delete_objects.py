"""DeleteObject and DeleteObjects.

Sources: recorded from AWS, February 2026 (LocalStack's test_s3.snapshot.json); botocore's model documentation.
"""

from __future__ import annotations

from base64 import b64encode
from functools import partial
from hashlib import md5
from typing import Any

import pytest

from tests.support.doors import Door, assert_error, refused
from tests.support.errors import MALFORMED_XML, NO_DIGEST, NO_SUCH_VERSION, PRECONDITION_FAILED
from tests.support.state import fill, unchanged

BYPASS = "x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets."


def _fill(s3: Any, bucket: str, *keys: str) -> list[str | None]:
    """Put the keys; their version ids."""
    return [s3.put_object(Bucket=bucket, Key=key, Body=key.encode()).get("VersionId") for key in keys]


def _delete(s3: Any, bucket: str, *objects: dict[str, Any], **options: Any) -> tuple[list[Any], list[Any]]:
    response = s3.delete_objects(Bucket=bucket, Delete={"Objects": list(objects), **options})

    def by_key(entry: dict[str, str]) -> tuple[str, str]:
        return entry["Key"], entry.get("VersionId", "")

    return sorted(response.get("Deleted", []), key=by_key), sorted(response.get("Errors", []), key=by_key)


def _keys(s3: Any, bucket: str) -> list[str]:
    return [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


def test_delete_object(s3: Any, bucket: str) -> None:
    _fill(s3, bucket, "a", "b")
    for _ in range(2):
        response = s3.delete_object(Bucket=bucket, Key="a")
        assert response["ResponseMetadata"]["HTTPStatusCode"] == 204
        assert {"content-type", "content-length"}.isdisjoint(response["ResponseMetadata"]["HTTPHeaders"])
    assert _keys(s3, bucket) == ["b"]


def test_several(s3: Any, bucket: str) -> None:
    _fill(s3, bucket, "a", "b", "c")
    deleted, errors = _delete(s3, bucket, {"Key": "a"}, {"Key": "c"}, {"Key": "missing"})
    assert deleted == [{"Key": "a"}, {"Key": "c"}, {"Key": "missing"}]
    assert errors == []
    assert _keys(s3, bucket) == ["b"]


def test_quiet(s3: Any, versioned: str) -> None:
    _fill(s3, versioned, "a")
    bad = {"Key": "a", "VersionId": "z" * 32}
    deleted, errors = _delete(s3, versioned, {"Key": "a"}, bad, Quiet=True)
    assert deleted == []
    assert errors == [{**bad, "Code": "NoSuchVersion", "Message": NO_SUCH_VERSION}]
    assert _keys(s3, versioned) == []


@pytest.fixture
def versioned(s3: Any, bucket: str) -> str:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return bucket


def test_versions_and_markers(s3: Any, versioned: str) -> None:
    first, second = _fill(s3, versioned, "k", "k")
    [by_key], errors = _delete(s3, versioned, {"Key": "k"})
    marker = by_key["DeleteMarkerVersionId"]
    assert by_key == {"Key": "k", "DeleteMarker": True, "DeleteMarkerVersionId": marker}
    assert (errors, _keys(s3, versioned)) == ([], [])
    deleted, errors = _delete(s3, versioned, {"Key": "k", "VersionId": marker})
    assert deleted == [{"Key": "k", "VersionId": marker, "DeleteMarker": True, "DeleteMarkerVersionId": marker}]
    assert s3.get_object(Bucket=versioned, Key="k")["VersionId"] == second
    deleted, errors = _delete(s3, versioned, {"Key": "k", "VersionId": second})
    assert deleted == [{"Key": "k", "VersionId": second}]
    assert s3.get_object(Bucket=versioned, Key="k")["VersionId"] == first


def test_suspended(s3: Any, versioned: str) -> None:
    s3.put_bucket_versioning(Bucket=versioned, VersioningConfiguration={"Status": "Suspended"})
    _fill(s3, versioned, "k")
    deleted, _ = _delete(s3, versioned, {"Key": "k"})
    assert deleted == [{"Key": "k", "DeleteMarker": True, "DeleteMarkerVersionId": "null"}]


def test_each_succeeds_or_fails_by_itself(s3: Any, bucket: str) -> None:
    _fill(s3, bucket, "a", "b", "c", "d")
    etag = s3.head_object(Bucket=bucket, Key="a")["ETag"]
    deleted, errors = _delete(
        s3,
        bucket,
        {"Key": "a", "ETag": etag},
        {"Key": "b", "ETag": etag},
        {"Key": "c", "VersionId": "bad"},
        {"Key": "d"},
    )
    assert deleted == [{"Key": "a"}, {"Key": "d"}]
    failed = PRECONDITION_FAILED
    assert errors == [
        {"Key": "b", "Code": "PreconditionFailed", "Message": failed},
        {"Key": "c", "VersionId": "bad", "Code": "NoSuchVersion", "Message": NO_SUCH_VERSION},
    ]
    assert _keys(s3, bucket) == ["b", "c"]


@pytest.mark.parametrize("condition", [{"Size": 1}, {"LastModifiedTime": "2026-01-01T00:00:00Z"}], ids=lambda c: next(iter(c)))
def test_conditions_of_directory_buckets(s3: Any, bucket: str, condition: dict[str, Any]) -> None:
    """Recorded from AWS, September 2026."""
    _fill(s3, bucket, "a", "b")
    call = partial(s3.delete_objects, Bucket=bucket, Delete={"Objects": [{"Key": "b"}, {"Key": "a", **condition}]})
    refused(call, 400, "MalformedXML", MALFORMED_XML)
    assert _keys(s3, bucket) == ["a", "b"]


@pytest.mark.parametrize("quiet", ["True", "1", "0", "yes", "", " true"])
def test_quiet_is_true_or_false(door: Door, bucket: str, quiet: str) -> None:
    """Recorded from AWS, September 2026."""
    _fill(door.client, bucket, "a")
    document = f"<Delete><Object><Key>a</Key></Object><Quiet>{quiet}</Quiet></Delete>".encode()
    with unchanged(door.fake):
        response = door.raw("POST", "/bucket?delete", {"Content-MD5": b64encode(md5(document).digest()).decode()}, document)
    assert_error(response, 400, "MalformedXML", MALFORMED_XML)


def test_a_thousand(s3: Any, bucket: str, door: Door) -> None:
    keys = [f"k{number:04}" for number in range(1001)]
    fill(door.fake, bucket, keys)
    call = partial(s3.delete_objects, Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys]})
    with unchanged(door.fake):
        refused(call, 400, "MalformedXML", MALFORMED_XML)
    deleted, errors = _delete(s3, bucket, *({"Key": key} for key in keys[:1000]))
    assert (len(deleted), errors, _keys(s3, bucket)) == (1000, [], ["k1000"])


def test_an_empty_list(door: Door, bucket: str) -> None:
    refused(partial(door.client.delete_objects, Bucket=bucket, Delete={"Objects": []}), 400, "MalformedXML", MALFORMED_XML)


DOCUMENTS = {
    "no XML": b"delete",
    "another root": b"<Remove><Object><Key>a</Key></Object></Remove>",
    "no key": b"<Delete><Object><VersionId>null</VersionId></Object></Delete>",
    "cut off": b"<Delete><Object><Key>a</Key></Object>",
    "entities": b'<!DOCTYPE d [<!ENTITY a "a">]><Delete><Object><Key>&a;</Key></Object></Delete>',
    "an empty key": b"<Delete><Object><Key></Key></Object></Delete>",
}


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_malformed_documents(door: Door, bucket: str, document: bytes) -> None:
    _fill(door.client, bucket, "a")
    with unchanged(door.fake):
        response = door.raw("POST", "/bucket?delete", {"Content-MD5": b64encode(md5(document).digest()).decode()}, document)
    assert (response.status, response.error) == (400, {"Code": "MalformedXML", "Message": MALFORMED_XML})


def test_an_empty_body(door: Door, bucket: str) -> None:
    """Recorded from AWS, September 2026."""
    _fill(door.client, bucket, "a")
    with unchanged(door.fake):
        response = door.raw("POST", "/bucket?delete", {"Content-MD5": b64encode(md5(b"").digest()).decode()})
    assert (response.status, response.error) == (400, {"Code": "MissingRequestBodyError", "Message": "Request Body is empty"})


def test_the_document_needs_a_digest(door: Door, bucket: str) -> None:
    _fill(door.client, bucket, "a")
    with unchanged(door.fake):
        response = door.raw("POST", "/bucket?delete", body=b"<Delete><Object><Key>a</Key></Object></Delete>")
    message = NO_DIGEST
    assert (response.status, response.error) == (400, {"Code": "InvalidRequest", "Message": message})


def test_bypass_without_object_lock(door: Door, bucket: str) -> None:
    _fill(door.client, bucket, "a")
    extras = {"ArgumentName": "x-amz-bypass-governance-retention"}
    with unchanged(door.fake):
        for value in (True, False):
            one = partial(door.client.delete_object, Bucket=bucket, Key="a")
            several = partial(door.client.delete_objects, Bucket=bucket, Delete={"Objects": [{"Key": "a"}]})
            for call in (one, several):
                refused(partial(call, BypassGovernanceRetention=value), 400, "InvalidArgument", BYPASS, extras)
