"""Helpers of authorization tests: policies, callers, and calls whose status matters."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import itertools
import json
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

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
    """Return a statement that allows everybody to read objects, with changes."""
    made = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": OBJECTS, **changes}
    return {name: value for name, value in made.items() if value is not None}


def policy(*statements: dict[str, Any], version: str = "2012-10-17") -> str:
    return json.dumps({"Version": version, "Statement": list(statements)})


def put_policy(door: Door, *statements: dict[str, Any]) -> None:
    """Set the bucket policy, after switching Block Public Access off."""
    door.client.delete_public_access_block(Bucket="bucket")
    door.client.put_bucket_policy(Bucket="bucket", Policy=policy(*statements))


def user(door: Door, *statements: dict[str, Any], account: str = OWNER) -> Principal:
    """Add an IAM user with an identity policy of these statements; without statements it has no policy."""
    document = None
    if statements:
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **one} for one in statements]}
    return door.fake.add_user(account, next(_NAMES), document)


def digest(body: bytes) -> dict[str, str]:
    """Return the Content-MD5 header that documents must have."""
    return {"Content-MD5": base64.b64encode(hashlib.md5(body).digest()).decode()}


def signed(headers: dict[str, str]) -> dict[str, str]:
    """Return the headers of a request that is signed with an unknown key, which is not verified."""
    names = ";".join(sorted(["host", "x-amz-date", "x-amz-content-sha256", *(name.lower() for name in headers)]))
    now = datetime.now(timezone.utc)
    return {
        **headers,
        "Authorization": f"AWS4-HMAC-SHA256 Credential=testing/{now:%Y%m%d}/us-east-1/s3/aws4_request, SignedHeaders={names}, "
        f"Signature={'0' * 64}",
        "X-Amz-Date": f"{now:%Y%m%dT%H%M%SZ}",
        "X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD",
    }


@contextlib.contextmanager
def client_of(door: Door, who: Principal | str) -> Iterator[Any]:
    """Yield a boto3 client of a user, or of the root of an account."""
    keys = (who, "any") if isinstance(who, str) else (who.access_key, who.secret_key)
    with door.client_with(aws_access_key_id=keys[0], aws_secret_access_key=keys[1]) as client:
        yield client


def ask(call: Any, **params: Any) -> dict[str, Any]:
    """Return the response after reading its body, which holds the connection until then."""
    response: dict[str, Any] = call(**params)
    if "Body" in response:
        response["Body"] = response["Body"].read()
    return response


def status(call: Any, **params: Any) -> int:
    """Return the status of a response, whether an error or not."""
    try:
        response = ask(call, **params)
    except ClientError as error:
        response = dict(error.response)
    return int(response["ResponseMetadata"]["HTTPStatusCode"])


def enable_acls(door: Door, ownership: str = "ObjectWriter") -> None:
    """Enable ACLs, public ones included."""
    door.client.put_bucket_ownership_controls(Bucket="bucket", OwnershipControls={"Rules": [{"ObjectOwnership": ownership}]})
    door.client.delete_public_access_block(Bucket="bucket")
