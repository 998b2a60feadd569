"""Lets sessions share what botocore reads from its own files: models, endpoints, rule sets, waiters, paginators.

Each session reads and parses them anew, which takes 45 of the 50 ms of a session's first client. Here a file is parsed once, in a
faster way (`protocol.data_files`), and a session gets a copy (`lazy_copy`), because botocore's clients change their session's
model. Only files of botocore's and boto3's own folders are shared, as long as they do not change; those of ``AWS_DATA_PATH`` and
``~/.aws/models`` are read as ever.

A loader also looks through the folders of all services before it loads the model of one: here, of that one only.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import Any

from botocore import loaders as botocore_loaders
from botocore.loaders import JSONFileLoader, Loader

from ...collector import collecting_no_garbage
from ...protocol.data_files import Signature, find_file, read_file, signature_of
from ..patch import Function, Patch
from .lazy_copy import full_copy, lazy_copy
from .sharing import is_sharing

loaders: Any = botocore_loaders
_LAZY = ("endpoints", "endpoint-rule-set-1")
"""Names of files of which clients read little, or what `shared_rules` has already. Models are read much: they are real copies."""

_BOTOCORE = os.path.join(os.path.dirname(loaders.__file__), "data")

_services: dict[tuple[str, str], tuple[Signature, list[str]]] = {}
"""The services that a directory has a type of model of (``"service-2"``), by both."""


def patches() -> list[Patch]:
    """Return the patches of what a loader reads from files, and from the names of directories."""
    return [
        Patch(JSONFileLoader, "load_file", _load_file),
        Patch(Loader, "list_available_services", _list_available_services),
        Patch(Loader, "load_service_model", _load_service_model),
    ]


def _is_of_package(path: str) -> bool:
    """Return whether a path is in the data of botocore or boto3 as they were installed."""
    if path.startswith(_BOTOCORE):
        return True
    boto3 = getattr(sys.modules.get("boto3"), "__file__", None)
    return boto3 is not None and path.startswith(os.path.join(os.path.dirname(boto3), "data"))


def _load_file(original: Function) -> Function:
    def load_file(self: JSONFileLoader, file_path: str) -> Any:
        if type(self) is not JSONFileLoader or not _is_of_package(file_path) or not is_sharing():
            return original(self, file_path)
        found = find_file(file_path)
        if found is None:
            return original(self, file_path)
        loaders.logger.debug("Loading JSON file: %s", found[0])
        data = read_file(file_path)
        if os.path.basename(file_path) in _LAZY:
            return lazy_copy(data)
        with collecting_no_garbage():
            return full_copy(data)

    return load_file


class _LoadedService(threading.local):
    """The service whose model this thread loads, which is known to exist; None: there is none."""

    name: str | None = None


_loaded_service = _LoadedService()


def _load_service_model(original: Function) -> Function:
    """Let a loader look for one service only, where it would list all to see whether the one is among them."""

    def load_service_model(self: Any, service_name: str, type_name: str, *arguments: Any, **keywords: Any) -> Any:
        if not _has(self, service_name, type_name):
            return original(self, service_name, type_name, *arguments, **keywords)
        _loaded_service.name = service_name
        try:
            return original(self, service_name, type_name, *arguments, **keywords)
        finally:
            _loaded_service.name = None

    return load_service_model


def _has(loader: Any, service: Any, type_name: str) -> bool:
    """Return whether a loader of botocore's own finds this type of model of a service."""
    if type(loader) is not loaders.Loader or type(loader.file_loader) is not JSONFileLoader or not is_sharing():
        return False
    # (The name is looked up in the listing: "s3/../ec2" is none, nor is "S3" where file names are the same in either case.)
    paths = (path for path in loader.search_paths if os.path.isdir(path))
    folders = [os.path.join(path, service) for path in paths if service in os.listdir(path)]
    return any(
        loader.file_loader.exists(os.path.join(folder, version, type_name))
        for folder in folders
        if os.path.isdir(folder)
        for version in os.listdir(folder)
    )


def _list_available_services(original: Function) -> Function:
    def list_available_services(self: Any, type_name: str) -> list[str]:
        if type(self.file_loader) is not JSONFileLoader or not is_sharing():
            return list(original(self, type_name))
        services: set[str] = set()
        for path in self._potential_locations():
            services.update(_services_in(path, type_name, self.file_loader, original))
        return sorted(services)

    cached: Function = loaders.instance_cache(list_available_services)

    def list_unless_loading(self: Any, *arguments: Any, **keywords: Any) -> list[str]:
        service = _loaded_service.name
        return cached(self, *arguments, **keywords) if service is None else [service]

    return list_unless_loading


def _services_in(path: str, type_name: str, file_loader: JSONFileLoader, original: Function) -> list[str]:
    def scan() -> list[str]:
        loader = Loader(extra_search_paths=[path], file_loader=file_loader, include_default_search_paths=False)
        return list(original(loader, type_name))

    signature = signature_of(path) if _is_of_package(path) else None
    if signature is None:
        return scan()
    shared = _services.get((path, type_name))
    if shared is None or shared[0] != signature:
        shared = _services[path, type_name] = signature, scan()
    return shared[1]
