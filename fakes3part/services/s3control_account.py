"""S3 Control: the public access block of an account. It counts for each of its buckets, beside the bucket's own."""

from __future__ import annotations

from ..errors import S3Error
from ..rules.public_access_block import as_configuration, public_access_block
from .context import Call
from .registry import Output, Params, control_operation


@control_operation("PutPublicAccessBlock", action="s3:PutAccountPublicAccessBlock")
def put_public_access_block(call: Call, params: Params) -> Output:
    """Set the four switches; those not named are off."""
    call.status = 201
    document = params["PublicAccessBlockConfiguration"]
    if not document:
        raise S3Error("MalformedXML")
    call.fake.store.account_blocks[params["AccountId"]] = public_access_block(document)
    return {}


@control_operation("GetPublicAccessBlock", action="s3:GetAccountPublicAccessBlock")
def get_public_access_block(call: Call, params: Params) -> Output:
    """The four switches."""
    block = call.fake.store.account_blocks.get(params["AccountId"])
    if block is None:
        raise S3Error("NoSuchPublicAccessBlockConfiguration", AccountId=params["AccountId"])
    return {"PublicAccessBlockConfiguration": as_configuration(block)}


@control_operation("DeletePublicAccessBlock", action="s3:PutAccountPublicAccessBlock")
def delete_public_access_block(call: Call, params: Params) -> Output:
    """Forget the switches: nothing is blocked but what a bucket blocks by itself."""
    call.status = 204
    call.fake.store.account_blocks.pop(params["AccountId"], None)
    return {}
