"""The metadata tables of a bucket (S3 Metadata): their configuration, and what they contain.

The fields of a row are the columns of AWS's tables, in their order, without ``bucket``, which is the same in all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import TypeAlias

JOURNAL, INVENTORY, ANNOTATION = "journal", "inventory", "annotation"


@dataclass(frozen=True, slots=True)
class TableEncryption:
    """The encryption of a table. ``key_arn``: None unless ``algorithm`` is ``aws:kms``."""

    algorithm: str
    key_arn: str | None = None


@dataclass(frozen=True, slots=True)
class TableConfiguration:
    """What the configuration says of one table.

    Attributes:
        enabled: the journal table always is.
        requested: when the table was enabled; None: it is disabled.
        arn: None: it is disabled, or could not be made.
        error: the code of the error for which it could not be made; None: it was made, or is disabled.
        encryption: None: the default one of its table bucket.
        role: the ARN of the role with which S3 reads annotations; None: there is none.
    """

    enabled: bool
    requested: datetime | None = None
    arn: str | None = None
    encryption: TableEncryption | None = None
    role: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class TableDestination:
    """Where the table of a V1 configuration is: in a table bucket of the customer."""

    bucket_arn: str
    table_name: str


@dataclass(frozen=True, slots=True)
class MetadataConfiguration:
    """The metadata configuration of a bucket.

    Attributes:
        record_days: after how many days records of the journal table expire; None: never.
        annotation: None: it was never configured.
        destination: of a V1 configuration, which has a journal table only; None: this is a V2 configuration.
    """

    journal: TableConfiguration
    inventory: TableConfiguration = TableConfiguration(enabled=False)
    annotation: TableConfiguration | None = None
    record_days: int | None = None
    destination: TableDestination | None = None

    @property
    def journal_name(self) -> str:
        """The name of the journal table."""
        return JOURNAL if self.destination is None else self.destination.table_name


@dataclass(frozen=True, slots=True)
class JournalRow:
    """A row of a journal table: a change of one version.

    Columns are None where AWS's are null: those of the object if it was deleted for good, ``version_id`` if the bucket was not
    versioned, ``source_ip_address`` and ``request_id`` if S3 itself made the change.
    """

    key: str
    sequence_number: str
    record_type: str
    record_timestamp: datetime
    version_id: str | None = None
    is_delete_marker: bool | None = None
    size: int | None = None
    last_modified_date: datetime | None = None
    e_tag: str | None = None
    storage_class: str | None = None
    is_multipart: bool | None = None
    encryption_status: str | None = None
    is_bucket_key_enabled: bool | None = None
    kms_key_arn: str | None = None
    checksum_algorithm: str | None = None
    object_tags: Mapping[str, str] | None = None
    user_metadata: Mapping[str, str] | None = None
    requester: str | None = None
    source_ip_address: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class InventoryRow:
    """A row of an inventory table: a version or a delete marker. Columns are None as in `JournalRow`."""

    key: str
    sequence_number: str
    version_id: str | None
    is_delete_marker: bool
    size: int
    last_modified_date: datetime
    e_tag: str | None = None
    storage_class: str | None = None
    is_multipart: bool | None = None
    encryption_status: str | None = None
    is_bucket_key_enabled: bool | None = None
    kms_key_arn: str | None = None
    checksum_algorithm: str | None = None
    object_tags: Mapping[str, str] | None = None
    user_metadata: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class AnnotationRow:
    """A row of an annotation table: one annotation of a version. ``version_id``: None if the bucket was not versioned.

    Assumed, not recorded from AWS: its columns.
    """

    key: str
    version_id: str | None
    annotation_name: str
    annotation_value: str
    size: int
    e_tag: str
    last_modified_date: datetime
    checksum_algorithm: str


Row: TypeAlias = JournalRow | InventoryRow | AnnotationRow


@dataclass(frozen=True, slots=True)
class MetadataTable:
    """A table that exists. It stays when its configuration is deleted.

    Attributes:
        chunks: the rows, oldest first, but the last few of them. (A row more must not copy all of them.) Those of a journal
            table as far as they are needed: some may have expired. Those of other tables as they were when they were disabled.
        recent: the last rows.
        is_live: S3 still writes to it.
        next_sequence: the sequence number of the next row of a journal table.
    """

    arn: str
    chunks: tuple[tuple[JournalRow | InventoryRow | AnnotationRow, ...], ...] = ()
    recent: tuple[JournalRow | InventoryRow | AnnotationRow, ...] = ()
    is_live: bool = True
    next_sequence: int = 1

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows, oldest first."""
        return (*chain.from_iterable(self.chunks), *self.recent)
