"""moto's ``config`` dictionary, understood: leaving moto is one line."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from typing import Any

from ..intercept.stack import DEFAULT, Options

_CORE = {"mock_credentials", "passthrough", "reset_boto3_session", "service_whitelist"}
_PASSTHROUGH = {"services", "urls"}


def read_config(config: Mapping[str, Any] | None) -> Options:
    """The options that ``mock_s3(config={"core": {...}})`` names.

    ``core`` may hold ``mock_credentials``, ``passthrough`` (``{"services": [...], "urls": [regex, ...]}``),
    ``service_whitelist``, and ``reset_boto3_session``, which changes nothing: clients are intercepted whichever session
    made them. Other services' sections are ignored with a warning; an unknown key of ``core`` is a ``TypeError``.
    """
    if not config:
        return DEFAULT
    others = sorted(set(config) - {"core"})
    if others:
        warnings.warn(f"fakes3part serves S3 only and ignores the config of: {', '.join(others)}", stacklevel=4)
    core = config.get("core", {})
    _check("core", core, _CORE)
    passthrough = core.get("passthrough") or {}
    _check("passthrough", passthrough, _PASSTHROUGH)
    whitelist = core.get("service_whitelist")
    return Options(
        mock_credentials=core.get("mock_credentials", True) is not False,
        services=frozenset(passthrough.get("services") or ()),
        urls=tuple(re.compile(url) for url in passthrough.get("urls") or ()),
        whitelist=None if whitelist is None else frozenset(whitelist),
    )


def _check(section: str, given: Mapping[str, Any], known: set[str]) -> None:
    unknown = sorted(set(given) - known)
    if unknown:
        raise TypeError(f"config: {section} has no {', '.join(unknown)}; it has {', '.join(sorted(known))}")
