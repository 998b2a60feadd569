"""An authorization request: who wants to perform which action on which resource."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias

from ...clock import Clock
from ...message import Request
from ...state.access_control import ENFORCED
from ...state.access_points import AccessPoint
from ...state.bucket import Bucket
from ...state.objects import Version
from ..callers import Caller

Conditions: TypeAlias = Mapping[str, "str | tuple[str, ...]"]
"""Normalised condition key -> its value, or the values of a multivalued key."""

ALL_BUCKETS = "arn:aws:s3:::*"
"""The resource of actions that concern no bucket, such as ``s3:ListAllMyBuckets``."""

_OWNED_BY_BUCKET_OWNER = frozenset(
    [
        "s3:AbortMultipartUpload",
        "s3:DeleteObject",
        "s3:DeleteObjectVersion",
        "s3:ListMultipartUploadParts",
        "s3:ObjectOwnerOverrideToBucketOwner",
        "s3:PutObject",
        "s3:ReplicateDelete",
        "s3:ReplicateObject",
        "s3:ReplicateTags",
    ]
)
"""Actions on a key that the bucket owner authorizes, whichever account owns the object."""

SUBRESOURCES = {
    "s3:PutObjectAcl": "acl",
    "s3:PutObjectTagging": "tagging",
    "s3:PutObjectRetention": "retention",
    "s3:PutObjectLegalHold": "legal-hold",
}
"""Action -> the query parameter of the operation named like it. Without the parameter the action is part of writing an object."""


@dataclass(slots=True)
class RequestContext:
    """What is the same for every action that one HTTP request needs: IAM's "request context".

    Attributes:
        query: decoded query parameters.
        region: of the endpoint (``aws:RequestedRegion``); empty: the condition key is absent.
    """

    caller: Caller
    http_request: Request
    query: Mapping[str, str]
    clock: Clock
    region: str = ""

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of the HTTP request, by lower-case name."""
        return self.http_request.headers

    @property
    def now(self) -> datetime:
        """The time on the fake's clock."""
        return self.clock.now()


@dataclass(slots=True, eq=False)
class AuthorizationRequest:
    """One IAM action on one resource, to be allowed or denied.

    Attributes:
        action: such as ``s3:GetObject``.
        bucket: None: the action concerns no existing bucket.
        key: None: the action concerns the bucket itself.
        version_id: the version that is addressed; None: the current one.
        access_point: the access point through which the bucket is addressed; None: it is addressed directly.
        bucket_name: the name of a bucket that is to be created; None for any other request.
        extra_conditions: condition keys whose values do not come from the HTTP request; None: there are none.
        arn: the ARN of what is addressed, without the key; None: that of the bucket.
        key_separator: what stands between ``arn`` and the key in the ARN of the object.
        owner_account: the account that owns the resource; None: it follows from the bucket and the object.
        is_on_outpost: policies name the actions ``s3-outposts:...``.
        denied_reason: why it is denied whatever the policies say; None: the policies decide.
        identity_already_checked: the caller's own policies have allowed it already, on the access point.
        is_to_access_point: it is the part of a request through an access point that the access point itself authorizes.
        policy_name: how the reason of a decision calls the resource's policy.
    """

    context: RequestContext
    action: str
    bucket: Bucket | None = None
    key: str | None = None
    version_id: str | None = None
    access_point: AccessPoint | None = None
    bucket_name: str | None = None
    extra_conditions: Conditions | None = None
    arn: str | None = None
    key_separator: str = "/"
    owner_account: str | None = None
    is_on_outpost: bool = False
    denied_reason: str | None = None
    identity_already_checked: bool = False
    is_to_access_point: bool = False
    policy_name: str = "bucket"
    looked_for_tags: bool = field(default=False, init=False, repr=False)
    """A policy has compared tags that the bucket has, and that do not count: ABAC is disabled."""
    _version: Version | None = field(default=None, init=False, repr=False)
    _version_is_known: bool = field(default=False, init=False, repr=False)

    @property
    def caller(self) -> Caller:
        """The sender of the request."""
        return self.context.caller

    @property
    def resource(self) -> str:
        """The ARN of the resource."""
        arn = self.arn
        if arn is None:
            name = self.bucket.name if self.bucket is not None else self.bucket_name
            if name is None:
                return ALL_BUCKETS
            arn = f"arn:aws:s3:::{name}"
        return arn if self.key is None else f"{arn}{self.key_separator}{self.key}"

    @property
    def policy_action(self) -> str:
        """The action as policies name it."""
        return self.action.replace("s3:", "s3-outposts:", 1) if self.is_on_outpost else self.action

    @property
    def is_part_of_write(self) -> bool:
        """Whether the action sets the ACL, tags or lock of an object that the same request writes.

        An object that exists under the key does not matter then.
        """
        return self.action in SUBRESOURCES and SUBRESOURCES[self.action] not in self.context.query

    @property
    def version(self) -> Version | None:
        """The addressed version of the object; None: there is none, or it is a delete marker."""
        if not self._version_is_known:
            self._version = self._find_version()
            self._version_is_known = True
        return self._version

    def _find_version(self) -> Version | None:
        if self.bucket is None or self.key is None or self.is_part_of_write:
            return None
        with self.bucket.lock:
            if self.version_id is not None:
                version = self.bucket.version(self.key, self.version_id)
            else:
                version = self.bucket.objects.get(self.key)
        return None if version is None or version.is_delete_marker else version

    @property
    def owner(self) -> str:
        """The id of the account that owns the resource: the bucket's, or the object's in a bucket with ACLs."""
        if self.owner_account is not None:
            return self.owner_account
        if self.bucket is None:
            return self.caller.account.id if self.caller.account else ""
        if self.bucket.ownership != ENFORCED and self.action not in _OWNED_BY_BUCKET_OWNER and self.version is not None:
            return self.version.owner
        return self.bucket.account

    def for_action(self, action: str, key: str | None) -> AuthorizationRequest:
        """Return a request for another action on the same bucket."""
        return replace(self, action=action, key=key, version_id=None)
