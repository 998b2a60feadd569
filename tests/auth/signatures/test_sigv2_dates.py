"""Dates of SigV2 requests.

Sources: Ceph's compatibility checks; what they say of dates before 1970 and of an empty ``x-amz-date`` is not recorded from AWS.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest

from tests.support.doors import Door, RawResponse, assert_error
from tests.support.signing import KEY, SECRET, iso
from tests.support.state import unchanged

NO_DATE = "AWS authentication requires a valid Date or x-amz-date header"
NOW = "now"


def http_date(date: datetime) -> str:
    return format_datetime(date.astimezone(timezone.utc), usegmt=True)


def send(door: Door, headers: dict[str, str], key: str, secret: str) -> RawResponse:
    """Send a PUT of ``/bucket/k``, signed with these dates."""
    headers = {name: http_date(datetime.now(timezone.utc)) if text is NOW else text for name, text in headers.items()}
    line = f"x-amz-date:{headers['x-amz-date']}\n" if "x-amz-date" in headers else ""
    date = "" if "x-amz-date" in headers else headers.get("Date", "")
    text = f"PUT\n\n\n{date}\n{line}/bucket/k"
    signature = base64.b64encode(hmac.digest(secret.encode(), text.encode(), hashlib.sha1)).decode()
    return door.raw("PUT", "/bucket/k", {**headers, "Authorization": f"AWS {key}:{signature}"}, b"new", sign=False)


BAD = {
    "none": {},
    "empty": {"Date": ""},
    "empty x-amz-date": {"x-amz-date": ""},
    "empty x-amz-date beside a good date": {"x-amz-date": "", "Date": NOW},
    "bad x-amz-date beside a good date": {"x-amz-date": "yesterday", "Date": NOW},
    "bad date": {"Date": "yesterday"},
    "1950": {"Date": "Tue, 07 Jul 1950 21:53:04 GMT"},
    "1950 in x-amz-date": {"x-amz-date": "Tue, 07 Jul 1950 21:53:04 GMT"},
    "1950 in x-amz-date beside a good date": {"x-amz-date": "Tue, 07 Jul 1950 21:53:04 GMT", "Date": NOW},
    "1950, ISO": {"x-amz-date": "19500707T215304Z"},
    "the last second before 1970": {"Date": "Wed, 31 Dec 1969 23:59:59 GMT"},
    "year 1": {"Date": "Mon, 01 Jan 0001 00:00:00 GMT"},
}


@pytest.mark.parametrize("headers", BAD.values(), ids=BAD)
@pytest.mark.parametrize(("key", "secret"), [(KEY, SECRET), ("testing", "any")], ids=["known", "unknown"])
def test_no_valid_date(door: Door, headers: dict[str, str], key: str, secret: str) -> None:
    with unchanged(door.fake):
        assert_error(send(door, headers, key, secret), 403, "AccessDenied", NO_DATE)


@pytest.mark.parametrize("headers", [{"Date": NOW}, {"x-amz-date": NOW}, {"x-amz-date": NOW, "Date": "yesterday"}], ids=str)
def test_good_dates(door: Door, headers: dict[str, str]) -> None:
    assert send(door, headers, KEY, SECRET).status == 200


@pytest.mark.parametrize("name", ["Date", "x-amz-date"])
@pytest.mark.parametrize("year", [1970, 2000, 2100, 9999])
def test_skew(door: Door, name: str, year: int) -> None:
    sent = http_date(datetime(year, 1, 1, tzinfo=timezone.utc))
    with unchanged(door.fake):
        before = datetime.now(timezone.utc) - timedelta(seconds=1)
        response = send(door, {name: sent}, KEY, SECRET)
    error = dict(response.error)
    server_time = str(error.pop("ServerTime"))
    assert iso(before) <= server_time <= iso(datetime.now(timezone.utc) + timedelta(seconds=1))
    assert (response.status, error) == (
        403,
        {
            "Code": "RequestTimeTooSkewed",
            "Message": "The difference between the request time and the current time is too large.",
            "RequestTime": sent,
            "MaxAllowedSkewMilliseconds": "900000",
        },
    )
