"""Libraries with a network stack of their own: with nothing configured they reach the active fake."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from fakes3part import mock_s3
from fakes3part.api.fakes3 import FakeS3

CSV = b"x,y\n1,2\n"


def library(name: str) -> ModuleType:
    module: ModuleType = pytest.importorskip(name, reason=f"{name} is not installed")
    return module


@pytest.fixture(params=["the first mock", "the next mock"])
def fake(request: pytest.FixtureRequest) -> Iterator[FakeS3]:
    if request.param == "the next mock":
        with mock_s3():
            pass
    with mock_s3() as fake:
        fake.seed({"bkt": {"a.csv": CSV}})
        yield fake


def read_by_polars(options: dict[str, Any]) -> Any:
    return library("polars").read_csv("s3://bkt/a.csv", **options).rows()


def read_by_obstore(options: dict[str, Any]) -> Any:
    obstore = library("obstore")
    library("obstore.store")
    return bytes(obstore.get(obstore.store.S3Store("bkt", **options.get("storage_options", {})), "a.csv").bytes())


def read_by_pyarrow(options: dict[str, Any]) -> Any:
    fs = library("pyarrow.fs")
    return fs.S3FileSystem().open_input_stream("bkt/a.csv").read()


def read_by_pyarrow_uri(options: dict[str, Any]) -> Any:
    system, path = library("pyarrow.fs").FileSystem.from_uri("s3://bkt/a.csv")
    return system.open_input_stream(path).read()


def read_by_deltalake(options: dict[str, Any]) -> Any:
    deltalake, pyarrow = library("deltalake"), library("pyarrow")
    for value in (1, 2):
        deltalake.write_deltalake("s3://bkt/table", pyarrow.table({"x": [value]}), mode="append", **options)
    table = deltalake.DeltaTable("s3://bkt/table", **options)
    return table.version(), sorted(table.to_pyarrow_table()["x"].to_pylist())


READERS: dict[str, tuple[Callable[[dict[str, Any]], Any], Any]] = {
    "polars": (read_by_polars, [(1, 2)]),
    "obstore": (read_by_obstore, CSV),
    "pyarrow": (read_by_pyarrow, CSV),
    "pyarrow's from_uri": (read_by_pyarrow_uri, CSV),
    "deltalake": (read_by_deltalake, (1, [1, 2])),
}


@pytest.mark.parametrize("name", READERS)
def test_with_nothing_configured(fake: FakeS3, name: str) -> None:
    read, expected = READERS[name]
    assert read({}) == expected
    assert {call.operation for call in fake.calls} & {"GetObject", "HeadObject"}


@pytest.mark.parametrize("name", ["polars", "obstore", "deltalake"])
def test_storage_options(name: str) -> None:
    """They need no mock, and are what the library wants, credentials included."""
    fake = FakeS3(region="eu-west-1", strict_credentials=True)
    fake.add_account(fake.settings.account)  # the only credentials that are accepted
    fake.seed({"bkt": {"a.csv": CSV}})
    read, expected = READERS[name]
    assert read({"storage_options": fake.storage_options()}) == expected
    assert {call.status for call in fake.calls} <= {200, 206, 404}
    fake.close()


def test_storage_options_of_fsspec() -> None:
    pandas = library("pandas")
    library("s3fs")
    fake = FakeS3(region="eu-west-1")
    fake.seed({"bkt": {"a.csv": CSV}})
    assert pandas.read_csv("s3://bkt/a.csv", storage_options=fake.storage_options("fsspec")).values.tolist() == [[1, 2]]
    fake.close()


def test_storage_options_have_kinds() -> None:
    fake = FakeS3()
    kind: Any = "pandas"
    with pytest.raises(ValueError, match='kind must be "object_store" or "fsspec", not \'pandas\''):
        fake.storage_options(kind)
    url = fake.endpoint_url
    credentials = {"key": "FOOBARKEY", "secret": "FOOBARSECRET"}
    assert fake.storage_options("fsspec") == {**credentials, "endpoint_url": url, "client_kwargs": {"region_name": "us-east-1"}}
    fake.close()


def test_pyarrow_filesystem() -> None:
    library("pyarrow.fs")
    fake = FakeS3(region="eu-west-1")
    fake.seed({"bkt": {"a.csv": CSV}})
    system = fake.pyarrow_filesystem()
    with system.open_output_stream("bkt/made") as stream:
        stream.write(b"made")
    assert system.open_input_stream("bkt/a.csv").read() == CSV
    assert fake.buckets["bkt"].objects["made"].data == b"made"
    fake.close()


def test_pyarrow_classes() -> None:
    """The class is what it was for pickles, isinstance, subclasses and modules that imported it by name."""
    fs = library("pyarrow.fs")
    original = fs.S3FileSystem
    holder = ModuleType("holder")
    holder.S3FileSystem = original  # type: ignore[attr-defined]
    sys.modules["holder"] = holder
    try:
        with mock_s3() as fake:
            fake.seed({"bkt": {"a.csv": CSV}})
            assert fs.S3FileSystem is holder.S3FileSystem is not original  # type: ignore[attr-defined]
            system = holder.S3FileSystem(anonymous=False)  # type: ignore[attr-defined]
            assert type(system) is original
            assert isinstance(system, fs.S3FileSystem)
            assert issubclass(original, fs.S3FileSystem)

            class Own(fs.S3FileSystem):  # type: ignore[misc]
                pass

            assert issubclass(Own, original)
            assert fs.FileSystem.from_uri("s3://bkt/a.csv")[0].type_name == "s3"
        assert fs.S3FileSystem is holder.S3FileSystem is original  # type: ignore[attr-defined]
    finally:
        del sys.modules["holder"]


def test_after_the_block_it_is_refused() -> None:
    fs = library("pyarrow.fs")
    with mock_s3() as fake:
        fake.seed({"bkt": {"a.csv": CSV}})
        system = fs.S3FileSystem(retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=1))
        assert system.open_input_stream("bkt/a.csv").read() == CSV
    with mock_s3(), pytest.raises(OSError, match="Could not connect to server"):
        system.open_input_stream("bkt/a.csv")


def test_a_library_that_is_imported_inside_the_block() -> None:
    library("obstore")
    code = """
        import fakes3part, sys
        with fakes3part.mock_s3() as fake:
            fake.seed({"bkt": {"k": b"1"}})
            import obstore
            from obstore.store import S3Store
            print(bytes(obstore.get(S3Store("bkt"), "k").bytes()))
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("b'1'\n", "")


def test_an_unknown_library_is_refused_at_once() -> None:
    """One that is not listed reads the variables too, and is not led to AWS."""
    code = """
        import ctypes, errno, socket, threading, fakes3part
        libc = ctypes.CDLL(None)
        libc.getenv.restype = ctypes.c_char_p
        with fakes3part.mock_s3():
            host, _, port = libc.getenv(b"AWS_ENDPOINT_URL").decode().partition("://")[2].partition(":")
            with socket.socket() as connecting:
                result = connecting.connect_ex((host, int(port)))
            print(host, result == errno.ECONNREFUSED, threading.active_count())
        print(libc.getenv(b"AWS_ENDPOINT_URL"))
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "127.0.0.1 True 1\nNone\n"


def _duckdb() -> Any:
    duckdb, extension = library("duckdb"), library("duckdb_extension_httpfs")
    path = next(Path(extension.__file__ or "").parent.rglob(f"v{duckdb.__version__}/httpfs.duckdb_extension"), None)
    if path is None:
        pytest.skip(f"there is no extension httpfs for duckdb {duckdb.__version__}")
    connection = duckdb.connect()
    connection.load_extension(str(path))
    return connection


def test_duckdb_secret() -> None:
    fake = FakeS3(region="eu-west-1")
    fake.seed({"bkt": {"a.csv": CSV}})
    with _duckdb() as connection:
        connection.execute(fake.duckdb_secret())
        assert connection.execute("SELECT * FROM 's3://bkt/a.csv'").fetchall() == [(1, 2)]
        connection.execute("COPY (SELECT 3 AS x) TO 's3://bkt/made.parquet'")
        assert connection.execute("SELECT * FROM 's3://bkt/*.parquet'").fetchall() == [(3,)]
    assert list(fake.buckets["bkt"].objects) == ["a.csv", "made.parquet"]
    fake.close()


def test_duckdb_is_not_led_to_aws() -> None:
    with mock_s3(), _duckdb() as connection:
        endpoint = dict(connection.execute("SELECT name, value FROM duckdb_settings() WHERE name LIKE 's3_%'").fetchall())
        assert endpoint["s3_endpoint"].startswith("localhost:")
        assert endpoint["s3_use_ssl"] == "false"


def test_the_statement_of_duckdb_is_quoted() -> None:
    fake = FakeS3()
    port = fake.endpoint_url.rpartition(":")[2]
    assert fake.duckdb_secret('a"b') == (
        "CREATE OR REPLACE SECRET \"a\"\"b\" (TYPE s3, KEY_ID 'FOOBARKEY', SECRET 'FOOBARSECRET', REGION 'us-east-1', "
        f"ENDPOINT '127.0.0.1:{port}', URL_STYLE 'path', USE_SSL false)"
    )
    fake.close()


def test_mocks_with_native_libraries_leave_nothing() -> None:
    library("pyarrow.fs")
    descriptors = "/proc/self/fd"
    with mock_s3():
        pass
    threads, before = threading.active_count(), len(os.listdir(descriptors)) if os.path.isdir(descriptors) else 0
    for _ in range(50):
        with mock_s3():
            pass
    assert threading.active_count() <= threads  # one of an earlier test may have ended meanwhile
    assert (len(os.listdir(descriptors)) if os.path.isdir(descriptors) else 0) <= before
