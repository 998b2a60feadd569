"""The AWS configuration of the process, and the credentials of clients created earlier."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import boto3
import botocore
import botocore.session
import pytest
import requests
from botocore.config import Config
from botocore.credentials import Credentials, DeferredRefreshableCredentials, RefreshableCredentials

from fakes3part.api.fakes3 import FakeS3
from fakes3part.api.mock import mock_s3
from fakes3part.intercept.activation import intercepted
from tests.support.canned_fake import Canned

HIDDEN = {
    "AWS_SESSION_TOKEN": "real",
    "AWS_SECURITY_TOKEN": "real",
    "AWS_PROFILE": "real",
    "AWS_DEFAULT_PROFILE": "real",
    "AWS_ROLE_ARN": "arn:aws:iam::210987654321:role/real",
    "AWS_ROLE_SESSION_NAME": "real",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/real",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/real",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/real",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN": "real",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/real",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
    "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1",
    "AWS_ENDPOINT_URL_S3_CONTROL": "http://127.0.0.1:1",
}
REPLACED = {
    "AWS_ACCESS_KEY_ID": "FOOBARKEY",
    "AWS_SECRET_ACCESS_KEY": "FOOBARSECRET",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
MINE = {**HIDDEN, **dict.fromkeys(REPLACED, "/real")}
PROXIES = ("https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY")


def aws() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith("AWS_") or name in PROXIES}


@pytest.fixture(autouse=True)
def empty(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in aws():
        monkeypatch.delenv(name)


@pytest.fixture
def users_own(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    for name, value in MINE.items():
        monkeypatch.setenv(name, value)
    return aws()


def test_the_users_configuration_is_hidden(users_own: dict[str, str]) -> None:
    with mock_s3():
        assert aws() == {**REPLACED, "AWS_DEFAULT_REGION": "us-east-1"}
    assert aws() == users_own


def test_variables_that_did_not_exist_do_not_exist_afterwards() -> None:
    with mock_s3():
        assert aws() == {**REPLACED, "AWS_DEFAULT_REGION": "us-east-1"}
        os.environ["AWS_ACCESS_KEY_ID"] = "testing"
        del os.environ["AWS_SECRET_ACCESS_KEY"]
    assert aws() == {}


def test_the_token_that_suites_write_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Code under test may read it: cloud-files reads ``os.environ["AWS_SESSION_TOKEN"]``."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    before = aws()
    with mock_s3() as fake:
        tokens = {"AWS_SECURITY_TOKEN": "testing", "AWS_SESSION_TOKEN": "testing"}
        assert aws() == {**REPLACED, **tokens, "AWS_DEFAULT_REGION": "us-east-1"}
        s3 = boto3.Session().client("s3")
        s3.create_bucket(Bucket="bucket")
        s3.put_object(Bucket="bucket", Key="k", Body=b"1")
        url = s3.generate_presigned_url("get_object", {"Bucket": "bucket", "Key": "k"})
        assert requests.get(url, timeout=10).content == b"1"
        assert "x-amz-security-token" in fake.calls[1].headers
    assert aws() == before


@pytest.mark.parametrize(
    ("variables", "region"),
    [
        ({}, "eu-central-1"),
        ({"AWS_DEFAULT_REGION": "sa-east-1"}, "sa-east-1"),
        ({"AWS_REGION": "sa-east-1"}, "sa-east-1"),
        ({"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "sa-east-1"}, "sa-east-1"),
    ],
)
def test_region(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], region: str) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with mock_s3(region="eu-central-1"):
        assert os.environ["AWS_DEFAULT_REGION"] == region
    assert aws() == variables


def test_restored_once_by_the_last(users_own: dict[str, str]) -> None:
    first, second = mock_s3(), mock_s3()
    first.start()
    second.start()
    first.stop()
    assert aws() == {**REPLACED, "AWS_DEFAULT_REGION": "us-east-1"}
    second.stop()
    assert aws() == users_own


def test_mock_credentials_off(users_own: dict[str, str]) -> None:
    off = mock_s3(config={"core": {"mock_credentials": False}})
    with off:
        assert aws() == {**users_own, "AWS_EC2_METADATA_DISABLED": "true"}
        with mock_s3():
            assert os.environ["AWS_ACCESS_KEY_ID"] == "FOOBARKEY"
        assert aws() == {**users_own, "AWS_EC2_METADATA_DISABLED": "true"}
    assert aws() == users_own


def test_mock_credentials_off_without_credentials(client_of: Any) -> None:
    client = client_of(None)
    with (
        mock_s3(config={"core": {"mock_credentials": False}}),
        pytest.raises(botocore.exceptions.NoCredentialsError),
    ):
        client.list_buckets()


def test_a_proxy_is_bypassed_for_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "users_own.test")
    before = aws()
    with mock_s3():
        assert os.environ["NO_PROXY"].startswith("users_own.test,amazonaws")
        assert "amazonaws.com" in os.environ["no_proxy"].split(",")
    assert aws() == before


def test_os_environ_replaced_by_another_mapping(monkeypatch: pytest.MonkeyPatch) -> None:
    mapping = {"AWS_PROFILE": "real", "HOME": "/"}
    with monkeypatch.context() as patch:
        patch.setattr(os, "environ", mapping)
        with mock_s3():
            assert mapping["AWS_ACCESS_KEY_ID"] == "FOOBARKEY"
            assert "AWS_PROFILE" not in mapping
        assert mapping == {"AWS_PROFILE": "real", "HOME": "/"}


def test_the_users_files_are_not_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for variable in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        file = tmp_path / variable
        file.write_text("[default]\naws_access_key_id=AKIAREAL\naws_secret_access_key=real\nregion=sa-east-1\n")
        monkeypatch.setenv(variable, str(file))
    with mock_s3():
        session = boto3.session.Session()
        credentials = session.get_credentials()
        assert credentials is not None
        assert (credentials.access_key, credentials.method, session.region_name) == ("FOOBARKEY", "env", "us-east-1")


@pytest.fixture
def client_of() -> Iterator[Any]:
    """Return a function that creates a client with the given credentials, which may be of any kind."""
    made: list[Any] = []

    def make(credentials: Any, **config: Any) -> Any:
        session = botocore.session.Session()
        session._credentials = credentials
        session.get_credentials = lambda: credentials  # type: ignore[method-assign]
        made.append(session.create_client("s3", region_name="us-east-1", config=Config(**config)))
        return made[-1]

    yield make
    for client in made:
        client.close()


def refuse() -> dict[str, str]:
    raise AssertionError("credentials were refreshed")


def refreshable(minutes: int) -> RefreshableCredentials:
    expiry = datetime.now(timezone.utc) + timedelta(minutes=minutes)
    return RefreshableCredentials("ROLEKEY", "secret", "token", expiry, refuse, "iam-role")


class OwnKind:
    """Credentials without an attribute ``method``."""

    def __init__(self) -> None:
        self._credentials = Credentials("MINE", "secret")

    def get_frozen_credentials(self) -> Any:
        return self._credentials.get_frozen_credentials()

    def get_deferred_property(self, name: str) -> Any:
        return self._credentials.get_deferred_property(name)


@pytest.mark.parametrize(
    ("credentials", "key"),
    [
        (None, "FOOBARKEY"),
        (Credentials("MINE", "secret"), "MINE"),
        (OwnKind(), "MINE"),
        (refreshable(minutes=60), "ROLEKEY"),
        (refreshable(minutes=-60), "FOOBARKEY"),
        (DeferredRefreshableCredentials(refuse, "assume-role"), "FOOBARKEY"),
    ],
    ids=["none", "static", "of a program's own class", "fresh", "expired", "deferred"],
)
def test_a_client_made_before(client_of: Any, credentials: Any, key: str) -> None:
    client = client_of(credentials)
    with intercepted(Canned()) as fake:
        client.head_object(Bucket="b", Key="k")
        assert f"Credential={key}/" in fake.request.headers["authorization"]
        assert f"AWSAccessKeyId={key}&" in client.generate_presigned_url("get_object", {"Bucket": "b", "Key": "k"})


def test_refreshable_credentials_of_a_program_are_those_of_its_role() -> None:
    role = "arn:aws:iam::123456789012:role/uploader"

    def assume() -> dict[str, str]:
        given = boto3.client("sts", "us-east-1").assume_role(RoleArn=role, RoleSessionName="ci", DurationSeconds=900)[
            "Credentials"
        ]
        return {
            "access_key": given["AccessKeyId"],
            "secret_key": given["SecretAccessKey"],
            "token": given["SessionToken"],
            "expiry_time": given["Expiration"].isoformat(),
        }

    with FakeS3() as fake:
        botocore_session = botocore.session.Session()
        # Of 15 minutes at most, so that botocore refreshes them before each request.
        botocore_session._credentials = RefreshableCredentials.create_from_metadata(assume(), assume, "sts-assume-role")
        session = boto3.Session(botocore_session=botocore_session, region_name="us-east-1")
        arn = "arn:aws:sts::123456789012:assumed-role/uploader/ci"
        assert session.client("sts").get_caller_identity()["Arn"] == arn
        client = session.client("s3")
        client.create_bucket(Bucket="reports")
        assert fake.calls[-1].caller == arn
        assert "x-amz-security-token=" in client.generate_presigned_url("get_object", {"Bucket": "reports", "Key": "k"}).lower()


def test_an_unsigned_client_stays_unsigned(client_of: Any) -> None:
    client = client_of(None, signature_version=botocore.UNSIGNED)
    with intercepted(Canned()) as fake:
        client.head_object(Bucket="b", Key="k")
    assert "authorization" not in fake.request.headers


def test_no_credentials_afterwards(client_of: Any) -> None:
    client = client_of(None)
    with FakeS3():
        client.list_buckets()
    with pytest.raises(botocore.exceptions.NoCredentialsError):
        client.list_buckets()


def test_the_default_session_is_unchanged() -> None:
    boto3.setup_default_session()
    before = boto3.DEFAULT_SESSION
    with mock_s3():
        assert boto3.DEFAULT_SESSION is before
    assert boto3.DEFAULT_SESSION is before
