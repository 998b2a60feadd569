"""Makes ``/_fakes3part/openapi.json``, the OpenAPI 3.1 document of the control API, from the table of endpoints."""

from __future__ import annotations

import re
from typing import Any

from .endpoint import ControlEndpoint
from .endpoints import ENDPOINTS
from .guard import TOKEN_HEADER
from .schemas import PATH, REQUIRED, Schema, document_schema, query_schema

_MAY_FIND_NOTHING = frozenset(
    f"/_fakes3part/{path}" for path in ("diff", "events/next", "explain", "notifications/next", "restore")
)
_STREAM = "/_fakes3part/calls/stream"
_VARIABLE = re.compile(r"{(\w+)}")


def openapi_document(version: str) -> dict[str, Any]:
    """Return the document."""
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in ENDPOINTS:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "fakes3part control",
            "version": version,
            "description": "What tests in Python do by methods of FakeS3, for programs in any language. Requests are not signed.",
        },
        "paths": paths,
        "components": {"securitySchemes": {"token": {"type": "apiKey", "in": "header", "name": TOKEN_HEADER}}},
        "security": [{}, {"token": []}],
    }


def _operation(endpoint: ControlEndpoint) -> dict[str, Any]:
    content = {"text/event-stream": {}} if endpoint.path == _STREAM else {"application/json": {"schema": {"type": "object"}}}
    words = re.findall(r"\w+", endpoint.path.removeprefix("/_fakes3part/"))
    operation: dict[str, Any] = {
        "operationId": "_".join([endpoint.method.lower(), *words]),
        "summary": endpoint.summary,
        "responses": {
            "200": {"description": "Done.", "content": content},
            "400": {"description": "The request is invalid; `error` says why."},
            "401": {"description": "The setting control_token is set, and the request does not have it."},
            "403": {"description": "A web page makes the request, or the Host is not this server's."},
        },
    }
    parameters = [
        _parameter("path", name, "", PATH.get(name, {"type": "string"}), is_required=True)
        for name in _VARIABLE.findall(endpoint.path)
    ]
    parameters += [
        _parameter("query", name, text, query_schema(endpoint.path, name), is_required=(endpoint.path, name) in REQUIRED)
        for name, text in endpoint.query.items()
    ]
    if parameters:
        operation["parameters"] = parameters
    if "{" in endpoint.path or endpoint.path in _MAY_FIND_NOTHING:
        operation["responses"]["404"] = {"description": "What the request names does not exist."}
    if endpoint.path == "/_fakes3part/clock/advance":
        operation["responses"]["409"] = {"description": "The clock would leave the years 1 to 9999."}
    if endpoint.method == "POST":
        operation["responses"]["415"] = {"description": "The Content-Type is not JSON's."}
    if endpoint.body:
        schema = document_schema(endpoint.path)
        _describe(schema, endpoint)
        operation["requestBody"] = {"required": _needs_members(schema), "content": {"application/json": {"schema": schema}}}
    return operation


def _parameter(location: str, name: str, text: str, schema: Schema, *, is_required: bool) -> dict[str, Any]:
    parameter = {"in": location, "name": name, "required": is_required, "schema": schema}
    return {**parameter, "description": text} if text else parameter


def _needs_members(schema: Schema) -> bool:
    return all("required" in alternative for alternative in schema.get("anyOf", [schema]))


def _describe(schema: Schema, endpoint: ControlEndpoint) -> None:
    """Add the descriptions of members, which stand in the table of endpoints."""
    if "*" in endpoint.body:
        schema["description"] = endpoint.body["*"]
    for alternative in schema.get("anyOf", [schema]):
        for name, member in alternative.get("properties", {}).items():
            alternative["properties"][name] = {**member, "description": endpoint.body[name]}
