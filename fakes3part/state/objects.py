"""What a bucket holds under a key: immutable versions, made of shared segments of bytes.

A `Version` is never changed once it is stored; a change makes a new one (`dataclasses.replace`). So versions, copies and
snapshots share everything, and a reader never sees half a write. (By custom, not ``frozen=True``: every upload makes one,
and a frozen dataclass takes three times as long to make.)
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from types import MappingProxyType

from ..message import Buffer, Segments
from .access_control import Acl
from .encryption import SSE_S3, Encryption

NULL = "null"
"""The id of the version that a key has while its bucket's versioning is not enabled."""

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(slots=True)
class Checksum:
    """One additional checksum (``x-amz-checksum-*``): ``algorithm`` as in ``CRC32``, ``type`` COMPOSITE or FULL_OBJECT.

    ``value`` is base64; a composite one carries its ``-N`` (parts) suffix.
    """

    algorithm: str
    value: str
    type: str = "FULL_OBJECT"


class Data:
    """The bytes of an object or part: segments in order, never joined, with the digests that were asked for so far.

    Shared between versions and copies, so a digest computed for one is known to all. S3 gives every object a CRC64NVME
    that hardly any test looks at: it is computed at the first look, not at the upload.
    """

    __slots__ = ("_ends", "digests", "segments", "size")

    def __init__(self, segments: Segments, digests: dict[str, str] | None = None) -> None:
        self.segments = segments
        self.size = len(segments[0]) if len(segments) == 1 else sum(map(len, segments))
        self.digests: dict[str, str] = {} if digests is None else digests
        self._ends: list[int] | None = None

    def slice(self, start: int, stop: int) -> Segments:
        """The segments of ``[start, stop)``; a segment cut in two becomes a view of it, no bytes are copied.

        Costs O(log segments + segments touched), however large the object is.
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
            whole = begin == start and end == ends[index]
            cut.append(segment if whole else memoryview(segment)[start - begin : end - begin])
            start = end
            index += 1
        return cut

    def __repr__(self) -> str:
        return f"<Data of {self.size} bytes in {len(self.segments)} segments>"


@dataclass(slots=True)
class Part:
    """One part of an upload. ``checksum`` is what the client sent (or the upload's algorithm demanded), if anything."""

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
    """What remains of a part once the object is complete: where it ends and the checksum it was listed with."""

    size: int
    checksum: Checksum | None = None


@dataclass(frozen=True, slots=True)
class ObjectProperties:
    """What a client gives with PutObject, CopyObject or CreateMultipartUpload and the object keeps.

    ``system`` holds the content headers under their AWS member names (``ContentType`` ...), ``metadata`` the ``x-amz-meta-``
    ones (lower-case keys), ``tags`` the object's tag set.
    """

    system: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    metadata: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    tags: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    storage_class: str = "STANDARD"
    redirect: str | None = None


@dataclass(frozen=True, slots=True)
class Lock:
    """Object Lock of one version: retention (``mode`` GOVERNANCE or COMPLIANCE, with ``until``), legal hold, or both."""

    mode: str | None = None
    until: datetime | None = None
    legal_hold: str | None = None
    """``ON`` or ``OFF``; None: never said."""


@dataclass(frozen=True, slots=True)
class Restore:
    """A temporary copy of an archived version: in the making until ``ready``, there until ``expires``."""

    ready: datetime
    expires: datetime


@dataclass(frozen=True, slots=True)
class Annotation:
    """A named payload that hangs on one version."""

    name: str
    data: Data
    etag: str
    last_modified: datetime
    checksum: Checksum


@dataclass(slots=True)
class Version:
    """One version of an object, or a delete marker (``data`` is None). ``owner`` is an account's id, '' an anonymous writer's."""

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
    size: int = field(init=False)
    """Of the data; here too, because a listing of a large bucket would fetch each object's `Data` from memory for it alone."""

    def __post_init__(self) -> None:
        self.size = self.data.size if self.data is not None else 0

    @property
    def is_delete_marker(self) -> bool:
        return self.data is None
