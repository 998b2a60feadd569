"""May they, in a directory bucket.

Zonal operations are all one action, ``s3express:CreateSession``: who holds a session was asked when it was made, who signs by
IAM credentials is asked each time. The operations of the control plane have actions of their own, which only identity policies
can allow, and never to another account.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...clock import Clock
from ...errors import Decision, S3Error
from ...message import Request
from ...rules.directory_buckets import READS, WITHOUT_SESSION, ZONAL
from ...state.bucket import Bucket
from ..callers import Caller
from ..express_sessions import READ_ONLY, READ_WRITE
from ..policies.actions import needed
from ..policies.conditions import PolicyError
from ..policies.patterns import Pattern
from ..policies.policy import Policy
from .evaluate import authorize, denied, judge, unquestioned
from .request import Access

CREATE_SESSION = "s3express:CreateSession"


def arn(name: str, account: str, region: str) -> str:
    """The ARN of a directory bucket."""
    return f"arn:aws:s3express:{region}:{account}:bucket/{name}"


def arn_of(bucket: Bucket) -> str:
    """The ARN of a directory bucket that is there."""
    return arn(bucket.name, bucket.account, bucket.region)


class ExpressAccess(Access):
    """May the caller do this with the directory bucket, or (``bucket`` None) with one of that name?"""

    def __init__(self, caller: Caller, action: str, bucket: Bucket | None, resource: str, request: Request, **more: Any) -> None:
        super().__init__(caller, action, bucket, None, request, **more)
        self.resource = resource


def _ask(
    caller: Caller, action: str, bucket: Bucket, request: Request, query: Mapping[str, str], clock: Clock, **given: str
) -> ExpressAccess:
    known = {"s3express:locationname": bucket.zone or "", "s3express:resourceaccount": bucket.account}
    return ExpressAccess(
        caller,
        action,
        bucket,
        arn_of(bucket),
        request,
        query=query,
        region=bucket.region,
        clock=clock,
        given={**known, **{f"s3express:{name}": value for name, value in given.items()}},
    )


def permit_directory(
    operation: str, caller: Caller, bucket: Bucket, request: Request, query: Mapping[str, str], clock: Clock
) -> None:
    """Raise unless the caller may. (CreateSession asks for itself: what is allowed decides what it gives.)

    Raises:
        S3Error: AccessDenied.
    """
    if caller.is_anonymous:
        raise S3Error("AccessDenied")
    if operation in ZONAL:
        if caller.express is not None and operation in WITHOUT_SESSION:
            raise S3Error("AccessDenied")
        if operation != "CreateSession":
            permit_zonal(caller, bucket, request, query, clock, writes=operation not in READS)
        return
    if unquestioned(caller, bucket):
        return
    for action in needed(operation, request.headers, query):
        authorize(_ask(caller, action.replace("s3:", "s3express:", 1), bucket, request, query, clock))


def permit_zonal(
    caller: Caller, bucket: Bucket, request: Request, query: Mapping[str, str], clock: Clock, *, writes: bool
) -> None:
    """Raise unless the caller may read (and write) the bucket's objects.

    Raises:
        S3Error: AccessDenied.
    """
    session = caller.express
    if session is not None and session.mode:
        if writes and session.mode != READ_WRITE:
            raise S3Error("AccessDenied")
    elif not unquestioned(caller, bucket):
        session_mode(caller, bucket, request, query, clock, (READ_WRITE,) if writes else (READ_WRITE, READ_ONLY))


def session_mode(
    caller: Caller, bucket: Bucket, request: Request, query: Mapping[str, str], clock: Clock, modes: tuple[str, ...]
) -> str:
    """The first of the modes in which the caller may have a session.

    Raises:
        S3Error: AccessDenied for all of them.
    """
    decision: Decision | None = None
    for mode in modes:
        asked = judge(_ask(caller, CREATE_SESSION, bucket, request, query, clock, sessionmode=mode))
        if asked.allowed:
            return mode
        decision = decision or asked
    assert decision is not None
    raise denied(decision)


def explain_directory(
    what: str, caller: Caller, bucket: Bucket, request: Request, query: Mapping[str, str], clock: Clock
) -> Decision:
    """The first denial, or else the decision, on an operation or an action."""
    if ":" in what:
        return judge(_ask(caller, what, bucket, request, query, clock))
    if what in ZONAL:
        modes = (READ_WRITE, READ_ONLY) if what in READS or what == "CreateSession" else (READ_WRITE,)
        decisions = [judge(_ask(caller, CREATE_SESSION, bucket, request, query, clock, sessionmode=mode)) for mode in modes]
        return next((decision for decision in decisions if decision.allowed), decisions[0])
    [action, *_] = needed(what, request.headers, query)
    return judge(_ask(caller, action.replace("s3:", "s3express:", 1), bucket, request, query, clock))


def permit_new(
    name: str, caller: Caller, request: Request, query: Mapping[str, str], region: str, clock: Clock, *, tagged: bool
) -> None:
    """Raise unless the caller may create a directory bucket of this name.

    Raises:
        S3Error: AccessDenied.
    """
    account = caller.account.id if caller.account else ""
    for action in ("CreateBucket", "TagResource") if tagged else ("CreateBucket",):
        resource = arn(name, account, region)
        authorize(
            ExpressAccess(
                caller, f"s3express:{action}", None, resource, request, query=query, name=name, region=region, clock=clock
            )
        )


def check_policy(policy: Policy, bucket: Bucket) -> None:
    """The policy of a directory bucket speaks of one action and of that bucket.

    Raises:
        PolicyError: in AWS's words.
    """
    own = arn_of(bucket)
    for statement in policy.statements:
        if not all(Pattern(text, fold=True).matches(CREATE_SESSION, lambda key: None) for text in statement.actions.texts):
            raise PolicyError("Policy has invalid action")
        if not all("${" in text or Pattern(text).matches(own, lambda key: None) for text in statement.resources.texts):
            raise PolicyError("Policy has invalid resource")
