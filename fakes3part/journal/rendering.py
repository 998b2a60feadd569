"""The journal in words: a table with one line a call, and JSON."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from .call import Body

if TYPE_CHECKING:
    from .call import Call
    from .calls import Calls

SHOWN = 60
"""Lines of a table; of more calls the oldest are left out."""

_LONG = 100


def table(calls: Calls, shown: int = SHOWN) -> str:
    """One line a call, aligned; a second, indented one tells why something was not found."""
    left_out = max(0, len(calls) - shown)
    latest = calls[left_out:]
    missing = left_out + calls.dropped
    lines = [f"... {missing} earlier calls"] if missing else []
    cells = [_cells(call) for call in latest]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for call, row in zip(latest, cells, strict=True):
        lines.append("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        hint = call.hint
        if hint is not None:
            lines += [f"{'':{widths[0]}}    {line}" for line in hint.splitlines()]
    return "\n".join(lines) or "no calls"


def line(call: Call) -> str:
    """One call in one line."""
    return " ".join(filter(None, (cell.strip() for cell in _cells(call))))


def _cells(call: Call) -> list[str]:
    return [
        f"#{call.number}",
        call.operation or f"{call.method} (unknown)",
        _where(call),
        f"{call.status} {call.error or ''}".strip(),
        _bytes(call),
        f"{call.duration * 1000:.1f} ms",
        _remarks(call),
    ]


def _where(call: Call) -> str:
    if call.bucket is None:
        return short(call.path)
    what = short(call.bucket if call.key is None else f"{call.bucket}/{call.key}")
    if call.part_number is not None:
        what += f" part {call.part_number}"
    return what


def _bytes(call: Call) -> str:
    return " ".join(f"{word} {size(count)}" for word, count in (("in", call.bytes_in), ("out", call.bytes_out)) if count)


def _remarks(call: Call) -> str:
    remarks = []
    if call.attempt > 1:
        remarks.append(f"attempt {call.attempt}")
    if call.fault is not None:
        remarks.append(f"fault: {call.fault}")
    if call.caller == "anonymous":
        remarks.append("anonymous")
    return ", ".join(remarks)


def size(count: int) -> str:
    """Bytes for human eyes."""
    if count < 1024:
        return f"{count} B"
    for power, unit in ((1, "KiB"), (2, "MiB"), (3, "GiB")):
        if count < 1024 ** (power + 1):
            return f"{count / 1024**power:.1f} {unit}"
    return f"{count / 1024**4:.1f} TiB"


def short(text: str, most: int = _LONG) -> str:
    """Text for one line: escaped where it would break it, its middle left out where it is long."""
    text = text if text.isprintable() else repr(text)[1:-1]
    return text if len(text) <= most else f"{text[: most // 2]}…{text[-most // 2 + 1 :]}"


def transcript(calls: Iterable[Call]) -> str:
    """All that is known of each call: the request's line and headers, and what came of it."""
    blocks = []
    for call in calls:
        target = f"{call.path}?{call.query}" if call.query else call.path
        lines = [
            line(call),
            f"    > {call.method} {call.scheme}://{call.host}{target}",
            *(f"    > {name}: {short(value, 200)}" for name, value in call.headers.items()),
            f"    < {call.status} x-amz-request-id: {call.request_id}",
        ]
        if call.error is not None:
            lines.append(f"    < {call.error}: {call.message}")
        if call.hint is not None:
            lines.append(f"    {call.hint}")
        blocks.append("\n".join(lines))
    return "\n".join(blocks)


_PLAIN = (
    "number",
    "operation",
    "bucket",
    "key",
    "version_id",
    "upload_id",
    "part_number",
    "params",
    "method",
    "scheme",
    "host",
    "path",
    "query",
    "headers",
    "client",
    "bytes_in",
    "bytes_out",
    "caller",
    "account",
    "access_key",
    "status",
    "error",
    "message",
    "request_id",
    "invocation_id",
    "attempt",
    "duration",
    "started",
    "ended",
    "thread",
    "at",
    "fault",
    "hint",
)


def as_json(call: Call) -> dict[str, Any]:
    """A call as an object of JSON."""
    return {name: plain(getattr(call, name)) for name in _PLAIN}


def plain(value: Any) -> Any:
    """A value in types that JSON has. Bytes are base64 (policies and the like are text already)."""
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Body):
        return {"size": value.size}
    if isinstance(value, (bytes, memoryview)):
        return b64encode(value).decode()
    return value
