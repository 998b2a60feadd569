"""PutBucketLogging, GetBucketLogging.

Assumed, not recorded from AWS: a TargetObjectKeyFormat without a format is MalformedXML; a directory bucket counts as no target;
invalid grantees have the errors of ACLs, and are judged before the target.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import S3Error
from ...rules import acls
from ...rules.regions import HOME, region_of
from ...state.access_control import ENFORCED, Acl
from ...state.access_logging import DELIVERY_TIME, EVENT_TIME, PARTITIONED, SIMPLE, AccessLogging
from ...state.bucket import GENERAL_PURPOSE, Bucket
from ..context import Context
from ..lenient_access import lift_ownership
from ..registry import Output, Params
from .configurations import configuration

_PERMISSIONS = frozenset({acls.FULL_CONTROL, "READ", "WRITE"})
_OTHER_OWNER = "The owner for the bucket to be logged and the target bucket must be the same."


def _parse(context: Context, params: Params) -> AccessLogging | None:
    """Return the new configuration; None: logging is off.

    Raises:
        S3Error: MalformedXML, of a grantee, or of the target.
    """
    document = params["BucketLoggingStatus"].get("LoggingEnabled")
    if document is None:
        return None
    grants = _parse_grants(document.get("TargetGrants"))
    key_format, date_source = _parse_key_format(document.get("TargetObjectKeyFormat"))
    _check_target(context, document["TargetBucket"], has_grants=bool(grants))
    return AccessLogging(document["TargetBucket"], document["TargetPrefix"], grants, key_format, date_source)


def _parse_grants(entries: list[Mapping[str, Any]] | None) -> Acl | None:
    """Return the grants of a document; None: it has no TargetGrants."""
    if entries is None:
        return None
    if len(entries) > acls.MAX_GRANTS:
        raise S3Error("MalformedXML")
    return tuple(acls.parse_grant(entry, _PERMISSIONS, "MalformedXML") for entry in entries)


def _parse_key_format(document: Mapping[str, Any] | None) -> tuple[str | None, str | None]:
    """Return the format of the log objects' keys and its date source; None: the document does not name it.

    Raises:
        S3Error: MalformedXML.
    """
    if document is None:
        return None, None
    if len(document) != 1:
        raise S3Error("MalformedXML")
    if SIMPLE in document:
        return SIMPLE, None
    date_source: str | None = document[PARTITIONED].get("PartitionDateSource")
    if date_source not in (None, EVENT_TIME, DELIVERY_TIME):
        raise S3Error("MalformedXML")
    return PARTITIONED, date_source


def _check_target(context: Context, name: str, *, has_grants: bool) -> None:
    """Check the target bucket: it exists, in the same account and Region, and may have grants, if there are any.

    Whether S3 may write there is not checked: logs are just not delivered otherwise (recorded from AWS, September 2026).

    Raises:
        S3Error: InvalidTargetBucketForLogging, CrossLocationLoggingProhibitted, AccessControlListNotSupported.
    """
    source, target = context.bucket, context.store.get(name)
    if target is None or target.kind is not GENERAL_PURPOSE:
        raise S3Error("InvalidTargetBucketForLogging", TargetBucket=name)
    if target.account != source.account:
        raise S3Error("InvalidTargetBucketForLogging", _OTHER_OWNER, TargetBucket=name)
    _check_regions(source, target)
    if has_grants and target.ownership == ENFORCED and not lift_ownership(context, target):
        raise S3Error("AccessControlListNotSupported", "Target grants not allowed for bucket owner enforced buckets")


def _check_regions(source: Bucket, target: Bucket) -> None:
    """Raise CrossLocationLoggingProhibitted for buckets in different Regions."""
    source_region, target_region = region_of(source), region_of(target)
    if source_region != target_region:
        locations = {"SourceBucketLocation": source_region, "TargetBucketLocation": target_region}
        if source_region == HOME:
            del locations["SourceBucketLocation"]
        raise S3Error("CrossLocationLoggingProhibitted", None, None, **locations)


def _show(logging: AccessLogging | None) -> Output:
    if logging is None:
        return {}
    enabled: Output = {"TargetBucket": logging.target_bucket, "TargetPrefix": logging.target_prefix}
    if logging.target_grants is not None:
        enabled["TargetGrants"] = acls.acl_output(logging.target_grants, {})
    if logging.key_format == SIMPLE:
        enabled["TargetObjectKeyFormat"] = {SIMPLE: {}}
    elif logging.key_format == PARTITIONED:
        enabled["TargetObjectKeyFormat"] = {PARTITIONED: {"PartitionDateSource": logging.date_source}}
    return {"LoggingEnabled": enabled}


configuration(
    field="logging",
    put="PutBucketLogging",
    get="GetBucketLogging",
    delete=None,
    parse=_parse,
    show=_show,
    missing=None,
    activates="access_log",
)
