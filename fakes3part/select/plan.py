"""What a statement is compiled to, and what the compiler knows about the records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from .three_valued_logic import Evaluate
from .values import Step


class Columns(Protocol):
    """What the compiler needs to know about the records of a source.

    Attributes:
        raw: whether values are raw text, as in CSV.
        nested: whether values may have members or elements, and a record may be of any type.
    """

    raw: bool
    nested: bool

    def getter(self, path: Sequence[Step]) -> Evaluate:
        """Return the function that returns the value at a path in a record.

        Raises:
            S3Error: no record can have this path.
        """


class OutputColumn(NamedTuple):
    """A column of the result; ``name`` None: all fields of the record (``s.*``)."""

    name: str | None
    evaluate: Evaluate


class Plan(NamedTuple):
    """A compiled statement.

    Attributes:
        items: the columns of the result; empty: ``*``. With aggregates, they are functions of the aggregates' results.
        where: the condition; None: all records.
        aggregates: the name and the argument of each aggregate.
    """

    items: tuple[OutputColumn, ...]
    where: Evaluate | None
    aggregates: tuple[tuple[str, Evaluate], ...]
