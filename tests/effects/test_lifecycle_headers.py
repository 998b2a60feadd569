"""``x-amz-expiration``, ``x-amz-abort-date``, ``x-amz-abort-rule-id``: which responses have them, and their values.

The form of ``x-amz-expiration`` is recorded from AWS, February 2026; the rest is that of botocore's S3 model documentation.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from fakes3part.clock import Clock
from tests.support.doors import Door
from tests.support.lifecycle import put_rules, rule

DAY = {"Days": 1}
WHOLE = 'expiry-date="Wed, 07 Jan 2026 00:00:00 GMT", rule-id="wholebucket"'


def expiration(answer: dict[str, Any]) -> str | None:
    return answer.get("Expiration")


def read(s3: Any, key: str, **params: Any) -> list[str | None]:
    """Return ``x-amz-expiration`` of HEAD and of GET."""
    with s3.get_object(Bucket="bucket", Key=key, **params)["Body"]:
        pass
    return [
        expiration(s3.head_object(Bucket="bucket", Key=key, **params)),
        expiration(s3.get_object(Bucket="bucket", Key=key, **params)),
    ]


def test_every_write_and_read_tells(s3: Any, clock: Clock) -> None:
    put_rules(s3, rule("wholebucket", Expiration={"Days": 5}))
    assert expiration(s3.put_object(Bucket="bucket", Key="k", Body=b"abc")) == WHOLE
    assert expiration(s3.copy_object(Bucket="bucket", Key="copy", CopySource="bucket/k")) == WHOLE
    upload = s3.create_multipart_upload(Bucket="bucket", Key="parts")["UploadId"]
    etag = s3.upload_part(Bucket="bucket", Key="parts", UploadId=upload, PartNumber=1, Body=b"abc")["ETag"]
    response = s3.complete_multipart_upload(
        Bucket="bucket", Key="parts", UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]}
    )
    assert expiration(response) == WHOLE
    for key in ("k", "copy", "parts"):
        assert read(s3, key) == [WHOLE, WHOLE]


def test_not_of_a_version(s3: Any, versioned: str, clock: Clock) -> None:
    put_rules(s3, rule("wholebucket", Expiration={"Days": 5}))
    version = s3.put_object(Bucket="bucket", Key="k", Body=b"abc")
    assert expiration(version) == WHOLE
    assert read(s3, "k") == [WHOLE, WHOLE]
    assert read(s3, "k", VersionId=version["VersionId"]) == [None, None]


def test_no_rules_no_header(door: Door, clock: Clock) -> None:
    s3 = door.client
    assert expiration(s3.put_object(Bucket="bucket", Key="k", Body=b"abc")) is None
    put_rules(s3, rule(Expiration=DAY))
    assert read(s3, "k")[0] is not None
    s3.delete_bucket_lifecycle(Bucket="bucket")
    assert read(s3, "k") == [None, None]


ROUNDED = {
    "2026-01-01T10:00:00Z": "Sat, 03 Jan 2026",
    "2026-01-01T23:59:59Z": "Sat, 03 Jan 2026",
    "2026-01-01T00:00:01Z": "Sat, 03 Jan 2026",
    "2026-01-01T00:00:00Z": "Fri, 02 Jan 2026",
    "2026-02-27T12:00:00+09:00": "Sun, 01 Mar 2026",
    "2025-12-30T12:00:00Z": "Thu, 01 Jan 2026",
}


@pytest.mark.parametrize(("at", "day"), ROUNDED.items(), ids=ROUNDED)
def test_rounded_up_to_midnight(s3: Any, clock: Clock, at: str, day: str) -> None:
    clock.freeze(at)
    put_rules(s3, rule(Expiration=DAY))
    assert expiration(s3.put_object(Bucket="bucket", Key="k")) == f'expiry-date="{day} 00:00:00 GMT", rule-id="rule"'


def _found(*rules: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    return rules


PAST = datetime(2020, 1, 1, tzinfo=timezone.utc)
CHOSEN: dict[str, tuple[tuple[dict[str, Any], ...], str | None]] = {
    "the first to come": (_found(rule("a", Expiration={"Days": 9}), rule("b", Expiration={"Days": 5})), "b"),
    "the first of two": (_found(rule("a", Expiration=DAY), rule("b", Expiration=DAY)), "a"),
    "a date, even one that is over": (_found(rule("a", Expiration=DAY), rule("b", Expiration={"Date": PAST})), "b"),
    "only what is enabled": (_found(rule("a", Status="Disabled", Expiration=DAY)), None),
    "its prefix": (_found(rule("a", Filter={"Prefix": "x"}, Expiration=DAY), rule("b", Expiration={"Days": 5})), "b"),
    "a base prefix": (_found(rule("a", Filter=None, Prefix="k", Expiration=DAY)), "a"),
    "another base prefix": (_found(rule("a", Filter=None, Prefix="K", Expiration=DAY)), None),
    "its tag": (_found(rule("a", Filter={"Tag": {"Key": "t", "Value": "1"}}, Expiration=DAY)), "a"),
    "its tag's value": (_found(rule("a", Filter={"Tag": {"Key": "t", "Value": "2"}}, Expiration=DAY)), None),
    "its size": (_found(rule("a", Filter={"ObjectSizeGreaterThan": 2}, Expiration=DAY)), "a"),
    "larger than, not as large as": (_found(rule("a", Filter={"ObjectSizeGreaterThan": 3}, Expiration=DAY)), None),
    "smaller than, not as small as": (_found(rule("a", Filter={"ObjectSizeLessThan": 3}, Expiration=DAY)), None),
    "all of And": (
        _found(rule("a", Filter={"And": {"Prefix": "k", "Tags": [{"Key": "t", "Value": "1"}]}}, Expiration=DAY)),
        "a",
    ),
    "not a part of And": (
        _found(rule("a", Filter={"And": {"Prefix": "k", "Tags": [{"Key": "u", "Value": "1"}]}}, Expiration=DAY)),
        None,
    ),
    "not markers": (_found(rule("a", Expiration={"ExpiredObjectDeleteMarker": True})), None),
    "not transitions": (_found(rule("a", Transitions=[{"Days": 1, "StorageClass": "GLACIER"}])), None),
    "not beyond the calendar": (_found(rule("a", Expiration={"Days": 2147483647})), None),
    "an id of any letters": (_found(rule('\u00e9 "/', Expiration=DAY)), "%C3%A9%20%22%2F"),
}


@pytest.mark.parametrize(("rules", "chosen"), CHOSEN.values(), ids=CHOSEN)
def test_which_rule(s3: Any, clock: Clock, rules: tuple[dict[str, Any], ...], chosen: str | None) -> None:
    put_rules(s3, *rules)
    response = s3.put_object(Bucket="bucket", Key="k", Body=b"abc", Tagging="t=1")
    header = expiration(response)
    if chosen is None:
        assert header is None
    else:
        assert header is not None
        assert header.endswith(f'rule-id="{chosen}"')
    assert read(s3, "k") == [header, header]


# --- uploads ---------------------------------------------------------------------------------------------------------


def _abort(days: int) -> dict[str, int]:
    return {"DaysAfterInitiation": days}


def test_uploads_tell_when_they_end(s3: Any, clock: Clock) -> None:
    put_rules(
        s3,
        rule("later", AbortIncompleteMultipartUpload=_abort(7)),
        rule("a b", Filter={"Prefix": "k"}, AbortIncompleteMultipartUpload=_abort(3)),
        rule("off", Status="Disabled", AbortIncompleteMultipartUpload=_abort(1)),
    )
    for key, day, name in (("k/1", 5, "a b"), ("other", 9, "later")):
        opened = s3.create_multipart_upload(Bucket="bucket", Key=key)
        listed = s3.list_parts(Bucket="bucket", Key=key, UploadId=opened["UploadId"])
        for response in (opened, listed):
            assert response["AbortDate"] == datetime(2026, 1, day, tzinfo=timezone.utc)
            assert response["AbortRuleId"] == name


def test_the_header_of_an_upload(door: Door, clock: Clock) -> None:
    put_rules(door.client, rule("\u00fc", AbortIncompleteMultipartUpload=_abort(3)))
    response = door.raw("POST", "/bucket/k?uploads")
    assert response.headers["x-amz-abort-date"] == "Mon, 05 Jan 2026 00:00:00 GMT"
    assert response.headers["x-amz-abort-rule-id"] == "%C3%BC"


def test_uploads_tell_nothing_of_other_rules(s3: Any, clock: Clock) -> None:
    put_rules(s3, rule(Expiration=DAY), rule("x", Filter={"Prefix": "x"}, AbortIncompleteMultipartUpload=_abort(3)))
    opened = s3.create_multipart_upload(Bucket="bucket", Key="k")
    listed = s3.list_parts(Bucket="bucket", Key="k", UploadId=opened["UploadId"])
    for response in (opened, listed):
        assert not {"AbortDate", "AbortRuleId"} & response.keys()
