"""The background process of S3 Inventory: reports of what is in a bucket, made at midnight (UTC), or at once.

Assumed, not recorded from AWS: the first report comes at the next midnight (of a weekly one: at the end of the next Saturday),
and a report is one data file, even if it lists nothing.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from ..auth.authorization.kms import authorize_key_use
from ..auth.authorization.request import AuthorizationRequest, RequestContext
from ..auth.callers import Caller
from ..errors import S3Error
from ..inspection.mappings import UnknownNameError
from ..message import S3_ITSELF, Request
from ..rules.inventory import DataFile, columns, file_schema, hex_md5, is_due, keys, manifest, midnights, rows
from ..rules.lifecycle_schedule import DAY, start_of_day
from ..rules.regions import region_of
from ..state.bucket import Bucket
from ..state.encryption import KMS, SSE_S3, Encryption, sse_kms
from ..state.inventory import InventoryConfiguration, InventoryEncryption
from ..state.kms import KmsError
from ..state.store import Store
from ..text import alternatives
from .inventory_files import SUFFIXES, data_file
from .process import Process, ProcessEnvironment, Report
from .reports import HEADERS, ReportError, check_may_write, find_destination
from .write import put_object, source_conditions

log = logging.getLogger("fakes3part.inventory")

_MAX_CATCHING_UP = timedelta(days=400)
"""If a test moves the clock by more days, only the reports of the last ones are delivered: a bucket can list its own reports,
which takes a time that grows with the square of their number."""


class InventoryError(RuntimeError):
    """A report cannot be delivered. The text says why."""


class Delivered(NamedTuple):
    """A delivered report: the key of its manifest, and the reports of its events (`Process.run`)."""

    manifest: str
    reports: list[Report]


class InventoryProcess(Process):
    """Delivers the reports of all buckets at midnight."""

    name = "inventory"

    def next_due(self, store: Store) -> datetime | None:
        try:
            return start_of_day(store.processes_ran_at[self.name]) + DAY
        except OverflowError:  # the last day of the calendar
            return None

    def run(self, environment: ProcessEnvironment, store: Store, until: datetime) -> list[Report]:
        reports: list[Report] = []
        now, ran_at = environment.clock.now(), store.processes_ran_at[self.name]
        after = ran_at if now - ran_at <= _MAX_CATCHING_UP else max(ran_at, now - _MAX_CATCHING_UP)
        for midnight in midnights(after, until):
            with store.lock:
                buckets = [bucket for bucket in store.buckets.values() if bucket.inventory]
            for bucket in buckets:
                for configuration in (bucket.inventory or {}).values():
                    if is_due(configuration, midnight):
                        reports += _attempt(environment, store, bucket, configuration, midnight)
        return reports


PROCESS = InventoryProcess()


def deliver_now(environment: ProcessEnvironment, store: Store, bucket_name: str, configuration_id: str) -> str:
    """Deliver a report at once, and return the key of its manifest.

    Raises:
        UnknownNameError: there is no such bucket, or it has no such configuration.
        InventoryError: it is disabled, or its report cannot be delivered.
    """
    bucket = store.get(bucket_name)
    if bucket is None:
        names = list(store.buckets)
        raise UnknownNameError(bucket_name, lambda: f"no bucket {bucket_name!r}; {alternatives(bucket_name, names)}")
    configurations = bucket.inventory or {}
    configuration = configurations.get(configuration_id)
    if configuration is None:
        text = f"no inventory configuration {configuration_id!r} of {bucket_name!r}"
        raise UnknownNameError(configuration_id, lambda: f"{text}; {alternatives(configuration_id, configurations)}")
    if not configuration.is_enabled:
        raise InventoryError(f"the inventory configuration {configuration_id!r} of bucket {bucket_name!r} is disabled")
    with store.process_lock:
        delivered = _deliver(environment, store, bucket, configuration, environment.clock.now())
    for report in delivered.reports:
        report()
    return delivered.manifest


def _attempt(
    environment: ProcessEnvironment, store: Store, bucket: Bucket, configuration: InventoryConfiguration, at: datetime
) -> list[Report]:
    """Deliver a report that is due. If it cannot be delivered, that is only logged: S3 does not say so either."""
    try:
        return _deliver(environment, store, bucket, configuration, at).reports
    except InventoryError as error:
        return [partial(log.warning, "%s", error)]


def _deliver(
    environment: ProcessEnvironment, store: Store, bucket: Bucket, configuration: InventoryConfiguration, at: datetime
) -> Delivered:
    """Deliver a report. ``store.process_lock`` is held.

    Raises:
        InventoryError: it cannot be delivered.
    """
    try:
        return _write(environment, store, bucket, configuration, at)
    except ReportError as error:
        subject = f"the inventory {configuration.id!r} of bucket {bucket.name!r} cannot be delivered"
        raise InventoryError(f"{subject}: {error}") from None


def _write(
    environment: ProcessEnvironment, store: Store, bucket: Bucket, configuration: InventoryConfiguration, at: datetime
) -> Delivered:
    """Write the files of a report.

    Raises:
        ReportError: they cannot be written.
    """
    destination = find_destination(store, bucket, configuration.destination.bucket, configuration.destination.account)
    chosen = columns(configuration)
    with bucket.lock:
        listed = rows(bucket, configuration, environment.accounts.canonical_id, at)
    file_format = configuration.destination.format
    try:
        content = data_file(file_format, chosen, listed, at)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "pyarrow":
            raise
        extra = 'pip install "fakes3part[inventory]"'
        raise ReportError(f"{file_format} needs pyarrow, which is an extra: {extra}") from None
    names = keys(bucket.name, configuration, at)
    data = DataFile(f"{names.data}{environment.ids.uuid('inventory')}.{SUFFIXES[file_format]}", content)
    index = manifest(bucket.name, configuration, at, [data], file_schema(chosen, file_format))
    files = [
        data,
        DataFile(names.symlink, f"s3://{destination.name}/{data.key}\n".encode()),
        DataFile(names.manifest, index),
        DataFile(names.checksum, hex_md5(index).encode()),
    ]
    encryption = _encryption(environment, destination, bucket, configuration.destination.encryption)
    headers = {**HEADERS, **_encryption_headers(encryption)}
    for file in files:
        check_may_write(environment, destination, file.key, bucket, headers)
    reports: list[Report] = []
    for file in files:
        written = put_object(environment, store, destination, file.key, file.content, at, encryption=encryption)
        if written is None:
            problem = "was deleted, or the KMS key of its default encryption cannot be used"
            raise ReportError(f"bucket {destination.name!r} {problem}")
        reports.append(written.report)
    return Delivered(names.manifest, reports)


def _encryption(
    environment: ProcessEnvironment, destination: Bucket, source: Bucket, chosen: InventoryEncryption | None
) -> Encryption | None:
    """Return the encryption of a report; None: the destination's default.

    A KMS key with a policy must allow the service to use it; one without a policy may be used.

    Raises:
        ReportError: the KMS key cannot be used.
    """
    if chosen is None:
        return None
    if chosen.kms_key_id is None:
        return SSE_S3
    region = region_of(destination)
    try:
        key = environment.kms.find(chosen.kms_key_id, destination.account, region)
        if key is None:
            raise ReportError(f"there is no KMS key {chosen.kms_key_id!r}")
        if key.is_managed:
            raise ReportError(f"{chosen.kms_key_id!r} is the AWS managed key, a customer managed one is needed")
        key.check_state()
        if key.policy is not None:
            request = Request("PUT", f"{destination.name}.s3.amazonaws.com", "/", client=S3_ITSELF)
            context = RequestContext(Caller(service=S3_ITSELF), request, {}, environment.clock, region)
            conditions = {**source_conditions(source), "kms:viaservice": f"s3.{region}.amazonaws.com"}
            authorize_key_use(key, AuthorizationRequest(context, "kms:GenerateDataKey", destination, extra_conditions=conditions))
    except (KmsError, S3Error) as error:
        raise ReportError(f"the KMS key {chosen.kms_key_id!r} cannot be used: {error}") from None
    return sse_kms(KMS, key.arn, bucket_key=destination.encryption is not None and destination.encryption.bucket_key)


def _encryption_headers(encryption: Encryption | None) -> dict[str, str]:
    """Return the headers that choose an encryption; None: none is chosen."""
    if encryption is None or encryption.algorithm is None:
        return {}
    headers = {"x-amz-server-side-encryption": encryption.algorithm}
    return (
        headers if encryption.key_arn is None else {**headers, "x-amz-server-side-encryption-aws-kms-key-id": encryption.key_arn}
    )
