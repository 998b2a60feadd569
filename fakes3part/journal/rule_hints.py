"""Explains errors that come from a rule of S3: the rule, since when, what S3 would accept, and the setting that lifts it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ..rules.names import bucket_name_advice
from ..text import size

if TYPE_CHECKING:
    from ..state.bucket import Bucket
    from .record import Record

_ACL_RULE = (
    "since April 2023 new buckets have ACLs disabled (Object Ownership BucketOwnerEnforced): leave the ACL out, use a bucket "
    "policy, or create the bucket with ObjectOwnership='ObjectWriter'"
)
_BLOCK_RULE = "since April 2023 new buckets block public access: call delete_public_access_block first"


def _lenience(field: str, bucket: Bucket | None) -> str:
    """Return which setting accepts it; empty if a request has set the bucket's configuration explicitly, which stays."""
    if bucket is not None and field not in bucket.default_fields:
        return ""
    return "; the setting lenient=['acls'] accepts it, as mock_aws does"


def _bucket_name(record: Record, bucket: Bucket | None) -> str:
    return bucket_name_advice((record.address.bucket if record.address is not None else None) or "")


def _acl(record: Record, bucket: Bucket | None) -> str:
    return f"{_ACL_RULE}{_lenience('ownership', bucket)}"


def _public_acl(record: Record, bucket: Bucket | None) -> str:
    return f"{_BLOCK_RULE}{_lenience('public_access_block', bucket)}"


def _access_denied(record: Record, bucket: Bucket | None) -> str | None:
    """Explain an AccessDenied that no authorization decision caused."""
    operation = record.operation.name if record.operation is not None else ""
    message = record.error.message if record.error is not None else ""
    if "BlockPublicPolicy" in message:
        return f"the policy makes the bucket public, and {_BLOCK_RULE}{_lenience('public_access_block', bucket)}"
    if operation in _SETS_ACL and _has_acl(record):
        return f"the ACL makes it public, and {_BLOCK_RULE}{_lenience('public_access_block', bucket)}"
    return None


_SETS_ACL = frozenset({"PutBucketAcl", "PutObjectAcl", "PutObject", "CopyObject", "CreateMultipartUpload", "PostObject"})


def _has_acl(record: Record) -> bool:
    """Return whether a request tries to set an ACL."""
    params = record.params or {}
    return any(name == "ACL" or name.startswith("Grant") for name in params) or "AccessControlPolicy" in params


def _entity_too_small(record: Record, bucket: Bucket | None) -> str:
    extras: Mapping[str, object] = record.error.extras if record.error is not None else {}
    proposed, minimum = extras.get("ProposedSize"), extras.get("MinSizeAllowed")
    if not isinstance(proposed, int) or not isinstance(minimum, int):
        return "the upload is smaller than its POST policy allows (content-length-range)"
    return (
        f"part {extras.get('PartNumber')} has {size(proposed)}; every part but the last must have at least {size(minimum)}; "
        "the setting min_part_size changes that"
    )


def _illegal_location(record: Record, bucket: Bucket | None) -> str:
    params = record.params or {}
    constraint = params.get("CreateBucketConfiguration", {}).get("LocationConstraint")
    region = _SIGNED_REGION.search(record.headers.get("authorization", ""))
    client = f"this client's region is {region[1]}" if region is not None else "the endpoint's region is another one"
    wanted = region[1] if region is not None else "REGION"
    if wanted == "us-east-1":
        fix = "leave it out"
    else:
        fix = f"pass CreateBucketConfiguration={{'LocationConstraint': {wanted!r}}}, or use a client of us-east-1"
    return (
        f"{client}, and an endpoint creates buckets only in its own region, by its name (only us-east-1 creates them anywhere): "
        f"{'the LocationConstraint is missing' if constraint is None else f'{constraint!r} is another one'}; {fix}"
    )


_SIGNED_REGION = re.compile(r"Credential=[^/]+/\d+/([a-z0-9-]+)/")


def _invalid_location(record: Record, bucket: Bucket | None) -> str:
    params = record.params or {}
    constraint = params.get("CreateBucketConfiguration", {}).get("LocationConstraint")
    if constraint == "us-east-1":
        return "us-east-1 is the one region that must not be named: leave CreateBucketConfiguration out"
    return f"{constraint!r} is no region of S3 that us-east-1 can create buckets in"


RULE_HINTS: dict[str, Callable[[Record, Bucket | None], str | None]] = {
    "AccessControlListNotSupported": _acl,
    "AccessDenied": _access_denied,
    "EntityTooSmall": _entity_too_small,
    "IllegalLocationConstraintException": _illegal_location,
    "InvalidBucketAclWithBlockPublicAccessError": _public_acl,
    "InvalidBucketAclWithObjectOwnership": _acl,
    "InvalidBucketName": _bucket_name,
    "InvalidLocationConstraint": _invalid_location,
}
"""By error code: returns the hint for a failed call on a bucket (None: it does not exist), or None.

Sources of the rules: "Bucket naming rules", "Controlling ownership of objects" and "Blocking public access" in the S3 user guide;
CreateBucket in the API reference.
"""
