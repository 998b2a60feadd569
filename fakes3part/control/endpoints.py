"""The endpoints of the control API: a table of methods, paths and handlers. A handler takes the fake and a `ControlRequest`."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as Base64Error
from bisect import bisect_left
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..effects.metadata_table_rows import delete_metadata_table, metadata_rows
from ..faults.pauses import PAUSE_FIELDS
from ..faults.rule import RULE_FIELDS, Rule
from ..inspection.buckets import Buckets
from ..inspection.mappings import UnknownNameError
from ..inspection.metrics import request_metrics
from ..journal.leftovers import leftovers
from ..seeding.objects import seed
from ..settings import SETTINGS
from ..snapshots import snapshot
from ..version import __version__
from . import notification_endpoints as sent
from .clock_endpoints import CLOCK_ENDPOINTS
from .endpoint import BadRequestError, ControlEndpoint, ControlRequest, Document, NotFoundError, control_endpoint
from .inspector_endpoints import INSPECTOR_ENDPOINTS

if TYPE_CHECKING:
    from ..backend import Backend


def version() -> str:
    """Return the version of fakes3part."""
    return __version__


# --- the fake as a whole ---------------------------------------------------------------------------------------------


def _health(backend: Backend, request: ControlRequest) -> Document:
    # "services" is what scripts that wait for LocalStack read.
    return {"status": "running", "version": version(), "services": {"s3": "running"}}


def _reset(backend: Backend, request: ControlRequest) -> Document:
    backend.reset()
    return {"status": "ok"}


def _config(backend: Backend, request: ControlRequest) -> Document:
    settings = {name: value for name, value in asdict(backend.settings).items() if not SETTINGS[name].is_secret}
    return {**settings, "seed": backend.ids.seed, "version": version()}


def _snapshot_name(request: ControlRequest) -> str:
    name = request.document.get("name", "default")
    if not isinstance(name, str):
        raise BadRequestError(f"name must be a text, not {name!r}")
    return name


def _snapshot(backend: Backend, request: ControlRequest) -> Document:
    name = _snapshot_name(request)
    snapshot.take(backend, name)
    return {"name": name}


def _snapshots(backend: Backend, request: ControlRequest) -> Document:
    return {"snapshots": sorted(backend.snapshots)}


def _restore(backend: Backend, request: ControlRequest) -> Document:
    name = _snapshot_name(request)
    if name not in backend.snapshots:
        raise NotFoundError(f"no snapshot {name!r}")
    snapshot.restore(backend, backend.snapshots[name])
    return {"name": name}


def _seed(backend: Backend, request: ControlRequest) -> Document:
    content = {bucket: _objects(bucket, objects) for bucket, objects in request.document.items()}
    from botocore.exceptions import ParamValidationError

    try:
        seed(backend, content)
    except ParamValidationError as error:
        raise BadRequestError(str(error)) from None
    return {"buckets": len(content), "objects": sum(map(len, content.values()))}


def _objects(bucket: str, objects: Any) -> Document:
    if not isinstance(objects, dict):
        raise BadRequestError(f"{bucket}: its value must be a JSON object of keys")
    return {key: _object(value) for key, value in objects.items()}


def _object(value: Any) -> Any:
    if not isinstance(value, dict) or "BodyBase64" not in value:
        return value
    try:
        body = b64decode(value["BodyBase64"], validate=True)
        return {**{name: member for name, member in value.items() if name != "BodyBase64"}, "Body": body}
    except (Base64Error, TypeError) as error:
        raise BadRequestError(f"BodyBase64: {error}") from None


def _views(backend: Backend) -> Buckets:
    return Buckets(lambda: backend.store, backend.clock.now)


def _buckets(backend: Backend, request: ControlRequest) -> Document:
    return {"buckets": [_bucket_summary(backend, name) for name in _views(backend)]}


def _bucket_summary(backend: Backend, name: str) -> Document:
    bucket = _views(backend)[name]
    return {
        "name": name,
        "account": bucket.account,
        "region": bucket.region,
        "created": bucket.created.isoformat(),
        "versioning": bucket.versioning,
        "objects": len(bucket.objects),
        "uploads": len(bucket.uploads),
    }


def _bucket(backend: Backend, request: ControlRequest) -> Document:
    name = request.path_values[0]
    if name not in _views(backend):
        raise NotFoundError(f"no bucket {name!r}")
    bucket = _views(backend)[name]
    uploads = [{"id": id_, "key": upload.key, "parts": sorted(upload.parts)} for id_, upload in bucket.uploads.items()]
    return {**_bucket_summary(backend, name), "keys": list(bucket.objects), "open_uploads": uploads}


def _metadata_table(backend: Backend, request: ControlRequest) -> Document:
    bucket, table = request.path_values
    try:
        rows = metadata_rows(backend.store, bucket, table, backend.clock.now())
    except UnknownNameError as error:
        raise NotFoundError(str(error)) from None
    return {"rows": [{name: _json(value) for name, value in row.items()} for row in rows]}


def _delete_metadata_table(backend: Backend, request: ControlRequest) -> Document:
    try:
        delete_metadata_table(backend.store, *request.path_values)
    except UnknownNameError as error:
        raise NotFoundError(str(error)) from None
    return {"status": "ok"}


def _json(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _leftovers(backend: Backend, request: ControlRequest) -> Any:
    return leftovers(backend.store, backend.calls).to_json()


def _deliver_inventory(backend: Backend, request: ControlRequest) -> Document:
    from ..effects.inventory import InventoryError, deliver_now

    bucket, configuration_id = request.path_values
    try:
        return {"manifest": deliver_now(backend, backend.store, bucket, configuration_id)}
    except UnknownNameError as error:
        raise NotFoundError(str(error)) from None
    except InventoryError as error:
        raise BadRequestError(str(error)) from None


def _metrics(backend: Backend, request: ControlRequest) -> Document:
    bucket, configuration_id = request.path_values
    try:
        return {"metrics": request_metrics(backend.store, bucket, configuration_id)}
    except UnknownNameError as error:
        raise NotFoundError(str(error)) from None


# --- calls and events ------------------------------------------------------------------------------------------------

_CALLS = {
    "operation": "its name, or a pattern (List*)",
    "bucket": "a name or pattern",
    "key": "a key or pattern",
    "status": "the HTTP status",
    "error": "S3's code",
    "access_key": "the access key that signed the request",
    "since": "the number of a call: only later ones",
    "before": "the number of a call: only earlier ones",
    "limit": "at most so many, the latest of them",
}


def _calls(backend: Backend, request: ControlRequest) -> Document:
    filters: Document = dict(request.query)
    for name in ("status", "since", "before", "limit"):
        if name in filters:
            filters[name] = int(filters[name])
    before, limit = filters.pop("before", None), filters.pop("limit", None)
    calls = backend.calls.filter(**filters)
    if before is not None:
        calls = calls[: bisect_left(calls.records(), before, key=lambda record: record.number)]
    if limit is not None:
        calls = calls[max(0, len(calls) - max(0, limit)) :]
    return {"calls": calls.to_json(), "dropped": calls.dropped}


def _clear_calls(backend: Backend, request: ControlRequest) -> Document:
    backend.calls.clear()
    return {"status": "ok"}


def _events(backend: Backend, request: ControlRequest) -> Document:
    filters = {name: value for name, value in request.query.items() if name != "type"}
    return {"events": backend.events.filter(request.query.get("type", "s3:*"), **filters), "dropped": backend.events.dropped}


def _clear_events(backend: Backend, request: ControlRequest) -> Document:
    backend.events.clear()
    return {"status": "ok"}


def _deliver_logs(backend: Backend, request: ControlRequest) -> Document:
    from ..effects.access_log import deliver

    backend.run_scheduled_work()
    return {"delivered": [log._asdict() for log in deliver(backend, backend.store, backend.clock.now())]}


# --- faults and pauses -----------------------------------------------------------------------------------------------


def _faults(backend: Backend, request: ControlRequest) -> Document:
    return {"faults": [rule.to_json() for rule in backend.faults]}


def _add_fault(backend: Backend, request: ControlRequest) -> Any:
    return backend.faults.add_json(request.document).to_json()


def _clear_faults(backend: Backend, request: ControlRequest) -> Document:
    backend.faults.clear()
    return {"status": "ok"}


def _rule(backend: Backend, request: ControlRequest) -> Rule:
    for rule in backend.faults:
        if str(rule.id) == request.path_values[0]:
            return rule
    raise NotFoundError(f"no rule {request.path_values[0]}")


def _fault(backend: Backend, request: ControlRequest) -> Any:
    return _rule(backend, request).to_json()


def _remove_fault(backend: Backend, request: ControlRequest) -> Any:
    rule = _rule(backend, request)
    rule.remove()
    return rule.to_json()


def _pauses(backend: Backend, request: ControlRequest) -> Document:
    return {"pauses": [pause.to_json() for pause in backend.faults.pauses]}


def _add_pause(backend: Backend, request: ControlRequest) -> Document:
    return backend.faults.pause_json(request.document).to_json()


def _release(backend: Backend, request: ControlRequest) -> Document:
    for pause in backend.faults.pauses:
        if str(pause.id) == request.path_values[0]:
            pause.release()
            return pause.to_json()
    raise NotFoundError(f"no pause {request.path_values[0]}, or it has been released")


# --- the table -------------------------------------------------------------------------------------------------------

_NAME = {"name": "the name of the snapshot (default)"}
_EVENTS = {"type": "s3:ObjectCreated:* ...", "bucket": "a name", "key": "a key or pattern"}
_OBJECT = {
    "*": "bucket -> key -> text, or an object of PutObject's members: {Body: text, or BodyBase64: base64, ContentType: ...}"
}


ENDPOINTS: tuple[ControlEndpoint, ...] = (
    control_endpoint("GET", "health", "Return the status and the version.", _health),
    control_endpoint("POST", "reset", "Remove buckets, calls, events and faults; the clock shows the system's time.", _reset),
    control_endpoint("GET", "config", "Return the settings, and the seed of the random generators.", _config),
    control_endpoint("GET", "snapshots", "List the names of the snapshots.", _snapshots),
    control_endpoint("POST", "snapshot", "Take a snapshot of the state under a name.", _snapshot, body=_NAME),
    control_endpoint("POST", "restore", "Restore a snapshot.", _restore, body=_NAME),
    control_endpoint("POST", "seed", "Put objects; missing buckets are created.", _seed, body=_OBJECT),
    control_endpoint("GET", "buckets", "List the buckets.", _buckets),
    control_endpoint("GET", "buckets/{bucket}", "Return one bucket with its keys and open uploads.", _bucket),
    control_endpoint("GET", "metadata/{bucket}/{table}", "Return the rows of a metadata table.", _metadata_table),
    control_endpoint("DELETE", "metadata/{bucket}/{table}", "Delete a metadata table.", _delete_metadata_table),
    control_endpoint("POST", "inventory/{bucket}/{id}", "Deliver an inventory report now.", _deliver_inventory),
    control_endpoint("GET", "metrics/{bucket}/{id}", "Return what a metrics configuration has counted.", _metrics),
    control_endpoint("GET", "leftovers", "List uploads neither completed nor aborted, and unread bodies.", _leftovers),
    control_endpoint("GET", "calls", "List the calls so far, oldest first.", _calls, query=_CALLS),
    control_endpoint("DELETE", "calls", "Clear the calls.", _clear_calls),
    control_endpoint("GET", "events", "List S3's event records so far, oldest first.", _events, query=_EVENTS),
    control_endpoint("DELETE", "events", "Clear the events.", _clear_events),
    control_endpoint("GET", "events/next", "Wait for an event.", sent.wait_for_event, query=sent.WAIT_FOR_EVENT),
    control_endpoint(
        "GET", "notifications", "List the notifications so far, oldest first.", sent.list_notifications, query=sent.LIST
    ),
    control_endpoint("DELETE", "notifications", "Clear the event notifications.", sent.clear_notifications),
    control_endpoint("GET", "notifications/next", "Wait for an event notification.", sent.wait_for_notification, query=sent.WAIT),
    control_endpoint("POST", "notifications/deliver_pending", "Deliver those that faults have held back.", sent.deliver_pending),
    control_endpoint("GET", "destinations", "List the destinations of event notifications.", sent.list_destinations),
    control_endpoint("POST", "destinations", "Post notifications for an ARN to a webhook.", sent.add_webhook, body=sent.WEBHOOK),
    control_endpoint("DELETE", "destinations/{arn}", "Remove the destination of an ARN.", sent.remove_destination),
    control_endpoint("POST", "logs/deliver", "Deliver the records of server access logging.", _deliver_logs),
    control_endpoint("GET", "faults", "List the fault rules.", _faults),
    control_endpoint("POST", "faults", "Add a fault rule.", _add_fault, body=RULE_FIELDS),
    control_endpoint("DELETE", "faults", "Remove all fault rules.", _clear_faults),
    control_endpoint("GET", "faults/{id}", "Return one fault rule, with its number of hits.", _fault),
    control_endpoint("DELETE", "faults/{id}", "Remove a fault rule.", _remove_fault),
    control_endpoint("GET", "pauses", "List the pauses, with the calls that wait there.", _pauses),
    control_endpoint("POST", "pauses", "Add a pause: calls wait before or after an operation.", _add_pause, body=PAUSE_FIELDS),
    control_endpoint("DELETE", "pauses/{id}", "Release the calls that wait there, and remove the pause.", _release),
    *CLOCK_ENDPOINTS,
    *INSPECTOR_ENDPOINTS,
)

HEALTH = ENDPOINTS[0]

ALIASES: dict[str, ControlEndpoint] = dict.fromkeys(
    (
        *("/health", "/_health", "/healthz", "/livez", "/readyz"),  # of Kubernetes, compose files and many others
        "/_localstack/health",
        *("/minio/health/live", "/minio/health/ready", "/minio/health/cluster"),
    ),
    HEALTH,
)
"""Paths that probes and wait strategies ask, which were written for other servers."""
