"""The replication configuration: what a document may say, and the document that GetBucketReplication returns.

Source: PutBucketReplication in the S3 API reference and "Replication configuration file elements" in the user guide; codes and
most texts are recorded from AWS, September 2026. (What a configuration does: `fakes3part.effects.replication`.)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

from ..errors import S3Error, not_implemented
from ..state.replication import (
    DISABLED,
    ENABLED,
    Destination,
    Exclusion,
    Replication,
    ReplicationFilter,
    ReplicationRule,
    Tags,
    Timing,
)
from .object_properties import STORAGE_CLASSES
from .tags import parse_object_tags

MAX_RULES = 1000
MAX_ID = 255
MAX_PREFIX = 1024
MAX_PRIORITY = 2**31 - 1
MINUTES = 15
"""The only time that S3 accepts in ReplicationTime and EventThreshold."""

_STATUSES = (ENABLED, DISABLED)
_OTHER_VERSION = (
    "for this version of Cross Region Replication configuration schema. Please refer to S3 Developer Guide for more information."
)
_TAGGED_MARKERS = (
    "Delete marker replication is not supported if any Tag filter is specified. Please refer to S3 Developer Guide for more "
    "information."
)
_MIXED_VERSIONS = "All rules of a replication configuration must be of the same version of the configuration schema."
_INVALID_ROLE = "Invalid Role specified in replication configuration"
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):(.+)", re.ASCII)
_BUCKET_ARN = re.compile(r"arn:aws[a-z-]*:s3:::[^/:]+", re.ASCII)
_KEY_ARN = re.compile(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:(key|alias)/.+", re.ASCII)

Document = Mapping[str, Any]


def parse_replication(document: Document, new_id: Callable[[], str]) -> Replication:
    """Return the configuration of a ``ReplicationConfiguration`` document. ``new_id`` makes the id of a rule that has none.

    Raises:
        S3Error: MalformedXML, InvalidArgument or InvalidRequest; NotImplemented for keys of several regions.
    """
    rules = document.get("Rules", ())
    if not 1 <= len(rules) <= MAX_RULES or not all(map(_has_form, rules)):
        raise S3Error("MalformedXML")
    role_account(document["Role"])
    parsed = tuple(_rule(rule, new_id) for rule in rules)
    _check_across_rules(parsed)
    return Replication(document["Role"], parsed)


def role_account(role: str) -> str:
    """Return the account of a role's ARN.

    Raises:
        S3Error: InvalidArgument if it is not the ARN of a role.
    """
    match = _ROLE.fullmatch(role)
    if match is None:
        raise S3Error("InvalidArgument", _INVALID_ROLE)
    if not match[2].startswith("role/"):
        raise S3Error("InvalidArgument", "The relative id should start with role")
    return match[1]


# --- the form: what is wrong here is MalformedXML --------------------------------------------------------------------


def _has_form(rule: Document) -> bool:
    selection = rule.get("SourceSelectionCriteria", {})
    return (
        rule.get("Status") in _STATUSES
        and ("Prefix" in rule) != ("Filter" in rule)
        and "ExistingObjectReplication" not in rule
        and _is_filter(rule.get("Filter", {}))
        and all(criterion.get("Status") in _STATUSES for criterion in selection.values())
        and rule.get("DeleteMarkerReplication", {"Status": ENABLED}).get("Status") in _STATUSES
        and _is_destination(rule["Destination"])
    )


def _is_filter(document: Document) -> bool:
    """Return whether a filter has one condition, none, or an ``And`` of two or more."""
    together = document.get("And")
    if together is not None:
        conditions = len({**together, "Tags": 0}) - 1 + len(together.get("Tags", ()))
        return len(document) == 1 and conditions >= 2 and _is_exclusion(together.get("Not"))
    return len(document) <= 1 and _is_exclusion(document.get("Not"))


def _is_exclusion(document: Document | None) -> bool:
    return document is None or (len(document) == 1 and document.get("Or") != {})


def _is_destination(document: Document) -> bool:
    time, metrics = document.get("ReplicationTime"), document.get("Metrics")
    return (
        document.get("StorageClass", "STANDARD") in STORAGE_CLASSES
        and document.get("AccessControlTranslation", {"Owner": "Destination"})["Owner"] == "Destination"
        and all(part is None or part["Status"] in _STATUSES for part in (time, metrics))
    )


# --- documents to rules ----------------------------------------------------------------------------------------------


def _refuse(text: str, code: str = "InvalidRequest") -> NoReturn:
    raise S3Error(code, text)


def _rule(document: Document, new_id: Callable[[], str]) -> ReplicationRule:
    criteria = document.get("SourceSelectionCriteria")
    if criteria == {}:
        _refuse("SourceSelectionCriteria cannot be empty.")
    rule = ReplicationRule(
        id=document.get("ID") or new_id(),
        status=document["Status"],
        destination=_destination(document["Destination"]),
        prefix=document.get("Prefix"),
        filter=_filter(document["Filter"]) if "Filter" in document else None,
        priority=document.get("Priority"),
        kms_objects=_status(criteria, "SseKmsEncryptedObjects"),
        replica_modifications=_status(criteria, "ReplicaModifications"),
        delete_markers=_status(document, "DeleteMarkerReplication"),
    )
    _check(rule)
    _check_destination(rule, document["Destination"])
    return rule


def _status(document: Document | None, member: str) -> str | None:
    """Return the status of a member; None: the document has no such member."""
    return None if document is None or member not in document else str(document[member]["Status"])


def _filter(document: Document) -> ReplicationFilter:
    inner = document.get("And", document)
    exclusion = inner.get("Not")
    return ReplicationFilter(
        inner.get("Prefix"), _tags(inner), None if exclusion is None else _exclusion(exclusion), "And" in document
    )


def _exclusion(document: Document) -> Exclusion:
    either = document.get("Or")
    if either is not None:
        return Exclusion(tuple(either.get("Prefixes", ())), _tags(either), is_or=True)
    return Exclusion((document["Prefix"],) if "Prefix" in document else (), _tags(document))


def _tags(document: Document) -> Tags:
    tags = document.get("Tags", [document["Tag"]] if "Tag" in document else [])
    if len({tag["Key"] for tag in tags}) < len(tags):
        _refuse("Duplicate Tag Keys are not allowed.")
    return tuple(parse_object_tags(tags).items())


def _destination(document: Document) -> Destination:
    encryption = document.get("EncryptionConfiguration", {})
    if "UseSourceMultiRegionKey" in encryption:
        raise not_implemented("PutBucketReplication", "UseSourceMultiRegionKey")
    return Destination(
        bucket=document["Bucket"],
        account=document.get("Account"),
        storage_class=document.get("StorageClass"),
        overrides_owner="AccessControlTranslation" in document,
        kms_key=encryption.get("ReplicaKmsKeyID"),
        time=_timing(document.get("ReplicationTime"), "Time"),
        metrics=_timing(document.get("Metrics"), "EventThreshold"),
    )


def _timing(document: Document | None, member: str) -> Timing | None:
    return None if document is None else Timing(document["Status"], document.get(member, {}).get("Minutes"))


# --- what rules must be ----------------------------------------------------------------------------------------------


def _check(rule: ReplicationRule) -> None:
    """Check the id, what each version of the schema requires, and the filter.

    The text about long prefixes is assumed, as that of lifecycle rules: not recorded from AWS.
    """
    if len(rule.id) > MAX_ID:
        _refuse(f"Rule Id cannot be greater than {MAX_ID}", "InvalidArgument")
    members = {"Priority": rule.priority, "DeleteMarkerReplication": rule.delete_markers}
    if rule.filter is None:
        members["ReplicaModifications"] = rule.replica_modifications
    for name, value in members.items():
        if rule.filter is None and value is not None:
            _refuse(f"{name} cannot be used {_OTHER_VERSION}")
        if rule.filter is not None and value is None:
            _refuse(f"{name} must be specified {_OTHER_VERSION}")
    if rule.priority is not None and rule.priority < 0:
        _refuse(f"Priority must be between 0 and {MAX_PRIORITY}.")
    prefixes = [rule.prefix if rule.filter is None else rule.filter.prefix]
    if rule.filter is not None and rule.filter.exclusion is not None:
        prefixes += rule.filter.exclusion.prefixes
    if any(len((prefix or "").encode("utf-8", "surrogatepass")) > MAX_PREFIX for prefix in prefixes):
        _refuse(f"The maximum size of a prefix is {MAX_PREFIX}.")
    if rule.delete_markers == ENABLED and rule.filter is not None and _has_tags(rule.filter):
        _refuse(_TAGGED_MARKERS)


def _has_tags(rule_filter: ReplicationFilter) -> bool:
    exclusion = rule_filter.exclusion
    return bool(rule_filter.tags or (exclusion is not None and exclusion.tags))


def _check_destination(rule: ReplicationRule, document: Document) -> None:
    destination = rule.destination
    if not _BUCKET_ARN.fullmatch(destination.bucket):
        _refuse("Invalid bucket ARN", "InvalidArgument")
    if destination.overrides_owner and destination.account is None:
        _refuse("Account must be specified if the Owner in AccessControlTranslation has a value")
    if rule.kms_objects is None and "EncryptionConfiguration" in document:
        _refuse("SseKmsEncryptedObjects must be specified if EncryptionConfiguration is present.")
    if rule.kms_objects is not None and destination.kms_key is None:
        _refuse("ReplicaKmsKeyID must be specified if SseKmsEncryptedObjects tag is present.")
    if destination.kms_key is not None and not _KEY_ARN.fullmatch(destination.kms_key):
        _refuse("Invalid ReplicaKmsKeyID ARN.", "InvalidArgument")
    _check_times(destination, has_threshold="EventThreshold" in document.get("Metrics", {}))


def _check_times(destination: Destination, *, has_threshold: bool) -> None:
    time, metrics = destination.time, destination.metrics
    is_timed = time is not None and time.is_enabled
    if has_threshold and not is_timed:
        _refuse("Metrics cannot contain an event threshold when ReplicationTime is not specified or Disabled", "InvalidArgument")
    if time is None:
        return
    if metrics is None:
        _refuse("Replication destination must contain both ReplicationTime and Metrics or neither.")
    if time.minutes != MINUTES:
        _refuse("Invalid time minute value", "InvalidArgument")
    if is_timed and not has_threshold:
        _refuse("ReplicationMetrics must contain an event threshold", "InvalidArgument")
    if has_threshold and metrics.minutes != MINUTES:
        _refuse("Invalid event threshold minute value", "InvalidArgument")


def _check_across_rules(rules: Iterable[ReplicationRule]) -> None:
    """Check ids, priorities, versions and destinations across the rules of one configuration.

    The text about rules of two versions is assumed: not recorded from AWS.
    """
    ids: set[str] = set()
    priorities: set[int] = set()
    for rule in rules:
        if rule.id in ids:
            _refuse("Rule Id must be unique", "InvalidArgument")
        ids.add(rule.id)
        if rule.priority is not None and rule.priority in priorities:
            _refuse(f"Found duplicate priority {rule.priority}.")
        if rule.priority is not None:
            priorities.add(rule.priority)
    versions = {rule.filter is None for rule in rules}
    if len(versions) > 1:
        _refuse(_MIXED_VERSIONS)
    if versions == {True} and len({rule.destination.bucket for rule in rules}) > 1:
        _refuse("Number of distinct destination bucket ARNs cannot exceed 1")


# --- rules to documents ----------------------------------------------------------------------------------------------


def replication_output(replication: Replication) -> dict[str, Any]:
    """Return the output of GetBucketReplication: the configuration as it was put. None: the element is absent."""
    return {"ReplicationConfiguration": {"Role": replication.role, "Rules": [_rule_output(rule) for rule in replication.rules]}}


def _rule_output(rule: ReplicationRule) -> Document:
    criteria = {"SseKmsEncryptedObjects": rule.kms_objects, "ReplicaModifications": rule.replica_modifications}
    has_criteria = any(status is not None for status in criteria.values())
    return {
        "ID": rule.id,
        "Priority": rule.priority,
        "Prefix": rule.prefix,
        "Filter": None if rule.filter is None else _filter_output(rule.filter),
        "Status": rule.status,
        "SourceSelectionCriteria": {name: _status_output(status) for name, status in criteria.items()} if has_criteria else None,
        "Destination": _destination_output(rule.destination),
        "DeleteMarkerReplication": _status_output(rule.delete_markers),
    }


def _status_output(status: str | None) -> Document | None:
    return None if status is None else {"Status": status}


def _filter_output(rule_filter: ReplicationFilter) -> Document:
    tags = _tags_output(rule_filter.tags)
    exclusion = None if rule_filter.exclusion is None else _exclusion_output(rule_filter.exclusion)
    if rule_filter.is_and:
        return {"And": {"Prefix": rule_filter.prefix, "Tags": tags, "Not": exclusion}}
    return {"Prefix": rule_filter.prefix, "Tag": tags[0] if tags else None, "Not": exclusion}


def _exclusion_output(exclusion: Exclusion) -> Document:
    tags = _tags_output(exclusion.tags)
    if exclusion.is_or:
        return {"Or": {"Prefixes": list(exclusion.prefixes), "Tags": tags}}
    return {"Prefix": next(iter(exclusion.prefixes), None), "Tag": tags[0] if tags else None}


def _tags_output(tags: Tags) -> list[Document]:
    return [{"Key": key, "Value": value} for key, value in tags]


def _destination_output(destination: Destination) -> Document:
    return {
        "Bucket": destination.bucket,
        "Account": destination.account,
        "StorageClass": destination.storage_class,
        "AccessControlTranslation": {"Owner": "Destination"} if destination.overrides_owner else None,
        "EncryptionConfiguration": None if destination.kms_key is None else {"ReplicaKmsKeyID": destination.kms_key},
        "ReplicationTime": _timing_output(destination.time, "Time"),
        "Metrics": _timing_output(destination.metrics, "EventThreshold"),
    }


def _timing_output(timing: Timing | None, member: str) -> Document | None:
    if timing is None:
        return None
    return {"Status": timing.status, member: None if timing.minutes is None else {"Minutes": timing.minutes}}
