"""Inputs and outputs: every option of CSV, JSON and Parquet, compression, and scan ranges."""

from __future__ import annotations

import bz2
import gzip
import io
import json
from collections.abc import Callable
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.support.doors import refused
from tests.support.s3_select import CSV, LINES, PARQUET, PEOPLE, TO_CSV, TO_JSON, USE, events, put, rows, selected

ALL = "SELECT * FROM S3Object"


@pytest.mark.parametrize(
    ("body", "options", "expected"),
    [
        (b"a,b\n1,2\n", {}, [["a", "b"], ["1", "2"]]),
        (b"a,b\n1,2\n", {"FileHeaderInfo": "NONE"}, [["a", "b"], ["1", "2"]]),
        (b"a,b\n1,2\n", {"FileHeaderInfo": "IGNORE"}, [["1", "2"]]),
        (b"a,b\n1,2", {"FileHeaderInfo": "USE"}, [["1", "2"]]),
        (b"a,b\r\n1,2\r\n", {"FileHeaderInfo": "USE"}, [["1", "2"]]),
        (b"\xef\xbb\xbfa,b\n1,2\n", {}, [["a", "b"], ["1", "2"]]),
        (b"a,,\n\n,\n", {}, [["a", "", ""], ["", ""]]),
        (b"", {}, []),
        (b"", {"FileHeaderInfo": "USE"}, []),
        (b"#x\na\n #b\n#", {}, [["a"], [" #b"]]),
        (b"#x\n;a\nb\n", {"Comments": ";"}, [["#x"], ["b"]]),
        (b"a;b|1;2|", {"FieldDelimiter": ";", "RecordDelimiter": "|"}, [["a", "b"], ["1", "2"]]),
        (b"a,b;;1\n;,2;;", {"RecordDelimiter": ";;"}, [["a", "b"], ["1\n;", "2"]]),
        (b"a,b\r\n1,2\r\n", {"RecordDelimiter": "\r\n"}, [["a", "b"], ["1", "2"]]),  # XML makes it \n
        (b"a\tb\n", {"FieldDelimiter": "\t"}, [["a", "b"]]),
        ("aéb\n".encode(), {"FieldDelimiter": "é"}, [["a", "b"]]),
        (b'"a,b",c\n', {}, [["a,b", "c"]]),
        (b'"a""b",""\n', {}, [['a"b', ""]]),
        (b'a"b,c"\n', {}, [['a"b', 'c"']]),
        (b"'a,b','it''s'\n", {"QuoteCharacter": "'", "QuoteEscapeCharacter": "'"}, [["a,b", "it's"]]),
        (b'"a\\"b\\\\","\\n"\n', {"QuoteEscapeCharacter": "\\"}, [['a"b\\', "\\n"]]),
        (b'"a,b"\n', {"QuoteCharacter": ""}, [['"a', 'b"']]),
        (b'"a\nb",c\n"\r\n"\r\n', {"AllowQuotedRecordDelimiter": True}, [["a\nb", "c"], ["\r\n"]]),
        (b'"a\n#b\n\n"\n', {"AllowQuotedRecordDelimiter": True}, [["a\n#b\n\n"]]),
    ],
)  # fmt: skip
def test_csv_input(s3: Any, bucket: str, body: bytes, options: dict[str, Any], expected: list[list[str]]) -> None:
    put(s3, body)
    lines = selected(s3, ALL, {"CSV": options}, TO_JSON).splitlines()
    assert [list(json.loads(line).values()) for line in lines] == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, 'a,"b,""c",d e\n,1,\n'),
        ({"QuoteFields": "ASNEEDED"}, 'a,"b,""c",d e\n,1,\n'),
        ({"QuoteFields": "ALWAYS"}, '"a","b,""c","d e"\n"","1",""\n'),
        ({"FieldDelimiter": " "}, 'a "b,""c" "d e"\n 1 \n'),
        ({"FieldDelimiter": "::", "RecordDelimiter": ";\n"}, 'a::"b,""c"::d e;\n::1::;\n'),
        ({"QuoteCharacter": "'"}, "a,'b,\"\"c',d e\n,1,\n"),  # the escape character itself is escaped
        ({"QuoteEscapeCharacter": "\\"}, 'a,"b,\\"c",d e\n,1,\n'),
        ({"QuoteCharacter": ""}, 'a,b,"c,d e\n,1,\n'),
    ],
)  # fmt: skip
def test_csv_output(s3: Any, bucket: str, options: dict[str, Any], expected: str) -> None:
    put(s3, b'{"a": "a", "b": "b,\\"c", "c": "d e"}\n{"a": null, "b": 1}')
    assert selected(s3, "SELECT s.a, s.b, s.c FROM S3Object s", LINES, {"CSV": options}) == expected


def test_values_in_csv(s3: Any, bucket: str) -> None:
    put(s3, b'{"a":true,"b":{"c":[1,null,"x"]},"d":1.50}')
    assert selected(s3, ALL, LINES) == 'true,"{""c"":[1,null,""x""]}",1.50\n'


@pytest.mark.parametrize(("options", "end"), [({}, "\n"), ({"RecordDelimiter": ",\n"}, ",\n"), ({"RecordDelimiter": "é"}, "é")])
def test_json_output(s3: Any, bucket: str, options: dict[str, Any], end: str) -> None:
    put(s3, '{"a": "ü\\n\\"", "b": [{}, [], 1.0], "c": null}\n{}'.encode())
    assert selected(s3, ALL, LINES, {"JSON": options}) == '{"a":"ü\\n\\"","b":[{},[],1.0],"c":null}' + end + "{}" + end


@pytest.mark.parametrize(
    ("body", "kind", "expected"),
    [
        (b'{"a":1}\n\n{"a":2}\r\n', "LINES", [{"a": 1}, {"a": 2}]),
        (b'\xef\xbb\xbf{"a":1}', "LINES", [{"a": 1}]),
        (b"1\n[2]\nnull\n", "LINES", [{"_1": 1}, {"_1": [2]}, {"_1": None}]),
        (b'{\n"a":\n1}{"a":2}\n', "DOCUMENT", [{"a": 1}, {"a": 2}]),
        (b"", "LINES", []),
        (b" \n", "DOCUMENT", []),
    ],
)
def test_json_input(s3: Any, bucket: str, body: bytes, kind: str, expected: list[Any]) -> None:
    put(s3, body)
    assert rows(s3, ALL, {"JSON": {"Type": kind}}) == expected


@pytest.mark.parametrize(("kind", "pack"), [("GZIP", gzip.compress), ("BZIP2", bz2.compress), ("NONE", bytes)])
def test_compression(s3: Any, bucket: str, kind: str, pack: Callable[[bytes], bytes]) -> None:
    body = pack(PEOPLE) + (pack(b"Eve,1,Rome\n") if kind != "NONE" else b"")  # of several members
    put(s3, body)
    whole = len(PEOPLE) + (11 if kind != "NONE" else 0)
    received = events(s3, "SELECT COUNT(*) FROM S3Object", {**USE, "CompressionType": kind})
    records = b"5\n" if kind != "NONE" else b"4\n"
    counts = {"BytesScanned": len(body), "BytesProcessed": whole, "BytesReturned": 2}
    assert received == [{"Records": {"Payload": records}}, {"Stats": {"Details": counts}}, {"End": {}}]


@pytest.mark.parametrize(
    ("kind", "body", "code", "message"),
    [
        (
            "GZIP",
            PEOPLE,
            "InvalidCompressionFormat",
            "GZIP is not applicable to the queried object. Please correct the request and try again.",
        ),
        (
            "BZIP2",
            PEOPLE,
            "InvalidCompressionFormat",
            "BZIP2 is not applicable to the queried object. Please correct the request and try again.",
        ),
        *(
            (
                kind,
                body[:-9],
                "TruncatedInput",
                "Object decompression failed. Check that the object is properly compressed using the format specified in the "
                "request.",
            )
            for kind, body in (("GZIP", gzip.compress(PEOPLE, mtime=0)), ("BZIP2", bz2.compress(PEOPLE)))
        ),
    ],
)
def test_broken_compression(s3: Any, bucket: str, kind: str, body: bytes, code: str, message: str) -> None:
    put(s3, body)
    refused(lambda: events(s3, ALL, {**CSV, "CompressionType": kind}), 400, code, message)


# --- Scan ranges: a record counts when its first byte is within ------------------------------------------------------

SCANNED = b"aa\nbb\ncc\n"


@pytest.mark.parametrize(
    ("scan", "expected", "bytes_scanned"),
    [
        ({"Start": 0, "End": 0}, "aa\n", 3),
        ({"Start": 0, "End": 2}, "aa\n", 3),
        ({"Start": 0, "End": 3}, "aa\nbb\n", 6),
        ({"Start": 1, "End": 3}, "bb\n", 5),
        ({"Start": 3, "End": 3}, "bb\n", 3),
        ({"Start": 4, "End": 5}, "", 2),
        ({"Start": 4}, "cc\n", 5),
        ({"Start": 0, "End": 99}, "aa\nbb\ncc\n", 9),
        ({"End": 3}, "cc\n", 3),
        ({"End": 4}, "cc\n", 4),
        ({"End": 99}, "aa\nbb\ncc\n", 9),
    ],
)
def test_scan_ranges(s3: Any, bucket: str, scan: dict[str, int], expected: str, bytes_scanned: int) -> None:
    put(s3, SCANNED)
    assert selected(s3, ALL, ScanRange=scan) == expected
    stats = events(s3, ALL, ScanRange=scan)[-2]["Stats"]["Details"]
    assert stats == {"BytesScanned": bytes_scanned, "BytesProcessed": bytes_scanned, "BytesReturned": len(expected)}


def test_adjacent_scan_ranges_return_every_record_once(s3: Any, bucket: str) -> None:
    put(s3, b"id\n" + b"".join(b"%d\n" % number for number in range(40)))
    pieces = [selected(s3, "SELECT id FROM S3Object", USE, ScanRange={"Start": at, "End": at + 6}) for at in range(0, 113, 7)]
    assert "".join(pieces).split() == [str(number) for number in range(40)]


def test_scanning_json_lines(s3: Any, bucket: str) -> None:
    put(s3, b'{"a":1}\n{"a":2}\n{"a":3}\n')
    assert selected(s3, ALL, LINES, TO_JSON, ScanRange={"Start": 3, "End": 8}) == '{"a":2}\n'


# --- Parquet ---------------------------------------------------------------------------------------------------------


def table(**columns: list[Any]) -> bytes:
    return written(pa.table(columns))


def written(data: pa.Table, **options: Any) -> bytes:
    file = io.BytesIO()
    parquet.write_table(data, file, **options)
    return file.getvalue()


def test_parquet(s3: Any, bucket: str) -> None:
    documents = [
        {
            "id": 1,
            "Name": "Jané",
            "price": Decimal("1.10"),
            "ratio": 0.5,
            "ok": True,
            "seen": datetime(2020, 1, 2, 3, 4, 5, 678000, timezone.utc),
            "day": date(2020, 1, 2),
            "raw": b"x",
            "nested": {"items": [{"a": 1}, {"a": None}]},
        },
        {"id": 2},
    ]
    put(s3, written(pa.Table.from_pylist(documents)))
    first, second = rows(s3, ALL, PARQUET)
    assert first == {
        "id": 1,
        "Name": "Jané",
        "price": 1.1,
        "ratio": 0.5,
        "ok": True,
        "seen": "2020-01-02T03:04:05.678Z",
        "day": "2020-01-02",
        "raw": "x",
        "nested": {"items": [{"a": 1}, {"a": None}]},
    }
    assert second == dict.fromkeys(first) | {"id": 2}
    assert selected(s3, "SELECT s.price, s.nested.items[0].a FROM S3Object s WHERE s.name LIKE 'Jan%'", PARQUET) == "1.10,1\n"
    assert selected(s3, "SELECT COUNT(*), SUM(id), MAX(s.seen) FROM S3Object s WHERE id < 0", PARQUET) == "0,,\n"
    assert selected(s3, "SELECT id FROM S3Object s WHERE s.seen > `2020-01-02T03:04Z` AND ok", PARQUET) == "1\n"
    assert selected(s3, "SELECT id FROM S3Object WHERE ok IS NULL", PARQUET) == "2\n"


def test_only_selected_columns_are_scanned(s3: Any, bucket: str) -> None:
    body = written(pa.table({"a": list(range(5000)), "b": ["text" * 20] * 5000}), row_group_size=1000)
    meta = parquet.ParquetFile(io.BytesIO(body)).metadata
    columns = [[meta.row_group(group).column(index) for group in range(5)] for index in range(2)]
    sizes = [
        (sum(part.total_compressed_size for part in column), sum(part.total_uncompressed_size for part in column))
        for column in columns
    ]
    put(s3, body)

    def scanned(sql: str, **members: Any) -> tuple[int, int]:
        details = events(s3, sql, PARQUET, **members)[-2]["Stats"]["Details"]
        return details["BytesScanned"], details["BytesProcessed"]

    assert scanned("SELECT COUNT(s.A) FROM S3Object s") == sizes[0]
    assert scanned("SELECT COUNT(*) FROM S3Object s WHERE b = 'x'") == sizes[1]
    assert scanned(ALL) == (sizes[0][0] + sizes[1][0], sizes[0][1] + sizes[1][1])
    first = columns[0][0]
    assert scanned("SELECT a FROM S3Object LIMIT 3") == (first.total_compressed_size, first.total_uncompressed_size)
    starts = [column.dictionary_page_offset or column.data_page_offset for column in columns[0]]
    groups = "SELECT MIN(a), MAX(a) FROM S3Object"
    assert selected(s3, groups, PARQUET, ScanRange={"Start": starts[1], "End": starts[3] - 1}) == "1000,2999\n"
    assert selected(s3, groups, PARQUET, ScanRange={"Start": starts[1] + 1, "End": starts[2] - 1}) == ",\n"


@pytest.mark.parametrize("codec", ["NONE", "SNAPPY", "GZIP"])
def test_codecs(s3: Any, bucket: str, codec: str) -> None:
    put(s3, written(pa.table({"a": [1]}), compression=codec))
    assert selected(s3, ALL, PARQUET) == "1\n"


def test_options_that_parquet_does_not_have(s3: Any, bucket: str) -> None:
    def error(code: str, message: str, sql: str = ALL, **members: Any) -> None:
        refused(lambda: events(s3, sql, {**PARQUET, **members}, TO_CSV), 400, code, message)

    put(s3, PEOPLE)
    error("ParquetParsingError", "Encountered an error parsing the Parquet file. Check the file and try again.")
    put(s3, table(a=[1], A=[2], b=[3])[:-20])
    error("ParquetParsingError", "Encountered an error parsing the Parquet file. Check the file and try again.")
    put(s3, table(a=[1], A=[2], b=[3]))
    missing = "A column name or a path provided does not exist in the SQL expression."
    error("EvaluatorBindingDoesNotExist", missing, "SELECT c FROM S3Object")
    error("EvaluatorBindingDoesNotExist", missing, 'SELECT "B" FROM S3Object')
    ambiguous = "Field name matches to multiple fields in the file. Check the SQL expression and the file, and try again."
    error("AmbiguousFieldName", ambiguous, "SELECT a FROM S3Object")
    assert selected(s3, 'SELECT "a", "A" FROM S3Object', PARQUET) == "1,2\n"
    error("InvalidKeyPath", "The key path in the SQL expression is not valid.", "SELECT * FROM S3Object[*].a")
    packed = "GZIP is not applicable to the queried object. Please correct the request and try again."
    error("InvalidCompressionFormat", packed, CompressionType="GZIP")
