"""JSON schemas of the control API's parameters and documents, for its OpenAPI description."""

from __future__ import annotations

import fnmatch
import threading
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeAlias

from ..error_codes import ERRORS
from ..events.records import PATTERNS
from .inspector_endpoints import MAX_ROWS
from .notification_endpoints import MAX_WAIT

Schema: TypeAlias = "dict[str, Any]"

NOTIFICATION = "notification"
"""What rules select besides operations."""

_TEXT: Schema = {"type": "string"}
_TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
_TIME: Schema = {"type": "string", "format": "date-time"}
_NUMBERS: Schema = {
    "anyOf": [
        {"type": "integer", "minimum": 1},
        {"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 1},
        {"type": "null"},
    ]
}

QUERY: dict[str, Schema] = {
    "since": {"type": "integer"},
    "before": {"type": "integer"},
    "limit": {"type": "integer", "minimum": 0, "maximum": MAX_ROWS},
    "offset": {"type": "integer", "minimum": 0},
    "secure": {"enum": ["true", "false"]},
    "timeout": {"type": "number", "minimum": 0, "maximum": MAX_WAIT},
    "type": {"enum": sorted(PATTERNS)},
}
"""Names of query parameters -> their schemas; others are texts."""


def query_schema(path: str, name: str) -> Schema:
    """Return the schema of a query parameter."""
    if path.endswith("/calls") and name == "limit":
        return {"type": "integer"}
    if name == "status":
        return {"type": "integer"} if path.endswith("/calls") else _TEXT
    if name == "what":
        return {"enum": sorted(_names())}
    if name == "operation":
        return _one_operation(_names())
    return QUERY.get(name, _TEXT)


PATH: dict[str, Schema] = {"number": {"type": "integer"}}
"""Names of variables in paths -> their schemas; others are texts."""

REQUIRED = {
    ("/_fakes3part/diff", "from"),
    ("/_fakes3part/explain", "what"),
    ("/_fakes3part/buckets/{bucket}/upload", "id"),
    ("/_fakes3part/buckets/{bucket}/object", "key"),
}
"""Paths and their query parameters that must be sent; others are optional."""


def document_schema(path: str) -> Schema:
    """Return the schema of the document of a request."""
    return _DOCUMENTS[path]()


def _object(*, required: list[str] | None = None, **properties: Schema) -> Schema:
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**schema, "required": required} if required else schema


def _snapshot() -> Schema:
    return _object(name=_TEXT)


LONGEST = {"weeks": 521_775, "days": 3_652_425, "hours": 87_658_200, "minutes": 5_259_492_000, "seconds": 315_569_520_000}
"""10,000 years: no clock can be advanced by more."""


def _advance() -> Schema:
    units: dict[str, Schema] = {unit: {"type": "number", "minimum": -most, "maximum": most} for unit, most in LONGEST.items()}
    return _object(required=None, **units)


def _destination() -> Schema:
    arn = "^arn:aws[a-zA-Z-]*:(sqs|sns|lambda|events):[a-zA-Z0-9-]+:[0-9]{12}:[a-zA-Z0-9_.$:/-]+$"
    return _object(required=["arn", "url"], arn={"type": "string", "pattern": arn}, url={"type": "string", "format": "uri"})


def _seed() -> Schema:
    """Return the schema of buckets: those names of S3's that have no dots, and the members of PutObject that are used most."""
    header = {"type": "string", "pattern": "^[!-~]([ -~]{0,100}[!-~])?$"}
    key = {"minLength": 1, "maxLength": 1024}
    members = _object(
        Body=_TEXT,
        BodyBase64={"type": "string", "pattern": "^([A-Za-z0-9+/]{4})*$"},
        CacheControl=header,
        ContentDisposition=header,
        ContentEncoding=header,
        ContentLanguage=header,
        ContentType=header,
        Metadata={"type": "object", "propertyNames": {"pattern": "^[a-z]{1,20}$"}, "additionalProperties": header},
    )
    objects = {"type": "object", "propertyNames": key, "additionalProperties": {"anyOf": [_TEXT, members]}}
    return {
        "type": "object",
        "propertyNames": {"pattern": "^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$"},
        "additionalProperties": objects,
    }


def _match() -> dict[str, Schema]:
    return {"bucket": _TEXT_OR_NULL, "key": _TEXT_OR_NULL, "part_number": _NUMBERS}


def _pause() -> Schema:
    timeout = {"type": ["number", "null"], "minimum": 0, "maximum": threading.TIMEOUT_MAX}
    when = {"enum": ["before", "after", None]}
    return _object(required=["operation"], operation=_operations(_names()), when=when, timeout=timeout, **_match())


def _rule() -> Schema:
    """Return one alternative for each set of operations that effects apply to."""
    often: dict[str, Schema] = {
        "nth": _NUMBERS,
        "times": {"type": ["integer", "null"], "minimum": 1},
        "probability": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
    }
    groups: dict[frozenset[str], list[Schema]] = {}
    for effect, operations in _effects():
        groups.setdefault(operations, []).append(effect)
    alternatives = [
        _object(required=["operation", "effect"], operation=_operations(names), effect={"anyOf": effects}, **often, **_match())
        for names, effects in groups.items()
    ]
    return {"anyOf": alternatives}


@cache
def _names() -> frozenset[str]:
    from ..faults.matching import operation_names

    return operation_names("*")


def _operations(names: frozenset[str]) -> Schema:
    one = _one_operation(names)
    return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]}


def _one_operation(names: frozenset[str]) -> Schema:
    """Return the schema of a name or pattern. Other patterns, of `fnmatch`, are allowed too."""
    patterns = [pattern for pattern in ("Copy*", "Create*", "Get*", "List*", "Put*", "Upload*") if fnmatch.filter(names, pattern)]
    everything = ["*"] if names - {NOTIFICATION} else []
    return {"enum": [*everything, *patterns, *sorted(names)]}


def _effects() -> list[tuple[Schema, frozenset[str]]]:
    """Return schemas of effects, each with the operations that it applies to."""
    from ..faults.effect_json import effect_from_json
    from ..faults.matching import operation_names

    schemas: list[tuple[Schema, frozenset[str]]] = [({"enum": sorted(ERRORS)}, _names())]
    for name, required, properties in EFFECTS:
        effect = effect_from_json({"effect": name, **required})
        schema = _object(required=["effect", *required], effect={"const": name}, **properties)
        names = operation_names("*", effect.applies_to, notifications=effect.applies_to_notifications)
        schemas.append((schema, names | ({NOTIFICATION} if effect.applies_to_notifications else set())))
    return [(schema, names) for schema, names in schemas if names]


_WHOLE: Schema = {"type": "integer", "minimum": 0}
_ERROR: dict[str, Schema] = {"code": {"enum": sorted(ERRORS)}, "message": _TEXT_OR_NULL}

_RETRY_AFTER: Schema = {"type": ["number", "null"], "minimum": 0}

EFFECTS: list[tuple[str, Mapping[str, Any], dict[str, Schema]]] = [
    ("error", {"code": "SlowDown"}, {**_ERROR, "status": {"type": "null"}, "retry_after": _RETRY_AFTER}),
    (
        "error",
        {"code": "SlowDown", "status": 503},
        {**_ERROR, "code": _TEXT, "status": {"type": "integer", "minimum": 300, "maximum": 599}, "retry_after": _RETRY_AFTER},
    ),
    ("error_in_200", {}, {**_ERROR, "whitespace": _WHOLE}),
    ("truncate", {}, {"after": {"type": ["integer", "null"], "minimum": 0}, "fraction": {"type": "null"}}),
    ("truncate", {"fraction": 0.5}, {"after": {"type": "null"}, "fraction": {"type": "number", "minimum": 0, "maximum": 1}}),
    ("corrupt", {}, {"offset": {"type": "integer"}, "count": {"type": "integer", "minimum": 1}}),
    ("malformed", {}, {}),
    ("reset", {}, {"when": {"enum": ["before", "during", "after"]}}),
    ("stall", {}, {"after": {"type": ["integer", "null"], "minimum": 0}}),
    ("refuse", {}, {}),
    ("duplicate", {}, {}),
    ("reorder", {}, {}),
    ("latency", {"seconds": 0}, {"seconds": {"type": "number", "minimum": 0}}),
    ("bandwidth", {"bytes_per_second": 1}, {"bytes_per_second": {"type": "number", "exclusiveMinimum": 0}}),
]
"""Effects by name: an example of each required field, and the schemas of all fields."""


def _freeze() -> Schema:
    return _object(at={"anyOf": [_TIME, {"type": "null"}]})


def _move() -> Schema:
    return _object(required=["to"], to=_TIME)


_DOCUMENTS: dict[str, Callable[[], Schema]] = {
    "/_fakes3part/snapshot": _snapshot,
    "/_fakes3part/restore": _snapshot,
    "/_fakes3part/seed": _seed,
    "/_fakes3part/destinations": _destination,
    "/_fakes3part/faults": _rule,
    "/_fakes3part/pauses": _pause,
    "/_fakes3part/clock/freeze": _freeze,
    "/_fakes3part/clock/advance": _advance,
    "/_fakes3part/clock/move_to": _move,
}
