"""Dates of any year, and clocks at the end of the calendar: S3's own 4xx or a date that the calendar has."""

from __future__ import annotations

from base64 import b64encode
from hashlib import md5

import pytest

from tests.support.doors import Door, assert_error
from tests.support.state import unchanged


def _retention(years: str) -> bytes:
    return (
        "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention>"
        f"<Mode>GOVERNANCE</Mode>{years}</DefaultRetention></Rule></ObjectLockConfiguration>"
    ).encode()


@pytest.mark.parametrize("date", ["0001-01-01T00:00:00Z", "0001-01-01T12:00:00Z", "0001-01-03T00:00:00Z"])
def test_a_retention_until_the_first_day(door: Door, date: str) -> None:
    s3 = door.client
    s3.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
    s3.put_object(Bucket="locked", Key="k", Body=b"abc")
    document = f"<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>{date}</RetainUntilDate></Retention>".encode()
    with unchanged(door.fake):
        response = door.raw("PUT", "/locked/k?retention", _digest(document), document)
    assert (response.status, response.error["Code"]) == (400, "InvalidArgument")
    assert response.error["Message"] == "The retain until date must be in the future!"


def _digest(document: bytes) -> dict[str, str]:
    return {"Content-MD5": b64encode(md5(document).digest()).decode()}


@pytest.mark.parametrize("period", ["<Years>100</Years>", "<Days>36500</Days>"])
def test_a_default_retention_beyond_the_calendar(door: Door, period: str) -> None:
    s3 = door.client
    s3.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
    document = _retention(period)
    assert door.raw("PUT", "/locked?object-lock", _digest(document), document).status == 200
    door.fake.clock.freeze("9999-12-31T23:00:00Z")
    headers = {"Content-MD5": _digest(b"abc")["Content-MD5"]}
    response = door.raw("PUT", "/locked/k", headers, b"abc")
    assert response.status == 200
    lock = door.raw("GET", "/locked/k?retention")
    assert b"<RetainUntilDate>9999-12-31T23:59:59" in lock.body


def test_a_restore_beyond_the_calendar(door: Door, bucket: str) -> None:
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc", StorageClass="GLACIER")
    door.fake.clock.freeze("9999-12-31T23:00:00Z")
    document = b"<RestoreRequest><Days>5</Days></RestoreRequest>"
    with unchanged(door.fake):
        response = door.raw("POST", f"/{bucket}/k?restore", body=document)
    extras = {"ArgumentName": "Days", "ArgumentValue": "5"}
    assert_error(response, 400, "InvalidArgument", "Days must be a positive integer", extras)
