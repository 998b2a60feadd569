"""Delivers a response with an injected fault as botocore's own HTTP session would have shown it to the client.

Which exception is raised when is taken from botocore's ``httpsession.send`` and ``response.StreamingBody``, urllib3 and
http.client, and the tests compare it with our HTTP server: a chunked body that breaks off, a short one and a reset one differ,
also by how they are read.
"""

from __future__ import annotations

import errno
import http.client
import os
from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError, ReadTimeoutError
from urllib3.exceptions import NewConnectionError, ProtocolError
from urllib3.exceptions import ReadTimeoutError as UrllibReadTimeoutError

from ...faults.delivery import DeliveredPart
from ...message import Delivery, Response, Segments, size_of
from .response_body import RawBody, SegmentsBody

_READ = 65536
"""The bytes that urllib3 reads at a time if botocore reads the body itself."""


def apply_fault(prepared: AWSPreparedRequest, response: Response, aws_response: AWSResponse) -> AWSResponse:
    """Return ``aws_response`` with as much of its body as ``response.delivery`` lets through.

    Raises:
        EndpointConnectionError, ConnectionClosedError, ReadTimeoutError: no response reaches the client.
    """
    delivery = response.delivery
    assert delivery is not None
    url = urlsplit(prepared.url)
    secure = url.scheme == "https"
    address = f"(host={url.hostname!r}, port={url.port or (443 if secure else 80)})"
    pool = f"AWSHTTP{'S' if secure else ''}ConnectionPool{address}"
    try:
        if not delivery.head:
            raise _no_response_error(delivery, pool)
        if prepared.method != "HEAD" and response.status not in (204, 304):
            chunked = any(header == "Transfer-Encoding" for header, _ in aws_response.headers.items())
            aws_response.raw = FaultyBody(response.body, delivery, pool, chunked=chunked)
            if not prepared.stream_output:
                aws_response.content  # noqa: B018  # read at once, as the real session does
    except NewConnectionError as refused:
        raise EndpointConnectionError(endpoint_url=prepared.url, error=refused) from None
    except UrllibReadTimeoutError as timeout:
        raise ReadTimeoutError(endpoint_url=prepared.url, error=timeout) from None
    except ProtocolError as broken:
        raise ConnectionClosedError(error=broken, request=prepared, endpoint_url=prepared.url) from None
    return aws_response


def _reset() -> ConnectionResetError:
    return ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))


def _no_response_error(delivery: Delivery, pool: Any) -> Exception:
    """Return what urllib3 raises if no response begins."""
    if delivery.end == "refuse":
        reason = f"[Errno {errno.ECONNREFUSED}] {os.strerror(errno.ECONNREFUSED)}"
        return NewConnectionError(pool.replace("Pool", ""), f"Failed to establish a new connection: {reason}")
    if delivery.end == "stall":
        return UrllibReadTimeoutError(pool, cast(Any, None), "Read timed out.")
    return ProtocolError("Connection aborted.", _reset())


class FaultyBody(RawBody):
    """The part of a body that is delivered, at the delivery's rate, and the error at its end."""

    def __init__(self, segments: Segments, delivery: Delivery, pool: Any, *, chunked: bool) -> None:
        super().__init__()
        self._size = size_of(segments)
        self._body = SegmentsBody(segments)
        self._delivered = DeliveredPart(self._body.read, self._size, delivery)
        self._delivery = delivery
        self._pool = pool
        self._chunked = chunked

    def tell(self) -> int:
        return self._body.tell()

    def stream(self, amt: int | None = _READ, decode_content: bool | None = None) -> Iterator[bytes]:
        if self._chunked and self._delivery.end == "close":
            yield self._delivered.read(self._delivered.left)
            raise ProtocolError("Response ended prematurely")
        yield from super().stream(amt, decode_content)

    def read(self, amt: int | None = -1, decode_content: bool | None = None) -> bytes:
        """Return up to ``amt`` bytes. A read that fails loses what the socket had delivered before, as http.client's does."""
        everything = amt is None or amt < 0
        delivered = self._delivered
        size = delivered.left + 1 if amt is None or amt < 0 else amt
        if self._closed or size <= delivered.left or not self._delivery.end:
            return delivered.read(size)
        error = self._error(everything)
        if error is None:
            return delivered.read(size)
        self.close()
        raise error

    def close(self) -> None:
        super().close()
        self._body.close()

    def _error(self, everything: bool) -> Exception | None:
        """Return what a read beyond the delivered part raises; None: nothing, the read is only short."""
        if self._delivery.end == "stall":
            return UrllibReadTimeoutError(self._pool, cast(Any, None), "Read timed out.")
        if self._delivery.end == "reset":
            reset = _reset()
            return ProtocolError(f"Connection broken: {reset!r}", reset)
        if not everything and not self._chunked:
            return None
        missing = None if self._chunked else self._size - self._body.tell() - self._delivered.left
        incomplete = http.client.IncompleteRead(self._body.read(self._delivered.left), missing)
        return ProtocolError(f"Connection broken: {incomplete!r}", incomplete)
