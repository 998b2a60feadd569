"""PutBucketAcl, GetBucketAcl, PutObjectAcl, GetObjectAcl."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import replace

from ...errors import S3Error
from ...rules import acls
from ...state.access_control import ENFORCED, Acl
from ..context import Context, find_version, read_response_version_id
from ..lenient_access import lift_ownership
from ..object_ownership import check_acl_not_blocked
from ..registry import Output, Params, operation
from .configurations import locked_bucket


def _requested_acl(context: Context, params: Params, canned: AbstractSet[str], owner: str) -> Acl:
    """Return the ACL of a request: canned, in grant headers, or a document.

    Args:
        owner: the account that owns the bucket or object.

    Raises:
        S3Error: UnexpectedContent for more than one ACL, MissingSecurityHeader for none, the error of a malformed ACL, or
            AccessControlListNotSupported.
    """
    owner_id, bucket = context.canonical_id(owner), context.bucket
    document = params.get("AccessControlPolicy")
    if acls.requests_acl(params):
        acl = acls.requested_acl(params, canned, owner_id, context.canonical_id(bucket.account))
        if document is not None:
            raise S3Error("UnexpectedContent")
    elif document is not None:
        acl = acls.parse_acl(document, owner_id)
    else:
        raise S3Error("MissingSecurityHeader", MissingHeaderName="x-amz-acl")
    if bucket.ownership == ENFORCED and not lift_ownership(context, bucket):
        raise S3Error("AccessControlListNotSupported")
    check_acl_not_blocked(context, bucket, acl)
    assert acl is not None
    return acl


def _acl_output(context: Context, owner: str, acl: Acl | None) -> Output:
    """Return the owner and the grants: those of the default ACL while ACLs are disabled."""
    element = context.owner_element(owner)
    if acl is None or context.bucket.ownership == ENFORCED:
        acl = acls.default_acl(element["ID"])
    names = {} if "DisplayName" not in element else context.display_names(grant.grantee for grant in acl)
    return {"Owner": element, "Grants": acls.acl_output(acl, names)}


@operation("PutBucketAcl")
def put_bucket_acl(context: Context, params: Params) -> Output:
    """Replace the bucket's ACL."""
    acl = _requested_acl(context, params, acls.CANNED_FOR_BUCKETS, context.bucket.account)
    with locked_bucket(context) as bucket:
        bucket.acl = acl
    return {}


@operation("GetBucketAcl")
def get_bucket_acl(context: Context, params: Params) -> Output:
    """Return the bucket's owner and grants."""
    return _acl_output(context, context.bucket.account, context.bucket.acl)


@operation("PutObjectAcl")
def put_object_acl(context: Context, params: Params) -> Output:
    """Replace the ACL of one version. There is no new version, and Last-Modified does not change."""
    bucket, key = context.bucket, params["Key"]
    with bucket.lock:
        context.ensure_exists(bucket)
        _refuse_marker(context, key, params.get("VersionId"))
        version = find_version(bucket, key, params.get("VersionId"), "PUT")
        owner = context.owner_of(bucket, version.owner)
        acl = _requested_acl(context, params, acls.CANNED_FOR_OBJECTS, owner)
        bucket.replace(replace(version, acl=acl))
        if acl != (version.acl or acls.default_acl(context.canonical_id(owner))):  # but the same grants in another order have one
            context.add_event("ObjectAcl:Put", bucket, key, version)
        context.add_version_header(read_response_version_id(bucket, version))
    return {}


def _refuse_marker(context: Context, key: str, version_id: str | None) -> None:
    """Raise MethodNotAllowed if the current version is a delete marker, which has no ACL: recorded from AWS, February 2026."""
    current = context.bucket.current(key)
    if version_id is None and current is not None and current.is_delete_marker:
        raise S3Error("MethodNotAllowed", None, Method="PUT", ResourceType="DeleteMarker")


@operation("GetObjectAcl")
def get_object_acl(context: Context, params: Params) -> Output:
    """Return the owner and grants of one version."""
    bucket = context.bucket
    with bucket.lock:
        context.ensure_exists(bucket)
        version = find_version(bucket, params["Key"], params.get("VersionId"))
        context.add_version_header(read_response_version_id(bucket, version))
    return _acl_output(context, context.owner_of(bucket, version.owner), version.acl)
