"""Server access logs: the lines of a log, and the keys of the objects that hold them.

Source: "Amazon S3 server access log format" in the user guide. That keys are encoded twice is known from users' issues; the 27th
field, which no page documents, is recorded from AWS, September 2026.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote

from ..state.access_logging import EVENT_TIME, PARTITIONED, AccessLogging

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class LogEntry(NamedTuple):
    """The fields of a line, in their order. A field that is None is a hyphen in the line.

    Attributes:
        owner: the canonical user id of the bucket's owner.
        time: when the request came.
        client: the IP address.
        requester: a canonical user id, or the ARN of a user or session; None: the request is anonymous.
        operation: ``REST.GET.OBJECT``.
        key: not encoded.
        request_line: ``GET /bucket/key HTTP/1.1``; None: there was no request of its own.
        bytes_sent: the size of the response's body.
        object_size: the size of the whole object.
        total_time: in milliseconds.
        turn_around_time: in milliseconds.
        referer: the header; an empty text: the request has none; None: there was no request of its own.
        user_agent: likewise.
        version_id: the one in the request.
        host_id: ``x-amz-id-2``.
        signature_version: ``SigV4``, ``SigV2``.
        cipher: the cipher suite of TLS.
        authentication: ``AuthHeader``, ``QueryString``.
        host: the Host header.
        tls_version: ``TLSv1.3``.
        access_point: its ARN.
        acl_required: whether an ACL was needed for the permission.
    """

    owner: str
    bucket: str
    time: datetime
    client: str | None
    requester: str | None
    request_id: str
    operation: str
    key: str | None = None
    request_line: str | None = None
    status: int | None = None
    error: str | None = None
    bytes_sent: int | None = None
    object_size: int | None = None
    total_time: int | None = None
    turn_around_time: int | None = None
    referer: str | None = None
    user_agent: str | None = None
    version_id: str | None = None
    host_id: str | None = None
    signature_version: str | None = None
    cipher: str | None = None
    authentication: str | None = None
    host: str | None = None
    tls_version: str | None = None
    access_point: str | None = None
    acl_required: bool = False


_QUOTED = frozenset({"request_line", "referer", "user_agent"})


def format_entry(entry: LogEntry) -> str:
    """Return the line of an entry, without its line feed."""
    fields = entry._asdict()
    fields["time"] = format_time(entry.time)
    fields["key"] = None if not entry.key else quote(quote(entry.key, errors="surrogatepass"))
    fields["acl_required"] = "Yes" if entry.acl_required else None
    texts = [_text(value, quoted=name in _QUOTED) for name, value in fields.items()]
    return " ".join([*texts, "-"])


def _text(value: object, *, quoted: bool) -> str:
    if value is None:
        return "-"
    text = str(value) or "-"
    return f'"{text}"' if quoted else text


def format_time(time: datetime) -> str:
    """Return a time as in ``[06/Feb/2019:00:00:38 +0000]``."""
    return f"[{time.day:02}/{_MONTHS[time.month - 1]}/{time.year:04}:{time:%H:%M:%S} +0000]"


def log_object_key(
    logging: AccessLogging, account: str, region: str, bucket: str, event_time: datetime, delivery_time: datetime, unique: str
) -> str:
    """Return the key of a log object.

    Without a PartitionDateSource the dates are those of the delivery. (Assumed: not recorded from AWS.)

    Args:
        account: the id of the account that owns the bucket.
        region: the bucket's Region.
        bucket: the name of the bucket whose requests are logged.
        event_time: of the records in the object. With EventTime, all are of one day.
        delivery_time: of the object.
        unique: 16 hexadecimal digits.
    """
    if logging.key_format != PARTITIONED:
        return f"{logging.target_prefix}{_timestamp(delivery_time)}-{unique}"
    by_event = logging.date_source == EVENT_TIME
    time = event_time.replace(hour=0, minute=0, second=0) if by_event else delivery_time
    day = f"{time.year:04}/{time:%m/%d}"
    return f"{logging.target_prefix}{account}/{region}/{bucket}/{day}/{_timestamp(time)}-{unique}"


def _timestamp(time: datetime) -> str:
    return f"{time.year:04}-{time:%m-%d-%H-%M-%S}"
