"""Request metrics configurations of a bucket."""

from __future__ import annotations

from dataclasses import dataclass

from .object_filter import ObjectFilter


@dataclass(frozen=True, slots=True)
class MetricsConfiguration:
    """A metrics configuration, as it was put.

    Attributes:
        filter: None: all requests on the bucket.
    """

    id: str
    filter: ObjectFilter | None = None
