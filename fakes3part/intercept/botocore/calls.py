"""What botocore computes for each call, in less time: times in responses, parameters of endpoint rules, XML.

A time takes botocore 20 us, and a page of a listing has a thousand of them, most of the same second. What is remembered is
immutable, or belongs to one client.
"""

from __future__ import annotations

import datetime
import re
from types import SimpleNamespace
from typing import Any

from botocore import parsers, regions, serialize, utils

from .. import stack
from ..patch import Function, Patch
from .sharing import is_sharing, remember

_MOST_TIMES = 4096
_RESOLVER: Any = regions.EndpointRulesetResolver
_METHODS = [
    name for name in vars(_RESOLVER) if name.startswith(("_resolve_param_as_", "_get_")) and name.endswith(("_param", "_params"))
]
_DEFINED = [vars(_RESOLVER)[name] for name in _METHODS]

_COMPLETE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z|[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")
"""Times in UTC as S3 writes them, in documents and in headers. Others may mean another time tomorrow, or elsewhere."""

_times: dict[tuple[str, type], datetime.datetime] = {}
"""By text and the class ``datetime.datetime`` (freezegun has its own). Forgotten when the last interception ends."""

stack.after_last.append(_times.clear)

_MOST_NAMES = 4096
_NAMESPACE = re.compile("{.*}")
_names: dict[str, str] = {}
"""Names of elements with their namespace -> without it. (botocore looks for it in each of the 8,000 of a listing's page.)"""

stack.after_last.append(_names.clear)


def patches() -> list[Patch]:
    """Return the patches of the parser of times, the parameters of endpoint rules, the writer of XML, and elements' names."""
    return [
        Patch(utils, "_parse_timestamp_with_tzinfo", _parse_timestamp),
        Patch(_RESOLVER, "_resolve_param_from_context", _resolve_param),
        Patch(serialize, "ElementTree", _element_tree),
        Patch(parsers.BaseXMLResponseParser, "_node_tag", _node_tag),
    ]


def _parse_timestamp(original: Function) -> Function:
    def _parse_timestamp_with_tzinfo(value: Any, tzinfo: Any) -> datetime.datetime:
        if type(value) is not str or not is_sharing():
            time: datetime.datetime = original(value, tzinfo)
            return time
        key = value, datetime.datetime
        parsed = _times.get(key)
        if parsed is None:
            parsed = original(value, tzinfo)
            if _COMPLETE_TIME.fullmatch(value):
                remember(_times, _MOST_TIMES, key, parsed)
        return parsed

    return _parse_timestamp_with_tzinfo


def _resolve_param(original: Function) -> Function:
    """Look only where a parameter of the rules can have a value for this operation: most can have it in the client's settings.

    botocore looks for each of 17 parameters in four places. Which of them have it, the model says. That is
    remembered with the client, as botocore remembers what it reads of the model.
    """

    def _resolve_param_from_context(self: Any, param_name: str, operation_model: Any, call_args: Any) -> Any:
        variables = self._instance_cache.get((_resolve_param, operation_model))
        if variables is None:
            if not is_sharing() or [getattr(type(self), name) for name in _METHODS] != _DEFINED:
                return original(self, param_name, operation_model, call_args)
            variables = self._instance_cache[_resolve_param, operation_model] = _client_variables(self, operation_model)
        if param_name not in variables:
            return original(self, param_name, operation_model, call_args)
        variable = variables[param_name]
        return None if variable is None else self._client_context.get(variable)

    return _resolve_param_from_context


def _client_variables(resolver: Any, operation_model: Any) -> dict[str, str | None]:
    """Return the parameters that no member of the operation's input sets, and no constant: which setting of the client does.

    None: no setting does.
    """
    set_by_operation = {
        *resolver._get_static_context_params(operation_model),
        *resolver._get_dynamic_context_params(operation_model),
        *operation_model.operation_context_parameters,
    }
    of_client = resolver._get_client_context_params()
    return {name: of_client.get(name) for name in resolver._param_definitions if name not in set_by_operation}


def _element_tree(original: Any) -> Any:
    """Return a stand-in for the module, which writes text and encodes it at once. The module encodes each piece by itself."""

    def tostring(element: Any, encoding: str | None = None, *arguments: Any, **keywords: Any) -> Any:
        if encoding != "utf-8" or arguments or keywords or not is_sharing():
            return original.tostring(element, encoding, *arguments, **keywords)
        return original.tostring(element, "unicode").encode("utf-8", "xmlcharrefreplace")

    return SimpleNamespace(**{**vars(original), "tostring": tostring})


def _node_tag(original: Function) -> Function:
    def _node_tag(self: Any, node: Any) -> str:
        tag = node.tag
        name = _names.get(tag)
        if name is None or self._namespace_re != _NAMESPACE:
            name = str(original(self, node))
            if is_sharing() and self._namespace_re == _NAMESPACE:
                remember(_names, _MOST_NAMES, tag, name)
        return name

    return _node_tag
