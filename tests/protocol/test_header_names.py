"""Sets of header names."""

from __future__ import annotations

import pytest

from fakes3part.protocol import header_names as module
from fakes3part.protocol.header_names import header_names
from fakes3part.protocol.model import s3_model


def test_equal_names_in_the_same_order_are_found_once() -> None:
    first = header_names({"host": "a", "x-amz-checksum-crc32": "b", "x-amz-meta-a": "c"})
    assert header_names({"host": "x", "x-amz-checksum-crc32": "y", "x-amz-meta-a": "z"}) is first
    assert header_names({"x-amz-checksum-crc32": "y", "host": "x", "x-amz-meta-a": "z"}) is not first
    assert (first.size, first.checksums) == (4 + 20 + 12, ("x-amz-checksum-crc32",))


def test_few_sets_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST", 3)
    monkeypatch.setattr(module, "_remembered", {})
    for number in range(10):
        header_names({f"x-amz-meta-{number}": ""})
        assert len(module._remembered) <= 3


def test_operations_read_different_headers_of_the_same_names() -> None:
    headers = {"x-amz-meta-a": "1", "range": "bytes=0-1", "content-type": "text/plain", "x-amz-meta-b": "2"}
    names, operations = header_names(headers), s3_model().operations
    for _ in range(2):
        assert operations["PutObject"].parse_head("b", "k", {}, headers, names) == {
            "Bucket": "b",
            "Key": "k",
            "Metadata": {"a": "1", "b": "2"},
            "ContentType": "text/plain",
        }
        assert operations["GetObject"].parse_head("b", "k", {}, headers, names) == {
            "Bucket": "b",
            "Key": "k",
            "Range": "bytes=0-1",
        }
