"""Effects that take time, and duplicate requests, in-process and over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    IncompleteReadError,
)

from fakes3part import clock, faults
from tests.support.faults import (
    BUCKET,
    DATA,
    Call,
    Transport,
    at_once,
    client,
    complete,
    delete,
    error_of,
    get,
    head,
    into,
    names,
    piecemeal,
    put,
)


@pytest.mark.parametrize("call", [put, head, names, get])
def test_latency(transport: Transport, call: Call) -> None:
    s3 = client(transport)
    before = transport.fake.clock.now()
    with transport.fake.fail("*", faults.Latency(3600)):
        call(s3)
    assert transport.fake.clock.now() - before == timedelta(hours=1)


def test_latency_of_a_clock_that_no_test_controls(transport: Transport, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    s3 = client(transport)
    transport.fake.clock.restore(clock.ClockState(timedelta(), None))
    monkeypatch.setattr(clock, "time", SimpleNamespace(sleep=slept.append))
    with transport.fake.fail("HeadObject", faults.Latency(0.25)), transport.fake.fail("*", faults.Latency(0.5)):
        head(s3)
    assert slept == [0.75]


def test_latency_between_two_bounds(transport: Transport) -> None:
    s3 = client(transport)
    before = [transport.fake.clock.now()]
    with transport.fake.fail("HeadObject", faults.Latency((1, 2))):
        for _ in range(5):
            head(s3)
            before.append(transport.fake.clock.now())
    took = [(later - earlier).total_seconds() for earlier, later in pairwise(before)]
    assert all(1 <= seconds <= 2 for seconds in took)
    assert len(set(took)) == 5


@pytest.mark.parametrize("reader", [at_once, piecemeal, into])
def test_bandwidth_of_a_download(transport: Transport, reader: Callable[[Any], bytes]) -> None:
    s3 = client(transport)
    before = transport.fake.clock.now()
    with transport.fake.fail("GetObject", faults.Bandwidth(1024)):
        assert reader(get(s3)) == DATA
    took = (transport.fake.clock.now() - before).total_seconds()
    assert took == pytest.approx(4, abs=0.001)  # the clock counts microseconds, and each piece is rounded


def test_bandwidth_of_an_upload(transport: Transport) -> None:
    s3 = client(transport, request_checksum_calculation="when_required")
    before = transport.fake.clock.now()
    with transport.fake.fail("*", faults.Bandwidth(100)), transport.fake.fail("*", faults.Bandwidth(500)):
        s3.put_object(Bucket=BUCKET, Key="new", Body=bytes(1000))
    assert transport.fake.clock.now() - before == timedelta(seconds=10)


def test_slow_and_short(transport: Transport) -> None:
    s3 = client(transport)
    before = transport.fake.clock.now()
    transport.fake.fail("*", faults.Bandwidth(1000))
    transport.fake.fail("*", faults.Truncate(after=500))
    with pytest.raises(IncompleteReadError):
        piecemeal(get(s3))
    assert transport.fake.clock.now() - before == timedelta(seconds=0.5)


def test_slow_xml(transport: Transport) -> None:
    s3 = client(transport)
    before = transport.fake.clock.now()
    with transport.fake.fail("*", faults.Bandwidth(100)):
        assert names(s3) == ["old"]
    assert transport.fake.clock.now() - before > timedelta(seconds=3)


def test_a_duplicate_of_a_versioned_put(transport: Transport) -> None:
    s3 = client(transport)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    with transport.fake.fail("PutObject", faults.Duplicate(), times=1) as rule:
        response = s3.put_object(Bucket=BUCKET, Key="new", Body=b"new")
    versions = list(transport.fake.store.buckets[BUCKET].versions("new"))
    assert len(versions) == 2
    assert versions[-1] == response["VersionId"]  # the second response was sent
    assert rule.hits == 1


def test_a_duplicate_of_a_versioned_delete(transport: Transport) -> None:
    s3 = client(transport)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    with transport.fake.fail("DeleteObject", faults.Duplicate()):
        delete(s3)
    versions = transport.fake.store.buckets[BUCKET].versions("old").values()
    assert [version.is_delete_marker for version in versions] == [False, True, True]


@pytest.mark.parametrize(
    ("operation", "call", "stored"),
    [
        ("PutObject", put, {"old": DATA, "new": b"new"}),
        ("DeleteObject", delete, {}),
        ("CreateMultipartUpload", complete, {"old": DATA, "new": b"new"}),
        ("UploadPart", complete, {"old": DATA, "new": b"new"}),
        ("CompleteMultipartUpload", complete, {"old": DATA, "new": b"new"}),
    ],
)
def test_a_duplicate_without_effect(transport: Transport, operation: str, call: Call, stored: dict[str, bytes]) -> None:
    s3 = client(transport)
    with transport.fake.fail(operation, faults.Duplicate()) as rule:
        call(s3)
    assert {key: transport.stored(key) for key in transport.listed()} == stored
    assert rule.hits == 1


def test_a_duplicate_of_a_conditional_put(transport: Transport) -> None:
    s3 = client(transport)
    with transport.fake.fail("PutObject", faults.Duplicate()), pytest.raises(ClientError) as caught:
        s3.put_object(Bucket=BUCKET, Key="new", Body=b"new", IfNoneMatch="*")
    assert error_of(caught.value)[:2] == (412, "PreconditionFailed")
    assert transport.stored("new") == b"new"  # by the first request
