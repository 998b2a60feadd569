"""While a server of this process runs, botocore's clients share their set-up as they do under a mock; nothing else changes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import boto3
import botocore.session
import pytest
from botocore import hooks, parsers, serialize, utils
from botocore.auth import SigV4Auth
from botocore.httpsession import URLLib3Session
from botocore.loaders import JSONFileLoader, Loader

from fakes3part.api.fakes3 import FakeS3
from fakes3part.api.mock import mock_s3
from fakes3part.api.server import Server, ThreadedMotoServer
from fakes3part.intercept import stack
from fakes3part.intercept.botocore import calls
from tests.support.client_portrait import portrait, session_portrait

pytestmark = pytest.mark.usefixtures("botocore_as_installed")

SHARED: list[tuple[Any, str]] = [
    (JSONFileLoader, "load_file"),
    (Loader, "list_available_services"),
    (Loader, "load_service_model"),
    (hooks, "accepts_kwargs"),
    (SigV4Auth, "signature"),
    (utils, "_parse_timestamp_with_tzinfo"),
    (serialize, "ElementTree"),
    (parsers.BaseXMLResponseParser, "_node_tag"),
]
INTERCEPTED: list[tuple[Any, str]] = [(URLLib3Session, "send"), (socket.socket, "connect")]

Block = Callable[[], AbstractContextManager[Any]]
BLOCKS: dict[str, Block] = {
    "Server": Server,
    "ThreadedMotoServer": lambda: ThreadedMotoServer(port=0, verbose=False),
    "server of a fake": lambda: Server(FakeS3()),
    "server that shares nothing": lambda: Server(share_models=False),
    "mock": mock_s3,
}


def current(places: list[tuple[Any, str]]) -> list[Any]:
    return [getattr(owner, name) for owner, name in places]


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = current([*SHARED, *INTERCEPTED])
    yield
    assert current([*SHARED, *INTERCEPTED]) == before
    assert stack.served == ()


def new_client(session: Any = None, service: str = "s3", **options: Any) -> Any:
    keys = {"aws_access_key_id": "AKIA", "aws_secret_access_key": "secret"}
    session = session or boto3.Session(botocore_session=botocore.session.Session())
    return session.client(service, **{"region_name": "us-east-1", **keys, **options})


@pytest.mark.parametrize("name", [name for name in BLOCKS if name != "mock"])
def test_a_server_intercepts_nothing(name: str) -> None:
    shared, intercepted = current(SHARED), current(INTERCEPTED)
    with BLOCKS[name]():
        assert all(now is not before for now, before in zip(current(SHARED), shared, strict=True))
        assert current(INTERCEPTED) == intercepted


@pytest.mark.parametrize("inner", BLOCKS)
@pytest.mark.parametrize("outer", BLOCKS)
@pytest.mark.parametrize("is_crossed", [False, True], ids=["nested", "crossed"])
def test_servers_and_mocks_end_in_any_order(outer: str, inner: str, is_crossed: bool) -> None:
    blocks = [BLOCKS[outer](), BLOCKS[inner]()]
    intercepted = current(INTERCEPTED)
    before = current(SHARED)
    mocks = 0
    for name, block in zip((outer, inner), blocks, strict=True):
        block.__enter__()
        mocks += name == "mock"
        assert all(now is not original for now, original in zip(current(SHARED), before, strict=True))
        assert (current(INTERCEPTED) == intercepted) is (mocks == 0)
    names = [outer, inner] if is_crossed else [inner, outer]
    for name, block in zip(names, blocks if is_crossed else blocks[::-1], strict=True):
        block.__exit__(None, None, None)
        mocks -= name == "mock"
        assert (current(INTERCEPTED) == intercepted) is (mocks == 0)
        is_last = block is (blocks[1] if is_crossed else blocks[0])
        assert (current(SHARED) == before) is is_last


@pytest.mark.parametrize("service", ["s3", "s3control", "sts", "dynamodb", "sqs", "ec2"])
def test_clients_are_as_without_a_server(service: str) -> None:
    def current_portrait() -> dict[str, Any]:
        return {name: value for name, value in portrait(new_client(service=service)).items() if name != "urls"}  # (with times)

    plain = current_portrait()
    plain_session = session_portrait(boto3.Session())
    with Server():
        assert current_portrait() == plain
        assert current_portrait() == plain
        assert session_portrait(boto3.Session()) == plain_session


def reads(monkeypatch: pytest.MonkeyPatch) -> bool:
    """Return whether botocore reads files itself for a new session's client."""
    read: list[str] = []
    original = JSONFileLoader._load_file  # type: ignore[attr-defined]

    def _load_file(self: Any, path: str, open_method: Any) -> Any:
        if os.path.exists(path):
            read.append(path)
        return original(self, path, open_method)

    with monkeypatch.context() as patching:
        patching.setattr(JSONFileLoader, "_load_file", _load_file)
        new_client()
    return bool(read)


def test_models_are_read_once_unless_the_setting_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    with Server():
        new_client()
        assert not reads(monkeypatch)
        with Server(share_models=False):
            assert reads(monkeypatch)
        assert not reads(monkeypatch)
    assert reads(monkeypatch)


def test_what_was_remembered_of_requests_is_forgotten_with_the_last_server() -> None:
    with Server() as server, Server() as other:
        client = new_client(endpoint_url=server.url)
        client.create_bucket(Bucket="bucket")
        client.put_object(Bucket="bucket", Key="key", Body=b"x")
        assert client.list_objects_v2(Bucket="bucket")["KeyCount"] == 1
        client.close()
        assert calls._times
        other.stop()
        assert calls._times
        with mock_s3():
            server.stop()
            assert calls._times
        assert not calls._times


def test_starting_and_stopping_twice() -> None:
    before = current(SHARED)
    server = Server()
    server.start()
    server.start()
    server.stop()
    assert current(SHARED) == before
    server.stop()
    with server:
        assert current(SHARED) != before


def test_a_server_that_cannot_start_shares_nothing() -> None:
    before = current(SHARED)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="Address already in use"):
            Server(port=taken.getsockname()[1]).start()
    assert current(SHARED) == before


LATE = """
import sys
from fakes3part import Server

with Server() as server:
    assert "botocore" not in sys.modules
    import boto3
    from botocore.loaders import JSONFileLoader
    assert JSONFileLoader.load_file.__module__.startswith("fakes3part."), "not shared"
    session = boto3.Session("testing", "testing", region_name="us-east-1")
    client = session.client("s3", endpoint_url=server.url)
    client.create_bucket(Bucket="reports")
    assert [bucket["Name"] for bucket in client.list_buckets()["Buckets"]] == ["reports"]
    client.close()
assert JSONFileLoader.load_file.__module__ == "botocore.loaders"
assert [finder for finder in sys.meta_path if type(finder).__name__ == "LateImports"] == []
"""


def test_botocore_that_is_imported_while_the_server_runs() -> None:
    run = subprocess.run([sys.executable, "-W", "error", "-c", LATE], capture_output=True, text=True, timeout=120)
    assert (run.returncode, run.stderr) == (0, "")
