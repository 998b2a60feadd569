"""Inventory configurations, the policy of their destination, and the files of reports."""

from __future__ import annotations

import csv
import gzip
import io
import json
from datetime import datetime, timezone
from typing import Any

from fakes3part.api.fakes3 import FakeS3

START = datetime(2026, 2, 19, 10, 30, 0, tzinfo=timezone.utc)
"""A Thursday."""

ALL_FIELDS = [
    "ObjectOwner",
    "ObjectAccessControlList",
    "ChecksumAlgorithm",
    "BucketKeyStatus",
    "IntelligentTieringAccessTier",
    "ObjectLockLegalHoldStatus",
    "ObjectLockMode",
    "ObjectLockRetainUntilDate",
    "ObjectLockEventHoldStatus",
    "ObjectLockEventHoldDuration",
    "EncryptionStatus",
    "ReplicationStatus",
    "IsMultipartUploaded",
    "StorageClass",
    "ETag",
    "LastModifiedDate",
    "Size",
    "LifecycleExpirationDate",
    "IntelligentTieringReferenceDate",
]
ALL_COLUMNS = (
    "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag, StorageClass, IsMultipartUploaded, "
    "ReplicationStatus, EncryptionStatus, ObjectLockRetainUntilDate, ObjectLockMode, ObjectLockLegalHoldStatus, "
    "ObjectLockEventHoldStatus, ObjectLockEventHoldDuration, IntelligentTieringAccessTier, BucketKeyStatus, ChecksumAlgorithm, "
    "ObjectAccessControlList, ObjectOwner, LifecycleExpirationDate, IntelligentTieringReferenceDate"
)


def allow(*, prefix: str = "", **conditions: Any) -> dict[str, Any]:
    """Return a statement that lets S3 write into ``reports``, under these conditions."""
    return {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::reports/{prefix}*",
        **({"Condition": conditions} if conditions else {}),
    }


POLICY = allow(
    ArnLike={"aws:SourceArn": "arn:aws:s3:::bucket"},
    StringEquals={"aws:SourceAccount": "123456789012", "s3:x-amz-acl": "bucket-owner-full-control"},
)
"""The statement of AWS's example."""


def put_policy(s3: Any, statement: dict[str, Any], bucket: str = "reports") -> None:
    """Set the policy of a bucket."""
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


def configuration(
    *fields: str,
    name: str = "daily",
    versions: str = "Current",
    frequency: str = "Daily",
    enabled: bool = True,
    prefix: str | None = None,
    **destination: Any,
) -> dict[str, Any]:
    """Return a configuration, by default a daily one of the current versions in CSV."""
    return {
        "Id": name,
        "IsEnabled": enabled,
        "IncludedObjectVersions": versions,
        "Schedule": {"Frequency": frequency},
        "Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::reports", "Format": "CSV", **destination}},
        **({"OptionalFields": list(fields)} if fields else {}),
        **({"Filter": {"Prefix": prefix}} if prefix is not None else {}),
    }


def configure(s3: Any, *fields: str, **options: Any) -> None:
    """Put a configuration of ``bucket``."""
    document = configuration(*fields, **options)
    s3.put_bucket_inventory_configuration(Bucket="bucket", Id=document["Id"], InventoryConfiguration=document)


def reports(fake: FakeS3) -> list[str]:
    """Return the keys of the manifests in ``reports``."""
    return [key for key in fake.buckets["reports"].objects if key.endswith("/manifest.json")]


def read(fake: FakeS3, key: str) -> bytes:
    """Return an object of ``reports``."""
    return fake.buckets["reports"].objects[key].data


def manifest_of(fake: FakeS3, key: str) -> dict[str, Any]:
    """Return a manifest in ``reports``."""
    manifest: dict[str, Any] = json.loads(read(fake, key))
    return manifest


def rows_of(fake: FakeS3, key: str) -> list[list[str]]:
    """Return the rows of the data file that a manifest names."""
    (file,) = manifest_of(fake, key)["files"]
    return list(csv.reader(io.StringIO(gzip.decompress(read(fake, file["key"])).decode())))


def table_of(fake: FakeS3, key: str) -> list[dict[str, str]]:
    """Return the rows as dictionaries, by the names in the manifest's schema."""
    names = manifest_of(fake, key)["fileSchema"].split(", ")
    return [dict(zip(names, row, strict=True)) for row in rows_of(fake, key)]
