"""Helpers for the tests of directory buckets: names, and requests that no SDK sends."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime, timezone
from hashlib import sha256
from typing import Any, NamedTuple

import xmltodict
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from fakes3part.api.fakes3 import FakeS3
from fakes3part.message import Request
from tests.support.doors import warm

ZONE = "use1-az4"
NAME = f"base--{ZONE}--x-s3"
OTHER = f"other--{ZONE}--x-s3"
ARN = f"arn:aws:s3express:us-east-1:123456789012:bucket/{NAME}"
ZONAL = f"{NAME}.s3express-{ZONE}.us-east-1.amazonaws.com"
CONTROL = "s3express-control.us-east-1.amazonaws.com"
ROOT = Credentials("testing", "testing")


def configuration(zone: str = ZONE, kind: str = "AvailabilityZone", redundancy: str = "SingleAvailabilityZone") -> dict[str, Any]:
    return {"Location": {"Name": zone, "Type": kind}, "Bucket": {"Type": "Directory", "DataRedundancy": redundancy}}


def create(s3: Any, name: str = NAME) -> None:
    s3.create_bucket(Bucket=name, CreateBucketConfiguration=configuration(name.split("--")[1]))


def new_client(**settings: Any) -> Any:
    """A boto3 client that tries once."""
    given = {
        "region_name": "us-east-1",
        "aws_access_key_id": "testing",
        "aws_secret_access_key": "testing",
        "config": Config(retries={"total_max_attempts": 1}),
        **settings,
    }
    return warm().client("s3", **given)


def least(shape: Any, name: str = "") -> Any:
    """Return the minimal value that botocore's validation accepts for a shape."""
    if shape.type_name == "structure":
        if getattr(shape, "is_tagged_union", False):
            first = next(iter(shape.members))
            return {first: least(shape.members[first], first)}
        return {member: least(shape.members[member], member) for member in shape.required_members}
    if shape.type_name == "list":
        return [least(shape.member, name)]
    given = {"Bucket": NAME, "Key": "k", "CopySource": f"{NAME}/k", "UploadId": "u"}
    leaves = {"integer": 1, "long": 1, "boolean": True, "blob": b"x", "timestamp": datetime(2026, 1, 1, tzinfo=timezone.utc)}
    if shape.type_name in leaves:
        return leaves[shape.type_name]
    return shape.enum[0] if shape.enum else given.get(name, "x" * max(shape.metadata.get("min", 1), 1))


class RawResponse(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> dict[str, Any]:
        ((_, elements),) = xmltodict.parse(self.body).items()
        return dict(elements)

    @property
    def error(self) -> tuple[int, str, str]:
        return self.status, self.document["Code"], self.document["Message"]


def ask(
    fake: FakeS3,
    method: str,
    host: str,
    target: str = "/",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    *,
    by: Credentials | None = ROOT,
    service: str = "s3express",
    session: bool = False,
) -> RawResponse:
    """Send a signed request without an SDK; ``session``: the token is one of CreateSession."""
    request = AWSRequest(method, f"https://{host}{target}", dict(headers or {}), body)
    if by is not None:
        token = by.token
        if session:
            request.headers["x-amz-s3session-token"] = token
            by = Credentials(by.access_key, by.secret_key)
        S3SigV4Auth(by, service, "us-east-1").add_auth(request)
    sent = {name.lower(): str(value) for name, value in request.headers.items()} | {"content-length": str(len(body))}
    path, _, query = target.partition("?")
    response = fake.handle(Request(method, host, path, query, sent, body, scheme="https"))
    return RawResponse(
        response.status, {name.lower(): value for name, value in response.headers}, b"".join(map(bytes, response.body))
    )


def checked(body: str) -> dict[str, str]:
    """Return the checksum header of a body."""
    return {"x-amz-checksum-sha256": b64encode(sha256(body.encode()).digest()).decode()}


def open_session(fake: FakeS3, name: str = NAME, *, by: Credentials = ROOT, **headers: str) -> Credentials:
    """Return the credentials of a new session, by a raw request."""
    host = f"{name}.s3express-{ZONE}.us-east-1.amazonaws.com"
    response = ask(fake, "GET", host, "/?session", {name.replace("_", "-"): value for name, value in headers.items()}, by=by)
    assert response.status == 200, response.body
    found = response.document["Credentials"]
    return Credentials(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])


def make(fake: FakeS3, name: str = NAME, *, by: Credentials = ROOT) -> None:
    """Create a directory bucket by a raw request."""
    body = (
        f"<CreateBucketConfiguration><Location><Name>{ZONE}</Name><Type>AvailabilityZone</Type></Location>"
        "<Bucket><DataRedundancy>SingleAvailabilityZone</DataRedundancy><Type>Directory</Type></Bucket></CreateBucketConfiguration>"
    )
    assert ask(fake, "PUT", CONTROL, f"/{name}", body=body.encode(), by=by).status == 200
