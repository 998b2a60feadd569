"""PutBucketAcl, GetBucketAcl, PutObjectAcl, GetObjectAcl."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import replace

from ...errors import S3Error
from ...rules import acls
from ...state.access_control import ENFORCED, Acl
from ..context import Context, find_version, read_version_id
from ..object_ownership import check_not_blocked
from ..registry import Output, Params, operation


def _given(s3: Context, params: Params, canned: AbstractSet[str], owner: str) -> Acl:
    """The one ACL of a request: canned, in headers, or a document.

    Args:
        owner: the account that owns the thing.

    Raises:
        S3Error: UnexpectedContent for more than one, MissingSecurityHeader for none, what is wrong with it, or
            AccessControlListNotSupported.
    """
    mine, bucket = s3.canonical_id(owner), s3.bucket
    document = params.get("AccessControlPolicy")
    if acls.asks(params):
        acl = acls.asked(params, canned, mine, s3.canonical_id(bucket.account))
        if document is not None:
            raise S3Error("UnexpectedContent")
    elif document is not None:
        acl = acls.from_document(document, mine)
    else:
        raise S3Error("MissingSecurityHeader", MissingHeaderName="x-amz-acl")
    if bucket.ownership == ENFORCED:
        raise S3Error("AccessControlListNotSupported")
    check_not_blocked(bucket, acl)
    assert acl is not None
    return acl


def _shown(s3: Context, owner: str, acl: Acl | None) -> Output:
    """Owner and grants. What an ACL says is not shown while ACLs do not count."""
    element = s3.owner_element(owner)
    if acl is None or s3.bucket.ownership == ENFORCED:
        acl = acls.default(element["ID"])
    names = {} if "DisplayName" not in element else s3.display_names(grant.grantee for grant in acl)
    return {"Owner": element, "Grants": acls.as_output(acl, names)}


@operation("PutBucketAcl")
def put_bucket_acl(s3: Context, params: Params) -> Output:
    """Replace the bucket's ACL."""
    bucket = s3.bucket
    acl = _given(s3, params, acls.CANNED_FOR_BUCKETS, bucket.account)
    with bucket.lock:
        s3.ensure(bucket)
        bucket.acl = acl
    return {}


@operation("GetBucketAcl")
def get_bucket_acl(s3: Context, params: Params) -> Output:
    """The bucket's owner and grants."""
    return _shown(s3, s3.bucket.account, s3.bucket.acl)


@operation("PutObjectAcl")
def put_object_acl(s3: Context, params: Params) -> Output:
    """Replace the ACL of one version. It is neither a new version nor a change of Last-Modified."""
    bucket, key = s3.bucket, params["Key"]
    with bucket.lock:
        s3.ensure(bucket)
        _refuse_marker(s3, key, params.get("VersionId"))
        version = find_version(bucket, key, params.get("VersionId"), "PUT")
        acl = _given(s3, params, acls.CANNED_FOR_OBJECTS, s3.owner_of(bucket, version.owner))
        bucket.replace(replace(version, acl=acl))
        if acl != version.acl:  # AWS: no event when the request changes nothing
            s3.emit("ObjectAcl:Put", bucket, key, version)
        s3.tell_version(read_version_id(bucket, version))
    return {}


def _refuse_marker(s3: Context, key: str, version_id: str | None) -> None:
    """An ACL is not for delete markers, current ones included: recorded so."""
    current = s3.bucket.current(key)
    if version_id is None and current is not None and current.is_delete_marker:
        raise S3Error("MethodNotAllowed", None, Method="PUT", ResourceType="DeleteMarker")


@operation("GetObjectAcl")
def get_object_acl(s3: Context, params: Params) -> Output:
    """Owner and grants of one version."""
    bucket = s3.bucket
    with bucket.lock:
        s3.ensure(bucket)
        version = find_version(bucket, params["Key"], params.get("VersionId"))
        s3.tell_version(read_version_id(bucket, version))
    return _shown(s3, s3.owner_of(bucket, version.owner), version.acl)
