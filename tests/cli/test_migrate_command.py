"""The command ``fakes3part migrate``: which files it reads, what it shows and writes, and its exit status."""

from __future__ import annotations

import codecs
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fakes3part.cli.main import main
from tests.support.programs import Programs

BEFORE = b'from moto import mock_s3\n\n@mock_s3\ndef test():\n    boto3.client("s3")\n'
AFTER = BEFORE.replace(b"from moto", b"from fakes3part").replace(b"mock_s3", b"mock_aws")


@pytest.fixture
def tests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "test_a.py").write_bytes(BEFORE)
    return folder


def test_a_diff_is_shown_and_nothing_is_written(tests: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate", "tests"]) == 0
    out, err = capfd.readouterr()
    assert out.splitlines()[:7] == [
        "--- a/tests/test_a.py",
        "+++ b/tests/test_a.py",
        "@@ -1,5 +1,5 @@",
        "-from moto import mock_s3",
        "+from fakes3part import mock_aws",
        " ",
        "-@mock_s3",
    ]
    assert err == "1 of 1 file that name moto would change; 0 places to look at. --write changes them.\n"
    assert (tests / "test_a.py").read_bytes() == BEFORE


@pytest.mark.parametrize(
    "content", [BEFORE, BEFORE.replace(b"\n", b"\r\n"), BEFORE.rstrip(), b"# caf\xc3\xa9 \xc2\x85 \x0c\n" + BEFORE]
)
def test_the_diff_is_one_that_git_applies(content: bytes, tests: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    file = tests / "test_a.py"
    file.write_bytes(content)
    assert main(["migrate", "tests/test_a.py"]) == 0
    patch = capfdbinary.readouterr().out
    command = ["git", "-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", "-"]
    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(tests.parents[1])}
    subprocess.run(command, input=patch, check=True, cwd=tests.parent, env=environment)
    assert file.read_bytes() == content.replace(b"from moto", b"from fakes3part").replace(b"mock_s3", b"mock_aws")


def test_write_changes_the_files_once(tests: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = tests / "test_a.py"
    file.chmod(0o640)
    assert main(["migrate", "--write", "tests"]) == 0
    assert file.read_bytes() == AFTER
    assert file.stat().st_mode & 0o777 == 0o640
    assert os.listdir(tests) == ["test_a.py"]
    assert capfd.readouterr().out == "changed tests/test_a.py\n"
    assert main(["migrate", "--write", "tests"]) == 0
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize(
    "prefix",
    [codecs.BOM_UTF8, "# -*- coding: latin-1 -*-\n# é\n".encode("latin-1"), "# café\n".encode(), b"#!/usr/bin/python\r\n"],
    ids=["BOM", "latin-1", "utf-8", "CRLF"],
)
def test_encoding_and_line_ends_are_kept(prefix: bytes, tests: Path) -> None:
    (tests / "test_a.py").write_bytes(prefix + BEFORE)
    assert main(["migrate", "--write", "tests"]) == 0
    assert (tests / "test_a.py").read_bytes() == prefix + AFTER


def test_check_fails_while_something_would_change(tests: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate", "--check", "tests"]) == 1
    assert (tests / "test_a.py").read_bytes() == BEFORE
    (tests / "test_a.py").write_bytes(AFTER)
    assert main(["migrate", "--check", "tests"]) == 0
    assert capfd.readouterr().err.endswith("0 of 0 files that name moto would change; 0 places to look at.\n")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"import moto\nprint 'moto'\n", "1: does not parse: left as it is (line 2: "),
        (b"# coding: klingon\nimport moto\n", "1: does not parse: left as it is (unknown encoding: klingon)"),
        (b"import moto  # \xff\n", "1: does not parse: left as it is ("),
    ],
)
def test_a_file_that_does_not_parse_is_reported_and_left(
    content: bytes, reason: str, tests: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tests / "old.py").write_bytes(content)
    assert main(["migrate", "--write", "tests"]) == 1
    assert capfd.readouterr().err.startswith(f"tests/old.py:{reason}")
    assert (tests / "old.py").read_bytes() == content
    assert (tests / "test_a.py").read_bytes() == AFTER  # it went on


@pytest.mark.parametrize("folder", [".git", ".venv", "__pycache__", "node_modules", "env/lib", "lib/site-packages"])
def test_folders_that_are_no_tests_are_skipped(folder: str, tests: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tests / "env").mkdir()
    (tests / "env" / "pyvenv.cfg").touch()
    (tests / folder).mkdir(parents=True, exist_ok=True)
    (tests / folder / "test_b.py").write_bytes(BEFORE)
    assert main(["migrate", "--write", "."]) == 0
    assert (tests / folder / "test_b.py").read_bytes() == BEFORE
    assert main(["migrate", "--write", f"tests/{folder}"]) == 0  # named, it is searched
    assert (tests / folder / "test_b.py").read_bytes() == AFTER


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need privileges")
def test_links_are_not_followed(tests: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tests / "loop").symlink_to(tests, target_is_directory=True)
    (tests / "test_link.py").symlink_to("test_a.py")
    assert main(["migrate", "--write", "tests/test_link.py", "tests", "tests"]) == 0
    assert capfd.readouterr().out == "changed tests/test_link.py\n"
    assert (tests / "test_link.py").is_symlink()
    assert (tests / "test_a.py").read_bytes() == AFTER


def test_files_without_moto_are_not_touched(tests: Path) -> None:
    content = b'def broken(:\nremoto = "s3"; from motor import mock_s3\n'
    (tests / "other.py").write_bytes(content)
    (tests / "notes.txt").write_bytes(BEFORE)
    os.utime(tests / "other.py", (1, 1))
    assert main(["migrate", "--write", "tests"]) == 0
    assert (tests / "other.py").read_bytes() == content
    assert (tests / "other.py").stat().st_mtime == 1
    assert (tests / "notes.txt").read_bytes() == BEFORE


@pytest.mark.parametrize(
    ("name", "line", "advice"),
    [
        ("requirements-dev.txt", "moto[s3,server]>=5  # tests", "requires moto[s3,server]: write fakes3part"),
        ("requirements.in", "moto", "requires moto: add fakes3part; keep moto only for other services"),
        ("pyproject.toml", '    "moto[s3,sqs] ~= 5.0",', "requires moto[s3,sqs]: add fakes3part; keep moto only for sqs"),
        ("pyproject.toml", 'moto = "^5.0"', "requires moto: add fakes3part; keep moto only for other services"),
        ("setup.cfg", "    moto<5; python_version > '3'", "requires moto: add fakes3part; keep moto only for other services"),
        ("environment.yml", "  - moto>=5", "requires moto: add fakes3part; keep moto only for other services"),
    ],
)
def test_requirements_are_reported(name: str, line: str, advice: str, tests: Path, capfd: pytest.CaptureFixture[str]) -> None:
    text = f"# moto>=1\nboto3\n{line}\nmoto-ext\nremoto==1\n"
    (tests / name).write_text(text)
    assert main(["migrate", "--write", "tests"]) == 1
    assert capfd.readouterr().err.splitlines()[:-1] == [f"tests/{name}:3: {advice}"]
    assert (tests / name).read_text() == text
    (tests / name).write_text(f"{text}fakes3part\n")
    assert main(["migrate", "tests"]) == 0


def test_services_of_other_files_are_reported_at_the_fixture(tests: Path, capfd: pytest.CaptureFixture[str]) -> None:
    fixture = 'from moto import mock_aws\n@fixture\ndef s3():\n    with mock_aws():\n        yield boto3.client("s3")\n'
    (tests / "conftest.py").write_text(fixture)
    (tests / "unit").mkdir()
    (tests / "unit" / "test_b.py").write_text('boto3.client("kms")\nx = boto3.resource("dynamodb")\n')
    assert main(["migrate", "--write", "tests"]) == 1
    advice = 'if they run under this mock, write mock_aws(others="moto") (tests/unit/test_b.py:2)'
    assert capfd.readouterr().err.splitlines()[0] == f"tests/conftest.py:4: tests use dynamodb: {advice}"
    assert (tests / "conftest.py").read_text() == fixture.replace("from moto", "from fakes3part")


def test_files_of_other_services_are_counted(tests: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tests / "test_sqs.py").write_text("from moto import mock_sqs\n")
    assert main(["migrate", "--write", "tests"]) == 0
    assert capfd.readouterr().err == (
        "1 of 2 files that name moto changed; 0 places to look at. Unchanged, as they use moto for other services only: 1 file.\n"
    )


def test_errors_of_the_arguments(tests: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate", "tests", "tset"]) == 2
    assert capfd.readouterr() == ("", "fakes3part migrate: error: there is no tset\n")
    for arguments in ([], ["--write", "--check", "tests"]):
        with pytest.raises(SystemExit) as error:
            main(["migrate", *arguments])
        assert error.value.code == 2
    assert (tests / "test_a.py").read_bytes() == BEFORE


def test_a_file_that_cannot_be_written_is_an_error(
    tests: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tests / "test_b.py").write_bytes(BEFORE)
    replace = os.replace

    def refuse(source: str, target: Path) -> None:
        if target.name == "test_a.py":
            raise PermissionError(13, "Permission denied")
        replace(source, target)

    monkeypatch.setattr(os, "replace", refuse)
    assert main(["migrate", "--write", "tests"]) == 2
    assert capfd.readouterr().err.startswith("tests/test_a.py: Permission denied\n")
    assert sorted(os.listdir(tests)) == ["test_a.py", "test_b.py"]
    assert [(tests / name).read_bytes() for name in ("test_a.py", "test_b.py")] == [BEFORE, AFTER]


def test_without_libcst_the_extra_is_named(
    tests: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "libcst", None)
    assert main(["migrate", "tests"]) == 2
    assert capfd.readouterr().err == (
        'fakes3part migrate: error: it needs libcst, which is not installed:\n  python -m pip install "fakes3part[migrate]"\n'
    )


def test_libcst_is_loaded_by_the_command_only(tmp_path: Path, programs: Programs) -> None:
    code = "import sys, fakes3part.cli.main as cli; cli.main(['operations']); print('libcst' in sys.modules)"
    assert programs.code(code, tmp_path).out.endswith("False\n")


def test_help_has_examples(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as error:
        main(["migrate", "--help"])
    assert error.value.code == 0
    out = capfd.readouterr().out
    assert "fakes3part migrate --write tests" in out
    assert "exit status:\n  0  nothing is left to do by hand\n" in out


def test_a_migrated_suite_passes(pytester: pytest.Pytester, programs: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    pytester.makeconftest(
        """
        import boto3, pytest
        from moto import mock_s3, mock_sts

        @pytest.fixture
        def s3():
            with mock_s3():
                client = boto3.client("s3", region_name="us-east-1")
                client.create_bucket(Bucket="test_bucket", ACL="public-read")
                yield client
        """
    )
    pytester.makepyfile(
        """
        import boto3
        import moto
        from moto import mock_s3, mock_sts
        from moto.server import ThreadedMotoServer

        @mock_sts
        @mock_s3
        def test_both(s3):
            assert s3.list_buckets()["Buckets"][0]["Name"] == "test_bucket"
            assert boto3.client("sts", region_name="us-east-1").get_caller_identity()["Account"] == "123456789012"

        @moto.mock_s3
        class TestClass:
            def test_server(self):
                server = ThreadedMotoServer(port=0, verbose=False)
                server.start()
                server.stop()
        """
    )
    assert main(["migrate", "--write", str(pytester.path)]) == 0
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    programs.pytest(pytester, "-p", "conftest_plugin").assert_outcomes(passed=2)
