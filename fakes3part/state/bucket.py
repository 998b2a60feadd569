"""One bucket: its objects under a sorted index, its open uploads, its lock.

Every method is called with ``lock`` held; hashing and reading of bodies happen outside it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sortedcontainers import SortedDict

from .objects import Version
from .uploads import Completed, Upload


@dataclass(slots=True, eq=False)
class Bucket:
    """A general purpose bucket.

    ``live`` maps each key to its current version (never a delete marker), ``history`` each key to all its versions, oldest
    first. Both are sorted by key: Python orders text by code point, which is the order of its UTF-8 bytes that S3 uses.
    """

    name: str
    account: str
    region: str
    created: datetime
    versioning: str | None = None
    live: SortedDict[str, Version] = field(default_factory=SortedDict)
    history: SortedDict[str, dict[str, Version]] = field(default_factory=SortedDict)
    uploads: dict[str, Upload] = field(default_factory=dict)
    uploads_by_key: SortedDict[tuple[str, int], Upload] = field(default_factory=SortedDict)
    completed: dict[str, Completed] = field(default_factory=dict)
    deleted: bool = False
    sequence: int = 0
    lock: threading.RLock = field(default_factory=threading.RLock)

    # Objects

    def current(self, key: str) -> Version | None:
        """The newest version of a key, which may be a delete marker."""
        live: Version | None = self.live.get(key)
        if live is not None:
            return live
        versions = self.history.get(key)
        newest: Version | None = next(reversed(versions.values())) if versions else None
        return newest

    def version(self, key: str, version_id: str) -> Version | None:
        found: Version | None = self.history.get(key, {}).get(version_id)
        return found

    def store(self, version: Version) -> None:
        """Make this the key's newest version; one of the same id (``null`` over ``null``) is replaced."""
        versions = self.history.setdefault(version.key, {})
        versions.pop(version.id, None)
        versions[version.id] = version
        if version.is_delete_marker:
            self.live.pop(version.key, None)
        else:
            self.live[version.key] = version
        if self.uploads:
            self._tell_uploads(version.key, deleted=version.is_delete_marker)

    def remove(self, key: str, version_id: str) -> Version | None:
        """Forget one version for good; the one before it, if any, becomes the newest."""
        versions = self.history.get(key)
        removed: Version | None = versions.pop(version_id, None) if versions else None
        if versions is None or removed is None:
            return None
        newest = next(reversed(versions.values()), None)
        if newest is None:
            del self.history[key]
            self.live.pop(key, None)
        elif newest.is_delete_marker:
            self.live.pop(key, None)
        else:
            self.live[key] = newest
        if self.uploads:
            self._tell_uploads(key, deleted=True)
        return removed

    def _tell_uploads(self, key: str, *, deleted: bool) -> None:
        """Leave word with the key's open uploads, whose Complete may be conditional on nothing having happened."""
        for order in self.uploads_by_key.irange((key, 0), (key, self.sequence)):
            upload = self.uploads_by_key[order]
            upload.deleted_since |= deleted
            upload.written_since |= not deleted

    @property
    def is_empty(self) -> bool:
        return not self.history

    # Uploads

    def open(self, upload: Upload) -> None:
        self.uploads[upload.id] = upload
        self.uploads_by_key[upload.order] = upload

    def close(self, upload: Upload) -> None:
        del self.uploads[upload.id]
        del self.uploads_by_key[upload.order]

    def next_sequence(self) -> int:
        self.sequence += 1
        return self.sequence

    # Copies

    def copy(self) -> Bucket:
        """A bucket of the same state that shares every version and part; costs metadata only."""
        with self.lock:
            twin = Bucket(self.name, self.account, self.region, self.created, self.versioning)
            twin.live = self.live.copy()
            twin.history = SortedDict((key, dict(versions)) for key, versions in self.history.items())
            twin.uploads = {upload.id: upload.copy() for upload in self.uploads.values()}
            twin.uploads_by_key = SortedDict((upload.order, upload) for upload in twin.uploads.values())
            twin.completed = dict(self.completed)
            twin.sequence = self.sequence
            return twin

    def keys_from(self, start: str, *, inclusive: bool) -> Iterator[str]:
        """The live keys from ``start`` on, in order."""
        return self.live.irange(minimum=start, inclusive=(inclusive, True))  # type: ignore[no-any-return]
