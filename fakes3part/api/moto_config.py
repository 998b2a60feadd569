"""Reads moto's ``config`` dictionary, so that a test suite can move from moto by changing an import."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from typing import Any

from ..argument_checks import check_mapping, wrong
from ..intercept.stack import DEFAULT, Options, Others
from ..text import suggestion_or_all

_CORE = {"mock_credentials", "passthrough", "reset_boto3_session", "service_whitelist"}
_PASSTHROUGH = {"services", "urls"}


def read_config(config: Mapping[str, Any] | None, others: Others = "refuse") -> Options:
    """Return the options of an interception that ``mock_s3(config={"core": {...}})`` gives; of None, the default ones.

    ``core`` may hold ``mock_credentials``, ``passthrough`` (``{"services": [...], "urls": [regex, ...]}``),
    ``service_whitelist``, and ``reset_boto3_session``, which has no effect: clients are intercepted whichever session
    made them. Other services' sections are moto's with ``others="moto"``, and else ignored with a warning.

    Raises:
        TypeError: an unknown key of ``core`` or ``passthrough``.
    """
    check_mapping("moto's dictionary: {'core': {...}}", config=config)
    if not config:
        return DEFAULT if others == "refuse" else Options(others=others)
    sections = sorted(set(config) - {"core"})
    if sections and others == "refuse":
        warnings.warn(
            f'fakes3part ignores the sections of config that are not for S3: {", ".join(sections)}. With others="moto" moto '
            "gets them",
            stacklevel=4,
        )
    core = config.get("core", {})
    _check("core", core, _CORE)
    passthrough = core.get("passthrough") or {}
    for name in ("services", "urls"):
        if isinstance(passthrough.get(name), str):
            raise wrong(f"config: {name} of passthrough", "a list", passthrough[name])
    _check("passthrough", passthrough, _PASSTHROUGH)
    whitelist = core.get("service_whitelist")
    return Options(
        mock_credentials=core.get("mock_credentials", True) is not False,
        services=frozenset(passthrough.get("services") or ()),
        urls=tuple(re.compile(url) for url in passthrough.get("urls") or ()),
        whitelist=None if whitelist is None else frozenset(whitelist),
        others=others,
        moto_config=config if others == "moto" else None,
    )


def _check(section: str, values: Mapping[str, Any], allowed: set[str]) -> None:
    unknown = sorted(set(values) - allowed)
    if unknown:
        raise TypeError(f"config: unknown key {unknown[0]!r} of {section!r}{suggestion_or_all(unknown[0], sorted(allowed))}")
