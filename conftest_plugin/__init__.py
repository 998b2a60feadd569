"""fakes3part's pytest plugin: fixtures, a marker, a header line.

Loaded by every pytest run on a machine that has fakes3part installed, so it imports nothing but pytest: botocore, boto3 and
fakes3part itself are imported inside the fixtures that need them.
"""

from __future__ import annotations

from importlib import metadata

import pytest

from .fixtures import (
    _fakes3_state,
    fakes3,
    fakes3_bucket,
    fakes3_client,
    fakes3_config,
    fakes3_resource,
    fakes3_server,
    make_fakes3,
)
from .marker import MARKER, NAME, check

__all__ = [
    "_fakes3_state",
    "fakes3",
    "fakes3_bucket",
    "fakes3_client",
    "fakes3_config",
    "fakes3_resource",
    "fakes3_server",
    "make_fakes3",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "pytest_report_header",
]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARKER)


def pytest_report_header() -> str:
    return f"fakes3part: {metadata.version('fakes3part')} (S3 as botocore {metadata.version('botocore')} models it)"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Check the markers, and give a marked test the fixture that it may not have named.

    A test that is marked and yet runs unintercepted would be a trap; so the marker works like ``usefixtures``, and first: the
    test's other fixtures may already use S3.
    """
    # A usage error in one of xdist's workers is an internal error of xdist's, without its text: there the fixture tells it.
    is_worker = hasattr(config, "workerinput")
    for item in items:
        if item.get_closest_marker(NAME) is None:
            continue
        if not is_worker:
            check(item)
        names = getattr(item, "fixturenames", None)
        if names is not None and "fakes3" not in names:
            names.insert(0, "fakes3")
