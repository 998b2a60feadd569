"""The state that only directory buckets have."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

RENAMES = 10_000
"""How many renames with a client token are remembered: the same request may be sent again."""


@dataclass(slots=True)
class Directory:
    """The state that only directory buckets have. It is changed under the bucket's lock.

    Attributes:
        location_type: ``AvailabilityZone`` or ``LocalZone``.
        storage_class: of all objects in the bucket.
        key_arn: the only KMS key that the bucket may ever have for its default encryption; None: it had none yet.
        renames: client token -> a digest of the RenameObject request.
    """

    location_type: str
    storage_class: str
    key_arn: str | None = None
    renames: dict[str, bytes] = field(default_factory=dict)

    def remember(self, token: str, request: bytes) -> None:
        """Remember the digest of a RenameObject request by its client token."""
        self.renames[token] = request
        if len(self.renames) > RENAMES:
            del self.renames[next(iter(self.renames))]

    def copy(self) -> Directory:
        """Return the same state, with its own mapping of renames."""
        return replace(self, renames=dict(self.renames))
