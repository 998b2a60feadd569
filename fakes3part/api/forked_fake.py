"""Forked children: each fake of the parent becomes a `ForkedFake` in the child, and the parent handles its requests.

Without that the child would have a copy of each fake, and what it stores there would be lost.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple, NoReturn
from weakref import ref

from ..backend import Backend
from ..errors import S3Error
from ..intercept import children, stack
from ..message import Delivery, Payload, ReceivedRequest, Request, Response
from . import fork_channel
from .state_attributes import STATE_ATTRIBUTES

_REFUSED = STATE_ATTRIBUTES | {"reset", "restore", "snapshot"}


class _BrokenBody(NamedTuple):
    """A body that cannot be read: the S3Error's arguments."""

    code: str
    message: str
    headers: dict[str, str]
    extras: dict[str, Any]


class _Handle(NamedTuple):
    """A message: handle a request. ``fake`` is the id of the fake's object, which is the same in both processes."""

    fake: int
    method: str
    host: str
    path: str
    query: str
    headers: dict[str, str]
    scheme: str
    client: str
    is_received: bool
    body: Payload | _BrokenBody


class _Listen(NamedTuple):
    """A message: listen for the child's own children, and its native libraries."""

    fake: int


class _Result(NamedTuple):
    """The result of `_Handle`: a response without what cannot be pickled."""

    status: int
    headers: list[tuple[str, str]]
    body: tuple[bytes, ...]
    operation: str | None
    is_download: bool
    leniences: tuple[str, ...]
    delivery: tuple[Any, ...] | None


class _Refusal(NamedTuple):
    """The result of a message that is refused: how the error's text goes on."""

    problem: str


class ForkedFake(Backend):
    """What a fake is in a forked child: its state is in the parent, to which requests are passed.

    It is put before the fake's own class.
    """

    has_state = False

    _parent: fork_channel.Parent | None
    """The way to the parent; None: the connection could not be made."""

    def __getattribute__(self, name: str) -> Any:
        if name in _REFUSED:
            _refuse(name)
        return super().__getattribute__(name)

    def handle(self, request: Request) -> Response:
        """Let the parent handle a request.

        Raises:
            RuntimeError: it cannot, or its fake is not active any more.
        """
        try:
            body: Payload | _BrokenBody = request.payload
        except S3Error as error:
            body = _BrokenBody(error.code, error.message, error.headers, error.extras)
        result: _Result = self._call(
            _Handle(
                *(id(self), request.method, request.host, request.path, request.query),
                *(request.headers, request.scheme, request.client, request.is_received, body),
            )
        )
        response = Response(result.status, result.headers, result.body, result.operation)
        response.body_state = [] if result.is_download else None
        response.leniences = result.leniences
        if result.delivery is not None:
            head, size, end, rate = result.delivery
            response.delivery = Delivery(head, size, end, rate, self.clock.sleep)
        return response

    def listen(self) -> None:
        """Let the parent listen for the native libraries and children of this process."""
        self._call(_Listen(id(self)))

    def _call(self, message: Any) -> Any:
        try:
            if self._parent is None:
                raise OSError("no connection")
            result = self._parent.call(message)
        except (OSError, EOFError) as error:
            raise RuntimeError(_text("which cannot be reached any more")) from error
        if isinstance(result, _Refusal):
            raise RuntimeError(_text(result.problem))
        return result


def _text(problem: str) -> str:
    return (
        f"fakes3part: process {os.getpid()} was forked while this fake was active; the fake's state is in the parent, {problem}. "
        "`with FakeS3() as fakes3:` makes a fake of its own in this process"
    )


def _refuse(name: str) -> NoReturn:
    raise RuntimeError(_text(f"so it has no {name!r} here: use a client of S3, or {name!r} in the parent"))


def _refuse_to_move() -> NoReturn:
    raise RuntimeError(_text("so its clock cannot be changed here: change it in the parent"))


class _OwnedFakes:
    """The fakes of this process that a forked child may use."""

    def __init__(self, fakes: list[Backend]) -> None:
        self._fakes = {id(fake): ref(fake) for fake in fakes}
        self._interceptions = stack.active.interceptions

    def answer(self, message: _Handle | _Listen) -> _Result | _Refusal | None:
        """Return the result of a message of the child."""
        fake = self._fakes[message.fake]()
        if fake is None:
            return _Refusal("where it does not exist any more")
        entered = [interception for interception in self._interceptions if interception.fake is fake]
        if entered and not any(interception in stack.active.interceptions for interception in entered):
            return _Refusal("where the block of its mock has ended")
        if isinstance(message, _Listen):
            children.listen()
            return None
        return _handle(fake, message)


def _handle(fake: Backend, message: _Handle) -> _Result:
    body = message.body

    def read() -> Payload:
        if isinstance(body, _BrokenBody):
            raise S3Error(body.code, body.message, body.headers, **body.extras)
        return body

    kind = ReceivedRequest if message.is_received else Request
    request = kind(
        *(message.method, message.host, message.path, message.query, message.headers),
        scheme=message.scheme,
        client=message.client,
        read=read,
    )
    response = fake.handle(request)
    delivery = response.delivery
    return _Result(
        response.status,
        response.headers,
        tuple(bytes(segment) for segment in response.body),
        response.operation,
        response.body_state is not None,
        response.leniences,
        None if delivery is None else (delivery.head, delivery.body, delivery.end, delivery.rate),
    )


_forking: dict[int, tuple[list[Backend], tuple[int, int] | None]] = {}
"""By thread: the fakes that a fork is about to share, and the sockets for that; None: they could not be made."""

_serving: set[int] = set()
"""The parent's ends of the sockets, which a child must not keep open."""


def before_fork(existing: Sequence[Backend]) -> None:
    """Make the connection by which a child will reach those of the existing fakes whose state is in this process."""
    fakes = [fake for fake in existing if not fake.is_remote and not isinstance(fake, ForkedFake)]
    if not fakes:
        return
    try:
        sockets = fork_channel.pair()
    except OSError:
        sockets = None
    _forking[threading.get_ident()] = fakes, sockets


def after_fork_in_parent() -> None:
    """Serve the child that this thread has forked."""
    fakes, sockets = _forking.pop(threading.get_ident(), ([], None))
    if sockets is not None:
        parents_end, childs_end = sockets
        os.close(childs_end)
        _serving.add(parents_end)
        fork_channel.serve(parents_end, _OwnedFakes(fakes).answer, partial(_serving.discard, parents_end))


def after_fork_in_child(existing: Sequence[Backend]) -> None:
    """Let each fake of the parent pass its requests to the parent."""
    fakes, sockets = _forking.pop(threading.get_ident(), ([], None))
    _forking.clear()
    for descriptor in _serving:
        os.close(descriptor)
    _serving.clear()
    for fake in existing:
        if isinstance(fake, ForkedFake) and fake._parent is not None:
            fake._parent.forget_connections()
    if not fakes:
        return
    parent = None
    if sockets is not None:
        parents_end, childs_end = sockets
        os.close(parents_end)
        parent = fork_channel.Parent(childs_end)
    for fake in fakes:
        _make_forked(fake, parent)
    children.listen_in_parent = _listen_in_parent


def _make_forked(fake: Backend, parent: fork_channel.Parent | None) -> None:
    cls = type(fake)
    fake.__class__ = type(cls.__name__, (ForkedFake, cls), {"__module__": cls.__module__})
    assert isinstance(fake, ForkedFake)
    fake._parent = parent
    moved: list[Callable[[], None]] = fake.clock.moved
    moved[:] = [_refuse_to_move]


def _listen_in_parent(fake: Backend) -> None:
    if isinstance(fake, ForkedFake):
        fake.listen()
