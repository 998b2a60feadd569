"""Directory buckets (S3 Express One Zone): their names, and what they refuse that general purpose buckets do.

What is supported is botocore's model documentation, operation by operation. How the rest is refused, AWS does not publish:
501 NotImplemented for headers is recorded (for Content-MD5 and ``x-amz-acl``); for sub-resources of the control plane it is what
Terraform's provider looks for in AWS's responses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from zlib import crc32

from ..errors import S3Error, invalid_argument

SUFFIX = "--x-s3"
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?--(?P<zone>[a-z0-9]+(?:-[a-z0-9]+)*)--x-s3", re.ASCII)

AVAILABILITY_ZONE, LOCAL_ZONE = "AvailabilityZone", "LocalZone"
REDUNDANCIES = {AVAILABILITY_ZONE: "SingleAvailabilityZone", LOCAL_ZONE: "SingleLocalZone"}
STORAGE_CLASSES = {AVAILABILITY_ZONE: "EXPRESS_ONEZONE", LOCAL_ZONE: "ONEZONE_IA"}
"""The one storage class of each type of location."""

READ_WRITE, READ_ONLY = "ReadWrite", "ReadOnly"
"""The modes of sessions."""

READS = frozenset(
    ["GetObject", "HeadObject", "ListObjectsV2", "GetObjectAttributes", "ListParts", "ListMultipartUploads", "HeadBucket"]
)
"""What a session of mode ReadOnly may do."""

ZONAL = READS | {
    "AbortMultipartUpload",
    "CompleteMultipartUpload",
    "CopyObject",
    "CreateMultipartUpload",
    "CreateSession",
    "DeleteObject",
    "DeleteObjects",
    "PutObject",
    "RenameObject",
    "UploadPart",
    "UploadPartCopy",
}
"""Operations of the zonal endpoints, whose hosts name the bucket."""

CONTROL = frozenset(
    [
        "CreateBucket",
        "DeleteBucket",
        "DeleteBucketEncryption",
        "DeleteBucketInventoryConfiguration",
        "DeleteBucketLifecycle",
        "DeleteBucketMetricsConfiguration",
        "DeleteBucketPolicy",
        "GetBucketEncryption",
        "GetBucketInventoryConfiguration",
        "GetBucketLifecycleConfiguration",
        "GetBucketMetricsConfiguration",
        "GetBucketPolicy",
        "ListBucketInventoryConfigurations",
        "ListBucketMetricsConfigurations",
        "ListDirectoryBuckets",
        "PutBucketEncryption",
        "PutBucketInventoryConfiguration",
        "PutBucketLifecycleConfiguration",
        "PutBucketMetricsConfiguration",
        "PutBucketPolicy",
    ]
)
"""Operations of the regional endpoint, ``s3express-control``, in path style."""

WITHOUT_SESSION = frozenset({"CopyObject", "UploadPartCopy", "CreateSession"})
"""Zonal operations that IAM credentials sign, never a session's."""

_WRITES = frozenset({"PutObject", "CopyObject", "CreateMultipartUpload"})
_TAKES_MD5 = frozenset({"DeleteObjects"})
_REFUSED_PREFIXES = ("x-amz-grant-", "x-amz-object-lock-", "x-amz-server-side-encryption-customer-")
_REFUSED_HEADERS = frozenset(
    [
        "content-md5",
        "x-amz-acl",
        "x-amz-bucket-namespace",
        "x-amz-bucket-object-lock-enabled",
        "x-amz-bypass-governance-retention",
        "x-amz-confirm-remove-self-bucket-access",
        "x-amz-mfa",
        "x-amz-object-ownership",
        "x-amz-optional-object-attributes",
        "x-amz-request-payer",
        "x-amz-tagging",
        "x-amz-transition-default-minimum-object-size",
        "x-amz-website-redirect-location",
    ]
)
_SPELLED = {"content-md5": "Content-MD5", "content-encoding": "Content-Encoding"}
_EXPECTED_OWNER = "x-amz-expected-bucket-owner"
_STORAGE_CLASS = "x-amz-storage-class"
_ANNOTATIONS = "x-amz-object-annotation-directive"
_START_AFTER = "start-after"


def looks_like_directory(name: str) -> bool:
    """Return whether a bucket of this name can only be a directory bucket."""
    return name.endswith(SUFFIX)


def zone_of(name: str) -> str:
    """Return the zone id in the name of a directory bucket.

    Raises:
        S3Error: InvalidBucketName.
    """
    match = _NAME.fullmatch(name) if 3 <= len(name) <= 63 else None
    if match is None:
        raise S3Error("InvalidBucketName", BucketName=name)
    return match["zone"]


def not_supported(header: str) -> S3Error:
    """Return S3's 501 for a header that directory buckets do not support."""
    return S3Error("NotImplemented", None, Header=_SPELLED.get(header, header))


def unsupported_operation(method: str, level: str, document: str | None, operation: str) -> S3Error:
    """Return the error of an operation that directory buckets do not have.

    The control plane treats every ``PUT`` as CreateBucket, whatever sub-resource it names, and then finds the wrong document.

    Args:
        document: the root element of the operation's request document; None: it has none.
    """
    if level == "object" or operation in ("ListObjects", "ListObjectVersions"):
        reason = "This operation is not supported for directory buckets"
        return S3Error("NotImplemented", None, additionalMessage=reason)
    if method == "PUT" and document is not None:
        return S3Error("InvalidArgument", f"{document} is not valid, expected CreateBucketConfiguration")
    return S3Error("MethodNotAllowed", None, Method=method, ResourceType="BUCKET")


def check_request(operation: str, headers: Mapping[str, str], query: Mapping[str, str], storage_class: str) -> None:
    """Raise for headers and query parameters that directory buckets do not support.

    Raises:
        S3Error: NotImplemented, InvalidArgument, InvalidStorageClass.
    """
    for name, value in headers.items():
        if name in _REFUSED_HEADERS or name.startswith(_REFUSED_PREFIXES):
            if (name == "x-amz-tagging" and not value) or (name == "content-md5" and operation in _TAKES_MD5):
                continue  # the empty tag set is the one that every object there has
            raise not_supported(name)
    if operation in CONTROL and _EXPECTED_OWNER in headers:
        raise not_supported(_EXPECTED_OWNER)
    requested = headers.get(_STORAGE_CLASS, storage_class)
    if operation in _WRITES and requested != storage_class:
        raise S3Error("InvalidStorageClass", StorageClassRequested=requested)
    if operation in ("CopyObject", "CreateMultipartUpload"):
        if headers.get("content-encoding", "aws-chunked") != "aws-chunked":
            raise not_supported("content-encoding")
        if headers.get(_ANNOTATIONS, "EXCLUDE") == "COPY":
            raise not_supported(_ANNOTATIONS)
    if query:
        _check_query(operation, query)


def _check_query(operation: str, query: Mapping[str, str]) -> None:
    check_version_id(query.get("versionId"))
    if operation in ("ListObjectsV2", "ListMultipartUploads"):
        delimiter, prefix = query.get("delimiter"), query.get("prefix")
        if delimiter and delimiter != "/":
            raise invalid_argument("Directory buckets support no delimiter but /", "delimiter", delimiter)
        if prefix and not prefix.endswith("/"):
            raise invalid_argument("Directory buckets support only prefixes that end in a delimiter", "prefix", prefix)
        if operation == "ListObjectsV2" and _START_AFTER in query:
            reason = "start-after is not supported for directory buckets"
            raise S3Error("NotImplemented", None, additionalMessage=reason)


def check_version_id(version_id: str | None) -> None:
    """Raise for any version id but ``null``: directory buckets have no versions. None: the request has no version id.

    Raises:
        S3Error: InvalidArgument.
    """
    if version_id is not None and version_id != "null":
        raise invalid_argument("Invalid version id specified", "versionId", version_id)


def listing_order(text: str) -> tuple[int, str]:
    """Return the sort key of listings: not alphabetical, as on S3, but the same from page to page and from run to run."""
    return crc32(text.encode()), text
