"""An HTTP/1.1 connection to the active fake, without a socket: the bytes of requests in, the events of responses out.

The doors of libraries other than botocore put it where the library has its socket or stream. So the library's own building of
requests, pooling, parsing, redirects, timeouts and exceptions stay real. A door passes what the library sends to
`Connection.receive`, and turns `Connection.events` into what a socket would have done. Nothing here waits or sleeps, so that it
serves threads and event loops alike.

The fake is looked up for each request: a connection may outlive its mock, and meet the next one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from enum import Enum
from typing import NamedTuple, TypeAlias
from weakref import ref

from ..errors import S3Error
from ..faults.delivery import delivery_steps
from ..message import BodyState, Buffer, Delivery, Request, Segments
from ..protocol.http1 import (
    CONTINUE,
    LAST_CHUNK,
    chunk,
    framing,
    in_chunks,
    response_head,
    safe_headers,
    sends_body,
)
from ..protocol.http1_head import HEAD_LIMIT, Head, head_limit, parse_head, parse_target
from ..settings import MAX_HEADER_SIZE
from . import network_guard, stack
from .handle import handle
from .request_reader import ChunkedBody, SizedBody
from .response_file import MOST, WholeResponse


class Pause(NamedTuple):
    """An injected fault slows the body down: the next bytes come after ``sleep(seconds)``.

    ``sleep`` is that of the fake's clock, which does not wait if a test controls it.
    """

    seconds: float
    sleep: Callable[[float], None]


class End(Enum):
    """How a connection ends. It is always the last event."""

    CLOSE = "close"
    RESET = "reset"
    REFUSE = "refuse"  # it never began: the client's attempt to connect fails
    STALL = "stall"  # nothing comes any more, until the client gives up


class Download:
    """The start of a download's body among the events: the client may leave unread what comes after it.

    Args:
        state: tells the journal whether the body is unread (`BodyState`).
    """

    __slots__ = ("__weakref__", "_state", "is_unread")

    def __init__(self, state: BodyState) -> None:
        self.is_unread = True
        self._state = state
        state[:] = [ref(self)]

    def begin(self) -> None:
        """Let the client read the body, or close it."""
        self.is_unread = False

    def hand_over(self) -> BodyState:
        """Return the state, which another object tells from now on."""
        state, self._state = self._state, []
        return state

    def lose_sight(self) -> None:
        """Leave open whether the body is read: the client gets it unasked."""
        self.is_unread = False
        self._state.clear()

    def __del__(self) -> None:
        if self._state:
            self._state[:] = [self.is_unread]


Event: TypeAlias = Buffer | Download | Pause | End


class _RequestHead(NamedTuple):
    """A request of which the head has come.

    Attributes:
        peer: the host that the request goes to: of an absolute target, else the connection's.
        host: the host that the request names.
    """

    head: Head
    peer: str
    host: str
    scheme: str
    path: str
    query: str


def authority(host: str, *, secure: bool) -> str:
    """Return a host without the port if that is the scheme's own."""
    return host.removesuffix(":443" if secure else ":80")


_NO_BODY = SizedBody(0)


class Connection:
    """One connection.

    Args:
        peer: the host that the client connects to, with the port if it is not the scheme's own.
        secure: whether it would be encrypted. What is received and sent here never is.

    Attributes:
        events: what the client receives next, in order. The door takes them from the left.
        is_closed: whether nothing is received any more, after the events that are left.
    """

    def __init__(self, peer: str, *, secure: bool) -> None:
        self.peer = peer
        self.scheme = "https" if secure else "http"
        self.events: deque[Event] = deque()
        self.is_closed = False
        self._begun = b""
        self._head: _RequestHead | None = None
        self._body: SizedBody | ChunkedBody = _NO_BODY

    @property
    def peer_address(self) -> tuple[str, int]:
        """The host and the port of `peer`."""
        host, _, port = self.peer.rpartition(":")
        if host and port.isdigit():
            return host, int(port)
        return self.peer, 443 if self.scheme == "https" else 80

    @property
    def may_wait(self) -> bool:
        """Whether handling a request may take time: a fault delays it, a pause stops it, a webhook or a server gets it."""
        fake = stack.active.fake_for(self.peer)
        return fake is not None and (fake.is_remote or fake.faults.active or fake.notifications.has_webhooks)

    @property
    def may_be_delayed(self) -> bool:
        """Whether handling a request may take longer than a client's timeout."""
        fake = stack.active.fake_for(self.peer)
        return fake is not None and (fake.faults.may_delay or fake.is_remote)

    def receive(self, data: bytes) -> None:
        """Receive bytes from the client: a part of a request, or several requests. Complete ones are handled.

        Raises:
            ServiceNotFaked: no fake serves the host any more, and it is AWS's.
        """
        while data and not self.is_closed:
            if self._head is None:
                data = self._receive_head(data)
            else:
                data = self._body.receive(data)
            head = self._head
            if head is not None and self._body.is_complete:
                self._head = None
                try:
                    self._handle(head)
                finally:
                    self._body = _NO_BODY  # a connection may be kept for long, and the body is large

    def take_response(self) -> WholeResponse | None:
        """Take the response from the events, if it is complete and small, and nothing is to be noticed between its bytes."""
        if self.is_closed or self._head is not None or self._begun:
            return None
        pieces: list[Buffer] = []
        size, head_size, download = 0, 0, None
        for event in self.events:
            if isinstance(event, (bytes, memoryview)):
                pieces.append(event)
                size += len(event)
            elif isinstance(event, Download) and download is None:
                download, head_size = event, size
            else:
                return None
        if not 0 < size <= MOST:
            return None
        self.events.clear()
        return WholeResponse(b"".join(pieces), head_size, None if download is None else download.hand_over())

    def close_body(self) -> None:
        """Note that the client has closed the response: a body that it has not read is none that it has forgotten."""
        for event in tuple(self.events):
            if isinstance(event, Download):
                event.begin()

    def receive_end(self) -> None:
        """Handle a request whose body breaks off because the client has closed the connection, as a server does."""
        self.close_body()
        head, self._head = self._head, None
        if head is None or self.is_closed or stack.active.fake_for(head.peer) is None:
            return
        self._body.break_off()
        self._handle(head)
        self.end(End.CLOSE)

    def _receive_head(self, data: bytes) -> bytes:
        """Receive a part of a request's head; return the bytes after it."""
        data = self._begun + data if self._begun else data.lstrip(b"\r\n")
        end = data.find(b"\r\n\r\n")
        size = end if end >= 0 else len(data)
        if size > HEAD_LIMIT and size > (limit := head_limit(self._max_header_size())):
            self._reject_too_long(is_line=b"\r\n" not in data[:limit])
            return b""
        if end < 0:
            self._begun = data
            return b""
        self._begun = b""
        try:
            self._parse_head(data[:end].decode("latin-1"))
        except S3Error as error:
            self._reject(error, error.status)
        return data[end + 4 :]

    def _parse_head(self, text: str) -> None:
        head = parse_head(text)
        if head.method == "CONNECT":
            self._tunnel(head.raw_target)
            return
        scheme, host, path, query = parse_target(head.raw_target)
        scheme = scheme or self.scheme
        peer = authority(host, secure=scheme == "https") if host else self.peer
        host = host or head.headers.get("host", peer)
        self._head = _RequestHead(head, peer, host, scheme, path, query)
        self._body = ChunkedBody() if head.length is None else SizedBody(head.length) if head.length else _NO_BODY
        if head.length != 0 and head.expects_continue:
            self.events.append(CONTINUE)

    def _tunnel(self, target: str) -> None:
        """Connect, as a proxy, to another host: all later bytes are for it."""
        secure = not target.endswith(":80")
        self.scheme = "https" if secure else "http"
        self.peer = authority(target, secure=secure)
        self.events.append(b"HTTP/1.1 200 Connection established\r\n\r\n")

    def _handle(self, request_head: _RequestHead) -> None:
        head, peer, host, scheme, path, query = request_head
        fake = stack.active.fake_for(peer)
        if fake is None:
            self.end(End.CLOSE)
            network_guard.refuse(peer, f"{head.method} {path}")
            return
        request = Request(head.method, host, path, query, head.headers, scheme=scheme, read=self._body.payload)
        response = handle(fake, request)
        must_close = head.must_close or self._body.is_broken or response.delivery is not None
        if head.length == 0 and head.expects_continue:  # see Body.proceed of the server
            if response.status < 300 and response.delivery is None:
                self.events.append(CONTINUE)
            else:
                must_close = True
        added, chunked = framing(response, is_old_client=head.is_old)
        headers = [*safe_headers(response), *added]
        if must_close:
            headers.append(("Connection", "close"))
        elif head.is_old:
            headers.append(("Connection", "Keep-Alive"))
        encoded = response_head(response.status, headers)
        body = response.body if sends_body(head.method, response.status) else ()
        if response.delivery is not None:
            self._send_faulty(response.delivery, encoded, body, chunked=chunked)
            return
        self.events.append(encoded)
        if body:
            if response.body_state is not None and response.status < 300:
                self.events.append(Download(response.body_state))
            self.events.extend(in_chunks(body) if chunked else body)
        elif chunked and sends_body(head.method, response.status):
            self.events.append(LAST_CHUNK)
        if must_close:
            self.end(End.CLOSE)

    def _send_faulty(self, delivery: Delivery, head: bytes, body: Segments, *, chunked: bool) -> None:
        """Send as much of a response as ``delivery`` lets through, and end the connection as it says."""
        events = self.events
        if delivery.head:
            events.append(head)
            for seconds, buffer in delivery_steps(body, delivery):
                if seconds:
                    events.append(Pause(seconds, delivery.sleep))
                events.extend(chunk(buffer) if chunked else (buffer,))
            if chunked and not delivery.end:
                events.append(LAST_CHUNK)
        self.end(End(delivery.end or "close"))

    def _reject_too_long(self, *, is_line: bool) -> None:
        if is_line:
            self._reject(S3Error("RequestURITooLong"), 414)
        else:
            self._reject(S3Error("RequestHeaderSectionTooLarge", MaxSizeAllowed=self._max_header_size()), 413)

    def _max_header_size(self) -> int:
        fake = stack.active.fake_for(self.peer)
        return MAX_HEADER_SIZE if fake is None else fake.settings.max_header_size

    def _reject(self, error: S3Error, status: int) -> None:
        """Respond to what is no request of HTTP/1.1, and close the connection."""
        fake = stack.active.fake_for(self.peer)
        if fake is None:
            self.events.append(response_head(status, [("Content-Length", "0"), ("Connection", "close")]))
        else:
            from ..pipeline import reject  # when first needed: it loads the operations

            response = reject(fake, error)
            added, _ = framing(response, is_old_client=False)
            self.events.append(response_head(status, [*response.headers, *added, ("Connection", "close")]))
            self.events.extend(in_chunks(response.body))
        self.end(End.CLOSE)

    def end(self, end: End) -> None:
        """Receive nothing any more, and let the client see the end after what was sent before."""
        self.events.append(end)
        self.is_closed = True
