"""Ownership controls and the public access block of a bucket."""

from __future__ import annotations

from ...errors import S3Error
from ...rules import acls
from ...rules.public_access_block import as_configuration, public_access_block
from ...state.access_control import ENFORCED, PREFERRED, WRITER
from ..context import Context
from ..registry import Output, Params, operation

OWNERSHIPS = (ENFORCED, PREFERRED, WRITER)

# --- ownership -------------------------------------------------------------------------------------------------------


@operation("PutBucketOwnershipControls")
def put_bucket_ownership_controls(context: Context, params: Params) -> Output:
    """Say who owns new objects, and whether ACLs count. ACLs that grant others anything must go before they are disabled."""
    rules = params["OwnershipControls"].get("Rules", [])
    if len(rules) != 1 or rules[0].get("ObjectOwnership") not in OWNERSHIPS:
        raise S3Error("MalformedXML")
    ownership = rules[0]["ObjectOwnership"]
    bucket = context.bucket
    with bucket.lock:
        context.ensure(bucket)
        if ownership == ENFORCED and acls.grants_others(bucket.acl, context.canonical_id(bucket.account)):
            raise S3Error("InvalidBucketAclWithObjectOwnership")
        bucket.ownership = ownership
    return {}


@operation("GetBucketOwnershipControls")
def get_bucket_ownership_controls(context: Context, params: Params) -> Output:
    """The one rule."""
    ownership = context.bucket.ownership
    if ownership is None:
        raise S3Error("OwnershipControlsNotFoundError", BucketName=context.bucket.name)
    return {"OwnershipControls": {"Rules": [{"ObjectOwnership": ownership}]}}


@operation("DeleteBucketOwnershipControls")
def delete_bucket_ownership_controls(context: Context, params: Params) -> Output:
    """Forget the rule. What is left is S3 as it was before there were such rules: ACLs count, writers own."""
    bucket = context.bucket
    with bucket.lock:
        context.ensure(bucket)
        bucket.ownership = None
    return {}


# --- public access ---------------------------------------------------------------------------------------------------


@operation("PutPublicAccessBlock")
def put_public_access_block(context: Context, params: Params) -> Output:
    """Set the four switches; those not named are off."""
    document = params["PublicAccessBlockConfiguration"]
    if not document:
        raise S3Error("MalformedXML")
    bucket = context.bucket
    with bucket.lock:
        context.ensure(bucket)
        bucket.public_access_block = public_access_block(document)
    return {}


@operation("GetPublicAccessBlock")
def get_public_access_block(context: Context, params: Params) -> Output:
    """The four switches."""
    block = context.bucket.public_access_block
    if block is None:
        raise S3Error("NoSuchPublicAccessBlockConfiguration", BucketName=context.bucket.name)
    return {"PublicAccessBlockConfiguration": as_configuration(block)}


@operation("DeletePublicAccessBlock")
def delete_public_access_block(context: Context, params: Params) -> Output:
    """Forget the switches: nothing is blocked."""
    bucket = context.bucket
    with bucket.lock:
        context.ensure(bucket)
        bucket.public_access_block = None
    return {}
