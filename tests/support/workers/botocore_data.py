"""Shares what botocore reads of its data files among all sessions: the client of a new one then takes 15 ms and not 130."""

from __future__ import annotations

import functools
from typing import Any

from botocore.loaders import JSONFileLoader, Loader

_FILES = JSONFileLoader()
_load_file = functools.cache(JSONFileLoader.load_file)
_list_services = Loader.list_available_services  # (each loader keeps its own: looking takes thousands of stats)


@functools.cache
def _services(paths: tuple[str, ...], type_name: str) -> tuple[str, ...]:
    loader = Loader(include_default_search_paths=False, extra_search_paths=list(paths))
    return tuple(_list_services(loader, type_name))


def _list_available_services(self: Loader, type_name: str) -> list[str]:
    return list(_services(tuple(self.search_paths), type_name))


def keep() -> None:
    """Share what is read among all loaders from now on. (botocore itself shares it among the clients of a session.)"""
    loader: Any = JSONFileLoader
    loader.load_file = lambda self, path: _load_file(_FILES, path)
    loader = Loader
    loader.list_available_services = _list_available_services
