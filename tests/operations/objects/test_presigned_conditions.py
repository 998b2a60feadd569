"""If-Match and If-None-Match as query parameters of a presigned URL: they are the headers of these names.

Sources: recorded from AWS, February 2026, for PutObject. Assumed for other operations: not recorded from AWS.
"""

from __future__ import annotations

from hashlib import md5
from urllib.parse import quote

import pytest
from botocore.credentials import Credentials

from tests.support.doors import Door, RawResponse, assert_error
from tests.support.errors import PRECONDITION_FAILED
from tests.support.signing import UNKNOWN_KEY, by_sigv2_url, by_url
from tests.support.state import unchanged

pytestmark = pytest.mark.usefixtures("bucket")

ETAG, OTHER = (quote(f'"{md5(body).hexdigest()}"') for body in (b"abc", b"other"))
NAMES = ["If-None-Match", "if-none-match", "IF-NONE-MATCH", "If-none-match"]


def send(door: Door, method: str, target: str, headers: dict[str, str] | None = None, body: bytes = b"") -> RawResponse:
    return by_url(door, method, target, headers, body, credentials=UNKNOWN_KEY).send()


def failed(response: RawResponse, condition: str) -> None:
    assert_error(response, 412, "PreconditionFailed", PRECONDITION_FAILED, {"Condition": condition})


def put(door: Door, key: str = "k") -> None:
    door.client.put_object(Bucket="bucket", Key=key, Body=b"abc")


@pytest.mark.parametrize("name", NAMES)
def test_put_if_none_match(door: Door, name: str) -> None:
    target = f"/bucket/k?{name}=*"
    assert send(door, "PUT", target, body=b"abc").status == 200
    with unchanged(door.fake):
        failed(send(door, "PUT", target, body=b"new"), "If-None-Match")
        failed(send(door, "PUT", f"/bucket/k?{name}=%2A", body=b"new"), "If-None-Match")
    assert door.client.get_object(Bucket="bucket", Key="k")["Body"].read() == b"abc"


@pytest.mark.parametrize("name", ["If-Match", "if-match", "IF-MATCH"])
def test_put_if_match(door: Door, name: str) -> None:
    put(door)
    with unchanged(door.fake):
        failed(send(door, "PUT", f"/bucket/k?{name}={OTHER}", body=b"new"), "If-Match")
    assert send(door, "PUT", f"/bucket/k?{name}={ETAG}", body=b"new").status == 200


def test_verified_signatures(door: Door) -> None:
    """The parameter is signed as any other."""
    owner = door.fake.accounts.principal(door.fake.accounts.account(door.fake.settings.account))
    credentials = Credentials(owner.access_key, owner.secret_key)
    put(door)
    url = by_url(door, "PUT", "/bucket/k?If-None-Match=*", body=b"new", credentials=credentials)
    with unchanged(door.fake):
        failed(url.send(), "If-None-Match")
        assert url.change("If-None-Match=", "if-none-match=").send().error["Code"] == "SignatureDoesNotMatch"


def test_delete(door: Door) -> None:
    put(door)
    with unchanged(door.fake):
        failed(send(door, "DELETE", f"/bucket/k?If-Match={OTHER}"), "If-Match")
    assert send(door, "DELETE", f"/bucket/k?If-Match={ETAG}").status == 204
    assert door.client.list_objects_v2(Bucket="bucket")["KeyCount"] == 0


def test_copy(door: Door) -> None:
    put(door, "source")
    target, headers = "/bucket/k?If-None-Match=*", {"x-amz-copy-source": "bucket/source"}
    assert send(door, "PUT", target, headers).status == 200
    with unchanged(door.fake):
        failed(send(door, "PUT", target, headers), "If-None-Match")


def test_complete(door: Door) -> None:
    s3 = door.client
    put(door)
    upload = s3.create_multipart_upload(Bucket="bucket", Key="k")["UploadId"]
    etag = s3.upload_part(Bucket="bucket", Key="k", UploadId=upload, PartNumber=1, Body=b"abc")["ETag"]
    part = f"<Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part>"
    body = f"<CompleteMultipartUpload>{part}</CompleteMultipartUpload>".encode()
    with unchanged(door.fake):
        failed(send(door, "POST", f"/bucket/k?uploadId={upload}&If-None-Match=*", body=body), "If-None-Match")
        failed(send(door, "POST", f"/bucket/k?uploadId={upload}&If-Match={OTHER}", body=body), "If-Match")
    assert send(door, "POST", f"/bucket/k?uploadId={upload}&If-Match={ETAG}", body=body).status == 200


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_reads(door: Door, method: str) -> None:
    put(door)
    assert send(door, method, f"/bucket/k?If-Match={OTHER}").status == 412
    assert send(door, method, f"/bucket/k?If-None-Match={ETAG}").status == 304
    for query in (f"If-Match={ETAG}", f"If-None-Match={OTHER}"):
        assert send(door, method, f"/bucket/k?{query}").status == 200


def test_a_header_goes_first(door: Door) -> None:
    put(door)
    etag = md5(b"abc").hexdigest()
    with unchanged(door.fake):
        failed(send(door, "PUT", f"/bucket/k?If-Match={ETAG}", {"If-Match": "other"}, b"new"), "If-Match")
    assert send(door, "PUT", f"/bucket/k?If-Match={OTHER}", {"If-Match": etag}, b"new").status == 200


def test_only_in_presigned_urls_of_sigv4(door: Door) -> None:
    put(door)
    assert door.raw("PUT", "/bucket/k?If-None-Match=*", body=b"new").status == 200
    response = by_sigv2_url(door, "PUT", "/bucket/k?If-None-Match=*", body=b"newer", credentials=UNKNOWN_KEY).send()
    assert response.status == 200
    assert door.client.get_object(Bucket="bucket", Key="k")["Body"].read() == b"newer"


def test_other_headers_are_not_known_to_count(door: Door) -> None:
    put(door)
    response = send(door, "GET", "/bucket/k?Range=bytes%3D0-0&If-Modified-Since=Fri%2C%2001%20Jan%202100%2000%3A00%3A00%20GMT")
    assert (response.status, response.body) == (200, b"abc")
