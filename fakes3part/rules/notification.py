"""Notification configurations: what one may say, and which of its entries match an event.

Source: "Event notification types and destinations" in the user guide and botocore's model; the errors about ARNs are recorded
from AWS, 2025. Assumed: the other texts (those of the projects stackd and moto), and the pattern of a function's ARN.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import combinations
from typing import Any, NoReturn
from urllib.parse import unquote_plus

from ..errors import S3Error, invalid_argument
from ..state.notification import FUNCTION, QUEUE, TOPIC, FilterRule, Notification, NotificationEntry

MAX_ENTRIES = 100
MAX_ID = 255
MAX_VALUE = 1024
"""Bytes in UTF-8."""

EVENTS = (
    "s3:ReducedRedundancyLostObject",
    "s3:ObjectCreated:*",
    "s3:ObjectCreated:Put",
    "s3:ObjectCreated:Post",
    "s3:ObjectCreated:Copy",
    "s3:ObjectCreated:CompleteMultipartUpload",
    "s3:ObjectRemoved:*",
    "s3:ObjectRemoved:Delete",
    "s3:ObjectRemoved:DeleteMarkerCreated",
    "s3:ObjectRestore:*",
    "s3:ObjectRestore:Post",
    "s3:ObjectRestore:Completed",
    "s3:Replication:*",
    "s3:Replication:OperationFailedReplication",
    "s3:Replication:OperationNotTracked",
    "s3:Replication:OperationMissedThreshold",
    "s3:Replication:OperationReplicatedAfterThreshold",
    "s3:ObjectRestore:Delete",
    "s3:LifecycleTransition",
    "s3:IntelligentTiering",
    "s3:ObjectAcl:Put",
    "s3:LifecycleExpiration:*",
    "s3:LifecycleExpiration:Delete",
    "s3:LifecycleExpiration:DeleteMarkerCreated",
    "s3:ObjectTagging:*",
    "s3:ObjectTagging:Put",
    "s3:ObjectTagging:Delete",
    "s3:ObjectAnnotation:*",
    "s3:ObjectAnnotation:Put",
    "s3:ObjectAnnotation:Delete",
    "s3:ObjectRetention:Put",
)
"""What an entry may name: the enumeration ``Event`` of botocore's model, in its order."""

LOST_OBJECT = "s3:ReducedRedundancyLostObject"

_LISTS = {
    "TopicConfigurations": (TOPIC, "TopicArn"),
    "QueueConfigurations": (QUEUE, "QueueArn"),
    "LambdaFunctionConfigurations": (FUNCTION, "LambdaFunctionArn"),
}
"""Member of the document -> kind of its entries, and their member for the ARN."""

_ARN = re.compile(r"arn:[^:]+:[^:]+:[^:]*:[^:]*:.+", re.DOTALL)
_FIFO = ".fifo"
_PATTERNS = {
    TOPIC: r"^arn:aws[\p{Alpha}\-]*:sns:[\p{Alnum}\-]+:[\p{Digit}]{12}:[\p{Alnum}\-_]{1,256}$",
    QUEUE: r"^arn:aws[\p{Alpha}\-]*:sqs:[\p{Alnum}\-]+:[\p{Digit}]{12}:[\p{Alnum}\-_]{1,80}$",
    FUNCTION: r"^arn:aws[\p{Alpha}\-]*:lambda:[\p{Alnum}\-]+:[\p{Digit}]{12}:function:[\p{Alnum}\-_]{1,140}"
    r"(:[$\p{Alnum}\-_]{1,128})?$",
}
"""Kind -> the pattern of its ARNs, as S3's error shows it."""

_JAVA = {r"\p{Alpha}": "a-zA-Z", r"\p{Alnum}": "a-zA-Z0-9", r"[\p{Digit}]": "[0-9]"}


def _compile(pattern: str) -> re.Pattern[str]:
    for java, python in _JAVA.items():
        pattern = pattern.replace(java, python)
    return re.compile(pattern.removeprefix("^").removesuffix("$"))


_COMPILED = {kind: _compile(pattern) for kind, pattern in _PATTERNS.items()}

# --- the configuration -----------------------------------------------------------------------------------------------


def parse_notification(configuration: Mapping[str, Any], region: str, new_id: Callable[[], str]) -> Notification:
    """Return the configuration of a ``NotificationConfiguration`` document.

    Args:
        region: of the bucket.
        new_id: makes the id of an entry without one.

    Raises:
        S3Error: MalformedXML, InvalidRequest or InvalidArgument.
    """
    documents = [
        (kind, document, document[arn]) for member, (kind, arn) in _LISTS.items() for document in configuration.get(member, [])
    ]
    for _, document, _ in documents:
        _check_shape(document)
    if len(documents) > MAX_ENTRIES:
        text = f"Too many configurations submitted. The maximum number of configurations is {MAX_ENTRIES}"
        raise S3Error("InvalidRequest", text)
    for kind, _, arn in documents:
        if not _ARN.fullmatch(arn):
            raise invalid_argument("The ARN could not be parsed", kind, arn)
    entries = tuple(_entry(kind, document, arn, new_id) for kind, document, arn in documents)
    if len({entry.id for entry in entries}) < len(entries):
        _refuse("Same ID used for multiple configurations. IDs must be unique.")
    _check_overlaps(entries)
    for entry in entries:
        _check_arn(entry, region)
    return Notification(entries, "EventBridgeConfiguration" in configuration)


def _check_shape(document: Mapping[str, Any]) -> None:
    """Raise MalformedXML for a filter without a rule, and for a rule without name or value."""
    if "Filter" not in document:
        return
    rules = document["Filter"].get("Key", {}).get("FilterRules", [])
    if not rules or not all({"Name", "Value"} <= rule.keys() for rule in rules):
        raise S3Error("MalformedXML")


def _entry(kind: str, document: Mapping[str, Any], arn: str, new_id: Callable[[], str]) -> NotificationEntry:
    name = document.get("Id") or new_id()
    if len(name) > MAX_ID:
        _refuse(f"ID length exceeded allowed limit of {MAX_ID}")
    for event in document["Events"]:
        if event not in EVENTS:
            supported = ", ".join(EVENTS)
            _refuse(f"The event '{event}' is not supported for notifications. Supported events are as follows: [{supported}]")
    rules = document["Filter"]["Key"]["FilterRules"] if "Filter" in document else ()
    return NotificationEntry(kind, name, arn, tuple(document["Events"]), tuple(_rules(rules)))


def _rules(documents: Iterable[Mapping[str, str]]) -> Iterator[FilterRule]:
    names = set()
    for document in documents:
        name, value = document["Name"].capitalize(), document["Value"]
        if name not in ("Prefix", "Suffix"):
            text = "filter rule name must be either prefix or suffix"
            raise invalid_argument(text, "FilterRule.Name", document["Name"])
        if name in names:
            _refuse(f"Cannot specify more than one {name.lower()} rule in a filter.")
        if len(value.encode("utf-8", "surrogatepass")) > MAX_VALUE:
            _refuse(f"Size of filter rule value cannot exceed {MAX_VALUE} bytes in UTF-8 representation")
        names.add(name)
        yield FilterRule(name, value)


def _check_arn(entry: NotificationEntry, region: str) -> None:
    fifo = entry.kind == QUEUE and entry.arn.endswith(_FIFO)
    if not _COMPILED[entry.kind].fullmatch(entry.arn.removesuffix(_FIFO) if fifo else entry.arn):
        pattern = _PATTERNS[entry.kind]
        _refuse(f"The ARN failed to satisfy constraint: Member must satisfy regular expression pattern: {pattern}")
    if fifo:
        _refuse("FIFO SQS queues are not supported.")
    if entry.arn.split(":")[3] != region:
        _refuse("The notification destination service region is not valid for the bucket location constraint")


def _refuse(text: str) -> NoReturn:
    raise S3Error("InvalidArgument", text)


# --- overlaps --------------------------------------------------------------------------------------------------------

_OVERLAP = "Configurations overlap. Configurations on the same bucket cannot share a common event type."
_AMBIGUOUS = (
    "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the "
    "same event type."
)


def _check_overlaps(entries: Iterable[NotificationEntry]) -> None:
    """Raise InvalidArgument if two entries would get the same event, or one entry gets it twice."""
    entries = tuple(entries)
    for entry in entries:
        if any(_share(one, other) for one, other in combinations(entry.events, 2)):
            _refuse(_OVERLAP)
    for one, other in combinations(entries, 2):
        if any(_share(event, second) for event in one.events for second in other.events):
            if not one.filter and not other.filter:
                _refuse(_OVERLAP)
            (prefix, suffix), (other_prefix, other_suffix) = _affixes(one), _affixes(other)
            prefixes_overlap = prefix.startswith(other_prefix) or other_prefix.startswith(prefix)
            if prefixes_overlap and (suffix.endswith(other_suffix) or other_suffix.endswith(suffix)):
                _refuse(_AMBIGUOUS)


def _share(pattern: str, other: str) -> bool:
    """Return whether two event patterns have an event in common."""
    return event_matches(pattern, other) or event_matches(other, pattern)


def event_matches(event: str, pattern: str) -> bool:
    """Return whether an event is of a pattern, both with ``s3:``: ``s3:ObjectCreated:Put`` is of ``s3:ObjectCreated:*``."""
    return event.startswith(pattern[:-1]) if pattern.endswith("*") else event == pattern


def _affixes(entry: NotificationEntry) -> tuple[str, str]:
    """Return what keys begin and end with, decoded; empty: anything."""
    values = {rule.name: decode_value(rule.value) for rule in entry.filter}
    return values.get("Prefix", ""), values.get("Suffix", "")


@lru_cache(maxsize=1024)
def decode_value(value: str) -> str:
    """Return the part of a key that a filter's value stands for. It is in URL form, or literal if that cannot be decoded."""
    if re.search("%(?![0-9a-fA-F]{2})", value):
        return value
    try:
        return unquote_plus(value, errors="strict")
    except UnicodeDecodeError:
        return value


# --- events ----------------------------------------------------------------------------------------------------------


def matching_entries(notification: Notification, event: str, key: str) -> list[NotificationEntry]:
    """Return the entries whose destinations get an event (``s3:ObjectCreated:Put``) of a key."""
    return [entry for entry in notification.entries if _matches(entry, event, key)]


def _matches(entry: NotificationEntry, event: str, key: str) -> bool:
    prefix, suffix = _affixes(entry)
    return any(event_matches(event, pattern) for pattern in entry.events) and key.startswith(prefix) and key.endswith(suffix)


# --- the get operation -----------------------------------------------------------------------------------------------


def notification_output(notification: Notification | None) -> dict[str, Any]:
    """Return the output of GetBucketNotificationConfiguration; None: the bucket never had one."""
    output: dict[str, Any] = {}
    if notification is None:
        return output
    for member, (kind, arn) in _LISTS.items():
        entries = [_entry_output(entry, arn) for entry in notification.entries if entry.kind == kind]
        if entries:
            output[member] = entries
    if notification.event_bridge:
        output["EventBridgeConfiguration"] = {}
    return output


def _entry_output(entry: NotificationEntry, arn: str) -> dict[str, Any]:
    output: dict[str, Any] = {"Id": entry.id, arn: entry.arn, "Events": list(entry.events)}
    if entry.filter:
        output["Filter"] = {"Key": {"FilterRules": [{"Name": rule.name, "Value": rule.value} for rule in entry.filter]}}
    return output
