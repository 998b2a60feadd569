"""Documents as trees: XML and JSON, so that two of them can be compared element by element."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple
from xml.etree import ElementTree


class Node(NamedTuple):
    """An element of a document.

    Attributes:
        name: without its namespace.
        text: '' if it has elements.
    """

    name: str
    text: str
    children: tuple[Node, ...] = ()

    def find(self, name: str) -> str | None:
        """Return the text of a child; None: there is no such child."""
        return next((child.text for child in self.children if child.name == name), None)

    def outline(self) -> str:
        """Return the element in a line, for people."""
        if not self.children:
            return self.text
        return ", ".join(child.name if child.children else f"{child.name}={child.text}" for child in self.children)


def parse(body: bytes) -> Node | None:
    """Return the root of a document, XML or JSON; None: it is neither."""
    text = body.strip()
    if text.startswith(b"<"):
        try:
            return _of_xml(ElementTree.fromstring(text))
        except ElementTree.ParseError:
            return None
    if text.startswith(b"{"):
        try:
            return _of_json("", json.loads(text))
        except ValueError:
            return None
    return None


def _of_xml(element: ElementTree.Element) -> Node:
    attributes = tuple(Node(f"@{_local(name)}", value) for name, value in element.attrib.items())
    children = (*attributes, *map(_of_xml, element))
    return Node(_local(element.tag), "" if len(element) else element.text or "", children)


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _of_json(name: str, value: Any) -> Node:
    if isinstance(value, dict):
        return Node(name, "", tuple(_of_json(str(key), item) for key, item in sorted(value.items())))
    if isinstance(value, list):
        return Node(name, "", tuple(_of_json("item", item) for item in value))
    return Node(name, value if isinstance(value, str) else json.dumps(value))


def pairs(fake: Node, real: Node, unordered: frozenset[str]) -> Iterator[tuple[str, Node | None, Node | None]]:
    """Yield the children of two elements that belong together, with their names, numbered from 1 where there are several.

    Elements of the same name belong together in their order. None: the other one has no such child.

    Args:
        unordered: names of elements whose order means nothing: they are sorted first.
    """
    for name in dict.fromkeys(child.name for child in (*fake.children, *real.children)):
        fakes, reals = _named(fake, name, unordered), _named(real, name, unordered)
        count = max(len(fakes), len(reals))
        for index in range(count):
            label = name if count == 1 else f"{name}[{index + 1}]"
            yield label, fakes[index] if index < len(fakes) else None, reals[index] if index < len(reals) else None


def _named(parent: Node, name: str, unordered: frozenset[str]) -> list[Node]:
    found = [child for child in parent.children if child.name == name]
    return sorted(found, key=_sort_key) if name in unordered else found


def _sort_key(node: Node) -> str:
    """Return what elements without an order are sorted by: key and code, which both sides have, before made values."""
    return "\0".join(node.find(name) or "" for name in ("Key", "Code", "Value")) or node.text
