"""The entries of access logs that a request or a lifecycle action has.

Sources: "Amazon S3 server access log format" and "Lifecycle and logging" in the user guide; operation names recorded from AWS,
September 2026. Assumed, not recorded from AWS: REST.OPTIONS.PREFLIGHT, REST.POST.BUCKET of browser uploads, and other operations
named as ``ResourceType`` of MethodNotAllowed is; the requesters of lifecycle rules and of log delivery.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil
from typing import NamedTuple

from .. import redaction
from ..auth.access_point_address import find_access_point
from ..auth.authorization.evaluate import ACL_ACTIONS, evaluate
from ..auth.authorization.request import AuthorizationRequest, RequestContext
from ..auth.callers import Caller
from ..auth.policies.actions import required_actions
from ..error_codes import ERRORS
from ..errors import S3Error
from ..operations.access_point_routing import bucket_of, source_point
from ..operations.context import OperationEnvironment
from ..protocol.aws_hosts import WEBSITE
from ..protocol.query import parse_query
from ..protocol.routes import resource_type
from ..rules.access_log import LogEntry
from ..rules.copy_source import CopySource, copy_source
from ..state.access_control import ENFORCED
from ..state.access_points import AccessPoint
from ..state.bucket import Bucket
from ..state.objects import Version
from ..state.store import Store
from .access_log_signature import cipher_and_version, signature_and_type
from .process import HandledCall, ObjectChange, ProcessEnvironment

_MASK = "XXXXXXXX"
"""Stands for the value of ``X-Amz-Signature`` (seen in delivered logs), and of what else would be a secret."""

_COPIES = {"CopyObject": "OBJECT", "UploadPartCopy": "PART"}
_NAMES = {
    "ListObjectsV2": "REST.GET.BUCKET",
    "GetObjectAttributes": "REST.GET.OBJECT_ATTRIBUTES",
    "PostObject": "REST.POST.BUCKET",
    "SelectObjectContent": "REST.POST.SELECT",
}
_WITH_TURN_AROUND = frozenset({"BUCKET", "BUCKETVERSIONS", "OBJECT", "PART", "UPLOAD", "UPLOADS", "MULTI_OBJECT_DELETE"})
"""The last words of the operations that have a turn-around time. (Seen in AWS's examples: sub-resources of buckets have none.)"""

_TRANSITIONS = {
    "STANDARD_IA": "S3.TRANSITION_SIA.OBJECT",
    "ONEZONE_IA": "S3.TRANSITION_ZIA.OBJECT",
    "INTELLIGENT_TIERING": "S3.TRANSITION_INT.OBJECT",
    "GLACIER_IR": "S3.TRANSITION_GIR.OBJECT",
    "DEEP_ARCHIVE": "S3.TRANSITION_GDA.OBJECT",
}
_LIFECYCLE = {
    "LifecycleExpiration:Delete": "S3.EXPIRE.OBJECT",
    "LifecycleExpiration:DeleteMarkerCreated": "S3.CREATE.DELETEMARKER",
    "LifecycleTransition": "S3.TRANSITION.OBJECT",
    "AbortIncompleteMultipartUpload": "S3.DELETE.UPLOAD",
}


class Addressed(NamedTuple):
    """The bucket of a request, and the access point through which it was addressed; None: it was addressed directly."""

    bucket: Bucket
    access_point: AccessPoint | None = None


def addressed(store: Store, call: HandledCall) -> Addressed | None:
    """Return the bucket that a request addresses; None: it names none, or one that does not exist."""
    target, address = call.target, call.record.address
    if target is not None and target.bucket is not None:
        return Addressed(target.bucket, target.access_point)
    if address is None or address.bucket is None:
        return None
    point = find_access_point(store, address)
    bucket = store.get(address.bucket) if point is None else bucket_of(store, point)
    return None if bucket is None else Addressed(bucket, point)


def copy_source_of(store: Store, call: HandledCall, target: Addressed | None) -> tuple[Addressed, CopySource] | None:
    """Return the source of a copy; None: the request is no copy, or its source cannot be found."""
    operation, params = call.record.operation, call.record.params
    if target is None or operation is None or operation.name not in _COPIES or not params or "CopySource" not in params:
        return None
    try:
        source = copy_source(params["CopySource"], legacy_names=True)
        point = source_point(store, source.bucket, target.bucket, target.access_point)
    except S3Error:
        return None
    bucket = store.get(source.bucket) if point is None else bucket_of(store, point)
    return None if bucket is None else (Addressed(bucket, point), source)


def owner_of(environment: OperationEnvironment, account: str) -> str:
    """Return the canonical user id of an account."""
    return environment.accounts.account(account).canonical_id


# --- requests --------------------------------------------------------------------------------------------------------


def request_entries(environment: ProcessEnvironment, call: HandledCall, target: Addressed) -> Iterator[LogEntry]:
    """Yield the entries that a request has in the log of its bucket: its own and, of DeleteObjects, one for each key."""
    entry = _entry(environment, call, target)
    yield entry
    params = call.record.params
    if entry.operation == "REST.POST.MULTI_OBJECT_DELETE" and call.output is not None and params is not None:
        yield from _deletions(entry, params["Delete"]["Objects"], call.output.get("Errors") or ())


def source_entry(environment: ProcessEnvironment, call: HandledCall, target: Addressed, named: CopySource) -> LogEntry:
    """Return the entry that a copy has in the log of its source's bucket."""
    entry = _entry(environment, call, target)
    version = _version(target.bucket, named.key, named.version_id)
    return entry._replace(
        operation=f"{entry.operation}_GET",
        key=named.key,
        bytes_sent=None,
        object_size=None if version is None else version.size,
        version_id=named.version_id,
        acl_required=False,
    )


def _entry(environment: ProcessEnvironment, call: HandledCall, target: Addressed) -> LogEntry:
    record, bucket = call.record, target.bucket
    query = parse_query(record.query)
    operation = operation_name(call, query)
    total = _milliseconds(environment, call)
    is_error = record.status >= 400
    signature, authentication = signature_and_type(call, query)
    cipher, tls = cipher_and_version(call.request)
    return LogEntry(
        owner=owner_of(environment, bucket.account),
        bucket=bucket.name,
        time=record.time,
        client=record.client,
        requester=requester(record.caller),
        request_id=record.request_id,
        operation=operation,
        key=_key(call, bucket),
        request_line=f"{record.method} {_target_without_secrets(call)} HTTP/1.1",
        status=record.status,
        error=_error(call),
        bytes_sent=record.bytes_out or None,
        object_size=_object_size(call, bucket),
        total_time=total,
        turn_around_time=total if not is_error and operation.rpartition(".")[2] in _WITH_TURN_AROUND else None,
        referer=record.headers.get("referer", ""),
        user_agent=record.headers.get("user-agent", ""),
        version_id=query.get("versionId"),
        host_id=call.host_id,
        signature_version=signature,
        cipher=cipher,
        authentication=authentication,
        host=record.host,
        tls_version=tls,
        access_point=None if target.access_point is None else target.access_point.arn,
        acl_required=not is_error and _needed_acl(environment, call, target, query),
    )


def operation_name(call: HandledCall, query: Mapping[str, str]) -> str:
    """Return the operation as access logs call it: ``REST.GET.OBJECT``."""
    record = call.record
    address, operation = record.address, record.operation
    assert address is not None
    interface = "WEBSITE" if address.endpoint.kind is WEBSITE else "REST"
    if record.method == "OPTIONS":
        return f"{interface}.OPTIONS.PREFLIGHT"
    if interface == "WEBSITE":
        return f"WEBSITE.{record.method}.OBJECT"
    if operation is not None and operation.name in _NAMES:
        return _NAMES[operation.name]
    if operation is not None and operation.name in _COPIES:
        return f"REST.COPY.{_COPIES[operation.name]}"
    level = address.level if operation is None else operation.level
    return f"REST.{record.method}.{resource_type(level, query)}"


def requester(caller: Caller | None) -> str | None:
    """Return a caller as access logs name it: a root by its canonical user id, others by their ARN; None: it is anonymous.

    ``caller`` is None if the request was rejected before it was authenticated.
    """
    if caller is None or caller.account is None:
        return None
    is_session = caller.session is not None and caller.session.resource is not None
    return caller.arn if is_session or caller.identity is not None else caller.account.canonical_id


def _key(call: HandledCall, bucket: Bucket) -> str | None:
    """Return the key; None: there is none. At a website endpoint it is that of the index document, where one is served."""
    address, params = call.record.address, call.record.params
    assert address is not None
    key = address.key
    if key is None and params is not None:
        key = params.get("Key")  # of PostObject
    index = None if address.endpoint.kind is not WEBSITE or bucket.website is None else bucket.website.index
    return key if index is None or (key and not key.endswith("/")) else f"{key or ''}{index}"


def _target_without_secrets(call: HandledCall) -> str:
    record = call.record
    query = redaction.query(record.query).replace(redaction.HIDDEN, _MASK)
    return f"{record.path}?{query}" if query else record.path


def _error(call: HandledCall) -> str | None:
    """Return S3's error code. A website's error document is a response without an error of ours, but with a header."""
    record = call.record
    if record.error is not None and record.status != 304:
        return record.error.code
    return next((value for name, value in call.response.headers if name.lower() == "x-amz-error-code"), None)


def _milliseconds(environment: ProcessEnvironment, call: HandledCall) -> int:
    """Return the begun milliseconds that the request took. While a test controls the clock it takes no time."""
    if environment.clock.is_controlled:
        return 1
    return max(1, ceil((call.record.ended - call.record.started) * 1000))


# --- object sizes ----------------------------------------------------------------------------------------------------


def _object_size(call: HandledCall, bucket: Bucket) -> int | None:
    """Return the size of the whole object that a request reads or writes; None: it does neither, or it failed."""
    record, params = call.record, call.record.params or {}
    if record.status >= 400:
        return None
    name = record.operation.name if record.operation is not None else ""
    is_website = name == "" and record.method in ("GET", "HEAD") and record.status < 300
    if name in ("GetObject", "HeadObject") or is_website:
        if record.status == 304:
            version = _version(bucket, params["Key"], params.get("VersionId"))
            return None if version is None else version.size
        return _size_in(call.response.headers)
    if name in ("PutObject", "UploadPart"):
        body = params.get("Body", b"")
        return body if isinstance(body, int) else len(body)
    if name in ("CopyObject", "CompleteMultipartUpload", "PostObject"):
        version = _version(bucket, params.get("Key", ""), record.version_id)
        return None if version is None else version.size
    if name == "UploadPartCopy":
        return _part_size(bucket, params)
    return None


def _size_in(headers: list[tuple[str, str]]) -> int | None:
    """Return the size of an object by the headers of a response with it, or with a range of it."""
    sizes = {name.lower(): value.rpartition("/")[2] for name, value in headers}
    size = sizes.get("content-range") or sizes.get("content-length") or ""
    return int(size) if size.isdecimal() else None


def _version(bucket: Bucket, key: str, version_id: str | None) -> Version | None:
    with bucket.lock:
        version = bucket.current(key) if version_id is None else bucket.version(key, version_id)
    return None if version is None or version.is_delete_marker else version


def _part_size(bucket: Bucket, params: Mapping[str, object]) -> int | None:
    with bucket.lock:
        upload = bucket.uploads.get(str(params.get("UploadId")))
        part = None if upload is None else upload.parts.get(params.get("PartNumber"))
    return None if part is None else part.size


# --- ACLs ------------------------------------------------------------------------------------------------------------


def _needed_acl(environment: ProcessEnvironment, call: HandledCall, target: Addressed, query: Mapping[str, str]) -> bool:
    """Return whether a request was allowed by an ACL only. The owner's FULL_CONTROL, which is the root's, is in the ACL too."""
    record, bucket = call.record, target.bucket
    if bucket.ownership == ENFORCED or record.operation is None or record.caller is None:
        return False
    actions = ACL_ACTIONS.intersection(required_actions(record.operation.name, call.request.headers, query))
    context = RequestContext(record.caller, call.request, query, environment.clock)
    key, version_id = _key(call, bucket), query.get("versionId")
    for action in sorted(actions):
        decision = evaluate(AuthorizationRequest(context, action, bucket, key, version_id, target.access_point))
        if decision.allowed and decision.statement is None:
            return True
    return False


# --- entries without a request of their own --------------------------------------------------------------------------


def _deletions(
    entry: LogEntry, objects: list[Mapping[str, str]], errors: list[Mapping[str, str]] | tuple[()]
) -> Iterator[LogEntry]:
    """Yield an entry for each key of a DeleteObjects."""
    codes = {(error["Key"], error.get("VersionId")): error["Code"] for error in errors}
    for item in objects:
        code = codes.get((item["Key"], item.get("VersionId")))
        yield entry._replace(
            operation="BATCH.DELETE.OBJECT",
            key=item["Key"],
            request_line=None,
            status=204 if code is None else ERRORS[code][0],
            error=code,
            bytes_sent=None,
            total_time=None,
            turn_around_time=None,
            referer=None,
            user_agent=None,
            version_id=item.get("VersionId"),
            acl_required=False,
        )


def lifecycle_entry(environment: OperationEnvironment, change: ObjectChange) -> LogEntry | None:
    """Return the entry of a lifecycle action; None: the change is none."""
    name, version = _LIFECYCLE.get(change.name), change.version
    if name is None or change.context is not None:
        return None
    if change.name == "LifecycleTransition" and version is not None:
        name = _TRANSITIONS.get(version.properties.storage_class, name)
    request_id, host_id = environment.ids.request_ids()
    return LogEntry(
        owner=owner_of(environment, change.bucket.account),
        bucket=change.bucket.name,
        time=change.at,
        client=None,
        requester="AmazonS3",
        request_id=request_id,
        operation=name,
        key=change.key,
        object_size=None if version is None or version.is_delete_marker else version.size,
        version_id=version.id if version is not None and change.bucket.versioning is not None else None,
        host_id=host_id,
    )


def delivery_entry(environment: ProcessEnvironment, bucket: Bucket, version: Version) -> LogEntry:
    """Return the entry of the delivery of a log object, for the log of the bucket that it was delivered to."""
    request_id, host_id = environment.ids.request_ids()
    return LogEntry(
        owner=owner_of(environment, bucket.account),
        bucket=bucket.name,
        time=version.last_modified,
        client=None,
        requester="svc:logging.s3.amazonaws.com",
        request_id=request_id,
        operation="REST.PUT.OBJECT",
        key=version.key,
        status=200,
        object_size=version.size,
        host_id=host_id,
    )
