"""CORS preflights (OPTIONS): what browsers ask before they send. Nobody signs them, whatever the URL says.

No bucket can have a CORS configuration yet, so every preflight is refused, in S3's words (facts 70.6); and no other answer has
CORS headers, as on S3 without a rule that matches.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from ...errors import S3Error
from ...state.bucket import Bucket

METHODS = frozenset({"DELETE", "GET", "HEAD", "POST", "PUT"})


def refuse_preflight(headers: Mapping[str, str], bucket: Bucket | None) -> NoReturn:
    """Refuse a preflight for the bucket, or for one that is not there.

    Raises:
        S3Error: BadRequest or AccessForbidden.
    """
    if not headers.get("origin"):
        raise S3Error("BadRequest", "Insufficient information. Origin request header needed.")
    method = headers.get("access-control-request-method")
    if method not in METHODS:
        # Nothing asked for is Java's null.
        raise S3Error("BadRequest", f"Invalid Access-Control-Request-Method: {'null' if method is None else method}")
    text = "CORSResponse: CORS is not enabled for this bucket." if bucket is not None else "CORSResponse: Bucket not found"
    raise S3Error("AccessForbidden", text, Method=method, ResourceType="BUCKET")
