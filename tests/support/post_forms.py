"""Forms, policies and their signatures, made without the code under test."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from fakes3part.api.fakes3 import FakeS3
from fakes3part.auth.callers import Principal
from tests.support.doors import Door, RawResponse

BOUNDARY = "---------------------------3577921"
HEADERS = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
DATA = b"dummy data"
"""Data whose digests are in `tests.support.vectors`."""

Part = tuple[str, "str | bytes", "str | None"]
"""Name, content, filename (None: the part has no filename)."""


def known(fake: FakeS3) -> Principal:
    """The default account with keys whose secret the fake knows."""
    return fake.accounts.principal(fake.accounts.account(fake.settings.account))


def by(principal: Principal, version: int = 4) -> dict[str, Any]:
    """Arguments of `signed`, for a form signed with a key whose secret is known."""
    return {"key": principal.access_key, "secret": principal.secret_key, "version": version}


def body(parts: Iterable[Part]) -> bytes:
    """Return the form as a browser encodes it."""
    pieces = []
    for name, content, filename in parts:
        shown = "" if filename is None else f'; filename="{filename}"\r\nContent-Type: text/plain'
        data = content.encode() if isinstance(content, str) else content
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{shown}\r\n\r\n'
        pieces.append(head.encode() + data + b"\r\n")
    return b"".join(pieces) + f"--{BOUNDARY}--\r\n".encode()


def form(fields: Mapping[str, str], data: str | bytes = DATA, filename: str | None = "photo.jpg") -> bytes:
    """Return the parts of a form: the fields, and the file after them."""
    return body([*((name, text, None) for name, text in fields.items()), ("file", data, filename)])


def send(door: Door, content: bytes, headers: Mapping[str, str] = HEADERS, target: str = "/bucket") -> RawResponse:
    return door.raw("POST", target, dict(headers), content, sign=False)


def post(door: Door, fields: Mapping[str, str], data: str | bytes = DATA, filename: str | None = "photo.jpg") -> RawResponse:
    """Send these bytes as a form."""
    return send(door, form(fields, data, filename))


def policy(conditions: Any, expires: timedelta = timedelta(hours=1)) -> str:
    """Return a policy as JSON."""
    expiration = (datetime.now(timezone.utc) + expires).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return json.dumps({"expiration": expiration, "conditions": conditions})


def conditions(fields: Mapping[str, str]) -> list[Any]:
    """Return conditions that cover exactly these fields and the bucket."""
    covered: list[Any] = [{"bucket": "bucket"}]
    for name, text in fields.items():
        start, found, _ = text.partition("${filename}")
        covered.append(["starts-with", f"${name}", start] if found else {name: text})
    return covered


def _sign_4(key: str, secret: str, encoded: str, region: str) -> dict[str, str]:
    day = datetime.now(timezone.utc).strftime("%Y%m%d")
    signing = f"AWS4{secret}".encode()
    for text in (day, region, "s3", "aws4_request", encoded):
        signing = hmac.new(signing, text.encode(), hashlib.sha256).digest()
    return {"x-amz-signature": signing.hex()}


def _sign_2(key: str, secret: str, encoded: str, region: str) -> dict[str, str]:
    digest = hmac.new(secret.encode(), encoded.encode(), hashlib.sha1).digest()
    return {"signature": base64.b64encode(digest).decode()}


def signed(
    fields: Mapping[str, str],
    document: str | bytes | None = None,
    *,
    more: Iterable[Any] = (),
    version: int = 4,
    key: str = "testing",
    secret: str = "testing",
    region: str = "us-east-1",
) -> dict[str, str]:
    """Return the fields with policy and signature. ``document`` replaces the default policy, which covers them and ``more``."""
    now = datetime.now(timezone.utc)
    own = {"AWSAccessKeyId": key}
    if version == 4:
        own = {
            "x-amz-algorithm": "AWS4-HMAC-SHA256",
            "x-amz-credential": f"{key}/{now:%Y%m%d}/{region}/s3/aws4_request",
            "x-amz-date": f"{now:%Y%m%dT%H%M%SZ}",
        }
    fields = {**fields, **own}
    if document is None:
        document = policy([*conditions({name: text for name, text in fields.items() if name != "AWSAccessKeyId"}), *more])
    encoded = base64.b64encode(document.encode() if isinstance(document, str) else document).decode()
    sign = _sign_4 if version == 4 else _sign_2
    return {**fields, "policy": encoded, **sign(key, secret, encoded, region)}


def stored(door: Door, key: str) -> dict[str, Any]:
    """Return the response of GetObject, with ``Body`` read."""
    got = door.client.get_object(Bucket="bucket", Key=key)
    return {**got, "Body": got["Body"].read()}
