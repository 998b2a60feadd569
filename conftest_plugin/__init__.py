"""fakes3part's pytest plugin: fixtures, a marker, a header line.

Loaded by every pytest run on a machine that has fakes3part installed, so it imports nothing but pytest, and `fakes3part.settings`
for its options: botocore, boto3 and the rest of fakes3part are imported inside the fixtures that need them.
"""

from __future__ import annotations

import re
from importlib import metadata

import pytest

from . import plain_imports  # noqa: F401 -- before the modules below: it says how they are imported

# isort: split
from .compare import (
    add_compare_options,
    begin_comparison,
    compare_header,
    end_comparison,
    pytest_testnodedown,
    write_comparison,
)
from .fixtures import (
    _fakes3_state,
    fakes3,
    fakes3_bucket,
    fakes3_client,
    fakes3_clock,
    fakes3_config,
    fakes3_module,
    fakes3_resource,
    fakes3_server,
    fakes3_session,
    make_fakes3,
)
from .frames import add_frames_option
from .guard import add_guard_options, begin_guard, is_guarded, pytest_load_initial_conftests, pytest_sessionstart
from .inspect import add_inspect_option, inspect_header, pytest_exception_interact
from .leniences import add_strict_option, pytest_runtest_teardown, set_leniency, write_leniences
from .marker import NAME, check, documentation, wider_scoped_fixtures
from .record import add_record_option, begin_recording, end_recording, write_recording
from .report import add_options, check_ini, pytest_runtest_makereport, pytest_runtest_protocol
from .settings import MakeFakeS3, add_ini_options, ini_settings, set_others
from .target import add_option, target

__all__ = [
    "MakeFakeS3",
    "_fakes3_state",
    "fakes3",
    "fakes3_bucket",
    "fakes3_client",
    "fakes3_clock",
    "fakes3_config",
    "fakes3_module",
    "fakes3_resource",
    "fakes3_server",
    "fakes3_session",
    "make_fakes3",
    "pytest_addoption",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "pytest_exception_interact",
    "pytest_load_initial_conftests",
    "pytest_report_header",
    "pytest_runtest_makereport",
    "pytest_runtest_protocol",
    "pytest_runtest_teardown",
    "pytest_sessionfinish",
    "pytest_sessionstart",
    "pytest_terminal_summary",
    "pytest_testnodedown",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    add_options(parser)
    add_ini_options(parser)
    add_option(parser)
    add_compare_options(parser)
    add_record_option(parser)
    add_strict_option(parser)
    add_guard_options(parser)
    add_inspect_option(parser)
    add_frames_option(parser)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", documentation())
    check_ini(config)
    set_leniency(config, ini_settings(config))
    set_others(config)
    begin_comparison(config, config.option)
    begin_recording(config, config.option)
    begin_guard(config)  # if the plugin was loaded too late to begin earlier


def pytest_report_header(config: pytest.Config) -> str:
    url = target(config)
    backend = f"S3 as botocore {_version('botocore')} models it" if url is None else f"against {url}"
    guard = "; fakes3_guard: AWS is refused" if is_guarded(config) else ""
    return f"fakes3part: {_version('fakes3part')} ({backend}{guard}{compare_header(config)}{inspect_header(config)})"


def _version(name: str) -> str:
    """Return the version of a distribution. (``metadata.version`` imports a parser of e-mail first, which takes 2 ms.)"""
    distribution = metadata.distribution(name)
    found = re.search(r"^Version: *(\S+)", distribution.read_text("METADATA") or "", re.MULTILINE)
    return distribution.version if found is None else found[1]


def pytest_sessionfinish(session: pytest.Session) -> None:
    end_comparison(session.config)
    end_recording(session.config)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    write_leniences(terminalreporter)
    write_comparison(terminalreporter)
    write_recording(terminalreporter)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Check the markers, and add the fixture ``fakes3`` to marked tests.

    The marker works like ``usefixtures``: a marked test must not run without interception. The fixture comes first, since other
    fixtures of the test may use S3. A test that uses a fake of wider scope gets ``fakes3`` too, which restores the state, but
    after the fixtures of wider scope, whose changes shall stay.
    """
    # A UsageError in a worker of xdist becomes an internal error without its text, so there the fixture raises it.
    is_worker = hasattr(config, "workerinput")
    for item in items:
        is_wide = bool(wider_scoped_fixtures(item))
        if not is_wide and item.get_closest_marker(NAME) is None:
            continue
        if not is_worker:
            check(item)
        names = getattr(item, "fixturenames", None)
        if names is not None and "fakes3" not in names:
            names.insert(_first_of_function_scope(item, names) if is_wide else 0, "fakes3")


def _first_of_function_scope(item: pytest.Item, names: list[str]) -> int:
    """Return the index of the first fixture of function scope; pytest has sorted the names by scope."""
    definitions = item._fixtureinfo.name2fixturedefs  # type: ignore[attr-defined]  # (of each item that has fixturenames)
    for index, name in enumerate(names):
        if name in definitions and definitions[name][-1].scope == "function":
            return index
    return len(names)
