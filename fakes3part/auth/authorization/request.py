"""One question, may they, and its answer with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import TypeAlias

from ...clock import Clock
from ...message import Request
from ...state.access_control import ENFORCED
from ...state.bucket import Bucket
from ...state.objects import Version
from ..callers import Caller
from . import condition_keys

Given: TypeAlias = Mapping[str, "str | tuple[str, ...]"]
"""Condition keys and what they are: one value, or those of a key that may have several."""

_ON_THE_BUCKET = frozenset(
    [
        "s3:AbortMultipartUpload",
        "s3:DeleteObject",
        "s3:DeleteObjectVersion",
        "s3:ListMultipartUploadParts",
        "s3:PutObject",
    ]
)
"""Actions with a key that are the bucket owner's to allow, whoever owns the object."""


SUBRESOURCES = {
    "s3:PutObjectAcl": "acl",
    "s3:PutObjectTagging": "tagging",
    "s3:PutObjectRetention": "retention",
    "s3:PutObjectLegalHold": "legal-hold",
}
"""Actions on an object that is there, in a request for this sub-resource; in any other, on one that is being written."""


class Access:
    """May ``caller`` do ``action`` (``s3:GetObject``) to the bucket, or to ``key`` in it, with this request?

    ``name`` is the bucket's, for questions about a bucket that is not there yet. ``given`` are condition keys that are known
    otherwise than from the request, by normal name.

    Attributes:
        direct: no access point is between.
        barred: why it is denied, whatever policies say.
        vouched: the caller's own policies have allowed it already, on the access point.
        policy_name: what the policy of the resource is called in reasons.
    """

    direct = True
    barred: str | None = None
    vouched = False
    policy_name = "bucket"

    def __init__(
        self,
        caller: Caller,
        action: str,
        bucket: Bucket | None,
        key: str | None,
        request: Request,
        query: Mapping[str, str],
        *,
        version_id: str | None = None,
        name: str | None = None,
        region: str = "",
        clock: Clock | None = None,
        given: Given | None = None,
    ) -> None:
        self.caller = caller
        self.action = action
        self.bucket: Bucket | None = bucket
        self.key = key
        self.request: Request = request
        self.query = query
        self.version_id: str | None = version_id
        self.name = bucket.name if bucket is not None else name
        self.region: str = region
        self.clock = clock or Clock()
        self.given: Given = given or {}

    @cached_property
    def resource(self) -> str:
        """The ARN that is asked about."""
        if self.name is None:
            return "arn:aws:s3:::*"
        return f"arn:aws:s3:::{self.name}" if self.key is None else f"arn:aws:s3:::{self.name}/{self.key}"

    @cached_property
    def writes(self) -> bool:
        """A part of writing an object: its ACL, tags or lock come with it. What is there under the key does not matter."""
        return self.action in SUBRESOURCES and SUBRESOURCES[self.action] not in self.query

    @cached_property
    def version(self) -> Version | None:
        """What is there under the key (and version id), if anything but a delete marker."""
        if self.bucket is None or self.key is None or self.writes:
            return None
        with self.bucket.lock:
            if self.version_id is not None:
                found = self.bucket.version(self.key, self.version_id)
            else:
                found = self.bucket.live.get(self.key)
        return None if found is None or found.is_delete_marker else found

    @cached_property
    def owner(self) -> str:
        """The account whose word counts: the bucket's, or that of somebody else's object in a bucket with ACLs."""
        if self.bucket is None:
            return self.caller.account.id if self.caller.account else ""
        if self.bucket.ownership != ENFORCED and self.action not in _ON_THE_BUCKET and self.version is not None:
            return self.version.owner
        return self.bucket.account

    @property
    def now(self) -> datetime:
        return self.clock.now()

    @property
    def asked(self) -> str:
        """The action as policies call it."""
        return self.action

    @property
    def sides(self) -> tuple[Access, ...]:
        """The questions that this one comes to, all of which must be allowed: through an access point there are two."""
        return (self,)

    def instead(self, action: str, key: str | None) -> Access:
        """Another question about the same request."""
        return Access(
            self.caller,
            action,
            self.bucket,
            key,
            self.request,
            self.query,
            name=self.name,
            region=self.region,
            clock=self.clock,
            given=self.given,
        )

    def lookup(self, key: str) -> tuple[str, ...] | None:
        """The values of a condition key."""
        return condition_keys.values(self, key)
