"""The setting ``max_bytes`` counts bodies that are being received, from their first byte until they are stored or dropped."""

from __future__ import annotations

import contextlib
import io
import os
import select
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from fakes3part import FakeS3, Server
from fakes3part.state import usage as usage_module
from fakes3part.state.usage import Reservation, Usage
from tests.support.doors import Door
from tests.support.multipart import frames
from tests.support.raw_server import RawConnection
from tests.support.waiting import wait_until

LIMIT = 1000
SIZE = 100
RACERS = 50
WITH_ROOM = LIMIT // SIZE


def usage_of(fake: FakeS3) -> Usage:
    """Return what is counted, and check that it is within the limit."""
    usage = fake.store.usage
    assert usage is not None
    with usage._lock:
        assert usage.reserved >= 0
        assert usage.size + usage.reserved <= usage.limit
    return usage


def check_idle(fake: FakeS3) -> None:
    """Check that nothing is in flight, once servers have noticed that a client has gone, and that all that is stored counts."""
    usage = usage_of(fake)
    wait_until(lambda: not usage._reservations)
    assert usage.reserved == 0
    assert not usage._replaced
    assert usage.size == sum(bucket.size for bucket in fake.store.buckets.values())


def head_of(method: str, target: str, *headers: str, host: str) -> bytes:
    return "\r\n".join([f"{method} {target} HTTP/1.1", f"Host: {host}", *headers, "", ""]).encode("latin-1")


class Upload(NamedTuple):
    """A request in three pieces. The last has the end of the body."""

    head: bytes
    body: bytes
    end: bytes


def new_client(url: str | None) -> Any:
    """Return a client of a server, or of the fake in this process (None)."""
    return boto3.client(
        "s3", region_name="us-east-1", endpoint_url=url, aws_access_key_id="testing", aws_secret_access_key="testing"
    )


class Site:
    """A server, and a client of it."""

    def __init__(self, server: Server) -> None:
        self.fake = server.fake
        self.url = server.url
        self.client = new_client(server.url)
        parts = urlsplit(server.url)
        self.host = parts.netloc
        self.address = (parts.hostname or "", parts.port or 0)

    def presigned(self, operation: str, params: dict[str, Any], body: bytes) -> Upload:
        parts = urlsplit(self.client.generate_presigned_url(operation, {"Bucket": "bucket", **params}))
        head = head_of("PUT", f"{parts.path}?{parts.query}", f"Content-Length: {len(body)}", host=self.host)
        return Upload(head, body[:-1], body[-1:])


@pytest.fixture
def site() -> Iterator[Site]:
    with Server(max_bytes=LIMIT, min_part_size=1) as server:
        site = Site(server)
        site.client.create_bucket(Bucket="bucket")
        yield site
        check_idle(server.fake)


def put(site: Site, number: int) -> Upload:
    return site.presigned("put_object", {"Key": str(number)}, bytes(SIZE))


def framed(site: Site, number: int) -> Upload:
    """Return a PutObject in aws-chunked framing, which does not count."""
    body = frames(bytes(SIZE))
    headers = {"Content-Encoding": "aws-chunked", "X-Amz-Decoded-Content-Length": str(SIZE)}
    made = AWSRequest("PUT", f"{site.url}/bucket/{number}", headers)
    made.context["checksum"] = {"request_algorithm": {"in": "trailer"}}
    S3SigV4Auth(Credentials("testing", "testing"), "s3", "us-east-1").add_auth(made)
    lines = [f"{name}: {value}" for name, value in {**dict(made.headers.items()), "Content-Length": len(body)}.items()]
    return Upload(head_of("PUT", f"/bucket/{number}", *lines, host=site.host), body[:-5], body[-5:])


def in_http_chunks(site: Site, number: int) -> Upload:
    """Return the same in HTTP's chunks, without a Content-Length."""
    head, body, end = framed(site, number)
    length = f"Content-Length: {len(body) + len(end)}".encode()
    assert length in head
    head = head.replace(length, b"Transfer-Encoding: chunked")
    return Upload(head, b"%x\r\n%b\r\n" % (len(body), body), b"%x\r\n%b\r\n0\r\n\r\n" % (len(end), end))


def part(site: Site, number: int) -> Upload:
    uploads = site.client.list_multipart_uploads(Bucket="bucket").get("Uploads")
    if not uploads:
        uploads = [site.client.create_multipart_upload(Bucket="bucket", Key="parts")]
    named = {"Key": "parts", "UploadId": uploads[0]["UploadId"], "PartNumber": number + 1}
    return site.presigned("upload_part", named, bytes(SIZE))


def form(site: Site, number: int) -> Upload:
    """Return a form, whose fields do not count."""
    post = site.client.generate_presigned_post("bucket", str(number))
    fields = {**post["fields"], "file": "x" * SIZE}
    body = b"".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields.items()
    )
    body += b"--b--\r\n"
    lines = ("Content-Type: multipart/form-data; boundary=b", f"Content-Length: {len(body)}")
    return Upload(head_of("POST", "/bucket", *lines, host=site.host), body[:-5], body[-5:])


@pytest.mark.parametrize("make", [put, framed, in_http_chunks, part])
def test_fifty_uploads_to_a_server(site: Site, make: Callable[[Site, int], Upload]) -> None:
    """All bodies come but for their ends. Ten have room, and are stored when they end; the others are refused."""
    uploads = [make(site, number) for number in range(RACERS)]
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(RawConnection(site.address)) for _ in uploads]
        for connection, upload in zip(connections, uploads, strict=True):
            connection.send(upload.head, upload.body)
        refused: set[Any] = set()

        def most_are_refused() -> bool:
            usage_of(site.fake)
            refused.update(select.select([connection.socket for connection in connections], [], [], 0)[0])
            return len(refused) == RACERS - WITH_ROOM

        wait_until(most_are_refused)
        assert usage_of(site.fake).size == 0
        for connection, upload in zip(connections, uploads, strict=True):
            if connection.socket in refused:
                status, _, document = connection.response()
                assert status == "400 Bad Request"
                assert b"<Code>EntityTooLarge</Code>" in document
                assert b"<ProposedSize>100</ProposedSize><MaxSizeAllowed>1000</MaxSizeAllowed>" in document
                assert b". 0 bytes are stored, 9" in document or b". 0 bytes are stored, 1000 more" in document
                assert b" more are being received, and this request needs 100 more.</Message>" in document
            else:
                connection.send(upload.end)
                assert connection.response()[0] == "200 OK"
                usage_of(site.fake)
    assert usage_of(site.fake).size == LIMIT


def test_fifty_forms(site: Site) -> None:
    """The key is in the form: it is counted when it is complete."""
    uploads = [form(site, number) for number in range(RACERS)]
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(RawConnection(site.address)) for _ in uploads]
        for connection, upload in zip(connections, uploads, strict=True):
            connection.send(*upload)
        statuses = [connection.response()[0] for connection in connections]
    assert statuses.count("204 No Content") == WITH_ROOM
    assert statuses.count("400 Bad Request") == RACERS - WITH_ROOM
    assert usage_of(site.fake).size == LIMIT


@pytest.mark.parametrize("make", [put, framed, in_http_chunks, part, form])
def test_an_upload_that_breaks_off_frees_its_bytes(site: Site, make: Callable[[Site, int], Upload]) -> None:
    for number in range(3):
        upload = make(site, number)
        with RawConnection(site.address) as connection:
            connection.send(upload.head, upload.body)
            if make is not form:
                wait_until(lambda: usage_of(site.fake).reserved > 0)
        check_idle(site.fake)
    assert usage_of(site.fake).size == 0


class SlowBody(io.BytesIO):
    """A body that is read when the event is set."""

    def __init__(self, size: int, began: Callable[[], object], event: threading.Event) -> None:
        super().__init__(bytes(size))
        self._began = began
        self._event = event

    def read(self, size: int | None = -1, /) -> bytes:
        self._began()
        assert self._event.wait(10)
        return super().read(size)


@pytest.mark.parametrize("is_part", [False, True])
def test_fifty_uploads_in_process(is_part: bool) -> None:
    with FakeS3(max_bytes=LIMIT, min_part_size=1) as fake:
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="bucket")
        upload = client.create_multipart_upload(Bucket="bucket", Key="parts")["UploadId"]
        go = threading.Event()
        reading, refused = list[int](), list[str]()

        def write(number: int) -> None:
            body = SlowBody(SIZE, lambda: reading.append(number), go)
            try:
                if is_part:
                    client.upload_part(Bucket="bucket", Key="parts", UploadId=upload, PartNumber=number + 1, Body=body)
                else:
                    client.put_object(Bucket="bucket", Key=str(number), Body=body)
            except ClientError as error:
                refused.append(error.response["Error"]["Code"])

        with ThreadPoolExecutor(RACERS) as pool:
            for number in range(RACERS):
                pool.submit(write, number)
            wait_until(lambda: len(refused) == RACERS - WITH_ROOM)
            assert usage_of(fake).reserved == LIMIT
            go.set()
        assert set(refused) == {"EntityTooLarge"}
        assert len(refused) == RACERS - WITH_ROOM
        assert len(set(reading)) == WITH_ROOM
        assert usage_of(fake).size == LIMIT
        check_idle(fake)


def test_one_of_two_may_replace_an_object_that_fills_the_fake(site: Site) -> None:
    site.client.put_object(Bucket="bucket", Key="a", Body=bytes(LIMIT))
    first, second = (site.presigned("put_object", {"Key": "a"}, bytes(LIMIT)) for _ in range(2))
    with RawConnection(site.address) as connection, RawConnection(site.address) as other:
        connection.send(first.head, first.body)
        wait_until(lambda: bool(usage_of(site.fake)._replaced))
        status, _, document = other.send(second.head, second.body).response()
        assert status == "400 Bad Request"
        assert (
            b"<Message>The setting max_bytes allows 1000 bytes of objects, parts and annotations. 1000 bytes are stored, "
            in document
        )
        assert connection.send(first.end).response()[0] == "200 OK"
        with RawConnection(site.address) as third:
            assert third.send(*second).response()[0] == "200 OK"


def test_copies_and_deletions_beside_an_upload(site: Site) -> None:
    """What is in flight is not free for others, and what frees bytes needs none."""
    s3 = site.client
    s3.put_object(Bucket="bucket", Key="a", Body=bytes(300))
    s3.put_object(Bucket="bucket", Key="b", Body=bytes(300))
    parts = {"Bucket": "bucket", "Key": "parts", "UploadId": s3.create_multipart_upload(Bucket="bucket", Key="parts")["UploadId"]}
    upload = site.presigned("put_object", {"Key": "c"}, bytes(201))
    with RawConnection(site.address) as connection:
        connection.send(upload.head, upload.body)
        wait_until(lambda: usage_of(site.fake).reserved == 200)
        for call in (
            lambda: s3.copy_object(Bucket="bucket", Key="d", CopySource="bucket/a"),
            lambda: s3.upload_part_copy(**parts, PartNumber=1, CopySource="bucket/a"),
        ):
            with pytest.raises(ClientError) as caught:
                call()
            assert caught.value.response["Error"]["Message"] == (
                "The setting max_bytes allows 1000 bytes of objects, parts and annotations. 600 bytes are stored, 200 more are "
                "being received, and this request needs 300 more."
            )
        s3.copy_object(Bucket="bucket", Key="b", CopySource="bucket/a")  # needs no more than it replaces
        s3.delete_objects(Bucket="bucket", Delete={"Objects": [{"Key": "b"}]})
        s3.upload_part_copy(**parts, PartNumber=1, CopySource="bucket/a")
        assert connection.send(upload.end).response()[0] == "200 OK"
    assert usage_of(site.fake).size == 801


@pytest.mark.parametrize("kind", ["digest", "missing upload", "condition", "policy", "annotation"])
def test_a_refused_body_is_in_flight_no_longer(door: Door, kind: str) -> None:
    with FakeS3(max_bytes=LIMIT) as fake, contextlib.ExitStack() as stack:
        url = stack.enter_context(Server(fake)).url if door.name == "server" else None
        s3 = new_client(url)
        s3.create_bucket(Bucket="bucket")
        s3.put_object(Bucket="bucket", Key="a", Body=b"x")
        calls: dict[str, Callable[[], Any]] = {
            "digest": lambda: s3.put_object(Bucket="bucket", Key="a", Body=bytes(SIZE), ContentMD5="1B2M2Y8AsgTpgAmY7PhCfg=="),
            "missing upload": lambda: s3.upload_part(Bucket="bucket", Key="a", UploadId="x", PartNumber=1, Body=bytes(SIZE)),
            "condition": lambda: s3.put_object(Bucket="bucket", Key="a", Body=bytes(SIZE), IfNoneMatch="*"),
            "policy": lambda: s3.put_object(Bucket="bucket", Key="a", Body=bytes(SIZE), ACL="public-read"),
            "annotation": lambda: s3.put_object_annotation(
                Bucket="bucket", Key="absent", AnnotationName="a", AnnotationPayload="x" * SIZE
            ),
        }
        with pytest.raises(ClientError):
            calls[kind]()
        check_idle(fake)
        assert usage_of(fake).size == 1


def test_an_exception_of_ours_frees_the_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeS3(max_bytes=LIMIT) as fake:
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="bucket")
        with monkeypatch.context() as patch:
            patch.setattr("fakes3part.state.bucket.Bucket.store", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                s3.put_object(Bucket="bucket", Key="a", Body=bytes(SIZE))
        check_idle(fake)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
def test_a_forked_child_forgets_what_other_threads_receive() -> None:
    usage = Usage(LIMIT, lambda *_: ValueError())
    reservation = usage.reserve()
    reservation.take(600)
    readable, writable = os.pipe()
    child = os.fork()
    if not child:
        usage.add(LIMIT)
        os.write(writable, b"%d %d" % (usage.size, usage.reserved))
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(readable, 100) == b"1000 0"
    os.close(readable)
    os.close(writable)
    assert usage.reserved == 600
    reservation.release()
    assert usage.reserved == 0


STEPS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(["take", "take", "received", "add", "nest", "release"]), st.integers(0, 60)),
    max_size=60,
)


@given(STEPS)
def test_what_is_in_flight_is_what_was_reserved(steps: list[tuple[int, str, int]]) -> None:
    """Four threads receive, store, drop: the limit holds at each step, and nothing is reserved when all have ended."""
    usage = Usage(100, lambda *_: ValueError())
    open_: dict[int, list[Reservation]] = {thread: [] for thread in range(4)}
    with pytest.MonkeyPatch.context() as patch:
        for thread, step, size in steps:
            patch.setattr(usage_module, "get_ident", lambda thread=thread: thread)
            reservations = open_[thread]
            with contextlib.suppress(ValueError):
                if step == "nest" or (not reservations and step != "add"):
                    reservations.append(usage.reserve(size % 3 or None, size // 2, size if size % 2 else None, size % 5))
                elif step == "take":
                    reservations[-1].take(size)
                elif step == "received":
                    usage.received(size)
                elif step == "release":
                    reservations.pop().release()
                else:
                    usage.add(size if size % 4 else -min(size, usage.size))
            assert usage.reserved == sum(each.needed for stack in open_.values() for each in stack)
            assert usage.size + usage.reserved <= usage.limit
        for thread, reservations in open_.items():
            patch.setattr(usage_module, "get_ident", lambda thread=thread: thread)
            for reservation in reversed(reservations):
                reservation.release()
    assert usage.reserved == 0
    assert not usage._reservations
    assert not usage._replaced
