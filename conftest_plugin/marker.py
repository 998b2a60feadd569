"""``@pytest.mark.fakes3(...)``: what one test, class or module wants of its fake."""

from __future__ import annotations

from typing import Any

import pytest

NAME = "fakes3"
MARKER = (
    "fakes3(buckets=[...], **settings): intercept S3 in this test by the fixture fakes3; settings of its FakeS3 "
    "(region, account, min_part_size, custom_endpoints, seed), and names of buckets to make. Keywords of a class's and a "
    "module's marker are merged in, the closest wins."
)


def wanted(node: pytest.Item) -> dict[str, Any]:
    """The keywords of all the node's markers, the closest winning."""
    merged: dict[str, Any] = {}
    for marker in node.iter_markers(NAME):  # closest first
        merged = {**marker.kwargs, **merged}
    return merged


def check(item: pytest.Item) -> None:
    """Raise a UsageError for a marker that means nothing: while pytest collects, it ends the run before any test."""
    if item.get_closest_marker(NAME) is None:
        return
    from dataclasses import fields

    from fakes3part.settings import Settings

    known = {"buckets", *(field.name for field in fields(Settings))}
    for marker in item.iter_markers(NAME):
        if marker.args:
            raise pytest.UsageError(f"{item.nodeid}: @pytest.mark.fakes3 takes keywords only, not {marker.args!r}")
        unknown = sorted(set(marker.kwargs) - known)
        if unknown:
            raise pytest.UsageError(
                f"{item.nodeid}: @pytest.mark.fakes3 has no {', '.join(unknown)}; it has {', '.join(sorted(known))}"
            )
        if isinstance(marker.kwargs.get("buckets"), str):
            raise pytest.UsageError(f"{item.nodeid}: @pytest.mark.fakes3(buckets=...) is a list of names")
