"""What child processes of the tests do."""

from __future__ import annotations

import os
import sys
from typing import Any

import boto3


def put(key: str) -> str:
    """Put an object by a client that is configured by nothing, and return its key."""
    client = boto3.client("s3")
    client.put_object(Bucket="bkt", Key=key, Body=key.encode())
    client.close()
    return key


def put_by(client: Any, key: str) -> str:
    client.put_object(Bucket="bkt", Key=key, Body=key.encode())
    return key


def variables() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith("AWS_")}


if __name__ == "__main__":
    put(sys.argv[1])
