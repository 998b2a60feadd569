"""Shares botocore's data files among all sessions: the client of a new one then takes 25 ms instead of 130."""

from __future__ import annotations

import functools
import os
import pickle
from typing import Any

from botocore.loaders import JSONFileLoader, Loader

_FILES = JSONFileLoader()
_load = JSONFileLoader.load_file
_read = functools.cache(_load)
_list_services = Loader.list_available_services  # (each loader keeps its own: looking takes thousands of stats)


@functools.cache
def _pickled(path: str) -> bytes:
    return pickle.dumps(_load(_FILES, path), pickle.HIGHEST_PROTOCOL)


def _load_file(self: JSONFileLoader, path: str) -> Any:
    # Clients change the models of their services: each session has its own.
    return pickle.loads(_pickled(path)) if os.path.basename(path).startswith("service-") else _read(_FILES, path)


@functools.cache
def _services(paths: tuple[str, ...], type_name: str) -> tuple[str, ...]:
    loader = Loader(include_default_search_paths=False, extra_search_paths=list(paths))
    return tuple(_list_services(loader, type_name))


def _list_available_services(self: Loader, type_name: str) -> list[str]:
    return list(_services(tuple(self.search_paths), type_name))


def keep() -> None:
    """Share them among all loaders from now on. (botocore itself shares them among the clients of a session.)"""
    loader: Any = JSONFileLoader
    loader.load_file = _load_file
    loader = Loader
    loader.list_available_services = _list_available_services
