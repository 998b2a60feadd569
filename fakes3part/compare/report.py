"""Reports of compared calls, for the terminal and as a JSON file. They are made of documents, which xdist's workers send."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from ..text import shorten

Document: TypeAlias = dict[str, Any]
"""A call as `ComparedCall.to_json` returns it."""

LIMIT = 15
"""How many kinds of other outcomes the terminal shows. The JSON report has all calls."""

_PLACES = 10
"""How many headers and elements it shows."""

_DETAILS = 6
"""How many differences of one call the terminal shows."""

_WIDTH = 100
_ABSENT = "absent"
_OUTCOME = frozenset({"status", "code", "message"})


def differing(calls: Iterable[Document]) -> list[Document]:
    """Return the calls that differ."""
    return [call for call in calls if call.get("differences")]


def is_equal(calls: Sequence[Document]) -> bool:
    """Return whether something was compared, and nothing differs."""
    return any("not_compared" not in call for call in calls) and not differing(calls)


def lines(calls: Sequence[Document], limit: int = LIMIT) -> list[str]:
    """Return how the calls differ, each kind of difference once.

    First those with other outcomes (status, code, message), by tests; then headers and elements, which may differ in many calls.
    """
    found = [call for call in differing(calls) if _has_other_outcome(call)]
    alike = Counter(map(_kind, found))
    shown: list[str] = []
    seen: set[str] = set()
    test: object = object()
    for call in found:
        kind = _kind(call)
        if kind in seen:
            continue
        if len(seen) == limit:
            shown.append(f"... and {_count(len(alike) - limit, 'more kind')} of outcome, which the JSON report has")
            break
        seen.add(kind)
        if call["test"] != test:
            test = call["test"]
            shown.append(call["test"] or "(outside of tests)")
        shown += [f"  {line}" for line in outcome_lines(call, alike[kind] - 1)]
    return shown + _detail_lines(differing(calls))


def outcome_lines(call: Document, others: int = 0) -> list[str]:
    """Return a call whose outcomes differ.

    Args:
        others: how many other calls differ in the same way.
    """
    notes = [
        *(["other calls were under way"] if call.get("overlaps") else []),
        *([f"and {_count(others, 'more call')} like this"] if others else []),
    ]
    title = shorten(f"{call['operation'] or call['method']} {call['target']}", _WIDTH)
    return [
        f"{title}  ({'; '.join(notes)})" if notes else title,
        f"  fake  {_outcome(call['fake'])}",
        f"  real  {_outcome(call['real'])}",
    ]


def call_lines(call: Document) -> list[str]:
    """Return everything that differs in one call, for the report of a failed test."""
    title = shorten(f"{call['operation'] or call['method']} {call['target']}", _WIDTH)
    found = outcome_lines(call) if _has_other_outcome(call) else [title]
    details = _details(call)
    found += [f"  {item['where']}  fake {_value(item['fake'])}  real {_value(item['real'])}" for item in details[:_DETAILS]]
    if len(details) > _DETAILS:
        found.append(f"  ... and {len(details) - _DETAILS} more differences")
    return found


def _detail_lines(calls: Sequence[Document], limit: int = _PLACES) -> list[str]:
    """Return the headers and elements that differ, the most frequent first, with an example of their values."""
    groups: dict[tuple[str, bool, bool], list[tuple[Document, Document]]] = {}
    for call in calls:
        for item in _details(call):
            key = _without_numbers(item["where"]), item["fake"] is None, item["real"] is None
            groups.setdefault(key, []).append((call, item))
    if not groups:
        return []
    ordered = sorted(groups.values(), key=lambda group: len({id(call) for call, _ in group}), reverse=True)
    shown = ["headers and elements"]
    for group in ordered[:limit]:
        item = group[0][1]
        operations = [*dict.fromkeys(str(call["operation"]) for call, _ in group)]
        where = ", ".join(operations[:3]) + (f" and {len(operations) - 3} more" if len(operations) > 3 else "")
        count = len({id(call) for call, _ in group})
        shown.append(f"  {_without_numbers(item['where'])}  ({_count(count, 'call')}: {where})")
        shown.append(f"    fake {_value(item['fake'])}  real {_value(item['real'])}")
    if len(ordered) > limit:
        shown.append(f"  ... and {len(ordered) - limit} more, which the JSON report has")
    return shown


def _has_other_outcome(call: Document) -> bool:
    return any(item["where"] in _OUTCOME for item in call["differences"])


def _details(call: Document) -> list[Document]:
    return [item for item in call["differences"] if item["where"] not in _OUTCOME]


def summary(calls: Sequence[Document], target: str) -> str:
    """Return the numbers of a comparison in one line."""
    compared = [call for call in calls if "not_compared" not in call]
    found = differing(calls)
    outcomes = sum(map(_has_other_outcome, found))
    if not compared:
        text = f"No call was compared with {target}"
    else:
        text = f"{_count(len(compared), 'call')} compared with {target}: "
        text += f"{len(found)} differ" if found else "no difference"
        text += f" ({outcomes} in status, code or message)" if outcomes else ""
    skipped = Counter(call["not_compared"] for call in calls if "not_compared" in call)
    if skipped:
        reasons = "; ".join(f"{count}: {shorten(reason, _WIDTH)}" for reason, count in skipped.most_common(3))
        more = f"; {_count(len(skipped) - 3, 'other reason')}" if len(skipped) > 3 else ""
        text += f". {_count(sum(skipped.values()), 'call')} not compared ({reasons}{more})"
    return f"{text}."


def document(calls: Sequence[Document], target: str, problems: Sequence[str] = ()) -> Document:
    """Return all calls with their numbers, in types that JSON has.

    Args:
        problems: what could not be cleaned up at the target.
    """
    return {
        "fakes3part": "comparison",
        "version": 1,
        "target": target,
        "compared": sum("not_compared" not in call for call in calls),
        "differing": len(differing(calls)),
        "left_behind": list(problems),
        "calls": list(calls),
    }


def write(path: Path, calls: Sequence[Document], target: str, problems: Sequence[str]) -> None:
    """Write all calls as a JSON file.

    Args:
        problems: as of `document`.

    Raises:
        OSError: the file cannot be written.
    """
    path.write_text(json.dumps(document(calls, target, problems), indent=1) + "\n", "utf-8")


def _kind(call: Document) -> str:
    """Return what calls with other outcomes have in common that differ in the same way."""
    return json.dumps([call["operation"], [(side["status"], side["code"]) for side in (call["fake"], call["real"])]])


def _without_numbers(where: str) -> str:
    """Return the place of an element without its numbers: ``<Contents[2]/Key>`` is ``<Contents/Key>``."""
    return re.sub(r"\[\d+\]", "", where)


def _outcome(outcome: Document) -> str:
    if not outcome["code"]:
        return str(outcome["status"])
    return f"{outcome['status']} {outcome['code']}: {shorten(outcome['message'], _WIDTH)}"


def _value(value: str | None) -> str:
    return _ABSENT if value is None else repr(shorten(value, 44))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
