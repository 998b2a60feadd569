"""A bucket: its configuration, its objects under a sorted index, its open uploads, its lock.

Every method is called with ``lock`` held. Bodies are read and hashed outside it.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

from sortedcontainers import SortedDict

from ..locks import new_rlock
from .access_control import PublicAccessBlock, combined
from .bucket_configuration import BucketConfiguration
from .objects import Part, Version
from .sorted_index import Index, merged
from .usage import Usage, size_of_upload, size_of_version
from .versions import Versions

if TYPE_CHECKING:
    from .analytics import AnalyticsActivity
    from .directory_bucket import Directory
    from .metadata_tables import MetadataTable
    from .metrics import MetricSums
    from .uploads import CompletedUpload, Upload

MAX_COMPLETED_UPLOADS, MAX_CLOSED_UPLOADS = 1_000, 10_000
"""How many finished uploads are remembered: to repeat the response of CompleteMultipartUpload, and as listing markers."""

T = TypeVar("T")


def _remember(values: dict[str, T], name: str, value: T, limit: int) -> None:
    """Add a value, and remove the oldest one if there are more than ``limit``."""
    values[name] = value
    if len(values) > limit:
        del values[next(iter(values))]


GENERAL_PURPOSE = "general purpose"
DIRECTORY = "directory"
OUTPOSTS = "Outposts"
KINDS = (GENERAL_PURPOSE, DIRECTORY, OUTPOSTS)


@dataclass(slots=True, eq=False)
class Bucket(BucketConfiguration):
    """A bucket, with its configuration in the inherited fields.

    Copies of a bucket share its containers until one of them changes one (copy on write). A bucket has its own ``epoch``, and a
    new one after it was copied; `Versions` and `Upload` values with another epoch are copied before they are changed.

    Attributes:
        account: the id of the owner's account.
        objects: key -> its current version. Keys whose current version is a delete marker are not in it.
        versions_by_key: key -> all its versions, oldest first; only of keys that have more than one current object, so that an
            object without other versions costs one entry and not two.
        uploads: the open multipart uploads by id.
        uploads_by_key: the same by key and sequence number, the order in which S3 lists them.
        completed_uploads: by id: what is needed to repeat the response of a CompleteMultipartUpload.
        closed_uploads: by id: the key and sequence number of uploads that were completed or aborted.
        deleted: the bucket was deleted. (Requests that are running may still hold it.)
        sequence: the last sequence number of an upload.
        public_access_blocks: of accounts, by id; shared with the store.
        kind: one of `KINDS`.
        zone: the zone of a directory bucket, as in ``usw2-az1``; None for other buckets.
        directory: what only directory buckets have; None for other buckets.
        outpost: the id of the Outpost that the bucket is on; None for other buckets.
        default_fields: the fields of the configuration that have S3's default because no request has put or deleted them; of
            those only where the default changed in April 2023.
        metadata_tables: the metadata tables that exist, by name. The mapping is replaced, never changed.
        metric_sums: by id of the metrics configuration: what it has counted (`fakes3part.effects.metrics`).
        analytics_activity: by id of the analytics configuration: the accesses of the present day
            (`fakes3part.effects.analytics`).
        usage: counts the bytes of all buckets of the store; None: they are not limited. Everything below that stores something
            raises its error if they would be too many, and has changed nothing then.
        shares_uploads: whether a copy of the bucket has the same four containers of uploads.
    """

    name: str
    account: str
    region: str
    created: datetime
    objects: Index[Version] = field(default_factory=Index)
    versions_by_key: Index[Versions] = field(default_factory=Index)
    uploads: dict[str, Upload] = field(default_factory=dict)
    uploads_by_key: SortedDict[tuple[str, int], Upload] = field(default_factory=SortedDict)
    completed_uploads: dict[str, CompletedUpload] = field(default_factory=dict)
    closed_uploads: dict[str, tuple[str, int]] = field(default_factory=dict)
    deleted: bool = False
    sequence: int = 0
    public_access_blocks: Mapping[str, PublicAccessBlock] = field(default_factory=dict)
    kind: str = GENERAL_PURPOSE
    zone: str | None = None
    directory: Directory | None = None
    outpost: str | None = None
    default_fields: tuple[str, ...] = ("ownership", "public_access_block")
    metadata_tables: Mapping[str, MetadataTable] = field(default_factory=dict)
    metric_sums: Mapping[str, MetricSums] = field(default_factory=dict)
    analytics_activity: Mapping[str, AnalyticsActivity] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=new_rlock)
    epoch: object = field(default_factory=object)
    shares_uploads: bool = False
    usage: Usage | None = None

    @property
    def effective_public_access_block(self) -> PublicAccessBlock | None:
        """The public access block of the bucket combined with that of its account; None: neither has one."""
        if not self.public_access_blocks:
            return self.public_access_block
        return combined(self.public_access_block, self.public_access_blocks.get(self.account))

    def set_configuration(self, field: str, value: object) -> None:
        """Set a field of the configuration, which is explicit from then on."""
        setattr(self, field, value)
        if field in self.default_fields:
            self.default_fields = tuple(name for name in self.default_fields if name != field)

    # Objects

    def versions(self, key: str) -> Versions:
        """Return the versions of a key by id, oldest first, delete markers included."""
        versions = self.versions_by_key.get(key)
        if versions is not None:
            return versions
        current = self.objects.get(key)
        return Versions() if current is None else Versions({current.id: current})

    def current(self, key: str) -> Version | None:
        """Return the newest version of a key, which may be a delete marker; None: the key has no version."""
        current = self.objects.get(key)
        if current is not None:
            return current
        versions = self.versions_by_key.get(key)
        return versions.newest if versions else None

    def version(self, key: str, version_id: str) -> Version | None:
        """Return one version of a key; None: there is no such version."""
        versions = self.versions_by_key.get(key)
        if versions is not None:
            return versions.get(version_id)
        current = self.objects.get(key)
        return current if current is not None and current.id == version_id else None

    def store(self, version: Version) -> None:
        """Store a version as the newest of its key; it replaces one of the same id (``null`` by ``null``)."""
        if self.usage is not None:
            self.usage.add(self._growth(version))
        key, is_delete_marker = version.key, version.data is None
        current = self.objects.get(key)
        if is_delete_marker or key in self.versions_by_key or (current is not None and current.id != version.id):
            self._writable_versions(key).put(version)
        if is_delete_marker:
            self.objects.pop(key)
        else:
            self.objects[key] = version
        if self.uploads:
            self._mark_uploads(key, deleted=is_delete_marker)

    def insert(self, version: Version) -> None:
        """Store a version among those of its key by its time: a replica may arrive when there are newer ones."""
        key, current = version.key, self.current(version.key)
        if current is None or current.last_modified <= version.last_modified:
            self.store(version)
            return
        if self.usage is not None:
            self.usage.add(self._growth(version))
        ordered = [other for other in self.versions(key).values() if other.id != version.id]
        ordered.insert(bisect_right(ordered, version.last_modified, key=lambda other: other.last_modified), version)
        versions = Versions((other.id, other) for other in ordered)
        versions.epoch = self.epoch
        self.versions_by_key[key] = versions

    def remove(self, key: str, version_id: str) -> Version | None:
        """Remove a version permanently and return it; None: there is no such version. The one before it becomes the newest."""
        removed = self.version(key, version_id)
        if removed is None:
            return None
        if self.usage is not None:
            self.usage.add(-size_of_version(removed))
        versions = self.versions_by_key.get(key)
        newest = None
        if versions is not None:
            versions = self._writable_versions(key)
            versions.remove(version_id)
            newest = versions.newest
            if newest is None:
                self.versions_by_key.pop(key)
        if newest is None or newest.is_delete_marker:
            self.objects.pop(key)
        else:
            self.objects[key] = newest
        if self.uploads:
            self._mark_uploads(key, deleted=True)
        return removed

    def replace(self, version: Version) -> None:
        """Replace the version of the same key and id, by one with another ACL for example."""
        if self.usage is not None and self.version(version.key, version.id) is not None:
            self.usage.add(self._growth(version))
        current = self.objects.get(version.key)
        if current is not None and current.id == version.id:
            self.objects[version.key] = version
        if version.key in self.versions_by_key:
            self._writable_versions(version.key)[version.id] = version

    def _writable_versions(self, key: str) -> Versions:
        """Return the versions of a key for changing: they are in `versions_by_key`, and shared with no other bucket."""
        versions = self.versions(key)
        if versions.epoch is not self.epoch:
            versions = versions.copy()
            versions.epoch = self.epoch
            self.versions_by_key[key] = versions
        return versions

    def walk(self, start: str, *, inclusive: bool = True) -> Iterator[str]:
        """Yield the keys that have any version, delete markers included, in order from ``start`` on (or after it)."""
        if not self.versions_by_key:
            return self.objects.walk(start, inclusive=inclusive)
        return merged(self.objects.walk(start, inclusive=inclusive), self.versions_by_key.walk(start, inclusive=inclusive))

    def discard(self, keys: Iterable[str]) -> list[str]:
        """Remove keys in a bucket that never had versioning; return those that existed."""
        keys = list(keys)
        sizes = {} if self.usage is None else {key: size_of_version(self.objects.get(key)) for key in keys}
        removed = self.objects.discard(keys)
        if self.usage is not None:
            self.usage.add(-sum(sizes[key] for key in removed))
        if self.uploads:
            for key in removed:
                self._mark_uploads(key, deleted=True)
        return removed

    def _mark_uploads(self, key: str, *, deleted: bool) -> None:
        """Record on the key's open uploads that it was written or deleted: a conditional CompleteMultipartUpload checks that."""
        for order in list(self.uploads_by_key.irange((key, 0), (key, self.sequence))):
            upload = self._writable_upload(self.uploads_by_key[order])
            upload.deleted_since |= deleted
            upload.written_since |= not deleted

    def rename(self, version: Version, key: str) -> None:
        """Give an object of a bucket without versioning another key; it replaces the object there."""
        with self._counted(-size_of_version(self.objects.get(key))):
            self.store(replace(version, key=key))
            self.remove(version.key, version.id)

    # Bytes

    @property
    def size(self) -> int:
        """How many bytes are stored in all versions, parts and annotations, save those of mapped files."""
        versions = chain.from_iterable(versions.values() for versions in self.versions_by_key.values.values())
        others = (version for key, version in self.objects.values.items() if key not in self.versions_by_key)
        return sum(map(size_of_version, chain(versions, others))) + sum(map(size_of_upload, self.uploads.values()))

    def _growth(self, version: Version) -> int:
        """Return how many bytes more are stored if a version replaces the one of its key and id."""
        return size_of_version(version) - size_of_version(self.version(version.key, version.id))

    def stop_counting(self) -> None:
        """Count the bytes of this bucket, which is deleted, no longer."""
        if self.usage is not None:
            self.usage.add(-self.size)
            self.usage = None

    @contextmanager
    def _counted(self, growth: int) -> Iterator[None]:
        """Count several changes as one, so that other requests cannot take the bytes that are free in between.

        Raises:
            Exception: that of `usage`.
        """
        usage = self.usage
        if usage is not None:
            usage.add(growth)
        self.usage = None
        try:
            yield
        finally:
            self.usage = usage

    @property
    def is_empty(self) -> bool:
        return not self.objects and not self.versions_by_key

    # Uploads

    def open_upload(self, upload: Upload) -> None:
        """Add an open upload."""
        self._unshare_uploads()
        upload.epoch = self.epoch
        self.uploads[upload.id] = upload
        self.uploads_by_key[upload.order] = upload

    def put_part(self, upload: Upload, part: Part) -> None:
        """Store a part; it replaces one of the same number."""
        if self.usage is not None:
            replaced = upload.parts.get(part.number)
            self.usage.add(part.data.memory - (0 if replaced is None else replaced.data.memory))
        self._writable_upload(upload).parts[part.number] = part

    def close_upload(self, upload: Upload) -> None:
        """Remove an upload that was completed or aborted from the open ones."""
        if self.usage is not None:
            self.usage.add(-size_of_upload(upload))
        self._unshare_uploads()
        del self.uploads[upload.id]
        del self.uploads_by_key[upload.order]
        _remember(self.closed_uploads, upload.id, upload.order, MAX_CLOSED_UPLOADS)

    def complete_upload(self, upload: Upload, version: Version) -> None:
        """Remove an upload, and store its object."""
        growth = 0 if self.usage is None else self._growth(version) - size_of_upload(upload)
        with self._counted(growth):
            self.close_upload(upload)
            self.store(version)

    def remember_completed(self, upload_id: str, completed: CompletedUpload) -> None:
        """Remember the response of a CompleteMultipartUpload, to repeat it for the same request."""
        self._unshare_uploads()
        _remember(self.completed_uploads, upload_id, completed, MAX_COMPLETED_UPLOADS)

    def next_sequence(self) -> int:
        """Return the sequence number of a new upload."""
        self.sequence += 1
        return self.sequence

    def _unshare_uploads(self) -> None:
        """Copy the containers of uploads, if a copy of the bucket has the same ones."""
        if self.shares_uploads:
            self.uploads, self.uploads_by_key = self.uploads.copy(), self.uploads_by_key.copy()
            self.completed_uploads, self.closed_uploads = self.completed_uploads.copy(), self.closed_uploads.copy()
            self.shares_uploads = False

    def _writable_upload(self, upload: Upload) -> Upload:
        """Return an upload of this bucket for changing: it is shared with no other bucket."""
        if upload.epoch is not self.epoch:
            self._unshare_uploads()
            upload = upload.copy()
            upload.epoch = self.epoch
            self.uploads[upload.id] = self.uploads_by_key[upload.order] = upload
        return upload

    # Copies

    def copy(self) -> Bucket:
        """Return a bucket of the same state with its own lock; its containers are shared until one of the two changes them."""
        with self.lock:
            copied = Bucket.__new__(Bucket)
            for name in _FIELDS:
                setattr(copied, name, getattr(self, name))
            copied.objects, copied.versions_by_key = self.objects.copy(), self.versions_by_key.copy()
            copied.shares_uploads = self.shares_uploads = True
            self.epoch, copied.epoch = object(), object()
            copied.directory = None if self.directory is None else self.directory.copy()
            copied.lock = new_rlock()
            copied.usage = None
            return copied


_FIELDS = tuple(field.name for field in fields(Bucket))
