"""The marker ``@pytest.mark.fakes3(...)`` of a test, class or module: its keywords, their checks and documentation."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, cast

import pytest

if TYPE_CHECKING:
    from fakes3part.settings import SettingsKwargs

NAME = "fakes3"
MODES = ("warn", "fail", "ignore")
LEFTOVERS = {
    "leftovers": "what to do about multipart uploads neither completed nor aborted",
    "leftover_bodies": "what to do about bodies of GetObject neither read nor closed",
}
"""Keywords of the marker that are for `report` and no settings of a fake: each is one of `MODES`."""

BUCKETS = "buckets"
OTHERS = "others"
NO_SETTINGS = (BUCKETS, OTHERS, *LEFTOVERS)
"""The keywords of the marker that are no settings."""


WIDER_SCOPED = ("fakes3_module", "fakes3_session")
"""Fixtures of wider scope: a test that uses one has its fake. The closest first."""


def wider_scoped_fixtures(node: pytest.Item) -> list[str]:
    """Return which of the fixtures `WIDER_SCOPED` a test uses, itself or by its fixtures."""
    names = getattr(node, "fixturenames", ())
    return [name for name in WIDER_SCOPED if name in names]


def documentation() -> str:
    """Return what ``pytest --markers`` shows."""
    from fakes3part.settings import SETTINGS

    lines = [
        "fakes3(buckets=[...], others=..., leftovers=..., leftover_bodies=..., **settings): "
        "intercept S3 in this test by the fixture fakes3. "
        "Keywords of a class's and a module's marker are merged in, the closest wins.",
        "    buckets: names of buckets to create",
        '    others: who serves other services than S3: "moto", or "refuse", which raises ServiceNotFaked',
        *(f"    {name}: {text}: {', '.join(MODES)}" for name, text in LEFTOVERS.items()),
        *(f"    {setting.name}: {setting.help}; must be {setting.kind.allowed}" for setting in SETTINGS.values()),
    ]
    return "\n".join(lines)


def marker_keywords(node: pytest.Item) -> dict[str, Any]:
    """Return the keywords of all markers of a node; of the same keyword, the closest marker's."""
    merged: dict[str, Any] = {}
    for marker in node.iter_markers(NAME):  # closest first
        merged = {**marker.kwargs, **merged}
    return merged


def marker_settings(node: pytest.Item) -> SettingsKwargs:
    """Return the settings among the keywords of the node's markers."""
    keywords = marker_keywords(node)
    return cast("SettingsKwargs", {name: value for name, value in keywords.items() if name not in NO_SETTINGS})


def check(item: pytest.Item) -> None:
    """Check an item's markers; while pytest collects, an error ends the run before any test.

    Raises:
        pytest.UsageError: a marker has an unknown keyword or a value that is not allowed.
    """
    for marker in item.iter_markers(NAME):
        problem = _problem(item, marker)
        if problem is not None:
            raise pytest.UsageError(f"{item.nodeid}: @pytest.mark.fakes3: {problem}")


def _problem(item: pytest.Item, marker: pytest.Mark) -> str | None:
    """Return what is wrong with a marker; None: nothing."""
    from fakes3part.settings import SETTINGS, SettingError
    from fakes3part.text import suggestion_or_all

    if marker.args:
        return f"only keyword arguments are allowed, not {', '.join(map(repr, marker.args))}"
    for name, value in marker.kwargs.items():
        if name in LEFTOVERS and value not in MODES:
            return f"{name} must be one of {', '.join(MODES)}, not {value!r}"
        if name == BUCKETS and not _is_list_of_names(value):
            return f"buckets must be a list of bucket names, not {value!r}"
        if name == OTHERS and (problem := _problem_of_others(value)) is not None:
            return problem
        if name in NO_SETTINGS:
            continue
        if name not in SETTINGS:
            return f"unknown keyword {name!r}{suggestion_or_all(name, [*NO_SETTINGS, *SETTINGS])}"
        try:
            SETTINGS[name].check(value)
        except SettingError as error:
            return str(error)
        if names := wider_scoped_fixtures(item):
            return f"{name} cannot be set for this test alone, since its fake is that of {names[0]}; set it in fakes3_config"
    return None


def _problem_of_others(value: object) -> str | None:
    """Return what is wrong with the value of ``others``; None: nothing."""
    from fakes3part.intercept.others import check as check_others
    from fakes3part.settings import SettingError

    try:
        check_others(value)
    except SettingError as error:
        return str(error)
    return None


def _is_list_of_names(value: object) -> bool:
    return isinstance(value, Collection) and not isinstance(value, str) and all(isinstance(name, str) for name in value)
