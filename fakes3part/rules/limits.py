"""Limits of S3 that more than one rule needs. Sources: Amazon S3 user guide, botocore's model."""

from __future__ import annotations

from ..errors import S3Error

MAX_UPLOAD = 5 * 1024**3
"""Bytes of one PutObject, UploadPart or copy source: 5 GiB."""

MAX_PARTS = 10_000
PAGE = 1000
"""Keys, versions, uploads or parts in one page of a listing."""

MAX_METADATA = 2048
MAX_TAGS = 10
MAX_DELETE = 1000


def too_many_bytes(growth: int, size: int, limit: int, in_flight: int) -> S3Error:
    """Return the error for a write that exceeds the setting ``max_bytes``.

    S3 has no limit, and so no error for it: the code is that of uploads beyond S3's other limits, which SDKs do not repeat.

    Args:
        growth: how many bytes the request would add.
        size: how many are stored.
        limit: how many may be.
        in_flight: how many are in the bodies of other requests, which are not stored yet.
    """
    received = f", {in_flight} more are being received" if in_flight else ""
    text = (
        f"The setting max_bytes allows {limit} bytes of objects, parts and annotations. {size} bytes are stored{received}, and "
        f"this request needs {growth} more."
    )
    return S3Error("EntityTooLarge", text, ProposedSize=growth, MaxSizeAllowed=limit)
