"""Unique ids of IAM's users and roles."""

from __future__ import annotations

from base64 import b32encode
from hashlib import sha256


def unique_id(prefix: str, account: str, name: str) -> str:
    """Return a unique id such as ``AIDA...`` or ``AROA...``, derived from the account and the name."""
    return prefix + b32encode(sha256(f"{account}/{name}".encode()).digest()).decode()[:17]
