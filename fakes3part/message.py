"""HTTP requests and responses as a fake handles them: ``Backend.handle(Request) -> Response``.

Interceptors and servers make a `Request` of what their client sends, and send the `Response`. Conventions:

* header names are lower-case keys; a header sent several times is joined with ``,``; values are ``str`` whose characters are the
  bytes as sent (latin-1), not decoded;
* ``path`` and ``query`` are raw, percent-encoded, exactly as sent: keys such as ``a//b``, ``%2F`` and ``..`` need this;
* a body is immutable ``bytes``, read at most once, and only when it is needed: an error that depends on the headers only is
  returned without reading it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import ClassVar, Literal, NamedTuple, Protocol, TypeAlias, overload
from weakref import ReferenceType

from . import redaction
from .leniences import LenientRequest
from .text import whole_number

S3_ITSELF = "s3.amazonaws.com"
"""The service principal of S3, which is the client of what S3 does by itself."""

Buffer: TypeAlias = bytes | memoryview
Segments: TypeAlias = Sequence[Buffer]
"""The bytes of a body as buffers in order, which are not joined: an object of 10,000 parts has 10,000 of them."""


class LazySegments(Sequence[Buffer]):
    """Segments that are read or made when they are accessed.

    Attributes:
        size: their bytes together, which is known without them.
    """

    size: int

    def segment(self, index: int) -> Buffer:
        """Return the segment at an index from 0 on."""
        raise NotImplementedError

    @overload
    def __getitem__(self, index: int) -> Buffer: ...
    @overload
    def __getitem__(self, index: slice) -> list[Buffer]: ...
    def __getitem__(self, index: int | slice) -> Buffer | list[Buffer]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        if index < 0:
            index += len(self)
        if not 0 <= index < len(self):
            raise IndexError(index)
        return self.segment(index)


def size_of(segments: Segments) -> int:
    """Return the number of bytes of segments. Lazy ones are not made for it."""
    return segments.size if isinstance(segments, LazySegments) else sum(map(len, segments))


ResponseParts: TypeAlias = "tuple[int, list[tuple[str, str]], Segments]"
"""Status, headers and body of a response."""


class BodyReader(Protocol):
    """The object from which a client reads the body of a download."""

    @property
    def is_unread(self) -> bool:
        """Whether the body was neither closed nor read, not even in part."""


class TlsConnection(Protocol):
    """A connection with TLS, such as `ssl.SSLSocket`."""

    def cipher(self) -> tuple[str, str, int] | None: ...


class ReceivedBody(Protocol):
    """The body of a request that a server is receiving.

    Attributes:
        reserve: is called with the number of bytes that are about to be received, and may raise S3Error; None: they are not
            limited.
    """

    reserve: Callable[[int], None] | None


BodyState: TypeAlias = "list[bool | ReferenceType[BodyReader]]"
"""Whether a download's body is unread: a list of one value, which the body's reader and the call journal share.

Empty: unknown (sent over HTTP). A weak reference: ask the reader. A bool: the reader is gone, and `is_unread` was this then.
"""


class Payload(NamedTuple):
    """A request's body.

    Attributes:
        data: the body as sent, or without its aws-chunked framing.
        trailers: the trailers of a body whose framing was removed already (the botocore interceptor reads the stream beneath the
            client's own ``AwsChunkedWrapper``), maybe ``{}``; None: the body is as sent.
    """

    data: bytes
    trailers: Mapping[str, str] | None = None


_NO_PAYLOAD = Payload(b"")


class Request(LenientRequest):
    """An HTTP request.

    Args:
        method: the HTTP method.
        host: the Host header.
        path: percent-encoded as sent.
        query: likewise, without ``?``.
        headers: by lower-case name; None: none.
        body: the body, unless ``read`` is passed.
        scheme: ``http`` or ``https``.
        client: the client's IP address, which policies compare (``aws:SourceIp``).
        read: reads the body when it is needed first; None: it is ``body``.

    Attributes:
        is_received: whether the request came over HTTP (`ReceivedRequest`).
        vpc: the id of the VPC that the request comes from, set from ``FakeS3.vpc``; None: the internet.
        lenient, used_leniences: see `LenientRequest`.
    """

    is_received: ClassVar[bool] = False

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
        self.lenient = ()
        self.used_leniences = ()
        self._read = read
        self._payload = None if read is not None else Payload(body) if body else _NO_PAYLOAD

    @property
    def payload(self) -> Payload:
        """The body, read from the client on first use."""
        if self._payload is None:
            assert self._read is not None
            self._payload = self._read()
        return self._payload

    @property
    def received(self) -> int:
        """How many bytes of the body were read so far; 0 if it was not needed."""
        return 0 if self._payload is None else len(self._payload.data)

    @property
    def content_length(self) -> int | None:
        """The Content-Length header; None if it is absent or no number."""
        return whole_number(self.headers.get("content-length"))

    @property
    def tls(self) -> tuple[str, str] | None:
        """The cipher suite and the version of the TLS connection; None: there is none, or it is not known."""
        return None

    @property
    def target_without_secrets(self) -> str:
        """The raw path and query, for logs: without signatures, tokens and keys of presigned URLs."""
        return f"{self.path}?{redaction.query(self.query)}" if self.query else self.path

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.scheme}://{self.host}{self.target_without_secrets}>"


class ReceivedRequest(Request):
    """A request that a server received over HTTP.

    Attributes:
        body: what its body is read from.
        connection: the TLS connection; not set if there is none.
    """

    is_received = True

    __slots__ = ("body", "connection")

    body: ReceivedBody
    connection: TlsConnection

    @property
    def tls(self) -> tuple[str, str] | None:
        """The cipher suite and the version of the TLS connection; None: there is none, or it is not known."""
        cipher = self.connection.cipher() if hasattr(self, "connection") else None
        return None if cipher is None else cipher[:2]


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

    Args:
        status: the HTTP status; may be 0 if the response is never sent (``delivery.head`` is False).
        headers: in the order sent, spelled as S3 spells them.
        body: the body in segments. Without a ``Content-Length`` header it is sent with ``Transfer-Encoding: chunked``, as S3
            sends XML; interceptors and servers add what their transport needs.
        operation: AWS's name of the operation; None if the request was rejected before it was routed.

    Attributes:
        body_state: for downloads, where the reader of the body reports whether it was read; None for other operations.
        delivery: how the response is delivered if a fault was injected; None: normally.
        leniences: the names of the leniences that the request used (`fakes3part.leniences`).
    """

    __slots__ = ("body", "body_state", "delivery", "headers", "leniences", "operation", "status")

    def __init__(self, status: int, headers: list[tuple[str, str]], body: Segments = (), operation: str | None = None) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.operation = operation
        self.body_state: BodyState | None = None
        self.delivery: Delivery | None = None
        self.leniences: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Response {self.status} {self.operation or ''}>"
