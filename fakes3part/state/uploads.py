"""Multipart uploads: what CreateMultipartUpload opens and Complete or Abort closes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sortedcontainers import SortedDict

from .access_control import Acl
from .encryption import SSE_S3, Encryption
from .objects import Lock, ObjectProperties, Part


@dataclass(slots=True)
class Upload:
    """An open multipart upload. ``parts`` is sorted by part number; a part sent again replaces the one before.

    ``algorithm`` and ``checksum_type`` are None unless the client named an algorithm at Create. ``written_since`` and
    ``deleted_since`` tell a conditional Complete what happened to the key meanwhile. ``initiator`` is an account's id;
    ``initiating_user`` the ARN of its user, or of a role's session, who did it, None: its root. Copies of a bucket share it;
    ``epoch`` is that of the one bucket that may change it (`Bucket.epoch`).
    """

    id: str
    key: str
    sequence: int
    initiated: datetime
    owner: str
    initiator: str
    properties: ObjectProperties
    algorithm: str | None = None
    checksum_type: str | None = None
    parts: SortedDict[int, Part] = field(default_factory=SortedDict)
    written_since: bool = False
    deleted_since: bool = False
    encryption: Encryption = SSE_S3
    acl: Acl | None = None
    lock: Lock | None = None
    initiating_user: str | None = None
    epoch: object = field(default=None, compare=False, repr=False)

    @property
    def order(self) -> tuple[str, int]:
        """Uploads are listed by key, then by the time of their Create (told apart by a counter, never by the clock)."""
        return self.key, self.sequence

    def copy(self) -> Upload:
        fields = {name: getattr(self, name) for name in self.__slots__}
        return Upload(**{**fields, "parts": self.parts.copy()})


@dataclass(frozen=True, slots=True)
class CompletedUpload:
    """The answer of a CompleteMultipartUpload, kept because S3 gives the same one to the same request again.

    ``parts`` identifies the list of parts that was sent.
    """

    key: str
    parts: bytes
    output: dict[str, Any]
