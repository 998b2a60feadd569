"""Reads the records of a Parquet object. It imports pyarrow, which takes a third of a second, so it is imported at first use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
from pyarrow import parquet as pq

from ..errors import S3Error
from .json_source import Source, path_getter
from .timestamps import IonTimestamp, timestamp_from_datetime
from .values import Name, Step, Value

_CODECS = frozenset({"UNCOMPRESSED", "SNAPPY", "GZIP"})
_BATCH = 1024
_SCALAR_TYPES = frozenset({str, int, float, bool, Decimal, type(None)})


class ParquetSource(Source):
    """The records of a Parquet object. Only the columns that a statement names are read and counted."""

    nested = True

    def __init__(self, data: bytes, scan_range: tuple[int, int] | None = None) -> None:
        self._scan_range = scan_range or (0, len(data))
        try:
            self._file = pq.ParquetFile(pa.BufferReader(data))
        except (pa.ArrowException, OSError):
            raise S3Error("ParquetParsingError") from None
        self._names: list[str] = self._file.schema_arrow.names
        self._selected_columns: set[str] = set()
        self.bytes_scanned: int = 0

    def getter(self, path: Sequence[Step]) -> Callable[[Value], Value]:
        """Return the function that returns the value at a path. A column that is not in the schema is an error, not MISSING."""
        if not path:
            self._selected_columns.update(self._names)
            return lambda record: record
        step = path[0]
        if not isinstance(step, Name):
            raise S3Error("ParseInvalidPathComponent")
        lower = step.text.lower()
        matching = [name for name in self._names if name == step.text or (not step.quoted and name.lower() == lower)]
        if len(matching) > 1:
            raise S3Error("AmbiguousFieldName")
        if not matching:
            raise S3Error("EvaluatorBindingDoesNotExist")
        self._selected_columns.add(matching[0])
        return path_getter([Name(matching[0], True), *path[1:]])

    def records(self, path: Sequence[Step]) -> Iterator[Value]:
        columns = [name for name in self._names if name in self._selected_columns]
        try:
            for index in range(self._file.num_row_groups):
                group = self._file.metadata.row_group(index)
                if group.num_rows and self._is_scanned(group):
                    self._add_sizes(group, columns)
                    yield from self._rows(index, group.num_rows, columns)
        except pa.ArrowNotImplementedError:
            raise S3Error("UnsupportedParquetType") from None
        except (pa.ArrowException, OSError):
            raise S3Error("ParquetParsingError") from None

    def _rows(self, group: int, count: int, columns: list[str]) -> Iterator[Value]:
        if not columns:
            yield from ({} for _ in range(count))
            return
        for batch in self._file.iter_batches(_BATCH, row_groups=[group], columns=columns, use_threads=False):
            for row in batch.to_pylist():
                yield {name: _value(value) for name, value in row.items()}

    def _is_scanned(self, group: Any) -> bool:
        """Return whether the first byte of a row group is in the scan range, so that the row group is read."""
        column = group.column(0)
        first = column.dictionary_page_offset or column.data_page_offset
        start, stop = self._scan_range
        return bool(start <= first < stop)

    def _add_sizes(self, group: Any, columns: list[str]) -> None:
        for index in range(group.num_columns):
            column = group.column(index)
            if column.path_in_schema.split(".")[0] in columns:
                if column.compression not in _CODECS:
                    raise S3Error("ParquetUnsupportedCompressionCodec")
                self.bytes_scanned += column.total_compressed_size
                self.bytes_processed += column.total_uncompressed_size

    def fields(self, record: Value) -> Sequence[tuple[str, Value]]:
        return list(record.items())


def _value(value: Any) -> Value:
    if type(value) in _SCALAR_TYPES:
        return value
    if isinstance(value, datetime):
        return timestamp_from_datetime(value, 6 if value.microsecond % 1000 else 3)
    if isinstance(value, date):
        return IonTimestamp(datetime(value.year, value.month, value.day), "day")
    if isinstance(value, dict):
        return {name: _value(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_value(inner) for inner in value]
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            raise S3Error("UnsupportedParquetType") from None
    assert isinstance(value, (time, timedelta, tuple)), type(value)
    raise S3Error("UnsupportedParquetType")
