"""The kinds of settings: which values are allowed, and how they are read from text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple

from .leniences import ALL as ALL_LENIENCES

PAGE_SIZE = 1000


class Kind(NamedTuple):
    """A kind of settings: which values are allowed, and how they are written as text.

    Attributes:
        allowed: completes the sentence "NAME must be ...".
        check: returns the value to store; raises ValueError for one that is not allowed.
        parse: reads the value of an environment variable, ini option or flag, which `check` gets next; raises ValueError.
        metavar: the placeholder of the flag's value, which may be omitted if ``value_type`` is bool; None: a switch (``--name``
            and ``--no-name``).
        value_type: the type of the value in a TOML file.
        is_list: whether the flag may be repeated.
    """

    allowed: str
    check: Callable[[Any], object]
    parse: Callable[[str], object]
    metavar: str | None = None
    value_type: type = str
    is_list: bool = False


# Compiled when a value is checked: every run of pytest imports this module.
_REGION = r"[a-z]{2,5}(?:-[a-z]+)+-\d{1,2}"
_ACCOUNT = r"[0-9]{12}"
_ENDPOINT = r"(?i:(?:[a-z][a-z0-9+.-]*://)?(?:[^\s/@]*@)?(?:[^\s/:@\[\],]+|\[[0-9a-f:.]+\])(?::\d{1,5})?(?:/\S*)?)"
_TOKEN = r"[!-~]+"
_SWITCH = {**dict.fromkeys(("true", "yes", "on", "1"), True), **dict.fromkeys(("false", "no", "off", "0"), False)}


def _text(pattern: str, value: object) -> str:
    if isinstance(value, str) and re.fullmatch(pattern, value):
        return value
    raise ValueError


def _whole_number(minimum: float, value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= minimum:
        return value
    raise ValueError


def _page_size(value: object) -> int:
    size = _whole_number(1, value)
    if size <= PAGE_SIZE:
        return size
    raise ValueError


def _switch(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError


def _endpoints(value: object) -> tuple[str, ...]:
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise ValueError
    return tuple(_text(_ENDPOINT, endpoint) for endpoint in value)


def _leniences(value: object) -> tuple[str, ...]:
    """Return names of leniences in the order of their table, from true (all), false (none), one name or several."""
    if isinstance(value, bool):
        return ALL_LENIENCES if value else ()
    names = _parse_list(value) if isinstance(value, str) else value
    if not isinstance(names, Iterable):
        raise ValueError
    chosen = list(names)
    if not set(chosen) <= set(ALL_LENIENCES):
        raise ValueError
    return tuple(name for name in ALL_LENIENCES if name in chosen)


def _parse_leniences(text: str) -> object:
    return _SWITCH.get(text.lower(), text)


def parse_switch(text: str) -> bool:
    """Return the value of a switch.

    Raises:
        ValueError: it is neither true, yes, on, 1 nor false, no, off, 0.
    """
    if text.lower() not in _SWITCH:
        raise ValueError
    return _SWITCH[text.lower()]


def _parse_list(text: str) -> tuple[str, ...]:
    return tuple(re.split(r"[\s,]+", text.strip(" \t\n,")))


def or_none(kind: Kind, allowed: str) -> Kind:
    """Return the kind that allows None too; in text, ``none``."""

    def check(value: object) -> object:
        return None if value is None else kind.check(value)

    def parse(text: str) -> object:
        return None if text.lower() == "none" else kind.parse(text)

    return kind._replace(allowed=allowed, check=check, parse=parse)


REGION = Kind('the name of an AWS region, such as "us-east-1"', partial(_text, _REGION), str, "REGION")
ACCOUNT = Kind("the 12 digits of an AWS account id, as a string", partial(_text, _ACCOUNT), str, "ACCOUNT")
TOKEN = Kind("a text of visible ASCII characters", partial(_text, _TOKEN), str, "TOKEN")
SIZE = Kind("a whole number of bytes, 0 or more", partial(_whole_number, 0), int, "BYTES", int)
PAGE = Kind("a whole number from 1 to 1000", _page_size, int, "NUMBER", int)
COUNT = Kind("a whole number, 0 or more", partial(_whole_number, 0), int, "NUMBER", int)
SECONDS = Kind("a whole number of seconds, 0 or more", partial(_whole_number, 0), int, "SECONDS", int)
NUMBER = Kind("a whole number", partial(_whole_number, float("-inf")), int, "NUMBER", int)
SWITCH = Kind("true or false", _switch, parse_switch, None, bool)
LENIENCES = Kind(
    f"true, false or a list of names among {', '.join(ALL_LENIENCES)}", _leniences, _parse_leniences, "NAME[,...]", bool
)
ENDPOINTS = Kind('a list of hosts or URLs, such as ["minio.test:9000"]', _endpoints, _parse_list, "HOST", list, True)
