"""S3 Control: the public access block of an account, which counts for its buckets in addition to their own."""

from __future__ import annotations

from ..errors import S3Error
from ..rules.public_access_block import as_configuration, public_access_block
from .context import ServiceContext
from .registry import Output, Params, s3control_operation


@s3control_operation("PutPublicAccessBlock", action="s3:PutAccountPublicAccessBlock")
def put_public_access_block(context: ServiceContext, params: Params) -> Output:
    """Set the four settings; those not named are off."""
    context.status = 201
    document = params["PublicAccessBlockConfiguration"]
    if not document:
        raise S3Error("MalformedXML")
    context.backend.store.public_access_blocks[params["AccountId"]] = public_access_block(document)
    return {}


@s3control_operation("GetPublicAccessBlock", action="s3:GetAccountPublicAccessBlock")
def get_public_access_block(context: ServiceContext, params: Params) -> Output:
    """Return the four settings."""
    block = context.backend.store.public_access_blocks.get(params["AccountId"])
    if block is None:
        raise S3Error("NoSuchPublicAccessBlockConfiguration", AccountId=params["AccountId"])
    return {"PublicAccessBlockConfiguration": as_configuration(block)}


@s3control_operation("DeletePublicAccessBlock", action="s3:PutAccountPublicAccessBlock")
def delete_public_access_block(context: ServiceContext, params: Params) -> Output:
    """Delete the settings. Then only those of the buckets count."""
    context.status = 204
    context.backend.store.public_access_blocks.pop(params["AccountId"], None)
    return {}
