"""Makes ``fakes3part.pyz``, one file that needs Python only, and uses it: ``python -m tests.packaging.zipapp FILE``.

Needs the packages ``shiv`` and ``boto3``. At its first start the file unpacks itself below ``~/.shiv`` (or SHIV_ROOT), since
neither botocore's data files nor extension modules can be read in an archive. It has the extension modules of the platform on
which it is made; on others, CRCs are computed in Python, and XXHASHes are a 501 that names the package. Of botocore's data it has
what fakes3part reads.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ROOT = Path(__file__).parents[2]
SERVICES = frozenset({"s3", "s3control", "sts", "kms"})
"""The services whose models fakes3part reads."""

NATIVE = (".so", ".pyd", ".dylib")
EPOCH = "1767225600"


def build(target: Path) -> None:
    """Make the file."""
    with tempfile.TemporaryDirectory() as directory:
        site = Path(directory, "site")
        packages = [str(ROOT), "tomli>=2"]  # tomli: for Python 3.10, where this one does not need it
        options = ["-q", "--no-compile", "--prefer-binary", "--target", str(site)]
        subprocess.run([sys.executable, "-m", "pip", "install", *options, *packages], check=True)
        shutil.rmtree(site / "bin", ignore_errors=True)
        for data in (site / "botocore/data", site / "boto3/data"):
            for service in data.iterdir():
                if service.is_dir() and service.name not in SERVICES:
                    shutil.rmtree(service)
        target.parent.mkdir(parents=True, exist_ok=True)
        options = ["--site-packages", str(site), "-e", "fakes3part.cli.main:main", "-o", str(target)]
        options += ["-p", "/usr/bin/env python3", "--compressed", "--reproducible"]
        subprocess.run([sys.executable, "-m", "shiv", *options], check=True, env={**os.environ, "SOURCE_DATE_EPOCH": EPOCH})


@contextmanager
def serving(target: Path, root: Path) -> Iterator[str]:
    """Serve by the file, which is unpacked below a directory, and yield the URL. The interpreter has no packages of its own."""
    ready = root / "ready"
    ready.unlink(missing_ok=True)
    environment = {**os.environ, "SHIV_ROOT": str(root)}
    command = [sys.executable, "-I", "-S", str(target), "serve", "--port", "0", "--quiet", "--ready-file", str(ready)]
    server = subprocess.Popen(command, env=environment, cwd="/", stdout=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 60
        while not ready.exists():
            if server.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"{target.name} does not serve")
            time.sleep(0.05)
        yield ready.read_text().strip()
        server.terminate()
        if server.wait(10) != 0:
            raise SystemExit(f"{target.name} has ended with {server.returncode}")
    finally:
        if server.poll() is None:
            server.kill()
            server.wait()


def use(url: str, *, has_native: bool) -> None:
    """Put and get objects with several checksums.

    Raises:
        AssertionError: something does not work.
    """
    keys: dict[str, Any] = {"aws_access_key_id": "any", "aws_secret_access_key": "key", "region_name": "us-east-1"}
    config = Config(request_checksum_calculation="when_required", retries={"total_max_attempts": 1})
    with closing(boto3.client("s3", endpoint_url=url, config=config, **keys)) as s3:
        s3.create_bucket(Bucket="bucket")
        for body in (b"hello", os.urandom(2_000_000)):
            put = s3.put_object(Bucket="bucket", Key="key", Body=body)
            assert len(put["ChecksumCRC64NVME"]) == 12
            s3.put_object(Bucket="bucket", Key="key", Body=body, ChecksumAlgorithm="CRC32")
            assert s3.get_object(Bucket="bucket", Key="key", ChecksumMode="ENABLED")["Body"].read() == body
        refused = _refusal(lambda: s3.put_object(Bucket="bucket", Key="key", Body=b"", ChecksumXXHASH64="70bbN1HY6Zk="))
        text = "fakes3part computes XXHASH64 checksums by the package xxhash or awscrt, and neither is installed"
        assert refused == (None if has_native else ("NotImplemented", text))


def _refusal(call: Callable[[], object]) -> tuple[str, str] | None:
    """Return code and message of S3's error; None: the call succeeds."""
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    return None


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.packaging.zipapp", description=__doc__)
    parser.add_argument("file", type=Path, help="the file to make")
    target = parser.parse_args().file.resolve()
    build(target)
    print(f"{target} has {target.stat().st_size:,} bytes", flush=True)
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        for has_native in (True, False):
            with serving(target, root) as url:
                use(url, has_native=has_native)
            print(f"it serves {'on this platform' if has_native else 'without extension modules, as on others'}", flush=True)
            for module in [path for path in root.rglob("*") if path.suffix in NATIVE]:
                module.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
