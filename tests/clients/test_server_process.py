"""A server in its own process, used by the environment variables that it prints, as in a shell script or a CI job."""

from __future__ import annotations

import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from tests.support.aws_cli import Aws

TIMEOUT = 30


@pytest.fixture
def printed(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The variables that the server prints. Afterwards it is terminated, and must end without an error."""
    ready = tmp_path / "ready"
    command = [sys.executable, "-W", "error", "-m", "fakes3part", "serve", "--port", "0", "--ready-file", str(ready)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        exports: dict[str, str] = {}
        for line in process.stdout:
            words = shlex.split(line)
            if words[:1] == ["export"]:
                exports |= dict([words[1].split("=", 1)])
            if "AWS_ALLOW_HTTP" in exports:  # the last line
                break
        assert ready.read_text() == f"{exports['AWS_ENDPOINT_URL_S3']}\n"
        yield exports
        process.send_signal(signal.SIGTERM)
        rest, errors = process.communicate(timeout=TIMEOUT)
    assert (process.returncode, errors) == (0, "")
    assert rest.startswith("fakes3part stopped: ")
    assert not ready.exists()


def test_boto3_and_the_cli_by_the_printed_lines(printed: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    for name, value in printed.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "part").write_bytes(b"a part")
    client = boto3.session.Session().client("s3")
    client.create_bucket(Bucket="bucket")
    upload = client.create_multipart_upload(Bucket="bucket", Key="key")["UploadId"]
    aws = Aws(tmp_path, "")
    aws.environment |= printed
    part = ("--bucket", "bucket", "--key", "key", "--part-number", "1", "--upload-id", upload, "--body", "part")
    etag = aws.process("s3api", "upload-part", *part).output["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
    client.complete_multipart_upload(Bucket="bucket", Key="key", UploadId=upload, MultipartUpload=parts)
    assert client.get_object(Bucket="bucket", Key="key")["Body"].read() == b"a part"
    client.close()
