"""Writes the modules that have the names of S3's operations and error codes as types: ``python -m tests.support.literals``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from fakes3part.error_codes import ERRORS
from fakes3part.protocol.model import s3_model

SOURCE = Path(__file__).parents[2] / "fakes3part"
OPERATION_NAMES = SOURCE / "operation_names.py"
CODES = SOURCE / "error_codes" / "codes.py"


def operation_names() -> list[str]:
    """Return the operations of the installed botocore, and PostObject, which it does not have."""
    model = s3_model()
    return sorted({*model.operations, model.post_object.name})


def render_operations(names: Iterable[str]) -> str:
    names = list(names)
    counts = "\n".join(f"    {name}: int" for name in names)
    return f'''"""The names of S3's operations as types. Written by ``python -m tests.support.literals`` from botocore's model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias, TypedDict

OperationName = Literal[
{_lines(names)}
]
"""The operations of botocore's model, and ``PostObject``: uploads by forms of browsers."""

Operations: TypeAlias = OperationName | str | Iterable[OperationName | str]
"""What selects operations: a name, a pattern such as ``"Get*"``, or several of them. The names are for completion in editors."""


class OperationCounts(TypedDict, total=False):
    """A number for each of some operations: the arguments of ``Calls.assert_at_most``."""

{counts}
'''


def render_codes(codes: Iterable[str]) -> str:
    return f'''"""S3's error codes as a type. Written by ``python -m tests.support.literals`` from the tables of this package."""

from __future__ import annotations

from typing import Literal

ErrorCode = Literal[
{_lines(sorted(codes))}
]
"""The codes of ``fakes3part.errors.ERRORS``."""
'''


def _lines(names: Iterable[str]) -> str:
    return "\n".join(f'    "{name}",' for name in names)


def main() -> None:
    """Write both modules."""
    OPERATION_NAMES.write_text(render_operations(operation_names()), "utf-8")
    CODES.write_text(render_codes(ERRORS), "utf-8")


if __name__ == "__main__":
    main()
