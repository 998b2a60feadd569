"""Authorizes requests through access points, which the access point and its bucket must both allow.

Each of them is evaluated like a bucket, with its own ARN, owner, policy and public access block. A bucket delegates to its access
points by a statement with ``"Condition": {"StringEquals": {"s3:DataAccessPointAccount": "123456789012"}}``. Source: "Configuring
IAM policies for using access points" in the S3 user guide.

Assumed, not recorded from AWS: a user of the bucket's account that no bucket policy names needs an identity policy for both ARNs;
a user of another account needs one for the access point's ARN only, if the bucket delegates to the access point.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import copy
from dataclasses import replace

from ...message import Request
from ...state.access_control import BUCKET_OWNER, ENFORCED, combined
from ...state.access_points import AccessPoint, bucket_arn
from ...state.bucket import Bucket
from ..policies.conditions import PolicyError
from ..policies.policy import Policy, bucket_policy
from ..policies.validation import is_public, resource_levels
from .request import AuthorizationRequest

_OBJECT_SEPARATOR = "/object/"
_OUTPOSTS_PREFIX = re.compile("^s3-outposts:", re.IGNORECASE)


def parts(request: AuthorizationRequest) -> tuple[AuthorizationRequest, ...]:
    """Return the requests to evaluate, all of which must be allowed.

    A request through an access point has two: one to the access point, one to its bucket. Any other request is its only part.
    """
    point, bucket = request.access_point, request.bucket
    if point is None:
        return (request,)
    assert bucket is not None
    caller, on_outpost = request.caller, bucket.outpost is not None
    shared = replace(
        request,
        access_point=None,
        bucket_name=None,
        extra_conditions={**(request.extra_conditions or {}), **_conditions(point)},
        is_on_outpost=on_outpost,
    )
    to_access_point = replace(
        shared,
        bucket=_as_bucket(point, bucket),
        arn=point.arn,
        key_separator=_OBJECT_SEPARATOR,
        denied_reason=_network_denial(request.context.http_request, point),
        is_to_access_point=True,
        policy_name="access point",
    )
    to_bucket = replace(
        shared,
        arn=bucket_arn(bucket),
        key_separator=_OBJECT_SEPARATOR if on_outpost else "/",
        identity_already_checked=caller.account is not None and caller.account.id != bucket.account,
    )
    return to_access_point, to_bucket


def _conditions(point: AccessPoint) -> Mapping[str, str]:
    """Return the condition keys of requests through the access point."""
    prefix = "s3" if point.outpost is None else "s3-outposts"
    return {
        f"{prefix}:dataaccesspointarn": point.arn,
        f"{prefix}:dataaccesspointaccount": point.account,
        f"{prefix}:accesspointnetworkorigin": point.network_origin,
    }


def _network_denial(request: Request, point: AccessPoint) -> str | None:
    """Return why the access point's network origin denies the request; None: it does not.

    The host of a VPC endpoint can be reached from its VPC only.
    """
    if point.vpc is None or point.outpost is not None or request.vpc == point.vpc or ".vpce." in request.host:
        return None
    return f"the access point is for requests from {point.vpc} only, and this one comes from {request.vpc or 'the internet'}"


def _as_bucket(point: AccessPoint, bucket: Bucket) -> Bucket:
    """Return the access point as a bucket: the same objects, its own owner and policy, the strictest public access block."""
    view = copy(bucket)
    view.account, view.policy = point.account, point.policy
    view.ownership, view.acl, view.payer = ENFORCED, None, BUCKET_OWNER
    view.public_access_block = combined(
        combined(point.block, bucket.effective_public_access_block), bucket.public_access_blocks.get(point.account)
    )
    view.public_access_blocks = {}
    if point.policy is not None and not is_public_access_point(point):
        view.public_access_block = None  # the policy is not public
    return view


# --- its policy ------------------------------------------------------------------------------------------------------


def is_public_access_point(point: AccessPoint, text: str | None = None) -> bool:
    """Return whether a policy (None: its own) makes the access point public. One with a VPC origin never is."""
    text = point.policy if text is None else text
    return text is not None and point.vpc is None and is_public(bucket_policy(text))


def check_access_point_policy(text: str, arn: str) -> Policy:
    """Parse the policy of an access point, or of a bucket on an Outpost. Its resources must be ``arn`` or objects in it.

    Raises:
        PolicyError: it is malformed, with AWS's message.
    """
    policy: Policy = bucket_policy(text)
    for statement in policy.statements:
        action_levels = [
            resource_levels(_s3_action(action, on_outpost=":s3-outposts:" in arn)) for action in statement.actions.texts
        ]
        levels = {_level_of_resource(resource, arn) for resource in statement.resources.texts}
        if statement.actions.negated or statement.resources.negated:
            continue
        if any(not needed & levels for needed in action_levels):
            raise PolicyError("Action does not apply to any resource(s) in statement")
    return policy


def _s3_action(action: str, *, on_outpost: bool) -> str:
    """Return the action with the prefix ``s3:``."""
    if not on_outpost or action == "*":
        return action
    if not _OUTPOSTS_PREFIX.match(action):
        raise PolicyError("Policy has invalid action")
    return _OUTPOSTS_PREFIX.sub("s3:", action)


def _level_of_resource(resource: str, arn: str) -> str:
    if resource == arn:
        return "bucket"
    if resource.startswith(f"{arn}{_OBJECT_SEPARATOR}"):
        return "object"
    raise PolicyError("Policy has invalid resource")
