"""The two doors (boto3 intercepted in-process, boto3 against the HTTP server), raw requests, and assertions of exact errors."""

from __future__ import annotations

import contextlib
import functools
import http.client
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import boto3
import pytest
import xmltodict
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from fakes3part.api.fakes3 import FakeS3
from fakes3part.api.server import Server
from fakes3part.message import Request
from tests.support.client_pool import ClientPool

MiB = 1024 * 1024


@functools.cache
def warm() -> Any:
    """Return a shared boto3 session: a client of it takes 3 ms, of a new one ten times as long. (Not thread-safe.)"""
    return boto3.session.Session()


class RawResponse(NamedTuple):
    """A raw response; header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def error(self) -> dict[str, str | None]:
        """The elements of an error document in order, without the two request ids."""
        ((root, elements),) = xmltodict.parse(self.body, strip_whitespace=False).items()
        assert root == "Error"
        return {name: text for name, text in elements.items() if name not in ("RequestId", "HostId")}


_CREDENTIALS = {"aws_access_key_id": "access_key", "aws_secret_access_key": "secret_key"}


@dataclass
class Door:
    """A fake and how clients reach it: ``in-process`` or over HTTP by a ``server``. ``client`` was created before the fake."""

    name: str
    fake: FakeS3
    client: Any
    url: str
    new_client: Callable[..., Any]
    pool: ClientPool | None = None
    """Lends the clients of `client_with` that differ in credentials only; None: all are made by ``new_client``."""

    @contextlib.contextmanager
    def with_settings(self, **settings: Any) -> Iterator[Any]:
        """Yield a client of a second fake with other settings, reached in the same way."""
        fake = FakeS3(**settings)
        if self.name == "server":
            with Server(fake) as server, contextlib.closing(self.new_client(endpoint_url=server.url)) as client:
                yield client
        else:
            with fake:
                yield self.client

    @contextlib.contextmanager
    def client_with(self, **settings: Any) -> Iterator[Any]:
        """Yield another client of the same fake, with other credentials, region or config."""
        url = self.url if self.name == "server" else None
        if self.pool is not None and settings and settings.keys() <= _CREDENTIALS.keys():
            credentials = {parameter: settings.get(setting, "testing") for setting, parameter in _CREDENTIALS.items()}
            with self.pool.borrow(url, **credentials) as client:
                yield client
            return
        if url is not None:
            settings = {"endpoint_url": url, **settings}
        with contextlib.closing(self.new_client(**settings)) as client:
            yield client

    def raw(
        self,
        method: str,
        target: str,
        headers: dict[str, str] | None = None,
        body: bytes = b"",
        *,
        sign: bool = True,
        access_key: str = "testing",
    ) -> RawResponse:
        """Send exactly this request, signed with SigV4 unless ``sign`` is False, without an SDK."""
        headers = dict(headers or {})
        url = urlsplit(self.url)
        if sign:
            request = AWSRequest(method, self.url + target, headers, body)
            S3SigV4Auth(Credentials(access_key, "testing"), "s3", "us-east-1").add_auth(request)
            headers = dict(request.headers.items())
        headers.setdefault("Content-Length", str(len(body)))
        if self.name == "server":
            return _over_http(url.netloc, method, target, headers, body)
        path, _, query = target.partition("?")
        lowered = {name.lower(): value for name, value in headers.items()}
        response = self.fake.handle(Request(method, url.netloc, path, query, lowered, body))
        return RawResponse(response.status, by_name(response.headers), b"".join(map(bytes, response.body)))


def by_name(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return headers by lower-case name. No response has two of one name: browsers refuse two Access-Control-Allow-Origin."""
    headers = list(headers)
    found = {name.lower(): value for name, value in headers}
    assert len(found) == len(headers), headers
    return found


def _over_http(netloc: str, method: str, target: str, headers: dict[str, str], body: bytes) -> RawResponse:
    with contextlib.closing(http.client.HTTPConnection(netloc, timeout=10)) as connection:
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in {"Host": netloc, **headers}.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        response = connection.getresponse()
        content = response.read()
        return RawResponse(response.status, by_name(response.getheaders()), content)


def refused(call: Callable[..., Any], status: int, code: str, message: str, extras: dict[str, str] | None = None) -> ClientError:
    """Call; assert that it fails with exactly this status, code, message and extra elements."""
    with pytest.raises(ClientError) as caught:
        call()
    error = dict(caught.value.response["Error"])
    if error.get("Type") in ("Sender", "Receiver"):  # of the query and REST-XML protocols of other services
        del error["Type"]
    shown = (caught.value.response["ResponseMetadata"]["HTTPStatusCode"], error.pop("Code"), error.pop("Message", None))
    assert shown == (status, code, message)
    assert {name: value or "" for name, value in error.items()} == (extras or {})
    return caught.value


def refused_head(call: Callable[..., Any], status: int) -> ClientError:
    """Call a HEAD; assert that it fails with this status and, as every HEAD, without a document."""
    return refused(call, status, str(status), http.client.responses[status])  # botocore's parser takes the message from there


def assert_error(
    answer: RawResponse, status: int, code: str, message: str, extras: Mapping[str, str | None] | None = None
) -> None:
    """Assert that a raw response is exactly this error, its elements in this order."""
    assert list(answer.error.items()) == [("Code", code), ("Message", message), *(extras or {}).items()]
    assert answer.status == status
