"""The paths of moto's server under ``/moto-api/``: what suites call there works, the rest says that it does not exist here.

Clients join the path to an endpoint URL that may end in a slash, so any number of slashes may precede it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs

from ..message import Request

if TYPE_CHECKING:
    from ..backend import Backend

PATH = re.compile(r"/+moto-api/(.*)", re.S)
BUCKET = "moto-api"
"""A bucket of this name may exist; then these paths are its."""
METHODS = frozenset({"GET", "HEAD", "POST"})
"""Methods that moto's server has there. Requests by others are S3's."""


class Reply(NamedTuple):
    """A status and the JSON document of the response."""

    status: int
    document: dict[str, Any]


def _reset(backend: Backend, request: Request) -> Reply:
    backend.reset()
    return Reply(200, {"status": "ok"})


def _seed(backend: Backend, request: Request) -> Reply:
    values = parse_qs(request.query).get("a", [])
    try:
        (seed,) = map(int, values)
    except ValueError:
        return Reply(400, {"error": "moto-api/seed needs one whole number: ?a=42"})
    backend.ids.reseed(seed)
    return Reply(200, {"status": "ok", "seed": seed})


_POSTED: Mapping[str, Callable[[Backend, Request], Reply]] = {"reset": _reset, "seed": _seed}

_MISSING: Mapping[str, str] = {
    "data.json": "the models of moto; GET /_fakes3part/buckets and /_fakes3part/buckets/NAME show the state",
    "config": "moto's configuration; the settings of fakes3part are flags and variables, GET /_fakes3part/config shows them",
    "reset-auth": "moto's count of requests before authentication; accounts and policies always count, see "
    "'Accounts, policies and signatures' in the documentation",
    "proxy/passthrough": "moto's proxy; give clients the URL of this server as endpoint URL",
    "static/": "results of other services than S3",
    "state-manager/": "transitions of moto's models; POST /_fakes3part/clock/advance moves time",
    "recorder/": "recordings; POST /_fakes3part/snapshot and /_fakes3part/restore keep and restore states",
}
"""What moto's server has and this one has not: a path, or the beginning of several, and what to use instead."""


def handle_moto_api(backend: Backend, request: Request, name: str) -> Reply:
    """Return the reply to a request below ``/moto-api/``.

    Args:
        name: the rest of the path, not empty.
    """
    handler = _POSTED.get(name)
    if handler is not None:
        if request.method == "POST":
            return handler(backend, request)
        return Reply(405, {"error": f"use POST {request.path}"})
    for path, reason in _MISSING.items():
        if name == path or (path.endswith("/") and name.startswith(path)):
            return Reply(501, {"error": f"fakes3part has no moto-api/{name} ({reason})"})
    return Reply(404, {"error": f"no such path: {request.path}; fakes3part has moto-api/reset and moto-api/seed"})
