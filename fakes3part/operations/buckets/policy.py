"""PutBucketPolicy, GetBucketPolicy, DeleteBucketPolicy, GetBucketPolicyStatus."""

from __future__ import annotations

from ...auth.policies.policy import PolicyError, bucket_policy
from ...auth.policies.validation import check_bucket_policy, is_public
from ...errors import S3Error
from ..context import Context
from ..lenient_access import lift_block
from ..registry import Output, Params, operation
from .configurations import configuration, ensure_configured

MAX_POLICY = 20 * 1024
"""Bytes."""

_MISSING = "NoSuchBucketPolicy"


def _parse(context: Context, params: Params) -> str:
    """Return the policy as it was written, once it is clear that it is valid and may be put.

    Raises:
        S3Error: PolicyTooLarge, MalformedPolicy, AccessDenied for a public policy where BlockPublicPolicy is on.
    """
    text: str = params.get("Policy", "")
    bucket = context.bucket
    if len(text.encode()) > MAX_POLICY:
        raise S3Error("PolicyTooLarge")
    try:
        policy = bucket_policy(text)
        check_bucket_policy(policy, bucket.name)
    except PolicyError as wrong:
        if wrong.detail is None:
            raise S3Error("MalformedPolicy", wrong.message) from None
        raise S3Error("MalformedPolicy", wrong.message, Detail=wrong.detail) from None
    block = bucket.effective_public_access_block
    if block is not None and block.block_public_policy and is_public(policy) and not lift_block(context, bucket):
        raise S3Error(
            "AccessDenied",
            f"User: {context.caller.arn} is not authorized to perform: s3:PutBucketPolicy on resource: "
            f'"arn:aws:s3:::{bucket.name}" because public policies are prevented by the BlockPublicPolicy setting in S3 '
            "Block Public Access.",
        )
    return text


configuration(
    field="policy",
    put="PutBucketPolicy",
    get="GetBucketPolicy",
    delete="DeleteBucketPolicy",
    parse=_parse,
    show=lambda policy: {"Policy": policy},
    missing=_MISSING,
)


@operation("GetBucketPolicyStatus")
def get_bucket_policy_status(context: Context, params: Params) -> Output:
    """Return whether the policy makes the bucket public, by the rules of Block Public Access."""
    policy = ensure_configured(context.bucket.policy, context.bucket, _MISSING)
    return {"PolicyStatus": {"IsPublic": is_public(bucket_policy(policy))}}
