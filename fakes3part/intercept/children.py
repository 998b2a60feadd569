"""Child processes, and native libraries of this process, reach the active fake by environment variables.

The variables are put into the environment of the C library only. Programs that this process starts inherit them, and libraries
written in C++ or Rust read them. ``os.environ`` has none of them, so that botocore's clients of this process stay as they are.
Every mock puts those without which an unknown library would reach AWS; the others are put when they are needed, by `listen`.

They name a port that is reserved, but refuses connections until `listen` is called: by whatever starts a process (it is patched
here), or by the import of a library of `NATIVE`. So an interception without either costs no socket and no thread.
"""

from __future__ import annotations

import os
import sys
import threading
import warnings
from collections.abc import Callable, Mapping, Set
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..locks import new_rlock
from ..protocol.aws_hosts import KMS, S3, S3_CONTROL, STS
from . import environment, stack
from .doorman import Endpoint, doorman
from .late_imports import LateImports
from .patch import Function, Patch

if TYPE_CHECKING:
    from ..backend import Backend

NATIVE = frozenset({"deltalake", "duckdb", "obstore", "polars", "pyarrow._s3fs"})
"""Libraries that connect to S3 by themselves. Their import calls `listen`, since nothing else shows that they will connect."""

_REFUSING = "http://127.0.0.1:9"
"""The endpoint where no port can be reserved. Nothing listens there."""

_ENDPOINTS = {
    S3: "AWS_ENDPOINT_URL_S3",
    S3_CONTROL: "AWS_ENDPOINT_URL_S3_CONTROL",
    STS: "AWS_ENDPOINT_URL_STS",
    KMS: "AWS_ENDPOINT_URL_KMS",
}
_ANY_ENDPOINT = "AWS_ENDPOINT_URL"

_GUARDING = frozenset({_ANY_ENDPOINT, *_ENDPOINTS.values(), "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"})
"""The variables that keep libraries which are not of `NATIVE` from AWS. They are put at once; the others by `listen`."""

_ALL = environment.encoded(*_GUARDING, "AWS_ALLOW_HTTP", "AWS_REGION", "DUCKDB_S3_ENDPOINT", "DUCKDB_S3_USE_SSL")
"""Every variable that is ever put."""

_lock = new_rlock()
_spare: Endpoint | None = None
"""A reserved port that has not been used yet; None: none is reserved. It outlives interceptions that start no process."""

_listening: dict[Backend, Endpoint] = {}
_inherited: dict[Backend, str] = {}
"""In a forked child: the fakes that were active in the parent, and their URLs there."""

_variables: Mapping[str, str] = {}
"""The variables that lead to the fake of this moment."""

_is_put: Set[str] = set()
"""Those of them that are in the environment of the C library."""

_users_own: Mapping[str, str | None] = {}
"""The user's values of the variables in ``os.environ`` that interception has changed; None: not set."""

listen_in_parent: Callable[[Backend], None] | None = None
"""In a forked child: lets the parent listen for a fake of its own; None: this process has forked from no interception."""


def update(active: stack.ActiveInterceptions, users_own: Mapping[str, str | None]) -> None:
    """Lead child processes and native libraries to the fake that was entered last.

    Called whenever the stack or ``os.environ`` has changed. Fakes that are not active any more refuse connections.

    Args:
        active: the new state of the stack.
        users_own: the user's values of the variables in ``os.environ`` that interception has changed; None: not set.
    """
    global _users_own
    with _lock:
        _users_own = users_own
        try:
            latest = active.interceptions[-1].fake if active.interceptions else None
            _put(_guarding_variables(active) if latest is None else _variables_for(active, latest), only_guarding=True)
        finally:
            if _listening:
                fakes = {interception.fake for interception in active.interceptions}
                for fake in [fake for fake in _listening if fake not in fakes]:
                    _listening.pop(fake).close()
            if not active.interceptions:
                _finder.remove()
                if not _has_native():
                    doorman.stop()
        if active.interceptions:
            if _has_native():
                listen()
            else:
                _finder.install()


def listen() -> None:
    """Accept connections at the endpoint of the active fake."""
    global _spare
    with _lock:
        interceptions = stack.active.interceptions
        if not interceptions:
            return
        fake = interceptions[-1].fake
        _put(_variables)  # a test may have set and removed one of them
        if fake in _inherited:
            if listen_in_parent is not None:
                listen_in_parent(fake)
        elif fake not in _listening and fake.remote_url is None and _spare is not None:
            endpoint, _spare = _spare, None
            _listening[fake] = endpoint
            endpoint.listen(fake)


def _url(fake: Backend) -> str:
    global _spare
    if fake.remote_url is not None:
        return fake.remote_url
    if fake in _inherited:
        return _inherited[fake]
    endpoint = _listening.get(fake) or _spare
    if endpoint is None:
        try:
            endpoint = _spare = Endpoint()
        except OSError:
            return _REFUSING
    return f"http://127.0.0.1:{endpoint.port}"


def _variables_for(active: stack.ActiveInterceptions, fake: Backend) -> Mapping[str, str]:
    region = None
    if environment.value_of("AWS_REGION") is None:  # the only one that most SDKs read
        region = environment.value_of("AWS_DEFAULT_REGION") or fake.settings.region
    return _endpoint_variables(_url(fake), active.served_services, active.passes_through, region)


@lru_cache(maxsize=16)
def _endpoint_variables(url: str, services: frozenset[str], passes_through: bool, region: str | None) -> Mapping[str, str]:
    """Return the variables that lead to a URL: those of the served services, or of all if no service is let through.

    Args:
        region: the value of ``AWS_REGION``; None: the user's own stays.
    """
    by_name = url.replace("127.0.0.1", "localhost", 1)  # the account stands before the host of S3 Control
    variables = {
        "AWS_ALLOW_HTTP": "true",  # of libraries in Rust
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
        "DUCKDB_S3_ENDPOINT": by_name.partition("://")[2],  # DuckDB puts the bucket before it
        "DUCKDB_S3_USE_SSL": "true" if url.startswith("https:") else "false",
    }
    if S3 in services and not passes_through:
        variables |= {_ANY_ENDPOINT: url, "AWS_ENDPOINT_URL_S3": url, "AWS_ENDPOINT_URL_S3_CONTROL": by_name}
    else:
        variables.update((_ENDPOINTS[service], by_name if service == S3_CONTROL else url) for service in services)
    if region is not None:
        variables["AWS_REGION"] = region
    return MappingProxyType(variables)


def _guarding_variables(active: stack.ActiveInterceptions) -> dict[str, str]:
    """Return what keeps children from AWS while a guard has no fake: an endpoint that refuses, unless the user has set one."""
    if active.guard is None or active.guard.services or _ANY_ENDPOINT in os.environ:
        return {}
    return {_ANY_ENDPOINT: _REFUSING, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false"}


def _put(variables: Mapping[str, str], *, only_guarding: bool = False) -> None:
    """Replace the variables in the environment of the C library. Those that are not put any more become what os.environ says.

    Args:
        only_guarding: whether to leave to `listen` those that are not of `_GUARDING`.
    """
    global _variables, _is_put
    _variables = variables
    names: Set[str] = _GUARDING & variables.keys() if only_guarding else variables.keys()
    removed, _is_put = _is_put - names, names | _is_put
    if removed:
        is_set = environment.present(_ALL)
        for name in removed:
            if name in is_set:
                os.putenv(name, os.environ[name])
            else:
                os.unsetenv(name)
    for name in names:
        os.putenv(name, variables[name])
    _is_put = names


def child_environment(env: Any) -> Any:
    """Return the environment of a child process with our variables, if it has credentials of AWS and no endpoint of its own."""
    if not isinstance(env, Mapping) or not _variables:
        return env
    names = {os.fsdecode(name) for name in env if isinstance(name, (str, bytes, os.PathLike))}
    if "AWS_ACCESS_KEY_ID" not in names or names & {_ANY_ENDPOINT, "AWS_ENDPOINT_URL_S3"}:
        return env
    return {**env, **{name: value for name, value in _variables.items() if name not in names}}


def variables() -> dict[str, str]:
    """Return the variables that lead to the fake of this moment; empty while no interception is active."""
    return dict(_variables)


def _has_native() -> bool:
    return not sys.modules.keys().isdisjoint(NATIVE)


_finder = LateImports(sorted(NATIVE), listen)


def patches() -> list[Patch]:
    """Return the patches of what starts a process: each lets the fake listen before."""
    import subprocess

    made = [Patch(subprocess.Popen, "__init__", _starting_by_popen), Patch(os, "system", _starting)]
    for owner, name, wrap in (
        (sys.modules.get("_posixsubprocess"), "fork_exec", _starting_by_multiprocessing),
        (os, "posix_spawn", _starting_in_environment),
        (os, "posix_spawnp", _starting_in_environment),
        (os, "execv", _starting),
        (os, "execve", _starting_in_environment),
        *([(os, "fork", _forking)] if sys.version_info >= (3, 12) else []),
    ):
        if owner is not None and hasattr(owner, name):
            made.append(Patch(owner, name, wrap))
    return made


def _starting(original: Function) -> Function:
    def start(*arguments: Any, **options: Any) -> Any:
        listen()
        return original(*arguments, **options)

    return start


def _starting_in_environment(original: Function) -> Function:
    def start(path: Any, argv: Any, env: Any, **options: Any) -> Any:
        listen()
        return original(path, argv, child_environment(env), **options)

    return start


def _starting_by_multiprocessing(original: Function) -> Function:
    """Return the replacement of what multiprocessing starts processes with. (subprocess has a name of its own for it.)"""

    def fork_exec(command: Any, executables: Any, close: Any, pass_: Any, directory: Any, env: Any, *arguments: Any) -> Any:
        listen()
        if env is None and any(b"multiprocessing.forkserver" in os.fsencode(argument) for argument in command):
            # It lives on, so it must not have the environment of a test: `multiprocessing_spawn` sends that to each child.
            own = {**os.environ, **_users_own}
            env = [os.fsencode(f"{name}={value}") for name, value in own.items() if value is not None]
        return original(command, executables, close, pass_, directory, env, *arguments)

    return fork_exec


_ENV_ARGUMENT = 10
"""The place of ``env`` among the arguments of ``subprocess.Popen``, without ``self``."""


def _starting_by_popen(original: Function) -> Function:
    def __init__(self: Any, *arguments: Any, **options: Any) -> None:  # noqa: N807
        listen()
        if options.get("env") is not None:
            options["env"] = child_environment(options["env"])
        elif len(arguments) > _ENV_ARGUMENT:
            before, env, after = arguments[:_ENV_ARGUMENT], arguments[_ENV_ARGUMENT], arguments[_ENV_ARGUMENT + 1 :]
            arguments = (*before, child_environment(env), *after)
        original(self, *arguments, **options)

    return __init__


def _forking(original: Function) -> Function:
    def fork() -> Any:
        others = [thread for thread in threading.enumerate() if not thread.name.startswith("fakes3part ")]
        if len(others) > 1:
            return original()
        with warnings.catch_warnings():  # of the threads of a process that forks; ours do not harm the child
            warnings.filterwarnings("ignore", ".*multi-threaded.*fork", DeprecationWarning)
            return original()

    return fork


def _become_child() -> None:
    """In a forked child: the parent serves its fakes on, and their URLs stay."""
    global _spare
    active = stack.active
    for interception in active.interceptions:
        fake = interception.fake
        if fake.remote_url is None and fake not in _inherited:
            endpoint = _listening.get(fake)
            latest = fake is active.interceptions[-1].fake
            _inherited[fake] = _url(fake) if endpoint is not None or latest else _REFUSING
    for endpoint in (*_listening.values(), *filter(None, (_spare,))):
        endpoint.abandon()
    _listening.clear()
    _spare = None
    doorman.abandon()


if hasattr(os, "register_at_fork"):  # (Windows has no fork)
    os.register_at_fork(after_in_child=_become_child)
