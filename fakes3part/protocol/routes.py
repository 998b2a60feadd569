"""Which operation a request means, from the model; and what S3 says when it means none.

Nothing falls through. A query key that names a sub-resource (``?metrics``, ``?uploads``) selects an operation that carries
exactly this sub-resource, or is refused: never does ``DELETE /bucket?metrics`` delete the bucket. A key that S3 does not know
is ignored when it has a value, as S3 does (``x-id=GetObject``), and refused when it is bare.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NoReturn

from ..errors import S3Error, invalid_argument, not_implemented
from .model import Operation, s3_model
from .parameters import missing

METHODS = ("HEAD", "DELETE", "POST", "GET", "PUT")
"""In the order in which S3 lists them in ``Allow``."""

UPLOAD_ID = "uploadId"
"""No literal of the model's request lines, but it names what the request is about as the literals do."""

COPY_SOURCE = "x-amz-copy-source"
TELLING_HEADERS = frozenset({COPY_SOURCE, "x-amz-request-route"})
"""Required headers that tell operations of one request line apart; without another required header it is still itself."""

DIRECTORY = {"ListBuckets": "ListDirectoryBuckets"}
"""Operations whose requests differ by the host only: of general purpose buckets, and of directory buckets."""

RESOURCE_TYPES = {("bucket", "policy"): "BUCKETPOLICY", ("object", UPLOAD_ID): "UPLOAD"}
"""``ResourceType`` of a refused method; every other is the level in capitals."""

REFUSED = {
    ("GET", "object", "uploads"): "Key is not expected for the GET method ?uploads subresource",
    ("GET", "object", "versions"): "There is no such thing as the ?versions sub-resource for a key",
}
"""InvalidRequest with texts of their own (10.3)."""

_IGNORED = frozenset({"awsaccesskeyid", "signature", "expires"})
_IGNORED_PREFIXES = ("x-amz-", "response-", "x-id")

Query = Mapping[str, str]


class _Candidate:
    """One operation and what, beside method, level and sub-resource, a request must have to mean it."""

    __slots__ = ("headers", "literals", "operation", "query", "rank", "values")

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.query = operation.required_query
        self.headers = operation.required_headers & TELLING_HEADERS
        self.literals = frozenset(operation.literals) | (self.query & {UPLOAD_ID})
        self.values = [(name, value) for name, value in operation.literals.items() if value]
        self.rank = len(self.query) + len(self.headers)

    def fits(self, query: Query) -> bool:
        return self.query <= query.keys()


class _Index:
    """The operations by method, level and sub-resource, the most demanding first."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self.subresources = {UPLOAD_ID}
        self.nodes: dict[tuple[str, str, str], list[_Candidate]] = {}
        twins = set(DIRECTORY.values())
        for operation in operations:
            self.subresources |= operation.literals.keys()
            if not operation.deprecated and operation.name not in twins:
                candidate = _Candidate(operation)
                for name in candidate.literals or ("",):
                    self.nodes.setdefault((operation.method, operation.level, name), []).append(candidate)
        for node in self.nodes.values():
            node.sort(key=lambda candidate: -candidate.rank)

    def methods(self, level: str, subresource: str, query: Query) -> list[str]:
        """The methods that a request could have used instead."""
        return [
            method
            for method in METHODS
            for node in [self.nodes.get((method, level, subresource), ())]
            if any(candidate.fits(query) and not candidate.headers for candidate in node)
        ]


@lru_cache(1)
def _index() -> _Index:
    model = s3_model()
    return _Index([*model.operations.values(), model.post_object])


def route(method: str, level: str, query: Query, headers: Mapping[str, str], *, directory: bool = False) -> Operation:
    """The operation that a request means.

    Args:
        method: as sent.
        level: ``service``, ``bucket`` or ``object``: what host and path name.
        query: decoded, the first of each name; '' for a bare name.
        headers: by lower-case name.
        directory: the host is one of directory buckets.

    Raises:
        S3Error: MethodNotAllowed, InvalidArgument, InvalidRequest or NotImplemented, as 10.3 of the facts has them.
    """
    index = _index()
    subresources = index.subresources
    named: list[str] = []
    bare: list[str] = []
    for name, value in query.items():
        if name in subresources:
            named.append(name)
        elif not value:
            bare.append(name)
    node = index.nodes.get((method, level, named[0] if named else ""), ())
    for candidate in node:
        if candidate.query <= query.keys() and (
            not candidate.headers or all(name in headers or name in query for name in candidate.headers)
        ):
            break
    else:
        _refuse(index, method, level, named, query, headers)
    if len(named) != len(candidate.literals) or (len(named) > 1 and candidate.literals != set(named)):
        _refuse_combination(candidate, named)
    operation = candidate.operation
    _check_values(candidate, query)
    _check_details(candidate, level, query, headers, bare)
    return s3_model().operations[DIRECTORY[operation.name]] if directory and operation.name in DIRECTORY else operation


def _check_values(candidate: _Candidate, query: Query) -> None:
    for name, value in candidate.values:
        if query[name] != value:
            what = name.replace("-", " ").title()
            raise invalid_argument(f"Invalid {what} specified in Request", name, query[name])


def _check_details(candidate: _Candidate, level: str, query: Query, headers: Mapping[str, str], bare: list[str]) -> None:
    """What the right operation must not be asked with."""
    operation = candidate.operation
    if bare:
        for name in bare:
            if name not in operation.query_members and not _is_ignored(name):
                raise not_implemented(f"{operation.method} ?{name}")
    if level == "object" and query:
        if "partNumber" in query and "partNumber" not in operation.query_members and UPLOAD_ID not in query:
            text = "This operation does not accept partNumber without uploadId"
            raise invalid_argument(text, "partNumber", "partNumber")
        if "versionId" in query and "versionId" not in operation.query_members:
            text = "This operation does not accept a version-id."
            raise invalid_argument(text, "versionId", query["versionId"])
    if COPY_SOURCE in headers and COPY_SOURCE not in candidate.headers:
        raise _stray_copy_source(headers)


def _is_ignored(name: str) -> bool:
    lower = name.lower()
    return lower in _IGNORED or lower.startswith(_IGNORED_PREFIXES)


def _stray_copy_source(headers: Mapping[str, str]) -> S3Error:
    text = "You can only specify a copy source header for copy requests."
    return invalid_argument(text, COPY_SOURCE, headers[COPY_SOURCE])


def _conflict(named: list[str]) -> S3Error:
    text = f"Conflicting query string parameters: {', '.join(named)}"
    return invalid_argument(text, "ResourceType", named[0])


def _refuse_combination(candidate: _Candidate, named: list[str]) -> NoReturn:
    lacking = candidate.literals.difference(named)
    if lacking and len(named) == 1:  # ?select without select-type
        raise missing("querystring", min(lacking))
    raise _conflict(named)


def _refuse(index: _Index, method: str, level: str, named: list[str], query: Query, headers: Mapping[str, str]) -> NoReturn:
    """No operation has this method, level and sub-resource."""
    if method == "OPTIONS":
        raise not_implemented("CORS preflight (OPTIONS)")
    subresource = named[0] if named else ""
    text = REFUSED.get((method, level, subresource))
    if text is not None:
        raise S3Error("InvalidRequest", text)
    if not any((known, level, subresource) in index.nodes for known in METHODS):
        raise not_implemented(f"{method} ?{subresource} on the {level} level")
    if len(named) > 1:
        raise _conflict(named)
    if COPY_SOURCE in headers and method in METHODS and method != "PUT":
        raise _stray_copy_source(headers)
    raise S3Error(
        "MethodNotAllowed",
        headers={"Allow": ", ".join(index.methods(level, subresource, query))},
        Method=method,
        ResourceType=RESOURCE_TYPES.get((level, subresource), level.upper()),
    )
