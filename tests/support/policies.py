"""What the tests of "may they" share: policies in one line, callers, and what they may."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import itertools
import json
from collections.abc import Iterator
from datetime import datetime, timezone
from functools import lru_cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from fakes3part.auth.callers import Principal
from tests.support.callers import OWNER
from tests.support.doors import Door

OBJECTS = "arn:aws:s3:::bucket/*"
BUCKET = "arn:aws:s3:::bucket"
ROOT = f"arn:aws:iam::{OWNER}:root"
ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
AUTHENTICATED = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"

_NAMES = (f"user{number}" for number in itertools.count())


def statement(**changes: Any) -> dict[str, Any]:
    """A statement that lets everybody read objects, changed."""
    made = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": OBJECTS, **changes}
    return {name: value for name, value in made.items() if value is not None}


def policy(*statements: dict[str, Any], version: str = "2012-10-17") -> str:
    return json.dumps({"Version": version, "Statement": list(statements)})


def put_policy(door: Door, *statements: dict[str, Any]) -> None:
    """Put a policy, public ones included."""
    door.client.delete_public_access_block(Bucket="bucket")
    door.client.put_bucket_policy(Bucket="bucket", Policy=policy(*statements))


def user(door: Door, *statements: dict[str, Any], account: str = OWNER) -> Principal:
    """A new IAM user with an identity policy of these statements (none: no policy)."""
    document = None
    if statements:
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **one} for one in statements]}
    return door.fake.add_user(account, next(_NAMES), document)


def digest(body: bytes) -> dict[str, str]:
    """The header that documents must come with."""
    return {"Content-MD5": base64.b64encode(hashlib.md5(body).digest()).decode()}


def signed(headers: dict[str, str]) -> dict[str, str]:
    """With headers of a request that is signed by a key which nobody can verify."""
    names = ";".join(sorted(["host", "x-amz-date", "x-amz-content-sha256", *(name.lower() for name in headers)]))
    now = datetime.now(timezone.utc)
    return {
        **headers,
        "Authorization": f"AWS4-HMAC-SHA256 Credential=testing/{now:%Y%m%d}/us-east-1/s3/aws4_request, SignedHeaders={names}, "
        f"Signature={'0' * 64}",
        "X-Amz-Date": f"{now:%Y%m%dT%H%M%SZ}",
        "X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD",
    }


@lru_cache(1)
def _session() -> Any:
    """One for all: the first client of a session takes 50 ms, any other two."""
    return boto3.session.Session(region_name="us-east-1")


@contextlib.contextmanager
def client_of(door: Door, who: Principal | str) -> Iterator[Any]:
    """A boto3 client of a user, or of the root of an account."""
    keys = (who, "any") if isinstance(who, str) else (who.access_key, who.secret_key)
    endpoint = {"endpoint_url": door.url} if door.name == "server" else {}
    config = Config(retries={"total_max_attempts": 1}, signature_version="s3v4")
    client = _session().client("s3", aws_access_key_id=keys[0], aws_secret_access_key=keys[1], config=config, **endpoint)
    with contextlib.closing(client):
        yield client


def ask(call: Any, **params: Any) -> dict[str, Any]:
    """The answer, a body of it read: it holds the connection till then."""
    answer: dict[str, Any] = call(**params)
    if "Body" in answer:
        answer["Body"] = answer["Body"].read()
    return answer


def status(call: Any, **params: Any) -> int:
    """The status of an answer, whether an error or not."""
    try:
        answer = ask(call, **params)
    except ClientError as error:
        answer = dict(error.response)
    return int(answer["ResponseMetadata"]["HTTPStatusCode"])


def enable_acls(door: Door, ownership: str = "ObjectWriter") -> None:
    """Let ACLs count, public ones included."""
    door.client.put_bucket_ownership_controls(Bucket="bucket", OwnershipControls={"Rules": [{"ObjectOwnership": ownership}]})
    door.client.delete_public_access_block(Bucket="bucket")
