"""The models of the services, as botocore has them: each loaded once, when the first request asks for it."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import Any

from ..protocol.model import load_raw
from ..protocol.shapes import Raw, Shape


class Operation:
    """One operation of STS or KMS: its two shapes. (S3 Control's know more: `restxml.ControlOperation`.)"""

    def __init__(self, name: str, raw: Raw, shapes: Raw) -> None:
        self.name = name
        self._raw = raw
        self._shapes = shapes

    @cached_property
    def input_shape(self) -> Shape | None:
        return self._shape("input")

    @cached_property
    def output_shape(self) -> Shape | None:
        return self._shape("output")

    def _shape(self, end: str) -> Shape | None:
        reference: Any = self._raw.get(end)
        return None if reference is None else Shape(self._shapes, reference)

    @property
    def wrapper(self) -> str:
        """The element around the result of the query protocol."""
        return str(self._raw.get("output", {}).get("resultWrapper", f"{self.name}Result"))

    @property
    def is_unsigned(self) -> bool:
        """Who asks proves it otherwise (AssumeRoleWithWebIdentity)."""
        return self._raw.get("authtype") == "none"


@lru_cache(maxsize=4)
def operations(service: str) -> dict[str, Operation]:
    """Every operation of ``sts`` or ``kms``, by name."""
    raw = load_raw(service)
    return {name: Operation(name, one, raw["shapes"]) for name, one in raw["operations"].items()}
