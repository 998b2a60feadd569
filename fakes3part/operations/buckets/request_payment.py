"""PutBucketRequestPayment and GetBucketRequestPayment. (Who must pay is asked where access is: `auth.authorize`.)"""

from __future__ import annotations

from ...errors import S3Error
from ...state.access_control import BUCKET_OWNER, REQUESTER
from ..context import Context
from ..registry import Output, Params, operation


@operation("PutBucketRequestPayment")
def put_bucket_request_payment(context: Context, params: Params) -> Output:
    """Say who pays for requests: the owner, or everybody else for themselves."""
    payer = params["RequestPaymentConfiguration"]["Payer"]
    if payer not in (BUCKET_OWNER, REQUESTER):
        raise S3Error("MalformedXML")
    bucket = context.bucket
    with bucket.lock:
        context.ensure(bucket)
        bucket.payer = payer
    return {}


@operation("GetBucketRequestPayment")
def get_bucket_request_payment(context: Context, params: Params) -> Output:
    """``BucketOwner`` unless somebody said otherwise."""
    return {"Payer": context.bucket.payer}
