"""RestoreObject: its responses, and reads before, during and after a restore.

Sources: recorded from AWS, February 2026 (LocalStack's test_s3.snapshot.json); botocore's model documentation.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any

import pytest

from tests.support.doors import Door, refused, refused_head
from tests.support.errors import (
    INVALID_OBJECT_STATE,
    INVALID_VERSION_ID,
    MALFORMED_XML,
    METHOD_NOT_ALLOWED,
    NO_SUCH_BUCKET,
    NO_SUCH_KEY,
    NO_SUCH_VERSION,
)
from tests.support.state import unchanged
from tests.support.version_ids import GONE

START = datetime(2026, 2, 21, 10, 30, 0, tzinfo=timezone.utc)
ARCHIVES = ["GLACIER", "DEEP_ARCHIVE"]
OTHERS = ["STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR"]
COLD_SOURCE = "Operation is not valid for the source object's storage class"
NOT_ALLOWED = "Restore is not allowed for the object's current storage class"
IN_PROGRESS = "Object restore is already in progress"
ONGOING = 'ongoing-request="true"'


def _tier(tier: str | None) -> dict[str, Any]:
    return {"GlacierJobParameters": {"Tier": tier}} if tier else {}


def _restore(s3: Any, days: int = 3, tier: str | None = None, **more: Any) -> int:
    """Restore the key ``k``; the status."""
    response = s3.restore_object(Bucket="bucket", Key="k", RestoreRequest={"Days": days, **_tier(tier)}, **more)
    return int(response["ResponseMetadata"]["HTTPStatusCode"])


def _shown(s3: Any, **version: str) -> str | None:
    """Return ``x-amz-restore`` of a HEAD, and check that a GET, where it is possible, returns the same."""
    shown: str | None = s3.head_object(Bucket="bucket", Key="k", **version).get("Restore")
    if shown is not None and "false" in shown:
        assert s3.get_object(Bucket="bucket", Key="k", **version)["Restore"] == shown
    return shown


def _until(date: str) -> str:
    return f'ongoing-request="false", expiry-date="{date} 00:00:00 GMT"'


def _is_cold(s3: Any, storage_class: str = "GLACIER", **version: str) -> None:
    get = partial(s3.get_object, Bucket="bucket", Key="k", **version)
    refused(get, 403, "InvalidObjectState", INVALID_OBJECT_STATE, {"StorageClass": storage_class})


@pytest.fixture
def cold(door: Door, bucket: str) -> Door:
    """A door to a bucket with the key ``k`` in GLACIER; the clock stands at ``START``."""
    door.fake.clock.freeze(START)
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc", StorageClass="GLACIER")
    return door


def test_from_archive_to_archive(cold: Door) -> None:
    s3, clock = cold.client, cold.fake.clock
    written = s3.head_object(Bucket="bucket", Key="k")
    assert "Restore" not in written
    _is_cold(s3)
    assert _restore(s3) == 202
    assert _shown(s3) == ONGOING
    _is_cold(s3)
    clock.move_to(START + timedelta(hours=5, seconds=-1))
    assert _shown(s3) == ONGOING
    _is_cold(s3)
    clock.advance(seconds=1)
    assert _shown(s3) == _until("Wed, 25 Feb 2026")
    got = s3.get_object(Bucket="bucket", Key="k")
    assert (got["Body"].read(), got["StorageClass"]) == (b"abc", "GLACIER")
    assert (got["LastModified"], got["ETag"]) == (written["LastModified"], written["ETag"])
    assert s3.get_object(Bucket="bucket", Key="k", Range="bytes=1-1")["Body"].read() == b"b"
    clock.move_to("2026-02-24T23:59:59Z")
    assert s3.get_object(Bucket="bucket", Key="k")["Body"].read() == b"abc"
    clock.move_to("2026-02-25T00:00:00Z")
    assert _shown(s3) is None
    _is_cold(s3)
    assert _restore(s3) == 202
    assert _shown(s3) == ONGOING


DURATIONS = {
    "GLACIER, Expedited": ("GLACIER", "Expedited", timedelta(minutes=5)),
    "GLACIER, Standard": ("GLACIER", "Standard", timedelta(hours=5)),
    "GLACIER, Bulk": ("GLACIER", "Bulk", timedelta(hours=12)),
    "GLACIER, none named": ("GLACIER", None, timedelta(hours=5)),
    "DEEP_ARCHIVE, Standard": ("DEEP_ARCHIVE", "Standard", timedelta(hours=12)),
    "DEEP_ARCHIVE, Bulk": ("DEEP_ARCHIVE", "Bulk", timedelta(hours=48)),
    "DEEP_ARCHIVE, none named": ("DEEP_ARCHIVE", None, timedelta(hours=12)),
}


@pytest.mark.parametrize(("storage_class", "tier", "takes"), DURATIONS.values(), ids=DURATIONS)
def test_how_long_a_restore_takes(cold: Door, storage_class: str, tier: str | None, takes: timedelta) -> None:
    s3 = cold.client
    s3.put_object(Bucket="bucket", Key="k", Body=b"abc", StorageClass=storage_class)
    assert _restore(s3, tier=tier) == 202
    cold.fake.clock.advance(takes - timedelta(seconds=1))
    assert _shown(s3) == ONGOING
    _is_cold(s3, storage_class)
    cold.fake.clock.advance(seconds=1)
    assert "false" in (_shown(s3) or "")


def test_the_other_place_of_the_tier(cold: Door) -> None:
    cold.client.restore_object(Bucket="bucket", Key="k", RestoreRequest={"Days": 1, "Tier": "Expedited"})
    cold.fake.clock.advance(minutes=5)
    assert _shown(cold.client) == _until("Mon, 23 Feb 2026")


EXPIRIES = {
    "rounded up": ("2026-02-21T10:30:00Z", 3, "Wed, 25 Feb 2026"),
    "one day": ("2026-02-21T10:30:00Z", 1, "Mon, 23 Feb 2026"),
    "counts from when it is ready": ("2026-02-21T23:58:00Z", 1, "Tue, 24 Feb 2026"),
    "midnight is midnight": ("2026-02-21T23:55:00Z", 1, "Mon, 23 Feb 2026"),
    "over a leap day": ("2028-02-28T12:00:00Z", 1, "Wed, 01 Mar 2028"),
    "years": ("2026-02-21T10:30:00Z", 3650, "Wed, 20 Feb 2036"),
}


@pytest.mark.parametrize(("at", "days", "expiry"), EXPIRIES.values(), ids=EXPIRIES)
def test_expiry(cold: Door, at: str, days: int, expiry: str) -> None:
    cold.fake.clock.move_to(at)
    _restore(cold.client, days, "Expedited")
    cold.fake.clock.advance(minutes=5)
    assert _shown(cold.client) == _until(expiry)


@pytest.mark.parametrize(("days", "expiry"), [(1, "Tue, 24 Feb 2026"), (10, "Thu, 05 Mar 2026")])
def test_again_on_a_restored_object_changes_its_period(cold: Door, days: int, expiry: str) -> None:
    """Relative to now, longer or shorter, and at once."""
    _restore(cold.client, 5, "Expedited")
    cold.fake.clock.move_to("2026-02-22T12:00:00Z")
    assert _shown(cold.client) == _until("Fri, 27 Feb 2026")
    assert _restore(cold.client, days) == 200
    assert _shown(cold.client) == _until(expiry)


@pytest.mark.parametrize(("days", "tier"), [(3, "Standard"), (3, None), (3, "Bulk"), (4, "Standard"), (4, "Expedited")], ids=str)
def test_ongoing(cold: Door, days: int, tier: str | None) -> None:
    """The same, a slower one, or one of other days."""
    _restore(cold.client)
    with unchanged(cold.fake):
        refused(partial(_restore, cold.client, days, tier), 409, "RestoreAlreadyInProgress", IN_PROGRESS)


@pytest.mark.parametrize(("tier", "takes"), [("Standard", timedelta(hours=5)), ("Expedited", timedelta(minutes=5))])
def test_an_ongoing_restore_can_be_made_faster(cold: Door, tier: str, takes: timedelta) -> None:
    _restore(cold.client, tier="Bulk")
    cold.fake.clock.advance(hours=1)
    assert _restore(cold.client, tier=tier) == 202
    cold.fake.clock.advance(takes)
    assert _shown(cold.client) == _until("Wed, 25 Feb 2026")


@pytest.mark.parametrize("storage_class", OTHERS)
def test_objects_that_are_not_archived(cold: Door, storage_class: str) -> None:
    cold.client.put_object(Bucket="bucket", Key="k", Body=b"abc", StorageClass=storage_class)
    with unchanged(cold.fake):
        refused(partial(_restore, cold.client), 403, "InvalidObjectState", NOT_ALLOWED, {"StorageClass": storage_class})
    assert _shown(cold.client) is None


def test_deep_archives_are_not_expedited(cold: Door) -> None:
    cold.client.put_object(Bucket="bucket", Key="k", Body=b"abc", StorageClass="DEEP_ARCHIVE")
    message = "Retrieval option is not supported by this storage class"
    with unchanged(cold.fake):
        call = partial(_restore, cold.client, tier="Expedited")
        refused(call, 400, "InvalidArgument", message, {"ArgumentName": "Tier", "ArgumentValue": "Expedited"})


@pytest.mark.parametrize("days", [0, -1, 10_000_000, 2**31 - 1])
@pytest.mark.parametrize("is_restored", [False, True])
def test_days(cold: Door, days: int, is_restored: bool) -> None:
    if is_restored:
        _restore(cold.client, tier="Expedited")
        cold.fake.clock.advance(minutes=5)
    with unchanged(cold.fake):
        extras = {"ArgumentName": "Days", "ArgumentValue": str(days)}
        refused(partial(_restore, cold.client, days), 400, "InvalidArgument", "Days must be a positive integer", extras)


DOCUMENTS = {
    "none": b"",
    "no XML": b"restore it",
    "another root": b"<Restore><Days>1</Days></Restore>",
    "no days": b"<RestoreRequest/>",
    "days that are no number": b"<RestoreRequest><Days>one</Days></RestoreRequest>",
    "a tier of its own": b"<RestoreRequest><Days>1</Days><Tier>Fast</Tier></RestoreRequest>",
}


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_malformed(cold: Door, document: bytes) -> None:
    with unchanged(cold.fake):
        response = cold.raw("POST", "/bucket/k?restore", body=document)
    assert (response.status, response.error) == (400, {"Code": "MalformedXML", "Message": MALFORMED_XML})


def test_the_answer(cold: Door) -> None:
    """No body, and no word on the version."""
    document = b'<RestoreRequest xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Days>1</Days></RestoreRequest>'
    for status in (202, 200):
        response = cold.raw("POST", "/bucket/k?restore", body=document)
        assert (response.status, response.body, response.headers["content-length"]) == (status, b"", "0")
        names = {"content-length", "date", "server", "x-amz-id-2", "x-amz-request-id"}
        assert response.headers.keys() - {"connection"} == names
        cold.fake.clock.advance(hours=5)


SELECTS: dict[str, dict[str, Any]] = {
    "type": {"Type": "SELECT"},
    "output": {"Days": 1, "OutputLocation": {"S3": {"BucketName": "bucket", "Prefix": "out/"}}},
    "parameters": {
        "SelectParameters": {
            "InputSerialization": {"CSV": {}},
            "ExpressionType": "SQL",
            "Expression": "SELECT * FROM S3Object",
            "OutputSerialization": {"CSV": {}},
        }
    },
}


@pytest.mark.parametrize("request_", SELECTS.values(), ids=SELECTS)
def test_restores_that_select_are_not_done(cold: Door, request_: dict[str, Any]) -> None:
    message = "fakes3part does not implement RestoreObject (a restore that selects: Type, SelectParameters, OutputLocation)"
    with unchanged(cold.fake):
        call = partial(cold.client.restore_object, Bucket="bucket", Key="k", RestoreRequest=request_)
        refused(call, 501, "NotImplemented", message, {"Operation": "RestoreObject"})


def test_no_such(cold: Door) -> None:
    s3, ask = cold.client, {"RestoreRequest": {"Days": 1}}
    with unchanged(cold.fake):
        call = partial(s3.restore_object, Bucket="bucket", Key="none", **ask)
        refused(call, 404, "NoSuchKey", NO_SUCH_KEY, {"Key": "none"})
        call = partial(s3.restore_object, Bucket="bucket", Key="k", VersionId=GONE, **ask)
        message = NO_SUCH_VERSION
        refused(call, 404, "NoSuchVersion", message, {"Key": "k", "VersionId": GONE})
        call = partial(s3.restore_object, Bucket="bucket", Key="k", VersionId="x", **ask)
        extras = {"ArgumentName": "versionId", "ArgumentValue": "x"}
        refused(call, 400, "InvalidArgument", INVALID_VERSION_ID, extras)
        call = partial(s3.restore_object, Bucket="none", Key="k", **ask)
        refused(call, 404, "NoSuchBucket", NO_SUCH_BUCKET, {"BucketName": "none"})


def test_versions(cold: Door) -> None:
    """Each version is restored separately; without an id the current one."""
    s3 = cold.client
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    new = s3.put_object(Bucket="bucket", Key="k", Body=b"new", StorageClass="DEEP_ARCHIVE")["VersionId"]
    assert _restore(s3, tier="Expedited", VersionId="null") == 202
    cold.fake.clock.advance(minutes=5)
    assert s3.get_object(Bucket="bucket", Key="k", VersionId="null")["Body"].read() == b"abc"
    _is_cold(s3, "DEEP_ARCHIVE")
    assert _shown(s3, VersionId=new) is None
    assert _restore(s3) == 202
    assert _restore(s3, VersionId="null") == 200
    cold.fake.clock.advance(hours=12)
    got = s3.get_object(Bucket="bucket", Key="k")
    assert (got["Body"].read(), got["VersionId"]) == (b"new", new)
    listed = s3.list_object_versions(Bucket="bucket")["Versions"]
    assert [(one["VersionId"], one["StorageClass"]) for one in listed] == [(new, "DEEP_ARCHIVE"), ("null", "GLACIER")]


def test_delete_markers(cold: Door) -> None:
    s3 = cold.client
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    marker = s3.delete_object(Bucket="bucket", Key="k")["VersionId"]
    with unchanged(cold.fake):
        refused(partial(_restore, s3), 404, "NoSuchKey", NO_SUCH_KEY, {"Key": "k"})
        message = METHOD_NOT_ALLOWED
        extras = {"Method": "POST", "ResourceType": "DeleteMarker"}
        refused(partial(_restore, s3, VersionId=marker), 405, "MethodNotAllowed", message, extras)
    assert _restore(s3, VersionId="null") == 202


def test_overwriting_ends_a_restore(cold: Door) -> None:
    s3 = cold.client
    _restore(s3)
    s3.put_object(Bucket="bucket", Key="k", Body=b"new", StorageClass="GLACIER")
    cold.fake.clock.advance(hours=5)
    assert _shown(s3) is None
    _is_cold(s3)


def test_operations_that_need_no_restore(cold: Door) -> None:
    """HEAD, attributes, tags and deleting; conditions and a wrong range come before and after the state."""
    s3 = cold.client
    head = s3.head_object(Bucket="bucket", Key="k")
    assert (head["StorageClass"], head["ContentLength"]) == ("GLACIER", 3)
    attributes = s3.get_object_attributes(Bucket="bucket", Key="k", ObjectAttributes=["StorageClass", "ObjectSize"])
    assert (attributes["StorageClass"], attributes["ObjectSize"]) == ("GLACIER", 3)
    refused_head(partial(s3.head_object, Bucket="bucket", Key="k", IfNoneMatch=head["ETag"]), 304)
    refused_head(partial(s3.get_object, Bucket="bucket", Key="k", IfNoneMatch=head["ETag"]), 304)
    call = partial(s3.get_object, Bucket="bucket", Key="k", Range="bytes=5-6")
    refused(call, 403, "InvalidObjectState", INVALID_OBJECT_STATE, {"StorageClass": "GLACIER"})
    assert s3.delete_object(Bucket="bucket", Key="k")["ResponseMetadata"]["HTTPStatusCode"] == 204


# --- copies ---


@pytest.mark.parametrize("storage_class", ARCHIVES)
@pytest.mark.parametrize("target", ["copy", "k"])
@pytest.mark.parametrize("options", [{}, {"StorageClass": "STANDARD"}], ids=["", "STANDARD"])
def test_copies_need_a_restore(cold: Door, storage_class: str, target: str, options: dict[str, str]) -> None:
    """Onto itself too; then the copy is an object of its own, which stays."""
    s3 = cold.client
    s3.put_object(Bucket="bucket", Key="k", Body=b"abc", StorageClass=storage_class)
    copy = partial(s3.copy_object, Bucket="bucket", Key=target, CopySource="bucket/k", **options)
    for _ in range(2):  # before, and while it is going on
        with unchanged(cold.fake):
            refused(copy, 403, "InvalidObjectState", COLD_SOURCE)
        if _shown(s3) is None:
            _restore(s3)
    cold.fake.clock.advance(hours=12)
    copy()
    head = s3.head_object(Bucket="bucket", Key=target)
    assert {"StorageClass", "Restore"}.isdisjoint(head)
    cold.fake.clock.advance(days=30)
    assert s3.get_object(Bucket="bucket", Key=target)["Body"].read() == b"abc"
    if target != "k":
        _is_cold(s3, storage_class)


def test_copies_of_parts_need_a_restore(cold: Door) -> None:
    s3 = cold.client
    where = {"Bucket": "bucket", "Key": "copy"}
    where["UploadId"] = s3.create_multipart_upload(**where)["UploadId"]
    copy = partial(s3.upload_part_copy, **where, PartNumber=1, CopySource="bucket/k")
    with unchanged(cold.fake):
        refused(copy, 403, "InvalidObjectState", COLD_SOURCE)
    _restore(s3)
    with unchanged(cold.fake):
        refused(copy, 403, "InvalidObjectState", COLD_SOURCE)
    cold.fake.clock.advance(hours=5)
    assert copy()["CopyPartResult"]["ETag"] == '"900150983cd24fb0d6963f7d28e17f72"'
    cold.fake.clock.advance(days=10)
    with unchanged(cold.fake):
        refused(copy, 403, "InvalidObjectState", COLD_SOURCE)


def test_uploads_into_an_archive(cold: Door) -> None:
    """CompleteMultipartUpload makes archived objects too, parts and all."""
    s3 = cold.client
    where = {"Bucket": "bucket", "Key": "k"}
    upload = {**where, "UploadId": s3.create_multipart_upload(**where, StorageClass="DEEP_ARCHIVE")["UploadId"]}
    part = s3.upload_part(**upload, PartNumber=1, Body=b"part")["ETag"]
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part}]})
    _is_cold(s3, "DEEP_ARCHIVE")
    _restore(s3, tier="Bulk")
    cold.fake.clock.advance(hours=48)
    got = s3.get_object(**where, PartNumber=1)
    assert (got["Body"].read(), got["PartsCount"]) == (b"part", 1)


# --- who may ---


def test_permission(cold: Door) -> None:
    statement = {"Effect": "Allow", "Action": ["s3:RestoreObject"], "Resource": "arn:aws:s3:::bucket/*"}
    for account_policy, expected in ((None, 403), ({"Version": "2012-10-17", "Statement": [statement]}, 202)):
        user = cold.fake.add_user("123456789012", f"restorer{expected}", account_policy)
        with cold.client_with(aws_access_key_id=user.access_key, aws_secret_access_key=user.secret_key) as client:
            if expected == 202:
                assert _restore(client) == 202
            else:
                with unchanged(cold.fake):
                    arn = "arn:aws:s3:::bucket/k"
                    message = (
                        f'User: {user.arn} is not authorized to perform: s3:RestoreObject on resource: "{arn}" because no '
                        "identity-based policy allows the s3:RestoreObject action"
                    )
                    refused(partial(_restore, client), 403, "AccessDenied", message)


def test_a_snapshot_contains_the_restore(cold: Door) -> None:
    before = cold.fake.snapshot()
    _restore(cold.client)
    cold.fake.restore(before)
    assert _shown(cold.client) is None
