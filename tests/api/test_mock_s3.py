"""``mock_s3`` in all its forms, except as a decorator of classes."""

from __future__ import annotations

import asyncio
import inspect
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import Any

import boto3
import pytest
from botocore.httpsession import URLLib3Session

import fakes3part
from fakes3part import FakeS3, mock_aws, mock_s3
from fakes3part.api.mock import MockS3
from fakes3part.intercept import activation


def names() -> list[str]:
    """Return the names of the buckets that a client lists."""
    return [bucket["Name"] for bucket in _client().list_buckets()["Buckets"]]


def make(name: str) -> None:
    _client().create_bucket(Bucket=name)


def _client() -> Any:
    return boto3.client("s3", region_name="us-east-1")


def test_with() -> None:
    with mock_s3() as fake:
        make("one")
        assert type(fake) is FakeS3
        assert list(fake.buckets) == names() == ["one"]
    with mock_s3():
        assert names() == []
    assert list(fake.buckets) == ["one"]  # for a look afterwards


def test_async_with() -> None:
    async def body() -> list[str]:
        async with mock_s3() as fake:
            make("one")
            return list(fake.buckets)

    assert asyncio.run(body()) == ["one"]


@pytest.mark.parametrize("decorate", [mock_s3, mock_s3(), mock_s3(seed=7), mock_aws(config={"core": {}})])
def test_functions(decorate: Any) -> None:
    @decorate
    def plain(a: int, *, b: int = 2) -> tuple[int, list[str]]:
        """Doc."""
        make("one")
        return a + b, names()

    assert plain(1) == plain(1, b=2) == (3, ["one"])
    assert (plain.__name__, plain.__doc__) == ("plain", "Doc.")
    assert list(inspect.signature(plain).parameters) == ["a", "b"]
    assert activation.current_backend() is None


def test_a_coroutine_function() -> None:
    @mock_s3
    async def body() -> list[str]:
        await asyncio.sleep(0)
        make("one")
        return names()

    assert inspect.iscoroutinefunction(body)
    call = body()
    assert activation.current_backend() is None
    assert asyncio.run(call) == ["one"]


def test_a_generator_function() -> None:
    @mock_s3()
    def body() -> Iterator[Any]:
        make("one")
        got = yield names()
        with suppress(KeyError):
            yield got
        yield "caught"

    assert inspect.isgeneratorfunction(body)
    generator: Any = body()
    assert activation.current_backend() is None
    assert next(generator) == ["one"]
    assert activation.current_backend() is not None
    assert generator.send("sent") == "sent"
    assert generator.throw(KeyError()) == "caught"
    assert next(generator, "end") == "end"
    assert activation.current_backend() is None


def test_an_async_generator_function() -> None:
    closed: list[bool] = []

    @mock_s3
    async def body() -> AsyncIterator[Any]:
        try:
            make("one")
            got = yield names()
            with suppress(KeyError):
                yield got
            yield "caught"
        finally:
            closed.append(activation.current_backend() is not None)

    async def use() -> None:
        assert inspect.isasyncgenfunction(body)
        generator: Any = body()
        assert await generator.__anext__() == ["one"]
        assert await generator.asend("sent") == "sent"
        assert await generator.athrow(KeyError()) == "caught"
        with pytest.raises(StopAsyncIteration):
            await generator.__anext__()
        early: Any = body()
        await early.__anext__()
        await early.aclose()

    asyncio.run(use())
    assert closed == [True, True]
    assert activation.current_backend() is None


def test_static_and_class_methods() -> None:
    class Helper:
        @mock_s3
        @staticmethod
        def static() -> list[str]:
            return names()

        @mock_s3
        @classmethod
        def of_class(cls) -> tuple[str, list[str]]:
            return cls.__name__, names()

    assert Helper.static() == []
    assert Helper.of_class() == ("Helper", [])


def test_an_exception_ends_it() -> None:
    @mock_s3
    def fail() -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        fail()
    assert activation.current_backend() is None


class TestNesting:
    def test_without_settings_the_state_is_shared(self) -> None:
        with mock_s3() as outer:
            make("one")
            with mock_s3() as inner:
                assert inner is outer
                make("two")
            assert names() == ["one", "two"]

    def test_with_settings_it_is_not(self) -> None:
        with mock_s3() as outer:
            make("one")
            with mock_s3(region="eu-west-1") as own, mock_s3() as inner:
                assert own is not outer
                assert inner is own
                assert names() == []
            assert names() == ["one"]

    def test_a_fake_is_its_own_mock(self) -> None:
        fake = FakeS3()
        with fake as entered, fake, mock_s3() as joined:
            make("one")
            assert entered is joined is fake
        with mock_s3():
            assert names() == []
            with fake:
                assert names() == ["one"]
            assert names() == []
        assert activation.current_backend() is None

    def test_leaving_a_fake_that_was_not_entered(self) -> None:
        fake = FakeS3()
        with pytest.raises(RuntimeError, match="not entered"):
            fake.__exit__(None, None, None)

    def test_in_any_order(self) -> None:
        first, second = mock_s3(), mock_s3()
        first.start()
        make("one")
        second.start()
        first.stop()
        assert names() == ["one"]
        second.stop()
        assert activation.current_backend() is None


class TestStartAndStop:
    def test_it_returns_the_fake(self) -> None:
        mock = mock_s3()
        fake = mock.start()
        make("one")
        assert list(fake.buckets) == ["one"]
        mock.reset()
        assert names() == []
        mock.stop()

    def test_as_often_as_started(self) -> None:
        mock = mock_s3()
        mock.start()
        mock.start()
        mock.stop()
        assert names() == []
        mock.stop()
        assert activation.current_backend() is None
        with pytest.raises(RuntimeError, match=r"Called stop\(\) before start\(\)\."):
            mock.stop()

    def test_keeping_the_data(self) -> None:
        mock = mock_s3()
        mock.start()
        make("one")
        mock.stop(remove_data=False)
        mock.start(reset=False)
        assert names() == ["one"]
        mock.stop()
        mock.start(reset=False)
        assert names() == []
        mock.stop()

    def test_reset_of_another(self) -> None:
        mock_s3().reset()
        with mock_s3():
            make("one")
            mock_s3().reset()
            assert names() == []


def test_recursion() -> None:
    @mock_s3(min_part_size=1)
    def down(depth: int) -> list[list[str]]:
        make(f"bucket-{depth}")
        below = down(depth - 1) if depth else []
        return [names(), *below]

    assert down(2) == [["bucket-2"], ["bucket-1"], ["bucket-0"]]


def test_one_mock_in_several_threads() -> None:
    """Leaving in a thread ends the interception that this thread began."""
    mock = mock_s3(min_part_size=1)
    entered, leave = threading.Event(), threading.Event()
    fakes: list[FakeS3] = []

    def other() -> None:
        with mock as fake:
            fakes.append(fake)
            entered.set()
            leave.wait(10)

    thread = threading.Thread(target=other)
    with mock as mine:
        thread.start()
        assert entered.wait(10)
    assert activation.current_backend() is fakes[0] is not mine
    leave.set()
    thread.join()
    assert activation.current_backend() is None


def test_decorated_calls_in_many_threads() -> None:
    before = URLLib3Session.send
    failures: list[BaseException] = []

    @mock_s3
    def work(client: Any) -> None:
        for _ in range(20):
            client.list_buckets()

    def run() -> None:
        # (Made while some thread or none is inside: without credentials of its own it would look for some on the network.)
        session = boto3.session.Session(aws_access_key_id="testing", aws_secret_access_key="testing")
        client = session.client("s3", region_name="us-east-1")
        try:
            for _ in range(10):
                work(client)
        except BaseException as error:
            failures.append(error)
        finally:
            client.close()

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert URLLib3Session.send is before


def test_wrong_settings_are_told_at_once() -> None:
    with pytest.raises(TypeError, match="min_part_sizes"):
        mock_s3(min_part_sizes=1)


def test_the_public_face() -> None:
    assert isinstance(fakes3part.mock_s3(), MockS3)
    assert fakes3part.ServiceNotFaked.__module__ == "fakes3part.intercept.network_guard"


def test_importing_the_mock_does_not_import_botocore() -> None:
    script = "import sys, fakes3part; fakes3part.mock_s3(); print(sorted({'botocore', 'boto3', 'werkzeug'} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
