"""A flag of ``fakes3part serve`` for each setting."""

from __future__ import annotations

import argparse
from argparse import SUPPRESS
from functools import partial
from typing import cast

from ..settings import SETTINGS, Setting, SettingError, SettingsKwargs


def add_settings_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags to a parser; `settings_from_flags` reads what they were given."""
    precedence = "A flag wins over the environment variable, that over the file of --config,\nand that over the default."
    group = parser.add_argument_group("settings", precedence)
    for setting in SETTINGS.values():
        kind, text = setting.kind, _help(setting)
        if kind.metavar is None:
            group.add_argument(setting.flag, action=argparse.BooleanOptionalAction, default=None, help=text)
        elif kind.value_type is bool:
            parse = partial(_parse, setting)
            group.add_argument(setting.flag, nargs="?", const=True, type=parse, metavar=kind.metavar, help=text)
            group.add_argument(f"--no-{setting.flag[2:]}", dest=setting.name, action="store_false", default=None, help=SUPPRESS)
        elif kind.is_list:
            parse = partial(_parse, setting)
            group.add_argument(setting.flag, action="append", type=parse, metavar=f"{kind.metavar}[,...]", help=text)
        else:
            group.add_argument(setting.flag, type=partial(_parse, setting), metavar=kind.metavar, help=text)


def settings_from_flags(options: argparse.Namespace) -> SettingsKwargs:
    """Return the settings whose flags were given."""
    flag_values: dict[str, object] = {}
    for setting in SETTINGS.values():
        value = getattr(options, setting.name)
        if value is not None:
            flag_values[setting.name] = tuple(entry for entries in value for entry in entries) if setting.kind.is_list else value
    return cast(SettingsKwargs, flag_values)


def _help(setting: Setting) -> str:
    notes = [f"environment: {setting.variable}"]
    if setting.kind.is_list:
        notes.append("may be repeated")
    if isinstance(setting.default, (str, int)) and not isinstance(setting.default, bool):
        notes.append(f"default: {setting.default}")
    return f"{setting.help} ({'; '.join(notes)})".replace("%", "%%")


def _parse(setting: Setting, text: str) -> object:
    try:
        return setting.parse(text)
    except SettingError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
