"""README, CONTRIBUTING and docs/: the examples run, the tables are what the code says, the links lead to files and headings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.http_clients import HTTP_CLIENTS
from tests.support.programs import Programs

ROOT = Path(__file__).parents[1]
PAGES: dict[str, str] = {
    str(path.relative_to(ROOT)): path.read_text("utf-8")
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
}
"""The text of each page, by its path."""
ALL = pytest.mark.parametrize("page", PAGES)
CHANGELOG = (ROOT / "CHANGELOG.md").read_text("utf-8")
MAPS = pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/architecture.md"])
"""The pages that describe every package."""


def blocks(text: str) -> list[tuple[str, str]]:
    """Return language and content of every code block."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


EXAMPLES = [
    pytest.param(code, id=f"{page}-{number}")
    for page, text in PAGES.items()
    for number, code in enumerate((code for language, code in blocks(text) if language == "python"), 1)
]
TESTS = [example for example in EXAMPLES if "def test" in str(example.values[0])]
SCRIPTS = [example for example in EXAMPLES if "def test" not in str(example.values[0])]


def section(name: str) -> str:
    """Return the text between ``<!-- name -->`` and ``<!-- /name -->``, which one page has."""
    (text,) = [text for text in PAGES.values() if f"<!-- {name} -->" in text]
    return text.split(f"<!-- {name} -->")[1].split(f"<!-- /{name} -->")[0].strip()


def prose(page: str) -> str:
    """Return the text of a page without its code blocks."""
    return re.sub(r"^```.*?^```$", "", PAGES[page], flags=re.MULTILINE | re.DOTALL)


def anchors(page: str) -> set[str]:
    """Return the names of a page's headings in links."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_it_opens_with_the_two_commands() -> None:
    commands = [code.strip() for language, code in blocks(PAGES["README.md"]) if language == "sh"][:2]
    assert [command.count("\n") for command in commands] == [0, 0]
    assert commands[0].endswith("-m fakes3part demo")
    assert "-m pytest" in commands[1]
    assert all(command.startswith("python3 -m venv .venv && ") for command in commands)


@pytest.mark.parametrize("code", TESTS)
def test_an_example_with_tests_passes(
    code: str, pytester: pytest.Pytester, programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # half the time
    pytester.makepyfile(code)
    programs.pytest(pytester, "-q", "-W", "error", "-p", "conftest_plugin").assert_outcomes(passed=code.count("def test"))


@pytest.mark.parametrize("code", SCRIPTS)
def test_an_example_script_runs(code: str, tmp_path: Path, programs: Programs) -> None:
    done = programs.code(code, tmp_path, warnings="error")
    assert (done.status, done.err) == (0, "")


def test_the_table_of_operations_is_the_registry() -> None:
    from fakes3part.cli.operations import operations_table

    assert section("operations") == operations_table().strip()


def test_the_table_of_clients_has_those_that_are_tested() -> None:
    rows = re.findall(r"^\| `([\w.]+)`", section("clients"), re.MULTILINE)
    assert sorted(rows) == sorted({*(kind.name.partition(" ")[0] for kind in HTTP_CLIENTS), "minio"})


def _exists(path: str) -> bool:
    return any((ROOT / folder / path).exists() for folder in (".", "fakes3part"))


@MAPS
def test_every_path_exists(page: str) -> None:
    paths = re.findall(r"`([a-z_0-9]+(?:/[a-z_0-9.]+)*(?:/|\.py))`", PAGES[page])
    assert len(paths) > 20
    assert [path for path in paths if not _exists(path)] == []


@MAPS
def test_the_map_names_every_package(page: str) -> None:
    packages = {
        path.stem for path in (ROOT / "fakes3part").iterdir() if not path.name.startswith("_") and path.suffix != ".typed"
    }
    assert packages - set(re.findall(r"`(?:fakes3part/)?(\w+)(?:/|\.py)?`", PAGES[page])) == set()


@pytest.fixture(scope="module")
def words() -> set[str]:
    """Return the words of every source file."""
    sources = [path for folder in ("fakes3part", "conftest_plugin", "tests") for path in (ROOT / folder).rglob("*.py")]
    return set(re.findall(r"\w+", " ".join(path.read_text("utf-8") for path in sources)))


NAMES_OF_OTHERS = {"setUpTestData", "MINIO_ROOT_USER", "MINIO_ROOT_PASSWORD", "MINIO_DOMAIN", "force_path_style"}
"""Of Django, MinIO and AWS's SDKs."""


def names(page: str) -> set[str]:
    """Return the names in a page's prose."""
    return set(re.findall(r"`@?(?:\w+\.)*(\w+)(?:\([^`]*\))?`", prose(page)))


@ALL
def test_every_name_exists(page: str, words: set[str]) -> None:
    """A name in the prose is a word of some source file, so that renaming it does not leave it behind here."""
    assert names(page) - words - NAMES_OF_OTHERS == set()


def test_the_pages_have_names() -> None:
    assert min(len(names(page)) for page in ("CONTRIBUTING.md", "README.md", "docs/reference/settings.md")) > 15
    assert len(set().union(*map(names, PAGES))) > 300


@ALL
def test_every_link_leads_to_a_file_and_a_heading(page: str) -> None:
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        path, _, anchor = link.partition("#")
        file = (ROOT / page).parent.joinpath(path).resolve() if path else ROOT / page
        if "://" not in link and not (file.exists() and (not anchor or anchor in anchors(str(file.relative_to(ROOT))))):
            broken.append(link)
    assert broken == []


@ALL
def test_every_page_is_linked(page: str) -> None:
    """Each page is reached from README, directly or by other pages."""
    found, new = set[str](), {"README.md"}
    while new:
        found |= new
        links = [(path, link) for path in new for link in re.findall(r"\]\(([^)#\s]+\.md)", PAGES[path]) if "://" not in link]
        targets = {(ROOT / path).parent.joinpath(link).resolve().relative_to(ROOT) for path, link in links}
        new = {str(target) for target in targets} & set(PAGES) - found
    assert page in found


def test_the_changelog_names_every_operation_and_setting() -> None:
    from fakes3part.operations.loading import implemented
    from fakes3part.settings import SETTINGS

    names = set(re.findall(r"`(\w+)`", CHANGELOG))
    assert {*implemented(), *SETTINGS} - names == set()
