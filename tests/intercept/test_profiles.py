"""Any profile works while a fake is active, whatever the user's files say, and nothing of these files is used."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.exceptions import ProfileNotFound

from fakes3part import FakeS3, mock_aws, mock_s3

CONFIG = """
[default]
region = eu-central-1
endpoint_url = http://127.0.0.1:1
[profile team]
region = eu-central-1
endpoint_url = http://127.0.0.1:1
s3 =
    addressing_style = path
[profile role]
region = eu-central-1
role_arn = arn:aws:iam::210987654321:role/real
source_profile = team
[profile process]
region = eu-central-1
credential_process = {program}
[profile sso]
region = eu-central-1
sso_session = company
sso_account_id = 210987654321
sso_role_name = real
[sso-session company]
sso_start_url = https://company.awsapps.com/start
sso_region = eu-central-1
"""
CREDENTIALS = """
[default]
aws_access_key_id = AKIAREALDEFAULT
aws_secret_access_key = real
[team]
aws_access_key_id = AKIAREALTEAM
aws_secret_access_key = real
"""
REAL = ["team", "role", "process", "sso"]
PROGRAM = """#!{python}
import json, pathlib
pathlib.Path({marker!r}).touch()
print(json.dumps({{"Version": 1, "AccessKeyId": "AKIAREALPROCESS", "SecretAccessKey": "real"}}))
"""


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    """The file that the credential_process of the profile ``process`` writes."""
    return tmp_path / "executed"


@pytest.fixture
def write_files(tmp_path: Path, marker: Path) -> Callable[[Path], tuple[Path, Path]]:
    """Write a config and a credentials file like a user's to a directory."""

    def write(directory: Path) -> tuple[Path, Path]:
        program = tmp_path / "program"
        program.write_text(PROGRAM.format(python=sys.executable, marker=str(marker)))
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        directory.mkdir(exist_ok=True)
        config, credentials = directory / "config", directory / "credentials"
        config.write_text(CONFIG.format(program=program))
        credentials.write_text(CREDENTIALS)
        return config, credentials

    return write


@pytest.fixture(params=["HOME", "AWS_CONFIG_FILE"])
def files(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, write_files: Callable[..., Any], marker: Path
) -> Any:
    """The user's files, where botocore finds them; at the end, their credential_process was not executed."""
    home = tmp_path / "home"
    home.mkdir()
    if request.param == "HOME":
        write_files(home / ".aws")
        monkeypatch.setenv("HOME", str(home))
        monkeypatch.setenv("USERPROFILE", str(home))
    else:
        config, credentials = write_files(tmp_path / "files")
        monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(credentials))
    yield
    assert not marker.exists()


def boto3_session(profile: str) -> Any:
    return boto3.session.Session(profile_name=profile)


def default_session(profile: str) -> Any:
    boto3.setup_default_session(profile_name=profile)
    return boto3._get_default_session()


def botocore_session(profile: str) -> Any:
    return boto3.session.Session(botocore_session=botocore.session.Session(profile=profile))


MAKERS: list[Callable[[str], Any]] = [boto3_session, default_session, botocore_session]


def check(session: Any, profile: str, fake: FakeS3) -> None:
    """Assert that a session has its profile, the fake's region and credentials, and works."""
    assert (session.profile_name, session.region_name) == (profile, "us-east-1")
    credentials = session.get_credentials()
    frozen = credentials.get_frozen_credentials()
    assert (frozen.access_key, frozen.secret_key, frozen.token) == ("FOOBARKEY", "FOOBARSECRET", None)
    assert session.available_profiles == [profile]
    client, resource = session.client("s3"), session.resource("s3")
    client.create_bucket(Bucket="bucket")
    resource.Object("bucket", "key").put(Body=b"content")
    assert client.get_object(Bucket="bucket", Key="key")["Body"].read() == b"content"
    for made in (client, resource.meta.client):
        assert (made.meta.region_name, made.meta.endpoint_url) == ("us-east-1", "https://s3.amazonaws.com")
        assert made.meta.config.s3 is None
        made.close()
    assert session.client("sts").get_caller_identity()["Account"] == "123456789012"
    assert {call.caller for call in fake.calls} == {"arn:aws:iam::123456789012:root"}
    assert "FOOBARKEY" in client.generate_presigned_url("get_object", {"Bucket": "bucket", "Key": "key"})


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("mock", [mock_s3, mock_aws])
def test_without_files(make: Callable[[str], Any], mock: Any) -> None:
    with mock() as fake:
        check(make("team"), "team", fake)
    with pytest.raises(ProfileNotFound):
        boto3_session("team")


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("profile", [*REAL, "unknown"])
def test_made_inside(make: Callable[[str], Any], profile: str) -> None:
    with mock_s3() as fake:
        check(make(profile), profile, fake)


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("profile", REAL)
def test_made_before(make: Callable[[str], Any], profile: str) -> None:
    """Such a session has read the files already. It has them again afterwards."""
    session = make(profile)
    core = session._session
    before = core.full_config
    with mock_s3() as fake:
        check(session, profile, fake)
        assert core.full_config["profiles"] == {}
        assert core.get_scoped_config() == {}
    assert core.full_config is before
    assert core._credentials is None
    assert (session.region_name, session.profile_name) == ("eu-central-1", profile)
    assert sorted(session.available_profiles) == ["default", "process", "role", "sso", "team"]


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("profile", ["team", None])
def test_made_before_with_its_credentials_read(profile: str | None) -> None:
    session = boto3.session.Session(profile_name=profile)
    before = session.get_credentials()
    assert before is not None
    assert before.access_key == f"AKIAREAL{(profile or 'default').upper()}"
    with mock_s3():
        inside = session.get_credentials()
        assert inside is not None
        assert inside.access_key == "FOOBARKEY"
        assert session.region_name == "us-east-1"
    assert session.get_credentials() is before


def test_credentials_of_a_process_that_were_read_before(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, write_files: Callable[..., Any], marker: Path
) -> None:
    config, _ = write_files(tmp_path / "files")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    session = boto3_session("process")
    before = session.get_credentials()
    assert before.get_frozen_credentials().access_key == "AKIAREALPROCESS"
    marker.unlink()
    with mock_s3():
        assert session.get_credentials().access_key == "FOOBARKEY"
        session.client("s3").list_buckets()
    assert session.get_credentials() is before
    assert not marker.exists()


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("variable", ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"])
@pytest.mark.parametrize("profile", [*REAL, "unknown"])
def test_the_variable_set_inside(monkeypatch: pytest.MonkeyPatch, variable: str, profile: str) -> None:
    with mock_s3() as fake, monkeypatch.context() as patch:
        patch.setenv(variable, profile)
        check(boto3.session.Session(), profile, fake)


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("variable", ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"])
@pytest.mark.parametrize("profile", [*REAL, "unknown"])
def test_the_variable_set_before(monkeypatch: pytest.MonkeyPatch, variable: str, profile: str) -> None:
    """It is hidden as ever; a session made before, which may have read it, works too."""
    monkeypatch.setenv(variable, profile)
    early = botocore.session.Session()
    with mock_s3():
        session = boto3.session.Session()
        assert session.profile_name == "default"
        for made in (session, boto3.session.Session(botocore_session=early)):
            credentials = made.get_credentials()
            assert credentials is not None
            assert (credentials.access_key, made.region_name) == ("FOOBARKEY", "us-east-1")
            made.client("s3").list_buckets()
    assert os.environ[variable] == profile


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("files", ["HOME"], indirect=True)
def test_an_environment_that_a_test_clears(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then botocore would look for the files at their usual place."""
    with mock_s3(), monkeypatch.context() as patch:
        home = os.environ["HOME"]
        for name in list(os.environ):
            patch.delenv(name)
        patch.setenv("HOME", home)
        session = boto3.session.Session(region_name="us-east-1")
        credentials = session.get_credentials()
        assert credentials is not None
        assert credentials.access_key == "FOOBARKEY"
        assert session._session.full_config["profiles"] == {}
        session.client("s3").list_buckets()


def test_explicit_credentials_stay() -> None:
    with mock_s3():
        session = boto3.session.Session("AKIAOWN", "secret", profile_name="team")
        credentials = session.get_credentials()
        assert credentials is not None
        assert credentials.access_key == "AKIAOWN"
        given = boto3.session.Session(profile_name="team", region_name="sa-east-1")
        assert (given.region_name, given.client("s3").meta.region_name) == ("sa-east-1", "sa-east-1")


def test_files_that_a_test_names_itself_count(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.write_text("[profile team]\nregion = sa-east-1\naws_access_key_id = AKIAOWN\naws_secret_access_key = own\n")
    early = boto3.session.Session()
    assert early.region_name is None
    with mock_s3(), monkeypatch.context() as patch:
        patch.setenv("AWS_CONFIG_FILE", str(own))
        patch.delenv("AWS_DEFAULT_REGION")
        for session in (boto3_session("team"), early):
            assert session.available_profiles == ["team"]
        session = boto3_session("team")
        assert (session.region_name, session.get_credentials().access_key) == ("sa-east-1", "AKIAOWN")
        session.client("s3").list_buckets()
        with pytest.raises(ProfileNotFound, match="unknown"):
            boto3_session("unknown")
    assert early.available_profiles == []


def test_each_fake_reads_the_files_of_a_session_anew(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    session = botocore.session.Session()
    with mock_s3():
        assert session.full_config["profiles"] == {}
    (tmp_path / "config").write_text("[profile of-the-test]\nregion = eu-south-2\n")
    with mock_s3(), monkeypatch.context() as patch:
        patch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
        session.set_config_variable("config_file", str(tmp_path / "config"))
        assert session.full_config["profiles"] == {"of-the-test": {"region": "eu-south-2"}}


@pytest.mark.usefixtures("files")
def test_the_users_own_without_mock_credentials() -> None:
    with mock_s3(config={"core": {"mock_credentials": False}}):
        session = boto3_session("team")
        assert (session.region_name, session.get_credentials().access_key) == ("eu-central-1", "AKIAREALTEAM")
        with pytest.raises(ProfileNotFound):
            boto3_session("unknown")


def test_restored_exactly() -> None:
    names = ("full_config", "_build_profile_map", "available_profiles", "get_credentials", "get_scoped_config")
    before = {name: vars(botocore.session.Session)[name] for name in names}
    with mock_s3(), FakeS3():
        boto3_session("team")
    assert {name: vars(botocore.session.Session)[name] for name in names} == before


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("when", ["before", "inside"])
def test_aiobotocore(when: str) -> None:
    aiobotocore = pytest.importorskip("aiobotocore.session")
    early = aiobotocore.AioSession(profile="role")

    async def run() -> None:
        session = early if when == "before" else aiobotocore.AioSession(profile="role")
        credentials = await session.get_credentials()
        frozen = await credentials.get_frozen_credentials()
        assert (frozen.access_key, frozen.token) == ("FOOBARKEY", None)
        assert session.get_scoped_config() == {}
        async with session.create_client("s3") as client:
            assert client.meta.region_name == "us-east-1"

    with mock_s3():
        asyncio.run(run())


def test_the_file_of_the_tests_is_as_botocore_reads_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, write_files: Callable[..., Any]
) -> None:
    """Else the tests above could pass because the files are no good."""
    config, credentials = write_files(tmp_path / "files")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(credentials))
    profiles = botocore.session.Session().full_config["profiles"]
    assert set(profiles) == {"default", *REAL}
    assert {profile["region"] for profile in profiles.values()} == {"eu-central-1"}
    assert json.dumps(profiles["role"]["role_arn"]) == '"arn:aws:iam::210987654321:role/real"'
