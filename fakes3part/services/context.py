"""What an operation of STS, KMS or S3 Control is given beside its params: the fake, who asks, and where."""

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
    """One request.

    Attributes:
        caller: who asks; anonymous until the request was authenticated.
        region: of the endpoint, or else the one that the request is signed for.
        query: decoded; the first of each name.
        operation: AWS's name, once it is known.
        status: replaces the model's; None: that stays.
        headers: sent beside the output's.
    """

    __slots__ = ("caller", "fake", "headers", "operation", "query", "region", "request", "status")

    def __init__(self, backend: Backend, request: Request, region: str, query: Mapping[str, str]) -> None:
        self.fake = backend
        self.request = request
        self.region = region
        self.query = query
        self.caller: Caller = ANONYMOUS
        self.operation: str | None = None
        self.status: int | None = None
        self.headers: list[tuple[str, str]] = []

    @property
    def account(self) -> Account:
        """The caller's; only who has one comes as far as an operation."""
        account = self.caller.account
        assert account is not None
        return account

    def now(self) -> datetime:
        """The time of the fake, in whole seconds."""
        return self.fake.clock.now().replace(microsecond=0)

    def authorization_request(self, action: str, conditions: Mapping[str, str] | None = None) -> AuthorizationRequest:
        """Return the request to perform an action.

        ``conditions`` are condition keys that do not come from the HTTP request, by normalised name; None: there are none.
        """
        context = RequestContext(self.caller, self.request, self.query, self.fake.clock, self.region)
        return AuthorizationRequest(context, action, extra_conditions=conditions)

    def denial_reason(self, action: str, resource: str, conditions: Mapping[str, str] | None = None) -> str | None:
        """Why the caller's own policies do not let it do this, in AWS's words; None: they do. A root needs none."""
        own = policies_of(self.caller)
        lookup = partial(condition_values, self.authorization_request(action, conditions))

        def matches(statement: Statement) -> PrincipalMatch:
            return statement.match(self.caller, action, resource, lookup)

        denying = own.deny_statement(matches)
        if denying is not None:
            kind = f"{'an' if denying[0][0] == 'i' else 'a'} {denying[0]} policy"
            return f"with an explicit deny in {kind}"
        if not own.session_allows(matches):
            return f"because no session policy allows the {action} action"
        if not self.caller.is_root and own.allow_statement(matches) is None:
            return f"because no identity-based policy allows the {action} action"
        return None

    def record_denial(self, action: str, resource: str, reason: str, message: str | None = None) -> str:
        """Keep the denial where `FakeS3.last_denial` and the log tell it; returns the words for the client."""
        words = message or f"User: {self.caller.arn} is not authorized to perform: {action} on resource: {resource}"
        decision = Decision(False, action, resource, self.caller.arn, reason, None, words)
        self.fake.last_denial = decision
        LOG.warning("%s", decision)
        return words
