"""Ownership controls and the public access block of a bucket."""

from __future__ import annotations

from ...errors import S3Error
from ...rules import acls
from ...state.access_control import ENFORCED, PREFERRED, WRITER, PublicAccessBlock
from ..context import Context
from ..registry import Output, Params
from .configurations import configuration

OWNERSHIPS = (ENFORCED, PREFERRED, WRITER)

# --- ownership -------------------------------------------------------------------------------------------------------


def _parse_ownership(context: Context, params: Params) -> str:
    """Return the ObjectOwnership of the one rule.

    Raises:
        S3Error: MalformedXML, InvalidBucketAclWithObjectOwnership: ACLs cannot be disabled while one grants others anything.
    """
    rules = params["OwnershipControls"].get("Rules", [])
    if len(rules) != 1 or rules[0].get("ObjectOwnership") not in OWNERSHIPS:
        raise S3Error("MalformedXML")
    ownership: str = rules[0]["ObjectOwnership"]
    bucket = context.bucket
    if ownership == ENFORCED and acls.grants_others(bucket.acl, context.canonical_id(bucket.account)):
        raise S3Error("InvalidBucketAclWithObjectOwnership")
    return ownership


configuration(
    field="ownership",
    put="PutBucketOwnershipControls",
    get="GetBucketOwnershipControls",
    delete="DeleteBucketOwnershipControls",
    parse=_parse_ownership,
    show=lambda ownership: {"OwnershipControls": {"Rules": [{"ObjectOwnership": ownership}]}},
    missing="OwnershipControlsNotFoundError",
)

# --- public access ---------------------------------------------------------------------------------------------------


def _parse_block(context: Context, params: Params) -> PublicAccessBlock:
    """Return the four switches; those that the document does not name are off."""
    document = params["PublicAccessBlockConfiguration"]
    if not document:
        raise S3Error("MalformedXML")
    return PublicAccessBlock(
        block_public_acls=document.get("BlockPublicAcls", False),
        ignore_public_acls=document.get("IgnorePublicAcls", False),
        block_public_policy=document.get("BlockPublicPolicy", False),
        restrict_public_buckets=document.get("RestrictPublicBuckets", False),
    )


def _show_block(block: PublicAccessBlock) -> Output:
    return {
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": block.block_public_acls,
            "IgnorePublicAcls": block.ignore_public_acls,
            "BlockPublicPolicy": block.block_public_policy,
            "RestrictPublicBuckets": block.restrict_public_buckets,
        }
    }


configuration(
    field="public_access_block",
    put="PutPublicAccessBlock",
    get="GetPublicAccessBlock",
    delete="DeletePublicAccessBlock",
    parse=_parse_block,
    show=_show_block,
    missing="NoSuchPublicAccessBlockConfiguration",
)
