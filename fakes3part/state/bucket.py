"""One bucket: its objects under a sorted index, its open uploads, its lock.

Every method is called with ``lock`` held; hashing and reading of bodies happen outside it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import TypeVar

from sortedcontainers import SortedDict

from .access_control import PublicAccessBlock, stricter
from .bucket_configuration import BucketConfiguration
from .directory_bucket import Directory
from .objects import Part, Version
from .sorted_index import Index, merged
from .uploads import Completed, Upload
from .versions import Versions

COMPLETED, CLOSED = 1_000, 10_000
"""So many uploads that are over are yet known: for a while S3 answers their Complete again, and lists what comes behind them."""

T = TypeVar("T")


def _remember(known: dict[str, T], name: str, value: T, most: int) -> None:
    """Add a value, and forget the oldest where there are too many."""
    known[name] = value
    if len(known) > most:
        del known[next(iter(known))]


GENERAL_PURPOSE = "general purpose"
DIRECTORY = "directory"
OUTPOSTS = "Outposts"
KINDS = (GENERAL_PURPOSE, DIRECTORY, OUTPOSTS)


@dataclass(slots=True, eq=False)
class Bucket(BucketConfiguration):
    """A bucket: a general purpose one, unless ``kind`` says otherwise.

    ``live`` maps each key to its current version (never a delete marker). ``history`` holds the keys that there is more to
    tell of than one live version: all their versions, oldest first. So what has no versions costs one entry, not two.

    Configurations are replaced as a whole, never changed, so that copies of a bucket can share them. They share its containers
    too, until one of them changes one: each bucket has an ``epoch`` of its own, and a new one once it was copied; the `Versions`
    of a key and the `Upload` that have another are not its own, and copied before they are changed.
    """

    name: str
    account: str
    region: str
    created: datetime
    objects: Index[Version] = field(default_factory=Index)
    versions_by_key: Index[Versions] = field(default_factory=Index)
    uploads: dict[str, Upload] = field(default_factory=dict)
    uploads_by_key: SortedDict[tuple[str, int], Upload] = field(default_factory=SortedDict)
    completed: dict[str, Completed] = field(default_factory=dict)
    closed: dict[str, tuple[str, int]] = field(default_factory=dict)
    deleted: bool = False
    sequence: int = 0
    account_blocks: Mapping[str, PublicAccessBlock] = field(default_factory=dict)
    """The store's: those of whole accounts, by id."""
    kind: str = GENERAL_PURPOSE
    zone: str | None = None
    """Of a directory bucket, as in ``usw2-az1``."""
    directory: Directory | None = None
    """What else a directory bucket has."""
    outpost: str | None = None
    """The id of the Outpost that the bucket is on."""
    lock: threading.RLock = field(default_factory=threading.RLock)
    epoch: object = field(default_factory=object)
    shares_uploads: bool = False

    @property
    def blocked(self) -> PublicAccessBlock | None:
        """What is blocked of public access: by the bucket's own configuration, and by its account's."""
        if not self.account_blocks:
            return self.public_access_block
        return stricter(self.public_access_block, self.account_blocks.get(self.account))

    # Objects

    def versions(self, key: str) -> Versions:
        """Every version of a key by its id, oldest first, delete markers included."""
        versions = self.versions_by_key.get(key)
        if versions is not None:
            return versions
        live = self.objects.get(key)
        return Versions() if live is None else Versions({live.id: live})

    def current(self, key: str) -> Version | None:
        """The newest version of a key, which may be a delete marker."""
        live = self.objects.get(key)
        if live is not None:
            return live
        versions = self.versions_by_key.get(key)
        return versions.newest if versions else None

    def version(self, key: str, version_id: str) -> Version | None:
        versions = self.versions_by_key.get(key)
        if versions is not None:
            return versions.get(version_id)
        live = self.objects.get(key)
        return live if live is not None and live.id == version_id else None

    def store(self, version: Version) -> None:
        """Make this the key's newest version; one of the same id (``null`` over ``null``) is replaced."""
        key = version.key
        live = self.objects.get(key)
        if version.is_delete_marker or key in self.versions_by_key or (live is not None and live.id != version.id):
            self._own_versions(key).put(version)
        if version.is_delete_marker:
            self.objects.pop(key)
        else:
            self.objects[key] = version
        if self.uploads:
            self._tell_uploads(key, deleted=version.is_delete_marker)

    def remove(self, key: str, version_id: str) -> Version | None:
        """Forget one version for good; the one before it, if any, becomes the newest."""
        removed = self.version(key, version_id)
        if removed is None:
            return None
        versions = self.versions_by_key.get(key)
        newest = None
        if versions is not None:
            versions = self._own_versions(key)
            versions.take(version_id)
            newest = versions.newest
            if newest is None:
                self.versions_by_key.pop(key)
        if newest is None or newest.is_delete_marker:
            self.objects.pop(key)
        else:
            self.objects[key] = newest
        if self.uploads:
            self._tell_uploads(key, deleted=True)
        return removed

    def replace(self, version: Version) -> None:
        """Put a changed version (another ACL) in the place of the one of its key and id."""
        live = self.objects.get(version.key)
        if live is not None and live.id == version.id:
            self.objects[version.key] = version
        if version.key in self.versions_by_key:
            self._own_versions(version.key)[version.id] = version

    def _own_versions(self, key: str) -> Versions:
        """The versions of a key, to be changed: in the history from now on, and no other bucket's."""
        versions = self.versions(key)
        if versions.epoch is not self.epoch:
            versions = versions.copy()
            versions.epoch = self.epoch
            self.versions_by_key[key] = versions
        return versions

    def walk(self, start: str, *, inclusive: bool = True) -> Iterator[str]:
        """The keys that have any version, delete markers included, in order from ``start`` on (or behind it)."""
        if not self.versions_by_key:
            return self.objects.walk(start, inclusive=inclusive)
        return merged(self.objects.walk(start, inclusive=inclusive), self.versions_by_key.walk(start, inclusive=inclusive))

    def discard(self, keys: Iterable[str]) -> list[str]:
        """Forget keys, in a bucket that never had versioning; those that were there."""
        there = self.objects.discard(keys)
        if self.uploads:
            for key in there:
                self._tell_uploads(key, deleted=True)
        return there

    def _tell_uploads(self, key: str, *, deleted: bool) -> None:
        """Leave word with the key's open uploads, whose Complete may be conditional on nothing having happened."""
        for order in list(self.uploads_by_key.irange((key, 0), (key, self.sequence))):
            upload = self._own_upload(self.uploads_by_key[order])
            upload.deleted_since |= deleted
            upload.written_since |= not deleted

    @property
    def is_empty(self) -> bool:
        return not self.objects and not self.versions_by_key

    # Uploads

    def open(self, upload: Upload) -> None:
        self._own_uploads()
        upload.epoch = self.epoch
        self.uploads[upload.id] = upload
        self.uploads_by_key[upload.order] = upload

    def put_part(self, upload: Upload, part: Part) -> None:
        """Store a part, in the place of one of the same number."""
        self._own_upload(upload).parts[part.number] = part

    def close(self, upload: Upload) -> None:
        self._own_uploads()
        del self.uploads[upload.id]
        del self.uploads_by_key[upload.order]
        _remember(self.closed, upload.id, upload.order, CLOSED)

    def remember(self, upload_id: str, completed: Completed) -> None:
        """Know the answer of a Complete, should the same request come again."""
        self._own_uploads()
        _remember(self.completed, upload_id, completed, COMPLETED)

    def next_sequence(self) -> int:
        self.sequence += 1
        return self.sequence

    def _own_uploads(self) -> None:
        if self.shares_uploads:
            self.uploads, self.uploads_by_key = self.uploads.copy(), self.uploads_by_key.copy()
            self.completed, self.closed = self.completed.copy(), self.closed.copy()
            self.shares_uploads = False

    def _own_upload(self, upload: Upload) -> Upload:
        """An upload of this bucket, to be changed."""
        if upload.epoch is not self.epoch:
            self._own_uploads()
            upload = upload.copy()
            upload.epoch = self.epoch
            self.uploads[upload.id] = self.uploads_by_key[upload.order] = upload
        return upload

    # Copies

    def copy(self) -> Bucket:
        """A bucket of the same state with a lock of its own; whatever is large is shared until one of the two changes it."""
        with self.lock:
            twin = Bucket.__new__(Bucket)
            for name in _FIELDS:
                setattr(twin, name, getattr(self, name))
            twin.objects, twin.versions_by_key = self.objects.copy(), self.versions_by_key.copy()
            twin.shares_uploads = self.shares_uploads = True
            self.epoch, twin.epoch = object(), object()
            twin.directory = None if self.directory is None else self.directory.copy()
            twin.lock = threading.RLock()
            return twin


_FIELDS = tuple(field.name for field in fields(Bucket))
