"""``fakes3_session`` and ``fakes3_module``: filled once, restored after each test; and the clock's fixture."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import pytest

Run = Callable[..., pytest.RunResult]

HEADER = """
import boto3, os, pytest, sys, unittest
from fakes3part import FakeS3, current_fake

def keys(bucket="seeded"):
    return [one["Key"] for one in boto3.client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])]

def put(key, bucket="seeded"):
    boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=b"x")
"""

CONFTEST = """
import pytest

@pytest.fixture(scope="session")
def seeded(fakes3_session):
    fakes3_session.seed({"seeded": {"a": b"1"}})
    return "seeded"

@pytest.fixture(scope="module")
def more(seeded, fakes3_module):
    fakes3_module.seed({"seeded": {"b": b"2"}})
"""


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    for variable in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(variable, raising=False)
    pytester.makeini(
        """
        [pytest]
        addopts = --strict-markers --strict-config -p no:cacheprovider -p no:randomly
        filterwarnings = error
        asyncio_mode = strict
        asyncio_default_fixture_loop_scope = function
        """
    )
    pytester.makeconftest(CONFTEST)

    def run(source: str, *arguments: str, **files: str) -> pytest.RunResult:
        for name, text in files.items():
            pytester.makepyfile(**{name: HEADER + textwrap.dedent(text)})
        pytester.makepyfile(test_it=HEADER + textwrap.dedent(source))
        return pytester.runpytest_subprocess(*arguments)

    return run


SOURCES: dict[str, tuple[str, int]] = {
    "each test sees the seed, and what it does is undone": (
        """
        @pytest.mark.parametrize("number", range(3))
        def test_it(number, seeded, fakes3):
            assert current_fake() is fakes3
            assert keys() == ["a"]
            put(f"new-{number}")
            boto3.client("s3").delete_object(Bucket="seeded", Key="a")
            assert keys() == [f"new-{number}"]
        """,
        3,
    ),
    "the session's fake is the test's, and only while it runs": (
        """
        def test_one(fakes3_session):
            assert current_fake() is fakes3_session
            boto3.client("s3").create_bucket(Bucket="mine")

        def test_two(fakes3_session, fakes3, fakes3_client, fakes3_server):
            assert fakes3 is fakes3_session is fakes3_server.fake
            assert list(fakes3.buckets) == []

        def test_three():
            assert current_fake() is None

        def test_four(fakes3):
            assert list(fakes3.buckets) == []
        """,
        4,
    ),
    "a test without them has a fake of its own": (
        """
        def test_one(seeded):
            assert keys() == ["a"]

        def test_two(fakes3):
            assert list(fakes3.buckets) == []
            fakes3.seed({"seeded": {"other": b""}})

        def test_three(seeded):
            assert keys() == ["a"]
        """,
        3,
    ),
    "a module's begins with the session's": (
        """
        def test_one(more, fakes3_module, fakes3):
            assert fakes3 is fakes3_module
            assert keys() == ["a", "b"]
            put("c")

        def test_two(more, fakes3_session, fakes3):
            assert fakes3 is not fakes3_session
            assert keys() == ["a", "b"]
            assert list(fakes3_session.buckets["seeded"].objects) == ["a"]
            fakes3_session.seed({"seeded": {"d": b""}})

        def test_three(seeded):
            assert keys() == ["a"]
        """,
        3,
    ),
    "a wider fixture that comes later stays": (
        """
        @pytest.fixture(scope="session")
        def late(fakes3_session):
            fakes3_session.seed({"late": {"l": b""}})

        def test_one(seeded):
            assert keys() == ["a"]

        @pytest.mark.fakes3(buckets=["marked"])
        def test_two(late, fakes3):
            assert sorted(fakes3.buckets) == ["late", "marked", "seeded"]

        def test_three(late, fakes3):
            assert sorted(fakes3.buckets) == ["late", "seeded"]
        """,
        3,
    ),
    "fixtures of function scope are undone too": (
        """
        @pytest.fixture
        def mine(seeded):
            put("mine")

        def test_one(mine):
            assert keys() == ["a", "mine"]

        def test_two(seeded):
            assert keys() == ["a"]
        """,
        2,
    ),
    "the clock and listeners are put back": (
        """
        def test_one(seeded, fakes3, fakes3_clock):
            assert fakes3_clock is fakes3.clock
            fakes3_clock.freeze("2030-01-01")
            fakes3.on_lifecycle.append(print)
            fakes3.kms.add_key(alias="mine")
            put("future")
            assert fakes3.buckets["seeded"].objects["future"].last_modified.year == 2030

        def test_two(seeded, fakes3):
            assert not fakes3.clock.is_controlled
            assert print not in fakes3.on_lifecycle
            assert "0 added" in repr(fakes3.kms)
        """,
        2,
    ),
    "ids do not depend on the tests before": (
        """
        @pytest.fixture(scope="session")
        def fakes3_config():
            return {"seed": 7}

        ids = []

        @pytest.mark.parametrize("number", range(3))
        @pytest.mark.fakes3(leftovers="ignore")
        def test_it(number, seeded):
            if number != 1:
                client = boto3.client("s3")
                ids.append([client.create_multipart_upload(Bucket="seeded", Key="k")["UploadId"] for _ in range(number + 1)])

        def test_same():
            assert [len(some) for some in ids] == [1, 3]
            assert ids[0][0] == ids[1][0] != ids[1][1]
        """,
        4,
    ),
    "unittest and classes": (
        """
        @pytest.mark.usefixtures("seeded")
        class TestUnittest(unittest.TestCase):
            def test_one(self):
                assert keys() == ["a"]
                put("c")

            def test_two(self):
                assert keys() == ["a"]
                put("c")
        """,
        2,
    ),
    "a server for the whole session sees each test's state": (
        """
        @pytest.fixture(scope="session")
        def application(fakes3_session, seeded):
            client = boto3.client("s3", endpoint_url=fakes3_session.endpoint_url, region_name="us-east-1",
                                  aws_access_key_id="testing", aws_secret_access_key="testing")
            yield client
            client.close()

        @pytest.mark.parametrize("number", range(2))
        def test_it(number, application, fakes3):
            application.put_object(Bucket="seeded", Key=str(number), Body=b"")
            assert keys() == [str(number), "a"]

        def test_with(application, fakes3_session):
            with fakes3_session:
                put("more")
            application.head_object(Bucket="seeded", Key="more")
        """,
        3,
    ),
    "servers of tests end with them": (
        """
        import threading

        def test_one(fakes3, make_fakes3):
            assert fakes3.endpoint_url != make_fakes3().endpoint_url
            assert threading.active_count() > 2

        def test_two():
            assert threading.active_count() == 1
        """,
        2,
    ),
}


@pytest.mark.parametrize(("source", "passed"), SOURCES.values(), ids=SOURCES)
def test_wide(run: Run, source: str, passed: int) -> None:
    run(source).assert_outcomes(passed=passed)


def test_two_modules_and_workers(run: Run) -> None:
    source = """
        @pytest.mark.parametrize("number", range(4))
        def test_it(number, more):
            assert keys() == ["a", "b"]
            put(str(number))
    """
    run(source, "-n2", test_other=source).assert_outcomes(passed=8)


def test_settings_of_a_test_cannot_be_those_of_the_session(run: Run) -> None:
    source = """
        @pytest.mark.fakes3(region="eu-west-1", buckets=["b"])
        def test_it(seeded): print("ran")
    """
    result = run(source)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    text = (result.stdout.str() + result.stderr.str()).replace("\n", " ")
    assert "test_it.py::test_it: @pytest.mark.fakes3: region cannot be set for this test alone" in text
    assert ", since its fake is that of fakes3_session; set it in fakes3_config" in text
    assert "Traceback" not in text
