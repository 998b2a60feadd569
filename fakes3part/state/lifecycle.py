"""The lifecycle configuration of a bucket, with everything that GetBucketLifecycleConfiguration returns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

ALL_128K = "all_storage_classes_128K"
VARIES = "varies_by_storage_class"
MINIMUMS = (ALL_128K, VARIES)
"""TransitionDefaultMinimumObjectSize: objects under 128 KiB are not transitioned, or to GLACIER and DEEP_ARCHIVE only."""


@dataclass(frozen=True, slots=True)
class Filter:
    """The filter of a rule.

    Attributes:
        prefix: None: any key.
        larger_than: ObjectSizeGreaterThan, in bytes; None: any size.
        smaller_than: ObjectSizeLessThan, in bytes; None: any size.
        is_and: the document had the conditions in an ``And`` element.
    """

    prefix: str | None = None
    tags: tuple[tuple[str, str], ...] = ()
    larger_than: int | None = None
    smaller_than: int | None = None
    is_and: bool = False

    @property
    def has_size(self) -> bool:
        return self.larger_than is not None or self.smaller_than is not None


@dataclass(frozen=True, slots=True)
class Expiration:
    """The expiration of current versions. At most one field is not None.

    Attributes:
        days: the age of versions that expire.
        date: the date from which versions expire.
        markers: ExpiredObjectDeleteMarker: whether delete markers without noncurrent versions are removed.
    """

    days: int | None = None
    date: datetime | None = None
    markers: bool | None = None


@dataclass(frozen=True, slots=True)
class Transition:
    """A transition of current versions to another storage class, by age in days or by date (the other one is None)."""

    storage_class: str
    days: int | None = None
    date: datetime | None = None


@dataclass(frozen=True, slots=True)
class NoncurrentExpiration:
    """The expiration of noncurrent versions.

    Attributes:
        days: NoncurrentDays, since the version became noncurrent.
        keep: NewerNoncurrentVersions, the number of the newest noncurrent versions that stay; None: none.
    """

    days: int
    keep: int | None = None


@dataclass(frozen=True, slots=True)
class NoncurrentTransition:
    """A transition of noncurrent versions to another storage class; ``days`` and ``keep`` as of `NoncurrentExpiration`."""

    storage_class: str
    days: int
    keep: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A lifecycle rule.

    Attributes:
        has_base_prefix: the document had a Prefix in the rule itself, as before 2016, and no Filter.
        abort_days: DaysAfterInitiation of AbortIncompleteMultipartUpload; None: uploads are not aborted.
    """

    id: str
    is_enabled: bool
    filter: Filter
    has_base_prefix: bool = False
    expiration: Expiration | None = None
    transitions: tuple[Transition, ...] = ()
    noncurrent_expiration: NoncurrentExpiration | None = None
    noncurrent_transitions: tuple[NoncurrentTransition, ...] = ()
    abort_days: int | None = None


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """A lifecycle configuration; ``minimum`` is its TransitionDefaultMinimumObjectSize, one of `MINIMUMS`."""

    rules: tuple[Rule, ...]
    minimum: str = ALL_128K
