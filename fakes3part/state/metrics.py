"""Request metrics configurations of a bucket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from .object_filter import ObjectFilter


@dataclass(frozen=True, slots=True)
class MetricsConfiguration:
    """A metrics configuration, as it was put.

    Attributes:
        filter: None: all requests on the bucket.
    """

    id: str
    filter: ObjectFilter | None = None


MetricSums: TypeAlias = Mapping[str, float]
"""What a configuration has counted: CloudWatch's name of a metric -> its sum; latencies in milliseconds, sizes in bytes."""
