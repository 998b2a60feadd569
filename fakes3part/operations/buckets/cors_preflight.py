"""CORS preflight requests (OPTIONS), which browsers send unsigned.

No bucket can have a CORS configuration yet, so that every preflight is refused, and no response has CORS headers, as on S3
without a rule that matches. The texts are those of other S3 implementations, not recorded from AWS.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from ...errors import S3Error
from ...state.bucket import Bucket

METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})


def refuse_preflight(headers: Mapping[str, str], bucket: Bucket | None) -> NoReturn:
    """Refuse a preflight request; ``bucket`` None: there is no such bucket.

    Without a requested method the method is the request's own. Recorded from AWS, September 2026.

    Raises:
        S3Error: BadRequest or AccessForbidden.
    """
    if not headers.get("origin"):
        raise S3Error("BadRequest", "Insufficient information. Origin request header needed.")
    method = headers.get("access-control-request-method") or "OPTIONS"
    if method not in METHODS:
        raise S3Error("BadRequest", f"Invalid Access-Control-Request-Method: {method}")
    text = "CORSResponse: CORS is not enabled for this bucket." if bucket is not None else "CORSResponse: Bucket not found"
    raise S3Error("AccessForbidden", text, Method=method, ResourceType="BUCKET")
