"""Error codes of bucket configurations: code -> (status, text)."""

from __future__ import annotations

CONFIGURATIONS: dict[str, tuple[int, str]] = {
    "AccessForbidden": (403, "CORSResponse: CORS is not enabled for this bucket."),
    "IdMismatch": (400, "Document ID does not match the specified configuration ID."),
    "InvalidAccessTier": (400, "The access tier is not valid."),
    "InvalidAnd": (400, "The And operator of the filter is not valid."),
    "CrossLocationLoggingProhibitted": (403, "Cross S3 location logging not allowed. "),
    "InvalidBucketState": (
        409,
        "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.",
    ),
    "InvalidConfigId": (400, "Config Id is null or empty"),
    "InvalidConfigurationId": (400, "The specified configuration id is invalid."),
    "InvalidDestination": (400, "Invalid bucket ARN."),
    "InvalidKmskeyId": (400, "The KMS key id is not the ARN of a key or an alias."),
    "InvalidPrefix": (400, "Filter Prefix should be set to a valid non-empty value or not set at all."),
    "InvalidS3DestinationBucket": (400, "Invalid bucket ARN."),
    "MalformedContinuationToken": (400, "The continuation-token you provided invalid."),
    "MissingStorageClassAnalysis": (400, "Storage Class Analysis cannot be null."),
    "InvalidTargetBucketForLogging": (400, "The target bucket for logging does not exist"),
    "MetadataConfigurationAlreadyExists": (409, "A metadata configuration already exists for this bucket."),
    "MetadataConfigurationNotFound": (404, "The metadata configuration was not found"),
    "NoLoggingStatusForKey": (400, "There is no such thing as the ?logging sub-resource for a key"),
    "NoSuchBucketPolicy": (404, "The bucket policy does not exist"),
    "NoSuchCORSConfiguration": (404, "The CORS configuration does not exist"),
    "NoSuchConfiguration": (404, "The specified configuration does not exist."),
    "NoSuchLifecycleConfiguration": (404, "The lifecycle configuration does not exist"),
    "NoSuchObjectLockConfiguration": (404, "The specified object does not have a ObjectLock configuration"),
    "NoSuchPublicAccessBlockConfiguration": (404, "The public access block configuration was not found"),
    "NoSuchTagSet": (404, "The TagSet does not exist"),
    "NoSuchWebsiteConfiguration": (404, "The specified bucket does not have a website configuration"),
    "ObjectLockConfigurationNotFoundError": (404, "Object Lock configuration does not exist for this bucket"),
    "OwnershipControlsNotFoundError": (404, "The bucket ownership controls were not found"),
    "V1APIsNotAllowed": (405, "The V1 API operation isn't available for this account."),
    "TooManyConfigurations": (
        400,
        "You are attempting to create a new configuration but have already reached the 1,000-configuration limit.",
    ),
    "ReplicationConfigurationNotFoundError": (404, "The replication configuration was not found"),
}
