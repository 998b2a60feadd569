"""Random requests to the control API, each followed by a request to S3, which must not break on what was accepted."""

from __future__ import annotations

import json
from typing import Any
from unittest.mock import patch
from urllib.parse import quote

from fakes3part.control.endpoints import ENDPOINTS
from fakes3part.control.router import handle_control_request
from fakes3part.message import Request
from tests.fuzz import texts
from tests.fuzz.run import Finding, Report, check
from tests.fuzz.texts import Dice
from tests.fuzz.world import new_world

_VALUES: list[Any] = [
    None, True, 0, 1, -1, 0.001, 1e308, -1e308, float("inf"), float("nan"), 10**400, "", "x", "*", "GetObject", "SlowDown",
    "reset", "before", [], [1, 2], [[]], {}, {"a": 1}, {"k": "text"}, {"k": {"Body": "text",
    "Metadata": 5}}, {"k": {"BodyBase64": "x"}},
    {"\ud800": "x"}, {"k": {"Body": 5, "Tagging": []}}, {"effect": "reset"}, {"effect": "truncate", "after": -1},
    {"effect": "truncate", "after": 1e308}, {"effect": "latency", "seconds": float("nan")}, {"effect": []},
    {"effect": "error", "code": {}}, "2026-01-01T00:00:00Z", "0001-01-01T00:00:00+23:00", "9999-12-31T23:59:59Z",
]  # fmt: skip


@patch("fakes3part.control.clock_endpoints._wait_for_next_second", lambda: None)
def run(count: int, seed: int) -> Report:
    """Send random requests to the control API of one fake after another. Moving the clock does not wait, as it does otherwise."""
    report = Report()
    for world in range((count + 299) // 300):
        random = Dice(seed * 1000 + world)
        fake, _ = new_world(seed * 7 * 1000)  # with default settings, and a frozen clock
        fake.clock.freeze()
        for _ in range(min(300, count - world * 300)):
            request = _request(random)
            try:
                response = handle_control_request(fake, request)
                if response is None:
                    raise Finding("no response")
                check(request, response)
                report.statuses[response.status] += 1
                for pause in fake.faults.pauses:
                    if pause.timeout > 0.01:  # the call would wait for it
                        pause.release()
                _call(fake)
            except Exception as error:
                report.add(request, error)
            fake.faults.clear()
        fake.close()
    return report


def _request(random: Dice) -> Request:
    endpoint = random.choice(ENDPOINTS)
    path, query, body = endpoint.path, "", b""
    while "{" in path:
        start, end = path.index("{"), path.index("}")
        value = random.choice(("bucket", "1", texts.odd(random)))
        path = path[:start] + quote(value.encode("utf-8", "surrogatepass")) + path[end + 1 :]
    if endpoint.query:
        names = random.sample(sorted(endpoint.query), min(2, len(endpoint.query)))
        query = "&".join(f"{name}={quote(texts.odd(random).encode('utf-8', 'surrogatepass'))}" for name in names)
    if endpoint.body:
        names = [random.choice(("bucket", "new", "B")) if name == "*" else name for name in endpoint.body]
        document = {name: random.choice(_VALUES) for name in names if random.random() < 0.6}
        body = json.dumps(document).encode()
    if random.random() < 0.05:
        body = random.choice((b"[" * 30_000, b'{"a":' * 30_000, b"\xff", b"5", b"[]", b'{"at": ' + b"9" * 5000 + b"}"))
    return Request(endpoint.method, "localhost", path, query, {"content-type": "application/json"}, body)


def _call(fake: Any) -> None:
    for method, query in (("GET", "list-type=2"), ("PUT", "")):
        path = "/new" if method == "GET" else "/bucket/k"
        fake.handle(Request(method, "localhost", path, query, {"authorization": "AWS testing:x", "content-length": "0"}))
