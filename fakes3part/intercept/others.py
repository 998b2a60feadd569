"""Enters moto for the services that no fake serves: ``mock_aws(others="moto")``.

moto is entered and left, never changed. Its own mocks must be left in the reverse order in which they were entered, or they keep
its configuration and boto3's default session replaced. Ours may end in any order. So moto is entered once, with the first
interception that wants it, and left with the last one.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from ..settings import SettingError
from . import environment
from .stack import Interception, Others

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse

CHOICES: tuple[Others, ...] = ("moto", "refuse")
VARIABLE = "FAKES3PART_OTHERS"

_MISSING = (
    'others="moto" needs moto 5 or newer, which is not installed: pip install "fakes3part[moto]" (a few of moto\'s services need '
    'more: pip install "moto[all]")'
)

_outermost: Any = None
"""The mock of moto that was entered with the first interception; None: moto is not entered."""
_owner: Interception[Any] | None = None
"""The interception that entered `_outermost`; None: none did, or moto was active before, so its state belongs to others."""
_nested: dict[Interception[Any], Any] = {}
"""The mocks of moto that further interceptions entered, since they have a configuration for moto."""


def check(value: object, source: str = "others") -> Others | None:
    """Return the value; None, and an empty text, mean that it is not set.

    Raises:
        SettingError: it is not allowed.
    """
    if value is None or value == "":
        return None
    for choice in CHOICES:
        if value == choice:
            return choice
    raise SettingError(f'{source} must be "moto" or "refuse", not {value!r}')


def default() -> Others:
    """Return what the environment variable says (which pytest's ini option sets), else "refuse".

    Raises:
        SettingError: the variable's value is not allowed.
    """
    value = environment.value_of(VARIABLE)
    if value is None:  # as in nearly every test
        return "refuse"
    return check(value.strip(), f"environment variable {VARIABLE}") or "refuse"


def require_moto() -> None:
    """Check that moto is installed, without importing it.

    Raises:
        ModuleNotFoundError: it is not.
    """
    if find_spec("moto") is None:
        raise ModuleNotFoundError(_MISSING, name="moto")


def import_moto() -> Any:
    """Import moto and return its module.

    Raises:
        ModuleNotFoundError: it is not installed, or too old to have ``mock_aws``.
    """
    require_moto()
    moto = import_module("moto")
    if not hasattr(moto, "mock_aws"):
        raise ModuleNotFoundError(_MISSING, name="moto")
    import_module("moto.core.models")  # whose import lets botocore's clients call moto
    return moto


def enter(interception: Interception[Any], *, reset: bool) -> None:
    """Enter moto for an interception that wants it. If that fails, moto is as before.

    Args:
        reset: whether moto starts with an empty state, unless it is active already.
    """
    global _outermost, _owner
    config: Mapping[str, Any] | None = interception.options.moto_config
    if _outermost is not None and not config:
        return
    moto = import_moto()
    was_active = is_active()
    mock = moto.mock_aws(config=None if config is None else _nested_config(config) if was_active else dict(config))
    try:
        mock.start(reset=reset)
    except BaseException:
        if not was_active and is_active():
            with suppress(Exception):
                mock.stop()
        raise
    if _outermost is not None:
        _nested[interception] = mock
    else:
        _outermost, _owner = mock, None if was_active else interception


def _nested_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a configuration for moto while it is active.

    A mock that is not the outermost leaves its configuration in force when it ends. With other values of these two, the outermost
    would not restore what it has replaced.
    """
    merged = dict(config)
    if "core" in config:
        current = import_module("moto.core.config").default_user_config["core"]
        kept = {name: current.get(name, True) for name in ("mock_credentials", "reset_boto3_session")}
        merged["core"] = {**config["core"], **kept}
    return merged


def leave(interception: Interception[Any], *, is_last: bool, remove_data: bool) -> None:
    """Leave what `enter` has entered.

    Args:
        is_last: whether no other interception wants moto.
        remove_data: whether moto forgets its state, if it is not active any more.
    """
    global _outermost, _owner
    if _owner is interception:
        _owner = None
    nested = _nested.pop(interception, None)
    try:
        if nested is not None:
            nested.stop(remove_data=remove_data)
    finally:
        if is_last and _outermost is not None:
            mock, _outermost, _owner = _outermost, None, None
            mock.stop(remove_data=remove_data)


def reset() -> None:
    """Remove the state of moto's services, if an interception has entered moto."""
    if _outermost is not None:
        _outermost.reset()


def restart(interception: Interception[Any]) -> None:
    """Do what moto does between two tests: leave and enter it anew, unless another mock is active around or inside."""
    global _outermost
    mock = _outermost
    if mock is None or _owner is not interception or getattr(type(mock), "_nested_count", 1) > 1:
        return
    _outermost = None  # if a step fails, it is not entered
    mock.stop()
    mock.start()
    _outermost = mock


def is_active() -> bool:
    """Return whether moto is active, whoever has entered it."""
    return bool(_stubber().enabled)


def respond(request: AWSPreparedRequest) -> AWSResponse | None:
    """Return moto's response to a botocore request; None: moto does not serve its URL, or lets it through."""
    aws_response: AWSResponse | None = _stubber()("before-send", request)
    return aws_response


def _stubber() -> Any:
    return import_module("moto.core.models").botocore_stubber
