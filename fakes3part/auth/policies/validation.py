"""Validates a bucket policy against its bucket, and finds whether a policy is public.

Source: "The meaning of 'public'" in the S3 user guide, page "Blocking public access to your Amazon S3 storage".
"""

from __future__ import annotations

import re

from .actions import BUCKET_ACTIONS, OBJECT_ACTIONS
from .conditions import Condition, PolicyError
from .patterns import Pattern
from .policy import Policy, Statement

_ARN = re.compile(r"arn:aws[\w-]*:s3:::(.*)", re.ASCII | re.DOTALL)

_RESTRICTING_KEYS = frozenset(
    [
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "aws:username",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
    ]
)
"""Condition keys with which a policy for everybody is not public, if their values are fixed."""

_RESTRICTING_OPERATORS = frozenset({"StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike", "IpAddress"})


def check_bucket_policy(policy: Policy, bucket: str) -> None:
    """Raise unless actions are S3's, resources are in this bucket, and each action applies to one of the resources.

    Raises:
        PolicyError: with AWS's message.
    """
    for statement in policy.statements:
        action_levels = [resource_levels(text) for text in statement.actions.texts]
        levels_in_bucket = {level for text in statement.resources.texts for level in _levels_of_resource(text, bucket)}
        if statement.actions.negated or statement.resources.negated:
            continue
        if any(not levels & levels_in_bucket for levels in action_levels):
            raise PolicyError("Action does not apply to any resource(s) in statement")


def resource_levels(action: str) -> set[str]:
    """Return the kinds of resources (``bucket``, ``object``) that an action, which may have wildcards, applies to.

    Raises:
        PolicyError: it is not an action of S3.
    """
    pattern = Pattern(action, ignore_case=True)
    levels = set()
    for level, actions in (("bucket", BUCKET_ACTIONS), ("object", OBJECT_ACTIONS)):
        if any(pattern.matches(name, lambda key: None) for name in actions):
            levels.add(level)
    if not levels:
        raise PolicyError("Policy has invalid action")
    return levels


def _levels_of_resource(resource: str, bucket: str) -> set[str]:
    arn = _ARN.fullmatch(resource)
    name, slash, _ = arn[1].partition("/") if arn else ("", "", "")
    # A policy variable in the name has no value before a request is evaluated.
    if arn is None or not ("${" in name or Pattern(name).matches(bucket, lambda key: None)):
        raise PolicyError("Policy has invalid resource")
    if slash:
        return {"object"}
    return {"bucket", "object"} if name.endswith("*") else {"bucket"}


def is_public(policy: Policy) -> bool:
    """Return whether the policy is public, as GetBucketPolicyStatus and Block Public Access define it."""
    return any(statement.effect == "Allow" and _is_public_statement(statement) for statement in policy.statements)


def _is_public_statement(statement: Statement) -> bool:
    if not statement.negated_principals and not (statement.principals and statement.principals.is_public):
        return False
    return not any(_restricts_access(condition) for condition in statement.conditions)


def _restricts_access(condition: Condition) -> bool:
    if condition.key not in _RESTRICTING_KEYS or condition.operator not in _RESTRICTING_OPERATORS:
        return False
    if condition.if_exists or condition.quantifier == "ForAllValues:":
        return False  # a request without the key would pass
    return bool(condition.values) and all(_is_fixed_value(condition, value) for value in condition.values)


def _is_fixed_value(condition: Condition, value: str) -> bool:
    if condition.operator == "IpAddress":
        from ipaddress import ip_network

        network = ip_network(value, strict=False)
        return network.prefixlen >= (8 if network.version == 4 else 32)
    if condition.key == "aws:userid" and re.fullmatch(r"A\w+:\*", value):
        return True
    return not {"*", "?"} & set(value) and "${" not in value
