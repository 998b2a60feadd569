"""What goes through the one waist: ``FakeS3.handle(Request) -> Response``.

Every door (botocore, the WSGI application, ...) builds a `Request` and turns a `Response` into what its client expects.
Rules of the house:

* header names are lower-case keys; a header that came several times is joined with ``,``; values are ``str`` whose characters
  are the bytes as sent (latin-1), nothing decoded;
* ``path`` and ``query`` are raw, percent-encoded, exactly as on the wire: keys such as ``a//b``, ``%2F`` and ``..`` need it;
* ``client`` is the IP address that the request came from, which policies ask for (``aws:SourceIp``), and ``vpc`` the VPC that it
  came from, if any, which no door can tell: the fake says so (``FakeS3.vpc``);
* a body is immutable ``bytes``, read at most once, and only when somebody asks: an error that can be told from the
  headers is answered without reading it.
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
"""Whether a download's body is unread, in one cell that its reader and the call journal share.

Empty: unknown (sent over HTTP). A weak reference: ask the reader. A bool: the reader is gone, and `is_unread` was this then.
"""


class Payload(NamedTuple):
    """A request's body.

    ``trailers`` is None for a body as it was on the wire. A door that took the aws-chunked framing off itself (the botocore
    door takes the stream beneath the client's own ``AwsChunkedWrapper``) gives the trailers it found, maybe none: ``{}``.
    """

    data: bytes
    trailers: Mapping[str, str] | None = None


class Request:
    """One HTTP request, before anybody asked what it means."""

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
        """The body, read from the client at the first look."""
        if self._payload is None:
            assert self._read is not None
            self._payload = self._read()
        return self._payload

    @property
    def received(self) -> int:
        """Bytes of the body that were read so far: 0 of one that nobody looked at."""
        return 0 if self._payload is None else len(self._payload.data)

    @property
    def content_length(self) -> int | None:
        """The length that the client declared, in bytes of the wire; None when it declared none or nonsense."""
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
    """One HTTP answer: a status, headers in the order sent and spelled as S3 spells them, and a body in segments.

    A body without a ``Content-Length`` header is meant for ``Transfer-Encoding: chunked`` (S3 answers XML so); the door adds
    what its transport needs. ``operation`` is the AWS name of what was asked, None when the request told none. ``delivery`` is
    None unless a fault was injected; what is never sent (``delivery.head`` is False) may have the status 0.
    """

    __slots__ = ("body", "body_state", "delivery", "headers", "operation", "status")

    def __init__(self, status: int, headers: list[tuple[str, str]], body: Segments = (), operation: str | None = None) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.operation = operation
        self.body_state: BodyState | None = None
        """Set for downloads: where a door reports whether the client read the body."""
        self.delivery: Delivery | None = None

    def __repr__(self) -> str:
        return f"<Response {self.status} {self.operation or ''}>"
