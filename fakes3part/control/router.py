"""The paths of a fake's own: what a test does in Python by methods of `FakeS3`, any program does here, in JSON.

``/_fakes3part/`` can be no bucket (underscores are illegal in names). The aliases, which other tools' test suites and
container waits already call, are legal bucket names: they hold only while no bucket of that name exists. A request
signed for S3 is never taken for a control request. ``/_fakes3part/openapi.json`` describes it all.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..errors import S3Error
from ..message import Request, Response
from .endpoint import BadRequestError, NotThereError
from .endpoints import ACTIONS, ALIASES, version
from .openapi import description

if TYPE_CHECKING:
    from ..backend import Backend

__all__ = ["ALIASES", "NAMESPACE", "answer_control", "version"]

NAMESPACE = "/_fakes3part/"
OPENAPI = f"{NAMESPACE}openapi.json"


def answer_control(backend: Backend, request: Request) -> Response | None:
    """The answer to a control request, None when the request is S3's."""
    path = request.path
    if path.startswith(NAMESPACE):
        return None if _is_signed(request) else _own(backend, request)
    alias = ALIASES.get(path)
    if alias is None or request.method != alias.method or _is_signed(request) or path.split("/")[1] in backend.store.buckets:
        return None
    return _json(200, alias(backend, request, ()))


def _own(backend: Backend, request: Request) -> Response:
    method = "GET" if request.method == "HEAD" else request.method
    if request.path == OPENAPI and method == "GET":
        return _json(200, description(version()))
    found = [(action, names) for action in ACTIONS if (names := action.names(request.path)) is not None]
    if not found and request.path != OPENAPI:
        paths = sorted({action.path for action in ACTIONS} | {OPENAPI})
        return _json(404, {"error": f"no such control path: {request.path}", "paths": paths})
    for action, names in found:
        if action.method == method:
            try:
                return _json(200, action(backend, request, names))
            except NotThereError as wrong:
                return _json(404, {"error": str(wrong)})
            except BadRequestError as wrong:
                return _json(400, {"error": str(wrong)})
            except S3Error as refused:
                return _json(400, {"error": f"{refused.code}: {refused.message}", "code": refused.code})
    allowed = {action.method for action, _ in found} or {"GET"}
    allow = ", ".join(sorted(allowed | ({"HEAD"} if "GET" in allowed else set())))
    return _json(405, {"error": f"use {allow}"}, ("Allow", allow))


def _is_signed(request: Request) -> bool:
    # "X-Amz-Signature=" of version 4 and "Signature=" of version 2.
    return "Signature=" in request.query or request.headers.get("authorization", "").startswith("AWS")


def _json(status: int, document: Any, *headers: tuple[str, str]) -> Response:
    body = json.dumps(document, default=str).encode() + b"\n"
    framing = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    return Response(status, [*framing, *headers], (body,))
