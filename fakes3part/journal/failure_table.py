"""The table of a failed test's calls, which says what the test's error does not."""

from __future__ import annotations

from collections.abc import Collection

from .call import Call, cells
from .calls import Calls

SHOWN = 20
"""The number of calls in the table, the latest: a report is to be read at a glance."""


def failure_table(calls: Calls, request_ids: Collection[str | None], shown: str) -> str:
    """Return one aligned line a call, and beneath those that S3 refused: why.

    The calls that the error is about are marked by ``>``. If the error names none, no call is marked.

    Args:
        request_ids: what the test's error, and those that led to it, name.
        shown: the texts of these errors, which are not repeated. If they have the calls already, nothing is returned.
    """
    if repr(calls) in shown:
        return ""
    latest = calls[-SHOWN:]
    omitted = len(calls) - len(latest) + calls.dropped
    lines = [f"... {omitted} earlier calls: fakes3.calls has them, --fakes3-trace shows them"] if omitted else []
    rows = [cells(call) for call in latest]
    failed = {call.number for call in latest if call.error is not None and call.request_id in request_ids}
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    indent = "" if not failed else "  "
    blocks = []
    for call, row in zip(reversed(latest), reversed(rows), strict=True):  # a reason is at the last call that has it
        mark = "> " if call.number in failed else indent
        line = (mark + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))).rstrip()
        reasons = [reason for reason in _reasons(call, call.number in failed) if reason not in shown]
        shown = "\n".join([shown, *reasons])
        blocks.append([line, *(f"{indent}{'':{widths[0]}}    {text}" for reason in reasons for text in reason.splitlines())])
    return "\n".join([*lines, *(line for block in reversed(blocks) for line in block)])


def _reasons(call: Call, is_failed: bool) -> list[str]:
    """Return S3's message of the call that failed, and the hint of any call."""
    message = call.message if is_failed else None
    return [text for text in (message, call.hint) if text]
