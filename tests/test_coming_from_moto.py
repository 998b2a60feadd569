"""docs/guides/moto.md: each row of its table is a test."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import boto3
import pytest
import requests
from botocore.exceptions import ClientError

from fakes3part import LenientWarning, ThreadedMotoServer, current_fake, mock_aws, mock_s3
from fakes3part.cli.migrate.migrate import migrate
from fakes3part.cli.migrate.source import Source
from tests.support.programs import Programs
from tests.test_readme import section

pytestmark = pytest.mark.filterwarnings("ignore:request over HTTP:fakes3part.LenientWarning")

Test = TypeVar("Test", bound=Callable[..., None])

ROWS: dict[str, str] = {}

OLD_NAME = "My_Bucket"
"""A name that S3 has refused since 2018, and moto accepts."""


def row(have: str, write: str) -> Callable[[Test], Test]:
    """Add a row of the table; its test is the decorated function."""

    def add(test: Test) -> Test:
        ROWS[have] = write
        return test

    return add


def migrated(text: str) -> str:
    """Return what ``fakes3part migrate`` makes of a file that uses S3."""
    return migrate(Source(Path("conftest.py"), f"{text}\n# S3\n", "utf-8", b"")).text.removesuffix("\n# S3\n")


def s3_client(**arguments: Any) -> Any:
    return boto3.client("s3", region_name="us-east-1", **arguments)


def test_the_table_has_these_rows() -> None:
    lines = ["| You have | Write |", "|---|---|", *(f"| {have} | {write} |" for have, write in ROWS.items())]
    assert section("moto") == "\n".join(lines)


@row(
    "`from moto import mock_aws`",
    "`from fakes3part import mock_aws`, which is [lenient](../reference/settings.md#leniences); `mock_s3` is the same, as strict "
    "as S3",
)
def test_mock_aws() -> None:
    assert migrated("from moto import mock_aws") == "from fakes3part import mock_aws"
    with mock_aws(), pytest.warns(LenientWarning, match="2018"):
        s3_client().create_bucket(Bucket=OLD_NAME)
    with mock_s3(), pytest.raises(ClientError, match="InvalidBucketName"):
        s3_client().create_bucket(Bucket=OLD_NAME)


@row("`@mock_s3`, `@mock_sts`, `@mock_kms` of moto 4", "one `@mock_aws`")
def test_mocks_of_single_services() -> None:
    old = "from moto import mock_s3, mock_sts\n@mock_s3\n@mock_sts\ndef test(): ..."
    assert migrated(old) == "from fakes3part import mock_aws\n@mock_aws\ndef test(): ..."
    with mock_aws():
        account = boto3.client("sts", region_name="us-east-1").get_caller_identity()["Account"]
        assert account == "123456789012"
        assert boto3.client("kms", region_name="us-east-1").create_key()["KeyMetadata"]["AWSAccountId"] == account


@row("mocks of other services too", '`mock_aws(others="moto")`: [S3 beside other services](#s3-beside-other-services)')
def test_other_services() -> None:
    old = 'from moto import mock_aws\nboto3.client("dynamodb")\nmock_aws().start()'
    assert migrated(old).endswith('\nmock_aws(others="moto").start()')
    with mock_aws(others="moto") as fakes3:
        s3_client().create_bucket(Bucket="bucket")
        assert list(fakes3.buckets) == ["bucket"]
        assert boto3.client("dynamodb", region_name="us-east-1").list_tables()["TableNames"] == []


@row("tests that should fail as on S3", "`mock_aws(lenient=False)`, or `pytest --fakes3-strict` for all of them")
def test_strictness(pytester: pytest.Pytester, programs: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    with mock_aws(lenient=False), pytest.raises(ClientError, match="InvalidBucketName"):
        s3_client().create_bucket(Bucket=OLD_NAME)
    pytester.makepyfile(
        f"""
        import boto3
        from fakes3part import mock_aws

        @mock_aws
        def test():
            boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="{OLD_NAME}")
        """
    )
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    programs.pytest(pytester, "-p", "conftest_plugin", "--fakes3-strict").assert_outcomes(failed=1)
    programs.pytest(pytester, "-p", "conftest_plugin").assert_outcomes(passed=1)


@row(
    "`from moto.server import ThreadedMotoServer`",
    "`from fakes3part import ThreadedMotoServer`; each server has its own state, `server.fake`",
)
def test_server() -> None:
    assert migrated("from moto.server import ThreadedMotoServer") == "from fakes3part import ThreadedMotoServer"
    servers = [ThreadedMotoServer(port=0, verbose=False) for _ in range(2)]
    with contextlib.ExitStack() as stack:
        for server in servers:
            server.start()
            stack.callback(server.stop)
        host, port = servers[0].get_host_and_port()
        client = stack.enter_context(contextlib.closing(s3_client(**credentials(f"http://{host}:{port}"))))
        client.create_bucket(Bucket=OLD_NAME)
    assert [list(server.fake.buckets) for server in servers] == [[OLD_NAME], []]


def credentials(url: str) -> dict[str, str]:
    return {"endpoint_url": url, "aws_access_key_id": "testing", "aws_secret_access_key": "testing"}


@row("`moto_server -H 127.0.0.1 -p 5000`", "`fakes3part serve --lenient -H 127.0.0.1 -p 5000`; `-s`, `-c` and `-k` work too")
def test_server_command() -> None:
    old = "system('moto_server -H 127.0.0.1 -p 5000')"
    assert migrated(old) == "system('fakes3part serve --lenient -H 127.0.0.1 -p 5000')"
    command = [sys.executable, "-m", "fakes3part", "serve", "--lenient", "-H", "127.0.0.1", "-p", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = next(word for word in process.stdout.readline().split() if word.startswith("http://127.0.0.1:"))
            with contextlib.closing(s3_client(**credentials(url))) as client:
                client.create_bucket(Bucket=OLD_NAME)
                assert [bucket["Name"] for bucket in client.list_buckets()["Buckets"]] == [OLD_NAME]
        finally:
            process.terminate()


@row('`requests.post(f"{url}/moto-api/reset")`', "the same")
def test_reset() -> None:
    with ThreadedMotoServer(port=0, verbose=False) as server:
        server.fake.seed({"bucket": {"key": b""}})
        assert requests.post(f"{server.url}/moto-api/reset", timeout=10).json() == {"status": "ok"}
        assert list(server.fake.buckets) == []


@row('`mock.patch("moto.s3.models.S3_UPLOAD_PART_MIN_SIZE", 1)`', "`mock_aws(min_part_size=1)`")
def test_small_parts() -> None:
    with mock_aws(min_part_size=1) as fakes3:
        client = s3_client()
        client.create_bucket(Bucket="bucket")
        target = {"Bucket": "bucket", "Key": "key"}
        target["UploadId"] = client.create_multipart_upload(**target)["UploadId"]
        parts = [{"PartNumber": number, **client.upload_part(**target, PartNumber=number, Body=b"1")} for number in (1, 2)]
        parts = [{name: part[name] for name in ("PartNumber", "ETag")} for part in parts]
        client.complete_multipart_upload(**target, MultipartUpload={"Parts": parts})
        assert fakes3.buckets["bucket"].objects["key"].data == b"11"


@row("`MOTO_ACCOUNT_ID`, `MOTO_S3_CUSTOM_ENDPOINTS` ...", "the same [variables](../reference/settings.md)")
def test_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "111122223333")
    monkeypatch.setenv("MOTO_S3_CUSTOM_ENDPOINTS", "https://s3.internal.example.com")
    with mock_aws() as fakes3:
        assert boto3.client("sts", region_name="us-east-1").get_caller_identity()["Account"] == "111122223333"
        s3_client(endpoint_url="https://s3.internal.example.com").create_bucket(Bucket="bucket")
        assert list(fakes3.buckets) == ["bucket"]


@row("`moto.s3.models.s3_backends`", "`current_fake().buckets`: buckets and objects, read-only")
def test_a_look_inside() -> None:
    with mock_aws():
        s3_client().create_bucket(Bucket="bucket")
        s3_client().put_object(Bucket="bucket", Key="key", Body=b"1")
        fake = current_fake()
        assert fake is not None
        assert fake.buckets["bucket"].objects["key"].data == b"1"
