"""PutBucketPolicy, GetBucketPolicy, DeleteBucketPolicy, GetBucketPolicyStatus."""

from __future__ import annotations

from ...auth.policies.policy import PolicyError, bucket_policy
from ...auth.policies.validation import check, is_public
from ...errors import S3Error
from ..context import Context
from ..registry import Output, Params, operation

MAX_POLICY = 20 * 1024
"""Bytes."""


@operation("PutBucketPolicy")
def put_bucket_policy(context: Context, params: Params) -> Output:
    """Replace the policy, once it is clear that it means something; it is kept as it was written."""
    text: str = params.get("Policy", "")
    bucket = context.bucket
    if len(text.encode()) > MAX_POLICY:
        raise S3Error("PolicyTooLarge")
    try:
        policy = bucket_policy(text)
        check(policy, bucket.name)
    except PolicyError as wrong:
        if wrong.detail is None:
            raise S3Error("MalformedPolicy", wrong.message) from None
        raise S3Error("MalformedPolicy", wrong.message, Detail=wrong.detail) from None
    block = bucket.blocked
    if block is not None and block.block_public_policy and is_public(policy):
        raise S3Error(
            "AccessDenied",
            f"User: {context.caller.arn} is not authorized to perform: s3:PutBucketPolicy on resource: "
            f'"arn:aws:s3:::{bucket.name}" because public policies are prevented by the BlockPublicPolicy setting in S3 '
            "Block Public Access.",
        )
    with bucket.lock:
        context.ensure(bucket)
        bucket.policy = text
    return {}


def _policy(context: Context) -> str:
    text = context.bucket.policy
    if text is None:
        raise S3Error("NoSuchBucketPolicy", BucketName=context.bucket.name)
    return text


@operation("GetBucketPolicy")
def get_bucket_policy(context: Context, params: Params) -> Output:
    """The text exactly as it was put."""
    return {"Policy": _policy(context)}


@operation("DeleteBucketPolicy")
def delete_bucket_policy(context: Context, params: Params) -> Output:
    """Forget the policy, if there is one."""
    bucket = context.bucket
    with bucket.lock:
        context.ensure(bucket)
        bucket.policy = None
    return {}


@operation("GetBucketPolicyStatus")
def get_bucket_policy_status(context: Context, params: Params) -> Output:
    """Whether the policy makes the bucket public, by the rules of Block Public Access."""
    return {"PolicyStatus": {"IsPublic": is_public(bucket_policy(_policy(context)))}}
