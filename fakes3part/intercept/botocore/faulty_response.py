"""An answer that a fault befell, as botocore's own HTTP session would have shown it to the client.

Which exception comes when was read in botocore's ``httpsession.send`` and ``response.StreamingBody``, urllib3 and http.client,
and is held against our server by the tests: a body in chunks that breaks off, a short one, a reset one each look different,
also by how they are read.
"""

from __future__ import annotations

import errno
import http.client
import io
import os
from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError, ReadTimeoutError
from urllib3.exceptions import NewConnectionError, ProtocolError
from urllib3.exceptions import ReadTimeoutError as Timeout

from ...message import Delivery, Response, Segments
from .response_body import Connection, Pieces

_READ = 65536
"""How much urllib3 reads at once of a body that botocore reads for itself."""


def suffer(prepared: AWSPreparedRequest, response: Response, answer: AWSResponse) -> AWSResponse:
    """``answer`` as ``response.delivery`` lets it through.

    Raises:
        EndpointConnectionError, ConnectionClosedError, ReadTimeoutError: what a client gets that gets no answer.
    """
    delivery = response.delivery
    assert delivery is not None
    host = urlsplit(prepared.url)
    secure = host.scheme == "https"
    name = f"(host={host.hostname!r}, port={host.port or (443 if secure else 80)})"
    pool = f"AWSHTTP{'S' if secure else ''}ConnectionPool{name}"
    try:
        if not delivery.head:
            raise _silence(delivery, pool)
        if prepared.method != "HEAD" and response.status not in (204, 304):
            chunked = any(header == "Transfer-Encoding" for header, _ in answer.headers.items())
            answer.raw = Broken(response.body, delivery, pool, chunked=chunked)
            if not prepared.stream_output:
                answer.content  # noqa: B018  # read at once, as the real session does
    except NewConnectionError as refused:
        raise EndpointConnectionError(endpoint_url=prepared.url, error=refused) from None
    except Timeout as late:
        raise ReadTimeoutError(endpoint_url=prepared.url, error=late) from None
    except ProtocolError as cut:
        raise ConnectionClosedError(error=cut, request=prepared, endpoint_url=prepared.url) from None
    return answer


def _reset() -> ConnectionResetError:
    return ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))


def _silence(delivery: Delivery, pool: Any) -> Exception:
    """What urllib3 raises when no answer begins."""
    if delivery.end == "refuse":
        reason = f"[Errno {errno.ECONNREFUSED}] {os.strerror(errno.ECONNREFUSED)}"
        return NewConnectionError(pool.replace("Pool", ""), f"Failed to establish a new connection: {reason}")
    if delivery.end == "stall":
        return Timeout(pool, cast(Any, None), "Read timed out.")
    return ProtocolError("Connection aborted.", _reset())


class Broken(Connection, io.RawIOBase):
    """The part of a body that comes, then its end; as slow as the wire is."""

    def __init__(self, body: Segments, delivery: Delivery, pool: Any, *, chunked: bool) -> None:
        super().__init__()
        self._size = sum(map(len, body))
        self._left = self._size if delivery.body is None else delivery.body
        self._pieces = Pieces(body)
        self._delivery = delivery
        self._pool = pool
        self._chunked = chunked

    def readable(self) -> bool:
        return not self._shut

    def tell(self) -> int:
        return self._pieces.tell()

    def stream(self, amt: int | None = _READ, decode_content: bool | None = None) -> Iterator[bytes]:
        if self._chunked and self._delivery.end == "close":
            yield self._take(self._left)
            raise ProtocolError("Response ended prematurely")
        yield from super().stream(amt, decode_content)

    def read(self, amt: int | None = -1, decode_content: bool | None = None) -> bytes:
        """Up to ``amt`` bytes. What the socket would have given before it failed is lost, as it is for http.client's callers."""
        everything = amt is None or amt < 0
        wanted = self._left + 1 if amt is None or amt < 0 else amt
        if self._shut or wanted <= self._left or not self._delivery.end:
            return self._take(min(wanted, self._left))
        error = self._error(everything)
        if error is None:
            return self._take(self._left)
        self.close()
        raise error

    def readall(self) -> bytes:
        return self.read()

    def read1(self, amt: int = -1) -> bytes:
        return self.read(amt)

    def readinto(self, buffer: Any) -> int:
        target = memoryview(buffer).cast("B")
        data = self.read(len(target))
        target[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._shut = True
        self._pieces.close()

    def _take(self, size: int) -> bytes:
        data = self._pieces.read(size)
        self._left -= len(data)
        if self._delivery.rate is not None and data:
            self._delivery.sleep(len(data) / self._delivery.rate)
        return data

    def _error(self, everything: bool) -> Exception | None:
        """What a read beyond the end raises; None: nothing, it is just short."""
        if self._delivery.end == "stall":
            return Timeout(self._pool, cast(Any, None), "Read timed out.")
        if self._delivery.end == "reset":
            reset = _reset()
            return ProtocolError(f"Connection broken: {reset!r}", reset)
        if not everything and not self._chunked:
            return None
        lacking = None if self._chunked else self._size - self._pieces.tell() - self._left
        short = http.client.IncompleteRead(self._pieces.read(self._left), lacking)
        return ProtocolError(f"Connection broken: {short!r}", short)
