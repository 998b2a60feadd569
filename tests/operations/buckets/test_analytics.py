"""Storage class analysis configurations: the document. Recorded from AWS, September 2026; texts: the project stackd."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from tests.support.doors import Door, assert_error, refused
from tests.support.errors import MALFORMED_XML
from tests.support.families import ANALYTICS
from tests.support.state import unchanged

pytestmark = pytest.mark.usefixtures("bucket")

ARN = "arn:aws:s3:::reports"


def analysis(**destination: Any) -> dict[str, Any]:
    export = {"OutputSchemaVersion": "V_1", "Destination": {"S3BucketDestination": destination}}
    return {"DataExport": export}


FULL = analysis(Format="CSV", BucketAccountId="123456789012", Bucket=ARN, Prefix="out/")


@pytest.mark.parametrize(
    "document",
    [{}, analysis(Format="CSV", Bucket=ARN), FULL, analysis(Format="CSV", Bucket="arn:aws-cn:s3:::none", BucketAccountId="x")],
)
def test_returned_as_put(door: Door, document: dict[str, Any]) -> None:
    """Whether the destination and its account exist is not looked up."""
    ANALYTICS.put(door.client, StorageClassAnalysis=document)
    assert ANALYTICS.get(door.client) == {"Id": "a", "StorageClassAnalysis": document}


def test_on_the_wire(door: Door) -> None:
    ANALYTICS.put(door.client, StorageClassAnalysis=FULL, Filter={"And": {"Prefix": "p", "Tags": [{"Key": "k", "Value": "v"}]}})
    body = door.raw("GET", "/bucket?analytics&id=a").body.decode()
    assert body == (
        '<AnalyticsConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Id>a</Id><Filter><And><Prefix>p</Prefix>'
        "<Tag><Key>k</Key><Value>v</Value></Tag></And></Filter><StorageClassAnalysis><DataExport>"
        "<OutputSchemaVersion>V_1</OutputSchemaVersion><Destination><S3BucketDestination><Format>CSV</Format>"
        f"<BucketAccountId>123456789012</BucketAccountId><Bucket>{ARN}</Bucket><Prefix>out/</Prefix></S3BucketDestination>"
        "</Destination></DataExport></StorageClassAnalysis></AnalyticsConfiguration>"
    )


NO_ARN = "Invalid bucket ARN."
DESTINATIONS = [
    ({"Bucket": "reports"}, NO_ARN),
    ({"Bucket": ""}, NO_ARN),
    ({"Bucket": "arn:aws:s3:::"}, NO_ARN),
    ({"Bucket": "arn:aws:s3:::reports/prefix"}, NO_ARN),
    ({"Bucket": "arn:aws:sqs:::reports"}, NO_ARN),
    ({"Bucket": "arn:aws:s3:us-east-1::reports"}, "Bucket ARN should not specify a namespace."),
    (
        {"Bucket": ARN, "Prefix": ""},
        "S3BucketDestination Prefix should be set with a valid non-empty value or not set at all.",
    ),
]


@pytest.mark.parametrize(("destination", "message"), DESTINATIONS)
def test_destinations(door: Door, destination: dict[str, Any], message: str) -> None:
    document = analysis(Format="CSV", **destination)
    with unchanged(door.fake):
        refused(partial(ANALYTICS.put, door.client, StorageClassAnalysis=document), 400, "InvalidDestination", message)


def test_without_an_analysis(door: Door) -> None:
    with unchanged(door.fake):
        response = door.raw("PUT", "/bucket?analytics&id=a", body=ANALYTICS.body(content=""))
        assert_error(response, 400, "MissingStorageClassAnalysis", "Storage Class Analysis cannot be null.")


EXPORT = (
    "<StorageClassAnalysis><DataExport><OutputSchemaVersion>V_1</OutputSchemaVersion><Destination><S3BucketDestination>"
    f"<Format>CSV</Format><Bucket>{ARN}</Bucket></S3BucketDestination></Destination></DataExport></StorageClassAnalysis>"
)
MALFORMED = [
    EXPORT.replace("V_1", "V_2"),
    EXPORT.replace("V_1", "v_1"),
    EXPORT.replace("<Format>CSV</Format>", "<Format>ORC</Format>"),
    EXPORT.replace("<Format>CSV</Format>", "<Format>csv</Format>"),
    EXPORT.replace("<Format>CSV</Format>", ""),
    EXPORT.replace(f"<Bucket>{ARN}</Bucket>", ""),
    EXPORT.replace("<OutputSchemaVersion>V_1</OutputSchemaVersion>", ""),
    "<StorageClassAnalysis><DataExport/></StorageClassAnalysis>",
    EXPORT.replace("S3BucketDestination", "Other"),
    EXPORT + EXPORT,
]


@pytest.mark.parametrize("content", MALFORMED)
def test_malformed(door: Door, content: str) -> None:
    assert door.raw("PUT", "/bucket?analytics&id=a", body=ANALYTICS.body(content=EXPORT)).status == 204
    with unchanged(door.fake):
        response = door.raw("PUT", "/bucket?analytics&id=a", body=ANALYTICS.body(content=content))
        assert_error(response, 400, "MalformedXML", MALFORMED_XML)


def test_the_order_of_elements_is_free(door: Door) -> None:
    body = ANALYTICS.body().replace(b"<Id>a</Id>", b"").replace(b"</AnalyticsC", b"<Id>a</Id></AnalyticsC")
    assert door.raw("PUT", "/bucket?analytics&id=a", body=body).status == 204
    assert ANALYTICS.get(door.client) == {"Id": "a", "StorageClassAnalysis": {}}
