"""Checks ``x-amz-expected-bucket-owner`` and ``x-amz-source-expected-bucket-owner`` (recorded from AWS, February 2026)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..errors import S3Error
from ..state.bucket import Bucket

HEADER = "x-amz-expected-bucket-owner"
SOURCE_HEADER = "x-amz-source-expected-bucket-owner"
_ACCOUNT = re.compile(r"\w{12}", re.ASCII)


def check_format(headers: Mapping[str, str]) -> None:
    """Raise unless both headers, where present, have the form of an account id.

    Raises:
        S3Error: InvalidBucketOwnerAWSAccountID, with the value in brackets.
    """
    for name in (HEADER, SOURCE_HEADER):
        value = headers.get(name)
        if value is not None and not _ACCOUNT.fullmatch(value):
            raise S3Error(
                "InvalidBucketOwnerAWSAccountID",
                f"The value of the expected bucket owner parameter must be an AWS Account ID... [{value}]",
            )


def check_owner(headers: Mapping[str, str], bucket: Bucket, header: str = HEADER) -> None:
    """Raise unless the bucket belongs to the account that ``header`` names; without the header it may belong to any.

    Raises:
        S3Error: AccessDenied.
    """
    expected = headers.get(header)
    if expected is not None and expected != bucket.account:
        raise S3Error("AccessDenied")
