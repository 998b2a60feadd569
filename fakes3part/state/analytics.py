"""Storage class analysis configurations of a bucket."""

from __future__ import annotations

from dataclasses import dataclass

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
