"""Authorizes operations on directory buckets.

All zonal operations need the action ``s3express:CreateSession``: a session was authorized when it was created, requests that are
signed with IAM credentials are authorized each time. Control plane operations have actions of their own, which only identity
policies can allow, and only to callers of the bucket's account.

Sources: "Authorizing Zonal endpoint API operations with CreateSession" and "Authorizing Regional endpoint API operations with
IAM" in the S3 user guide.
"""

from __future__ import annotations

from dataclasses import replace

from ...errors import Decision, S3Error
from ...rules.directory_buckets import READ_ONLY, READ_WRITE, READS, WITHOUT_SESSION, ZONAL
from ...state.bucket import Bucket
from ..policies.actions import required_actions
from ..policies.conditions import PolicyError
from ..policies.patterns import Pattern
from ..policies.policy import Policy
from .evaluate import access_denied, authorize, evaluate, is_always_allowed
from .request import AuthorizationRequest, RequestContext

CREATE_SESSION = "s3express:CreateSession"


def directory_bucket_arn(name: str, account: str, region: str) -> str:
    """Return the ARN of the directory bucket with this name."""
    return f"arn:aws:s3express:{region}:{account}:bucket/{name}"


def arn_of_bucket(bucket: Bucket) -> str:
    """Return the ARN of an existing directory bucket."""
    return directory_bucket_arn(bucket.name, bucket.account, bucket.region)


def _request(context: RequestContext, action: str, bucket: Bucket, session_mode: str | None = None) -> AuthorizationRequest:
    """Return the request for an action on a directory bucket; ``session_mode`` None: the action has no such condition key."""
    conditions = {"s3express:locationname": bucket.zone or "", "s3express:resourceaccount": bucket.account}
    if session_mode is not None:
        conditions["s3express:sessionmode"] = session_mode
    in_region = replace(context, region=bucket.region)
    return AuthorizationRequest(in_region, action, bucket, extra_conditions=conditions, arn=arn_of_bucket(bucket))


def authorize_directory_operation(operation: str, context: RequestContext, bucket: Bucket) -> None:
    """Raise unless the caller may perform the operation. CreateSession is authorized by `allowed_session_mode`.

    Raises:
        S3Error: AccessDenied.
    """
    caller = context.caller
    if caller.is_anonymous:
        raise S3Error("AccessDenied")
    if operation in ZONAL:
        if caller.express is not None and operation in WITHOUT_SESSION:
            raise S3Error("AccessDenied")
        if operation != "CreateSession":
            authorize_zonal(context, bucket, writes=operation not in READS)
        return
    if is_always_allowed(caller, bucket):
        return
    for action in required_actions(operation, context.headers, context.query):
        authorize(_request(context, action.replace("s3:", "s3express:", 1), bucket))


def authorize_zonal(context: RequestContext, bucket: Bucket, *, writes: bool) -> None:
    """Raise unless the caller may read the bucket's objects, and with ``writes`` write them.

    Raises:
        S3Error: AccessDenied.
    """
    session = context.caller.express
    if session is not None and session.mode:
        if writes and session.mode != READ_WRITE:
            raise S3Error("AccessDenied")
    elif not is_always_allowed(context.caller, bucket):
        allowed_session_mode(context, bucket, (READ_WRITE,) if writes else (READ_WRITE, READ_ONLY))


def allowed_session_mode(context: RequestContext, bucket: Bucket, modes: tuple[str, ...]) -> str:
    """Return the first of the modes in which the caller may create a session.

    Raises:
        S3Error: AccessDenied if none is allowed.
    """
    first_denial: Decision | None = None
    for mode in modes:
        decision = evaluate(_request(context, CREATE_SESSION, bucket, mode))
        if decision.allowed:
            return mode
        first_denial = first_denial or decision
    assert first_denial is not None
    raise access_denied(first_denial)


def explain_directory(operation_or_action: str, context: RequestContext, bucket: Bucket) -> Decision:
    """Return the decision on an operation (``PutObject``) or an action (``s3express:CreateSession``)."""
    if ":" in operation_or_action:
        return evaluate(_request(context, operation_or_action, bucket))
    if operation_or_action in ZONAL:
        modes = (
            (READ_WRITE, READ_ONLY) if operation_or_action in READS or operation_or_action == "CreateSession" else (READ_WRITE,)
        )
        decisions = [evaluate(_request(context, CREATE_SESSION, bucket, mode)) for mode in modes]
        return next((decision for decision in decisions if decision.allowed), decisions[0])
    [action, *_] = required_actions(operation_or_action, context.headers, context.query)
    return evaluate(_request(context, action.replace("s3:", "s3express:", 1), bucket))


def authorize_create_directory_bucket(context: RequestContext, name: str, *, tagged: bool) -> None:
    """Raise unless the caller may create a directory bucket of this name in the region of the context.

    Raises:
        S3Error: AccessDenied.
    """
    account = context.caller.account.id if context.caller.account else ""
    resource = directory_bucket_arn(name, account, context.region)
    for action in ("CreateBucket", "TagResource") if tagged else ("CreateBucket",):
        authorize(AuthorizationRequest(context, f"s3express:{action}", bucket_name=name, arn=resource))


def check_directory_bucket_policy(policy: Policy, bucket: Bucket) -> None:
    """Raise unless the policy is about the action ``s3express:CreateSession`` and this directory bucket only.

    Raises:
        PolicyError: with AWS's message.
    """
    bucket_arn = arn_of_bucket(bucket)
    for statement in policy.statements:
        if not all(Pattern(text, ignore_case=True).matches(CREATE_SESSION, lambda key: None) for text in statement.actions.texts):
            raise PolicyError("Policy has invalid action")
        if not all("${" in text or Pattern(text).matches(bucket_arn, lambda key: None) for text in statement.resources.texts):
            raise PolicyError("Policy has invalid resource")
