"""Object Lock of a bucket: how it is enabled, its default retention, and that it cannot be disabled."""

from __future__ import annotations

import base64
import hashlib
from functools import partial
from typing import Any

import pytest

from tests.support.doors import Door, assert_error, refused
from tests.support.errors import MALFORMED_XML, NO_DIGEST
from tests.support.object_lock import day, put, shown
from tests.support.state import unchanged

NONE = "Object Lock configuration does not exist for this bucket"
UNVERSIONED = "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration"
SUSPEND = "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed."
TOO_SMALL, TOO_LARGE = "Default retention period must be a positive integer value.", "Default retention period too large."


def default(**retention: Any) -> dict[str, Any]:
    return {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}}


def configured(s3: Any, name: str = "locked") -> Any:
    return s3.get_object_lock_configuration(Bucket=name)["ObjectLockConfiguration"]


def test_a_new_bucket(s3: Any, locked: str) -> None:
    assert s3.get_bucket_versioning(Bucket=locked)["Status"] == "Enabled"
    assert configured(s3) == {"ObjectLockEnabled": "Enabled"}
    assert put(s3) != "null"
    assert shown(s3) == (None, None, None)


def test_a_bucket_without(s3: Any, bucket: str) -> None:
    get = partial(s3.get_object_lock_configuration, Bucket=bucket)
    refused(get, 404, "ObjectLockConfigurationNotFoundError", NONE, {"BucketName": bucket})
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)


@pytest.mark.parametrize("state", [None, "Suspended"])
def test_object_lock_needs_versioning(door: Door, bucket: str, state: str | None) -> None:
    s3 = door.client
    if state is not None:
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": state})
    with unchanged(door.fake):
        configure = partial(
            s3.put_object_lock_configuration, Bucket=bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"}
        )
        refused(configure, 409, "InvalidBucketState", UNVERSIONED)


def test_an_existing_bucket_can_enable_object_lock(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"abc")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    configuration = default(Mode="COMPLIANCE", Days=1)
    s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration=configuration)
    assert configured(s3, bucket) == configuration
    # What was there before is not locked by it.
    assert "ObjectLockMode" not in s3.head_object(Bucket=bucket, Key="k")
    s3.delete_object(Bucket=bucket, Key="k", VersionId="null")


@pytest.mark.parametrize("status", ["Suspended", "Enabled"])
def test_versioning_stays(door: Door, locked: str, status: str) -> None:
    change = partial(door.client.put_bucket_versioning, Bucket=locked, VersioningConfiguration={"Status": status})
    with unchanged(door.fake):
        if status == "Enabled":
            change()
        else:
            refused(change, 409, "InvalidBucketState", SUSPEND)


DEFAULTS = {
    "days": ({"Mode": "GOVERNANCE", "Days": 30}, day(30)),
    "years": ({"Mode": "COMPLIANCE", "Years": 2}, day(365 + 365)),
    "leap years": ({"Mode": "COMPLIANCE", "Years": 3}, day(365 + 365 + 366)),
    "most days": ({"Mode": "GOVERNANCE", "Days": 36_500}, day(36_500)),
    "most years": ({"Mode": "GOVERNANCE", "Years": 100}, day(36_524)),
}


@pytest.mark.parametrize(("retention", "until"), DEFAULTS.values(), ids=DEFAULTS)
def test_default_retention(door: Door, locked: str, retention: dict[str, Any], until: Any) -> None:
    s3 = door.client
    put(s3, "before")
    s3.put_object_lock_configuration(Bucket=locked, ObjectLockConfiguration=default(**retention))
    assert configured(s3) == default(**retention)
    put(s3)
    assert shown(s3) == (retention["Mode"], until, None)
    assert shown(s3, "before") == (None, None, None)
    # Changed, it is another one for what comes; taken away, none.
    s3.put_object_lock_configuration(Bucket=locked, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"})
    assert configured(s3) == {"ObjectLockEnabled": "Enabled"}
    put(s3, "after")
    assert shown(s3) == (retention["Mode"], until, None)
    assert shown(s3, "after") == (None, None, None)


def test_a_year_from_a_leap_day(door: Door, locked: str) -> None:
    door.fake.clock.freeze("2032-02-29T12:00:00Z")
    configuration = default(Mode="GOVERNANCE", Years=1)
    door.client.put_object_lock_configuration(Bucket=locked, ObjectLockConfiguration=configuration)
    put(door.client)
    assert shown(door.client)[1].isoformat() == "2033-02-28T12:00:00+00:00"


ENABLED = "<ObjectLockEnabled>Enabled</ObjectLockEnabled>"


def rule(*elements: str) -> str:
    return f"{ENABLED}<Rule><DefaultRetention>{''.join(elements)}</DefaultRetention></Rule>"


MODE, DAYS, YEARS = "<Mode>GOVERNANCE</Mode>", "<Days>1</Days>", "<Years>1</Years>"
BAD = {
    "nothing": ("", "MalformedXML", MALFORMED_XML),
    "not enabled": ("<ObjectLockEnabled>Disabled</ObjectLockEnabled>", "MalformedXML", MALFORMED_XML),
    "rule only": (rule(MODE, DAYS).removeprefix(ENABLED), "MalformedXML", MALFORMED_XML),
    "empty rule": (f"{ENABLED}<Rule/>", "MalformedXML", MALFORMED_XML),
    "empty retention": (rule(), "MalformedXML", MALFORMED_XML),
    "no mode": (rule(DAYS), "MalformedXML", MALFORMED_XML),
    "no period": (rule(MODE), "InvalidRequest", "The default retention must have a period of days or years."),
    "no period in a bad mode": (rule("<Mode>STRICT</Mode>"), "MalformedXML", MALFORMED_XML),
    "both periods": (rule(MODE, DAYS, YEARS), "MalformedXML", MALFORMED_XML),
    "bad mode": (rule("<Mode>STRICT</Mode>", DAYS), "MalformedXML", MALFORMED_XML),
    "no number": (rule(MODE, "<Days>few</Days>"), "MalformedXML", MALFORMED_XML),
}
BAD_PERIODS = {
    "no days": ("Days", "0", TOO_SMALL),
    "negative days": ("Days", "-5", TOO_SMALL),
    "no years": ("Years", "0", TOO_SMALL),
    "negative years": ("Years", "-1", TOO_SMALL),
    "many days": ("Days", "36501", TOO_LARGE),
    "many years": ("Years", "101", TOO_LARGE),
}


@pytest.mark.parametrize(("inside", "code", "message"), BAD.values(), ids=BAD)
def test_bad_configurations(door: Door, locked: str, inside: str, code: str, message: str) -> None:
    body = f"<ObjectLockConfiguration>{inside}</ObjectLockConfiguration>".encode()
    digest = base64.b64encode(hashlib.md5(body).digest()).decode()
    door.client.put_object_lock_configuration(Bucket=locked, ObjectLockConfiguration=default(Mode="GOVERNANCE", Days=5))
    with unchanged(door.fake):
        response = door.raw("PUT", f"/{locked}?object-lock", {"Content-MD5": digest}, body)
    assert (response.status, response.error) == (400, {"Code": code, "Message": message})


@pytest.mark.parametrize(("name", "period", "message"), BAD_PERIODS.values(), ids=BAD_PERIODS)
def test_bad_periods(door: Door, locked: str, name: str, period: str, message: str) -> None:
    """Code and extra elements are recorded from AWS, September 2026."""
    configuration = default(Mode="GOVERNANCE", **{name: int(period)})
    change = partial(door.client.put_object_lock_configuration, Bucket=locked, ObjectLockConfiguration=configuration)
    with unchanged(door.fake):
        refused(change, 400, "InvalidArgument", message, {"ArgumentName": name, "ArgumentValue": period})


@pytest.mark.parametrize("document", ["<Status/>", "<Status></Status>", "", "<MfaDelete>Disabled</MfaDelete>"])
def test_versioning_without_a_status(door: Door, locked: str, bucket: str, document: str) -> None:
    """Recorded from AWS, September 2026, for an empty status of a bucket with Object Lock."""
    body = f"<VersioningConfiguration>{document}</VersioningConfiguration>".encode()
    message = "The Versioning element must be specified"
    for name in (locked, bucket):
        with unchanged(door.fake):
            response = door.raw("PUT", f"/{name}?versioning", {}, body)
        assert_error(response, 400, "IllegalVersioningConfigurationException", message)


def test_no_body(door: Door, locked: str) -> None:
    with unchanged(door.fake):
        call = partial(door.client.put_object_lock_configuration, Bucket=locked)
        refused(call, 400, "MissingRequestBodyError", "Request Body is empty")


def test_a_digest_is_needed(door: Door, locked: str) -> None:
    body = f"<ObjectLockConfiguration>{ENABLED}</ObjectLockConfiguration>".encode()
    message = NO_DIGEST
    with unchanged(door.fake):
        response = door.raw("PUT", f"/{locked}?object-lock", {}, body)
    assert (response.status, response.error) == (400, {"Code": "InvalidRequest", "Message": message})


def test_event_holds_are_not_done(door: Door, locked: str) -> None:
    message = "fakes3part does not implement PutObjectLockConfiguration (DefaultEventHold)"
    configuration = default(DefaultEventHold={"Days": 1})
    put_it = partial(door.client.put_object_lock_configuration, Bucket=locked, ObjectLockConfiguration=configuration)
    with unchanged(door.fake):
        refused(put_it, 501, "NotImplemented", message, {"Operation": "PutObjectLockConfiguration"})


def test_deleting_the_bucket(door: Door, locked: str) -> None:
    s3 = door.client
    version_id = put(s3, ObjectLockLegalHoldStatus="ON")
    message = "The bucket you tried to delete is not empty. You must delete all versions in the bucket."
    with unchanged(door.fake):
        refused(partial(s3.delete_bucket, Bucket=locked), 409, "BucketNotEmpty", message, {"BucketName": locked})
    s3.put_object_legal_hold(Bucket=locked, Key="k", LegalHold={"Status": "OFF"})
    s3.delete_object(Bucket=locked, Key="k", VersionId=version_id)
    s3.delete_bucket(Bucket=locked)


def test_a_copy_of_the_fake_keeps_its_locks(door: Door, locked: str) -> None:
    version_id = put(door.client, ObjectLockLegalHoldStatus="ON")
    twin = door.fake.store.buckets[locked].copy()
    assert twin.object_lock == door.fake.store.buckets[locked].object_lock is not None
    version = twin.version("k", version_id)
    assert version is not None
    assert version.lock is not None
