"""The client of the fixture ``fakes3_client``. It is kept from test to test, as long as a new one would be the same.

A new client takes 4 ms, and its first calls 3 ms more: it builds what the one before has built. So before a test gets the client
of an earlier test, everything that made the client is compared with what it was then: the environment, boto3's default session,
the functions and classes that make clients, and every object that belongs to the client. If anything differs, because a test has
registered a handler, replaced a method or changed a configuration, the test gets a new client.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from operator import eq
from types import MethodType
from typing import TYPE_CHECKING, Any, NamedTuple

import boto3
from botocore import utils
from botocore.client import BaseClient
from botocore.configprovider import BaseProvider
from botocore.endpoint_provider import EndpointProvider
from botocore.errorfactory import ClientExceptionsFactory
from botocore.hooks import EventAliaser, HierarchicalEmitter
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.regions import EndpointResolver, EndpointRulesetResolver
from botocore.session import Session
from botocore.useragent import UserAgentString

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_MAKERS = (
    *("boto3", "boto3.session", "botocore.args", "botocore.client", "botocore.config", "botocore.configprovider"),
    *("botocore.credentials", "botocore.endpoint", "botocore.endpoint_provider", "botocore.errorfactory", "botocore.handlers"),
    *("botocore.hooks", "botocore.httpsession", "botocore.loaders", "botocore.parsers", "botocore.regions"),
    *("botocore.retries.adaptive", "botocore.retries.standard", "botocore.retryhandler", "botocore.serialize"),
    *("botocore.session", "botocore.signers", "botocore.useragent", "botocore.utils"),
)
"""The modules whose functions and classes make clients. A test may replace one of them."""

_CHANGES_WITH_EACH_TEST = getattr(os.environ, "encodekey", str)("PYTEST_CURRENT_TEST")

_CACHES: Mapping[type[Any], Collection[str]] = {
    BaseClient: ("_cache", "_exceptions"),
    ClientExceptionsFactory: ("_client_exceptions_cache",),
    EndpointRulesetResolver: ("_instance_cache",),
    EventAliaser: ("_alias_name_cache",),
    Session: ("_last_client_region_used",),  # set for each client
    UserAgentString: ("_client_features", "_static_parts"),  # the former of the session, which sets it for each client
}
"""Class -> attributes that hold what would be computed again with the same result. They are not compared."""

_NOT_COMPARED = (EndpointProvider, EndpointResolver, Loader, ServiceModel, BaseProvider)
"""Classes of what is large, and the same for all clients of the session: what was read from botocore's files, and the objects
that look up one configuration variable each. (To set a variable, or another such object, changes the session's tables.)
"""


class _Kept(NamedTuple):
    """A client that no test has.

    Attributes:
        environment: the variables when it was made.
        session: boto3's default session, which made it; None: the client cannot be kept.
        express_sessions: how many sessions of directory buckets all clients had begun: a client remembers its own.
        containers: the dictionaries, lists and sets of what made it, and of all that belongs to it.
        contents: what was in them.
        with_caches: of objects that have caches: the dictionary, what was in it, and the names of the caches.
        emitters: the emitters of events, and the cache of each, which it replaces when a handler is registered or unregistered.
    """

    client: S3Client
    environment: Mapping[Any, Any]
    session: object
    express_sessions: int
    containers: list[Any]
    contents: list[Any]
    with_caches: list[tuple[dict[str, Any], dict[str, Any], Collection[str]]]
    emitters: list[tuple[Any, object]]

    def is_as_new(self) -> bool:
        """Return whether a new client would be the same."""
        return (
            self.session is boto3.DEFAULT_SESSION
            and self.environment == _environment()
            and self.express_sessions == _express_sessions()
            and all(emitter._lookup_cache is cache for emitter, cache in self.emitters)
            and all(map(eq, self.containers, self.contents))
            and all(_without(caches, now) == before for now, before, caches in self.with_caches)
        )


_kept: dict[str, _Kept] = {}
"""By region. A client is not here while a test has it."""

_MOST_NOT_KEPT = 64


class _Backoff:
    """Counts clients that are not kept, since tests change theirs: after each kept one that could not be used, twice as many."""

    def __init__(self) -> None:
        self._next = self._left = 0

    def was_kept(self, *, unused: bool) -> None:
        """Note whether the client that was kept could be used."""
        self._next = min(2 * self._next + 1, _MOST_NOT_KEPT) if unused else 0
        self._left = self._next

    def keeps_next(self) -> bool:
        """Return whether the next new client is to be kept."""
        if not self._left:
            return True
        self._left -= 1
        return False


_backoff = _Backoff()


@contextmanager
def kept_client(region: str) -> Iterator[S3Client]:
    """Yield a client, which may be that of an earlier test. Afterwards it is closed: what it needs to send, it opens again."""
    kept = _kept.pop(region, None)
    if kept is not None:
        is_as_new = kept.is_as_new()
        _backoff.was_kept(unused=not is_as_new)
        kept = kept if is_as_new else None
    if kept is None:
        kept = _new_client(region)
    with closing(kept.client):
        yield kept.client
    if kept.session is not None:
        _kept[region] = kept


def _new_client(region: str) -> _Kept:
    session: Any = boto3.DEFAULT_SESSION
    if session is not None and (session._session._credentials is None or not _backoff.keeps_next()):
        session = None  # the first client of a session says in its User-Agent where the credentials are from, others do not
    client: S3Client = boto3.client("s3", region_name=region)
    contents = ([], [], [], []) if session is None else _contents(client)
    return _Kept(client, _environment(), session, _express_sessions(), *contents)


def _environment() -> dict[Any, Any]:
    variables = dict(getattr(os.environ, "_data", os.environ))
    variables.pop(_CHANGES_WITH_EACH_TEST, None)
    return variables


def _express_sessions() -> int:
    cache: Any = getattr(getattr(utils, "S3ExpressIdentityCache", None), "get_credentials", None)
    misses: int = cache.cache_info().misses if hasattr(cache, "cache_info") else 0
    return misses


def _without(names: Collection[str], attributes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if name not in names}


def _contents(client: S3Client) -> tuple[list[Any], list[Any], list[Any], list[Any]]:
    """Return `_Kept.containers`, `contents`, `with_caches` and `emitters`."""
    modules = [vars(module) for module in map(sys.modules.get, _MAKERS) if module is not None]
    names = (value for module in modules for value in module.values())
    kinds = dict.fromkeys(kind for kind in names if isinstance(kind, type) and _is_of_boto(kind) and not _is_passive(kind))
    containers: list[Any] = [vars(type(client)), *modules, *map(vars, kinds)]
    with_caches: list[Any] = []
    emitters: list[Any] = []
    seen: dict[int, object] = {}
    found: list[object] = [client, boto3.DEFAULT_SESSION]
    while found:
        each = found.pop()
        if id(each) in seen or isinstance(each, (*_NOT_COMPARED, str, bytes, int, float, type)):
            if isinstance(each, ServiceModel):
                found.append(each.metadata)
            continue
        seen[id(each)] = each
        if type(each) is HierarchicalEmitter:
            emitter: Any = each
            emitters.append((emitter, emitter._lookup_cache))
            found += _handlers(emitter._handlers._root)
            continue
        found += _parts(each)
        container = _container(each)
        if container is None:
            continue
        caches = [name for kind in _CACHES if isinstance(each, kind) for name in _CACHES[kind]]
        if caches:
            container_without = _without(caches, container)
            with_caches.append((container, container_without, caches))
            found += container_without.values()
        else:
            containers.append(container)
            found += container.values() if isinstance(container, dict) else container
    return containers, [container.copy() for container in containers], with_caches, emitters


def _handlers(node: Mapping[str, Any]) -> Iterator[object]:
    """Yield the handlers of a branch of an emitter's tree."""
    for section in node["values"] or ():
        yield from section
    for child in node["children"].values():
        yield from _handlers(child)


def _is_of_boto(kind: type[Any]) -> bool:
    return kind.__module__.partition(".")[0] in ("boto3", "botocore")


def _is_passive(kind: type[Any]) -> bool:
    """Return whether a class makes no clients: an exception, or a class of the documentation."""
    return issubclass(kind, BaseException) or kind.__module__.startswith("botocore.docs.")


def _container(each: object) -> Any:
    """Return what can be changed in an object: a dictionary, list or set; None: nothing."""
    if isinstance(each, (dict, list, set)):
        return each
    return vars(each) if _is_of_boto(type(each)) and hasattr(each, "__dict__") else None


def _parts(each: object) -> Iterable[object]:
    """Return the objects to which an object leads beside its container."""
    if isinstance(each, tuple):
        return each
    if isinstance(each, MethodType):
        return [each.__self__]
    if isinstance(each, partial):
        return [each.func, *each.args, *each.keywords.values()]
    return ()
