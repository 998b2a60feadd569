"""`mock_s3` and its class `MockS3`: a decorator, a context manager, or ``start()`` and ``stop()``."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar, overload

from ..backend import Backend
from ..intercept import activation
from ..intercept.stack import Interception
from ..settings import Settings, from_environment
from .class_decorator import decorate_class
from .fakes3 import FakeS3
from .function_decorator import decorate_function
from .moto_config import read_config

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ..settings import SettingsKwargs

T = TypeVar("T", bound=Callable[..., Any])


class MockS3:
    """A mock of S3: while it is active, a `FakeS3` handles S3's requests. Made by `mock_s3`.

    It may be entered any number of times, also in several threads at once. If a fake is active already, a mock without settings
    joins it, so that nested mocks share their state until the outermost ends; a mock with settings makes a new fake.
    """

    def __init__(self, config: Mapping[str, Any] | None = None, **settings: Unpack[SettingsKwargs]) -> None:
        Settings(**settings)  # refuses wrong settings here, rather than in the first test
        self._settings = settings
        self._options = read_config(config)
        self._interceptions: list[tuple[int, Interception[FakeS3]]] = []
        self._kept_fake: FakeS3 | None = None

    def open(self, *, reset: bool = True) -> Interception[FakeS3]:
        """Begin an interception, which `close` ends.

        Args:
            reset: whether to start with an empty fake, even if ``stop(remove_data=False)`` kept one.
        """
        interception = activation.enter_selected(lambda current: self._choose_fake(current, reset), self._options)
        try:
            interception.fake._begin_use()
        except BaseException:
            activation.leave(interception)
            raise
        return interception

    def close(self, interception: Interception[FakeS3]) -> None:
        """End an interception that `open` began."""
        try:
            activation.leave(interception)
        finally:
            interception.fake._end_use()

    def _choose_fake(self, current: Backend | None, reset: bool) -> FakeS3:
        if isinstance(current, FakeS3) and not self._settings:
            return current
        if self._kept_fake is not None and not reset:
            return self._kept_fake
        return FakeS3(**self._settings_of_new_fake())

    def _settings_of_new_fake(self) -> SettingsKwargs:
        return self._settings

    def start(self, reset: bool = True) -> FakeS3:
        """Begin an interception, which `stop` ends, and return its fake.

        Args:
            reset: False: go on with the state that ``stop(remove_data=False)`` kept.
        """
        interception = self.open(reset=reset)
        self._interceptions.append((threading.get_ident(), interception))
        return interception.fake

    def stop(self, remove_data: bool = True) -> None:
        """End the interception that the latest `start` of this thread began (of any thread, if this one has none).

        Args:
            remove_data: False: keep the state for ``start(reset=False)``.

        Raises:
            RuntimeError: the mock is not started (with moto's text).
        """
        with activation.lock:
            if not self._interceptions:
                raise RuntimeError("Called stop() before start().")
            this_thread = threading.get_ident()
            indexes = [index for index, (thread, _) in enumerate(self._interceptions) if thread == this_thread]
            _, interception = self._interceptions.pop(indexes[-1] if indexes else -1)
        self._kept_fake = None if remove_data else interception.fake
        self.close(interception)

    def reset(self) -> None:
        """Reset this mock's fake, or the current one if this mock is not started; see `FakeS3.reset`."""
        fake: Backend | None = self._interceptions[-1][1].fake if self._interceptions else activation.current_backend()
        if fake is not None:
            fake.reset()

    def __enter__(self) -> FakeS3:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()

    async def __aenter__(self) -> FakeS3:
        return self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def __call__(self, target: T) -> T:
        """Decorate a function (plain, async or generator) or a test class (pytest's or unittest's)."""
        decorated: Any
        if isinstance(target, type):
            decorated = decorate_class(target, self)
        elif isinstance(target, (classmethod, staticmethod)):
            decorated = type(target)(self(target.__func__))
        else:
            decorated = decorate_function(target, lambda: _Activation(self))
        result: T = decorated
        return result


class MockAws(MockS3):
    """A `MockS3` whose fakes are lenient by default. Made by `mock_aws`."""

    def _settings_of_new_fake(self) -> SettingsKwargs:
        if "lenient" in self._settings or "lenient" in from_environment():
            return self._settings
        lenient: SettingsKwargs = {"lenient": True}
        return {**lenient, **self._settings}


class _Activation:
    """One interception of a mock, around one call of a decorated function."""

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
    """Mock S3 in memory: ``@mock_s3``, ``@mock_s3()``, ``with mock_s3() as fake:``, ``mock_s3().start()``.

    While it is active, requests to any other AWS host raise `ServiceNotFaked`, and the process's AWS environment is replaced.

    Args:
        target: the function or class to decorate, when used without parentheses; None: return a `MockS3`.
        config: moto's ``config`` dictionary, see `fakes3part.api.moto_config.read_config`; None: moto's defaults.
        settings: settings of the fake (`fakes3part.settings.Settings`). With any, the mock makes a fake of its own.

    Raises:
        SettingError: a setting is refused.
        TypeError: ``config`` has an unknown key.
    """
    mock = MockS3(config, **settings)
    return mock if target is None else mock(target)


@overload
def mock_aws(target: T, /) -> T: ...
@overload
def mock_aws(*, config: Mapping[str, Any] | None = None, **settings: Unpack[SettingsKwargs]) -> MockAws: ...
def mock_aws(
    target: T | None = None, /, *, config: Mapping[str, Any] | None = None, **settings: Unpack[SettingsKwargs]
) -> T | MockAws:
    """Mock S3 like `mock_s3`, but leniently: for test suites that come from moto, whose name and arguments it has.

    The fake accepts what S3 once accepted, such as old bucket names and ACLs, and reports each use as a `LenientWarning` and in
    the journal; S3 would refuse these requests (`fakes3part.leniences`). ``mock_aws(lenient=False)``, pytest's ini option
    ``fakes3_lenient = false`` and the environment variable ``FAKES3PART_LENIENT=false`` make it as strict as `mock_s3`;
    ``pytest --fakes3-strict`` does so for one run.

    Args:
        target: the function or class to decorate, when used without parentheses; None: return a `MockAws`.
        config: moto's ``config`` dictionary, see `fakes3part.api.moto_config.read_config`; None: moto's defaults.
        settings: settings of the fake (`fakes3part.settings.Settings`). With any, the mock makes a fake of its own.

    Raises:
        SettingError: a setting is refused.
        TypeError: ``config`` has an unknown key.
    """
    mock = MockAws(config, **settings)
    return mock if target is None else mock(target)


def current_fake() -> FakeS3 | None:
    """Return the fake that was entered last; None when no interception is active."""
    fake = activation.current_backend()
    return fake if isinstance(fake, FakeS3) else None
