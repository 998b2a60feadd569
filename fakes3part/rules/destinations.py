"""The destination of analytics exports and inventories: a bucket's ARN."""

from __future__ import annotations

import re

from ..errors import S3Error

_BUCKET_ARN = re.compile(r"arn:aws[a-z-]*:s3:([^:]*):([^:]*):([A-Za-z0-9._-]+)", re.ASCII)


def check_bucket_arn(arn: str, code: str) -> None:
    """Raise the error ``code`` unless the text is the ARN of a bucket, which has neither region nor account.

    S3 does not look whether there is such a bucket. The texts are recorded from AWS for inventory (LocalStack's snapshots, issue
    3611 of aws-cli).
    """
    match = _BUCKET_ARN.fullmatch(arn)
    if match is None:
        raise S3Error(code, "Invalid bucket ARN.")
    if match[1] or match[2]:
        raise S3Error(code, "Bucket ARN should not specify a namespace.")


def bucket_of(arn: str) -> str:
    """Return the bucket's name in an ARN that `check_bucket_arn` accepts."""
    return arn.rpartition(":")[2]
