"""boto3's retry modes with injected faults: they recover, give up when they should, and wait by the fake's clock."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from botocore import endpoint
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError, ReadTimeoutError
from botocore.retries.bucket import TokenBucket

from fakes3part import FakeS3, faults
from fakes3part.clock import ClockState
from tests.support.faults import BUCKET, Transport, error_of

MODES = ["legacy", "standard", "adaptive"]

LOST = (ConnectionClosedError, EndpointConnectionError)
"""What a client raises for a connection without a response, in-process and over HTTP."""


@pytest.fixture(autouse=True)
def no_bucket_waits(monkeypatch: pytest.MonkeyPatch, transport: Transport) -> None:
    """Replaces sleeping: in the adaptive mode a client of the server would really wait."""
    if transport.is_http:
        monkeypatch.setattr(TokenBucket, "_sleep_amount", lambda self, amount: 0)


def put(s3: Any) -> Any:
    return s3.put_object(Bucket=BUCKET, Key="key", Body=b"data")


def retrying(transport: Transport, mode: str, attempts: int = 4) -> Any:
    return transport.client(retries={"mode": mode, "total_max_attempts": attempts})


@pytest.mark.parametrize(
    "effect",
    [
        "SlowDown",
        "InternalError",
        "ServiceUnavailable",
        faults.Reset("before"),
        faults.Reset("during"),
        faults.Reset("after"),
        faults.Refuse(),
        faults.Error("SlowDown", retry_after=1),
    ],
)
@pytest.mark.parametrize("mode", MODES)
def test_a_passing_fault_is_retried(transport: Transport, mode: str, effect: Any) -> None:
    s3 = retrying(transport, mode)
    before = transport.fake.clock.now()
    rule = transport.fake.fail("PutObject", effect, times=2)
    response = put(s3)
    assert response["ResponseMetadata"]["RetryAttempts"] == 2
    assert (rule.hits, rule.calls) == (2, 3)
    assert transport.stored("key") == b"data"
    waited = sum(transport.slept) if transport.is_http else (transport.fake.clock.now() - before).total_seconds()
    assert 0 < waited < 30


@pytest.mark.parametrize(("effect", "code"), [("SlowDown", "SlowDown"), ("InternalError", "InternalError")])
@pytest.mark.parametrize("mode", MODES)
def test_a_lasting_fault_is_given_up(transport: Transport, mode: str, effect: str, code: str) -> None:
    s3 = retrying(transport, mode)
    rule = transport.fake.fail("PutObject", effect)
    with pytest.raises(ClientError) as caught:
        put(s3)
    assert error_of(caught.value)[1] == code
    assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 3
    assert rule.hits == 4
    assert transport.listed() == []


@pytest.mark.parametrize("effect", [faults.Reset("before"), faults.Refuse()])
@pytest.mark.parametrize("mode", MODES)
def test_a_connection_that_keeps_failing(transport: Transport, mode: str, effect: faults.Effect) -> None:
    s3 = retrying(transport, mode)
    rule = transport.fake.fail("PutObject", effect)
    with pytest.raises(LOST):
        put(s3)
    assert rule.hits == 4


@pytest.mark.parametrize("mode", MODES)
def test_a_timeout_is_retried(transport: Transport, mode: str) -> None:
    s3 = retrying(transport, mode)
    impatient = transport.client(retries={"mode": mode, "total_max_attempts": 2}, read_timeout=0.05)
    put(s3)
    rule = transport.fake.fail("GetObject", faults.Stall(None))
    with pytest.raises(ReadTimeoutError):
        impatient.get_object(Bucket=BUCKET, Key="key")
    assert rule.hits == 2


@pytest.mark.parametrize("code", ["AccessDenied", "NoSuchKey", "InvalidRequest"])
@pytest.mark.parametrize("mode", MODES)
def test_a_client_error_is_not_retried(transport: Transport, mode: str, code: str) -> None:
    s3 = retrying(transport, mode)
    rule = transport.fake.fail("PutObject", code)
    with pytest.raises(ClientError):
        put(s3)
    assert rule.hits == 1


@pytest.mark.parametrize("mode", MODES)
def test_a_lost_response_makes_a_conditional_write_fail(transport: Transport, mode: str) -> None:
    s3 = retrying(transport, mode)
    transport.fake.fail("PutObject", faults.Reset("after"), times=1)
    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket=BUCKET, Key="key", Body=b"mine", IfNoneMatch="*")
    assert error_of(caught.value)[:2] == (412, "PreconditionFailed")
    assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 1
    assert transport.stored("key") == b"mine"


@pytest.mark.parametrize("mode", MODES)
def test_an_error_in_a_200_is_retried(transport: Transport, mode: str) -> None:
    s3 = retrying(transport, mode)
    upload = {"Bucket": BUCKET, "Key": "key", "UploadId": s3.create_multipart_upload(Bucket=BUCKET, Key="key")["UploadId"]}
    part = {"PartNumber": 1, "ETag": s3.upload_part(**upload, PartNumber=1, Body=b"data")["ETag"]}
    rule = transport.fake.fail("CompleteMultipartUpload", faults.ErrorIn200(), times=2)
    response = s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [part]})
    assert (response["ResponseMetadata"]["RetryAttempts"], rule.hits, rule.calls) == (2, 2, 3)
    assert transport.stored("key") == b"data"


@pytest.mark.parametrize("effect", [faults.Malformed(), faults.Truncate(fraction=0.9), faults.Reset("during")])
@pytest.mark.parametrize("mode", MODES)
def test_a_partial_listing_is_retried(transport: Transport, mode: str, effect: faults.Effect) -> None:
    s3 = retrying(transport, mode)
    put(s3)
    transport.fake.fail("ListObjectsV2", effect, times=1)
    response = s3.list_objects_v2(Bucket=BUCKET)
    assert [element["Key"] for element in response["Contents"]] == ["key"]
    assert response["ResponseMetadata"]["RetryAttempts"] == 1


def test_the_quota_of_the_standard_mode_runs_out(transport: Transport) -> None:
    s3 = retrying(transport, "standard", attempts=1000)
    rule = transport.fake.fail("PutObject", faults.Reset("before"))
    with pytest.raises(ConnectionClosedError):
        put(s3)
    assert 20 < rule.hits < 200


def test_the_headers_of_attempts(transport: Transport) -> None:
    s3 = retrying(transport, "standard")
    seen: list[tuple[str, str]] = []
    transport.fake.fail(
        "PutObject",
        "SlowDown",
        times=2,
        when=lambda call: not seen.append((call.headers["amz-sdk-invocation-id"], call.headers["amz-sdk-request"])),
    )
    put(s3)
    assert len({invocation for invocation, _ in seen}) == 1
    assert [request.split("attempt=")[1] for _, request in seen] == ["1; max=4", "2; max=4", "3; max=4"]


class TestWaiting:
    """In-process, the delays between attempts pass on the fake's clock if a test controls it."""

    @pytest.fixture
    def transport(self, new_client: Callable[..., Any]) -> Transport:
        return Transport("in-process", FakeS3(seed=7), new_client, None)

    @pytest.fixture
    def slept(self, monkeypatch: pytest.MonkeyPatch) -> list[float]:
        seconds: list[float] = []
        monkeypatch.setattr(endpoint, "time", SimpleNamespace(sleep=seconds.append))
        return seconds

    def test_a_clock_that_no_test_controls(self, transport: Transport, slept: list[float]) -> None:
        transport.fake.clock.restore(ClockState(timedelta(), None))
        with transport.fake:
            s3 = retrying(transport, "standard")
            transport.fake.fail("PutObject", "SlowDown", times=2)
            put(s3)
        assert len(slept) == 2

    def test_a_clock_that_was_moved(self, transport: Transport, slept: list[float]) -> None:
        with transport.fake:
            s3 = retrying(transport, "standard")
            transport.fake.clock.advance(days=1)
            transport.fake.fail("PutObject", "SlowDown", times=2)
            put(s3)
        assert slept == []

    def test_a_client_of_another_endpoint_sleeps(self, transport: Transport, slept: list[float]) -> None:
        from fakes3part.api.server import Server

        with transport.fake, Server() as server:
            transport.fake.clock.freeze()
            before = transport.fake.clock.now()
            s3 = Transport("server", server.fake, transport.new_client, server.url).client(
                retries={"mode": "standard", "total_max_attempts": 3}
            )
            server.fake.fail("PutObject", "SlowDown", times=2)
            put(s3)
        assert len(slept) == 2
        assert transport.fake.clock.now() == before

    @pytest.mark.parametrize("active", [False, True])
    @pytest.mark.parametrize("mode", ["legacy", "standard"])
    def test_a_bound_client_waits_on_the_clock_of_its_fake(self, slept: list[float], mode: str, active: bool) -> None:
        fake, other = FakeS3(), FakeS3()
        for each in (fake, other):
            each.clock.freeze("2026-01-01")
        with contextlib.ExitStack() as block:
            if active:
                block.enter_context(other)
            config = Config(retries={"mode": mode, "total_max_attempts": 3})
            s3 = block.enter_context(contextlib.closing(fake.client(config=config)))
            s3.create_bucket(Bucket=BUCKET)
            rule = fake.fail("PutObject", "SlowDown", times=2)
            assert put(s3)["ResponseMetadata"]["RetryAttempts"] == 2
            fake.fail("PutObject", faults.Reset("after"))
            with pytest.raises(ConnectionClosedError):
                put(s3)
        assert rule.hits == 2
        assert fake.clock.now() > other.clock.now() == datetime(2026, 1, 1, tzinfo=timezone.utc)
        assert sum(slept) == 0

    def test_botocore_is_restored(self, transport: Transport) -> None:
        sending, bucket = endpoint.Endpoint._send_request, TokenBucket._sleep_amount
        with transport.fake:
            assert endpoint.time is not time
            assert endpoint.time.monotonic is time.monotonic  # type: ignore[attr-defined]
        assert endpoint.time is time
        assert (endpoint.Endpoint._send_request, TokenBucket._sleep_amount) == (sending, bucket)

    def test_a_replaced_sleep_is_called(self, transport: Transport, monkeypatch: pytest.MonkeyPatch) -> None:
        seconds: list[float] = []
        with transport.fake, monkeypatch.context() as patch:
            patch.setattr("botocore.endpoint.time.sleep", seconds.append)
            s3 = retrying(transport, "standard")
            transport.fake.fail("PutObject", "SlowDown", times=1)
            put(s3)
        assert len(seconds) == 1
