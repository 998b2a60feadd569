"""Map directories to buckets without reading the files, and write buckets to directories."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from collections.abc import Iterator
from hashlib import sha256
from mimetypes import MimeTypes
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..operations.objects.put_object import default_checksum, put_object
from ..rules.etags import md5_of
from ..rules.names import check_key
from ..state.bucket import Bucket
from ..state.file_data import FileData
from ..state.objects import Version
from ..state.store import Store
from .objects import bucket_named, owner_context

if TYPE_CHECKING:
    from ..backend import Backend

LISTING = ".fakes3part.json"
"""The file in which `dump` lists the paths of keys that cannot be file names. (Bucket names never begin with a dot.)"""

_RENAMED = ".renamed"
_EMPTY_MD5 = "1B2M2Y8AsgTpgAmY7PhCfg=="


class MappedVersion(Version):
    """A version whose data is a file: ETag and checksum are computed at their first use, which reads the file."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        assert self.data is not None
        value: object
        if name == "etag":
            value = md5_of(self.data).hex()
        elif name == "checksum":
            value = default_checksum(self.data)
        else:
            raise AttributeError(name)
        setattr(self, name, value)
        return value


_COPIED = [name for name in Version.__slots__ if name not in ("checksum", "data", "etag", "size")]


def _mapped(version: Version, data: FileData) -> Version:
    """Return the same version with a file as its data. (An ETag that is not an MD5 stays: it does not depend on the data.)"""
    mapped = MappedVersion.__new__(MappedVersion)
    for name in _COPIED:
        setattr(mapped, name, getattr(version, name))
    mapped.data, mapped.size = data, data.size
    if not version.encryption.has_md5_etag:
        mapped.etag = version.etag
    return mapped


def map_directory(backend: Backend, path: str | os.PathLike[str], bucket_name: str, prefix: str, *, hidden: bool) -> int:
    """Map a directory, see `FakeS3.seed_directory`: put an empty object for each file, and replace its data by the file."""
    root = Path(path).resolve(strict=True)
    if not root.is_dir():
        raise NotADirectoryError(f"{path} is not a directory")
    files = [(prefix + relative, file) for relative, file in _files(root, hidden=hidden)]
    for key, _ in files:
        check_key(key)
    bucket = bucket_named(backend, bucket_name)
    types = MimeTypes(())  # Python's own table: those of operating systems differ
    for key, file in files:
        data = FileData(file)
        params = {"Bucket": bucket.name, "Key": key, "Body": b""}
        content_type, encoding = types.guess_type(file.name)
        if content_type is not None:
            params["ContentType"] = content_type
        if encoding is not None:
            params["ContentEncoding"] = encoding
        headers = {"content-md5": _EMPTY_MD5} if bucket.object_lock is not None else {}
        with bucket.lock:
            put_object(owner_context(backend, bucket, "", headers), params)
            current = bucket.current(key)
            assert current is not None
            bucket.replace(_mapped(current, data))
    return len(files)


def _files(root: Path, *, hidden: bool) -> Iterator[tuple[str, Path]]:
    """Yield the files in order, with their paths relative to the root. Links to directories or out of the root are skipped."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if hidden or not name.startswith("."))
        for name in sorted(names):
            file = Path(folder, name)
            if (name.startswith(".") and not hidden) or not file.is_file():
                continue
            if file.is_symlink() and not file.resolve().is_relative_to(root):
                continue
            relative = file.relative_to(root).as_posix()
            try:
                relative.encode()
            except UnicodeEncodeError:
                raise ValueError(f"{os.fsencode(file)!r} is not UTF-8, as a key must be") from None
            yield relative, file


# --- from buckets to a directory -------------------------------------------------------------------------------------


def dump(store: Store, path: str | os.PathLike[str]) -> None:
    """Write all objects to files, see `FakeS3.dump`; ``store`` is a copy, which no request changes."""
    root = Path(path)
    root.mkdir(parents=True, exist_ok=True)
    if any(root.iterdir()):
        raise FileExistsError(f"{path} is not empty: its files could be mistaken for objects")
    renamed: dict[str, dict[str, str]] = {}
    for bucket in store.buckets.values():
        _dump_bucket(bucket, root, renamed)
    listing = {"renamed": renamed}
    (root / LISTING).write_text(json.dumps(listing, indent=2, ensure_ascii=True) + "\n", encoding="ascii")


def _dump_bucket(bucket: Bucket, root: Path, renamed: dict[str, dict[str, str]]) -> None:
    base = bucket.name if _is_safe(bucket.name) else f"{_RENAMED}/{_hashed(bucket.name)}"
    (root / base).mkdir(parents=True)
    used = _UsedNames()
    for key in bucket.objects:
        version = bucket.objects[key]
        assert version.data is not None
        good = all(map(_is_safe, key.split("/"))) and used.use(key)
        if not good or not _write(root / base / key, version):
            relative = f"{_RENAMED}/{_hashed(bucket.name)}/{_hashed(key)}"
            _write(root / relative, version, always=True)
            renamed.setdefault(bucket.name, {})[key] = relative


class _UsedNames:
    """The file and directory names that a bucket uses, compared as on file systems that ignore case."""

    def __init__(self) -> None:
        self._files: set[str] = set()
        self._folders: dict[str, str] = {}

    def use(self, key: str) -> bool:
        """Use a name for a file; return False if it conflicts with a file or directory, or spells a directory differently."""
        name = _folded(key)
        if name in self._files or name in self._folders:
            return False
        folders = [key[:index] for index, letter in enumerate(key) if letter == "/"]
        for folder in folders:
            spelling = self._folders.get(_folded(folder), folder)
            if spelling != folder or _folded(folder) in self._files:
                return False
        self._files.add(name)
        self._folders.update((_folded(folder), folder) for folder in folders)
        return True


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _hashed(name: str) -> str:
    return sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:40]


_WINDOWS = frozenset({"aux", "con", "nul", "prn", *(f"{name}{digit}" for name in ("com", "lpt") for digit in "0123456789¹²³")})
_NOT_IN_WINDOWS = frozenset('<>:"\\|?*')


def _is_safe(part: str) -> bool:
    """Return whether a part of a key is a safe and unambiguous file name on this operating system."""
    if part in ("", ".", "..") or any(letter < " " or letter == "\x7f" for letter in part):
        return False
    try:
        if len(part.encode()) > 255:
            return False
    except UnicodeEncodeError:
        return False
    if sys.platform == "win32":
        return not (_NOT_IN_WINDOWS & set(part) or part[-1] in ". " or part.partition(".")[0].rstrip().lower() in _WINDOWS)
    return True


def _write(file: Path, version: Version, *, always: bool = False) -> bool:
    """Write an object to a file; return False if the file cannot be created (``always``: raise OSError instead)."""
    assert version.data is not None
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        target = open(file, "xb")  # noqa: SIM115  (closed below; errors while writing are raised)
    except OSError:
        if always:
            raise
        return False
    try:
        with target:
            for segment in version.data.segments:
                target.write(segment)
    except OSError as error:
        if error.filename is None:  # the disk is full, for example
            raise OSError(error.errno, error.strerror, str(file)) from None
        raise
    return True


__all__ = ["LISTING", "MappedVersion", "dump", "map_directory"]
