"""endpoint_url, environment and close: other processes and threads on the same state."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fakes3part import mock_s3
from fakes3part.api.fakes3 import FakeS3

HERE = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}


def run(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(code)],
        env={**HERE, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


@pytest.fixture(autouse=True)
def no_threads_left() -> object:
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before  # (threads of earlier tests' clients may end meanwhile)


def test_a_process_works_on_the_same_state() -> None:
    code = """
        import boto3
        client = boto3.client("s3")
        client.put_object(Bucket="bkt", Key="theirs", Body=client.get_object(Bucket="bkt", Key="ours")["Body"].read() * 2)
        print([one["Key"] for one in client.list_objects_v2(Bucket="bkt")["Contents"]])
        client.close()
    """
    with FakeS3(region="eu-west-1") as fake:
        fake.seed({"bkt": {"ours": b"ab"}})
        environment = dict(fake.environment())
        assert environment["AWS_ENDPOINT_URL_S3"] == fake.endpoint_url
        assert environment["AWS_REGION"] == "eu-west-1"
        assert run(code, **environment, AWS_ENDPOINT_URL="http://127.0.0.1:9") == "['ours', 'theirs']"
        assert fake.buckets["bkt"].objects["theirs"].data == b"abab"


def test_it_is_told_even_where_endpoints_are_to_be_ignored() -> None:
    fake = FakeS3()
    code = "import boto3; c = boto3.client('s3'); print(c.meta.endpoint_url); c.close()"
    environment = {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true", **fake.environment()}
    assert run(code, **environment) == fake.endpoint_url
    fake.close()


def test_the_server_begins_at_the_first_look_and_ends() -> None:
    fake = FakeS3()
    before = threading.active_count()
    fake.close()
    with fake:
        assert threading.active_count() == before
        url = fake.endpoint_url
        assert url.startswith("http://127.0.0.1:")
        assert (fake.endpoint_url, dict(fake.environment())["AWS_ENDPOINT_URL_S3"]) == (url, url)
        assert threading.active_count() > before
        with fake:
            pass
        assert fake.endpoint_url == url  # the outermost ends it
    assert threading.active_count() == before
    assert fake.endpoint_url.startswith("http://")  # another one
    fake.close()
    fake.close()
    assert threading.active_count() == before


def test_a_mock_ends_it_too() -> None:
    before = threading.active_count()
    with mock_s3() as fake:
        assert fake.endpoint_url
        with mock_s3() as inner:
            assert inner is fake
        assert threading.active_count() > before
    assert threading.active_count() == before
    mock = mock_s3()
    kept = mock.start()
    kept.seed({"bkt": {}})
    assert kept.endpoint_url
    mock.stop(remove_data=False)
    assert threading.active_count() == before
    assert mock.start(reset=False) is kept
    assert list(kept.buckets) == ["bkt"]
    mock.stop()


def test_many_threads_get_one_server() -> None:
    fake = FakeS3()
    barrier = threading.Barrier(8)

    def look(_: int) -> str:
        barrier.wait(10)
        return fake.endpoint_url

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(look, range(8)))) == 1
    fake.close()


def test_forks_have_servers_of_their_own() -> None:
    with FakeS3() as fake:
        twin = fake.fork()
        assert fake.endpoint_url != twin.endpoint_url
        twin.close()


def test_who_forgets_to_close_leaves_no_warning() -> None:
    code = """
        import boto3
        from fakes3part import FakeS3
        fake = FakeS3()
        client = boto3.client("s3", endpoint_url=fake.endpoint_url, region_name="us-east-1",
                              aws_access_key_id="a", aws_secret_access_key="b")
        client.create_bucket(Bucket="bkt")
        client.close()
        print(list(fake.buckets))
    """
    assert run(code) == "['bkt']"


def test_a_closed_fake_is_forgotten() -> None:
    code = """
        import gc, weakref
        from fakes3part import FakeS3
        fake = FakeS3()
        fake.endpoint_url
        fake.close()
        gone = weakref.ref(fake)
        del fake
        gc.collect()
        print(gone())
    """
    assert run(code) == "None"


def test_a_file_is_loaded_by_another_process(tmp_path: Path) -> None:
    fake = FakeS3()
    fake.seed({"bkt": {"k": "text"}})
    fake.save(tmp_path / "state.zip")
    code = """
        import sys
        from fakes3part import FakeS3
        print(FakeS3.load(sys.argv[1] if sys.argv[1:] else "state.zip").buckets["bkt"].objects["k"].text)
    """
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(code)], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert (done.stdout.strip(), done.stderr) == ("text", "")
