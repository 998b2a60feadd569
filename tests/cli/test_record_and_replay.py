"""The commands ``record`` and ``replay``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fakes3part import FakeS3, Server
from fakes3part.cli.main import main
from fakes3part.compare.recording import read
from fakes3part.faults import Error
from tests.support.programs import Programs


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def target() -> Iterator[FakeS3]:
    """The fake behind a server, which is the target."""
    with Server() as server:
        yield server.fake


def test_record_and_replay(target: FakeS3, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, url = tmp_path / "f", target.endpoint_url
    assert main(["record", "--target", url, "-o", str(file), "--scenario", "deletions", "--scenario", "copies"]) == 0
    output = capsys.readouterr()
    assert output.out == f"21 calls of {url} recorded in {file}\n"
    assert output.err == "copies: 12 calls\ndeletions: 9 calls\n"
    assert list(target.buckets) == []
    assert main(["replay", str(file)]) == 0
    assert capsys.readouterr().out == f"21 calls compared with the recording of {url}: no difference.\n"


def test_what_differs(target: FakeS3, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, url = tmp_path / "f", target.endpoint_url
    target.fail("DeleteObjects", Error("AccessDenied"), times=1)
    main(["record", "--target", url, "-o", str(file), "--scenario", "deletions"])
    capsys.readouterr()
    assert main(["replay", str(file)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[:4] == [
        "deletions",
        "  DeleteObjects bucket?delete",
        "    fake  200",
        "    real  403 AccessDenied: Access Denied",
    ]
    assert lines[-1].startswith(f"9 calls compared with the recording of {url}: ")
    assert main(["replay", str(file), "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["fakes3part"], document["compared"]) == ("comparison", 9)
    assert document["calls"][4]["real"] == {"status": 403, "code": "AccessDenied", "message": "Access Denied"}


def test_dry_run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    assert main(["record", "--dry-run", "--scenario", "deletions"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "deletions",
        "  CreateBucket                             bucket",
        *[f"  PutObject                                bucket/{key}" for key in "abc"],
        *["  DeleteObjects                            bucket"] * 4,
        "  ListObjectsV2                            bucket",
        "9 requests. Nothing was sent.",
    ]


SCRIPT = """
import sys
import boto3

s3 = boto3.client("s3", "us-east-1")
s3.create_bucket(Bucket=sys.argv[1])
s3.put_object(Bucket=sys.argv[1], Key="k", Body=b"1")
print("done", __name__)
"""


def test_a_script(target: FakeS3, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script, file = tmp_path / "script.py", tmp_path / "f"
    script.write_text(SCRIPT)
    assert main(["record", "--target", target.endpoint_url, "-o", str(file), "--", str(script), "reports"]) == 0
    assert capsys.readouterr().out.startswith("done __main__\n2 calls of ")
    assert [(call.group, call.operation, call.path) for call in read(file).calls] == [
        ("script.py", "CreateBucket", "/reports/"),
        ("script.py", "PutObject", "/reports/k"),
    ]
    assert list(target.buckets) == []


def test_pytest(target: FakeS3, tmp_path: Path, programs: Programs) -> None:
    (tmp_path / "test_it.py").write_text(
        "def test_it(fakes3_client, fakes3_bucket):\n"
        "    fakes3_client.put_object(Bucket=fakes3_bucket.name, Key='k', Body=b'1')\n"
        "def test_clock(fakes3, fakes3_bucket):\n"
        "    fakes3.clock.advance(days=1)\n"
    )
    arguments = ["record", "--target", target.endpoint_url, "-o", "f", "--", "-q", "-p", "no:randomly", "test_it.py"]
    done = programs.code(f"import sys; from fakes3part.cli.main import main; sys.exit(main({arguments!r}))", tmp_path)
    assert "1 passed, 1 skipped" in done.out
    assert "3 calls recorded in f" in done.out
    assert done.status == 0
    assert [(call.group, call.operation, call.path) for call in read(tmp_path / "f").calls] == [
        ("test_it.py::test_it", "CreateBucket", "/fakes3-bucket/"),
        ("test_it.py::test_it", "PutObject", "/fakes3-bucket/k"),
        ("test_it.py::test_clock", "CreateBucket", "/fakes3-bucket/"),
    ]
    assert list(target.buckets) == []


def test_what_is_left(target: FakeS3, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target.fail("DeleteBucket", Error("AccessDenied"))
    assert main(["record", "--target", target.endpoint_url, "-o", str(tmp_path / "f"), "--scenario", "deletions"]) == 1
    (name,) = target.buckets
    assert f"the bucket {name} is left: Access Denied\n" in capsys.readouterr().err


WRONG: list[tuple[list[str], str]] = [
    (["record"], "record: error: --target is missing: a URL, or aws (or --dry-run, which sends nothing)"),
    (["record", "--target", "aws"], "record: error: -o FILE is missing: where to write the recording"),
    (
        ["record", "--dry-run", "--scenario", "deletion"],
        "record: error: there is no scenario 'deletion'; did you mean 'deletions'?",
    ),
    (
        ["record", "--target", "x", "-o", "f", "--scenario", "copies", "--", "s.py"],
        "record: error: --scenario names scenarios of fakes3part; it does not go with a command",
    ),
    (
        ["record", "--target", "nonsense", "-o", "f"],
        "record: error: the target must be aws or a URL such as http://127.0.0.1:9000, not 'nonsense'",
    ),
    (["record", "--target", "http://127.0.0.1:9", "-o", "exists"], "record: error: exists: File exists"),
    (["replay", "none"], "replay: error: none: No such file or directory"),
    (["replay", "exists"], "replay: error: exists is empty"),
]


@pytest.mark.parametrize(("arguments", "error"), WRONG, ids=lambda value: " ".join(value)[:50])
def test_errors(
    arguments: list[str], error: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "exists").touch()
    assert main(arguments) == 2
    output: Any = capsys.readouterr()
    assert (output.out, output.err) == ("", f"fakes3part {error}\n")
