"""What a directory bucket has beside what every bucket has."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

RENAMES = 10_000
"""So many renames with a client token are remembered, should one be sent again."""


@dataclass(slots=True)
class Directory:
    """Changed under the bucket's lock.

    Attributes:
        location_type: ``AvailabilityZone`` or ``LocalZone``.
        storage_class: of all its objects.
        key_arn: the one KMS key that it may ever have for its default encryption; None: it had none yet.
        renames: what was renamed under which client token: a digest of the request.
    """

    location_type: str
    storage_class: str
    key_arn: str | None = None
    renames: dict[str, bytes] = field(default_factory=dict)

    def remember(self, token: str, request: bytes) -> None:
        self.renames[token] = request
        if len(self.renames) > RENAMES:
            del self.renames[next(iter(self.renames))]

    def copy(self) -> Directory:
        return replace(self, renames=dict(self.renames))
