"""May they, through an access point: the access point must allow it, and so must the bucket behind it.

Each side is judged as any bucket is, with an ARN, an owner, a policy and a public access block of its own (user guide,
"Configuring IAM policies for using access points"). A bucket leaves it all to its access points by allowing everybody who comes
through them: ``"Condition": {"StringEquals": {"s3:DataAccessPointAccount": "123456789012"}}``.

Chosen where the guide is silent: a user of the bucket's own account, whom no bucket policy means, needs an identity policy for
both ARNs; one of another account, once the bucket delegates to the access point, for the access point's alone.
"""

from __future__ import annotations

import re
from copy import copy

from ...message import Request
from ...state.access_control import BUCKET_OWNER, ENFORCED, stricter
from ...state.access_points import AccessPoint, bucket_arn
from ...state.bucket import Bucket
from ..policies.conditions import PolicyError
from ..policies.policy import Policy, bucket_policy
from ..policies.validation import is_public, levels
from .request import Access, Given

_OBJECT = "/object/"
_ON_OUTPOSTS = re.compile("^s3-outposts:", re.IGNORECASE)


class PointAccess(Access):
    """May the caller do this through the access point?"""

    direct = False

    def __init__(self, plain: Access, point: AccessPoint) -> None:
        """``plain`` is the same question without an access point."""
        super().__init__(
            plain.caller,
            plain.action,
            plain.bucket,
            plain.key,
            plain.request,
            plain.query,
            version_id=plain.version_id,
            region=plain.region,
            clock=plain.clock,
            given=plain.given,
        )
        self.point = point

    @property
    def sides(self) -> tuple[Access, ...]:
        assert self.bucket is not None
        point, bucket = self.point, self.bucket
        prefix = "s3" if point.outpost is None else "s3-outposts"
        given = {
            **self.given,
            f"{prefix}:dataaccesspointarn": point.arn,
            f"{prefix}:dataaccesspointaccount": point.account,
            f"{prefix}:accesspointnetworkorigin": point.network_origin,
        }
        first = _Side(self, _as_bucket(point, bucket), point.arn, _OBJECT, given)
        first.policy_name = "access point"
        if not _reaches(self.request, point):
            first.barred = f"the access point is for requests from {point.vpc} only, and this one comes from "
            first.barred += self.request.vpc or "the internet"
        second = _Side(self, bucket, bucket_arn(bucket), "/" if bucket.outpost is None else _OBJECT, given)
        second.vouched = self.caller.account is not None and self.caller.account.id != bucket.account
        return first, second


def _reaches(request: Request, point: AccessPoint) -> bool:
    """Whether the request comes from where the access point is for. What a VPC endpoint's host is asked comes from its VPC."""
    return point.vpc is None or point.outpost is not None or request.vpc == point.vpc or ".vpce." in request.host


class _Side(Access):
    """The question as the access point or the bucket is asked it. On an Outpost actions are called ``s3-outposts:GetObject``."""

    def __init__(self, of: Access, bucket: Bucket, arn: str, infix: str, given: Given) -> None:
        super().__init__(
            of.caller,
            of.action,
            bucket,
            of.key,
            of.request,
            of.query,
            version_id=of.version_id,
            region=of.region,
            clock=of.clock,
            given=given,
        )
        self._arn, self._infix = arn, infix
        self.resource = arn if of.key is None else f"{arn}{infix}{of.key}"

    @property
    def asked(self) -> str:
        on_outpost = self.bucket is not None and self.bucket.outpost is not None
        return self.action.replace("s3:", "s3-outposts:", 1) if on_outpost else self.action

    def instead(self, action: str, key: str | None) -> Access:
        assert self.bucket is not None
        twin = _Side(super().instead(action, key), self.bucket, self._arn, self._infix, self.given)
        twin.barred, twin.vouched, twin.policy_name = self.barred, self.vouched, self.policy_name
        return twin


def _as_bucket(point: AccessPoint, bucket: Bucket) -> Bucket:
    """The access point as a bucket of the same objects: its own owner and policy, the strictest of the public access blocks."""
    twin = copy(bucket)
    twin.account, twin.policy = point.account, point.policy
    twin.ownership, twin.acl, twin.payer = ENFORCED, None, BUCKET_OWNER
    twin.public_access_block = stricter(stricter(point.block, bucket.blocked), bucket.account_blocks.get(point.account))
    twin.account_blocks = {}
    if point.policy is not None and not point_is_public(point):
        twin.public_access_block = None  # there is nothing public to restrict
    return twin


def through(access: Access, point: AccessPoint | None) -> Access:
    """The same question, asked through an access point if there is one."""
    return access if point is None else PointAccess(access, point)


# --- its policy ------------------------------------------------------------------------------------------------------


def point_is_public(point: AccessPoint, text: str | None = None) -> bool:
    """Whether a policy (None: the one it has) makes it public. One for a VPC never is."""
    text = point.policy if text is None else text
    return text is not None and point.vpc is None and is_public(bucket_policy(text))


def check_policy(text: str, arn: str) -> Policy:
    """A policy must be one, and speak of an access point, or of a bucket on an Outpost, and of what is in it only.

    Raises:
        PolicyError: in AWS's words.
    """
    policy: Policy = bucket_policy(text)
    for statement in policy.statements:
        asked = [levels(_plain(action, on_outpost=":s3-outposts:" in arn)) for action in statement.actions.texts]
        found = {_level(resource, arn) for resource in statement.resources.texts}
        if statement.actions.negated or statement.resources.negated:
            continue
        if any(not one & found for one in asked):
            raise PolicyError("Action does not apply to any resource(s) in statement")
    return policy


def _plain(action: str, *, on_outpost: bool) -> str:
    """The action as S3 calls it anywhere else."""
    if not on_outpost or action == "*":
        return action
    if not _ON_OUTPOSTS.match(action):
        raise PolicyError("Policy has invalid action")
    return _ON_OUTPOSTS.sub("s3:", action)


def _level(resource: str, arn: str) -> str:
    if resource == arn:
        return "bucket"
    if resource.startswith(f"{arn}{_OBJECT}"):
        return "object"
    raise PolicyError("Policy has invalid resource")
