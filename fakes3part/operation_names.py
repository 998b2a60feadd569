"""The names of S3's operations as types. Written by ``python -m tests.support.literals`` from botocore's model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias, TypedDict

OperationName = Literal[
    "AbortMultipartUpload",
    "CompleteMultipartUpload",
    "CopyObject",
    "CreateBucket",
    "CreateBucketMetadataConfiguration",
    "CreateBucketMetadataTableConfiguration",
    "CreateMultipartUpload",
    "CreateSession",
    "DeleteBucket",
    "DeleteBucketAnalyticsConfiguration",
    "DeleteBucketCors",
    "DeleteBucketEncryption",
    "DeleteBucketIntelligentTieringConfiguration",
    "DeleteBucketInventoryConfiguration",
    "DeleteBucketLifecycle",
    "DeleteBucketMetadataConfiguration",
    "DeleteBucketMetadataTableConfiguration",
    "DeleteBucketMetricsConfiguration",
    "DeleteBucketOwnershipControls",
    "DeleteBucketPolicy",
    "DeleteBucketReplication",
    "DeleteBucketTagging",
    "DeleteBucketWebsite",
    "DeleteObject",
    "DeleteObjectAnnotation",
    "DeleteObjectTagging",
    "DeleteObjects",
    "DeletePublicAccessBlock",
    "GetBucketAbac",
    "GetBucketAccelerateConfiguration",
    "GetBucketAcl",
    "GetBucketAnalyticsConfiguration",
    "GetBucketCors",
    "GetBucketEncryption",
    "GetBucketIntelligentTieringConfiguration",
    "GetBucketInventoryConfiguration",
    "GetBucketLifecycle",
    "GetBucketLifecycleConfiguration",
    "GetBucketLocation",
    "GetBucketLogging",
    "GetBucketMetadataConfiguration",
    "GetBucketMetadataTableConfiguration",
    "GetBucketMetricsConfiguration",
    "GetBucketNotification",
    "GetBucketNotificationConfiguration",
    "GetBucketOwnershipControls",
    "GetBucketPolicy",
    "GetBucketPolicyStatus",
    "GetBucketReplication",
    "GetBucketRequestPayment",
    "GetBucketTagging",
    "GetBucketVersioning",
    "GetBucketWebsite",
    "GetObject",
    "GetObjectAcl",
    "GetObjectAnnotation",
    "GetObjectAttributes",
    "GetObjectLegalHold",
    "GetObjectLockConfiguration",
    "GetObjectRetention",
    "GetObjectTagging",
    "GetObjectTorrent",
    "GetPublicAccessBlock",
    "HeadBucket",
    "HeadObject",
    "ListBucketAnalyticsConfigurations",
    "ListBucketIntelligentTieringConfigurations",
    "ListBucketInventoryConfigurations",
    "ListBucketMetricsConfigurations",
    "ListBuckets",
    "ListDirectoryBuckets",
    "ListMultipartUploads",
    "ListObjectAnnotations",
    "ListObjectVersions",
    "ListObjects",
    "ListObjectsV2",
    "ListParts",
    "PostObject",
    "PutBucketAbac",
    "PutBucketAccelerateConfiguration",
    "PutBucketAcl",
    "PutBucketAnalyticsConfiguration",
    "PutBucketCors",
    "PutBucketEncryption",
    "PutBucketIntelligentTieringConfiguration",
    "PutBucketInventoryConfiguration",
    "PutBucketLifecycle",
    "PutBucketLifecycleConfiguration",
    "PutBucketLogging",
    "PutBucketMetricsConfiguration",
    "PutBucketNotification",
    "PutBucketNotificationConfiguration",
    "PutBucketOwnershipControls",
    "PutBucketPolicy",
    "PutBucketReplication",
    "PutBucketRequestPayment",
    "PutBucketTagging",
    "PutBucketVersioning",
    "PutBucketWebsite",
    "PutObject",
    "PutObjectAcl",
    "PutObjectAnnotation",
    "PutObjectLegalHold",
    "PutObjectLockConfiguration",
    "PutObjectRetention",
    "PutObjectTagging",
    "PutPublicAccessBlock",
    "RenameObject",
    "RestoreObject",
    "SelectObjectContent",
    "UpdateBucketMetadataAnnotationTableConfiguration",
    "UpdateBucketMetadataInventoryTableConfiguration",
    "UpdateBucketMetadataJournalTableConfiguration",
    "UpdateObjectEncryption",
    "UploadPart",
    "UploadPartCopy",
    "WriteGetObjectResponse",
]
"""The operations of botocore's model, and ``PostObject``: uploads by forms of browsers."""

Operations: TypeAlias = OperationName | str | Iterable[OperationName | str]
"""What selects operations: a name, a pattern such as ``"Get*"``, or several of them. The names are for completion in editors."""


class OperationCounts(TypedDict, total=False):
    """A number for each of some operations: the arguments of ``Calls.assert_at_most``."""

    AbortMultipartUpload: int
    CompleteMultipartUpload: int
    CopyObject: int
    CreateBucket: int
    CreateBucketMetadataConfiguration: int
    CreateBucketMetadataTableConfiguration: int
    CreateMultipartUpload: int
    CreateSession: int
    DeleteBucket: int
    DeleteBucketAnalyticsConfiguration: int
    DeleteBucketCors: int
    DeleteBucketEncryption: int
    DeleteBucketIntelligentTieringConfiguration: int
    DeleteBucketInventoryConfiguration: int
    DeleteBucketLifecycle: int
    DeleteBucketMetadataConfiguration: int
    DeleteBucketMetadataTableConfiguration: int
    DeleteBucketMetricsConfiguration: int
    DeleteBucketOwnershipControls: int
    DeleteBucketPolicy: int
    DeleteBucketReplication: int
    DeleteBucketTagging: int
    DeleteBucketWebsite: int
    DeleteObject: int
    DeleteObjectAnnotation: int
    DeleteObjectTagging: int
    DeleteObjects: int
    DeletePublicAccessBlock: int
    GetBucketAbac: int
    GetBucketAccelerateConfiguration: int
    GetBucketAcl: int
    GetBucketAnalyticsConfiguration: int
    GetBucketCors: int
    GetBucketEncryption: int
    GetBucketIntelligentTieringConfiguration: int
    GetBucketInventoryConfiguration: int
    GetBucketLifecycle: int
    GetBucketLifecycleConfiguration: int
    GetBucketLocation: int
    GetBucketLogging: int
    GetBucketMetadataConfiguration: int
    GetBucketMetadataTableConfiguration: int
    GetBucketMetricsConfiguration: int
    GetBucketNotification: int
    GetBucketNotificationConfiguration: int
    GetBucketOwnershipControls: int
    GetBucketPolicy: int
    GetBucketPolicyStatus: int
    GetBucketReplication: int
    GetBucketRequestPayment: int
    GetBucketTagging: int
    GetBucketVersioning: int
    GetBucketWebsite: int
    GetObject: int
    GetObjectAcl: int
    GetObjectAnnotation: int
    GetObjectAttributes: int
    GetObjectLegalHold: int
    GetObjectLockConfiguration: int
    GetObjectRetention: int
    GetObjectTagging: int
    GetObjectTorrent: int
    GetPublicAccessBlock: int
    HeadBucket: int
    HeadObject: int
    ListBucketAnalyticsConfigurations: int
    ListBucketIntelligentTieringConfigurations: int
    ListBucketInventoryConfigurations: int
    ListBucketMetricsConfigurations: int
    ListBuckets: int
    ListDirectoryBuckets: int
    ListMultipartUploads: int
    ListObjectAnnotations: int
    ListObjectVersions: int
    ListObjects: int
    ListObjectsV2: int
    ListParts: int
    PostObject: int
    PutBucketAbac: int
    PutBucketAccelerateConfiguration: int
    PutBucketAcl: int
    PutBucketAnalyticsConfiguration: int
    PutBucketCors: int
    PutBucketEncryption: int
    PutBucketIntelligentTieringConfiguration: int
    PutBucketInventoryConfiguration: int
    PutBucketLifecycle: int
    PutBucketLifecycleConfiguration: int
    PutBucketLogging: int
    PutBucketMetricsConfiguration: int
    PutBucketNotification: int
    PutBucketNotificationConfiguration: int
    PutBucketOwnershipControls: int
    PutBucketPolicy: int
    PutBucketReplication: int
    PutBucketRequestPayment: int
    PutBucketTagging: int
    PutBucketVersioning: int
    PutBucketWebsite: int
    PutObject: int
    PutObjectAcl: int
    PutObjectAnnotation: int
    PutObjectLegalHold: int
    PutObjectLockConfiguration: int
    PutObjectRetention: int
    PutObjectTagging: int
    PutPublicAccessBlock: int
    RenameObject: int
    RestoreObject: int
    SelectObjectContent: int
    UpdateBucketMetadataAnnotationTableConfiguration: int
    UpdateBucketMetadataInventoryTableConfiguration: int
    UpdateBucketMetadataJournalTableConfiguration: int
    UpdateObjectEncryption: int
    UploadPart: int
    UploadPartCopy: int
    WriteGetObjectResponse: int
