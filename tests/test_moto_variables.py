"""moto's environment variables, which count for every fake where ours of the same meaning is not set."""

from __future__ import annotations

import contextlib
import http.client
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any
from unittest import mock

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from fakes3part import FakeS3, Server, SettingError, Settings, ThreadedMotoServer, mock_aws, mock_s3
from fakes3part.cli.main import _parser
from fakes3part.cli.serve import make_fake
from fakes3part.leniences import ALL
from fakes3part.settings import MOTO_VARIABLES, from_environment
from tests.support.doors import refused
from tests.support.state import SIGNED

KEYS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": "us-east-1"}
VALUES: dict[str, tuple[str, str, Any]] = {
    "MOTO_ACCOUNT_ID": ("111122223333", "account", "111122223333"),
    "S3_UPLOAD_PART_MIN_SIZE": ("256", "min_part_size", 256),
    "MOTO_S3_DEFAULT_MAX_KEYS": ("5", "default_max_keys", 5),
    "MOTO_S3_CUSTOM_ENDPOINTS": (
        "https://s3.local.test,http://minio.test:9000",
        "custom_endpoints",
        ("https://s3.local.test", "http://minio.test:9000"),
    ),
    "S3_IGNORE_SUBDOMAIN_BUCKETNAME": ("true", "path_style_only", True),
}
"""Of each variable a value, the setting that it gives, and that setting's value."""


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("FAKES3PART_", "MOTO_", "S3_", "TEST_SERVER_MODE")):
            monkeypatch.delenv(name)


def _served() -> FakeS3:
    return make_fake(_parser().parse_args(["serve"]))


@contextlib.contextmanager
def _of_mock(mock_: Any) -> Iterator[FakeS3]:
    with mock_() as fake:
        yield fake


MAKERS: dict[str, Callable[[], AbstractContextManager[FakeS3]]] = {
    "FakeS3": lambda: contextlib.nullcontext(FakeS3()),
    "Server": lambda: contextlib.nullcontext(Server().fake),
    "serve": lambda: contextlib.nullcontext(_served()),
    "mock_s3": lambda: _of_mock(mock_s3),
    "mock_aws": lambda: _of_mock(mock_aws),
}


def test_every_variable_is_tested() -> None:
    assert set(MOTO_VARIABLES) == set(VALUES)


@pytest.mark.parametrize("maker", MAKERS.values(), ids=MAKERS)
@pytest.mark.parametrize("variable", VALUES)
def test_a_variable_counts_everywhere(
    monkeypatch: pytest.MonkeyPatch, variable: str, maker: Callable[[], AbstractContextManager[FakeS3]]
) -> None:
    text, name, value = VALUES[variable]
    monkeypatch.setenv(variable, text)
    with maker() as fake:
        assert getattr(fake.settings, name) == value


@pytest.mark.parametrize("variable", VALUES)
def test_precedence(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    text, name, value = VALUES[variable]
    default = getattr(Settings(), name)
    monkeypatch.setenv(variable, text)
    ours = f"FAKES3PART_{name.upper()}"
    monkeypatch.setenv(ours, "")  # empty variables are ignored
    assert from_environment() == {name: value}
    own = {"account": "444455556666", "min_part_size": 2, "default_max_keys": 2, "custom_endpoints": ("o.test",)}.get(
        name, default
    )
    monkeypatch.setenv(ours, ",".join(own) if isinstance(own, tuple) else str(own))
    assert from_environment() == {name: own}
    assert getattr(FakeS3(**{name: default}).settings, name) == default
    monkeypatch.setenv(variable, "")
    monkeypatch.setenv(ours, "")
    assert from_environment() == {}


@pytest.mark.parametrize(
    ("variable", "text", "message"),
    [
        ("MOTO_ACCOUNT_ID", "me", "account must be the 12 digits of an AWS account id, as a string, not 'me'"),
        ("S3_UPLOAD_PART_MIN_SIZE", "5MB", "min_part_size must be a whole number of bytes, 0 or more, not '5MB'"),
        ("MOTO_S3_DEFAULT_MAX_KEYS", "5000", "default_max_keys must be a whole number from 1 to 1000, not '5000'"),
        ("MOTO_S3_DEFAULT_MAX_KEYS", "0", "default_max_keys must be a whole number from 1 to 1000, not '0'"),
        ("S3_IGNORE_SUBDOMAIN_BUCKETNAME", "maybe", "path_style_only must be true or false, not 'maybe'"),
    ],
)
def test_a_refused_variable(monkeypatch: pytest.MonkeyPatch, variable: str, text: str, message: str) -> None:
    monkeypatch.setenv(variable, text)
    with pytest.raises(SettingError) as caught:
        FakeS3()
    assert str(caught.value) == f"environment variable {variable}: {message}"


def test_other_variables_of_moto_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_LAMBDA_STUB_ECR", "false")
    assert from_environment() == {}


@mock.patch.dict(os.environ, {"MOTO_S3_CUSTOM_ENDPOINTS": "https://s3.local.test,https://minio.test:9000"})
def test_custom_endpoints_set_by_patch_dict() -> None:
    with mock_aws():
        for url in ("https://s3.local.test", "https://minio.test:9000"):
            s3 = boto3.client("s3", endpoint_url=url, **KEYS)
            s3.create_bucket(Bucket=f"bucket-{len(url)}")
            s3.put_object(Bucket=f"bucket-{len(url)}", Key="k", Body=b"1")
            assert s3.get_object(Bucket=f"bucket-{len(url)}", Key="k")["Body"].read() == b"1"


@mock.patch.dict(os.environ, {"S3_UPLOAD_PART_MIN_SIZE": "3"})
@mock_aws
def test_a_decorated_test_reads_the_smallest_part() -> None:
    s3 = boto3.client("s3", **KEYS)
    s3.create_bucket(Bucket="bucket")
    for sizes, code in (((3, 1), None), ((2, 1), "EntityTooSmall")):
        upload = {"Bucket": "bucket", "Key": "k"}
        upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
        parts = [
            {"PartNumber": number, "ETag": s3.upload_part(**upload, PartNumber=number, Body=b"x" * size)["ETag"]}
            for number, size in enumerate(sizes, 1)
        ]
        if code is None:
            s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
        else:
            with pytest.raises(ClientError, match=code):
                s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})


@pytest.mark.parametrize("door_name", ["in-process", "server"])
def test_the_page_size(monkeypatch: pytest.MonkeyPatch, door_name: str) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "2")
    fake = FakeS3()
    fake.seed({"bucket": {f"k{number}": b"" for number in range(5)}})
    with Server(fake) if door_name == "server" else fake as door:
        url = door.url if isinstance(door, Server) else None
        with contextlib.closing(boto3.client("s3", endpoint_url=url, **KEYS)) as s3:
            page = s3.list_objects_v2(Bucket="bucket")
            assert (page["KeyCount"], page["MaxKeys"], page["IsTruncated"]) == (2, 2, True)
            assert len(s3.list_objects_v2(Bucket="bucket", MaxKeys=4)["Contents"]) == 4
            page = s3.list_objects(Bucket="bucket")
            assert (len(page["Contents"]), page["MaxKeys"], page["IsTruncated"]) == (2, 2, True)
            page = s3.list_object_versions(Bucket="bucket")
            assert (len(page["Versions"]), page["MaxKeys"], page["IsTruncated"]) == (2, 2, True)
            pages = s3.get_paginator("list_objects_v2").paginate(Bucket="bucket")
            assert [len(page["Contents"]) for page in pages] == [2, 2, 1]
            assert s3.list_multipart_uploads(Bucket="bucket")["MaxUploads"] == 1000


def test_the_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "111122223333")
    with mock_aws():
        assert boto3.client("sts", **KEYS).get_caller_identity()["Account"] == "111122223333"


@pytest.mark.parametrize(
    ("host", "value", "found"),
    [
        ("moto.localhost", "false", None),  # the bucket is "moto"
        ("moto.localhost", "true", b"1"),
        ("moto.s3.local.test", "false", None),
        ("moto.s3.local.test", "1", b"1"),
        ("s3.local.test", "1", b"1"),
    ],
)
def test_the_path_names_the_bucket(monkeypatch: pytest.MonkeyPatch, host: str, value: str, found: bytes | None) -> None:
    monkeypatch.setenv("S3_IGNORE_SUBDOMAIN_BUCKETNAME", value)
    with Server(custom_endpoints=["s3.local.test"]) as server:
        server.fake.seed({"bucket": {"k": b"1"}})
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        with contextlib.closing(connection):
            connection.request("GET", "/bucket/k", headers={**SIGNED, "Host": f"{host}:{server.port}"})
            response = connection.getresponse()
            body = response.read()
    if found is None:
        assert response.status == 404
        assert b"<Code>NoSuchBucket</Code>" in body
        assert b"<BucketName>moto</BucketName>" in body
    else:
        assert (response.status, body) == (200, found)


@pytest.mark.parametrize("addressing_style", ["path", "virtual"])
def test_the_hosts_of_aws_name_buckets_nevertheless(monkeypatch: pytest.MonkeyPatch, addressing_style: str) -> None:
    monkeypatch.setenv("S3_IGNORE_SUBDOMAIN_BUCKETNAME", "1")
    with mock_s3():
        s3 = boto3.client("s3", config=Config(s3={"addressing_style": addressing_style}), **KEYS)
        s3.create_bucket(Bucket="bucket")
        s3.put_object(Bucket="bucket", Key="k")
        assert [entry["Key"] for entry in s3.list_objects_v2(Bucket="bucket")["Contents"]] == ["k"]


def _leniences(make: Callable[[], Any]) -> tuple[str, ...]:
    made = make()
    leniences: tuple[str, ...] = getattr(made, "fake", made).settings.leniences
    return leniences


def _of_started(mock_: Any) -> Callable[[], FakeS3]:
    def make() -> FakeS3:
        with mock_ as fake:
            assert isinstance(fake, FakeS3)
            return fake

    return make


LENIENT = {"mock_aws": _of_started(mock_aws()), "ThreadedMotoServer": ThreadedMotoServer}
STRICT = {"FakeS3": FakeS3, "Server": Server, "mock_s3": _of_started(mock_s3()), "serve": _served}
WITHOUT = tuple(name for name in ALL if name != "other_accounts")
ONLY = ("other_accounts",)


@pytest.mark.parametrize("maker", [*LENIENT, *STRICT])
@pytest.mark.parametrize(
    ("ours", "motos", "lenient", "strict"),
    [
        (None, None, ALL, ()),
        (None, "", ALL, ()),
        (None, "true", ALL, ONLY),
        (None, "false", WITHOUT, ()),
        ("acls", "true", ("acls",), ("acls",)),
        ("true", "false", ALL, ALL),
        ("false", "true", (), ()),
    ],
)
def test_access_of_other_accounts(
    monkeypatch: pytest.MonkeyPatch,
    maker: str,
    ours: str | None,
    motos: str | None,
    lenient: tuple[str, ...],
    strict: tuple[str, ...],
) -> None:
    for name, text in {"FAKES3PART_LENIENT": ours, "MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS": motos}.items():
        if text is not None:
            monkeypatch.setenv(name, text)
    make: Any = {**LENIENT, **STRICT}[maker]
    assert _leniences(make) == (lenient if maker in LENIENT else strict)


def test_keywords_win_over_the_access_of_other_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS", "false")
    assert ThreadedMotoServer(lenient=True).fake.settings.leniences == ALL
    monkeypatch.setenv("MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS", "true")
    assert FakeS3(lenient=False).settings.leniences == ()


def test_a_refused_access_of_other_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS", "some")
    message = "environment variable MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS must be true or false, not 'some'"
    for make in (FakeS3, ThreadedMotoServer, mock_aws().start):
        with pytest.raises(SettingError) as caught:
            make()
        assert str(caught.value) == message


@pytest.mark.filterwarnings("ignore::fakes3part.LenientWarning")
@pytest.mark.parametrize("allowed", ["true", "false"])
def test_another_account_in_a_test_of_motos(monkeypatch: pytest.MonkeyPatch, allowed: str) -> None:
    monkeypatch.setenv("MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS", allowed)
    with mock_aws():
        boto3.client("s3", **KEYS).create_bucket(Bucket="bucket")
        other = boto3.client("s3", **{**KEYS, "aws_access_key_id": "111122223333"})
        if allowed == "true":
            other.put_object(Bucket="bucket", Key="k", Body=b"1")
            assert boto3.client("s3", **KEYS).get_object(Bucket="bucket", Key="k")["Body"].read() == b"1"
        else:
            refused(lambda: other.put_object(Bucket="bucket", Key="k", Body=b"1"), 403, "AccessDenied", "Access Denied")
            assert "Contents" not in boto3.client("s3", **KEYS).list_objects_v2(Bucket="bucket")
