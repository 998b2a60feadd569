"""What buckets on Outposts do not support in operations that they have.

Sources: botocore's model documentation and the S3 on Outposts guide, "How S3 on Outposts differs". The error is assumed, not
recorded from AWS: S3's own NotImplemented, with the header's name.
"""

from __future__ import annotations

from ...errors import S3Error
from ...state.bucket import Bucket
from ..registry import Params

UNSUPPORTED_MEMBERS = {
    "ACL": "x-amz-acl",
    "GrantFullControl": "x-amz-grant-full-control",
    "GrantRead": "x-amz-grant-read",
    "GrantReadACP": "x-amz-grant-read-acp",
    "GrantWriteACP": "x-amz-grant-write-acp",
    "ObjectLockLegalHoldStatus": "x-amz-object-lock-legal-hold",
    "ObjectLockMode": "x-amz-object-lock-mode",
    "ObjectLockRetainUntilDate": "x-amz-object-lock-retain-until-date",
    "BypassGovernanceRetention": "x-amz-bypass-governance-retention",
    "MFA": "x-amz-mfa",
    "RequestPayer": "x-amz-request-payer",
    "SSEKMSKeyId": "x-amz-server-side-encryption-aws-kms-key-id",
    "SSEKMSEncryptionContext": "x-amz-server-side-encryption-context",
    "BucketKeyEnabled": "x-amz-server-side-encryption-bucket-key-enabled",
    "WebsiteRedirectLocation": "x-amz-website-redirect-location",
}
"""Input members that buckets on Outposts do not support -> their headers."""

_READS = frozenset({"GetObject", "HeadObject"})


def check_supported(bucket: Bucket, operation: str, params: Params) -> None:
    """Raise NotImplemented for members that a bucket on an Outpost does not support; other buckets pass."""
    if bucket.outpost is None:
        return
    unsupported = next((header for member, header in UNSUPPORTED_MEMBERS.items() if member in params), None)
    if unsupported is None and params.get("ServerSideEncryption", "AES256") != "AES256":
        unsupported = "x-amz-server-side-encryption"
    if unsupported is None and operation in _READS and "PartNumber" in params:
        unsupported = "partNumber"
    if unsupported is not None:
        reason = "This functionality is not supported for Amazon S3 on Outposts"
        raise S3Error("NotImplemented", Header=unsupported, additionalMessage=reason)
