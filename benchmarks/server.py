"""The server: its CPU time a request, against moto's, and whether any request stalls.

The requests are those that boto3 sends to an HTTP endpoint, recorded once and sent again over one plain connection, so that
the client is out of the picture: quick, the same for both, and in another process.
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlsplit

import boto3

from .canned import BODY, BUCKET, KEY
from .cases import PART
from .crowd import waits_of_many
from .measure import cpu_clock
from .processes import WorkerProcess
from .report import Row, quantity
from .systems import ACCESS

COLUMNS = ("ours", "moto")
RATIO = "ours / moto"
ROUNDS = 9

_SYSTEMS = ("ours", "moto")
_STALL = 0.035
_NO_STALL = "wall of 99 in 100 small requests"
_CROWD = "get 1 KiB on 32 connections: wall of 99 in 100, against the median"
_READY = "wall time from process start to ready"
_READY_ROUNDS = 3


@dataclass(frozen=True)
class Case:
    """One row: the call of boto3, and the headers that are changed in its request (no server verifies its signature)."""

    name: str
    target: float
    requests: int
    method: str
    details: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def is_small(self) -> bool:
        return self.details.get("Body") is not PART


_PART = {"Key": KEY, "PartNumber": 1, "Body": PART}
CASES = (
    Case("put 1 KiB", 0.25, 200, "put_object", {"Key": KEY, "Body": BODY}),
    Case("get 1 KiB", 0.25, 200, "get_object", {"Key": KEY}),
    Case("head 1 KiB", 0.25, 200, "head_object", {"Key": KEY}),
    Case("UploadPart 8 MiB", 0.6, 5, "upload_part", _PART),
    Case("UploadPart 8 MiB, payload unsigned", 0.6, 5, "upload_part", _PART, {"x-amz-content-sha256": "UNSIGNED-PAYLOAD"}),
)


@dataclass
class _Recorded:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Served:
    """A running server, and one connection to it."""

    url: str
    clock: Callable[[], float]
    waits: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.client: Any = boto3.client("s3", endpoint_url=self.url, **ACCESS)
        self.connection = http.client.HTTPConnection(urlsplit(self.url).netloc)
        self.client.create_bucket(Bucket=BUCKET)
        self.client.put_object(Bucket=BUCKET, Key=KEY, Body=BODY)
        self.upload = self.client.create_multipart_upload(Bucket=BUCKET, Key=KEY)["UploadId"]

    def record(self, case: Case) -> _Recorded:
        """The request that boto3 would send, signed now."""

        def note(request: Any, **event: Any) -> None:
            raise _Noted(_plain(request, case.headers))

        upload = {"UploadId": self.upload} if case.method == "upload_part" else {}
        self.client.meta.events.register_first("before-send.s3", note)
        try:
            getattr(self.client, case.method)(Bucket=BUCKET, **upload, **case.details)
        except _Noted as noted:
            return noted.request
        finally:
            self.client.meta.events.unregister("before-send.s3", note)
        raise AssertionError("boto3 sent nothing")

    def send(self, recorded: _Recorded) -> None:
        """Send it and read the answer; a connection that the server closed is opened again, as every client does."""
        started = time.perf_counter()
        self.connection.request(recorded.method, recorded.target, recorded.body, recorded.headers)
        response = self.connection.getresponse()
        response.read()
        self.waits.append(time.perf_counter() - started)
        if response.status != 200:
            raise RuntimeError(f"{recorded.method} {recorded.target}: {response.status}")

    def block(self, case: Case) -> float:
        """Seconds of the server's CPU time a request."""
        recorded = self.record(case)
        started = self.clock()
        for _ in range(case.requests):
            self.send(recorded)
        return (self.clock() - started) / case.requests


class _Noted(BaseException):
    """Carries a request out of botocore before it is sent (past its ``except Exception``)."""

    def __init__(self, request: _Recorded) -> None:
        self.request = request


def _plain(request: Any, changed: dict[str, str]) -> _Recorded:
    """The request as bytes. It is sent at once, not waiting for a 100 (Continue), which is measured elsewhere."""
    parts = urlsplit(request.url)
    headers = {name: value.decode() if isinstance(value, bytes) else str(value) for name, value in request.headers.items()}
    headers.pop("Expect", None)
    headers.update(changed)
    body = request.body
    data = b"" if body is None else body if isinstance(body, bytes) else body.read()
    return _Recorded(request.method, f"{parts.path}?{parts.query}" if parts.query else parts.path, headers, data)


def rows(chosen: Callable[[str], bool], rounds: int | None, *, profiled: bool) -> Iterator[Row]:
    """Measure the chosen rows, each in ``rounds`` rounds, the servers in turn."""
    cases = [case for case in CASES if chosen(case.name)]
    with ExitStack() as stack:
        served = {name: start(stack, name) for name in _SYSTEMS} if cases else {}
        waits: dict[str, list[float]] = {name: [] for name in served}
        for case in cases:
            yield _row(case, served, rounds or ROUNDS)
            if case.is_small:
                for name, one in served.items():
                    waits[name] += one.waits
        if waits and all(waits.values()):
            yield _stalls(waits)
    if chosen(_CROWD):
        yield _crowd(rounds or ROUNDS)
    if chosen(_READY):
        yield _ready()


def start(stack: ExitStack, name: str, directory: Path | None = None) -> Served:
    """Start the server of a system with the packages in ``directory`` (None: the current one); ``stack`` stops it."""
    process = stack.enter_context(WorkerProcess("serve", name, directory=directory))
    served = Served(process.read_response(), cpu_clock(process.process.pid))
    stack.callback(served.client.close)
    stack.callback(served.connection.close)
    return served


def _row(case: Case, served: dict[str, Served], rounds: int) -> Row:
    for one in served.values():
        one.block(case)  # warms
        one.waits.clear()
    figures: dict[str, list[float]] = {name: [] for name in served}
    for _ in range(rounds):
        for name, one in served.items():
            figures[name].append(one.block(case))
    ratio = median(ours / moto for ours, moto in zip(figures["ours"], figures["moto"], strict=True))
    middle = {name: median(values) for name, values in figures.items()}
    return Row(
        case.name, middle, measured=ratio, target=case.target, notes=[_waits(name, one.waits) for name, one in served.items()]
    )


def _p99(waits: list[float]) -> float:
    return quantiles(waits, n=100)[98]


def _waits(name: str, waits: list[float]) -> str:
    return f"{name}: wall {quantity(median(waits), 's')} median, {quantity(_p99(waits), 's')} p99"


def _stalls(waits: dict[str, list[float]]) -> Row:
    """A header sent apart from its body, without TCP_NODELAY, waits 40 ms for the client's delayed acknowledgement."""
    figures = {name: _p99(values) for name, values in waits.items()}
    return Row(_NO_STALL, figures, measured=figures["ours"], target=_STALL, absolute=True)


def _crowd(rounds: int) -> Row:
    """Waits for a get of 1 KiB on 32 connections at once: the 99th percentile against the median, of all rounds."""
    waits: list[float] = []
    with ExitStack() as stack:
        served = start(stack, "ours")
        recorded = served.record(next(case for case in CASES if case.method == "get_object"))
        headers = {"host": urlsplit(served.url).netloc, **{name.lower(): value for name, value in recorded.headers.items()}}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        request = f"{recorded.method} {recorded.target} HTTP/1.1\r\n{lines}\r\n".encode()
        for _ in range(rounds):
            waits += waits_of_many(served.url, request, 32, 100)
    figure = _p99(waits)
    return Row(_CROWD, {"ours": figure}, measured=figure / median(waits), target=4.0, notes=[_waits("ours", waits)])


def _ready() -> Row:
    figures: dict[str, list[float]] = {name: [] for name in _SYSTEMS}
    for name, values in [*figures.items()] * _READY_ROUNDS:
        started = time.perf_counter()
        with WorkerProcess("serve", name) as process:
            _connect(process.read_response())
            values.append(time.perf_counter() - started)
    middle = {name: median(values) for name, values in figures.items()}
    return Row(_READY, middle, measured=middle["ours"] / middle["moto"], target=None, notes=["to a connection that is accepted"])


def _connect(url: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    connection.connect()
    connection.close()
