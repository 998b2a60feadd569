"""The part of `FakeS3` that is about its state as a whole."""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, overload

from ..backend import Backend
from ..inspection.mappings import UnknownNameError
from ..settings import Settings
from ..text import nearest

if TYPE_CHECKING:
    from ..inspection.buckets import Buckets
    from ..seeding.objects import Content
    from ..server.http_server import HttpServer
    from ..state.snapshot import Snapshot

F = TypeVar("F", bound="StateMethods")


class _Load:
    """``FakeS3.load(path, **settings)`` makes a fake, ``fakes3.load(path)`` fills the one that is there."""

    @overload
    def __get__(self, fake: None, cls: type[F]) -> Callable[..., F]: ...
    @overload
    def __get__(self, fake: F, cls: type[F]) -> Callable[[str | os.PathLike[str]], F]: ...
    def __get__(self, fake: F | None, cls: type[F]) -> Any:
        def load(path: str | os.PathLike[str], **settings: Any) -> F:
            """Take over what `save` wrote. Of an existing fake, all buckets and KMS keys are replaced; accounts stay.

            Args:
                path: the file.
                settings: of a new fake: `Settings`. Region and account are those of the fake that was saved, if not given.

            Returns:
                the fake.

            Raises:
                fakes3part.snapshots.archive.ArchiveError: no such file, or a damaged one; nothing has changed then.
                OSError: it cannot be read.
            """
            from ..snapshots import archive

            if fake is not None and settings:
                raise TypeError("a fake that is there has its settings; FakeS3.load(path, **settings) makes a new one")
            loaded = cls(**{**archive.settings_of(path), **settings}) if fake is None else fake
            archive.load(loaded, path)
            return loaded

        return load


class StateMethods(Backend):
    """Snapshots, files, seeds, views, and the server that other processes use."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._server: HttpServer | None = None
        self._entered = 0

    @property
    def buckets(self) -> Buckets:
        """A look inside: ``fakes3.buckets["b"].objects["k"].versions[0].data``, ``.uploads[id].parts[3].size``; read-only.

        A name that is not there is a KeyError that tells what is like it.
        """
        from ..inspection.buckets import Buckets

        return Buckets(lambda: self.store)

    # Snapshots

    def snapshot(self, name: str | None = None) -> Snapshot:
        """The state of this moment, for `restore`: buckets with all they hold, KMS keys, Object Lambda, how the clock is held.

        It shares everything with the fake until that changes: 10,000 objects take less than a millisecond. With a ``seed``, it
        also knows which ids come next. Not in it: settings, accounts, users and access keys, which stay what they are.

        Args:
            name: to restore it by; a snapshot of this name from before is forgotten.
        """
        from ..snapshots.snapshot import take

        return take(self, name)

    def restore(self, snapshot: Snapshot | str) -> None:
        """Go back to a snapshot, which can be used again, or to the one of a name.

        Requests that other threads are making finish on the state in which they began.

        Raises:
            KeyError: there is no snapshot of this name.
        """
        from ..snapshots.snapshot import restore

        if isinstance(snapshot, str):
            if snapshot not in self.snapshots:
                name = snapshot
                raise UnknownNameError(name, lambda: f"no snapshot {name!r}; {nearest(name, self.snapshots)}")
            snapshot = self.snapshots[snapshot]
        restore(self, snapshot)

    # Files

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write everything that `snapshot` takes into one file, a ZIP archive (`fakes3part.snapshots.archive` tells its format).

        Functions of Object Lambda are not in it. A file that is there is replaced, when all is written.

        Raises:
            OSError: it cannot be written.
        """
        from ..snapshots.archive import save

        save(self, path)

    load = _Load()

    def seed(self, content: Content) -> None:
        """Put objects: ``fakes3.seed({"bucket": {"key": b"bytes", "k2": {"Body": "text", "Metadata": {...}}}})``.

        Buckets that are not there are created. Everything is checked and computed as PutObject does, by the bucket's owner.

        Args:
            content: bucket -> key -> bytes, text (stored in UTF-8), a path to a file, or the arguments of boto3's
                ``put_object`` as a dict, whose ``Body`` is any of those.

        Raises:
            TypeError: a value is nothing of that; nothing was stored then.
            fakes3part.S3Error: as S3 would answer; what came before it is stored.
            botocore.exceptions.ParamValidationError: as boto3 would raise it.
        """
        from ..seeding.objects import seed

        seed(self, content)

    def seed_directory(self, path: str | os.PathLike[str], bucket: str, prefix: str = "", *, hidden: bool = False) -> int:
        """Put a file of a directory under each key: ``prefix`` and its path with ``/``.

        No file is read before its content, ETag or checksum is asked for; no content is kept in memory. A file that changes after
        this call raises `fakes3part.state.file_data.FileChangedError` wherever its content would be needed: objects never change.
        ContentType is guessed from the name, as the AWS CLI does. Empty directories are nothing to S3. Links to directories
        are not followed, and those to files only if they stay within ``path``.

        Args:
            bucket: created if it is not there.
            hidden: whether to take files and directories whose name begins with a dot.

        Returns:
            how many objects that makes.

        Raises:
            OSError: there is no such directory.
            ValueError: a name that is no UTF-8.
            fakes3part.S3Error: a path of more than 1,024 bytes, or what else PutObject refuses.
        """
        from ..seeding.directories import map_directory

        return map_directory(self, path, bucket, prefix, hidden=hidden)

    def dump(self, path: str | os.PathLike[str]) -> None:
        """Write the current objects into a directory for each bucket, ``path/bucket/key``. Only their bytes: `save` keeps all.

        Keys that are no file names (``a//b``, ``../b``, ``a/``, parts of more than 255 bytes), or that differ from others only in
        case, and keys beneath others (``a`` and ``a/b``) go to ``path/.renamed/``; ``path/.fakes3part.json`` tells where.

        Args:
            path: made if it is not there.

        Raises:
            FileExistsError: it is not empty.
            OSError: it cannot be written.
        """
        from ..seeding.directories import dump

        dump(self.store.copy(), path)

    # Other processes

    @property
    def endpoint_url(self) -> str:
        """The URL of a server of this fake, on 127.0.0.1, for programs in any language.

        It is started at the first look, and stopped by `close`, by the end of ``with fakes3``, or of the process.
        """
        return self._running().url

    def environment(self) -> Mapping[str, str]:
        """Environment variables that send AWS's SDKs and the AWS CLI of another process to `endpoint_url`.

        ``subprocess.run([...], env={**os.environ, **fakes3.environment()})``
        """
        return {
            **self._running().environment(),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",  # else the first one would count for nothing
        }

    def close(self) -> None:
        """Stop the server of `endpoint_url`, if there is one. Twice is once; all else goes on, and a look starts another."""
        with self.snapshot_lock:
            server, self._server = self._server, None
        if server is not None:
            atexit.unregister(server.stop)
            server.stop()

    def _hold(self) -> None:
        """Somebody uses this fake until `_let_go`: the last one ends its server."""
        with self.snapshot_lock:
            self._entered += 1

    def _let_go(self) -> None:
        with self.snapshot_lock:
            self._entered -= 1
            is_last = self._entered == 0
        if is_last:
            self.close()

    def _running(self) -> HttpServer:
        with self.snapshot_lock:
            if self._server is None:
                from ..server.http_server import HttpServer

                self._server = HttpServer(self).start()
                atexit.register(self._server.stop)  # who forgets it leaves no socket to the garbage collector
            return self._server
