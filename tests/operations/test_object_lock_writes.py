"""Locks requested by writes: PutObject, CopyObject, multipart uploads and forms; and their headers on reads."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any

import pytest

from tests.support.doors import Door, RawResponse, refused
from tests.support.errors import NO_OBJECT_LOCK, UNKNOWN_WORM_MODE
from tests.support.object_lock import NOW, day, is_gone_after_delete, is_locked, lock, put, shown
from tests.support.state import unchanged

MODE, UNTIL, HOLD = "x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date", "x-amz-object-lock-legal-hold"
LATER = "2030-02-01T00:00:00Z"
NO_DIGEST = "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters"


def upload(s3: Any, key: str = "new", **options: Any) -> dict[str, Any]:
    where = {"Bucket": "locked", "Key": key}
    where["UploadId"] = s3.create_multipart_upload(**where, **options)["UploadId"]
    part = s3.upload_part(**where, PartNumber=1, Body=b"abc")
    response: dict[str, Any] = s3.complete_multipart_upload(
        **where, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    )
    return response


WRITES = {
    "PutObject": lambda s3: partial(s3.put_object, Bucket="locked", Key="new", Body=b"abc"),
    "CopyObject": lambda s3: partial(s3.copy_object, Bucket="locked", Key="new", CopySource="locked/k"),
    "upload": lambda s3: partial(upload, s3),
}
WRITE = pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)


@WRITE
@pytest.mark.parametrize("hold", ["ON", "OFF", None])
@pytest.mark.parametrize("mode", ["GOVERNANCE", "COMPLIANCE", None])
def test_requested_locks(door: Door, locked: str, write: Any, mode: str | None, hold: str | None) -> None:
    s3 = door.client
    put(s3)
    options = lock(mode) if mode else {}
    options |= {"ObjectLockLegalHoldStatus": hold} if hold else {}
    version_id = write(s3)(**options)["VersionId"]
    assert shown(s3, "new") == (mode, day(10) if mode else None, hold)
    got = s3.get_object(Bucket=locked, Key="new", VersionId=version_id)
    assert (got["Body"].read(), got.get("ObjectLockMode"), got.get("ObjectLockLegalHoldStatus")) == (b"abc", mode, hold)
    if mode or hold == "ON":
        is_locked(s3, version_id, "new")
    else:
        is_gone_after_delete(s3, version_id, "new")


@WRITE
def test_default_retention(door: Door, locked: str, write: Any) -> None:
    s3 = door.client
    put(s3)
    retention = {"Mode": "GOVERNANCE", "Days": 3}
    configuration = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}}
    s3.put_object_lock_configuration(Bucket=locked, ObjectLockConfiguration=configuration)
    write(s3)()
    assert shown(s3, "new") == ("GOVERNANCE", day(3), None)
    write(s3)(ObjectLockLegalHoldStatus="ON")
    assert shown(s3, "new") == ("GOVERNANCE", day(3), "ON")
    write(s3)(**lock("COMPLIANCE", 1))
    assert shown(s3, "new") == ("COMPLIANCE", day(1), None)


def test_default_retention_counts_from_the_end_of_an_upload(door: Door, locked: str) -> None:
    s3 = door.client
    retention = {"Mode": "GOVERNANCE", "Days": 3}
    configuration = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}}
    where = {"Bucket": locked, "Key": "k"}
    where["UploadId"] = s3.create_multipart_upload(**where)["UploadId"]
    s3.put_object_lock_configuration(Bucket=locked, ObjectLockConfiguration=configuration)
    part = s3.upload_part(**where, PartNumber=1, Body=b"abc")
    door.fake.clock.advance(days=7)
    s3.complete_multipart_upload(**where, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    assert shown(s3) == ("GOVERNANCE", day(10), None)


def test_a_lock_is_not_copied(s3: Any, locked: str) -> None:
    put(s3, **lock("COMPLIANCE"), ObjectLockLegalHoldStatus="ON")
    s3.copy_object(Bucket=locked, Key="copy", CopySource=f"{locked}/k")
    assert shown(s3, "copy") == (None, None, None)


def test_on_the_wire(door: Door, locked: str) -> None:
    put(door.client, **lock("COMPLIANCE", 31), ObjectLockLegalHoldStatus="OFF")
    for method in ("GET", "HEAD"):
        headers = door.raw(method, f"/{locked}/k").headers
        assert [headers[name] for name in (MODE, UNTIL, HOLD)] == ["COMPLIANCE", "2030-02-01T00:00:00.000Z", "OFF"]
    put(door.client, "plain")
    assert not {MODE, UNTIL, HOLD} & door.raw("GET", f"/{locked}/plain").headers.keys()


def test_a_date_is_kept_in_whole_seconds(s3: Any, locked: str) -> None:
    put(s3, ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=day(1) + timedelta(microseconds=999_999))
    assert shown(s3)[1] == day(1)


# --- refused ---------------------------------------------------------------------------------------------------------

BOTH = "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied"
FUTURE = "The retain until date must be in the future!"
BAD: dict[str, tuple[dict[str, str], str, dict[str, str]]] = {
    "mode only": ({MODE: "GOVERNANCE"}, BOTH, {"ArgumentName": UNTIL}),
    "date only": ({UNTIL: LATER}, BOTH, {"ArgumentName": MODE}),
    "bad mode": (
        {MODE: "STRICT", UNTIL: LATER},
        UNKNOWN_WORM_MODE,
        {"ArgumentName": MODE, "ArgumentValue": "STRICT"},
    ),
    "mode in lower case": (
        {MODE: "governance", UNTIL: LATER},
        UNKNOWN_WORM_MODE,
        {"ArgumentName": MODE, "ArgumentValue": "governance"},
    ),
    "no date": (
        {MODE: "GOVERNANCE", UNTIL: "tomorrow"},
        "The retain until date must be provided in ISO 8601 format",
        {"ArgumentName": UNTIL, "ArgumentValue": "tomorrow"},
    ),
    "date in the past": (
        {MODE: "GOVERNANCE", UNTIL: "2029-12-31T23:59:59Z"},
        FUTURE,
        {"ArgumentName": UNTIL, "ArgumentValue": "2029-12-31T23:59:59Z"},
    ),
    "this very moment": (
        {MODE: "GOVERNANCE", UNTIL: "2030-01-01T01:00:00+01:00"},
        FUTURE,
        {"ArgumentName": UNTIL, "ArgumentValue": "2030-01-01T01:00:00+01:00"},
    ),
    "bad hold": (
        {HOLD: "YES"},
        "Legal Hold must be either of 'ON' or 'OFF'",
        {"ArgumentName": HOLD, "ArgumentValue": "YES"},
    ),
}
REQUESTS: dict[str, tuple[str, str, dict[str, str]]] = {
    "PutObject": ("PUT", "/new", {}),
    "CopyObject": ("PUT", "/new", {"x-amz-copy-source": "/locked/k"}),
    "CreateMultipartUpload": ("POST", "/new?uploads", {}),
}
REQUEST = pytest.mark.parametrize(("method", "target", "sent"), REQUESTS.values(), ids=REQUESTS)


@REQUEST
@pytest.mark.parametrize(("headers", "message", "extras"), BAD.values(), ids=BAD)
def test_bad_headers(
    door: Door,
    locked: str,
    method: str,
    target: str,
    sent: dict[str, str],
    headers: dict[str, str],
    message: str,
    extras: dict[str, str],
) -> None:
    put(door.client)
    with unchanged(door.fake):
        response = door.raw(method, f"/{locked}{target}", {**sent, **headers})
    assert (response.status, response.error) == (400, {"Code": "InvalidArgument", "Message": message, **extras})


@REQUEST
@pytest.mark.parametrize("headers", [{MODE: "GOVERNANCE", UNTIL: LATER}, {HOLD: "OFF"}], ids=["retention", "hold"])
def test_a_bucket_without(
    door: Door, locked: str, bucket: str, method: str, target: str, sent: dict[str, str], headers: dict[str, str]
) -> None:
    put(door.client)
    with unchanged(door.fake):
        response = door.raw(method, f"/{bucket}{target}", {**sent, **headers})
    assert (response.status, response.error) == (400, {"Code": "InvalidRequest", "Message": NO_OBJECT_LOCK})


def digest(body: bytes) -> dict[str, str]:
    return {"Content-MD5": base64.b64encode(hashlib.md5(body).digest()).decode()}


def accepted(response: RawResponse) -> None:
    assert (response.status, response.body) == (200, b"")


@pytest.mark.parametrize("headers", [{MODE: "GOVERNANCE", UNTIL: LATER}, {HOLD: "ON"}, {}], ids=["retention", "hold", "default"])
def test_locked_objects_need_a_digest(door: Door, locked: str, headers: dict[str, str]) -> None:
    if not headers:
        accepted(door.raw("PUT", f"/{locked}/k", {}, b"abc"))  # not locked
        rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
        configuration = {"ObjectLockEnabled": "Enabled", "Rule": rule}
        door.client.put_object_lock_configuration(Bucket=locked, ObjectLockConfiguration=configuration)
    with unchanged(door.fake):
        response = door.raw("PUT", f"/{locked}/k", headers, b"abc")
    assert (response.status, response.error) == (400, {"Code": "InvalidRequest", "Message": NO_DIGEST})
    accepted(door.raw("PUT", f"/{locked}/k", {**headers, **digest(b"abc")}, b"abc"))
    accepted(door.raw("PUT", f"/{locked}/k", {**headers, "x-amz-checksum-crc32": "NSRBwg=="}, b"abc"))
    # A copy brings no bytes that could be digested.
    assert door.raw("PUT", f"/{locked}/c", {**headers, "x-amz-copy-source": f"/{locked}/k"}).status == 200


def test_parts_of_locked_objects_need_a_digest(door: Door, locked: str) -> None:
    where = {"Bucket": locked, "Key": "k"}
    uploads = [door.client.create_multipart_upload(**where, **options)["UploadId"] for options in (lock(), {})]
    held, plain = (f"/{locked}/k?partNumber=1&uploadId={upload_id}" for upload_id in uploads)
    with unchanged(door.fake):
        response = door.raw("PUT", held, {}, b"abc")
    assert (response.status, response.error) == (
        400,
        {"Code": "InvalidRequest", "Message": NO_DIGEST.replace("Put Object", "Put Part")},
    )
    accepted(door.raw("PUT", held, digest(b"abc"), b"abc"))
    accepted(door.raw("PUT", plain, {}, b"abc"))


HOLDS = {"ObjectLockEventHold": "ON", "ObjectLockEventHoldDurationDays": 3, "ObjectLockEventHoldDurationYears": 1}


@pytest.mark.parametrize("member", HOLDS)
@pytest.mark.parametrize("name", ["PutObject", "CopyObject", "CreateMultipartUpload"])
def test_event_holds_are_not_done(door: Door, locked: str, name: str, member: str) -> None:
    put(door.client)
    calls = {
        "PutObject": partial(door.client.put_object, Bucket=locked, Key="new"),
        "CopyObject": partial(door.client.copy_object, Bucket=locked, Key="new", CopySource="locked/k"),
        "CreateMultipartUpload": partial(door.client.create_multipart_upload, Bucket=locked, Key="new"),
    }
    with unchanged(door.fake):
        call = partial(calls[name], **{member: HOLDS[member]})
        message = f"fakes3part does not implement {name} (event holds)"
        refused(call, 501, "NotImplemented", message, {"Operation": name})


# --- forms -----------------------------------------------------------------------------------------------------------


def post(door: Door, fields: dict[str, str]) -> RawResponse:
    """Send an anonymous upload by a browser's form."""
    parts = [f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n' for name, text in fields.items()]
    body = "".join([*parts, '--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\nabc\r\n--b--\r\n'])
    return door.raw("POST", "/locked", {"Content-Type": "multipart/form-data; boundary=b"}, body.encode(), sign=False)


@pytest.fixture
def public(door: Door, locked: str) -> str:
    """Where everybody may write and lock."""
    actions = '["s3:PutObject", "s3:PutObjectRetention", "s3:PutObjectLegalHold"]'
    statement = f'{{"Effect": "Allow", "Principal": "*", "Action": {actions}, "Resource": "arn:aws:s3:::locked/*"}}'
    door.client.delete_public_access_block(Bucket=locked)
    door.client.put_bucket_policy(Bucket=locked, Policy=f'{{"Version": "2012-10-17", "Statement": [{statement}]}}')
    return locked


def test_forms(door: Door, public: str) -> None:
    fields = {"key": "k", MODE: "COMPLIANCE", UNTIL: LATER, HOLD: "ON", **digest(b"abc")}
    assert post(door, fields).status == 204
    assert shown(door.client) == ("COMPLIANCE", datetime(2030, 2, 1, tzinfo=timezone.utc), "ON")
    is_locked(door.client, door.client.head_object(Bucket=public, Key="k")["VersionId"])


@pytest.mark.parametrize("case", BAD)
def test_bad_forms(door: Door, public: str, case: str) -> None:
    fields, message, extras = BAD[case]
    with unchanged(door.fake):
        response = post(door, {"key": "k", **fields, **digest(b"abc")})
    assert (response.status, response.error) == (400, {"Code": "InvalidArgument", "Message": message, **extras})


def test_the_clock_is_the_fakes(door: Door, locked: str) -> None:
    """What is past for the machine may be to come for the fake, and the other way round."""
    door.fake.clock.freeze("2001-01-01")
    version_id = put(
        door.client, ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=datetime(2002, 1, 1, tzinfo=timezone.utc)
    )
    is_locked(door.client, version_id)
    door.fake.clock.freeze(NOW)
    is_gone_after_delete(door.client, version_id)
