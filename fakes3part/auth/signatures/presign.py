"""Presigned URLs that the fake itself makes, as S3 does for the functions of Object Lambda."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from urllib.parse import quote, urlencode, urlsplit

from ...message import Request
from ...protocol.payload_hash import UNSIGNED
from ..callers import Caller
from .crypto import ALGORITHM, Scope, signature, signing_key, wire_bytes
from .sigv4 import canonical_request


def presigned_url(
    endpoint: str,
    bucket: str,
    key: str,
    caller: Caller,
    region: str,
    now: datetime,
    *,
    seconds: int,
    version_id: str | None = None,
) -> str:
    """A URL by which anybody may GET an object in a caller's name, for a while.

    A caller whose secret is not known gets one that is signed by nobody's: what cannot be verified is not.
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
    path, text = f"/{bucket}/{quote(key, safe='/~')}", urlencode(query, quote_via=quote, safe="~")
    request = Request("GET", urlsplit(endpoint).netloc, path, text, {"host": urlsplit(endpoint).netloc})
    canonical = canonical_request(request, "host", UNSIGNED)
    to_sign = f"{ALGORITHM}\n{timestamp}\n{scope.text}\n{sha256(wire_bytes(canonical)).hexdigest()}"
    signed = signature(signing_key(caller.secret or "", scope.date, region, "s3"), to_sign)
    return f"{endpoint}{path}?{text}&X-Amz-Signature={signed}"
