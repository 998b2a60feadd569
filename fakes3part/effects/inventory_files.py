"""The data files of inventory reports: CSV compressed by gzip, ORC and Parquet. The last two need pyarrow, an extra."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..events.records import event_time
from ..rules.inventory import BOOLEAN, NUMBER, TEXT, TIME, Column, Row, Value

if TYPE_CHECKING:
    import pyarrow

_LAST_GZIP_TIME = 2**32 - 1
"""Seconds since 1970: 32 bits, which end in the year 2106."""

SUFFIXES = {"CSV": "csv.gz", "ORC": "orc", "Parquet": "parquet"}
"""Format -> the end of the data files' keys."""


def data_file(file_format: str, columns: Sequence[Column], rows: Sequence[Row], at: datetime) -> bytes:
    """Return the content of a data file, which is the same for the same rows and time.

    Raises:
        ModuleNotFoundError: ORC and Parquet need pyarrow, which is not installed.
    """
    return _FORMATS[file_format](columns, rows, at)


def _csv(columns: Sequence[Column], rows: Sequence[Row], at: datetime) -> bytes:
    text = StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    for row in rows:
        writer.writerow([_csv_value(column, column.value(row)) for column in columns])
    return gzip.compress(text.getvalue().encode(), mtime=min(max(0, int(at.timestamp())), _LAST_GZIP_TIME))


def _csv_value(column: Column, value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return event_time(value)
    return quote(value) if column.name == "Key" and isinstance(value, str) else str(value)


def _orc(columns: Sequence[Column], rows: Sequence[Row], at: datetime) -> bytes:
    from pyarrow import orc

    target = BytesIO()
    orc.write_table(_table(columns, rows, time_zone=None), target)
    return target.getvalue()


def _parquet(columns: Sequence[Column], rows: Sequence[Row], at: datetime) -> bytes:
    from pyarrow import parquet

    target = BytesIO()
    parquet.write_table(_table(columns, rows, time_zone="UTC"), target)
    return target.getvalue()


def _table(columns: Sequence[Column], rows: Sequence[Row], time_zone: str | None) -> pyarrow.Table:
    """Return the rows as a table; ``time_zone`` None: its times have no zone, as ORC's ``timestamp``."""
    import pyarrow

    types: Mapping[str, Any] = {
        TEXT: pyarrow.string(),
        BOOLEAN: pyarrow.bool_(),
        NUMBER: pyarrow.int64(),
        TIME: pyarrow.timestamp("ms", time_zone),
    }
    schema = pyarrow.schema(
        [pyarrow.field(column.column, types[column.type], nullable=column.column not in ("bucket", "key")) for column in columns]
    )
    values = [[_arrow_value(column.value(row)) for row in rows] for column in columns]
    arrays = [pyarrow.array(values_of_column, field.type) for values_of_column, field in zip(values, schema, strict=True)]
    return pyarrow.Table.from_arrays(arrays, schema=schema)


def _arrow_value(value: Value) -> Value:
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


_FORMATS: Mapping[str, Callable[[Sequence[Column], Sequence[Row], datetime], bytes]] = {
    "CSV": _csv,
    "ORC": _orc,
    "Parquet": _parquet,
}
