"""GetObjectTorrent."""

from __future__ import annotations

from ...errors import S3Error
from ..context import Context
from ..registry import Output, Params, operation


@operation("GetObjectTorrent")
def get_object_torrent(context: Context, params: Params) -> Output:
    """Raise S3's own NotImplemented, once the caller is authorized: S3 ended the feature in 2022.

    Raises:
        S3Error: NotImplemented.
    """
    raise S3Error("NotImplemented", None, additionalMessage="BitTorrent is no longer supported")
