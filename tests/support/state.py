"""The state of a fake as comparable values, and parts of raw requests."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any
from urllib.parse import quote

from fakes3part.api.fakes3 import FakeS3
from fakes3part.message import Request
from fakes3part.state.bucket import Bucket

Headers = dict[str, str]

SIGNED = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/s3/aws4_request, "
    f"SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature={'0' * 64}",
    "X-Amz-Date": "20260101T000000Z",
    "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
}
"""Headers of a signed request, for requests whose ``x-amz-content-sha256`` botocore's signer would overwrite."""

AWS = "s3.amazonaws.com"

UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"


_NOT_COMPARED = {
    "analytics_activity",
    "metric_sums",
    "public_access_blocks",
    "closed_uploads",
    "completed_uploads",
    "epoch",
    "lock",
    "sequence",
    "shares_uploads",
    "uploads_by_key",
    "usage",
}
"""Fields of `Bucket` that are no state of their own, or that a refused request may change."""


def state(fake: FakeS3) -> dict[str, Any]:
    """Return all that requests can change, as comparable values: all fields of each bucket except `_NOT_COMPARED`."""
    return {name: _comparable(bucket) for name, bucket in fake.store.buckets.items()}


def _comparable(bucket: Bucket) -> dict[str, Any]:
    values = {field.name: getattr(bucket, field.name) for field in fields(bucket) if field.name not in _NOT_COMPARED}
    keys = sorted({*bucket.objects, *bucket.versions_by_key})
    return {
        **values,
        "versions_by_key": {key: list(bucket.versions(key).values()) for key in keys},
        "objects": [bucket.objects[key] for key in bucket.objects],
        "uploads": {upload.id: dict(upload.parts) for upload in bucket.uploads.values()},
        "directory": None if bucket.directory is None else bucket.directory.copy(),
    }


@contextlib.contextmanager
def unchanged(fake: FakeS3) -> Iterator[None]:
    """Assert that the block stores, changes and removes nothing."""
    before = state(fake)
    yield
    assert state(fake) == before


_SIGNED = {name.lower(): value for name, value in SIGNED.items()}


def prepare(
    fake: FakeS3, method: str, target: str, body: bytes = b"", headers: Mapping[str, str] | None = None, host: str = AWS
) -> None:
    """Make what a test finds by a request to the fake itself, which takes a tenth of the time of boto3."""
    path, _, query = target.partition("?")
    lowered = {name.lower(): value for name, value in (headers or {}).items()}
    request = Request(method, host, path, query, {**_SIGNED, "content-length": str(len(body)), **lowered}, body)
    assert fake.handle(request).status in (200, 204)


def fill(fake: FakeS3, bucket: str, keys: Iterable[str]) -> None:
    """Put an empty object under each key."""
    for key in keys:
        prepare(fake, "PUT", f"/{bucket}/{quote(key)}")


def version(fake: FakeS3, bucket: str, status: str = "Enabled") -> None:
    """Set a bucket's versioning."""
    body = f"<VersioningConfiguration><Status>{status}</Status></VersioningConfiguration>".encode()
    prepare(fake, "PUT", f"/{bucket}?versioning", body)


def framed(chunks: Sequence[bytes], trailers: Mapping[str, str] | None = None, extension: str = "") -> bytes:
    """Return an aws-chunked body."""
    body = b"".join(b"%x%b\r\n%b\r\n" % (len(chunk), extension.encode(), chunk) for chunk in chunks)
    lines = "".join(f"{name}:{value}\r\n" for name, value in (trailers or {}).items())
    return body + f"0{extension}\r\n{lines}\r\n".encode()


def streaming(size: int | str | None, trailer: str | None = None, sha256: str = UNSIGNED_TRAILER) -> Headers:
    """Return the headers of an aws-chunked body of ``size`` decoded bytes (None: without that header)."""
    headers = {**SIGNED, "x-amz-content-sha256": sha256, "Content-Encoding": "aws-chunked"}
    if size is not None:
        headers["X-Amz-Decoded-Content-Length"] = str(size)
    if trailer is not None:
        headers["X-Amz-Trailer"] = trailer
    return headers
