"""Child processes reach the fake of the block that started them, with nothing configured."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest

from fakes3part import mock_s3
from fakes3part.api.fakes3 import FakeS3
from fakes3part.intercept import children
from tests.support.workers import puts

WORKERS = Path(puts.__file__).parent
BOTO3 = [sys.executable, str(WORKERS / "puts.py")]
RAW = [sys.executable, "-S", "-E", str(WORKERS / "raw_put.py")]
"""A program that starts faster."""
PRINT = [sys.executable, "-c", "import os; print(dict(os.environ))"]
HIDDEN = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_S3_CONTROL", "AWS_ALLOW_HTTP", "AWS_REGION")


def inherited(**options: Any) -> dict[str, str]:
    """Return the environment of a child process."""
    printed = subprocess.run(PRINT, capture_output=True, text=True, check=True, **options).stdout
    variables: dict[str, str] = eval(printed)
    return variables


def accepts(url: str) -> bool:
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10).close()
    except ConnectionRefusedError:
        return False
    return True


@pytest.fixture
def fake() -> Iterator[FakeS3]:
    with mock_s3() as fake:
        fake.seed({"bkt": {}})
        yield fake


def our_threads() -> list[str]:
    names = [thread.name for thread in threading.enumerate()]
    return [name for name in names if name in ("fakes3part doorman", "fakes3part fork")]


def forget_native_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin as in a process that has imported none: with one, a fake listens from its beginning on."""
    monkeypatch.setattr(children, "NATIVE", frozenset())
    children.doorman.stop()


@pytest.fixture(autouse=True)
def no_threads_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    forget_native_libraries(monkeypatch)
    yield
    assert our_threads() == []


def keys(fake: FakeS3) -> list[str]:
    return sorted(fake.buckets["bkt"].objects)


@pytest.mark.parametrize(
    "options",
    [{}, {"close_fds": False}, {"env": "copy"}, {"env": "moto's"}],
    ids=["inherits", "posix_spawn", "copy of os.environ", "other credentials"],
)
def test_subprocess(fake: FakeS3, options: dict[str, Any]) -> None:
    if "env" in options:
        keys_of_moto = {} if options["env"] == "copy" else {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
        options = {"env": {**os.environ, **keys_of_moto}}
    subprocess.run([*RAW, "key"], check=True, **options)
    assert keys(fake) == ["key"]
    assert fake.buckets["bkt"].objects["key"].data == b"key"


def test_boto3_in_a_child(fake: FakeS3) -> None:
    subprocess.run([*BOTO3, "key"], check=True)
    assert keys(fake) == ["key"]


def test_os_system_and_spawn(fake: FakeS3) -> None:
    assert os.system(" ".join([*RAW, "system"])) == 0
    assert os.spawnv(os.P_WAIT, sys.executable, [*RAW, "spawnv"]) == 0
    assert os.spawnve(os.P_WAIT, sys.executable, [*RAW, "spawnve"], os.environ) == 0
    child = os.posix_spawn(sys.executable, [*RAW, "posix_spawn"], os.environ)
    assert os.waitpid(child, 0)[1] == 0
    assert keys(fake) == ["posix_spawn", "spawnv", "spawnve", "system"]


def test_the_aws_cli(fake: FakeS3) -> None:
    subprocess.run(["aws", "s3api", "put-object", "--bucket", "bkt", "--key", "cli"], check=True, stdout=subprocess.DEVNULL)
    assert keys(fake) == ["cli"]
    assert fake.calls[-1].operation == "PutObject"


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_multiprocessing(method: str) -> None:
    context = multiprocessing.get_context(method)
    own = puts.variables()
    for key in ("first", "second"):  # the fork server lives on
        with mock_s3() as fake:
            fake.seed({"bkt": {}})
            with ProcessPoolExecutor(1, mp_context=context) as pool:
                assert pool.submit(puts.put, key).result(60) == key
                variables = pool.submit(puts.variables).result(60)
            assert keys(fake) == [key]
            assert variables["AWS_ACCESS_KEY_ID"] == "FOOBARKEY"
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        assert pool.submit(puts.variables).result(60) == own


def test_os_environ_has_none_of_it(fake: FakeS3) -> None:
    assert not os.environ.keys() & set(HIDDEN)
    variables = inherited()
    assert variables.keys() >= set(HIDDEN)
    assert variables["AWS_REGION"] == "us-east-1"
    client = boto3.client("s3")
    assert client.meta.endpoint_url == "https://s3.amazonaws.com"
    client.close()


def test_nothing_listens_before_a_child_is_started() -> None:
    with mock_s3():
        url = inherited()["AWS_ENDPOINT_URL"]
        assert accepts(url)
    assert not accepts(url)
    assert not inherited().keys() & set(HIDDEN)
    with mock_s3():
        assert our_threads() == []


def test_the_users_variables_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    own = {"AWS_ENDPOINT_URL": "http://own", "AWS_REGION": "sa-east-1", "AWS_ALLOW_HTTP": "false"}
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    with mock_s3():
        variables = inherited()
        assert variables["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")
        assert (variables["AWS_REGION"], variables["AWS_ALLOW_HTTP"]) == ("sa-east-1", "true")
    assert inherited().items() >= own.items()


def test_nested_fakes() -> None:
    with mock_s3(region="eu-west-1") as outer:
        outer_url = inherited()["AWS_ENDPOINT_URL"]
        with mock_s3(region="eu-west-2") as inner:
            inner.seed({"bkt": {}})
            variables = inherited()
            assert variables["AWS_ENDPOINT_URL"] != outer_url
            assert variables["AWS_REGION"] == "eu-west-1"  # the default region stays the outer fake's
            subprocess.run([*RAW, "key"], check=True)
            with mock_s3() as joined:
                assert joined is inner
                assert inherited()["AWS_ENDPOINT_URL"] == variables["AWS_ENDPOINT_URL"]
            assert keys(inner) == ["key"]
        assert not accepts(variables["AWS_ENDPOINT_URL"])
        assert inherited()["AWS_ENDPOINT_URL"] == outer_url
        assert (accepts(outer_url), list(outer.buckets)) == (True, [])


def test_a_child_that_outlives_its_block_is_refused() -> None:
    code = f"import sys; sys.stdin.read(); sys.argv[1:] = ['late']; exec(open({BOTO3[1]!r}).read())"
    with mock_s3() as fake:
        fake.seed({"bkt": {}})
        child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with mock_s3() as other:
        other.seed({"bkt": {}})
        _, error = child.communicate(timeout=120)
        assert 'Could not connect to the endpoint URL: "http://127.0.0.1:' in error
        assert (child.returncode, keys(fake), keys(other)) == (1, [], [])


def test_an_environment_of_the_tests_own_is_left_alone(fake: FakeS3) -> None:
    own = {**os.environ, "AWS_ENDPOINT_URL_S3": "http://own"}
    assert inherited(env=own) == own
    assert not inherited(env={"PATH": os.environ["PATH"]}).keys() & set(HIDDEN)
    own_bytes = {b"AWS_ACCESS_KEY_ID": b"a", b"PATH": os.fsencode(os.environ["PATH"])}
    assert inherited(env=own_bytes).keys() >= set(HIDDEN)


def test_a_variable_that_was_set_and_removed_is_put_again(fake: FakeS3) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", "http://own")
    assert inherited()["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")


def test_services_that_are_let_through() -> None:
    with mock_s3(config={"core": {"passthrough": {"services": ["sts"]}}}):
        variables = inherited()
        assert variables.keys() >= {"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_KMS"}
        assert not variables.keys() & {"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS"}


def test_a_child_has_its_own_mocks(fake: FakeS3) -> None:
    code = """
import boto3, fakes3part
with fakes3part.mock_s3() as own:
    client = boto3.client("s3")
    client.create_bucket(Bucket="own")
    print(list(own.buckets), client.meta.endpoint_url)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "['own'] https://s3.amazonaws.com\n"
    assert list(fake.buckets) == ["bkt"]


def test_a_proxy_is_bypassed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with mock_s3() as fake:
        fake.seed({"bkt": {}})
        subprocess.run([*BOTO3, "key"], check=True)
        assert keys(fake) == ["key"]


# --- the environment of the C library ------------------------------------------------------------------------------------------


def in_c(name: str) -> str | None:
    """Return a variable as a library in C sees it; None: it is not set."""
    getenv = ctypes.CDLL(None).getenv
    getenv.restype = ctypes.c_char_p
    value: bytes | None = getenv(name.encode())
    return None if value is None else value.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="ctypes finds another C library")
@pytest.mark.parametrize("own", [None, "http://own.test"])
def test_libraries_in_c_are_kept_from_aws_at_once(monkeypatch: pytest.MonkeyPatch, own: str | None) -> None:
    names = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_S3_CONTROL", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
    if own is not None:
        for name in names:
            monkeypatch.setenv(name, own)
    with mock_s3():
        url = in_c("AWS_ENDPOINT_URL")
        assert url is not None
        assert url.startswith("http://127.0.0.1:")
        assert not accepts(url)
        assert in_c("AWS_ENDPOINT_URL_S3") == url
        assert in_c("AWS_ENDPOINT_URL_S3_CONTROL") == url.replace("127.0.0.1", "localhost")
        assert in_c("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") == "false"
        with mock_s3(seed=1):  # another fake
            assert in_c("AWS_ENDPOINT_URL_S3") is not None
        assert in_c("AWS_ENDPOINT_URL") == url
    assert [in_c(name) for name in names] == [own] * 4


@pytest.mark.skipif(sys.platform == "win32", reason="ctypes finds another C library")
def test_the_other_variables_are_put_when_a_process_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ALLOW_HTTP", "own")
    with mock_s3(region="eu-west-1"):
        variables = inherited()
        assert accepts(variables["AWS_ENDPOINT_URL"])
        for name, value in children.variables().items():
            assert variables[name] == value == in_c(name)
        assert (variables["AWS_ALLOW_HTTP"], variables["AWS_REGION"]) == ("true", "eu-west-1")
        with mock_s3(seed=1):
            assert inherited()["AWS_ENDPOINT_URL"] != variables["AWS_ENDPOINT_URL"]
        assert inherited() == variables
    assert in_c("AWS_ALLOW_HTTP") == "own"
    left = [name for name in variables if name.startswith(("AWS_", "DUCKDB_")) and in_c(name) != os.environ.get(name)]
    assert left == []
