"""``x-amz-expected-bucket-owner`` and its twin for the copy source: the client's guard against somebody else's bucket."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..errors import S3Error
from ..state.bucket import Bucket

HEADER = "x-amz-expected-bucket-owner"
SOURCE_HEADER = "x-amz-source-expected-bucket-owner"
_ACCOUNT = re.compile(r"\w{12}", re.ASCII)


def check_format(headers: Mapping[str, str]) -> None:
    """Both headers must look like an account id, before anything is looked up.

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
    """The bucket must belong to the expected account.

    Raises:
        S3Error: AccessDenied.
    """
    expected = headers.get(header)
    if expected is not None and expected != bucket.account:
        raise S3Error("AccessDenied")
