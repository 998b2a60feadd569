"""A fake with its clients, in-process or over HTTP, for the tests of faults."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from fakes3part.api.fakes3 import FakeS3

BUCKET = "bucket"


def error_of(error: ClientError) -> tuple[int, str, str]:
    """Return HTTP status, code and message."""
    details = error.response["Error"]
    return error.response["ResponseMetadata"]["HTTPStatusCode"], details["Code"], details["Message"]


@dataclass
class Transport:
    """A fake and how clients reach it: ``in-process`` or over HTTP by a ``server``.

    Attributes:
        url: the server's URL; None: in-process.
        slept: the seconds that botocore would have slept between attempts.
    """

    name: str
    fake: FakeS3
    new_client: Callable[..., Any]
    url: str | None
    slept: list[float] = field(default_factory=list)

    def client(self, **config: Any) -> Any:
        """Return a client with these settings of `botocore.config.Config`; creates the bucket on first use."""
        client = self.new_client(self.url, **config)
        if BUCKET not in self.fake.store.buckets:
            client.create_bucket(Bucket=BUCKET)
        return client

    def stored(self, key: str) -> bytes | None:
        """Return an object's bytes; None: there is no object."""
        version = self.fake.store.buckets[BUCKET].objects.get(key)
        return None if version is None or version.data is None else b"".join(map(bytes, version.data.segments))

    def listed(self) -> list[str]:
        """Return the keys in the bucket."""
        return list(self.fake.store.buckets[BUCKET].objects)

    @property
    def is_http(self) -> bool:
        return self.name == "server"
