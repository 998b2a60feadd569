"""Request metrics: which requests a metrics configuration counts, under which names.

Source: "Amazon S3 request metrics in CloudWatch" in the S3 user guide.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fakes3part import FakeS3
from fakes3part.faults import Latency
from tests.support.doors import Door
from tests.support.families import METRICS
from tests.support.post_forms import post
from tests.support.state import fill, unchanged

pytestmark = pytest.mark.usefixtures("bucket")

NAMES = [
    "AllRequests", "GetRequests", "PutRequests", "DeleteRequests", "HeadRequests", "PostRequests", "SelectRequests",
    "ListRequests", "BytesDownloaded", "BytesUploaded", "4xxErrors", "5xxErrors", "FirstByteLatency", "TotalRequestLatency",
]  # fmt: skip


def configure(door: Door, name: str = "all", **object_filter: Any) -> None:
    METRICS.put(door.client, name, **({"Filter": object_filter} if object_filter else {}))


def counted(door: Door, name: str = "all") -> dict[str, float]:
    """Return the metrics that are not 0, without sizes and latencies."""
    left_out = {"BytesDownloaded", "BytesUploaded", "FirstByteLatency", "TotalRequestLatency"}
    return {metric: value for metric, value in door.fake.metrics("bucket", name).items() if value and metric not in left_out}


def attempt(call: Any, **params: Any) -> None:
    with suppress(ClientError):
        call(Bucket="bucket", **params)


def test_a_new_configuration_has_counted_nothing(door: Door) -> None:
    configure(door)
    metrics = door.fake.metrics("bucket", "all")
    assert list(metrics) == NAMES
    assert set(metrics.values()) == {0}


REQUESTS: dict[str, tuple[dict[str, Any], str | None]] = {
    "put_object": ({"Key": "k", "Body": b"x"}, "PutRequests"),
    "put_object_tagging": ({"Key": "k", "Tagging": {"TagSet": []}}, "PutRequests"),
    "upload_part": ({"Key": "k", "UploadId": "none", "PartNumber": 1}, "PutRequests"),
    "get_object_tagging": ({"Key": "k"}, "GetRequests"),
    "get_object_attributes": ({"Key": "k", "ObjectAttributes": ["ETag"]}, "GetRequests"),
    "delete_object": ({"Key": "k"}, "DeleteRequests"),
    "delete_objects": ({"Delete": {"Objects": [{"Key": "k"}]}}, "DeleteRequests"),
    "abort_multipart_upload": ({"Key": "k", "UploadId": "none"}, "DeleteRequests"),
    "head_object": ({"Key": "k"}, "HeadRequests"),
    "head_bucket": ({}, "HeadRequests"),
    "create_multipart_upload": ({"Key": "k"}, "PostRequests"),
    "restore_object": ({"Key": "k", "RestoreRequest": {"Days": 1}}, "PostRequests"),
    "list_objects": ({}, "ListRequests"),
    "list_objects_v2": ({}, "ListRequests"),
    "list_object_versions": ({}, "ListRequests"),
    "list_multipart_uploads": ({}, None),
    "get_bucket_location": ({}, None),
    "get_bucket_tagging": ({}, None),
    "put_bucket_versioning": ({"VersioningConfiguration": {"Status": "Enabled"}}, None),
    "delete_bucket_cors": ({}, None),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_requests(door: Door, name: str) -> None:
    params, metric = REQUESTS[name]
    fill(door.fake, "bucket", ["k"])
    configure(door)
    attempt(getattr(door.client, name), **params)
    metrics = {name: value for name, value in counted(door).items() if not name.endswith("Errors")}
    assert metrics == {"AllRequests": 1, **({metric: 1} if metric else {})}


def test_select(door: Door) -> None:
    door.client.put_object(Bucket="bucket", Key="k", Body=b"a\n")
    configure(door)
    query = {"Expression": "SELECT * FROM S3Object", "ExpressionType": "SQL"}
    formats = {"InputSerialization": {"CSV": {}}, "OutputSerialization": {"CSV": {}}}
    events = door.client.select_object_content(Bucket="bucket", Key="k", **query, **formats)["Payload"]
    assert list(events)
    assert counted(door) == {"AllRequests": 1, "SelectRequests": 1}


def test_bytes(door: Door) -> None:
    s3 = door.client
    configure(door)
    s3.put_object(Bucket="bucket", Key="k", Body=b"x" * 1_000, ChecksumAlgorithm="CRC32")
    uploaded = door.fake.metrics("bucket", "all")["BytesUploaded"]
    assert 1_000 <= uploaded < 1_200  # over HTTP with its framing
    s3.get_object(Bucket="bucket", Key="k")["Body"].read()
    s3.get_object(Bucket="bucket", Key="k", Range="bytes=0-9")["Body"].read()
    s3.head_object(Bucket="bucket", Key="k")
    metrics = door.fake.metrics("bucket", "all")
    assert (metrics["BytesDownloaded"], metrics["BytesUploaded"]) == (1_010, uploaded)


def test_errors(door: Door) -> None:
    configure(door)
    attempt(door.client.get_object, Key="none")
    attempt(door.client.head_object, Key="none")
    with door.fake.fail("GetObject", "SlowDown", times=1):
        attempt(door.client.get_object, Key="none")
    assert counted(door) == {"AllRequests": 3, "GetRequests": 2, "HeadRequests": 1, "4xxErrors": 2, "5xxErrors": 1}


def test_latencies_are_averages_in_milliseconds(door: Door) -> None:
    configure(door)
    with door.fake.fail("GetObject", Latency(0.05)):
        attempt(door.client.get_object, Key="k")
    attempt(door.client.head_object, Key="k")
    metrics = door.fake.metrics("bucket", "all")
    assert 0 < metrics["FirstByteLatency"] <= metrics["TotalRequestLatency"] < 10_000


def test_a_copy_is_a_get_of_its_source(door: Door) -> None:
    fill(door.fake, "bucket", ["from/a"])
    configure(door)
    configure(door, "from", Prefix="from/")
    configure(door, "to", Prefix="to/")
    door.client.copy_object(Bucket="bucket", Key="to/a", CopySource="bucket/from/a")
    assert counted(door) == {"AllRequests": 3, "PutRequests": 1, "GetRequests": 1}
    assert counted(door, "from") == {"GetRequests": 1}
    assert counted(door, "to") == {"AllRequests": 1, "PutRequests": 1}


# --- filters ---------------------------------------------------------------------------------------------------------


def test_a_prefix(door: Door) -> None:
    s3 = door.client
    configure(door, "logs", Prefix="logs/")
    for key in ("logs/a", "logs/b", "other", "log"):
        s3.put_object(Bucket="bucket", Key=key, Body=b"x")
    s3.list_objects_v2(Bucket="bucket", Prefix="logs/")
    s3.delete_objects(Bucket="bucket", Delete={"Objects": [{"Key": "logs/a"}]})
    attempt(s3.get_object, Key="logs/none")
    s3.get_bucket_location(Bucket="bucket")
    assert counted(door, "logs") == {"AllRequests": 3, "PutRequests": 2, "GetRequests": 1, "4xxErrors": 1}


@pytest.mark.parametrize("versioned", [False, True])
def test_a_tag(door: Door, versioned: bool) -> None:
    """The tags are those of the object; a deleted one had them."""
    s3 = door.client
    if versioned:
        s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    configure(door, "red", Tag={"Key": "colour", "Value": "red"})
    s3.put_object(Bucket="bucket", Key="a", Tagging="colour=red")
    s3.put_object(Bucket="bucket", Key="b", Tagging="colour=blue")
    for key in ("a", "b"):
        s3.head_object(Bucket="bucket", Key=key)
        s3.delete_object(Bucket="bucket", Key=key)
    assert counted(door, "red") == {"AllRequests": 3, "PutRequests": 1, "HeadRequests": 1, "DeleteRequests": 1}


def test_the_tags_of_one_version(door: Door) -> None:
    s3 = door.client
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    red = s3.put_object(Bucket="bucket", Key="k", Tagging="colour=red")["VersionId"]
    blue = s3.put_object(Bucket="bucket", Key="k", Tagging="colour=blue")["VersionId"]
    configure(door, "red", Tag={"Key": "colour", "Value": "red"})
    s3.head_object(Bucket="bucket", Key="k")
    for version in (red, blue):
        s3.head_object(Bucket="bucket", Key="k", VersionId=version)
        s3.delete_object(Bucket="bucket", Key="k", VersionId=version)
    assert counted(door, "red") == {"AllRequests": 2, "HeadRequests": 1, "DeleteRequests": 1}


def test_prefix_and_tags(door: Door) -> None:
    tags = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    configure(door, "both", And={"Prefix": "x/", "Tags": tags})
    for key, tagging in (("x/1", "b=2&a=1"), ("x/2", "a=1"), ("y", "a=1&b=2"), ("x/3", "a=1&b=2&c=3")):
        door.client.put_object(Bucket="bucket", Key=key, Tagging=tagging)
    assert counted(door, "both") == {"AllRequests": 2, "PutRequests": 2}


def test_an_access_point(door: Door) -> None:
    point = door.fake.add_access_point("point", "bucket")
    other = door.fake.add_access_point("other", "bucket")
    configure(door, "point", AccessPointArn=point.arn)
    configure(door, "part", And={"AccessPointArn": point.arn, "Prefix": "x/"})
    for address in (point.alias, other.alias, "bucket"):
        for key in ("x/k", "y"):
            door.client.put_object(Bucket=address, Key=key, Body=b"x")
    assert counted(door, "point") == {"AllRequests": 2, "PutRequests": 2}
    assert counted(door, "part") == {"AllRequests": 1, "PutRequests": 1}


def test_a_form(door: Door) -> None:
    configure(door, "logs", Prefix="logs/")
    post(door, {"key": "logs/a"})
    post(door, {"key": "other"})
    assert counted(door, "logs") == {"AllRequests": 1, "PostRequests": 1, "4xxErrors": 1}  # anonymous callers may not


# --- configurations --------------------------------------------------------------------------------------------------


def test_it_counts_from_the_first_put_to_the_deletion(door: Door) -> None:
    s3 = door.client
    fill(door.fake, "bucket", ["before"])
    configure(door)
    s3.head_bucket(Bucket="bucket")
    configure(door)  # replaced: it goes on counting, and this is a request on the bucket
    s3.head_bucket(Bucket="bucket")
    assert counted(door) == {"AllRequests": 3, "HeadRequests": 2}
    METRICS.call(s3, "Delete", Id="all")
    with pytest.raises(KeyError, match="no metrics configuration 'all' of 'bucket'; there are none"):
        door.fake.metrics("bucket", "all")
    configure(door)
    assert counted(door) == {}


def test_each_bucket_counts_its_own(door: Door) -> None:
    door.client.create_bucket(Bucket="other")
    configure(door)
    METRICS.call(door.client, "Put", Bucket="other", Id="all", MetricsConfiguration={"Id": "all"})
    door.client.head_bucket(Bucket="other")
    assert counted(door) == {}
    assert door.fake.metrics("other", "all")["HeadRequests"] == 1


def test_requests_of_many_threads(door: Door) -> None:
    configure(door, "logs", Prefix="logs/")
    keys = [f"{directory}/{number}" for directory in ("logs", "other") for number in range(100)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: fill(door.fake, "bucket", [key]), keys))
    assert counted(door, "logs") == {"AllRequests": 100, "PutRequests": 100}


@pytest.mark.parametrize(
    ("bucket_name", "name", "message"),
    [
        ("buket", "all", "no bucket 'buket'; did you mean 'bucket'?"),
        ("bucket", "al", "no metrics configuration 'al' of 'bucket'; did you mean 'all'?"),
    ],
)
def test_unknown_names(door: Door, bucket_name: str, name: str, message: str) -> None:
    configure(door)
    with unchanged(door.fake), pytest.raises(KeyError) as caught:
        door.fake.metrics(bucket_name, name)
    assert str(caught.value) == message


def test_sums_are_state(door: Door, tmp_path: Path) -> None:
    fake = door.fake
    configure(door)
    door.client.head_bucket(Bucket="bucket")
    snapshot, forked = fake.snapshot(), fake.fork()
    fake.save(tmp_path / "archive")
    door.client.head_bucket(Bucket="bucket")
    assert counted(door)["HeadRequests"] == 2
    fake.restore(snapshot)
    loaded = FakeS3.load(tmp_path / "archive")
    for other in (fake, forked, loaded):
        assert other.metrics("bucket", "all")["HeadRequests"] == 1
        other.client().head_bucket(Bucket="bucket")
        assert other.metrics("bucket", "all")["HeadRequests"] == 2
    fake.reset()
    with pytest.raises(KeyError):
        fake.metrics("bucket", "all")


def test_over_the_control_api(door: Door) -> None:
    if door.name != "server":
        pytest.skip("a server's")
    configure(door, "my.id")
    door.client.head_bucket(Bucket="bucket")
    response = door.raw("GET", "/_fakes3part/metrics/bucket/my.id", sign=False)
    metrics = json.loads(response.body)["metrics"]
    assert list(metrics) == NAMES
    assert (metrics["AllRequests"], metrics["HeadRequests"]) == (1, 1)
    response = door.raw("GET", "/_fakes3part/metrics/bucket/none", sign=False)
    assert response.status == 404
    assert b"no metrics configuration 'none' of 'bucket'; there are 'my.id'" in response.body
