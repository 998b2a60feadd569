"""Which replication rules apply to a version: to a new object, to a delete marker, and to later changes of either.

Source: "What does Amazon S3 replicate?" and "Replication configuration file elements" in the user guide.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..state.encryption import DSSE, KMS
from ..state.objects import Version
from ..state.replication import ENABLED, Replication, ReplicationFilter, ReplicationRule
from .object_properties import ARCHIVED


def rules_for_version(replication: Replication, version: Version) -> list[ReplicationRule]:
    """Return the rules by which a new object or delete marker is replicated, one for each destination.

    Of several rules with one destination, that of the highest priority decides, even if it does not take the version. Delete
    markers must have been made by a request: those of lifecycle rules are never replicated.
    """
    if version.replication is not None and version.replication.origin is not None:
        return []  # replicas are not replicated again
    deciding: dict[str, ReplicationRule] = {}
    for rule in _by_priority(replication):
        if rule.destination.bucket not in deciding and _matches(rule, version):
            deciding[rule.destination.bucket] = rule
    return [rule for rule in deciding.values() if _takes(rule, version)]


def rule_for_change(replication: Replication, version: Version, destination: str) -> ReplicationRule | None:
    """Return the rule by which a change of tags, ACL, lock or annotations follows to a bucket; None: it does not.

    A change of a replica travels back if the rule has ReplicaModifications. That tags do not matter here is assumed: not recorded
    from AWS.
    """
    is_replica = version.replication is not None and version.replication.origin is not None
    for rule in _by_priority(replication):
        is_allowed = not is_replica or rule.replica_modifications == ENABLED
        if is_allowed and rule.destination.bucket_name == destination and _matches_key(rule, version.key):
            return rule
    return None


def _by_priority(replication: Replication) -> Iterable[ReplicationRule]:
    """Return the enabled rules, that of the highest priority first."""
    enabled = [rule for rule in replication.rules if rule.status == ENABLED]
    return sorted(enabled, key=lambda rule: rule.priority or 0, reverse=True)


def _matches_key(rule: ReplicationRule, key: str) -> bool:
    if rule.filter is None:
        return key.startswith(rule.prefix or "")
    exclusion = rule.filter.exclusion
    return key.startswith(rule.filter.prefix or "") and not (exclusion is not None and key.startswith(exclusion.prefixes))


def _matches(rule: ReplicationRule, version: Version) -> bool:
    return _matches_key(rule, version.key) and (rule.filter is None or _matches_tags(rule.filter, version))


def _matches_tags(rule_filter: ReplicationFilter, version: Version) -> bool:
    """Return whether an object has the filter's tags, and none that exclude it. A delete marker has no tags."""
    tags, exclusion = version.properties.tags, rule_filter.exclusion
    if exclusion is not None and any(tags.get(key) == value for key, value in exclusion.tags):
        return False
    return all(tags.get(key) == value for key, value in rule_filter.tags)


def _takes(rule: ReplicationRule, version: Version) -> bool:
    """Return whether a rule that matches a version replicates it."""
    if version.is_delete_marker:
        return rule.filter is None or rule.delete_markers == ENABLED
    if version.properties.storage_class in ARCHIVED:
        return False
    return version.encryption.algorithm not in (KMS, DSSE) or rule.kms_objects == ENABLED
