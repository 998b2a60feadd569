"""Decorates test classes: one interception from set-up to tear-down of the class, and the same state for each test.

The interception is active, under unittest's runner and pytest's alike, during

* ``setUpClass`` (``setup_class``) to ``tearDownClass`` (``teardown_class``) and the class's cleanups;
* each test from ``setUp`` (``setup_method``) to its last cleanup; at its end, the state that the class's set-up made is restored;
* each public method that is called outside of those: ``TestIt().test_this()``;
* the same of subclasses, whatever they override, and of nested classes whose name begins with ``Test``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import FunctionType
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

from ..locks import new_rlock
from .function_decorator import decorate_function

if TYPE_CHECKING:
    from ..intercept.stack import Interception
    from .fakes3 import FakeS3

C = TypeVar("C", bound=type)
Hook: TypeAlias = Callable[["ClassInterception", type, Any], Any]


class Mock(Protocol):
    """What a decorated class needs of a mock: to be entered and left any number of times, and to hear of each test."""

    def open(self) -> Interception[FakeS3]: ...
    def close(self, interception: Interception[FakeS3]) -> None: ...
    def begin_test(self, interception: Interception[FakeS3]) -> None: ...


_INTERCEPTION = "_fakes3part_interception"


def decorate_class(target: C, mock: Mock) -> C:
    """Decorate ``target`` and, when they are defined, its subclasses; return the same class."""
    interception = ClassInterception(mock)
    interception.wrap(target)
    owner: Any = target
    defined_hook = vars(target).get("__init_subclass__")

    def __init_subclass__(cls: type, /, **kwargs: Any) -> None:  # noqa: N807
        if defined_hook is None:
            super(owner, cls).__init_subclass__(**kwargs)
        else:
            defined_hook.__get__(None, cls)(**kwargs)
        interception.wrap(cls)

    setattr(target, "__init_subclass__", classmethod(__init_subclass__))  # noqa: B010  (mypy has a rule against it)
    return target


class ClassInterception:
    """The interception of a decorated class, open as long as anything of the class runs."""

    def __init__(self, mock: Mock) -> None:
        self._mock = mock
        self._lock = new_rlock()
        self._depth = 0
        self._interception: Interception[FakeS3] | None = None
        self._classes: set[tuple[type, str]] = set()
        self._tests: dict[int, AbstractContextManager[None]] = {}

    def __enter__(self) -> None:
        with self._lock:
            if self._interception is None:
                self._interception = self._mock.open()
            self._depth += 1

    def __exit__(self, *error: object) -> None:
        with self._lock:
            self._depth -= 1
            if self._depth == 0 and self._interception is not None:
                interception, self._interception = self._interception, None
                self._mock.close(interception)

    @contextmanager
    def test(self) -> Iterator[None]:
        """Intercept during one test, and restore the state afterwards."""
        with self:
            assert self._interception is not None
            self._mock.begin_test(self._interception)
            fake = self._interception.fake
            before = fake.snapshot()
            try:
                yield
            finally:
                fake.restore(before)

    # A hook that overrides another calls it, and both are wrapped: the outermost one opens and closes. (``runner``
    # distinguishes unittest's hooks from pytest's: a class that mixes both styles may get calls of both.)

    def begin_class(self, cls: type, runner: str) -> bool:
        """Begin the class's set-up; return whether the calling hook is the outermost, which has to close it on failure."""
        if (cls, runner) in self._classes:
            return False
        self.__enter__()
        self._classes.add((cls, runner))
        return True

    def end_class(self, cls: type, runner: str) -> bool:
        """Begin the class's tear-down; return whether the calling hook is the outermost, which has to leave at its end."""
        if (cls, runner) not in self._classes:
            return False
        self._classes.discard((cls, runner))
        return True

    def close_class(self, cls: type, runner: str) -> None:
        """Leave, unless a tear-down has done so."""
        if self.end_class(cls, runner):
            self.__exit__()

    def begin_test(self, instance: object) -> bool:
        """Begin a test's set-up; return whether the calling hook is the outermost, which has to close it on failure."""
        if id(instance) in self._tests:
            return False
        test = self.test()
        test.__enter__()
        self._tests[id(instance)] = test
        return True

    def end_test(self, instance: object) -> AbstractContextManager[None]:
        """Begin a test's tear-down; return the context manager it runs in, which does nothing for inner hooks."""
        return _Entered(self._tests.pop(id(instance), None))

    def wrap(self, cls: type) -> None:
        """Wrap the class's public methods and its set-up and tear-down hooks."""
        hooks = _UNITTEST if _is_unittest(cls) else _PYTEST
        for name, value in list(vars(cls).items()):
            if name.startswith("_") or name in hooks:
                continue
            if isinstance(value, FunctionType) and not hasattr(value, "_pytestfixturefunction"):
                setattr(cls, name, decorate_function(value, lambda: self))
            elif isinstance(value, type) and name.startswith("Test"):
                self.wrap(value)
        for name, hook in hooks.items():
            resolved = getattr(cls, name, None)
            if getattr(resolved, _INTERCEPTION, None) is not self and not _is_fixture(resolved):
                wrapped = hook(self, cls, vars(cls).get(name))
                setattr(getattr(wrapped, "__func__", wrapped), _INTERCEPTION, self)
                setattr(cls, name, wrapped)


class _Entered(AbstractContextManager[None]):
    """A context manager that leaves another, which was entered earlier; None: there is none to leave."""

    def __init__(self, entered: AbstractContextManager[None] | None) -> None:
        self._entered = entered

    def __exit__(self, *error: Any) -> None:
        if self._entered is not None:
            self._entered.__exit__(None, None, None)


def _is_unittest(cls: type) -> bool:
    case = sys.modules.get("unittest.case")
    return case is not None and issubclass(cls, case.TestCase)


def _is_fixture(resolved: Any) -> bool:
    return hasattr(resolved, "_pytestfixturefunction") or type(resolved).__name__ == "FixtureFunctionDefinition"


def _wrapped_hook(own_hook: Any, name: str, owner: type, target: Any) -> Callable[..., Any] | None:
    """Return the hook that ours wraps: the class's own, or else the inherited one; None: there is none."""
    if own_hook is None:
        if isinstance(target, type) and not issubclass(target, owner):
            target = owner  # pytest calls a class's hooks for its nested classes too, with the nested class
        return getattr(super(owner, target), name, None)
    bound: Callable[..., Any] = own_hook.__get__(None, target) if isinstance(target, type) else own_hook.__get__(target)
    return bound


def _call_hook(hook: Callable[..., Any] | None, argument: Any) -> None:
    """Call a pytest hook with its argument (the class or the test method) if it takes one, as pytest does; None: do nothing."""
    if hook is None:
        return
    code = getattr(hook, "__code__", None)
    argument_count = code.co_argcount - (getattr(hook, "__self__", None) is not None) if code is not None else 1
    if argument_count > 0:
        hook(argument)
    else:
        hook()


def _set_up_class(interception: ClassInterception, owner: type, own_hook: Any) -> Any:
    def setUpClass(cls: Any) -> None:
        wrapped = _wrapped_hook(own_hook, "setUpClass", owner, cls)
        assert wrapped is not None
        opened = interception.begin_class(cls, "unittest")
        if opened:  # registered first, so called last: after tearDownClass, and also when the set-up fails
            cls.addClassCleanup(interception.close_class, cls, "unittest")
        try:
            wrapped()
        except Exception:
            raise
        except BaseException:  # unittest runs no clean-ups for these
            if opened:
                interception.close_class(cls, "unittest")
            raise

    return classmethod(setUpClass)


def _run(interception: ClassInterception, owner: type, own_hook: Any) -> Any:
    def run(self: Any, result: Any = None) -> Any:
        wrapped = _wrapped_hook(own_hook, "run", owner, self)
        assert wrapped is not None
        try:
            with interception.test():
                return wrapped(result)
        except Exception:
            if result is None:
                raise
            # Raised by our own entering or leaving. Out of here it would end the runner before the class's cleanups.
            result.addError(self, sys.exc_info())
            return result

    return run


def _debug(interception: ClassInterception, owner: type, own_hook: Any) -> Any:
    def debug(self: Any) -> None:
        wrapped = _wrapped_hook(own_hook, "debug", owner, self)
        assert wrapped is not None
        with interception.test():
            wrapped()

    return debug


def _runner(cls: type, owner: type) -> str:
    return "pytest" if issubclass(cls, owner) else f"pytest for {owner.__qualname__}"


def _setup_class(interception: ClassInterception, owner: type, own_hook: Any) -> Any:
    def setup_class(cls: type) -> None:
        runner = _runner(cls, owner)
        opened = interception.begin_class(cls, runner)
        try:
            _call_hook(_wrapped_hook(own_hook, "setup_class", owner, cls), cls)
        except BaseException:  # pytest calls no tear-down then
            if opened:
                interception.close_class(cls, runner)
            raise

    return classmethod(setup_class)


def _teardown_class(interception: ClassInterception, owner: type, own_hook: Any) -> Any:
    def teardown_class(cls: type) -> None:
        outermost = interception.end_class(cls, _runner(cls, owner))
        try:
            _call_hook(_wrapped_hook(own_hook, "teardown_class", owner, cls), cls)
        finally:
            if outermost:
                interception.__exit__()

    return classmethod(teardown_class)


def _setup_method(interception: ClassInterception, owner: type, own_hook: Any) -> Any:
    def setup_method(self: Any, method: Any = None) -> None:
        opened = interception.begin_test(self)
        try:
            _call_hook(_wrapped_hook(own_hook, "setup_method", owner, self), method)
        except BaseException:
            if opened:
                interception.end_test(self).__exit__(None, None, None)
            raise

    return setup_method


def _teardown_method(interception: ClassInterception, owner: type, own_hook: Any) -> Any:
    def teardown_method(self: Any, method: Any = None) -> None:
        with interception.end_test(self):
            _call_hook(_wrapped_hook(own_hook, "teardown_method", owner, self), method)

    return teardown_method


_METHODS: dict[str, Hook] = {"setup_method": _setup_method, "teardown_method": _teardown_method}
_PYTEST: dict[str, Hook] = {"setup_class": _setup_class, "teardown_class": _teardown_class, **_METHODS}
# pytest calls setup_method and teardown_method of a TestCase too, around the fixtures of each test.
_UNITTEST: dict[str, Hook] = {"setUpClass": _set_up_class, "run": _run, "debug": _debug, **_METHODS}
