"""`mock_s3` and its class `MockS3`: a decorator, a context manager, or ``start()`` and ``stop()``."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar, overload

from ..backend import Backend
from ..intercept import activation
from ..intercept import others as other_services
from ..intercept.stack import Interception, Others
from ..settings import Settings, lenient_by_default
from . import server_mode
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

    def __init__(
        self, config: Mapping[str, Any] | None = None, others: Others | None = None, **settings: Unpack[SettingsKwargs]
    ) -> None:
        if settings:
            Settings(**settings)  # refuses wrong settings here, rather than in the first test
        self._settings = settings
        self._config = config
        self._others = other_services.check(others)
        if self._others == "moto":
            other_services.require_moto()
        self._options = read_config(config, self._others or other_services.default())
        self._interceptions: list[tuple[int, Interception[FakeS3]]] = []
        self._kept_fake: FakeS3 | None = None

    def open(self, *, reset: bool = True) -> Interception[FakeS3]:
        """Begin an interception, which `close` ends.

        Args:
            reset: whether to start with an empty fake, even if ``stop(remove_data=False)`` kept one.
        """
        if self._others is None and self._options.others != (others := other_services.default()):
            self._options = read_config(self._config, others)  # the environment has changed since
        interception = activation.enter_selected(lambda current: self._choose_fake(current, reset), self._options, reset=reset)
        try:
            interception.fake._begin_use()
            if interception.fake.is_remote:
                server_mode.begin(interception.fake)
        except BaseException:
            activation.leave(interception)
            raise
        return interception

    def close(self, interception: Interception[FakeS3], *, remove_data: bool = True) -> None:
        """End an interception that `open` began.

        Args:
            remove_data: whether to remove the state of moto, if no other interception has entered it, and of the server, if
                the fake is a server's and no other interception has it.
        """
        fake = interception.fake
        if fake.is_remote:
            server_mode.end(fake)
        try:
            activation.leave(interception, remove_data=remove_data)
        finally:
            fake._end_use()
        if fake.is_remote and remove_data and fake not in activation.active_backends():
            fake.reset()

    def _choose_fake(self, current: Backend | None, reset: bool) -> FakeS3:
        if isinstance(current, FakeS3) and not self._settings:
            return current
        if self._kept_fake is not None and not reset:
            return self._kept_fake
        url = server_mode.server_endpoint()
        if url is not None:
            return self._remote_fake(url, reset)
        return FakeS3(**self._settings_of_new_fake())

    def _settings_of_new_fake(self) -> SettingsKwargs:
        return self._settings

    def _remote_fake(self, url: str, reset: bool) -> FakeS3:
        if self._settings:
            names = ", ".join(self._settings)
            raise RuntimeError(
                f"TEST_SERVER_MODE is set, and the server at {url} has its own settings: a mock cannot have any ({names}); "
                "pass them to the server, or unset TEST_SERVER_MODE"
            )
        return server_mode.remote_fake(url, reset=reset)

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
        self.close(interception, remove_data=remove_data)

    def reset(self) -> None:
        """Reset this mock's fake, or the current one if this mock is not started; and moto, if it was entered."""
        fake: Backend | None = self._interceptions[-1][1].fake if self._interceptions else activation.current_backend()
        if fake is not None:
            fake.reset()
        activation.reset_others()

    def begin_test(self, interception: Interception[FakeS3]) -> None:
        """Let each test of a decorated class begin with an empty moto, as moto does."""
        activation.restart_others(interception)

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
        if not callable(target) and not isinstance(target, (classmethod, staticmethod)):
            raise TypeError(f"a mock decorates a function or a class, not {target!r}; settings are keyword arguments")
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
        return lenient_by_default(self._settings)


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
def mock_s3(
    *, config: Mapping[str, Any] | None = None, others: Others | None = None, **settings: Unpack[SettingsKwargs]
) -> MockS3: ...
def mock_s3(
    target: T | None = None,
    /,
    *,
    config: Mapping[str, Any] | None = None,
    others: Others | None = None,
    **settings: Unpack[SettingsKwargs],
) -> T | MockS3:
    """Mock S3 in memory: ``@mock_s3``, ``@mock_s3()``, ``with mock_s3() as fake:``, ``mock_s3().start()``.

    While it is active, requests to any other AWS host raise `ServiceNotFaked`, and the process's AWS environment is replaced.

    Args:
        target: the function or class to decorate, when used without parentheses; None: return a `MockS3`.
        config: moto's ``config`` dictionary, see `fakes3part.api.moto_config.read_config`; None: moto's defaults.
        others: "moto": moto serves the services that the fake does not; "refuse": their requests raise `ServiceNotFaked`; None:
            what pytest's ini option ``fakes3_others`` or the environment variable ``FAKES3PART_OTHERS`` says, else "refuse".
        settings: settings of the fake (`fakes3part.settings.Settings`). With any, the mock makes a fake of its own.

    Raises:
        ModuleNotFoundError: ``others`` is "moto", which is not installed.
        SettingError: a setting is refused, or ``others``.
        TypeError: ``config`` has an unknown key.
    """
    mock = MockS3(config, others, **settings)
    return mock if target is None else mock(target)


@overload
def mock_aws(target: T, /) -> T: ...
@overload
def mock_aws(
    *, config: Mapping[str, Any] | None = None, others: Others | None = None, **settings: Unpack[SettingsKwargs]
) -> MockAws: ...
def mock_aws(
    target: T | None = None,
    /,
    *,
    config: Mapping[str, Any] | None = None,
    others: Others | None = None,
    **settings: Unpack[SettingsKwargs],
) -> T | MockAws:
    """Mock S3 like `mock_s3`, but leniently: for test suites that come from moto, whose name and arguments it has.

    The fake accepts what S3 once accepted, such as old bucket names and ACLs, and reports each use as a `LenientWarning` and in
    the journal; S3 would refuse these requests (`fakes3part.leniences`). ``mock_aws(lenient=False)``, pytest's ini option
    ``fakes3_lenient = false`` and the environment variable ``FAKES3PART_LENIENT=false`` make it as strict as `mock_s3`;
    ``pytest --fakes3-strict`` does so for one run.

    Args:
        target: the function or class to decorate, when used without parentheses; None: return a `MockAws`.
        config: moto's ``config`` dictionary, see `fakes3part.api.moto_config.read_config`; None: moto's defaults.
        others: as of `mock_s3`; "moto" lets moto serve the other services.
        settings: settings of the fake (`fakes3part.settings.Settings`). With any, the mock makes a fake of its own.

    Raises:
        ModuleNotFoundError: ``others`` is "moto", which is not installed.
        SettingError: a setting is refused, or ``others``.
        TypeError: ``config`` has an unknown key.
    """
    mock = MockAws(config, others, **settings)
    return mock if target is None else mock(target)


def current_fake() -> FakeS3 | None:
    """Return the fake that was entered last; None when no interception is active."""
    fake = activation.current_backend()
    return fake if isinstance(fake, FakeS3) else None
