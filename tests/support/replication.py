"""Helpers for the tests of replication: buckets with versioning, configurations, and what a bucket has of a key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from fakes3part import FakeS3
from fakes3part.api.server import Server
from tests.support.doors import Door

ROLE = "arn:aws:iam::123456789012:role/replication"
METRICS: Any = {"Metrics": {"Status": "Enabled"}}
TIMED: Any = {
    "ReplicationTime": {"Status": "Enabled", "Time": {"Minutes": 15}},
    "Metrics": {"Status": "Enabled", "EventThreshold": {"Minutes": 15}},
}


def create(s3: Any, *names: str, **options: Any) -> None:
    """Create buckets with versioning."""
    for name in names:
        s3.create_bucket(Bucket=name, **options)
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})


def to(bucket: str, **members: Any) -> dict[str, Any]:
    """Return the destination of a rule."""
    return {"Destination": {"Bucket": f"arn:aws:s3:::{bucket}", **members}}


def rule(**members: Any) -> dict[str, Any]:
    """Return a rule of the second version of the schema, to ``replicas`` unless the members say otherwise."""
    return {
        "Priority": 1,
        "Filter": {},
        "Status": "Enabled",
        "DeleteMarkerReplication": {"Status": "Disabled"},
        **to("replicas"),
        **members,
    }


def old_rule(**members: Any) -> dict[str, Any]:
    """Return a rule of the first version."""
    return {"Prefix": "", "Status": "Enabled", **to("replicas"), **members}


def configure(s3: Any, *rules: dict[str, Any], bucket: str = "source", role: str = ROLE) -> None:
    document: Any = {"Role": role, "Rules": list(rules)}
    s3.put_bucket_replication(Bucket=bucket, ReplicationConfiguration=document)


def status(s3: Any, bucket: str, key: str = "key", **options: Any) -> str | None:
    """Return the replication status that HeadObject shows; None: it shows none."""
    found: str | None = s3.head_object(Bucket=bucket, Key=key, **options).get("ReplicationStatus")
    return found


def keys(s3: Any, bucket: str) -> list[str]:
    return [item["Key"] for item in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


@contextmanager
def door_with(door: Door, **settings: Any) -> Iterator[Door]:
    """Yield a door of the same kind to a fake with other settings."""
    fake = FakeS3(**settings)
    if door.name == "server":
        with Server(fake) as server, closing(door.new_client(endpoint_url=server.url)) as client:
            yield Door("server", fake, client, server.url, door.new_client)
    else:
        with fake:
            yield Door("in-process", fake, door.client, door.url, door.new_client)
