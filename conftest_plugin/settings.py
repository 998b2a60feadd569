"""Settings of the fakes that fixtures make: from the marker, the fixture ``fakes3_config`` and ini options."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Protocol, cast

import pytest

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from fakes3part.api.fakes3 import FakeS3
    from fakes3part.settings import Setting, SettingsKwargs


OTHERS_OPTION = "fakes3_others"


class MakeFakeS3(Protocol):
    """The type of the fixture ``make_fakes3``."""

    def __call__(self, **settings: Unpack[SettingsKwargs]) -> FakeS3:
        """Make one more fake."""


def add_ini_options(parser: pytest.Parser) -> None:
    """Add an ini option for each setting: ``fakes3_region``, ``fakes3_min_part_size`` ..."""
    from fakes3part.settings import SETTINGS

    parser.addini(OTHERS_OPTION, 'who serves other services than S3: "moto", or "refuse", which is the default', default="")
    for setting in SETTINGS.values():
        parser.addini(setting.ini_option, setting.help, type=_ini_type(setting), default=None)


def set_others(config: pytest.Config) -> None:
    """Apply the ini option ``fakes3_others`` until the run ends, to all mocks and to the processes that tests start.

    Raises:
        pytest.UsageError: its value is not allowed.
    """
    value = config.getini(OTHERS_OPTION)
    if not value:
        return
    from fakes3part.intercept.others import VARIABLE, check
    from fakes3part.settings import SettingError

    try:
        check(value, f"ini option {OTHERS_OPTION}")
    except SettingError as error:
        raise pytest.UsageError(str(error)) from None
    set_variable(config, VARIABLE, value)


def set_variable(config: pytest.Config, name: str, value: str) -> None:
    """Set an environment variable until the run ends."""
    before = os.environ.get(name)

    def restore() -> None:
        if before is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = before

    os.environ[name] = value
    config.add_cleanup(restore)


def _ini_type(setting: Setting) -> Any:
    if setting.kind.is_list:
        return "args"
    # pytest.toml has numbers and booleans, which pytest accepts for an option of several types only; older versions know one.
    return str | setting.kind.value_type if pytest.version_tuple >= (9, 2) else "string"


def ini_settings(config: pytest.Config) -> SettingsKwargs:
    """Return the settings that the ini file or ``-o`` gives; empty ones are ignored.

    Raises:
        pytest.UsageError: a value is not allowed.
    """
    from fakes3part.settings import SETTINGS, SettingError

    settings: dict[str, object] = {}
    for setting in SETTINGS.values():
        value = config.getini(setting.ini_option)
        if isinstance(value, list):
            value = ",".join(value)
        if value is None or value == "":
            continue
        try:
            settings[setting.name] = setting.parse(value) if isinstance(value, str) else setting.check(value)
        except SettingError as error:
            raise pytest.UsageError(f"ini option {setting.ini_option}: {error}") from None
    return cast("SettingsKwargs", settings)
