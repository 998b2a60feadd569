"""What type checkers know: the examples of README and docs/ are clean, typing errors are found, and clients have their types."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
import venv
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.support import literals
from tests.support.typed_examples import typed
from tests.test_readme import EXAMPLES, ROOT

PYRIGHT = next((name for name in ("basedpyright", "pyright") if importlib.util.find_spec(name)), None)
CHECKERS = [
    "mypy",
    pytest.param(
        "pyright", marks=pytest.mark.skipif(PYRIGHT is None, reason="neither pyright nor basedpyright is installed: see .ci/run")
    ),
]
ALL_CHECKERS = pytest.mark.parametrize("checker", CHECKERS)

SETTINGS = "docs/reference/settings.md-1"
UNITTEST = "docs/guides/unittest-and-django.md-1"
EXPECTED = {
    # These settings are wrong on purpose: checkers find them as the fake does.
    "mypy": {(SETTINGS, "arg-type"), (SETTINGS, "call-arg"), (UNITTEST, "attr-defined")},
    "pyright": {(SETTINGS, "reportArgumentType"), (SETTINGS, "reportCallIssue")},
}
"""Errors in examples: the example and the checker's rule. mypy does not know attributes that ``setUpClass`` sets."""

MYPY_CONFIG = """
[mypy]
strict = true
cache_dir = {cache}
[mypy-pyarrow.*]
ignore_missing_imports = true
"""
PYRIGHT_CONFIG = {
    "typeCheckingMode": "standard",
    # boto3's stubs say of every member of a response that it may be absent.
    "reportTypedDictNotRequiredAccess": "none",
}


def check(checker: str, folder: Path, files: Mapping[str, str], python: str = sys.executable) -> list[tuple[str, int, str, str]]:
    """Return the errors that a checker finds in files: file, line, rule, text."""
    for name, source in files.items():
        folder.joinpath(name).write_text(source, "utf-8")
    return (_mypy if checker == "mypy" else _pyright)(folder, python)


def _mypy(folder: Path, python: str) -> list[tuple[str, int, str, str]]:
    config = folder / "mypy.ini"
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")  # processes of mypy must not share a cache
    kind = "examples" if python == sys.executable else "bare"
    config.write_text(MYPY_CONFIG.format(cache=ROOT / ".mypy_cache" / f"{kind}{worker}"))
    flags = ["--config-file", str(config), "--python-executable", python, "--hide-error-context"]
    done = _run("-m", "mypy", *flags, ".", folder=folder)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    found = re.findall(r"^(\S+\.py):(\d+): (?:error|note): (.*?)(?:  \[([\w-]+)\])?$", done.stdout, re.MULTILINE)
    return [(file, int(line), rule, text) for file, line, text, rule in found if rule or text.startswith("Revealed")]


def _pyright(folder: Path, python: str) -> list[tuple[str, int, str, str]]:
    folder.joinpath("pyrightconfig.json").write_text(json.dumps(PYRIGHT_CONFIG))
    done = _run("-m", str(PYRIGHT), "--outputjson", "--pythonpath", python, folder=folder)
    found = json.loads(done.stdout)["generalDiagnostics"]
    return [
        (Path(each["file"]).name, each["range"]["start"]["line"] + 1, each.get("rule", ""), each["message"])
        for each in found
        if each["severity"] != "warning"
    ]


def _run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NO_COLOR": "1"}
    return subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False)


@ALL_CHECKERS
def test_the_examples_are_clean(checker: str, tmp_path: Path) -> None:
    examples = {str(example.id): str(example.values[0]) for example in EXAMPLES}
    files = {f"example_{re.sub(r'[^a-z0-9]', '_', name.lower())}.py": name for name in examples}
    assert len(files) == len(examples)
    errors = check(checker, tmp_path, {file: typed(examples[name]) for file, name in files.items()})
    unexpected = [error for error in errors if (files[error[0]], error[2]) not in EXPECTED[checker]]
    assert unexpected == []
    assert {(files[file], rule) for file, _, rule, _ in errors} == EXPECTED[checker]


MISTAKES = """
from datetime import datetime
from fakes3part import ErrorCode, FakeS3, OperationName, faults

def test(fakes3: FakeS3, code: ErrorCode, operation: OperationName) -> None:
    fakes3.fail("PutObject", "SlowDown", nth=[1, 2], bucket="b*")
    fakes3.fail(["PutObject", "Get*"], faults.Error(code))
    fakes3.fail(operation, code)
    fakes3.calls.assert_at_most(GetObject=1, ListObjectsV2=0)
    fakes3.calls.assert_called(operation, times=1, key="*.csv", error="NoSuchKey")
    fakes3.calls.filter(["PutObject", "UploadPart"], since=fakes3.calls[0]).assert_not_called(status=200)
    fakes3.fail("PutObject", "SlowDwn")  # wrong
    fakes3.fail("PutObject", "SlowDown", nht=1)  # wrong
    fakes3.fail("PutObject", "SlowDown", times="2")  # wrong
    fakes3.calls.assert_at_most(GetObjekt=1)  # wrong
    fakes3.calls.assert_called("GetObject", buckt="b")  # wrong
    fakes3.calls.count("GetObject", status="200")  # wrong
    FakeS3(regoin="eu-west-1")  # wrong
    FakeS3(min_part_size="5MB")  # wrong
    fakes3.storage_options("pandas")  # wrong
    assert fakes3.calls[0].operation == "GetObjekt"  # wrong for mypy
"""


@ALL_CHECKERS
def test_mistakes_are_found(checker: str, tmp_path: Path) -> None:
    marks = ("# wrong", f"# wrong for {checker}")
    lines = [number for number, line in enumerate(MISTAKES.splitlines(), 1) if line.endswith(marks)]
    assert [line for _, line, _, _ in check(checker, tmp_path, {"mistakes.py": MISTAKES})] == lines


REVEALED = """
from conftest_plugin import MakeFakeS3
from fakes3part import FakeS3, mock_s3

def test(fakes3: FakeS3, make_fakes3: MakeFakeS3) -> None:
    reveal_type(fakes3.client())
    reveal_type(make_fakes3(region="eu-west-1").client(anonymous=True))
    reveal_type(fakes3.calls[0].operation)
    reveal_type(fakes3.calls[0].params)
    reveal_type(fakes3.calls[0:2])
    with mock_s3() as active:
        reveal_type(active)
"""


@ALL_CHECKERS
def test_the_types_of_what_it_returns(checker: str, tmp_path: Path) -> None:
    texts = [text for _, _, _, text in check(checker, tmp_path, {"revealed.py": REVEALED})]
    kinds = [re.sub(r"[\w.]+\.(?=\w)", "", text.rpartition(" is ")[2].strip("'\"")) for text in texts]
    assert kinds[:2] == ["S3Client", "S3Client"]
    assert all(f"'{name}'" in kinds[2] or f'"{name}"' in kinds[2] for name in ("PutObject", "PostObject"))
    assert kinds[2].endswith("None")
    assert [kind.lower() for kind in kinds[3:]] == ["dict[str, any]", "calls", "fakes3"]


@ALL_CHECKERS
def test_without_boto3s_stubs_clients_have_any_type(checker: str, tmp_path: Path) -> None:
    """An environment that has nothing but fakes3part: no stubs, not even boto3."""
    bare = tmp_path / "bare"
    venv.create(bare, symlinks=True)
    python = bare / "bin" / "python"
    (packages,) = bare.glob("lib/python*/site-packages")
    packages.joinpath("fakes3part.pth").write_text(str(ROOT))
    project = tmp_path / "project"
    project.mkdir()
    errors = check(checker, project, {"revealed.py": REVEALED}, str(python))
    assert [rule for _, _, rule, _ in errors if rule] == []
    kinds = [text.rpartition(" is ")[2].strip("'\"") for _, _, _, text in errors]
    assert [kind in ("Any", "Unknown") for kind in kinds[:2]] == [True, True]
    assert re.sub(r"[\w.]+\.(?=\w)", "", kinds[-1]) == "FakeS3"


def test_the_names_are_those_of_the_code() -> None:
    """After an update of botocore: ``python -m tests.support.literals``."""
    assert literals.CODES.read_text("utf-8") == literals.render_codes(literals.ERRORS)
    written = re.findall(r'^    "(\w+)",$', literals.OPERATION_NAMES.read_text("utf-8"), re.MULTILINE)
    assert literals.OPERATION_NAMES.read_text("utf-8") == literals.render_operations(written)
    installed = literals.operation_names()
    if tuple(map(int, version("botocore").split(".")[:2])) >= (1, 44):
        assert written == installed
    else:
        assert set(installed) <= set(written)  # an older botocore has fewer operations
