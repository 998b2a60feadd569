"""`Request` and `Response`: what clients and servers exchange with a fake, by ``Backend.handle(Request) -> Response``.

Every door (botocore, the HTTP server, WSGI) builds a `Request`, and turns the `Response` into what its client expects. Rules:

* Header names are lower-case keys. A header that was sent several times is joined with ``,``. Values are ``str`` whose characters
  are the bytes as sent (latin-1), not decoded.
* ``path`` and ``query`` are raw: percent-encoded, as they were sent. Keys such as ``a//b``, ``%2F`` and ``..`` need that.
* A body is immutable ``bytes``. It is read at most once, and only when it is needed: an error that the headers alone cause is
  returned without reading it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Literal, NamedTuple, Protocol, TypeAlias
from weakref import ReferenceType

Buffer: TypeAlias = bytes | memoryview
Segments: TypeAlias = Sequence[Buffer]
"""The bytes of a body in order, never joined: an object of 10,000 parts is a tuple of 10,000 buffers."""


class BodyReader(Protocol):
    """What a client reads the body of a download from."""

    @property
    def is_unread(self) -> bool:
        """Whether the body was neither closed nor read, not even in part."""


BodyState: TypeAlias = "list[bool | ReferenceType[BodyReader]]"
"""Whether a download's body is unread: a list of one value, which the body's reader and the call journal share.

Empty: unknown (sent over HTTP). A weak reference: ask the reader. A bool: the reader is gone, and `is_unread` was this then.
"""


class Payload(NamedTuple):
    """A request's body.

    Attributes:
        data: its bytes.
        trailers: None for a body as it was sent. A door that has removed the aws-chunked framing itself (that of botocore reads
            the stream inside the client's ``AwsChunkedWrapper``) sets the trailers, ``{}`` if there are none.
    """

    data: bytes
    trailers: Mapping[str, str] | None = None


class Request:
    """An HTTP request, not yet routed.

    Args:
        method: as sent.
        host: the Host header, with its port.
        path: raw.
        query: raw, without the ``?``.
        headers: by lower-case name; None: no headers.
        body: the whole body, if ``read`` is None.
        scheme: ``http`` or ``https``.
        client: the IP address of the client, for ``aws:SourceIp`` in policies.
        read: reads the body when it is needed; None: it is ``body``.

    Attributes:
        vpc: the VPC of the client, for ``aws:SourceVpc``; None: it is in no VPC. Set from ``FakeS3.vpc``, as no door knows it.
    """

    __slots__ = ("_payload", "_read", "client", "headers", "host", "method", "path", "query", "scheme", "vpc")

    def __init__(
        self,
        method: str,
        host: str,
        path: str,
        query: str = "",
        headers: dict[str, str] | None = None,
        body: bytes = b"",
        *,
        scheme: str = "https",
        client: str = "127.0.0.1",
        read: Callable[[], Payload] | None = None,
    ) -> None:
        self.method = method
        self.host = host
        self.path = path
        self.query = query
        self.headers: dict[str, str] = {} if headers is None else headers
        self.scheme = scheme
        self.client = client
        self.vpc: str | None = None
        self._read = read
        self._payload = Payload(body) if read is None else None

    @property
    def payload(self) -> Payload:
        """The body, read from the client at the first access."""
        if self._payload is None:
            assert self._read is not None
            self._payload = self._read()
        return self._payload

    @property
    def received(self) -> int:
        """The number of bytes of the body that have been read; 0 for a body that was not needed."""
        return 0 if self._payload is None else len(self._payload.data)

    @property
    def content_length(self) -> int | None:
        """The Content-Length, in bytes with any framing; None if it is missing or invalid."""
        declared = self.headers.get("content-length", "")
        return int(declared) if declared.isascii() and declared.isdigit() else None

    def __repr__(self) -> str:
        query = f"?{self.query}" if self.query else ""
        return f"<Request {self.method} {self.scheme}://{self.host}{self.path}{query}>"


@dataclass(frozen=True)
class Delivery:
    """How a response with an injected fault is delivered to the client; interceptors and servers carry it out.

    Attributes:
        head: whether status and headers are sent. False: nothing is sent, ``end`` follows at once.
        body: how many bytes of the body are sent before the end; None: all.
        end: ``""``: the response ends normally. ``close``: the connection is closed. ``reset``: it is reset. ``refuse``: it is
            refused. ``stall``: nothing more is sent until the client closes the connection or ``removed`` is set.
        rate: bytes of the body per second; None: unlimited.
        sleep: sleeps for a number of seconds, so that the body is sent at ``rate``.
        removed: set when the rule that injected the fault is removed.
    """

    head: bool = True
    body: int | None = None
    end: Literal["", "close", "reset", "refuse", "stall"] = ""
    rate: float | None = None
    sleep: Callable[[float], None] = time.sleep
    removed: Event = field(default_factory=Event)


class Response:
    """An HTTP response.

    Attributes:
        status: may be 0 if nothing is sent (``delivery.head`` is False).
        headers: in the order to send, spelled as S3 spells them. Without ``Content-Length`` the body is to be sent with
            ``Transfer-Encoding: chunked``, as S3 sends XML; the door adds what its transport needs.
        body: in segments.
        operation: the AWS name of the operation; None if the request was not routed to one.
        body_state: of a download: where an in-process door reports whether the client read the body. None for all others.
        delivery: how an injected fault changes the delivery; None: the response is delivered normally.
    """

    __slots__ = ("body", "body_state", "delivery", "headers", "operation", "status")

    def __init__(self, status: int, headers: list[tuple[str, str]], body: Segments = (), operation: str | None = None) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.operation = operation
        self.body_state: BodyState | None = None
        self.delivery: Delivery | None = None

    def __repr__(self) -> str:
        return f"<Response {self.status} {self.operation or ''}>"
