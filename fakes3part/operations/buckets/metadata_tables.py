"""S3 Metadata: create, get and delete the metadata configuration of a bucket, V2 and V1, and update its tables.

Source: botocore's S3 model documentation. Assumed, not recorded from AWS: the error of a second configuration; the texts of V1
operations other than GET for an account that never used V1; the text and ``ResourceType`` of MethodNotAllowed; the updates of a
V1 configuration; the service that a role is passed to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from ...errors import S3Error
from ...rules import metadata_rows as rows
from ...rules import metadata_tables as rules
from ...rules.metadata_tables import CREATING
from ...rules.regions import region_of
from ...state.bucket import Bucket
from ...state.kms import KmsError
from ...state.metadata_tables import (
    ANNOTATION,
    INVENTORY,
    JOURNAL,
    MetadataConfiguration,
    MetadataTable,
    TableConfiguration,
    TableDestination,
    TableEncryption,
)
from ..context import Context
from ..registry import Output, Params, operation
from .configurations import ensure_configured, locked_bucket
from .roles import authorize_pass_role

_MISSING = "MetadataConfigurationNotFound"
_PROCESS = "metadata_tables"
_SERVICE = "metadata.s3.amazonaws.com"

# --- tables ----------------------------------------------------------------------------------------------------------


def _now(context: Context) -> datetime:
    return context.clock.now()


def _add_table(
    context: Context,
    bucket: Bucket,
    name: str,
    *,
    encryption: TableEncryption | None = None,
    role: str | None = None,
    destination: TableDestination | None = None,
) -> TableConfiguration:
    """Make a table, unless there is one of its name, or its KMS key cannot be used, and return its configuration."""
    error = None if _is_usable(context, bucket, encryption) else "AccessDeniedCreatingResources"
    if name in bucket.metadata_tables:
        error = rules.exists_already(name, destination)
    if error is not None:
        return TableConfiguration(True, _now(context), None, encryption, role, error)
    arn = rules.table_arn(bucket, destination, context.ids.uuid("table"))
    bucket.metadata_tables = {**bucket.metadata_tables, name: MetadataTable(arn)}
    return TableConfiguration(True, _now(context), arn, encryption, role)


def _is_usable(context: Context, bucket: Bucket, encryption: TableEncryption | None) -> bool:
    """Return whether S3 can encrypt a table in this way; None: by the default of its table bucket."""
    if encryption is None or encryption.key_arn is None:
        return True
    try:
        key = context.kms.find(encryption.key_arn, bucket.account, region_of(bucket))
        if key is None:
            return False
        key.check_state()
    except KmsError:
        return False
    return True


def _stop(bucket: Bucket, name: str, table: TableConfiguration | None, now: datetime) -> None:
    """Write no longer to a table, if there is one: it keeps its rows."""
    existing = bucket.metadata_tables.get(name)
    if existing is not None and existing.is_live and table is not None and existing.arn == table.arn:
        bucket.metadata_tables = {**bucket.metadata_tables, name: rows.frozen(bucket, name, now)}


def _configuration(bucket: Bucket) -> MetadataConfiguration:
    return ensure_configured(bucket.metadata, bucket, _MISSING)


def _remove(context: Context) -> None:
    with locked_bucket(context) as bucket:
        configuration = _configuration(bucket)
        now = _now(context)
        for name in (INVENTORY, ANNOTATION, configuration.journal_name):  # the inventory has sequence numbers of the journal
            _stop(bucket, name, rules.table_configuration(configuration, name), now)
        bucket.metadata = None


# --- V2 --------------------------------------------------------------------------------------------------------------


def _check_none(bucket: Bucket) -> None:
    if bucket.metadata is not None:
        raise S3Error("MetadataConfigurationAlreadyExists", BucketName=bucket.name)


@operation("CreateBucketMetadataConfiguration")
def create_bucket_metadata_configuration(context: Context, params: Params) -> Output:
    """Make a journal table, and the other tables that are enabled. Inventory tables start with the existing objects."""
    document: Mapping[str, Any] = params["MetadataConfiguration"]
    journal, inventory = document["JournalTableConfiguration"], document.get("InventoryTableConfiguration")
    annotation = document.get("AnnotationTableConfiguration")
    days = rules.parse_record_days(journal)
    settings = [_parse_table(context, table) for table in (journal, inventory, annotation)]
    with locked_bucket(context) as bucket:
        _check_none(bucket)
        tables = [
            None if setting is None else _add_table(context, bucket, name, **setting)
            for name, setting in zip((JOURNAL, INVENTORY, ANNOTATION), settings, strict=True)
        ]
        assert tables[0] is not None
        if tables[2] is None and annotation is not None:
            tables[2] = TableConfiguration(False, role=annotation.get("Role"))
        bucket.metadata = MetadataConfiguration(tables[0], tables[1] or TableConfiguration(False), tables[2], days)
        context.store.activate(_PROCESS, context.clock.now())
    return {}


def _parse_table(context: Context, document: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return what a document says of one table; None: the table is disabled.

    Raises:
        S3Error: MalformedXML, InvalidRequest, AccessDenied for a role that the caller may not pass.
    """
    if document is None:
        return None
    enabled = rules.is_enabled(document.get("ConfigurationState", rules.ENABLED))
    encryption, role = rules.parse_encryption(document, context.bucket), _parse_role(context, document)
    if not enabled and encryption is not None:
        raise S3Error("InvalidRequest", "EncryptionConfiguration can only be specified if the table is enabled.")
    return {"encryption": encryption, "role": role} if enabled else None


def _parse_role(context: Context, document: Mapping[str, Any]) -> str | None:
    role = rules.parse_role(document)
    if role is not None:
        authorize_pass_role(context, role, _SERVICE)
    return role


@operation("GetBucketMetadataConfiguration")
def get_bucket_metadata_configuration(context: Context, params: Params) -> Output:
    """Return the configuration, V1 or V2, with the statuses of its tables."""
    with locked_bucket(context) as bucket:
        _configuration(bucket)
        result = rules.configuration_output(bucket, _now(context))
    return {"GetBucketMetadataConfigurationResult": {"MetadataConfigurationResult": result}}


@operation("DeleteBucketMetadataConfiguration")
def delete_bucket_metadata_configuration(context: Context, params: Params) -> Output:
    """Delete the configuration, V1 or V2. The tables stay, and change no longer."""
    _remove(context)
    return {}


# --- updates ---------------------------------------------------------------------------------------------------------


def _v2(bucket: Bucket, context: Context) -> MetadataConfiguration:
    """Return the V2 configuration of a bucket.

    Raises:
        S3Error: MetadataConfigurationNotFound, MethodNotAllowed for a V1 configuration.
    """
    configuration = _configuration(bucket)
    if configuration.destination is not None:
        raise _other_version(context)
    return configuration


def _other_version(context: Context) -> S3Error:
    method = context.request.method
    return S3Error("MethodNotAllowed", None, Method=method, ResourceType="BUCKET_METADATA_TABLE_CONFIGURATION")


@operation("UpdateBucketMetadataJournalTableConfiguration")
def update_bucket_metadata_journal_table_configuration(context: Context, params: Params) -> Output:
    """Set after how many days records of the journal table expire, or that they never do."""
    days = rules.parse_record_days(params["JournalTableConfiguration"])
    with locked_bucket(context) as bucket:
        configuration = _v2(bucket, context)
        if configuration.journal.arn is not None and JOURNAL in bucket.metadata_tables:  # what has expired stays so
            kept = rows.rows_of(bucket, JOURNAL, _now(context))
            bucket.metadata_tables = {**bucket.metadata_tables, JOURNAL: rows.with_rows(bucket.metadata_tables[JOURNAL], kept)}
        bucket.metadata = replace(configuration, record_days=days)
    return {}


@operation("UpdateBucketMetadataInventoryTableConfiguration")
def update_bucket_metadata_inventory_table_configuration(context: Context, params: Params) -> Output:
    """Enable or disable the inventory table. A disabled one keeps its rows."""
    setting = _parse_table(context, params["InventoryTableConfiguration"])
    with locked_bucket(context) as bucket:
        configuration = _v2(bucket, context)
        inventory = configuration.inventory
        if setting is None:
            if inventory.enabled:
                _stop(bucket, INVENTORY, inventory, _now(context))
                inventory = TableConfiguration(False)
        elif not inventory.enabled:
            inventory = _add_table(context, bucket, INVENTORY, **setting)
        elif setting["encryption"] is not None:
            raise S3Error("InvalidRequest", "The encryption of an inventory table cannot be changed while it is enabled.")
        bucket.metadata = replace(configuration, inventory=inventory)
    return {}


@operation("UpdateBucketMetadataAnnotationTableConfiguration")
def update_bucket_metadata_annotation_table_configuration(context: Context, params: Params) -> Output:
    """Enable or disable the annotation table, or change its role."""
    document = params["AnnotationTableConfiguration"]
    setting, role = _parse_table(context, document), rules.parse_role(document)
    with locked_bucket(context) as bucket:
        configuration = _v2(bucket, context)
        annotation = configuration.annotation or TableConfiguration(False)
        if annotation.enabled and rules.table_status(bucket, ANNOTATION, _now(context)) == CREATING:
            raise S3Error("InvalidRequest", "The annotation table cannot be updated while it is being created.")
        new_role = annotation.role if role is None else role
        if setting is not None and annotation.enabled and setting["encryption"] is not None:
            raise S3Error("InvalidRequest", "The annotation table is enabled already: its encryption cannot be changed.")
        if (setting is not None) == annotation.enabled and new_role == annotation.role:
            raise S3Error("InvalidRequest", "The annotation table configuration is as requested already.")
        if setting is None:
            _stop(bucket, ANNOTATION, annotation, _now(context))
            annotation = TableConfiguration(False, role=new_role)
        elif annotation.enabled:
            annotation = replace(annotation, role=new_role)
        else:
            annotation = _add_table(context, bucket, ANNOTATION, encryption=setting["encryption"], role=new_role)
        bucket.metadata = replace(configuration, annotation=annotation)
    return {}


# --- V1 --------------------------------------------------------------------------------------------------------------


def _check_v1(context: Context, params: Params) -> None:
    """Raise V1APIsNotAllowed unless the account may use V1 (setting ``metadata_v1``): new accounts may not."""
    if context.settings.metadata_v1:
        return
    verb = {"GET": "Get", "DELETE": "Delete"}.get(context.request.method, "Create")
    raise S3Error(
        "V1APIsNotAllowed",
        f"The V1 {verb}BucketMetadataTableConfiguration API operation isn't available for this account. Use the corresponding V2 "
        f"{verb}BucketMetadataConfiguration API operation instead.",
        Method=context.request.method,
    )


@operation("CreateBucketMetadataTableConfiguration", check_bucket=_check_v1)
def create_bucket_metadata_table_configuration(context: Context, params: Params) -> Output:
    """Make a journal table in a table bucket of the customer: any of this account and region exists."""
    destination = rules.parse_destination(params["MetadataTableConfiguration"])
    with locked_bucket(context) as bucket:
        _check_none(bucket)
        journal = _add_table(context, bucket, destination.table_name, destination=destination)
        bucket.metadata = MetadataConfiguration(journal, destination=destination)
        context.store.activate(_PROCESS, context.clock.now())
    return {}


@operation("GetBucketMetadataTableConfiguration")
def get_bucket_metadata_table_configuration(context: Context, params: Params) -> Output:
    """Return a V1 configuration."""
    _check_v1(context, params)
    with locked_bucket(context) as bucket:
        if _configuration(bucket).destination is None:
            raise _other_version(context)
        return {"GetBucketMetadataTableConfigurationResult": rules.v1_output(bucket, _now(context))}


@operation("DeleteBucketMetadataTableConfiguration")
def delete_bucket_metadata_table_configuration(context: Context, params: Params) -> Output:
    """Delete a V1 configuration. The table stays."""
    _check_v1(context, params)
    if _configuration(context.bucket).destination is None:
        raise _other_version(context)
    _remove(context)
    return {}
