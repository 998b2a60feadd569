"""Uses the base install, without extras: ``python -W error smoke.py``. Run as a file: it imports nothing of this repository."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from typing import Any

import boto3

import fakes3part

KEYS: dict[str, Any] = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": "us-east-1"}


def use(url: str | None) -> None:
    """Put, get and list objects, with checksums of several libraries, and upload in parts."""
    with closing(boto3.client("s3", endpoint_url=url, **KEYS)) as s3:
        s3.create_bucket(Bucket="bucket")
        for algorithm in ("CRC32", "CRC64NVME", "SHA1", "SHA256"):
            sent = {"ChecksumAlgorithm": algorithm} if algorithm != "CRC64NVME" else {}
            s3.put_object(Bucket="bucket", Key=algorithm, Body=b"body", **sent)
            assert s3.get_object(Bucket="bucket", Key=algorithm)["Body"].read() == b"body"
        where = {"Bucket": "bucket", "Key": "parts"}
        upload = s3.create_multipart_upload(**where)["UploadId"]
        etag = s3.upload_part(**where, UploadId=upload, PartNumber=1, Body=b"part")["ETag"]
        s3.complete_multipart_upload(**where, UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
        assert [one["Key"] for one in s3.list_objects_v2(Bucket="bucket")["Contents"]] == [
            "CRC32",
            "CRC64NVME",
            "SHA1",
            "SHA256",
            "parts",
        ]
        s3.upload_file(__file__, "bucket", "file")
        try:
            s3.get_object(Bucket="bucket", Key="missing")
        except s3.exceptions.NoSuchKey:
            return
        raise AssertionError("NoSuchKey is not raised")


def main() -> None:
    with fakes3part.mock_s3():
        use(None)
    with fakes3part.Server() as server:
        use(server.url)
    shown = subprocess.run(
        [sys.executable, "-W", "error", "-m", "fakes3part", "--help"], capture_output=True, text=True, check=True
    )
    assert "serve" in shown.stdout
    assert not shown.stderr
    print(f"fakes3part {fakes3part.__version__} of {fakes3part.__file__} works")


if __name__ == "__main__":
    main()
