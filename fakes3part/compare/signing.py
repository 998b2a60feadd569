"""Signs requests with other credentials than those they came with: in the header, or in the query of a presigned URL."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Literal, NamedTuple, TypeAlias
from urllib.parse import quote

from ..auth.signatures.crypto import ALGORITHM, Scope, signature, signing_key, wire_bytes
from ..auth.signatures.sigv4 import canonical_request
from ..message import Request
from ..protocol.payload_hash import HEADER, STREAMING_UNSIGNED, UNSIGNED
from ..protocol.query import SIGNATURE_PARAMETERS, parse_query
from ..text import whole_number

Authentication: TypeAlias = Literal["header", "query", "none", "chunks"]
"""How a request is signed, by Signature Version 4 or 2. ``chunks``: the chunks of its body are signed, too."""

_TOKEN = "X-Amz-Security-Token"
_VERSION_2 = frozenset({"AWSAccessKeyId", "Expires", "Signature", "x-amz-security-token"})
_IN_QUERY = SIGNATURE_PARAMETERS | {_TOKEN}
_OF_SIGNATURE = frozenset({"authorization", "x-amz-date", "date", "x-amz-security-token"})
_NOT_SIGNED = frozenset({"expect", "user-agent", "connection", "content-length", "transfer-encoding", "accept-encoding"})
"""Headers that HTTP libraries and proxies may change."""


class Credentials(NamedTuple):
    """Credentials of AWS.

    Attributes:
        token: of temporary credentials; None: the credentials are long-term.
        account: the id of their account, 12 digits; None: unknown.
    """

    access_key: str
    secret: str
    token: str | None = None
    account: str | None = None

    def __repr__(self) -> str:
        return f"<Credentials {self.access_key}>"


def authentication(request: Request) -> Authentication:
    """Return how a request is signed."""
    header = request.headers.get("authorization", "")
    query = parse_query(request.query)
    if header:
        sent = request.headers.get(HEADER, "")
        return "chunks" if sent.startswith("STREAMING-") and sent != STREAMING_UNSIGNED else "header"
    return "query" if "X-Amz-Signature" in query or {"Signature", "AWSAccessKeyId"} <= query.keys() else "none"


def region_of(request: Request) -> str | None:
    """Return the region in the credential scope of a request; None: it has none."""
    sent = request.headers.get("authorization", "").partition("Credential=")[2].partition(",")[0]
    parts = (sent or parse_query(request.query).get("X-Amz-Credential", "")).split("/")
    return parts[2] if len(parts) == 5 else None


def unsigned_query(query: str) -> str:
    """Return a raw query without the parameters of a signature."""
    removed = _IN_QUERY | _VERSION_2 if "AWSAccessKeyId=" in query else _IN_QUERY
    return "&".join(pair for pair in query.split("&") if pair.partition("=")[0] not in removed)


def sign(request: Request, credentials: Credentials, region: str, now: datetime, how: Authentication) -> Request:
    """Return a copy of a request, signed anew.

    Args:
        request: its host is the one that the request will be sent to. A signature that it has already is replaced.
        now: the time of the signature, in UTC.
        how: ``header`` or ``query``; any other: the copy is not signed.
    """
    headers = {name: value for name, value in request.headers.items() if name not in _OF_SIGNATURE}
    headers["host"] = request.host
    query = unsigned_query(request.query)
    payload = request.payload
    copy = Request(request.method, request.host, request.path, query, headers, scheme=request.scheme, read=lambda: payload)
    timestamp = now.strftime("%Y%m%dT%H%M%SZ")
    scope = Scope(credentials.access_key, timestamp[:8], region, "s3")
    if how == "header":
        headers["x-amz-date"] = timestamp
        headers.setdefault(HEADER, UNSIGNED)
        if credentials.token is not None:
            headers["x-amz-security-token"] = credentials.token
        signed = ";".join(sorted(name for name in headers if name not in _NOT_SIGNED))
        text = _signature(copy, signed, headers[HEADER], credentials, scope, timestamp)
        credential = f"{scope.access_key}/{scope.text}"
        headers["authorization"] = f"{ALGORITHM} Credential={credential}, SignedHeaders={signed}, Signature={text}"
    elif how == "query":
        sent = parse_query(request.query)
        of_amazon = sorted(name for name in headers if name.startswith("x-amz-"))
        signed = sent.get("X-Amz-SignedHeaders") or ";".join(["host", *of_amazon])
        parameters = {
            "X-Amz-Algorithm": ALGORITHM,
            "X-Amz-Credential": f"{scope.access_key}/{scope.text}",
            "X-Amz-Date": timestamp,
            "X-Amz-Expires": sent.get("X-Amz-Expires") or _seconds_left(sent.get("Expires"), now),
            "X-Amz-SignedHeaders": signed,
        }
        if credentials.token is not None:
            parameters[_TOKEN] = credentials.token
        added = "&".join(f"{name}={quote(value, safe='~')}" for name, value in parameters.items())
        copy.query = f"{query}&{added}" if query else added
        text = _signature(copy, signed, headers.get(HEADER, UNSIGNED), credentials, scope, timestamp)
        copy.query += f"&X-Amz-Signature={text}"
    return copy


def _seconds_left(expires: str | None, now: datetime) -> str:
    """Return for how long a URL of Signature Version 2 is valid, which contains the time of its end."""
    end = whole_number(expires)
    return "900" if end is None else str(max(1, end - int(now.timestamp())))


def _signature(request: Request, signed: str, payload_hash: str, credentials: Credentials, scope: Scope, timestamp: str) -> str:
    canonical = canonical_request(request, signed, payload_hash)
    text = f"{ALGORITHM}\n{timestamp}\n{scope.text}\n{sha256(wire_bytes(canonical)).hexdigest()}"
    return signature(signing_key(credentials.secret, scope.date, scope.region, scope.service), text)
