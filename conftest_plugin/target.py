"""The option ``--fakes3-target``: the same tests against a real S3.

The fixtures' clients, resource and bucket use the target, without interception, with the environment's credentials and region.
A test is skipped when it uses what only a fake has; one that merely requests ``fakes3`` runs.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

if TYPE_CHECKING:
    from argparse import Namespace

    from types_boto3_s3 import S3Client
    from types_boto3_s3.service_resource import Bucket

OPTION = "--fakes3-target"
COMPARE = "--fakes3-compare"
STRICT = "--fakes3-compare-strict"
AWS = "aws"


def add_option(parser: pytest.Parser) -> None:
    parser.getgroup("fakes3part").addoption(
        OPTION,
        metavar="URL",
        default=None,
        help="run against this S3 endpoint instead of a fake, or against AWS itself (aws); tests that need the fake are skipped",
    )


def compares(options: Namespace) -> bool:
    """Return whether tests run against fakes, which are compared with the target."""
    return bool(getattr(options, "fakes3_compare", False) or getattr(options, "fakes3_compare_strict", False))


def target(config: pytest.Config) -> str | None:
    """Return the endpoint's URL or ``aws``; None: tests run against fakes."""
    url: str | None = config.getoption(OPTION)
    return None if compares(config.option) else url


class RealS3:
    """The value of the fixture ``fakes3`` in a run against a target: using any attribute skips the test with the reason."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        skip(self._url, f"fakes3.{name}")

    def __repr__(self) -> str:
        return f"<real S3 at {self._url}>"


def skip(url: str, reason: str) -> NoReturn:
    pytest.skip(f"needs the fake ({reason}), and this run is against {url}")


@contextmanager
def client(url: str) -> Iterator[S3Client]:
    """Yield a client of the target; at the end, delete the buckets that it has created, with their content."""
    import boto3

    made: S3Client = boto3.client("s3", **_endpoint(url))
    with closing(made), _cleaned_up(made):
        yield made


@contextmanager
def resource(url: str) -> Iterator[Any]:
    """Yield a resource of the target; see `client`."""
    import boto3

    made = boto3.resource("s3", **_endpoint(url))
    with closing(made.meta.client), _cleaned_up(made.meta.client):
        yield made


def bucket_name() -> str:
    """Return a bucket name that is unused in all of AWS."""
    return f"fakes3-bucket-{uuid.uuid4().hex}"


def _endpoint(url: str) -> dict[str, Any]:
    region = os.environ.get("AWS_DEFAULT_REGION") or os.environ.get("AWS_REGION") or "us-east-1"
    return {"region_name": region} if url == AWS else {"region_name": region, "endpoint_url": url}


@contextmanager
def _cleaned_up(made: S3Client) -> Iterator[None]:
    created: list[str] = []

    def remember(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["fakes3_bucket"] = params.get("Bucket")

    def remember_created(http_response: Any, context: dict[str, Any], **_: Any) -> None:
        if http_response.status_code == 200:
            created.append(context["fakes3_bucket"])

    made.meta.events.register("before-parameter-build.s3.CreateBucket", remember)
    made.meta.events.register("after-call.s3.CreateBucket", remember_created)
    try:
        yield
    finally:
        for name in created:
            _delete(made, name)


def _delete(made: S3Client, name: str) -> None:
    """Delete a bucket with its content; it may have been deleted already."""
    import boto3
    from botocore.exceptions import ClientError

    bucket: Bucket = boto3.resource("s3", **_endpoint(made.meta.endpoint_url)).Bucket(name)
    with closing(bucket.meta.client):
        try:
            for upload in bucket.multipart_uploads.all():
                upload.abort()
            bucket.object_versions.delete()
            bucket.delete()
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchBucket":
                raise
