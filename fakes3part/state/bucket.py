"""One bucket: its objects under a sorted index, its open uploads, its lock.

Every method is called with ``lock`` held; hashing and reading of bodies happen outside it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sortedcontainers import SortedDict

from .access import BUCKET_OWNER, ENFORCED, EVERYTHING, Acl, PublicAccessBlock
from .encryption import BucketEncryption
from .index import Index
from .objects import Version
from .uploads import Completed, Upload


@dataclass(slots=True, eq=False)
class Bucket:
    """A general purpose bucket.

    ``live`` maps each key to its current version (never a delete marker). ``history`` holds the keys that there is more to
    tell of than one live version: all their versions, oldest first. So what has no versions costs one entry, not two.

    ``policy`` is the text as it was put; ``ownership`` None: its ownership controls were deleted, which leaves ACLs enabled.
    """

    name: str
    account: str
    region: str
    created: datetime
    versioning: str | None = None
    live: Index[Version] = field(default_factory=Index)
    history: Index[dict[str, Version]] = field(default_factory=Index)
    uploads: dict[str, Upload] = field(default_factory=dict)
    uploads_by_key: SortedDict[tuple[str, int], Upload] = field(default_factory=SortedDict)
    completed: dict[str, Completed] = field(default_factory=dict)
    deleted: bool = False
    sequence: int = 0
    encryption: BucketEncryption | None = None
    policy: str | None = None
    acl: Acl | None = None
    ownership: str | None = ENFORCED
    public_access_block: PublicAccessBlock | None = EVERYTHING
    payer: str = BUCKET_OWNER
    lock: threading.RLock = field(default_factory=threading.RLock)

    # Objects

    def versions(self, key: str) -> dict[str, Version]:
        """Every version of a key by its id, oldest first, delete markers included."""
        versions = self.history.get(key)
        if versions is not None:
            return versions
        live = self.live.get(key)
        return {} if live is None else {live.id: live}

    def current(self, key: str) -> Version | None:
        """The newest version of a key, which may be a delete marker."""
        live = self.live.get(key)
        if live is not None:
            return live
        versions = self.history.get(key)
        return next(reversed(versions.values())) if versions else None

    def version(self, key: str, version_id: str) -> Version | None:
        versions = self.history.get(key)
        if versions is not None:
            return versions.get(version_id)
        live = self.live.get(key)
        return live if live is not None and live.id == version_id else None

    def store(self, version: Version) -> None:
        """Make this the key's newest version; one of the same id (``null`` over ``null``) is replaced."""
        key = version.key
        live = self.live.get(key)
        if version.is_delete_marker or key in self.history or (live is not None and live.id != version.id):
            versions = self.versions(key)
            versions.pop(version.id, None)
            versions[version.id] = version
            self.history[key] = versions
        if version.is_delete_marker:
            self.live.pop(key)
        else:
            self.live[key] = version
        if self.uploads:
            self._tell_uploads(key, deleted=version.is_delete_marker)

    def remove(self, key: str, version_id: str) -> Version | None:
        """Forget one version for good; the one before it, if any, becomes the newest."""
        removed = self.version(key, version_id)
        if removed is None:
            return None
        versions = self.history.get(key)
        newest = None
        if versions is not None:
            del versions[version_id]
            newest = next(reversed(versions.values()), None)
            if newest is None:
                self.history.pop(key)
        if newest is None or newest.is_delete_marker:
            self.live.pop(key)
        else:
            self.live[key] = newest
        if self.uploads:
            self._tell_uploads(key, deleted=True)
        return removed

    def replace(self, version: Version) -> None:
        """Put a changed version (another ACL) in the place of the one of its key and id."""
        live, versions = self.live.get(version.key), self.history.get(version.key)
        if live is not None and live.id == version.id:
            self.live[version.key] = version
        if versions is not None:
            versions[version.id] = version

    def discard(self, keys: Iterable[str]) -> None:
        """Forget keys, in a bucket that never had versioning."""
        there = self.live.discard(keys)
        if self.uploads:
            for key in there:
                self._tell_uploads(key, deleted=True)

    def _tell_uploads(self, key: str, *, deleted: bool) -> None:
        """Leave word with the key's open uploads, whose Complete may be conditional on nothing having happened."""
        for order in self.uploads_by_key.irange((key, 0), (key, self.sequence)):
            upload = self.uploads_by_key[order]
            upload.deleted_since |= deleted
            upload.written_since |= not deleted

    @property
    def is_empty(self) -> bool:
        return not self.live and not self.history

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
            twin.history = Index({key: dict(versions) for key, versions in self.history.values.items()})
            twin.uploads = {upload.id: upload.copy() for upload in self.uploads.values()}
            twin.uploads_by_key = SortedDict((upload.order, upload) for upload in twin.uploads.values())
            twin.completed = dict(self.completed)
            twin.sequence = self.sequence
            twin.encryption = self.encryption
            twin.policy = self.policy
            twin.acl = self.acl
            twin.ownership = self.ownership
            twin.public_access_block = self.public_access_block
            twin.payer = self.payer
            return twin
