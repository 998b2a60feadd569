"""Lifts S3's defaults of new buckets since April 2023, disabled ACLs and blocked public access, where a fake is lenient.

A bucket has the defaults of today until a request needs those of before April 2023: only then the lenience ``acls`` is used, and
the bucket has them from then on. What a request has set explicitly stays.
"""

from __future__ import annotations

from ..leniences import allow
from ..state.bucket import Bucket
from .context import Context

_OWNERSHIP, _BLOCK = "ownership", "public_access_block"


def lift_ownership(context: Context, bucket: Bucket) -> bool:
    """Enable ACLs if the bucket's ownership is S3's default and the fake is lenient; return whether it did."""
    if _OWNERSHIP not in bucket.default_fields or not allow(context.request, "acls"):
        return False
    bucket.set_configuration(_OWNERSHIP, None)
    lift_block(context, bucket)
    return True


def lift_block(context: Context, bucket: Bucket) -> bool:
    """Remove the bucket's public access block if it is S3's default and the fake is lenient; return whether it did."""
    if _BLOCK not in bucket.default_fields or not allow(context.request, "acls"):
        return False
    bucket.set_configuration(_BLOCK, None)
    return True
