"""Multipart operations in directory buckets."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from tests.support.doors import Door, MiB, refused
from tests.support.errors import INVALID_PART_ORDER, NO_SUCH_UPLOAD, PRECONDITION_FAILED
from tests.support.state import unchanged


def listed(*parts: tuple[int, str]) -> dict[str, Any]:
    return {"Parts": [{"PartNumber": number, "ETag": etag} for number, etag in parts]}


def test_whole(door: Door, s3: Any, directory: str) -> None:
    s3.put_object(Bucket=directory, Key="source", Body=b"source")
    made = s3.create_multipart_upload(Bucket=directory, Key="m", Metadata={"a": "b"})
    at = {"Bucket": directory, "Key": "m", "UploadId": made["UploadId"]}
    first = s3.upload_part(**at, PartNumber=1, Body=b"x" * 5 * MiB)
    second = s3.upload_part_copy(**at, PartNumber=2, CopySource=f"{directory}/source", CopySourceRange="bytes=1-3")
    parts = s3.list_parts(**at)
    assert [(one["PartNumber"], one["Size"]) for one in parts["Parts"]] == [(1, 5 * MiB), (2, 3)]
    assert (parts["StorageClass"], parts["Owner"]["ID"]) == ("EXPRESS_ONEZONE", parts["Initiator"]["ID"])
    completed = s3.complete_multipart_upload(
        **at, MultipartUpload=listed((1, first["ETag"]), (2, second["CopyPartResult"]["ETag"])), MpuObjectSize=5 * MiB + 3
    )
    assert len(completed["ETag"]) == 34
    assert "-" not in completed["ETag"]
    assert "Expiration" not in completed
    head = s3.head_object(Bucket=directory, Key="m", PartNumber=2)
    assert (head["ContentLength"], head["PartsCount"], head["Metadata"]) == (3, 2, {"a": "b"})
    assert (head["StorageClass"], head["ETag"]) == ("EXPRESS_ONEZONE", completed["ETag"])


@pytest.mark.parametrize("numbers", [(2,), (1, 3), (2, 3), (2, 1), (1, 1)])
def test_numbers_that_are_not_consecutive(door: Door, s3: Any, directory: str, numbers: tuple[int, ...]) -> None:
    at = {"Bucket": directory, "Key": "m"}
    at["UploadId"] = s3.create_multipart_upload(**at)["UploadId"]
    etags = {number: s3.upload_part(**at, PartNumber=number, Body=b"x")["ETag"] for number in numbers}
    complete = partial(s3.complete_multipart_upload, **at, MultipartUpload=listed(*((one, etags[one]) for one in numbers)))
    with unchanged(door.fake):
        refused(complete, 400, "InvalidPartOrder", INVALID_PART_ORDER, {"UploadId": at["UploadId"]})


def test_aborted_if_initiated_then(door: Door, s3: Any, directory: str) -> None:
    at = {"Bucket": directory, "Key": "m"}
    at["UploadId"] = s3.create_multipart_upload(**at)["UploadId"]
    then = s3.list_multipart_uploads(Bucket=directory)["Uploads"][0]["Initiated"]
    abort = partial(s3.abort_multipart_upload, **at)
    with unchanged(door.fake):
        late = partial(abort, IfMatchInitiatedTime=then + timedelta(seconds=1))
        refused(late, 412, "PreconditionFailed", PRECONDITION_FAILED, {"Condition": "If-Match-Initiated-Time"})
    abort(IfMatchInitiatedTime=then)
    assert door.fake.store.buckets[directory].uploads == {}
    abort(IfMatchInitiatedTime=then)  # as of a key that is not there: nothing is left to be done
    refused(abort, 404, "NoSuchUpload", NO_SUCH_UPLOAD, {"UploadId": at["UploadId"]})


def test_uploads_in_pages(s3: Any, directory: str) -> None:
    keys = [f"{folder}/{number}" for folder in "abc" for number in range(5)] + ["a/0", "a/0"]
    made = {s3.create_multipart_upload(Bucket=directory, Key=key)["UploadId"]: key for key in keys}
    whole = s3.list_multipart_uploads(Bucket=directory)
    found = [one["Key"] for one in whole["Uploads"]]
    assert sorted(found) == sorted(keys)
    assert found != sorted(keys)
    assert "NextUploadIdMarker" not in whole
    seen: dict[str, str] = {}
    for page in s3.get_paginator("list_multipart_uploads").paginate(Bucket=directory, PaginationConfig={"PageSize": 4}):
        assert len(page["Uploads"]) <= 4
        assert page.get("NextKeyMarker") not in keys
        seen |= {one["UploadId"]: one["Key"] for one in page["Uploads"]}
    assert seen == made
    inside = s3.list_multipart_uploads(Bucket=directory, Prefix="b/")
    assert sorted(one["Key"] for one in inside["Uploads"]) == [f"b/{number}" for number in range(5)]
    rolled = s3.list_multipart_uploads(Bucket=directory, Delimiter="/")
    assert sorted(one["Prefix"] for one in rolled["CommonPrefixes"]) == ["a/", "b/", "c/"]
    assert "Uploads" not in rolled
    ignored = s3.list_multipart_uploads(Bucket=directory, UploadIdMarker="nonsense")
    assert len(ignored["Uploads"]) == len(keys)


def test_invalid_markers(s3: Any, directory: str) -> None:
    text, extras = "The key marker provided is incorrect", {"ArgumentName": "key-marker", "ArgumentValue": "a/0"}
    refused(partial(s3.list_multipart_uploads, Bucket=directory, KeyMarker="a/0"), 400, "InvalidArgument", text, extras)
