"""Many threads use one server for some minutes: ``python -m tests.fuzz.soak [SECONDS] [SEED]``.

The threads put, get, list, copy and delete objects, and upload in parts; each checks the bytes that it reads. There must be no
error, and in the end the server's memory must have levelled off, and its threads and descriptors must be what they were before.
The server runs in a process of its own, with ``-W error -X dev``.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from random import Random
from typing import Any
from urllib.request import Request, urlopen

import boto3
from botocore.config import Config

from tests.fuzz.connections import ServerProcess, WireError, check_log, settled

THREADS = 32
KEYS = 20
"""Keys of each thread."""

SAMPLES = 10
"""How often memory is measured."""

GROWTH = 1.15
"""How much larger memory may be at the end than at the middle."""

FILLING = 60.0
"""Seconds in which the keys are not all written yet: a shorter run does not judge memory."""

MiB = 1 << 20


class User:
    """A thread with keys of its own.

    Attributes:
        calls: how many calls of each kind it has made.
    """

    def __init__(self, s3: Any, number: int, seed: int) -> None:
        self._s3, self._prefix, self._random = s3, f"{number}/", Random(f"{seed} {number}")
        self._bodies: dict[str, bytes] = {}
        self.calls = Counter[str]()
        self._kinds: list[Callable[[], None]] = [*[self._put] * 4, *[self._get] * 6, self._list, self._copy, self._delete]

    def use(self, end: float) -> None:
        """Make calls until a time of `time.monotonic`."""
        while time.monotonic() < end:
            call = self._upload if self._random.random() < 0.03 else self._random.choice(self._kinds)
            call()
            self.calls[call.__name__.removeprefix("_")] += 1

    def _key(self) -> str:
        return f"{self._prefix}{self._random.randrange(KEYS)}"

    def _expect(self, condition: bool, what: str) -> None:
        if not condition:
            raise WireError(f"wrong {what} of {self._prefix}")

    def _put(self) -> None:
        key, body = self._key(), self._random.randbytes(self._random.choice((0, 10, 1000, 20_000)))
        self._s3.put_object(Bucket="bucket", Key=key, Body=body)
        self._bodies[key] = body

    def _get(self) -> None:
        if self._bodies:
            key = self._random.choice(list(self._bodies))
            self._expect(self._s3.get_object(Bucket="bucket", Key=key)["Body"].read() == self._bodies[key], "bytes")

    def _list(self) -> None:
        listed = self._s3.list_objects_v2(Bucket="bucket", Prefix=self._prefix).get("Contents", [])
        sizes = {key: len(body) for key, body in self._bodies.items()}
        self._expect({one["Key"]: one["Size"] for one in listed} == sizes, "listing")

    def _copy(self) -> None:
        if self._bodies:
            source, key = self._random.choice(list(self._bodies)), f"{self._prefix}copy"
            self._s3.copy_object(Bucket="bucket", Key=key, CopySource=f"bucket/{source}", MetadataDirective="REPLACE")
            self._bodies[key] = self._bodies[source]

    def _delete(self) -> None:
        key = self._key()
        self._s3.delete_object(Bucket="bucket", Key=key)
        self._bodies.pop(key, None)

    def _upload(self) -> None:
        where = {"Bucket": "bucket", "Key": f"{self._prefix}large"}
        where["UploadId"] = self._s3.create_multipart_upload(**where)["UploadId"]
        bodies = [self._random.randbytes(16) * (5 * MiB // 16), b"end"]
        parts = []
        for number, body in enumerate(bodies, 1):
            etag = self._s3.upload_part(**where, PartNumber=number, Body=body)["ETag"]
            parts.append({"PartNumber": number, "ETag": etag})
        if self._random.random() < 0.2:
            self._s3.abort_multipart_upload(**where)
            return
        self._s3.complete_multipart_upload(**where, MultipartUpload={"Parts": parts})
        got = self._s3.get_object(Bucket="bucket", Key=where["Key"])["Body"].read()
        self._expect(got == b"".join(bodies), "parts")
        self._s3.delete_object(Bucket="bucket", Key=where["Key"])


def soak(seconds: float, seed: int, threads: int = THREADS) -> str:
    """Use a new server, and return figures.

    Raises:
        WireError: the server did what it must not.
    """
    server = ServerProcess()
    stderr = ""
    try:
        server.probe()
        time.sleep(0.5)
        before = server.threads, server.descriptors, server.memory
        calls, samples = _use(server, seconds, seed, threads)
        settled(server, *before[:2])
        reset = Request(f"{server.url}/_fakes3part/reset", method="POST")
        with closing(urlopen(reset)):
            pass
        after = server.memory
    finally:
        stderr = server.stop()
    check_log(stderr)
    middle, last = samples[len(samples) // 2], samples[-1]
    sizes = " ".join(f"{sample / MiB:.0f}" for sample in samples)
    figures = (
        f"{calls.total():,} calls in {seconds:.0f} s by {threads} threads, 0 errors: {dict(calls.most_common())}; "
        f"memory in MiB: {before[2] / MiB:.0f} before, {sizes}, after a reset {after / MiB:.0f}; "
        f"threads and descriptors as before: {before[0]}, {before[1]}"
    )
    if seconds >= FILLING and last > middle * GROWTH:
        raise WireError(f"memory grows: {figures}")
    return figures


def _use(server: ServerProcess, seconds: float, seed: int, threads: int) -> tuple[Counter[str], list[int]]:
    """Return the numbers of calls, and the memory at equal distances."""
    config = Config(max_pool_connections=threads, retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
    keys: dict[str, Any] = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": "us-east-1"}
    session = boto3.session.Session()
    with closing(session.client("s3", endpoint_url=server.url, config=config, **keys)) as s3:
        s3.create_bucket(Bucket="bucket")
        users = [User(s3, number, seed) for number in range(threads)]
        start = time.monotonic()
        samples = []
        with ThreadPoolExecutor(threads) as pool:
            running = [pool.submit(user.use, start + seconds) for user in users]
            for number in range(1, SAMPLES + 1):
                time.sleep(max(0, start + seconds * number / SAMPLES - time.monotonic()))
                samples.append(server.memory)
            for future in running:
                future.result()
    return sum((user.calls for user in users), Counter[str]()), samples


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.soak", description=__doc__)
    parser.add_argument("seconds", nargs="?", type=float, default=180, help="how long (default: 180)")
    parser.add_argument("seed", nargs="?", type=int, default=0, help="of the threads' random generators")
    options = parser.parse_args()
    print(soak(options.seconds, options.seed))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
