"""A scenario of what nobody has recorded from AWS (docs/not-recorded.md), as far as small requests can find it out."""

from __future__ import annotations

from typing import Any

from .steps import BUCKET, Scenario, Steps

_WRONG_KEY: dict[str, Any] = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "short"}


def objects(s: Steps) -> None:
    s("put_object", Key="k", Body=b"1")
    s("put_object", Key="empty", Body=b"")
    for method in ("head_object", "get_object"):
        s(method, Key="empty", PartNumber=1)
    for method in ("head_object", "delete_object", "get_object_tagging", "delete_object_tagging", "get_object_acl"):
        s(method, Key="k", VersionId="none")
    s("get_object_attributes", Key="k", VersionId="none", ObjectAttributes=["ETag"])
    s("put_object_tagging", Key="k", VersionId="none", Tagging={"TagSet": []})
    s("copy_object", Key="copy", CopySource={"Bucket": BUCKET, "Key": "k", "VersionId": "none"})
    s("copy_object", Key="copy", CopySource={"Bucket": BUCKET, "Key": "k"}, StorageClass="REDUCED_REDUNDANCY")
    for encoded in ("=?UTF-8?B?!!!!?=", "=?UTF-8?B?YWJj?=", "=?UTF-8?Q?a=20b?=", "=?UTF-8?B?YWI?="):
        s("put_object", Key="metadata", Body=b"1", Metadata={"a": encoded})
        s("head_object", Key="metadata")
    s("list_objects_v2", query="marker=a")
    s("list_objects", query="continuation-token=a")
    s("list_objects_v2", OptionalObjectAttributes=["Nonsense"])
    s("list_objects_v2", headers={"x-amz-server-side-encryption": "AES256"})
    s("delete_object", Key="k", headers={"x-amz-server-side-encryption": "AES256"})


def removed_versions(s: Steps) -> None:
    s("put_bucket_versioning", VersioningConfiguration={"Status": "Enabled"})
    version = s("put_object", Key="k", Body=b"1").get("VersionId", "none")
    s("delete_object", Key="k", VersionId=version)
    for method in ("get_object", "head_object", "get_object_tagging", "delete_object_tagging", "delete_object"):
        s(method, Key="k", VersionId=version)
    s("put_object_tagging", Key="k", VersionId=version, Tagging={"TagSet": []})


def uploads(s: Steps) -> None:
    upload = s.upload("k")
    etag = s("upload_part", Key="k", UploadId=upload, PartNumber=1, Body=b"1").get("ETag", "none")
    parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
    s("list_parts", Key="k", UploadId=upload, **_WRONG_KEY)
    s("complete_multipart_upload", Key="k", UploadId=upload, MultipartUpload=parts, IfNoneMatch=etag)
    s("complete_multipart_upload", Key="k", UploadId=upload, MultipartUpload=parts, IfMatch="*")
    s("complete_multipart_upload", Key="k", UploadId=upload, MultipartUpload=parts, **_WRONG_KEY)
    past = "2020-01-01T00:00:00Z"
    locks: tuple[dict[str, Any], ...] = (
        {"ObjectLockMode": "GOVERNANCE"},
        {"ObjectLockRetainUntilDate": past},
        {"ObjectLockMode": "NONSENSE", "ObjectLockRetainUntilDate": past},
        {"ObjectLockLegalHoldStatus": "NONSENSE", "ObjectLockMode": "GOVERNANCE"},
    )
    for lock in locks:
        s("put_object", Key="locked", Body=b"1", **lock)
        s("copy_object", Key="locked", CopySource={"Bucket": BUCKET, "Key": "k"}, **lock)
        s("create_multipart_upload", Key="locked", **lock)


_RULE = {"Redirect": {"HostName": "example.com"}}
_WEBSITE_RULES: tuple[dict[str, Any], ...] = (
    {"Redirect": {"HttpRedirectCode": "200"}},
    {"Redirect": {}},
    {"Redirect": {"HostName": ""}},
    {**_RULE, "Condition": {"HttpErrorCodeReturnedEquals": "200"}},
    {**_RULE, "Condition": {}},
)
_GET = {"AllowedMethods": ["GET"]}
_CORS_RULES: tuple[dict[str, Any], ...] = (
    {**_GET, "AllowedOrigins": ["*a*"]},
    {**_GET, "AllowedOrigins": ["*"], "AllowedHeaders": ["a b"]},
    {**_GET, "AllowedOrigins": ["*"], "ExposeHeaders": ["*"]},
    {**_GET, "AllowedOrigins": ["*"], "ExposeHeaders": ["a b"]},
    {**_GET, "AllowedOrigins": ["*", "https://example.com"]},
)


def documents(s: Steps) -> None:
    for rule in _WEBSITE_RULES:
        website = {"IndexDocument": {"Suffix": "i"}, "RoutingRules": [rule]}
        s("put_bucket_website", WebsiteConfiguration=website)
    for rule in _CORS_RULES:
        s("put_bucket_cors", CORSConfiguration={"CORSRules": [rule]})
    s("put_object", Key="k", Body=b"1")
    s("get_object", Key="k", headers={"Origin": "https://example.com"})
    s("put_bucket_accelerate_configuration", AccelerateConfiguration={"Status": "Suspended"})
    s("get_bucket_accelerate_configuration")
    metrics = "put_bucket_metrics_configuration"
    s(metrics, Id="m", MetricsConfiguration={"Id": "m", "Filter": {"Tag": {"Key": "aws:k", "Value": "v"}}})
    s(metrics, Id="m", MetricsConfiguration={"Id": "other"})
    s(metrics, Id="a b", MetricsConfiguration={"Id": "a b"})
    s(metrics, Id="m", MetricsConfiguration={"Id": "m", "Filter": {"AccessPointArn": "nonsense"}})
    analysis: dict[str, Any] = {"StorageClassAnalysis": {}}
    for name in ("a b", "x" * 65):
        s("put_bucket_analytics_configuration", Id=name, AnalyticsConfiguration={"Id": name, **analysis})
    tag = {"Key": "k", "Value": "v" * 257}
    s("put_bucket_analytics_configuration", Id="t", AnalyticsConfiguration={"Id": "t", "Filter": {"Tag": tag}, **analysis})
    for days in (0, 89, 90, 731):
        tiers = [{"Days": days, "AccessTier": "ARCHIVE_ACCESS"}]
        tiering = {"Id": "i", "Status": "Enabled", "Tierings": tiers}
        s("put_bucket_intelligent_tiering_configuration", Id="i", IntelligentTieringConfiguration=tiering)
    for method in ("metrics", "analytics", "intelligent_tiering"):
        s(f"get_bucket_{method}_configuration", Id="t")
        s(f"list_bucket_{method}_configurations")
    for method, params in (
        ("put_public_access_block", {"PublicAccessBlockConfiguration": {"BlockPublicAcls": True}}),
        ("put_bucket_tagging", {"Tagging": {"TagSet": []}}),
    ):
        s(method, without=("content-md5", "x-amz-checksum-crc32", "x-amz-sdk-checksum-algorithm"), **params)


OPEN_QUESTIONS = (
    Scenario("open questions: objects", objects),
    Scenario("open questions: removed versions", removed_versions),
    Scenario("open questions: uploads", uploads),
    Scenario("open questions: documents", documents),
)
