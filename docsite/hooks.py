"""MkDocs hooks: the pages from README, CONTRIBUTING and CHANGELOG, and the generated parts of reference pages."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # mkdocs loads this file by its path

from docsite.links import ROOT_PAGES, in_docs, in_site  # noqa: E402
from docsite.reference import GENERATED, openapi_json  # noqa: E402

ALONE = ("index.md", "tutorial.md")
"""Pages that are tabs by themselves: a list of the tab's pages beside them would have one line."""

LAST_FOUND = ("changelog.md", "contributing.md", "how-s3-behaves.md", "not-recorded.md")
"""Long pages that name everything: the search shows them below the pages about one thing."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages whose text stands outside of docs/, and the OpenAPI document."""
    from mkdocs.structure.files import File

    for source, page in ROOT_PAGES.items():
        files.append(File.generated(config, page, content=in_site((ROOT / source).read_text("utf-8"))))
    files.append(File.generated(config, "reference/openapi.json", content=openapi_json()))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Replace ``<!-- generated: NAME -->`` by that part, and links to files above docs/ by links to their pages."""
    if page.file.src_uri in ALONE:
        page.meta["hide"] = ["navigation"]
    if page.file.src_uri in LAST_FOUND:
        page.meta["search"] = {"boost": 0.2}
    markdown = re.sub(r"^<!-- generated: ([\w-]+) -->$", lambda match: GENERATED[match[1]](), markdown, flags=re.MULTILINE)
    return in_docs(markdown, page.file.src_uri)


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Mark long code, which may break in the cells of tables (extra.css)."""
    return re.sub(r"<td([^>]*)>((?:(?!</td>).)*?)<code>([^<]{36,})</code>", r'<td\1>\2<code class="long">\3</code>', html)
