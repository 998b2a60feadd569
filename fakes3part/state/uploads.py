"""Open multipart uploads, and what is remembered of completed ones."""

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
    """An open multipart upload.

    Attributes:
        owner: the id of the account that will own the object; '' for an anonymous writer.
        initiator: the id of the account that initiated the upload.
        algorithm: the checksum algorithm that CreateMultipartUpload named; None: it named none. ``checksum_type`` likewise.
        parts: by part number; a part that is sent again replaces the earlier one.
        written_since: the key was written since the upload was initiated: a conditional Complete checks it.
        deleted_since: the key was deleted since then.
        acl: None: the default ACL.
        lock: None: neither retention nor legal hold.
        initiating_user: the ARN of the user or role session that initiated the upload; None: the root of the account.
        epoch: of the bucket that may change the upload (`Bucket.epoch`); copies of the bucket share it.
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
        """The position in listings: by key, then by the order in which uploads were initiated (counted, not timed)."""
        return self.key, self.sequence

    def copy(self) -> Upload:
        """Return an upload of the same state, with its own mapping of parts."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        return Upload(**{**fields, "parts": self.parts.copy()})


@dataclass(frozen=True, slots=True)
class CompletedUpload:
    """The response of a CompleteMultipartUpload, remembered because S3 repeats it for the same request.

    ``parts`` is a digest of the list of parts in the request; ``output`` are the members of the response; ``storage_class`` is
    the object's.
    """

    key: str
    parts: bytes
    output: dict[str, Any]
    storage_class: str = "STANDARD"
