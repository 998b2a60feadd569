"""Checks of what tests pass to the methods of a fake: the error names the argument, what was passed and what is allowed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from math import isfinite
from typing import Any, TypeGuard

from .text import suggestion_or_all


def is_number(value: object) -> TypeGuard[float]:
    """Return whether a value is a finite number; True and False are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)


def is_whole(value: object) -> TypeGuard[int]:
    """Return whether a value is a whole number; True and False are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def wrong(name: str, allowed: str, value: object) -> ValueError:
    """Return the error of an argument with a value that is not allowed."""
    return ValueError(f"{name} must be {allowed}, not {value!r}")


def check_text(allowed: str = "text", /, **values: object) -> None:
    """Check arguments that are text, or None where that is their default.

    Raises:
        ValueError: one is something else.
    """
    for name, value in values.items():
        if value is not None and not isinstance(value, str):
            raise wrong(name, allowed, value)


def check_function(allowed: str = "a function", /, **values: object) -> None:
    """Check arguments that are functions, or anything else that can be called.

    Raises:
        ValueError: one is something else.
    """
    for name, value in values.items():
        if not callable(value):
            raise wrong(name, allowed, value)


def check_seconds(**values: object) -> None:
    """Check arguments that are numbers of seconds, 0 or more.

    Raises:
        ValueError: one is something else.
    """
    for name, value in values.items():
        if not is_number(value) or value < 0:
            raise wrong(name, "a number of seconds, 0 or more", value)


def check_path(**values: object) -> None:
    """Check arguments that are paths of files.

    Raises:
        ValueError: one is something else.
    """
    for name, value in values.items():
        if not isinstance(value, (str, os.PathLike)):
            raise wrong(name, "the path of a file or a directory", value)


def check_mapping(allowed: str, /, **values: object) -> None:
    """Check arguments that are dictionaries, or None where that is their default.

    Raises:
        ValueError: one is something else.
    """
    for name, value in values.items():
        if value is not None and not isinstance(value, Mapping):
            raise wrong(name, allowed, value)


def check_ip_address(**values: object) -> None:
    """Check arguments that are IP addresses as text.

    Raises:
        ValueError: one is something else.
    """
    from ipaddress import ip_address

    for name, value in values.items():
        try:
            ip_address(str(value))
        except ValueError:
            raise wrong(name, "an IP address", value) from None


def check_keywords(keywords: Mapping[str, Any], allowed: list[str]) -> None:
    """Check the names of keyword arguments.

    Raises:
        TypeError: there is none of this name.
    """
    for name in keywords:
        if name not in allowed:
            raise TypeError(f"unexpected keyword argument {name!r}{suggestion_or_all(name, allowed)}")
