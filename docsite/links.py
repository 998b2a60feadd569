"""Turns links between files of the repository, which work on GitHub, into links between pages of the site."""

from __future__ import annotations

import posixpath
import re

ROOT_PAGES = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "security.md",
}
"""The pages of the site that are files above docs/."""

_LINK = re.compile(r"\]\(([^)#\s]+\.md)")


def in_site(text: str) -> str:
    """Return a file of the repository's root with its links as they are in the site."""

    def page(match: re.Match[str]) -> str:
        return f"]({ROOT_PAGES.get(match[1], match[1].removeprefix('docs/'))}"

    return _LINK.sub(page, text)


def in_docs(text: str, page: str) -> str:
    """Return a page of docs/ with links to files of the repository's root as they are in the site."""
    folder = posixpath.dirname(page)

    def link(match: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join("docs", folder, match[1]))
        return f"]({posixpath.relpath(ROOT_PAGES[path], folder or '.')}" if path in ROOT_PAGES else match[0]

    return _LINK.sub(link, text)
