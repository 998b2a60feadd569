"""The fixtures. All are of function scope: each test begins with an empty S3.

``fakes3`` and ``fakes3_server`` stand on one ``_fakes3_state``, so that whichever of them a test asks for, and in whichever
order, they are doors of the same fake.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any, cast

import pytest

from .marker import check, wanted

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client, S3ServiceResource
    from types_boto3_s3.service_resource import Bucket
    from types_boto3_s3.type_defs import CreateBucketConfigurationTypeDef

    from fakes3part.fake import FakeS3
    from fakes3part.server.thread import Server

BUCKET = "fakes3-bucket"


@pytest.fixture
def fakes3_config() -> dict[str, Any]:
    """Settings of every fake that the fixtures make (``region``, ``min_part_size`` ...): override it in a conftest.py.

    The marker ``fakes3`` wins over it.
    """
    return {}


@pytest.fixture
def make_fakes3(fakes3_config: dict[str, Any]) -> Callable[..., FakeS3]:
    """``make_fakes3(**settings)``: one more FakeS3, with a state of its own. Nothing is intercepted: ``with`` does that."""

    def make(**settings: Any) -> FakeS3:
        from fakes3part.fake import FakeS3

        return FakeS3(**{**fakes3_config, **settings})

    return make


@pytest.fixture
def _fakes3_state(request: pytest.FixtureRequest, make_fakes3: Callable[..., FakeS3]) -> FakeS3:
    check(request.node)
    settings = wanted(request.node)
    buckets = settings.pop("buckets", ())
    fake = make_fakes3(**settings)
    if buckets:
        from fakes3part.intercept.active import intercepted

        with intercepted(fake), closing(_client(fake)) as client:
            for name in buckets:
                _create(client, name)
    return fake


@pytest.fixture
def fakes3(_fakes3_state: FakeS3) -> Iterator[FakeS3]:
    """The FakeS3 of this test, answering every S3 request of botocore's clients while the test runs."""
    from fakes3part.intercept.active import intercepted

    with intercepted(_fakes3_state):
        yield _fakes3_state


@pytest.fixture
def fakes3_client(fakes3: FakeS3) -> Iterator[S3Client]:
    """A boto3 S3 client in the fake's region."""
    with closing(_client(fakes3)) as client:
        yield client


@pytest.fixture
def fakes3_resource(fakes3: FakeS3) -> Iterator[S3ServiceResource]:
    """A boto3 S3 resource in the fake's region."""
    import boto3

    resource = boto3.resource("s3", region_name=fakes3.settings.region)
    with closing(resource.meta.client):
        yield resource


@pytest.fixture
def fakes3_bucket(fakes3_resource: S3ServiceResource) -> Bucket:
    """One ready, empty bucket, as boto3's ``Bucket``.

    An object rather than a name, since it is both: ``.name`` for code under test, ``.put_object()``, ``.objects.all()`` for the
    test's own doing and looking.
    """
    bucket = fakes3_resource.Bucket(BUCKET)
    _create(fakes3_resource.meta.client, bucket.name)
    return bucket


@pytest.fixture
def fakes3_server(_fakes3_state: FakeS3) -> Iterator[Server]:
    """A live server on 127.0.0.1, at a free port (``.url``), over the same state as ``fakes3``; it intercepts nothing."""
    from fakes3part.server.thread import Server

    with Server(_fakes3_state) as server:
        yield server


def _client(fake: FakeS3) -> S3Client:
    import boto3

    client: S3Client = boto3.client("s3", region_name=fake.settings.region)
    return client


def _create(client: S3Client, name: str) -> None:
    region = client.meta.region_name
    if region == "us-east-1":  # S3 refuses to be told this one
        client.create_bucket(Bucket=name)
    else:
        where = cast("CreateBucketConfigurationTypeDef", {"LocationConstraint": region})
        client.create_bucket(Bucket=name, CreateBucketConfiguration=where)
