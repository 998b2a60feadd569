"""A fake with something of everything, and the valid requests that made it."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError

from fakes3part.api.fakes3 import FakeS3
from fakes3part.auth.sessions import Role
from fakes3part.message import Request, Response
from tests.fuzz.texts import ACCOUNT

SETTINGS: list[dict[str, Any]] = [
    {},
    {},
    {"lenient": False},
    {"legacy_defaults": True},
    {"strict_regions": True, "strict_kms": True},
    {"custom_endpoints": ["own.example"]},
    {"min_part_size": 1, "block_sse_c": True, "strict_sse_c": True},
]
CLOCKS = [None, None, None, None, None, "9999-12-31T23:59:59Z", "1970-01-01T00:00:00Z"]
"""None: the system's time."""

_EVERYBODY = {
    "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::bucket", "arn:aws:s3:::bucket/*"]}
    ]
}


class Recorder(FakeS3):
    """A fake that keeps copies of the requests that it has answered with success.

    Attributes:
        recorded: them; None: nothing is recorded.
    """

    recorded: list[Request] | None = None

    def handle(self, request: Request) -> Response:
        recorded = self.recorded
        if recorded is None:
            return super().handle(request)
        headers, data = dict(request.headers), request.payload
        response = super().handle(request)
        if response.status < 300:
            copy = Request(
                request.method, request.host, request.path, request.query, headers, scheme=request.scheme, read=lambda: data
            )
            copy.payload  # noqa: B018 -- it is read
            recorded.append(copy)
        return response


def new_world(number: int) -> tuple[Recorder, list[Request]]:
    """Return a fake, and the requests that have made its contents."""
    fake = Recorder(seed=number, account=ACCOUNT, journal_size=10, **SETTINGS[number % len(SETTINGS)])
    fake.recorded = []
    fill(fake)
    recorded, fake.recorded = fake.recorded, None
    clock = CLOCKS[number % len(CLOCKS)]
    if clock is not None:
        fake.clock.freeze(clock)
    return fake, recorded


def ids(fake: FakeS3) -> dict[str, list[str]]:
    """Return the ids of what is in a fake, by the names of the members that they are values of."""
    buckets = fake.store.buckets.values()
    versions = [version for bucket in buckets for key in bucket.versions_by_key for version in bucket.versions(key)]
    keys = [key.id for key in fake.kms.keys(ACCOUNT, "us-east-1")]
    return {
        "uploadid": [upload.id for bucket in buckets for upload in bucket.uploads.values()],
        "versionid": [*versions, "null"],
        "keyid": [*keys, "alias/mine"],
        "targetkeyid": keys,
        "ssekmskeyid": [*keys, "alias/mine"],
        "etag": ["*", '"0"'],
    }


def fill(fake: FakeS3) -> None:
    """Make buckets, objects, uploads, keys, a role and access points."""
    fake.accounts.add_role(Role(ACCOUNT, "reader"))
    fake.kms.add_key(alias="mine")
    s3 = fake.client()
    for name, lock in (("bucket", False), ("plain", False), ("locked", True)):
        s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=lock)
    fake.add_access_point("point", "bucket")
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    for bucket in ("bucket", "plain", "locked"):
        for key in ("k", "dir/a", "dir/b", "é"):
            s3.put_object(Bucket=bucket, Key=key, Body=b"a,b\n1,2\n", Metadata={"a": "b"}, Tagging="a=b")
    s3.put_object(Bucket="bucket", Key="archived", Body=b"x", StorageClass="GLACIER")
    s3.put_object(Bucket="bucket", Key="tiered", Body=b"x" * 131072, StorageClass="INTELLIGENT_TIERING")
    s3.put_object(Bucket="plain", Key="kms", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId="alias/mine")
    for call in _calls(s3):
        with suppress(ClientError):
            call()
    s3.close()


def _calls(s3: Any) -> list[Any]:
    bucket, key = {"Bucket": "bucket"}, {"Bucket": "bucket", "Key": "k"}

    def upload() -> None:
        created = s3.create_multipart_upload(Bucket="plain", Key="mpu", ChecksumAlgorithm="SHA256")
        part = {"Bucket": "plain", "Key": "mpu", "UploadId": created["UploadId"]}
        etag = s3.upload_part(**part, PartNumber=1, Body=b"part", ChecksumAlgorithm="SHA256")
        s3.upload_part_copy(**part, PartNumber=2, CopySource="plain/k", CopySourceRange="bytes=0-1")
        s3.list_parts(**part)
        parts = [{"PartNumber": 1, "ETag": etag["ETag"], "ChecksumSHA256": etag["ChecksumSHA256"]}]
        s3.complete_multipart_upload(**part, MultipartUpload={"Parts": parts})
        s3.create_multipart_upload(Bucket="plain", Key="open")

    def directory() -> None:
        name = "dir--use1-az4--x-s3"
        s3.create_bucket(
            Bucket=name,
            CreateBucketConfiguration={
                "Location": {"Type": "AvailabilityZone", "Name": "use1-az4"},
                "Bucket": {"Type": "Directory", "DataRedundancy": "SingleAvailabilityZone"},
            },
        )
        s3.put_object(Bucket=name, Key="k", Body=b"x")
        s3.list_objects_v2(Bucket=name)

    def select() -> None:
        s3.select_object_content(
            Bucket="plain",
            Key="k",
            Expression="SELECT * FROM S3Object",
            ExpressionType="SQL",
            InputSerialization={"CSV": {"FileHeaderInfo": "USE"}},
            OutputSerialization={"JSON": {}},
        )

    rule = {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "old/"}, "Expiration": {"Days": 1}}
    cors = {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}
    logs = {"TargetBucket": "plain", "TargetPrefix": "log/", "TargetObjectKeyFormat": {"PartitionedPrefix": {}}}
    replicated = {
        "Priority": 1,
        "Filter": {"And": {"Prefix": "", "Tags": [{"Key": "a", "Value": "b"}]}},
        "Status": "Enabled",
        "DeleteMarkerReplication": {"Status": "Disabled"},
        "Destination": {"Bucket": "arn:aws:s3:::locked", "StorageClass": "STANDARD_IA"},
    }
    markers = {
        **replicated,
        "Priority": 2,
        "Filter": {"Prefix": "dir/"},
        "DeleteMarkerReplication": {"Status": "Enabled"},
    }
    replication = {"Role": f"arn:aws:iam::{ACCOUNT}:role/replication", "Rules": [replicated, markers]}
    tiering: Any = {"Id": "cold", "Status": "Enabled", "Tierings": [{"AccessTier": "ARCHIVE_ACCESS", "Days": 90}]}
    inventory: Any = {
        "Id": "weekly",
        "IsEnabled": True,
        "IncludedObjectVersions": "All",
        "Schedule": {"Frequency": "Weekly"},
        "Filter": {"Prefix": "dir/"},
        "OptionalFields": ["Size", "ObjectAccessControlList", "LifecycleExpirationDate", "IntelligentTieringAccessTier"],
        "Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::bucket", "Format": "CSV"}},
    }
    retention = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Years": 1}}}
    red = {"And": {"Prefix": "dir/", "Tags": [{"Key": "a", "Value": "b"}]}}
    reports = {"Bucket": "arn:aws:s3:::plain", "Format": "CSV", "Prefix": "reports"}
    export = {"OutputSchemaVersion": "V_1", "Destination": {"S3BucketDestination": reports}}
    analytics = {"Id": "a", "Filter": red, "StorageClassAnalysis": {"DataExport": export}}
    inventory = {
        "Id": "i",
        "IsEnabled": True,
        "IncludedObjectVersions": "All",
        "OptionalFields": ["Size", "ETag"],
        "Schedule": {"Frequency": "Weekly"},
        "Destination": {"S3BucketDestination": {**reports, "Encryption": {"SSES3": {}}}},
    }
    tiering = {"Id": "t", "Status": "Enabled", "Filter": red, "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}]}
    return [
        lambda: s3.put_bucket_analytics_configuration(**bucket, Id="a", AnalyticsConfiguration=analytics),
        lambda: s3.put_bucket_inventory_configuration(**bucket, Id="i", InventoryConfiguration=inventory),
        lambda: s3.put_bucket_metrics_configuration(**bucket, Id="m", MetricsConfiguration={"Id": "m", "Filter": red}),
        lambda: s3.put_bucket_intelligent_tiering_configuration(**bucket, Id="t", IntelligentTieringConfiguration=tiering),
        lambda: s3.get_bucket_analytics_configuration(**bucket, Id="a"),
        lambda: s3.list_bucket_inventory_configurations(**bucket, ContinuationToken="x"),
        lambda: s3.delete_bucket_metrics_configuration(**bucket, Id="m"),
        lambda: s3.put_bucket_replication(**bucket, ReplicationConfiguration=replication),
        lambda: s3.put_bucket_intelligent_tiering_configuration(**bucket, Id="cold", IntelligentTieringConfiguration=tiering),
        lambda: s3.put_bucket_inventory_configuration(**bucket, Id="weekly", InventoryConfiguration=inventory),
        upload,
        directory,
        select,
        lambda: s3.list_buckets(MaxBuckets=2, Prefix="b"),
        lambda: s3.list_objects(**bucket, Delimiter="/", EncodingType="url"),
        lambda: s3.list_objects_v2(**bucket, MaxKeys=2, Prefix="dir/", FetchOwner=True),
        lambda: s3.list_object_versions(**bucket, KeyMarker="a"),
        lambda: s3.list_multipart_uploads(Bucket="plain"),
        lambda: s3.get_object(**key, Range="bytes=0-1"),
        lambda: s3.get_object(**key, PartNumber=1, ResponseContentType="text/html", ChecksumMode="ENABLED"),
        lambda: s3.head_object(**key, IfMatch="*"),
        lambda: s3.get_object_attributes(**key, ObjectAttributes=["ETag", "ObjectSize", "ObjectParts"]),
        lambda: s3.copy_object(
            Bucket="plain", Key="copy", CopySource="bucket/k", MetadataDirective="REPLACE", Metadata={"x": "y"}
        ),
        lambda: s3.put_object(**key, Body=b"x", ChecksumAlgorithm="CRC64NVME", IfNoneMatch='"x"'),
        lambda: s3.put_object(**key, Body=b"x", SSECustomerAlgorithm="AES256", SSECustomerKey="0" * 32),
        lambda: s3.put_object(
            Bucket="locked", Key="r", Body=b"x", ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate="2090-01-01T00:00:00Z"
        ),
        lambda: s3.delete_object(Bucket="bucket", Key="dir/a"),
        lambda: s3.delete_objects(
            **bucket, Delete={"Objects": [{"Key": "none"}, {"Key": "x", "VersionId": "null"}], "Quiet": True}
        ),
        lambda: s3.put_object_tagging(**key, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]}),
        lambda: s3.get_object_tagging(**key),
        lambda: s3.put_object_acl(**key, ACL="private"),
        lambda: s3.get_object_acl(**key),
        lambda: s3.put_object_retention(
            Bucket="locked", Key="k", Retention={"Mode": "GOVERNANCE", "RetainUntilDate": "2090-01-01T00:00:00Z"}
        ),
        lambda: s3.put_object_legal_hold(Bucket="locked", Key="k", LegalHold={"Status": "ON"}),
        lambda: s3.put_object_lock_configuration(Bucket="locked", ObjectLockConfiguration=retention),
        lambda: s3.restore_object(Bucket="bucket", Key="archived", RestoreRequest={"Days": 1}),
        lambda: s3.put_bucket_lifecycle_configuration(**bucket, LifecycleConfiguration={"Rules": [rule]}),
        lambda: s3.put_bucket_cors(**bucket, CORSConfiguration={"CORSRules": [cors]}),
        lambda: s3.put_bucket_tagging(**bucket, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]}),
        lambda: s3.put_bucket_website(**bucket, WebsiteConfiguration={"IndexDocument": {"Suffix": "k"}}),
        lambda: s3.put_bucket_encryption(
            **bucket,
            ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]},
        ),
        lambda: s3.put_bucket_ownership_controls(
            Bucket="plain", OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
        ),
        lambda: s3.delete_public_access_block(**bucket),
        lambda: s3.put_bucket_policy(**bucket, Policy=json.dumps(_EVERYBODY)),
        lambda: s3.get_bucket_policy_status(**bucket),
        lambda: s3.put_bucket_acl(Bucket="plain", ACL="log-delivery-write"),
        lambda: s3.put_bucket_logging(**bucket, BucketLoggingStatus={"LoggingEnabled": logs}),
        lambda: s3.put_bucket_logging(Bucket="plain", BucketLoggingStatus={"LoggingEnabled": logs}),
        lambda: s3.put_bucket_request_payment(Bucket="plain", RequestPaymentConfiguration={"Payer": "BucketOwner"}),
        lambda: s3.put_object_annotation(**key, AnnotationName="note", AnnotationPayload=b"text"),
        lambda: s3.list_object_annotations(**key),
    ]
