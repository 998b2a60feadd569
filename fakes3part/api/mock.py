"""``mock_s3``: the door's handle. A decorator, a context manager, or ``start()`` and ``stop()``."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar, overload

from ..backend import Backend
from ..intercept import activation
from ..intercept.stack import Interception
from ..settings import Settings
from .class_decorator import decorate_class
from .fakes3 import FakeS3
from .function_decorator import decorate_function
from .moto_config import read_config

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ..settings import SettingsKwargs

T = TypeVar("T", bound=Callable[..., Any])


class MockS3:
    """Answers S3's requests by a `FakeS3` while it is active; made by `mock_s3`.

    It may be entered any number of times, also in several threads at once: what an entering needs is kept with that
    entering. While one is active already, a mock without settings joins the fake that is on top, so that nested mocks share
    their state until the outermost ends; a mock with settings puts a new fake of its own on top.
    """

    def __init__(self, config: Mapping[str, Any] | None = None, **settings: Unpack[SettingsKwargs]) -> None:
        Settings(**settings)  # a setting that is refused is an error here, and not in the first test
        self._settings = settings
        self._options = read_config(config)
        self._interceptions: list[tuple[int, Interception[FakeS3]]] = []
        self._kept: FakeS3 | None = None

    def open(self, *, reset: bool = True) -> Interception[FakeS3]:
        """Become active once more; `close` ends just this. (``start``, ``with`` and the decorators are made of it.)"""
        interception = activation.enter_selected(lambda top: self._choose(top, reset), self._options)
        try:
            interception.fake._begin_use()
        except BaseException:
            activation.leave(interception)
            raise
        return interception

    def close(self, interception: Interception[FakeS3]) -> None:
        try:
            activation.leave(interception)
        finally:
            interception.fake._end_use()

    def _choose(self, top: Backend | None, reset: bool) -> FakeS3:
        if isinstance(top, FakeS3) and not self._settings:
            return top
        if self._kept is not None and not reset:
            return self._kept
        return FakeS3(**self._settings)

    def start(self, reset: bool = True) -> FakeS3:
        """Become active until `stop`. ``reset=False`` goes on with what ``stop(remove_data=False)`` left."""
        interception = self.open(reset=reset)
        self._interceptions.append((threading.get_ident(), interception))
        return interception.fake

    def stop(self, remove_data: bool = True) -> None:
        """End what the latest `start` of this thread (of any, if this one has none) began.

        Raises:
            RuntimeError: it was not started, as moto has it.
        """
        with activation.lock:
            if not self._interceptions:
                raise RuntimeError("Called stop() before start().")
            me = threading.get_ident()
            mine = [at for at, (thread, _) in enumerate(self._interceptions) if thread == me]
            _, interception = self._interceptions.pop(mine[-1] if mine else -1)
        self._kept = None if remove_data else interception.fake
        self.close(interception)

    def reset(self) -> None:
        """Forget all buckets and objects of the fake that this mock, or else the current one, works with."""
        fake: Backend | None = self._interceptions[-1][1].fake if self._interceptions else activation.current_backend()
        if fake is not None:
            fake.reset()

    def __enter__(self) -> FakeS3:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    async def __aenter__(self) -> FakeS3:
        return self.start()

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def __call__(self, target: T) -> T:
        """Decorate a function (plain, async, generator of either kind) or a class (pytest's way or unittest's)."""
        decorated: Any
        if isinstance(target, type):
            decorated = decorate_class(target, self)
        elif isinstance(target, (classmethod, staticmethod)):
            decorated = type(target)(self(target.__func__))
        else:
            decorated = decorate_function(target, lambda: _Activation(self))
        result: T = decorated
        return result


class _Activation:
    """One entering of a mock, with the interception on the caller's own stack."""

    __slots__ = ("_interception", "_mock")

    def __init__(self, mock: MockS3) -> None:
        self._mock = mock

    def __enter__(self) -> None:
        self._interception = self._mock.open()

    def __exit__(self, *error: object) -> None:
        self._mock.close(self._interception)


@overload
def mock_s3(target: T, /) -> T: ...
@overload
def mock_s3(*, config: Mapping[str, Any] | None = None, **settings: Unpack[SettingsKwargs]) -> MockS3: ...
def mock_s3(
    target: T | None = None, /, *, config: Mapping[str, Any] | None = None, **settings: Unpack[SettingsKwargs]
) -> T | MockS3:
    """Answer S3 in memory: ``@mock_s3``, ``@mock_s3()``, ``with mock_s3() as fake:``, ``mock_s3().start()``.

    Args:
        target: what to decorate, when used without parentheses.
        config: moto's dictionary, see `intercept.config.read_config`.
        settings: of `FakeS3` (``region``, ``min_part_size``, ``custom_endpoints`` ...); with any, the mock has a fake of its own.

    While active, requests to any other AWS host raise `ServiceNotFaked`, and the process's AWS environment is a fake one.
    """
    mock = MockS3(config, **settings)
    return mock if target is None else mock(target)


mock_aws = mock_s3
"""moto's name for it."""


def current_fake() -> FakeS3 | None:
    """Return the fake that was entered last; None when no interception is active."""
    fake = activation.current_backend()
    return fake if isinstance(fake, FakeS3) else None
