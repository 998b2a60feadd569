"""Refuses requests of pycurl to hosts of AWS, when a handle is about to send them. (libcurl follows redirects unseen.)"""

from __future__ import annotations

import sys
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from ..network_guard import refuse
from ..patch import Function, Patch, StaticTypePatch

_urls: WeakKeyDictionary[Any, str] = WeakKeyDictionary()
"""Handle -> the URL that was set while a fake was active."""

_PERFORM = ("perform", "perform_rb", "perform_rs")


def patches() -> list[Patch]:
    """Return the patches of the methods that send; none while pycurl is still being imported."""
    pycurl: Any = sys.modules.get("pycurl")
    if not hasattr(pycurl, "CurlMulti"):
        return []
    return [
        *(StaticTypePatch(pycurl.Curl, name, _performing) for name in _PERFORM if hasattr(pycurl.Curl, name)),
        StaticTypePatch(pycurl.CurlMulti, "add_handle", _adding),
        StaticTypePatch(pycurl.Curl, "setopt", _setting),
    ]


def _performing(original: Function) -> Function:
    def perform(self: Any) -> Any:
        _refuse_url_of(self)
        return original(self)

    return perform


def _adding(original: Function) -> Function:
    def add_handle(self: Any, handle: Any) -> Any:
        _refuse_url_of(handle)
        return original(self, handle)

    return add_handle


def _setting(original: Function) -> Function:
    def setopt(self: Any, option: int, value: Any) -> Any:
        if option == sys.modules["pycurl"].URL:
            _urls[self] = value.decode("latin-1") if isinstance(value, bytes) else value
        return original(self, option, value)

    return setopt


def _refuse_url_of(handle: Any) -> None:
    """Raise ServiceNotFaked if the URL that is set is AWS's."""
    pycurl: Any = sys.modules["pycurl"]
    try:
        url: str | None = handle.getinfo(pycurl.EFFECTIVE_URL) or _urls.get(handle)
    except pycurl.error:  # libcurl does not show one without a scheme
        url = _urls.get(handle)
    if url:
        parts = urlsplit(url if "://" in url else f"//{url}")
        if parts.hostname:
            refuse(parts.hostname, parts.path or "/")
