"""One shape of botocore's S3 model: the raw facts with names, and nothing else.

botocore's own classes would do, but cost an import and carry clients' concerns; a shape here is the model's dictionary with
the referring member's traits laid over it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Raw = Mapping[str, Any]


class Shape:
    """A shape as one member refers to it (two members may give one shape different wire names)."""

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
    def wire(self) -> str | None:
        """The name of the header, query member or element; None where it is the member's own."""
        return self._traits.get("locationName")

    @property
    def location(self) -> str | None:
        """``uri``, ``querystring``, ``header``, ``headers`` (a map by prefix), or None: in the body."""
        return self._traits.get("location")

    @property
    def payload(self) -> str | None:
        """The one member that is the whole body."""
        return self._traits.get("payload")

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(self._traits.get("required", ()))

    @property
    def flattened(self) -> bool:
        return bool(self._traits.get("flattened"))

    @property
    def attribute(self) -> bool:
        """Written as an attribute of the parent's element (``xsi:type``)."""
        return bool(self._traits.get("xmlAttribute"))

    @property
    def event_stream(self) -> bool:
        return bool(self._traits.get("eventstream"))

    @property
    def event_payload(self) -> bool:
        return bool(self._traits.get("eventpayload"))

    @property
    def namespace(self) -> Mapping[str, str]:
        """``{"uri": ..., "prefix": ...}`` of the element, empty for most."""
        found: Mapping[str, str] = self._traits.get("xmlNamespace", {})
        return found

    @property
    def date_format(self) -> str | None:
        """``rfc822``, ``iso8601`` or None: whatever the place demands (RFC 822 in headers, ISO 8601 elsewhere)."""
        return self._traits.get("timestampFormat")

    @property
    def minimum(self) -> int | None:
        """The smallest number, or the fewest characters, bytes or items."""
        return self._traits.get("min")

    @property
    def maximum(self) -> int | None:
        return self._traits.get("max")

    @property
    def pattern(self) -> str | None:
        """A regular expression, as Java has them, that the whole text must match."""
        return self._traits.get("pattern")

    @property
    def enum(self) -> tuple[str, ...]:
        """The texts that there are; none: any."""
        return tuple(self._traits.get("enum", ()))

    @property
    def item(self) -> Shape:
        """What a list is a list of."""
        return Shape(self._shapes, self._traits["member"])

    @property
    def key(self) -> Shape:
        """The keys of a map."""
        return Shape(self._shapes, self._traits["key"])

    @property
    def value(self) -> Shape:
        """The values of a map."""
        return Shape(self._shapes, self._traits["value"])

    def members(self) -> Iterator[tuple[str, Shape]]:
        """Name and shape of a structure's members, in the model's order."""
        for name, reference in self._traits.get("members", {}).items():
            yield name, Shape(self._shapes, reference)

    def member(self, name: str) -> Shape:
        return Shape(self._shapes, self._traits["members"][name])

    def body(self) -> Iterator[tuple[str, Shape]]:
        """The members that travel in the body."""
        return ((name, shape) for name, shape in self.members() if shape.location is None)

    def __repr__(self) -> str:
        return f"<Shape {self.name} ({self.type})>"


def element_name(member: str, shape: Shape) -> str:
    """The element that a structure's member is written as; a flattened list goes by the name of its items."""
    own = shape.wire or member
    return (shape.item.wire or own) if shape.type == "list" and shape.flattened else own
