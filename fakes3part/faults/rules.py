"""The rules of one fake: which calls go wrong, how, and how often."""

from __future__ import annotations

import random
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, overload

from ..clock import Clock
from .effects import Effect, Error, effect_from_json, nearest
from .injection import WAITS, Fate, can_befall
from .matching import Asked, Matcher, When, numbers
from .pauses import Pause

_FIELDS = ("operation", "effect", "bucket", "key", "part_number", "nth", "times", "probability")


class Rule:
    """One rule, made by ``FakeS3.fail``; as a context manager it is removed at the block's end.

    Attributes:
        effect: what happens.
        calls: how many calls matched so far, whether it happened to them or not.
        hits: to how many of them it happened.
        id: a number of its own, never given again by this fake.
    """

    def __init__(
        self,
        faults: Faults,
        number: int,
        matcher: Matcher,
        effect: Effect,
        *,
        nth: int | Collection[int] | None,
        times: int | None,
        probability: float | None,
        dice: random.Random,
    ) -> None:
        if times is not None and times < 1:
            raise ValueError(f"times={times} would never happen")
        if probability is not None and not 0 <= probability <= 1:
            raise ValueError("probability= is between 0 and 1")
        self._faults = faults
        self.id = number
        self.matcher = matcher
        self.effect = effect
        self.nth = numbers(nth)
        self.times = times
        self.probability = probability
        self.calls = 0
        self.hits = 0
        self.dice = dice
        self.over = threading.Event()

    def fires(self, taken: bool) -> bool:
        """Count a call that matches; does it happen? ``taken``: something else happens to it already.

        A die is cast for every matching call, so that with one seed the nth call's fate is the same, whatever came between.
        """
        self.calls += 1
        lucky = self.probability is not None and self.dice.random() >= self.probability
        if lucky or taken or (self.nth is not None and self.calls not in self.nth):
            return False
        if self.times is not None and self.hits >= self.times:
            return False
        self.hits += 1
        return True

    def remove(self) -> None:
        """It happens no more; what stalls by it goes on. Twice is once."""
        self._faults.remove(self)

    def to_json(self) -> dict[str, Any]:
        """What ``Faults.add_json`` takes, and ``id``, ``calls``, ``hits``; of a ``when`` only that there is one."""
        operations = self.matcher.asked_for
        rule = {
            "id": self.id,
            "operation": operations[0] if len(operations) == 1 else list(operations),
            "effect": self.effect.to_json(),
            "bucket": self.matcher.bucket,
            "key": self.matcher.key,
            "part_number": _plain(self.matcher.part_numbers),
            "nth": _plain(self.nth),
            "times": self.times,
            "probability": self.probability,
            "when": None if self.matcher.when is None else "...",
            "calls": self.calls,
            "hits": self.hits,
        }
        return {name: value for name, value in rule.items() if value is not None}

    def __enter__(self) -> Rule:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.remove()

    def __repr__(self) -> str:
        wanted = {"nth": _plain(self.nth), "times": self.times, "probability": self.probability}
        told = [f"{name}={value}" for name, value in wanted.items() if value is not None]
        return f"<Rule {', '.join([str(self.matcher), repr(self.effect), *told])}: {self.hits} hits in {self.calls} calls>"


class Faults(Sequence[Rule]):
    """``FakeS3.faults``: the rules in the order in which they were made, and the pauses.

    The first rule that fires decides what happens to a call; those that only take time (Latency, Bandwidth) add to it.

    Attributes:
        busy: whether there is any rule or pause: the one thing that a call looks at otherwise.
    """

    def __init__(self, clock: Clock, seed: int) -> None:
        self.busy = False
        self._clock = clock
        self._seed = seed
        self._rules: tuple[Rule, ...] = ()
        self._pauses: tuple[Pause, ...] = ()
        self._lock = threading.Lock()
        self._made = 0
        self._since_clear = 0

    def add(
        self,
        operation: str | Iterable[str],
        effect: Effect | str,
        *,
        bucket: str | None = None,
        key: str | None = None,
        part_number: int | Collection[int] | None = None,
        nth: int | Collection[int] | None = None,
        times: int | None = None,
        probability: float | None = None,
        when: When | None = None,
    ) -> Rule:
        """See ``FakeS3.fail``."""
        effect = Error(effect) if isinstance(effect, str) else effect
        if not isinstance(effect, Effect):
            raise TypeError(f"an effect is one of fakes3part.faults or the code of an error, not {effect!r}")
        matcher = Matcher(
            operation, bucket=bucket, key=key, part_number=part_number, when=when, can=lambda one: can_befall(effect, one)
        )
        if not matcher.operations:
            raise ValueError(f"{effect.name} cannot befall {', '.join(matcher.asked_for)}: {type(effect).__doc__}")
        with self._lock:
            dice = random.Random(f"fault {self._since_clear} {self._seed}")
            rule = Rule(self, self._made + 1, matcher, effect, nth=nth, times=times, probability=probability, dice=dice)
            self._made += 1
            self._since_clear += 1
            self._become((*self._rules, rule), self._pauses)
        return rule

    def add_json(self, document: Mapping[str, Any]) -> Rule:
        """A rule from its JSON form: ``fail``'s arguments by name, ``effect`` a code or `effect_from_json`'s object.

        Raises:
            ValueError: something of it makes no sense.
        """
        for field in document:
            if field not in _FIELDS:
                raise ValueError(f"a rule has no {field!r}{nearest(field, _FIELDS) or ': ' + ', '.join(_FIELDS)}")
        given = {name: value for name, value in document.items() if value is not None}
        if "operation" not in given or "effect" not in given:
            raise ValueError("a rule needs operation and effect")
        effect = effect_from_json(given.pop("effect"))
        try:
            return self.add(given.pop("operation"), effect, **given)
        except TypeError as wrong:
            raise ValueError(f"no such rule: {wrong}") from None

    def pause(self, operation: str | Iterable[str], after: bool, timeout: float = 10, **where: Any) -> Pause:
        """See ``FakeS3.pause_before`` and ``pause_after``."""
        with self._lock:
            self._made += 1
            pause = Pause(self._made, Matcher(operation, **where), after, timeout, self._forget)
            self._become(self._rules, (*self._pauses, pause))
        return pause

    def remove(self, rule: Rule) -> None:
        with self._lock:
            self._become(tuple(one for one in self._rules if one is not rule), self._pauses)
        rule.over.set()

    def clear(self) -> None:
        """Remove every rule; the next are numbered, and draw their dice, as in a new fake."""
        with self._lock:
            gone = self._rules
            self._since_clear = 0
            self._become((), self._pauses)
        for rule in gone:
            rule.over.set()

    @property
    def pauses(self) -> tuple[Pause, ...]:
        """The pauses that nobody released yet."""
        return self._pauses

    def reset(self) -> None:
        """Remove every rule, and release every pause."""
        self.clear()
        for pause in self._pauses:
            pause.release()

    def fate(self, asked: Asked) -> Fate | None:
        """What happens to this call: counts it for each rule that matches. None: nothing."""
        before = [pause for pause in self._pauses if not pause.after and pause.matcher(asked)]
        after = [pause for pause in self._pauses if pause.after and pause.matcher(asked)]
        matching = [rule for rule in self._rules if rule.matcher(asked)]
        chosen: Rule | None = None
        waits: list[Rule] = []
        with self._lock:
            for rule in matching:
                only_waits = isinstance(rule.effect, WAITS)
                if rule.fires(taken=chosen is not None and not only_waits):
                    if only_waits:
                        waits.append(rule)
                    else:
                        chosen = rule
            if not (chosen or waits or before or after):
                return None
            return Fate(asked, self._clock, chosen, waits, before, after)

    def _forget(self, pause: Pause) -> None:
        with self._lock:
            self._become(self._rules, tuple(one for one in self._pauses if one is not pause))

    def _become(self, rules: tuple[Rule, ...], pauses: tuple[Pause, ...]) -> None:
        self._rules, self._pauses = rules, pauses
        self.busy = bool(rules or pauses)

    @overload
    def __getitem__(self, at: int) -> Rule: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Rule, ...]: ...
    def __getitem__(self, at: int | slice) -> Rule | tuple[Rule, ...]:
        return self._rules[at]

    def __len__(self) -> int:
        return len(self._rules)

    def __repr__(self) -> str:
        return f"<Faults {list(self._rules)!r}>"


def _plain(found: frozenset[int] | None) -> int | list[int] | None:
    if found is None:
        return None
    return next(iter(found)) if len(found) == 1 else sorted(found)
