"""Outputs as XML elements, for the small responses of STS and S3 Control. (`fakes3part.protocol.serialize` writes S3's.)"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, TypeAlias

from ...protocol.documents import escape
from ...protocol.shapes import Shape, element_name

DateFormat: TypeAlias = Callable[[datetime], str]


def element(tag: str, value: Any, shape: Shape, dates: DateFormat, attributes: str = "") -> str:
    """Return an element, or one for each item of a flattened list.

    Raises:
        AssertionError: the value has a member that the shape lacks.
    """
    if shape.type == "list" and shape.flattened:
        return "".join(element(tag, item, shape.item, dates) for item in value)
    text = _content(value, shape, dates)
    return f"<{tag}{attributes}>{text}</{tag}>" if text else f"<{tag}{attributes}/>"


def members(value: dict[str, Any], shape: Shape, dates: DateFormat) -> str:
    """Return the elements of a structure, in the model's order. None means that a member is absent."""
    return "".join(_members(value, shape, dates))


def _members(value: dict[str, Any], shape: Shape, dates: DateFormat) -> Iterator[str]:
    members_by_name = dict(shape.body())
    unknown = value.keys() - members_by_name.keys()
    if unknown:
        raise AssertionError(f"{shape.name} has no member {', '.join(sorted(unknown))}")
    for name, member in members_by_name.items():
        if value.get(name) is not None:
            yield element(element_name(name, member), value[name], member, dates)


def _content(value: Any, shape: Shape, dates: DateFormat) -> str:
    if shape.type == "structure":
        return members(value, shape, dates)
    if shape.type == "list":
        item_shape = shape.item
        return "".join(element(item_shape.wire_name or "member", item, item_shape, dates) for item in value)
    if shape.type == "map":
        return "".join(_entry(key, item, shape, dates) for key, item in value.items())
    if shape.type == "boolean":
        return "true" if value else "false"
    return dates(value) if shape.type == "timestamp" else escape(str(value))


def _entry(key: str, value: Any, shape: Shape, dates: DateFormat) -> str:
    names = shape.key.wire_name or "key", shape.value.wire_name or "value"
    return f"<entry>{element(names[0], key, shape.key, dates)}{element(names[1], value, shape.value, dates)}</entry>"
