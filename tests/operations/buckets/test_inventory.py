"""Inventory configurations: the document. Recorded from AWS, September 2026, and LocalStack's snapshots of AWS."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from tests.support.doors import Door, assert_error, refused
from tests.support.errors import MALFORMED_XML
from tests.support.families import DECLARATION, INVENTORY
from tests.support.state import unchanged

pytestmark = pytest.mark.usefixtures("bucket")

ARN = "arn:aws:s3:::reports"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
FIELDS = [
    "Size", "LastModifiedDate", "StorageClass", "ETag", "IsMultipartUploaded", "ReplicationStatus", "EncryptionStatus",
    "ObjectLockRetainUntilDate", "ObjectLockMode", "ObjectLockLegalHoldStatus", "IntelligentTieringAccessTier",
    "BucketKeyStatus", "ChecksumAlgorithm", "ObjectAccessControlList", "ObjectOwner", "LifecycleExpirationDate",
]  # fmt: skip


def destination(**changes: Any) -> dict[str, Any]:
    document = {"Bucket": ARN, "Format": "CSV", **changes}
    return {"Destination": {"S3BucketDestination": {name: value for name, value in document.items() if value is not None}}}


ACCEPTED: dict[str, dict[str, Any]] = {
    "disabled": {"IsEnabled": False},
    "current": {"IncludedObjectVersions": "Current"},
    "weekly": {"Schedule": {"Frequency": "Weekly"}},
    "prefix": {"Filter": {"Prefix": "logs/"}},
    "fields, in their order": {"OptionalFields": FIELDS[::-1]},
    "ORC": destination(Format="ORC"),
    "Parquet": destination(Format="Parquet"),
    "an account that does not exist": destination(AccountId="000000000000", Prefix="inventories"),
    "SSE-S3": destination(Encryption={"SSES3": {}}),
    "SSE-KMS": destination(Encryption={"SSEKMS": {"KeyId": KEY}}),
    "an alias": destination(Encryption={"SSEKMS": {"KeyId": "arn:aws:kms:eu-west-1:123456789012:alias/my/key"}}),
    "a bucket that does not exist": destination(Bucket="arn:aws:s3:::none"),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_returned_as_put(door: Door, case: str) -> None:
    """Whether the destination, its account and its key exist is not looked up."""
    INVENTORY.put(door.client, **ACCEPTED[case])
    assert INVENTORY.get(door.client) == {**INVENTORY.document, "Id": "a", **ACCEPTED[case]}


def test_on_the_wire(door: Door) -> None:
    changes = destination(AccountId="123456789012", Prefix="out", Encryption={"SSES3": {}})
    INVENTORY.put(door.client, Filter={"Prefix": "p"}, OptionalFields=["ETag", "Size"], **changes)
    assert door.raw("GET", "/bucket?inventory&id=a").body.decode() == (
        f'{DECLARATION}<InventoryConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Destination><S3BucketDestination>'
        f"<AccountId>123456789012</AccountId><Bucket>{ARN}</Bucket><Format>CSV</Format><Prefix>out</Prefix><Encryption><SSE-S3/>"
        "</Encryption></S3BucketDestination></Destination><IsEnabled>true</IsEnabled><Filter><Prefix>p</Prefix></Filter>"
        "<Id>a</Id><IncludedObjectVersions>All</IncludedObjectVersions><OptionalFields><Field>ETag</Field><Field>Size</Field>"
        "</OptionalFields><Schedule><Frequency>Daily</Frequency></Schedule></InventoryConfiguration>"
    )


@pytest.mark.parametrize(("sent", "returned"), [("true", "true"), ("false", "false"), ("1", "true"), ("0", "false")])
def test_is_enabled(door: Door, sent: str, returned: str) -> None:
    body = INVENTORY.body(content=INVENTORY.xml.replace("true", sent))
    assert door.raw("PUT", "/bucket?inventory&id=a", body=body).status == 204
    assert f"<IsEnabled>{returned}</IsEnabled>" in door.raw("GET", "/bucket?inventory&id=a").body.decode()


NO_ARN = "Invalid bucket ARN."
NAMESPACE = "Bucket ARN should not specify a namespace."
DESTINATIONS = [
    ("reports", NO_ARN),
    ("", NO_ARN),
    ("arn:aws:s3:::", NO_ARN),
    ("arn:aws:s3:::reports/*", NO_ARN),
    ("arn:aws:iam::123456789012:root", NO_ARN),
    ("arn:aws:s3:us-east-1::reports", NAMESPACE),
    ("arn:aws:s3::123456789012:reports", NAMESPACE),
]


@pytest.mark.parametrize(("arn", "message"), DESTINATIONS)
def test_destinations(door: Door, arn: str, message: str) -> None:
    with unchanged(door.fake):
        refused(partial(INVENTORY.put, door.client, **destination(Bucket=arn)), 400, "InvalidS3DestinationBucket", message)


@pytest.mark.parametrize("key", ["my-key", "alias/my-key", "arn:aws:kms:us-east-1:123456789012:my-key", ARN])
def test_key_ids(door: Door, key: str) -> None:
    put = partial(INVENTORY.put, door.client, **destination(Encryption={"SSEKMS": {"KeyId": key}}))
    with unchanged(door.fake):
        refused(put, 400, "InvalidKmskeyId", "The KMS key id is not the ARN of a key or an alias.")


GOOD = INVENTORY.xml
PARTS = ["<IsEnabled>true</IsEnabled>", "<IncludedObjectVersions>All</IncludedObjectVersions>", "<Format>CSV</Format>"]
PARTS += [f"<Bucket>{ARN}</Bucket>", "<Schedule><Frequency>Daily</Frequency></Schedule>", "<Frequency>Daily</Frequency>"]


def encryption(content: str) -> str:
    return GOOD.replace("</S3BucketDestination>", f"<Encryption>{content}</Encryption></S3BucketDestination>")


MALFORMED = [
    *[GOOD.replace(part, "") for part in PARTS],
    *[GOOD.replace(part, part + part) for part in PARTS],
    GOOD.replace("S3BucketDestination", "Other"),
    GOOD.replace("true", "yes"),
    GOOD.replace("true", "True"),
    GOOD.replace("true", ""),
    GOOD.replace("All", "all"),
    GOOD.replace("Daily", "Monthly"),
    GOOD.replace("Daily", "daily"),
    GOOD.replace("CSV", "csv"),
    GOOD.replace("CSV", "JSON"),
    GOOD + "<OptionalFields><Field>Colour</Field></OptionalFields>",
    GOOD + "<OptionalFields><Field>size</Field></OptionalFields>",
    GOOD + "<OptionalFields><Field/></OptionalFields>",
    GOOD.replace("</S3BucketDestination>", "<AccountId/></S3BucketDestination>"),
    encryption(""),
    encryption("<SSE-S3/><SSE-KMS><KeyId>k</KeyId></SSE-KMS>"),
    encryption("<SSE-KMS/>"),
    encryption("<SSE-KMS><KeyId/></SSE-KMS>"),
    encryption("<SSE-C/>"),
]


@pytest.mark.parametrize("content", MALFORMED)
def test_malformed(door: Door, content: str) -> None:
    INVENTORY.put(door.client)
    with unchanged(door.fake):
        response = door.raw("PUT", "/bucket?inventory&id=a", body=INVENTORY.body(content=content))
        assert_error(response, 400, "MalformedXML", MALFORMED_XML)


def test_order(door: Door) -> None:
    """Schema, id, id against the URL's, destination."""
    bad = destination(Bucket="no ARN")
    mismatch = "Document ID does not match the specified configuration ID."
    with unchanged(door.fake):
        refused(partial(INVENTORY.put, door.client, "b", "a b", **bad), 400, "MalformedXML", MALFORMED_XML)
        refused(partial(INVENTORY.put, door.client, "b", "a", **bad), 400, "IdMismatch", mismatch)
        refused(partial(INVENTORY.put, door.client, "a", "a", **bad), 400, "InvalidS3DestinationBucket", NO_ARN)
