"""The owner and the ACL of a new object, as PutObject, CopyObject and CreateMultipartUpload set them."""

from __future__ import annotations

from ..errors import S3Error
from ..rules import acls
from ..state.access_control import ENFORCED, PREFERRED, Acl
from ..state.bucket import Bucket
from .context import Context
from .lenient_access import lift_block, lift_ownership
from .registry import Params


def owner_and_acl(context: Context, bucket: Bucket, params: Params) -> tuple[str, Acl | None]:
    """Return the account that will own the object ('' for an anonymous writer), and its ACL (None: the default, private).

    With BucketOwnerEnforced, the default of new buckets, ACLs that grant anything to others are rejected.

    Raises:
        S3Error: of `rules.acls.requested_acl`, AccessControlListNotSupported, or AccessDenied for a public ACL where those are
            blocked.
    """
    has_acl = not acls.MEMBERS.isdisjoint(params)
    if bucket.ownership == ENFORCED:
        if not has_acl:
            return bucket.account, None
        grants_others = acls.requests_grants_to_others(params, acls.CANNED_FOR_OBJECTS, context.canonical_id(bucket.account))
        if not grants_others:
            return bucket.account, None
        if not lift_ownership(context, bucket):
            raise S3Error("AccessControlListNotSupported")
    owner = context.account
    if bucket.ownership == PREFERRED and params.get("ACL") == "bucket-owner-full-control":
        owner = bucket.account
    if not has_acl:
        return owner, None
    acl = acls.requested_acl(params, acls.CANNED_FOR_OBJECTS, context.canonical_id(owner), context.canonical_id(bucket.account))
    check_acl_not_blocked(context, bucket, acl)
    return owner, acl


def check_acl_not_blocked(context: Context, bucket: Bucket, acl: Acl | None) -> None:
    """Raise AccessDenied for a public ACL where the bucket blocks those. ``acl`` None is the default, private."""
    block = bucket.effective_public_access_block
    if block is not None and block.block_public_acls and acls.is_public(acl) and not lift_block(context, bucket):
        raise S3Error("AccessDenied")
