"""A few thousand random requests, and that the fuzzer finds what it looks for. More: ``nox -s fuzz -- 1000000``."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from fakes3part.api.fakes3 import FakeS3
from fakes3part.message import Request, Response
from tests.fuzz import grammar
from tests.fuzz.run import Finding, Report, check, run
from tests.fuzz.texts import Dice


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Denials are logged, thousands of them here."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


def test_random_requests() -> None:
    report = run(3000, seed=2026)
    assert report.findings == {}, str(report)
    assert report.compared > 300
    assert {200, 204, 400, 403, 404, 405, 409, 501} <= report.statuses.keys()
    assert len(report.operations) > 150
    assert report.statuses[200] > 200


def test_equal_seeds_make_equal_requests() -> None:
    first, second = (Dice(5), Dice(5))
    for _ in range(200):
        requests = [grammar.request(dice, "20260101T000000Z") for dice in (first, second)]
        described = [(made.method, made.host, made.path, made.query, made.headers, made.payload) for made in requests]
        assert described[0] == described[1]


class Broken(FakeS3):
    """A fake with a fault: it raises, or refuses a request that it has performed."""

    def __init__(self, *, raises: bool) -> None:
        super().__init__(seed=1)
        self.raises = raises

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        if self.raises:
            raise ZeroDivisionError
        return Response(400, [], ()) if request.method == "PUT" else response


@pytest.mark.parametrize(("raises", "kind"), [(True, "ZeroDivisionError at"), (False, "400 to None has changed the state")])
def test_a_broken_fake_is_found(monkeypatch: pytest.MonkeyPatch, raises: bool, kind: str) -> None:
    fake = Broken(raises=raises)
    headers = {"authorization": "AWS testing:x", "date": "Thu, 01 Jan 2026 00:00:00 GMT"}
    create = Request("PUT", "localhost", "/bucket", "", headers)
    monkeypatch.setattr("tests.fuzz.run.new_world", lambda number: (fake, [create]))
    monkeypatch.setattr("tests.fuzz.run.mutated", lambda random, request: request)
    report: Report = run(20, seed=3)
    assert any(kind in found for found in report.findings), str(report)


@pytest.mark.parametrize(
    "response",
    [
        Response(500, []),
        Response(0, []),
        Response(200, [("Content-Length", "3")], (b"four",)),
        Response(200, [("Content-Type", "application/xml")], (b"<a>",)),
        Response(200, [("Content-Type", "application/xml")], (b"<a>&#1;</b>",)),
        Response(204, [], (b"body",)),
    ],
)
def test_responses_that_must_never_be(response: Response) -> None:
    with pytest.raises(Finding):
        check(Request("GET", "localhost", "/"), response)


def test_characters_that_xml_does_not_know_are_no_finding() -> None:
    document = b"<a>&#1;&#x1f;&#xD800;&#55296;&#xFFFE;&#9;&#x1F600;</a>"
    check(Request("GET", "localhost", "/"), Response(200, [("Content-Type", "application/xml")], (document,)))
