"""Access control lists: canned ones, those in headers, those in documents (70.4), and what each permission stands for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import S3Error, invalid_argument
from ..state.access_control import Acl, Grant

ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
AUTHENTICATED_USERS = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
LOG_DELIVERY = "http://acs.amazonaws.com/groups/s3/LogDelivery"
GROUPS = frozenset({ALL_USERS, AUTHENTICATED_USERS, LOG_DELIVERY})
PUBLIC_GROUPS = frozenset({ALL_USERS, AUTHENTICATED_USERS})

FULL_CONTROL = "FULL_CONTROL"
PERMISSIONS = frozenset({FULL_CONTROL, "READ", "WRITE", "READ_ACP", "WRITE_ACP"})
MAX_GRANTS = 100

_EC2 = "6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c"
"""The canonical id of Amazon EC2, which ``aws-exec-read`` lets read bundles."""

_BUCKET_OWNER = "bucket owner"
_CANNED: dict[str, tuple[tuple[str, str], ...]] = {
    "private": (),
    "public-read": ((ALL_USERS, "READ"),),
    "public-read-write": ((ALL_USERS, "READ"), (ALL_USERS, "WRITE")),
    "authenticated-read": ((AUTHENTICATED_USERS, "READ"),),
    "aws-exec-read": ((_EC2, "READ"),),
    "bucket-owner-read": ((_BUCKET_OWNER, "READ"),),
    "bucket-owner-full-control": ((_BUCKET_OWNER, FULL_CONTROL),),
    "log-delivery-write": ((LOG_DELIVERY, "WRITE"), (LOG_DELIVERY, "READ_ACP")),
}
"""Who gets what beside the owner, who always gets FULL_CONTROL."""

CANNED_FOR_OBJECTS = frozenset(_CANNED) - {"log-delivery-write"}
CANNED_FOR_BUCKETS = frozenset(_CANNED)

_HEADERS = {
    "GrantFullControl": ("x-amz-grant-full-control", FULL_CONTROL),
    "GrantRead": ("x-amz-grant-read", "READ"),
    "GrantReadACP": ("x-amz-grant-read-acp", "READ_ACP"),
    "GrantWrite": ("x-amz-grant-write", "WRITE"),
    "GrantWriteACP": ("x-amz-grant-write-acp", "WRITE_ACP"),
}
MEMBERS = frozenset({"ACL", *_HEADERS})
"""Members of an input that ask for an ACL."""

_GRANTEE = re.compile(r'\s*(\w+)\s*=\s*("?)([^"]*)\2\s*', re.ASCII)
_CANONICAL = re.compile(r"[0-9a-f]{64}", re.ASCII)


def asks(params: Mapping[str, Any]) -> bool:
    """Whether a request names an ACL in its headers."""
    return not MEMBERS.isdisjoint(params)


def asked(params: Mapping[str, Any], canned_known: Iterable[str], owner: str, bucket_owner: str) -> Acl | None:
    """The ACL that a request's headers ask for; None: they ask for none.

    Args:
        owner: canonical id of who will own the thing; ``bucket_owner`` likewise.

    Raises:
        S3Error: InvalidArgument with an empty message for an unknown canned ACL (recorded so), InvalidRequest for canned
            and grants together, InvalidArgument for what cannot be read as grants.
    """
    canned = params.get("ACL")
    granting = [member for member in _HEADERS if member in params]
    if canned is not None:
        if canned not in canned_known:
            raise invalid_argument("", "x-amz-acl", canned)
        if granting:
            raise S3Error("InvalidRequest", "Specifying both Canned ACLs and Header Grants is not allowed")
        return _canned(canned, owner, bucket_owner)
    if not granting:
        return None
    return tuple(grant for member in granting for grant in _granted(params[member], *_HEADERS[member]))


def _canned(name: str, owner: str, bucket_owner: str) -> Acl:
    grants = [Grant(owner, FULL_CONTROL)]
    for who, permission in _CANNED[name]:
        grant = Grant(bucket_owner if who == _BUCKET_OWNER else who, permission)
        if grant.grantee != owner:
            grants.append(grant)
    return tuple(grants)


def _granted(text: str, header: str, permission: str) -> list[Grant]:
    """The grants of one header: ``id="...", uri="..."``."""
    grants = []
    for piece in text.split(","):
        named = _GRANTEE.fullmatch(piece)
        kind = named[1].lower() if named else ""
        if named is None or kind not in ("id", "uri", "emailaddress"):
            raise invalid_argument("Argument format not recognized", header, piece.strip())
        if kind == "emailaddress":
            raise S3Error("MethodNotAllowed")  # discontinued on 1 October 2025
        check = _check_id if kind == "id" else _check_uri
        check(named[3], kind)
        grants.append(Grant(named[3], permission))
    return grants


def _check_id(value: str, where: str) -> None:
    if not _CANONICAL.fullmatch(value):
        raise invalid_argument("Invalid id", where, value)


def _check_uri(value: str, where: str) -> None:
    if value not in GROUPS:
        raise invalid_argument("Invalid group uri", where, value)


def from_document(document: Mapping[str, Any], owner: str) -> Acl:
    """The ACL of an ``AccessControlPolicy`` document.

    Raises:
        S3Error: MalformedACLError, InvalidArgument for a grantee that is none, AccessDenied for another owner than it has.
    """
    named = document.get("Owner", {}).get("ID")
    given = document.get("Grants")
    if not named or given is None or len(given) > MAX_GRANTS:
        raise S3Error("MalformedACLError")
    grants = tuple(_grant(one) for one in given)
    if named != owner:
        _check_id(named, "CanonicalUser/ID")
        raise S3Error("AccessDenied")
    return grants


def _grant(given: Mapping[str, Any]) -> Grant:
    grantee, permission = given.get("Grantee"), given.get("Permission")
    if grantee is None or permission not in PERMISSIONS:
        raise S3Error("MalformedACLError")
    kind = grantee.get("Type")
    if kind == "AmazonCustomerByEmail":
        raise S3Error("MethodNotAllowed")
    if kind == "CanonicalUser" and "ID" in grantee:
        _check_id(grantee["ID"], "CanonicalUser/ID")
        return Grant(grantee["ID"], permission)
    if kind == "Group" and "URI" in grantee:
        _check_uri(grantee["URI"], "Group/URI")
        return Grant(grantee["URI"], permission)
    raise S3Error("MalformedACLError")


def default(owner: str) -> Acl:
    """What a thing has that nobody gave an ACL."""
    return (Grant(owner, FULL_CONTROL),)


def gives_others(params: Mapping[str, Any], canned_known: Iterable[str], owner: str) -> bool:
    """Whether a request's headers ask for an ACL that gives others than the owner anything, or says who knows what.

    For buckets without ACLs: ``private`` and FULL_CONTROL of the owner say what is so anyway.

    Raises:
        S3Error: InvalidArgument for an unknown canned ACL, InvalidRequest for canned and grants together.
    """
    try:
        return grants_others(asked(params, canned_known, owner, owner), owner)
    except S3Error:
        if "ACL" in params:
            raise
        return True


def is_public(acl: Acl | None) -> bool:
    """Whether everybody, or everybody with an account, gets anything: what Block Public Access calls public."""
    return acl is not None and any(grant.grantee in PUBLIC_GROUPS for grant in acl)


def grants_others(acl: Acl | None, owner: str) -> bool:
    return acl is not None and any(grant.grantee != owner for grant in acl)


def as_output(acl: Acl, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """``Grants`` of an answer; ``names``: display names by canonical id, of those who have one to show."""
    return [{"Grantee": _grantee(grant, names), "Permission": grant.permission} for grant in acl]


def _grantee(grant: Grant, names: Mapping[str, str]) -> dict[str, Any]:
    if grant.is_group:
        return {"Type": "Group", "URI": grant.grantee}
    return {"Type": "CanonicalUser", "ID": grant.grantee, "DisplayName": names.get(grant.grantee)}
