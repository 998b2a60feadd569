"""`ControlEndpoint`: one method on one path of the control API, its function, and its description for OpenAPI."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from urllib.parse import parse_qsl, unquote

from ..message import Request

if TYPE_CHECKING:
    from ..backend import Backend

Document: TypeAlias = "dict[str, Any]"
NOTHING: Mapping[str, str] = MappingProxyType({})


class BadRequestError(ValueError):
    """An invalid request: the response is 400, with the reason."""


class NotFoundError(LookupError):
    """What the path names does not exist: the response is 404, with the reason."""

    def __str__(self) -> str:
        return str(self.args[0])


class ConflictError(ValueError):
    """What is requested is impossible in the present state: the response is 409, with the reason."""


class ControlRequest(NamedTuple):
    """A request to a control endpoint.

    Attributes:
        path_values: the values of the path's variables, in order.
        query: the query parameters, decoded.
        document: the JSON object of the body; empty without a body.
        headers: the request's headers, by lower-case name.
    """

    path_values: Sequence[str]
    query: Mapping[str, str]
    document: Document
    headers: Mapping[str, str] = NOTHING


class ControlEndpoint(NamedTuple):
    """One method on one path.

    Attributes:
        method: ``GET``, ``POST`` or ``DELETE``.
        path: with ``{name}`` for each variable; the last variable may contain slashes.
        summary: one line, for the description.
        handler: (backend, request) -> the response's document, to be written as JSON; or a `Response`.
        query: names of query parameters -> their descriptions.
        body: members of the request's document -> their descriptions; ``*`` stands for any name.
    """

    method: str
    path: str
    summary: str
    handler: Callable[[Backend, ControlRequest], Any]
    query: Mapping[str, str]
    body: Mapping[str, str]

    def match(self, path: str) -> Sequence[str] | None:
        """Return the values of the variables in a path, decoded; None if it is not this endpoint's path."""
        fixed, variable, _ = self.path.partition("/{")
        if not variable:
            return () if path == self.path else None
        rest = path[len(fixed) + 1 :] if path.startswith(f"{fixed}/") else ""
        suffix = self.path.rpartition("}")[2]
        if not rest.endswith(suffix) or len(rest) <= len(suffix):
            return None
        rest = rest[: len(rest) - len(suffix)]
        parts = rest.split("/", self.path.count("{") - 1)
        if len(parts) != self.path.count("{") or (suffix == "" and self.path.count("{") == 1 and "/" in rest):
            return None
        return [unquote(part) for part in parts]

    def handle(self, backend: Backend, request: Request, path_values: Sequence[str]) -> Any:
        """Check the request and return the response's document.

        Raises:
            BadRequestError: an unknown parameter, a body that is not a JSON object, or an invalid value.
            NotFoundError: what the path names does not exist.
            ConflictError: it is impossible in the present state.
        """
        query = dict(parse_qsl(request.query, keep_blank_values=True))
        for name in query:
            if name not in self.query:
                raise BadRequestError(f"no parameter {name!r} here: {', '.join(self.query) or 'none'}")
        try:
            return self.handler(backend, ControlRequest(path_values, query, self._document(request), request.headers))
        except (BadRequestError, ConflictError, NotFoundError):
            raise
        except (ValueError, TypeError, OverflowError) as error:
            raise BadRequestError(str(error)) from error

    def _document(self, request: Request) -> Document:
        body = request.payload.data if request.method in ("POST", "PUT") else b""
        if not body:
            return {}
        try:
            document = json.loads(body, parse_float=_parse_float)
        except (ValueError, RecursionError) as error:
            raise BadRequestError(f"the body is not JSON: {error}") from None
        if not isinstance(document, dict):
            raise BadRequestError("the body is not a JSON object")
        unknown = [name for name in document if name not in self.body and "*" not in self.body]
        if unknown:
            raise BadRequestError(f"no {unknown[0]!r} here: {', '.join(self.body) or 'no body'}")
        return document


def _parse_float(text: str) -> float:
    """Return a number; ``2.0`` as 2: a JSON schema's integers may be written so."""
    value = float(text)
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def control_endpoint(
    method: str,
    path: str,
    summary: str,
    handler: Callable[[Backend, ControlRequest], Any],
    *,
    query: Mapping[str, str] = NOTHING,
    body: Mapping[str, str] = NOTHING,
) -> ControlEndpoint:
    """Return the endpoint of a path below ``/_fakes3part/``; arguments as the attributes of `ControlEndpoint`."""
    return ControlEndpoint(method, f"/_fakes3part/{path}", summary, handler, query, body)
