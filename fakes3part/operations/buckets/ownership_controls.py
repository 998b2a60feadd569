"""Ownership controls and the public access block of a bucket."""

from __future__ import annotations

from ...errors import S3Error
from ...rules import acls
from ...rules.public_access_block import as_configuration, public_access_block
from ...state.access_control import ENFORCED, PREFERRED, WRITER, PublicAccessBlock
from ..context import Context
from ..registry import Params
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
    document = params["PublicAccessBlockConfiguration"]
    if not document:
        raise S3Error("MalformedXML")
    return public_access_block(document)


configuration(
    field="public_access_block",
    put="PutPublicAccessBlock",
    get="GetPublicAccessBlock",
    delete="DeletePublicAccessBlock",
    parse=_parse_block,
    show=lambda block: {"PublicAccessBlockConfiguration": as_configuration(block)},
    missing="NoSuchPublicAccessBlockConfiguration",
)
