"""MFA delete: who may turn it on, and what then needs the header ``x-amz-mfa``.

Sources: botocore's model of PutBucketVersioning, DeleteObject and DeleteObjects; the messages as users report them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.support.doors import Door, refused
from tests.support.errors import MALFORMED_XML
from tests.support.state import unchanged

SERIAL = "arn:aws:iam::123456789012:mfa/root-account-mfa-device"
MFA = f"{SERIAL} 123456"
NEEDED = (403, "AccessDenied", "Mfa Authentication must be used for this request")
WRONG = (400, "InvalidRequest", "DevPay and Mfa are mutually exclusive authorization methods.")
NOT_OWNER = (403, "AccessDenied", "This operation may only be performed by the bucket owner")
WRONG_HEADERS = [SERIAL, "123456", f"{SERIAL} 12345", f"{SERIAL} 1234567", f"{SERIAL}  123456", f"{SERIAL} code12", " 123456"]


def configure(s3: Any, status: str = "Enabled", mfa_delete: str | None = None, **options: str) -> None:
    configuration = {"Status": status} if mfa_delete is None else {"Status": status, "MFADelete": mfa_delete}
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration=configuration, **options)


def state(s3: Any) -> tuple[str | None, str | None]:
    response = s3.get_bucket_versioning(Bucket="bucket")
    return response.get("Status"), response.get("MFADelete")


@pytest.fixture
def guarded(s3: Any, bucket: str) -> str:
    """The id of a version in a bucket with MFA delete."""
    configure(s3, "Enabled", "Enabled", MFA=MFA)
    return str(s3.put_object(Bucket=bucket, Key="k", Body=b"abc")["VersionId"])


def test_told_once_it_was_said(s3: Any, bucket: str) -> None:
    assert state(s3) == (None, None)
    configure(s3)
    assert state(s3) == ("Enabled", None)
    configure(s3, "Enabled", "Disabled")
    assert state(s3) == ("Enabled", "Disabled")
    configure(s3, "Enabled", "Enabled", MFA=MFA)
    assert state(s3) == ("Enabled", "Enabled")
    configure(s3, "Suspended", MFA=MFA)
    assert state(s3) == ("Suspended", "Enabled")
    configure(s3, "Enabled", "Disabled", MFA=MFA)
    assert state(s3) == ("Enabled", "Disabled")
    configure(s3, "Suspended")
    assert state(s3) == ("Suspended", "Disabled")


def test_document(door: Door, guarded: str) -> None:
    assert door.raw("GET", "/bucket?versioning").body == (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        b"<Status>Enabled</Status><MfaDelete>Enabled</MfaDelete></VersioningConfiguration>"
    )


def test_turning_it_on_needs_the_header(s3: Any, bucket: str) -> None:
    refused(partial(configure, s3, "Enabled", "Enabled"), *NEEDED)
    assert state(s3) == (None, None)


@pytest.mark.parametrize("change", [("Suspended", None), ("Enabled", None), ("Enabled", "Disabled")], ids=str)
def test_any_change_needs_it_then(s3: Any, guarded: str, change: tuple[str, str | None]) -> None:
    refused(partial(configure, s3, *change), *NEEDED)
    refused(partial(configure, s3, *change, MFA=SERIAL), *WRONG)
    assert state(s3) == ("Enabled", "Enabled")
    configure(s3, *change, MFA=MFA)
    assert state(s3) == (change[0], change[1] or "Enabled")


def test_a_value_that_is_none(s3: Any, bucket: str) -> None:
    malformed = MALFORMED_XML
    refused(partial(configure, s3, "Enabled", "On", MFA=MFA), 400, "MalformedXML", malformed)
    assert state(s3) == (None, None)


def test_only_the_owners_root(door: Door, bucket: str) -> None:
    allow = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    user = door.fake.add_user(None, "ann", allow)
    with door.client_with(aws_access_key_id=user.access_key, aws_secret_access_key=user.secret_key) as s3:
        refused(partial(configure, s3, "Enabled", "Enabled", MFA=MFA), *NOT_OWNER)
        assert state(s3) == (None, None)
        configure(s3)
        configure(door.client, "Enabled", "Enabled", MFA=MFA)
        refused(partial(configure, s3, "Suspended", MFA=MFA), *NOT_OWNER)
        assert state(s3) == ("Enabled", "Enabled")
        # Removing versions is no question of who, but of the device.
        version = s3.put_object(Bucket=bucket, Key="k")["VersionId"]
        s3.delete_object(Bucket=bucket, Key="k", VersionId=version, MFA=MFA)


DELETES: dict[str, Callable[..., Any]] = {
    "DeleteObject": lambda s3, version, **options: s3.delete_object(Bucket="bucket", Key="k", VersionId=version, **options),
    "DeleteObjects": lambda s3, version, **options: s3.delete_objects(
        Bucket="bucket", Delete={"Objects": [{"Key": "other"}, {"Key": "k", "VersionId": version}]}, **options
    ),
}


@pytest.fixture(params=DELETES)
def remove(request: pytest.FixtureRequest) -> Callable[..., Any]:
    return DELETES[request.param]


def test_removing_a_version(door: Door, guarded: str, remove: Callable[..., Any]) -> None:
    """Without the header nothing is deleted, even if only one of a thousand keys needs it."""
    s3 = door.client
    s3.put_object(Bucket="bucket", Key="other")
    with unchanged(door.fake):
        refused(partial(remove, s3, guarded), *NEEDED)
        for wrong in WRONG_HEADERS[:-1]:
            refused(partial(remove, s3, guarded, MFA=wrong), *WRONG)
    remove(s3, guarded, MFA=MFA)
    assert door.fake.store.buckets["bucket"].version("k", guarded) is None


@pytest.mark.parametrize("header", WRONG_HEADERS)
def test_a_wrong_header_is_wrong_everywhere(door: Door, bucket: str, header: str) -> None:
    configure(door.client)
    door.client.put_object(Bucket=bucket, Key="k")
    with unchanged(door.fake):
        response = door.raw("DELETE", "/bucket/k", {"x-amz-mfa": header})
    assert (response.status, response.error) == (WRONG[0], {"Code": WRONG[1], "Message": WRONG[2]})


def test_what_loses_nothing_needs_none(s3: Any, guarded: str) -> None:
    assert s3.delete_object(Bucket="bucket", Key="k")["DeleteMarker"] is True
    assert s3.delete_objects(Bucket="bucket", Delete={"Objects": [{"Key": "k"}]})["Deleted"][0]["DeleteMarker"] is True
    s3.put_object(Bucket="bucket", Key="k")
    assert s3.get_object(Bucket="bucket", Key="k", VersionId=guarded)["Body"].read() == b"abc"


def test_not_where_it_was_turned_off_again(s3: Any, guarded: str, remove: Callable[..., Any]) -> None:
    configure(s3, "Enabled", "Disabled", MFA=MFA)
    remove(s3, guarded)
    assert [one["Key"] for one in s3.list_object_versions(Bucket="bucket").get("Versions", [])] == []
