"""Whether the policy of a queue, a topic or a function lets S3 send it the notifications of a bucket."""

from __future__ import annotations

import logging

from ..auth.callers import Caller
from ..auth.policies.policy import PolicyError, bucket_policy
from ..message import S3_ITSELF
from ..state.access_points import bucket_arn
from ..state.bucket import Bucket
from .notification import FUNCTION, QUEUE, TOPIC

log = logging.getLogger("fakes3part.notifications")

_ACTIONS = {QUEUE: "sqs:SendMessage", TOPIC: "sns:Publish", FUNCTION: "lambda:InvokeFunction"}
_S3 = Caller(service=S3_ITSELF)


def allows(policy: str | None, kind: str, arn: str, bucket: Bucket) -> bool:
    """Return whether a policy, in JSON, allows S3 to send the notifications of a bucket to a destination.

    A policy that cannot be read counts as one that allows it.

    Args:
        policy: None: the destination has none.
    """
    if not policy:
        return False
    values = {"aws:sourcearn": (bucket_arn(bucket),), "aws:sourceaccount": (bucket.account,)}
    try:
        statements = bucket_policy(policy).statements
    except PolicyError as error:
        log.warning("the policy of %s cannot be read: %s", arn, error)
        return True
    matching = {statement.effect for statement in statements if statement.match(_S3, _ACTIONS[kind], arn, values.get)}
    return matching == {"Allow"}
