"""Validation of params against the model, with the messages of AWS's services."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from ...protocol.shapes import Shape


def validation_error(params: Mapping[str, Any], shape: Shape | None) -> str | None:
    """Return ``1 validation error detected: Value ... at ... failed to satisfy constraint: ...``; None: params are valid."""
    errors = [] if shape is None else list(_structure("", params, shape))
    if not errors:
        return None
    return f"{len(errors)} validation error{'s' if len(errors) > 1 else ''} detected: {'; '.join(errors)}"


def _structure(path: str, value: Mapping[str, Any], shape: Shape) -> Iterator[str]:
    required = shape.required
    for name, member in shape.members():
        member_path = f"{path}.{_lower(name)}" if path else _lower(name)
        if name in value:
            yield from _value(member_path, value[name], member)
        elif name in required:
            yield f"Value null at '{member_path}' failed to satisfy constraint: Member must not be null"


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]


def _value(path: str, value: Any, shape: Shape) -> Iterator[str]:
    for constraint in _violations(value, shape):
        yield f"Value '{_displayed(value)}' at '{path}' failed to satisfy constraint: Member must {constraint}"
    if shape.type == "structure":
        yield from _structure(path, value, shape)
    elif shape.type == "list":
        for number, item in enumerate(value, 1):
            yield from _value(f"{path}.{number}.member", item, shape.item)
    elif shape.type == "map":
        for key, item in value.items():
            yield from _value(f"{path}.{key}.member", item, shape.value)


def _displayed(value: Any) -> object:
    return "java.nio.HeapByteBuffer" if isinstance(value, bytes) else value


def _violations(value: Any, shape: Shape) -> Iterator[str]:
    minimum, maximum = shape.minimum, shape.maximum
    is_number = shape.type in ("integer", "long")
    measure = "have value" if is_number else "have length"
    size = value if is_number else len(value) if isinstance(value, (Sequence, Mapping)) else None
    if size is not None and minimum is not None and size < minimum:
        yield f"{measure} greater than or equal to {minimum}"
    if size is not None and maximum is not None and size > maximum:
        yield f"{measure} less than or equal to {maximum}"
    if shape.type == "string":
        if shape.enum and value not in shape.enum:
            yield f"satisfy enum value set: [{', '.join(shape.enum)}]"
        if shape.pattern is not None and not _matches(shape.pattern, value):
            yield f"satisfy regular expression pattern: {shape.pattern}"


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern, re.ASCII)
    except re.error:  # a pattern in Java's syntax, which cannot be checked
        return None


def _matches(pattern: str, text: str) -> bool:
    compiled = _compiled(pattern)
    return compiled is None or compiled.fullmatch(text) is not None
