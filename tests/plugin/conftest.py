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
    """A Pytester whose subprocesses are forks, unless the test uses `all_plugins` or `new_process`."""
    return pytester if {"all_plugins", "new_process"} & {*request.fixturenames} else programs.fork_for(pytester)


@pytest.fixture
def new_process() -> None:
    """Run inner pytests in new processes, for tests of what is imported."""


@pytest.fixture
def all_plugins(monkeypatch: pytest.MonkeyPatch, _few_plugins: None) -> None:
    """Load every installed plugin by its entry point, as users do, in new processes."""
    monkeypatch.delenv(AUTOLOAD)
    monkeypatch.delenv("PYTEST_PLUGINS")
