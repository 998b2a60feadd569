"""A fake compared with a second fake that has another account: what is equal, what differs, and what is not compared."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import io
import json
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import httpx
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from fakes3part.api.fakes3 import FakeS3
from fakes3part.api.server import Server
from fakes3part.auth.own_credentials import ACCESS_KEY, SECRET_KEY
from fakes3part.compare.answers import Answer, Content
from fakes3part.compare.comparison import Comparison
from fakes3part.faults import Error
from tests.support.other_s3 import ACCOUNT, KEYS, FakeTransport, compared, comparison_with

MiB = 1024 * 1024


@pytest.fixture
def transport() -> FakeTransport:
    return FakeTransport()


@pytest.fixture
def comparison(transport: FakeTransport) -> Iterator[Comparison]:
    comparison = comparison_with(transport)
    with compared(comparison):
        yield comparison


@pytest.fixture
def fake(comparison: Comparison) -> Iterator[FakeS3]:
    with FakeS3() as fake:
        yield fake


@pytest.fixture
def s3(fake: FakeS3) -> Any:
    client = boto3.client("s3", "us-east-1", config=Config(retries={"total_max_attempts": 1}))
    client.create_bucket(Bucket="bucket")
    return client


def fails(call: Callable[..., Any], **arguments: Any) -> None:
    with pytest.raises(ClientError):
        call(**arguments)


def found(comparison: Comparison) -> list[tuple[str | None, list[tuple[str, str | None, str | None]]]]:
    """Return operation and differences of the calls that differ."""
    return [(call.operation, [tuple(item) for item in call.differences]) for call in comparison.calls if call.differences]


def reasons(comparison: Comparison) -> list[str]:
    return [call.reason for call in comparison.calls if call.reason]


def upload(s3: Any, key: str, **options: Any) -> None:
    upload_id = s3.create_multipart_upload(Bucket="bucket", Key=key, **options)["UploadId"]
    where = {"Bucket": "bucket", "Key": key, "UploadId": upload_id}
    etags = [s3.upload_part(**where, PartNumber=number, Body=b"p" * 5 * MiB)["ETag"] for number in (1, 2)]
    s3.list_parts(**where, MaxParts=1)
    s3.list_multipart_uploads(Bucket="bucket")
    parts = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(etags, 1)]
    s3.complete_multipart_upload(**where, MultipartUpload={"Parts": parts})


def versions(s3: Any) -> None:
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    ids = [s3.put_object(Bucket="bucket", Key="k", Body=b"1")["VersionId"] for _ in range(3)]
    s3.delete_object(Bucket="bucket", Key="k")
    s3.get_object(Bucket="bucket", Key="k", VersionId=ids[0])["Body"].read()
    s3.copy_object(Bucket="bucket", Key="copy", CopySource={"Bucket": "bucket", "Key": "k", "VersionId": ids[1]})
    s3.delete_objects(Bucket="bucket", Delete={"Objects": [{"Key": "k", "VersionId": ids[2]}, {"Key": "none"}]})
    page = s3.list_object_versions(Bucket="bucket", MaxKeys=1)
    s3.list_object_versions(Bucket="bucket", KeyMarker=page["NextKeyMarker"], VersionIdMarker=page["NextVersionIdMarker"])


def listings(s3: Any) -> None:
    for name in ("a", "a b", "ü/1", "ü/2"):
        s3.put_object(Bucket="bucket", Key=name, Body=name.encode())
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket="bucket", PaginationConfig={"PageSize": 1}):
        assert page["KeyCount"] == 1
    s3.list_objects(Bucket="bucket", Delimiter="/", MaxKeys=1)
    s3.create_bucket(Bucket="another")
    s3.list_buckets(Prefix="an")
    page = s3.list_buckets(MaxBuckets=1)
    s3.list_buckets(MaxBuckets=1, ContinuationToken=page["ContinuationToken"])


def encryption(s3: Any) -> None:
    key = s3.put_object(Bucket="bucket", Key="kms", Body=b"1", ServerSideEncryption="aws:kms")
    s3.get_object(Bucket="bucket", Key="kms", IfMatch=key["ETag"])
    fails(s3.get_object, Bucket="bucket", Key="kms", IfNoneMatch=key["ETag"])
    customer = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32}
    s3.put_object(Bucket="bucket", Key="c", Body=b"1", **customer)
    s3.head_object(Bucket="bucket", Key="c", **customer)
    s3.list_objects_v2(Bucket="bucket")
    upload(s3, "big", ServerSideEncryption="aws:kms")


def conditions_and_errors(s3: Any) -> None:
    etag = s3.put_object(Bucket="bucket", Key="k", Body=b"1", IfNoneMatch="*")["ETag"]
    fails(s3.put_object, Bucket="bucket", Key="k", Body=b"1", IfNoneMatch="*")
    s3.put_object(Bucket="bucket", Key="k", Body=b"2", IfMatch=etag)
    fails(s3.get_object, Bucket="bucket", Key="none")
    fails(s3.head_object, Bucket="bucket", Key="none")
    fails(s3.get_object, Bucket="no-such-bucket", Key="k")
    fails(s3.upload_part, Bucket="bucket", Key="k", UploadId="none", PartNumber=1, Body=b"")
    fails(s3.put_object, Bucket="bucket", Key="k", Body=b"1", ContentMD5="rL0Y20zC+Fzt72VPzMSk2A==")
    fails(s3.create_bucket, Bucket="Wrong_Name")
    fails(s3.delete_bucket, Bucket="bucket")
    s3.get_object(Bucket="bucket", Key="k", Range="bytes=0-0")["Body"].read()


def owners(s3: Any) -> None:
    s3.put_object(Bucket="bucket", Key="k", Body=b"1", ExpectedBucketOwner="123456789012")
    fails(s3.get_object, Bucket="bucket", Key="k", ExpectedBucketOwner="111122223333")
    s3.list_buckets()
    s3.get_bucket_acl(Bucket="bucket")
    s3.list_objects_v2(Bucket="bucket", FetchOwner=True)


def documents(s3: Any) -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "s3:*", "Resource": "arn:aws:s3:::bucket/*"}
    s3.put_bucket_policy(Bucket="bucket", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    s3.get_bucket_policy(Bucket="bucket")
    rule = {"Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}
    s3.put_bucket_lifecycle_configuration(Bucket="bucket", LifecycleConfiguration={"Rules": [rule]})
    s3.get_bucket_lifecycle_configuration(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="k", Body=b"1", Tagging="a=1&b=2")
    s3.get_object_tagging(Bucket="bucket", Key="k")
    s3.head_object(Bucket="bucket", Key="k")
    s3.create_bucket(Bucket="logs")
    target = {"LoggingEnabled": {"TargetBucket": "logs", "TargetPrefix": "p/"}}
    s3.put_bucket_logging(Bucket="bucket", BucketLoggingStatus=target)
    s3.get_bucket_logging(Bucket="bucket")


def presigned(s3: Any) -> None:
    s3.put_object(Bucket="bucket", Key="a/b c+d", Body=b"1")
    for version in ("s3", "s3v4"):
        with contextlib.closing(boto3.client("s3", "us-east-1", config=Config(signature_version=version))) as client:
            url = client.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "a/b c+d"})
            assert urllib.request.urlopen(url).read() == b"1"
            put = client.generate_presigned_url(
                "put_object", Params={"Bucket": "bucket", "Key": "put", "ServerSideEncryption": "AES256"}
            )
            headers = {"x-amz-server-side-encryption": "AES256", "content-type": ""}
            request = urllib.request.Request(put, b"2", headers, method="PUT")
            urllib.request.urlopen(request).read()


@pytest.mark.parametrize(
    "use",
    [
        lambda s3: upload(s3, "big"),
        versions,
        listings,
        encryption,
        conditions_and_errors,
        owners,
        documents,
        presigned,
    ],
    ids=["upload", "versions", "listings", "encryption", "errors", "owners", "documents", "presigned"],
)
def test_two_fakes_of_different_accounts_do_not_differ(
    use: Callable[[Any], None], s3: Any, comparison: Comparison, transport: FakeTransport
) -> None:
    use(s3)
    assert found(comparison) == []
    assert [reason for reason in reasons(comparison) if "cannot carry" not in reason] == []
    assert [call.real.status for call in comparison.calls if call.real] == [call.fake.status for call in comparison.calls]
    names = set(transport.fake.store.buckets)
    assert names
    assert all(name.startswith(comparison.target.token) for name in names)
    assert comparison.clean_up(everything=True) == []
    assert set(transport.fake.store.buckets) == set()


def changed(transport: FakeTransport, change: Callable[[Answer], Answer]) -> Any:
    """Return a transport that changes the answers to GET and HEAD of objects."""

    def send(method: str, base: str, target: str, headers: Any, body: bytes) -> Answer:
        answer = transport(method, base, target, headers, body)
        return change(answer) if method in ("GET", "HEAD") and target.count("/") == 2 else answer

    return send


def with_header(name: str, value: str | None) -> Callable[[Answer], Answer]:
    def change(answer: Answer) -> Answer:
        headers = [(one, text) for one, text in answer.headers if one.lower() != name]
        return answer._replace(headers=tuple(headers if value is None else [*headers, (name, value)]))

    return change


CHANGES: dict[str, tuple[Callable[[Answer], Answer], list[tuple[str, str | None, str | None]]]] = {
    "status": (lambda answer: answer._replace(status=206), [("status", "200", "206")]),
    "header": (with_header("content-type", "text/plain"), [("header content-type", "binary/octet-stream", "text/plain")]),
    "no header": (with_header("accept-ranges", None), [("header accept-ranges", "bytes", None)]),
    "one more header": (with_header("x-amz-new", "1"), [("header x-amz-new", None, "1")]),
    "etag": (
        with_header("etag", '"00000000000000000000000000000000"'),
        [("header etag", '"c4ca4238a0b923820dcc509a6f75849b"', '"00000000000000000000000000000000"')],
    ),
    "another time": (
        with_header("last-modified", "Sat, 21 Feb 2026 00:17:01 GMT"),
        [("header last-modified", "...", "Sat, 21 Feb 2026 00:17:01 GMT")],
    ),
    "body": (
        lambda answer: answer._replace(content=Content.of([b"2"])),
        [("body", "1 bytes, sha256 6b86b273ff34...", "1 bytes, sha256 d4735e3a265e...")],
    ),
    "ignored": (with_header("server", "another"), []),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_the_answer_is_found(name: str, transport: FakeTransport) -> None:
    change, expected = CHANGES[name]
    comparison = comparison_with(changed(transport, change))
    with compared(comparison), FakeS3():
        s3 = boto3.client("s3", "us-east-1")
        s3.create_bucket(Bucket="bucket")
        s3.put_object(Bucket="bucket", Key="k", Body=b"1")
        assert s3.get_object(Bucket="bucket", Key="k")["Body"].read() == b"1"  # the fake's
    differences = [difference for _, differences in found(comparison) for difference in differences]
    shown = [(where, "..." if where.endswith("modified") else one, other) for where, one, other in differences]
    assert shown == expected


def test_another_version_than_the_parallel_one_is_a_difference(transport: FakeTransport) -> None:
    """Version ids are made up, but which is which is known."""

    def swapped(method: str, base: str, target: str, headers: Any, body: bytes) -> Answer:
        answer = transport(method, base, target, headers, body)
        ids = re.findall(r"<VersionId>([^<]+)</VersionId>", answer.content.text) if "versions" in target else []
        if len(ids) != 2:
            return answer
        text = answer.content.text.replace(ids[0], "#").replace(ids[1], ids[0]).replace("#", ids[1])
        return answer._replace(content=Content.of([text.encode()]))

    comparison = comparison_with(swapped)
    with compared(comparison), FakeS3():
        s3 = boto3.client("s3", "us-east-1")
        s3.create_bucket(Bucket="bucket")
        s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
        old, new = (s3.put_object(Bucket="bucket", Key="k", Body=b"1")["VersionId"] for _ in range(2))
        s3.list_object_versions(Bucket="bucket")
    ((operation, differences),) = found(comparison)
    assert operation == "ListObjectVersions"
    assert [where for where, _, _ in differences] == ["<Version[1]/VersionId>", "<Version[2]/VersionId>"]
    assert [fake for _, fake, _ in differences] == [new, old]


def test_what_is_not_compared_and_why(fake: FakeS3, s3: Any, comparison: Comparison, transport: FakeTransport) -> None:
    sent = len(transport.sent)
    fake.seed({"seeded": {"k": b"1"}})
    s3.get_object(Bucket="seeded", Key="k")
    fails(s3.head_bucket, Bucket="ab")
    with fake.fail("PutObject", Error("SlowDown")):
        fails(s3.put_object, Bucket="bucket", Key="k", Body=b"1")
    boto3.client("sts", "us-east-1").get_caller_identity()
    other = fake.add_account("111122223333")
    with contextlib.closing(fake.client(other)) as client:
        fails(client.list_objects_v2, Bucket="bucket")
    s3.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
    retention = {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": "2100-01-01T00:00:00Z"}
    s3.put_object(Bucket="locked", Key="k", Body=b"1", **retention)
    fake.clock.advance(days=1)
    s3.list_buckets()
    assert reasons(comparison) == [
        "the target has no bucket for 'seeded': it was seeded, restored, or refused there",
        "the bucket name 'ab' cannot carry the prefix of this run",
        "a fault was injected",
        "sts is not compared",
        "signed by another account or user than the fake's own",
        "retention in COMPLIANCE mode is not sent, since nobody could clean it up",
        "the fake's clock is frozen or moved",
    ]
    assert [method for method, _, _ in transport.sent[sent:]] == ["PUT"]  # CreateBucket
    assert found(comparison) == []


def test_a_target_that_does_not_respond_breaks_nothing() -> None:
    def broken(*_: Any) -> Answer:
        raise ConnectionResetError("connection reset")

    comparison = comparison_with(broken)
    with compared(comparison), FakeS3():
        boto3.client("s3", "us-east-1").create_bucket(Bucket="bucket")
    assert reasons(comparison) == ["http://127.0.0.1:9 did not respond: connection reset"]


def test_a_bug_of_the_comparison_breaks_nothing() -> None:
    def broken(*_: Any) -> Answer:
        raise ZeroDivisionError("bug")

    comparison = comparison_with(broken)
    with compared(comparison), FakeS3():
        boto3.client("s3", "us-east-1").create_bucket(Bucket="bucket")
    assert reasons(comparison) == ["the comparison failed: ZeroDivisionError: bug"]


def test_after_a_reset_the_buckets_are_others(fake: FakeS3, s3: Any, comparison: Comparison, transport: FakeTransport) -> None:
    fake.reset()
    s3.create_bucket(Bucket="bucket")
    assert len(transport.fake.store.buckets) == 2
    assert comparison.clean_up() == []
    assert [name.partition("-")[2] for name in transport.fake.store.buckets] == ["2-bucket"]
    s3.list_objects_v2(Bucket="bucket")
    assert found(comparison) == []


def test_other_buckets_of_the_account_are_neither_shown_nor_touched(
    s3: Any, comparison: Comparison, transport: FakeTransport
) -> None:
    transport.fake.seed({"of-the-user": {"k": b"1"}})
    s3.list_buckets()
    fails(s3.get_object, Bucket="of-the-user", Key="k")
    fails(s3.delete_bucket, Bucket="of-the-user")
    assert found(comparison) == []
    assert "of-the-user" not in json.dumps([call.to_json() for call in comparison.calls if call.operation == "ListBuckets"])
    comparison.clean_up(everything=True)
    assert list(transport.fake.store.buckets) == ["of-the-user"]


def test_calls_at_the_same_time_say_so(fake: FakeS3, s3: Any, comparison: Comparison) -> None:
    with fake.pause_before("PutObject") as pause, ThreadPoolExecutor(2) as threads:
        puts = [threads.submit(s3.put_object, Bucket="bucket", Key=key, Body=b"1") for key in ("a", "b")]
        pause.wait(2)
        pause.release()
        for put in puts:
            put.result()
    assert found(comparison) == []
    assert [call.overlaps for call in comparison.calls if call.operation == "CreateBucket"] == [False]
    assert sum(call.overlaps for call in comparison.calls) == 1


def test_the_account_of_the_user_is_not_in_the_report(s3: Any, comparison: Comparison) -> None:
    owners(s3)
    assert ACCOUNT not in json.dumps([call.to_json() for call in comparison.calls])


def test_a_target_that_stays_silent_is_left_alone() -> None:
    sent = []

    def broken(*request: Any) -> Answer:
        sent.append(request)
        raise TimeoutError("timed out")

    comparison = comparison_with(broken)
    with compared(comparison), FakeS3():
        s3 = boto3.client("s3", "us-east-1")
        for name in ("one-bucket", "two-buckets", "three-buckets", "four-buckets", "five-buckets"):
            s3.create_bucket(Bucket=name)
    assert len(sent) == 3
    assert reasons(comparison)[3:] == ["not sent, since http://127.0.0.1:9 did not respond to 3 calls in a row"] * 2


@pytest.mark.parametrize(("constraint", "host"), [("eu-central-1", "eu-central-1"), ("EU", "eu-west-1")])
def test_a_bucket_in_another_region_is_deleted_there(constraint: str, host: str) -> None:
    transport = FakeTransport()
    comparison = comparison_with(transport, "aws")
    with compared(comparison), FakeS3():
        s3 = boto3.client("s3", "us-east-1")
        s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": constraint})
    assert found(comparison) == []
    assert comparison.clean_up(everything=True) == []
    assert list(transport.fake.store.buckets) == []
    assert {base for _, base, _ in transport.sent[1:]} == {f"https://s3.{host}.amazonaws.com"}


def test_an_anonymous_request_goes_to_the_region_of_its_bucket() -> None:
    transport = FakeTransport()
    comparison = comparison_with(transport, "aws", region="us-west-2")
    with compared(comparison), FakeS3(region="eu-west-1"):
        s3 = boto3.client("s3", "eu-west-1")
        s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        anonymous = boto3.client("s3", "eu-west-1", config=Config(signature_version=UNSIGNED))
        fails(anonymous.list_objects_v2, Bucket="bucket")
    assert {base for _, base, _ in transport.sent} == {"https://s3.eu-west-1.amazonaws.com"}
    assert found(comparison) == []


def test_by_a_server_and_by_threads(comparison: Comparison, transport: FakeTransport) -> None:
    """Over HTTP bodies are framed and addresses are in path style; a large upload is made by threads."""
    with Server() as server, contextlib.closing(boto3.client("s3", "us-east-1", endpoint_url=server.url, **OWN_KEYS)) as s3:
        s3.create_bucket(Bucket="bucket")
        s3.put_object(Bucket="bucket", Key="/a//b", Body=b"1", ChecksumAlgorithm="SHA256")
        s3.upload_fileobj(io.BytesIO(b"x" * 20_000_000), "bucket", "big")
        s3.copy_object(Bucket="bucket", Key="copy", CopySource="bucket//a//b")
        s3.list_objects_v2(Bucket="bucket")
    assert found(comparison) == []
    assert reasons(comparison) == []
    (bucket,) = transport.fake.buckets.values()
    assert sorted(bucket.objects) == ["/a//b", "big", "copy"]
    assert bucket.objects["big"].size == 20_000_000


OWN_KEYS = {"aws_access_key_id": ACCESS_KEY, "aws_secret_access_key": SECRET_KEY}


def test_the_headers_of_cors_count_for_browsers(s3: Any, comparison: Comparison) -> None:
    rule = {"AllowedMethods": ["GET"], "AllowedOrigins": ["https://example.com"]}
    s3.put_bucket_cors(Bucket="bucket", CORSConfiguration={"CORSRules": [rule]})
    s3.put_object(Bucket="bucket", Key="k", Body=b"1")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "k"})
    request = urllib.request.Request(url, headers={"Origin": "https://example.com"})
    assert urllib.request.urlopen(request).headers["Access-Control-Allow-Origin"] == "https://example.com"
    assert found(comparison) == []
    assert comparison.calls[-1].real is not None
    assert comparison.calls[-1].real.status == 200


def test_in_an_event_loop(s3: Any, comparison: Comparison) -> None:
    s3.put_object(Bucket="bucket", Key="k", Body=b"1")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "k"})

    async def read() -> list[bytes]:
        async with httpx.AsyncClient() as client:
            responses = await asyncio.gather(*(client.get(url) for _ in range(3)))
            return [response.content for response in responses]

    assert asyncio.run(read()) == [b"1"] * 3
    assert found(comparison) == []
    assert len([call for call in comparison.calls if call.operation == "GetObject" and call.real is not None]) == 3


def test_there_is_no_secret_in_the_report(s3: Any) -> None:
    """Everything differs here, so that both responses are in it."""

    def odd(method: str, base: str, target: str, headers: Any, body: bytes) -> Answer:
        return Answer(418, tuple(headers.items()), Content.of([b"teapot"]))

    comparison = comparison_with(odd)
    key = "k" * 32
    customer = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": key}
    with compared(comparison):
        s3.put_object(Bucket="bucket", Key="k", Body=b"1", **customer)
        url = s3.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "k"})
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"{url}&X-Amz-Server-Side-Encryption-Customer-Key=secret")
    text = json.dumps([call.to_json() for call in comparison.calls])
    assert len(comparison.calls) == 2
    for secret in (KEYS.secret, key, base64.b64encode(key.encode()).decode(), "=secret"):
        assert secret not in text
    assert re.search(r"Signature=[0-9a-f]", text) is None
