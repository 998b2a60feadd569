"""The command ``fakes3part health``: asks a server whether it is there, for the health checks of containers."""

from __future__ import annotations

import argparse
import json
import sys

from .default_port import default_port

UNHEALTHY = 1
TIMEOUT = 2.0
"""Seconds to wait for a response."""

EXAMPLES = [
    ("health", "the server on this machine's default port"),
    ("health http://localhost:9000", "another one"),
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments to its parser."""
    url = f"http://127.0.0.1:{default_port()}"
    parser.add_argument("url", nargs="?", help=f"the server's URL (environment: MOTO_PORT; default: {url}, or https there)")
    parser.set_defaults(default_url=url)


def run(options: argparse.Namespace) -> int:
    """Print the status, and return the exit code: 0 if the server is healthy, else 1."""
    from http.client import HTTPException

    urls = [options.url.rstrip("/")] if options.url else [options.default_url, options.default_url.replace("http", "https", 1)]
    reason = ""
    for url in urls:
        try:
            status = _status(f"{url}/_fakes3part/health")
        except (OSError, HTTPException, ValueError) as error:
            reason = reason or f"{url}: {getattr(error, 'reason', None) or error}"
            continue
        print(f"{url}: {status}")
        return 0
    print(f"fakes3part health: error: {reason}", file=sys.stderr)
    return UNHEALTHY


def _status(url: str) -> str:
    """Return the status that a server reports.

    Raises:
        OSError: there is no server, or its status is not 200.
        ValueError: it is another program, or the URL is none.
    """
    import ssl
    from urllib.error import HTTPError
    from urllib.request import HTTPSHandler, ProxyHandler, build_opener

    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # the certificate is one that `serve --tls` has made
    opener = build_opener(ProxyHandler({}), HTTPSHandler(context=context))
    try:
        with opener.open(url, timeout=TIMEOUT) as response:
            document = json.loads(response.read())
    except HTTPError as error:
        error.close()
        raise
    if not isinstance(document, dict) or "status" not in document:
        raise ValueError("another program answers there")
    return str(document["status"])
