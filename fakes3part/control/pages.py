"""The page that a browser or a readiness probe gets at ``/`` of a server."""

from __future__ import annotations

from ..message import Response
from .endpoints import version

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>fakes3part</title></head>
<body>
<h1>fakes3part {version}</h1>
<p>An in-memory Amazon S3 for test suites is running here. Clients of S3 use this address as their endpoint URL.</p>
<ul>
<li><a href="/_fakes3part/health">health</a></li>
<li><a href="/_fakes3part/buckets">buckets</a></li>
<li><a href="/_fakes3part/calls">calls</a></li>
<li><a href="/_fakes3part/openapi.json">control API</a> (OpenAPI)</li>
</ul>
</body>
</html>
"""


def start_page() -> Response:
    """Return the page, with status 200."""
    body = _PAGE.format(version=version()).encode()
    return Response(200, [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(body)))], (body,))
