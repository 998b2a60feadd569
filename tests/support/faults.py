"""What the tests of faults share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from fakes3part.api.fakes3 import FakeS3

BUCKET = "bucket"


def told(error: ClientError) -> tuple[int, str, str]:
    """Status, code and message."""
    found = error.response["Error"]
    return error.response["ResponseMetadata"]["HTTPStatusCode"], found["Code"], found["Message"]


@dataclass
class Place:
    """One fake behind one door. ``slept`` are the pauses for which a client would have slept."""

    name: str
    fake: FakeS3
    new_client: Callable[..., Any]
    url: str | None
    slept: list[float] = field(default_factory=list)

    def client(self, **config: Any) -> Any:
        """A client whose settings of `botocore.config.Config` are these, of a fake that has a bucket."""
        client = self.new_client(self.url, **config)
        if BUCKET not in self.fake.store.buckets:
            client.create_bucket(Bucket=BUCKET)
        return client

    def stored(self, key: str) -> bytes | None:
        """The bytes under a key, None: there is no object."""
        version = self.fake.store.buckets[BUCKET].objects.get(key)
        return None if version is None or version.data is None else b"".join(map(bytes, version.data.segments))

    def listed(self) -> list[str]:
        return list(self.fake.store.buckets[BUCKET].objects)

    @property
    def is_http(self) -> bool:
        return self.name == "server"
