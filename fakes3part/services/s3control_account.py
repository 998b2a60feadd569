"""S3 Control: the public access block of an account. It counts for each of its buckets, beside the bucket's own."""

from __future__ import annotations

from ..errors import S3Error
from ..state.access_control import PublicAccessBlock
from .context import Call
from .registry import Output, Params, control_operation


@control_operation("PutPublicAccessBlock", action="s3:PutAccountPublicAccessBlock")
def put_public_access_block(call: Call, params: Params) -> Output:
    """Set the four switches; those not named are off."""
    call.status = 201
    given = params["PublicAccessBlockConfiguration"]
    if not given:
        raise S3Error("MalformedXML")
    call.fake.store.account_blocks[params["AccountId"]] = PublicAccessBlock(
        block_public_acls=given.get("BlockPublicAcls", False),
        ignore_public_acls=given.get("IgnorePublicAcls", False),
        block_public_policy=given.get("BlockPublicPolicy", False),
        restrict_public_buckets=given.get("RestrictPublicBuckets", False),
    )
    return {}


@control_operation("GetPublicAccessBlock", action="s3:GetAccountPublicAccessBlock")
def get_public_access_block(call: Call, params: Params) -> Output:
    """The four switches."""
    block = call.fake.store.account_blocks.get(params["AccountId"])
    if block is None:
        raise S3Error("NoSuchPublicAccessBlockConfiguration", AccountId=params["AccountId"])
    return {
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": block.block_public_acls,
            "IgnorePublicAcls": block.ignore_public_acls,
            "BlockPublicPolicy": block.block_public_policy,
            "RestrictPublicBuckets": block.restrict_public_buckets,
        }
    }


@control_operation("DeletePublicAccessBlock", action="s3:PutAccountPublicAccessBlock")
def delete_public_access_block(call: Call, params: Params) -> Output:
    """Forget the switches: nothing is blocked but what a bucket blocks by itself."""
    call.status = 204
    call.fake.store.account_blocks.pop(params["AccountId"], None)
    return {}
