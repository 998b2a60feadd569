"""Requests, URLs and forms that are signed before or after a test moves the fake's clock."""

from __future__ import annotations

import contextlib
import http.client
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from fakes3part.message import Request
from tests.support.doors import Door

MOVES = {
    "a month on": lambda clock: clock.advance(days=31),
    "an hour on": lambda clock: clock.advance(hours=1),
    "back, and frozen": lambda clock: clock.freeze("2020-02-29T12:00:00Z"),
    "far on, and frozen": lambda clock: clock.freeze("2099-01-01"),
    "twice": lambda clock: (clock.advance(days=2), clock.advance(days=2)),
}


@pytest.fixture(params=["s3v4", "s3"])
def known(door: Door, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A client whose signatures are verified."""
    owner = door.fake.add_account()
    settings = {"aws_access_key_id": owner.access_key, "aws_secret_access_key": owner.secret_key}
    with door.client_with(config=Config(signature_version=request.param, s3={"addressing_style": "path"}), **settings) as client:
        client.create_bucket(Bucket="bucket")
        client.put_object(Bucket="bucket", Key="key", Body=b"1")
        yield client


def fetch(door: Door, url: str) -> int:
    """GET a URL, and return the status."""
    parts = urlsplit(url)
    if door.name == "server":
        with contextlib.closing(http.client.HTTPConnection(parts.netloc, timeout=10)) as connection:
            connection.request("GET", f"{parts.path}?{parts.query}")
            return connection.getresponse().status
    return door.fake.handle(Request("GET", parts.netloc, parts.path, parts.query, {"host": parts.netloc})).status


def url(client: Any, seconds: int) -> str:
    return str(client.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "key"}, ExpiresIn=seconds))


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
def test_signed_headers_are_valid_after_a_move(door: Door, known: Any, move: Any) -> None:
    move(door.fake.clock)
    assert known.get_object(Bucket="bucket", Key="key")["Body"].read() == b"1"


def test_a_url_expires_when_the_clock_says_so(door: Door, known: Any) -> None:
    link = url(known, 3600)
    door.fake.clock.advance(minutes=59)
    assert fetch(door, link) == 200
    door.fake.clock.advance(minutes=2)
    assert fetch(door, link) == 403


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
def test_a_url_signed_after_a_move_in_process_counts_from_there(door: Door, known: Any, move: Any) -> None:
    with door.fake:
        move(door.fake.clock)
        link = url(known, 3600)
        assert fetch(door, link) == 200
        door.fake.clock.advance(hours=2)
        assert fetch(door, link) == 403


def test_a_remote_client_signs_with_the_system_time(door: Door, known: Any) -> None:
    """A client with the system's time: URLs signed before the move have expired, those signed after it have not.

    The signatures are a second apart, the resolution of their dates.
    """
    before = url(known, 600)
    clock = door.fake.clock
    clock.advance(days=31)
    assert fetch(door, before) == 403
    clock._history = [(since - timedelta(seconds=2), *rest) for since, *rest in clock._history]  # as if the move were 2 s ago
    if known.meta.config.signature_version == "s3v4":  # SigV2 URLs do not say when they were signed
        assert fetch(door, url(known, 600)) == 200


def test_a_wrong_date_is_still_refused(door: Door, known: Any) -> None:
    door.fake.clock.advance(days=1)
    far = door.fake.clock.now() - timedelta(hours=5)

    def skewed(request: Any, **_: Any) -> None:
        request.headers["X-Amz-Date"] = far.strftime("%Y%m%dT%H%M%SZ")

    known.meta.events.register("before-send.s3", skewed)
    with pytest.raises(ClientError) as error:
        known.get_object(Bucket="bucket", Key="key")
    assert error.value.response["Error"]["Code"] == "RequestTimeTooSkewed"
