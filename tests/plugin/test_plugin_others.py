"""The word ``others`` in pytest: the marker, the ini option and the environment variable, for fixtures and for mocks in tests."""

from __future__ import annotations

import os

import pytest

STRICT = ("-W", "error", "-o", "asyncio_default_fixture_loop_scope=function")
TABLES = """
    import boto3, pytest
    from fakes3part import ServiceNotFaked, mock_aws, mock_s3

    def tables():
        return boto3.client("dynamodb", "us-east-1").list_tables()["TableNames"]
"""
SERVED = """
    def test_fixture(fakes3):
        assert tables() == []

    @mock_aws
    def test_mock():
        assert tables() == []

    @mock_s3(others="refuse")
    def test_argument():
        with pytest.raises(ServiceNotFaked):
            tables()

    @pytest.mark.fakes3(others="refuse")
    def test_marker():
        with pytest.raises(ServiceNotFaked):
            tables()
"""


@pytest.mark.parametrize("way", ["ini", "override", "environment"])
def test_a_whole_run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    monkeypatch.setenv("FAKES3PART_OTHERS", "moto" if way == "environment" else "refuse")
    if way == "ini":
        pytester.makeini("[pytest]\nfakes3_others = moto\n")
    pytester.makepyfile(TABLES + SERVED)
    result = pytester.runpytest_subprocess(*STRICT, *(["-o", "fakes3_others=moto"] if way == "override" else []))
    result.assert_outcomes(passed=4)


def test_the_ini_option_ends_with_the_run(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nfakes3_others = moto\n")
    pytester.makepyfile("import os\n\ndef test_it():\n    assert os.environ['FAKES3PART_OTHERS'] == 'moto'\n")
    assert pytester.inline_run(*STRICT).ret == 0
    assert "FAKES3PART_OTHERS" not in os.environ


def test_the_marker(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        TABLES
        + """
    @pytest.fixture
    def table(fakes3):
        boto3.client("dynamodb", "us-east-1").create_table(
            TableName="table",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )

    pytestmark = pytest.mark.fakes3(others="moto", buckets=["bucket"])

    @pytest.mark.parametrize("number", range(2))
    def test_served_afresh(table, fakes3_client, number):
        assert tables() == ["table"]
        assert [bucket["Name"] for bucket in fakes3_client.list_buckets()["Buckets"]] == ["bucket"]

    def test_session(fakes3_session):
        assert tables() == []

    @pytest.mark.fakes3(others="refuse")
    class TestRefused:
        def test_refused(self):
            with pytest.raises(ServiceNotFaked):
                tables()
    """
    )
    pytester.runpytest_subprocess(*STRICT).assert_outcomes(passed=4)


def test_without_the_word(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(TABLES + "\n    def test_it(fakes3):\n        tables()\n")
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(['*ServiceNotFaked: refused: dynamodb ListTables*mock_aws(others="moto")*'])


@pytest.mark.parametrize("way", ["ini", "marker"])
def test_another_word_ends_the_run(pytester: pytest.Pytester, way: str) -> None:
    if way == "ini":
        pytester.makeini("[pytest]\nfakes3_others = motto\n")
    marker = '@pytest.mark.fakes3(others="motto")' if way == "marker" else ""
    pytester.makepyfile(f"import pytest\n\n{marker}\ndef test_it():\n    pass\n")
    result = pytester.runpytest_subprocess()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    source = "ini option fakes3_others" if way == "ini" else "*@pytest.mark.fakes3: others"
    result.stderr.fnmatch_lines([f'ERROR: {source} must be "moto" or "refuse", not \'motto\''])
