"""Inventory configurations of a bucket."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InventoryEncryption:
    """How S3 encrypts the files of an inventory.

    Attributes:
        kms_key_id: of SSE-KMS, as it was put: the ARN of a key or an alias; None: SSE-S3.
    """

    kms_key_id: str | None = None


@dataclass(frozen=True, slots=True)
class InventoryDestination:
    """Where the files of an inventory are written, as it was put.

    Attributes:
        bucket: the ARN of the destination bucket.
        format: ``CSV``, ``ORC`` or ``Parquet``.
        account: AccountId, which S3 does not check; None: the document had none.
        prefix: of the files' keys; None: the document had none.
        encryption: None: the destination bucket's default.
    """

    bucket: str
    format: str
    account: str | None = None
    prefix: str | None = None
    encryption: InventoryEncryption | None = None


@dataclass(frozen=True, slots=True)
class InventoryConfiguration:
    """An inventory configuration, as it was put.

    Attributes:
        versions: IncludedObjectVersions, ``All`` or ``Current``.
        frequency: ``Daily`` or ``Weekly``.
        prefix: of the keys that the inventory lists; None: all keys.
        fields: the optional fields, in the order of the document; None: the document had no OptionalFields.
    """

    id: str
    destination: InventoryDestination
    is_enabled: bool
    versions: str
    frequency: str
    prefix: str | None = None
    fields: tuple[str, ...] | None = None
