"""Carries out what is injected into one call: before the operation, and on its response."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..clock import Clock
from ..message import Delivery, Response
from .matching import PendingCall
from .pauses import Pause
from .rule import Rule

if TYPE_CHECKING:
    from ..protocol.model import Operation


class Injection:
    """The pauses and fault effects of one call.

    Args:
        call: the call.
        clock: the clock by which delays take time.
        rule: the rule whose effect is injected; None: there are only delays and pauses.
        delays: the rules whose effects only delay.
        pauses: the pauses before and after the operation.

    Attributes:
        name: the effects' labels, for the journal; None if the call is only held by a pause.
        latency: the delay in seconds.
        repeats_request: whether the operation is performed once more, the first response dropped.
    """

    __slots__ = ("_call", "_clock", "_effect", "_pauses", "_rate", "_rule", "latency", "name", "repeats_request")

    def __init__(
        self, call: PendingCall, clock: Clock, rule: Rule | None, delays: Sequence[Rule], pauses: Sequence[Pause]
    ) -> None:
        self._call = call
        self._clock = clock
        self._rule = rule
        self._effect = None if rule is None else rule.effect
        self._pauses = pauses
        self.latency = sum(delay.effect.latency(delay.random) for delay in delays)
        self._rate = min((delay.effect.bandwidth for delay in delays if delay.effect.bandwidth is not None), default=None)
        self.name = "+".join(applied.effect.label for applied in (*delays, rule) if applied is not None) or None
        self.repeats_request = self._effect is not None and self._effect.repeats_request

    @property
    def reorders(self) -> bool:
        """Whether a notification is held back until the next one was delivered."""
        return self._effect is not None and self._effect.reorders

    @property
    def notification_failure(self) -> str | None:
        """Why a notification does not reach its destination; None: it does."""
        return None if self._effect is None else self._effect.notification_failure()

    def before(self, operation: Operation) -> bool:
        """Act before the operation. Return False if the request does not arrive, so that the operation is not performed.

        Raises:
            S3Error: the response, in place of the operation's.
        """
        self._hold(after=False)
        delay = self.latency
        if self._rate is not None:
            delay += (self._call.request.content_length or 0) / self._rate
        if delay:
            self._clock.sleep(delay)
        return self._effect is None or self._effect.before(operation)

    def after(self, response: Response) -> None:
        """Act on the response: change it, and set how it is delivered."""
        delivery = None if self._effect is None else self._effect.deliver(response)
        if delivery is not None and self._rule is not None:
            response.delivery = replace(delivery, rate=self._rate, sleep=self._clock.sleep, removed=self._rule.removed)
        elif self._rate is not None:
            response.delivery = Delivery(rate=self._rate, sleep=self._clock.sleep)
        self._hold(after=True)

    def _hold(self, *, after: bool) -> None:
        for pause in self._pauses:
            if pause.after is after:
                pause.hold(self._call)
