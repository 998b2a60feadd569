"""boto3 clients whose endpoints have host names, for both doors and without DNS.

In-process they are AWS's hosts. Against the server they are labels before ``localhost``, by which botocore's endpoint rules make
them; the connection goes to 127.0.0.1 by HTTP, whatever the Host header says (for Outposts those rules insist on HTTPS).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

from tests.support.doors import Door

ONCE = Config(retries={"total_max_attempts": 1})

Clients = Callable[..., Any]


@lru_cache(1)
def _session() -> boto3.session.Session:
    """Return a session for all clients: the first client of a session takes 25 ms, any other two."""
    return boto3.session.Session()


def _to_server(request: Any, **_: Any) -> None:
    url = urlsplit(request.url)
    request.headers["Host"] = url.netloc
    request.url = request.url.replace(f"{url.scheme}://{url.netloc}", f"http://127.0.0.1:{url.port}", 1)


@contextlib.contextmanager
def named_clients(door: Door) -> Iterator[Clients]:
    """Yield ``new(service, region=..., **settings)``, which creates clients of the door's fake; they are closed at the end."""
    session = _session()
    with contextlib.ExitStack() as stack:

        def new(service: str = "s3", region: str = "us-east-1", key: str = "testing", **settings: Any) -> Any:
            made = {"aws_access_key_id": key, "aws_secret_access_key": "testing", "config": ONCE, **settings}
            if door.name == "server":
                made["endpoint_url"] = f"http://localhost:{urlsplit(door.url).port}"
            client = session.client(service, region, **made)
            if door.name == "server":
                client.meta.events.register("before-send", _to_server)
            stack.callback(client.close)
            return client

        yield new
