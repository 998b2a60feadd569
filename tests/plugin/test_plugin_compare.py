"""``--fakes3-compare``: the report, the exit code, the file, pytest-xdist, and what is left at the target: nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import fakes3part.server.cheroot_transport  # noqa: F401  # now: pytester forgets what is imported while it is used
from fakes3part import FakeS3, Server
from fakes3part.faults import Error
from fakes3part.operations.loading import load_all
from tests.support.other_s3 import own_server

TESTS = """
    import boto3
    import pytest
    from botocore.exceptions import ClientError
    from fakes3part import mock_s3

    def test_parts(fakes3_client, fakes3_bucket):
        name = fakes3_bucket.name
        upload = fakes3_client.create_multipart_upload(Bucket=name, Key="m")["UploadId"]
        fakes3_client.upload_part(Bucket=name, Key="m", UploadId=upload, PartNumber=1, Body=b"x")
        fakes3_client.abort_multipart_upload(Bucket=name, Key="m", UploadId=upload)
        with pytest.raises(ClientError):
            fakes3_client.get_object(Bucket=name, Key="none")

    @mock_s3
    def test_decorated():
        client = boto3.client("s3", "us-east-1")
        client.create_bucket(Bucket="mine")
        client.put_object(Bucket="mine", Key="k", Body=b"1")

    @pytest.mark.fakes3(buckets=["reports"])
    def test_marker(fakes3_client):
        fakes3_client.put_object(Bucket="reports", Key="k", Body=b"1")

    def test_clock(fakes3, fakes3_client):
        fakes3.clock.advance(days=1)
        fakes3_client.create_bucket(Bucket="later")
"""

load_all()  # likewise

CLOCK = "the fake's clock is frozen or moved"

QUIET = ("-q", "-p", "no:randomly")


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def target() -> Iterator[FakeS3]:
    """The fake behind a server of this process, which is the target."""
    with Server() as server:
        yield server.fake


@pytest.fixture
def strange(target: FakeS3) -> FakeS3:
    """The same, but an object that is put to ``mine`` is refused, and a missing key is denied."""
    target.fail("PutObject", Error("SlowDown", status=418), bucket=None)
    target.fail("GetObject", Error("AccessDenied"))
    return target


@pytest.mark.parametrize("options", [(), ("-n2",)], ids=["plain", "xdist"])
def test_no_difference(pytester: pytest.Pytester, target: FakeS3, options: tuple[str, ...]) -> None:
    pytester.makepyfile(TESTS)
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    ran = pytester.runpytest_subprocess(
        *QUIET, f"--fakes3-target={target.endpoint_url}", "--fakes3-compare", "-W", "error", *options
    )
    ran.assert_outcomes(passed=4)
    assert ran.ret == 0
    url = target.endpoint_url
    assert (
        f"9 calls compared with {url}: no difference. 1 call not compared (1: the fake's clock is frozen or moved)."
        in ran.outlines
    )
    assert list(target.buckets) == []
    names = {call.bucket for call in target.calls}
    assert all(name is not None and name.startswith("f3c") for name in names)


REPORT = """\
test_differences.py::test_parts
  GetObject fakes3-bucket/none
    fake  404 NoSuchKey: The specified key does not exist.
    real  403 AccessDenied: Access Denied
test_differences.py::test_decorated
  PutObject mine/k  (and 1 more call like this)
    fake  200
    real  418 SlowDown: Please reduce your request rate.
9 calls compared with {url}: 3 differ (3 in status, code or message). 1 call not compared (1: {clock}).
All calls: {file}
"""


def test_differences(pytester: pytest.Pytester, strange: FakeS3) -> None:
    pytester.makepyfile(TESTS)
    url, file = strange.endpoint_url, pytester.path / "report.json"
    options = (f"--fakes3-target={url}", "--fakes3-compare", "--fakes3-compare-report=report.json")
    ran = pytester.runpytest_subprocess(*QUIET, *options)
    ran.assert_outcomes(passed=4)
    assert ran.ret == 0
    assert REPORT.format(url=url, file=file, clock=CLOCK) in "\n".join(ran.outlines)
    document = json.loads(file.read_text())
    assert {name: document[name] for name in ("fakes3part", "version", "target", "compared", "differing", "left_behind")} == {
        "fakes3part": "comparison",
        "version": 1,
        "target": url,
        "compared": 9,
        "differing": 3,
        "left_behind": [],
    }
    (denied,) = [call for call in document["calls"] if call["operation"] == "GetObject"]
    assert denied["test"] == "test_differences.py::test_parts"
    assert denied["target"] == "fakes3-bucket/none"
    assert denied["differences"] == [
        {"where": "status", "fake": "404", "real": "403"},
        {"where": "code", "fake": "NoSuchKey", "real": "AccessDenied"},
        {"where": "message", "fake": "The specified key does not exist.", "real": "Access Denied"},
    ]
    assert "<Code>AccessDenied</Code>" in denied["responses"]["real"]["body"]
    assert [call["not_compared"] for call in document["calls"] if "not_compared" in call] == [
        "the fake's clock is frozen or moved"
    ]


@pytest.mark.parametrize("option", ["--fakes3-compare-strict", "--fakes3-compare=strict"])
def test_strict(pytester: pytest.Pytester, strange: FakeS3, option: str) -> None:
    pytester.makepyfile(TESTS)
    ran = pytester.runpytest_subprocess(*QUIET, f"--fakes3-target={strange.endpoint_url}", option)
    ran.assert_outcomes(passed=1, failed=3)
    ran.stdout.fnmatch_lines(
        [
            "*_ test_marker _*",
            f"the fake and {strange.endpoint_url} differ:",
            "PutObject reports/k",
            "  fake  200",
            "  real  418 SlowDown: Please reduce your request rate.",
        ]
    )


def test_aws_by_an_endpoint_of_the_environment(
    pytester: pytest.Pytester, target: FakeS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``aws`` is what boto3 would use, with its variables. (No test may reach the real one.)"""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", target.endpoint_url)
    pytester.makepyfile(TESTS)
    ran = pytester.runpytest_subprocess(*QUIET, "--fakes3-target=aws", "--fakes3-compare", "--fakes3-guard")
    ran.assert_outcomes(passed=4)
    assert "9 calls compared with aws: no difference." in ran.stdout.str()
    assert len({call.bucket for call in target.calls}) == 3


def test_the_guard_refuses_all_else(pytester: pytest.Pytester, target: FakeS3) -> None:
    pytester.makepyfile("""
        import boto3, pytest, urllib.request
        from fakes3part.intercept.network_guard import ServiceNotFaked

        def test_guarded():
            with pytest.raises(ServiceNotFaked):
                boto3.client("s3", "us-east-1").list_buckets()

        def test_in_a_fake(fakes3_client):
            fakes3_client.list_buckets()
            with pytest.raises(ServiceNotFaked):
                urllib.request.urlopen("https://dynamodb.us-east-1.amazonaws.com/")
    """)
    ran = pytester.runpytest_subprocess(*QUIET, f"--fakes3-target={target.endpoint_url}", "--fakes3-compare", "--fakes3-guard")
    ran.assert_outcomes(passed=2)
    assert [call.operation for call in target.calls] == ["ListBuckets"]


def test_a_session_of_the_fixtures_of_wider_scope(pytester: pytest.Pytester, target: FakeS3) -> None:
    pytester.makepyfile("""
        def test_one(fakes3_session, fakes3_client):
            fakes3_client.create_bucket(Bucket="one")

        def test_two(fakes3_session, fakes3_client):
            fakes3_client.create_bucket(Bucket="one")
            assert fakes3_client.list_buckets()["Buckets"][0]["Name"] == "one"
    """)
    ran = pytester.runpytest_subprocess(*QUIET, f"--fakes3-target={target.endpoint_url}", "--fakes3-compare")
    ran.assert_outcomes(passed=2)
    assert "3 calls compared" in ran.stdout.str()
    assert "no difference" in ran.stdout.str()
    assert list(target.buckets) == []


def test_what_cannot_be_deleted_is_named(pytester: pytest.Pytester, target: FakeS3) -> None:
    target.fail("DeleteBucket", Error("AccessDenied"))
    pytester.makepyfile("def test_one(fakes3_bucket): ...")
    ran = pytester.runpytest_subprocess(*QUIET, f"--fakes3-target={target.endpoint_url}", "--fakes3-compare")
    (name,) = target.buckets
    assert f"the bucket {name} is left: Access Denied" in ran.outlines


USAGE: list[Any] = [
    (["--fakes3-compare"], "--fakes3-compare needs --fakes3-target=URL or --fakes3-target=aws: the S3 to compare with"),
    (["--fakes3-compare-report=f"], "--fakes3-compare-report needs --fakes3-compare"),
    (
        ["--fakes3-target=nonsense", "--fakes3-compare"],
        "--fakes3-target: the target must be aws or a URL such as http://127.0.0.1:9000, not 'nonsense'",
    ),
]


@pytest.mark.parametrize(("options", "error"), USAGE)
def test_wrong_options(pytester: pytest.Pytester, options: list[str], error: str) -> None:
    pytester.makepyfile("def test_one(): ...")
    ran = pytester.runpytest_subprocess(*options)
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    assert f"ERROR: {error}" in ran.errlines


def test_without_credentials(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    pytester.makepyfile("def test_one(): ...")
    ran = pytester.runpytest_subprocess("--fakes3-target=http://127.0.0.1:9", "--fakes3-compare")
    error = "no AWS credentials for http://127.0.0.1:9: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
    assert f"ERROR: --fakes3-target: {error}" in ran.errlines


def test_nothing_is_loaded_without_the_option(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import sys

        def test_one(fakes3_bucket):
            assert not [name for name in sys.modules if name.startswith("fakes3part.compare")]
    """)
    pytester.runpytest_subprocess(*QUIET).assert_outcomes(passed=1)


@pytest.mark.usefixtures("all_plugins")
def test_against_another_process(pytester: pytest.Pytester, tmp_path: Path) -> None:
    pytester.makepyfile(TESTS)
    with own_server(tmp_path) as url:
        ran = pytester.runpytest_subprocess(*QUIET, "-p", "no:asyncio", f"--fakes3-target={url}", "--fakes3-compare-strict")
    ran.assert_outcomes(passed=4)


RECORD_USAGE: list[Any] = [
    (["--fakes3-record=f"], "--fakes3-record needs --fakes3-target=URL or --fakes3-target=aws: the S3 to record"),
    (
        ["--fakes3-record=f", "--fakes3-target=http://127.0.0.1:9", "--fakes3-compare"],
        "--fakes3-record does not go with --fakes3-compare: one run records, another compares",
    ),
    (
        ["--fakes3-record=f", "--fakes3-target=http://127.0.0.1:9", "-n2"],
        "--fakes3-record writes one file, so it needs one process: -n 0",
    ),
    (["--fakes3-record=none/f", "--fakes3-target=http://127.0.0.1:9"], "--fakes3-record: none/f: No such file or directory"),
]


@pytest.mark.parametrize(("options", "error"), RECORD_USAGE)
def test_wrong_options_of_recordings(pytester: pytest.Pytester, options: list[str], error: str) -> None:
    pytester.makepyfile("def test_one(): ...")
    ran = pytester.runpytest_subprocess(*options)
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    assert f"ERROR: {error}" in ran.errlines


def test_record(pytester: pytest.Pytester, target: FakeS3) -> None:
    """The tests see the real responses; what needs a fake is skipped, as without recording."""
    target.fail("GetObject", Error("AccessDenied"))
    pytester.makepyfile("""
        import boto3, pytest

        def test_one(fakes3_client, fakes3_bucket):
            with pytest.raises(fakes3_client.exceptions.ClientError, match="AccessDenied"):
                fakes3_client.get_object(Bucket=fakes3_bucket.name, Key="none")

        def test_own_client(fakes3):
            client = boto3.client("s3", "us-east-1")
            client.create_bucket(Bucket="mine")
            assert [bucket["Name"] for bucket in client.list_buckets()["Buckets"]] == ["mine"]

        def test_clock(fakes3):
            fakes3.clock.advance(days=1)

        @pytest.mark.fakes3(min_part_size=1)
        def test_settings(fakes3_client): ...
    """)
    ran = pytester.runpytest_subprocess(*QUIET, f"--fakes3-target={target.endpoint_url}", "--fakes3-record=f")
    ran.assert_outcomes(passed=2, skipped=2)
    assert "4 calls recorded in f" in ran.outlines
    groups = [json.loads(line)["group"] for line in (pytester.path / "f").read_text().splitlines()[1:]]
    assert groups == ["test_record.py::test_one"] * 2 + ["test_record.py::test_own_client"] * 2
    assert list(target.buckets) == []
