"""Finds the files of a test tree, and reads and writes them without changing encoding, byte order mark or line ends."""

from __future__ import annotations

import codecs
import io
import os
import shutil
import tempfile
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_SKIPPED = frozenset({"__pycache__", "__pypackages__", "node_modules", "site-packages"})
_ENVIRONMENT_MARKS = ("pyvenv.cfg", "conda-meta")


@dataclass(frozen=True)
class Source:
    """The text of a Python file, and how it is encoded."""

    path: Path
    text: str
    encoding: str
    bom: bytes

    def encode(self, text: str) -> bytes:
        """Return a new text as the bytes of this file.

        Raises:
            UnicodeEncodeError: the file's encoding lacks a character.
        """
        return self.bom + text.encode(self.encoding)


def read_source(path: Path, content: bytes) -> Source:
    """Decode a Python file as Python does: by its byte order mark or its coding comment.

    Raises:
        SyntaxError: the encoding is unknown, or the content is not in it.
    """
    bom = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
    encoding = "utf-8" if bom else encoding
    try:
        return Source(path, content[len(bom) :].decode(encoding), encoding, bom)
    except UnicodeDecodeError as error:
        raise SyntaxError(str(error)) from None


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file's content, keeping its permissions; a symbolic link keeps pointing to it.

    Raises:
        OSError: the file or its directory cannot be written.
    """
    path = path.resolve()
    with open(path, "r+b"):
        pass  # a file without write permission is not replaced
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with open(handle, "wb") as file:
            file.write(content)
        shutil.copymode(path, draft)
        os.replace(draft, path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def find_files(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the files that are named, and those below the directories that are named, each once, sorted within a directory.

    Not searched: hidden directories, caches, virtual environments, symbolic links.
    """
    seen: set[Path] = set()
    for path in paths:
        for file in _walk(path) if path.is_dir() else [path]:
            real = file.resolve()
            if real not in seen:
                seen.add(real)
                yield file


def _walk(root: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(root):
        here = Path(folder)
        folders[:] = sorted(name for name in folders if _is_searched(here / name))
        yield from (here / name for name in sorted(files) if (here / name).is_file() and not (here / name).is_symlink())


def _is_searched(folder: Path) -> bool:
    if folder.name.startswith(".") or folder.name in _SKIPPED or folder.is_symlink():
        return False
    return not any((folder / mark).exists() for mark in _ENVIRONMENT_MARKS)
