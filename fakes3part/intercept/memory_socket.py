"""The socket that libraries get for a connection to a fake: what they use of ``socket.socket`` and ``ssl.SSLSocket``."""

from __future__ import annotations

import errno
import io
import os
import socket
import threading
from collections.abc import Callable
from functools import cache
from typing import Any, cast

from ..message import Buffer
from .connection import Connection, Download, End, Pause
from .response_file import ResponseFile


def _error(number: int) -> OSError:
    return OSError(number, os.strerror(number))  # Python makes the subclass of it


class MemorySocket:
    """A connected socket whose other end is a `Connection`.

    It does not wait for bytes that will never come: where a real socket would run into its timeout, it does so at once, even if
    it has none. What a fault delays takes its time, but not longer than the timeout.

    Args:
        connection: the other end.
        refusal: makes the exception that the library raises if it cannot connect, of the socket's own.
    """

    family = socket.AF_INET
    type = socket.SOCK_STREAM
    proto = socket.IPPROTO_TCP

    def __init__(self, connection: Connection, refusal: Callable[[OSError], Exception] = lambda error: error) -> None:
        self.connection = connection
        self._refusal = refusal
        self._timeout: float | None = None
        self._delayed: list[bytes] = []
        self._is_closed = False
        self._streams = 0

    # --- sending -------------------------------------------------------------------------------------------------------------

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Send data to the fake, which handles the requests that are complete now.

        If that may wait for longer than the socket's timeout, it is done when the client reads: then it has set its timeout.

        Raises:
            ConnectionRefusedError, or what ``refusal`` returns: a fault is injected.
            BrokenPipeError: the connection has ended.
            ServiceNotFaked: no fake serves its host any more, and it is AWS's.
        """
        connection = self.connection
        if self._is_closed:
            raise _error(errno.EBADF)
        if connection.is_closed:
            raise _error(errno.EPIPE)
        piece = data if type(data) is bytes else bytes(data)
        if self._delayed or (self._timeout and connection.may_be_delayed):
            self._delayed.append(piece)
            return
        connection.receive(piece)
        if connection.is_closed:
            self._raise_refusal()

    def _raise_refusal(self) -> None:
        events = self.connection.events
        if events and events[0] is End.REFUSE:
            raise self._refusal(_error(errno.ECONNREFUSED))

    def _receive_delayed(self) -> None:
        """Let the fake handle what was sent, and wait for it until the timeout. Later responses are lost."""
        connection, data = self.connection, b"".join(self._delayed)
        self._delayed.clear()

        def receive() -> None:
            connection.receive(data)
            if self.connection is not connection:
                connection.close_body()  # the client has given up

        if self._in_time(receive):
            self._raise_refusal()
        else:
            self._time_out()

    def _in_time(self, function: Callable[..., object], *args: Any) -> bool:
        """Call a function that may wait; return False if it goes on, in a thread of its own, after the timeout."""
        if not self._timeout:
            function(*args)
            return True
        errors: list[BaseException] = []

        def run() -> None:
            try:
                function(*args)
            except BaseException as raised:
                errors.append(raised)

        # (With the name of this thread, which the journal shows.)
        thread = threading.Thread(target=run, name=threading.current_thread().name, daemon=True)
        thread.start()
        thread.join(self._timeout)
        if errors:
            raise errors[0]
        return not thread.is_alive()

    def _time_out(self) -> None:
        """Let go of a connection in which another thread still waits."""
        before = self.connection
        self.connection = Connection(before.peer, secure=before.scheme == "https")
        self.connection.end(End.STALL)
        before.close_body()

    def send(self, data: Any, flags: int = 0) -> int:
        self.sendall(data)
        return len(memoryview(data).cast("B"))

    write = send  # ssl.SSLSocket's

    # --- receiving -----------------------------------------------------------------------------------------------------------

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        """Fill a buffer as far as there are bytes; return how many.

        Raises:
            TimeoutError: a fault stalls the connection, or the request is not complete: nothing will come.
            ConnectionResetError: a fault is injected.
        """
        if self._delayed:
            self._receive_delayed()
        target = memoryview(buffer).cast("B")
        size = min(nbytes, len(target)) if nbytes else len(target)
        events = self.connection.events
        filled = 0
        while filled < size:
            event = events[0] if events else End.STALL
            if isinstance(event, (bytes, memoryview)):
                end = filled + len(event)
                if end <= size:
                    target[filled:end] = event
                    filled = end
                    events.popleft()
                else:
                    room = size - filled
                    target[filled:size] = memoryview(event)[:room]
                    events[0] = memoryview(event)[room:]
                    return size
            elif filled:
                break
            elif isinstance(event, Download):
                events.popleft()
                event.begin()
            elif isinstance(event, Pause):
                events.popleft()
                self._pause(event)
                events = self.connection.events
            elif event is End.CLOSE:
                break
            elif event is End.STALL:
                raise (
                    BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN)) if self._timeout == 0 else TimeoutError("timed out")
                )
            else:
                raise _error(errno.ECONNRESET)
        return filled

    def _pause(self, pause: Pause) -> None:
        if not self._timeout or pause.seconds < self._timeout:
            pause.sleep(pause.seconds)
        elif not self._in_time(pause.sleep, pause.seconds):
            self._time_out()

    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        if self._delayed:
            self._receive_delayed()
        events = self.connection.events
        if events and isinstance(event := events[0], Download):
            events.popleft()
            event.begin()
        pieces: list[Buffer] = []
        size = 0
        while events and isinstance(event := events[0], (bytes, memoryview)) and size + len(event) <= bufsize:
            pieces.append(event)
            size += len(event)
            events.popleft()
        if pieces:
            return b"".join(pieces)
        buffer = bytearray(bufsize)
        return bytes(memoryview(buffer)[: self.recv_into(buffer)])

    read = recv  # ssl.SSLSocket's

    def makefile(self, mode: str = "r", buffering: int | None = None, **text: Any) -> Any:
        """Return a file for reading, as ``socket.makefile`` does: the buffers of io over a raw reader of this socket.

        A response that is there as a whole is a file of its own, if the caller leaves the buffering open: http.client does.
        """
        if mode not in ("r", "rb"):
            raise ValueError(f"the mode of a file of a connection to a fake must be 'r' or 'rb', not {mode!r}")
        self._streams += 1
        if mode == "rb" and buffering is None and not self._delayed and (response := self.connection.take_response()) is not None:
            return ResponseFile(response, self)
        raw = socket.SocketIO(cast("socket.socket", self), "r")
        if buffering == 0:
            return raw
        buffered = io.BufferedReader(raw, io.DEFAULT_BUFFER_SIZE if buffering is None or buffering < 0 else buffering)
        return buffered if "b" in mode else io.TextIOWrapper(buffered, **text)

    def _decref_socketios(self) -> None:  # called by socket.SocketIO
        self._streams -= 1
        self.connection.close_body()
        if self._is_closed:
            self.close()

    @property
    def is_readable(self) -> bool:
        """Whether receiving would not wait."""
        return bool(self.connection.events)

    # --- the rest ------------------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Close the socket; files of it can be read nevertheless. A request that is not complete breaks off."""
        self._is_closed = True
        if self._streams < 1:
            self._end_sending()

    def shutdown(self, how: int) -> None:
        if how != socket.SHUT_RD:
            self._end_sending()

    def _end_sending(self) -> None:
        if self._delayed:
            self.connection.receive(b"".join(self._delayed))
            self._delayed.clear()
        self.connection.receive_end()

    def settimeout(self, value: float | None) -> None:
        self._timeout = value

    def gettimeout(self) -> float | None:
        return self._timeout

    @property
    def timeout(self) -> float | None:
        return self._timeout

    def setblocking(self, flag: bool) -> None:
        self._timeout = None if flag else 0.0

    def getblocking(self) -> bool:
        return self._timeout != 0

    def setsockopt(self, *option: Any) -> None:
        """Ignore an option: there is no network."""

    def getsockopt(self, level: int, name: int, buflen: int = 0) -> int | bytes:
        return bytes(buflen) if buflen else 0

    def fileno(self) -> int:
        """Return a descriptor that is always readable, as that of a connection that the server has closed.

        Only who waits for a socket uses it: a pool, to find out whether the connection is still there. While an interception is
        active that is answered without it.
        """
        return _null_device()

    def getpeername(self) -> tuple[str, int]:
        return self.connection.peer_address

    def getsockname(self) -> tuple[str, int]:
        return "127.0.0.1", 0

    # --- ssl.SSLSocket's: nothing is encrypted, and there is no certificate --------------------------------------------------

    def getpeercert(self, binary_form: bool = False) -> dict[str, Any] | None:
        return None if binary_form else {}

    def version(self) -> str | None:
        return "TLSv1.3" if self.connection.scheme == "https" else None

    def cipher(self) -> tuple[str, str, int] | None:
        return ("TLS_AES_256_GCM_SHA384", "TLSv1.3", 256) if self.connection.scheme == "https" else None

    def selected_alpn_protocol(self) -> str | None:
        return None

    def pending(self) -> int:
        return sum(len(event) for event in self.connection.events if isinstance(event, (bytes, memoryview)))

    def __enter__(self) -> MemorySocket:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


@cache
def _null_device() -> int:
    return os.open(os.devnull, os.O_RDONLY)
