"""Creates presigned URLs, as S3 does for the functions of Object Lambda."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from urllib.parse import quote, urlencode, urlsplit

from ...message import Request
from ...protocol.payload_hash import UNSIGNED
from ..callers import Caller
from ..own_credentials import secret_of
from .crypto import ALGORITHM, Scope, signature, signing_key, wire_bytes
from .sigv4 import canonical_request


def presign_get(url: str, caller: Caller, region: str, now: datetime, seconds: int, version_id: str | None = None) -> str:
    """Return a presigned URL to GET an object in a caller's name.

    A caller with an unknown secret gets a URL whose signature is wrong: it is not verified either.

    Args:
        url: the object's, in path style, without a query.
        seconds: how long the URL is valid, from ``now``.
        version_id: the version to read; None: the current one.
    """
    timestamp = now.strftime("%Y%m%dT%H%M%SZ")
    scope = Scope(caller.access_key or "", timestamp[:8], region, "s3")
    query = {
        "X-Amz-Algorithm": ALGORITHM,
        "X-Amz-Credential": f"{scope.access_key}/{scope.text}",
        "X-Amz-Date": timestamp,
        "X-Amz-Expires": str(seconds),
        "X-Amz-SignedHeaders": "host",
    }
    if caller.session_token is not None:
        query["X-Amz-Security-Token"] = caller.session_token
    if version_id is not None:
        query["versionId"] = version_id
    encoded, parts = urlencode(query, quote_via=quote, safe="~"), urlsplit(url)
    request = Request("GET", parts.netloc, parts.path, encoded, {"host": parts.netloc})
    canonical = canonical_request(request, "host", UNSIGNED)
    string_to_sign = f"{ALGORITHM}\n{timestamp}\n{scope.text}\n{sha256(wire_bytes(canonical)).hexdigest()}"
    signed = signature(signing_key(secret_of(caller) or "", scope.date, region, "s3"), string_to_sign)
    return f"{url}?{encoded}&X-Amz-Signature={signed}"
