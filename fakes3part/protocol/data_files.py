"""Reads botocore's data files: each once, into plain dictionaries, in a third of the time that botocore's OrderedDicts take."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

from ..collector import collecting_no_garbage

Signature: TypeAlias = tuple[str, int, int, int]
"""Path, time of change, size and inode of a file or directory."""

_SUFFIXES = (".json", ".json.gz")


class _File(NamedTuple):
    signature: Signature
    data: Any


_files: dict[str, _File] = {}
"""By path without the suffix."""


def signature_of(path: str) -> Signature | None:
    """Return the signature of a file or directory; None: there is none."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return path, status.st_mtime_ns, status.st_size, status.st_ino


def find_file(path: str) -> Signature | None:
    """Return the signature of the file that botocore reads for a path without suffix; None: there is none."""
    return next((found for suffix in _SUFFIXES if (found := signature_of(path + suffix))), None)


def read_file(path: str) -> Any:
    """Return the content of the file that botocore reads for a path without suffix; None: there is none.

    It is read again when it has changed. The content is shared: it must not be changed.
    """
    signature = find_file(path)
    if signature is None:
        return None
    file = _files.get(path)
    if file is None or file.signature != signature:
        file = _files[path] = _File(signature, _parse(signature[0]))
    return file.data


def _parse(path: str) -> Any:
    with gzip.open(path) if path.endswith(".gz") else open(path, "rb") as file:
        text = file.read()
    with collecting_no_garbage():
        return json.loads(text)


def merge(data: Any, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data with changes, dictionary by dictionary, as botocore merges its extras. The data stay as they are."""
    merged = dict(data)
    for name, value in changes.items():
        present = merged.get(name)
        merged[name] = merge(present, value) if isinstance(present, dict) and isinstance(value, dict) else value
    return merged
