"""An S3 client without an SDK: requests over http.client, signed with SigV4."""

from __future__ import annotations

import http.client
from types import TracebackType
from typing import NamedTuple
from xml.etree import ElementTree

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

XMLNS = "{http://s3.amazonaws.com/doc/2006-03-01/}"


class RawResponse(NamedTuple):
    """A response; header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    def text(self, element: str) -> str:
        """Return the text of an element of the document."""
        found = ElementTree.fromstring(self.body).findtext(f"{XMLNS}{element}")
        assert found is not None, self.body
        return found

    @property
    def error(self) -> tuple[int, str | None, str | None]:
        """Status, code and message of an error document."""
        root = ElementTree.fromstring(self.body)
        return self.status, root.findtext("Code"), root.findtext("Message")


def read(response: http.client.HTTPResponse) -> RawResponse:
    headers = {name.lower(): value for name, value in response.getheaders()}
    return RawResponse(response.status, headers, response.read())


class RawClient:
    """A persistent connection to an endpoint. The hash of each payload is signed."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=30)

    def __call__(self, method: str, target: str, body: bytes = b"", **headers: str) -> RawResponse:
        request = AWSRequest(method, self._url + target, headers, body)
        S3SigV4Auth(Credentials("testing", "testing"), "s3", "us-east-1").add_auth(request)
        self._connection.request(method, target, body, dict(request.headers.items()))
        return read(self._connection.getresponse())

    def __enter__(self) -> RawClient:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._connection.close()


def completion(etags: list[str]) -> bytes:
    """Return the document of CompleteMultipartUpload, with parts numbered from 1."""
    parts = (f"<Part><PartNumber>{n}</PartNumber><ETag>{etag}</ETag></Part>" for n, etag in enumerate(etags, 1))
    return f"<CompleteMultipartUpload>{''.join(parts)}</CompleteMultipartUpload>".encode()
