"""Access control lists: canned ACLs, grants in headers, and ``AccessControlPolicy`` documents.

Source: Access control list (ACL) overview (Amazon S3 user guide); error texts recorded from AWS."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
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


def requests_acl(params: Mapping[str, Any]) -> bool:
    """Return whether a request names an ACL in its headers."""
    return not MEMBERS.isdisjoint(params)


def requested_acl(params: Mapping[str, Any], canned_known: Iterable[str], owner: str, bucket_owner: str) -> Acl | None:
    """Return the ACL that a request's headers ask for; None: they ask for none.

    Args:
        canned_known: the canned ACLs that this kind of resource takes.
        owner: the canonical id of the resource's future owner.
        bucket_owner: the canonical id of the bucket's owner.

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
    return tuple(grant for member in granting for grant in _parse_grants(params[member], *_HEADERS[member]))


def _canned(name: str, owner: str, bucket_owner: str) -> Acl:
    grants = [Grant(owner, FULL_CONTROL)]
    for grantee, permission in _CANNED[name]:
        grant = Grant(bucket_owner if grantee == _BUCKET_OWNER else grantee, permission)
        if grant.grantee != owner:
            grants.append(grant)
    return tuple(grants)


def _parse_grants(text: str, header: str, permission: str) -> list[Grant]:
    """Parse the grants of one header: ``id="...", uri="..."``."""
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


def _check_id(value: str, argument_name: str) -> None:
    if not _CANONICAL.fullmatch(value):
        raise invalid_argument("Invalid id", argument_name, value)


def _check_uri(value: str, argument_name: str) -> None:
    if value not in GROUPS:
        raise invalid_argument("Invalid group uri", argument_name, value)


def parse_acl(document: Mapping[str, Any], owner: str) -> Acl:
    """Return the ACL of an ``AccessControlPolicy`` document.

    Raises:
        S3Error: MalformedACLError, InvalidArgument for an invalid grantee, AccessDenied if the document names another owner.
    """
    named = document.get("Owner", {}).get("ID")
    entries = document.get("Grants")
    if not named or entries is None or len(entries) > MAX_GRANTS:
        raise S3Error("MalformedACLError")
    grants = tuple(parse_grant(entry) for entry in entries)
    if named != owner:
        _check_id(named, "CanonicalUser/ID")
        raise S3Error("AccessDenied")
    return grants


def parse_grant(
    entry: Mapping[str, Any], permissions: AbstractSet[str] = PERMISSIONS, malformed: str = "MalformedACLError"
) -> Grant:
    """Return the grant of a ``Grant`` element.

    Args:
        entry: the element's members.
        permissions: those that may be granted.
        malformed: the code of the error of an element that is no grant.

    Raises:
        S3Error: ``malformed``, InvalidArgument for an invalid grantee, MethodNotAllowed for an e-mail address.
    """
    grantee: Mapping[str, Any] | None = entry.get("Grantee")
    permission: str = entry.get("Permission", "")
    if grantee is None or permission not in permissions:
        raise S3Error(malformed)
    kind = grantee.get("Type")
    if kind == "AmazonCustomerByEmail":
        raise S3Error("MethodNotAllowed")
    if kind == "CanonicalUser" and "ID" in grantee:
        _check_id(grantee["ID"], "CanonicalUser/ID")
        return Grant(grantee["ID"], permission)
    if kind == "Group" and "URI" in grantee:
        _check_uri(grantee["URI"], "Group/URI")
        return Grant(grantee["URI"], permission)
    raise S3Error(malformed)


def default_acl(owner: str) -> Acl:
    """Return the ACL of a bucket or object that was created without one: owner FULL_CONTROL."""
    return (Grant(owner, FULL_CONTROL),)


def requests_grants_to_others(params: Mapping[str, Any], canned_known: Iterable[str], owner: str) -> bool:
    """Return whether a request's headers ask for grants to others than the owner, or for grants that cannot be parsed.

    Buckets with ACLs disabled still accept ``private`` and FULL_CONTROL of the owner, which change nothing.

    Raises:
        S3Error: InvalidArgument for an unknown canned ACL, InvalidRequest for canned and grants together.
    """
    try:
        return grants_others(requested_acl(params, canned_known, owner, owner), owner)
    except S3Error:
        if "ACL" in params:
            raise
        return True


def is_public(acl: Acl | None) -> bool:
    """Return whether an ACL grants anything to AllUsers or AuthenticatedUsers, which Block Public Access calls public."""
    return acl is not None and any(grant.grantee in PUBLIC_GROUPS for grant in acl)


def grants_others(acl: Acl | None, owner: str) -> bool:
    return acl is not None and any(grant.grantee != owner for grant in acl)


def acl_output(acl: Acl, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the ``Grants`` of a response; ``names``: canonical id -> display name, of those whose name is shown."""
    return [{"Grantee": _grantee(grant, names), "Permission": grant.permission} for grant in acl]


def _grantee(grant: Grant, names: Mapping[str, str]) -> dict[str, Any]:
    if grant.is_group:
        return {"Type": "Group", "URI": grant.grantee}
    return {"Type": "CanonicalUser", "ID": grant.grantee, "DisplayName": names.get(grant.grantee)}
