"""``serve --config FILE.toml`` and ``FakeS3.from_config``: what the file may say, and how it is refused."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from fakes3part import ConfigError, FakeS3
from fakes3part.cli.main import main
from fakes3part.settings import SETTINGS

FULL = """
region = "eu-west-1"
strict_credentials = true
min_part_size = 1
custom_endpoints = ["minio.test:9000"]
seed = 7
account = "222222222222"
legacy_defaults = true

[[accounts]]
id = "111111111111"
canonical_id = "{canonical}"
display_name = "main"
email = "main@example.com"
access_keys = [
    {{ id = "AKIAROOT", secret = "root" }},
    {{ id = "ASIAROOT", secret = "s", session_token = "t", expires = 2030-01-01T00:00:00Z }},
]

[[accounts.users]]
name = "reader"
access_keys = [{{ id = "AKIAREADER", secret = "reader" }}]
policy = '''{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}]}}'''

[[accounts.users]]
name = "nobody"

[[accounts]]
id = "222222222222"

[[kms_keys]]
account = "111111111111"
id = "01234567-89ab-cdef-0123-456789abcdef"
state = "Disabled"
""".format(canonical="a" * 64)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "fake.toml"
    path.write_text(FULL)
    return path


def test_everything(file: Path) -> None:
    fake = FakeS3.from_config(file)
    settings = fake.settings
    assert (settings.region, settings.account, settings.min_part_size, settings.seed) == ("eu-west-1", "222222222222", 1, 7)
    assert (settings.strict_credentials, settings.legacy_defaults, settings.strict_kms) == (True, True, False)
    assert settings.custom_endpoints == ("minio.test:9000",)
    root, session, reader = fake.accounts.principals
    assert (root.id, root.canonical_id, root.display_name, root.email) == ("111111111111", "a" * 64, "main", "main@example.com")
    assert (root.access_key, root.secret_key, root.identity) == ("AKIAROOT", "root", None)
    assert (session.session_token, session.expires) == ("t", datetime(2030, 1, 1, tzinfo=timezone.utc))
    assert reader.identity is not None
    assert reader.identity.policy is not None
    assert (reader.name, reader.identity.policy["Version"]) == ("reader", "2012-10-17")
    assert fake.accounts.user("111111111111", "nobody") is not None
    assert fake.accounts.account("222222222222").display_name == "222222222222"
    key = fake.kms.by_arn("arn:aws:kms:eu-west-1:111111111111:key/01234567-89ab-cdef-0123-456789abcdef")
    assert key.state == "Disabled"
    with contextlib.closing(fake.client(root)) as client:
        client.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        assert client.list_buckets()["Owner"]["ID"] == "a" * 64


def test_arguments_win(file: Path) -> None:
    fake = FakeS3.from_config(str(file), region="us-west-2", strict_credentials=False)
    assert (fake.settings.region, fake.settings.strict_credentials, fake.settings.min_part_size) == ("us-west-2", False, 1)


def test_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "empty.toml"
    path.write_text("")
    assert FakeS3.from_config(path).settings == FakeS3().settings


ENDPOINTS = 'custom_endpoints must be a list of hosts or URLs, such as ["minio.test:9000"]'
ACCOUNT = '[[accounts]]\nid = "111111111111"\n'
USER = ACCOUNT + "[[accounts.users]]\n"
KEY = '[[kms_keys]]\nid = "01234567-89ab-cdef-0123-456789abcdef"\n'
TWO_KEYS = 'access_keys = [{ id = "A", secret = "s" }, { id = "A", secret = "s" }]'
WRONG = {
    "region = ": "not TOML: Invalid value (at end of document)",
    "regoin = 'x'": "regoin: unknown key; did you mean 'region'?",
    "x = 1": f"x: unknown key; known are {', '.join(SETTINGS)}, accounts, kms_keys",
    "accounts = '111111111111'": "accounts: must be an array, not '111111111111'",
    "[accounts]": "accounts: must be an array, not {}",
    "accounts = ['x']": "accounts[0]: must be a table, not 'x'",
    "region = 1": 'region must be the name of an AWS region, such as "us-east-1", not 1',
    "strict_credentials = 1": "strict_credentials must be true or false, not 1",
    "strict_credentials = 'yes'": "strict_credentials must be true or false, not 'yes'",
    "min_part_size = true": "min_part_size must be a whole number of bytes, 0 or more, not True",
    "min_part_size = -1": "min_part_size must be a whole number of bytes, 0 or more, not -1",
    "account = '1'": "account must be the 12 digits of an AWS account id, as a string, not '1'",
    "custom_endpoints = 'a'": f"{ENDPOINTS}, not 'a'",
    "custom_endpoints = ['a', 1]": f"{ENDPOINTS}, not ['a', 1]",
    "[[accounts]]": "accounts[0].id: missing",
    "[[accounts]]\nid = 111111111111": "accounts[0].id: must be a string, not 111111111111",
    "[[accounts]]\nid = '1'": "accounts[0]: an account id must have 12 digits, not '1'",
    ACCOUNT + "name = 'x'": "accounts[0].name: unknown key; known are id, canonical_id, display_name, email, access_keys, users, "
    "roles",
    ACCOUNT + "canonical_id = 'x'": "accounts[0]: a canonical user id must have 64 lower-case hex digits, not 'x'",
    ACCOUNT + ACCOUNT: "accounts[1]: account 111111111111 was added already",
    ACCOUNT + "access_keys = {}": "accounts[0].access_keys: must be an array, not {}",
    ACCOUNT + "access_keys = ['x']": "accounts[0].access_keys[0]: must be a table, not 'x'",
    ACCOUNT + "access_keys = [{}]": "accounts[0].access_keys[0].id: missing",
    ACCOUNT + "access_keys = [{ id = 'A' }]": "accounts[0].access_keys[0].secret: missing",
    ACCOUNT + "access_keys = [{ id = 'A', secret = 's', token = 't' }]": "accounts[0].access_keys[0].token: unknown key; known "
    "are id, secret, session_token, expires",
    ACCOUNT + "access_keys = [{ id = 'A', secret = 's', expires = 2030-01-01T00:00:00Z }]": "accounts[0].access_keys[0].expires: "
    "only an access key with a session_token expires",
    ACCOUNT
    + "access_keys = [{ id = 'A', secret = 's', session_token = 't', expires = 2030-01-01 }]": "accounts[0].access_keys[0]"
    ".expires: must be a date with a time, not datetime.date(2030, 1, 1)",
    ACCOUNT + TWO_KEYS: "accounts[0].access_keys[1]: access key A was added already",
    USER: "accounts[0].users[0].name: missing",
    USER + "name = ''": "accounts[0].users[0]: the name of a user must not be empty",
    USER + "name = 'a'\npolicy = {}": "accounts[0].users[0].policy: must be a string, not {}",
    USER + "name = 'a'\npolicy = '[]'": "accounts[0].users[0].policy: a policy must be a JSON object",
    USER + "name = 'a'\npolicy = '{'": "accounts[0].users[0].policy: the policy is not JSON: Expecting property name enclosed "
    "in double quotes: line 1 column 2 (char 1)",
    USER + "name = 'a'\n[[accounts.users]]\nname = 'a'": "accounts[0].users[1]: account 111111111111 has a user a already",
    "[[kms_keys]]": "kms_keys[0].alias: missing",
    "[[kms_keys]]\nkey = 'x'": "kms_keys[0].key: unknown key; known are account, id, alias, region, state, policy",
    KEY + "state = 1": "kms_keys[0].state: must be a string, not 1",
    KEY + KEY: "kms_keys[1]: KMS key 01234567-89ab-cdef-0123-456789abcdef was added already",
}


@pytest.mark.parametrize("text", WRONG)
def test_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    path = tmp_path / "fake.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        FakeS3.from_config(path)
    assert str(caught.value) == f"fake.toml: {WRONG[text]}"
    assert main(["serve", "--config", str(path), "--port", "0"]) == 2
    assert capsys.readouterr().err == f"fakes3part serve: error: fake.toml: {WRONG[text]}\n"


@pytest.mark.parametrize("line", ["state = 'Sleeping'", "account = '1'", "policy = '{'"])
def test_what_kms_refuses(tmp_path: Path, line: str) -> None:
    path = tmp_path / "fake.toml"
    path.write_text(KEY + line)
    with pytest.raises(ConfigError, match=r"^fake.toml: kms_keys\[0\]: .+") as caught:
        FakeS3.from_config(path)
    assert "\n" not in str(caught.value)


def test_no_text_and_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "fake.toml"
    assert main(["serve", "--config", str(path)]) == 2
    assert capsys.readouterr().err == f"fakes3part serve: error: {path}: No such file or directory\n"
    path.write_bytes(b"\xff")
    assert main(["serve", "--config", str(path)]) == 2
    assert capsys.readouterr().err.startswith("fakes3part serve: error: fake.toml: not TOML: ")


def test_serve(file: Path) -> None:
    command = [sys.executable, "-W", "error", "-m", "fakes3part", "serve", "--port", "0", "--config", str(file)]
    process = subprocess.Popen([*command, "--region", "us-east-1"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = next(word for word in process.stdout.readline().split() if word.startswith("http://"))
        lines = [process.stdout.readline().strip() for _ in range(11)]  # the inspector, an empty line, the variables
        shown = dict(line.removeprefix("export ").partition("=")[::2] for line in lines)
        assert (shown["AWS_ACCESS_KEY_ID"], shown["AWS_SECRET_ACCESS_KEY"]) == ("AKIAROOT", "root")
        assert shown["AWS_REGION"] == "us-east-1"
        keys = {"AKIAROOT": "root", "AKIAREADER": "wrong", "testing": "testing"}
        responses = {}
        for key, secret in keys.items():
            client = boto3.session.Session().client(
                "s3",
                endpoint_url=url,
                region_name="us-east-1",
                aws_access_key_id=key,
                aws_secret_access_key=secret,
                config=Config(retries={"total_max_attempts": 1}),
            )
            with contextlib.closing(client):
                try:
                    responses[key] = client.list_buckets()["Owner"]["ID"]
                except ClientError as error:
                    responses[key] = error.response["Error"]["Code"]
        assert responses == {"AKIAROOT": "a" * 64, "AKIAREADER": "SignatureDoesNotMatch", "testing": "InvalidAccessKeyId"}
    finally:
        os.kill(process.pid, signal.SIGTERM)
        process.communicate()
    assert process.returncode == 0
