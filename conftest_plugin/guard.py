"""The option ``--fakes3-guard`` and the ini option ``fakes3_guard``: AWS is refused for the whole run, with or without a fake."""

from __future__ import annotations

import pytest

from .compare import begin_comparison
from .target import compares

INI_OPTION = "fakes3_guard"
PASSTHROUGH = "fakes3_guard_passthrough"
_IS_ON = pytest.StashKey[bool]()
_IS_OWNER = pytest.StashKey[bool]()


def add_guard_options(parser: pytest.Parser) -> None:
    """Add ``--fakes3-guard``, ``fakes3_guard`` and ``fakes3_guard_passthrough``."""
    text = "refuse every request to the real AWS in this run, also in tests without a fake, in fixtures, and at import"
    parser.getgroup("fakes3part").addoption("--fakes3-guard", action="store_true", default=False, help=text)
    parser.addini(INI_OPTION, text, type="bool", default=False)
    parser.addini(
        PASSTHROUGH,
        "services that fakes3_guard lets through, as boto3 names them (dynamodb sqs ...); your AWS credentials and configuration "
        "are not hidden then",
        type="args",
        default=[],
    )


def begin_guard(config: pytest.Config) -> None:
    """Begin to refuse AWS until the run ends, if an option says so and the run is not against a real S3."""
    options = config.known_args_namespace
    is_wanted = getattr(options, "fakes3_guard", False) or config.getini(INI_OPTION)
    is_against_target = getattr(options, "fakes3_target", None) is not None and not compares(options)
    if not is_wanted or is_against_target or config.stash.get(_IS_ON, False):
        return
    begin_comparison(config, options)
    from fakes3part.intercept import activation
    from fakes3part.intercept.stack import Options

    services = frozenset(config.getini(PASSTHROUGH))
    config.stash[_IS_ON] = True
    config.stash[_IS_OWNER] = activation.begin_guard(Options(mock_credentials=not services, services=services))
    config.add_cleanup(lambda: _end_guard(config))


def _end_guard(config: pytest.Config) -> None:
    if config.stash.get(_IS_OWNER, False):
        from fakes3part.intercept import activation

        config.stash[_IS_OWNER] = False
        activation.end_guard()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """End the guard where xdist runs no tests: its workers begin with the user's environment, and have guards of their own."""
    if session.config.pluginmanager.has_plugin("dsession"):
        _end_guard(session.config)


def is_guarded(config: pytest.Config) -> bool:
    """Return whether the run refuses AWS."""
    return config.stash.get(_IS_ON, False)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    begin_guard(early_config)  # before any code of the tests is imported
