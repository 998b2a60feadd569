"""The fault-injection rules and pauses of one fake."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

from ..clock import Clock
from ..locks import LazyLock, new_lock
from ..message import S3_ITSELF
from ..text import suggestion
from .effect import Effect
from .injection import Injection
from .matching import NOTIFICATION, Match, Matcher, PendingCall, PendingNotification
from .pauses import PAUSE_FIELDS, Pause
from .rule import RULE_FIELDS, Rule, RuleOptions

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ..ids import Ids
    from ..operation_names import Operations


class Faults(Sequence[Rule]):
    """``FakeS3.faults``: the rules in the order in which they were made, and the pauses.

    The first rule that fires decides what is injected into a call; effects that only delay (Latency, Bandwidth) are added.

    Attributes:
        active: whether there is any rule or pause: all that a call has to check otherwise.
        may_delay: whether one of them delays calls.
    """

    _lock = LazyLock(new_lock)

    def __init__(self, clock: Clock, ids: Ids) -> None:
        self.active = self.may_delay = False
        self._clock = clock
        self._ids = ids
        self._rules: tuple[Rule, ...] = ()
        self._pauses: tuple[Pause, ...] = ()
        self._last_id = 0
        self._rules_since_clear = 0

    def add(self, operation: Operations, effect: Effect | str, **options: Unpack[RuleOptions]) -> Rule:
        """Add a rule; see ``FakeS3.fail``."""
        if isinstance(effect, str):
            from .effects import Error

            effect = Error(effect)
        if not isinstance(effect, Effect):
            given = f"the class {effect.__name__}: write {effect.__name__}()" if isinstance(effect, type) else repr(effect)
            raise TypeError(f"an effect is one of fakes3part.faults or the code of an error, not {given}")
        _check_options(options, RuleOptions.__optional_keys__)
        with self._lock:
            generator = random.Random(f"fault {self._rules_since_clear} {self._ids.first_seed}")
            rule = Rule(self._last_id + 1, operation, effect, random=generator, on_remove=self._remove_rule, **options)
            self._last_id += 1
            self._rules_since_clear += 1
            self._set((*self._rules, rule), self._pauses)
        return rule

    def add_json(self, document: Mapping[str, Any]) -> Rule:
        """Add a rule from JSON: ``fail``'s arguments by name, ``effect`` as `effect_from_json` takes it.

        Raises:
            ValueError: a field is missing or unknown, or has a value that is not allowed.
        """
        _check_fields("rule", document, RULE_FIELDS)
        options = {name: value for name, value in document.items() if value is not None}
        if "operation" not in options or "effect" not in options:
            raise ValueError("a rule needs the fields operation and effect")
        from .effect_json import effect_from_json

        effect = effect_from_json(options.pop("effect"))
        try:
            return self.add(options.pop("operation"), effect, **options)
        except TypeError as error:
            raise ValueError(f"a field of the rule has the wrong type: {error}") from None

    def pause(self, operation: Operations, *, after: bool, timeout: float = 10, **match: Unpack[Match]) -> Pause:
        """Add a pause; see ``FakeS3.pause_before`` and ``pause_after``."""
        _check_options(match, Match.__optional_keys__)
        matcher = Matcher(operation, **match)
        with self._lock:
            self._last_id += 1
            pause = Pause(self._last_id, matcher, after, timeout, self._remove_pause)
            self._set(self._rules, (*self._pauses, pause))
        return pause

    def pause_json(self, document: Mapping[str, Any]) -> Pause:
        """Add a pause from JSON, with the fields of `PAUSE_FIELDS`.

        Raises:
            ValueError: a field is missing or unknown, or has a value that is not allowed.
        """
        _check_fields("pause", document, PAUSE_FIELDS)
        options = {name: value for name, value in document.items() if value is not None}
        when = options.pop("when", "before")
        if when not in ("before", "after"):
            raise ValueError(f"when is 'before' or 'after', not {when!r}")
        if "operation" not in options:
            raise ValueError("a pause needs the field operation")
        try:
            return self.pause(options.pop("operation"), after=when == "after", **options)
        except TypeError as error:
            raise ValueError(f"a field of the pause has the wrong type: {error}") from None

    def clear(self) -> None:
        """Remove every rule; the random generators of new rules start as in a new fake."""
        with self._lock:
            rules = self._rules
            self._rules_since_clear = 0
            self._set((), self._pauses)
        for rule in rules:
            rule.remove()

    @property
    def pauses(self) -> tuple[Pause, ...]:
        """The pauses that were not released yet."""
        return self._pauses

    def reset(self) -> None:
        """Remove every rule, and release every pause."""
        self.clear()
        for pause in self._pauses:
            pause.release()

    def injection_for(self, call: PendingCall) -> Injection | None:
        """Count the call for each rule that matches, and return what is injected into it; None: nothing."""
        pauses = [pause for pause in self._pauses if pause.matcher(call)]
        matching = [rule for rule in self._rules if rule.matcher(call)]
        chosen: Rule | None = None
        delays: list[Rule] = []
        with self._lock:
            for rule in matching:
                only_delays = rule.effect.only_delays
                if rule.fires(has_fault=chosen is not None and not only_delays):
                    if only_delays:
                        delays.append(rule)
                    else:
                        chosen = rule
            if not (chosen or delays or pauses):
                return None
            return Injection(call, self._clock, chosen, delays, pauses)

    def notification_injection(self, event: str, bucket: str, key: str, destination: str) -> Injection | None:
        """Count a notification for each rule that matches, and return what is injected into it; None: nothing.

        Args:
            event: its type (``s3:ObjectCreated:Put``).
            destination: an ARN.
        """
        if not self.active:
            return None
        from ..auth.callers import Caller
        from ..message import Request

        caller, request = Caller(service=S3_ITSELF), Request("POST", "", "/")
        return self.injection_for(PendingNotification(NOTIFICATION, bucket, key, {}, caller, request, event, destination))

    def _remove_rule(self, rule: Rule) -> None:
        with self._lock:
            self._set(tuple(other for other in self._rules if other is not rule), self._pauses)

    def _remove_pause(self, pause: Pause) -> None:
        with self._lock:
            self._set(self._rules, tuple(other for other in self._pauses if other is not pause))

    def _set(self, rules: tuple[Rule, ...], pauses: tuple[Pause, ...]) -> None:
        self._rules, self._pauses = rules, pauses
        self.active = bool(rules or pauses)
        self.may_delay = bool(pauses) or any(rule.effect.only_delays for rule in rules)

    @overload
    def __getitem__(self, index: int) -> Rule: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Rule, ...]: ...
    def __getitem__(self, index: int | slice) -> Rule | tuple[Rule, ...]:
        return self._rules[index]

    def __len__(self) -> int:
        return len(self._rules)

    def __repr__(self) -> str:
        return f"<Faults {list(self._rules)!r}>"


def _check_fields(noun: str, document: Mapping[str, Any], fields: Mapping[str, str]) -> None:
    for field in document:
        if field not in fields:
            hint = suggestion(field, fields) or f"; its fields are: {', '.join(fields)}"
            raise ValueError(f"a {noun} has no field {field!r}{hint}")


def _check_options(options: Mapping[str, Any], allowed: frozenset[str]) -> None:
    """Raise the TypeError of a misspelled keyword argument, which ``**options`` would not raise until later."""
    for name in options:
        if name not in allowed:
            hint = suggestion(name, allowed) or f"; there are: {', '.join(sorted(allowed))}"
            raise TypeError(f"unexpected keyword argument {name!r}{hint}")
