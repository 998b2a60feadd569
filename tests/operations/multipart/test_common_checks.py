"""Checks that all multipart operations share: bucket, upload, owner, request line."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from tests.support.doors import Door, assert_error, refused
from tests.support.errors import (
    DIRECTORY_BUCKETS_ONLY,
    HEADER_NOT_IMPLEMENTED,
    METHOD_NOT_ALLOWED,
    NO_SUCH_BUCKET,
    NO_SUCH_UPLOAD,
)
from tests.support.multipart import Upload, content, visible_state, visibly_unchanged

ETAG = "8d777f385d3dfec8815d20f7496026dc"
Call = Callable[..., Any]

CALLS: dict[str, Call] = {
    "UploadPart": lambda s3, **where: s3.upload_part(PartNumber=1, Body=b"data", **where),
    "UploadPartCopy": lambda s3, **where: s3.upload_part_copy(PartNumber=1, CopySource="bucket/source", **where),
    "ListParts": lambda s3, **where: s3.list_parts(**where),
    "CompleteMultipartUpload": lambda s3, **where: s3.complete_multipart_upload(
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": ETAG}]}, **where
    ),
    "AbortMultipartUpload": lambda s3, **where: s3.abort_multipart_upload(**where),
}
"""The operations on an upload, each of which works on one whose part 1 is ``data``."""


def _aborted(s3: Any, upload: Upload) -> dict[str, str]:
    s3.abort_multipart_upload(**upload.where)
    return upload.where


def _completed(s3: Any, upload: Upload) -> dict[str, str]:
    # With another part than CALLS lists: the same list again would get the earlier response.
    upload.complete(upload.put(1, b"other data"))
    return upload.where


def _other_bucket(s3: Any, upload: Upload) -> dict[str, str]:
    s3.create_bucket(Bucket="other")
    return {**upload.where, "Bucket": "other"}


GONE: dict[str, Callable[[Any, Upload], dict[str, str]]] = {
    "unknown": lambda s3, upload: {**upload.where, "UploadId": "fakeid"},
    "aborted": _aborted,
    "completed": _completed,
    "of another key": lambda s3, upload: {**upload.where, "Key": "other"},
    "of another bucket": _other_bucket,
    "with & in it": lambda s3, upload: {**upload.where, "UploadId": "a&b<c> d"},
}


@pytest.mark.parametrize(
    ("operation", "why"),
    # Abort of a completed upload is 204: test_requests_after_complete.py.
    [case for case in product(CALLS, GONE) if case != ("AbortMultipartUpload", "completed")],
)
def test_no_such_upload(s3: Any, bucket: str, operation: str, why: str) -> None:
    s3.put_object(Bucket=bucket, Key="source", Body=b"data")
    where = GONE[why](s3, Upload(s3, bucket))
    with visibly_unchanged(s3, bucket):
        refused(lambda: CALLS[operation](s3, **where), 404, "NoSuchUpload", NO_SUCH_UPLOAD, {"UploadId": where["UploadId"]})


@pytest.mark.parametrize("operation", CALLS)
def test_no_such_upload_does_not_change_the_open_upload(s3: Any, bucket: str, operation: str) -> None:
    s3.put_object(Bucket=bucket, Key="source", Body=b"data")
    upload = Upload(s3, bucket)
    part = upload.put(1)
    where = {**upload.where, "Key": "other"}
    with visibly_unchanged(s3, bucket):
        refused(lambda: CALLS[operation](s3, **where), 404, "NoSuchUpload", NO_SUCH_UPLOAD, {"UploadId": upload.id})
    upload.complete(part)
    assert content(s3, bucket) == b"data"


@pytest.mark.parametrize("operation", CALLS)
def test_no_such_bucket(s3: Any, bucket: str, operation: str) -> None:
    upload = Upload(s3, bucket)
    where = {**upload.where, "Bucket": "missing"}
    refused(lambda: CALLS[operation](s3, **where), 404, "NoSuchBucket", NO_SUCH_BUCKET, {"BucketName": "missing"})


def test_listing_uploads_of_no_bucket(s3: Any) -> None:
    refused(lambda: s3.list_multipart_uploads(Bucket="missing"), 404, "NoSuchBucket", NO_SUCH_BUCKET, {"BucketName": "missing"})


LISTED: dict[str, Call] = {
    **CALLS,
    "CreateMultipartUpload": lambda s3, *, UploadId, **where: s3.create_multipart_upload(**where),  # noqa: N803
    "ListMultipartUploads": lambda s3, *, Key, UploadId, **where: s3.list_multipart_uploads(**where),  # noqa: N803
}


@pytest.mark.parametrize("operation", LISTED)
@pytest.mark.parametrize(
    ("expected", "status", "code", "message"),
    [
        ("111122223333", 403, "AccessDenied", "Access Denied"),
        (
            "not an id",
            400,
            "InvalidBucketOwnerAWSAccountID",
            "The value of the expected bucket owner parameter must be an AWS Account ID... [not an id]",
        ),
        ("123456789012", 200, "", ""),
    ],
)
def test_expected_bucket_owner(s3: Any, bucket: str, operation: str, expected: str, status: int, code: str, message: str) -> None:
    s3.put_object(Bucket=bucket, Key="source", Body=b"data")
    upload = Upload(s3, bucket)
    upload.put(1)

    def call() -> Any:
        return LISTED[operation](s3, **upload.where, ExpectedBucketOwner=expected)

    if status == 200:
        assert call()["ResponseMetadata"]["HTTPStatusCode"] in (200, 204)
    else:
        with visibly_unchanged(s3, bucket):
            refused(call, status, code, message)


@pytest.mark.parametrize("operation", LISTED)
def test_another_accounts_bucket(s3: Any, stranger: Any, bucket: str, operation: str) -> None:
    s3.put_object(Bucket=bucket, Key="source", Body=b"data")
    upload = Upload(s3, bucket)
    upload.put(1)
    with visibly_unchanged(s3, bucket):
        refused(lambda: LISTED[operation](stranger, **upload.where), 403, "AccessDenied", "Access Denied")


ANONYMOUS = {
    "UploadPart": ("PUT", "&partNumber=1"),
    "ListParts": ("GET", ""),
    "CompleteMultipartUpload": ("POST", ""),
    "AbortMultipartUpload": ("DELETE", ""),
}


@pytest.mark.parametrize("operation", ANONYMOUS)
def test_anonymous(door: Door, s3: Any, bucket: str, operation: str) -> None:
    upload = Upload(s3, bucket)
    upload.put(1)
    method, more = ANONYMOUS[operation]
    with visibly_unchanged(s3, bucket):
        assert_error(door.raw(method, upload.target + more, sign=False), 403, "AccessDenied", "Access Denied")


DIRECTORY_ONLY = {
    "AbortMultipartUpload": (
        "DELETE",
        "",
        {"x-amz-if-match-initiated-time": "Mon, 01 Jan 2024 00:00:00 GMT"},
        "x-amz-if-match-initiated-time",
    ),
}


@pytest.mark.parametrize("operation", DIRECTORY_ONLY)
def test_headers_that_only_directory_buckets_support(door: Door, s3: Any, bucket: str, operation: str) -> None:
    s3.put_object(Bucket=bucket, Key="source", Body=b"data")
    upload = Upload(s3, bucket)
    part = upload.put(1)
    method, more, headers, header = DIRECTORY_ONLY[operation]
    with visibly_unchanged(s3, bucket):
        assert_error(
            door.raw(method, upload.target + more, headers),
            501,
            "NotImplemented",
            HEADER_NOT_IMPLEMENTED,
            {"Header": header, "additionalMessage": DIRECTORY_BUCKETS_ONLY},
        )
    upload.complete(part)


COPY_SOURCE = "You can only specify a copy source header for copy requests."


def test_part_number_without_upload(door: Door, s3: Any, bucket: str) -> None:
    with visibly_unchanged(s3, bucket):
        assert_error(
            door.raw("PUT", f"/{bucket}/key?partNumber=1", body=b"data"),
            400,
            "InvalidArgument",
            "This operation does not accept partNumber without uploadId",
            {"ArgumentName": "partNumber", "ArgumentValue": "partNumber"},
        )


def test_upload_without_part_number(door: Door, s3: Any, bucket: str) -> None:
    upload = Upload(s3, bucket)
    upload.put(1)
    with visibly_unchanged(s3, bucket):
        response = door.raw("PUT", upload.target, body=b"data")
        assert_error(response, 405, "MethodNotAllowed", METHOD_NOT_ALLOWED, {"Method": "PUT", "ResourceType": "UPLOAD"})
        assert response.headers["allow"] == "DELETE, POST, GET"


@pytest.mark.parametrize(
    ("method", "query", "status", "code", "message", "extras"),
    [
        ("GET", "?uploads", 400, "InvalidRequest", "Key is not expected for the GET method ?uploads subresource", {}),
        (
            "GET",
            "?versions",
            400,
            "InvalidRequest",
            "There is no such thing as the ?versions sub-resource for a key",
            {},
        ),
        ("POST", "", 405, "MethodNotAllowed", METHOD_NOT_ALLOWED, {"Method": "POST", "ResourceType": "OBJECT"}),
    ],
)
def test_no_operation(
    door: Door, s3: Any, bucket: str, method: str, query: str, status: int, code: str, message: str, extras: dict[str, str]
) -> None:
    Upload(s3, bucket).put(1)
    s3.put_object(Bucket=bucket, Key="key", Body=b"data")
    with visibly_unchanged(s3, bucket):
        assert_error(door.raw(method, f"/{bucket}/key{query}"), status, code, message, extras)


STRAY = {
    "CreateMultipartUpload": ("POST", "/bucket/key?uploads"),
    "CompleteMultipartUpload": ("POST", None),
    "AbortMultipartUpload": ("DELETE", None),
    "ListParts": ("GET", None),
    "GetObject": ("GET", "/bucket/key"),
}


@pytest.mark.parametrize("operation", STRAY)
def test_copy_source_on_other_operations(door: Door, s3: Any, bucket: str, operation: str) -> None:
    s3.put_object(Bucket=bucket, Key="key", Body=b"data")
    upload = Upload(s3, bucket)
    upload.put(1)
    method, target = STRAY[operation]
    with visibly_unchanged(s3, bucket):
        assert_error(
            door.raw(method, target or upload.target, {"x-amz-copy-source": "bucket/key"}),
            400,
            "InvalidArgument",
            COPY_SOURCE,
            {"ArgumentName": "x-amz-copy-source", "ArgumentValue": "bucket/key"},
        )


def test_a_bucket_with_uploads_is_empty(s3: Any, bucket: str) -> None:
    """Open uploads do not keep a bucket from being deleted; they go with it."""
    upload = Upload(s3, bucket)
    upload.put(1)
    s3.delete_bucket(Bucket=bucket)
    s3.create_bucket(Bucket=bucket)
    assert visible_state(s3, bucket) == {"uploads": [], "objects": []}
    refused(lambda: upload.put(1), 404, "NoSuchUpload", NO_SUCH_UPLOAD, {"UploadId": upload.id})
