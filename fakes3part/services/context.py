"""The context of an operation of STS, KMS or S3 Control."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from ..auth.authorization.caller_policies import policies_of
from ..auth.authorization.condition_keys import condition_values
from ..auth.authorization.evaluate import LOG
from ..auth.authorization.request import AuthorizationRequest, RequestContext
from ..auth.callers import ANONYMOUS, Account, Caller
from ..auth.policies.policy import Statement
from ..auth.policies.principals import PrincipalMatch
from ..errors import Decision
from ..message import Request

if TYPE_CHECKING:
    from ..backend import Backend


class ServiceContext:
    """A request, its caller, and the backend that it changes.

    Attributes:
        backend: what the fake consists of.
        request: the HTTP request.
        caller: anonymous until the request was authenticated.
        region: the endpoint's, or else the one that the request is signed for.
        query: the decoded query parameters, the first of each name.
        operation: AWS's name; None: the request has not been routed.
        status: replaces the model's; None: the model's counts.
        headers: added to those of the output.
    """

    __slots__ = ("backend", "caller", "headers", "operation", "query", "region", "request", "status")

    def __init__(self, backend: Backend, request: Request, region: str, query: Mapping[str, str]) -> None:
        self.backend = backend
        self.request = request
        self.region = region
        self.query = query
        self.caller: Caller = ANONYMOUS
        self.operation: str | None = None
        self.status: int | None = None
        self.headers: list[tuple[str, str]] = []

    @property
    def account(self) -> Account:
        """The caller's account. Operations are never called for anonymous callers."""
        account = self.caller.account
        assert account is not None
        return account

    def now(self) -> datetime:
        """Return the time of the fake's clock, in whole seconds."""
        return self.backend.clock.now().replace(microsecond=0)

    def authorization_request(self, action: str, conditions: Mapping[str, str] | None = None) -> AuthorizationRequest:
        """Return the request to perform an action.

        ``conditions`` are condition keys that do not come from the HTTP request, by normalised name; None: there are none.
        """
        context = RequestContext(self.caller, self.request, self.query, self.backend.clock, self.region)
        return AuthorizationRequest(context, action, extra_conditions=conditions)

    def denial_reason(self, action: str, resource: str, conditions: Mapping[str, str] | None = None) -> str | None:
        """Return why the caller's own policies do not allow an action, in AWS's words; None: they allow it.

        A root user needs no policy. ``conditions``: as for `authorization_request`.
        """
        policies = policies_of(self.caller)
        lookup = partial(condition_values, self.authorization_request(action, conditions))

        def matches(statement: Statement) -> PrincipalMatch:
            return statement.match(self.caller, action, resource, lookup)

        statement = policies.deny_statement(matches)
        if statement is not None:
            kind = f"{'an' if statement[0][0] == 'i' else 'a'} {statement[0]} policy"
            return f"with an explicit deny in {kind}"
        if not policies.session_allows(matches):
            return f"because no session policy allows the {action} action"
        if not self.caller.is_root and policies.allow_statement(matches) is None:
            return f"because no identity-based policy allows the {action} action"
        return None

    def record_denial(self, action: str, resource: str, reason: str, message: str | None = None) -> str:
        """Store the denial as ``last_denial``, log it, and return the message for the client.

        ``message`` None: AWS's general text.
        """
        text = message or f"User: {self.caller.arn} is not authorized to perform: {action} on resource: {resource}"
        decision = Decision(False, action, resource, self.caller.arn, reason, None, text)
        self.backend.last_denial = decision
        LOG.warning("%s", decision)
        return text
