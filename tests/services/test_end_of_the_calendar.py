"""Credentials and deletions whose end would be after the year 9999 end with the calendar."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from fakes3part.clock import later
from fakes3part.message import Request
from tests.support.services import Door

LAST_SECOND = datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone.utc)
FIRST_SECOND = datetime(1, 1, 1, tzinfo=timezone.utc)


def test_credentials_that_last_until_the_last_second(door: Door) -> None:
    door.fake.clock.freeze("9999-12-31T23:30:00Z")
    assert door.client("sts").get_session_token()["Credentials"]["Expiration"] == LAST_SECOND


def test_a_key_that_is_deleted_in_the_last_second(door: Door) -> None:
    kms = door.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    door.fake.clock.freeze("9999-12-31T00:00:00Z")
    assert kms.schedule_key_deletion(KeyId=key)["DeletionDate"] == LAST_SECOND


def test_a_session_of_a_directory_bucket(door: Door) -> None:
    door.fake.clock.freeze("9999-12-31T23:59:00Z")
    headers = {"authorization": "AWS testing:x", "date": "Fri, 31 Dec 9999 23:59:00 GMT"}
    request = Request("GET", "absent--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com", "/", "session", headers)
    assert 400 <= door.fake.handle(request).status < 500


@pytest.mark.parametrize(
    ("moment", "span", "expected"),
    [
        (LAST_SECOND, timedelta(seconds=1), LAST_SECOND),
        (LAST_SECOND, timedelta.max, LAST_SECOND),
        (FIRST_SECOND, -timedelta(seconds=1), FIRST_SECOND),
        (FIRST_SECOND, timedelta(seconds=1), FIRST_SECOND + timedelta(seconds=1)),
    ],
)
def test_later(moment: datetime, span: timedelta, expected: datetime) -> None:
    assert later(moment, span) == expected
