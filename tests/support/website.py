"""A website, and a browser that sends unsigned requests and follows no redirects."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from fakes3part.message import Request
from tests.support.doors import Door, RawResponse, by_name

Look = Callable[..., RawResponse]

INDEX: dict[str, Any] = {"IndexDocument": {"Suffix": "index.html"}}
WITH_ERROR = {**INDEX, "ErrorDocument": {"Key": "error.html"}}


def host_of(door: Door, bucket: str = "bucket") -> str:
    """Return the site's host: AWS's in-process, a name under localhost at the server."""
    if door.name == "server":
        return f"{bucket}.s3-website.localhost:{urlsplit(door.url).port}"
    return f"{bucket}.s3-website-us-east-1.amazonaws.com"


def look(
    door: Door, target: str = "/", method: str = "GET", headers: dict[str, str] | None = None, host: str | None = None
) -> RawResponse:
    """Return the response that a browser gets."""
    host = host or host_of(door)
    headers = {"Host": host, **(headers or {})}
    if door.name == "server":
        with contextlib.closing(HTTPConnection(urlsplit(door.url).netloc, timeout=10)) as connection:
            connection.request(method, target, headers=headers)
            response = connection.getresponse()
            return RawResponse(response.status, by_name(response.getheaders()), response.read())
    path, _, query = target.partition("?")
    lowered = {name.lower(): value for name, value in headers.items()}
    answer = door.fake.handle(Request(method, host, path, query, lowered, scheme="http"))
    return RawResponse(answer.status, by_name(answer.headers), b"".join(map(bytes, answer.body)))


def open_to_all(s3: Any, bucket: str = "bucket", *actions: str) -> None:
    """Allow everybody these actions; by default, to read and list."""
    s3.delete_public_access_block(Bucket=bucket)
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": actions or ["s3:GetObject", "s3:ListBucket"],
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


def items(page: bytes) -> list[list[tuple[str, str]]]:
    """Return the lists of an error page, without the two ids."""
    lists = re.findall(r"<ul>\n(.*?)</ul>", page.decode(), re.DOTALL)
    rows = [re.findall(r"<li>(\w+): (.*?)</li>", text) for text in lists]
    return [[(name, text) for name, text in one if name not in ("RequestId", "HostId")] for one in rows]
