"""CORS preflight requests (OPTIONS), which browsers send unsigned.

No bucket can have a CORS configuration yet, so that every preflight is refused, and no response has CORS headers, as on S3
without a rule that matches. The texts are those of other S3 implementations, not recorded from AWS.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from ...errors import S3Error
from ...state.bucket import Bucket

METHODS = frozenset({"DELETE", "GET", "HEAD", "POST", "PUT"})


def refuse_preflight(headers: Mapping[str, str], bucket: Bucket | None) -> NoReturn:
    """Refuse a preflight request; ``bucket`` None: there is no such bucket.

    Raises:
        S3Error: BadRequest or AccessForbidden.
    """
    if not headers.get("origin"):
        raise S3Error("BadRequest", "Insufficient information. Origin request header needed.")
    method = headers.get("access-control-request-method")
    if method not in METHODS:
        # S3 formats a missing header as Java's null.
        raise S3Error("BadRequest", f"Invalid Access-Control-Request-Method: {'null' if method is None else method}")
    text = "CORSResponse: CORS is not enabled for this bucket." if bucket is not None else "CORSResponse: Bucket not found"
    raise S3Error("AccessForbidden", text, Method=method, ResourceType="BUCKET")
