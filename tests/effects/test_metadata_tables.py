"""The rows of metadata tables: journal records of every change, the inventory, annotations, and expiration on the clock.

Columns are those of AWS's user guide.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from tests.support.callers import OWNER, STRANGER
from tests.support.doors import Door

pytestmark = pytest.mark.usefixtures("bucket")

NOON = datetime(2026, 10, 1, 12, tzinfo=timezone.utc)
KEY = f"arn:aws:kms:us-east-1:{OWNER}:key/11111111-2222-3333-4444-555555555555"
JOURNAL_COLUMNS = [
    *("bucket", "key", "sequence_number", "record_type", "record_timestamp", "version_id", "is_delete_marker", "size"),
    *("last_modified_date", "e_tag", "storage_class", "is_multipart", "encryption_status", "is_bucket_key_enabled"),
    *("kms_key_arn", "checksum_algorithm", "object_tags", "user_metadata", "requester", "source_ip_address", "request_id"),
]
INVENTORY_COLUMNS = [
    column
    for column in JOURNAL_COLUMNS
    if column not in ("record_type", "record_timestamp", "requester", "source_ip_address", "request_id")
]


@pytest.fixture(autouse=True)
def _frozen(door: Door) -> None:
    door.fake.clock.freeze(NOON)


def configure(s3: Any, bucket: str = "bucket", days: int | None = None, **tables: str) -> None:
    expiration: Any = {"Expiration": "DISABLED"} if days is None else {"Expiration": "ENABLED", "Days": days}
    configuration: Any = {
        f"{name.capitalize()}TableConfiguration": {"ConfigurationState": state} for name, state in tables.items()
    }
    configuration["JournalTableConfiguration"] = {"RecordExpiration": expiration}
    s3.create_bucket_metadata_configuration(Bucket=bucket, MetadataConfiguration=configuration)


def journal(door: Door, bucket: str = "bucket") -> list[dict[str, Any]]:
    return door.fake.metadata_table(bucket, "journal")


def kinds(door: Door) -> list[tuple[str, str]]:
    return [(row["record_type"], row["key"]) for row in journal(door)]


def test_a_new_object(door: Door) -> None:
    configure(door.client)
    put = door.client.put_object(Bucket="bucket", Key="k", Body=b"abc", Metadata={"a": "1"}, Tagging="b=2&c=")
    (row,) = journal(door)
    assert list(row) == JOURNAL_COLUMNS
    assert int(row.pop("sequence_number"), 16) == 1
    assert row == {
        "bucket": "bucket",
        "key": "k",
        "record_type": "CREATE",
        "record_timestamp": NOON,
        "version_id": None,
        "is_delete_marker": False,
        "size": 3,
        "last_modified_date": NOON,
        "e_tag": "900150983cd24fb0d6963f7d28e17f72",
        "storage_class": "STANDARD",
        "is_multipart": False,
        "encryption_status": "SSE-S3",
        "is_bucket_key_enabled": False,
        "kms_key_arn": None,
        "checksum_algorithm": row["checksum_algorithm"],
        "object_tags": {"b": "2", "c": ""},
        "user_metadata": {"a": "1"},
        "requester": OWNER,
        "source_ip_address": "127.0.0.1",
        "request_id": put["ResponseMetadata"]["HTTPHeaders"]["x-amz-request-id"],
    }
    assert row["checksum_algorithm"] in ("CRC32", "CRC64NVME")  # what this boto3 sends


def test_without_versioning(door: Door) -> None:
    s3 = door.client
    s3.put_object(Bucket="bucket", Key="before")
    configure(s3)
    s3.put_object(Bucket="bucket", Key="k")
    s3.put_object(Bucket="bucket", Key="k", Body=b"abc")
    s3.delete_object(Bucket="bucket", Key="missing")
    s3.delete_object(Bucket="bucket", Key="k")
    s3.delete_objects(Bucket="bucket", Delete={"Objects": [{"Key": "before"}, {"Key": "missing"}]})
    assert kinds(door) == [("CREATE", "k"), ("CREATE", "k"), ("DELETE", "k"), ("DELETE", "before")]
    numbers = [row["sequence_number"] for row in journal(door)]
    assert numbers == sorted(set(numbers))
    deleted = journal(door)[2]
    empty = {name for name, value in deleted.items() if value is None}
    shown = [
        "bucket",
        "key",
        "sequence_number",
        "record_type",
        "record_timestamp",
        "requester",
        "source_ip_address",
        "request_id",
    ]
    assert set(JOURNAL_COLUMNS) - empty == set(shown)


def test_versions_and_delete_markers(door: Door) -> None:
    s3 = door.client
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    configure(s3)
    version = s3.put_object(Bucket="bucket", Key="k", Body=b"abc")["VersionId"]
    marker = s3.delete_object(Bucket="bucket", Key="k")["VersionId"]
    s3.delete_object(Bucket="bucket", Key="k", VersionId=marker)
    s3.delete_object(Bucket="bucket", Key="k", VersionId=version)
    columns = ("record_type", "version_id", "is_delete_marker", "size", "e_tag")
    assert [tuple(row[column] for column in columns) for row in journal(door)] == [
        ("CREATE", version, False, 3, "900150983cd24fb0d6963f7d28e17f72"),
        ("DELETE", marker, True, 0, None),
        ("DELETE", marker, None, None, None),
        ("DELETE", version, None, None, None),
    ]


def test_changes_of_metadata(door: Door) -> None:
    s3 = door.client
    configure(s3)
    s3.put_object(Bucket="bucket", Key="k", Body=b"abc", Tagging="a=1")
    s3.put_object_tagging(Bucket="bucket", Key="k", Tagging={"TagSet": [{"Key": "b", "Value": "2"}]})
    s3.delete_object_tagging(Bucket="bucket", Key="k")
    s3.update_object_encryption(
        Bucket="bucket", Key="k", ObjectEncryption={"SSEKMS": {"KMSKeyArn": KEY, "BucketKeyEnabled": True}}
    )
    columns = ("record_type", "object_tags", "encryption_status", "kms_key_arn", "is_bucket_key_enabled")
    assert [tuple(row[column] for column in columns) for row in journal(door)] == [
        ("CREATE", {"a": "1"}, "SSE-S3", None, False),
        ("UPDATE_METADATA", {"b": "2"}, "SSE-S3", None, False),
        ("UPDATE_METADATA", {}, "SSE-S3", None, False),
        ("UPDATE_METADATA", {}, "SSE-KMS", KEY, True),
    ]


def test_what_is_no_change_of_metadata(door: Door) -> None:
    """Reads, refused requests, annotations, and what no column shows."""
    s3 = door.client
    s3.put_bucket_ownership_controls(Bucket="bucket", OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    configure(s3)
    s3.put_object(Bucket="bucket", Key="k", Body=b"abc")
    s3.get_object(Bucket="bucket", Key="k")["Body"].read()
    with pytest.raises(s3.exceptions.ClientError):
        s3.put_object(Bucket="bucket", Key="k", IfNoneMatch="*")
    s3.put_object_acl(Bucket="bucket", Key="k", ACL="bucket-owner-read")
    s3.put_object_annotation(Bucket="bucket", Key="k", AnnotationName="note", AnnotationPayload=b"text")
    s3.delete_object_annotation(Bucket="bucket", Key="k", AnnotationName="note")
    s3.create_multipart_upload(Bucket="bucket", Key="open")
    assert kinds(door) == [("CREATE", "k")]


def test_copies_and_uploads(door: Door) -> None:
    s3 = door.client
    configure(s3)
    upload = s3.create_multipart_upload(Bucket="bucket", Key="big", StorageClass="GLACIER_IR", ChecksumAlgorithm="SHA256")
    ids = {"Bucket": "bucket", "Key": "big", "UploadId": upload["UploadId"]}
    part = s3.upload_part(**ids, PartNumber=1, Body=b"abc", ChecksumAlgorithm="SHA256")
    parts = [{"PartNumber": 1, "ETag": part["ETag"], "ChecksumSHA256": part["ChecksumSHA256"]}]
    etag = s3.complete_multipart_upload(**ids, MultipartUpload={"Parts": parts})["ETag"].strip('"')
    s3.copy_object(Bucket="bucket", Key="copy", CopySource="bucket/big", ServerSideEncryption="aws:kms", SSEKMSKeyId=KEY)
    s3.put_object(Bucket="bucket", Key="c", SSECustomerAlgorithm="AES256", SSECustomerKey="k" * 32)
    columns = ("key", "is_multipart", "storage_class", "checksum_algorithm", "encryption_status", "kms_key_arn")
    big, copied, customer = journal(door)
    assert big["e_tag"] == etag
    assert [tuple(row[column] for column in columns) for row in (big, copied)] == [
        ("big", True, "GLACIER_IR", "SHA256", "SSE-S3", None),
        ("copy", False, "STANDARD", "SHA256", "SSE-KMS", KEY),
    ]
    assert customer["encryption_status"] == "SSE-C"


def test_the_requester(door: Door) -> None:
    s3 = door.client
    s3.delete_public_access_block(Bucket="bucket")
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::bucket/*"}
    s3.put_bucket_policy(Bucket="bucket", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    configure(s3)
    door.raw("PUT", "/bucket/k", access_key=STRANGER)
    door.raw("PUT", "/bucket/k", sign=False)
    assert [row["requester"] for row in journal(door)] == [STRANGER, "anonymous"]


def test_what_lifecycle_rules_do(door: Door) -> None:
    s3 = door.client
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    rules: list[Any] = [
        {"ID": "move", "Filter": {"Prefix": "m"}, "Status": "Enabled", "Transitions": [{"Days": 1, "StorageClass": "GLACIER"}]},
        {
            "ID": "expire",
            "Filter": {"Prefix": "e"},
            "Status": "Enabled",
            "Expiration": {"Days": 1},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
        },
    ]
    s3.put_bucket_lifecycle_configuration(Bucket="bucket", LifecycleConfiguration={"Rules": rules})
    s3.put_object(Bucket="bucket", Key="m", Body=b"a" * 200_000)
    expired = s3.put_object(Bucket="bucket", Key="e", Body=b"abc")["VersionId"]
    configure(s3)
    door.fake.clock.advance(days=10)
    rows = journal(door)
    columns = ("record_type", "key", "is_delete_marker", "storage_class", "record_timestamp")
    assert [tuple(row[column] for column in columns) for row in rows] == [
        ("DELETE", "e", True, None, datetime(2026, 10, 3, tzinfo=timezone.utc)),
        ("UPDATE_METADATA", "m", False, "GLACIER", datetime(2026, 10, 3, tzinfo=timezone.utc)),
        ("DELETE", "e", None, None, datetime(2026, 10, 4, tzinfo=timezone.utc)),
        ("DELETE", "e", None, None, datetime(2026, 10, 4, tzinfo=timezone.utc)),
    ]
    assert [row["version_id"] for row in rows[2:]] == [expired, rows[0]["version_id"]]
    assert {(row["requester"], row["source_ip_address"], row["request_id"]) for row in rows} == {("s3.amazonaws.com", None, None)}


def test_records_expire(door: Door) -> None:
    s3, clock = door.client, door.fake.clock
    configure(s3, days=7)
    for key in ("a", "b", "c"):
        s3.put_object(Bucket="bucket", Key=key)
        clock.advance(days=1)
    expected = [["a", "b", "c"], ["b", "c"], ["c"], []]
    clock.advance(days=4, seconds=-1)
    for keys in expected:
        assert [row["key"] for row in journal(door)] == keys
        clock.advance(days=1)
    s3.put_object(Bucket="bucket", Key="d")
    (row,) = journal(door)
    assert (row["key"], int(row["sequence_number"], 16)) == ("d", 4)


def test_what_has_expired_stays_so(door: Door) -> None:
    s3, clock = door.client, door.fake.clock
    configure(s3, days=7)
    s3.put_object(Bucket="bucket", Key="a")
    clock.advance(days=8)
    s3.put_object(Bucket="bucket", Key="b")
    forever: Any = {"RecordExpiration": {"Expiration": "DISABLED"}}
    s3.update_bucket_metadata_journal_table_configuration(Bucket="bucket", JournalTableConfiguration=forever)
    clock.advance(days=1000)
    assert [row["key"] for row in journal(door)] == ["b"]
    week: Any = {"RecordExpiration": {"Expiration": "ENABLED", "Days": 7}}
    s3.update_bucket_metadata_journal_table_configuration(Bucket="bucket", JournalTableConfiguration=week)
    assert journal(door) == []


def test_the_inventory_table(door: Door) -> None:
    s3, fake = door.client, door.fake
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket="bucket", Key="k", Body=b"abc", Metadata={"a": "1"})["VersionId"]
    configure(s3, inventory="ENABLED")
    fake.clock.advance(minutes=14)
    assert fake.metadata_table("bucket", "inventory") == []  # it is BACKFILLING
    fake.clock.advance(minutes=1)
    (row,) = fake.metadata_table("bucket", "inventory")
    assert list(row) == INVENTORY_COLUMNS
    assert row["last_modified_date"] == NOON
    assert (row["version_id"], row["is_delete_marker"], row["user_metadata"]) == (first, False, {"a": "1"})
    assert int(row["sequence_number"], 16) == 0
    second = s3.put_object(Bucket="bucket", Key="k", Body=b"abcd", Tagging="b=2")["VersionId"]
    marker = s3.delete_object(Bucket="bucket", Key="k")["VersionId"]
    s3.put_object(Bucket="bucket", Key="a")
    rows = fake.metadata_table("bucket", "inventory")
    columns = ("key", "version_id", "is_delete_marker", "size")
    assert [tuple(row[column] for column in columns) for row in rows[1:]] == [
        ("k", first, False, 3),
        ("k", second, False, 4),
        ("k", marker, True, 0),
    ]
    numbers = {row["version_id"]: row["sequence_number"] for row in journal(door)}
    assert rows[2]["sequence_number"] == numbers[second]
    s3.delete_object(Bucket="bucket", Key="k", VersionId=first)
    assert [row["version_id"] for row in fake.metadata_table("bucket", "inventory")[1:]] == [second, marker]


def test_the_annotation_table(door: Door) -> None:
    s3, fake = door.client, door.fake
    s3.put_object(Bucket="bucket", Key="k", Body=b"abc")
    note = s3.put_object_annotation(Bucket="bucket", Key="k", AnnotationName="note", AnnotationPayload="ü".encode())
    configure(s3, annotation="ENABLED")
    assert fake.metadata_table("bucket", "annotation") == []
    fake.clock.advance(minutes=15)
    (row,) = fake.metadata_table("bucket", "annotation")
    assert row == {
        "bucket": "bucket",
        "key": "k",
        "version_id": None,
        "annotation_name": "note",
        "annotation_value": "ü",
        "size": 2,
        "e_tag": note["ETag"].strip('"'),
        "last_modified_date": NOON,
        "checksum_algorithm": row["checksum_algorithm"],
    }
    s3.put_object_annotation(Bucket="bucket", Key="k", AnnotationName="a", AnnotationPayload=b"x")
    assert [row["annotation_name"] for row in fake.metadata_table("bucket", "annotation")] == ["a", "note"]
    s3.delete_object_annotation(Bucket="bucket", Key="k", AnnotationName="note")
    assert [row["annotation_name"] for row in fake.metadata_table("bucket", "annotation")] == ["a"]
    s3.delete_object(Bucket="bucket", Key="k")
    assert fake.metadata_table("bucket", "annotation") == []


def test_buckets_have_tables_of_their_own(door: Door) -> None:
    s3 = door.client
    s3.create_bucket(Bucket="other")
    s3.create_bucket(Bucket="third")
    configure(s3)
    configure(s3, "other")
    for bucket in ("bucket", "other", "third"):
        s3.put_object(Bucket=bucket, Key=f"in-{bucket}")
    assert [row["key"] for row in journal(door)] == ["in-bucket"]
    assert [row["key"] for row in journal(door, "other")] == ["in-other"]
    with pytest.raises(KeyError, match="the bucket 'third' has no metadata table 'journal'; there are none"):
        journal(door, "third")
    with pytest.raises(KeyError, match="the bucket 'bucket' has no metadata table 'journals'; did you mean 'journal'"):
        door.fake.metadata_table("bucket", "journals")


def test_rows_belong_to_the_caller(door: Door) -> None:
    configure(door.client)
    door.client.put_object(Bucket="bucket", Key="k", Tagging="a=1")
    journal(door)[0]["object_tags"].clear()
    assert journal(door)[0]["object_tags"] == {"a": "1"}


def test_the_clock_may_be_moved_back(door: Door) -> None:
    configure(door.client, days=7)
    door.client.put_object(Bucket="bucket", Key="a")
    door.fake.clock.move_to(NOON - timedelta(days=1))
    door.client.put_object(Bucket="bucket", Key="b")
    numbers = [row["sequence_number"] for row in journal(door)]
    assert kinds(door) == [("CREATE", "a"), ("CREATE", "b")]
    assert numbers == sorted(numbers)


def test_what_is_seeded_is_recorded(door: Door) -> None:
    configure(door.client)
    keys = [f"k{number:04}" for number in range(2000)]
    door.fake.seed({"bucket": dict.fromkeys(keys, b"")})
    assert [row["key"] for row in journal(door)] == keys
