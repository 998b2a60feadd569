"""Lets sessions share what botocore reads from its own files: models, endpoints, rule sets, waiters, paginators.

Each session reads and parses them anew, which takes 45 of the 50 ms of a session's first client. Here a file is parsed once, and
a session gets a copy (`lazy_copy`), because botocore's clients change their session's model. Only files of botocore's and boto3's
own folders are shared, as long as they do not change; those of ``AWS_DATA_PATH`` and ``~/.aws/models`` are read as ever.
"""

from __future__ import annotations

import os
import sys
from typing import Any, NamedTuple

from botocore import loaders as botocore_loaders
from botocore.loaders import JSONFileLoader, Loader

from ..patch import Function, Patch
from .lazy_copy import full_copy, lazy_copy
from .sharing import is_sharing

loaders: Any = botocore_loaders
_LAZY = ("endpoints", "endpoint-rule-set-1")
"""Names of files of which clients read little, or what `shared_rules` has already. Models are read much: they are real copies."""

_BOTOCORE = os.path.join(os.path.dirname(loaders.__file__), "data")

_Signature = tuple[str, int, int, int]
"""Path, time of change, size and inode of a file or directory."""


class _File(NamedTuple):
    """A parsed file, of which copies are made.

    Attributes:
        data: None: the file has been read once, for a session that owns what was read.
    """

    signature: _Signature
    data: Any


_files: dict[str, _File] = {}
"""By path without the suffix."""

_services: dict[tuple[str, str], tuple[_Signature, list[str]]] = {}
"""The services that a directory has a type of model of (``"service-2"``), by both."""


def patches() -> list[Patch]:
    """Return the patches of what a loader reads from files, and from the names of directories."""
    return [
        Patch(JSONFileLoader, "load_file", _load_file),
        Patch(Loader, "list_available_services", _list_available_services),
    ]


def _is_of_package(path: str) -> bool:
    """Return whether a path is in the data of botocore or boto3 as they were installed."""
    if path.startswith(_BOTOCORE):
        return True
    boto3 = getattr(sys.modules.get("boto3"), "__file__", None)
    return boto3 is not None and path.startswith(os.path.join(os.path.dirname(boto3), "data"))


def _signature(path: str) -> _Signature | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return path, status.st_mtime_ns, status.st_size, status.st_ino


def _load_file(original: Function) -> Function:
    def load_file(self: JSONFileLoader, file_path: str) -> Any:
        if type(self) is not JSONFileLoader or not _is_of_package(file_path) or not is_sharing():
            return original(self, file_path)
        signature = next((found for suffix in loaders._JSON_OPEN_METHODS if (found := _signature(file_path + suffix))), None)
        if signature is None:
            return original(self, file_path)
        shared = _files.get(file_path)
        is_lazy = os.path.basename(file_path) in _LAZY
        if shared is None or shared.signature != signature or shared.data is None:
            data = original(self, file_path)
            is_first = shared is None or shared.signature != signature
            # The copy of a model takes time, which a process with one session need not spend.
            _files[file_path] = _File(signature, None if is_first and not is_lazy else data)
            if is_first and not is_lazy:
                return data
        else:
            data = shared.data
            loaders.logger.debug("Loading JSON file: %s", signature[0])
        return lazy_copy(data) if is_lazy else full_copy(data)

    return load_file


def _list_available_services(original: Function) -> Function:
    def list_available_services(self: Any, type_name: str) -> list[str]:
        if type(self.file_loader) is not JSONFileLoader or not is_sharing():
            return list(original(self, type_name))
        services: set[str] = set()
        for path in self._potential_locations():
            services.update(_services_in(path, type_name, self.file_loader, original))
        return sorted(services)

    cached: Function = loaders.instance_cache(list_available_services)
    return cached


def _services_in(path: str, type_name: str, file_loader: JSONFileLoader, original: Function) -> list[str]:
    def scan() -> list[str]:
        loader = Loader(extra_search_paths=[path], file_loader=file_loader, include_default_search_paths=False)
        return list(original(loader, type_name))

    signature = _signature(path) if _is_of_package(path) else None
    if signature is None:
        return scan()
    shared = _services.get((path, type_name))
    if shared is None or shared[0] != signature:
        shared = _services[path, type_name] = signature, scan()
    return shared[1]
