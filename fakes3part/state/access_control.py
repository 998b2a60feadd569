"""What a bucket or an object says about who may reach it, policies apart: ACLs, ownership, the public access block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

ENFORCED = "BucketOwnerEnforced"
PREFERRED = "BucketOwnerPreferred"
WRITER = "ObjectWriter"

BUCKET_OWNER = "BucketOwner"
REQUESTER = "Requester"


@dataclass(frozen=True, slots=True)
class Grant:
    """One line of an ACL. ``grantee``: a canonical user id or the URI of a group; ``permission``: ``READ`` ..."""

    grantee: str
    permission: str

    @property
    def is_group(self) -> bool:
        return self.grantee.startswith("http")


Acl: TypeAlias = tuple[Grant, ...]
"""None in its place stands for the default: FULL_CONTROL for the owner, nothing for others."""


@dataclass(frozen=True, slots=True)
class PublicAccessBlock:
    """The four switches; all are on for a new bucket since April 2023."""

    block_public_acls: bool = True
    ignore_public_acls: bool = True
    block_public_policy: bool = True
    restrict_public_buckets: bool = True


def combined(first: PublicAccessBlock | None, second: PublicAccessBlock | None) -> PublicAccessBlock | None:
    """Both together: each switch is on where it is on in one of them."""
    if first is None or second is None:
        return second if first is None else first
    return PublicAccessBlock(
        first.block_public_acls or second.block_public_acls,
        first.ignore_public_acls or second.ignore_public_acls,
        first.block_public_policy or second.block_public_policy,
        first.restrict_public_buckets or second.restrict_public_buckets,
    )


BLOCK_ALL = PublicAccessBlock()
"""What a new bucket has."""
