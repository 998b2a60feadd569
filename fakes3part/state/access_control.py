"""ACLs, object ownership, the public access block and request payment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

ENFORCED = "BucketOwnerEnforced"
PREFERRED = "BucketOwnerPreferred"
WRITER = "ObjectWriter"

BUCKET_OWNER = "BucketOwner"
REQUESTER = "Requester"

ABAC_DISABLED = "Disabled"
ABAC_ENABLED = "Enabled"
"""Whether a bucket's tags count in policy conditions (attribute-based access control)."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A grant of an ACL.

    Attributes:
        grantee: a canonical user id or the URI of a group.
        permission: ``READ``, ``WRITE``, ``READ_ACP``, ``WRITE_ACP`` or ``FULL_CONTROL``.
    """

    grantee: str
    permission: str

    @property
    def is_group(self) -> bool:
        return self.grantee.startswith("http")


Acl: TypeAlias = tuple[Grant, ...]
"""Where None stands for an ACL, it is the default one: FULL_CONTROL for the owner."""


@dataclass(frozen=True, slots=True)
class PublicAccessBlock:
    """The four settings of Block Public Access."""

    block_public_acls: bool = True
    ignore_public_acls: bool = True
    block_public_policy: bool = True
    restrict_public_buckets: bool = True


def combined(first: PublicAccessBlock | None, second: PublicAccessBlock | None) -> PublicAccessBlock | None:
    """Return the settings that are on in one of two public access blocks; None if both are None."""
    if first is None or second is None:
        return second if first is None else first
    return PublicAccessBlock(
        first.block_public_acls or second.block_public_acls,
        first.ignore_public_acls or second.ignore_public_acls,
        first.block_public_policy or second.block_public_policy,
        first.restrict_public_buckets or second.restrict_public_buckets,
    )


BLOCK_ALL = PublicAccessBlock()
"""The public access block of a new bucket, since April 2023."""
