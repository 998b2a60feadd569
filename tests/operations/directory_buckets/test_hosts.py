"""Endpoints of directory buckets: zonal operations are virtual-hosted, those of the control plane in path style."""

from __future__ import annotations

import pytest

from fakes3part.api.fakes3 import FakeS3
from tests.support.directory_buckets import ARN, CONTROL, NAME, OTHER, ZONAL, ZONE, ask, make
from tests.support.errors import INVALID_BUCKET_NAME, NO_SUCH_BUCKET
from tests.support.state import unchanged

MISSING = (404, "NoSuchBucket", NO_SUCH_BUCKET)
NOT_VIRTUAL = (400, "InvalidRequest", "Path-style requests are not supported.")
NOT_PATH = (400, "InvalidRequest", "Virtual-hosted-style requests aren't supported.")
PATH_ZONAL = f"s3express-{ZONE}.us-east-1.amazonaws.com"
GENERAL = "s3.us-east-1.amazonaws.com"


@pytest.fixture
def filled(fake: FakeS3) -> FakeS3:
    make(fake)
    assert ask(fake, "PUT", ZONAL, "/k", body=b"abc").status == 200
    return fake


RIGHT = {
    "zonal": ("GET", ZONAL, "/k"),
    "dual-stack": ("GET", ZONAL.replace(f"-{ZONE}.us", f"-{ZONE}.dualstack.us"), "/k"),
    "fips": ("GET", ZONAL.replace("s3express-", "s3express-fips-"), "/k"),
    "control": ("GET", CONTROL, f"/{NAME}?encryption"),
    "control dual-stack": ("GET", "s3express-control.dualstack.us-east-1.amazonaws.com", f"/{NAME}?encryption"),
    "control fips": ("GET", "s3express-control-fips.us-east-1.amazonaws.com", f"/{NAME}?encryption"),
    "IP": ("GET", "127.0.0.1:9000", f"/{NAME}/k"),
    "IPv6": ("GET", "[::1]:9000", f"/{NAME}/k"),
    "localhost": ("GET", f"{NAME}.localhost:9000", "/k"),
    "any name": ("GET", f"{NAME}.s3.example.test", "/k"),
    "a container": ("GET", f"{NAME}.storage:9000", "/k"),
    "control at localhost": ("GET", "localhost:9000", f"/{NAME}?encryption"),
    "control as a label": ("GET", f"{NAME}.localhost:9000", "/?encryption"),
}


@pytest.mark.parametrize(("method", "host", "target"), RIGHT.values(), ids=RIGHT)
def test_hosts_that_serve(filled: FakeS3, method: str, host: str, target: str) -> None:
    assert ask(filled, method, host, target).status == 200


WRONG = {
    "path style": ("GET", PATH_ZONAL, f"/{NAME}/k", NOT_VIRTUAL),
    "path style write": ("PUT", PATH_ZONAL, f"/{NAME}/n", NOT_VIRTUAL),
    "path style at localhost": ("GET", "localhost:9000", f"/{NAME}/k", NOT_VIRTUAL),
    "path style list at localhost": ("GET", "localhost:9000", f"/{NAME}?list-type=2", NOT_VIRTUAL),
    "zonal operation, control": ("GET", CONTROL, f"/{NAME}/k", NOT_VIRTUAL),
    "zonal list, control": ("GET", CONTROL, f"/{NAME}?list-type=2", NOT_VIRTUAL),
    "control operation, zonal": ("GET", ZONAL, "/?policy", NOT_PATH),
    "delete, zonal": ("DELETE", ZONAL, "/", NOT_PATH),
    "create, zonal": ("PUT", ZONAL, "/", NOT_PATH),
    "another zone": ("GET", ZONAL.replace(f"s3express-{ZONE}", "s3express-use1-az5"), "/k", MISSING),
    "ordinary, zonal": ("GET", f"ordinary.s3express-{ZONE}.us-east-1.amazonaws.com", "/k", None),
    "ordinary, control": ("GET", CONTROL, "/ordinary?policy", MISSING),
    "unknown, control": ("GET", CONTROL, f"/{OTHER}?policy", MISSING),
    "unknown, zonal": ("GET", ZONAL.replace(NAME, OTHER), "/k", MISSING),
}


@pytest.mark.parametrize(("method", "host", "target", "error"), WRONG.values(), ids=WRONG)
def test_hosts_that_do_not(filled: FakeS3, method: str, host: str, target: str, error: tuple[int, str, str] | None) -> None:
    assert ask(filled, "PUT", GENERAL, "/ordinary", service="s3").status == 200
    with unchanged(filled):
        response = ask(filled, method, host, target)
    assert response.error == (error or (400, "InvalidBucketName", INVALID_BUCKET_NAME))


@pytest.mark.parametrize(
    ("host", "target"),
    [(GENERAL, f"/{NAME}/k"), (f"{NAME}.{GENERAL}", "/k"), (f"{NAME}.s3.amazonaws.com", "/k"), ("localhost", f"/{NAME}/k")],
)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_endpoints_of_general_purpose_buckets(filled: FakeS3, host: str, target: str, method: str) -> None:
    """NoSuchBucket: AWS's endpoints serve one kind of bucket; at a custom endpoint the signature decides."""
    with unchanged(filled):
        assert ask(filled, method, host, target, service="s3").error == MISSING


@pytest.mark.parametrize("host", [GENERAL, "localhost:9000", "127.0.0.1:9000"])
def test_created_where_they_cannot_be(fake: FakeS3, host: str) -> None:
    body = (
        f"<CreateBucketConfiguration><Location><Name>{ZONE}</Name><Type>AvailabilityZone</Type></Location>"
        "<Bucket><DataRedundancy>SingleAvailabilityZone</DataRedundancy><Type>Directory</Type></Bucket></CreateBucketConfiguration>"
    ).encode()
    response = ask(fake, "PUT", host, f"/{NAME}", body=body, service="s3")
    assert response.error == (400, "InvalidBucketName", INVALID_BUCKET_NAME)
    assert fake.buckets == {}
    if host != GENERAL:
        assert ask(fake, "PUT", host, f"/{NAME}", body=body).status == 200
        assert ask(fake, "HEAD", "127.0.0.1:9000", f"/{NAME}").headers["x-amz-bucket-arn"] == ARN


@pytest.mark.parametrize(("host", "target"), [(ZONAL, "/k"), (CONTROL, f"/{NAME}?policy"), (f"{NAME}.localhost", "/k")])
def test_the_service_of_the_signature(filled: FakeS3, host: str, target: str) -> None:
    detail = 'The authorization header is malformed; incorrect service "s3". This endpoint belongs to "s3express".'
    with unchanged(filled):
        assert ask(filled, "GET", host, target, service="s3").error == (400, "AuthorizationHeaderMalformed", detail)


@pytest.mark.parametrize(
    "host", [f"point--{ZONE}--xa-s3.s3express-{ZONE}.us-east-1.amazonaws.com", f"point--{ZONE}--xa-s3.localhost"]
)
def test_their_access_points_are_not_done(fake: FakeS3, host: str) -> None:
    response = ask(fake, "GET", host, "/k")
    assert response.error == (
        501,
        "NotImplemented",
        "fakes3part does not implement GetObject (access points of directory buckets)",
    )


def test_the_list_at_a_zonal_host(fake: FakeS3) -> None:
    assert ask(fake, "GET", PATH_ZONAL, "/").error == NOT_PATH
    assert ask(fake, "GET", CONTROL, "/").status == 200
    assert ask(fake, "GET", "127.0.0.1:9000", "/").body.count(b"ListAllMyDirectoryBucketsResult") == 2


@pytest.mark.parametrize("host", [ZONAL, f"{NAME}.localhost"])
def test_old_signatures(filled: FakeS3, host: str) -> None:
    text = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
    headers = {"Authorization": "AWS testing:c2lnbmF0dXJl", "Date": "Thu, 01 Jan 2026 00:00:00 GMT"}
    with unchanged(filled):
        assert ask(filled, "PUT", host, "/k", headers, by=None).error == (400, "InvalidRequest", text)
