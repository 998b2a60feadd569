"""Storage class analysis configurations of a bucket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from .object_filter import ObjectFilter


@dataclass(frozen=True, slots=True)
class AnalyticsExport:
    """Where the analysis is exported to, as it was put. The format is CSV, the schema V_1: there are no others.

    Attributes:
        bucket: the ARN of the destination bucket.
        account: BucketAccountId, which S3 does not check; None: the document had none.
        prefix: of the exported object's key; None: the document had none.
    """

    bucket: str
    account: str | None = None
    prefix: str | None = None


@dataclass(frozen=True, slots=True)
class AnalyticsConfiguration:
    """An analytics configuration, as it was put.

    Attributes:
        filter: None: the whole bucket.
        export: None: the analysis is not exported.
    """

    id: str
    filter: ObjectFilter | None = None
    export: AnalyticsExport | None = None


@dataclass(frozen=True, slots=True)
class AnalyticsActivity:
    """What storage class analysis has observed since the last export, of one configuration.

    Attributes:
        since: when the configuration was first put.
        day: when the last export was due, or else ``since``; the next one is due 24 hours later.
        requests: GET requests, by storage class and age group (``STANDARD 000-014``).
        retrieved: the bytes of their responses, likewise.
        uploaded: the bytes of new objects, likewise.
    """

    since: datetime
    day: datetime
    requests: Mapping[str, int] = field(default_factory=dict)
    retrieved: Mapping[str, int] = field(default_factory=dict)
    uploaded: Mapping[str, int] = field(default_factory=dict)
