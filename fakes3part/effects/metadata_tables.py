"""The background process of metadata tables: record each change of an object in the journal table of its bucket."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from ..message import S3_ITSELF
from ..operations.context import Context, OperationEnvironment
from ..rules.metadata_rows import CREATE, DELETE, UPDATE_METADATA, change_row, marker_row, with_row
from ..state.metadata_tables import JournalRow
from ..state.store import Store
from .process import ObjectChange, Process

_Origin: TypeAlias = "tuple[str, str | None, str | None]"
"""Requester, IP address (None: S3 itself), request id (None: S3 itself)."""

_UPDATES = frozenset({"LifecycleTransition", "ObjectEncryption:Put", "ObjectTagging:Delete", "ObjectTagging:Put"})
"""Changes of what the columns of a table show."""


class MetadataTablesProcess(Process):
    """Records changes. Nothing is ever due: statuses and expired records follow from the time (`rules.metadata_tables`)."""

    name = "metadata_tables"

    def object_changed(self, environment: OperationEnvironment, store: Store, change: ObjectChange) -> None:
        bucket, configuration = change.bucket, change.bucket.metadata
        if configuration is None:
            return
        table = bucket.metadata_tables.get(configuration.journal_name)
        if table is None or not table.is_live:
            return
        row = _row(change)
        if row is not None:
            requester, address, request_id = _origin(change.context)
            row = replace(row, requester=requester, source_ip_address=address, request_id=request_id)
            changed = with_row(table, row, configuration.record_days)
            bucket.metadata_tables = {**bucket.metadata_tables, configuration.journal_name: changed}


PROCESS = MetadataTablesProcess()


def _row(change: ObjectChange) -> JournalRow | None:
    """Return the row of a change; None: the table does not show it."""
    kind, _, detail = change.name.partition(":")
    version = change.version
    if version is None:  # the event of a key that may never have existed: what was removed is a Removal
        return None
    if kind == "ObjectCreated":
        return change_row(CREATE, change.key, version, change.at)
    if detail == "DeleteMarkerCreated":
        return marker_row(version, change.at)
    if kind in ("LifecycleExpiration", "ObjectRemoved", "Removal"):
        return change_row(DELETE, change.key, version, change.at)
    if change.name not in _UPDATES:
        return None
    current = change.bucket.version(change.key, version.id)  # with its new tags: the event has the version as it was
    return change_row(UPDATE_METADATA, change.key, current or version, change.at)


def _origin(context: Context | None) -> _Origin:
    if context is None:
        return S3_ITSELF, None, None
    account = context.caller.account
    return "anonymous" if account is None else account.id, context.request.client, context.request_id
