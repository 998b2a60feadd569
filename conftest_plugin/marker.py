"""``@pytest.mark.fakes3(...)``: what one test, class or module wants of its fake."""

from __future__ import annotations

from typing import Any

import pytest

NAME = "fakes3"
MARKER = (
    "fakes3(buckets=[...], **settings): intercept S3 in this test by the fixture fakes3; settings of its FakeS3 "
    "(region, account, min_part_size, custom_endpoints, seed), names of buckets to make, and leftovers, leftover_bodies: warn, "
    "fail or ignore. Keywords of a class's and a "
    "module's marker are merged in, the closest wins."
)

MODES = ("warn", "fail", "ignore")
LEFTOVERS = {
    "leftovers": "what becomes of multipart uploads neither completed nor aborted",
    "leftover_bodies": "what becomes of bodies of GetObject neither read nor closed",
}
"""Keywords of the marker that are no settings of a fake, but of `report`: one of `MODES` each."""


WIDE = ("fakes3_module", "fakes3_session")
"""Fixtures of wider scope whose fake is then the test's; the closest first."""


def wide(node: pytest.Item) -> list[str]:
    """Those that a test uses, by itself or by its fixtures."""
    names = getattr(node, "fixturenames", ())
    return [name for name in WIDE if name in names]


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

    known = {"buckets", *LEFTOVERS, *(field.name for field in fields(Settings))}
    for marker in item.iter_markers(NAME):
        if marker.args:
            raise pytest.UsageError(f"{item.nodeid}: @pytest.mark.fakes3 takes keywords only, not {marker.args!r}")
        unknown = sorted(set(marker.kwargs) - known)
        if unknown:
            raise pytest.UsageError(
                f"{item.nodeid}: @pytest.mark.fakes3 has no {', '.join(unknown)}; it has {', '.join(sorted(known))}"
            )
        for name in LEFTOVERS:
            if marker.kwargs.get(name, MODES[0]) not in MODES:
                raise pytest.UsageError(f"{item.nodeid}: @pytest.mark.fakes3({name}=...) is one of {', '.join(MODES)}")
        its_own = sorted(set(marker.kwargs) - {"buckets", *LEFTOVERS})
        if its_own and (names := wide(item)):
            raise pytest.UsageError(
                f"{item.nodeid}: {', '.join(its_own)} cannot be this test's own, since its fake is that of {names[0]}; "
                "fakes3_config has settings for both"
            )
        if isinstance(marker.kwargs.get("buckets"), str):
            raise pytest.UsageError(f"{item.nodeid}: @pytest.mark.fakes3(buckets=...) is a list of names")
