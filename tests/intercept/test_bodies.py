"""Reading the body of a request, and the readers of a response's body."""

from __future__ import annotations

import base64
import io
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from botocore.httpchecksum import AwsChunkedWrapper, Crc32Checksum
from botocore.response import StreamingBody
from s3transfer.utils import ReadFileChunk

from fakes3part.intercept.botocore.request_body import read_body
from fakes3part.intercept.botocore.response_body import BytesBody, SegmentsBody, raw_body
from fakes3part.message import Segments


class Dribble(io.RawIOBase):
    """Returns one byte at a time, as sockets may."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self._data = io.BytesIO(data)

    def read(self, size: int = -1) -> bytes:
        return self._data.read(1)


class Counted(io.BytesIO):
    reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        Counted.reads += 1
        return super().read(size)


class Wrapper(AwsChunkedWrapper):
    """A subclass of botocore's, which must be read itself."""


def at(position: int, stream: Any) -> Any:
    stream.seek(position)
    return stream


BODIES: dict[str, Callable[[], Any]] = {
    "bytes": lambda: b"hello",
    "bytearray": lambda: bytearray(b"hello"),
    "memoryview": lambda: memoryview(b"hello"),
    "text": lambda: "hello",
    "BytesIO": lambda: io.BytesIO(b"hello"),
    "where it stands": lambda: at(3, io.BytesIO(b"no hello")),
    "StringIO": lambda: io.StringIO("hello"),
    "short reads": lambda: Dribble(b"hello"),
    "iterator": lambda: iter([b"he", b"", "llo"]),
    "list": lambda: [b"hel", bytearray(b"lo")],
}


@pytest.mark.parametrize("make", BODIES.values(), ids=BODIES)
def test_any_body(make: Callable[[], Any]) -> None:
    payload = read_body(make())
    assert payload == (b"hello", None)
    assert type(payload.data) is bytes


def test_text_travels_as_utf8() -> None:
    assert read_body("é").data == read_body(io.StringIO("é")).data == b"\xc3\xa9"


def crc(data: bytes) -> str:
    return base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()


def chunked(raw: Any, kind: type[AwsChunkedWrapper] = AwsChunkedWrapper, **arguments: Any) -> Any:
    return kind(raw, checksum_cls=Crc32Checksum, checksum_name="x-amz-checksum-crc32", **arguments)


class TestAwsChunked:
    @pytest.mark.parametrize("raw", [io.BytesIO, Dribble, lambda data: at(2, io.BytesIO(b"12" + data))])
    def test_the_stream_inside_the_wrapper(self, raw: Callable[[bytes], Any]) -> None:
        assert read_body(chunked(raw(b"hello"))) == (b"hello", {"x-amz-checksum-crc32": crc(b"hello")})

    def test_no_copy(self) -> None:
        data = b"x" * 100_000
        assert read_body(chunked(io.BytesIO(data))).data is data

    def test_no_checksum(self) -> None:
        assert read_body(AwsChunkedWrapper(io.BytesIO(b"hello"))) == (b"hello", {})

    def test_again_after_seek(self) -> None:
        body = chunked(io.BytesIO(b"hello"))
        first = read_body(body)
        body.seek(0)
        assert read_body(body) == first

    def test_a_text_stream_is_rejected_as_by_the_wrapper(self) -> None:
        with pytest.raises(TypeError):
            chunked(io.StringIO("hello")).read()
        with pytest.raises(TypeError, match="text mode"):
            read_body(chunked(io.StringIO("hello")))

    def test_a_wrapper_that_was_partly_read(self) -> None:
        body = chunked(io.BytesIO(b"hello"), chunk_size=2)
        begin = body.read(3)
        payload = read_body(body)
        assert payload.trailers is None
        assert begin + payload.data == chunked(io.BytesIO(b"hello"), chunk_size=2).read()

    def test_another_class(self) -> None:
        payload = read_body(chunked(io.BytesIO(b"hello"), Wrapper))
        assert payload == (chunked(io.BytesIO(b"hello")).read(), None)

    def test_s3transfers_chunk_reports_its_progress(self) -> None:
        seen: list[int] = []
        raw = ReadFileChunk(io.BytesIO(b"hello"), 5, 5, callbacks=[lambda bytes_transferred: seen.append(bytes_transferred)])
        assert read_body(chunked(raw)).data == b"hello"
        assert sum(seen) == 5

    def test_reads_do_not_grow_with_the_body(self) -> None:
        Counted.reads = 0
        read_body(chunked(Counted(b"x" * 8_000_000)))
        assert Counted.reads == 2


SEGMENTS: dict[str, Segments] = {
    "one": (b"one\ntwo\nthree",),
    "a view": (memoryview(b"zone\ntwo\nthree")[1:],),
    "several": (b"one\n", b"", memoryview(b"two\nth"), b"ree"),
}
DATA = b"one\ntwo\nthree"


@pytest.mark.parametrize("segments", SEGMENTS.values(), ids=SEGMENTS)
class TestRaw:
    def test_read_all_and_again(self, segments: Segments) -> None:
        raw = raw_body(segments)
        assert raw.read() == DATA
        assert raw.read() == b""
        assert raw.tell() == len(DATA)

    @pytest.mark.parametrize("amount", [1, 3, 4, 7, 100])
    def test_read_some(self, segments: Segments, amount: int) -> None:
        raw = raw_body(segments)
        pieces = [raw.read(amount) for _ in range(0, len(DATA), amount)]
        assert b"".join(pieces) == DATA
        assert {len(piece) for piece in pieces[:-1]} <= {amount}
        assert raw.read(0) == raw.read(amount) == b""

    def test_read_none(self, segments: Segments) -> None:
        raw = raw_body(segments)
        assert raw.read(2) + raw.read(None) == DATA

    def test_stream(self, segments: Segments) -> None:
        assert list(raw_body(segments).stream()) == [DATA]
        assert list(raw_body(segments).stream(5)) == [b"one\nt", b"wo\nth", b"ree"]

    def test_readinto(self, segments: Segments) -> None:
        raw = raw_body(segments)
        buffer = bytearray(8)
        assert raw.readinto(buffer) == 8
        assert buffer == DATA[:8]
        assert raw.readinto(buffer) == 5
        assert buffer[:5] == DATA[8:]
        assert raw.readinto(buffer) == 0

    def test_lines(self, segments: Segments) -> None:
        assert raw_body(segments).readlines() == list(raw_body(segments)) == [b"one\n", b"two\n", b"three"]

    def test_readline_then_read(self, segments: Segments) -> None:
        raw = raw_body(segments)
        assert (raw.readline(), raw.tell(), raw.read()) == (b"one\n", 4, b"two\nthree")

    def test_as_a_text_file(self, segments: Segments) -> None:
        with io.TextIOWrapper(io.BufferedReader(raw_body(segments))) as text:  # type: ignore[arg-type]
            assert text.read() == DATA.decode()

    def test_closing(self, segments: Segments) -> None:
        raw = raw_body(segments)
        assert (raw.closed, raw.isclosed(), raw.readable()) == (False, False, True)
        raw.release_conn()
        raw.drain_conn()
        raw.close()
        assert (raw.closed, raw.isclosed()) == (True, True)
        assert raw.read() == b""

    def test_in_botocores_streaming_body(self, segments: Segments) -> None:
        body = StreamingBody(raw_body(segments), str(len(DATA)))  # type: ignore[arg-type]
        body.set_socket_timeout(3)
        assert body.readable()
        assert b"".join(body.iter_chunks(2)) == DATA
        assert body.read() == b""
        assert StreamingBody(raw_body(segments), None).readlines() == DATA.splitlines(True)  # type: ignore[arg-type]


def test_bytes_are_not_copied() -> None:
    data = b"x" * 100_000
    assert raw_body((data,)).read() is data


def test_which_reader() -> None:
    assert type(raw_body(())) is type(raw_body((b"x",))) is BytesBody
    assert type(raw_body((b"x", b"y"))) is SegmentsBody
    assert raw_body(()).read() == b""


def test_a_small_read_costs_the_same_wherever_it_is() -> None:
    """Of 10,000 segments, only those that a read covers are accessed."""

    class Watched(list[bytes]):
        touched = 0

        def __getitem__(self, index: Any) -> Any:
            self.touched += 1
            return super().__getitem__(index)

    segments = Watched([b"x" * 10] * 10_000)
    raw = raw_body(segments)
    for _ in range(9_000):
        assert len(raw.read(10)) == 10
    segments.touched = 0
    assert raw.read(10) == b"x" * 10
    assert segments.touched == 1
