"""The models of STS and KMS from botocore, each loaded once, at the first request."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import Any

from ..protocol.model import load_raw
from ..protocol.shapes import Raw, Shape


class Operation:
    """An operation of STS or KMS. (S3 Control's are `protocols.rest_xml.ControlOperation`.)"""

    def __init__(self, name: str, raw: Raw, shapes: Raw) -> None:
        self.name = name
        self._raw = raw
        self._shapes = shapes

    @cached_property
    def input_shape(self) -> Shape | None:
        """The shape of the params; None: the operation has none."""
        return self._shape("input")

    @cached_property
    def output_shape(self) -> Shape | None:
        """The shape of the output; None: the operation has none."""
        return self._shape("output")

    def _shape(self, end: str) -> Shape | None:
        reference: Any = self._raw.get(end)
        return None if reference is None else Shape(self._shapes, reference)

    @property
    def wrapper(self) -> str:
        """The element around the result, in the query protocol."""
        return str(self._raw.get("output", {}).get("resultWrapper", f"{self.name}Result"))

    @property
    def is_unsigned(self) -> bool:
        """Whether the operation is not signed, as the caller is authenticated otherwise (AssumeRoleWithWebIdentity)."""
        return self._raw.get("authtype") == "none"


@lru_cache(maxsize=4)
def operations(service: str) -> dict[str, Operation]:
    """Return the operations of ``sts`` or ``kms`` by name."""
    raw = load_raw(service)
    return {name: Operation(name, definition, raw["shapes"]) for name, definition in raw["operations"].items()}
