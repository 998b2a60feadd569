"""Imports the module of an operation when the operation is first requested: a process needs few of them."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from .registry import OPERATIONS

MODULES: Mapping[str, tuple[str, ...]] = {
    "access_points.object_lambda": ("WriteGetObjectResponse",),
    "buckets.abac": ("PutBucketAbac", "GetBucketAbac"),
    "buckets.acceleration": ("PutBucketAccelerateConfiguration", "GetBucketAccelerateConfiguration"),
    "buckets.acls": ("PutBucketAcl", "GetBucketAcl", "PutObjectAcl", "GetObjectAcl"),
    "buckets.analytics": (
        "PutBucketAnalyticsConfiguration",
        "GetBucketAnalyticsConfiguration",
        "ListBucketAnalyticsConfigurations",
        "DeleteBucketAnalyticsConfiguration",
    ),
    "buckets.buckets": ("CreateBucket", "HeadBucket", "DeleteBucket", "GetBucketLocation", "ListBuckets"),
    "buckets.cors": ("PutBucketCors", "GetBucketCors", "DeleteBucketCors"),
    "buckets.encryption": ("PutBucketEncryption", "GetBucketEncryption", "DeleteBucketEncryption", "UpdateObjectEncryption"),
    "buckets.intelligent_tiering": (
        "PutBucketIntelligentTieringConfiguration",
        "GetBucketIntelligentTieringConfiguration",
        "ListBucketIntelligentTieringConfigurations",
        "DeleteBucketIntelligentTieringConfiguration",
    ),
    "buckets.inventory": (
        "PutBucketInventoryConfiguration",
        "GetBucketInventoryConfiguration",
        "ListBucketInventoryConfigurations",
        "DeleteBucketInventoryConfiguration",
    ),
    "buckets.lifecycle": ("PutBucketLifecycleConfiguration", "GetBucketLifecycleConfiguration", "DeleteBucketLifecycle"),
    "buckets.logging": ("PutBucketLogging", "GetBucketLogging"),
    "buckets.metadata_tables": (
        "CreateBucketMetadataConfiguration",
        "GetBucketMetadataConfiguration",
        "DeleteBucketMetadataConfiguration",
        "UpdateBucketMetadataJournalTableConfiguration",
        "UpdateBucketMetadataInventoryTableConfiguration",
        "UpdateBucketMetadataAnnotationTableConfiguration",
        "CreateBucketMetadataTableConfiguration",
        "GetBucketMetadataTableConfiguration",
        "DeleteBucketMetadataTableConfiguration",
    ),
    "buckets.metrics": (
        "PutBucketMetricsConfiguration",
        "GetBucketMetricsConfiguration",
        "ListBucketMetricsConfigurations",
        "DeleteBucketMetricsConfiguration",
    ),
    "buckets.notification": ("PutBucketNotificationConfiguration", "GetBucketNotificationConfiguration"),
    "buckets.object_lock": ("PutObjectLockConfiguration", "GetObjectLockConfiguration"),
    "buckets.ownership_controls": (
        "PutBucketOwnershipControls",
        "GetBucketOwnershipControls",
        "DeleteBucketOwnershipControls",
        "PutPublicAccessBlock",
        "GetPublicAccessBlock",
        "DeletePublicAccessBlock",
    ),
    "buckets.policy": ("PutBucketPolicy", "GetBucketPolicy", "DeleteBucketPolicy", "GetBucketPolicyStatus"),
    "buckets.replication": ("PutBucketReplication", "GetBucketReplication", "DeleteBucketReplication"),
    "buckets.request_payment": ("PutBucketRequestPayment", "GetBucketRequestPayment"),
    "buckets.tagging": ("PutBucketTagging", "GetBucketTagging", "DeleteBucketTagging"),
    "buckets.versioning": ("PutBucketVersioning", "GetBucketVersioning"),
    "buckets.website": ("PutBucketWebsite", "GetBucketWebsite", "DeleteBucketWebsite"),
    "directory_buckets.append_and_rename": ("RenameObject",),
    "directory_buckets.buckets": ("ListDirectoryBuckets",),
    "directory_buckets.sessions": ("CreateSession",),
    "multipart.complete": ("CompleteMultipartUpload",),
    "multipart.lists": ("ListParts", "ListMultipartUploads"),
    "multipart.uploads": ("CreateMultipartUpload", "UploadPart", "UploadPartCopy", "AbortMultipartUpload"),
    "object_lock": ("PutObjectRetention", "GetObjectRetention", "PutObjectLegalHold", "GetObjectLegalHold"),
    "objects.annotations": (
        "PutObjectAnnotation",
        "GetObjectAnnotation",
        "ListObjectAnnotations",
        "DeleteObjectAnnotation",
    ),
    "objects.attributes": ("GetObjectAttributes",),
    "objects.copy_object": ("CopyObject",),
    "objects.delete_objects": ("DeleteObject", "DeleteObjects"),
    "objects.get_object": ("GetObject", "HeadObject"),
    "objects.list_object_versions": ("ListObjectVersions",),
    "objects.list_objects": ("ListObjects", "ListObjectsV2"),
    "objects.post_object": ("PostObject",),
    "objects.put_object": ("PutObject",),
    "objects.restore_object": ("RestoreObject",),
    "objects.select_object_content": ("SelectObjectContent",),
    "objects.tagging": ("PutObjectTagging", "GetObjectTagging", "DeleteObjectTagging"),
    "objects.torrent": ("GetObjectTorrent",),
}
"""Module of this package -> the operations that it registers. For an operation without a row all modules are imported."""

LOADED: set[str] = set()
"""The operations whose modules are imported completely. (`registry.OPERATIONS` has them while that is still going on.)"""

_MODULE_OF = {name: module for module, names in MODULES.items() for name in names}


def load(name: str) -> None:
    """Import the module that registers an operation; all modules, if no row of `MODULES` names it.

    A thread that needs a module which another one is importing waits for it, by Python's own lock of that module.
    """
    module = _MODULE_OF.get(name)
    if module is None:
        load_all()
    else:
        import_module(f"{__package__}.{module}")
    LOADED.add(name)


def load_all() -> None:
    """Import every module that registers operations, so that the registry is complete."""
    assert __package__ is not None
    package = import_module(__package__)
    for found in iter_modules(package.__path__, f"{__package__}."):
        module = import_module(found.name)
        if found.ispkg:
            for inner in iter_modules(module.__path__, f"{found.name}."):
                import_module(inner.name)


def implemented() -> frozenset[str]:
    """Return the names of all implemented operations, which it imports. The others respond 501."""
    load_all()
    return frozenset(OPERATIONS)
