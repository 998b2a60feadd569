"""Retention and legal hold of versions: put, get, extend, weaken, and expiry by the clock."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any

import pytest

from fakes3part.rules.object_lock import java_date
from tests.support.doors import Door, RawResponse, refused
from tests.support.errors import INVALID_VERSION_ID, MALFORMED_XML, METHOD_NOT_ALLOWED, NO_DIGEST, NO_SUCH_KEY, NO_SUCH_VERSION
from tests.support.object_lock import (
    NO_LOCK,
    PROTECTED,
    UNLOCKED,
    day,
    is_gone_after_delete,
    is_locked,
    lock,
    put,
    retention,
    shown,
)
from tests.support.state import unchanged
from tests.support.version_ids import GONE


def retain(s3: Any, mode: str = "GOVERNANCE", days: int = 10, **options: Any) -> Any:
    return partial(s3.put_object_retention, Bucket="locked", **{"Key": "k", "Retention": retention(mode, days), **options})


def hold(s3: Any, status: str, **options: Any) -> Any:
    return partial(s3.put_object_legal_hold, Bucket="locked", **{"Key": "k", "LegalHold": {"Status": status}, **options})


def protected(call: Any) -> None:
    refused(call, 403, "AccessDenied", PROTECTED)


def send(door: Door, target: str, body: bytes, **headers: str) -> RawResponse:
    return door.raw("PUT", target, {"Content-MD5": base64.b64encode(hashlib.md5(body).digest()).decode(), **headers}, body)


# --- put and read ----------------------------------------------------------------------------------------------------


def test_retention(s3: Any, locked: str) -> None:
    version_id = put(s3)
    before = s3.head_object(Bucket=locked, Key="k")
    refused(partial(s3.get_object_retention, Bucket=locked, Key="k"), 404, "NoSuchObjectLockConfiguration", UNLOCKED)
    assert retain(s3)()["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert s3.get_object_retention(Bucket=locked, Key="k")["Retention"] == retention()
    assert shown(s3) == ("GOVERNANCE", day(10), None)
    after = s3.head_object(Bucket=locked, Key="k")
    assert (after["VersionId"], after["LastModified"]) == (version_id, before["LastModified"])
    refused(partial(s3.get_object_legal_hold, Bucket=locked, Key="k"), 404, "NoSuchObjectLockConfiguration", UNLOCKED)


def test_legal_hold(s3: Any, locked: str) -> None:
    version_id = put(s3)
    for status in ("ON", "OFF", "ON", "ON"):
        assert hold(s3, status)()["ResponseMetadata"]["HTTPStatusCode"] == 200
        assert s3.get_object_legal_hold(Bucket=locked, Key="k")["LegalHold"] == {"Status": status}
        assert shown(s3) == (None, None, status)
    refused(partial(s3.get_object_retention, Bucket=locked, Key="k"), 404, "NoSuchObjectLockConfiguration", UNLOCKED)
    is_locked(s3, version_id)
    is_locked(s3, version_id, BypassGovernanceRetention=True)
    hold(s3, "OFF")()
    is_gone_after_delete(s3, version_id)


def test_each_version_by_itself(s3: Any, locked: str) -> None:
    first, second = put(s3), put(s3)
    retain(s3, VersionId=first)()
    hold(s3, "ON", VersionId=second)()
    assert [shown(s3, VersionId=one) for one in (first, second)] == [("GOVERNANCE", day(10), None), (None, None, "ON")]
    assert s3.get_object_retention(Bucket=locked, Key="k", VersionId=first)["Retention"] == retention()
    assert s3.get_object_legal_hold(Bucket=locked, Key="k", VersionId=second)["LegalHold"] == {"Status": "ON"}
    refused(
        partial(s3.get_object_retention, Bucket=locked, Key="k", VersionId=second),
        404,
        "NoSuchObjectLockConfiguration",
        UNLOCKED,
    )


def test_on_the_wire(door: Door, locked: str) -> None:
    put(door.client)
    target = f"/{locked}/k"
    body = b"<Retention><RetainUntilDate>2031-01-01T00:00:00Z</RetainUntilDate><Mode>COMPLIANCE</Mode></Retention>"
    assert send(door, f"{target}?retention", body).status == 200
    assert send(door, f"{target}?legal-hold", b"<LegalHold><Status>ON</Status></LegalHold>").status == 200
    namespace = ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
    text = door.raw("GET", f"{target}?retention").body.decode()
    until = "<Mode>COMPLIANCE</Mode><RetainUntilDate>2031-01-01T00:00:00.000Z</RetainUntilDate>"
    assert text.endswith(f"<Retention{namespace}>{until}</Retention>")
    text = door.raw("GET", f"{target}?legal-hold").body.decode()
    assert text.endswith(f"<LegalHold{namespace}><Status>ON</Status></LegalHold>")


# --- looser and stricter ---------------------------------------------------------------------------------------------

Change = tuple[str, int] | None
"""Mode and days of a retention; None: ``<Retention/>``."""

CHANGES: dict[str, tuple[tuple[str, int], Change, str]] = {
    "governance longer": (("GOVERNANCE", 10), ("GOVERNANCE", 11), "free"),
    "governance as it is": (("GOVERNANCE", 10), ("GOVERNANCE", 10), "free"),
    "governance stricter": (("GOVERNANCE", 10), ("COMPLIANCE", 10), "bypass"),
    "governance stricter and longer": (("GOVERNANCE", 10), ("COMPLIANCE", 11), "bypass"),
    "governance shorter": (("GOVERNANCE", 10), ("GOVERNANCE", 9), "bypass"),
    "governance stricter but shorter": (("GOVERNANCE", 10), ("COMPLIANCE", 9), "bypass"),
    "governance removed": (("GOVERNANCE", 10), None, "bypass"),
    "compliance longer": (("COMPLIANCE", 10), ("COMPLIANCE", 11), "free"),
    "compliance as it is": (("COMPLIANCE", 10), ("COMPLIANCE", 10), "free"),
    "compliance shorter": (("COMPLIANCE", 10), ("COMPLIANCE", 9), "never"),
    "compliance looser": (("COMPLIANCE", 10), ("GOVERNANCE", 10), "never"),
    "compliance looser but longer": (("COMPLIANCE", 10), ("GOVERNANCE", 11), "never"),
    "compliance removed": (("COMPLIANCE", 10), None, "never"),
}


@pytest.mark.parametrize("bypass", [False, True], ids=["plain", "bypass"])
@pytest.mark.parametrize(("old", "new", "kind"), CHANGES.values(), ids=CHANGES)
def test_changes(door: Door, locked: str, old: tuple[str, int], new: Change, kind: str, bypass: bool) -> None:
    s3 = door.client
    put(s3, **lock(*old), ObjectLockLegalHoldStatus="ON")
    options = {"BypassGovernanceRetention": True} if bypass else {}
    change = retain(s3, Retention=retention(*new) if new else {}, **options)
    if kind == "free" or (kind == "bypass" and bypass):
        change()
        assert shown(s3) == ((new[0], day(new[1]), "ON") if new else (None, None, "ON"))
    else:
        with unchanged(door.fake):
            protected(change)


@pytest.mark.parametrize("new", [None, ("GOVERNANCE", 20), ("COMPLIANCE", 20)], ids=str)
@pytest.mark.parametrize("old", ["GOVERNANCE", "COMPLIANCE"])
def test_an_ended_retention_can_be_changed(door: Door, locked: str, old: str, new: Change) -> None:
    s3 = door.client
    put(s3, **lock(old))
    door.fake.clock.freeze(day(10))
    assert s3.get_object_retention(Bucket=locked, Key="k")["Retention"] == retention(old)  # returned all the same
    retain(s3, Retention=retention(*new) if new else {})()
    assert shown(s3) == ((new[0], day(new[1]), None) if new else (None, None, None))


def test_removing_a_missing_retention(s3: Any, locked: str) -> None:
    version_id = put(s3)
    retain(s3, Retention={})()
    assert shown(s3) == (None, None, None)
    is_gone_after_delete(s3, version_id)


# --- deletes, by the clock -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["GOVERNANCE", "COMPLIANCE"])
@pytest.mark.parametrize("requested", ["with the object", "later", "by default"])
def test_until_the_date(door: Door, locked: str, mode: str, requested: str) -> None:
    s3 = door.client
    if requested == "by default":
        rule = {"DefaultRetention": {"Mode": mode, "Days": 10}}
        configuration = {"ObjectLockEnabled": "Enabled", "Rule": rule}
        s3.put_object_lock_configuration(Bucket=locked, ObjectLockConfiguration=configuration)
    version_id = put(s3, **(lock(mode) if requested == "with the object" else {}))
    if requested == "later":
        retain(s3, mode)()
    is_locked(s3, version_id)
    door.fake.clock.advance(days=9, hours=23, minutes=59, seconds=59)
    is_locked(s3, version_id)
    door.fake.clock.advance(seconds=1)
    is_gone_after_delete(s3, version_id)


def test_extended(door: Door, locked: str) -> None:
    s3 = door.client
    version_id = put(s3, **lock("COMPLIANCE"))
    door.fake.clock.advance(days=9)
    retain(s3, "COMPLIANCE", 20)()
    door.fake.clock.freeze(day(19))
    is_locked(s3, version_id)
    door.fake.clock.freeze(day(20))
    is_gone_after_delete(s3, version_id)


def test_bypass(s3: Any, locked: str) -> None:
    for mode in ("GOVERNANCE", "COMPLIANCE"):
        put(s3, mode, **lock(mode))
    governed, compliant = (s3.head_object(Bucket=locked, Key=mode)["VersionId"] for mode in ("GOVERNANCE", "COMPLIANCE"))
    is_locked(s3, compliant, "COMPLIANCE", BypassGovernanceRetention=True)
    is_locked(s3, governed, "GOVERNANCE", BypassGovernanceRetention=False)
    is_gone_after_delete(s3, governed, "GOVERNANCE", BypassGovernanceRetention=True)
    another = put(s3, **lock())
    hold(s3, "ON")()
    is_locked(s3, another, BypassGovernanceRetention=True)
    hold(s3, "OFF")()
    objects = [{"Key": "k", "VersionId": another}, {"Key": "COMPLIANCE", "VersionId": compliant}, {"Key": "x"}]
    response = s3.delete_objects(Bucket=locked, Delete={"Objects": objects}, BypassGovernanceRetention=True)
    assert [error["VersionId"] for error in response["Errors"]] == [compliant]
    assert response["Deleted"][0] == {"Key": "k", "VersionId": another}


def test_a_delete_marker_hides_a_locked_version(s3: Any, locked: str) -> None:
    version_id = put(s3, **lock("COMPLIANCE"))
    deleted = s3.delete_object(Bucket=locked, Key="k")
    assert deleted["DeleteMarker"] is True
    [by_key] = s3.delete_objects(Bucket=locked, Delete={"Objects": [{"Key": "k"}]})["Deleted"]
    assert by_key["DeleteMarker"] is True
    refused(partial(s3.get_object, Bucket=locked, Key="k"), 404, "NoSuchKey", NO_SUCH_KEY, {"Key": "k"})
    is_locked(s3, version_id)
    # A marker itself is never locked.
    for marker in (deleted["VersionId"], by_key["DeleteMarkerVersionId"]):
        s3.delete_object(Bucket=locked, Key="k", VersionId=marker)
    assert s3.head_object(Bucket=locked, Key="k")["VersionId"] == version_id


def test_an_overwritten_version_stays_locked(s3: Any, locked: str) -> None:
    version_id = put(s3, **lock("COMPLIANCE"))
    newer = put(s3, body=b"newer")
    s3.copy_object(Bucket=locked, Key="k", CopySource=f"{locked}/k?versionId={newer}", MetadataDirective="REPLACE")
    s3.delete_object(Bucket=locked, Key="k", VersionId=newer)
    is_locked(s3, version_id)


def test_a_null_version_from_before_versioning(s3: Any, bucket: str) -> None:
    """The null version of a bucket that got Object Lock later: no write can take its place any more."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"abc")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"})
    s3.put_object_legal_hold(Bucket=bucket, Key="k", LegalHold={"Status": "ON"})
    s3.put_object(Bucket=bucket, Key="k", Body=b"newer")
    protected(partial(s3.delete_object, Bucket=bucket, Key="k", VersionId="null"))
    assert s3.get_object(Bucket=bucket, Key="k", VersionId="null")["Body"].read() == b"abc"


# --- refused ---------------------------------------------------------------------------------------------------------


def calls(s3: Any, **where: Any) -> dict[str, Any]:
    given = {"Bucket": "locked", "Key": "k", **where}
    return {
        "PutObjectRetention": partial(s3.put_object_retention, **given, Retention=retention()),
        "GetObjectRetention": partial(s3.get_object_retention, **given),
        "PutObjectLegalHold": partial(s3.put_object_legal_hold, **given, LegalHold={"Status": "ON"}),
        "GetObjectLegalHold": partial(s3.get_object_legal_hold, **given),
    }


CALL = pytest.mark.parametrize("name", ["PutObjectRetention", "GetObjectRetention", "PutObjectLegalHold", "GetObjectLegalHold"])


@CALL
def test_missing_versions(door: Door, locked: str, bucket: str, name: str) -> None:
    s3 = door.client
    put(s3)
    s3.put_object(Bucket=bucket, Key="k")
    with unchanged(door.fake):
        refused(calls(s3, Bucket=bucket)[name], 400, "InvalidRequest", NO_LOCK)
        refused(calls(s3, Key="missing")[name], 404, "NoSuchKey", NO_SUCH_KEY, {"Key": "missing"})
        extras = {"Key": "k", "VersionId": GONE}
        message = NO_SUCH_VERSION
        refused(calls(s3, VersionId=GONE)[name], 404, "NoSuchVersion", message, extras)
        extras = {"ArgumentName": "versionId", "ArgumentValue": "BAD"}
        refused(calls(s3, VersionId="BAD")[name], 400, "InvalidArgument", INVALID_VERSION_ID, extras)


@CALL
def test_delete_markers(door: Door, locked: str, name: str) -> None:
    s3 = door.client
    put(s3)
    marker = s3.delete_object(Bucket=locked, Key="k")["VersionId"]
    method = name[:3].upper()
    extras = {"Method": method, "ResourceType": "DeleteMarker"}
    with unchanged(door.fake):
        refused(calls(s3, VersionId=marker)[name], 405, "MethodNotAllowed", METHOD_NOT_ALLOWED, extras)
        if method == "PUT":
            refused(calls(s3)[name], 405, "MethodNotAllowed", METHOD_NOT_ALLOWED, extras)
        else:
            refused(calls(s3)[name], 404, "NoSuchKey", NO_SUCH_KEY, {"Key": "k"})


DATE = "<RetainUntilDate>2031-01-01T00:00:00Z</RetainUntilDate>"
DOCUMENTS = {
    "retention: nothing": ("retention", ""),
    "retention: mode only": ("retention", "<Retention><Mode>GOVERNANCE</Mode></Retention>"),
    "retention: date only": ("retention", f"<Retention>{DATE}</Retention>"),
    "retention: bad mode": ("retention", f"<Retention><Mode>STRICT</Mode>{DATE}</Retention>"),
    "retention: empty mode": ("retention", f"<Retention><Mode/>{DATE}</Retention>"),
    "retention: bad date": ("retention", "<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>x</RetainUntilDate></Retention>"),
    "retention: another root": ("retention", "<LegalHold/>"),
    "hold: nothing": ("legal-hold", ""),
    "hold: no status": ("legal-hold", "<LegalHold/>"),
    "hold: bad status": ("legal-hold", "<LegalHold><Status>on</Status></LegalHold>"),
    "hold: broken": ("legal-hold", "<LegalHold><Status>ON</LegalHold>"),
}


@pytest.mark.parametrize("place", ["locked", "bucket"])
@pytest.mark.parametrize(("target", "document"), DOCUMENTS.values(), ids=DOCUMENTS)
def test_malformed(door: Door, locked: str, bucket: str, target: str, document: str, place: str) -> None:
    """Judged before anybody looks whether the bucket has Object Lock (recorded)."""
    door.client.put_object(Bucket=place, Key="k")
    with unchanged(door.fake):
        response = send(door, f"/{place}/k?{target}", document.encode())
    assert (response.status, response.error) == (400, {"Code": "MalformedXML", "Message": MALFORMED_XML})


@pytest.mark.parametrize("target", ["retention", "legal-hold"])
def test_a_digest_is_needed(door: Door, locked: str, target: str) -> None:
    put(door.client)
    message = NO_DIGEST
    with unchanged(door.fake):
        response = door.raw("PUT", f"/{locked}/k?{target}", {}, b"<Retention/>")
    assert (response.status, response.error) == (400, {"Code": "InvalidRequest", "Message": message})


PAST = {
    "recorded": (datetime(2020, 1, 1, tzinfo=timezone.utc), "Tue Dec 31 16:00:00 PST 2019"),
    "summer": (datetime(2029, 7, 4, 12, 30, 5, tzinfo=timezone.utc), "Wed Jul 04 05:30:05 PDT 2029"),
    "now": (day(0), "Mon Dec 31 16:00:00 PST 2029"),
}


@pytest.mark.parametrize(("until", "returned"), PAST.values(), ids=PAST)
def test_dates_in_the_past(door: Door, locked: str, until: datetime, returned: str) -> None:
    put(door.client)
    extras = {"ArgumentName": "RetainUntilDate", "ArgumentValue": returned}
    with unchanged(door.fake):
        call = retain(door.client, Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until})
        refused(call, 400, "InvalidArgument", "The retain until date must be in the future!", extras)


def test_pacific_time() -> None:
    """Against the real rules of Los Angeles, hour by hour around both changes of a few years."""
    zoneinfo = pytest.importorskip("zoneinfo")
    try:
        zone = zoneinfo.ZoneInfo("America/Los_Angeles")
    except zoneinfo.ZoneInfoNotFoundError:
        pytest.skip("no time zones on this machine")
    for year in range(2007, 2040):
        for start in (datetime(year, 3, 7, tzinfo=timezone.utc), datetime(year, 10, 31, tzinfo=timezone.utc)):
            for hours in range(10 * 24):
                date = start + timedelta(hours=hours)
                assert java_date(date) == date.astimezone(zone).strftime("%a %b %d %H:%M:%S %Z %Y")


@pytest.mark.parametrize("member", [{"EventHold": "ON"}, {"EventHoldDuration": {"Days": 1}}], ids=str)
def test_event_holds_are_not_done(door: Door, locked: str, member: dict[str, Any]) -> None:
    put(door.client)
    message = f"fakes3part does not implement PutObjectRetention ({next(iter(member))})"
    with unchanged(door.fake):
        call = retain(door.client, Retention=retention() | member)
        refused(call, 501, "NotImplemented", message, {"Operation": "PutObjectRetention"})
