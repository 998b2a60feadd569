"""Rewrites command lines of ``moto_server`` and ``python -m moto.server`` to ``fakes3part serve``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import libcst as cst

_COMMAND = "fakes3part", "serve", "--lenient"
_OPTIONS = re.compile(r"(-H|-p|--host=?|--port=?)")
_ADVICE = f"write {' '.join(_COMMAND)} -H HOST -p PORT"


def find_command(words: Sequence[str | None]) -> int | None:
    """Return the index of the word that names moto's server in a command line; None: there is none.

    Words that are not literals are None.
    """
    if words and words[0] and re.fullmatch(r"(\S+/)?moto_server", words[0]):
        return 0
    return next((index for index, pair in enumerate(pairwise(words), 1) if pair == ("-m", "moto.server")), None)


def command_words(node: cst.BaseExpression) -> list[str | None]:
    """Return the words of a command line, a list or a string; None for words that are not literals."""
    if isinstance(node, cst.List | cst.Tuple):
        return [_literal(element.value) for element in node.elements]
    if isinstance(node, cst.SimpleString):
        return list((_literal(node) or "").split())
    if isinstance(node, cst.FormattedString):
        parts = [part.value if isinstance(part, cst.FormattedStringText) else "{}" for part in node.parts]
        return list("".join(parts).split())
    return []


def command_advice(node: cst.BaseExpression) -> str | None:
    """Return what to write in place of a command line; None: `rewrite_command` rewrites it."""
    words = command_words(node)
    start = find_command(words)
    if start is None or _has_starred(node, start):
        return _ADVICE
    words = words[start + 1 :]
    if words and words[0] and words[0][0].isalnum() and words[0] != "s3":
        return f"moto serves {words[0]}; for S3, {_ADVICE}"
    options = [word for word in words if word and word.startswith("-")]
    unknown = [option for option in options if not _OPTIONS.match(option)]
    if unknown:
        return f"{_ADVICE}, without {', '.join(unknown)}"
    if not any(option.startswith(("-p", "--port")) for option in options):
        return f"{_ADVICE}; its port is 4580 by default, not 5000"
    return None


def _has_starred(node: cst.BaseExpression, start: int) -> bool:
    elements = node.elements[start:] if isinstance(node, cst.List | cst.Tuple) else []
    return any(isinstance(element, cst.StarredElement) for element in elements)


def _literal(node: cst.BaseExpression) -> str | None:
    value = node.evaluated_value if isinstance(node, cst.SimpleString) else None
    return value if isinstance(value, str) else None


def rewrite_command(node: cst.BaseExpression) -> cst.BaseExpression:
    """Return a command line of moto's server as one of ``fakes3part serve``."""
    if isinstance(node, cst.List):
        return node.with_changes(elements=_elements(node, node.elements))
    if isinstance(node, cst.Tuple):
        return node.with_changes(elements=_elements(node, node.elements))
    if isinstance(node, cst.SimpleString):
        return node.with_changes(value=_text(node.value))
    if isinstance(node, cst.FormattedString):
        done = False
        parts: list[cst.BaseFormattedStringContent] = []
        for part in node.parts:
            text = _text(part.value) if isinstance(part, cst.FormattedStringText) and not done else None
            done = done or (isinstance(part, cst.FormattedStringText) and text != part.value)
            parts.append(part if text is None else part.with_changes(value=text))
        return node.with_changes(parts=parts)
    return node


def _elements(node: cst.BaseExpression, elements: Sequence[cst.BaseElement]) -> list[cst.BaseElement]:
    start = find_command(command_words(node)) or 0
    name, rest = elements[start], list(elements[start + 1 :])
    assert isinstance(name.value, cst.SimpleString)
    quote = name.value.quote
    comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    words = [cst.Element(cst.SimpleString(f"{quote}{word}{quote}"), comma) for word in _COMMAND]
    last = rest.pop(0) if rest and _literal(rest[0].value) == "s3" else name
    words[-1] = words[-1].with_changes(comma=last.comma)
    return [*elements[:start], *words, *rest]


def _text(text: str) -> str:
    return re.sub(r"(\bmoto_server|(?<=-m )moto\.server)\b(\s+s3\b)?", " ".join(_COMMAND), text, count=1)
