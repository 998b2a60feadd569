"""`LifecycleAction`, what a lifecycle rule did: the argument of the callbacks in ``FakeS3.on_lifecycle``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ..state.bucket import Bucket
from ..state.objects import Version
from ..state.uploads import Upload

DELETED = "s3:LifecycleExpiration:Delete"
MARKER_CREATED = "s3:LifecycleExpiration:DeleteMarkerCreated"
TRANSITIONED = "s3:LifecycleTransition"
ABORTED = "AbortIncompleteMultipartUpload"
"""Kinds of actions: the names of S3's events; S3 has no event for an aborted upload."""


@dataclass(frozen=True, slots=True)
class LifecycleAction:
    """An action that lifecycle performed at a midnight.

    Attributes:
        kind: `DELETED`, `MARKER_CREATED`, `TRANSITIONED` or `ABORTED`.
        time: the midnight at which it was due.
        version: the deleted version, the new delete marker or the version in its new storage class; None: an upload was aborted.
        upload: the aborted upload; None for the other kinds.
    """

    kind: str
    bucket: Bucket
    key: str
    time: datetime
    version: Version | None = None
    upload: Upload | None = None
