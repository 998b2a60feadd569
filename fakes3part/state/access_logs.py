"""Server access logging: a log of a bucket, and its records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .access_logging import AccessLogging


@dataclass(frozen=True, slots=True)
class LogRecord:
    """A line of an access log, and when its request came.

    Attributes:
        is_delivery: the request was the delivery of a log object.
    """

    time: datetime
    line: str
    is_delivery: bool = False


@dataclass(frozen=True, slots=True)
class AccessLog:
    """The log of a bucket, which may be gone by now, for one target.

    Attributes:
        bucket: the name of the bucket whose requests are logged.
        account: the id of its owner's account.
        region: its Region.
        logging: its configuration at the time of the requests.
        records: in the order of the responses.
    """

    bucket: str
    account: str
    region: str
    logging: AccessLogging
    records: tuple[LogRecord, ...] = ()
