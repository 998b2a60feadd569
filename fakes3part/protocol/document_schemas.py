"""Where the schemas of S3's request documents differ from botocore's model."""

from __future__ import annotations

REQUIRED: dict[str, tuple[str, ...]] = {
    "CompletedMultipartUpload": ("Parts",),
    "CompletedPart": ("ETag", "PartNumber"),
}
"""Members that S3 requires and the model does not. Recorded from AWS (versitygw's issue 2111)."""

OPTIONAL: dict[tuple[str, str], tuple[str, ...]] = {
    ("Tagging", "Tagging"): ("TagSet",),
    ("AnalyticsConfiguration", "AnalyticsConfiguration"): ("StorageClassAnalysis",),
    ("AnalyticsConfiguration", "Tag"): ("Key", "Value"),
}
"""(shape of the document, shape) -> members that the model requires and S3's schema does not.

A document without them has a meaning (a tag set is empty: recorded from AWS, February 2026), or an error code of its own
(recorded from AWS, September 2026).
"""

ENUMS = frozenset({"AnalyticsConfiguration", "IntelligentTieringConfiguration", "InventoryConfiguration", "MetricsConfiguration"})
"""Documents in whose schema S3 has the values of enums, so that any other is malformed (recorded from AWS, September 2026)."""

EMPTY_ELEMENTS = {"ObjectEncryption": ("SSE-S3", "SSES3")}
"""Shape -> tag and member of an element without content that S3's schema has and the model lacks (recorded, September 2026)."""

EXACT = frozenset({"Quiet"})
"""Booleans that S3 reads in lower case only (recorded from AWS, September 2026). Others may have any case, or be 1 and 0."""

BY_SCHEMA = frozenset({"IsEnabled"})
"""Booleans that are ``true``, ``false``, ``1`` or ``0``, as in an XML schema (recorded from AWS, September 2026)."""

MALFORMED = {"AccessControlPolicy": "MalformedACLError"}
"""Shapes with an error code of their own for a malformed document. Recorded from AWS, February 2026 (LocalStack's snapshots)."""

IGNORED_ELEMENTS = {"LambdaFunctionConfiguration": "InvocationRole"}
"""Shape -> tag of an element that only a deprecated shape of the same document has (assumed: S3 reads and forgets it)."""

ANY_ROOT = frozenset({"AbacStatus", "BucketLoggingStatus"})
"""Shapes that S3 reads under any root element: ``<Wrong/>`` is an empty BucketLoggingStatus (recorded from AWS, September 2026).

That the children of a wrong root count is assumed for BucketLoggingStatus: not recorded from AWS.
"""
