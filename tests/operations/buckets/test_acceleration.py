"""Transfer Acceleration: the configuration and the endpoint. The texts are those of botocore's S3 model documentation."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from fakes3part.api.fakes3 import FakeS3
from tests.support.doors import Door, refused
from tests.support.errors import MALFORMED_XML, METHOD_NOT_ALLOWED, NO_SUCH_BUCKET
from tests.support.hosts import add_bucket, ask, client_of, counted
from tests.support.state import unchanged

OFF = "Amazon S3 Transfer Accelerate is not configured on this bucket."
DISABLED = "Amazon S3 Transfer Accelerate is disabled on this bucket."
VIRTUAL = "Amazon S3 Transfer Accelerate endpoint only supports virtual style requests."
HOST = "bucket.s3-accelerate.amazonaws.com"
FAST = {"use_accelerate_endpoint": True}


def _put(s3: Any, status: str, bucket: str = "bucket") -> None:
    s3.put_bucket_accelerate_configuration(Bucket=bucket, AccelerateConfiguration={"Status": status})


def _status(s3: Any) -> str | None:
    return s3.get_bucket_accelerate_configuration(Bucket="bucket").get("Status")


def test_configuration(s3: Any, bucket: str) -> None:
    assert _status(s3) is None
    _put(s3, "Suspended")
    assert _status(s3) is None  # nothing there to suspend
    for status in ("Enabled", "Suspended", "Enabled"):
        _put(s3, status)
        assert _status(s3) == status


def test_never_configured_on_the_wire(door: Door, bucket: str) -> None:
    response = door.raw("GET", f"/{bucket}?accelerate")
    assert (response.status, "content-type" in response.headers) == (200, False)
    assert response.body.endswith(b'<AccelerateConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>')


def test_a_bad_status(door: Door, bucket: str) -> None:
    with unchanged(door.fake):
        for status in ("enabled", "On", ""):
            refused(partial(_put, door.client, status), 400, "MalformedXML", MALFORMED_XML)
        for body in (b"<AccelerateConfiguration/>", b"<AccelerateConfiguration><X/></AccelerateConfiguration>"):
            response = door.raw("PUT", f"/{bucket}?accelerate", body=body)
            assert (response.status, response.error["Code"]) == (400, "MalformedXML")


def test_periods(door: Door) -> None:
    door.client.create_bucket(Bucket="a.b.c")
    text = "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names"
    with unchanged(door.fake):
        refused(partial(_put, door.client, "Enabled", "a.b.c"), 400, "InvalidRequest", text)


def test_missing_bucket(s3: Any) -> None:
    extras = {"BucketName": "bucket"}
    for call in (partial(_put, s3, "Enabled"), partial(_status, s3)):
        refused(call, 404, "NoSuchBucket", NO_SUCH_BUCKET, extras)


@pytest.mark.parametrize("dualstack", [False, True])
def test_boto3(dualstack: bool) -> None:
    config = {**FAST, "use_dualstack_endpoint": dualstack}
    with FakeS3() as fake, client_of("us-west-2", s3=config) as s3, counted(s3) as sent:
        add_bucket(fake, "us-west-2")
        refused(partial(s3.put_object, Bucket="bucket", Key="k", Body=b"abc"), 400, "InvalidRequest", OFF)
        with client_of("us-west-2") as slow:
            _put(slow, "Enabled")
        s3.put_object(Bucket="bucket", Key="k", Body=b"abc")
        assert s3.get_object(Bucket="bucket", Key="k")["Body"].read() == b"abc"
        assert len(s3.list_buckets()["Buckets"]) == 1
        assert _status(s3) == "Enabled"
        _put(s3, "Suspended")
        refused(partial(s3.get_object, Bucket="bucket", Key="k"), 400, "InvalidRequest", DISABLED)
        host = f"bucket.s3-accelerate{'.dualstack' if dualstack else ''}.amazonaws.com"
        assert (host, 200) in sent
        assert (host, 400) in sent


def test_another_regions_client() -> None:
    """The accelerate endpoint resolves to the bucket's region, which requires a signature for that region."""
    with FakeS3() as fake, client_of("eu-west-1", s3=FAST) as s3:
        add_bucket(fake, "us-west-2").accelerate = "Enabled"
        with counted(s3) as sent:
            s3.put_object(Bucket="bucket", Key="k", Body=b"abc")
        assert sent == [(HOST, 400), (HOST, 200)]


@pytest.mark.parametrize(
    ("method", "target"), [("GET", "/bucket/k"), ("PUT", "/bucket"), ("GET", "/"), ("DELETE", "/bucket"), ("HEAD", "/bucket/k")]
)
def test_path_style(method: str, target: str) -> None:
    fake = FakeS3()
    add_bucket(fake, "us-east-1").accelerate = "Enabled"
    with unchanged(fake):
        for host in ("s3-accelerate.amazonaws.com", "s3-accelerate.dualstack.amazonaws.com"):
            response = ask(fake, method, host, target, region="us-east-1")
            assert response.status == 400
            if method != "HEAD":
                assert response.error == {"Code": "InvalidRequest", "Message": VIRTUAL}


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_buckets_themselves(method: str) -> None:
    fake = FakeS3()
    add_bucket(fake, "us-east-1").accelerate = "Enabled"
    with unchanged(fake):
        for host in (HOST, HOST.replace("bucket", "other")):
            response = ask(fake, method, host, "/", region="us-east-1")
            text = METHOD_NOT_ALLOWED
            assert response.status == 405
            assert response.error == {"Code": "MethodNotAllowed", "Message": text, "Method": method, "ResourceType": "BUCKET"}


def test_hosts_of_what_cannot_be_accelerated() -> None:
    fake = FakeS3()
    add_bucket(fake, "us-east-1", "a.b.c")
    dotted = ask(fake, "GET", "a.b.c.s3-accelerate.amazonaws.com", "/k", region="us-east-1")
    text = "Amazon S3 Transfer Acceleration is not supported for buckets with periods (.) in their names."
    assert (dotted.status, dotted.error) == (400, {"Code": "InvalidRequest", "Message": text})
    missing = ask(fake, "GET", HOST, "/k", region="us-east-1")
    assert (missing.status, missing.error["Code"]) == (404, "NoSuchBucket")


def test_copies_do_not_cross_regions() -> None:
    with FakeS3() as fake, client_of("us-east-1", s3=FAST) as s3:
        for name, region in (("bucket", "us-east-1"), ("near", "us-east-1"), ("far", "eu-west-1")):
            add_bucket(fake, region, name).accelerate = "Enabled"
        s3.put_object(Bucket="near", Key="k", Body=b"abc")
        s3.copy_object(Bucket="bucket", Key="k", CopySource="near/k")
        text = "Amazon S3 Transfer Acceleration does not support cross-Region copies."
        with unchanged(fake):
            refused(partial(s3.copy_object, Bucket="bucket", Key="k", CopySource="far/k"), 400, "InvalidRequest", text)
