"""A look inside a fake, and requests made by hand: shared by the tests of objects, buckets and the wire."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from fakes3part.api.fakes3 import FakeS3
from fakes3part.message import Request

Headers = dict[str, str]

SIGNED = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/s3/aws4_request, "
    f"SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature={'0' * 64}",
    "X-Amz-Date": "20260101T000000Z",
    "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
}
"""Headers of a signed request, for requests whose ``x-amz-content-sha256`` botocore's signer would overwrite."""

UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"


def state(fake: FakeS3) -> dict[str, Any]:
    """Everything that requests can change, as comparable values."""
    return {
        name: (
            bucket.account,
            bucket.region,
            bucket.versioning,
            bucket.encryption,
            {
                key: list(versions.values())
                for key, versions in ((key, bucket.versions(key)) for key in sorted({*bucket.live, *bucket.history}))
            },
            [bucket.live[key] for key in bucket.live],
            {upload.id: dict(upload.parts) for upload in bucket.uploads.values()},
            (bucket.policy, bucket.acl, bucket.ownership, bucket.public_access_block, bucket.payer, bucket.lifecycle),
            (bucket.tags, bucket.object_lock, bucket.website, bucket.accelerate),
            None if bucket.directory is None else bucket.directory.copy(),
        )
        for name, bucket in fake.store.buckets.items()
    }


@contextlib.contextmanager
def unchanged(fake: FakeS3) -> Iterator[None]:
    """Nothing may be stored, changed or lost within."""
    before = state(fake)
    yield
    assert state(fake) == before


def fill(fake: FakeS3, bucket: str, keys: Iterable[str]) -> None:
    """An empty object under each key, past all doors: quick."""
    headers = {name.lower(): value for name, value in SIGNED.items()} | {"content-length": "0"}
    for key in keys:
        answer = fake.handle(Request("PUT", "localhost", f"/{bucket}/{quote(key)}", headers=dict(headers)))
        assert answer.status == 200


def framed(chunks: Sequence[bytes], trailers: Mapping[str, str] | None = None, extension: str = "") -> bytes:
    """An aws-chunked body."""
    body = b"".join(b"%x%b\r\n%b\r\n" % (len(chunk), extension.encode(), chunk) for chunk in chunks)
    lines = "".join(f"{name}:{value}\r\n" for name, value in (trailers or {}).items())
    return body + f"0{extension}\r\n{lines}\r\n".encode()


def streaming(size: int | str | None, trailer: str | None = None, sha256: str = UNSIGNED_TRAILER) -> Headers:
    """The headers that go with an aws-chunked body of ``size`` decoded bytes (None: not told)."""
    headers = {**SIGNED, "x-amz-content-sha256": sha256, "Content-Encoding": "aws-chunked"}
    if size is not None:
        headers["X-Amz-Decoded-Content-Length"] = str(size)
    if trailer is not None:
        headers["X-Amz-Trailer"] = trailer
    return headers
