"""GetObjectTorrent: what S3 answers since it gave up BitTorrent."""

from __future__ import annotations

from ...errors import S3Error
from ..context import Context
from ..registry import Output, Params, operation


@operation("GetObjectTorrent")
def get_object_torrent(context: Context, params: Params) -> Output:
    """Always S3's own 501, for whoever may ask: the feature ended in 2022 and left only its name in the SDKs.

    Raises:
        S3Error: NotImplemented.
    """
    raise S3Error("NotImplemented", None, additionalMessage="BitTorrent is no longer supported")
