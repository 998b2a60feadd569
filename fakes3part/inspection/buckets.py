"""Read-only views of the buckets of a fake.

The view of a bucket shows its present state; the view of an object, version or upload shows the state when the view was made.
No view can change the state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import FrozenInstanceError, dataclass, fields
from datetime import datetime
from functools import partial
from itertools import chain, islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Generic, NoReturn, TypeVar

from ..state.bucket import Bucket
from ..state.bucket_configuration import BucketConfiguration
from ..state.rule_index import RuleIndex, total_size
from ..text import count, size
from .mappings import View
from .objects import ObjectView, UploadView, VersionView, versions_of

if TYPE_CHECKING:
    from ..state.store import Store

V = TypeVar("V")

_COMPARED_KEYS = 1_000
"""How many keys, from each of a few positions on, are compared with a key that does not exist."""


@dataclass(slots=True, kw_only=True)
class Configuration(BucketConfiguration):
    """A read-only copy of a bucket's configurations: the fields are those of `state.bucket_configuration.BucketConfiguration`."""

    @classmethod
    def of(cls, bucket: Bucket) -> Configuration:
        """Copy the configurations that a bucket has now."""
        configuration = cls.__new__(cls)
        with bucket.lock:
            for field in fields(cls):
                value = getattr(bucket, field.name)
                object.__setattr__(configuration, field.name, _read_only(value))
        return configuration

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise FrozenInstanceError(f"cannot assign to {name!r}: the configuration of a bucket is changed by requests")


def _read_only(value: object) -> object:
    return MappingProxyType(dict(value)) if isinstance(value, Mapping) else value


class _InBucket(View[str, V], Generic[V]):
    """A mapping by name of what a bucket holds at present."""

    def __init__(self, name: str, find: Callable[[], Bucket], now: Callable[[], datetime]) -> None:
        self._bucket_name = name
        self._find = find
        self._now = now

    def title(self) -> str:
        return f"{super().title()} of {self._bucket_name!r}"


class Objects(_InBucket[ObjectView]):
    """The current objects by key. Keys whose current version is a delete marker are not in it."""

    entry = "object"

    def __getitem__(self, key: str) -> ObjectView:
        bucket = self._find()
        with bucket.lock:
            version = bucket.objects.get(key)
        if version is None:
            raise self.missing(key)
        return ObjectView(bucket, version, self._now)

    def __contains__(self, key: object) -> bool:
        return key in self._find().objects

    def __iter__(self) -> Iterator[str]:
        bucket = self._find()
        with bucket.lock:
            is_rule = isinstance(bucket.objects, RuleIndex)
            return _pages(bucket) if is_rule else iter(list(bucket.objects))

    def remark(self, name: object) -> str:
        return f" ({name!r} is deleted; .versions[{name!r}] has its versions)" if name in self._find().versions_by_key else ""

    def candidates(self, name: object) -> Iterable[str]:
        bucket, key = self._find(), str(name)
        with bucket.lock:
            return list(chain.from_iterable(islice(bucket.objects.walk(start), _COMPARED_KEYS) for start in (key, key[:2], "")))

    def __len__(self) -> int:
        return len(self._find().objects)


def _pages(bucket: Bucket) -> Iterator[str]:
    """Yield the keys of objects page by page: those of a rule may be too many for a list."""
    last = ""
    while True:
        with bucket.lock:
            keys = list(islice(bucket.objects.walk(last, inclusive=False), _COMPARED_KEYS))
        if not keys:
            return
        yield from keys
        last = keys[-1]


class AllVersions(_InBucket[Sequence[VersionView]]):
    """The versions of each key, delete markers included, newest first."""

    entry = "key"

    def __getitem__(self, key: str) -> Sequence[VersionView]:
        versions = versions_of(self._find(), key, self._now)
        if not versions:
            raise self.missing(key)
        return versions

    def __iter__(self) -> Iterator[str]:
        bucket = self._find()
        with bucket.lock:
            return iter(list(bucket.walk("")))

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Uploads(_InBucket[UploadView]):
    """The open multipart uploads by id, in the order of ListMultipartUploads."""

    entry = "upload"

    def __getitem__(self, upload_id: str) -> UploadView:
        bucket = self._find()
        with bucket.lock:
            upload = bucket.uploads.get(upload_id)
            if upload is not None:
                return UploadView(bucket, upload)
        raise self.missing(upload_id)

    def __iter__(self) -> Iterator[str]:
        bucket = self._find()
        with bucket.lock:
            return iter([upload.id for upload in bucket.uploads_by_key.values()])

    def __len__(self) -> int:
        return len(self._find().uploads)


class BucketView:
    """The bucket of a name, as it is at present. If it is deleted, attributes raise `UnknownNameError`, a KeyError."""

    __slots__ = ("_find", "_now", "name")

    def __init__(self, name: str, find: Callable[[], Bucket], now: Callable[[], datetime]) -> None:
        self.name = name
        self._find = find
        self._now = now

    @property
    def objects(self) -> Objects:
        return Objects(self.name, self._find, self._now)

    @property
    def versions(self) -> AllVersions:
        return AllVersions(self.name, self._find, self._now)

    @property
    def uploads(self) -> Uploads:
        return Uploads(self.name, self._find, self._now)

    @property
    def account(self) -> str:
        """The id of the owner's account."""
        return self._find().account

    @property
    def region(self) -> str:
        """The region's name, also if the bucket was created with ``EU``, the old name of eu-west-1."""
        region = self._find().region
        return "eu-west-1" if region == "EU" else region

    @property
    def created(self) -> datetime:
        return self._find().created

    @property
    def kind(self) -> str:
        """``general purpose``, ``directory`` or ``Outposts``."""
        return self._find().kind

    @property
    def zone(self) -> str | None:
        """The zone of a directory bucket, as in ``usw2-az1``; None for other buckets."""
        return self._find().zone

    @property
    def outpost(self) -> str | None:
        """The id of the Outpost that the bucket is on; None for other buckets."""
        return self._find().outpost

    @property
    def versioning(self) -> str | None:
        """``Enabled`` or ``Suspended``; None: never enabled."""
        return self._find().versioning

    @property
    def configuration(self) -> Configuration:
        return Configuration.of(self._find())

    @property
    def size(self) -> int:
        """The size of all current objects together, in bytes."""
        bucket = self._find()
        with bucket.lock:
            return total_size(bucket.objects)

    def __repr__(self) -> str:
        try:
            bucket = self._find()
        except KeyError:
            return f"<Bucket {self.name!r}, deleted>"
        uploads = f", {count(len(bucket.uploads), 'open upload')}" if bucket.uploads else ""
        versioning = f", versioning {bucket.versioning}" if bucket.versioning else ""
        return f"<Bucket {self.name!r}, {count(len(bucket.objects), 'object')} of {size(self.size)}{uploads}{versioning}>"


class Buckets(View[str, BucketView]):
    """The buckets of a fake by name, of all accounts (without those on Outposts)."""

    entry = "bucket"

    def __init__(self, store: Callable[[], Store], now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    def _bucket(self, name: str) -> Bucket:
        bucket = self._store().get(name)
        if bucket is None:
            raise self.missing(name)
        return bucket

    def __contains__(self, name: object) -> bool:
        return name in self._store().buckets

    def __getitem__(self, name: str) -> BucketView:
        self._bucket(name)
        return BucketView(name, partial(self._bucket, name), self._now)

    def __iter__(self) -> Iterator[str]:
        store = self._store()
        with store.lock:
            return iter(list(store.buckets))

    def __len__(self) -> int:
        return len(self._store().buckets)
