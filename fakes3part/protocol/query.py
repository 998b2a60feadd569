"""The query string of a request."""

from __future__ import annotations

from urllib.parse import unquote_plus


def parse_query(query: str) -> dict[str, str]:
    """Return the decoded parameters by name.

    A name without ``=`` has the value ``""``. Of several values of one name the first counts, as in S3. Pairs without a name are
    ignored.
    """
    parsed: dict[str, str] = {}
    if query:
        for pair in query.split("&"):
            name, _, value = pair.partition("=")
            if name:
                parsed.setdefault(unquote_plus(name), unquote_plus(value) if value else "")
    return parsed
