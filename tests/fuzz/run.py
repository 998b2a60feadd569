"""The loop: make a request, send it, judge the response and the state."""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

from fakes3part.api.fakes3 import FakeS3
from fakes3part.intercept.activation import intercepted
from fakes3part.message import Request, Response
from fakes3part.protocol.http1 import framing, header, response_head, safe_headers, sends_body
from tests.fuzz import grammar, wire
from tests.fuzz.mutation import browser_form, mutated
from tests.fuzz.texts import Dice
from tests.fuzz.world import ids, new_world
from tests.support.state import state

WORLD = 1500
"""Requests to one fake."""

COMPARED, SAVED = 5, 300
"""The state of every fifth request is compared in memory, and of every 300th as `FakeS3.save` writes it."""

_REFERENCE = re.compile(rb"&#(x?)([0-9a-fA-F]+);")
"""How S3 shows characters that XML 1.0 does not know, unless the client asks for an encoding of keys."""


class Finding(Exception):
    """A response that must never be."""


class Report:
    """What a run has found.

    Attributes:
        statuses: how many responses each status has; 0: exceptions, -1: requests sent as bytes.
        operations: the names of those that were reached.
        slowest: seconds, and the request.
        compared: how many refused requests the state was compared around.
        findings: each kind of fault once: where it happened -> the request and the traceback.
        counts: how often each occurred.
    """

    def __init__(self) -> None:
        self.statuses: Counter[int] = Counter()
        self.compared = 0
        self.operations: set[str | None] = set()
        self.slowest = (0.0, "")
        self.findings: dict[str, str] = {}
        self.counts: Counter[str] = Counter()

    def add(self, request: Request, error: Exception) -> None:
        frames = traceback.extract_tb(error.__traceback__)
        place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}"
        own = [frame for frame in frames if "fakes3part" in frame.filename]
        if own:
            place = f"{Path(own[-1].filename).name}:{own[-1].lineno} {place}"
        kind = (
            f"{type(error).__name__} at {place}: {str(error)[:80]!r}"
            if isinstance(error, Finding)
            else f"{type(error).__name__} at {place}"
        )
        self.counts[kind] += 1
        if kind not in self.findings:
            target = f"{request.path[:300]!r} ?{request.query[:300]!r}"
            body = request.payload.data[:1500]
            shown = f"{request.method} {request.host!r} {target}\n{str(request.headers)[:1500]}\n{body!r}"
            self.findings[kind] = f"{shown}\n{''.join(traceback.format_exception(error))[-2500:]}"

    def __str__(self) -> str:
        total = sum(self.statuses.values())
        found = "".join(f"\n\n== {self.counts[kind]} times {kind}\n{text}" for kind, text in self.findings.items())
        return (
            f"{total:,} requests: {dict(sorted(self.statuses.items()))}; {len(self.operations - {None})} operations; "
            f"state compared around {self.compared:,} refused ones; slowest {self.slowest[0]:.2f} s, {self.slowest[1][:300]}; "
            f"{sum(self.counts.values())} findings of {len(self.findings)} kinds{found}"
        )


def run(count: int, seed: int = 0, progress: Callable[[Report], object] = lambda report: None) -> Report:
    """Send random requests, and return what was found. Equal seeds make equal requests."""
    report = Report()
    for world in range((count + WORLD - 1) // WORLD):
        _run_world(report, min(WORLD, count - world * WORLD), seed * 1_000_000 + world)
        progress(report)
    return report


def _run_world(report: Report, count: int, number: int) -> None:
    random = Dice(number)
    fake, recorded = new_world(number)
    random.ids = ids(fake)
    date = fake.clock.now().strftime("%Y%m%dT%H%M%SZ")
    with intercepted(fake):
        for index in range(count):
            chance = random.random()
            if chance < 0.55:
                request = grammar.request(random, date)
            elif chance < 0.95:
                request = mutated(random, random.choice(recorded))
            else:
                request = browser_form(random)
            try:
                if random.random() < 0.05:
                    wire.send(random, request)
                    report.statuses[-1] += 1
                else:
                    _send(report, fake, request, index)
            except Exception as error:
                report.statuses[0] += 1
                report.add(request, error)
    _check_readable(report, fake)
    fake.close()


def _send(report: Report, fake: FakeS3, request: Request, index: int) -> None:
    before = state(fake) if index % COMPARED == 0 else None
    saved = digest(fake) if index % SAVED == 0 else None
    started = time.perf_counter()
    response = fake.handle(request)
    seconds = time.perf_counter() - started
    if seconds > report.slowest[0]:
        report.slowest = (seconds, f"{request} {request.payload.data[:200]!r}")
    report.operations.add(response.operation)
    check(request, response)
    report.statuses[response.status] += 1
    if response.status >= 400 and before is not None:
        report.compared += 1
        if state(fake) != before:
            raise Finding(f"{response.status} to {response.operation} has changed the state")
        if saved is not None and digest(fake) != saved:
            raise Finding(f"{response.status} to {response.operation} has changed what is saved")


def digest(fake: FakeS3) -> str:
    """Return a digest of all that `FakeS3.save` writes, except what refused requests add to access logs, metrics and analyses."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "state"
        fake.save(path)
        with ZipFile(path) as archive:
            contents = {name: hashlib.sha256(_content(archive, name)).hexdigest() for name in archive.namelist()}
    return json.dumps(contents, sort_keys=True)


def _content(archive: ZipFile, name: str) -> bytes:
    """Return the content of an entry, without what refused requests and the time may change."""
    content = archive.read(name)
    if not name.endswith(".json"):
        return content
    index = json.loads(content)
    for bucket in index["buckets"]:
        for field in _COUNTED_FIELDS & bucket.keys():
            del bucket[field]
    return json.dumps({key: value for key, value in index.items() if key not in _COUNTED}, sort_keys=True).encode()


_COUNTED = {"access_logs", "processes_ran_at"}
_COUNTED_FIELDS = {"analytics_activity", "metric_sums"}
"""Records of requests, refused ones too, and when background processes ran: in the whole state, and in each bucket."""


def check(request: Request, response: Response) -> None:
    """Raise `Finding` unless a client can read the response, and it is no failure of ours."""
    if response.status == 500 or not 200 <= response.status < 600:
        raise Finding(f"status {response.status} to {response.operation}: {_text(response)[:300]!r}")
    added, _ = framing(response, is_old_client=False)
    head = response_head(response.status, [*safe_headers(response), *added])
    if head.count(b"\n") != len(safe_headers(response)) + len(added) + 2:
        raise Finding(f"line ends in the headers of {response.operation}: {head!r}")
    body = _text(response)
    if not sends_body(request.method, response.status):
        if body:
            raise Finding(f"a body of {response.operation} where HTTP has none")
        return
    length = header(response, "content-length")
    if length is not None and int(length) != len(body):
        raise Finding(f"{response.operation} declares {length} bytes and has {len(body)}")
    if response.operation in ("GetObject", "SelectObjectContent", "GetObjectAnnotation") and response.status < 300:
        return
    content_type = header(response, "content-type") or ""
    if body.startswith(b"<?xml") or ("xml" in content_type and body):
        try:
            ElementTree.fromstring(_REFERENCE.sub(_legal, body))
        except ElementTree.ParseError as error:
            raise Finding(f"a document of {response.operation} that does not parse: {error}: {body[:500]!r}") from error
    elif "json" in content_type and body:
        json.loads(body)


def _legal(match: re.Match[bytes]) -> bytes:
    """Return a reference, or ``?`` if it is to a character that XML 1.0 does not know."""
    number = int(match[2], 16 if match[1] else 10)
    is_control = number < 32 and number not in (9, 10, 13)
    return b"?" if is_control or 0xD800 <= number < 0xE000 or number in (0xFFFE, 0xFFFF) else match[0]


def _text(response: Response) -> bytes:
    return b"".join(bytes(segment) for segment in response.body)


def _check_readable(report: Report, fake: FakeS3) -> None:
    """List all that is in the buckets: what was accepted must not break what others read."""
    for name in list(fake.buckets):
        for query in ("list-type=2", "versions=", "uploads=", ""):
            request = Request("GET", "localhost", f"/{name}", query, {"authorization": "AWS testing:x", "date": ""})
            try:
                check(request, fake.handle(request))
            except Exception as error:
                report.add(request, error)
