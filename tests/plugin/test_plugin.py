"""The pytest plugin, in inner pytest runs."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Callable
from importlib import metadata
from typing import Any

import pytest

Run = Callable[..., pytest.RunResult]

HEADER = """
import boto3, os, pytest, sys, unittest
from fakes3part import FakeS3, current_fake

def names(client=None):
    client = client or boto3.client("s3")
    return [bucket["Name"] for bucket in client.list_buckets()["Buckets"]]
"""


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    for variable in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(variable, raising=False)
    pytester.makeini(
        """
        [pytest]
        addopts = --strict-markers --strict-config -p no:cacheprovider
        filterwarnings = error
        asyncio_mode = strict
        asyncio_default_fixture_loop_scope = function
        """
    )

    def run(source: str, *arguments: str, header: str = HEADER, **files: str) -> pytest.RunResult:
        for name, text in files.items():
            pytester.makepyfile(**{name: textwrap.dedent(text)})
        pytester.makepyfile(test_it=header + textwrap.dedent(source))
        return pytester.runpytest_subprocess(*arguments)

    return run


FILES: dict[str, tuple[str, int]] = {
    "fakes3": (
        """
        def test_one(fakes3):
            assert type(fakes3) is FakeS3
            assert current_fake() is fakes3
            boto3.client("s3").create_bucket(Bucket="one")
            assert list(fakes3.buckets) == ["one"]

        def test_two(fakes3):
            assert names() == []

        def test_without():
            assert current_fake() is None
            assert "AWS_CONFIG_FILE" not in os.environ
        """,
        3,
    ),
    "client, resource, bucket": (
        """
        def test_client(fakes3_client, fakes3):
            fakes3_client.create_bucket(Bucket="one")
            assert list(fakes3.buckets) == ["one"]

        def test_resource(fakes3_resource):
            fakes3_resource.create_bucket(Bucket="one")
            assert names(fakes3_resource.meta.client) == ["one"]

        def test_bucket(fakes3_bucket, fakes3_client):
            fakes3_bucket.put_object(Key="k", Body=b"hello")
            assert fakes3_client.get_object(Bucket=fakes3_bucket.name, Key="k")["Body"].read() == b"hello"
            assert [one.key for one in fakes3_bucket.objects.all()] == ["k"]

        @pytest.mark.fakes3(region="eu-west-1")
        def test_bucket_elsewhere(fakes3_bucket, fakes3_client):
            assert fakes3_client.get_bucket_location(Bucket=fakes3_bucket.name)["LocationConstraint"] == "eu-west-1"
        """,
        4,
    ),
    "server": (
        """
        def client_of(server):
            return boto3.client("s3", endpoint_url=server.url, region_name="us-east-1",
                                aws_access_key_id="testing", aws_secret_access_key="testing")

        def test_alone(fakes3_server):
            client = client_of(fakes3_server)
            client.create_bucket(Bucket="one")
            assert list(fakes3_server.fake.buckets) == ["one"]
            assert fakes3_server.url.startswith("http://127.0.0.1:")
            assert current_fake() is None
            client.close()

        def test_one_state(fakes3_server, fakes3, fakes3_client):
            fakes3_client.create_bucket(Bucket="one")
            client = client_of(fakes3_server)
            assert names(client) == ["one"]
            client.close()

        def test_one_state_the_other_way(fakes3, fakes3_server):
            assert fakes3_server.fake is fakes3

        def test_asked_for_later(fakes3_server, request):
            assert request.getfixturevalue("fakes3") is fakes3_server.fake

        @pytest.mark.fakes3(buckets=["one"], seed=3)
        def test_marker(fakes3_server):
            client = client_of(fakes3_server)
            assert names(client) == ["one"]
            assert fakes3_server.fake.settings.seed == 3
            client.close()
        """,
        5,
    ),
    "marker": (
        """
        pytestmark = pytest.mark.fakes3(region="eu-west-1", seed=1)

        def test_module(fakes3):
            assert (fakes3.settings.region, fakes3.settings.seed) == ("eu-west-1", 1)

        @pytest.mark.fakes3(seed=2, min_part_size=1, buckets=["one", "two"])
        class TestIt:
            def test_class(self, fakes3):
                assert (fakes3.settings.region, fakes3.settings.seed, fakes3.settings.min_part_size) == ("eu-west-1", 2, 1)
                assert list(fakes3.buckets) == ["one", "two"]

            @pytest.mark.fakes3(seed=3, buckets=["three"])
            def test_function(self, fakes3_client, fakes3):
                assert (fakes3.settings.seed, fakes3.settings.min_part_size) == (3, 1)
                assert names(fakes3_client) == ["three"]
                assert fakes3_client.get_bucket_location(Bucket="three")["LocationConstraint"] == "eu-west-1"
        """,
        3,
    ),
    "the marker alone intercepts": (
        """
        @pytest.fixture
        def mine():
            assert current_fake() is not None
            boto3.client("s3").create_bucket(Bucket="mine")

        @pytest.mark.fakes3
        def test_function(mine):
            assert names() == ["mine"]

        @pytest.mark.fakes3(buckets=["one"])
        class TestUnittest(unittest.TestCase):
            def test_one(self):
                assert names() == ["one"]
                boto3.client("s3").create_bucket(Bucket="two")

            def test_two(self):
                assert names() == ["one"]
                boto3.client("s3").create_bucket(Bucket="two")

        def test_unmarked():
            assert current_fake() is None
        """,
        4,
    ),
    "config": (
        """
        @pytest.fixture
        def fakes3_config():
            return {"region": "sa-east-1", "seed": 5}

        def test_config(fakes3, fakes3_client):
            assert (fakes3.settings.region, fakes3.settings.seed) == ("sa-east-1", 5)
            assert fakes3_client.meta.region_name == "sa-east-1"
            assert os.environ["AWS_DEFAULT_REGION"] == "sa-east-1"

        @pytest.mark.fakes3(seed=6)
        def test_marker_wins(fakes3):
            assert (fakes3.settings.region, fakes3.settings.seed) == ("sa-east-1", 6)

        def test_make(make_fakes3, fakes3):
            other = make_fakes3(seed=7)
            assert (other.settings.region, other.settings.seed) == ("sa-east-1", 7)
            assert current_fake() is fakes3 is not other
            with other:
                boto3.client("s3").create_bucket(
                    Bucket="one", CreateBucketConfiguration={"LocationConstraint": "sa-east-1"})
            assert list(other.buckets) == ["one"]
            assert list(fakes3.buckets) == []
        """,
        3,
    ),
    "asyncio": (
        """
        @pytest.mark.asyncio
        @pytest.mark.fakes3(buckets=["one"])
        async def test_async(fakes3):
            assert names() == ["one"]

        @pytest.mark.asyncio
        async def test_async_client(fakes3_client):
            assert names(fakes3_client) == []
        """,
        2,
    ),
    "environment": (
        """
        def test_environment(fakes3):
            assert os.environ["AWS_ACCESS_KEY_ID"] == "FOOBARKEY"

        def test_none():
            assert "AWS_EC2_METADATA_DISABLED" not in os.environ
        """,
        2,
    ),
}


@pytest.mark.parametrize(("source", "passed"), FILES.values(), ids=FILES)
def test_fixtures(run: Run, source: str, passed: int) -> None:
    run(source).assert_outcomes(passed=passed)


@pytest.mark.usefixtures("all_plugins")
def test_header_line_and_marker(run: Run, pytester: pytest.Pytester) -> None:
    result = run("def test_none(): pass")
    result.stdout.fnmatch_lines(
        [f"fakes3part: {metadata.version('fakes3part')} (S3 as botocore {metadata.version('botocore')} models it)"]
    )
    pytester.runpytest_subprocess("--markers").stdout.fnmatch_lines(["@pytest.mark.fakes3(buckets=*"])
    fixtures = pytester.runpytest_subprocess("--fixtures")
    fixtures.stdout.fnmatch_lines(["fakes3 -- *", "*The FakeS3 of this test*"])


@pytest.mark.parametrize(
    ("marker", "message"),
    [
        ("fakes3(bucket='one')", "unknown keyword 'bucket'; did you mean 'buckets'?"),
        ("fakes3('one')", "only keyword arguments are allowed, not 'one'"),
        ("fakes3(buckets='one')", "buckets must be a list of bucket names, not 'one'"),
        ("fakes3(region=5)", 'region must be the name of an AWS region, such as "us-east-1", not 5'),
    ],
)
@pytest.mark.parametrize("workers", [[], ["-n1"]], ids=["alone", "xdist"])
def test_a_marker_that_means_nothing(run: Run, marker: str, message: str, workers: list[str]) -> None:
    result = run(f"@pytest.mark.{marker}\ndef test_it(fakes3): print('ran')", *workers)
    assert result.ret != 0
    text = result.stdout.str() + result.stderr.str()
    assert f"test_it.py::test_it: @pytest.mark.fakes3: {message}" in text.replace("\n", " ")
    assert "passed" not in text
    if not workers:
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        assert "Traceback" not in text


def test_xdist(run: Run) -> None:
    source = """
        @pytest.mark.parametrize("number", range(8))
        def test_it(number, fakes3_bucket, fakes3_server):
            fakes3_bucket.put_object(Key=str(number))
            assert [one.key for one in fakes3_bucket.objects.all()] == [str(number)]
    """
    run(source, "-n2").assert_outcomes(passed=8)


def test_clients_are_closed(run: Run) -> None:
    source = """
        closed = []

        @pytest.fixture(autouse=True)
        def watch(monkeypatch):
            from botocore.client import BaseClient
            close = BaseClient.close
            monkeypatch.setattr(BaseClient, "close", lambda self: (closed.append(self), close(self)))

        def test_a(fakes3_client, fakes3_resource):
            test_a.clients = [fakes3_client, fakes3_resource.meta.client]

        def test_b():
            assert closed == test_a.clients[::-1]
    """
    run(source, "-p", "no:randomly").assert_outcomes(passed=2)


def test_a_failing_test_leaves_nothing(run: Run) -> None:
    source = """
        def test_a(fakes3, fakes3_server):
            raise ValueError

        def test_b():
            import threading
            assert current_fake() is None
            assert threading.active_count() == 1
    """
    run(source, "-p", "no:randomly").assert_outcomes(passed=1, failed=1)


HEAVY = ("boto3", "botocore", "werkzeug", "cheroot", "awscrt", "xmltodict", "sortedcontainers", "fakes3part")


@pytest.mark.usefixtures("new_process")
def test_a_run_that_uses_nothing_pays_nothing(run: Run) -> None:
    source = f"""
        import sys

        def test_it():
            assert sorted(set({HEAVY!r}) & set(sys.modules)) == ["fakes3part"]
            modules = {{name for name in sys.modules if name.startswith("fakes3part.")}}
            names = ("leniences", "setting_kinds", "settings", "text", "version")
            assert modules == {{f"fakes3part.{{name}}" for name in names}}
    """
    run(source, header="").assert_outcomes(passed=1)


def test_importing_the_plugin_is_light() -> None:
    script = "import pytest, sys; before = set(sys.modules); import conftest_plugin; print(sorted(set(sys.modules) - before))"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded: list[Any] = [name for name in eval(ran.stdout) if not name.startswith("conftest_plugin")]
    assert [name for name in loaded if name.partition(".")[0] in HEAVY] == []
    assert len(loaded) < 10, loaded


@pytest.mark.usefixtures("new_process")
def test_pytest_rewrites_no_module_of_ours(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(early="import pytest; pytest.register_assert_rewrite('fakes3part')")  # as it does for an installed wheel
    source = """
        import sys

        def test_it(fakes3_client):
            ours = {name: module for name, module in sys.modules.items() if name.startswith(("conftest_plugin.", "fakes3part."))}
            assert len(ours) > 100
            others = [name for name, module in ours.items() if type(module.__loader__).__name__ != "SourceFileLoader"]
            assert others == ["conftest_plugin.plain_imports"]  # which sees to it that no other is
    """
    run(source, "-p", "early", "-W", "error").assert_outcomes(passed=1)
