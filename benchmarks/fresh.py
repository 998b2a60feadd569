"""The first put of a fresh process, all imports included: ``python -m benchmarks.fresh SYSTEM`` prints its CPU seconds.

Written out for each system, as a user's file would be: what is imported here is what is measured.
"""

from __future__ import annotations

import sys
import time


def _put(register: bool) -> None:
    import boto3

    client = boto3.client("s3", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing")
    if register:
        from . import canned

        client.meta.events.register("before-send.s3", canned.answer)
    client.create_bucket(Bucket="bench")
    client.put_object(Bucket="bench", Key="key", Body=b"x" * 1024)


def floor() -> None:
    _put(register=True)


def ours() -> None:
    from fakes3part import mock_s3

    with mock_s3():
        _put(register=False)


def moto() -> None:
    from moto import mock_aws

    with mock_aws():
        _put(register=False)


if __name__ == "__main__":
    {"floor": floor, "ours": ours, "moto": moto}[sys.argv[1]]()
    print(time.process_time())
