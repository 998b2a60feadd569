"""The server access logging of a bucket."""

from __future__ import annotations

from dataclasses import dataclass

from .access_control import Acl

SIMPLE, PARTITIONED = "SimplePrefix", "PartitionedPrefix"
EVENT_TIME, DELIVERY_TIME = "EventTime", "DeliveryTime"


@dataclass(frozen=True, slots=True)
class AccessLogging:
    """Where the access log of a bucket is delivered, as it was put.

    Attributes:
        target_bucket: the name of the bucket that gets the log objects.
        target_prefix: what their keys begin with; may be empty.
        target_grants: who else gets them, besides the owner of the target bucket; None: the document had no TargetGrants.
        key_format: `SIMPLE` or `PARTITIONED`; None: the document had no TargetObjectKeyFormat, which means `SIMPLE`.
        date_source: of a partitioned key, `EVENT_TIME` or `DELIVERY_TIME`; None: the document had none.
    """

    target_bucket: str
    target_prefix: str
    target_grants: Acl | None = None
    key_format: str | None = None
    date_source: str | None = None
