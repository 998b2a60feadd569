"""`Snapshot`: what a fake's state is made of at one moment, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..clock import ClockState
from ..ids import IdsState
from ..text import count
from .kms import KmsState
from .object_lambda import ObjectLambda
from .store import Store


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The state of a fake at one moment, to be restored any number of times, also in another fake.

    It shares its content with the fake (copy on write), so that taking one copies no bytes.

    Attributes:
        name: the name it is kept by; None: it has none.
        ids: where the id generators of a fake with a seed stood: what is done again gets the same ids again. None: no seed.
    """

    name: str | None
    store: Store = field(repr=False)
    clock: ClockState
    kms: KmsState = field(repr=False)
    lambdas: Mapping[str, ObjectLambda] = field(repr=False)
    ids: IdsState | None = field(repr=False)

    def __repr__(self) -> str:
        objects = sum(len(bucket.objects) for bucket in self.store.buckets.values())
        name = "" if self.name is None else f" {self.name!r}"
        return f"<Snapshot{name} of {count(len(self.store.buckets), 'bucket')}, {count(objects, 'object')}>"
