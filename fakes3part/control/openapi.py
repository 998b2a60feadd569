"""``/_fakes3part/openapi.json``: the control paths as an OpenAPI 3.1 document, made from their table."""

from __future__ import annotations

import re
from typing import Any

from .endpoint import Action
from .endpoints import ACTIONS

_VARIABLE = re.compile(r"{(\w+)}")


def description(version: str) -> dict[str, Any]:
    """The whole document."""
    paths: dict[str, dict[str, Any]] = {}
    for action in ACTIONS:
        paths.setdefault(action.path, {})[action.method.lower()] = _operation(action)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "fakes3part control",
            "version": version,
            "description": "What tests in Python do by methods of FakeS3, for programs in any language. Requests are not signed.",
        },
        "paths": paths,
    }


def _operation(action: Action) -> dict[str, Any]:
    words = re.findall(r"\w+", action.path.removeprefix("/_fakes3part/"))
    operation: dict[str, Any] = {
        "operationId": "_".join([action.method.lower(), *words]),
        "summary": action.summary,
        "responses": {
            "200": {"description": "Done.", "content": {"application/json": {"schema": {"type": "object"}}}},
            "400": {"description": "What was sent makes no sense; `error` tells why."},
        },
    }
    parameters = [_parameter("path", name, "", required=True) for name in _VARIABLE.findall(action.path)]
    parameters += [_parameter("query", name, what, required=False) for name, what in action.query.items()]
    if parameters:
        operation["parameters"] = parameters
    if "{" in action.path:
        operation["responses"]["404"] = {"description": "There is no such thing."}
    if action.body:
        operation["requestBody"] = {"content": {"application/json": {"schema": _schema(action)}}}
    return operation


def _parameter(where: str, name: str, what: str, *, required: bool) -> dict[str, Any]:
    parameter = {"in": where, "name": name, "required": required, "schema": {"type": "string"}}
    return {**parameter, "description": what} if what else parameter


def _schema(action: Action) -> dict[str, Any]:
    if "*" in action.body:
        return {"type": "object", "description": action.body["*"], "additionalProperties": {"type": "object"}}
    members = {name: {"description": what} for name, what in action.body.items()}
    return {"type": "object", "properties": members, "additionalProperties": False}
