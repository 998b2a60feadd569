"""One thing that a control path does: its method, its path, its function, and how it is described."""

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
    """What was sent makes no sense: answered 400, with the reason."""


class NotThereError(LookupError):
    """What the path names is not there: answered 404."""

    def __str__(self) -> str:
        return str(self.args[0])


class Asked(NamedTuple):
    """What an action is given: the names in its path, the query, and the document."""

    names: Sequence[str]
    query: Mapping[str, str]
    document: Document


class Action(NamedTuple):
    """One method on one path.

    Attributes:
        path: with ``{name}`` for what varies; the last one takes slashes too.
        summary: one line, for the description.
        does: (fake, asked) -> what is answered, as JSON.
        query: names of query parameters, with what they are.
        body: members of the request's document, with what they are; ``*`` stands for any name.
    """

    method: str
    path: str
    summary: str
    does: Callable[[Backend, Asked], Any]
    query: Mapping[str, str]
    body: Mapping[str, str]

    def names(self, path: str) -> Sequence[str] | None:
        """The names that a path has where this one's has variables; None: it is another path."""
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

    def __call__(self, backend: Backend, request: Request, names: Sequence[str]) -> Any:
        query = dict(parse_qsl(request.query, keep_blank_values=True))
        for name in query:
            if name not in self.query:
                raise BadRequestError(f"no parameter {name!r} here: {', '.join(self.query) or 'none'}")
        try:
            return self.does(backend, Asked(names, query, self._document(request)))
        except (BadRequestError, NotThereError):
            raise
        except (ValueError, TypeError) as wrong:
            raise BadRequestError(str(wrong)) from wrong

    def _document(self, request: Request) -> Document:
        raw = request.payload.data if request.method in ("POST", "PUT") else b""
        if not raw.strip():
            return {}
        try:
            document = json.loads(raw)
        except ValueError as wrong:
            raise BadRequestError(f"the body is no JSON: {wrong}") from None
        if not isinstance(document, dict):
            raise BadRequestError("the body is no JSON object")
        unknown = [name for name in document if name not in self.body and "*" not in self.body]
        if unknown:
            raise BadRequestError(f"no {unknown[0]!r} here: {', '.join(self.body) or 'no body'}")
        return document
