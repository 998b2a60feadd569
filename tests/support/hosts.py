"""Raw requests to any host, clients of any region, and a count of the requests that a client sends."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from fakes3part.api.fakes3 import FakeS3
from fakes3part.message import Request, Response
from fakes3part.state.bucket import Bucket
from tests.support.callers import OWNER
from tests.support.doors import RawResponse, warm

ME = Credentials("testing", "testing")


def add_bucket(fake: FakeS3, region: str, name: str = "bucket", created: datetime | None = None) -> Bucket:
    """Add a bucket in a region directly to the store; ``created`` None: created in 2020."""
    return fake.store.add(Bucket(name, OWNER, region, created or datetime(2020, 1, 1, tzinfo=timezone.utc)))


def ask(
    fake: FakeS3,
    method: str,
    host: str,
    target: str = "/",
    body: bytes = b"",
    *,
    region: str | None = None,
    by_url: bool = False,
    headers: dict[str, str] | None = None,
) -> RawResponse:
    """Send a request to a host, signed for ``region`` (None: unsigned) in its headers or its URL."""
    headers = dict(headers or {})
    if region is not None:
        request = AWSRequest(method, f"https://{host}{target}", headers, body)
        if by_url:
            S3SigV4QueryAuth(ME, "s3", region, expires=60).add_auth(request)
            target = request.prepare().url.removeprefix(f"https://{host}")
        else:
            S3SigV4Auth(ME, "s3", region).add_auth(request)
        headers = dict(request.headers.items())
    path, _, query = target.partition("?")
    lowered = {name.lower(): value for name, value in headers.items()} | {"content-length": str(len(body)), "host": host}
    return _answer(fake.handle(Request(method, host, path, query, lowered, body)))


def _answer(response: Response) -> RawResponse:
    return RawResponse(
        response.status, {name.lower(): value for name, value in response.headers}, b"".join(map(bytes, response.body))
    )


@contextlib.contextmanager
def client_of(region: str, **settings: Any) -> Iterator[Any]:
    """Yield a client without an endpoint URL: boto3's rules determine the host."""
    config = Config(retries={"total_max_attempts": 1}, s3=settings.pop("s3", None))
    client = warm().client("s3", region, aws_access_key_id="testing", aws_secret_access_key="testing", config=config, **settings)
    with contextlib.closing(client):
        yield client


@contextlib.contextmanager
def counted(client: Any) -> Iterator[list[tuple[str, int]]]:
    """Record the host and status of each request that a client sends in the block."""
    sent: list[tuple[str, int]] = []
    urls: list[str] = []

    def before(request: Any, **_: Any) -> None:
        urls.append(request.url.partition("://")[2].partition("/")[0])

    def after(response: Any, **_: Any) -> None:
        if response is not None:
            sent.append((urls[-1], response[0].status_code))

    events = client.meta.events
    events.register("before-send.s3", before)
    events.register_first("needs-retry.s3", after)
    try:
        yield sent
    finally:
        events.unregister("before-send.s3", before)
        events.unregister("needs-retry.s3", after)
