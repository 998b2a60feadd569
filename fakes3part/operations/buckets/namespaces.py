"""Account-regional namespaces: names of buckets that only one account can create in a region, since March 2026.

Sources: botocore's model documentation (BucketNamespace), "Namespaces for general purpose buckets" in the S3 user guide, and the
answers of AWS in moto and in ansible-collections/amazon.aws, issue 2935. The text of InvalidBucketNamespace, and its use for
names without the header, are assumed: not recorded from AWS.
"""

from __future__ import annotations

import re

from ...errors import S3Error, invalid_argument
from ..context import Context
from ..registry import Params

_HEADER = "x-amz-bucket-namespace"
_GLOBAL, _ACCOUNT_REGIONAL = "global", "account-regional"
_RESERVED = "-an"
_NAME = re.compile(r".+-\d{12}-[a-z]{2,5}(?:-[a-z]+)+-\d+-an", re.ASCII)


def check_namespace(context: Context, params: Params) -> None:
    """Check that the name of a new bucket is of the namespace that the request names.

    Raises:
        S3Error: InvalidArgument for another namespace than S3's two, InvalidBucketNamespace, InvalidNamespaceHeader,
            MissingNamespaceHeader.
    """
    name, namespace = params["Bucket"], params.get("BucketNamespace", _GLOBAL)
    suffix = f"-{context.account}-{context.region}{_RESERVED}"
    if namespace == _ACCOUNT_REGIONAL:
        if not name.endswith(_RESERVED):
            raise S3Error(
                "InvalidNamespaceHeader",
                "The requested bucket name did not include the account-regional namespace suffix, but the provided "
                f"{_HEADER} header value is {_ACCOUNT_REGIONAL}. Specify {suffix} as the bucket name suffix to create a bucket "
                "in your account-regional namespace, or remove the header.",
            )
        if not name.removesuffix(suffix) or not name.endswith(suffix):
            raise S3Error("InvalidBucketNamespace")
    elif namespace != _GLOBAL:
        raise invalid_argument(f"Invalid {_HEADER} header: {namespace}", _HEADER, namespace)
    elif _NAME.fullmatch(name):
        raise S3Error("MissingNamespaceHeader", Header=_HEADER)
    elif name.endswith(_RESERVED):
        raise S3Error("InvalidBucketNamespace")
