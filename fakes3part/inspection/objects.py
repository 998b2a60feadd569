"""Read-only views of what a bucket contains: objects, versions, uploads, parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from ..rules.access_tiers import access_tier
from ..state.access_control import Acl
from ..state.bucket import Bucket
from ..state.encryption import Encryption
from ..state.objects import Checksum, Data, Lock, Part, Restore, Version
from ..state.uploads import Upload
from ..text import count, size
from .mappings import View


class Content:
    """Something with bytes: a version or a part."""

    _bytes: Data | None

    @property
    def data(self) -> bytes:
        """The bytes, joined; empty for a delete marker.

        Raises:
            ValueError: they are those of a synthetic object of more than 64 MiB: read a range with GetObject.
        """
        if self._bytes is not None and self._bytes.is_opaque:
            raise ValueError(f"{self!r} is synthetic, and its {size(self.size)} may not fit in memory: read a range")
        return b"" if self._bytes is None else b"".join(self._bytes.segments)

    @property
    def text(self) -> str:
        """The bytes, decoded from UTF-8; raises UnicodeDecodeError."""
        return self.data.decode()

    @property
    def size(self) -> int:
        """The number of bytes."""
        return 0 if self._bytes is None else self._bytes.size


class PartView(Content):
    """A part of an upload, or of an object that was uploaded in parts."""

    def __init__(
        self, number: int, data: Data | None, etag: str | None, last_modified: datetime | None, checksum: Checksum | None
    ) -> None:
        self.number = number
        self._bytes = data
        self.etag = etag
        """Without quotes; None: a part of a completed object, for which S3 stores none. ``last_modified`` likewise."""
        self.last_modified = last_modified
        self.checksums: Mapping[str, str] = _checksums(checksum)

    @classmethod
    def of(cls, part: Part) -> PartView:
        return cls(part.number, part.data, part.etag, part.last_modified, part.checksum)

    def __repr__(self) -> str:
        return f"<Part {self.number} of {size(self.size)}>"


class Parts(View[int, PartView]):
    """Parts by part number."""

    entry = "part"

    def __init__(self, parts: Mapping[int, PartView]) -> None:
        self._parts = parts

    def __getitem__(self, number: int) -> PartView:
        try:
            return self._parts[number]
        except KeyError:
            raise self.missing(number) from None

    def __iter__(self) -> Iterator[int]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)


def _checksums(checksum: Checksum | None) -> Mapping[str, str]:
    return MappingProxyType({} if checksum is None else {checksum.algorithm: checksum.value})


@dataclass(frozen=True)
class EncryptionView:
    """The encryption of an object: ``AES256`` (SSE-S3), ``aws:kms``, ``aws:kms:dsse``, or a customer's key (SSE-C).

    ``algorithm`` is None for SSE-C, ``key_arn`` without a KMS key, ``customer_key_md5`` (base64, as clients send it) for methods
    other than SSE-C.
    """

    algorithm: str | None
    key_arn: str | None = None
    bucket_key: bool = False
    customer_key_md5: str | None = None

    @classmethod
    def of(cls, encryption: Encryption) -> EncryptionView:
        md5 = encryption.customer.md5 if encryption.customer is not None else None
        return cls(encryption.algorithm, encryption.key_arn, bool(encryption.response_members.get("BucketKeyEnabled")), md5)


class VersionView(Content):
    """A version of an object, or a delete marker (whose ``data`` is empty), as it was when the view was made.

    Later changes of its tags, ACL or lock are in new views. ``now`` returns the fake's time.
    """

    def __init__(self, bucket: Bucket, version: Version, now: Callable[[], datetime]) -> None:
        self._bucket = bucket
        self._version = version
        self._now = now
        self._bytes = version.data

    @property
    def bucket(self) -> str:
        """The name of the bucket."""
        return self._bucket.name

    @property
    def key(self) -> str:
        return self._version.key

    @property
    def version_id(self) -> str:
        """``"null"`` if versioning was not enabled when it was written."""
        return self._version.id

    @property
    def is_latest(self) -> bool:
        """Whether it is the newest version of its key at present."""
        with self._bucket.lock:
            current = self._bucket.current(self.key)
        return current is not None and current.id == self.version_id

    @property
    def delete_marker(self) -> bool:
        return self._version.is_delete_marker

    @property
    def last_modified(self) -> datetime:
        return self._version.last_modified

    @property
    def owner(self) -> str:
        """The id of the owner's account; ``""`` for an anonymous writer."""
        return self._version.owner

    @property
    def etag(self) -> str:
        """The ETag without quotes."""
        return self._version.etag

    @property
    def metadata(self) -> Mapping[str, str]:
        return MappingProxyType(dict(self._version.properties.metadata))

    @property
    def tags(self) -> Mapping[str, str]:
        return MappingProxyType(dict(self._version.properties.tags))

    @property
    def content_type(self) -> str | None:
        return self.headers.get("ContentType")

    @property
    def headers(self) -> Mapping[str, str]:
        """The content headers that were set: ``ContentType``, ``CacheControl`` ..."""
        return MappingProxyType(dict(self._version.properties.system))

    @property
    def storage_class(self) -> str:
        return self._version.properties.storage_class

    @property
    def access_tier(self) -> str | None:
        """The tier of an object in INTELLIGENT_TIERING by the fake's clock; None for other storage classes.

        ``FREQUENT``, ``INFREQUENT``, ``ARCHIVE_INSTANT_ACCESS``, ``ARCHIVE`` or ``DEEP_ARCHIVE``, as in inventory reports.
        """
        return access_tier(self._version, self._now())

    @property
    def checksums(self) -> Mapping[str, str]:
        """Checksums in base64, as in ``{"CRC64NVME": "..."}``. A composite one ends in ``-`` and the number of parts."""
        return _checksums(self._version.checksum)

    @property
    def parts(self) -> Parts:
        """The parts of a multipart upload; empty for an object that was uploaded in one request."""
        parts, start = {}, 0
        for number, part in enumerate(self._version.parts, 1):
            assert self._bytes is not None
            data = Data(tuple(self._bytes.slice(start, start + part.size)))
            parts[number] = PartView(number, data, None, None, part.checksum)
            start += part.size
        return Parts(parts)

    @property
    def acl(self) -> Acl | None:
        """The grants; None: the default ACL, FULL_CONTROL for the owner."""
        return self._version.acl

    @property
    def encryption(self) -> EncryptionView:
        return EncryptionView.of(self._version.encryption)

    @property
    def lock(self) -> Lock | None:
        """Retention and legal hold; None: neither."""
        return self._version.lock

    @property
    def replication_status(self) -> str | None:
        """``PENDING``, ``COMPLETED``, ``FAILED`` or ``REPLICA``; None: no replication rule selected it."""
        state = self._version.replication
        return None if state is None else state.status

    @property
    def replication_failures(self) -> Mapping[str, str]:
        """Name of a destination bucket -> why the last replication to it failed, as S3's events say it."""
        state = self._version.replication
        return MappingProxyType({} if state is None else dict(state.failed))

    @property
    def restore(self) -> Restore | None:
        """The restored copy of an archived object; None: there is none."""
        return self._version.restore

    @property
    def annotations(self) -> Mapping[str, bytes]:
        """The payloads of annotations by name."""
        annotations = (self._version.annotations or {}).items()
        return MappingProxyType({name: b"".join(annotation.data.segments) for name, annotation in annotations})

    def __repr__(self) -> str:
        where = f"{self.bucket}/{self.key}"
        version = "" if self.version_id == "null" else f", version {self.version_id}"
        if self.delete_marker:
            return f"<Delete marker {where!r}{version}>"
        return f"<Object {where!r}, {size(self.size)}, {self.content_type}, ETag {self.etag}{version}>"


class ObjectView(VersionView):
    """The current version of an object."""

    @property
    def versions(self) -> tuple[VersionView, ...]:
        """The versions of its key at present, newest first, delete markers included."""
        return versions_of(self._bucket, self.key, self._now)


def versions_of(bucket: Bucket, key: str, now: Callable[[], datetime]) -> tuple[VersionView, ...]:
    """Return the versions of a key, newest first."""
    with bucket.lock:
        return tuple(VersionView(bucket, version, now) for version in bucket.versions(key).newest_first())


class UploadView:
    """An open multipart upload, as it was when the view was made."""

    def __init__(self, bucket: Bucket, upload: Upload) -> None:
        self.bucket: str = bucket.name
        self._upload = upload
        self.parts: Parts = Parts({number: PartView.of(part) for number, part in upload.parts.items()})

    @property
    def id(self) -> str:
        return self._upload.id

    @property
    def key(self) -> str:
        return self._upload.key

    @property
    def initiated(self) -> datetime:
        return self._upload.initiated

    @property
    def size(self) -> int:
        """The size of its parts together, in bytes."""
        return sum(part.size for part in self.parts.values())

    @property
    def metadata(self) -> Mapping[str, str]:
        return MappingProxyType(dict(self._upload.properties.metadata))

    @property
    def tags(self) -> Mapping[str, str]:
        return MappingProxyType(dict(self._upload.properties.tags))

    @property
    def content_type(self) -> str | None:
        return self._upload.properties.system.get("ContentType")

    @property
    def storage_class(self) -> str:
        return self._upload.properties.storage_class

    @property
    def checksum_algorithm(self) -> str | None:
        return self._upload.algorithm

    @property
    def encryption(self) -> EncryptionView:
        return EncryptionView.of(self._upload.encryption)

    @property
    def acl(self) -> Acl | None:
        return self._upload.acl

    @property
    def lock(self) -> Lock | None:
        return self._upload.lock

    def __repr__(self) -> str:
        return f"<Upload {self.id} of {f'{self.bucket}/{self.key}'!r}, {count(len(self.parts), 'part')}, {size(self.size)}>"
