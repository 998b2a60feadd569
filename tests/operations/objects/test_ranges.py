"""``Range`` and ``partNumber`` of GetObject and HeadObject, on objects without parts.

Sources: recorded from AWS, February 2026 (LocalStack's test_s3.snapshot.json).
"""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.doors import Door, refused, refused_head
from tests.support.errors import INVALID_PART_NUMBER, INVALID_RANGE, RANGE_AND_PART_NUMBER

BODY = bytes(range(100))
SATISFIABLE = {
    "bytes=0-9": (0, 9),
    "bytes=10-": (10, 99),
    "bytes=-5": (95, 99),
    "bytes=0-0": (0, 0),
    "bytes=99-99": (99, 99),
    "bytes=0-999999": (0, 99),
    "bytes=0-99": (0, 99),
    "bytes=0-": (0, 99),
    "bytes=-101": (0, 99),
    "bytes=-100": (0, 99),
    "bytes=50-18446744073709551616": (50, 99),
}
BEYOND = ["bytes=100-", "bytes=100-100", "bytes=-0", "bytes=1000-2000"]
IGNORED = ["bytes=10-5", "bytes=abc", "bytes=,", "bytes= -1", "foo=0-1", "bytes=0-1,3-4", "bytes=-", "bytes", "0-1", "bytes=+1-2"]


@pytest.fixture
def key(s3: Any, bucket: str) -> str:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY, ContentType="text/plain", Metadata={"a": "b"})
    s3.put_object(Bucket=bucket, Key="empty", Body=b"")
    return "k"


@pytest.mark.parametrize(("header", "extent"), SATISFIABLE.items(), ids=str)
def test_satisfiable(s3: Any, bucket: str, key: str, header: str, extent: tuple[int, int]) -> None:
    first, last = extent
    got = s3.get_object(Bucket=bucket, Key=key, Range=header)
    head = s3.head_object(Bucket=bucket, Key=key, Range=header)
    assert got["Body"].read() == BODY[first : last + 1]
    for response in (got, head):
        assert response["ResponseMetadata"]["HTTPStatusCode"] == 206
        assert response["ContentRange"] == f"bytes {first}-{last}/100"
        assert response["ContentLength"] == last + 1 - first
        assert response["AcceptRanges"] == "bytes"
        assert (response["ContentType"], response["Metadata"]) == ("text/plain", {"a": "b"})


@pytest.mark.parametrize("header", BEYOND)
def test_beyond_the_object(s3: Any, bucket: str, key: str, header: str) -> None:
    extras = {"RangeRequested": header, "ActualObjectSize": "100"}
    call = partial(s3.get_object, Bucket=bucket, Key=key, Range=header)
    refused(call, 416, "InvalidRange", INVALID_RANGE, extras)
    with pytest.raises(s3.exceptions.ClientError) as caught:
        s3.head_object(Bucket=bucket, Key=key, Range=header)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 416
    assert caught.value.response["Error"]["Code"] == "416"


@pytest.mark.parametrize("header", ["bytes=0-", "bytes=0-0", "bytes=1-", "bytes=-0"])
def test_no_range_of_an_empty_object(s3: Any, bucket: str, key: str, header: str) -> None:
    extras = {"RangeRequested": header, "ActualObjectSize": "0"}
    call = partial(s3.get_object, Bucket=bucket, Key="empty", Range=header)
    refused(call, 416, "InvalidRange", INVALID_RANGE, extras)
    refused_head(partial(s3.head_object, Bucket=bucket, Key="empty", Range=header), 416)


@pytest.mark.parametrize("header", ["bytes=-1", "bytes=-5", "bytes=-18446744073709551616"])
def test_the_last_bytes_of_an_empty_object(s3: Any, bucket: str, key: str, header: str) -> None:
    """RFC 7233 calls a suffix satisfiable whenever its length is not 0 (issues arrow-rs-object-store 846, S3Mock 2789)."""
    for read in (s3.get_object, s3.head_object):
        response = read(Bucket=bucket, Key="empty", Range=header)
        assert (response["ResponseMetadata"]["HTTPStatusCode"], response["ContentLength"]) == (200, 0)
        assert "ContentRange" not in response


@pytest.mark.parametrize("header", IGNORED)
def test_invalid_ranges_are_ignored(s3: Any, bucket: str, key: str, header: str) -> None:
    for name, body in (("k", BODY), ("empty", b"")):
        got = s3.get_object(Bucket=bucket, Key=name, Range=header)
        assert (got["ResponseMetadata"]["HTTPStatusCode"], got["Body"].read()) == (200, body)
        assert "ContentRange" not in got
        assert s3.head_object(Bucket=bucket, Key=name, Range=header)["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_part_1_of_a_plain_object(s3: Any, bucket: str, key: str) -> None:
    got = s3.get_object(Bucket=bucket, Key=key, PartNumber=1)
    head = s3.head_object(Bucket=bucket, Key=key, PartNumber=1)
    assert got["Body"].read() == BODY
    for response in (got, head):
        assert response["ResponseMetadata"]["HTTPStatusCode"] == 206
        assert response["ContentRange"] == "bytes 0-99/100"
        assert "PartsCount" not in response
    empty = s3.get_object(Bucket=bucket, Key="empty", PartNumber=1)
    assert (empty["Body"].read(), "ContentRange" in empty) == (b"", False)


def test_part_2_of_a_plain_object(s3: Any, bucket: str, key: str) -> None:
    extras = {"ActualPartCount": "1", "PartNumberRequested": "2"}
    call = partial(s3.get_object, Bucket=bucket, Key=key, PartNumber=2)
    refused(call, 416, "InvalidPartNumber", "The requested partnumber is not satisfiable", extras)


@pytest.mark.parametrize("number", [0, -1, 10001])
def test_part_numbers_out_of_bounds(s3: Any, bucket: str, key: str, number: int) -> None:
    message = INVALID_PART_NUMBER
    extras = {"ArgumentName": "partNumber", "ArgumentValue": str(number)}
    refused(partial(s3.get_object, Bucket=bucket, Key=key, PartNumber=number), 400, "InvalidArgument", message, extras)
    refused_head(partial(s3.head_object, Bucket=bucket, Key=key, PartNumber=number), 400)


def test_range_and_part_number(s3: Any, bucket: str, key: str) -> None:
    message = RANGE_AND_PART_NUMBER
    call = partial(s3.get_object, Bucket=bucket, Key=key, PartNumber=1, Range="bytes=0-1")
    refused(call, 400, "InvalidRequest", message)


@settings(max_examples=60, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(size=st.integers(0, 40), first=st.none() | st.integers(0, 50), last=st.none() | st.integers(0, 50))
def test_ranges_are_slices(door: Door, size: int, first: int | None, last: int | None) -> None:
    s3, body = door.client, BODY[:size]
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="k", Body=body)
    header = f"bytes={'' if first is None else first}-{'' if last is None else last}"
    if first is None:
        expected = None if last is None else body[max(size - last, 0) :]
    else:
        expected = None if last is not None and last < first else body[first : None if last is None else last + 1]
    if expected is None:
        assert s3.get_object(Bucket="bucket", Key="k", Range=header)["Body"].read() == body
    elif expected:
        response = s3.get_object(Bucket="bucket", Key="k", Range=header)
        assert (response["Body"].read(), response["ResponseMetadata"]["HTTPStatusCode"]) == (expected, 206)
    elif size == 0 and first is None and last:
        response = s3.get_object(Bucket="bucket", Key="k", Range=header)
        assert (response["Body"].read(), response["ResponseMetadata"]["HTTPStatusCode"]) == (b"", 200)
    else:
        extras = {"RangeRequested": header, "ActualObjectSize": str(size)}
        call = partial(s3.get_object, Bucket="bucket", Key="k", Range=header)
        refused(call, 416, "InvalidRange", INVALID_RANGE, extras)
