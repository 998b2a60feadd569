"""Parquet, read by pyarrow, which is imported (a third of a second) only for who selects from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
from pyarrow import parquet as pq

from ..errors import S3Error
from .json_source import Source, walker
from .timestamps import Stamp, stamp_of
from .values import Name, Step, Value

_CODECS = frozenset({"UNCOMPRESSED", "SNAPPY", "GZIP"})
_BATCH = 1024
_PLAIN = frozenset({str, int, float, bool, Decimal, type(None)})


class ParquetSource(Source):
    """Records are structures. Only the columns that a statement names are read, and counted."""

    nested = True

    def __init__(self, data: bytes, scan: tuple[int, int] | None = None) -> None:
        self._scan = scan or (0, len(data))
        try:
            self._file = pq.ParquetFile(pa.BufferReader(data))
        except (pa.ArrowException, OSError):
            raise S3Error("ParquetParsingError") from None
        self._names: list[str] = self._file.schema_arrow.names
        self._wanted: set[str] = set()
        self.scanned = 0

    def getter(self, path: Sequence[Step]) -> Callable[[Value], Value]:
        """A file has one schema: a column that is not in it is an error, not MISSING."""
        if not path:
            self._wanted.update(self._names)
            return lambda record: record
        step = path[0]
        if not isinstance(step, Name):
            raise S3Error("ParseInvalidPathComponent")
        lower = step.text.lower()
        found = [name for name in self._names if name == step.text or (not step.quoted and name.lower() == lower)]
        if len(found) > 1:
            raise S3Error("AmbiguousFieldName")
        if not found:
            raise S3Error("EvaluatorBindingDoesNotExist")
        self._wanted.add(found[0])
        return walker([Name(found[0], True), *path[1:]])

    def records(self, path: Sequence[Step]) -> Iterator[Value]:
        columns = [name for name in self._names if name in self._wanted]
        try:
            for index in range(self._file.num_row_groups):
                group = self._file.metadata.row_group(index)
                if group.num_rows and self._is_scanned(group):
                    self._count(group, columns)
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
        """A row group is processed when its first byte is in the range."""
        column = group.column(0)
        first = column.dictionary_page_offset or column.data_page_offset
        start, stop = self._scan
        return bool(start <= first < stop)

    def _count(self, group: Any, columns: list[str]) -> None:
        for index in range(group.num_columns):
            column = group.column(index)
            if column.path_in_schema.split(".")[0] in columns:
                if column.compression not in _CODECS:
                    raise S3Error("ParquetUnsupportedCompressionCodec")
                self.scanned += column.total_compressed_size
                self.consumed += column.total_uncompressed_size

    def fields(self, record: Value) -> Sequence[tuple[str, Value]]:
        return list(record.items())


def _value(value: Any) -> Value:
    if type(value) in _PLAIN:
        return value
    if isinstance(value, datetime):
        return stamp_of(value, 6 if value.microsecond % 1000 else 3)
    if isinstance(value, date):
        return Stamp(datetime(value.year, value.month, value.day), "day")
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
