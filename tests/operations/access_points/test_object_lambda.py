"""Object Lambda access points: reads through a function, and WriteGetObjectResponse."""

from __future__ import annotations

import contextlib
import logging
import threading
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session

from fakes3part import FakeS3
from fakes3part.api.server import Server
from fakes3part.state.object_lambda import ObjectLambda
from tests.support.callers import OWNER
from tests.support.doors import Door, refused
from tests.support.errors import HEADER_NOT_IMPLEMENTED, INVALID_TOKEN, MANY_CHECKSUMS, NO_SUCH_ACCESS_POINT, NO_SUCH_BUCKET
from tests.support.state import unchanged

NOT_RECEIVED = "The Lambda function exited without successfully calling WriteGetObjectResponse."
FAILED = "Lambda function failed during execution."
HOST = f"point-{OWNER}.s3-object-lambda.us-east-1.amazonaws.com"


def route(event: dict[str, Any]) -> dict[str, str]:
    """Return the route and token for the response to an event."""
    context = event["getObjectContext"]
    return {"RequestRoute": context["outputRoute"], "RequestToken": context["outputToken"]}


class Point:
    """An access point whose function writes the next of ``replies``, and keeps the events."""

    def __init__(self, door: Door, writer: Any) -> None:
        self.door = door
        self.writer = writer
        self.events: list[dict[str, Any]] = []
        self.contexts: list[Any] = []
        self.does: Callable[[dict[str, Any]], object] = lambda event: self.write(event, Body=b"made")
        self.point = self.add()

    def add(self, name: str = "point", **more: Any) -> ObjectLambda:
        return self.door.fake.add_object_lambda(name, "bucket", self.handle, **more)

    def handle(self, event: dict[str, Any], context: Any) -> object:
        self.events.append(event)
        self.contexts.append(context)
        return self.does(event)

    def write(self, event: dict[str, Any], **reply: Any) -> Any:
        return self.writer.write_get_object_response(**route(event), **reply)

    def answers(self, **reply: Any) -> None:
        """Let the function write just this."""
        self.does = lambda event: self.write(event, **reply)

    def get(self, **more: Any) -> dict[str, Any]:
        """Get an object by the access point's alias, which works at any endpoint."""
        got: dict[str, Any] = self.door.client.get_object(Bucket=self.point.alias, Key="k", **more)
        got["Body"] = got["Body"].read()
        return got


@pytest.fixture
def point(door: Door, bucket: str) -> Iterator[Point]:
    door.client.put_object(Bucket=bucket, Key="k", Body=b"text", Metadata={"of": "bucket"})
    with contextlib.closing(door.fake.client()) as writer:
        yield Point(door, writer)
    door.fake.lambdas.points = {}


# --- addressing -----------------------------------------------------------------------------------------------------


class TestAddresses:
    def test_arn(self, bucket: str, door: Door, point: Point) -> None:
        """By the URL that clients use on AWS. At an IP address no client can, so the Host header is set."""
        if door.name == "in-process":
            got = door.client.get_object(Bucket=point.point.arn, Key="a/b c")["Body"].read()
        else:
            got = door.raw("GET", "/a/b%20c", {"Host": HOST}).body
        assert got == b"made"
        assert urlsplit(point.events[0]["userRequest"]["url"])[1:3] == (HOST, "/a/b%20c")

    def test_alias(self, point: Point) -> None:
        assert point.point.alias.endswith("--ol-s3")
        assert len(point.point.alias) <= 63
        assert point.get()["Body"] == b"made"

    def test_a_label_before_a_custom_host(self, door: Door, point: Point) -> None:
        assert _raw(door, "GET", "/k", {"Host": f"point-{OWNER}.localhost"}).body == b"made"
        url = urlsplit(point.events[0]["getObjectContext"]["inputS3Url"])
        assert (url.netloc, url.path) == ("localhost", "/bucket/k")

    def test_another_region_and_account(self, bucket: str, door: Door, point: Point) -> None:
        there = point.add("other", region="eu-west-1", account="111122223333")
        assert there.arn == "arn:aws:s3-object-lambda:eu-west-1:111122223333:accesspoint/other"
        with door.client_with(aws_access_key_id="111122223333") as client:
            assert client.get_object(Bucket=there.alias, Key="k")["Body"].read() == b"made"

    def test_a_missing_access_point(self, door: Door, point: Point) -> None:
        for name, target in ((f"none-{OWNER}", "none"), ("point-111122223333", "point")):
            host = {"Host": HOST.replace(f"point-{OWNER}", name)}
            response = _raw(door, "GET", "/k", host)
            assert (response.status, response.error) == (
                404,
                {"Code": "NoSuchAccessPoint", "Message": NO_SUCH_ACCESS_POINT, "AccessPointName": target},
            )
        assert point.events == []

    def test_a_missing_bucket(self, door: Door, point: Point) -> None:
        door.client.delete_object(Bucket="bucket", Key="k")
        door.client.delete_bucket(Bucket="bucket")
        gone = {"BucketName": "bucket"}
        refused(point.get, 404, "NoSuchBucket", NO_SUCH_BUCKET, gone)
        assert point.events == []

    @pytest.mark.parametrize(
        ("method", "target", "name"),
        [
            ("GET", "/?list-type=2", "ListObjectsV2"),
            ("PUT", "/k", "PutObject"),
            ("DELETE", "/k", "DeleteObject"),
            ("GET", "/k?tagging", "GetObjectTagging"),
        ],
    )
    def test_unsupported_operations(self, door: Door, point: Point, method: str, target: str, name: str) -> None:
        with unchanged(door.fake):
            response = _raw(door, method, target, {"Host": HOST})
        message = f"fakes3part does not implement {name} (Object Lambda access points)"
        assert (response.status, response.error) == (501, {"Code": "NotImplemented", "Message": message, "Operation": name})

    def test_the_buckets_own_address_is_as_ever(self, door: Door, point: Point) -> None:
        assert door.client.get_object(Bucket="bucket", Key="k")["Body"].read() == b"text"
        assert point.events == []


def _raw(door: Door, method: str, target: str, headers: dict[str, str]) -> Any:
    """Send a request with `Door.raw` to a host that only the Host header names."""
    if door.name == "server":
        return door.raw(method, target, headers)
    return _at(door, headers["Host"]).raw(method, target)


def _at(door: Door, host: str) -> Door:
    return Door(door.name, door.fake, door.client, f"https://{host}", door.new_client)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": "A"}, "name"),
        ({"name": "under_score"}, "name"),
        ({"actions": ["PutObject"]}, "PutObject"),
        ({"features": ["GetObject-Ranges"]}, "GetObject-Ranges"),
    ],
)
def test_wrong_arguments(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        FakeS3().add_object_lambda(**{"name": "point", "bucket": "bucket", "handler": print, **given})


# --- the event -------------------------------------------------------------------------------------------------------


def test_the_event(door: Door, point: Point) -> None:
    point.point = point.add(payload='{"a": 1}')
    point.get(VersionId="null", IfMatch='"etag"')
    [event] = point.events
    alias = point.point.alias
    assert set(event) == {
        "xAmzRequestId",
        "getObjectContext",
        "configuration",
        "userRequest",
        "userIdentity",
        "protocolVersion",
    }
    assert event["protocolVersion"] == "1.00"
    assert event["configuration"] == {
        "accessPointArn": f"arn:aws:s3-object-lambda:us-east-1:{OWNER}:accesspoint/point",
        "supportingAccessPointArn": f"arn:aws:s3:us-east-1:{OWNER}:accesspoint/bucket",
        "payload": '{"a": 1}',
    }
    assert event["userIdentity"] == {
        "type": "Root",
        "principalId": OWNER,
        "arn": f"arn:aws:iam::{OWNER}:root",
        "accountId": OWNER,
        "accessKeyId": "testing",
    }
    requested = urlsplit(event["userRequest"]["url"])
    assert alias in requested.netloc + requested.path
    assert requested.query == "versionId=null"
    headers = event["userRequest"]["headers"]
    assert headers["If-Match"] == '"etag"'
    assert "Authorization" not in headers
    assert len(event["xAmzRequestId"]) == 16
    [context] = point.contexts
    assert context.aws_request_id == event["xAmzRequestId"]
    assert context.invoked_function_arn == f"arn:aws:lambda:us-east-1:{OWNER}:function:point"
    assert context.get_remaining_time_in_millis() > 0


def test_no_secrets_of_a_presigned_url(door: Door, point: Point) -> None:
    url = door.client.generate_presigned_url("get_object", {"Bucket": point.point.alias, "Key": "k", "VersionId": "null"})
    response = URLLib3Session().send(AWSRequest("GET", url).prepare())
    assert (response.status_code, response.content) == (200, b"made")
    assert list(parse_qs(urlsplit(point.events[0]["userRequest"]["url"]).query)) == ["versionId"]


def test_a_user(door: Door, point: Point) -> None:
    policy = {"Statement": [{"Effect": "Allow", "Action": "s3-object-lambda:GetObject", "Resource": point.point.arn}]}
    who = door.fake.add_user(None, "reader", {"Version": "2012-10-17", **policy})
    with door.client_with(aws_access_key_id=who.access_key, aws_secret_access_key=who.secret_key) as client:
        assert client.get_object(Bucket=point.point.alias, Key="k")["Body"].read() == b"made"
    identity = point.events[0]["userIdentity"]
    assert identity.pop("principalId").startswith("AIDA")
    assert identity == {
        "type": "IAMUser",
        "arn": f"arn:aws:iam::{OWNER}:user/reader",
        "accountId": OWNER,
        "accessKeyId": who.access_key,
        "userName": "reader",
    }


class TestTheInput:
    """``inputS3Url`` returns the original object, with the caller's permissions."""

    def fetch(self, event: dict[str, Any]) -> tuple[int, bytes]:
        response = URLLib3Session().send(AWSRequest("GET", event["getObjectContext"]["inputS3Url"]).prepare())
        return response.status_code, response.content

    def test_is_fetched(self, door: Door, point: Point) -> None:
        def upper(event: dict[str, Any]) -> None:
            status, content = self.fetch(event)
            point.write(event, StatusCode=status, Body=content.upper())

        point.does = upper
        assert point.get()["Body"] == b"TEXT"

    def test_any_http_client_can_use_the_input_url(self, door: Door, point: Point) -> None:
        """In-process requests, urllib and their kin are not intercepted: the URL can lead to a server of the same fake."""
        with contextlib.ExitStack() as stack:
            url = door.url if door.name == "server" else stack.enter_context(Server(door.fake)).url
            point.point = point.add(endpoint_url=url)

            def upper(event: dict[str, Any]) -> None:
                address = event["getObjectContext"]["inputS3Url"]
                assert address.startswith(f"{url}/bucket/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&")
                with urllib.request.urlopen(address, timeout=10) as got:
                    point.write(event, Body=got.read().upper())

            point.does = upper
            assert point.get()["Body"] == b"TEXT"

    def test_leads_to_where_the_request_came_from(self, door: Door, point: Point) -> None:
        point.get()
        url = urlsplit(point.events[0]["getObjectContext"]["inputS3Url"])
        expected = urlsplit(door.url).netloc if door.name == "server" else "s3.us-east-1.amazonaws.com"
        assert (url.netloc, url.path) == (expected, "/bucket/k")
        assert parse_qs(url.query)["X-Amz-Expires"] == ["61"]

    @pytest.mark.parametrize("may", [True, False])
    def test_with_the_callers_rights(self, door: Door, point: Point, may: bool) -> None:
        allowed = [{"Effect": "Allow", "Action": "s3-object-lambda:*", "Resource": "*"}]
        allowed += [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}] if may else []
        root = door.fake.add_account()
        door.fake.client(root).create_bucket(Bucket="theirs")
        door.fake.client(root).put_object(Bucket="theirs", Key="k", Body=b"text")
        who = door.fake.add_session(door.fake.add_user(root, "reader", {"Version": "2012-10-17", "Statement": allowed}))
        there = door.fake.add_object_lambda("theirs", "theirs", point.handle, account=root.id)
        statuses: list[int] = []
        point.does = lambda event: (statuses.append(self.fetch(event)[0]), point.write(event, Body=b"x"))
        settings = {"aws_access_key_id": who.access_key, "aws_secret_access_key": who.secret_key}
        with door.client_with(**settings, aws_session_token=who.session_token) as client:
            client.get_object(Bucket=there.alias, Key="k")["Body"].read()
        assert statuses == [200 if may else 403]

    def test_the_input_url_has_the_requested_version(self, door: Door, point: Point) -> None:
        door.client.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
        door.client.put_object(Bucket="bucket", Key="k", Body=b"new")
        point.does = lambda event: point.write(event, Body=self.fetch(event)[1])
        assert point.get()["Body"] == b"new"
        assert point.get(VersionId="null")["Body"] == b"text"

    @pytest.mark.parametrize("key", ["a b", "a+b", "ä/€", "a%2Fb", "a//b", "~a'()*!", "?x=y&z"])
    def test_of_any_key(self, door: Door, point: Point, key: str) -> None:
        door.client.put_object(Bucket="bucket", Key=key, Body=b"here")
        who = door.fake.add_session(door.fake.accounts.principal(door.fake.accounts.account(OWNER)))
        point.does = lambda event: point.write(event, Body=self.fetch(event)[1])
        settings = {"aws_access_key_id": who.access_key, "aws_secret_access_key": who.secret_key}
        with door.client_with(**settings, aws_session_token=who.session_token) as client:
            assert client.get_object(Bucket=point.point.alias, Key=key)["Body"].read() == b"here"

    def test_for_a_minute(self, door: Door, point: Point) -> None:
        point.get()
        assert self.fetch(point.events[0])[0] == 200
        door.fake.clock.advance(seconds=62)
        assert self.fetch(point.events[0])[0] == 403
        door.fake.clock.reset()


# --- what is written -------------------------------------------------------------------------------------------------

NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
WRITTEN: dict[str, Any] = {
    "AcceptRanges": "bytes",
    "BucketKeyEnabled": True,
    "CacheControl": "no-cache",
    "ContentDisposition": "inline",
    "ContentEncoding": "gzip",
    "ContentLanguage": "de",
    "ContentRange": "bytes 0-3/9",
    "ContentType": "text/plain",
    "DeleteMarker": False,
    "ETag": '"etag"',
    "Expiration": 'expiry-date="x", rule-id="y"',
    "LastModified": NOON,
    "Metadata": {"one": "1", "two": "2"},
    "MissingMeta": 1,
    "ObjectLockLegalHoldStatus": "ON",
    "ObjectLockMode": "GOVERNANCE",
    "ObjectLockRetainUntilDate": NOON,
    "PartsCount": 2,
    "ReplicationStatus": "REPLICA",
    "RequestCharged": "requester",
    "Restore": 'ongoing-request="true"',
    "SSECustomerAlgorithm": "AES256",
    "SSECustomerKeyMD5": "x",
    "SSEKMSKeyId": "key",
    "ServerSideEncryption": "aws:kms",
    "StorageClass": "GLACIER",
    "TagCount": 3,
    "VersionId": "v",
}


def test_every_member_of_the_response(door: Door, point: Point) -> None:
    point.answers(Body=b"made", StatusCode=206, **WRITTEN)
    got = point.get()
    assert got.pop("ResponseMetadata")["HTTPStatusCode"] == 206
    assert got == {**WRITTEN, "Body": b"made", "ContentLength": 4}


def test_a_response_with_a_body_only(door: Door, point: Point) -> None:
    """The response has no property of the object in the bucket, only what the function wrote."""
    headers = point.get()["ResponseMetadata"]["HTTPHeaders"]
    assert headers["content-length"] == "4"
    assert not {"etag", "last-modified", "x-amz-meta-of", "x-amz-server-side-encryption"} & headers.keys()


def test_not_even_a_body(point: Point) -> None:
    point.answers()
    got = point.get()
    assert (got["Body"], got["ContentLength"]) == (b"", 0)


def test_a_key_that_is_not_in_the_bucket(door: Door, point: Point) -> None:
    """The function is called for every key."""
    assert door.client.get_object(Bucket=point.point.alias, Key="made up")["Body"].read() == b"made"


def test_a_checksum_is_the_bodys(point: Point) -> None:
    point.answers(Body=b"made", ChecksumSHA1="5XL5X50frRCI5Dk2kx8Su7vbuwY=")
    assert point.get()["ChecksumSHA1"] == "5XL5X50frRCI5Dk2kx8Su7vbuwY="


def test_not_modified(point: Point) -> None:
    point.answers(StatusCode=304, ETag='"etag"')
    error = refused(point.get, 304, "304", "Not Modified")
    assert error.response["ResponseMetadata"]["HTTPHeaders"]["etag"] == '"etag"'


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (403, "AccessDenied", "Not for you"),
        (404, "NoSuchKey", "None here"),
        (400, "MyOwnError", "What? <b> & c"),
        (409, "A" * 9, "x"),
    ],
)
def test_errors_written_by_the_function(point: Point, status: int, code: str, message: str) -> None:
    point.answers(StatusCode=status, ErrorCode=code, ErrorMessage=message, Metadata={"a": "b"})
    error = refused(point.get, status, code, message)
    assert error.response["ResponseMetadata"]["HTTPHeaders"]["x-amz-meta-a"] == "b"
    assert error.response["ResponseMetadata"]["RequestId"]


def test_an_error_with_a_body_of_its_own(door: Door, point: Point) -> None:
    point.answers(StatusCode=403, Body=b"<Error><Code>Mine</Code></Error>", ContentType="application/xml")
    response = door.raw("GET", f"/{point.point.alias}/k")
    assert (response.status, response.body) == (403, b"<Error><Code>Mine</Code></Error>")


REFUSED: dict[str, tuple[dict[str, Any], str, str, dict[str, str]]] = {
    "status": (
        {"StatusCode": 201},
        "InvalidArgument",
        "The status code is none that a response may have.",
        {"ArgumentName": "x-amz-fwd-status", "ArgumentValue": "201"},
    ),
    "error code": (
        {"StatusCode": 404, "ErrorCode": "not found"},
        "InvalidArgument",
        "The error code must match ^[A-Z][a-zA-Z]+$.",
        {"ArgumentName": "x-amz-fwd-error-code", "ArgumentValue": "not found"},
    ),
    "error code and success": (
        {"StatusCode": 200, "ErrorCode": "Error"},
        "InvalidRequest",
        "An error code or message cannot be used with a successful status code.",
        {},
    ),
    "error message and success": (
        {"ErrorMessage": "no"},
        "InvalidRequest",
        "An error code or message cannot be used with a successful status code.",
        {},
    ),
    "error code and body": (
        {"StatusCode": 404, "ErrorCode": "Error", "Body": b"x"},
        "InvalidRequest",
        "An error code or message cannot be used with a body.",
        {},
    ),
    "two checksums": (
        {"Body": b"x", "ChecksumSHA1": "x", "ChecksumCRC32": "y"},
        "InvalidRequest",
        MANY_CHECKSUMS,
        {},
    ),
}


@pytest.mark.parametrize(("reply", "code", "message", "extras"), REFUSED.values(), ids=REFUSED)
def test_invalid_responses(point: Point, reply: dict[str, Any], code: str, message: str, extras: dict[str, str]) -> None:
    """It is refused, and the function may write something better."""

    def write(event: dict[str, Any]) -> None:
        refused(partial(point.write, event, **reply), 400, code, message, extras)
        point.write(event, Body=b"better")

    point.does = write
    assert point.get()["Body"] == b"better"


# --- functions that do not do their work -----------------------------------------------------------------------------


class TestFailures:
    def test_raises(self, point: Point, caplog: pytest.LogCaptureFixture) -> None:
        def fail(event: dict[str, Any]) -> None:
            raise KeyError("what the client never sees")

        point.does = fail
        with caplog.at_level(logging.ERROR, "fakes3part.objectlambda"):
            refused(point.get, 400, "LambdaRuntimeError", FAILED)
        [record] = caplog.records
        assert point.point.arn in record.getMessage()
        assert "what the client never sees" in str(record.exc_info)

    def test_a_function_that_writes_no_response(self, point: Point) -> None:
        point.does = lambda event: {"statusCode": 200}
        refused(point.get, 400, "LambdaResponseNotReceived", NOT_RECEIVED)

    def test_a_function_that_raises_after_its_response(self, point: Point) -> None:
        """What it wrote is on its way already."""

        def fail(event: dict[str, Any]) -> None:
            point.write(event, Body=b"made")
            raise KeyError("too late")

        point.does = fail
        assert point.get()["Body"] == b"made"

    def test_writes_twice(self, point: Point) -> None:
        def write(event: dict[str, Any]) -> None:
            point.write(event, Body=b"first")
            refused(partial(point.write, event, Body=b"second"), 400, "InvalidToken", INVALID_TOKEN)

        point.does = write
        assert point.get()["Body"] == b"first"

    @pytest.mark.parametrize("wrong", [{"RequestToken": "wrong"}, {"RequestRoute": "wrong"}], ids=lambda wrong: next(iter(wrong)))
    def test_writes_elsewhere(self, point: Point, wrong: dict[str, str]) -> None:
        def write(event: dict[str, Any]) -> None:
            call = partial(point.writer.write_get_object_response, **{**route(event), **wrong}, Body=b"x")
            refused(call, 400, "InvalidToken", INVALID_TOKEN)

        point.does = write
        refused(point.get, 400, "LambdaResponseNotReceived", NOT_RECEIVED)

    def test_writes_too_late(self, point: Point) -> None:
        point.does = lambda event: None
        refused(point.get, 400, "LambdaResponseNotReceived", NOT_RECEIVED)
        refused(partial(point.write, point.events[0], Body=b"x"), 400, "InvalidToken", INVALID_TOKEN)
        point.answers(Body=b"the next one")
        assert point.get()["Body"] == b"the next one"


def test_the_response_can_be_written_through_the_same_door(door: Door, point: Point) -> None:
    """With the client under test. Before an IP address no label can stand: botocore needs path style there."""
    config = Config(inject_host_prefix=False) if door.name == "server" else None
    with door.client_with(**({"config": config} if config else {})) as client:
        point.does = lambda event: client.write_get_object_response(**route(event), Body=b"by the same door")
        assert point.get()["Body"] == b"by the same door"


def test_written_by_another_thread(door: Door, point: Point) -> None:
    """Also while the object is changed: no lock is held while the function runs."""

    def write(event: dict[str, Any]) -> None:
        def work() -> None:
            door.fake.client().put_object(Bucket="bucket", Key="k", Body=b"changed")
            point.write(event, Body=b"by another thread")

        thread = threading.Thread(target=work)
        thread.start()
        thread.join(10)
        assert not thread.is_alive()

    point.does = write
    assert point.get()["Body"] == b"by another thread"
    assert door.client.get_object(Bucket="bucket", Key="k")["Body"].read() == b"changed"


def test_a_function_that_reads_through_a_function(door: Door, point: Point) -> None:
    def outer(event: dict[str, Any], context: Any) -> None:
        inner = point.writer.get_object(Bucket=point.point.alias, Key="k")["Body"].read()
        point.writer.write_get_object_response(**route(event), Body=inner + b", twice")

    alias = door.fake.add_object_lambda("outer", "bucket", outer).alias
    assert door.client.get_object(Bucket=alias, Key="k")["Body"].read() == b"made, twice"


def test_many_at_once(door: Door, point: Point) -> None:
    """Each request gets its own response, in whatever order the functions write them."""
    count = 4
    together = threading.Barrier(count, timeout=10)

    def write(event: dict[str, Any]) -> None:
        together.wait()
        point.write(event, Body=urlsplit(event["userRequest"]["url"]).path.rpartition("/")[2].encode())

    point.does = write
    found: dict[str, bytes] = {}

    def read(key: str) -> None:
        found[key] = door.client.get_object(Bucket=point.point.alias, Key=key)["Body"].read()

    threads = [threading.Thread(target=read, args=[f"k{number}"]) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert found == {f"k{number}": f"k{number}".encode() for number in range(count)}


# --- who may, and what for -------------------------------------------------------------------------------------------


class TestAccess:
    def client(self, door: Door, *actions: str) -> Any:
        policy = {"Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]} if actions else None
        who = door.fake.add_user(
            None, f"lambda-user{len(door.fake.accounts.principals)}", policy and {"Version": "2012-10-17", **policy}
        )
        return door.client_with(aws_access_key_id=who.access_key, aws_secret_access_key=who.secret_key)

    def test_a_user_needs_the_access_points_own_action(self, door: Door, point: Point) -> None:
        with self.client(door, "s3:*") as client, pytest.raises(ClientError) as caught:
            client.get_object(Bucket=point.point.alias, Key="k")
        error = caught.value.response["Error"]
        assert error["Code"] == "AccessDenied"
        assert f'perform: s3-object-lambda:GetObject on resource: "{point.point.arn}"' in error["Message"]
        assert point.events == []

    def test_other_accounts_and_anonymous_callers_are_denied(self, door: Door, point: Point) -> None:
        with door.client_with(aws_access_key_id="111122223333") as client:
            call = partial(client.get_object, Bucket=point.point.alias, Key="k")
            refused(call, 403, "AccessDenied", "Access Denied")
        assert door.raw("GET", f"/{point.point.alias}/k", sign=False).status == 403
        assert point.events == []

    def test_the_expected_owner(self, door: Door, point: Point) -> None:
        refused(partial(point.get, ExpectedBucketOwner="111122223333"), 403, "AccessDenied", "Access Denied")
        assert point.get(ExpectedBucketOwner=OWNER)["Body"] == b"made"

    def test_a_function_needs_to_be_allowed_to_write(self, door: Door, point: Point) -> None:
        lacking = door.fake.add_user(None, f"lacking{len(door.fake.accounts.principals)}")
        allow = {"Effect": "Allow", "Action": "s3-object-lambda:WriteGetObjectResponse", "Resource": "*"}
        able = door.fake.add_user(
            None, f"able{len(door.fake.accounts.principals)}", {"Version": "2012-10-17", "Statement": [allow]}
        )

        def write(event: dict[str, Any]) -> None:
            with contextlib.closing(door.fake.client(lacking)) as client, pytest.raises(ClientError, match="AccessDenied"):
                client.write_get_object_response(**route(event), Body=b"x")
            with contextlib.closing(door.fake.client(able)) as client:
                client.write_get_object_response(**route(event), Body=b"allowed")

        point.does = write
        assert point.get()["Body"] == b"allowed"


class TestFeatures:
    TEXT = HEADER_NOT_IMPLEMENTED

    @pytest.mark.parametrize(
        ("given", "feature", "header"),
        [({"Range": "bytes=0-1"}, "GetObject-Range", "Range"), ({"PartNumber": 1}, "GetObject-PartNumber", "partNumber")],
    )
    def test_ranges_and_parts(self, point: Point, given: dict[str, Any], feature: str, header: str) -> None:
        extras = {"Header": header, "additionalMessage": f"The access point's allowed features lack {feature}"}
        refused(partial(point.get, **given), 501, "NotImplemented", self.TEXT, extras)
        assert point.events == []
        point.point = point.add(features=[feature])
        point.answers(Body=b"ma", StatusCode=206, ContentRange="bytes 0-1/4")
        got = point.get(**given)
        assert (got["Body"], got["ContentRange"]) == (b"ma", "bytes 0-1/4")
        if header == "Range":
            assert point.events[0]["userRequest"]["headers"]["Range"] == "bytes=0-1"
        else:
            assert point.events[0]["userRequest"]["url"].endswith("?partNumber=1")


class TestHeads:
    def head(self, door: Door, point: Point, **more: Any) -> dict[str, Any]:
        head: dict[str, Any] = door.client.head_object(Bucket=point.point.alias, Key="k", **more)
        return head

    def test_go_to_the_bucket(self, door: Door, point: Point) -> None:
        head = self.head(door, point)
        assert (head["ContentLength"], head["Metadata"], point.events) == (4, {"of": "bucket"}, [])

    def test_or_to_the_function(self, door: Door, point: Point) -> None:
        point.point = point.add(actions=["GetObject", "HeadObject"])
        headers = {
            "Content-Length": 9,
            "Content-Type": "text/plain",
            "x-amz-meta-a": "b",
            "ETag": '"e"',
            "x-amz-version-id": None,
        }
        point.does = lambda event: {"statusCode": 200, "headers": headers}
        head = self.head(door, point)
        assert (head["ContentLength"], head["ContentType"], head["Metadata"], head["ETag"]) == (
            9,
            "text/plain",
            {"a": "b"},
            '"e"',
        )
        assert "VersionId" not in head
        [event] = point.events
        assert list(event["headObjectContext"]) == ["inputS3Url"]
        assert "getObjectContext" not in event

    def test_errors(self, door: Door, point: Point) -> None:
        point.point = point.add(actions=["HeadObject"])
        point.does = lambda event: {
            "statusCode": 403,
            "errorCode": "Mine",
            "errorMessage": "No",
            "headers": {"x-amz-meta-a": "b"},
        }
        error = refused(partial(self.head, door, point), 403, "403", "Forbidden")
        assert error.response["ResponseMetadata"]["HTTPHeaders"]["x-amz-meta-a"] == "b"
        # Its actions do not include GetObject.
        assert point.get()["Body"] == b"text"

    @pytest.mark.parametrize(
        "returned", [None, "text", {}, {"statusCode": "200"}, {"statusCode": 999}, {"statusCode": 200, "headers": 1}]
    )
    def test_no_answer(self, door: Door, point: Point, returned: object) -> None:
        point.point = point.add(actions=["HeadObject"])
        point.does = lambda event: returned
        refused(partial(self.head, door, point), 400, "400", "Bad Request")


def test_an_access_point_survives_a_reset(door: Door, point: Point) -> None:
    """Configuration, as accounts are."""
    door.fake.reset()
    door.client.create_bucket(Bucket="bucket")
    assert point.get()["Body"] == b"made"


def test_an_access_point_of_the_same_name_replaces_it(point: Point) -> None:
    point.door.fake.add_object_lambda("point", "bucket", lambda event, context: point.write(event, Body=b"the new one"))
    assert point.get()["Body"] == b"the new one"


def test_a_response_without_a_waiting_request(door: Door, bucket: str) -> None:
    headers = {"x-amz-request-route": "r", "x-amz-request-token": "t"}
    response = door.raw("POST", "/WriteGetObjectResponse", headers, b"x")
    assert (response.status, response.error) == (400, {"Code": "InvalidToken", "Message": INVALID_TOKEN})
