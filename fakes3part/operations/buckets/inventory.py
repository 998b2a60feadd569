"""The operations of inventory configurations. The rules are recorded from AWS, September 2026.

Assumed, not recorded from AWS: the text of InvalidKmskeyId.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...errors import S3Error
from ...rules.destinations import check_bucket_arn
from ...state.inventory import InventoryConfiguration, InventoryDestination, InventoryEncryption
from ..registry import Output
from .identified_configurations import identified_configuration

_KEY_ARN = re.compile(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:(?:key|alias)/[A-Za-z0-9/_-]+", re.ASCII)

_DIRECTORY_FIELDS = frozenset(
    [
        "BucketKeyStatus",
        "ChecksumAlgorithm",
        "ETag",
        "EncryptionStatus",
        "IsMultipartUploaded",
        "LastModifiedDate",
        "LifecycleExpirationDate",
        "Size",
        "StorageClass",
    ]
)


def _parse(document: Mapping[str, Any]) -> InventoryConfiguration:
    destination = document["Destination"]["S3BucketDestination"]
    prefix, account = document.get("Filter", {}).get("Prefix"), destination.get("AccountId")
    if prefix == "" or account == "":
        raise S3Error("MalformedXML")
    fields = document.get("OptionalFields")
    return InventoryConfiguration(
        id=document["Id"],
        destination=InventoryDestination(
            destination["Bucket"],
            destination["Format"],
            account,
            destination.get("Prefix"),
            _parse_encryption(destination.get("Encryption")),
        ),
        is_enabled=document["IsEnabled"],
        versions=document["IncludedObjectVersions"],
        frequency=document["Schedule"]["Frequency"],
        prefix=prefix,
        fields=None if fields is None else tuple(fields),
    )


def _parse_encryption(document: Mapping[str, Any] | None) -> InventoryEncryption | None:
    """Return the encryption; None: there is no such element."""
    if document is None:
        return None
    if len(document) != 1:
        raise S3Error("MalformedXML")
    key_id = document["SSEKMS"]["KeyId"] if "SSEKMS" in document else None
    if key_id == "":
        raise S3Error("MalformedXML")
    return InventoryEncryption(key_id)


def _check(configuration: InventoryConfiguration) -> None:
    destination = configuration.destination
    check_bucket_arn(destination.bucket, "InvalidS3DestinationBucket")
    key_id = None if destination.encryption is None else destination.encryption.kms_key_id
    if key_id is not None and not _KEY_ARN.fullmatch(key_id):
        raise S3Error("InvalidKmskeyId")


def _check_in_directory(configuration: InventoryConfiguration) -> None:
    """Refuse fields that inventories of directory buckets do not have (botocore's model, OptionalFields)."""
    if not _DIRECTORY_FIELDS.issuperset(configuration.fields or ()):
        raise S3Error("MalformedXML")


def _show(configuration: InventoryConfiguration) -> Output:
    destination = configuration.destination
    return {
        "Destination": {
            "S3BucketDestination": {
                "AccountId": destination.account,
                "Bucket": destination.bucket,
                "Format": destination.format,
                "Prefix": destination.prefix,
                "Encryption": _show_encryption(destination.encryption),
            }
        },
        "IsEnabled": configuration.is_enabled,
        "Filter": None if configuration.prefix is None else {"Prefix": configuration.prefix},
        "Id": configuration.id,
        "IncludedObjectVersions": configuration.versions,
        "OptionalFields": None if configuration.fields is None else list(configuration.fields),
        "Schedule": {"Frequency": configuration.frequency},
    }


def _show_encryption(encryption: InventoryEncryption | None) -> Output | None:
    if encryption is None:
        return None
    return {"SSES3": {}} if encryption.kms_key_id is None else {"SSEKMS": {"KeyId": encryption.kms_key_id}}


identified_configuration(
    field="inventory",
    family="Inventory",
    parse=_parse,
    show=_show,
    check=_check,
    check_in_directory=_check_in_directory,
    mismatch="IdMismatch",
    activates="inventory",
)
