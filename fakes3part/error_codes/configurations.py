"""Error codes of bucket configurations: code -> (status, text)."""

from __future__ import annotations

CONFIGURATIONS: dict[str, tuple[int, str]] = {
    "AccessForbidden": (403, "CORSResponse: CORS is not enabled for this bucket."),
    "CrossLocationLoggingProhibitted": (403, "Cross S3 location logging not allowed. "),
    "InvalidBucketState": (
        409,
        "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.",
    ),
    "InvalidTargetBucketForLogging": (400, "The target bucket for logging does not exist"),
    "MetadataConfigurationAlreadyExists": (409, "A metadata configuration already exists for this bucket."),
    "MetadataConfigurationNotFound": (404, "The metadata configuration was not found"),
    "NoLoggingStatusForKey": (400, "There is no such thing as the ?logging sub-resource for a key"),
    "NoSuchBucketPolicy": (404, "The bucket policy does not exist"),
    "NoSuchCORSConfiguration": (404, "The CORS configuration does not exist"),
    "NoSuchLifecycleConfiguration": (404, "The lifecycle configuration does not exist"),
    "NoSuchObjectLockConfiguration": (404, "The specified object does not have a ObjectLock configuration"),
    "NoSuchPublicAccessBlockConfiguration": (404, "The public access block configuration was not found"),
    "NoSuchTagSet": (404, "The TagSet does not exist"),
    "NoSuchWebsiteConfiguration": (404, "The specified bucket does not have a website configuration"),
    "ObjectLockConfigurationNotFoundError": (404, "Object Lock configuration does not exist for this bucket"),
    "OwnershipControlsNotFoundError": (404, "The bucket ownership controls were not found"),
    "V1APIsNotAllowed": (405, "The V1 API operation isn't available for this account."),
    "ReplicationConfigurationNotFoundError": (404, "The replication configuration was not found"),
}
