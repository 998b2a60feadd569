"""Leniences in a pytest run: the summary, ``--fakes3-strict``, ``filterwarnings``, the ini option."""

from __future__ import annotations

import pytest

TESTS = """
    import boto3, pytest
    from fakes3part import Server, mock_aws, mock_s3

    def create(name, url=None, **options):
        keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "us-east-1"}
        boto3.client("s3", endpoint_url=url, **keys).create_bucket(Bucket=name, **options)

    @mock_aws
    def test_name():
        create("Old_Name")
        create("Old_Name_2")

    @mock_aws
    def test_name_and_acl():
        create("Old_Name")
        create("public", ACL="public-read")

    @mock_aws
    def test_nothing():
        create("bucket")

    def test_server():
        with Server(lenient=True) as server:
            create("Old_Name", server.url)

    @pytest.mark.fakes3(lenient="acls")
    def test_marker():
        create("public", ACL="public-read")
"""
NAMES = "bucket names (3: since March 2018 S3 refuses underscores, upper case, more than 63 characters)"
ACLS = "ACLs and public access (2: since April 2023 S3 disables both for new buckets)"
SUMMARY = f"4 tests rely on leniences: {NAMES}, {ACLS}. --fakes3-strict shows them as S3 would."


@pytest.fixture(autouse=True)
def _tests(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FAKES3PART_LENIENT", raising=False)
    pytester.makepyfile(TESTS)


@pytest.mark.parametrize("options", [[], ["-n2"]], ids=["plain", "xdist"])
def test_the_summary(pytester: pytest.Pytester, options: list[str]) -> None:
    result = pytester.runpytest_subprocess(*options)
    result.assert_outcomes(passed=5, warnings=5)
    assert SUMMARY in result.stdout.str()


def test_strict(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess("--fakes3-strict")
    result.assert_outcomes(passed=1, failed=4)
    assert "rely on leniences" not in result.stdout.str()
    assert "LenientWarning" not in result.stdout.str()


def test_filterwarnings_error_concerns_no_lenience(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nfilterwarnings = error\nasyncio_default_fixture_loop_scope = function\n")
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=5, warnings=5)
    assert SUMMARY in result.stdout.str()


def test_a_filter_for_the_category_makes_it_an_error(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess("-W", "error::fakes3part.LenientWarning")
    result.assert_outcomes(passed=2, failed=3, errors=1)
    result.stdout.fnmatch_lines(["*LenientWarning: request over HTTP: accepted by the lenience 'bucket_names'*"])


@pytest.mark.parametrize("value", ["false", "acls"])
def test_the_ini_option_counts_for_mock_aws(pytester: pytest.Pytester, value: str) -> None:
    pytester.makeini(f"[pytest]\nfakes3_lenient = {value}\n")
    pytester.runpytest_subprocess("-k", "test_name or test_nothing").assert_outcomes(passed=1, failed=2)


def test_the_ini_option_makes_all_lenient(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nfakes3_lenient = true\n")
    pytester.makepyfile(
        """
        import os, subprocess, sys, boto3
        from fakes3part import mock_s3

        def test_fixture(fakes3_client):
            fakes3_client.create_bucket(Bucket="Old_Name")

        @mock_s3
        def test_decorator():
            boto3.client("s3").create_bucket(Bucket="Old_Name")

        def test_child():
            code = "from fakes3part import FakeS3; print(FakeS3().settings.leniences)"
            assert b"bucket_names" in subprocess.check_output([sys.executable, "-c", code])
        """
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=3, warnings=2)
