"""The PublicAccessBlockConfiguration document: of buckets, accounts and access points."""

from __future__ import annotations

from collections.abc import Mapping

from ..state.access_control import PublicAccessBlock

_FIELDS = {
    "BlockPublicAcls": "block_public_acls",
    "IgnorePublicAcls": "ignore_public_acls",
    "BlockPublicPolicy": "block_public_policy",
    "RestrictPublicBuckets": "restrict_public_buckets",
}


def public_access_block(document: Mapping[str, bool]) -> PublicAccessBlock:
    """Return the settings of a document; those it does not have are off."""
    return PublicAccessBlock(**{field: document.get(member, False) for member, field in _FIELDS.items()})


def as_configuration(block: PublicAccessBlock) -> dict[str, bool]:
    """Return the document of settings, with all four members."""
    return {member: getattr(block, field) for member, field in _FIELDS.items()}
