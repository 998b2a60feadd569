"""Lets sessions and clients share what botocore computes anew for each: parsed endpoint rules, names of events, signing keys.

What is shared is either immutable or never changed by botocore: a client's emitters, endpoint resolver and signer are its own.
What cannot be shared is computed in a faster way here, with the same result.
"""

from __future__ import annotations

import inspect
import logging
from collections import OrderedDict
from collections.abc import Callable
from types import FunctionType
from typing import Any, NamedTuple
from weakref import ref

from botocore import hooks as botocore_hooks
from botocore.auth import SigV4Auth
from botocore.endpoint_provider import EndpointProvider
from botocore.hooks import EventAliaser, NodeList
from botocore.model import ServiceModel

from .. import stack
from ..patch import Function, Patch
from .lazy_copy import full_copy, unread_source
from .sharing import is_sharing, remember

hooks: Any = botocore_hooks
_MOST_NAMES = 4096
_MOST_KEYS = 64
_MOST_RULE_SETS = 64

_ALIASES = dict(hooks.EVENT_ALIASES)


class _Rules(NamedTuple):
    """The rules of a rule set, as botocore's objects.

    Attributes:
        source: returns the data; None if they are gone.
        copied: the data as they were when the rules were made of them; None: not copied yet.
    """

    source: Callable[[], Any]
    copied: Any
    rules: list[Any]

    def is_of(self, source: Any) -> bool:
        """Return whether the rules are those of these data, which have not changed."""
        return self.source() is source and (self.copied is source or self.copied == source)


_rules: dict[int, _Rules] = {}
"""By the ``id`` of their data."""

_event_names: dict[str, str] = {}
"""Names of events -> their names after botocore's aliases."""

_signing_keys: dict[tuple[str, str, str, str], bytes] = {}
"""By secret, date, region and service. Forgotten when the last interception ends."""

stack.after_last.append(_signing_keys.clear)


def _remember(source: Any, rules: list[Any], *, is_own: bool) -> None:
    """Remember the rules of a rule set.

    Args:
        is_own: whether a session owns the data, so that its user may change them: then a copy is kept, to compare. It is
            made when the session's second client comes, since many have no more than one.
    """
    shared = _rules.get(id(source))
    is_first = shared is None or shared.source() is not source
    while len(_rules) >= _MOST_RULE_SETS:
        _rules.pop(next(iter(_rules)), None)
    copied = None if is_first else full_copy(source)
    _rules[id(source)] = _Rules(ref(source) if is_own else lambda: source, copied if is_own else source, rules)


def patches() -> list[Patch]:
    """Return the patches of endpoint providers, event hooks and the signer."""
    return [
        Patch(EndpointProvider, "__init__", _provider),
        Patch(hooks, "accepts_kwargs", _accepts_kwargs),
        Patch(EventAliaser, "_alias_event_name", _alias_event_name),
        Patch(SigV4Auth, "signature", _signature),
        Patch(ServiceModel, "error_shapes", _error_shapes),
        Patch(hooks._PrefixTrie, "_recursive_copy", _recursive_copy),
    ]


def _unchanging(ruleset_data: Any) -> Any:
    """Return the data to make rules of: what a lazy copy was made of, or a session's own; None: neither."""
    source = unread_source(ruleset_data)
    return ruleset_data if source is None and type(ruleset_data) is OrderedDict else source


def _provider(original: Function) -> Function:
    def __init__(self: Any, ruleset_data: Any, *arguments: Any, **keywords: Any) -> None:  # noqa: N807
        source = _unchanging(ruleset_data) if is_sharing() else None
        if source is None:
            original(self, ruleset_data, *arguments, **keywords)
            return
        shared = _rules.get(id(source))
        if shared is not None and shared.is_of(source):
            original(self, {**source, "rules": ()}, *arguments, **keywords)
            self.ruleset.rules = list(shared.rules)
            return
        original(self, source, *arguments, **keywords)
        _remember(source, list(self.ruleset.rules), is_own=source is ruleset_data)

    return __init__


def _accepts_kwargs(original: Function) -> Function:
    def accepts_kwargs(func: Any) -> Any:
        function = getattr(func, "__func__", func)
        if type(function) is not FunctionType or "__signature__" in function.__dict__ or not is_sharing():
            return original(func)
        code = function.__code__
        if not code.co_flags & inspect.CO_VARKEYWORDS:
            return None
        return code.co_varnames[code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & inspect.CO_VARARGS)]

    return accepts_kwargs


def _alias_event_name(original: Function) -> Function:
    def _alias_event_name(self: Any, event_name: str) -> str:
        name: str | None = self._alias_name_cache.get(event_name)
        if name is not None:  # the hot path: a dozen times a request
            return name
        if not is_sharing() or self._event_aliases != _ALIASES or hooks.logger.isEnabledFor(logging.DEBUG):
            return str(original(self, event_name))
        name = _event_names.get(event_name)
        if name is None:
            name = original(self, event_name)
            remember(_event_names, _MOST_NAMES, event_name, name)
        else:
            self._alias_name_cache[event_name] = name
        return name

    return _alias_event_name


def _error_shapes(original: Any) -> Any:
    """Make shapes of a model's exceptions only, instead of all its shapes, when a client parses its first error."""

    def error_shapes(self: Any) -> list[Any]:
        if not is_sharing():
            return list(original._fget(self))
        named = self._service_description.get("shapes", {})
        shapes = [self.shape_for(name) for name, data in named.items() if "exception" in data]
        return [shape for shape in shapes if shape.metadata.get("exception", False)]

    return type(original)(error_shapes)


def _recursive_copy(original: Function) -> Function:
    """Copy the handlers of an emitter, which each client gets from its session, in a third of the time."""

    def _recursive_copy(self: Any, node: dict[str, Any]) -> dict[str, Any]:
        if node.keys() != {"_root"} or not is_sharing():
            copied: dict[str, Any] = original(self, node)
            return copied
        return {"_root": _copy_of_branch(node["_root"])}

    return _recursive_copy


def _copy_of_branch(node: dict[str, Any]) -> dict[str, Any]:
    copied = dict(node)
    copied["children"] = {name: _copy_of_branch(child) for name, child in node["children"].items()}
    values = node["values"]
    if values is not None:
        copied["values"] = NodeList([*values[0]], [*values[1]], [*values[2]])
    return copied


_SIGN: Function = vars(SigV4Auth)["_sign"]


def _signature(original: Function) -> Function:
    def signature(self: Any, string_to_sign: str, request: Any) -> str:
        if type(self)._sign is not _SIGN or not is_sharing():
            return str(original(self, string_to_sign, request))
        date = request.context["timestamp"][:8]
        scope = self.credentials.secret_key, date, self._region_name, self._service_name
        key = _signing_keys.get(scope)
        if key is None:
            key = f"AWS4{scope[0]}".encode()
            for part in (*scope[1:], "aws4_request"):
                key = self._sign(key, part)
            remember(_signing_keys, _MOST_KEYS, scope, key)
        return str(self._sign(key, string_to_sign, hex=True))

    return signature
