"""The methods of `FakeS3` for its state as a whole: snapshots, archives, seeding, inspection, endpoint."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, overload

from ..argument_checks import check_path, check_text, wrong
from ..backend import Backend
from ..text import alternatives

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ..inspection.buckets import Buckets
    from ..seeding.objects import Content
    from ..settings import SettingsKwargs
    from ..state.snapshot import Snapshot

F = TypeVar("F", bound="StateMethods")
F_co = TypeVar("F_co", bound="StateMethods", covariant=True)


class _LoadNew(Protocol[F_co]):
    """The type of ``FakeS3.load``."""

    def __call__(self, path: str | os.PathLike[str], **settings: Unpack[SettingsKwargs]) -> F_co: ...


class _Load:
    """The method ``load``: ``FakeS3.load(path, **settings)`` makes a fake, ``fakes3.load(path)`` replaces the state of one."""

    @overload
    def __get__(self, fake: None, cls: type[F]) -> _LoadNew[F]: ...
    @overload
    def __get__(self, fake: F, cls: type[F]) -> Callable[[str | os.PathLike[str]], F]: ...
    def __get__(self, fake: F | None, cls: type[F]) -> Any:
        def load(path: str | os.PathLike[str], **settings: Any) -> F:
            """Load what `save` wrote. In an existing fake all buckets and KMS keys are replaced; accounts stay.

            Args:
                path: the file.
                settings: settings of a new fake. Region and account are those of the saved fake, if not given.

            Returns:
                the fake.

            Raises:
                fakes3part.snapshots.archive.ArchiveError: there is no such file, or it is damaged; nothing has changed then.
                OSError: it cannot be read.
            """
            from ..snapshots import archive

            check_path(path=path)
            if fake is not None and settings:
                raise TypeError("load() takes no settings for an existing fake; FakeS3.load(path, **settings) makes a new one")
            loaded = cls(**{**archive.read_settings(path), **settings}) if fake is None else fake
            archive.load(loaded, path)
            return loaded

        return load


class StateMethods(Backend):
    """Methods of `FakeS3` for snapshots, archives, seeding, inspection, and the server for other processes."""

    @property
    def buckets(self) -> Buckets:
        """The state, read-only: ``fakes3.buckets["b"].objects["k"].versions[0].data``, ``.uploads[id].parts[3].size``.

        An unknown name raises a KeyError that suggests similar names.
        """
        from ..inspection.buckets import Buckets

        return Buckets(lambda: self.store, self.clock.now)

    # Metadata tables

    def metadata_table(self, bucket: str, table: str) -> list[dict[str, Any]]:
        """Return the rows of a metadata table (S3 Metadata) that the bucket's metadata configuration has made.

        Args:
            bucket: its name.
            table: ``journal`` (oldest record first), ``inventory``, ``annotation``, or the table of a V1 configuration.

        Returns:
            a dictionary of columns for each row; null is None, timestamps are in UTC. Inventory and annotation tables are empty
            until their status is ACTIVE, 15 minutes after they were enabled.

        Raises:
            KeyError: there is no such bucket, or it has no such table.
        """
        from ..effects.metadata_table_rows import metadata_rows

        return metadata_rows(self.store, bucket, table, self.clock.now())

    def delete_metadata_table(self, bucket: str, table: str) -> None:
        """Delete a metadata table, as S3 Tables' DeleteTable does. S3 never deletes one, not even with its configuration.

        Args:
            bucket: its name.
            table: as for `metadata_table`.

        Raises:
            KeyError: there is no such bucket, or it has no such table.
        """
        from ..effects.metadata_table_rows import delete_metadata_table

        delete_metadata_table(self.store, bucket, table)

    # Snapshots

    def snapshot(self, name: str | None = None) -> Snapshot:
        """Return a snapshot of the state for `restore`: buckets with their content, KMS keys, Object Lambda, state of the clock.

        It shares its content with the fake (copy on write): one of 10,000 objects takes less than a millisecond. With a ``seed``
        it also holds which ids come next. Settings, accounts, users and access keys are not in it: they stay as they are.

        Args:
            name: to restore it by, in place of an earlier snapshot of this name; None: it has no name.
        """
        from ..snapshots.snapshot import take

        check_text(name=name)
        return take(self, name)

    def restore(self, snapshot: Snapshot | str) -> None:
        """Restore a snapshot, or the one of this name. It can be restored any number of times.

        Requests that are running in other threads finish on the state in which they began.

        Raises:
            KeyError: there is no snapshot of this name.
            ValueError: it is neither a snapshot nor a name.
        """
        from ..inspection.mappings import UnknownNameError
        from ..snapshots.snapshot import restore
        from ..state.snapshot import Snapshot

        if isinstance(snapshot, str):
            if snapshot not in self.snapshots:
                name = snapshot
                raise UnknownNameError(name, lambda: f"there is no snapshot {name!r}; {alternatives(name, self.snapshots)}")
            snapshot = self.snapshots[snapshot]
        elif not isinstance(snapshot, Snapshot):
            raise wrong("snapshot", "what snapshot() returned, or the name of a snapshot", snapshot)
        restore(self, snapshot)

    # Files

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write everything that `snapshot` holds into one ZIP file (format: `fakes3part.snapshots.archive`).

        Functions of Object Lambda are not in it. An existing file is replaced only after all was written.

        Raises:
            OSError: it cannot be written, as the disk is full for example; an existing file stays as it is.
        """
        from ..snapshots.archive import save

        check_path(path=path)
        save(self, path)

    load = _Load()

    def seed(self, content: Content) -> None:
        """Put objects: ``fakes3.seed({"bucket": {"key": b"bytes", "k2": {"Body": "text", "Metadata": {...}}}})``.

        Missing buckets are created. Objects are checked and stored as PutObject by the bucket's owner does.

        Args:
            content: bucket -> key -> bytes, text (stored in UTF-8), a path to a file, `Synthetic` bytes that take no memory, or
                the arguments of boto3's ``put_object`` as a dict, whose ``Body`` is any of those. Instead of keys and objects, a
                bucket can have a `KeyRange` or an `ObjectRange`: a rule for any number of objects.

        Raises:
            TypeError: a value has another type; nothing was stored then.
            ValueError: the keys of a rule are not sorted (nothing was stored then), or one of them is in the bucket already.
            fakes3part.S3Error: S3 refuses an object; those before it are stored.
            botocore.exceptions.ParamValidationError: boto3 refuses an argument.
        """
        from ..seeding.objects import seed

        if not isinstance(content, Mapping):
            raise wrong("content", 'a dictionary such as {"bucket": {"key": b"bytes"}}', content)
        seed(self, content)

    def seed_directory(self, path: str | os.PathLike[str], bucket: str, prefix: str = "", *, hidden: bool = False) -> int:
        """Put each file of a directory as an object; its key is ``prefix`` and the file's path with ``/``.

        A file is read only when its content, ETag or checksum is needed; no content is kept in memory. A file that changes later
        raises `fakes3part.state.file_data.FileChangedError` where its content is needed. ContentType is guessed from the name, as
        the AWS CLI does. Empty directories are skipped. Links to directories are not followed, and those to files only if they
        stay within ``path``.

        Args:
            bucket: its name; it is created if it does not exist.
            hidden: whether to take files and directories whose name begins with a dot.

        Returns:
            the number of objects.

        Raises:
            OSError: there is no such directory.
            ValueError: a file name is not UTF-8.
            fakes3part.S3Error: PutObject refuses an object, such as one with a key of more than 1,024 bytes.
        """
        from ..seeding.directories import map_directory

        check_path(path=path)
        check_text(bucket=bucket, prefix=prefix)
        return map_directory(self, path, bucket, prefix, hidden=hidden)

    def dump(self, path: str | os.PathLike[str]) -> None:
        """Write the bytes of all current objects to ``path/bucket/key``. (`save` writes the whole state.)

        Keys that cannot be file names (``a//b``, ``../b``, ``a/``, parts of more than 255 bytes), or that differ only in
        case, and keys beneath others (``a`` and ``a/b``) go to ``path/.renamed/``; ``path/.fakes3part.json`` lists them.

        Args:
            path: the directory, created if it does not exist.

        Raises:
            FileExistsError: the directory is not empty.
            OSError: it cannot be written.
        """
        from ..seeding.directories import dump

        check_path(path=path)
        dump(self.store.copy(), path)
