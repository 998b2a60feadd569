"""Who asks: the access key of a request, and the account it belongs to.

A fake needs no set-up: an access key that is a 12-digit account id *is* that account; every other one belongs to the fake's
default account. Signatures are not verified yet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/")


@lru_cache(maxsize=256)
def canonical_id(account: str) -> str:
    """The canonical user id (64 hex digits) that owners are shown by."""
    return sha256(f"fakes3part account {account}".encode()).hexdigest()


class Caller(NamedTuple):
    """``account`` is None for an anonymous request."""

    access_key: str | None
    account: str | None

    @property
    def is_anonymous(self) -> bool:
        return self.account is None


ANONYMOUS = Caller(None, None)


@lru_cache(maxsize=256)
def _caller(access_key: str, default_account: str) -> Caller:
    return Caller(access_key, access_key if _ACCOUNT.fullmatch(access_key) else default_account)


def access_key(headers: Mapping[str, str], query: Mapping[str, str]) -> str | None:
    """The access key of a SigV4 or SigV2 request, signed in the header or in the query."""
    authorization = headers.get("authorization")
    if authorization is not None:
        if authorization.startswith("AWS4-"):
            found = _CREDENTIAL.search(authorization)
            return found[1] if found else None
        if authorization.startswith("AWS "):
            return authorization[4:].partition(":")[0] or None
        return None
    if "X-Amz-Credential" in query:
        return query["X-Amz-Credential"].partition("/")[0] or None
    return query.get("AWSAccessKeyId") or None


def identify(headers: Mapping[str, str], query: Mapping[str, str], default_account: str) -> Caller:
    """The caller of a request."""
    key = access_key(headers, query)
    return ANONYMOUS if key is None else _caller(key, default_account)
