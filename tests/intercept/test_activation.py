"""Entering is all or nothing, and leaving is done in full, whichever step fails."""

from __future__ import annotations

import os
import socket
import unittest
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import boto3.s3.transfer
import pytest
from botocore.endpoint import Endpoint
from botocore.httpsession import URLLib3Session
from botocore.signers import RequestSigner

from fakes3part import FakeS3, current_fake, mock_s3
from fakes3part.api.endpoint_methods import EndpointMethods
from fakes3part.intercept import activation, children, doors, environment, stack
from fakes3part.intercept.patch import Patch, PatchSet
from fakes3part.server.http_server import HttpServer

PATCHED = [
    (URLLib3Session, "send"),
    (Endpoint, "_needs_retry"),
    (RequestSigner, "get_auth_instance"),
    (socket, "getaddrinfo"),
    (socket.socket, "connect"),
    (boto3.s3.transfer, "_should_use_crt"),
]


class Broken(Exception):
    """Raised by a failing step."""


def state() -> tuple[object, ...]:
    """Return the state of the process that an active fake changes."""
    variables = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
    functions = [getattr(owner, name, None) for owner, name in PATCHED]
    return variables, functions, stack.active.interceptions, dict(doors._installed), activation._saved, children.variables()


class Steps:
    """Replaces a function by one that fails at its nth call; without a number, only counts the calls."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, after: bool) -> None:
        self.calls = 0
        self.failing: int | None = None
        original = getattr(owner, name)

        def step(*args: Any, **kwargs: Any) -> Any:
            self.calls += 1
            fails = self.calls == self.failing
            if fails and not after:
                raise Broken
            result = original(*args, **kwargs)
            if fails:
                raise Broken
            return result

        monkeypatch.setattr(owner, name, step)

    def fail_at(self, number: int | None) -> None:
        self.calls, self.failing = 0, number


STEPS: dict[str, tuple[Any, str]] = {
    "patch": (Patch, "install"),
    "all patches": (PatchSet, "install"),
    "door": (doors, "_install"),
    "environment": (environment, "_set"),
    "state of the environment": (environment, "current"),
    "stack": (stack.ActiveInterceptions, "_find"),
    "children": (children, "_put"),
    "in use": (EndpointMethods, "_begin_use"),
    "unpatch": (Patch, "remove"),
    "unpatch all": (PatchSet, "remove"),
    "redirects": (FakeS3, "forget_redirects"),
    "not in use": (EndpointMethods, "_end_use"),
}
ENTERING = ["patch", "all patches", "door", "environment", "state of the environment", "children", "in use"]
LEAVING = ["environment", "children", "redirects", "unpatch", "unpatch all", "not in use"]


def install_one_by_one(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Let the patches be installed as they are the first time, if the step is about single patches."""
    if name in ("patch", "unpatch"):
        monkeypatch.setattr(PatchSet, "_install_at_once", lambda patches: False)


@pytest.fixture(params=["with a fake", "mock", "decorator", "class"])
def entering(request: pytest.FixtureRequest) -> Callable[[Callable[[], None]], None]:
    """A function that runs another one while a fake is active."""

    def with_a_fake(inside: Callable[[], None]) -> None:
        with FakeS3():
            inside()

    def mock(inside: Callable[[], None]) -> None:
        started = mock_s3()
        started.start()
        try:
            inside()
        finally:
            started.stop()

    def decorator(inside: Callable[[], None]) -> None:
        mock_s3(inside)()

    def decorated_class(inside: Callable[[], None]) -> None:
        @mock_s3
        class Case(unittest.TestCase):
            def test_it(self) -> None:
                inside()

        result = unittest.TestResult()
        suite = unittest.defaultTestLoader.loadTestsFromTestCase(Case)
        suite.run(result)
        if result.errors or result.failures:
            raise Broken("".join(text for _, text in result.errors + result.failures))

    ways = {"with a fake": with_a_fake, "mock": mock, "decorator": decorator, "class": decorated_class}
    return ways[request.param]


@pytest.fixture(params=[False, True], ids=["outermost", "nested"])
def nested(request: pytest.FixtureRequest) -> Any:
    """Whether another fake, which left the user's credentials alone, is active already."""
    if not request.param:
        yield False
        return
    with mock_s3(config={"core": {"mock_credentials": False}}, seed=1):
        yield True


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("name", ENTERING)
def test_entering_is_all_or_nothing(monkeypatch: pytest.MonkeyPatch, entering: Any, nested: bool, name: str, after: bool) -> None:
    monkeypatch.setenv("AWS_PROFILE", "real")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "real")
    install_one_by_one(monkeypatch, name)
    steps = Steps(monkeypatch, *STEPS[name], after)
    before = state()
    counts: list[int] = []
    entering(lambda: counts.append(steps.calls))
    assert state() == before
    for number in range(1, counts[0] + 1):
        steps.fail_at(number)
        with pytest.raises(Broken):
            entering(lambda: pytest.fail("it was entered"))
        steps.fail_at(None)
        assert state() == before
    entering(lambda: None)
    assert state() == before


@pytest.mark.parametrize("name", LEAVING)
def test_leaving_is_done_in_full(monkeypatch: pytest.MonkeyPatch, entering: Any, nested: bool, name: str) -> None:
    monkeypatch.setenv("AWS_PROFILE", "real")
    install_one_by_one(monkeypatch, name)
    steps = Steps(monkeypatch, *STEPS[name], after=True)
    before = state()
    counts: list[int] = []
    entering(lambda: counts.append(steps.calls))
    total = steps.calls
    for number in range(counts[0] + 1, total + 1):
        steps.fail_at(number)
        with pytest.raises(Broken):
            entering(lambda: None)
        steps.fail_at(None)
        assert state() == before
    assert total > counts[0] or (nested and name.startswith("unpatch"))


def test_a_step_that_was_not_done_leaves_the_others_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be restored stays as it is; everything else is restored."""
    variables, *others = state()
    assert isinstance(variables, dict)
    steps = Steps(monkeypatch, environment, "_set", after=False)
    with pytest.raises(Broken), FakeS3():
        steps.fail_at(1)
    now = state()
    assert list(now[1:]) == others
    left = {name for name in {*os.environ, *variables} if os.environ.get(name) != variables.get(name)} - {"PYTEST_CURRENT_TEST"}
    assert len(left) == 1
    del os.environ[left.pop()]


@pytest.mark.parametrize("way", ["keyword", "environment"])
def test_a_refused_setting(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    settings: Any = {"region": 5} if way == "keyword" else {}
    if way == "environment":
        monkeypatch.setenv("FAKES3PART_REGION", "5")
    before = state()
    with suppress(ValueError), mock_s3(**settings):
        pytest.fail("it was entered")
    with suppress(ValueError), FakeS3(**settings):
        pytest.fail("it was entered")
    assert state() == before
    assert current_fake() is None


def test_a_listener_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def listener(fake: object) -> None:
        raise Broken

    monkeypatch.setattr(activation, "on_enter", [listener])
    before = state()
    with pytest.raises(Broken), FakeS3():
        pytest.fail("it was entered")
    assert state() == before


def test_redirects_that_cannot_be_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    forgotten: list[int] = []

    def fail() -> None:
        raise Broken

    before = state()
    with pytest.raises(Broken), FakeS3() as fake:
        fake.redirected += [lambda: forgotten.append(1), fail, lambda: forgotten.append(2)]
    assert sorted(forgotten) == [1, 2]
    assert fake.redirected == []
    assert state() == before


def test_a_server_that_cannot_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    stop = HttpServer.stop

    def fail(server: HttpServer) -> None:
        stop(server)
        raise Broken

    monkeypatch.setattr(HttpServer, "stop", fail)
    before = state()
    with pytest.raises(Broken), FakeS3() as fake:
        fake.environment()
    assert state() == before
