"""AWS's JavaScript SDK v3. Run ``npm install`` in ``tests/clients/node`` first; without it these tests are skipped."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from fakes3part import mock_s3
from fakes3part.api.server import Server
from tests.support.errors import NO_SUCH_KEY

PROGRAM = Path(__file__).parent / "node"
TIMEOUT = 60

pytestmark = [
    pytest.mark.skipif(shutil.which("node") is None, reason="no node on this machine"),
    pytest.mark.skipif(
        not (PROGRAM / "node_modules").exists(), reason="the JavaScript SDK is not there: npm install in tests/clients/node"
    ),
]


@pytest.fixture(scope="module")
def seen(clients_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The program's output."""
    clients_server.fake.reset()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path_factory.mktemp("node-home")),
        "AWS_EC2_METADATA_DISABLED": "true",
        **clients_server.environment(),
    }
    command = ["node", "main.mjs"]
    ran = subprocess.run(command, cwd=PROGRAM, env=environment, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.mark.parametrize(
    ("key", "size", "content_type"),
    [
        ("buffer", "small", "text/plain"),
        ("stream", "small", "application/octet-stream"),
        ("upload/buffer", "large", "binary/octet-stream"),
        ("upload/stream", "large", "binary/octet-stream"),
    ],
)
def test_bodies_come_back(seen: Any, key: str, size: str, content_type: str) -> None:
    got = seen[key]
    assert got["sha256"] == seen["expected"][size]
    assert got["ContentType"] == content_type
    assert "ContentEncoding" not in got


def test_checksums_are_those_the_sdk_computed(seen: Any) -> None:
    assert seen["put"]["ChecksumType"] == "FULL_OBJECT"
    assert seen["put"]["ChecksumCRC32"] == seen["buffer"]["ChecksumCRC32"] == seen["stream"]["ChecksumCRC32"]
    assert seen["upload/buffer"]["ChecksumCRC32"] == seen["upload/stream"]["ChecksumCRC32"]
    assert seen["upload/buffer"]["ChecksumCRC32"].endswith("-3")


@pytest.mark.parametrize("key", ["upload/buffer", "upload/stream"])
def test_an_upload_by_parts(seen: Any, clients_server: Server, key: str) -> None:
    assert seen[key]["parts"] == [1, 2, 3]
    assert seen[key]["ETag"].endswith('-3"')
    assert seen[key]["Location"] == f"{clients_server.url}/node/{key}"


def test_pages(seen: Any) -> None:
    large = 12 * 1024 * 1024 + 1
    assert seen["list"] == [
        ["put/buffer 100000", "put/stream 100000"],
        [f"upload/buffer {large}", f"upload/stream {large}"],
    ]
    assert seen["listParts"] == [[[1, 6], [2, 6]], [[3, 6]]]
    assert seen["head"] == {"who": "Jack"}
    assert seen["deleted"] == 4


@pytest.mark.parametrize(
    ("call", "name", "status", "message"),
    [
        ("noSuchUpload", "NoSuchUpload", 404, "The specified upload does not exist. The upload ID may be invalid"),
        ("invalidPart", "InvalidPart", 400, "One or more of the specified parts could not be found.  The part may"),
        ("noSuchKey", "NoSuchKey", 404, NO_SUCH_KEY),
        ("notFound", "NotFound", 404, "UnknownError"),
    ],
)
def test_errors_by_name(seen: Any, call: str, name: str, status: int, message: str) -> None:
    assert (seen[call]["name"], seen[call]["status"]) == (name, status)
    assert seen[call]["message"].startswith(message)


def test_a_stream_went_framed_over_transfer_chunks(seen: Any) -> None:
    """The SDK sends what `test_sdk_requests` replays for it."""
    headers = [sent["headers"] for sent in seen["wire"] if sent["operation"] == "PutObjectCommand"][1]
    framing = {"content-encoding", "transfer-encoding", "x-amz-decoded-content-length", "x-amz-trailer"}
    assert framing <= set(headers)
    assert "content-length" not in headers


CHILD = """
import { S3Client, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
const client = new S3Client({});
const response = await client.send(new GetObjectCommand({ Bucket: "bucket", Key: "from-python" }));
console.log(await response.Body.transformToString());
await client.send(new PutObjectCommand({ Bucket: "bucket", Key: "from-node", Body: "node" }));
"""


def test_a_child_of_a_mock_needs_nothing() -> None:
    """A client without any argument, in a child that was started without an environment of its own."""
    with mock_s3() as fake:
        client = fake.client()
        client.create_bucket(Bucket="bucket")
        client.put_object(Bucket="bucket", Key="from-python", Body=b"python")
        command = ["node", "--input-type=module", "--eval", CHILD]
        ran = subprocess.run(command, cwd=PROGRAM, capture_output=True, text=True, timeout=TIMEOUT, check=False)
        assert (ran.returncode, ran.stdout) == (0, "python\n"), ran.stderr
        assert client.get_object(Bucket="bucket", Key="from-node")["Body"].read() == b"node"
