"""Shapes of botocore's service models, with names for their traits.

botocore's own classes cost an import and serve clients. A shape here is the model's dictionary, with the traits of the member
that refers to it on top.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Raw = Mapping[str, Any]
"""A part of a model, as loaded from JSON."""


class Shape:
    """A shape as one member refers to it: two members may give one shape different names on the wire."""

    __slots__ = ("_shapes", "_traits", "name")

    def __init__(self, shapes: Raw, reference: Raw) -> None:
        self._shapes = shapes
        self._traits: dict[str, Any] = {**shapes[reference["shape"]], **reference}
        self.name: str = reference["shape"]

    @property
    def type(self) -> str:
        """``structure``, ``list``, ``map``, ``string``, ``integer``, ``long``, ``boolean``, ``timestamp`` or ``blob``."""
        return str(self._traits["type"])

    @property
    def wire_name(self) -> str | None:
        """The name of the header, query parameter or element; None if it is the member's name."""
        return self._traits.get("locationName")

    @property
    def location(self) -> str | None:
        """``uri``, ``querystring``, ``header``, ``headers`` (a map by prefix), or None: in the body."""
        return self._traits.get("location")

    @property
    def payload(self) -> str | None:
        """The member that is the whole body; None if there is no such member."""
        return self._traits.get("payload")

    @property
    def required(self) -> tuple[str, ...]:
        """The names of the required members."""
        return tuple(self._traits.get("required", ()))

    @property
    def flattened(self) -> bool:
        """Whether a list's items are elements of the parent, without one around them."""
        return bool(self._traits.get("flattened"))

    @property
    def attribute(self) -> bool:
        """Whether the member is an attribute of the parent's element (``xsi:type``)."""
        return bool(self._traits.get("xmlAttribute"))

    @property
    def event_stream(self) -> bool:
        """Whether the members are the events of an event stream."""
        return bool(self._traits.get("eventstream"))

    @property
    def event_payload(self) -> bool:
        """Whether the member is the payload of its event."""
        return bool(self._traits.get("eventpayload"))

    @property
    def namespace(self) -> Mapping[str, str]:
        """``{"uri": ..., "prefix": ...}`` of the element, empty for most."""
        namespace: Mapping[str, str] = self._traits.get("xmlNamespace", {})
        return namespace

    @property
    def date_format(self) -> str | None:
        """``rfc822``, ``iso8601`` or None: the default of the location (RFC 822 in headers, ISO 8601 elsewhere)."""
        return self._traits.get("timestampFormat")

    @property
    def minimum(self) -> int | None:
        """The smallest number, or the fewest characters, bytes or items; None: no limit."""
        return self._traits.get("min")

    @property
    def maximum(self) -> int | None:
        """The largest number, or the most characters, bytes or items; None: no limit."""
        return self._traits.get("max")

    @property
    def pattern(self) -> str | None:
        """A regular expression in Java's syntax that the whole text must match; None: any text."""
        return self._traits.get("pattern")

    @property
    def enum(self) -> tuple[str, ...]:
        """The valid texts; empty: any text."""
        return tuple(self._traits.get("enum", ()))

    @property
    def item(self) -> Shape:
        """The shape of a list's items."""
        return Shape(self._shapes, self._traits["member"])

    @property
    def key(self) -> Shape:
        """The shape of a map's keys."""
        return Shape(self._shapes, self._traits["key"])

    @property
    def value(self) -> Shape:
        """The shape of a map's values."""
        return Shape(self._shapes, self._traits["value"])

    def members(self) -> Iterator[tuple[str, Shape]]:
        """Yield name and shape of a structure's members, in the model's order."""
        for name, reference in self._traits.get("members", {}).items():
            yield name, Shape(self._shapes, reference)

    def member(self, name: str) -> Shape:
        """Return the shape of a structure's member."""
        return Shape(self._shapes, self._traits["members"][name])

    def body(self) -> Iterator[tuple[str, Shape]]:
        """Yield name and shape of the members in the body."""
        return ((name, shape) for name, shape in self.members() if shape.location is None)

    def __repr__(self) -> str:
        return f"<Shape {self.name} ({self.type})>"


def element_name(member: str, shape: Shape) -> str:
    """Return the element name of a structure's member. A flattened list has the name of its items."""
    name = shape.wire_name or member
    return (shape.item.wire_name or name) if shape.type == "list" and shape.flattened else name
