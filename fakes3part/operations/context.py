"""What an operation is given beside its params: the state, the clock, who asks."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NoReturn

from ..auth import owner
from ..auth.credentials import Caller, canonical_id
from ..clock import Clock
from ..errors import S3Error, invalid_argument
from ..ids import Ids
from ..message import Request
from ..settings import Settings
from ..state.bucket import Bucket
from ..state.objects import NULL, Version
from ..state.store import Store

_VERSION_ID = re.compile(r"[A-Za-z0-9._]{32}")

ENCRYPTION = {"ServerSideEncryption": "AES256"}
"""What answers carry about encryption: SSE-S3, S3's default since January 2023."""


class Context:
    """One call. ``status`` replaces the model's (206 ...); ``headers`` are sent beside the output's."""

    __slots__ = (
        "_bucket",
        "caller",
        "clock",
        "headers",
        "ids",
        "region",
        "request",
        "settings",
        "status",
        "store",
        "trailers",
    )

    def __init__(
        self,
        request: Request,
        caller: Caller,
        bucket: Bucket | None,
        region: str,
        *,
        store: Store,
        clock: Clock,
        ids: Ids,
        settings: Settings,
    ) -> None:
        self.request = request
        self.caller = caller
        self._bucket = bucket
        self.region = region
        self.store = store
        self.clock = clock
        self.ids = ids
        self.settings = settings
        self.status: int | None = None
        self.headers: list[tuple[str, str]] = []
        self.trailers: dict[str, str] = {}

    @property
    def bucket(self) -> Bucket:
        """The bucket that the request addresses; the pipeline has seen that it is there and may be used."""
        assert self._bucket is not None
        return self._bucket

    @property
    def account(self) -> str:
        """The caller's account. Anonymous callers get no further than the pipeline."""
        assert self.caller.account is not None
        return self.caller.account

    def now(self) -> datetime:
        """The time of a change: whole seconds, which is all that S3 shows."""
        return self.clock.now().replace(microsecond=0)

    def ensure(self, bucket: Bucket) -> None:
        """To be asked first under the bucket's lock: somebody may have deleted it since the request was routed."""
        if bucket.deleted:
            raise S3Error("NoSuchBucket", BucketName=bucket.name)

    def other_bucket(self, name: str) -> Bucket:
        """The bucket of a copy source, if the caller may use it.

        Raises:
            S3Error: NoSuchBucket, or AccessDenied for another account's or another than expected.
        """
        bucket = self.store.get(name)
        if bucket is None:
            raise S3Error("NoSuchBucket", BucketName=name)
        owner.check_owner(self.request.headers, bucket, owner.EXPECTED_SOURCE)
        if bucket.account != self.account:
            raise S3Error("AccessDenied")
        return bucket

    def new_version_id(self, bucket: Bucket) -> str:
        return self.ids.version_id() if bucket.versioning == "Enabled" else NULL

    def owner(self, bucket: Bucket) -> dict[str, str]:
        """An ``Owner`` element. DisplayName is gone from it since 21 November 2025."""
        return {"ID": canonical_id(bucket.account)}


def shown_region(bucket: Bucket) -> str:
    """The region by its name: a bucket may have been created with ``EU``, the old word for eu-west-1."""
    return "eu-west-1" if bucket.region == "EU" else bucket.region


def shown_version_id(bucket: Bucket, version: Version) -> str | None:
    """The ``x-amz-version-id`` of an answer to a write: none unless versioning is enabled."""
    return version.id if bucket.versioning == "Enabled" else None


def read_version_id(bucket: Bucket, version: Version) -> str | None:
    """The ``x-amz-version-id`` of an answer to a read: also ``null``, once versioning was ever enabled."""
    return version.id if bucket.versioning is not None else None


def no_such_key(bucket: Bucket, key: str, marker: Version | None = None) -> NoReturn:
    """A key that is not there, or whose current version is a delete marker (which the headers tell)."""
    headers = {}
    if marker is not None:
        headers = {"x-amz-delete-marker": "true", "x-amz-version-id": marker.id}
    raise S3Error("NoSuchKey", None, headers, Key=key)


def find_version(bucket: Bucket, key: str, version_id: str | None, method: str = "GET") -> Version:
    """The version that a read asks for: the current one, or that of ``version_id``.

    Raises:
        S3Error: NoSuchKey, NoSuchVersion, InvalidArgument for an id of no possible version, MethodNotAllowed for a delete
            marker by its id.
    """
    if version_id is None:
        current = bucket.current(key)
        if current is None or current.is_delete_marker:
            no_such_key(bucket, key, current)
        return current
    check_version_id(version_id)
    version = bucket.version(key, version_id)
    if version is None:
        raise S3Error("NoSuchVersion", Key=key, VersionId=version_id)
    if version.is_delete_marker:
        headers = {
            "x-amz-delete-marker": "true",
            "x-amz-version-id": version.id,
            "Last-Modified": f"{version.last_modified:%a, %d %b %Y %H:%M:%S} GMT",
            "Allow": "DELETE",
        }
        raise S3Error("MethodNotAllowed", None, headers, Method=method, ResourceType="DeleteMarker")
    return version


def check_version_id(version_id: str) -> None:
    """Raise InvalidArgument for what can be no version id (of ours: 32 URL-safe characters, or ``null``)."""
    if version_id == "":
        raise invalid_argument("Version id cannot be the empty string", "versionId", "")
    if version_id != NULL and not _VERSION_ID.fullmatch(version_id):
        raise invalid_argument("Invalid version id specified", "versionId", version_id)
