"""What the model demands of params, said in the words that AWS's services have for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from ...protocol.shapes import Shape


def complaint(params: Mapping[str, Any], shape: Shape | None) -> str | None:
    """``1 validation error detected: Value ... at ... failed to satisfy constraint: ...``; None: nothing is wrong."""
    found = [] if shape is None else list(_structure("", params, shape))
    if not found:
        return None
    return f"{len(found)} validation error{'s' if len(found) > 1 else ''} detected: {'; '.join(found)}"


def _structure(place: str, value: Mapping[str, Any], shape: Shape) -> Iterator[str]:
    required = shape.required
    for name, member in shape.members():
        at = f"{place}.{_lower(name)}" if place else _lower(name)
        if name in value:
            yield from _value(at, value[name], member)
        elif name in required:
            yield f"Value null at '{at}' failed to satisfy constraint: Member must not be null"


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]


def _value(at: str, value: Any, shape: Shape) -> Iterator[str]:
    for what in _broken(value, shape):
        yield f"Value '{_shown(value)}' at '{at}' failed to satisfy constraint: Member must {what}"
    if shape.type == "structure":
        yield from _structure(at, value, shape)
    elif shape.type == "list":
        for number, item in enumerate(value, 1):
            yield from _value(f"{at}.{number}.member", item, shape.item)
    elif shape.type == "map":
        for key, item in value.items():
            yield from _value(f"{at}.{key}.member", item, shape.value)


def _shown(value: Any) -> object:
    return "java.nio.HeapByteBuffer" if isinstance(value, bytes) else value


def _broken(value: Any, shape: Shape) -> Iterator[str]:
    minimum, maximum = shape.minimum, shape.maximum
    is_number = shape.type in ("integer", "long")
    what = "have value" if is_number else "have length"
    size = value if is_number else len(value) if isinstance(value, (Sequence, Mapping)) else None
    if size is not None and minimum is not None and size < minimum:
        yield f"{what} greater than or equal to {minimum}"
    if size is not None and maximum is not None and size > maximum:
        yield f"{what} less than or equal to {maximum}"
    if shape.type == "string":
        if shape.enum and value not in shape.enum:
            yield f"satisfy enum value set: [{', '.join(shape.enum)}]"
        if shape.pattern is not None and not _matches(shape.pattern, value):
            yield f"satisfy regular expression pattern: {shape.pattern}"


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern, re.ASCII)
    except re.error:  # Java's own: not ours to judge by
        return None


def _matches(pattern: str, text: str) -> bool:
    compiled = _compiled(pattern)
    return compiled is None or compiled.fullmatch(text) is not None
