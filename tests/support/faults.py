"""A fake with its clients, in-process or over HTTP, for the tests of faults."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from fakes3part.api.fakes3 import FakeS3

BUCKET = "bucket"
DATA = bytes(range(256)) * 16
"""The body of the object ``old``."""


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


def put(s3: Any) -> Any:
    """Create the object ``new``."""
    return s3.put_object(Bucket=BUCKET, Key="new", Body=b"new")


def delete(s3: Any) -> Any:
    """Delete the object ``old``."""
    return s3.delete_object(Bucket=BUCKET, Key="old")


def head(s3: Any) -> Any:
    """Request the headers of the object ``old``."""
    return s3.head_object(Bucket=BUCKET, Key="old")


def names(s3: Any) -> list[str]:
    """List the keys in the bucket."""
    return [element["Key"] for element in s3.list_objects_v2(Bucket=BUCKET)["Contents"]]


def get(s3: Any) -> Any:
    """Return the body of the object ``old``, not yet read."""
    return s3.get_object(Bucket=BUCKET, Key="old")["Body"]


def at_once(body: Any) -> bytes:
    """Read a body in one call."""
    data: bytes = body.read()
    return data


def piecemeal(body: Any) -> bytes:
    """Read a body in chunks."""
    return b"".join(body.iter_chunks(1000))


def into(body: Any) -> bytes:
    """Read a body with ``readinto``."""
    buffer, data = bytearray(1000), b""
    while size := body.readinto(buffer):
        data += buffer[:size]
    return data


def lines(body: Any) -> bytes:
    """Read a body by lines."""
    return b"".join(body.iter_lines(keepends=True))


READERS = [at_once, piecemeal, into, lines]

Call = Callable[[Any], Any]


def client(transport: Transport, **config: Any) -> Any:
    """Return a client of a bucket with the object ``old``."""
    s3 = transport.client(**config)
    s3.put_object(Bucket=BUCKET, Key="old", Body=DATA)
    return s3


def copy(s3: Any) -> Any:
    """Copy the object ``old`` to ``new``."""
    return s3.copy_object(Bucket=BUCKET, Key="new", CopySource=f"{BUCKET}/old")


def copy_part(s3: Any) -> Any:
    """Copy the object ``old`` to a part of a new upload."""
    upload_id = s3.create_multipart_upload(Bucket=BUCKET, Key="new")["UploadId"]
    return s3.upload_part_copy(Bucket=BUCKET, Key="new", UploadId=upload_id, PartNumber=1, CopySource=f"{BUCKET}/old")


def complete(s3: Any) -> Any:
    """Create the object ``new`` by a multipart upload."""
    upload = {"Bucket": BUCKET, "Key": "new", "UploadId": s3.create_multipart_upload(Bucket=BUCKET, Key="new")["UploadId"]}
    part = {"PartNumber": 1, "ETag": s3.upload_part(**upload, PartNumber=1, Body=b"new")["ETag"]}
    return s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [part]})
