"""Bodies of objects and parts with ``Transfer-Encoding: chunked`` and without aws-chunked framing, which S3 refuses.

Sources: issues aws-sdk-js 1237, aws-sdk-js-v3 3403 and irods_resource_plugin_s3 2301.
"""

from __future__ import annotations

from functools import partial

import pytest

from tests.support.doors import Door, RawResponse, assert_error
from tests.support.errors import HEADER_NOT_IMPLEMENTED
from tests.support.multipart import Upload
from tests.support.sdk_captures import transferred
from tests.support.signing import UNKNOWN_KEY, by_header, by_sigv2_header, by_sigv2_url, by_url
from tests.support.state import SIGNED, framed, streaming, unchanged

CHUNKED = {"Transfer-Encoding": "chunked"}
SIGNERS = {
    "header": partial(by_header, credentials=UNKNOWN_KEY),
    "url": partial(by_url, credentials=UNKNOWN_KEY),
    "SigV2 header": partial(by_sigv2_header, credentials=UNKNOWN_KEY),
    "SigV2 url": partial(by_sigv2_url, credentials=UNKNOWN_KEY),
}
DATA = b"some data"


def send(door: Door, method: str, target: str, headers: dict[str, str], body: bytes) -> RawResponse:
    """Send a body in HTTP's chunks. In-process a request has its body without them."""
    body = transferred(body, 4) if door.name == "server" else body
    return door.raw(method, target, headers | CHUNKED, body, sign=False)


@pytest.mark.parametrize("signer", SIGNERS)
@pytest.mark.parametrize("body", [DATA, b""], ids=["data", "empty"])
@pytest.mark.parametrize("target", ["/bucket/k", "/bucket/key?partNumber=1&uploadId={}"], ids=["object", "part"])
def test_refused(door: Door, bucket: str, target: str, body: bytes, signer: str) -> None:
    target = target.format(Upload(door.client, bucket).id)
    signed = SIGNERS[signer](door, "PUT", target, body=body)
    with unchanged(door.fake):
        response = send(door, "PUT", signed.target, signed.headers, body)
        assert_error(response, 501, "NotImplemented", HEADER_NOT_IMPLEMENTED, {"Header": "Transfer-Encoding"})


@pytest.mark.parametrize("target", ["/bucket/k", "/bucket/key?partNumber=1&uploadId={}"], ids=["object", "part"])
def test_aws_chunked_in_http_chunks(door: Door, bucket: str, target: str) -> None:
    """As SDKs send streams over TLS."""
    upload = Upload(door.client, bucket)
    assert send(door, "PUT", target.format(upload.id), streaming(len(DATA)), framed([DATA])).status == 200
    if "uploadId" in target:
        assert [part["Size"] for part in upload.parts()] == [len(DATA)]
    else:
        assert door.client.get_object(Bucket=bucket, Key="k")["Body"].read() == DATA


def test_documents_may_come_in_chunks(door: Door, bucket: str) -> None:
    """Assumed: only bodies of objects and parts need a length that is known beforehand."""
    document = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    assert send(door, "PUT", "/bucket?versioning", dict(SIGNED), document).status == 200
    assert door.client.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
