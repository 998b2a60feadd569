"""The journal: what it records of a call, its filters and its assertions."""

from __future__ import annotations

import base64
import gc
import json
import threading
import tracemalloc
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest

from fakes3part import FakeS3
from fakes3part.journal.call import Call
from fakes3part.message import Payload, Request
from fakes3part.operations.loading import load
from fakes3part.operations.registry import OPERATIONS
from tests.support.doors import Door, MiB, refused, refused_head
from tests.support.errors import NO_SUCH_KEY
from tests.support.state import SIGNED, framed, streaming

KEY = "logs/a b.txt"


def _last(door: Door) -> Call:
    return door.fake.calls[-1]


def _put(s3: Any, bucket: str, key: str = KEY, body: bytes = b"hello") -> Any:
    return s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType="text/plain", Metadata={"one": "1"})


def _handle(fake: FakeS3, method: str = "GET", path: str = "/", headers: dict[str, str] | None = None, **more: Any) -> int:
    lower_case = {name.lower(): value for name, value in (SIGNED if headers is None else headers).items()}
    return fake.handle(Request(method, "localhost", path, headers=lower_case, **more)).status


# --- attributes of a call


def test_a_call(door: Door, s3: Any, bucket: str) -> None:
    response = _put(s3, bucket)
    call = _last(door)
    assert (call.number, call.operation, call.bucket, call.key) == (2, "PutObject", bucket, KEY)
    assert (call.method, call.path.endswith("/logs/a%20b.txt"), call.query) == ("PUT", True, "")
    assert (call.status, call.error, call.message, call.hint, call.fault) == (200, None, None, None, None)
    assert (call.caller, call.account) == ("arn:aws:iam::123456789012:root", "123456789012")
    assert (call.access_key, call.client, call.attempt) == ("testing", "127.0.0.1", 1)
    assert call.request_id == response["ResponseMetadata"]["RequestId"]
    assert call.headers["content-type"] == "text/plain"
    assert call.headers["x-amz-meta-one"] == "1"
    assert call.ended - call.started == call.duration > 0
    assert abs(door.fake.clock.now() - call.time) < timedelta(minutes=1)
    params = call.params
    body = params.pop("Body")
    assert (body.size, body.data) == (5, b"hello")
    assert params.items() >= {"Bucket": bucket, "Key": KEY, "ContentType": "text/plain", "Metadata": {"one": "1"}}.items()
    assert "ContentEncoding" not in params


def test_bytes(door: Door, s3: Any, bucket: str) -> None:
    body = b"x" * 2000
    _put(s3, bucket, body=body)
    assert _last(door).bytes_in == 2000
    assert (_last(door).bytes_out, _last(door).params["Body"].size, _last(door).params["Body"].data) == (0, 2000, None)
    s3.get_object(Bucket=bucket, Key=KEY)["Body"].close()
    assert (_last(door).bytes_in, _last(door).bytes_out) == (0, 2000)
    s3.get_object(Bucket=bucket, Key=KEY, Range="bytes=0-9")["Body"].close()
    assert (_last(door).bytes_out, _last(door).params["Range"]) == (10, "bytes=0-9")
    s3.head_object(Bucket=bucket, Key=KEY)
    assert _last(door).bytes_out == 0


def test_bytes_on_the_wire(door: Door, bucket: str) -> None:
    wire = framed([b"hello"])
    assert door.raw("PUT", f"/{bucket}/k", streaming(5), wire, sign=False).status == 200
    assert _last(door).bytes_in == len(wire)
    assert door.raw("PUT", f"/{bucket}/k", {**SIGNED}, b"hello", sign=False).status == 200
    assert _last(door).bytes_in == 5


def test_bytes_of_many_segments() -> None:
    fake = FakeS3(min_part_size=1)
    with closing(fake.client()) as s3:
        s3.create_bucket(Bucket="b-1")
        upload = s3.create_multipart_upload(Bucket="b-1", Key="k")["UploadId"]
        where = {"Bucket": "b-1", "Key": "k", "UploadId": upload}
        etags = [s3.upload_part(**where, PartNumber=number, Body=b"12")["ETag"] for number in range(1, 21)]
        parts = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(etags, 1)]
        s3.complete_multipart_upload(**where, MultipartUpload={"Parts": parts})
        assert s3.get_object(Bucket="b-1", Key="k")["Body"].read() == b"12" * 20
        assert fake.calls[-1].bytes_out == 40
        assert s3.get_object(Bucket="b-1", Key="k", Range="bytes=1-8")["Body"].read() == b"21212121"
        assert fake.calls[-1].bytes_out == 8


def test_an_unread_request_body_is_not_read_by_the_journal() -> None:
    def read() -> Payload:
        raise AssertionError("read")

    fake = FakeS3()
    assert _handle(fake, "PUT", "/nobucket/k", {**SIGNED, "content-length": "3"}, read=read) == 404
    assert (fake.calls[0].bytes_in, fake.calls[0].error, fake.calls[0].params) == (
        0,
        "NoSuchBucket",
        {"Bucket": "nobucket", "Key": "k", "ContentLength": 3},
    )


def test_uploads_and_versions(door: Door, s3: Any, bucket: str) -> None:
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    assert _last(door).upload_id == upload
    s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=3, Body=b"x")
    assert (_last(door).upload_id, _last(door).part_number) == (upload, 3)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    version = _put(s3, bucket)["VersionId"]
    assert _last(door).version_id == version
    marker = s3.delete_object(Bucket=bucket, Key=KEY)["VersionId"]
    assert _last(door).version_id == marker
    s3.get_object(Bucket=bucket, Key=KEY, VersionId=version)["Body"].close()
    assert _last(door).version_id == version


def test_errors(door: Door, s3: Any, bucket: str) -> None:
    refused(lambda: s3.get_object(Bucket=bucket, Key="k"), 404, "NoSuchKey", NO_SUCH_KEY, {"Key": "k"})
    assert (_last(door).status, _last(door).error, _last(door).message) == (404, "NoSuchKey", NO_SUCH_KEY)
    refused_head(lambda: s3.head_object(Bucket=bucket, Key="k"), 404)
    assert (_last(door).operation, _last(door).error) == ("HeadObject", "NoSuchKey")


REFUSED_EARLY: dict[str, tuple[str, str, dict[str, str], str | None, str, str | None]] = {
    "headers": ("GET", "/bucket/k", {"x-amz-meta-a": "x" * 9000}, None, "RequestHeaderSectionTooLarge", None),
    "path": ("GET", "/bucket/%ff", {}, None, "InvalidURI", None),
    "signature": (
        "GET",
        "/bucket/k",
        {"Authorization": "AWS4-HMAC-SHA256 Credential=me/20260101/us-east-1/s3/aws4_request"},
        "GetObject",
        "AccessDenied",
        "me",
    ),
    "preflight": ("OPTIONS", "/bucket/k", {"Origin": "https://a.test"}, None, "AccessForbidden", None),
    "method": ("PATCH", "/bucket/k", {}, None, "MethodNotAllowed", None),
    "params": ("GET", "/bucket/k?partNumber=x", dict(SIGNED), "GetObject", "InvalidArgument", "testing"),
    "no bucket": ("GET", "/elsewhere/k", dict(SIGNED), "GetObject", "NoSuchBucket", "testing"),
}


@pytest.mark.parametrize(
    ("method", "target", "headers", "operation", "error", "access_key"), REFUSED_EARLY.values(), ids=REFUSED_EARLY
)
def test_calls_that_were_rejected_early(
    door: Door, bucket: str, method: str, target: str, headers: dict[str, str], operation: str | None, error: str, access_key: str
) -> None:
    response = door.raw(method, target, headers, sign=False)
    call = _last(door)
    assert (call.status, call.operation, call.error, call.access_key) == (response.status, operation, error, access_key)
    assert call.path == target.partition("?")[0]
    assert call.params == (
        {} if error in ("RequestHeaderSectionTooLarge", "InvalidURI") else {"Bucket": target.split("/")[1], "Key": "k"}
    )
    assert error in repr(call)


def test_a_bug_is_recorded_too(door: Door, s3: Any, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise ZeroDivisionError("ours")

    load("GetBucketLocation")
    monkeypatch.setitem(OPERATIONS, "GetBucketLocation", fail)
    with pytest.raises((ZeroDivisionError, s3.exceptions.ClientError)):
        s3.get_bucket_location(Bucket=bucket)
    assert (_last(door).operation, _last(door).status, _last(door).message) == (
        "GetBucketLocation",
        500,
        "ZeroDivisionError: ours",
    )


def test_callers(door: Door, s3: Any, bucket: str) -> None:
    clerk = door.fake.add_user("111111111111", "clerk")
    with door.client_with(aws_access_key_id=clerk.access_key, aws_secret_access_key=clerk.secret_key) as other:
        refused(lambda: other.head_bucket(Bucket=bucket), 403, "403", "Forbidden")
    call = _last(door)
    assert (call.caller, call.account, call.access_key) == (clerk.arn, "111111111111", clerk.access_key)
    assert call.hint is not None
    assert call.hint.startswith(f"denied: s3:ListBucket on arn:aws:s3:::{bucket} by {clerk.arn}: ")
    door.raw("GET", f"/{bucket}/k", sign=False)
    assert (_last(door).caller, _last(door).account, _last(door).access_key) == ("anonymous", None, None)


def test_a_form(door: Door, s3: Any, bucket: str) -> None:
    form = s3.generate_presigned_post(bucket, "posted")
    fields = {**form["fields"], "file": "data"}
    parts = "".join(f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items())
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    assert door.raw("POST", f"/{bucket}", headers, f"{parts}--b--\r\n".encode(), sign=False).status == 204
    call = _last(door)
    assert (call.operation, call.key, call.params) == ("PostObject", "posted", {"Bucket": bucket, "Key": "posted"})
    assert call.caller == "arn:aws:iam::123456789012:root"
    assert form["fields"]["x-amz-signature"] not in json.dumps(call.to_json())


@pytest.mark.parametrize(
    ("headers", "attempt"),
    [
        ({}, 1),
        ({"amz-sdk-request": "attempt=1"}, 1),
        ({"amz-sdk-request": "attempt=2; max=3"}, 2),
        ({"amz-sdk-request": "ttl=20260101T000000Z; attempt=12; max=30"}, 12),
        ({"amz-sdk-invocation-id": "first"}, 1),
        ({"amz-sdk-invocation-id": "again"}, 3),
    ],
)
def test_attempts(headers: dict[str, str], attempt: int) -> None:
    fake = FakeS3()
    for _ in range(2):
        _handle(fake, headers={**SIGNED, "amz-sdk-invocation-id": "again"})
    _handle(fake, headers={**SIGNED, **headers})
    assert fake.calls[-1].attempt == attempt
    assert (f"attempt {attempt}" in repr(fake.calls)) == (attempt > 1)


def test_attempts_and_faults_of_a_real_client(door: Door, bucket: str) -> None:
    door.fake.clock.freeze()  # so that the client does not wait
    with door.client_with(config=_retrying()) as s3, door.fake.fail("HeadBucket", "SlowDown", times=1):
        s3.head_bucket(Bucket=bucket)
    first, second = door.fake.calls.filter("HeadBucket")
    assert (first.status, first.error, first.attempt) == (503, "SlowDown", 1)
    assert (second.status, second.error, second.attempt, second.fault) == (200, None, 2, None)
    assert first.fault
    assert f"fault: {first.fault}" in repr(first)
    assert first.invocation_id == second.invocation_id


def _retrying() -> Any:
    from botocore.config import Config

    return Config(retries={"total_max_attempts": 2, "mode": "standard"})


# --- secrets

_SCOPE = "AWS4-HMAC-SHA256 Credential=me/20260101/us-east-1/s3/aws4_request"
_CUSTOMER = base64.b64encode(b"k" * 32).decode()
_SECRETS: dict[str, tuple[str, dict[str, str]]] = {
    "sigv4": (
        "",
        {"Authorization": f"{_SCOPE}, SignedHeaders=host, Signature=SECRET"},
    ),
    "sigv2": ("", {"Authorization": "AWS me:SECRET"}),
    "unknown": ("", {"Authorization": "Bearer SECRET"}),
    "bare": ("", {"Authorization": "SECRET"}),
    "token": ("", {"x-amz-security-token": "SECRET"}),
    "session": ("", {"x-amz-s3session-token": "SECRET"}),
    "customer key": ("", {"x-amz-server-side-encryption-customer-key": "SECRET"}),
    "source's key": ("", {"x-amz-copy-source-server-side-encryption-customer-key": "SECRET"}),
    "mfa": ("", {"x-amz-mfa": "serial SECRET"}),
    "query": ("?X-Amz-Signature=SECRET&X-Amz-Credential=me%2F20260101", {}),
    "query's token": ("?X-Amz-Security-Token=SECRET", {}),
    "query, encoded": ("?X%2DAmz-Signature=SECRET", {}),
    "query of version 2": ("?Signature=SECRET&AWSAccessKeyId=me&Expires=1", {}),
    "hoisted": ("?x-amz-server-side-encryption-customer-key=SECRET", {}),
}


@pytest.mark.parametrize(("query", "headers"), _SECRETS.values(), ids=_SECRETS)
def test_secrets(door: Door, bucket: str, query: str, headers: dict[str, str]) -> None:
    door.raw("GET", f"/{bucket}/k{query}", headers, sign=False)
    call = _last(door)
    shown = json.dumps(call.to_json()) + repr(call) + repr(door.fake.calls)
    assert "SECRET" not in shown
    assert "***" in shown
    if "=me" in query + headers.get("Authorization", ""):
        assert call.access_key == "me"


def test_secrets_among_the_params(door: Door, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"", SSECustomerAlgorithm="AES256", SSECustomerKey="k" * 32)
    call = _last(door)
    assert call.params["SSECustomerKey"] == "***"
    assert call.params["SSECustomerAlgorithm"] == "AES256"
    assert _CUSTOMER not in json.dumps(call.to_json())


def test_a_presigned_url_keeps_its_headers_as_sent(door: Door, s3: Any, bucket: str) -> None:
    url = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "k", "StorageClass": "GLACIER"})
    query = url.partition("?")[2]
    door.raw("PUT", f"/{bucket}/k?{query}", {"x-amz-storage-class": "GLACIER"}, sign=False)
    call = _last(door)
    assert "x-amz-signature" not in {name.lower() for name in call.headers}
    assert "Signature=***" in call.query


# --- filters


@pytest.fixture
def calls(door: Door, s3: Any, bucket: str) -> Any:
    _put(s3, bucket, "logs/1")
    _put(s3, bucket, "logs/2")
    _put(s3, bucket, "data/[1]")
    s3.get_object(Bucket=bucket, Key="logs/1")["Body"].close()
    refused_head(lambda: s3.head_object(Bucket=bucket, Key="logs/9"), 404)
    s3.list_objects_v2(Bucket=bucket)
    return door.fake.calls


FILTERS: list[tuple[tuple[Any, ...], dict[str, Any], list[int]]] = [
    ((), {}, [1, 2, 3, 4, 5, 6, 7]),
    (("PutObject",), {}, [2, 3, 4]),
    (("*Object",), {}, [2, 3, 4, 5, 6]),
    ((["GetObject", "List*"],), {}, [5, 7]),
    (("AbortMultipartUpload",), {}, []),
    ((), {"key": "logs/*"}, [2, 3, 5, 6]),
    (("PutObject",), {"key": "logs/1"}, [2]),
    ((), {"key": "data/[1]"}, [4]),
    ((), {"bucket": "buck*"}, [1, 2, 3, 4, 5, 6, 7]),
    ((), {"bucket": "other"}, []),
    ((), {"status": 404}, [6]),
    ((), {"error": "NoSuchKey"}, [6]),
    ((), {"access_key": "testing", "status": 200, "key": "logs/*"}, [2, 3, 5]),
    ((), {"access_key": "nobody"}, []),
    ((), {"since": 5}, [6, 7]),
]


@pytest.mark.parametrize(("args", "named", "numbers"), FILTERS)
def test_filter(calls: Any, args: tuple[Any, ...], named: dict[str, Any], numbers: list[int]) -> None:
    filtered = calls.filter(*args, **named)
    assert [call.number for call in filtered] == numbers
    assert calls.count(*args, **named) == len(filtered) == len(numbers)


def test_filter_since_a_time_or_a_call(door: Door, s3: Any, calls: Any) -> None:
    door.fake.clock.advance(hours=1)
    later = door.fake.clock.now()
    s3.list_buckets()
    assert [call.operation for call in calls.filter(since=later)] == ["ListBuckets"]
    assert [call.number for call in calls.filter(since=calls[-2])] == [8]


def test_a_sequence(calls: Any) -> None:
    assert len(calls) == calls.total == 7
    assert [call.number for call in calls[1:3]] == [2, 3]
    assert calls[0] == next(iter(calls))
    assert calls[0] in calls
    assert len({*calls, calls[-1]}) == 7
    assert calls[0] != calls[1]
    with pytest.raises(IndexError):
        calls[7]
    assert calls.filter("PutObject").filter(key="logs/*").count("PutObject") == 2


@pytest.mark.parametrize(
    "use",
    [
        lambda calls: calls.filter("GetObjekt"),
        lambda calls: calls.count(["GetObject", "GetObjekt"]),
        lambda calls: calls.assert_not_called("GetObjekt"),
        lambda calls: calls.assert_called("GetObjekt"),
        lambda calls: calls.assert_at_most(GetObjekt=1),
        lambda calls: calls.assert_order("GetObject", "GetObjekt"),
    ],
)
def test_a_misspelled_name_is_an_error(calls: Any, use: Callable[[Any], None]) -> None:
    with pytest.raises(ValueError, match=r"S3 has no operation 'GetObjekt'.*GetObject"):
        use(calls)


# --- assertions

PASS: list[Callable[[Any], None]] = [
    lambda calls: calls.assert_called("PutObject"),
    lambda calls: calls.assert_called("PutObject", times=3),
    lambda calls: calls.assert_called("PutObject", key="logs/*", times=2),
    lambda calls: calls.assert_called(["GetObject", "HeadObject"], times=2),
    lambda calls: calls.assert_called("DeleteObject", times=0),
    lambda calls: calls.assert_not_called("DeleteObject"),
    lambda calls: calls.assert_not_called("GetObject", key="logs/2"),
    lambda calls: calls.assert_not_called(status=500),
    lambda calls: calls.assert_at_most(PutObject=3, GetObject=1, DeleteObject=0),
    lambda calls: calls.assert_order("CreateBucket", "PutObject", "GetObject", "ListObjectsV2"),
    lambda calls: calls.assert_order("PutObject", "PutObject", "PutObject", "GetObject"),
]

FAIL: list[tuple[Callable[[Any], None], str]] = [
    (lambda calls: calls.assert_called("DeleteObject"), "DeleteObject was not called"),
    (lambda calls: calls.assert_called("GetObject", key="x"), "GetObject (key='x') was not called"),
    (lambda calls: calls.assert_called("PutObject", times=2), "PutObject was called 3 times, not 2 times"),
    (lambda calls: calls.assert_called("GetObject", times=2), "GetObject was called once, not 2 times"),
    (lambda calls: calls.assert_not_called("PutObject", key="logs/1"), "PutObject (key='logs/1') was called once"),
    (lambda calls: calls.assert_not_called(status=404), "anything (status=404) was called once"),
    (
        lambda calls: calls.assert_at_most(PutObject=1, GetObject=0, HeadObject=5),
        "over budget: PutObject 3 times, at most 1; GetObject once, at most 0",
    ),
    (
        lambda calls: calls.assert_order("GetObject", "PutObject"),
        "not called in the order GetObject, PutObject: no PutObject after GetObject",
    ),
    (
        lambda calls: calls.assert_order("DeleteObject", "PutObject"),
        "not called in the order DeleteObject, PutObject: no DeleteObject",
    ),
]


@pytest.mark.parametrize("check", PASS)
def test_assertions_that_hold(calls: Any, check: Callable[[Any], None]) -> None:
    check(calls)


@pytest.mark.parametrize(("check", "message"), FAIL)
def test_assertions_that_fail(calls: Any, check: Callable[[Any], None], message: str) -> None:
    with pytest.raises(AssertionError) as failed:
        check(calls)
    first, _, table = str(failed.value).partition("\n")
    assert first == message
    assert table == repr(calls)
    assert table.count("\n") == 7  # one line a call, and one for the hint


# --- the journal's size


def _filled(calls: int = 10, size: int = 4) -> FakeS3:
    fake = FakeS3(journal_size=size)
    for number in range(calls):
        _handle(fake, "PUT" if number == 0 else "GET", "/bucket" if number == 0 else "/")
    return fake


def test_the_oldest_are_dropped() -> None:
    calls = _filled().calls
    assert (len(calls), calls.dropped, calls.total) == (4, 6, 10)
    assert [call.number for call in calls] == [7, 8, 9, 10]
    assert repr(calls).startswith("... 6 earlier calls\n#7 ")
    assert calls.filter(since=5).dropped == 1
    assert calls.filter(since=6).dropped == 0


@pytest.mark.parametrize(
    "check",
    [
        lambda calls: calls.assert_not_called("CreateBucket"),
        lambda calls: calls.assert_at_most(CreateBucket=0),
        lambda calls: calls.assert_called("ListBuckets", times=4),
    ],
)
def test_assertions_on_dropped_calls_fail(check: Callable[[Any], None]) -> None:
    with pytest.raises(AssertionError, match=r"undecided, the journal no longer stores the 6 oldest calls; FakeS3"):
        check(_filled().calls)
    check(_filled().calls.filter(since=6))


@pytest.mark.parametrize(
    "check",
    [
        lambda calls: calls.assert_called("CreateBucket"),
        lambda calls: calls.assert_called("ListBuckets", times=9),
        lambda calls: calls.assert_order("CreateBucket", "ListBuckets"),
    ],
)
def test_the_text_mentions_dropped_calls(check: Callable[[Any], None]) -> None:
    with pytest.raises(AssertionError, match=r"among the 4 calls that are stored \(the 6 before them are not\)"):
        check(_filled().calls)


def test_assertions_that_the_stored_calls_decide() -> None:
    calls = _filled().calls
    calls.assert_called("ListBuckets")
    calls.assert_order("ListBuckets", "ListBuckets")
    with pytest.raises(AssertionError, match="ListBuckets was called 4 times, not 3 times\n"):
        calls.assert_called("ListBuckets", times=3)


def test_a_journal_of_size_0() -> None:
    calls = _filled(size=0).calls
    assert (len(calls), calls.dropped, list(calls)) == (0, 10, [])


def test_a_long_table_shows_the_latest() -> None:
    lines = repr(_filled(100, 1000).calls).splitlines()
    assert lines[0] == "... 40 earlier calls"
    assert len(lines) == 61
    assert lines[-1].startswith("#100 ")


def test_empty() -> None:
    fake = FakeS3()
    assert repr(fake.calls) == "no calls"
    assert not fake.calls
    fake.calls.assert_not_called()


def test_clear_and_reset(door: Door, calls: Any) -> None:
    calls.clear()
    assert (len(calls), calls.total, calls.dropped) == (0, 0, 0)
    door.raw("GET", "/")
    assert calls[0].number == 1
    door.fake.reset()
    assert len(calls) == 0
    assert door.fake.calls is calls


# --- what must not happen


def test_bodies_are_not_kept_alive() -> None:
    fake = FakeS3()
    _handle(fake, "PUT", "/bucket")
    tracemalloc.start()
    try:
        for _ in range(8):
            headers = {**SIGNED, "content-length": str(MiB)}
            assert _handle(fake, "PUT", "/bucket/k", headers, body=bytes(MiB)) == 200
            assert _handle(fake, "GET", "/bucket/k") == 200
            assert _handle(fake, "DELETE", "/bucket/k") == 204
        gc.collect()
        assert tracemalloc.get_traced_memory()[0] < MiB
    finally:
        tracemalloc.stop()
    assert fake.calls.count("PutObject") == fake.calls.count("GetObject") == 8
    assert fake.calls.filter("PutObject")[0].params["Body"].size == MiB


def test_a_fake_is_freed_with_its_last_reference() -> None:
    from weakref import ref

    fake = FakeS3()
    _handle(fake, "GET", "/nobucket/k")
    calls, gone = fake.calls, ref(fake)
    gc.disable()
    try:
        del fake
        assert gone() is None
        assert (calls[0].error, calls[0].hint) == ("NoSuchBucket", None)
        gone_too = ref(calls)
        del calls
        assert gone_too() is None
    finally:
        gc.enable()


def test_threads(door: Door, bucket: str) -> None:
    start = threading.Barrier(8)

    def work(name: int) -> None:
        start.wait(10)
        for number in range(25):
            door.fake.handle(Request("GET", "localhost", f"/{bucket}/{name}-{number}", headers=dict(lower)))

    lower = {name.lower(): value for name, value in SIGNED.items()}
    threads = [threading.Thread(target=work, args=(name,), name=f"worker {name}") for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    gets = door.fake.calls.filter("GetObject")
    assert len(gets) == 200
    assert [call.number for call in gets] == sorted(call.number for call in gets)
    assert {call.key: call.thread for call in gets} == {f"{n}-{i}": f"worker {n}" for n in range(8) for i in range(25)}


def test_json(door: Door, calls: Any) -> None:
    documents = json.loads(json.dumps(calls.to_json()))
    assert [document["number"] for document in documents] == [1, 2, 3, 4, 5, 6, 7]
    put = documents[1]
    assert put["params"]["Body"] == {"size": calls[1].params["Body"].size}
    assert (put["operation"], put["status"], put["time"]) == ("PutObject", 200, calls[1].time.isoformat())
    assert documents[5]["hint"] == calls[5].hint
    assert set(put) == {name for name in dir(Call) if not name.startswith("_") and name != "to_json"}


def test_the_table(door: Door, s3: Any, bucket: str) -> None:
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k\n" + "x" * 300)["UploadId"]
    s3.upload_part(Bucket=bucket, Key="k\n" + "x" * 300, UploadId=upload, PartNumber=7, Body=b"x" * 5000)
    door.raw("GET", f"/{bucket}/k", sign=False)
    lines = repr(door.fake.calls).splitlines()
    assert [line.split()[:2] for line in lines[:3]] == [
        ["#1", "CreateBucket"],
        ["#2", "CreateMultipartUpload"],
        ["#3", "UploadPart"],
    ]
    assert "k\\nxxx" in lines[2]
    assert " part 7 " in lines[2]
    assert " in 4.9 KiB" in lines[2] or door.name == "server"
    assert all(len(line) < 250 for line in lines)
    assert lines[3].endswith("anonymous")
    assert "403 AccessDenied" in lines[3]
