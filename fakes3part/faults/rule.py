"""One fault-injection rule: which calls it selects, how often it applies, and its effect."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ..argument_checks import is_number, is_whole
from .effect import Effect
from .matching import Match, Matcher, numbers

if TYPE_CHECKING:
    from random import Random

    from typing_extensions import Unpack


class RuleOptions(Match, total=False):
    """The keyword arguments of ``FakeS3.fail``: those of `Match`, and how often the effect is injected.

    Attributes:
        nth: inject into the nth matching call only, or into several, counted from 1; None: into every matching call.
        times: inject at most so many times; None: without limit.
        probability: 0 to 1, drawn for each matching call from the fake's ``seed``; None: 1.
    """

    nth: int | Collection[int] | None
    times: int | None
    probability: float | None


RULE_FIELDS = {
    "operation": "a name, several, or a pattern; or notification: the delivery of an event notification",
    "effect": "the code of an S3 error, or an object: {effect: reset, when: after}",
    "bucket": "a name or a pattern",
    "key": "a key or a pattern",
    "part_number": "one or several",
    "nth": "inject into the nth matching call only, or into several",
    "times": "inject at most so many times",
    "probability": "0 to 1",
}
"""The fields of a rule in JSON, and what they mean: those of `RuleOptions` except ``when``, which is a Python callback."""


class Rule:
    """A fault-injection rule, made by ``FakeS3.fail``; as a context manager it is removed at the end of the block.

    Attributes:
        effect: what is injected.
        calls: the number of calls that matched, whether the effect was injected or not.
        hits: the number of calls into which the effect was injected.
        id: unique in its fake.
        random: the rule's random generator.
        removed: set when the rule is removed; releases stalled responses.
    """

    def __init__(
        self,
        number: int,
        operation: str | Iterable[str],
        effect: Effect,
        *,
        random: Random,
        on_remove: Callable[[Rule], None],
        nth: int | Collection[int] | None = None,
        times: int | None = None,
        probability: float | None = None,
        **match: Unpack[Match],
    ) -> None:
        self.matcher = Matcher(operation, applies_to=effect.applies_to, notifications=effect.applies_to_notifications, **match)
        if not self.matcher.operations:
            requested = ", ".join(self.matcher.requested)
            requirement = effect.requirement or "it applies to operations only"
            raise ValueError(f"{effect.name} does not apply to {requested}: {requirement}")
        if times is not None and not (is_whole(times) and times >= 1):
            raise ValueError(f"times= is at least 1, not {times!r}")
        if probability is not None and not (is_number(probability) and 0 <= probability <= 1):
            raise ValueError(f"probability= is between 0 and 1, not {probability!r}")
        self.id = number
        self.effect = effect
        self.nth = numbers("nth", nth)
        self.times = times
        self.probability = probability
        self.calls = 0
        self.hits = 0
        self.random = random
        self.removed = threading.Event()
        self._on_remove = on_remove

    def fires(self, has_fault: bool) -> bool:
        """Count a call that matches, and return whether the effect is injected into it.

        The generator is used for every matching call, so that with the same seed the same calls are selected, whatever happens
        between them.

        Args:
            has_fault: whether another rule's effect is injected into the call already.
        """
        self.calls += 1
        spared = self.probability is not None and self.random.random() >= self.probability
        if spared or has_fault or (self.nth is not None and self.calls not in self.nth):
            return False
        if self.times is not None and self.hits >= self.times:
            return False
        self.hits += 1
        return True

    def remove(self) -> None:
        """Remove the rule, and release the responses that it stalls. Idempotent."""
        self._on_remove(self)
        self.removed.set()

    def to_json(self) -> dict[str, Any]:
        """Return the document that ``Faults.add_json`` takes, with ``id``, ``calls``, ``hits``; ``when`` is shown as ``...``."""
        operations = self.matcher.requested
        rule = {
            "id": self.id,
            "operation": operations[0] if len(operations) == 1 else list(operations),
            "effect": self.effect.to_json(),
            "bucket": self.matcher.bucket,
            "key": self.matcher.key,
            "part_number": _one_or_list(self.matcher.part_numbers),
            "nth": _one_or_list(self.nth),
            "times": self.times,
            "probability": self.probability,
            "when": None if self.matcher.when is None else "...",
            "calls": self.calls,
            "hits": self.hits,
        }
        return {name: value for name, value in rule.items() if value is not None}

    def __enter__(self) -> Rule:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.remove()

    def __repr__(self) -> str:
        values = {"nth": _one_or_list(self.nth), "times": self.times, "probability": self.probability}
        options = [f"{name}={value}" for name, value in values.items() if value is not None]
        return f"<Rule {', '.join([str(self.matcher), repr(self.effect), *options])}: {self.hits} hits in {self.calls} calls>"


def _one_or_list(values: frozenset[int] | None) -> int | list[int] | None:
    if values is None:
        return None
    return next(iter(values)) if len(values) == 1 else sorted(values)
