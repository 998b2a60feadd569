"""Large compressed objects, which a query decompresses by pieces."""

from __future__ import annotations

import bz2
import gzip
import tracemalloc
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes3part.errors import S3Error
from fakes3part.select import input_data
from fakes3part.select.input_data import WholeData, open_data
from tests.support.doors import refused
from tests.support.s3_select import CSV, DOCUMENT, LINES, USE, events, put, selected

PACKERS = [("GZIP", gzip.compress), ("BZIP2", bz2.compress)]
ALL = "SELECT * FROM S3Object"
MiB = 1 << 20
TOO_LONG = "The length of a record in the input or result is greater than the maxCharsPerRecord limit of 1 MB."
DAMAGED = "Object decompression failed. Check that the object is properly compressed using the format specified in the request."


def bomb(line: bytes, size: int) -> bytes:
    """Return a GZIP object of lines that has ``size`` bytes when it is decompressed; it is never held whole."""
    packer = zlib.compressobj(9, wbits=31)
    block = line * (MiB // len(line))
    return b"".join([*(packer.compress(block) for _ in range(size // len(block))), packer.flush()])


@pytest.mark.parametrize(
    ("line", "source", "sql", "expected"),
    [
        (b"a,b\n", CSV, f"{ALL} LIMIT 1", "a,b\n"),
        (b"a,b\n", USE, f"{ALL} LIMIT 1", "a,b\n"),
        (b'{"a":1}\n', LINES, f"{ALL} LIMIT 1", "1\n"),
        (b"a" * 100_000 + b"\n", CSV, "SELECT COUNT(*) FROM S3Object", "670\n"),
    ],
    ids=["csv", "header", "lines", "whole"],
)
def test_memory_is_bounded(s3: Any, bucket: str, line: bytes, source: Any, sql: str, expected: str) -> None:
    put(s3, bomb(line, 64 * MiB))
    selected(s3, sql, {**source, "CompressionType": "GZIP"})  # first, for what is imported once
    tracemalloc.start()
    try:
        assert selected(s3, sql, {**source, "CompressionType": "GZIP"}) == expected
        assert tracemalloc.get_traced_memory()[1] < 30 * MiB
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("kind", "pack"), PACKERS)
def test_a_large_object_is_read_to_its_end(s3: Any, bucket: str, kind: str, pack: Callable[[bytes], bytes]) -> None:
    body = b"n\n" + b"".join(b"%d\n" % number for number in range(200_000)) + b"1000000"
    put(s3, pack(body))
    received = events(s3, "SELECT COUNT(*), MAX(CAST(n AS INT)) FROM S3Object", {**USE, "CompressionType": kind})
    counts = {"BytesScanned": len(pack(body)), "BytesProcessed": len(body), "BytesReturned": 15}
    assert received[-2:] == [{"Stats": {"Details": counts}}, {"End": {}}]
    assert received[0] == {"Records": {"Payload": b"200001,1000000\n"}}


@pytest.mark.parametrize("source", [CSV, LINES])
def test_a_record_without_end_is_refused(s3: Any, bucket: str, source: Any) -> None:
    put(s3, bomb(b"x", 20 * MiB))
    received = refused_stream(s3, source)
    assert received == ("OverMaxRecordSize", TOO_LONG)


def test_a_json_document_without_end_is_refused(s3: Any, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(input_data, "MAX_WHOLE", 3 * MiB)
    put(s3, bomb(b"[", 4 * MiB))
    assert refused_stream(s3, DOCUMENT) == ("OverMaxRecordSize", TOO_LONG)


def refused_stream(s3: Any, source: Any) -> tuple[str, str]:
    """Run a query that fails while its events are read, and return code and message."""
    from botocore.exceptions import EventStreamError

    with pytest.raises(EventStreamError) as caught:
        events(s3, ALL, {**source, "CompressionType": "GZIP"})
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


@pytest.mark.parametrize(("kind", "pack"), PACKERS)
def test_damage_in_the_first_piece_refuses_the_request(s3: Any, bucket: str, kind: str, pack: Callable[[bytes], bytes]) -> None:
    put(s3, pack(b"a,b\n" * 10)[:-5])
    refused(lambda: events(s3, ALL, {**CSV, "CompressionType": kind}), 400, "TruncatedInput", DAMAGED)


def test_damage_later_ends_the_stream(s3: Any, bucket: str) -> None:
    put(s3, bomb(b"a" * 1000 + b"\n", 3 * MiB)[:-5])
    assert refused_stream(s3, CSV) == ("TruncatedInput", DAMAGED)


@given(
    st.lists(st.binary(max_size=4) | st.sampled_from([b"\r\n", b"\r", b"\n", b"ab"]), max_size=20).map(b"".join),
    st.sampled_from([b"\n", b"\r\n", b"ab", b"aa"]),
    st.integers(1, 5),
)
def test_pieces_have_the_records_of_the_whole(data: bytes, delimiter: bytes, piece: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(input_data, "PIECE", piece)
        pieces, whole = open_data(gzip.compress(data, 1), "GZIP"), WholeData(data)
        assert list(pieces.split(delimiter, 0, pieces.stop)) == list(whole.split(delimiter, 0, whole.stop))
        assert pieces.end == whole.end == len(data)
        assert open_data(gzip.compress(data, 1), "GZIP").whole() == data
        resumed = open_data(gzip.compress(data, 1), "GZIP")
        first = next(resumed.split(delimiter, 0, resumed.stop), None)
        rest = list(resumed.split(delimiter, first[1] if first else 0, resumed.stop))
        assert ([] if first is None else [first]) + rest == list(whole.split(delimiter, 0, whole.stop))


def test_an_unknown_compression_is_refused() -> None:
    with pytest.raises(S3Error, match="GZIP is not applicable"):
        open_data(b"", "GZIP")
