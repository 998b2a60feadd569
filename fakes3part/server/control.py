"""The few paths of a fake's own: to see that it runs, to make it forget.

``/_fakes3part/`` can be no bucket (underscores are illegal in names). The aliases, which other tools' test suites and
container waits already call, are legal bucket names: they hold only while no bucket of that name exists. A request
signed for S3 is never taken for a control request.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, Any, TypeAlias

from ..message import Request, Response

if TYPE_CHECKING:
    from ..fake import FakeS3

Action: TypeAlias = "Callable[[FakeS3], dict[str, Any]]"

NAMESPACE = "/_fakes3part/"


@cache
def version() -> str:
    """The installed version of fakes3part."""
    return metadata.version("fakes3part")


def _health(fake: FakeS3) -> dict[str, Any]:
    # "services" is what waits for LocalStack look at.
    return {"status": "running", "version": version(), "services": {"s3": "running"}}


def _reset(fake: FakeS3) -> dict[str, Any]:
    fake.reset()
    return {"status": "ok"}


ACTIONS: dict[str, tuple[str, Action]] = {
    "/_fakes3part/health": ("GET", _health),
    "/_fakes3part/reset": ("POST", _reset),
}

ALIASES: dict[str, tuple[str, Action]] = {
    "/health": ("GET", _health),
    "/_localstack/health": ("GET", _health),
    "/minio/health/live": ("GET", _health),
    "/moto-api/reset": ("POST", _reset),
}


def answer_control(fake: FakeS3, request: Request) -> Response | None:
    """The answer to a control request, None when the request is S3's."""
    path = request.path
    if path.startswith(NAMESPACE):
        return None if _is_signed(request) else _own(fake, request)
    alias = ALIASES.get(path)
    if alias is None or request.method != alias[0] or _is_signed(request) or path.split("/")[1] in fake.buckets:
        return None
    return _json(200, alias[1](fake))


def _own(fake: FakeS3, request: Request) -> Response:
    action = ACTIONS.get(request.path)
    if action is None:
        return _json(404, {"error": f"no such control path: {request.path}", "paths": sorted(ACTIONS)})
    method, act = action
    if request.method == method or (method == "GET" and request.method == "HEAD"):
        return _json(200, act(fake))
    allow = "GET, HEAD" if method == "GET" else method
    return _json(405, {"error": f"use {allow}"}, ("Allow", allow))


def _is_signed(request: Request) -> bool:
    # "X-Amz-Signature=" of version 4 and "Signature=" of version 2.
    return "Signature=" in request.query or request.headers.get("authorization", "").startswith("AWS")


def _json(status: int, document: dict[str, Any], *headers: tuple[str, str]) -> Response:
    body = json.dumps(document).encode() + b"\n"
    framing = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    return Response(status, [*framing, *headers], (body,))
