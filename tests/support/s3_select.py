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


def ask(s3: Any, sql: str, given: Any = CSV, output: Any = TO_CSV, **members: Any) -> Any:
    """Call SelectObjectContent on bucket/key; its event stream is not yet read."""
    members = {"Bucket": "bucket", "Key": "key", "ExpressionType": "SQL", **members}
    return s3.select_object_content(Expression=sql, InputSerialization=given, OutputSerialization=output, **members)


def events(s3: Any, sql: str, given: Any = CSV, output: Any = TO_CSV, **members: Any) -> list[dict[str, Any]]:
    """All events of the answer."""
    with contextlib.closing(ask(s3, sql, given, output, **members)["Payload"]) as stream:
        return list(stream)


def selected(s3: Any, sql: str, given: Any = CSV, output: Any = TO_CSV, **members: Any) -> str:
    """The records of the answer, which must be whole."""
    found = events(s3, sql, given, output, **members)
    assert [name for event in found[-2:] for name in event] == ["Stats", "End"]
    return b"".join(event["Records"]["Payload"] for event in found if "Records" in event).decode()


def rows(s3: Any, sql: str, given: Any = LINES) -> list[Any]:
    """The records of the answer in JSON, read."""
    return [json.loads(line) for line in selected(s3, sql, given, TO_JSON).splitlines()]


def put(s3: Any, body: bytes, **members: Any) -> None:
    s3.put_object(Bucket="bucket", Key="key", Body=body, **members)


def put_lines(s3: Any, documents: Sequence[Any]) -> None:
    put(s3, "".join(json.dumps(document) + "\n" for document in documents).encode())
