"""Routes the requests to a server that are not S3's: the control API, its aliases, moto's paths, and the start page.

What a test in Python does by methods of `FakeS3`, any program does by the control API, in JSON. ``/_fakes3part/`` cannot be a
bucket (bucket names have no underscores). The aliases and ``/moto-api/``, which test suites and health checks written for other
tools call, are valid bucket names: they apply only while no bucket of that name exists, and to no request of an S3 client. Where
the Host names a bucket, all paths are keys. A request that is signed for S3 is never a control request.
``/_fakes3part/openapi.json`` describes all endpoints. `guard` says which requests are refused.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..errors import S3Error
from ..message import Request, Response
from . import moto_api
from .clients import is_at_bucket_host, is_of_s3_client, is_signed, is_visit
from .endpoint import BadRequestError, ConflictError, ControlEndpoint, NotFoundError
from .endpoints import ALIASES, ENDPOINTS, HEALTH, version
from .guard import refusal
from .openapi import openapi_document
from .pages import PAGE_PATHS, file_response, start_page

if TYPE_CHECKING:
    from ..backend import Backend

__all__ = ["handle_control_request", "may_be_control_path", "version"]

NAMESPACE = "/_fakes3part/"
OPENAPI = f"{NAMESPACE}openapi.json"
_PREFIXES = (NAMESPACE, "/moto-api/", "//")


def may_be_control_path(path: str) -> bool:
    """Return whether a request to this path may be other than S3's. (Called for every request: cheap, and not exact.)"""
    return path.startswith(_PREFIXES) or path in ALIASES or path == "/"


def handle_control_request(backend: Backend, request: Request) -> Response | None:
    """Return the response to a request that is not for S3; None if the request is for S3."""
    path = request.path
    if path == "/":
        return start_page() if is_visit(backend, request) else None
    if path.startswith(NAMESPACE):
        if is_signed(request) or is_at_bucket_host(backend, request):
            return None
        if path in PAGE_PATHS and request.method in ("GET", "HEAD"):
            return _refused(backend, request, needs_token=False) or file_response(path)
        return _refused(backend, request, needs_token=path != HEALTH.path) or _handle(backend, request)
    if is_of_s3_client(request) or is_at_bucket_host(backend, request):
        return None
    alias = ALIASES.get(path)
    if alias is not None and _is_for_alias(backend, request, alias):
        return _refused(backend, request, needs_token=False) or _json(200, alias.handle(backend, request, ()))
    moto_path = moto_api.PATH.fullmatch(path)
    if moto_path is None or request.method not in moto_api.METHODS or moto_api.BUCKET in backend.store.buckets:
        return None
    if moto_path[1]:
        refused = _refused(backend, request, needs_token=True)
        return refused or _json(*moto_api.handle_moto_api(backend, request, moto_path[1]))
    return start_page(path) if request.method != "POST" else None  # moto's dashboard


def _is_for_alias(backend: Backend, request: Request, alias: ControlEndpoint) -> bool:
    """Return whether a request to an alias is for it: a query is S3's, and so is the path if there is a bucket of its name."""
    is_method = request.method == alias.method or (request.method == "HEAD" and alias.method == "GET")
    return is_method and not request.query and request.path.split("/")[1] not in backend.store.buckets


def _refused(backend: Backend, request: Request, *, needs_token: bool) -> Response | None:
    """Return the response to a request that is refused (`guard.refusal`); None: it is not."""
    refused = refusal(backend, request, needs_token=needs_token)
    if refused is None:
        return None
    headers = [("WWW-Authenticate", "Bearer")] if refused.status == 401 else []
    return _json(refused.status, {"error": refused.reason}, *headers)


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
                document = endpoint.handle(backend, request, values)
                return document if isinstance(document, Response) else _json(200, document)
            except NotFoundError as error:
                return _json(404, {"error": str(error)})
            except ConflictError as error:
                return _json(409, {"error": str(error)})
            except BadRequestError as error:
                return _json(400, {"error": str(error)})
            except S3Error as error:
                return _json(400, {"error": f"{error.code}: {error.message}", "code": error.code})
    allowed = {endpoint.method for endpoint, _ in matches} or {"GET"}
    allow = ", ".join(sorted(allowed | ({"HEAD"} if "GET" in allowed else set())))
    return _json(405, {"error": f"use {allow}"}, ("Allow", allow))


def _json(status: int, document: Any, *headers: tuple[str, str]) -> Response:
    body = json.dumps(document, default=str).encode() + b"\n"
    framing = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    return Response(status, [*framing, *headers], (body,))
