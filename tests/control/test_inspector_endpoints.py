"""The endpoints that the inspector shows: pages of objects, one object, upload or call, decisions, differences, the stream."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

import pytest
from botocore.exceptions import ClientError

from fakes3part import FakeS3, Server, faults
from tests.support.state import unchanged

MIB = 1024 * 1024


@pytest.fixture
def fake() -> FakeS3:
    return FakeS3(seed=7)


@pytest.fixture
def server(fake: FakeS3) -> Iterator[Server]:
    with Server(fake) as server:
        yield server


@pytest.fixture
def s3(fake: FakeS3) -> Iterator[Any]:
    with closing(fake.client()) as client:
        client.create_bucket(Bucket="bucket")
        yield client


def read(server: Server, name: str, headers: dict[str, str] | None = None, /, **query: Any) -> tuple[int, str, bytes]:
    """Return status, Content-Type and body of an endpoint."""
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=30)) as connection:
        target = f"/_fakes3part/{name}?{urlencode(query)}" if query else f"/_fakes3part/{name}"
        connection.request("GET", target, headers=headers or {})
        response = connection.getresponse()
        return response.status, response.headers["Content-Type"], response.read()


def ask(server: Server, name: str, /, **query: Any) -> Any:
    """Return the document of an endpoint."""
    status, _, body = read(server, name, **query)
    document = json.loads(body)
    assert status == 200, document
    return document


def test_the_description_of_the_stream(server: Server) -> None:
    paths = json.loads(read(server, "openapi.json")[2])["paths"]
    assert list(paths["/_fakes3part/calls/stream"]["get"]["responses"]["200"]["content"]) == ["text/event-stream"]


# --- objects ---------------------------------------------------------------------------------------------------------


def test_pages_of_objects(server: Server, fake: FakeS3, s3: Any) -> None:
    fake.seed({"bucket": {f"a/{number:03}": b"x" * number for number in range(7)} | {"b": b""}})
    keys, after = [], None
    for expected in (3, 3, 1):
        page = ask(server, "buckets/bucket/objects", prefix="a/", limit=3, **({} if after is None else {"after": after}))
        assert (len(page["objects"]), page["total"]) == (expected, 8)
        keys += [row["key"] for row in page["objects"]]
        after = page["next"]
    assert (keys, after) == ([f"a/{number:03}" for number in range(7)], None)
    assert page["objects"][0] | {"last_modified": ""} == {
        "key": "a/006",
        "size": 6,
        "etag": "dad3a37aa9d50688b5157698acfd7aee",
        "last_modified": "",
        "storage_class": "STANDARD",
        "delete_marker": False,
        "versions": 1,
    }


def test_a_key_with_a_delete_marker_is_shown(server: Server, s3: Any) -> None:
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="bucket", Key="../k", Body=b"1")
    s3.delete_object(Bucket="bucket", Key="../k")
    (row,) = ask(server, "buckets/bucket/objects")["objects"]
    assert (row["key"], row["delete_marker"], row["versions"]) == ("../k", True, 2)
    newest = ask(server, "buckets/bucket/object", key="../k")
    assert (newest["version"]["delete_marker"], newest["version_count"]) == (True, 2)
    older = ask(server, "buckets/bucket/object", key="../k", version_id=newest["versions"][1]["version_id"])
    assert older["content"] == {"text": "1", "truncated": False}


@pytest.mark.parametrize(
    ("body", "content"),
    [
        (b"text\n", {"text": "text\n", "truncated": False}),
        ("é".encode() * 3000, {"text": "é" * 2048, "truncated": True}),
        (b"x" + "é".encode() * 3000, {"text": "x" + "é" * 2047, "truncated": True}),
        (b"\x00\xff", {"hex": "00 ff", "truncated": False}),
        (b"\x1b[2J", {"hex": "1b 5b 32 4a", "truncated": False}),
        (b"", {"text": "", "truncated": False}),
    ],
)
def test_content(server: Server, s3: Any, body: bytes, content: dict[str, Any]) -> None:
    s3.put_object(Bucket="bucket", Key="k", Body=body)
    assert ask(server, "buckets/bucket/object", key="k")["content"] == content


def test_one_object(server: Server, s3: Any) -> None:
    s3.put_object(
        Bucket="bucket",
        Key="k",
        Body=b"12345",
        ContentType="text/css",
        Metadata={"a": "b"},
        Tagging="t=1",
        ChecksumAlgorithm="SHA1",
    )
    version = ask(server, "buckets/bucket/object", key="k")["version"]
    assert (version["size"], version["etag"], version["owner"]) == (5, "827ccb0eea8a706c4c34a16891f84e7b", "123456789012")
    assert (version["headers"], version["metadata"], version["tags"]) == ({"ContentType": "text/css"}, {"a": "b"}, {"t": "1"})
    assert version["checksums"] == {"SHA1": "jLIjfQZ5yojbZGTqxg2pY0VROWQ="}
    assert version["encryption"] == {"algorithm": "AES256"}


def test_a_key_of_the_customer_is_not_shown(server: Server, s3: Any) -> None:
    secret = b"0123456789abcdefghijklmnopqrstuv"
    s3.put_object(Bucket="bucket", Key="k", Body=b"1", SSECustomerAlgorithm="AES256", SSECustomerKey=secret)
    for name, query in (("buckets/bucket/object", {"key": "k"}), ("calls/2", {})):
        body = read(server, name, **query)[2]
        assert secret not in body
        assert b64encode(secret) not in body


# --- uploads ---------------------------------------------------------------------------------------------------------


def upload_parts(s3: Any, sizes: dict[int, int], **options: Any) -> str:
    upload_id: str = s3.create_multipart_upload(Bucket="bucket", Key="k", **options)["UploadId"]
    options.pop("ChecksumType", None)
    for number, size in sizes.items():
        s3.upload_part(Bucket="bucket", Key="k", UploadId=upload_id, PartNumber=number, Body=b"x" * size, **options)
    return upload_id


def test_an_upload_with_gaps_and_overwritten_parts(server: Server, fake: FakeS3, s3: Any) -> None:
    upload_id = upload_parts(s3, {2: 5 * MIB, 3: 5 * MIB, 7: 1})
    s3.upload_part(Bucket="bucket", Key="k", UploadId=upload_id, PartNumber=3, Body=b"y" * 5 * MIB)
    with unchanged(fake):
        upload = ask(server, "buckets/bucket/upload", id=upload_id)
    assert upload["gaps"] == [[1, 1], [4, 6]]
    assert [(part["number"], part["size"]) for part in upload["parts"]] == [(2, 5 * MIB), (3, 5 * MIB), (7, 1)]
    assert [[call["call"] for call in part["overwritten"]] for part in upload["parts"]] == [[], [4], []]
    parts = [{"PartNumber": part["number"], "ETag": part["etag"]} for part in upload["parts"]]
    completed = s3.complete_multipart_upload(Bucket="bucket", Key="k", UploadId=upload_id, MultipartUpload={"Parts": parts})
    assert upload["complete"] == {"etag": completed["ETag"].strip('"'), "size": 10 * MIB + 1, "parts": 3}
    assert read(server, "buckets/bucket/upload", id=upload_id)[0] == 404


@pytest.mark.parametrize(
    ("sizes", "options", "code"),
    [
        ({1: 3, 2: 3}, {}, "EntityTooSmall"),
        ({}, {}, "InvalidRequest"),
        ({1: 5 * MIB, 3: 1}, {"ChecksumAlgorithm": "SHA256"}, "InvalidPartOrder"),
        ({1: 5 * MIB, 2: 1}, {"ChecksumAlgorithm": "SHA256"}, None),
        ({1: 5 * MIB, 3: 1}, {"ChecksumAlgorithm": "CRC32C", "ChecksumType": "FULL_OBJECT"}, None),
    ],
)
def test_what_complete_would_make(
    server: Server, fake: FakeS3, s3: Any, sizes: dict[int, int], options: Any, code: str | None
) -> None:
    upload_id = upload_parts(s3, sizes, **options)
    with unchanged(fake):
        complete = ask(server, "buckets/bucket/upload", id=upload_id)["complete"]
    assert complete.get("error") == code
    parts = fake.buckets["bucket"].uploads[upload_id].parts.values()
    listed = [{"PartNumber": part.number, "ETag": part.etag, **checksums_of(part, options)} for part in parts]
    request = {"Bucket": "bucket", "Key": "k", "UploadId": upload_id, "MultipartUpload": {"Parts": listed}}
    if code is None:
        assert s3.complete_multipart_upload(**request)["ETag"] == f'"{complete["etag"]}"'
    elif listed:
        with pytest.raises(ClientError) as refused:
            s3.complete_multipart_upload(**request)
        error = refused.value.response["Error"]
        assert (error["Code"], error["Message"]) == (code, complete["message"])


def checksums_of(part: Any, options: dict[str, str]) -> dict[str, str]:
    """Return the checksums by which a client lists a part of an upload with these options."""
    return {f"Checksum{name}": value for name, value in part.checksums.items() if options.get("ChecksumAlgorithm") == name}


def test_pages_of_uploads(server: Server, s3: Any) -> None:
    for number in range(5):
        s3.create_multipart_upload(Bucket="bucket", Key=f"k{number}")
    page = ask(server, "buckets/bucket/uploads", offset=3, limit=1)
    assert ([upload["key"] for upload in page["uploads"]], page["total"]) == (["k3"], 5)


def test_configuration(server: Server, s3: Any) -> None:
    rules = [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]
    s3.put_bucket_cors(Bucket="bucket", CORSConfiguration={"CORSRules": rules})
    configuration = ask(server, "buckets/bucket/configuration")["configuration"]
    assert configuration["cors"]["rules"][0]["methods"] == ["GET"]
    assert (configuration["ownership"], "lifecycle" in configuration) == ("BucketOwnerEnforced", False)


# --- who may do what -------------------------------------------------------------------------------------------------

POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Read",
            "Effect": "Allow",
            "Principal": {"AWS": "111122223333"},
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::bucket/*",
        }
    ],
}


def test_explain(server: Server, fake: FakeS3, s3: Any) -> None:
    fake.add_account("111122223333")
    fake.seed({"bucket": {"k": b"1"}})
    s3.put_bucket_policy(Bucket="bucket", Policy=json.dumps(POLICY))
    root = "arn:aws:iam::111122223333:root"
    with unchanged(fake):
        decision = ask(server, "explain", what="GetObject", bucket="bucket", key="k", caller=root)
        assert (decision["allowed"], decision["statement"]["Sid"], decision["caller"]) == (True, "Read", root)
        denied = ask(server, "explain", what="PutObject", bucket="bucket", key="k", caller="anonymous")
        assert (denied["allowed"], denied["action"]) == (False, "s3:PutObject")
        access = ask(server, "buckets/bucket/access", key="k")
    column = access["operations"].index("GetObject")
    assert {row["caller"]: row["decisions"][column]["allowed"] for row in access["callers"]} == {
        "arn:aws:iam::123456789012:root": True,
        root: True,
        "anonymous": False,
    }
    assert access["callers"][1]["decisions"][column]["reason"] == decision["reason"]


def test_callers(server: Server, fake: FakeS3) -> None:
    account = fake.add_account("111122223333")
    fake.add_user(account, "ann")
    names = [caller["caller"] for caller in ask(server, "callers")["callers"]]
    assert names == [
        "arn:aws:iam::123456789012:root",
        "arn:aws:iam::111122223333:root",
        "arn:aws:iam::111122223333:user/ann",
        "anonymous",
    ]


# --- calls -----------------------------------------------------------------------------------------------------------


def test_pages_of_calls(server: Server, s3: Any) -> None:
    for number in range(6):
        s3.put_object(Bucket="bucket", Key=f"k{number}", Body=b"")
    assert [call["number"] for call in ask(server, "calls", limit=2)["calls"]] == [6, 7]
    assert [call["number"] for call in ask(server, "calls", limit=2, before=6)["calls"]] == [4, 5]
    assert [call["key"] for call in ask(server, "calls", limit=2, before=6, operation="Put*")["calls"]] == ["k2", "k3"]
    assert ask(server, "calls", limit=2, before=1)["calls"] == []
    assert ask(server, "calls", limit=0)["calls"] == []


def test_one_call(server: Server, fake: FakeS3, s3: Any) -> None:
    fake.fail("PutObject", faults.Error("SlowDown"), times=1)
    s3.put_object(Bucket="bucket", Key="k", Body=b"1")
    call = ask(server, "calls/2")
    assert (call["operation"], call["status"], call["error"], call["fault"]) == ("PutObject", 503, "SlowDown", "error(SlowDown)")
    assert call["headers"]["authorization"].endswith("Signature=***")
    assert read(server, "calls/4")[0] == 404
    assert read(server, "calls/0")[0] == 404
    assert read(server, "calls/x")[0] == 400


def test_a_denied_call_has_its_decision(server: Server, fake: FakeS3, s3: Any) -> None:
    with closing(fake.client(anonymous=True)) as anonymous, pytest.raises(ClientError, match="AccessDenied"):
        anonymous.get_object(Bucket="bucket", Key="k")
    decision = ask(server, "calls/2")["decision"]
    assert (decision["allowed"], decision["action"], decision["caller"]) == (False, "s3:GetObject", "*")


def events(body: bytes) -> list[dict[str, str]]:
    """Parse a text/event-stream."""
    blocks = [block for block in body.decode().split("\n\n") if block]
    return [dict(line.split(": ", 1) for line in block.split("\n")) for block in blocks]


def test_the_stream_has_the_calls_after_a_number(server: Server, s3: Any) -> None:
    s3.put_object(Bucket="bucket", Key="a\nb", Body=b"1")
    status, content_type, body = read(server, "calls/stream", since=1)
    (retry, call) = events(body)
    assert (status, content_type, retry) == (200, "text/event-stream", {"retry": "200"})
    assert (call["event"], call["id"]) == ("call", "2")
    data = json.loads(call["data"])
    assert (data["number"], data["operation"], data["key"], data["status"]) == (2, "PutObject", "a\nb", 200)
    assert events(read(server, "calls/stream", {"Last-Event-ID": "1"})[2])[1:] == [call]


def test_the_stream_waits_for_a_call(server: Server, s3: Any) -> None:
    got: list[bytes] = []
    thread = threading.Thread(target=lambda: got.append(read(server, "calls/stream", since=1, timeout=30)[2]))
    thread.start()
    s3.put_object(Bucket="bucket", Key="k", Body=b"1")
    thread.join(20)
    assert [event["id"] for event in events(got[0])[1:]] == ["2"]


def test_a_server_with_an_open_stream_stops_at_once(fake: FakeS3) -> None:
    server = Server(fake).start()

    def follow() -> None:
        with contextlib.suppress(OSError):  # the server closes the connection
            read(server, "calls/stream")

    thread = threading.Thread(target=follow)
    thread.start()
    time.sleep(0.3)
    start = time.monotonic()
    server.stop()
    assert time.monotonic() - start < 2
    thread.join(10)


def test_the_stream_says_that_there_is_nothing_or_that_the_journal_was_cleared(server: Server, fake: FakeS3, s3: Any) -> None:
    assert events(read(server, "calls/stream", timeout=0)[2])[1:] == [{"id": "1", "": "nothing new"}]
    fake.calls.clear()
    assert events(read(server, "calls/stream", since=1, timeout=5)[2])[1:] == [{"id": "0", "event": "clear", "data": "{}"}]


# --- snapshots -------------------------------------------------------------------------------------------------------


def test_differences(server: Server, fake: FakeS3, s3: Any) -> None:
    fake.seed({"bucket": {"same": b"1", "changed": b"1", "removed": b"1"}, "gone": {"k": b"1"}})
    upload_id = s3.create_multipart_upload(Bucket="bucket", Key="u")["UploadId"]
    fake.snapshot("before")
    assert ask(server, "diff", **{"from": "before"}) == {"differences": [], "total": 0}
    fake.seed({"bucket": {"changed": b"22", "added": b"1"}, "new": {}})
    s3.delete_object(Bucket="bucket", Key="removed")
    s3.put_bucket_tagging(Bucket="bucket", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    s3.upload_part(Bucket="bucket", Key="u", UploadId=upload_id, PartNumber=1, Body=b"1")
    s3.delete_object(Bucket="gone", Key="k")
    s3.delete_bucket(Bucket="gone")
    fake.snapshot("after")
    now, named = ask(server, "diff", **{"from": "before"}), ask(server, "diff", **{"from": "before", "to": "after"})
    assert now == named
    assert [(one["kind"], one["bucket"], one["name"], one["change"]) for one in now["differences"]] == [
        ("configuration", "bucket", "tags", "added"),
        ("object", "bucket", "added", "added"),
        ("object", "bucket", "changed", "changed"),
        ("object", "bucket", "removed", "removed"),
        ("upload", "bucket", upload_id, "changed"),
        ("bucket", "gone", "gone", "removed"),
        ("object", "gone", "k", "removed"),
        ("bucket", "new", "new", "added"),
    ]
    assert now["differences"][0]["fields"] == {"value": [None, {"a": "b"}]}
    assert now["differences"][2]["fields"]["size"] == [1, 2]
    page = ask(server, "diff", **{"from": "before", "offset": 1, "limit": 2})
    assert (page["differences"], page["total"]) == (now["differences"][1:3], 8)
    backwards = ask(server, "diff", **{"from": "after", "to": "before"})
    assert {one["change"] for one in backwards["differences"] if one["name"] == "added"} == {"removed"}


def test_a_new_version_is_a_difference(server: Server, fake: FakeS3, s3: Any) -> None:
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="bucket", Key="k", Body=b"1")
    fake.snapshot("before")
    s3.delete_object(Bucket="bucket", Key="k")
    (difference,) = ask(server, "diff", **{"from": "before"})["differences"]
    assert (difference["change"], difference["fields"]["delete_marker"]) == ("changed", [False, True])
    assert [len(ids) for ids in difference["fields"]["versions"]] == [1, 2]


def test_remove_a_snapshot(server: Server, fake: FakeS3) -> None:
    fake.snapshot("a/b c")
    with closing(HTTPConnection("127.0.0.1", server.port)) as connection:
        for status in (200, 404):
            connection.request("DELETE", "/_fakes3part/snapshots/a%2Fb%20c")
            response = connection.getresponse()
            response.read()
            assert response.status == status
    assert fake.snapshots == {}


@pytest.mark.parametrize(
    ("name", "query", "status", "says"),
    [
        ("buckets/none/objects", {}, 404, "no bucket 'none'"),
        ("buckets/bucket/objects", {"limit": 1001}, 400, "limit must be 0 to 1000, not 1001"),
        ("buckets/bucket/objects", {"limit": "x"}, 400, "invalid literal"),
        ("buckets/bucket/objects", {"colour": "red"}, 400, "no parameter 'colour' here"),
        ("buckets/bucket/object", {}, 400, "the query needs 'key'"),
        ("buckets/bucket/object", {"key": "none"}, 404, "no object 'none'"),
        ("buckets/bucket/object", {"key": "k", "version_id": "none"}, 404, "no version 'none' of 'k'"),
        ("buckets/bucket/uploads", {"offset": -1}, 400, "offset must be 0 or more"),
        ("buckets/bucket/upload", {"id": "none"}, 404, "no open upload 'none'"),
        ("buckets/none/configuration", {}, 404, "no bucket 'none'"),
        ("buckets/none/access", {}, 404, "no bucket 'none'"),
        ("explain", {}, 400, "the query needs 'what'"),
        ("explain", {"what": "GetObjects", "bucket": "bucket"}, 400, "neither an operation"),
        ("explain", {"what": "GetObject", "bucket": "none"}, 404, "there is no bucket 'none'"),
        ("diff", {}, 400, "the query needs 'from'"),
        ("diff", {"from": "none"}, 404, "no snapshot 'none'"),
        ("calls/stream", {"timeout": 61}, 400, "timeout must be 0 to 60 seconds, not 61"),
        ("calls/stream", {"since": "x"}, 400, "invalid literal"),
        ("calls", {"limit": "x"}, 400, "invalid literal"),
    ],
)
def test_invalid_requests(
    server: Server, fake: FakeS3, s3: Any, name: str, query: dict[str, Any], status: int, says: str
) -> None:
    s3.put_object(Bucket="bucket", Key="k", Body=b"")
    with unchanged(fake):
        got, content_type, body = read(server, name, **query)
    assert (got, content_type) == (status, "application/json")
    assert says in json.loads(body)["error"]
