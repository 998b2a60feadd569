"""The condition keys of a request: what policies may ask about it. Computed one by one, when a policy asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta, timezone
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import parse_qsl

from .request_documents import is_document, tags_of, text_of

if TYPE_CHECKING:
    from .request import Access

Values: TypeAlias = "tuple[str, ...] | None"
Key: TypeAlias = "Callable[[Access], str | None]"

_LISTS = frozenset({"s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"})

_FROM_HEADER = frozenset(
    [
        "if-match",
        "if-none-match",
        "x-amz-acl",
        "x-amz-content-sha256",
        "x-amz-copy-source",
        "x-amz-grant-full-control",
        "x-amz-grant-read",
        "x-amz-grant-read-acp",
        "x-amz-grant-write",
        "x-amz-grant-write-acp",
        "x-amz-metadata-directive",
        "x-amz-object-ownership",
        "x-amz-server-side-encryption",
        "x-amz-server-side-encryption-aws-kms-key-id",
        "x-amz-server-side-encryption-customer-algorithm",
        "x-amz-storage-class",
        "x-amz-website-redirect-location",
    ]
)
"""``s3:<header>``: the header of the request."""

_FROM_QUERY = {"s3:prefix": "prefix", "s3:delimiter": "delimiter", "s3:max-keys": "max-keys"}


def values(access: Access, key: str) -> Values:
    """The values of a key (`patterns.normal_key`); None: the request has none, or we know no such key."""
    given = access.given.get(key)
    if given is not None:
        return (given,) if isinstance(given, str) else given
    found = _SINGLE.get(key)
    if found is not None:
        value = found(access)
        return None if value is None else (value,)
    head, slash, tag = key.partition("/")
    if slash:
        tags = _TAGS.get(head)
        value = tags(access).get(tag) if tags else None
        return None if value is None else (value,)
    if key == "s3:requestobjecttagkeys":
        return tuple(_request_tags(access)) or None
    if key.startswith("s3:") and key[3:] in _FROM_HEADER:
        header = access.request.headers.get(key[3:])
        return None if header is None else (header,)
    if key in _FROM_QUERY and access.action in _LISTS:
        return (access.query[_FROM_QUERY[key]],) if _FROM_QUERY[key] in access.query else None
    return None


def _header(name: str) -> Key:
    return lambda access: access.request.headers.get(name)


def _account(access: Access) -> str | None:
    return access.caller.account.id if access.caller.account else None


def _arn(access: Access) -> str | None:
    return None if access.caller.is_anonymous else access.caller.principal_arn


def _user_name(access: Access) -> str | None:
    """A user's; sessions that have an ARN of their own are no users."""
    caller = access.caller
    if caller.identity is None or (caller.session is not None and caller.session.resource is not None):
        return None
    return caller.identity.name


def _user_id(access: Access) -> str:
    return access.caller.user_id


def _principal_type(access: Access) -> str:
    caller = access.caller
    if caller.session is not None and caller.session.resource is not None:
        return "AssumedRole" if caller.session.role is not None else "FederatedUser"
    return "Anonymous" if caller.is_anonymous else "Account" if caller.is_root else "User"


def _mfa(access: Access) -> str | None:
    """Known of temporary credentials only."""
    session = access.caller.session
    return None if session is None else "true" if session.mfa else "false"


def _issued(access: Access) -> str | None:
    session = access.caller.session
    return None if session is None or session.issued is None else session.issued.strftime("%Y-%m-%dT%H:%M:%SZ")


def _auth_type(access: Access) -> str | None:
    if "authorization" in access.request.headers:
        return "REST-HEADER"
    if "X-Amz-Credential" in access.query or "AWSAccessKeyId" in access.query:
        return "REST-QUERY-STRING"
    return None if access.caller.is_anonymous else "POST"


def _signature_version(access: Access) -> str | None:
    authorization = access.request.headers.get("authorization", "")
    if authorization.startswith("AWS4-") or "X-Amz-Algorithm" in access.query:
        return "AWS4-HMAC-SHA256"
    if authorization.startswith("AWS ") or "AWSAccessKeyId" in access.query:
        return "AWS"
    if _auth_type(access) == "POST":  # the form's fields are headers here
        return "AWS4-HMAC-SHA256" if "x-amz-algorithm" in access.request.headers else "AWS"
    return None


def _signature_age(access: Access) -> str | None:
    """Milliseconds since a presigned URL was signed."""
    from datetime import datetime

    signed = access.query.get("X-Amz-Date", "")
    try:
        then = datetime.strptime(signed, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
    except ValueError:
        return None
    return str((access.now - then) // timedelta(milliseconds=1))


def _sent(header: str, subresource: str, member: str) -> Key:
    """A header of a write, or a member of the document that is put as a sub-resource of what is there."""

    def find(access: Access) -> str | None:
        if is_document(access, subresource):
            return text_of(access, subresource, member)
        return access.request.headers.get(header)

    return find


_retain_until = _sent("x-amz-object-lock-retain-until-date", "retention", "RetainUntilDate")


def _remaining_days(access: Access) -> str | None:
    """Whole days from now to the retain-until date that is asked for."""
    from ...protocol.timestamps import parse_iso_date

    then = parse_iso_date(_retain_until(access) or "")
    return None if then is None else str((then - access.now).days)


_SINGLE: dict[str, Key] = {
    "aws:currenttime": lambda access: access.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
    "aws:epochtime": lambda access: str(int(access.now.timestamp())),
    "aws:multifactorauthpresent": _mfa,
    "aws:principalaccount": _account,
    "aws:principalarn": _arn,
    "aws:principalisawsservice": lambda access: "false",
    "aws:principaltype": _principal_type,
    "aws:referer": _header("referer"),
    "aws:requestedregion": lambda access: access.region or None,
    "aws:resourceaccount": lambda access: access.bucket.account if access.bucket else _account(access),
    "aws:securetransport": lambda access: "true" if access.request.scheme == "https" else "false",
    "aws:sourceip": lambda access: access.request.client,
    "aws:sourcevpc": lambda access: access.request.vpc,
    "aws:tokenissuetime": _issued,
    "aws:useragent": _header("user-agent"),
    "aws:userid": _user_id,
    "aws:username": _user_name,
    "aws:viaawsservice": lambda access: "false",
    "s3:authtype": _auth_type,
    "s3:object-lock-legal-hold": _sent("x-amz-object-lock-legal-hold", "legal-hold", "Status"),
    "s3:object-lock-mode": _sent("x-amz-object-lock-mode", "retention", "Mode"),
    "s3:object-lock-remaining-retention-days": _remaining_days,
    "s3:object-lock-retain-until-date": _retain_until,
    "s3:resourceaccount": lambda access: access.bucket.account if access.bucket else _account(access),
    "s3:signatureage": _signature_age,
    "s3:signatureversion": _signature_version,
    "s3:versionid": lambda access: access.version_id,
}
"""Keys of one value. What has none here (``aws:SourceVpce``, ``aws:PrincipalOrgID`` ...) is absent, as on a plain request."""


def _existing_tags(access: Access) -> Mapping[str, str]:
    return access.version.carried.tags if access.version else {}


def _request_tags(access: Access) -> Mapping[str, str]:
    if is_document(access, "tagging"):
        return tags_of(access)
    header = access.request.headers.get("x-amz-tagging")
    return dict(parse_qsl(header, keep_blank_values=True)) if header else {}


def _session_tags(access: Access) -> Mapping[str, str]:
    return access.caller.session.tags if access.caller.session else {}


_TAGS: dict[str, Callable[[Access], Mapping[str, str]]] = {
    "aws:principaltag": _session_tags,
    "s3:existingobjecttag": _existing_tags,
    "s3:requestobjecttag": _request_tags,
}
