"""Mocks with ``others="moto"`` begin and end in any order, and leave moto as it was; errors leave nothing entered."""

from __future__ import annotations

import asyncio
import os
import re
import threading
from contextlib import ExitStack
from typing import Any, Literal

import boto3
import moto
import pytest
from moto.core import config as moto_config
from moto.core.models import MockAWS

from fakes3part import ServiceNotFaked, SettingError, current_fake, mock_aws, mock_s3
from fakes3part.intercept import others
from tests.support.moto import buckets, client, create_table, moto_left_as_it_was, tables

__all__ = ["moto_left_as_it_was"]


def test_refused_without_the_word() -> None:
    with mock_aws(), pytest.raises(ServiceNotFaked, match=re.escape('mock_aws(others="moto") or FAKES3PART_OTHERS=moto')):
        tables()


def test_state_of_moto_ends_with_the_outermost() -> None:
    with mock_aws(others="moto"):
        create_table()
        with mock_aws(others="moto"), mock_s3(others="moto", seed=1):
            assert tables() == ["table"]
        assert tables() == ["table"]
    with mock_aws(others="moto"):
        assert tables() == []


@pytest.mark.parametrize("first", ["moto", "refuse"])
@pytest.mark.parametrize("in_order", [True, False])
def test_two_mocks_of_which_one_has_the_word(first: Literal["moto", "refuse"], in_order: bool) -> None:
    """moto serves as long as the one with the word is active, in whichever order they end."""
    second: Literal["moto", "refuse"] = "refuse" if first == "moto" else "moto"
    mocks = {first: mock_aws(others=first), second: mock_aws(others=second)}
    for mock in mocks.values():
        mock.start()
    try:
        create_table()
        for word in [second, first] if in_order else [first, second]:
            mocks.pop(word).stop()
            if "moto" in mocks:
                assert (tables(), buckets()) == (["table"], [])
            elif mocks:
                assert buckets() == []
                with pytest.raises(ServiceNotFaked):
                    tables()
    finally:
        for mock in mocks.values():
            mock.stop()


@pytest.mark.parametrize("numbers", ["012", "210", "102", "120"])
def test_mocks_that_end_in_any_order(numbers: str) -> None:
    """moto's own mocks would leave the default session replaced, and the configuration changed."""
    order = [int(number) for number in numbers]
    configurations: list[Any] = [None, {"iam": {"load_aws_managed_policies": True}}, {"core": {"reset_boto3_session": False}}]
    mocks = [mock_aws(others="moto", config=config) for config in configurations]
    before = dict(os.environ), boto3.DEFAULT_SESSION
    for mock in mocks:
        mock.start()
    try:
        create_table()
        while order:
            assert tables() == ["table"]
            mocks[order.pop()].stop()
    finally:
        for number in order:
            mocks[number].stop()
    assert (dict(os.environ), boto3.DEFAULT_SESSION) == before


def test_inside_moto_its_state_is_not_ours_to_end() -> None:
    with moto.mock_aws():
        create_table()
        with mock_aws(others="moto"):
            client("s3").create_bucket(Bucket="ours")
            assert tables() == ["table"]
        assert tables() == ["table"]
        assert buckets() == []
        mock_aws(lambda: None)()
        assert tables() == ["table"]


def test_inside_moto_our_configuration_does_not_stay() -> None:
    session = boto3.DEFAULT_SESSION
    before = dict(os.environ)
    with moto.mock_aws(), mock_aws(others="moto", config={"core": {"mock_credentials": False, "reset_boto3_session": False}}):
        assert buckets() == []
    assert (dict(os.environ), boto3.DEFAULT_SESSION) == (before, session)


def test_moto_inside() -> None:
    with mock_aws(others="moto"):
        create_table()
        client("s3").create_bucket(Bucket="ours")
        with moto.mock_aws():
            assert (tables(), buckets()) == (["table"], ["ours"])
        assert (tables(), buckets()) == (["table"], ["ours"])


def test_reset_resets_both() -> None:
    mock = mock_aws(others="moto")
    with mock:
        create_table()
        client("s3").create_bucket(Bucket="bucket")
        mock.reset()
        assert (tables(), buckets()) == ([], [])


def test_start_and_stop_keep_the_state_of_both_on_demand() -> None:
    mock = mock_aws(others="moto")
    mock.start()
    create_table()
    client("s3").create_bucket(Bucket="bucket")
    mock.stop(remove_data=False)
    mock.start(reset=False)
    assert (tables(), buckets()) == (["table"], ["bucket"])
    mock.stop()
    mock.start(reset=False)
    assert (tables(), buckets()) == ([], [])
    mock.stop()


def test_threads() -> None:
    """Mocks of several threads overlap; moto is left when the last one ends."""
    together = threading.Barrier(4)
    failures: list[BaseException] = []

    def run(number: int) -> None:
        try:
            with mock_aws(others="moto"):
                together.wait(10)
                create_table(f"table-{number}")
                assert f"table-{number}" in tables()
                together.wait(10)
        except BaseException as error:
            failures.append(error)
            together.abort()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


async def coroutine() -> list[str]:
    create_table()
    return tables()


def test_coroutines() -> None:
    async def block() -> list[str]:
        async with mock_aws(others="moto"):
            return await coroutine()

    assert asyncio.run(mock_aws(others="moto")(coroutine)()) == ["table"]
    assert asyncio.run(block()) == ["table"]


# Configuration


def test_the_whole_configuration_is_passed_on() -> None:
    config = {
        "core": {"service_whitelist": ["s3", "sqs"], "passthrough": {"services": ["sns"], "urls": []}},
        "lambda": {"use_docker": False},
        "iot": {"use_valid_cert": True},
    }
    with mock_aws(others="moto", config=config):
        assert {name: moto_config.default_user_config[name] for name in config} == config  # type: ignore[literal-required]
        client("sqs").create_queue(QueueName="queue")
        client("s3").create_bucket(Bucket="bucket")
        with pytest.raises(Exception, match="Service dynamodb not whitelisted"):
            tables()
        with mock_aws(others="moto", config={"lambda": {"use_docker": True}}):
            assert moto_config.default_user_config["lambda"] == {"use_docker": True}


def test_sections_of_other_services_need_the_word() -> None:
    with pytest.warns(UserWarning, match='that are not for S3: lambda. With others="moto" moto gets them'):
        mock_aws(config={"lambda": {"use_docker": False}})


def test_the_environment_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    mock = mock_aws()
    monkeypatch.setenv("FAKES3PART_OTHERS", "moto")
    with mock:
        assert tables() == []
    with mock_aws(others="refuse"), pytest.raises(ServiceNotFaked):
        tables()
    monkeypatch.setenv("FAKES3PART_OTHERS", "")
    with mock, pytest.raises(ServiceNotFaked):
        tables()
    monkeypatch.setenv("FAKES3PART_OTHERS", "motto")
    with pytest.raises(
        SettingError, match=r"""^environment variable FAKES3PART_OTHERS must be "moto" or "refuse", not 'motto'$"""
    ):
        mock.start()


@pytest.mark.parametrize("value", ["motto", "MOTO", True, 5, ["moto"]])
def test_other_words_are_refused(value: Any) -> None:
    with pytest.raises(SettingError, match=re.escape(f'others must be "moto" or "refuse", not {value!r}')):
        mock_aws(others=value)


# Errors leave nothing entered


@pytest.fixture
def without_moto(monkeypatch: pytest.MonkeyPatch) -> None:
    def find_spec(name: str) -> None:
        assert name == "moto"

    monkeypatch.setattr(others, "find_spec", find_spec)


@pytest.mark.usefixtures("without_moto")
def test_moto_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    message = re.escape('others="moto" needs moto 5 or newer, which is not installed: pip install "fakes3part[moto]"')
    with pytest.raises(ModuleNotFoundError, match=message):
        mock_aws(others="moto")
    monkeypatch.setenv("FAKES3PART_OTHERS", "moto")
    before = dict(os.environ)
    with pytest.raises(ModuleNotFoundError, match=message):
        mock_aws().start()
    assert current_fake() is None
    assert dict(os.environ) == before


def test_moto_is_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(moto, "mock_aws")
    with pytest.raises(ModuleNotFoundError, match="moto 5 or newer"), mock_aws(others="moto"):
        pytest.fail("it was entered")
    assert current_fake() is None


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("nested", [False, True], ids=["outermost", "nested"])
def test_a_start_of_moto_that_fails(monkeypatch: pytest.MonkeyPatch, after: bool, nested: bool) -> None:
    start = MockAWS.start

    def fail(self: MockAWS, reset: bool = True) -> None:
        if after:
            start(self, reset)
        raise InterruptedError

    with ExitStack() as entered:
        if nested:
            entered.enter_context(mock_aws(others="refuse"))
        before = dict(os.environ), boto3.DEFAULT_SESSION, current_fake()
        with monkeypatch.context() as patch:
            patch.setattr(MockAWS, "start", fail)
            with pytest.raises(InterruptedError), mock_aws(others="moto"):
                pytest.fail("it was entered")
        assert (dict(os.environ), boto3.DEFAULT_SESSION, current_fake()) == before


def test_a_stop_of_moto_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    stop = MockAWS.stop

    def fail(self: MockAWS, remove_data: bool = True) -> None:
        stop(self, remove_data)
        raise InterruptedError

    before = dict(os.environ)
    monkeypatch.setattr(MockAWS, "stop", fail)
    with pytest.raises(InterruptedError), mock_aws(others="moto"):
        pass
    assert current_fake() is None
    assert dict(os.environ) == before
