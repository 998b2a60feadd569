"""Who owns a new object, and with which ACL: decided when PutObject, CopyObject or CreateMultipartUpload comes."""

from __future__ import annotations

from ..errors import S3Error
from ..rules import acls
from ..state.access_control import ENFORCED, PREFERRED, Acl
from ..state.bucket import Bucket
from .context import Context
from .registry import Params


def owner_and_acl(context: Context, bucket: Bucket, params: Params) -> tuple[str, Acl | None]:
    """The account that will own the object ('': an anonymous one), and its ACL (None: the default, private).

    Where the bucket's owner owns everything (every new bucket), nobody else can be granted anything.

    Raises:
        S3Error: of `rules.acls.asked`, AccessControlListNotSupported, AccessDenied for a public ACL where those are blocked.
    """
    asks = acls.asks(params)
    if bucket.ownership == ENFORCED:
        if asks and acls.gives_others(params, acls.CANNED_FOR_OBJECTS, context.canonical_id(bucket.account)):
            raise S3Error("AccessControlListNotSupported")
        return bucket.account, None
    owner = context.account
    if bucket.ownership == PREFERRED and params.get("ACL") == "bucket-owner-full-control":
        owner = bucket.account
    if not asks:
        return owner, None
    acl = acls.asked(params, acls.CANNED_FOR_OBJECTS, context.canonical_id(owner), context.canonical_id(bucket.account))
    check_acl_not_blocked(bucket, acl)
    return owner, acl


def check_acl_not_blocked(bucket: Bucket, acl: Acl | None) -> None:
    """A public ACL must not be given where the bucket blocks those.

    Raises:
        S3Error: AccessDenied.
    """
    block = bucket.blocked
    if block is not None and block.block_public_acls and acls.is_public(acl):
        raise S3Error("AccessDenied")
