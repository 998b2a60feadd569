"""Checks histories of concurrent calls: is there an order of the calls in which each would have had its result?

The search of Wing and Gong ("Testing and Verifying Concurrent Objects", 1993), with the memory of Lowe ("Testing for
linearizability", 2017): what was tried once, the calls done so far and the state after them, is not tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

State = TypeVar("State")


class Event(NamedTuple):
    """A call and its result.

    Attributes:
        start: when it was called, in any unit.
        end: when it returned.
        call: what was called, for the model.
        result: what it returned, for the model.
        after: the index of another event of the history that comes before this one, if a call has two effects, each of them
            atomic; None: there is none.
    """

    start: int
    end: int
    call: Any
    result: Any
    after: int | None = None


class NotLinearizable(AssertionError):
    """No order of the calls explains their results."""


def linearize(history: Sequence[Event], initial: State, apply: Callable[[State, Any, Any], State | None]) -> list[int]:
    """Return the indices of the events in an order that explains them.

    Args:
        history: the events in any order.
        initial: the state before the first of them; states are immutable and hashable.
        apply: takes a state, a call and its result; returns the state after the call, or None if this result is impossible.

    Raises:
        NotLinearizable: there is no such order; the message shows the longest beginning of one.
    """
    everything = (1 << len(history)) - 1
    tried = set[tuple[int, State]]()
    stack: list[tuple[int, State, list[int]]] = [(0, initial, [])]
    longest: tuple[State, list[int]] = (initial, [])
    while stack:
        done, state, order = stack.pop()
        if done == everything:
            return order
        if len(order) > len(longest[1]):
            longest = (state, order)
        pending = [index for index in range(len(history)) if not done >> index & 1]
        first_end = min(history[index].end for index in pending)
        for index in reversed(pending):
            event = history[index]
            if event.start > first_end or (event.after is not None and not done >> event.after & 1):
                continue
            following = apply(state, event.call, event.result)
            if following is None or (done | 1 << index, following) in tried:
                continue
            tried.add((done | 1 << index, following))
            stack.append((done | 1 << index, following, [*order, index]))
    raise NotLinearizable(_description(history, *longest))


def _description(history: Sequence[Event], state: Any, order: Sequence[int]) -> str:
    lines = ["no order of the calls explains their results", "", "in order:"]
    lines += [_line(history[index]) for index in order]
    lines += ["", f"then the state is {state}", "", "which none of these explains that may come next:"]
    left = sorted(set(range(len(history))) - set(order), key=lambda index: history[index].start)
    return "\n".join([*lines, *(_line(history[index]) for index in left)])


def _line(event: Event) -> str:
    return f"  {event.start}-{event.end} {event.call} -> {event.result!r}"
