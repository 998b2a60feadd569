"""The plugin beside mocks whose fake is in a server (moto's ``TEST_SERVER_MODE``)."""

from __future__ import annotations

import pytest

from fakes3part import Server


def test_the_report_leaves_a_servers_fake_out(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    pytester.makepyfile(
        """
        import boto3
        from botocore.exceptions import ClientError
        from fakes3part import mock_aws

        @mock_aws
        def test_fixture(fakes3):
            assert list(fakes3.buckets) == []  # the fixtures' fakes are in this process

        @mock_aws
        def test_passes():
            s3 = boto3.client("s3", region_name="us-east-1")
            s3.create_bucket(Bucket="bucket")
            s3.create_multipart_upload(Bucket="bucket", Key="k")

        @mock_aws
        def test_fails():
            s3 = boto3.client("s3", region_name="us-east-1")
            s3.create_bucket(Bucket="bucket")
            try:
                s3.get_object(Bucket="bucket", Key="k")
            except ClientError as error:
                assert error.response["Error"]["Code"] == "NoSuchBucket"
        """
    )
    with Server() as server:
        monkeypatch.setenv("TEST_SERVER_MODE", "true")
        monkeypatch.setenv("TEST_SERVER_MODE_ENDPOINT", server.url)
        result = pytester.runpytest_subprocess("-p", "no:randomly", "--fakes3-trace")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*AssertionError: assert 'NoSuchKey' == 'NoSuchBucket'"])
    assert "INTERNALERROR" not in result.stdout.str()
