"""Parses and verifies AWS Signature Version 2, in the Authorization header and in presigned URLs.

Source: "Signing and authenticating REST requests (AWS signature version 2)" in the S3 user guide; the errors of presigned URLs
are recorded from AWS, February 2026.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import NamedTuple
from urllib.parse import unquote

from ...clock import Clock
from ...errors import S3Error, invalid_argument
from ...message import Request
from .crypto import signature_mismatch_error, signatures_equal, wire_bytes
from .presigned_url import expired_error
from .sigv4 import check_skew, format_iso, missing_date_error, parse_timestamp

REGIONS = frozenset(
    [
        "ap-northeast-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "eu-west-1",
        "sa-east-1",
        "us-east-1",
        "us-gov-west-1",
        "us-west-1",
        "us-west-2",
    ]
)
"""Regions opened before 2014, the only ones that accept SigV2.

Source: the regions of botocore's ``endpoints.json`` whose signature versions include ``s3``.
"""

SUBRESOURCES = frozenset(
    [
        "accelerate",
        "acl",
        "analytics",
        "cors",
        "defaultObjectAcl",
        "delete",
        "inventory",
        "lifecycle",
        "location",
        "logging",
        "metrics",
        "notification",
        "object-lock",
        "partNumber",
        "policy",
        "replication",
        "requestPayment",
        "response-cache-control",
        "response-content-disposition",
        "response-content-encoding",
        "response-content-language",
        "response-content-type",
        "response-expires",
        "restore",
        "select",
        "select-type",
        "storageClass",
        "tagging",
        "torrent",
        "uploadId",
        "uploads",
        "versionId",
        "versioning",
        "versions",
        "website",
    ]
)
"""The query parameters that are signed."""

PARAMETERS = frozenset({"AWSAccessKeyId", "Signature"})
REQUIRED = PARAMETERS | {"Expires"}
_SECONDS = re.compile(r"\d{1,11}", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class SigV2Parameters(NamedTuple):
    """The signature parameters of a request.

    Attributes:
        date: the date in the string to sign: the Date header, empty, or the seconds of ``Expires``.
    """

    access_key: str
    signature: str
    date: str


def check_sigv2_region(region: str) -> None:
    """Raise S3Error InvalidRequest in a region that does not accept SigV2."""
    if region not in REGIONS:
        raise S3Error(
            "InvalidRequest",
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
        )


def parse_header(headers: Mapping[str, str], authorization: str) -> SigV2Parameters:
    """Parse ``Authorization: AWS KEY:signature``.

    Raises:
        S3Error: InvalidArgument, or AccessDenied without a date.
    """
    credential = authorization[4:]
    if " " in credential:
        text = "Authorization header is invalid -- one and only one ' ' (space) required."
        raise invalid_argument(text, "Authorization", authorization)
    access_key, colon, provided = credential.partition(":")
    if not (access_key and colon and provided):
        text = "AWS authorization header is invalid.  Expected AwsAccessKeyId:signature"
        raise invalid_argument(text, "Authorization", authorization)
    if _signed_at(headers) is None:
        raise missing_date_error()
    return SigV2Parameters(access_key, provided, "" if "x-amz-date" in headers else headers["date"])


def _sent_date(headers: Mapping[str, str]) -> str:
    """Return ``x-amz-date``, even if it is empty, or else ``Date``; empty without either."""
    return headers["x-amz-date"] if "x-amz-date" in headers else headers.get("date", "")


def _signed_at(headers: Mapping[str, str]) -> datetime | None:
    """Return when the request was signed; None without a valid date. One before 1970 is none (Ceph's compatibility checks)."""
    from ...protocol.timestamps import parse_http_date

    sent = _sent_date(headers)
    date = parse_timestamp(sent) or parse_http_date(sent)
    return date if date is not None and date >= _EPOCH else None


def check_date(headers: Mapping[str, str], clock: Clock) -> None:
    """Raise S3Error RequestTimeTooSkewed if the request was signed more than 15 minutes from now."""
    date = _signed_at(headers)
    assert date is not None
    check_skew(f"{date:%Y%m%dT%H%M%SZ}", clock, _sent_date(headers))


def parse_query(query: Mapping[str, str], now: datetime) -> SigV2Parameters:
    """Parse the parameters of a presigned URL: ``AWSAccessKeyId``, ``Expires`` (seconds since 1970), ``Signature``.

    Raises:
        S3Error: AccessDenied if it is incomplete or has expired.
    """
    if not query.keys() >= REQUIRED:
        text = "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters"
        raise S3Error("AccessDenied", text)
    expires = query["Expires"]
    if not _SECONDS.fullmatch(expires):
        raise S3Error("AccessDenied", f"Invalid date (should be seconds since epoch): {expires}")
    if now > _EPOCH + timedelta(seconds=int(expires)):
        raise expired_error({"Expires": format_iso(_EPOCH + timedelta(seconds=int(expires)))}, now)
    return SigV2Parameters(query["AWSAccessKeyId"], query["Signature"], expires)


def check_signature(
    request: Request, query: Mapping[str, str], bucket: str | None, parameters: SigV2Parameters, secret: str
) -> None:
    """Verify the signature. ``bucket`` is the bucket in the host name; None: it is in the path.

    Raises:
        S3Error: SignatureDoesNotMatch.
    """
    paths = [f"/{bucket}{request.path}" if bucket is not None else request.path]
    if bucket is None and request.path.count("/") == 1 and len(request.path) > 1:
        # botocore sends ``/bucket`` and signs the resource ``/bucket/``.
        paths.append(f"{request.path}/")
    texts = [_string_to_sign(request, query, path, parameters.date) for path in paths]
    for text in texts:
        digest = hmac.digest(secret.encode(), wire_bytes(text), "sha1")
        if signatures_equal(b64encode(digest).decode(), parameters.signature):
            return
    raise signature_mismatch_error(parameters.access_key, texts[0], parameters.signature)


def _string_to_sign(request: Request, query: Mapping[str, str], path: str, date: str) -> str:
    headers = request.headers
    standard = (headers.get(name, "").strip() for name in ("content-md5", "content-type"))
    amz = {name: value for name, value in (*query.items(), *headers.items()) if name.startswith("x-amz-")}
    lines = (f"{name}:{amz[name].strip()}" for name in sorted(amz))
    return "\n".join((request.method, *standard, date, *lines, path + _subresources(request.query)))


def _subresources(query: str) -> str:
    if not query:
        return ""
    pairs = (pair.partition("=") for pair in query.split("&"))
    signed = sorted((name, f"{name}{equals}{unquote(value)}") for name, equals, value in pairs if name in SUBRESOURCES)
    return "?" + "&".join(text for _, text in signed) if signed else ""
