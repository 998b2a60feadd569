"""Rewrites command lines of ``moto_server`` to ``fakes3part serve``."""

from __future__ import annotations

import re
from collections.abc import Sequence

import libcst as cst

_COMMAND = "fakes3part", "serve", "--lenient"
_OPTIONS = re.compile(r"(-H|-p|--host=?|--port=?)")
_ADVICE = f"write {' '.join(_COMMAND)} -H HOST -p PORT"


def command_advice(node: cst.CSTNode) -> str | None:
    """Return what to write in place of a command line; None: `rewrite_command` rewrites it."""
    words = _words(node)
    if words is None:
        return _ADVICE
    if words and words[0] and not words[0].startswith("-") and words[0] != "s3":
        return f"moto serves {words[0]}; for S3, {_ADVICE}"
    options = [word for word in words if word and word.startswith("-")]
    unknown = [option for option in options if not _OPTIONS.match(option)]
    if unknown:
        return f"{_ADVICE}, without {', '.join(unknown)}"
    if not any(option.startswith(("-p", "--port")) for option in options):
        return f"{_ADVICE}; its port is 4580 by default, not 5000"
    return None


def _words(node: cst.CSTNode) -> list[str | None] | None:
    """Return the words after ``moto_server``, None for those that are not literals; None: it is not a plain command line."""
    if isinstance(node, cst.List | cst.Tuple):
        if any(isinstance(element, cst.StarredElement) for element in node.elements):
            return None
        return [_literal(element.value) for element in node.elements[1:]]
    if isinstance(node, cst.SimpleString):
        return list((_literal(node) or "").split()[1:])
    if isinstance(node, cst.FormattedString):
        parts = [part.value if isinstance(part, cst.FormattedStringText) else "{}" for part in node.parts]
        return list("".join(parts).split()[1:])
    return None


def _literal(node: cst.BaseExpression) -> str | None:
    value = node.evaluated_value if isinstance(node, cst.SimpleString) else None
    return value if isinstance(value, str) else None


def rewrite_command(node: cst.BaseExpression) -> cst.BaseExpression:
    """Return a command line of ``moto_server`` as one of ``fakes3part serve``."""
    if isinstance(node, cst.List):
        return node.with_changes(elements=_elements(node.elements))
    if isinstance(node, cst.Tuple):
        return node.with_changes(elements=_elements(node.elements))
    if isinstance(node, cst.SimpleString):
        return node.with_changes(value=_text(node.value))
    if isinstance(node, cst.FormattedString):
        first = node.parts[0]
        assert isinstance(first, cst.FormattedStringText)
        return node.with_changes(parts=[first.with_changes(value=_text(first.value)), *node.parts[1:]])
    return node


def _elements(elements: Sequence[cst.BaseElement]) -> list[cst.BaseElement]:
    first, rest = elements[0], list(elements[1:])
    assert isinstance(first.value, cst.SimpleString)
    quote = first.value.quote
    comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    words = [cst.Element(cst.SimpleString(f"{quote}{word}{quote}"), comma) for word in _COMMAND[:-1]]
    last = cst.Element(cst.SimpleString(f"{quote}{_COMMAND[-1]}{quote}"), first.comma)
    if rest and _literal(rest[0].value) == "s3":
        last = last.with_changes(comma=rest[0].comma)
        del rest[0]
    return [*words, last, *rest]


def _text(text: str) -> str:
    return re.sub(r"moto_server(\s+s3\b)?", " ".join(_COMMAND), text, count=1)
