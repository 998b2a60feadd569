"""fakes3part: the in-memory Amazon S3 for test suites.

    from fakes3part import mock_s3

    @mock_s3
    def test_upload():
        boto3.client("s3").create_bucket(Bucket="bucket")

Names are imported at their first use: ``import fakes3part`` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .version import __version__

if TYPE_CHECKING:
    from .api.fakes3 import FakeS3
    from .api.mock import current_fake, mock_aws, mock_s3
    from .api.server import Server, ThreadedMotoServer
    from .config_file import ConfigError
    from .error_codes.codes import ErrorCode
    from .errors import S3Error
    from .intercept.network_guard import ServiceNotFaked
    from .journal.leftovers import LeftoverWarning
    from .leniences import LenientWarning
    from .operation_names import OperationName
    from .seeding.synthetic import ObjectRange
    from .settings import SettingError, Settings, SettingsKwargs
    from .state.object_rule import KeyRange
    from .state.synthetic_data import Synthetic

_DEFINED_IN = {
    "ConfigError": ("config_file", "ConfigError"),
    "ErrorCode": ("error_codes.codes", "ErrorCode"),
    "FakeS3": ("api.fakes3", "FakeS3"),
    "KeyRange": ("state.object_rule", "KeyRange"),
    "LeftoverWarning": ("journal.leftovers", "LeftoverWarning"),
    "LenientWarning": ("leniences", "LenientWarning"),
    "ObjectRange": ("seeding.synthetic", "ObjectRange"),
    "OperationName": ("operation_names", "OperationName"),
    "S3Error": ("errors", "S3Error"),
    "Server": ("api.server", "Server"),
    "ServiceNotFaked": ("intercept.network_guard", "ServiceNotFaked"),
    "SettingError": ("settings", "SettingError"),
    "Settings": ("settings", "Settings"),
    "SettingsKwargs": ("settings", "SettingsKwargs"),
    "Synthetic": ("state.synthetic_data", "Synthetic"),
    "ThreadedMotoServer": ("api.server", "ThreadedMotoServer"),
    "current_fake": ("api.mock", "current_fake"),
    "mock_aws": ("api.mock", "mock_aws"),
    "mock_s3": ("api.mock", "mock_s3"),
}

__all__ = [
    "ConfigError",
    "ErrorCode",
    "FakeS3",
    "KeyRange",
    "LeftoverWarning",
    "LenientWarning",
    "ObjectRange",
    "OperationName",
    "S3Error",
    "Server",
    "ServiceNotFaked",
    "SettingError",
    "Settings",
    "SettingsKwargs",
    "Synthetic",
    "ThreadedMotoServer",
    "__version__",
    "current_fake",
    "mock_aws",
    "mock_s3",
]


def __getattr__(name: str) -> Any:
    if name not in _DEFINED_IN:
        return _submodule(name)
    module, attribute = _DEFINED_IN[name]
    from .collector import collecting_no_garbage

    with collecting_no_garbage():
        value = globals()[name] = getattr(import_module(f"{__name__}.{module}"), attribute)
    return value


def _submodule(name: str) -> Any:
    """Import a module of this package: ``import fakes3part`` is enough for ``fakes3part.faults``."""
    module = f"{__name__}.{name}"
    try:
        if not name.startswith("_"):
            return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_DEFINED_IN})
