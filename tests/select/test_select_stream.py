"""Event streams: frames, counts, progress, and errors after the 200."""

from __future__ import annotations

import contextlib
import struct
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from zlib import crc32

import pytest
from botocore.exceptions import EventStreamError

from fakes3part.api.fakes3 import FakeS3
from tests.support.doors import Door, refused
from tests.support.errors import INVALID_OBJECT_STATE, NO_SUCH_KEY
from tests.support.s3_select import CSV, LINES, PARQUET, PEOPLE, RULES, TO_CSV, TO_JSON, USE, events, put, selected, start_query
from tests.support.state import unchanged

FRAME = 128 * 1024
REQUEST = (
    '<SelectObjectContentRequest xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Expression>SELECT * FROM S3Object</Expression>'
    "<ExpressionType>SQL</ExpressionType><InputSerialization><CSV/></InputSerialization>"
    "<OutputSerialization><CSV/></OutputSerialization></SelectObjectContentRequest>"
)


def test_a_small_response(s3: Any, bucket: str) -> None:
    put(s3, PEOPLE)
    response = start_query(s3, "SELECT s._1 FROM S3Object s LIMIT 2")
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 200
    read = PEOPLE.index(b"Joe")
    assert list(response["Payload"]) == [
        {"Records": {"Payload": b"name\nJane\n"}},
        {"Stats": {"Details": {"BytesScanned": read, "BytesProcessed": read, "BytesReturned": 10}}},
        {"End": {}},
    ]


def test_an_empty_response(s3: Any, bucket: str) -> None:
    put(s3, PEOPLE)
    counts = {"BytesScanned": len(PEOPLE), "BytesProcessed": len(PEOPLE), "BytesReturned": 0}
    sql = "SELECT * FROM S3Object s WHERE s._1 = 'nobody'"
    assert events(s3, sql) == [{"Stats": {"Details": counts}}, {"End": {}}]
    received = events(s3, sql, RequestProgress={"Enabled": True})
    assert received == [{"Progress": {"Details": counts}}, {"Stats": {"Details": counts}}, {"End": {}}]


def test_a_large_response_has_several_frames(s3: Any, bucket: str) -> None:
    """A record may span two frames, with events without payload in between: clients must accept both."""
    lines = b"".join(b"%06d,%s\n" % (number, b"x" * 100) for number in range(3000))
    put(s3, lines)
    received = events(s3, "SELECT * FROM S3Object", RequestProgress={"Enabled": True})
    payloads = [event["Records"]["Payload"] for event in received if "Records" in event]
    assert b"".join(payloads) == lines
    assert [len(payload) for payload in payloads] == [FRAME, FRAME, len(lines) - 2 * FRAME]
    kinds = [name for event in received for name in event]
    assert kinds == ["Records", "Progress", "Cont", "Records", "Progress", "Records", "Progress", "Stats", "End"]
    details = [event["Progress"]["Details"] for event in received if "Progress" in event]
    assert [detail["BytesReturned"] for detail in details] == [FRAME, 2 * FRAME, len(lines)]
    scanned = [detail["BytesScanned"] for detail in details]
    assert scanned == sorted(scanned)
    assert scanned[-1] == len(lines)
    assert details[-1] == received[-2]["Stats"]["Details"]


def messages(data: bytes) -> list[tuple[dict[str, str], bytes]]:
    """Parse an event stream and check the checksums of its messages."""
    parsed = []
    while data:
        total, length, prelude = struct.unpack("!III", data[:12])
        message, data = data[:total], data[total:]
        assert prelude == crc32(message[:8])
        assert struct.unpack("!I", message[-4:])[0] == crc32(message[:-4])
        block, headers = message[12 : 12 + length], {}
        while block:
            name_end = 1 + block[0]
            kind, size = struct.unpack("!BH", block[name_end : name_end + 3])
            assert kind == 7
            headers[block[1:name_end].decode()] = block[name_end + 3 : name_end + 3 + size].decode()
            block = block[name_end + 3 + size :]
        parsed.append((headers, message[12 + length : -4]))
    return parsed


def test_bytes_of_the_event_stream(door: Door, bucket: str) -> None:
    put(door.client, b"a\n")
    response = door.raw("POST", "/bucket/key?select&select-type=2", body=REQUEST.encode())
    assert response.status == 200
    xml = '<?xml version="1.0" encoding="UTF-8"?>\n'
    counts = "<BytesScanned>2</BytesScanned><BytesProcessed>2</BytesProcessed><BytesReturned>2</BytesReturned>"
    event = {":message-type": "event"}
    assert messages(response.body) == [
        ({**event, ":event-type": "Records", ":content-type": "application/octet-stream"}, b"a\n"),
        ({**event, ":event-type": "Stats", ":content-type": "text/xml"}, f"{xml}<Stats>{counts}</Stats>".encode()),
        ({**event, ":event-type": "End"}, b""),
    ]


def test_an_error_of_a_record_ends_the_stream(s3: Any, bucket: str) -> None:
    good = b"".join(b"%d\n" % number for number in range(499))
    put(s3, good + b"five hundred\n" + good)
    with contextlib.closing(start_query(s3, "SELECT CAST(s._1 AS INT) FROM S3Object s")["Payload"]) as payload:
        stream = iter(payload)
        assert next(stream) == {"Records": {"Payload": good}}
        with pytest.raises(EventStreamError) as caught:
            next(stream)
    message = "Attempt to convert from one data type to another using CAST failed in the SQL expression."
    assert caught.value.response["Error"] == {"Code": "CastFailed", "Message": message}
    assert str(caught.value) == f"An error occurred (CastFailed) when calling the SelectObjectContent operation: {message}"


def test_an_error_after_the_limit_is_ignored(s3: Any, bucket: str) -> None:
    put(s3, b"1\n2\nx\n")
    assert selected(s3, "SELECT CAST(s._1 AS INT) FROM S3Object s LIMIT 2") == "1\n2\n"
    assert selected(s3, "SELECT CAST(s._1 AS INT) FROM S3Object s WHERE s._1 <> 'x'") == "1\n2\n"


def test_objects_that_can_be_selected_from(door: Door, bucket: str) -> None:
    s3 = door.client
    query = "SELECT COUNT(*) FROM S3Object"
    refused(lambda: events(s3, query), 404, "NoSuchKey", NO_SUCH_KEY, {"Key": "key"})
    archived = INVALID_OBJECT_STATE
    for storage_class in ("GLACIER", "DEEP_ARCHIVE"):
        put(s3, PEOPLE, StorageClass=storage_class)
        refused(lambda: events(s3, query), 403, "InvalidObjectState", archived, {"StorageClass": storage_class})
    put(s3, PEOPLE, StorageClass="REDUCED_REDUNDANCY")
    message = (
        "Encountered a storage class that is not valid. Only STANDARD, STANDARD_IA, and ONEZONE_IA storage classes are supported."
    )
    refused(lambda: events(s3, query), 400, "UnsupportedStorageClass", message)
    put(s3, PEOPLE, StorageClass="STANDARD_IA")
    assert selected(s3, query) == "5\n"


def test_a_restored_object(door: Door, bucket: str) -> None:
    put(door.client, PEOPLE, StorageClass="GLACIER")
    door.client.restore_object(Bucket="bucket", Key="key", RestoreRequest={"Days": 1})
    door.fake.clock.advance(days=1)
    assert selected(door.client, "SELECT COUNT(*) FROM S3Object") == "5\n"


def test_the_current_version(s3: Any, bucket: str) -> None:
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    put(s3, b"old\n")
    put(s3, b"new\n")
    assert selected(s3, "SELECT * FROM S3Object") == "new\n"
    s3.delete_object(Bucket="bucket", Key="key")
    refused(lambda: events(s3, "SELECT * FROM S3Object"), 404, "NoSuchKey", NO_SUCH_KEY, {"Key": "key"})


def test_customer_keys() -> None:
    """botocore sends them over HTTPS only: in-process."""
    key, other = ({"SSECustomerAlgorithm": "AES256", "SSECustomerKey": letter * 32} for letter in "ko")
    blocked = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
        "BlockedEncryptionTypes": {"EncryptionType": ["NONE"]},
    }
    with FakeS3() as fake:
        s3 = fake.client()
        s3.create_bucket(Bucket="bucket")
        s3.put_bucket_encryption(Bucket="bucket", ServerSideEncryptionConfiguration={"Rules": [blocked]})
        put(s3, b"a\n", **key)
        assert selected(s3, "SELECT * FROM S3Object", **key) == "a\n"
        message = (
            "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve "
            "the object."
        )
        refused(lambda: events(s3, "SELECT * FROM S3Object"), 400, "InvalidRequest", message)
        denied = "Requests specifying Server Side Encryption with Customer provided keys must provide the correct secret key."
        refused(lambda: events(s3, "SELECT * FROM S3Object", **other), 403, "AccessDenied", denied)


def test_authorization(door: Door, bucket: str) -> None:
    put(door.client, PEOPLE)
    response = door.raw("POST", "/bucket/key?select&select-type=2", body=REQUEST.encode(), sign=False)
    assert (response.status, response.error["Code"]) == (403, "AccessDenied")


def test_a_range_header(door: Door, bucket: str) -> None:
    put(door.client, PEOPLE)
    response = door.raw("POST", "/bucket/key?select&select-type=2", {"Range": "bytes=0-1"}, REQUEST.encode())
    expected = {"Code": "UnsupportedRangeHeader", "Message": "The Range header is not supported for this operation."}
    assert (response.status, response.error) == (400, expected)


def test_nothing_changes(door: Door, bucket: str) -> None:
    put(door.client, RULES)
    with unchanged(door.fake):
        selected(door.client, "SELECT * FROM S3Object", LINES, TO_JSON)


def test_many_threads(s3: Any, bucket: str) -> None:
    put(s3, PEOPLE)
    queries = [(f"SELECT name, {number} FROM S3Object WHERE age > {number % 40}", number) for number in range(40)]

    def is_correct(query: tuple[str, int]) -> bool:
        sql, number = query
        expected = [name for name, age in (("Jane", 30), ("Joe", 5)) if age > number % 40]
        return selected(s3, sql, USE) == "".join(f"{name},{number}\n" for name in expected)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(is_correct, queries))


@pytest.mark.parametrize(("module", "input_format"), [("sqlglot", CSV), ("pyarrow", PARQUET)])
def test_without_the_extra(
    door: Door, bucket: str, monkeypatch: pytest.MonkeyPatch, module: str, input_format: dict[str, Any]
) -> None:
    """A 501 that names the extra to install."""
    put(door.client, PEOPLE)
    for name in list(sys.modules):
        if name.startswith(("fakes3part.select.", f"{module}.")) or name == module:
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    message = "fakes3part does not implement SelectObjectContent (its SQL engine is an extra: pip install fakes3part[select])"
    refused(
        lambda: events(door.client, "SELECT * FROM S3Object", input_format, TO_CSV),
        501,
        "NotImplemented",
        message,
        {"Operation": "SelectObjectContent"},
    )


def test_the_engine_is_loaded_at_the_first_select() -> None:
    code = (
        "import sys; from fakes3part import FakeS3; from fakes3part.message import Request;"
        "FakeS3().handle(Request('GET', 'localhost', '/'));"
        "print([name for name in ('sqlglot', 'pyarrow') if name in sys.modules])"
    )
    completed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert completed.stdout == "[]\n"
