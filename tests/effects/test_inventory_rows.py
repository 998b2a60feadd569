"""What inventory reports list: versions, fields, and their values in CSV, ORC and Parquet.

Source: "Amazon S3 Inventory list" (S3 user guide).
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
from datetime import datetime, timezone

import pytest

from tests.support import replication
from tests.support.doors import Door
from tests.support.inventory import (
    ALL_COLUMNS,
    ALL_FIELDS,
    START,
    allow,
    configuration,
    configure,
    manifest_of,
    put_policy,
    read,
    rows_of,
    table_of,
)

# --- rows ---


def test_versions_and_delete_markers(listed: Door) -> None:
    s3 = listed.client
    s3.put_object(Bucket="bucket", Key="a", Body=b"1")
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    new = s3.put_object(Bucket="bucket", Key="a", Body=b"12")["VersionId"]
    old = s3.put_object(Bucket="bucket", Key="b", Body=b"123")["VersionId"]
    marker = s3.delete_object(Bucket="bucket", Key="b")["VersionId"]
    configure(s3, "Size", "ETag", "StorageClass", name="all", versions="All")
    configure(s3, "Size", name="current")
    key = listed.fake.deliver_inventory("bucket", "all")
    assert (
        manifest_of(listed.fake, key)["fileSchema"]
        == "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, ETag, StorageClass"
    )
    md5 = [hashlib.md5(body).hexdigest() for body in (b"1", b"12", b"123")]
    assert rows_of(listed.fake, key) == [
        ["bucket", "a", new, "true", "false", "2", md5[1], "STANDARD"],
        ["bucket", "a", "", "false", "false", "1", md5[0], "STANDARD"],
        ["bucket", "b", marker, "true", "true", "", "", ""],
        ["bucket", "b", old, "false", "false", "3", md5[2], "STANDARD"],
    ]
    assert rows_of(listed.fake, listed.fake.deliver_inventory("bucket", "current")) == [["bucket", "a", "2"]]


@pytest.mark.parametrize("versions", ["All", "Current"])
def test_the_prefix(listed: Door, versions: str) -> None:
    for key in ("a", "b", "b/1", "b/2", "b0", "c"):
        listed.client.put_object(Bucket="bucket", Key=key)
    configure(listed.client, prefix="b/", versions=versions)
    rows = rows_of(listed.fake, listed.fake.deliver_inventory("bucket", "daily"))
    assert [row[1] for row in rows] == ["b/1", "b/2"]


def test_open_uploads_are_not_listed(listed: Door) -> None:
    listed.client.create_multipart_upload(Bucket="bucket", Key="k")
    configure(listed.client, versions="All")
    assert rows_of(listed.fake, listed.fake.deliver_inventory("bucket", "daily")) == []


@pytest.fixture
def rich(listed: Door) -> Door:
    """The same with every kind of object in a bucket ``bucket`` that has Object Lock and ACLs."""
    s3 = listed.client
    s3.delete_bucket(Bucket="bucket")
    s3.create_bucket(Bucket="bucket", ObjectLockEnabledForBucket=True, ObjectOwnership="ObjectWriter")
    s3.delete_public_access_block(Bucket="bucket")
    put = {"Bucket": "bucket", "Body": b"abc"}
    until = datetime(2026, 3, 1, tzinfo=timezone.utc)
    s3.put_object(**put, Key="acl", ACL="public-read")
    s3.put_object(**put, Key="dsse", ServerSideEncryption="aws:kms:dsse")
    s3.put_object(**put, Key="kms", ServerSideEncryption="aws:kms", BucketKeyEnabled=True)
    s3.put_object(
        **put, Key="locked", ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=until, ObjectLockLegalHoldStatus="ON"
    )
    where = {"Bucket": "bucket", "Key": "parts"}
    upload = s3.create_multipart_upload(**where, ChecksumAlgorithm="SHA256")["UploadId"]
    part = s3.upload_part(**where, UploadId=upload, PartNumber=1, Body=b"abc", ChecksumAlgorithm="SHA256")
    parts = [{"PartNumber": 1, "ETag": part["ETag"], "ChecksumSHA256": part["ChecksumSHA256"]}]
    s3.complete_multipart_upload(**where, UploadId=upload, MultipartUpload={"Parts": parts})
    if listed.name == "in-process":
        s3.put_object(**put, Key="ssec", SSECustomerAlgorithm="AES256", SSECustomerKey=b"k" * 32)
    s3.put_object(Bucket="bucket", Key="tiered", Body=b"x" * 131072, StorageClass="INTELLIGENT_TIERING")
    rule = {"ID": "a", "Status": "Enabled", "Filter": {"Prefix": "acl"}, "Expiration": {"Days": 365}}
    s3.put_bucket_lifecycle_configuration(Bucket="bucket", LifecycleConfiguration={"Rules": [rule]})
    return listed


def test_all_fields(rich: Door) -> None:
    configure(rich.client, *ALL_FIELDS, versions="All")
    rich.fake.clock.advance(days=31)
    key = rich.fake.deliver_inventory("bucket", "daily")
    assert manifest_of(rich.fake, key)["fileSchema"] == ALL_COLUMNS
    table = {row["Key"]: row for row in table_of(rich.fake, key)}
    owner = rich.client.list_buckets()["Owner"]["ID"]
    plain = {
        "Bucket": "bucket",
        "IsLatest": "true",
        "IsDeleteMarker": "false",
        "Size": "3",
        "LastModifiedDate": "2026-02-19T10:30:00.000Z",
        "StorageClass": "STANDARD",
        "IsMultipartUploaded": "false",
        "ReplicationStatus": "",
        "EncryptionStatus": "SSE-S3",
        "ObjectLockRetainUntilDate": "",
        "ObjectLockMode": "",
        "ObjectLockLegalHoldStatus": "",
        "ObjectLockEventHoldStatus": "",
        "ObjectLockEventHoldDuration": "",
        "IntelligentTieringAccessTier": "",
        "BucketKeyStatus": "DISABLED",
        "ObjectOwner": owner,
        "LifecycleExpirationDate": "",
        "IntelligentTieringReferenceDate": "",
    }
    changes: dict[str, dict[str, str]] = {
        "acl": {"LifecycleExpirationDate": "2027-02-20T00:00:00.000Z"},
        "dsse": {"EncryptionStatus": "DSSE-KMS"},
        "kms": {"EncryptionStatus": "SSE-KMS", "BucketKeyStatus": "ENABLED"},
        "locked": {
            "ObjectLockRetainUntilDate": "2026-03-01T00:00:00.000Z",
            "ObjectLockMode": "GOVERNANCE",
            "ObjectLockLegalHoldStatus": "ON",
        },
        "parts": {"IsMultipartUploaded": "true", "ChecksumAlgorithm": "SHA256"},
        "ssec": {"EncryptionStatus": "SSE-C"},
        "tiered": {
            "Size": "131072",
            "StorageClass": "INTELLIGENT_TIERING",
            "IntelligentTieringAccessTier": "INFREQUENT",
            "IntelligentTieringReferenceDate": "2026-02-19T10:30:00.000Z",
        },
    }
    for name, row in table.items():
        assert {**row, **plain, **changes[name]} == row
    assert {key: row["ChecksumAlgorithm"] for key, row in table.items() if key in ("parts", "tiered")} == {
        "parts": "SHA256",
        "tiered": "CRC32",
    }
    heads = rich.client.list_object_versions(Bucket="bucket")["Versions"]
    assert [(head["Key"], head["VersionId"], head["ETag"].strip('"')) for head in heads] == [
        (row["Key"], row["VersionId"], row["ETag"]) for row in table.values()
    ]
    grants = [{"canonicalId": owner, "type": "CanonicalUser", "permission": "FULL_CONTROL"}]
    everybody = {"uri": "http://acs.amazonaws.com/groups/global/AllUsers", "type": "Group", "permission": "READ"}
    acls = {name: json.loads(base64.b64decode(row["ObjectAccessControlList"])) for name, row in table.items()}
    assert acls["kms"] == {"version": "2022-11-10", "status": "AVAILABLE", "grants": grants}
    assert acls["acl"] == {"version": "2022-11-10", "status": "AVAILABLE", "grants": [*grants, everybody]}


def test_fields_of_delete_markers(rich: Door) -> None:
    marker = rich.client.delete_object(Bucket="bucket", Key="kms")["VersionId"]
    configure(rich.client, *ALL_FIELDS, versions="All")
    row = next(
        row for row in table_of(rich.fake, rich.fake.deliver_inventory("bucket", "daily")) if row["IsDeleteMarker"] == "true"
    )
    assert {name: value for name, value in row.items() if value} == {
        "Bucket": "bucket",
        "Key": "kms",
        "VersionId": marker,
        "IsLatest": "true",
        "IsDeleteMarker": "true",
        "LastModifiedDate": "2026-02-19T10:30:00.000Z",
        "ObjectOwner": rich.client.list_buckets()["Owner"]["ID"],
    }


TIERS = {0: "FREQUENT", 30: "INFREQUENT", 89: "INFREQUENT", 90: "ARCHIVE", 180: "DEEP_ARCHIVE"}


@pytest.mark.parametrize(("days", "tier"), TIERS.items())
def test_access_tiers(listed: Door, days: int, tier: str) -> None:
    tierings = [{"AccessTier": "ARCHIVE_ACCESS", "Days": 90}, {"AccessTier": "DEEP_ARCHIVE_ACCESS", "Days": 180}]
    configuration = {"Id": "a", "Status": "Enabled", "Tierings": tierings}
    listed.client.put_bucket_intelligent_tiering_configuration(
        Bucket="bucket", Id="a", IntelligentTieringConfiguration=configuration
    )
    listed.client.put_object(Bucket="bucket", Key="k", Body=b"x" * 131072, StorageClass="INTELLIGENT_TIERING")
    configure(listed.client, "IntelligentTieringAccessTier", enabled=True, frequency="Weekly")
    listed.fake.clock.advance(days=days)
    assert rows_of(listed.fake, listed.fake.deliver_inventory("bucket", "daily")) == [["bucket", "k", tier]]


def test_the_owner_while_ownership_is_enforced(rich: Door) -> None:
    """ACLs do not count, and the bucket's owner owns all."""
    rule = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    rich.client.put_bucket_ownership_controls(Bucket="bucket", OwnershipControls=rule)
    configure(rich.client, "ObjectAccessControlList", "ObjectOwner", prefix="acl")
    (row,) = table_of(rich.fake, rich.fake.deliver_inventory("bucket", "daily"))
    owner = rich.client.list_buckets()["Owner"]["ID"]
    assert row["ObjectOwner"] == owner
    assert len(json.loads(base64.b64decode(row["ObjectAccessControlList"]))["grants"]) == 1


# --- ORC and Parquet ---


def test_orc(rich: Door) -> None:
    from pyarrow import orc

    configure(rich.client, *ALL_FIELDS, versions="All", Format="ORC")
    key = rich.fake.deliver_inventory("bucket", "daily")
    manifest = manifest_of(rich.fake, key)
    assert manifest["fileFormat"] == "ORC"
    assert manifest["fileSchema"] == (
        "struct<bucket:string,key:string,version_id:string,is_latest:boolean,is_delete_marker:boolean,size:bigint,"
        "last_modified_date:timestamp,e_tag:string,storage_class:string,is_multipart_uploaded:boolean,replication_status:string,"
        "encryption_status:string,object_lock_retain_until_date:timestamp,object_lock_mode:string,"
        "object_lock_legal_hold_status:string,object_lock_event_hold_status:string,object_lock_event_hold_duration:string,"
        "intelligent_tiering_access_tier:string,bucket_key_status:string,checksum_algorithm:string,"
        "object_access_control_list:string,object_owner:string,lifecycle_expiration_date:timestamp,"
        "intelligent_tiering_reference_date:timestamp>"
    )
    (file,) = manifest["files"]
    assert file["key"].endswith(".orc")
    rows = orc.read_table(io.BytesIO(read(rich.fake, file["key"]))).to_pylist()
    locked = next(row for row in rows if row["key"] == "locked")
    assert locked["size"] == 3
    assert locked["last_modified_date"] == datetime(2026, 2, 19, 10, 30)
    assert locked["object_lock_retain_until_date"] == datetime(2026, 3, 1)
    assert (locked["is_latest"], locked["intelligent_tiering_access_tier"]) == (True, None)


def test_parquet(listed: Door) -> None:
    from pyarrow import parquet

    listed.client.put_object(Bucket="bucket", Key="a b", Body=b"abc")
    configure(listed.client, "LastModifiedDate", "Size", "ETag", versions="All", Format="Parquet")
    manifest = manifest_of(listed.fake, listed.fake.deliver_inventory("bucket", "daily"))
    assert manifest["fileFormat"] == "Parquet"
    assert manifest["fileSchema"] == (
        "message s3.inventory { required binary bucket (UTF8); required binary key (UTF8); optional binary version_id (UTF8); "
        "optional boolean is_latest; optional boolean is_delete_marker; optional int64 size; "
        "optional int64 last_modified_date (TIMESTAMP_MILLIS); optional binary e_tag (UTF8); }"
    )
    (file,) = manifest["files"]
    assert file["key"].endswith(".parquet")
    table = parquet.read_table(io.BytesIO(read(listed.fake, file["key"])))
    assert [field.nullable for field in table.schema] == [False, False, True, True, True, True, True, True]
    assert table.to_pylist() == [
        {
            "bucket": "bucket",
            "key": "a b",
            "version_id": None,
            "is_latest": True,
            "is_delete_marker": False,
            "size": 3,
            "last_modified_date": START,
            "e_tag": "900150983cd24fb0d6963f7d28e17f72",
        }
    ]


def test_replication_statuses(listed: Door) -> None:
    """Of the source and, as its own row, of the replica; of what no rule selects there is none."""
    s3 = listed.client
    for name in ("bucket", "reports"):
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    replication.configure(s3, replication.rule(Filter={"Prefix": "a"}, **replication.to("reports")), bucket="bucket")
    for key in ("a", "b"):
        s3.put_object(Bucket="bucket", Key=key)
    configure(s3, "ReplicationStatus")
    rows = rows_of(listed.fake, listed.fake.deliver_inventory("bucket", "daily"))
    assert rows == [["bucket", "a", "COMPLETED"], ["bucket", "b", ""]]
    put_policy(s3, allow())
    document = configuration("ReplicationStatus", prefix="a")
    s3.put_bucket_inventory_configuration(Bucket="reports", Id="daily", InventoryConfiguration=document)
    assert rows_of(listed.fake, listed.fake.deliver_inventory("reports", "daily")) == [["reports", "a", "REPLICA"]]
