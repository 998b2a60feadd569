"""Routes the requests of the control API: what a test in Python does by methods of `FakeS3`, any program does here, in JSON.

``/_fakes3part/`` cannot be a bucket (bucket names have no underscores). The aliases, which test suites and health checks written
for other tools call, are valid bucket names: they apply only while no bucket of that name exists. A request that is signed
for S3 is never a control request. ``/_fakes3part/openapi.json`` describes all endpoints.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..errors import S3Error
from ..message import Request, Response
from .endpoint import BadRequestError, NotFoundError
from .endpoints import ALIASES, ENDPOINTS, version
from .openapi import openapi_document

if TYPE_CHECKING:
    from ..backend import Backend

__all__ = ["ALIASES", "NAMESPACE", "handle_control_request", "version"]

NAMESPACE = "/_fakes3part/"
OPENAPI = f"{NAMESPACE}openapi.json"


def handle_control_request(backend: Backend, request: Request) -> Response | None:
    """Return the response to a control request; None if the request is for S3."""
    path = request.path
    if path.startswith(NAMESPACE):
        return None if _is_signed(request) else _handle(backend, request)
    alias = ALIASES.get(path)
    if alias is None or request.method != alias.method or _is_signed(request) or path.split("/")[1] in backend.store.buckets:
        return None
    return _json(200, alias.handle(backend, request, ()))


def _handle(backend: Backend, request: Request) -> Response:
    method = "GET" if request.method == "HEAD" else request.method
    if request.path == OPENAPI and method == "GET":
        return _json(200, openapi_document(version()))
    matches = [(endpoint, values) for endpoint in ENDPOINTS if (values := endpoint.match(request.path)) is not None]
    if not matches and request.path != OPENAPI:
        paths = sorted({endpoint.path for endpoint in ENDPOINTS} | {OPENAPI})
        return _json(404, {"error": f"no such control path: {request.path}", "paths": paths})
    for endpoint, values in matches:
        if endpoint.method == method:
            try:
                return _json(200, endpoint.handle(backend, request, values))
            except NotFoundError as error:
                return _json(404, {"error": str(error)})
            except BadRequestError as error:
                return _json(400, {"error": str(error)})
            except S3Error as error:
                return _json(400, {"error": f"{error.code}: {error.message}", "code": error.code})
    allowed = {endpoint.method for endpoint, _ in matches} or {"GET"}
    allow = ", ".join(sorted(allowed | ({"HEAD"} if "GET" in allowed else set())))
    return _json(405, {"error": f"use {allow}"}, ("Allow", allow))


def _is_signed(request: Request) -> bool:
    # "X-Amz-Signature=" of version 4 and "Signature=" of version 2.
    return "Signature=" in request.query or request.headers.get("authorization", "").startswith("AWS")


def _json(status: int, document: Any, *headers: tuple[str, str]) -> Response:
    body = json.dumps(document, default=str).encode() + b"\n"
    framing = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    return Response(status, [*framing, *headers], (body,))
