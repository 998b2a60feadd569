"""Versioning: responses of put, get, head, delete and copy in each state of a bucket.

Sources: recorded from AWS, February 2026 (LocalStack's test_s3.snapshot.json); the S3 user guide, "Using versioning in S3
buckets".
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import partial
from typing import Any

import pytest

from tests.support.doors import Door, refused, refused_head
from tests.support.errors import (
    COPY_ONTO_ITSELF,
    INVALID_VERSION_ID,
    MALFORMED_XML,
    METHOD_NOT_ALLOWED,
    NO_SUCH_KEY,
    NO_SUCH_VERSION,
)
from tests.support.state import unchanged
from tests.support.version_ids import GONE


def _headers(response: Any) -> dict[str, str]:
    """Return the version headers of a response."""
    headers = response["ResponseMetadata"]["HTTPHeaders"]
    return {name: headers[name] for name in ("x-amz-version-id", "x-amz-delete-marker") if name in headers}


def _set(s3: Any, status: str) -> None:
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": status})


@pytest.fixture
def versioned(s3: Any, bucket: str) -> str:
    _set(s3, "Enabled")
    return bucket


def test_state(s3: Any, bucket: str) -> None:
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    for status in ("Enabled", "Suspended", "Enabled"):
        _set(s3, status)
        assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == status


def test_never_set_is_an_empty_document(door: Door, bucket: str) -> None:
    body = door.raw("GET", "/bucket?versioning").body
    assert body == (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>'
    )


CONFIGURATIONS = {
    "no status": (
        "<VersioningConfiguration/>",
        "IllegalVersioningConfigurationException",
        "The Versioning element must be specified",
    ),
    "bad status": (
        "<VersioningConfiguration><Status>Disabled</Status></VersioningConfiguration>",
        "MalformedXML",
        MALFORMED_XML,
    ),
    "no document": (
        "enabled",
        "MalformedXML",
        MALFORMED_XML,
    ),
}


@pytest.mark.parametrize(("document", "code", "message"), CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_bad_configurations(door: Door, bucket: str, document: str, code: str, message: str) -> None:
    _set(door.client, "Enabled")
    headers = {"x-amz-sdk-checksum-algorithm": "CRC32"}
    with unchanged(door.fake):
        response = door.raw("PUT", "/bucket?versioning", _digest(document) | headers, document.encode())
    assert (response.status, response.error) == (400, {"Code": code, "Message": message})


def _digest(document: str) -> dict[str, str]:
    return {"Content-MD5": base64.b64encode(hashlib.md5(document.encode()).digest()).decode()}


def test_never_enabled(s3: Any, bucket: str) -> None:
    assert _headers(s3.put_object(Bucket=bucket, Key="k", Body=b"abc")) == {}
    assert _headers(s3.get_object(Bucket=bucket, Key="k")) == {}
    assert _headers(s3.get_object(Bucket=bucket, Key="k", VersionId="null")) == {}
    assert _headers(s3.head_object(Bucket=bucket, Key="k")) == {}
    assert _headers(s3.delete_object(Bucket=bucket, Key="k")) == {}
    assert _headers(s3.delete_object(Bucket=bucket, Key="k")) == {}
    refused_head(partial(s3.head_object, Bucket=bucket, Key="k"), 404)


def test_enabled(s3: Any, versioned: str) -> None:
    ids = []
    for body in (b"first", b"second"):
        response = s3.put_object(Bucket=versioned, Key="k", Body=body)
        ids.append(response["VersionId"])
        assert _headers(s3.get_object(Bucket=versioned, Key="k")) == {"x-amz-version-id": ids[-1]}
        assert _headers(s3.head_object(Bucket=versioned, Key="k")) == {"x-amz-version-id": ids[-1]}
    assert len(set(ids)) == 2
    assert all(re.fullmatch(r"[A-Za-z0-9._]{32}", version_id) for version_id in ids)
    for version_id, body in zip(ids, (b"first", b"second"), strict=True):
        got = s3.get_object(Bucket=versioned, Key="k", VersionId=version_id)
        assert (got["Body"].read(), got["VersionId"]) == (body, version_id)


def test_deleting_adds_a_marker(s3: Any, versioned: str) -> None:
    first = s3.put_object(Bucket=versioned, Key="k", Body=b"abc")["VersionId"]
    response = s3.delete_object(Bucket=versioned, Key="k")
    marker = response["VersionId"]
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert (response["DeleteMarker"], marker != first) == (True, True)
    returned = {"x-amz-delete-marker": "true", "x-amz-version-id": marker}
    error = refused(partial(s3.get_object, Bucket=versioned, Key="k"), 404, "NoSuchKey", NO_SUCH_KEY, {"Key": "k"})
    assert _headers(error.response) == returned
    assert _headers(refused_head(partial(s3.head_object, Bucket=versioned, Key="k"), 404).response) == returned
    assert "Contents" not in s3.list_objects_v2(Bucket=versioned)
    assert s3.get_object(Bucket=versioned, Key="k", VersionId=first)["Body"].read() == b"abc"
    # Another delete adds another marker.
    assert s3.delete_object(Bucket=versioned, Key="k")["VersionId"] != marker


def test_reading_a_marker_by_its_id(s3: Any, versioned: str) -> None:
    marker = s3.delete_object(Bucket=versioned, Key="k")["VersionId"]
    get = partial(s3.get_object, Bucket=versioned, Key="k", VersionId=marker)
    error = refused(get, 405, "MethodNotAllowed", METHOD_NOT_ALLOWED, {"Method": "GET", "ResourceType": "DeleteMarker"})
    head = refused_head(partial(s3.head_object, Bucket=versioned, Key="k", VersionId=marker), 405)
    for response in (error.response, head.response):
        headers = response["ResponseMetadata"]["HTTPHeaders"]
        assert headers["x-amz-delete-marker"] == "true"
        assert headers["allow"] == "DELETE"
        assert headers["last-modified"].endswith(" GMT")


def test_deleting_a_marker_brings_the_object_back(s3: Any, versioned: str) -> None:
    s3.put_object(Bucket=versioned, Key="k", Body=b"abc")
    marker = s3.delete_object(Bucket=versioned, Key="k")["VersionId"]
    response = s3.delete_object(Bucket=versioned, Key="k", VersionId=marker)
    assert _headers(response) == {"x-amz-version-id": marker, "x-amz-delete-marker": "true"}
    assert s3.get_object(Bucket=versioned, Key="k")["Body"].read() == b"abc"


def test_deleting_a_version(s3: Any, versioned: str) -> None:
    first, second = (s3.put_object(Bucket=versioned, Key="k", Body=body)["VersionId"] for body in (b"1", b"2"))
    assert _headers(s3.delete_object(Bucket=versioned, Key="k", VersionId=second)) == {"x-amz-version-id": second}
    assert s3.get_object(Bucket=versioned, Key="k")["VersionId"] == first
    gone = partial(s3.get_object, Bucket=versioned, Key="k", VersionId=second)
    extras = {"Key": "k", "VersionId": second}
    refused(gone, 404, "NoSuchVersion", NO_SUCH_VERSION, extras)
    # Unknown, but well-formed: no error.
    assert s3.delete_object(Bucket=versioned, Key="k", VersionId=second)["ResponseMetadata"]["HTTPStatusCode"] == 204
    s3.delete_object(Bucket=versioned, Key="k", VersionId=first)
    s3.delete_bucket(Bucket=versioned)


def test_suspended(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"before")
    _set(s3, "Enabled")
    assert _headers(s3.get_object(Bucket=bucket, Key="k")) == {"x-amz-version-id": "null"}
    kept = s3.put_object(Bucket=bucket, Key="k", Body=b"kept")["VersionId"]
    _set(s3, "Suspended")
    assert _headers(s3.put_object(Bucket=bucket, Key="k", Body=b"null")) == {}
    assert _headers(s3.get_object(Bucket=bucket, Key="k")) == {"x-amz-version-id": "null"}
    assert s3.get_object(Bucket=bucket, Key="k", VersionId="null")["Body"].read() == b"null"
    assert s3.get_object(Bucket=bucket, Key="k", VersionId=kept)["Body"].read() == b"kept"
    response = s3.delete_object(Bucket=bucket, Key="k")
    assert _headers(response) == {"x-amz-version-id": "null", "x-amz-delete-marker": "true"}
    error = refused(partial(s3.get_object, Bucket=bucket, Key="k"), 404, "NoSuchKey", NO_SUCH_KEY, {"Key": "k"})
    assert _headers(error.response) == {"x-amz-version-id": "null", "x-amz-delete-marker": "true"}
    # The marker replaced the null version; the one with an id is still there.
    s3.delete_object(Bucket=bucket, Key="k", VersionId="null")
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"kept"


def test_a_marker_of_a_key_that_never_was(s3: Any, versioned: str) -> None:
    assert s3.delete_object(Bucket=versioned, Key="never")["DeleteMarker"] is True


BAD_IDS = {
    "malformed": ("BAD", 400, "InvalidArgument", INVALID_VERSION_ID),
    "too short": ("a" * 31, 400, "InvalidArgument", INVALID_VERSION_ID),
    "empty": ("", 400, "InvalidArgument", "Version id cannot be the empty string"),
    "unknown": (GONE, 404, "NoSuchVersion", NO_SUCH_VERSION),
}


@pytest.mark.parametrize("state", ["never", "Enabled", "Suspended"])
@pytest.mark.parametrize(("version_id", "status", "code", "message"), BAD_IDS.values(), ids=BAD_IDS)
def test_bad_version_ids(door: Door, bucket: str, state: str, version_id: str, status: int, code: str, message: str) -> None:
    if state != "never":
        _set(door.client, state)
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc")
    extras: dict[str, str | None] = {"ArgumentName": "versionId", "ArgumentValue": version_id or None}
    if status == 404:
        extras = {"Key": "k", "VersionId": version_id}
    response = door.raw("GET", f"/bucket/k?versionId={version_id}")
    assert (response.status, response.error) == (status, {"Code": code, "Message": message, **extras})
    assert (door.raw("HEAD", f"/bucket/k?versionId={version_id}").status) == status
    if status == 400:
        with unchanged(door.fake):
            response = door.raw("DELETE", f"/bucket/k?versionId={version_id}")
        assert (response.status, response.error) == (400, {"Code": code, "Message": message, **extras})


def test_a_versioned_bucket_is_not_empty(s3: Any, versioned: str) -> None:
    s3.put_object(Bucket=versioned, Key="k", Body=b"abc")
    s3.delete_object(Bucket=versioned, Key="k")
    message = "The bucket you tried to delete is not empty. You must delete all versions in the bucket."
    refused(partial(s3.delete_bucket, Bucket=versioned), 409, "BucketNotEmpty", message, {"BucketName": versioned})


def test_copying_versions(s3: Any, versioned: str) -> None:
    first = s3.put_object(Bucket=versioned, Key="k", Body=b"1")["VersionId"]
    second = s3.put_object(Bucket=versioned, Key="k", Body=b"2")["VersionId"]
    old = s3.copy_object(Bucket=versioned, Key="c", CopySource=f"bucket/k?versionId={first}")
    new = s3.copy_object(Bucket=versioned, Key="c", CopySource="bucket/k")
    assert (old["CopySourceVersionId"], new["CopySourceVersionId"]) == (first, second)
    assert s3.get_object(Bucket=versioned, Key="c", VersionId=old["VersionId"])["Body"].read() == b"1"
    assert s3.get_object(Bucket=versioned, Key="c", VersionId=new["VersionId"])["Body"].read() == b"2"


def test_restoring_an_older_version_in_place(s3: Any, versioned: str) -> None:
    first = s3.put_object(Bucket=versioned, Key="k", Body=b"1")["VersionId"]
    s3.put_object(Bucket=versioned, Key="k", Body=b"2")
    s3.copy_object(Bucket=versioned, Key="k", CopySource=f"bucket/k?versionId={first}")
    assert s3.get_object(Bucket=versioned, Key="k")["Body"].read() == b"1"


def test_copying_from_a_suspended_bucket(s3: Any, versioned: str) -> None:
    _set(s3, "Suspended")
    s3.put_object(Bucket=versioned, Key="k", Body=b"1")
    response = s3.copy_object(Bucket=versioned, Key="c", CopySource="bucket/k")
    assert response["CopySourceVersionId"] == "null"
    assert response["VersionId"] == "null"
    assert "VersionId" not in s3.put_object(Bucket=versioned, Key="c", Body=b"2")


def test_copying_a_versioned_source_in_place_once_suspended(s3: Any, versioned: str) -> None:
    s3.put_object(Bucket=versioned, Key="k", Body=b"1")
    _set(s3, "Suspended")
    s3.copy_object(Bucket=versioned, Key="k", CopySource="bucket/k")
    assert s3.get_object(Bucket=versioned, Key="k")["VersionId"] == "null"
    message = COPY_ONTO_ITSELF
    again = partial(s3.copy_object, Bucket=versioned, Key="k", CopySource="bucket/k")
    refused(again, 400, "InvalidRequest", message)


def test_copying_a_marker(door: Door, versioned: str) -> None:
    s3 = door.client
    s3.put_object(Bucket=versioned, Key="k", Body=b"1")
    marker = s3.delete_object(Bucket=versioned, Key="k")["VersionId"]
    with unchanged(door.fake):
        current = partial(s3.copy_object, Bucket=versioned, Key="c", CopySource="bucket/k")
        refused(current, 404, "NoSuchKey", NO_SUCH_KEY, {"Key": "k"})
        by_id = partial(s3.copy_object, Bucket=versioned, Key="c", CopySource=f"bucket/k?versionId={marker}")
        message = "The source of a copy request may not specifically refer to a delete marker by version id."
        refused(by_id, 400, "InvalidRequest", message)
