"""Another S3 to compare with: AWS, or an endpoint by its URL. Requests are signed with the user's own credentials.

It can be sent nothing but requests to its own endpoint, about buckets whose names have the token of this run.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any, TypeAlias
from urllib.parse import unquote, urlsplit

from ..intercept.network_guard import bypass
from ..message import Request
from .answers import KEPT, Answer, Content
from .differences import error_of
from .signing import Authentication, Credentials, sign

AWS = "aws"
ENDPOINT_VARIABLES = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
TIMEOUT = 60
"""Seconds."""

ATTEMPTS = 4
PAUSE = 0.5
"""Seconds before the second attempt; twice as long before each further one."""

_NOT_SENT = frozenset({"connection", "content-length", "expect", "host", "transfer-encoding"})
_TEMPORARY = frozenset({"InternalError", "ServiceUnavailable", "SlowDown", "RequestTimeout"})
_REGION = re.compile(r"[a-z]{2,5}(-[a-z]+)+-\d+")

Transport: TypeAlias = Callable[[str, str, str, Mapping[str, str], bytes], Answer]
"""Sends one request: method, base URL, path with query, headers, body.

Raises:
    OSError: nothing came back.
"""


class TargetError(Exception):
    """The target cannot be used, or did not respond. The text says why."""


class UnsafeRequest(TargetError):
    """A request about a bucket that is not of this run. It was not sent."""


class Target:
    """An S3 to send requests to.

    Args:
        url: of its endpoint, or ``aws``.
        credentials: to sign with.
        token: what the names of all buckets that may be touched begin with.
        region: where requests go whose own region is unknown.
        override: for ``aws``, the endpoint that the user's environment sets; None: AWS's own.
        transport: sends requests; None: over HTTP.
    """

    def __init__(
        self,
        url: str,
        credentials: Credentials,
        token: str,
        *,
        region: str = "us-east-1",
        override: str | None = None,
        transport: Transport | None = None,
    ) -> None:
        self.name = url
        self.credentials = credentials
        self.token = token
        self.region = region
        self._url = override if url == AWS else url.rstrip("/")
        self._transport = HttpTransport() if transport is None else transport

    def send(
        self, request: Request, how: Authentication = "header", region: str | None = None, *, repeats: bool = True
    ) -> Answer:
        """Sign and send a request, whose host is set here, and return what came back.

        Args:
            how: how the request is signed.
            region: of its signature and, at AWS, of its endpoint; None: the target's.
            repeats: whether a temporary failure of the service (503 SlowDown ...) is tried again.

        Raises:
            TargetError: the target did not respond.
            UnsafeRequest: the request is about a bucket that is not of this run.
        """
        self._check(request)
        used = region if region is not None and self.name == AWS else self.region
        base = self._base(used)
        request.scheme, _, request.host = base.partition("://")
        request.host = request.host.partition("/")[0]
        for attempt in range(1, ATTEMPTS + 1):
            signed = sign(request, self.credentials, used, datetime.now(timezone.utc), how)
            target = f"{signed.path}?{signed.query}" if signed.query else signed.path
            headers = {name: value for name, value in signed.headers.items() if name not in _NOT_SENT}
            try:
                answer = self._transport(signed.method, base, target, headers, signed.payload.data)
            except OSError as error:
                raise TargetError(f"{self.name} did not respond: {error}") from error
            if not repeats or answer.status < 500 or attempt == ATTEMPTS or error_of(answer).code not in _TEMPORARY:
                return answer
            time.sleep(PAUSE * 2 ** (attempt - 1))
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Close the connections."""
        if isinstance(self._transport, HttpTransport):
            self._transport.close()

    def _base(self, region: str) -> str:
        if self._url is not None:
            return self._url
        if _REGION.fullmatch(region) is None:
            raise TargetError(f"{region!r} is no region of AWS")
        return f"https://s3.{region}.amazonaws.com{'.cn' if region.startswith('cn-') else ''}"

    def _check(self, request: Request) -> None:
        bucket = unquote(request.path[1:].partition("/")[0])
        if not bucket and (request.path != "/" or request.method not in ("GET", "HEAD")):
            raise UnsafeRequest(f"refused: {request.method} {request.path} is about no bucket of this run")
        named = [bucket] if bucket else []
        source = request.headers.get("x-amz-copy-source")
        if source is not None:
            named.append(unquote(source).removeprefix("/").partition("/")[0])
        for name in named:
            if not name.startswith(self.token):
                raise UnsafeRequest(f"refused: the bucket {name!r} is not of this run, whose buckets begin with {self.token!r}")


class HttpTransport:
    """Sends requests over HTTP by urllib3, also while a fake or the network guard is active. It follows no redirect.

    Args:
        kept: the largest body that is stored, in bytes.
    """

    def __init__(self, kept: float = KEPT) -> None:
        self._kept = kept
        self._pools: dict[str, Any] = {}

    def __call__(self, method: str, base: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        from urllib3.exceptions import HTTPError

        with bypass():
            try:
                response = self._pool(base).urlopen(
                    method,
                    target,
                    body=body or None,
                    headers={**headers, "content-length": str(len(body))} if body or method in ("PUT", "POST") else headers,
                    retries=False,
                    redirect=False,
                    assert_same_host=False,
                    preload_content=False,
                    decode_content=False,
                )
                content = Content.of(response.stream(65536, decode_content=False), self._kept)
                found = [(str(name), str(value)) for name, value in response.headers.items()]
                response.release_conn()
            except HTTPError as error:
                raise OSError(str(error)) from error
        return Answer(response.status, tuple(found), content)

    def _pool(self, base: str) -> Any:
        pool = self._pools.get(base)
        if pool is None:
            parts = urlsplit(base)
            if parts.scheme not in ("http", "https") or not parts.hostname:
                raise TargetError(f"the target must be {AWS} or a URL such as http://127.0.0.1:9000, not {base!r}")
            pool = self._pools[base] = _manager(parts.scheme).connection_from_host(parts.hostname, parts.port, parts.scheme)
        return pool

    def close(self) -> None:
        """Close the connections."""
        for pool in self._pools.values():
            pool.close()
        self._pools.clear()


def _manager(scheme: str) -> Any:
    from urllib.request import getproxies

    import urllib3
    from botocore.httpsession import get_cert_path

    options: dict[str, Any] = {"timeout": TIMEOUT, "maxsize": 10, "block": False}
    if scheme == "https":
        options |= {"cert_reqs": "CERT_REQUIRED", "ca_certs": os.environ.get("AWS_CA_BUNDLE") or get_cert_path(True)}
    proxy = getproxies().get(scheme) if scheme == "https" else None
    return urllib3.PoolManager(**options) if proxy is None else urllib3.ProxyManager(proxy, **options)


def target_from_environment(url: str, token: str, transport: Transport | None = None) -> Target:
    """Return the target with the credentials and region that boto3 would use now. Call it before a fake hides them.

    Args:
        transport: as of `Target`.

    Raises:
        TargetError: there are no credentials, or the URL is none.
    """
    import botocore.session
    from botocore.exceptions import BotoCoreError

    if url != AWS and urlsplit(url).scheme not in ("http", "https"):
        raise TargetError(f"the target must be {AWS} or a URL such as http://127.0.0.1:9000, not {url!r}")
    session = botocore.session.Session()
    try:
        found = session.get_credentials()
        frozen = None if found is None else found.get_frozen_credentials()
        region = session.get_config_variable("region")
    except BotoCoreError as error:
        raise TargetError(f"no AWS credentials for {url}: {error}") from error
    if frozen is None or not frozen.access_key or not frozen.secret_key:
        raise TargetError(f"no AWS credentials for {url}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE")
    account = getattr(found, "account_id", None) or os.environ.get("AWS_ACCOUNT_ID") or None
    credentials = Credentials(frozen.access_key, frozen.secret_key, frozen.token, account)
    override = next((value for name in ENDPOINT_VARIABLES if (value := os.environ.get(name))), None)
    return Target(url, credentials, token, region=region or "us-east-1", override=override, transport=transport)
