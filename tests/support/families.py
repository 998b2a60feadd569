"""The four families of bucket configurations with ids, and requests about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from botocore import xform_name

NS = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


@dataclass(frozen=True)
class Family:
    """A family: its names, its least document, and what differs on the wire."""

    name: str
    query: str
    document: dict[str, Any]
    xml: str
    field: str
    list_root: str
    declaration: str
    error_declaration: bool
    mismatch: str

    def call(self, s3: Any, verb: str, **params: Any) -> Any:
        plural = "s" if verb == "List" else ""
        operation = xform_name(f"{verb}Bucket{self.name}Configuration{plural}")
        return getattr(s3, operation)(Bucket=params.pop("Bucket", "bucket"), **params)

    def put(self, s3: Any, name: str = "a", body_id: str | None = None, *, bucket: str = "bucket", **changes: Any) -> Any:
        """Put the least document with changes; ``body_id`` None: the id of the URL."""
        document = {**self.document, "Id": name if body_id is None else body_id, **changes}
        document = {name: value for name, value in document.items() if value is not None}
        return self.call(s3, "Put", Bucket=bucket, Id=name, **{f"{self.name}Configuration": document})

    def get(self, s3: Any, name: str = "a") -> Any:
        return self.call(s3, "Get", Id=name)[f"{self.name}Configuration"]

    def ids(self, s3: Any, **params: Any) -> list[str]:
        return [item["Id"] for item in self.call(s3, "List", **params).get(f"{self.name}ConfigurationList", [])]

    def body(self, name: str = "a", content: str | None = None) -> bytes:
        """Return a document for a raw request; ``content`` None: that of the least document."""
        root = f"{self.name}Configuration"
        return f"<{root} {NS}><Id>{name}</Id>{self.xml if content is None else content}</{root}>".encode()


DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'

ANALYTICS = Family(
    "Analytics", "analytics", {"StorageClassAnalysis": {}}, "<StorageClassAnalysis/>",
    "analytics", "ListBucketAnalyticsConfigurationsResult", "", True, "MalformedXML",
)  # fmt: skip
INVENTORY = Family(
    "Inventory", "inventory",
    {
        "Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::reports", "Format": "CSV"}},
        "IsEnabled": True,
        "IncludedObjectVersions": "All",
        "Schedule": {"Frequency": "Daily"},
    },
    "<Destination><S3BucketDestination><Bucket>arn:aws:s3:::reports</Bucket><Format>CSV</Format></S3BucketDestination>"
    "</Destination><IsEnabled>true</IsEnabled><IncludedObjectVersions>All</IncludedObjectVersions>"
    "<Schedule><Frequency>Daily</Frequency></Schedule>",
    "inventory", "ListInventoryConfigurationsResult", DECLARATION, False, "IdMismatch",
)  # fmt: skip
METRICS = Family(
    "Metrics", "metrics", {}, "", "metrics", "ListMetricsConfigurationsResult", DECLARATION, True, "MalformedXML"
)  # fmt: skip
TIERING = Family(
    "IntelligentTiering", "intelligent-tiering",
    {"Status": "Enabled", "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}]},
    "<Status>Enabled</Status><Tiering><Days>90</Days><AccessTier>ARCHIVE_ACCESS</AccessTier></Tiering>",
    "intelligent_tiering", "ListIntelligentTieringConfigurationsResult", "", False, "MalformedXML",
)  # fmt: skip

FAMILIES = {family.query: family for family in (ANALYTICS, INVENTORY, METRICS, TIERING)}
