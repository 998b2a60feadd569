"""S3 Metadata: the documents of a bucket's metadata configuration, and the statuses of its tables, which follow from the time.

Sources: botocore's S3 model documentation, and "Accelerating data discovery with S3 Metadata" in the S3 user guide. Assumed, not
recorded from AWS: how long a table is CREATING, and that the errors of values are InvalidRequest, with these texts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ..clock import later
from ..errors import S3Error
from ..state.bucket import Bucket
from ..state.encryption import AES256, KMS
from ..state.metadata_tables import (
    ANNOTATION,
    INVENTORY,
    MetadataConfiguration,
    TableConfiguration,
    TableDestination,
    TableEncryption,
)
from .regions import region_of

ENABLED, DISABLED = "ENABLED", "DISABLED"
CREATING, BACKFILLING, ACTIVE, FAILED = "CREATING", "BACKFILLING", "ACTIVE", "FAILED"

CREATION, BACKFILL = timedelta(minutes=1), timedelta(minutes=15)
"""After how much time a table exists, and after how much the existing objects are in it (at least 15 minutes, says the guide)."""

MIN_DAYS, MAX_DAYS = 7, 2**31 - 1

_V1_NAMESPACE = "aws_s3_metadata"
_TABLE_BUCKET_ARN = re.compile(r"arn:aws[a-z-]*:s3tables:([a-z0-9-]+):(\d{12}):bucket/[a-z0-9-]{3,63}", re.ASCII)
_TABLE_NAME = re.compile(r"[0-9a-z_]{1,255}", re.ASCII)
_KEY_ARN = re.compile(r"arn:aws[a-z-]*:kms:([a-z0-9-]+):\d{12}:key/[\w-]+", re.ASCII)
_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/.+", re.ASCII)

_ANEW = (
    "To create a new metadata table, you must delete the metadata configuration for this bucket, and then create a new metadata "
    "configuration."
)
_MANAGED = "already exists in the Amazon Web Services managed table bucket's namespace."
ERRORS = {
    "AccessDeniedCreatingResources": (
        "You don't have sufficient permissions to create the required resources. Make sure that you have "
        "s3tables:CreateTableBucket, s3tables:CreateNamespace, s3tables:CreateTable, s3tables:GetTable, s3tables:PutTablePolicy, "
        "kms:DescribeKey, and s3tables:PutTableEncryption permissions. Additionally, ensure that the KMS key used to encrypt the "
        "table still exists, is active and has a resource policy granting access to the S3 service principals "
        f"'maintenance.s3tables.amazonaws.com' and 'metadata.s3.amazonaws.com'. {_ANEW}"
    ),
    "DestinationTableNotFound": f"The destination table doesn't exist. {_ANEW}",
    "JournalTableAlreadyExists": f"A journal table {_MANAGED} Delete the journal table, and then try again. {_ANEW}",
    "InventoryTableAlreadyExists": f"An inventory table {_MANAGED} Delete the inventory table, and then try again. {_ANEW}",
    "AnnotationTableAlreadyExists": f"An annotation table {_MANAGED} Delete the annotation table, and then try again. {_ANEW}",
    "JournalTableNotAvailable": (
        "The journal table that the inventory table relies on has a FAILED status. An inventory table requires a journal table "
        "with an ACTIVE status. To create a new journal or inventory table, you must delete the metadata configuration for this "
        "bucket, along with any journal or inventory tables, and then create a new metadata configuration."
    ),
    "TableAlreadyExists": (
        "The table that you specified already exists in the table bucket's namespace. Specify a different table name. " + _ANEW
    ),
    "TableBucketNotFound": (
        "The table bucket that you specified doesn't exist in this Amazon Web Services Region and account. Create or choose a "
        "different table bucket. " + _ANEW
    ),
}
"""The ``ErrorCode`` of a FAILED table -> its ``ErrorMessage``, from botocore's model; that of annotation tables is analogous."""

# --- reading ---------------------------------------------------------------------------------------------------------


def _invalid(text: str) -> S3Error:
    return S3Error("InvalidRequest", text)


def parse_record_days(document: Mapping[str, Any]) -> int | None:
    """Return after how many days the records of a JournalTableConfiguration expire; None: never.

    Raises:
        S3Error: MalformedXML, InvalidRequest.
    """
    expiration = document["RecordExpiration"]
    state, days = expiration["Expiration"], expiration.get("Days")
    if is_enabled(state):
        if days is None or not MIN_DAYS <= days <= MAX_DAYS:
            raise _invalid(f"Days must be from {MIN_DAYS} to {MAX_DAYS} if journal table record expiration is enabled.")
        return int(days)
    if days is not None:
        raise _invalid("Days must not be specified if journal table record expiration is disabled.")
    return None


def is_enabled(state: str) -> bool:
    """Return whether ``ENABLED`` or ``DISABLED`` is on.

    Raises:
        S3Error: MalformedXML for any other text.
    """
    if state not in (ENABLED, DISABLED):
        raise S3Error("MalformedXML")
    return state == ENABLED


def parse_encryption(document: Mapping[str, Any], bucket: Bucket) -> TableEncryption | None:
    """Return the EncryptionConfiguration of a table; None: the document has none.

    Raises:
        S3Error: MalformedXML for an unknown algorithm; InvalidRequest for a key that is missing, superfluous, no ARN, or in
            another region than the bucket.
    """
    encryption = document.get("EncryptionConfiguration")
    if encryption is None:
        return None
    algorithm, key = encryption["SseAlgorithm"], encryption.get("KmsKeyArn")
    if algorithm not in (AES256, KMS):
        raise S3Error("MalformedXML")
    if algorithm == AES256:
        if key is not None:
            raise _invalid("KmsKeyArn can only be specified with the SseAlgorithm aws:kms.")
        return TableEncryption(algorithm)
    arn = _KEY_ARN.fullmatch(key or "")
    if arn is None:
        raise _invalid("KmsKeyArn must be the ARN of a KMS key if the SseAlgorithm is aws:kms.")
    if arn[1] != region_of(bucket):
        raise _invalid("The KMS key must be in the same Region as the general purpose bucket.")
    return TableEncryption(algorithm, key)


def parse_role(document: Mapping[str, Any]) -> str | None:
    """Return the Role of an AnnotationTableConfiguration; None: it has none.

    Raises:
        S3Error: InvalidRequest.
    """
    role: str | None = document.get("Role")
    if role is not None and not _ROLE_ARN.fullmatch(role):
        raise _invalid("Role must be the ARN of an IAM role.")
    return role


def parse_destination(document: Mapping[str, Any]) -> TableDestination:
    """Return the S3TablesDestination of a V1 configuration.

    Raises:
        S3Error: InvalidRequest.
    """
    arn, name = document["S3TablesDestination"]["TableBucketArn"], document["S3TablesDestination"]["TableName"]
    if not _TABLE_BUCKET_ARN.fullmatch(arn):
        raise _invalid("TableBucketArn must be the ARN of a table bucket.")
    if not _TABLE_NAME.fullmatch(name):
        raise _invalid("TableName must have 1 to 255 lowercase letters, digits and underscores.")
    return TableDestination(arn, name)


# --- statuses --------------------------------------------------------------------------------------------------------


def table_error(bucket: Bucket, name: str) -> str | None:
    """Return the error code of an enabled table, why it could not be made or written to; None: it could."""
    configuration = bucket.metadata
    assert configuration is not None
    table = table_configuration(configuration, name)
    assert table is not None
    destination = configuration.destination
    if destination is not None:
        arn = _TABLE_BUCKET_ARN.fullmatch(destination.bucket_arn)
        if arn is None or (arn[1], arn[2]) != (region_of(bucket), bucket.account):
            return "TableBucketNotFound"
    if name != configuration.journal_name and table_error(bucket, configuration.journal_name) is not None:
        return "JournalTableNotAvailable"
    if table.error is not None:
        return table.error
    existing = bucket.metadata_tables.get(name)
    return None if existing is not None and existing.arn == table.arn else "DestinationTableNotFound"


def table_status(bucket: Bucket, name: str, now: datetime) -> str:
    """Return the ``TableStatus`` of an enabled table."""
    configuration = bucket.metadata
    assert configuration is not None
    table = table_configuration(configuration, name)
    assert table is not None
    assert table.requested is not None
    if now < later(table.requested, CREATION):
        return CREATING
    if table_error(bucket, name) is not None:
        return FAILED
    return BACKFILLING if name in (INVENTORY, ANNOTATION) and now < later(table.requested, BACKFILL) else ACTIVE


def table_configuration(configuration: MetadataConfiguration, name: str) -> TableConfiguration | None:
    """Return the configuration of a table by its name; None: there is none."""
    if name == configuration.journal_name:
        return configuration.journal
    if configuration.destination is not None:
        return None
    return {INVENTORY: configuration.inventory, ANNOTATION: configuration.annotation}.get(name)


# --- writing ---------------------------------------------------------------------------------------------------------


def _namespace(bucket: Bucket) -> str:
    """Return the namespace of a V2 configuration. (Assumed: periods become underscores, which namespaces cannot have.)"""
    return f"b_{bucket.name.replace('.', '_')}"


def _bucket_arn(bucket: Bucket, configuration: MetadataConfiguration) -> str:
    """Return the ARN of the table bucket: ``aws-s3`` is the managed one (user guide; another page of it differs)."""
    if configuration.destination is not None:
        return configuration.destination.bucket_arn
    return f"arn:aws:s3tables:{region_of(bucket)}:{bucket.account}:bucket/aws-s3"


def exists_already(name: str, destination: TableDestination | None) -> str:
    """Return the error code of a table whose name is in use; ``destination`` None: in the managed table bucket."""
    return "TableAlreadyExists" if destination is not None else f"{name.capitalize()}TableAlreadyExists"


def table_arn(bucket: Bucket, destination: TableDestination | None, uuid: str) -> str:
    """Return the ARN of a new table; ``destination`` None: in the managed table bucket."""
    return f"{_bucket_arn(bucket, MetadataConfiguration(TableConfiguration(True), destination=destination))}/table/{uuid}"


def _error_output(code: str | None) -> dict[str, Any]:
    return {} if code is None else {"Error": {"ErrorCode": code, "ErrorMessage": ERRORS[code]}}


def _table_output(bucket: Bucket, name: str, table: TableConfiguration, now: datetime) -> dict[str, Any]:
    status = table_status(bucket, name, now)
    error = table_error(bucket, name) if status == FAILED else None
    return {"TableStatus": status, **_error_output(error), "TableName": name, "TableArn": table.arn}


def _optional_table_output(bucket: Bucket, name: str, table: TableConfiguration, now: datetime) -> dict[str, Any]:
    """Return the document of a table that may be disabled: then it has no status (assumed)."""
    if not table.enabled:
        return {"ConfigurationState": DISABLED, "Role": table.role}
    return {"ConfigurationState": ENABLED, **_table_output(bucket, name, table, now), "Role": table.role}


def configuration_output(bucket: Bucket, now: datetime) -> dict[str, Any]:
    """Return the MetadataConfigurationResult, which shows V1 configurations too."""
    configuration = bucket.metadata
    assert configuration is not None
    is_v2 = configuration.destination is None
    days = configuration.record_days
    result: dict[str, Any] = {
        "DestinationResult": {
            "TableBucketType": "aws" if is_v2 else "customer",
            "TableBucketArn": _bucket_arn(bucket, configuration),
            "TableNamespace": _namespace(bucket) if is_v2 else _V1_NAMESPACE,
        },
        "JournalTableConfigurationResult": {
            **_table_output(bucket, configuration.journal_name, configuration.journal, now),
            "RecordExpiration": {"Expiration": DISABLED} if days is None else {"Expiration": ENABLED, "Days": days},
        },
    }
    if is_v2:
        inventory = _optional_table_output(bucket, INVENTORY, configuration.inventory, now)
        del inventory["Role"]
        result["InventoryTableConfigurationResult"] = inventory
    if configuration.annotation is not None:
        result["AnnotationTableConfigurationResult"] = _optional_table_output(bucket, ANNOTATION, configuration.annotation, now)
    return result


def v1_output(bucket: Bucket, now: datetime) -> dict[str, Any]:
    """Return the GetBucketMetadataTableConfigurationResult of a V1 configuration."""
    configuration = bucket.metadata
    assert configuration is not None
    assert configuration.destination is not None
    name = configuration.journal_name
    status = table_status(bucket, name, now)
    return {
        "MetadataTableConfigurationResult": {
            "S3TablesDestinationResult": {
                "TableBucketArn": configuration.destination.bucket_arn,
                "TableName": name,
                "TableArn": configuration.journal.arn or f"{configuration.destination.bucket_arn}/table/{name}",
                "TableNamespace": _V1_NAMESPACE,
            }
        },
        "Status": status,
        **_error_output(table_error(bucket, name) if status == FAILED else None),
    }
