"""The parts of the documentation site that are made from the code, and its list of pages. (`nox -s site` builds it.)"""

from __future__ import annotations

import json
import re
from argparse import SUPPRESS
from pathlib import Path

import pytest

from docsite.links import ROOT_PAGES, in_docs, in_site
from docsite.reference import GENERATED, PACKAGES, openapi_json, parsers, public_members
from docsite.upload_part import PURPOSES
from fakes3part.api.fakes3 import FakeS3
from fakes3part.cli.main import _parser
from fakes3part.control.endpoints import ENDPOINTS
from fakes3part.error_codes import ERRORS
from tests.clients.upload_part_globals import GLOBALS
from tests.clients.upload_part_options import NEWER, OPTIONS
from tests.test_readme import PAGES, ROOT

SITE = (ROOT / "mkdocs.yml").read_text("utf-8")


def test_the_site_has_every_page() -> None:
    """A page that is not in the site's navigation would be found by search only."""
    pages = re.findall(r"^ +- (?:[^:\n]+: )?(\S+\.md)$", SITE, re.MULTILINE)
    own = [page.removeprefix("docs/") for page in PAGES if page.startswith("docs/")]
    assert sorted(pages) == sorted([*own, *ROOT_PAGES.values()])


def test_the_site_needs_no_network() -> None:
    assert "font: false" in SITE
    assert not re.search(r"^repo_url", SITE, re.MULTILINE)


def test_every_mark_has_its_part() -> None:
    marks = [mark for text in PAGES.values() for mark in re.findall(r"^<!-- generated: (\S+) -->$", text, re.MULTILINE)]
    assert sorted(marks) == sorted(GENERATED)


def test_errors() -> None:
    rows = re.findall(r"^\| `([\w.]+)` \| (\d+) \| (.+) \|$", GENERATED["errors"](), re.MULTILINE)
    assert {code: int(status) for code, status, _ in rows} == {code: status for code, (status, _) in ERRORS.items()}


def test_the_command_line() -> None:
    text = GENERATED["cli"]()
    programs = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert programs[:2] == ["fakes3part", "fakes3part serve"]
    assert programs == [parser.prog for parser in parsers(_parser())]
    actions = [action for parser in parsers(_parser()) for action in parser._actions if action.help != SUPPRESS]
    flags = {flag for action in actions for flag in action.option_strings}
    assert flags - set(re.findall(r"--?[\w-]+", text)) == set()


def test_the_control_api() -> None:
    headings = re.findall(r"^## `(\w+) (\S+)`$", GENERATED["control-api"](), re.MULTILINE)
    assert sorted(headings) == sorted((endpoint.method, endpoint.path) for endpoint in ENDPOINTS)
    assert set(json.loads(openapi_json())["paths"]) == {endpoint.path for endpoint in ENDPOINTS}


def test_the_options_of_upload_part() -> None:
    rows = [row.name for row in (*OPTIONS, *NEWER, *GLOBALS)]
    text = GENERATED["upload-part-options"]()
    assert re.findall(r"^#### `(.+)`$", text, re.MULTILINE) == rows
    assert sorted(PURPOSES) == sorted(rows)
    assert "* `400 BadDigest`: The Content-MD5 you specified did not match what we received." in text


def test_the_methods_of_a_fake() -> None:
    names = public_members()
    assert all(getattr(FakeS3, name).__doc__ for name in names)
    assert {"seed", "fail", "pause_before", "on", "client", "explain", "reset", "save", "add_user"} <= set(names)
    assert {"run_scheduled_work", "object_changed"} & set(names) == set()


def test_sources() -> None:
    text = GENERATED["sources"]()
    assert re.findall(r"^### (.+)$", text, re.MULTILINE) == list(PACKAGES)
    assert text.count("ecorded from AWS") > 100


def _page_links(text: str) -> list[str]:
    return re.findall(r"\]\(([^)#]+)", text)


@pytest.mark.parametrize("page", PAGES)
def test_links_of_the_site_lead_to_its_pages(page: str) -> None:
    """They are rewritten where files of the repository's root are pages of the site."""
    folder = Path(page).parent.relative_to("docs") if page.startswith("docs/") else Path()
    text = in_docs(PAGES[page], page.removeprefix("docs/")) if page.startswith("docs/") else in_site(PAGES[page])
    there = {Path(name.removeprefix("docs/")) for name in PAGES if name.startswith("docs/")} | set(map(Path, ROOT_PAGES.values()))
    pages = {(ROOT / folder / link).resolve().relative_to(ROOT) for link in _page_links(text) if link.endswith(".md")}
    assert pages - there == set()
