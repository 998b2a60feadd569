"""S3 Intelligent-Tiering configurations of a bucket: the archive tiers of objects that are not accessed."""

from __future__ import annotations

from dataclasses import dataclass

from .object_filter import ObjectFilter


@dataclass(frozen=True, slots=True)
class Tiering:
    """An archive tier, ``ARCHIVE_ACCESS`` or ``DEEP_ARCHIVE_ACCESS``, and the days without access until objects move there."""

    tier: str
    days: int


@dataclass(frozen=True, slots=True)
class IntelligentTieringConfiguration:
    """An Intelligent-Tiering configuration, as it was put.

    Attributes:
        filter: None: the whole bucket.
    """

    id: str
    is_enabled: bool
    tierings: tuple[Tiering, ...]
    filter: ObjectFilter | None = None
