"""Each effect, in-process and over HTTP: what the client library raises, and whether the state was changed."""

from __future__ import annotations

import errno
import http.client
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    FlexibleChecksumError,
    IncompleteReadError,
    ReadTimeoutError,
    ResponseStreamingError,
)
from urllib3.exceptions import NewConnectionError, ProtocolError
from urllib3.exceptions import ReadTimeoutError as Timeout

from fakes3part import faults
from fakes3part.message import Delivery, Response
from fakes3part.protocol.model import Operation
from tests.support.errors import NO_SUCH_KEY
from tests.support.faults import (
    BUCKET,
    DATA,
    READERS,
    Call,
    Transport,
    at_once,
    client,
    complete,
    copy,
    copy_part,
    delete,
    error_of,
    get,
    head,
    into,
    lines,
    names,
    piecemeal,
    put,
)

RESET = str(ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET)))
SHORT_TIMEOUT = 0.05
"""The read timeout, in seconds, of clients whose response stalls."""


@pytest.mark.parametrize(
    ("effect", "status", "code", "message", "retry_after"),
    [
        ("SlowDown", 503, "SlowDown", "Please reduce your request rate.", None),
        ("InternalError", 500, "InternalError", "We encountered an internal error. Please try again.", None),
        ("AccessDenied", 403, "AccessDenied", "Access Denied", None),
        (faults.Error("SlowDown", "Enough!", retry_after=2), 503, "SlowDown", "Enough!", "2"),
        (faults.Error("NoSuchKey", status=410), 410, "NoSuchKey", NO_SUCH_KEY, None),
        (faults.Error("NewToUs", "Whatever", 599, 0.5), 599, "NewToUs", "Whatever", "0.5"),
    ],
)
@pytest.mark.parametrize("call", [put, delete, names, get])
def test_an_error(
    transport: Transport, call: Call, effect: Any, status: int, code: str, message: str, retry_after: str | None
) -> None:
    s3 = client(transport)
    with transport.fake.fail("*", effect), pytest.raises(ClientError) as caught:
        call(s3)
    assert error_of(caught.value) == (status, code, message)
    metadata = caught.value.response["ResponseMetadata"]
    assert metadata["HTTPHeaders"].get("retry-after") == retry_after
    assert len(metadata["RequestId"]) == 16
    assert transport.listed() == ["old"]


def test_an_error_without_a_document(transport: Transport) -> None:
    s3 = client(transport)
    with transport.fake.fail("HeadObject", "SlowDown"), pytest.raises(ClientError) as caught:
        head(s3)
    assert error_of(caught.value) == (503, "503", "Service Unavailable")


def reset(transport: Transport, s3: Any, call: Call, when: str) -> None:
    """Make a call whose connection is reset, and check the client's exception."""
    with transport.fake.fail("*Object", faults.Reset(when)) as rule, pytest.raises(ConnectionClosedError) as caught:
        call(s3)
    cause = caught.value.kwargs["error"]
    assert isinstance(cause, ProtocolError)
    assert cause.args[0] == "Connection aborted."
    assert isinstance(cause.args[1], ConnectionResetError)  # http.client's RemoteDisconnected is one
    assert rule.hits == 1


@pytest.mark.parametrize("when", ["before", "during"])
@pytest.mark.parametrize("call", [put, delete])
def test_a_reset_before_a_write_changes_nothing(transport: Transport, call: Call, when: str) -> None:
    s3 = client(transport)
    reset(transport, s3, call, when)
    assert transport.listed() == ["old"]
    assert transport.stored("old") == DATA


@pytest.mark.parametrize(("call", "keys"), [(put, ["new", "old"]), (delete, [])])
def test_a_reset_after_a_write_leaves_it_done(transport: Transport, call: Call, keys: list[str]) -> None:
    s3 = client(transport)
    reset(transport, s3, call, "after")
    assert transport.listed() == keys


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("call", [head, names, get])
def test_a_reset_of_a_call_that_reads(transport: Transport, call: Call, when: str) -> None:
    s3 = client(transport)
    with transport.fake.fail("*", faults.Reset(when)), pytest.raises(ConnectionClosedError) as caught:
        call(s3)
    cause = caught.value.kwargs["error"]
    assert isinstance(cause, ProtocolError)
    assert (cause.args[0], str(cause.args[1])) == ("Connection aborted.", RESET)


@pytest.mark.parametrize("reader", READERS)
def test_a_reset_within_a_body(transport: Transport, reader: Callable[[Any], bytes]) -> None:
    s3 = client(transport)
    with transport.fake.fail("GetObject", faults.Reset("during")):
        body = get(s3)
        assert body.read(1000) == DATA[:1000]
        with pytest.raises(ResponseStreamingError) as caught:
            reader(body)
    assert str(caught.value.kwargs["error"].args[1]) == RESET


def test_a_reset_within_a_listing(transport: Transport) -> None:
    s3 = client(transport)
    with transport.fake.fail("ListObjectsV2", faults.Reset("during")), pytest.raises(ConnectionClosedError) as caught:
        names(s3)
    assert caught.value.kwargs["error"].args[0].startswith("Connection broken: ConnectionResetError(")


@pytest.mark.parametrize("call", [put, delete, head, names, get])
def test_a_refused_connection(transport: Transport, call: Call) -> None:
    s3 = client(transport)
    expected = (ConnectionClosedError, ProtocolError) if transport.is_http else (EndpointConnectionError, NewConnectionError)
    with transport.fake.fail("*", faults.Refuse()), pytest.raises(expected[0]) as caught:
        call(s3)
    assert isinstance(caught.value.kwargs["error"], expected[1])
    if not transport.is_http:
        assert "Connection refused" in str(caught.value.kwargs["error"])
    assert transport.listed() == ["old"]


@pytest.mark.parametrize("after", [0, None])
@pytest.mark.parametrize(("call", "changed"), [(put, ["new", "old"]), (head, ["old"])])
def test_a_response_without_a_body_stalls(transport: Transport, call: Call, changed: list[str], after: int | None) -> None:
    client(transport)
    with transport.fake.fail("*Object", faults.Stall(after)), pytest.raises(ReadTimeoutError) as caught:
        call(transport.client(read_timeout=SHORT_TIMEOUT))
    assert isinstance(caught.value.kwargs["error"], Timeout)
    assert transport.listed() == changed


@pytest.mark.parametrize(("call", "after"), [(names, 0), (names, 50), (names, None), (get, None)])
def test_a_response_stalls(transport: Transport, call: Call, after: int | None) -> None:
    client(transport)
    with (
        transport.fake.fail("*", faults.Stall(after)),
        pytest.raises(ReadTimeoutError, match='Read timeout on endpoint URL: "http'),
    ):
        call(transport.client(read_timeout=SHORT_TIMEOUT))


@pytest.mark.parametrize("reader", [at_once, piecemeal])
@pytest.mark.parametrize("after", [0, 2000])
def test_a_body_stalls(transport: Transport, reader: Callable[[Any], bytes], after: int) -> None:
    s3 = client(transport)
    with transport.fake.fail("GetObject", faults.Stall(after)):
        body = get(s3)
        assert body.read(after) == DATA[:after]
        body.set_socket_timeout(SHORT_TIMEOUT)
        with pytest.raises(ReadTimeoutError) as caught:
            reader(body)
    assert isinstance(caught.value.kwargs["error"], Timeout)


@pytest.mark.parametrize(
    ("effect", "received"),
    [
        (faults.Truncate(), 2048),
        (faults.Truncate(after=0), 0),
        (faults.Truncate(after=1001), 1001),
        (faults.Truncate(after=10**9), 4095),
        (faults.Truncate(fraction=0.25), 1024),
        (faults.Truncate(fraction=1), 4095),
    ],
)
def test_a_short_body(transport: Transport, effect: faults.Truncate, received: int) -> None:
    s3 = client(transport)
    with transport.fake.fail("GetObject", effect):
        with pytest.raises(ResponseStreamingError) as caught:
            at_once(get(s3))
        short = caught.value.kwargs["error"].args[1]
        assert isinstance(short, http.client.IncompleteRead)
        assert (short.partial, short.expected) == (DATA[:received], 4096 - received)
        for reader in (piecemeal, into, lines):
            with pytest.raises(IncompleteReadError) as incomplete:
                reader(get(s3))
            assert incomplete.value.kwargs == {"actual_bytes": received, "expected_bytes": 4096}
    assert at_once(get(s3)) == DATA


def test_a_short_listing(transport: Transport) -> None:
    s3 = client(transport)
    with transport.fake.fail("ListObjectsV2", faults.Truncate(after=100)), pytest.raises(ConnectionClosedError) as caught:
        names(s3)
    assert str(caught.value.kwargs["error"]) == "Response ended prematurely"


def test_a_short_range_is_compared_with_its_own_length(transport: Transport) -> None:
    s3 = client(transport)
    with transport.fake.fail("GetObject", faults.Truncate(after=3)), pytest.raises(IncompleteReadError) as caught:
        piecemeal(s3.get_object(Bucket=BUCKET, Key="old", Range="bytes=100-109")["Body"])
    assert caught.value.kwargs == {"actual_bytes": 3, "expected_bytes": 10}


@pytest.mark.parametrize(
    ("effect", "offsets"),
    [
        (faults.Corrupt(), range(1)),
        (faults.Corrupt(offset=100), range(100, 101)),
        (faults.Corrupt(offset=-1), range(4095, 4096)),
        (faults.Corrupt(offset=-(10**9), count=2), range(2)),
        (faults.Corrupt(offset=10**9), range(4095, 4096)),
        (faults.Corrupt(offset=4094, count=10), range(4094, 4096)),
        (faults.Corrupt(offset=0, count=4096), range(4096)),
    ],
)
def test_a_flipped_byte(transport: Transport, effect: faults.Corrupt, offsets: range) -> None:
    s3 = client(transport, response_checksum_validation="when_required")
    with transport.fake.fail("GetObject", effect):
        received = at_once(get(s3))
    assert received == bytes(byte ^ 0xFF if index in offsets else byte for index, byte in enumerate(DATA))
    assert at_once(get(s3)) == DATA == transport.stored("old")


def test_a_flipped_byte_between_two_parts(transport: Transport) -> None:
    s3 = client(transport, response_checksum_validation="when_required")
    upload = {"Bucket": BUCKET, "Key": "parts", "UploadId": s3.create_multipart_upload(Bucket=BUCKET, Key="parts")["UploadId"]}
    parts = [
        {"PartNumber": number, "ETag": s3.upload_part(**upload, PartNumber=number, Body=body)["ETag"]}
        for number, body in enumerate((b"abc", b"def", b"ghi"), 1)
    ]
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    with transport.fake.fail("GetObject", faults.Corrupt(offset=2, count=5)):
        received = s3.get_object(Bucket=BUCKET, Key="parts")["Body"].read()
    assert received == b"ab" + bytes(byte ^ 0xFF for byte in b"cdefg") + b"hi"


def test_the_checksum_catches_a_flipped_byte(transport: Transport) -> None:
    s3 = client(transport)
    with transport.fake.fail("GetObject", faults.Corrupt(offset=2000)), pytest.raises(FlexibleChecksumError):
        s3.get_object(Bucket=BUCKET, Key="old", ChecksumMode="ENABLED")["Body"].read()


def test_malformed_xml(transport: Transport) -> None:
    s3 = client(transport)
    with transport.fake.fail("ListObjectsV2", faults.Malformed()), pytest.raises(ClientError) as caught:
        names(s3)
    # botocore treats a 200 that is no XML as an error in a 200
    assert error_of(caught.value) == (500, "500", "Internal Server Error")
    with transport.fake.fail("CreateMultipartUpload", faults.Malformed()), pytest.raises(ClientError):
        s3.create_multipart_upload(Bucket=BUCKET, Key="key")
    assert len(transport.fake.store.buckets[BUCKET].uploads) == 1


def test_malformed_xml_of_an_error(transport: Transport) -> None:
    s3 = client(transport)
    with transport.fake.fail("ListObjectsV2", faults.Malformed()), pytest.raises(ClientError) as caught:
        s3.list_objects_v2(Bucket="no-such-bucket")
    assert error_of(caught.value) == (404, "404", "Not Found")  # botocore parses the status only


@pytest.mark.parametrize(
    ("call", "operation"), [(copy, "CopyObject"), (copy_part, "UploadPartCopy"), (complete, "CompleteMultipartUpload")]
)
def test_an_error_in_a_200(transport: Transport, call: Call, operation: str) -> None:
    s3 = client(transport)
    with transport.fake.fail(operation, faults.ErrorIn200("SlowDown", whitespace=5)), pytest.raises(ClientError) as caught:
        call(s3)
    assert error_of(caught.value) == (500, "SlowDown", "Please reduce your request rate.")  # as botocore reports it
    assert transport.listed() == ["old"]
    assert [
        upload.parts for upload in transport.fake.store.buckets[BUCKET].uploads.values() if operation == "UploadPartCopy"
    ] in (
        [],
        [{}],
    )


@pytest.mark.parametrize("call", [copy, copy_part, complete])
def test_an_error_in_a_200_is_retried(transport: Transport, call: Call) -> None:
    s3 = client(transport, retries={"mode": "standard", "max_attempts": 3})
    rule = transport.fake.fail("*", faults.ErrorIn200(), times=2)
    response = call(s3)
    assert (response["ResponseMetadata"]["RetryAttempts"], rule.hits) == (2, 2)


@dataclass(frozen=True)
class Capitals(faults.Effect):
    """An effect that a user defines: letters of the response's body are capitals."""

    count: int
    requirement: ClassVar[str] = "it applies to GetObject only"

    def applies_to(self, operation: Operation) -> bool:
        return operation.name == "GetObject"

    def deliver(self, response: Response) -> Delivery | None:
        body = b"".join(map(bytes, response.body))
        response.body = (body[: self.count].upper(), body[self.count :])
        return None


def test_an_effect_that_a_user_defines(transport: Transport) -> None:
    s3 = transport.client(response_checksum_validation="when_required")
    s3.put_object(Bucket=BUCKET, Key="old", Body=b"letters")
    rule = transport.fake.fail("*", Capitals(3))
    assert rule.matcher.operations == {"GetObject"}
    assert rule.to_json()["effect"] == {"effect": "capitals", "count": 3}
    assert get(s3).read() == b"LETters"
    assert transport.fake.calls[-1].fault == "capitals"
    with pytest.raises(ValueError, match=r"^capitals does not apply to PutObject: it applies to GetObject only$"):
        transport.fake.fail("PutObject", Capitals(3))
