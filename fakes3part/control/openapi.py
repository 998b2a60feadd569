"""Makes ``/_fakes3part/openapi.json``, the OpenAPI 3.1 document of the control API, from the table of endpoints."""

from __future__ import annotations

import re
from typing import Any

from .endpoint import ControlEndpoint
from .endpoints import ENDPOINTS
from .guard import TOKEN_HEADER

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
    words = re.findall(r"\w+", endpoint.path.removeprefix("/_fakes3part/"))
    operation: dict[str, Any] = {
        "operationId": "_".join([endpoint.method.lower(), *words]),
        "summary": endpoint.summary,
        "responses": {
            "200": {"description": "Done.", "content": {"application/json": {"schema": {"type": "object"}}}},
            "400": {"description": "The request is invalid; `error` says why."},
            "401": {"description": "The setting control_token is set, and the request does not have it."},
            "403": {"description": "A web page makes the request, or the Host is not this server's."},
        },
    }
    parameters = [_parameter("path", name, "", required=True) for name in _VARIABLE.findall(endpoint.path)]
    parameters += [_parameter("query", name, text, required=False) for name, text in endpoint.query.items()]
    if parameters:
        operation["parameters"] = parameters
    if "{" in endpoint.path:
        operation["responses"]["404"] = {"description": "What the path names does not exist."}
    if endpoint.method == "POST":
        operation["responses"]["415"] = {"description": "The Content-Type is not JSON's."}
    if endpoint.body:
        operation["requestBody"] = {"content": {"application/json": {"schema": _schema(endpoint)}}}
    return operation


def _parameter(location: str, name: str, text: str, *, required: bool) -> dict[str, Any]:
    parameter = {"in": location, "name": name, "required": required, "schema": {"type": "string"}}
    return {**parameter, "description": text} if text else parameter


def _schema(endpoint: ControlEndpoint) -> dict[str, Any]:
    if "*" in endpoint.body:
        return {"type": "object", "description": endpoint.body["*"], "additionalProperties": {"type": "object"}}
    members = {name: {"description": text} for name, text in endpoint.body.items()}
    return {"type": "object", "properties": members, "additionalProperties": False}
