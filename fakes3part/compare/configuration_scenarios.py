"""Scenarios of tags, bucket configurations and Object Lock."""

from __future__ import annotations

import json
from typing import Any

from .steps import Scenario, Steps

POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Tls",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::bucket/private/*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }
)

_DAYS = {"Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 3}}
_ABORT = {"ID": "abort", "Status": "Enabled", "Filter": {}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}}

DOCUMENTS: tuple[tuple[str, dict[str, Any], dict[str, Any]], ...] = (
    (
        "cors",
        {"CORSConfiguration": {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["https://example.com"]}]}},
        {"CORSConfiguration": {"CORSRules": [{"AllowedMethods": ["NONE"], "AllowedOrigins": ["*"]}]}},
    ),
    (
        "lifecycle_configuration",
        {"LifecycleConfiguration": {"Rules": [_DAYS, _ABORT]}},
        {"LifecycleConfiguration": {"Rules": [{**_DAYS, "Expiration": {"Days": 0}}]}},
    ),
    (
        "encryption",
        {
            "ServerSideEncryptionConfiguration": {
                "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": True}]
            }
        },
        {"ServerSideEncryptionConfiguration": {"Rules": []}},
    ),
    ("policy", {"Policy": POLICY}, {"Policy": "{}"}),
    (
        "tagging",
        {"Tagging": {"TagSet": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}]}},
        {"Tagging": {"TagSet": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]}},
    ),
    (
        "ownership_controls",
        {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}},
        {"OwnershipControls": {"Rules": []}},
    ),
    (
        "website",
        {"WebsiteConfiguration": {"IndexDocument": {"Suffix": "index.html"}, "ErrorDocument": {"Key": "error.html"}}},
        {"WebsiteConfiguration": {"IndexDocument": {"Suffix": "a/b"}}},
    ),
)
"""Name, a document that S3 takes, and one that it refuses."""

_DELETE = {"lifecycle_configuration": "delete_bucket_lifecycle"}


def configurations(s: Steps) -> None:
    for name, document, wrong in DOCUMENTS:
        s(f"get_bucket_{name}")
        s(f"put_bucket_{name}", **document)
        s(f"get_bucket_{name}")
        s(f"put_bucket_{name}", **wrong)
        s(f"get_bucket_{name}")
        s(_DELETE.get(name, f"delete_bucket_{name}"))
        s(f"get_bucket_{name}")


def other_configurations(s: Steps) -> None:
    s("get_public_access_block")
    s("get_bucket_policy_status")
    s("get_bucket_request_payment")
    s("put_bucket_request_payment", RequestPaymentConfiguration={"Payer": "BucketOwner"})
    s("get_bucket_accelerate_configuration")
    s("get_bucket_logging")
    s("get_bucket_notification_configuration")
    s("get_bucket_replication")
    s("get_object_lock_configuration")
    s("list_bucket_metrics_configurations")
    s("get_bucket_metrics_configuration", Id="none")
    s("delete_bucket_metrics_configuration", Id="none")
    s("list_bucket_analytics_configurations")
    s("list_bucket_inventory_configurations")
    s("list_bucket_intelligent_tiering_configurations")
    s("put_bucket_versioning", VersioningConfiguration={"Status": "Nonsense"})


def object_tags(s: Steps) -> None:
    s("put_object", Key="k", Body=b"1", Tagging="a=1&b=2")
    s("get_object_tagging", Key="k")
    s("head_object", Key="k")
    s("put_object_tagging", Key="k", Tagging={"TagSet": [{"Key": "c", "Value": "3"}]})
    s("put_object_tagging", Key="k", Tagging={"TagSet": [{"Key": str(number), "Value": ""} for number in range(11)]})
    s("put_object_tagging", Key="k", Tagging={"TagSet": [{"Key": "c", "Value": "3"}, {"Key": "c", "Value": "4"}]})
    s("put_object_tagging", Key="k", Tagging={"TagSet": [{"Key": "aws:c", "Value": "3"}]})
    s("get_object_tagging", Key="k")
    s("delete_object_tagging", Key="k")
    s("get_object_tagging", Key="k")
    s("get_object_tagging", Key="none")
    s("put_object", Key="k", Body=b"1", Tagging="a=1&a=2")


def object_lock(s: Steps) -> None:
    """GOVERNANCE only, which the owner may lift at any time."""
    until = "2100-01-01T00:00:00Z"
    s("create_bucket", ObjectLockEnabledForBucket=True)
    s("get_object_lock_configuration")
    s("get_bucket_versioning")
    s("put_bucket_versioning", VersioningConfiguration={"Status": "Suspended"})
    retention: dict[str, Any] = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": until}
    version = s("put_object", Key="k", Body=b"1", **retention).get("VersionId", "none")
    s("head_object", Key="k")
    s("get_object_retention", Key="k")
    s("get_object_legal_hold", Key="k")
    s("delete_object", Key="k", VersionId=version)
    s("put_object_retention", Key="k", Retention={"Mode": "GOVERNANCE", "RetainUntilDate": "2099-01-01T00:00:00Z"})
    s("put_object_legal_hold", Key="k", LegalHold={"Status": "ON"})
    s("delete_object", Key="k", VersionId=version, BypassGovernanceRetention=True)
    s("put_object_legal_hold", Key="k", LegalHold={"Status": "OFF"})
    s("delete_object", Key="k", VersionId=version, BypassGovernanceRetention=True)
    s("put_object", Key="past", Body=b"1", ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate="2020-01-01T00:00:00Z")


CONFIGURATIONS = (
    Scenario("bucket configurations", configurations),
    Scenario("other configurations", other_configurations),
    Scenario("object tags", object_tags),
    Scenario("Object Lock", object_lock, creates=False),
)
