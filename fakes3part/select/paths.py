"""Paths in sqlglot's trees: ``s.a."b"[0]['c']``."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from ..errors import S3Error
from .values import Name, Step


def steps_of(tree: exp.Expression) -> list[Step]:
    """A path's steps; ``s.*`` ends in a `Name` ``*``, to be cut off.

    Raises:
        S3Error: ParseInvalidPathComponent.
    """
    if isinstance(tree, exp.Column):
        return [Name(part.name, bool(part.args.get("quoted"))) for part in tree.parts]
    if isinstance(tree, exp.Dot) and isinstance(tree.expression, exp.Identifier):
        return [*steps_of(tree.this), Name(tree.expression.name, bool(tree.expression.args.get("quoted")))]
    if isinstance(tree, exp.Bracket) and len(tree.expressions) == 1:
        index = tree.expressions[0]
        if isinstance(index, exp.Literal):
            if index.is_string:
                return [*steps_of(tree.this), Name(index.this, True)]
            if index.this.isdigit():
                return [*steps_of(tree.this), int(index.this[:18])]
    raise S3Error("ParseInvalidPathComponent")


def inside(tree: exp.Expression) -> Iterator[exp.Expression]:
    """A path's node and those of the path that it goes on from."""
    while isinstance(tree, (exp.Dot, exp.Bracket)):
        yield tree
        tree = tree.this
    yield tree


def is_missing(tree: exp.Expression) -> bool:
    """The word MISSING, which sqlglot takes for a column."""
    if not isinstance(tree, exp.Column) or len(tree.parts) > 1 or not isinstance(tree.this, exp.Identifier):
        return False
    return not tree.this.args.get("quoted") and tree.name.lower() == "missing"
