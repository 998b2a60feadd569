"""Runs a query over an object's bytes and returns the events of the response."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any, TypeAlias

from ..errors import S3Error
from .compiler import compile_statement
from .csv_source import CsvSource
from .functions import Aggregate
from .input_data import open_data
from .json_source import JsonSource, Source
from .parser import Statement, parse
from .plan import Plan
from .request import CsvInput, JsonInput, Query
from .writers import Fields, make_writer

Event: TypeAlias = "dict[str, Any] | S3Error"
"""A member of SelectObjectContentEventStream, or the error that ends the stream."""

MAX_FRAME_SIZE = 128 * 1024
"""The maximum number of bytes of results in one event. As in S3, a record may be cut: clients must join the events."""


class Selection:
    """A compiled query over one object. Errors of the request, the statement or the whole object are raised when it is made."""

    def __init__(self, query: Query, data: bytes, now: datetime) -> None:
        """Open the object and compile the statement; ``now`` is the value of UTCNOW().

        Raises:
            S3Error: one of S3 Select's.
        """
        self._query = query
        self._size = len(data)
        self._bytes_returned = 0
        self._statement: Statement = parse(query.expression)
        self._source = _open_source(query, data)
        if self._statement.from_clause.path and not isinstance(query.input, JsonInput):
            raise S3Error("InvalidKeyPath")
        self._plan: Plan = compile_statement(self._statement, self._source, now)

    def events(self) -> Iterator[Event]:
        """Return the events: Records, Progress if requested, Stats and End. An error of a record ends them after earlier results.

        A response of more than one frame has a Cont after the first: S3 may send one at any time, and clients must accept it.
        """
        buffer = bytearray()
        error: S3Error | None = None
        frame_count = 0
        try:
            for record in self._results():
                buffer += record
                while len(buffer) > MAX_FRAME_SIZE:
                    yield from self._frame(bytes(buffer[:MAX_FRAME_SIZE]))
                    del buffer[:MAX_FRAME_SIZE]
                    if frame_count == 0:
                        yield {"Cont": {}}
                    frame_count += 1
        except S3Error as s3_error:
            error = s3_error
        except RecursionError:
            error = S3Error("ExternalEvalException")
        if buffer:
            yield from self._frame(bytes(buffer))
        elif self._query.progress and error is None:
            yield {"Progress": {"Details": self._counts()}}
        if error is not None:
            yield error
            return
        yield {"Stats": {"Details": self._counts()}}
        yield {"End": {}}

    def _frame(self, data: bytes) -> Iterator[Event]:
        self._bytes_returned += len(data)
        yield {"Records": {"Payload": data}}
        if self._query.progress:
            yield {"Progress": {"Details": self._counts()}}

    def _counts(self) -> dict[str, int]:
        processed = self._source.bytes_processed
        scanned = self._source.bytes_scanned
        if scanned is None:
            scanned = processed if self._query.compression == "NONE" else self._size
        return {"BytesScanned": scanned, "BytesProcessed": processed, "BytesReturned": self._bytes_returned}

    def _results(self) -> Iterator[bytes]:
        write = make_writer(self._query.output)
        plan, source = self._plan, self._source
        records = self._matching_records()
        if plan.aggregates:
            results = self._aggregate(records)
            fields = [(item.name or "", item.evaluate(results)) for item in plan.items]
            yield from islice([write(fields)], self._statement.limit)
            return
        for record in islice(records, self._statement.limit):
            yield write(source.fields(record) if not plan.items else self._fields(record))

    def _matching_records(self) -> Iterator[Any]:
        where = self._plan.where
        for record in self._source.records(self._statement.from_clause.path):
            if where is None or _is_true(where(record)):
                yield record

    def _aggregate(self, records: Iterator[Any]) -> list[Any]:
        totals = [Aggregate(name) for name, _ in self._plan.aggregates]
        arguments = [evaluate for _, evaluate in self._plan.aggregates]
        for record in records:
            for total, argument in zip(totals, arguments, strict=True):
                total.add(argument(record))
        return [total.result() for total in totals]

    def _fields(self, record: Any) -> Fields:
        for item in self._plan.items:
            if item.name is None:
                yield from self._source.fields(record)
            else:
                yield item.name, item.evaluate(record)


def _is_true(condition: Any) -> bool:
    if condition is True or condition is False:
        return bool(condition)
    if isinstance(condition, (str, int, float, list, dict)):
        raise S3Error("InvalidDataType")
    return False


def _open_source(query: Query, data: bytes) -> Source:
    scan_range = None if query.scan_range is None else query.scan_range.resolve(len(data))
    if isinstance(query.input, CsvInput):
        return CsvSource(open_data(data, query.compression), query.input, scan_range)
    if isinstance(query.input, JsonInput):
        return JsonSource(open_data(data, query.compression), query.input, scan_range)
    from .parquet_source import ParquetSource

    return ParquetSource(data, scan_range)
