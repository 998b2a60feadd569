"""A bucket may be called ``health``: the requests of S3's clients for it are S3's, before and after it exists."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import requests
from botocore import UNSIGNED
from botocore.config import Config

from fakes3part import Server
from fakes3part.control.endpoints import ALIASES
from tests.support.doors import refused

BUCKETS = sorted({path.split("/")[1] for path in ALIASES if "_" not in path and len(path.split("/")[1]) > 2} | {"moto-api"})


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def s3(server: Server) -> Iterator[Any]:
    server.fake.reset()
    keys = {"aws_access_key_id": "any", "aws_secret_access_key": "key", "region_name": "us-east-1"}
    config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
    with contextlib.closing(boto3.client("s3", endpoint_url=server.url, config=config, **keys)) as s3:
        yield s3


@pytest.mark.parametrize("name", BUCKETS)
def test_a_bucket_of_this_name(server: Server, s3: Any, name: str) -> None:
    missing = {"BucketName": name}
    refused(lambda: s3.list_objects_v2(Bucket=name), 404, "NoSuchBucket", "The specified bucket does not exist", missing)
    refused(lambda: s3.list_objects(Bucket=name), 404, "NoSuchBucket", "The specified bucket does not exist", missing)
    refused(lambda: s3.get_bucket_acl(Bucket=name), 404, "NoSuchBucket", "The specified bucket does not exist", missing)
    refused(lambda: s3.head_bucket(Bucket=name), 404, "404", "Not Found")
    s3.create_bucket(Bucket=name)
    s3.head_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="health/live", Body=b"x")
    assert s3.list_objects(Bucket=name)["Contents"][0]["Key"] == "health/live"
    presigned = s3.generate_presigned_url("get_object", Params={"Bucket": name, "Key": "health/live"})
    assert requests.get(presigned, timeout=10).content == b"x"
    s3.delete_object(Bucket=name, Key="health/live")
    s3.delete_bucket(Bucket=name)
    assert list(server.fake.buckets) == []


@pytest.mark.parametrize("path", [path for path in ALIASES if "_" not in path])
def test_once_there_is_a_bucket_the_path_is_its(server: Server, s3: Any, path: str) -> None:
    assert requests.get(server.url + path, timeout=10).json()["status"] == "running"
    s3.create_bucket(Bucket=path.split("/")[1])
    response = requests.get(server.url + path, timeout=10)
    assert (response.status_code, response.headers["Content-Type"]) == (403, "application/xml")
    assert requests.get(f"{server.url}/_fakes3part/health", timeout=10).json()["status"] == "running"


def test_an_anonymous_sdk(server: Server) -> None:
    config = Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
    server.fake.reset()
    with contextlib.closing(boto3.client("s3", endpoint_url=server.url, region_name="us-east-1", config=config)) as s3:
        missing = {"BucketName": "health"}
        refused(lambda: s3.list_objects(Bucket="health"), 404, "NoSuchBucket", "The specified bucket does not exist", missing)
        refused(lambda: s3.head_bucket(Bucket="health"), 404, "404", "Not Found")


@pytest.mark.parametrize("path", ALIASES)
def test_health_checks_need_no_token(path: str) -> None:
    with Server(control_token="secret") as server:
        assert requests.get(server.url + path, timeout=10).status_code == 200
        assert requests.head(server.url + path, timeout=10).status_code == 200
        assert requests.get(f"{server.url}/_fakes3part/calls", timeout=10).status_code == 401
