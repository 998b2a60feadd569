"""Decorates functions of any kind with a context manager that is entered while their body runs."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, TypeAlias

Guard: TypeAlias = Callable[[], AbstractContextManager[Any]]


def decorate_function(function: Callable[..., Any], guard: Guard) -> Callable[..., Any]:
    """Return the function with its body inside ``with guard():``; its signature stays, since pytest reads fixtures from it.

    Async functions and generators run their body after the call has returned, so each kind needs a wrapper of the same kind.
    """
    if inspect.isasyncgenfunction(function):
        wrapper = _async_generator(function, guard)
    elif inspect.iscoroutinefunction(function):
        wrapper = _coroutine(function, guard)
    elif inspect.isgeneratorfunction(function):
        wrapper = _generator(function, guard)
    else:
        wrapper = _plain(function, guard)
    return functools.wraps(function)(wrapper)


def _plain(function: Callable[..., Any], guard: Guard) -> Callable[..., Any]:
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        with guard():
            return function(*args, **kwargs)

    return wrapper


def _coroutine(function: Callable[..., Any], guard: Guard) -> Callable[..., Any]:
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        with guard():
            return await function(*args, **kwargs)

    return wrapper


def _generator(function: Callable[..., Any], guard: Guard) -> Callable[..., Any]:
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        with guard():
            return (yield from function(*args, **kwargs))

    return wrapper


def _async_generator(function: Callable[..., Any], guard: Guard) -> Callable[..., Any]:
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        with guard():
            inner = function(*args, **kwargs)
            try:
                step = inner.asend(None)
                while True:  # what "yield from" does; async generators have no such statement
                    try:
                        item = await step
                    except StopAsyncIteration:
                        return
                    try:
                        sent = yield item
                    except GeneratorExit:
                        raise
                    except BaseException as error:
                        step = inner.athrow(error)
                    else:
                        step = inner.asend(sent)
            finally:
                await inner.aclose()

    return wrapper
