"""What the control paths do: a table of `Action`s, each a method, a path, and a function of the fake and what it is asked."""

from __future__ import annotations

import time
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta, timezone
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, Any

from ..faults.pauses import PAUSE_FIELDS
from ..faults.rule import RULE_FIELDS, Rule
from ..inspection.buckets import Buckets
from ..journal.leftovers import leftovers
from ..seeding.objects import seed
from ..snapshots import snapshot
from .endpoint import NOTHING, Action, Asked, BadRequestError, Document, NotThereError

if TYPE_CHECKING:
    from ..backend import Backend


@cache
def version() -> str:
    """The installed version of fakes3part."""
    return metadata.version("fakes3part")


# --- the fake as a whole ---------------------------------------------------------------------------------------------


def _health(backend: Backend, asked: Asked) -> Document:
    # "services" is what waits for LocalStack look at.
    return {"status": "running", "version": version(), "services": {"s3": "running"}}


def _reset(backend: Backend, asked: Asked) -> Document:
    backend.reset()
    return {"status": "ok"}


def _config(backend: Backend, asked: Asked) -> Document:
    return {**asdict(backend.settings), "seed": backend.ids.seed, "version": version()}


def _snapshot(backend: Backend, asked: Asked) -> Document:
    name = str(asked.document.get("name", "default"))
    snapshot.take(backend, name)
    return {"name": name}


def _snapshots(backend: Backend, asked: Asked) -> Document:
    return {"snapshots": sorted(backend.snapshots)}


def _restore(backend: Backend, asked: Asked) -> Document:
    name = str(asked.document.get("name", "default"))
    if name not in backend.snapshots:
        raise NotThereError(f"no snapshot {name!r}")
    snapshot.restore(backend, backend.snapshots[name])
    return {"name": name}


def _seed(backend: Backend, asked: Asked) -> Document:
    content = {bucket: _objects(bucket, objects) for bucket, objects in asked.document.items()}
    from botocore.exceptions import ParamValidationError

    try:
        seed(backend, content)
    except ParamValidationError as wrong:
        raise BadRequestError(str(wrong)) from None
    return {"buckets": len(content), "objects": sum(map(len, content.values()))}


def _objects(bucket: str, objects: Any) -> Document:
    if not isinstance(objects, dict):
        raise BadRequestError(f"{bucket}: an object of keys is wanted")
    return {key: _object(value) for key, value in objects.items()}


def _object(value: Any) -> Any:
    if not isinstance(value, dict) or "BodyBase64" not in value:
        return value
    try:
        body = b64decode(value["BodyBase64"], validate=True)
        return {**{name: given for name, given in value.items() if name != "BodyBase64"}, "Body": body}
    except (Base64Error, TypeError) as wrong:
        raise BadRequestError(f"BodyBase64: {wrong}") from None


def _views(backend: Backend) -> Buckets:
    return Buckets(lambda: backend.store)


def _buckets(backend: Backend, asked: Asked) -> Document:
    return {"buckets": [_bucket_line(backend, name) for name in _views(backend)]}


def _bucket_line(backend: Backend, name: str) -> Document:
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


def _bucket(backend: Backend, asked: Asked) -> Document:
    name = asked.names[0]
    if name not in _views(backend):
        raise NotThereError(f"no bucket {name!r}")
    bucket = _views(backend)[name]
    uploads = [{"id": id_, "key": upload.key, "parts": sorted(upload.parts)} for id_, upload in bucket.uploads.items()]
    return {**_bucket_line(backend, name), "keys": list(bucket.objects), "open_uploads": uploads}


def _leftovers(backend: Backend, asked: Asked) -> Any:
    return leftovers(backend.store, backend.calls).to_json()


# --- calls and events ------------------------------------------------------------------------------------------------

_CALLS = {
    "operation": "its name, or a pattern (List*)",
    "bucket": "a name or pattern",
    "key": "a key or pattern",
    "status": "the HTTP status",
    "error": "S3's code",
    "access_key": "who signed",
    "since": "the number of a call: those after it",
}


def _calls(backend: Backend, asked: Asked) -> Document:
    given: Document = dict(asked.query)
    for name in ("status", "since"):
        if name in given:
            given[name] = int(given[name])
    found = backend.calls.filter(**given)
    return {"calls": found.to_json(), "dropped": found.dropped}


def _clear_calls(backend: Backend, asked: Asked) -> Document:
    backend.calls.clear()
    return {"status": "ok"}


def _events(backend: Backend, asked: Asked) -> Document:
    wanted = {name: value for name, value in asked.query.items() if name != "type"}
    return {"events": backend.events.filter(asked.query.get("type", "s3:*"), **wanted), "dropped": backend.events.dropped}


def _clear_events(backend: Backend, asked: Asked) -> Document:
    backend.events.clear()
    return {"status": "ok"}


# --- faults and pauses -----------------------------------------------------------------------------------------------


def _faults(backend: Backend, asked: Asked) -> Document:
    return {"faults": [rule.to_json() for rule in backend.faults]}


def _add_fault(backend: Backend, asked: Asked) -> Any:
    return backend.faults.add_json(asked.document).to_json()


def _clear_faults(backend: Backend, asked: Asked) -> Document:
    backend.faults.clear()
    return {"status": "ok"}


def _rule(backend: Backend, asked: Asked) -> Rule:
    for rule in backend.faults:
        if str(rule.id) == asked.names[0]:
            return rule
    raise NotThereError(f"no rule {asked.names[0]}")


def _fault(backend: Backend, asked: Asked) -> Any:
    return _rule(backend, asked).to_json()


def _remove_fault(backend: Backend, asked: Asked) -> Any:
    rule = _rule(backend, asked)
    rule.remove()
    return rule.to_json()


def _pauses(backend: Backend, asked: Asked) -> Document:
    return {"pauses": [pause.to_json() for pause in backend.faults.pauses]}


def _add_pause(backend: Backend, asked: Asked) -> Document:
    return backend.faults.pause_json(asked.document).to_json()


def _release(backend: Backend, asked: Asked) -> Document:
    for pause in backend.faults.pauses:
        if str(pause.id) == asked.names[0]:
            pause.release()
            return pause.to_json()
    raise NotThereError(f"no pause {asked.names[0]} (any more)")


# --- the clock -------------------------------------------------------------------------------------------------------

_UNITS = ("weeks", "days", "hours", "minutes", "seconds")


def _clock(backend: Backend, asked: Asked) -> Document:
    clock = backend.clock
    return {"now": clock.now().isoformat(), "frozen": clock.is_frozen, "own": clock.is_own}


def _between_seconds() -> None:
    # Clients elsewhere date their signatures in whole seconds: so a date tells on which side of the move it was written.
    now = datetime.now(timezone.utc)
    time.sleep((1_000_000 - now.microsecond) / 1_000_000)


def _freeze(backend: Backend, asked: Asked) -> Document:
    _between_seconds()
    backend.clock.freeze(asked.document.get("at"))
    return _clock(backend, asked)


def _advance(backend: Backend, asked: Asked) -> Document:
    span = timedelta(**{name: float(value) for name, value in asked.document.items()})
    _between_seconds()
    backend.clock.advance(span)
    return _clock(backend, asked)


def _move(backend: Backend, asked: Asked) -> Document:
    if "to" not in asked.document:
        raise BadRequestError("to: where to move the clock, in ISO 8601")
    _between_seconds()
    backend.clock.move_to(asked.document["to"])
    return _clock(backend, asked)


def _machines_time(backend: Backend, asked: Asked) -> Document:
    backend.clock.reset()
    return _clock(backend, asked)


# --- the table -------------------------------------------------------------------------------------------------------

_NAME = {"name": "of the snapshot (default)"}
_EVENTS = {"type": "s3:ObjectCreated:* ...", "bucket": "its name", "key": "a key or pattern"}
_OBJECT = {
    "*": "bucket -> key -> text, or an object of PutObject's members: {Body: text, or BodyBase64: base64, ContentType: ...}"
}


def _at(
    method: str,
    path: str,
    summary: str,
    does: Callable[[Backend, Asked], Any],
    *,
    query: Mapping[str, str] = NOTHING,
    body: Mapping[str, str] = NOTHING,
) -> Action:
    return Action(method, f"/_fakes3part/{path}", summary, does, query, body)


ACTIONS: tuple[Action, ...] = (
    _at("GET", "health", "Whether it runs, and its version.", _health),
    _at("POST", "reset", "Forget buckets, calls, events and faults; the clock shows the machine's time.", _reset),
    _at("GET", "config", "The settings, and the seed of all that is random.", _config),
    _at("GET", "snapshots", "Names of the snapshots.", _snapshots),
    _at("POST", "snapshot", "Keep the present state, under a name.", _snapshot, body=_NAME),
    _at("POST", "restore", "Go back to a snapshot.", _restore, body=_NAME),
    _at("POST", "seed", "Put objects; buckets that are not there are created.", _seed, body=_OBJECT),
    _at("GET", "buckets", "The buckets.", _buckets),
    _at("GET", "buckets/{bucket}", "One bucket: its keys and open uploads.", _bucket),
    _at("GET", "leftovers", "Uploads neither completed nor aborted, bodies that nobody read.", _leftovers),
    _at("GET", "calls", "The requests so far, oldest first.", _calls, query=_CALLS),
    _at("DELETE", "calls", "Forget the requests.", _clear_calls),
    _at("GET", "events", "S3's event records so far, oldest first.", _events, query=_EVENTS),
    _at("DELETE", "events", "Forget the events.", _clear_events),
    _at("GET", "faults", "The rules.", _faults),
    _at("POST", "faults", "Let calls go wrong.", _add_fault, body=RULE_FIELDS),
    _at("DELETE", "faults", "Remove every rule.", _clear_faults),
    _at("GET", "faults/{id}", "One rule, and how often it was hit.", _fault),
    _at("DELETE", "faults/{id}", "Remove a rule.", _remove_fault),
    _at("GET", "pauses", "The pauses, and who waits there.", _pauses),
    _at("POST", "pauses", "Let calls wait before or after an operation.", _add_pause, body=PAUSE_FIELDS),
    _at("DELETE", "pauses/{id}", "Release whoever waits there.", _release),
    _at("GET", "clock", "The time here.", _clock),
    _at("DELETE", "clock", "Show the machine's time again.", _machines_time),
    _at("POST", "clock/freeze", "Stand still, now or at a time.", _freeze, body={"at": "ISO 8601; now if not given"}),
    _at("POST", "clock/advance", "Move on.", _advance, body=dict.fromkeys(_UNITS, "a number")),
    _at("POST", "clock/move_to", "Show another time.", _move, body={"to": "ISO 8601"}),
)

_HEALTH, _RESET = ACTIONS[0], ACTIONS[1]

ALIASES: dict[str, Action] = {
    "/health": _HEALTH,
    "/_localstack/health": _HEALTH,
    "/minio/health/live": _HEALTH,
    "/moto-api/reset": _RESET,
}
