"""Inventory and metrics configurations of directory buckets (botocore's model: InventoryConfiguration, MetricsFilter)."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from tests.support import inventory
from tests.support.directory_buckets import ARN
from tests.support.doors import Door, refused
from tests.support.errors import MALFORMED_XML
from tests.support.state import unchanged

METRICS: dict[str, Any] = {"Id": "a", "Filter": {"Prefix": "p/"}}
INVENTORY: dict[str, Any] = {
    "Id": "a",
    "IsEnabled": True,
    "IncludedObjectVersions": "Current",
    "OptionalFields": ["Size", "ETag"],
    "Schedule": {"Frequency": "Daily"},
    "Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::reports", "Format": "CSV"}},
}


def test_metrics(s3: Any, directory: str) -> None:
    s3.put_bucket_metrics_configuration(Bucket=directory, Id="a", MetricsConfiguration=METRICS)
    assert s3.get_bucket_metrics_configuration(Bucket=directory, Id="a")["MetricsConfiguration"] == METRICS
    assert s3.list_bucket_metrics_configurations(Bucket=directory)["MetricsConfigurationList"] == [METRICS]
    s3.delete_bucket_metrics_configuration(Bucket=directory, Id="a")
    assert "MetricsConfigurationList" not in s3.list_bucket_metrics_configurations(Bucket=directory)


def test_inventory(s3: Any, directory: str) -> None:
    s3.put_bucket_inventory_configuration(Bucket=directory, Id="a", InventoryConfiguration=INVENTORY)
    assert s3.get_bucket_inventory_configuration(Bucket=directory, Id="a")["InventoryConfiguration"] == INVENTORY
    assert s3.list_bucket_inventory_configurations(Bucket=directory)["InventoryConfigurationList"] == [INVENTORY]
    s3.delete_bucket_inventory_configuration(Bucket=directory, Id="a")
    assert "InventoryConfigurationList" not in s3.list_bucket_inventory_configurations(Bucket=directory)


def test_an_inventory_report(door: Door, s3: Any, directory: str) -> None:
    """It goes to a general purpose bucket, whose policy names the ARN of the directory bucket."""
    s3.create_bucket(Bucket="reports")
    inventory.put_policy(s3, inventory.allow(ArnEquals={"aws:SourceArn": ARN}))
    s3.put_object(Bucket=directory, Key="k", Body=b"abc")
    document = inventory.configuration("StorageClass", "Size", "EncryptionStatus")
    s3.put_bucket_inventory_configuration(Bucket=directory, Id="daily", InventoryConfiguration=document)
    key = door.fake.deliver_inventory(directory, "daily")
    assert inventory.manifest_of(door.fake, key)["sourceBucket"] == directory
    assert inventory.rows_of(door.fake, key) == [[directory, "k", "3", "EXPRESS_ONEZONE", "SSE-S3"]]


TAG = {"Key": "k", "Value": "v"}


@pytest.mark.parametrize("object_filter", [{"Tag": TAG}, {"And": {"Prefix": "p", "Tags": [TAG]}}], ids=["tag", "and"])
def test_metrics_by_tags(door: Door, s3: Any, directory: str, object_filter: dict[str, Any]) -> None:
    put = partial(s3.put_bucket_metrics_configuration, Bucket=directory, Id="a")
    with unchanged(door.fake):
        refused(partial(put, MetricsConfiguration={"Id": "a", "Filter": object_filter}), 400, "MalformedXML", MALFORMED_XML)


@pytest.mark.parametrize("field", ["ReplicationStatus", "ObjectOwner", "IntelligentTieringAccessTier"])
def test_fields_of_an_inventory(door: Door, s3: Any, directory: str, field: str) -> None:
    put = partial(s3.put_bucket_inventory_configuration, Bucket=directory, Id="a")
    document = {**INVENTORY, "OptionalFields": ["Size", field]}
    with unchanged(door.fake):
        refused(partial(put, InventoryConfiguration=document), 400, "MalformedXML", MALFORMED_XML)
