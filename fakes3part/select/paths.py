"""Reads paths such as ``s.a."b"[0]['c']`` in sqlglot's trees."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from ..errors import S3Error
from .values import Name, Step


def path_steps(tree: exp.Expression) -> list[Step]:
    """Return the steps of a path. The last one of ``s.*`` is a `Name` ``*``, which the caller removes.

    Raises:
        S3Error: ParseInvalidPathComponent.
    """
    if isinstance(tree, exp.Column):
        return [Name(part.name, bool(part.args.get("quoted"))) for part in tree.parts]
    if isinstance(tree, exp.Dot) and isinstance(tree.expression, exp.Identifier):
        return [*path_steps(tree.this), Name(tree.expression.name, bool(tree.expression.args.get("quoted")))]
    if isinstance(tree, exp.Bracket) and len(tree.expressions) == 1:
        index = tree.expressions[0]
        if isinstance(index, exp.Literal):
            if index.is_string:
                return [*path_steps(tree.this), Name(index.this, True)]
            if index.this.isdigit():
                return [*path_steps(tree.this), int(index.this[:18])]
    raise S3Error("ParseInvalidPathComponent")


def path_nodes(tree: exp.Expression) -> Iterator[exp.Expression]:
    """Return the nodes of a path, from the last step to the first."""
    while isinstance(tree, (exp.Dot, exp.Bracket)):
        yield tree
        tree = tree.this
    yield tree


def is_missing(tree: exp.Expression) -> bool:
    """Return whether a node is the word MISSING, which sqlglot parses as a column."""
    if not isinstance(tree, exp.Column) or len(tree.parts) > 1 or not isinstance(tree.this, exp.Identifier):
        return False
    return not tree.this.args.get("quoted") and tree.name.lower() == "missing"
