"""Helpers for the tests of S3 Select."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from typing import Any

CSV: dict[str, Any] = {"CSV": {}}
USE: dict[str, Any] = {"CSV": {"FileHeaderInfo": "USE"}}
LINES: dict[str, Any] = {"JSON": {"Type": "LINES"}}
DOCUMENT: dict[str, Any] = {"JSON": {"Type": "DOCUMENT"}}
PARQUET: dict[str, Any] = {"Parquet": {}}
TO_CSV: dict[str, Any] = {"CSV": {}}
TO_JSON: dict[str, Any] = {"JSON": {}}

PEOPLE = b'name,age,city\nJane,30,Paris\nJoe,5,"New, York"\nZoe,,\nMax\n'
RULES = b"""{"Rules": [{"id": "1"}, {"expr": "y > x"}, {"id": "2", "expr": "z = DEBUG"}]}
{"created": "June 27", "modified": "July 6"}
"""


def start_query(s3: Any, sql: str, input_format: Any = CSV, output: Any = TO_CSV, **members: Any) -> Any:
    """Call SelectObjectContent on bucket/key and return the response; its event stream is not yet read."""
    members = {"Bucket": "bucket", "Key": "key", "ExpressionType": "SQL", **members}
    return s3.select_object_content(Expression=sql, InputSerialization=input_format, OutputSerialization=output, **members)


def events(s3: Any, sql: str, input_format: Any = CSV, output: Any = TO_CSV, **members: Any) -> list[dict[str, Any]]:
    """Return all events of the response."""
    with contextlib.closing(start_query(s3, sql, input_format, output, **members)["Payload"]) as stream:
        return list(stream)


def selected(s3: Any, sql: str, input_format: Any = CSV, output: Any = TO_CSV, **members: Any) -> str:
    """Return the records of the response, and check that it ends with Stats and End."""
    received = events(s3, sql, input_format, output, **members)
    assert [name for event in received[-2:] for name in event] == ["Stats", "End"]
    return b"".join(event["Records"]["Payload"] for event in received if "Records" in event).decode()


def rows(s3: Any, sql: str, input_format: Any = LINES) -> list[Any]:
    """Return the records of the response, parsed from JSON."""
    return [json.loads(line) for line in selected(s3, sql, input_format, TO_JSON).splitlines()]


def put(s3: Any, body: bytes, **members: Any) -> None:
    s3.put_object(Bucket="bucket", Key="key", Body=body, **members)


def put_lines(s3: Any, documents: Sequence[Any]) -> None:
    put(s3, "".join(json.dumps(document) + "\n" for document in documents).encode())
