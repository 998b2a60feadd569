"""Inner pytest runs load only our plugin and those that the tests need, which takes half the time of loading all plugins."""

from __future__ import annotations

import pytest

from tests.support.programs import Programs

AUTOLOAD = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"


@pytest.fixture(autouse=True)
def _few_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(AUTOLOAD, "1")
    monkeypatch.setenv("PYTEST_PLUGINS", "conftest_plugin,pytest_asyncio.plugin,xdist.plugin")


@pytest.fixture
def pytester(pytester: pytest.Pytester, programs: Programs, request: pytest.FixtureRequest) -> pytest.Pytester:
    """Its subprocesses are forks, unless a test wants new processes."""
    return pytester if {"all_plugins", "new_process"} & {*request.fixturenames} else programs.fork_for(pytester)


@pytest.fixture
def new_process() -> None:
    """Runs of pytest start from nothing: the test looks at what is imported."""


@pytest.fixture
def all_plugins(monkeypatch: pytest.MonkeyPatch, _few_plugins: None) -> None:
    """As users have it: whatever is installed, found by its entry point."""
    monkeypatch.delenv(AUTOLOAD)
    monkeypatch.delenv("PYTEST_PLUGINS")
