"""Formats entries of the log of ``serve`` as lines, for terminals and for files."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, TextIO
from unicodedata import combining, east_asian_width

from ..text import larger_size

if TYPE_CHECKING:
    from .log_entry import LogEntry

_WITH_TIME = 100
"""The width of a terminal, in columns, from which on lines begin with the time."""

_DEFAULT_WIDTH = 80
_LEAST_TARGET, _MOST_TARGET = 16, 72
"""Columns of bucket and key in a terminal."""

_CODE_ROOM = 18
"""Columns that are left for error codes at the end of a line; of a line with a longer one, the target is shortened."""

_VALUE = 120
"""The longest value of a parameter, in characters, that is shown as a whole."""

_GREEN, _CYAN, _YELLOW, _RED, _DIM = "32", "36", "33", "31", "2"


class Terminal(NamedTuple):
    """A terminal that lines are written to.

    Attributes:
        columns: its width.
        has_colours: whether to use them.
    """

    columns: int = _DEFAULT_WIDTH
    has_colours: bool = False


def is_terminal(stream: TextIO | None) -> bool:
    """Return whether a stream is a terminal; None, or closed: it is not."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def terminal_of_stderr() -> Terminal:
    """Return the terminal that standard error is. It has colours, unless NO_COLOR (https://no-color.org) or TERM=dumb is set."""
    try:
        columns = os.get_terminal_size(sys.stderr.fileno()).columns or _DEFAULT_WIDTH
    except (OSError, ValueError, AttributeError):
        columns = _DEFAULT_WIDTH
    return Terminal(columns, not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb")


def text_of(entry: LogEntry, terminal: Terminal | None, encoding: str, *, verbose: bool) -> str:
    """Return the lines of an entry, without a line break at the end.

    Args:
        terminal: what it is written to; None: no terminal, and nothing is aligned or shortened.
        encoding: what characters there are; others, and those that are not printable, are escaped.
        verbose: whether operation, caller, request id, parameters and hint follow in lines of their own.
    """
    target = _escaped(_target(entry), encoding)
    line = _plain_line(entry, target) if terminal is None else _terminal_line(entry, target, terminal, encoding)
    if not verbose:
        return line
    dim = terminal is not None and terminal.has_colours
    details = (f"    {_escaped(detail, encoding)}" for detail in _details(entry))
    return "\n".join([line, *(_paint(_DIM, detail) if dim else detail for detail in details)])


def _target(entry: LogEntry) -> str:
    if entry.method is None:
        return "(no HTTP request)"
    if entry.bucket is None:
        path = entry.path or "/"
        return f"{path} {entry.operation}" if entry.operation else path
    target = entry.bucket if entry.key is None else f"{entry.bucket}/{entry.key}"
    part = None if entry.call is None else entry.call.part_number
    return target if part is None else f"{target} part {part}"


def _escaped(text: str, encoding: str) -> str:
    """Return a text in which all characters are printable: a key must not move the cursor, nor begin a line of its own."""
    if not text.isprintable():
        text = "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)
    return text if text.isascii() else text.encode(encoding, "backslashreplace").decode(encoding)


def _remark(entry: LogEntry) -> str:
    """Return the error code, and whether a fault was injected."""
    fault = None if entry.call is None else entry.call.fault
    if fault is None or entry.error is None:
        return entry.error or ("" if fault is None else f"(fault: {fault})")
    return f"{entry.error} (fault)"


def _plain_line(entry: LogEntry, target: str) -> str:
    time = entry.time.astimezone()
    words = [
        f"{time:%Y-%m-%d %H:%M:%S},{time.microsecond // 1000:03}",
        entry.method or "-",
        target,
        _status(entry),
        _size(entry.bytes_in or entry.bytes_out),
        _duration(entry.seconds),
        _remark(entry),
    ]
    return " ".join(filter(None, words))


def _terminal_line(entry: LogEntry, target: str, terminal: Terminal, encoding: str) -> str:
    time = f"{entry.time.astimezone():%H:%M:%S} " if terminal.columns >= _WITH_TIME else ""
    remark = _remark(entry)
    end = f"  {_size(entry.bytes_in or entry.bytes_out):>9} {_duration(entry.seconds):>8}"
    start = f"{time}{entry.method or '-':<7} "
    room = terminal.columns - len(start) - len("  200") - len(end)
    width = max(_LEAST_TARGET, min(room - _CODE_ROOM, _MOST_TARGET))
    shortest = max(_LEAST_TARGET, min(width, room - len(remark) - 2)) if remark else width
    target = _fit(target, shortest, "…" if _can_encode("…", encoding) else "...")
    target += " " * (shortest - _columns(target))
    status, remark = _status(entry), f"  {remark}" if remark else ""
    if terminal.has_colours:
        colour = _colour(entry.status)
        status, remark = _paint(colour, status), _paint(colour, remark) if remark else ""
    return f"{start}{target}  {status}{end}{remark}"


def _colour(status: int) -> str:
    if status == 0 or status >= 500:
        return _RED
    return _YELLOW if status >= 400 else _CYAN if status >= 300 else _GREEN


def _paint(colour: str, text: str) -> str:
    return f"\033[{colour}m{text}\033[0m"


def _status(entry: LogEntry) -> str:
    return f"{entry.status:03}" if entry.status else "---"


def _can_encode(text: str, encoding: str) -> bool:
    return text.encode(encoding, "replace").decode(encoding) == text


def _columns(text: str) -> int:
    """Return how many columns of a terminal a printable text takes."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)


def _fit(text: str, width: int, ellipsis: str) -> str:
    """Return a text that takes at most ``width`` columns, if need be without its middle: bucket and file name are at the ends."""
    if _columns(text) <= width:
        return text
    room = width - len(ellipsis)
    end = _cut(text[::-1], room - room // 3)[::-1]
    return f"{_cut(text, room - _columns(end))}{ellipsis}{end}"


def _cut(text: str, width: int) -> str:
    """Return the longest beginning of a text that takes at most ``width`` columns."""
    used = 0
    for index, char in enumerate(text):
        used += _columns(char)
        if used > width:
            return text[:index]
    return text


def _size(number: int) -> str:
    return f"{number} B" if number < 1024 else larger_size(number)


def _duration(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 0.1 else f"{seconds * 1000:.0f} ms" if seconds < 100 else f"{seconds:.0f} s"


def _details(entry: LogEntry) -> Iterator[str]:
    """Yield what else is known of a request."""
    call = entry.call
    words = [entry.operation or ""]
    if call is not None and call.caller is not None:
        words.append(f"by {call.caller}")
    if entry.request_id is not None:
        words.append(f"request id {entry.request_id}")
    if any(words):
        yield " ".join(filter(None, words))
    if call is None:
        return
    params = {name: value for name, value in call.params.items() if name not in ("Bucket", "Key")}
    if params:
        yield " ".join(f"{name}={_value(value)}" for name, value in params.items())
    if call.fault is not None:
        yield f"fault: {call.fault}"
    if call.leniences:
        yield f"lenient: {', '.join(call.leniences)}"
    if call.message is not None:
        yield call.message
    if call.hint is not None:
        yield from call.hint.splitlines()


def _value(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _VALUE else f"{text[: _VALUE - 3]}..."
