"""``--fakes3-target``: the same tests against another S3, here a server in another process."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

TESTS = """
    import pytest

    def test_a_bucket(fakes3_client, fakes3_bucket):
        assert fakes3_bucket.name.startswith("fakes3-bucket-")
        fakes3_bucket.Versioning().enable()
        fakes3_bucket.put_object(Key="k", Body=b"1")
        fakes3_bucket.Object("k").delete()
        fakes3_client.create_multipart_upload(Bucket=fakes3_bucket.name, Key="big")
        fakes3_client.create_bucket(Bucket="mine")
        fakes3_client.put_object(Bucket="mine", Key="k")
        assert [one["Name"] for one in fakes3_client.list_buckets()["Buckets"]] == [fakes3_bucket.name, "mine"]

    def test_it_was_tidied(fakes3, fakes3_client):
        assert fakes3_client.list_buckets()["Buckets"] == []

    def test_what_deletes_for_itself(fakes3_bucket):
        fakes3_bucket.delete()

    def test_the_clock(fakes3, fakes3_bucket):
        fakes3.clock.advance(days=1)

    def test_another(make_fakes3): ...

    def test_the_session(fakes3_session): ...

    @pytest.mark.fakes3(min_part_size=1)
    def test_settings(fakes3_client): ...
"""


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    ready = tmp_path / "ready"
    command = [sys.executable, "-m", "fakes3part", "serve", "--port", "0", "--ready-file", str(ready)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            while not ready.exists():
                assert server.poll() is None
                time.sleep(0.02)
            yield ready.read_text().strip()
        finally:
            server.terminate()


@pytest.mark.usefixtures("all_plugins")
def test_against_another_process(pytester: pytest.Pytester, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    pytester.makepyfile(TESTS)
    ran = pytester.runpytest_subprocess("-W", "error", "-rs", "-p", "no:randomly", "-p", "no:asyncio", f"--fakes3-target={url}")
    ran.assert_outcomes(passed=3, skipped=4)
    output = ran.stdout.str()
    assert f"(against {url})" in output
    for what in ("fakes3.clock", "make_fakes3", "fakes3_session", "its marker"):
        assert f"needs the fake ({what}), and this run is against {url}" in output
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    with contextlib.closing(boto3.client("s3", endpoint_url=url, region_name="us-east-1", **keys)) as client:
        assert client.list_buckets()["Buckets"] == []
