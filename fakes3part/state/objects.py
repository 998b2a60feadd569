"""Versions of objects: immutable, with their bytes in shared segments.

A `Version` is never changed once it is stored; a change makes a new one (`dataclasses.replace`). So versions, copies and
snapshots share everything, and a reader never sees half a write. (It is no frozen dataclass because every upload makes one, and
a frozen one takes three times as long to make.)
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..message import Buffer, Segments
from .access_control import Acl
from .encryption import SSE_S3, Encryption

if TYPE_CHECKING:
    from .replication import ReplicationState

NULL = "null"
"""The id of versions that are written while the bucket's versioning is not enabled."""

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(slots=True)
class Checksum:
    """An additional checksum (``x-amz-checksum-*``).

    Attributes:
        algorithm: ``CRC32`` ...
        value: in base64; a composite one has a ``-N`` suffix, the number of parts.
        type: ``COMPOSITE`` or ``FULL_OBJECT``.
    """

    algorithm: str
    value: str
    type: str = "FULL_OBJECT"


class Data:
    """The bytes of an object or part: segments in order, never joined, with the digests that were computed so far.

    It is shared between versions and copies, and so are its digests. S3 gives every object a CRC64NVME that few tests read: it
    is computed when it is read, not at the upload.
    """

    __slots__ = ("_ends", "digests", "segments", "size")

    def __init__(self, segments: Segments, digests: dict[str, str] | None = None) -> None:
        self.segments = segments
        self.size = len(segments[0]) if len(segments) == 1 else sum(map(len, segments))
        self.digests: dict[str, str] = {} if digests is None else digests
        self._ends: list[int] | None = None

    @property
    def memory(self) -> int:
        """How many bytes of it are in memory."""
        return self.size

    @property
    def is_opaque(self) -> bool:
        """Whether it is not hashed unless a client wants a checksum: synthetic data of many bytes."""
        return False

    def cut(self, start: int, stop: int) -> Data:
        """Return the range ``[start, stop)`` as data. No bytes are copied."""
        return Data(tuple(self.slice(start, stop)))

    def slice(self, start: int, stop: int) -> Segments:
        """Return the segments of ``[start, stop)``. Part of a segment is a memoryview of it: no bytes are copied.

        It costs O(log segments + segments in the range), however large the object is.
        """
        if start == 0 and stop == self.size:
            return list(self.segments)
        if start >= stop:
            return []
        if self._ends is None:
            self._ends = list(accumulate(map(len, self.segments)))
        ends = self._ends
        index = bisect_right(ends, start)
        cut: list[Buffer] = []
        while start < stop:
            segment = self.segments[index]
            begin = ends[index] - len(segment)
            end = min(stop, ends[index])
            is_whole_segment = begin == start and end == ends[index]
            cut.append(segment if is_whole_segment else memoryview(segment)[start - begin : end - begin])
            start = end
            index += 1
        return cut

    def __repr__(self) -> str:
        return f"<Data of {self.size} bytes in {len(self.segments)} segments>"


@dataclass(slots=True)
class Part:
    """A part of an upload. ``checksum`` is the one that the client sent or the upload's algorithm requires; None: neither."""

    number: int
    data: Data
    etag: str
    last_modified: datetime
    checksum: Checksum | None = None

    @property
    def size(self) -> int:
        return self.data.size


@dataclass(frozen=True, slots=True)
class ObjectPart:
    """A part of a completed object: its size, and the checksum that ListParts had for it (None: it had none)."""

    size: int
    checksum: Checksum | None = None


@dataclass(frozen=True, slots=True)
class ObjectProperties:
    """The properties of an object that PutObject, CopyObject or CreateMultipartUpload set.

    Attributes:
        system: the content headers by their AWS member names (``ContentType`` ...).
        metadata: the ``x-amz-meta-`` headers, by lower-case names without the prefix.
        tags: the tag set.
        redirect: the ``x-amz-website-redirect-location``; None: it was not set.
    """

    system: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    metadata: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    tags: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    storage_class: str = "STANDARD"
    redirect: str | None = None


@dataclass(frozen=True, slots=True)
class Lock:
    """The Object Lock of a version: retention (``mode`` GOVERNANCE or COMPLIANCE, and ``until``), legal hold, or both.

    ``mode`` and ``until`` are None without retention.
    """

    mode: str | None = None
    until: datetime | None = None
    legal_hold: str | None = None
    """``ON`` or ``OFF``; None: it was never set."""


@dataclass(frozen=True, slots=True)
class Restore:
    """The restored copy of an archived version: it is available from ``ready`` until ``expires``."""

    ready: datetime
    expires: datetime


@dataclass(frozen=True, slots=True)
class TieringState:
    """What moves a version of INTELLIGENT_TIERING between access tiers.

    Attributes:
        reference: when the version was last read, or came into the storage class; days without access count from here.
        archive: the archive tier that it is in, ``ARCHIVE_ACCESS`` or ``DEEP_ARCHIVE_ACCESS``; None: in none.
        ready: when a restore from the archive tier will be (or was) complete; None: it is not being restored.
    """

    reference: datetime
    archive: str | None = None
    ready: datetime | None = None


@dataclass(frozen=True, slots=True)
class Annotation:
    """An annotation of a version: a payload with a name."""

    name: str
    data: Data
    etag: str
    last_modified: datetime
    checksum: Checksum


@dataclass(slots=True)
class Version:
    """A version of an object, or a delete marker.

    Attributes:
        owner: the id of an account; '' for an anonymous writer.
        etag: without quotes.
        data: None: a delete marker.
        checksum: None: the one that S3 computes by default has not been read yet, or the version is a delete marker.
        parts: of an object that was uploaded in parts.
        acl: None: the default ACL.
        lock: None: neither retention nor legal hold.
        restore: None: no restored copy.
        annotations: by name; None: none.
        replication: None: no replication rule selected it, and it is no replica.
        tiering: None: the version was not read since it was written, or is not in INTELLIGENT_TIERING.
        size: of ``data``, here too because the listing of a large bucket would otherwise fetch the `Data` of each object.
    """

    key: str
    id: str
    last_modified: datetime
    owner: str
    etag: str = ""
    data: Data | None = None
    properties: ObjectProperties = field(default_factory=ObjectProperties)
    checksum: Checksum | None = None
    parts: tuple[ObjectPart, ...] = ()
    encryption: Encryption = SSE_S3
    acl: Acl | None = None
    lock: Lock | None = None
    restore: Restore | None = None
    annotations: Mapping[str, Annotation] | None = None
    replication: ReplicationState | None = None
    tiering: TieringState | None = None
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.size = self.data.size if self.data is not None else 0

    @property
    def is_delete_marker(self) -> bool:
        return self.data is None
