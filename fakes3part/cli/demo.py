"""``fakes3part demo``: a multipart upload through boto3, and S3's errors for wrong requests."""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from ..api.server import Server
from ..auth.own_credentials import ACCESS_KEY, SECRET_KEY
from ..settings import ENVIRONMENT_PREFIX

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

MIB = 1024 * 1024
FILE_SIZE = 20 * MIB
PART_SIZE = 8 * MIB
BUCKET, KEY = "films", "premiere.bin"

EXAMPLE = """\
def test_upload(fakes3_client, tmp_path):
    film = tmp_path / "film.bin"
    film.write_bytes(bytes(20_000_000))
    fakes3_client.create_bucket(Bucket="films")
    fakes3_client.upload_file(str(film), "films", "film.bin")
    assert fakes3_client.head_object(Bucket="films", Key="film.bin")["ETag"].endswith('-3"')
"""


def run(_options: argparse.Namespace) -> int:
    """Run the demo, and return its exit code."""
    return demo()


def demo(out: TextIO | None = None) -> int:
    """Run the demo and return its exit code: 0 if every call had the expected result, else 1.

    Args:
        out: where to print; None: standard output.
    """
    out = out or sys.stdout
    began = time.perf_counter()
    report = DemoReport(out)
    with _clean_environment(), tempfile.TemporaryDirectory() as folder, Server() as server:
        report.title(f"A server of our own: {server.url}")
        path = Path(folder, "premiere.bin")
        path.write_bytes(os.urandom(FILE_SIZE))
        client = _client(server)
        try:
            _upload(report, client, path)
            _mistakes(report, client)
        finally:
            client.close()
    report.summary(time.perf_counter() - began)
    report.print("", "The same in your own tests: copy this into test_upload.py and run pytest.", "", EXAMPLE)
    return 1 if report.failures else 0


class DemoReport:
    """Prints one line for each call, with a mark: whether the result was the expected one."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._colours = out.isatty() and "NO_COLOR" not in os.environ
        marks = ("✓", "✗") if _can_print("✓✗", out) else ("ok", "NO")
        self._marks = {True: self._paint("32", marks[0]), False: self._paint("31", marks[1])}
        self.lines = 0
        self.failures = 0

    def _paint(self, colour: str, text: str) -> str:
        return f"\033[{colour}m{text}\033[0m" if self._colours else text

    def print(self, *lines: str) -> None:
        print(*lines, sep="\n", file=self._out, flush=True)

    def title(self, text: str) -> None:
        self.print("", self._paint("1", text))

    def line(self, call: str, result: str, good: bool) -> None:
        self.lines += 1
        self.failures += not good
        self.print(f" {self._marks[good]} {call:<46} -> {result}")

    def works(self, call: str, act: Callable[[], Any], describe: Callable[[Any], str] = lambda _: "done") -> Any:
        """Print a call that must succeed, and return its response; None: it failed.

        Args:
            call: what is called, for the line.
            act: makes the call.
            describe: makes the text of the response; raises ValueError if the response is wrong.
        """
        try:
            response = act()
            self.line(call, describe(response), True)
        except Exception as error:
            self.line(call, str(error) or repr(error), False)
            return None
        return response

    def fails(self, call: str, act: Callable[[], Any], status: int, code: str) -> None:
        """Print a call that S3 must refuse with exactly this error."""
        from botocore.exceptions import ClientError

        try:
            act()
        except ClientError as error:
            received = error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"]
            self.line(call, f"{received[0]} {received[1]}", received == (status, code))
        except Exception as error:
            self.line(call, repr(error), False)
        else:
            self.line(call, f"no error, not {status} {code}", False)

    def summary(self, seconds: float) -> None:
        result = "all as S3 does" if not self.failures else f"{self.failures} NOT as S3 does"
        self.print("", f"{self.lines} calls, {result}, in {seconds:.1f} s.")


def _can_print(text: str, out: TextIO) -> bool:
    try:
        text.encode(out.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


@contextmanager
def _clean_environment() -> Iterator[None]:
    """Hide the user's AWS configuration and our settings in the environment as long as the block runs."""
    hidden = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith(("AWS_", ENVIRONMENT_PREFIX))}
    replaced = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    os.environ.update(replaced)
    try:
        yield
    finally:
        for name in replaced:
            os.environ.pop(name, None)
        os.environ.update(hidden)


def _client(server: Server) -> S3Client:
    import boto3
    from botocore.config import Config

    client: S3Client = boto3.session.Session().client(
        "s3",
        endpoint_url=server.url,
        region_name=server.fake.settings.region,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
        config=Config(retries={"total_max_attempts": 1}, proxies={}),
    )
    return client


def _upload(report: DemoReport, s3: S3Client, path: Path) -> None:
    data = path.read_bytes()
    parts = [data[start : start + PART_SIZE] for start in range(0, len(data), PART_SIZE)]
    upload: dict[str, Any] = {"Bucket": BUCKET, "Key": KEY}
    etags: dict[int, str] = {}

    def put(number: int, body: bytes) -> Callable[[], Any]:
        return lambda: s3.upload_part(**upload, PartNumber=number, Body=body)

    def etag_of(response: Any) -> str:
        return f"ETag {response['ETag']}"

    report.title(f"{path.name}, {len(data):,} bytes, in parts of {PART_SIZE // MIB} MiB")
    report.works("create_bucket", lambda: s3.create_bucket(Bucket=BUCKET), lambda response: str(response["Location"]))
    created = report.works(
        "create_multipart_upload",
        lambda: s3.create_multipart_upload(**upload, ContentType="video/mp4"),
        lambda response: f"UploadId {response['UploadId'][:16]}...",
    )
    upload["UploadId"] = created["UploadId"] if created else "none"
    report.works("upload_part 2, with the wrong bytes", put(2, bytes(PART_SIZE)), etag_of)
    for number, part in enumerate(parts, 1):
        call = f"upload_part {number}{', again: the new bytes count' if number == 2 else ''}"
        response = report.works(call, put(number, part), etag_of)
        etags[number] = response["ETag"] if response else "none"
    report.works("list_parts", lambda: s3.list_parts(**upload), lambda response: _describe_parts(response, len(data)))
    manifest: Any = {"Parts": [{"PartNumber": number, "ETag": etag} for number, etag in etags.items()]}
    complete = lambda: s3.complete_multipart_upload(**upload, MultipartUpload=manifest)  # noqa: E731
    report.works("complete_multipart_upload", complete, etag_of)
    report.works(
        "get_object",
        lambda: s3.get_object(Bucket=BUCKET, Key=KEY)["Body"].read(),
        lambda body: _describe_digests(data, body),
    )


def _describe_parts(response: Any, size: int) -> str:
    numbers = [part["PartNumber"] for part in response["Parts"]]
    listed = sum(part["Size"] for part in response["Parts"])
    if (numbers, listed) != ([1, 2, 3], size):
        raise ValueError(f"parts {numbers} of {listed:,} bytes")
    return f"parts {numbers}, {listed:,} bytes"


def _describe_digests(sent: bytes, received: bytes) -> str:
    digests = [hashlib.sha256(data).hexdigest() for data in (sent, received)]
    if digests[0] != digests[1]:
        raise ValueError(f"SHA-256 {digests[1][:16]}..., and {digests[0][:16]}... went up")
    return f"SHA-256 {digests[0][:16]}..., as it went up"


def _mistakes(report: DemoReport, s3: S3Client) -> None:
    report.title("Done wrong")
    opened = report.works(
        "create_multipart_upload",
        lambda: s3.create_multipart_upload(Bucket=BUCKET, Key="draft.bin"),
        lambda response: f"UploadId {response['UploadId'][:16]}...",
    )
    upload: dict[str, Any] = {"Bucket": BUCKET, "Key": "draft.bin", "UploadId": opened["UploadId"] if opened else ""}

    def put(number: int = 1, **options: Any) -> Any:
        return s3.upload_part(**{**upload, "PartNumber": number, "Body": b"x" * MIB, **options})

    def complete(*numbers: int) -> Any:
        parts: Any = [{"PartNumber": number, "ETag": etag} for number in numbers]
        return s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})

    other_md5 = b64encode(hashlib.md5(b"other bytes", usedforsecurity=False).digest()).decode()
    etag = '"' + hashlib.md5(b"x" * MIB, usedforsecurity=False).hexdigest() + '"'

    report.fails("upload_part to no such upload", lambda: put(UploadId="nosuchupload"), 404, "NoSuchUpload")
    report.fails("upload_part with another body's Content-MD5", lambda: put(ContentMD5=other_md5), 400, "BadDigest")
    report.fails("upload_part to another account's bucket", lambda: put(ExpectedBucketOwner="1" * 12), 403, "AccessDenied")
    code = "InvalidBucketOwnerAWSAccountID"
    report.fails("upload_part, its owner misspelt", lambda: put(ExpectedBucketOwner="me"), 400, code)
    report.works("upload_part 1 and 2, of 1 MiB", lambda: [put(1), put(2)])
    report.fails("complete_multipart_upload with a part not sent", lambda: complete(3), 400, "InvalidPart")
    report.fails("complete_multipart_upload, part 1 too small", lambda: complete(1, 2), 400, "EntityTooSmall")
    report.works("abort_multipart_upload", lambda: s3.abort_multipart_upload(**upload))
    report.fails("list_parts of what was aborted", lambda: s3.list_parts(**upload), 404, "NoSuchUpload")
