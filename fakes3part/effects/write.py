"""How S3 itself writes an object, and what a service principal may do: log delivery, inventory reports and the like."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import NamedTuple

from ..auth.authorization.directory_buckets import arn_of_bucket
from ..auth.authorization.evaluate import evaluate
from ..auth.authorization.request import AuthorizationRequest, RequestContext
from ..auth.callers import Caller
from ..errors import Decision, S3Error
from ..events.records import event_fields
from ..message import Request
from ..rules.checksums import DEFAULT, computed
from ..rules.etags import md5_of
from ..rules.regions import region_of
from ..state.access_control import Acl
from ..state.access_points import bucket_arn
from ..state.bucket import DIRECTORY, Bucket
from ..state.encryption import AES256, SSE_S3, BucketEncryption, Encryption, sse_kms
from ..state.kms import KmsError
from ..state.objects import NULL, Data, ObjectProperties, Version
from ..state.store import Store
from .process import ProcessEnvironment, Report
from .schedule import object_changed


class Written(NamedTuple):
    """A version that S3 itself has written, and the report that publishes its event."""

    version: Version
    report: Report


def put_object(
    environment: ProcessEnvironment,
    store: Store,
    bucket: Bucket,
    key: str,
    body: bytes,
    at: datetime,
    *,
    properties: ObjectProperties | None = None,
    acl: Acl | None = None,
    encryption: Encryption | None = None,
) -> Written | None:
    """Store an object of the bucket's owner, as PutObject would, and return it.

    None: its bucket or its KMS key is gone, or the setting ``max_bytes`` is reached.

    Call the report when no lock is held (`Process.run` returns it).

    Args:
        at: the time of the write.
        properties: its content type, storage class and the like; None: the defaults.
        acl: None: the default.
        encryption: None: the bucket's default.
    """
    chosen = encryption or default_encryption(environment, bucket)
    if chosen is None:
        return None
    data = Data((body,) if body else ())
    etag = md5_of(data).hex() if chosen.has_md5_etag else environment.ids.etag()
    checksum = computed(data, DEFAULT)
    time = at.replace(microsecond=0)
    with bucket.lock:
        if bucket.deleted:
            return None
        version_id = environment.ids.version_id() if bucket.versioning == "Enabled" else NULL
        version = Version(
            key,
            version_id,
            time,
            bucket.account,
            etag,
            data,
            properties or ObjectProperties(),
            checksum,
            encryption=chosen,
            acl=acl,
        )
        try:
            bucket.store(version)
        except S3Error:  # the setting max_bytes does not allow it
            return None
        report = changed(environment, store, "ObjectCreated:Put", bucket, key, version, at)
    return Written(version, report)


def changed(
    environment: ProcessEnvironment,
    store: Store,
    name: str,
    bucket: Bucket,
    key: str,
    version: Version | None,
    at: datetime,
    extra: Mapping[str, object] | None = None,
) -> Report:
    """Tell the active processes that S3 itself has changed an object, and return the report that publishes its event.

    To be called under the bucket's lock, after the change.

    Args:
        name: the event type, without ``s3:``.
        version: as for `Context.add_event`, as is ``extra``.
    """
    object_changed(environment, store, name, bucket, key, version, None, at)
    fields = event_fields(next(environment.events.sequence_numbers), name, bucket, key, version, extra)
    return partial(environment.events.publish, [fields], at, None)


def default_encryption(environment: ProcessEnvironment, bucket: Bucket) -> Encryption | None:
    """Return the encryption of an object that S3 writes into a bucket; None: its KMS key cannot be used."""
    default = bucket.encryption or BucketEncryption()
    if default.algorithm == AES256:
        return SSE_S3
    try:
        key = environment.kms.find(default.key_id, bucket.account, region_of(bucket))
        if key is None:
            return None
        key.check_state()
    except KmsError:
        return None
    return sse_kms(default.algorithm, key.arn, bucket_key=default.bucket_key)


def service_decision(
    environment: ProcessEnvironment,
    service: str,
    action: str,
    bucket: Bucket,
    key: str,
    source: Bucket,
    headers: Mapping[str, str] | None = None,
) -> Decision:
    """Return whether a service principal may perform an action on a key: by the bucket's policy, or by its ACL.

    Args:
        service: ``logging.s3.amazonaws.com``, ``s3.amazonaws.com``.
        source: the bucket on whose behalf the service acts: ``aws:SourceArn`` and ``aws:SourceAccount``.
        headers: of the request, for conditions such as ``s3:x-amz-acl``; None: it has none.
    """
    request = Request("PUT", f"{bucket.name}.s3.amazonaws.com", f"/{key}", headers=dict(headers or {}), client=service)
    context = RequestContext(Caller(service=service), request, {}, environment.clock, region_of(bucket))
    return evaluate(AuthorizationRequest(context, action, bucket, key, extra_conditions=source_conditions(source)))


def source_conditions(source: Bucket) -> dict[str, str | tuple[str, ...]]:
    """Return the condition keys that say on behalf of which bucket a service acts."""
    arn = arn_of_bucket(source) if source.kind is DIRECTORY else bucket_arn(source)
    return {"aws:sourcearn": arn, "aws:sourceaccount": source.account}
