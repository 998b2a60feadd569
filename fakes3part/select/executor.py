"""A query over an object's bytes, to the events that answer it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any, TypeAlias

from ..errors import S3Error
from .compiler import Plan, compile_statement
from .csv_source import CsvSource
from .functions import Aggregate
from .json_source import JsonSource, Source, decompress
from .parser import Statement, parse
from .request import CsvInput, JsonInput, Query
from .writers import Fields, writer

Event: TypeAlias = "dict[str, Any] | S3Error"
"""A member of the model's event stream, or the error that ends it."""

FRAME = 128 * 1024
"""Bytes of results in an event. Records are cut where it is full, as S3 does: clients must put the events together."""


class Selection:
    """One query, opened: whatever is wrong with the request, the statement or the object as a whole was told by then."""

    def __init__(self, query: Query, data: bytes, now: datetime) -> None:
        """Raises: S3Error, one of S3 Select's."""
        self._query = query
        self._size = len(data)
        self._returned = 0
        self._statement: Statement = parse(query.expression)
        self._source = _open(query, data)
        if self._statement.origin.path and not isinstance(query.source, JsonInput):
            raise S3Error("InvalidKeyPath")
        self._plan: Plan = compile_statement(self._statement, self._source, now)

    def events(self) -> Iterator[Event]:
        """Records, Progress if asked for, Stats and End; after what went before it, an error that a record made.

        An answer of more than one frame has a Cont after the first: S3 sends them at random, and a client has to bear them.
        """
        waiting = bytearray()
        error: S3Error | None = None
        frames = 0
        try:
            for record in self._results():
                waiting += record
                while len(waiting) > FRAME:
                    yield from self._frame(bytes(waiting[:FRAME]))
                    del waiting[:FRAME]
                    if frames == 0:
                        yield {"Cont": {}}
                    frames += 1
        except S3Error as raised:
            error = raised
        except RecursionError:
            error = S3Error("ExternalEvalException")
        if waiting:
            yield from self._frame(bytes(waiting))
        elif self._query.progress and error is None:
            yield {"Progress": {"Details": self._counts()}}
        if error is not None:
            yield error
            return
        yield {"Stats": {"Details": self._counts()}}
        yield {"End": {}}

    def _frame(self, data: bytes) -> Iterator[Event]:
        self._returned += len(data)
        yield {"Records": {"Payload": data}}
        if self._query.progress:
            yield {"Progress": {"Details": self._counts()}}

    def _counts(self) -> dict[str, int]:
        processed = self._source.consumed
        scanned = processed if self._query.compression == "NONE" else self._size
        scanned = getattr(self._source, "scanned", scanned)
        return {"BytesScanned": scanned, "BytesProcessed": processed, "BytesReturned": self._returned}

    def _results(self) -> Iterator[bytes]:
        write = writer(self._query.output)
        plan, source = self._plan, self._source
        records = self._matching()
        if plan.aggregates:
            results = self._aggregated(records)
            fields = [(item.name or "", item.evaluate(results)) for item in plan.items]
            yield from islice([write(fields)], self._statement.limit)
            return
        for record in islice(records, self._statement.limit):
            yield write(source.fields(record) if not plan.items else self._fields(record))

    def _matching(self) -> Iterator[Any]:
        where = self._plan.where
        for record in self._source.records(self._statement.origin.path):
            if where is None or _holds(where(record)):
                yield record

    def _aggregated(self, records: Iterator[Any]) -> list[Any]:
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


def _holds(truth: Any) -> bool:
    if truth is True or truth is False:
        return bool(truth)
    if isinstance(truth, (str, int, float, list, dict)):
        raise S3Error("InvalidDataType")
    return False


def _open(query: Query, data: bytes) -> Source:
    scan = None if query.scan is None else query.scan.within(len(data))
    if isinstance(query.source, CsvInput):
        return CsvSource(decompress(data, query.compression), query.source, scan)
    if isinstance(query.source, JsonInput):
        return JsonSource(decompress(data, query.compression), query.source, scan)
    from .parquet_source import ParquetSource

    return ParquetSource(data, scan)
