"""The README is a program: its examples run, its tables are what the code says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.http_clients import HTTP_CLIENTS
from tests.support.programs import Programs

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text("utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
CHANGELOG = (ROOT / "CHANGELOG.md").read_text("utf-8")


def blocks(text: str) -> list[tuple[str, str]]:
    """Return language and content of every code block."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


BLOCKS = blocks(TEXT)
EXAMPLES = [code for language, code in [*BLOCKS, *blocks(CONTRIBUTING)] if language == "python"]


def section(name: str) -> str:
    """Return the text between ``<!-- name -->`` and ``<!-- /name -->``."""
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


def test_the_table_of_clients_has_those_that_are_tested() -> None:
    rows = re.findall(r"^\| `([\w.]+)`", section("clients"), re.MULTILINE)
    assert sorted(rows) == sorted({*(kind.name.partition(" ")[0] for kind in HTTP_CLIENTS), "minio"})


def _exists(path: str) -> bool:
    return any((ROOT / folder / path).exists() for folder in (".", "fakes3part"))


@pytest.mark.parametrize("text", [TEXT.partition("## Architecture")[2], CONTRIBUTING], ids=["README", "CONTRIBUTING"])
def test_every_path_exists(text: str) -> None:
    paths = re.findall(r"`([a-z_0-9]+(?:/[a-z_0-9.]+)*(?:/|\.py))`", text)
    assert len(paths) > 20
    assert [path for path in paths if not _exists(path)] == []


@pytest.mark.parametrize("text", [TEXT.partition("## Architecture")[2], CONTRIBUTING], ids=["README", "CONTRIBUTING"])
def test_the_map_names_every_package(text: str) -> None:
    packages = {
        path.stem for path in (ROOT / "fakes3part").iterdir() if not path.name.startswith("_") and path.suffix != ".typed"
    }
    assert packages - set(re.findall(r"`(?:fakes3part/)?(\w+)(?:/|\.py)?`", text)) == set()


@pytest.mark.parametrize("text", [TEXT, CONTRIBUTING], ids=["README", "CONTRIBUTING"])
def test_every_name_exists(text: str) -> None:
    """A name in the prose is a word of some source file, so that renaming it does not leave it behind here."""
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    names = set(re.findall(r"`@?(?:\w+\.)*(\w+)(?:\([^`]*\))?`", prose))
    sources = [path for folder in ("fakes3part", "conftest_plugin", "tests") for path in (ROOT / folder).rglob("*.py")]
    words = set(re.findall(r"\w+", " ".join(path.read_text("utf-8") for path in sources)))
    assert len(names) > 50
    assert names - words - {"setUpTestData"} == set()  # (Django's)


@pytest.mark.parametrize("text", [TEXT, CONTRIBUTING], ids=["README", "CONTRIBUTING"])
def test_links_within_the_page_lead_to_headings(text: str) -> None:
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([^)]+)\)", prose)) - anchors == set()


def test_the_changelog_names_every_operation_and_setting() -> None:
    from fakes3part import operations
    from fakes3part.operations.registry import implemented
    from fakes3part.settings import SETTINGS

    operations.load()
    names = set(re.findall(r"`(\w+)`", CHANGELOG))
    assert {*implemented(), *SETTINGS} - names == set()
