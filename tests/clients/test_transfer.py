"""64 MiB of real data, uploaded in parts and downloaded by each kind of client, compared by SHA-256 and S3's ETag."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import boto3.s3.transfer
import pytest

from fakes3part.api.fakes3 import FakeS3
from fakes3part.api.server import Server
from tests.support.aws_cli import Aws
from tests.support.raw_client import XMLNS, RawClient, completion

MiB = 1024 * 1024
SIZE = 64 * MiB
PART = 8 * MiB
TRANSFER = boto3.s3.transfer.TransferConfig(multipart_threshold=PART, multipart_chunksize=PART, max_concurrency=10)


class Real(NamedTuple):
    """Return the file, its SHA-256, and the ETag of an object uploaded from it in parts of 8 MiB."""

    path: Path
    sha256: str
    etag: str

    def parts(self) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            while piece := file.read(PART):
                yield piece


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.sha256()
        while piece := file.read(MiB):
            digest.update(piece)
    return digest.hexdigest()


def library_files() -> Iterator[Path]:
    """Yield the files of this interpreter's library, sorted by name in each directory."""
    for folder, folders, names in os.walk(sysconfig.get_path("stdlib")):
        folders.sort()
        yield from (Path(folder, name) for name in sorted(names))


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    """Yield the content of these files up to 64 MiB, from the start again if they have less."""
    path = tmp_path_factory.mktemp("real") / "library.bin"
    with path.open("wb") as into:
        while into.tell() < SIZE:
            for file in library_files():
                into.write(file.read_bytes())
                if into.tell() >= SIZE:
                    break
        into.truncate(SIZE)
    parts = Real(path, "", "").parts()
    digests = [hashlib.md5(part, usedforsecurity=False).digest() for part in parts]
    whole = hashlib.md5(b"".join(digests), usedforsecurity=False).hexdigest()
    yield Real(path, sha256_of(path), f'"{whole}-{len(digests)}"')
    path.unlink()


@pytest.fixture
def down(tmp_path: Path) -> Iterator[Path]:
    """The path of a download, whose 64 MiB are deleted afterwards."""
    yield tmp_path / "down"
    (tmp_path / "down").unlink(missing_ok=True)


@pytest.fixture
def bucket(server: Server, over_http: Any) -> Iterator[str]:
    over_http.create_bucket(Bucket="bucket")
    yield "bucket"
    server.fake.reset()


def check(client: Any, real: Real, key: str = "key") -> None:
    """Check that the object is the file, in eight parts, and that no upload is open."""
    head = client.head_object(Bucket="bucket", Key=key, PartNumber=8)
    assert (head["ETag"], head["PartsCount"], head["ContentLength"]) == (real.etag, 8, PART)
    assert head["ContentRange"] == f"bytes {SIZE - PART}-{SIZE - 1}/{SIZE}"
    assert "Uploads" not in client.list_multipart_uploads(Bucket="bucket")


def test_boto3_in_process(in_process: Any, real: Real, down: Path) -> None:
    with FakeS3():
        in_process.create_bucket(Bucket="bucket")
        in_process.upload_file(str(real.path), "bucket", "key", Config=TRANSFER)
        check(in_process, real)
        in_process.download_file("bucket", "key", str(down), Config=TRANSFER)
    assert sha256_of(down) == real.sha256


def test_boto3_over_the_server(over_http: Any, bucket: str, real: Real, down: Path) -> None:
    over_http.upload_file(str(real.path), bucket, "key", Config=TRANSFER)
    check(over_http, real)
    over_http.download_file(bucket, "key", str(down), Config=TRANSFER)
    assert sha256_of(down) == real.sha256


def test_aws_s3_cp(aws: Aws, over_http: Any, bucket: str, real: Real, down: Path) -> None:
    up = aws.process("s3", "cp", "--no-progress", str(real.path), f"s3://{bucket}/key")
    shown = os.path.relpath(real.path, aws.environment["HOME"])
    assert up == (0, f"upload: {shown} to s3://{bucket}/key\n", "")
    check(over_http, real)
    assert aws.process("s3", "cp", "--only-show-errors", f"s3://{bucket}/key", str(down)) == (0, "", "")
    assert sha256_of(down) == real.sha256


def test_http_client(server: Server, over_http: Any, bucket: str, real: Real) -> None:
    with RawClient(server.url) as send:
        upload = send("POST", f"/{bucket}/key?uploads").text("UploadId")
        etags = []
        for number, part in enumerate(real.parts(), 1):
            response = send("PUT", f"/{bucket}/key?partNumber={number}&uploadId={upload}", part)
            assert response.status == 200
            etags.append(response.headers["etag"])
        done = send("POST", f"/{bucket}/key?uploadId={upload}", completion(etags))
        assert (done.status, done.text("ETag")) == (200, real.etag)
        check(over_http, real)
        got = send("GET", f"/{bucket}/key")
    assert hashlib.sha256(got.body).hexdigest() == real.sha256


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")
def test_curl(server: Server, over_http: Any, bucket: str, real: Real, tmp_path: Path, down: Path) -> None:
    version = subprocess.run(["curl", "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    if tuple(map(int, version.split(".")[:2])) < (7, 75):
        pytest.skip(f"curl {version} has no --aws-sigv4")

    def curl(target: str, *options: str) -> str:
        signed = ["--aws-sigv4", "aws:amz:us-east-1:s3", "--user", "testing:testing"]
        signed += ["-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD"]  # required by S3, and not sent by curl before version 8
        command = ["curl", "-q", "-sS", "--noproxy", "*", "--fail-with-body", *signed, *options, f"{server.url}{target}"]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout

    def element(document: str, name: str) -> str:
        return ElementTree.fromstring(document).findtext(f"{XMLNS}{name}") or ""

    upload = element(curl(f"/{bucket}/key?uploads=", "-X", "POST"), "UploadId")
    piece = tmp_path / "part"
    etags = []
    for number, part in enumerate(real.parts(), 1):
        piece.write_bytes(part)
        target = f"/{bucket}/key?partNumber={number}&uploadId={upload}"
        etags.append(curl(target, "-T", str(piece), "-o", "/dev/null", "-w", "%header{etag}"))
    document = completion(etags).decode()
    done = curl(f"/{bucket}/key?uploadId={upload}", "-H", "Content-Type: application/xml", "--data-raw", document)
    assert element(done, "ETag") == real.etag
    check(over_http, real)
    curl(f"/{bucket}/key", "-o", str(down))
    piece.unlink()
    assert sha256_of(down) == real.sha256
