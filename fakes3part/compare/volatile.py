"""Rules for what may differ between two S3s without a meaning: tables of headers and elements, and how close times must be."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from ..leniences import HEADER as LENIENT_HEADER
from ..protocol.timestamps import parse_http_date, parse_iso_date

IGNORED_HEADERS = frozenset(
    {
        LENIENT_HEADER.lower(),
        "alt-svc",
        "connection",
        "date",
        "keep-alive",
        "server",
        "strict-transport-security",
        "transfer-encoding",
        "via",
        "x-amz-id-2",
        "x-amz-request-id",
        "x-amzn-requestid",
        "x-amzn-trace-id",
    }
)
"""Headers of the connection, of the server itself, and ids of requests."""

CORS_HEADERS = re.compile("access-control-.*|vary")
"""Compared if the request is a browser's: has an Origin header."""

IGNORED_ELEMENTS = frozenset({"DisplayName", "HostId", "RequestId"})

MADE_ELEMENTS = frozenset(
    {
        "ContinuationToken",
        "CopySourceVersionId",
        "DeleteMarkerVersionId",
        "NextContinuationToken",
        "NextUploadIdMarker",
        "NextVersionIdMarker",
        "RestoreOutputPath",
        "UploadId",
        "VersionId",
    }
)
"""Elements whose values the service makes up. Which of the fake's is which of the target's is learnt from parallel responses."""

ID_ELEMENT = "ID"
"""The id of an owner or a grantee, or of a rule that was put without one."""

ENCRYPTION = "x-amz-server-side-encryption"
CUSTOMER_ALGORITHM = f"{ENCRYPTION}-customer-algorithm"

MADE_HEADERS = frozenset(
    {"x-amz-abort-rule-id", "x-amz-copy-source-version-id", "x-amz-version-id", f"{ENCRYPTION}-aws-kms-key-id"}
)

FIXED_VALUES = frozenset({"", "null", "STANDARD"})
"""Values of the above that the service does not make up."""

UNORDERED_ELEMENTS = frozenset({"Deleted", "Error", "Tag"})
"""Elements whose order is S3's secret: the results of DeleteObjects, and tags."""

TOLERANCE = timedelta(minutes=15)
"""How far two clocks may differ. (S3 itself refuses requests of a clock that is off by more.)"""

_TIME = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)|[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"
)
_LONG_TOKEN = re.compile(r"[\w.~+/=-]{16,}")


def has_opaque_etag(headers: dict[str, str]) -> bool:
    """Return whether the ETag of a response with these headers is no digest of the bytes: KMS's or the client's key is used."""
    return headers.get(ENCRYPTION, "").startswith("aws:kms") or CUSTOMER_ALGORITHM in headers


def has_same_times(fake: str, real: str) -> bool:
    """Return whether two texts are the same but for times in them, which have the same form and are nearly the same."""
    if _TIME.sub("", fake) != _TIME.sub("", real):
        return False
    fake_times, real_times = _TIME.findall(fake), _TIME.findall(real)
    return len(fake_times) == len(real_times) and all(map(_is_near, fake_times, real_times))


def _is_near(fake: str, real: str) -> bool:
    first, second = _parse(fake), _parse(real)
    if first is None or second is None:
        return fake == real
    return abs(first - second) <= TOLERANCE and re.sub(r"\d+", "0", _words(fake)) == re.sub(r"\d+", "0", _words(real))


def _words(time: str) -> str:
    """Return a time without the names of days and months."""
    return time if time[0].isdigit() else "GMT"


def _parse(text: str) -> datetime | None:
    return parse_iso_date(text) if text[0].isdigit() else parse_http_date(text)


def location_path(text: str) -> str:
    """Return the path of a Location, with the bucket in front if the host names it: endpoints differ, and their styles."""
    parts = urlsplit(text)
    if not parts.scheme:
        return text
    bucket = (parts.hostname or "").partition(".s3")
    return f"/{bucket[0]}{parts.path}" if bucket[1] else parts.path


def replace_tokens(text: str, values: dict[str, str]) -> str:
    """Return a text in which long words, which may be made up, are replaced by others."""
    if text in values:
        return values[text]
    return _LONG_TOKEN.sub(lambda match: values.get(match[0], match[0]), text)
