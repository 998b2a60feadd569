"""Record when objects of INTELLIGENT_TIERING are read: it decides in which access tier they are.

GetObject, copies from an object and SelectObjectContent read it. HeadObject, listings, tags and attributes do not (Amazon S3 user
guide, "How S3 Intelligent-Tiering works").
"""

from __future__ import annotations

from ..rules.access_tiers import accessed, is_tiered
from ..state.bucket import Bucket
from ..state.objects import Version
from .context import Context


def record_access(context: Context, bucket: Bucket, version: Version) -> None:
    """Record that a version was read, if that matters and the version has not been replaced meanwhile."""
    if not is_tiered(version):
        return
    now = context.now()
    with bucket.lock:
        current = bucket.version(version.key, version.id)
        if current is None or current.last_modified != version.last_modified or not is_tiered(current):
            return
        if current.tiering is None or current.tiering.reference != now:
            bucket.replace(accessed(current, now))
