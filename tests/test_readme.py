"""The README is a program: its examples run, its tables are what the code says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.programs import Programs

README = Path(__file__).parents[1] / "README.md"
TEXT = README.read_text()
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
EXAMPLES = [code for language, code in BLOCKS if language == "python"]


def section(name: str) -> str:
    """What stands between ``<!-- name -->`` and ``<!-- /name -->``."""
    return TEXT.split(f"<!-- {name} -->")[1].split(f"<!-- /{name} -->")[0].strip()


def test_it_opens_with_the_two_commands() -> None:
    commands = [code.strip() for language, code in BLOCKS if language == "sh"][:2]
    assert [command.count("\n") for command in commands] == [0, 0]
    assert commands[0].endswith("-m fakes3part demo")
    assert "-m pytest" in commands[1]
    assert all(command.startswith("python3 -m venv .venv && ") for command in commands)


@pytest.mark.parametrize("code", [code for code in EXAMPLES if "def test" in code])
def test_an_example_with_tests_passes(
    code: str, pytester: pytest.Pytester, programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # half the time
    pytester.makepyfile(code)
    programs.pytest(pytester, "-q", "-W", "error", "-p", "conftest_plugin").assert_outcomes(passed=code.count("def test"))


@pytest.mark.parametrize("code", [code for code in EXAMPLES if "def test" not in code])
def test_an_example_script_runs(code: str, tmp_path: Path, programs: Programs) -> None:
    done = programs.code(code, tmp_path, warnings="error")
    assert (done.status, done.err) == (0, "")


def test_the_table_of_operations_is_the_registry() -> None:
    from fakes3part.cli.main import operations_table

    assert section("operations") == operations_table().strip()
