"""The configuration of a bucket: everything that requests set on the bucket itself, apart from what it contains.

Snapshots, archives, `fakes3part.inspection` and the tests' comparison of two states take their lists of configurations from
the fields of this class.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .access_control import ABAC_DISABLED, ABAC_ENABLED, BLOCK_ALL, BUCKET_OWNER, ENFORCED, Acl, PublicAccessBlock
from .objects import NOTHING

if TYPE_CHECKING:
    from .access_logging import AccessLogging
    from .analytics import AnalyticsConfiguration
    from .cors import Cors
    from .encryption import BucketEncryption
    from .intelligent_tiering import IntelligentTieringConfiguration
    from .inventory import InventoryConfiguration
    from .lifecycle import Lifecycle
    from .metadata_tables import MetadataConfiguration
    from .metrics import MetricsConfiguration
    from .notification import Notification
    from .object_lock import LockConfiguration
    from .replication import Replication
    from .website import Website


@dataclass(slots=True, eq=False, kw_only=True)
class BucketConfiguration:
    """The configurations of a bucket. Their values are immutable: a request replaces one, and copies of a bucket share them.

    Attributes:
        versioning: ``Enabled`` or ``Suspended``; None: never set.
        mfa_delete: ``Enabled`` or ``Disabled``; None: never set.
        encryption: the default encryption of new objects; None: SSE-S3, as for every bucket.
        policy: the JSON text as it was put; None: no policy.
        acl: None: FULL_CONTROL for the owner, the ACL of a new bucket.
        ownership: the ObjectOwnership of the ownership controls; None: they were deleted, and ACLs are enabled.
        public_access_block: of the bucket itself; None: it was deleted, and nothing is blocked.
        payer: who pays for requests, ``BucketOwner`` or ``Requester``.
        tags: None: no tag set.
        object_lock: None: the bucket has no Object Lock.
        lifecycle: None: no lifecycle configuration.
        website: None: the bucket is no website.
        cors: None: no CORS configuration.
        replication: None: no replication configuration.
        notification: None: no notification configuration was ever put.
        accelerate: ``Enabled`` or ``Suspended``; None: Transfer Acceleration was never enabled.
        analytics: the configurations of storage class analysis by id; None: there are none.
        inventory: the inventory configurations by id; None: there are none.
        metrics: the request metrics configurations by id; None: there are none.
        intelligent_tiering: the Intelligent-Tiering configurations by id; None: there are none.
        logging: server access logging; None: it is off.
        abac: ``Enabled`` or ``Disabled``: whether the tags count in policy conditions (attribute-based access control).
        metadata: of the metadata tables; None: no metadata configuration.
    """

    versioning: str | None = None
    mfa_delete: str | None = None
    encryption: BucketEncryption | None = None
    policy: str | None = None
    acl: Acl | None = None
    ownership: str | None = ENFORCED
    public_access_block: PublicAccessBlock | None = BLOCK_ALL
    payer: str = BUCKET_OWNER
    tags: Mapping[str, str] | None = None
    object_lock: LockConfiguration | None = None
    lifecycle: Lifecycle | None = None
    website: Website | None = None
    cors: Cors | None = None
    replication: Replication | None = None
    notification: Notification | None = None
    accelerate: str | None = None
    analytics: Mapping[str, AnalyticsConfiguration] | None = None
    inventory: Mapping[str, InventoryConfiguration] | None = None
    metrics: Mapping[str, MetricsConfiguration] | None = None
    intelligent_tiering: Mapping[str, IntelligentTieringConfiguration] | None = None
    logging: AccessLogging | None = None
    abac: str = ABAC_DISABLED
    metadata: MetadataConfiguration | None = None

    @property
    def abac_tags(self) -> Mapping[str, str]:
        """The tags that policy conditions see: none while attribute-based access control is disabled."""
        return self.tags or NOTHING if self.abac == ABAC_ENABLED else NOTHING
