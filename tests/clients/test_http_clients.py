"""HTTP libraries without an SDK, in-process and against the server: presigned URLs, streams, faults."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
import requests

from fakes3part import faults
from fakes3part.faults import Effect
from tests.support.doors import Door, RawResponse, assert_error
from tests.support.errors import NO_SUCH_KEY, SIGNATURE_DOES_NOT_MATCH
from tests.support.http_client import HttpClient
from tests.support.post_forms import known
from tests.support.state import unchanged

DATA = bytes(range(256)) * 512
Presign = Callable[..., str]


@pytest.fixture
def presign(door: Door, bucket: str) -> Iterator[Presign]:
    """Make URLs that are signed with a key whose secret the fake knows."""
    user = known(door.fake)
    with door.client_with(aws_access_key_id=user.access_key, aws_secret_access_key=user.secret_key) as client:

        def make(operation: str, key: str = "k", **params: Any) -> str:
            return str(client.generate_presigned_url(operation, Params={"Bucket": bucket, "Key": key, **params}))

        yield make


def stored(door: Door, key: str = "k") -> bytes:
    return bytes(door.fake.buckets["bucket"].objects[key].data)


class Unsized(io.RawIOBase):
    """A file whose size cannot be known: libraries read it piece by piece."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self._file = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._file.readinto(buffer)


class TestRequests:
    def test_put_and_get(self, http_client: HttpClient, door: Door, presign: Presign) -> None:
        response = http_client.request("PUT", presign("put_object"), body=DATA)
        assert (response.status, response.body, stored(door)) == (200, b"", DATA)
        response = http_client.request("GET", presign("get_object"))
        assert (response.status, response.body, response.headers["server"]) == (200, DATA, "AmazonS3")
        assert response.headers["content-length"] == str(len(DATA))

    def test_keys_as_they_are(self, http_client: HttpClient, door: Door, presign: Presign) -> None:
        key = "a//b/ä ü+%2F?&=~"
        assert http_client.request("PUT", presign("put_object", key), body=b"x").status == 200
        assert http_client.request("GET", presign("get_object", key)).body == b"x"
        assert list(door.fake.buckets["bucket"].objects) == [key]

    def test_head(self, http_client: HttpClient, s3: Any, presign: Presign) -> None:
        s3.put_object(Bucket="bucket", Key="k", Body=DATA)
        for _ in range(2):  # the connection can be used again: no body came
            response = http_client.request("HEAD", presign("head_object"))
            assert (response.status, response.body, response.headers["content-length"]) == (200, b"", str(len(DATA)))
        response = http_client.request("HEAD", presign("head_object", "none"))
        assert (response.status, response.body) == (404, b"")

    def test_range(self, http_client: HttpClient, s3: Any, presign: Presign) -> None:
        s3.put_object(Bucket="bucket", Key="k", Body=DATA)
        response = http_client.request("GET", presign("get_object"), {"Range": "bytes=10-19"})
        assert (response.status, response.body) == (206, DATA[10:20])
        assert response.headers["content-range"] == f"bytes 10-19/{len(DATA)}"

    def test_response_without_a_body(self, http_client: HttpClient, s3: Any, door: Door, presign: Presign) -> None:
        etag = s3.put_object(Bucket="bucket", Key="k", Body=DATA)["ETag"]
        for _ in range(2):
            response = http_client.request("GET", presign("get_object"), {"If-None-Match": etag})
            assert (response.status, response.body, response.headers["etag"]) == (304, b"", etag)
        assert http_client.request("DELETE", presign("delete_object")).status == 204
        assert http_client.request("DELETE", presign("delete_object")).status == 204
        assert list(door.fake.buckets["bucket"].objects) == []

    def test_an_error(self, http_client: HttpClient, presign: Presign) -> None:
        response = http_client.request("GET", presign("get_object", "none"))
        assert_error(response, 404, "NoSuchKey", NO_SUCH_KEY, {"Key": "none"})
        assert response.headers["content-type"] == "application/xml"

    def test_a_wrong_signature(self, http_client: HttpClient, door: Door, presign: Presign) -> None:
        with unchanged(door.fake):
            for url in (presign("get_object"), presign("put_object", "other").replace("/other", "/k")):
                response = http_client.request("PUT", url, body=DATA)
                assert response.status == 403
                assert (response.error["Code"], response.error["Message"]) == (
                    "SignatureDoesNotMatch",
                    SIGNATURE_DOES_NOT_MATCH,
                )

    def test_form(self, http_client: HttpClient, door: Door, bucket: str) -> None:
        post = door.client.generate_presigned_post(bucket, "k", Conditions=[["content-length-range", 0, 10]])
        for data, status in [(b"0123456789", 204), (b"0123456789a", 400)]:
            prepared = requests.Request("POST", post["url"], data=post["fields"], files={"file": ("f", data)}).prepare()
            headers = {"Content-Type": prepared.headers["Content-Type"]}
            response = http_client.request("POST", post["url"], headers, prepared.body)
            assert response.status == status
        assert response.error["Code"] == "EntityTooLarge"
        assert stored(door) == b"0123456789"

    def test_multipart(self, http_client: HttpClient, s3: Any, door: Door, presign: Presign) -> None:
        upload = s3.create_multipart_upload(Bucket="bucket", Key="k")["UploadId"]
        parts = []
        for number, size in [(1, 5 << 20), (2, 1000)]:
            url = presign("upload_part", UploadId=upload, PartNumber=number)
            response = http_client.request("PUT", url, body=bytes([number]) * size)
            assert response.status == 200
            parts.append(f"<Part><PartNumber>{number}</PartNumber><ETag>{response.headers['etag']}</ETag></Part>")
        document = f"<CompleteMultipartUpload>{''.join(parts)}</CompleteMultipartUpload>".encode()
        url = presign("complete_multipart_upload", UploadId=upload)
        response = http_client.request("POST", url, {"Content-Type": "application/xml"}, document)
        assert (response.status, b"CompleteMultipartUploadResult" in response.body) == (200, True)
        assert stored(door) == b"\1" * (5 << 20) + b"\2" * 1000


class TestStreams:
    @pytest.mark.parametrize("kind", [io.BytesIO, Unsized, lambda data: iter([data[:1000], data[1000:]])])
    def test_upload(self, http_client: HttpClient, door: Door, presign: Presign, kind: Callable[[bytes], Any]) -> None:
        length = {"Content-Length": str(len(DATA))}
        if http_client.name == "requests" and kind is not io.BytesIO:
            pytest.skip("requests would add Transfer-Encoding: chunked")
        assert http_client.request("PUT", presign("put_object"), length, kind(DATA)).status == 200
        assert stored(door) == DATA

    def test_upload_in_chunks(self, http_client: HttpClient, door: Door, presign: Presign) -> None:
        """S3 does not implement this. The whole body is read nevertheless, and the connection can be used."""
        with unchanged(door.fake):
            response = http_client.request("PUT", presign("put_object"), body=iter([b"abc", b"def"]))
        assert (response.status, response.error["Code"], response.error["Header"]) == (501, "NotImplemented", "Transfer-Encoding")
        assert http_client.request("PUT", presign("put_object"), body=b"abc").status == 200

    def test_an_upload_that_fails_within(self, http_client: HttpClient, door: Door, presign: Presign) -> None:
        def body() -> Iterator[bytes]:
            yield b"0123"
            raise ZeroDivisionError

        with unchanged(door.fake), pytest.raises(http_client.upload_failure):
            http_client.request("PUT", presign("put_object"), {"Content-Length": "10"}, body())
        assert http_client.request("PUT", presign("put_object"), body=b"abc").status == 200
        assert stored(door) == b"abc"

    def test_expect(self, http_client: HttpClient, door: Door, presign: Presign) -> None:
        response = http_client.request("PUT", presign("put_object"), {"Expect": "100-continue"}, DATA)
        assert (response.status, stored(door)) == (200, DATA)

    @pytest.mark.parametrize("size", [1000, 1 << 20])
    def test_download(self, http_client: HttpClient, s3: Any, presign: Presign, size: int) -> None:
        s3.put_object(Bucket="bucket", Key="k", Body=DATA)
        assert b"".join(http_client.chunks(presign("get_object"), size)) == DATA

    def test_a_download_that_is_given_up(self, http_client: HttpClient, s3: Any, presign: Presign) -> None:
        s3.put_object(Bucket="bucket", Key="k", Body=DATA)
        chunks = http_client.chunks(presign("get_object"), 1000)
        assert next(chunks) == DATA[:1000]
        chunks.close()  # type: ignore[attr-defined]
        if http_client.name == "http.client":  # which leaves it to its user to close a connection that has bytes left
            http_client.close()
        assert http_client.request("GET", presign("get_object")).body == DATA


class TestFaults:
    """All effects that clients see as something else than a response. `faults` has those of responses."""

    @pytest.fixture
    def client(self, http_client: HttpClient, door: Door) -> Iterator[HttpClient]:
        """The client; against the server it gives up soon."""
        if door.name == "in-process":
            yield http_client
            return
        client = type(http_client)(timeout=0.3)
        yield client
        client.close()

    @pytest.fixture
    def get(self, client: HttpClient, door: Door, s3: Any, presign: Presign) -> Callable[[Effect], RawResponse]:
        s3.put_object(Bucket="bucket", Key="k", Body=DATA)

        def get(effect: Effect) -> RawResponse:
            door.fake.fail("GetObject", effect)
            return client.request("GET", presign("get_object"))

        return get

    @pytest.mark.parametrize(
        ("effect", "failure"),
        [
            (faults.Reset(), "reset"),
            (faults.Reset("during"), "body_reset"),
            (faults.Stall(after=None), "timeout"),
            (faults.Stall(), "body_timeout"),
            (faults.Stall(after=1000), "body_timeout"),
            (faults.Truncate(after=0), "cut"),
            (faults.Truncate(after=1000), "cut"),
        ],
        ids=str,
    )
    def test_broken_connections(
        self, get: Callable[[Effect], RawResponse], client: HttpClient, effect: Effect, failure: str, door: Door, presign: Presign
    ) -> None:
        with pytest.raises(getattr(client, failure)):
            get(effect)
        door.fake.faults.clear()
        assert client.request("GET", presign("get_object")).body == DATA

    def test_refused(self, get: Callable[[Effect], RawResponse], client: HttpClient, door: Door) -> None:
        with pytest.raises(client.refused if door.name == "in-process" else client.reset):
            get(faults.Refuse())

    def test_a_chunked_body(self, client: HttpClient, door: Door, s3: Any, presign: Presign) -> None:
        s3.put_object(Bucket="bucket", Key="k", Body=DATA)
        door.fake.fail("ListObjectsV2", faults.Truncate(after=20))
        url = s3.generate_presigned_url("list_objects_v2", Params={"Bucket": "bucket"})
        with pytest.raises(client.cut_chunked):
            client.request("GET", url)

    def test_an_upload(self, client: HttpClient, door: Door, presign: Presign) -> None:
        door.fake.fail("PutObject", faults.Reset())
        # Whether the client is still sending over a real socket depends on the moment. Each library has another error then.
        with unchanged(door.fake), pytest.raises(client.reset if door.name == "in-process" else Exception):
            client.request("PUT", presign("put_object"), body=DATA)
        door.fake.faults.clear()
        assert client.request("PUT", presign("put_object"), body=DATA).status == 200

    def test_slow(self, get: Callable[[Effect], RawResponse], door: Door) -> None:
        door.fake.clock.freeze()
        before = door.fake.clock.now()
        assert get(faults.Bandwidth(bytes_per_second=len(DATA) // 4)).body == DATA
        assert (door.fake.clock.now() - before).total_seconds() == pytest.approx(4, abs=0.1)

    def test_a_delay_beyond_the_timeout(self, http_client: HttpClient, door: Door, s3: Any, presign: Presign) -> None:
        """The client gives up; the operation is performed all the same, as S3 does with what it has received."""
        client = type(http_client)(timeout=0.2)
        url = presign("put_object")
        rule = door.fake.fail("PutObject", faults.Latency(0.6))
        begun = time.monotonic()
        with pytest.raises(client.timeout):
            client.request("PUT", url, body=b"late")
        assert time.monotonic() - begun < 0.6
        while not door.fake.calls.count("PutObject"):
            time.sleep(0.01)
        assert (rule.hits, stored(door)) == (1, b"late")
        rule.remove()
        again = client if door.name == "in-process" else http_client  # a real network may be slow
        assert again.request("PUT", url, body=b"in time").status == 200
        assert stored(door) == b"in time"
        client.close()

    def test_a_delay_within_the_timeout(self, http_client: HttpClient, door: Door, s3: Any, presign: Presign) -> None:
        door.fake.fail("PutObject", faults.Latency(0.01))
        assert http_client.request("PUT", presign("put_object"), body=DATA).status == 200
        assert stored(door) == DATA

    def test_a_delay_by_a_clock_that_the_test_controls(self, http_client: HttpClient, door: Door, presign: Presign) -> None:
        door.fake.clock.freeze()
        before = door.fake.clock.now()
        door.fake.fail("PutObject", faults.Latency(60))
        assert http_client.request("PUT", presign("put_object"), body=DATA).status == 200
        # (A server may still be sending the slow body of the test before, which lets this clock pass too.)
        assert 60 <= (door.fake.clock.now() - before).total_seconds() <= 62

    def test_a_slow_body_beyond_the_timeout(self, http_client: HttpClient, door: Door, s3: Any, presign: Presign) -> None:
        s3.put_object(Bucket="bucket", Key="k", Body=b"abc")
        door.fake.fail("GetObject", faults.Bandwidth(bytes_per_second=2))
        client = type(http_client)(timeout=0.1)
        with pytest.raises(client.body_timeout):
            client.request("GET", presign("get_object"))
        client.close()

    def test_an_error(self, get: Callable[[Effect], RawResponse]) -> None:
        response = get(faults.Error("SlowDown"))
        assert_error(response, 503, "SlowDown", "Please reduce your request rate.")

    def test_corrupt(self, get: Callable[[Effect], RawResponse]) -> None:
        response = get(faults.Corrupt())
        assert (response.status, response.body) == (200, bytes([255]) + DATA[1:])

    def test_the_body_until_it_broke(self, client: HttpClient, door: Door, s3: Any, presign: Presign) -> None:
        s3.put_object(Bucket="bucket", Key="k", Body=DATA)
        door.fake.fail("GetObject", faults.Truncate(after=5000))
        received: list[bytes] = []
        with suppress(client.cut):  # http.client and urllib do not notice, if they read by pieces
            for chunk in client.chunks(presign("get_object"), 1000):
                received.append(chunk)
        if client.name == "aiohttp" and door.name == "server":  # it drops bytes that were not read when the connection broke
            assert DATA[:5000].startswith(b"".join(received))
        else:
            assert b"".join(received) == DATA[:5000]
