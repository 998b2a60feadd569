"""A bucket's lifecycle configuration: immutable, and with everything in it that GetBucketLifecycleConfiguration must echo."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

ALL_128K = "all_storage_classes_128K"
VARIES = "varies_by_storage_class"
MINIMUMS = (ALL_128K, VARIES)
"""Which objects under 128 KiB a transition leaves alone: all of them, or those that would not go to GLACIER or DEEP_ARCHIVE."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which versions a rule is for; sizes are in bytes, and excluded themselves. ``is_and``: it was written as an ``And``."""

    prefix: str | None = None
    tags: tuple[tuple[str, str], ...] = ()
    larger_than: int | None = None
    smaller_than: int | None = None
    is_and: bool = False

    @property
    def has_size(self) -> bool:
        return self.larger_than is not None or self.smaller_than is not None


@dataclass(frozen=True, slots=True)
class Expiration:
    """What becomes of current versions: by age or by date; or, with ``markers``, of delete markers with nothing beneath."""

    days: int | None = None
    date: datetime | None = None
    markers: bool | None = None


@dataclass(frozen=True, slots=True)
class Transition:
    """Another storage class, by age or by date."""

    storage_class: str
    days: int | None = None
    date: datetime | None = None


@dataclass(frozen=True, slots=True)
class NoncurrentExpiration:
    """Deletion ``days`` after a version was succeeded; the ``keep`` newest noncurrent ones stay."""

    days: int
    keep: int | None = None


@dataclass(frozen=True, slots=True)
class NoncurrentTransition:
    """Another storage class, ``days`` after a version was succeeded; the ``keep`` newest noncurrent ones stay in theirs."""

    storage_class: str
    days: int
    keep: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``has_base_prefix``: its prefix was given as S3 did it before 2016, without a Filter."""

    id: str
    is_enabled: bool
    filter: Filter
    has_base_prefix: bool = False
    expiration: Expiration | None = None
    transitions: tuple[Transition, ...] = ()
    noncurrent_expiration: NoncurrentExpiration | None = None
    noncurrent_transitions: tuple[NoncurrentTransition, ...] = ()
    abort_days: int | None = None


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The configuration; ``minimum`` is one of `MINIMUMS`."""

    rules: tuple[Rule, ...]
    minimum: str = ALL_128K
