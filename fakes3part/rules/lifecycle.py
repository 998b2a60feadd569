"""Lifecycle configurations: what S3 refuses, what it stores, and how it returns them.

Sources: Lifecycle configuration elements (Amazon S3 user guide); error texts recorded from AWS, some of them from public bug
reports.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from itertools import combinations
from typing import Any, TypeAlias

from ..errors import S3Error, invalid_argument
from ..state.lifecycle import (
    ALL_128K,
    MINIMUMS,
    Expiration,
    Filter,
    Lifecycle,
    NoncurrentExpiration,
    NoncurrentTransition,
    Rule,
    Transition,
)
from .tags import parse_object_tags, tag_set_output

MAX_RULES = 1000
MAX_ID = 255
MAX_KEEP = 100
"""Noncurrent versions that a rule can keep."""

MAX_PREFIX = 1024

WATERFALL = ("STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE")
"""The classes that a rule can move versions to, from warm to cold: there is no way back up."""

INFREQUENT = ("STANDARD_IA", "ONEZONE_IA")
MIN_DAYS = 30
"""How old an object is at least when it comes to an `INFREQUENT` class, and how long it stays there."""

Document: TypeAlias = Mapping[str, Any]


def parse_lifecycle(document: Document, minimum: str | None, new_id: Callable[[], str]) -> Lifecycle:
    """Return the configuration of a ``LifecycleConfiguration`` document.

    Args:
        minimum: the header ``x-amz-transition-default-minimum-object-size``; None: it was not sent.
        new_id: makes the id of a rule that has none.

    Raises:
        S3Error: InvalidRequest, InvalidArgument, MalformedXML, InvalidTag.
    """
    if minimum is not None and minimum not in MINIMUMS:
        raise S3Error("InvalidRequest", f"Invalid TransitionDefaultMinimumObjectSize found: {minimum}")
    documents = document["Rules"]
    if not 1 <= len(documents) <= MAX_RULES or not all(map(_has_form, documents)):
        raise S3Error("MalformedXML")
    rules = tuple(_rule(rule_document, new_id) for rule_document in documents)
    _check_across_rules(rules)
    for rule in rules:
        _check(rule)
    return Lifecycle(rules, minimum or ALL_128K)


# --- the form: what is wrong here is MalformedXML --------------------------------------------------------------------


def _one_of(document: Document, *names: str) -> bool:
    return sum(name in document for name in names) == 1


def _has_form(rule: Document) -> bool:
    return (
        rule["Status"] in ("Enabled", "Disabled")
        and _one_of(rule, "Filter", "Prefix")
        and _is_filter(rule.get("Filter", {}))
        and _is_expiration(rule.get("Expiration"))
        and "NoncurrentDays" in rule.get("NoncurrentVersionExpiration", {"NoncurrentDays": 1})
        and "DaysAfterInitiation" in rule.get("AbortIncompleteMultipartUpload", {"DaysAfterInitiation": 1})
        and all(_one_of(transition, "Days", "Date") and _names_class(transition) for transition in rule.get("Transitions", ()))
        and all(
            "NoncurrentDays" in transition and _names_class(transition)
            for transition in rule.get("NoncurrentVersionTransitions", ())
        )
    )


def _is_filter(document: Document) -> bool:
    """Return whether a filter has one condition, none, or an ``And`` of two or more."""
    together = document.get("And")
    if together is not None:
        return len(document) == 1 and len({**together, "Tags": 0}) - 1 + len(together.get("Tags", ())) >= 2
    return len(document) <= 1


def _is_expiration(document: Document | None) -> bool:
    return document is None or _one_of(document, "Days", "Date", "ExpiredObjectDeleteMarker")


def _names_class(document: Document) -> bool:
    return document.get("StorageClass") in WATERFALL


# --- documents to rules ----------------------------------------------------------------------------------------------


def _rule(document: Document, new_id: Callable[[], str]) -> Rule:
    expiration, noncurrent = document.get("Expiration"), document.get("NoncurrentVersionExpiration")
    return Rule(
        id=document.get("ID") or new_id(),
        is_enabled=document["Status"] == "Enabled",
        filter=_filter(document["Filter"]) if "Filter" in document else Filter(document["Prefix"]),
        has_base_prefix="Prefix" in document,
        expiration=expiration
        and Expiration(expiration.get("Days"), expiration.get("Date"), expiration.get("ExpiredObjectDeleteMarker")),
        transitions=tuple(
            Transition(transition["StorageClass"], transition.get("Days"), transition.get("Date"))
            for transition in document.get("Transitions", ())
        ),
        noncurrent_expiration=noncurrent
        and NoncurrentExpiration(noncurrent["NoncurrentDays"], noncurrent.get("NewerNoncurrentVersions")),
        noncurrent_transitions=tuple(
            NoncurrentTransition(
                transition["StorageClass"], transition["NoncurrentDays"], transition.get("NewerNoncurrentVersions")
            )
            for transition in document.get("NoncurrentVersionTransitions", ())
        ),
        abort_days=document.get("AbortIncompleteMultipartUpload", {}).get("DaysAfterInitiation"),
    )


def _filter(document: Document) -> Filter:
    inner = document.get("And", document)
    tags = inner.get("Tags", [inner["Tag"]] if "Tag" in inner else [])
    if len({tag["Key"] for tag in tags}) < len(tags):
        raise S3Error("InvalidRequest", "Duplicate Tag Keys are not allowed.")
    return Filter(
        inner.get("Prefix"),
        tuple(parse_object_tags(tags).items()),
        inner.get("ObjectSizeGreaterThan"),
        inner.get("ObjectSizeLessThan"),
        "And" in document,
    )


# --- what rules must be ----------------------------------------------------------------------------------------------


def _check_across_rules(rules: Iterable[Rule]) -> None:
    """Check ids and prefixes across the rules of one configuration."""
    ids = set()
    for rule in rules:
        if len(rule.id) > MAX_ID:
            raise invalid_argument(f"ID length should not exceed allowed limit of {MAX_ID}", "ID", rule.id)
        if rule.id in ids:
            raise invalid_argument("Rule ID must be unique. Found same ID for more than one rule", "ID", rule.id)
        ids.add(rule.id)
    if len({rule.has_base_prefix for rule in rules}) > 1:
        raise _refused("Base level prefix cannot be used in Lifecycle V2, prefixes are only supported in the Filter.")


def _refused(message: str) -> S3Error:
    return S3Error("InvalidRequest", message)


def _check(rule: Rule) -> None:
    _check_filter(rule)
    _check_numbers(rule)
    _check_dates(rule)
    name = f"filter '(prefix={rule.filter.prefix or ''})'"
    _check_transitions(rule, name)
    _check_noncurrent(rule, name)
    if not any((rule.expiration, rule.transitions, rule.noncurrent_expiration, rule.noncurrent_transitions, rule.abort_days)):
        raise _refused("At least one action needs to be specified in a rule")


def _check_filter(rule: Rule) -> None:
    rule_filter = rule.filter
    if len((rule_filter.prefix or "").encode("utf-8", "surrogatepass")) > MAX_PREFIX:
        raise _refused(f"The maximum size of a prefix is {MAX_PREFIX}.")
    if (rule_filter.larger_than or 0) < 0:
        raise _refused("'ObjectSizeGreaterThan' has to be a nonnegative value")
    if rule_filter.smaller_than is not None and rule_filter.smaller_than <= (rule_filter.larger_than or 0):
        raise _refused("'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'")
    for action, is_there in (
        ("AbortIncompleteMultipartUpload", rule.abort_days is not None),
        ("ExpiredObjectDeleteMarker", rule.expiration is not None and rule.expiration.markers is not None),
    ):
        if is_there and rule_filter.tags:
            raise _refused(f"{action} cannot be specified with Tags.")
        if is_there and rule_filter.has_size:
            raise _refused(f"{action} cannot be specified with Object Size.")
    limits = [action.keep for action in (rule.noncurrent_expiration, *rule.noncurrent_transitions) if action is not None]
    if rule.has_base_prefix and any(limit is not None for limit in limits):
        raise _refused("NewerNoncurrentVersions element can only be used in Lifecycle V2.")


def _check_numbers(rule: Rule) -> None:
    """Check that numbers of days are at least 1, or 0 for a transition, and that at most 100 noncurrent versions are retained."""
    expiration, noncurrent = rule.expiration, rule.noncurrent_expiration
    days: list[tuple[str, str, int | None, int]] = [
        ("Days", "Expiration", expiration.days if expiration is not None else None, 1),
        ("NoncurrentDays", "NoncurrentVersionExpiration", noncurrent.days if noncurrent is not None else None, 1),
        ("DaysAfterInitiation", "AbortIncompleteMultipartUpload", rule.abort_days, 1),
        *(("Days", "Transition", transition.days, 0) for transition in rule.transitions),
        *(("NoncurrentDays", "NoncurrentVersionTransition", transition.days, 0) for transition in rule.noncurrent_transitions),
    ]
    for name, action, number, minimum in days:
        if number is not None and number < minimum:
            kind = "positive" if minimum else "nonnegative"
            raise invalid_argument(f"'{name}' for {action} action must be a {kind} integer", name, number)
    limits = [("NoncurrentVersionTransition", transition.keep) for transition in rule.noncurrent_transitions]
    if noncurrent is not None:
        limits.append(("NoncurrentVersionExpiration", noncurrent.keep))
    for action, limit in limits:
        if limit is not None and not 1 <= limit <= MAX_KEEP:
            raise invalid_argument(
                f"'NewerNoncurrentVersions' for {action} action must be a positive integer up to {MAX_KEEP}",
                "NewerNoncurrentVersions",
                limit,
            )


def _check_dates(rule: Rule) -> None:
    dates = [action.date for action in (rule.expiration, *rule.transitions) if action is not None]
    for date in dates:
        if date is not None and (date.hour or date.minute or date.second or date.microsecond):
            raise invalid_argument("'Date' must be at midnight GMT", "Date", _iso(date))


def _iso(date: datetime) -> str:
    return f"{date.isoformat()[:19]}.000Z"


def _check_transitions(rule: Rule, name: str) -> None:
    """Check the transitions: each class once, all by age or all by date, colder classes later, and all before the expiration."""
    expiration = rule.expiration if rule.expiration is not None and rule.expiration.markers is None else None
    timed: list[Transition | Expiration] = [*rule.transitions, *([expiration] if expiration is not None else [])]
    if len({action.days is None for action in timed}) > 1:
        raise _refused(f"Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule for {name}")
    _check_classes([transition.storage_class for transition in rule.transitions], "Transition", name)
    _check_order([(transition.storage_class, transition.days) for transition in rule.transitions], "Days", "Transition", name)
    for earlier, later in combinations(sorted(rule.transitions, key=_coldness), 2):
        if earlier.date is not None and later.date is not None and later.date <= earlier.date:
            raise _not_after("Date", later, earlier, name)
    for transition in rule.transitions:
        if expiration is not None and expiration.days is not None and expiration.days <= (transition.days or 0):
            text = f"'Days' in the Expiration action for {name} must be greater than 'Days' in the Transition action"
            raise invalid_argument(text, "Days", expiration.days)
        if (
            expiration is not None
            and expiration.date is not None
            and transition.date is not None
            and expiration.date <= transition.date
        ):
            text = f"'Date' in the Expiration action for {name} must be later than 'Date' in the Transition action"
            raise invalid_argument(text, "Date", _iso(expiration.date))


def _coldness(transition: Transition) -> int:
    return WATERFALL.index(transition.storage_class)


def _not_after(member: str, later: Transition, earlier: Transition, name: str) -> S3Error:
    assert later.date is not None
    return invalid_argument(
        f"'{member}' in the '{later.storage_class}' Transition action for {name} must be later than '{member}' in the "
        f"'{earlier.storage_class}' Transition action",
        member,
        _iso(later.date),
    )


def _check_noncurrent(rule: Rule, name: str) -> None:
    transitions, expiration = rule.noncurrent_transitions, rule.noncurrent_expiration
    action = "NoncurrentVersionTransition"
    _check_classes([transition.storage_class for transition in transitions], action, name)
    _check_order([(transition.storage_class, transition.days) for transition in transitions], "NoncurrentDays", action, name)
    for transition in transitions:
        if expiration is not None and expiration.days <= transition.days:
            text = (
                f"'NoncurrentDays' in the NoncurrentVersionExpiration action for {name} must be greater than 'NoncurrentDays' "
                f"in the {action} action"
            )
            raise invalid_argument(text, "NoncurrentDays", expiration.days)


def _check_classes(classes: list[str], action: str, name: str) -> None:
    if len(set(classes)) < len(classes):
        raise _refused(f"'StorageClass' must be different for '{action}' actions in same 'Rule' with {name}")


def _check_order(moves: list[tuple[str, int | None]], member: str, action: str, name: str) -> None:
    """Check the ages of transitions: 30 days before and in an infrequent-access class, and colder classes later."""
    aged = [(storage_class, days) for storage_class, days in moves if days is not None]
    for storage_class, days in aged:
        if storage_class in INFREQUENT and days < MIN_DAYS:
            text = f"'{member}' in {action} action must be greater than or equal to {MIN_DAYS} for storageClass '{storage_class}'"
            raise invalid_argument(text, member, days)
    for (warm, earlier), (cold, later) in combinations(sorted(aged, key=lambda move: WATERFALL.index(move[0])), 2):
        stay = MIN_DAYS if warm in INFREQUENT else 1
        if later < earlier + stay:
            minimum = f"{stay} days more than" if stay > 1 else "greater than"
            text = (
                f"'{member}' in the '{cold}' {action} action for {name} must be {minimum} '{member}' in the '{warm}' {action} "
                "action"
            )
            raise invalid_argument(text, member, later)


# --- rules to documents ----------------------------------------------------------------------------------------------


def lifecycle_output(configuration: Lifecycle) -> list[dict[str, Any]]:
    """Return the rules as GetBucketLifecycleConfiguration returns them: as they were put. None: the element is absent."""
    return [_rule_output(rule) for rule in configuration.rules]


def _rule_output(rule: Rule) -> dict[str, Any]:
    expiration, noncurrent_expiration = rule.expiration, rule.noncurrent_expiration
    return {
        "ID": rule.id,
        "Prefix": rule.filter.prefix if rule.has_base_prefix else None,
        "Filter": None if rule.has_base_prefix else _filter_output(rule.filter),
        "Status": "Enabled" if rule.is_enabled else "Disabled",
        "Expiration": expiration
        and {"Days": expiration.days, "Date": expiration.date, "ExpiredObjectDeleteMarker": expiration.markers},
        "Transitions": [
            {"Days": transition.days, "Date": transition.date, "StorageClass": transition.storage_class}
            for transition in rule.transitions
        ],
        "NoncurrentVersionExpiration": noncurrent_expiration
        and {"NoncurrentDays": noncurrent_expiration.days, "NewerNoncurrentVersions": noncurrent_expiration.keep},
        "NoncurrentVersionTransitions": [
            {
                "NoncurrentDays": transition.days,
                "StorageClass": transition.storage_class,
                "NewerNoncurrentVersions": transition.keep,
            }
            for transition in rule.noncurrent_transitions
        ],
        "AbortIncompleteMultipartUpload": rule.abort_days and {"DaysAfterInitiation": rule.abort_days},
    }


def _filter_output(rule_filter: Filter) -> dict[str, Any]:
    tags = tag_set_output(dict(rule_filter.tags))
    inner: dict[str, Any] = {
        "Prefix": rule_filter.prefix,
        "ObjectSizeGreaterThan": rule_filter.larger_than,
        "ObjectSizeLessThan": rule_filter.smaller_than,
    }
    if rule_filter.is_and:
        return {"And": {**inner, "Tags": tags}}
    return {**inner, "Tag": tags[0] if tags else None}
