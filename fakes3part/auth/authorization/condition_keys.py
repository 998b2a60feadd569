"""The values of condition keys for a request. Each is computed when a policy uses the key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta, timezone
from typing import TypeAlias
from urllib.parse import parse_qsl

from .request import AuthorizationRequest
from .request_documents import document_tags, document_value, is_document

ConditionValues: TypeAlias = "tuple[str, ...] | None"
KeyFunction: TypeAlias = "Callable[[AuthorizationRequest], str | None]"

_LIST_ACTIONS = frozenset({"s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"})

_HEADER_KEYS = frozenset(
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
"""Headers that are condition keys ``s3:<header>``."""

_QUERY_KEYS = {"s3:prefix": "prefix", "s3:delimiter": "delimiter", "s3:max-keys": "max-keys"}


def condition_values(request: AuthorizationRequest, key: str) -> ConditionValues:
    """Return the values of a normalised key (`patterns.normal_key`); None: the request has none, or the key is not supported."""
    extra = request.extra_conditions.get(key) if request.extra_conditions is not None else None
    if extra is not None:
        return (extra,) if isinstance(extra, str) else extra
    single = _SINGLE_VALUED.get(key)
    if single is not None:
        value = single(request)
        return None if value is None else (value,)
    head, slash, tag = key.partition("/")
    if slash:
        tags = _TAGS.get(head)
        value = tags(request).get(tag) if tags else None
        return None if value is None else (value,)
    if key == "s3:requestobjecttagkeys":
        return tuple(_request_tags(request)) or None
    if key.startswith("s3:") and key[3:] in _HEADER_KEYS:
        header = request.context.headers.get(key[3:])
        return None if header is None else (header,)
    if key in _QUERY_KEYS and request.action in _LIST_ACTIONS:
        return (request.context.query[_QUERY_KEYS[key]],) if _QUERY_KEYS[key] in request.context.query else None
    return None


def _header(name: str) -> KeyFunction:
    return lambda request: request.context.headers.get(name)


def _account(request: AuthorizationRequest) -> str | None:
    return request.caller.account.id if request.caller.account else None


def _arn(request: AuthorizationRequest) -> str | None:
    return None if request.caller.account is None else request.caller.principal_arn


def _user_name(request: AuthorizationRequest) -> str | None:
    """Return the name of an IAM user; None for any other caller, such as the session of a role."""
    caller = request.caller
    if caller.identity is None or (caller.session is not None and caller.session.resource is not None):
        return None
    return caller.identity.name


def _user_id(request: AuthorizationRequest) -> str:
    return request.caller.user_id


def _principal_type(request: AuthorizationRequest) -> str:
    caller = request.caller
    if caller.session is not None and caller.session.resource is not None:
        return "AssumedRole" if caller.session.role is not None else "FederatedUser"
    if caller.service is not None:
        return "Service"
    return "Anonymous" if caller.is_anonymous else "Account" if caller.is_root else "User"


def _mfa(request: AuthorizationRequest) -> str | None:
    """Return whether temporary credentials were requested with MFA; long-term credentials do not have the key (None)."""
    session = request.caller.session
    return None if session is None else "true" if session.mfa else "false"


def _token_issue_time(request: AuthorizationRequest) -> str | None:
    session = request.caller.session
    return None if session is None or session.issued is None else session.issued.strftime("%Y-%m-%dT%H:%M:%SZ")


def _auth_type(request: AuthorizationRequest) -> str | None:
    if "authorization" in request.context.headers:
        return "REST-HEADER"
    if "X-Amz-Credential" in request.context.query or "AWSAccessKeyId" in request.context.query:
        return "REST-QUERY-STRING"
    return None if request.caller.is_anonymous else "POST"


def _signature_version(request: AuthorizationRequest) -> str | None:
    authorization = request.context.headers.get("authorization", "")
    if authorization.startswith("AWS4-") or "X-Amz-Algorithm" in request.context.query:
        return "AWS4-HMAC-SHA256"
    if authorization.startswith("AWS ") or "AWSAccessKeyId" in request.context.query:
        return "AWS"
    if _auth_type(request) == "POST":  # a posted form: its fields are handled as headers
        return "AWS4-HMAC-SHA256" if "x-amz-algorithm" in request.context.headers else "AWS"
    return None


def _signature_age(request: AuthorizationRequest) -> str | None:
    """Return the milliseconds since a presigned URL was signed; None for any other request."""
    from datetime import datetime

    signed = request.context.query.get("X-Amz-Date", "")
    try:
        signed_at = datetime.strptime(signed, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
    except ValueError:
        return None
    return str((request.context.now - signed_at) // timedelta(milliseconds=1))


def _header_or_document(header: str, subresource: str, member: str) -> KeyFunction:
    """Return the function of a key that comes from a header of a write, or from the document that sets a subresource."""

    def find(request: AuthorizationRequest) -> str | None:
        if is_document(request, subresource):
            return document_value(request, subresource, member)
        return request.context.headers.get(header)

    return find


_retain_until = _header_or_document("x-amz-object-lock-retain-until-date", "retention", "RetainUntilDate")


def _remaining_days(request: AuthorizationRequest) -> str | None:
    """Return the whole days from now to the requested retain-until date; None: the request has none."""
    from ...protocol.timestamps import parse_iso_date

    retain_until = parse_iso_date(_retain_until(request) or "")
    return None if retain_until is None else str((retain_until - request.context.now).days)


_SINGLE_VALUED: dict[str, KeyFunction] = {
    "aws:currenttime": lambda request: request.context.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
    "aws:epochtime": lambda request: str(int(request.context.now.timestamp())),
    "aws:multifactorauthpresent": _mfa,
    "aws:principalaccount": _account,
    "aws:principalarn": _arn,
    "aws:principalisawsservice": lambda request: "false" if request.caller.service is None else "true",
    "aws:principalservicename": lambda request: request.caller.service,
    "aws:principaltype": _principal_type,
    "aws:referer": _header("referer"),
    "aws:requestedregion": lambda request: request.context.region or None,
    "aws:resourceaccount": lambda request: request.bucket.account if request.bucket else _account(request),
    "aws:securetransport": lambda request: "true" if request.context.http_request.scheme == "https" else "false",
    "aws:sourceip": lambda request: request.context.http_request.client,
    "aws:sourcevpc": lambda request: request.context.http_request.vpc,
    "aws:tokenissuetime": _token_issue_time,
    "aws:useragent": _header("user-agent"),
    "aws:userid": _user_id,
    "aws:username": _user_name,
    "aws:viaawsservice": lambda request: "false",
    "s3:authtype": _auth_type,
    "s3:object-lock-legal-hold": _header_or_document("x-amz-object-lock-legal-hold", "legal-hold", "Status"),
    "s3:object-lock-mode": _header_or_document("x-amz-object-lock-mode", "retention", "Mode"),
    "s3:object-lock-remaining-retention-days": _remaining_days,
    "s3:object-lock-retain-until-date": _retain_until,
    "s3:resourceaccount": lambda request: request.bucket.account if request.bucket else _account(request),
    "s3:signatureage": _signature_age,
    "s3:signatureversion": _signature_version,
    "s3:versionid": lambda request: request.version_id,
}
"""Single-valued keys. Keys without an entry (``aws:SourceVpce``, ``aws:PrincipalOrgID`` ...) are absent from every request."""


def _existing_tags(request: AuthorizationRequest) -> Mapping[str, str]:
    return request.version.properties.tags if request.version else {}


def _request_tags(request: AuthorizationRequest) -> Mapping[str, str]:
    if is_document(request, "tagging"):
        return document_tags(request)
    header = request.context.headers.get("x-amz-tagging")
    return dict(parse_qsl(header, keep_blank_values=True)) if header else {}


def _session_tags(request: AuthorizationRequest) -> Mapping[str, str]:
    return request.caller.session.tags if request.caller.session else {}


def _bucket_tags(request: AuthorizationRequest) -> Mapping[str, str]:
    """Return the tags of the bucket, of requests for it and its objects. They count while ABAC is enabled only."""
    bucket = request.bucket
    if bucket is None:
        return {}
    tags = bucket.abac_tags
    if bucket.tags and not tags:
        request.looked_for_tags = True
    return tags


def _resource_tags(request: AuthorizationRequest) -> Mapping[str, str]:
    """Return the tags of what is authorized.

    An access point, which is authorized beside its bucket, has none. (Assumed, not recorded from AWS: those of the bucket are not
    those of its access points, but ``s3:BucketTag`` is the same for both.)
    """
    return {} if request.is_to_access_point else _bucket_tags(request)


_TAGS: dict[str, Callable[[AuthorizationRequest], Mapping[str, str]]] = {
    "aws:principaltag": _session_tags,
    "aws:resourcetag": _resource_tags,
    "s3:buckettag": _bucket_tags,
    "s3:existingobjecttag": _existing_tags,
    "s3:requestobjecttag": _request_tags,
}
