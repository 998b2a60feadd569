"""The inspector: the page that a browser gets at ``/`` of a server, and at ``/_fakes3part/``, with its style sheet and scripts.

Static files, the same for every fake. What they show, the scripts ask the control API for.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import PurePath

from ..message import Response

_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
_BASE = b"{base}"

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
"""Nothing comes from elsewhere, nothing is inline, and no text becomes markup: keys and headers are data."""

_HEADERS = (
    ("Content-Security-Policy", _POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
)

_SCRIPTS = ("main", "api", "dom", "live", "parts", "router")
_VIEWS = (
    "access",
    "buckets",
    "calls",
    "clock",
    "events",
    "faults",
    "head",
    "notifications",
    "object",
    "settings",
    "snapshots",
    "uploads",
)
_FILES = ("inspector.css", *(f"{name}.js" for name in _SCRIPTS), *(f"views/{name}.js" for name in _VIEWS))

PAGE_PATHS = {"/_fakes3part/": "index.html", **{f"/_fakes3part/inspector/{name}": name for name in _FILES}}
"""Path -> the file that a browser gets there."""


def start_page(path: str = "/") -> Response:
    """Return the page for a path that ends in ``/``."""
    return _response("index.html", b"../" * (path.count("/") - 1) + b"_fakes3part/")


def file_response(path: str) -> Response:
    """Return the file of one of `PAGE_PATHS`."""
    return _response(PAGE_PATHS[path], b"")


@cache
def _content(name: str) -> bytes:
    return files(__package__).joinpath("inspector", *name.split("/")).read_bytes()


def _response(name: str, base: bytes) -> Response:
    """Return a file, with ``base`` before the names of other files: a server may be mounted below another path."""
    body = _content(name)
    if name.endswith(".html"):
        body = body.replace(_BASE, base)
    content_type = f"{_TYPES[PurePath(name).suffix]}; charset=utf-8"
    return Response(200, [("Content-Type", content_type), ("Content-Length", str(len(body))), *_HEADERS], (body,))
