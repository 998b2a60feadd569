"""Access logs: a bucket that is logged, and the lines of its log by field."""

from __future__ import annotations

import json
import re
from typing import Any

from fakes3part.api.fakes3 import FakeS3
from tests.support.callers import OWNER
from tests.support.doors import Door

SERVICE = "logging.s3.amazonaws.com"
START = "2026-09-20T19:29:41Z"

FIELDS = (
    "owner", "bucket", "time", "client", "requester", "request_id", "operation", "key", "uri", "status", "error", "bytes", "size",
    "total", "turn_around", "referer", "agent", "version", "host_id", "signature", "cipher", "authentication", "host", "tls",
    "access_point", "acl", "unknown",
)  # fmt: skip
"""The fields of a line, in the order of AWS's page."""

_FIELD = re.compile(r'\[[^\]]*\]|"[^"]*"|\S+')

Line = dict[str, str]


def parse(line: str) -> Line:
    """Return the fields of a line by name."""
    values = _FIELD.findall(line)
    assert " ".join(values) == line
    return dict(zip(FIELDS, values, strict=True))


def allow_delivery(s3: Any, target: str = "logs", **condition: Any) -> None:
    """Let S3 write log objects into a bucket, by its policy."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": SERVICE},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{target}/*",
        **({"Condition": condition} if condition else {}),
    }
    s3.put_bucket_policy(Bucket=target, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


def log_to(s3: Any, target: str = "logs", prefix: str = "", source: str = "bucket", **members: Any) -> None:
    """Switch logging on."""
    enabled = {"TargetBucket": target, "TargetPrefix": prefix, **members}
    s3.put_bucket_logging(Bucket=source, BucketLoggingStatus={"LoggingEnabled": enabled})


def bodies(fake: FakeS3, bucket: str = "logs") -> dict[str, str]:
    """Return the texts of the objects in a bucket by key."""
    return {key: found.text for key, found in fake.buckets[bucket].objects.items()}


def delivered(door: Door, bucket: str = "logs") -> list[Line]:
    """Deliver the logs, and return their lines in order, without that of PutBucketLogging."""
    lines: list[Line] = []
    for log in door.fake.deliver_logs():
        if log.bucket == bucket:
            text = door.fake.buckets[bucket].objects[log.key].text
            assert text.endswith("\n")
            lines += map(parse, text.splitlines())
    return [line for line in lines if line["operation"] != "REST.PUT.LOGGING_STATUS"]


def reason(account: str = OWNER) -> dict[str, dict[str, str]]:
    """Return the conditions of AWS's example of a policy: the bucket that is logged, and its account."""
    return {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::bucket"}, "StringEquals": {"aws:SourceAccount": account}}
