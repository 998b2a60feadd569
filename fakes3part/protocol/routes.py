"""Routes a request to its operation, by the model's request lines, and raises S3's errors if there is none.

A query parameter that names a sub-resource (``?metrics``, ``?uploads``) selects an operation with exactly this sub-resource or is
an error: ``DELETE /bucket?metrics`` never deletes the bucket. A parameter that S3 does not know is ignored (versitygw's issue
1688; AWS's page on server access logs), but refused with 501 if it has no value and the request creates or deletes a bucket: it
may be a sub-resource newer than botocore's model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NoReturn

from ..errors import S3Error, invalid_argument, not_implemented
from .model import Operation, s3_model
from .parameters import missing
from .query import SIGNATURE_PARAMETERS

METHODS = ("HEAD", "DELETE", "POST", "GET", "PUT")
"""In the order in which S3 lists them in ``Allow``."""

KNOWN_METHODS = frozenset({*METHODS, "OPTIONS", "PATCH"})
"""Methods that S3 knows, some only to refuse them. (PATCH is one of those that a preflight may ask for.)"""

UPLOAD_ID = "uploadId"
"""Not a literal of the model's request lines, but it selects a sub-resource as those do."""

CONFIGURATION_ID = "id"
"""The id of an analytics, inventory, metrics or Intelligent-Tiering configuration. A GET with an empty one is for the list."""

COPY_SOURCE = "x-amz-copy-source"
REQUEST_ROUTE = "x-amz-request-route"
_DISTINGUISHING_HEADERS = frozenset({COPY_SOURCE, REQUEST_ROUTE})
"""Required headers that distinguish operations with the same request line. (All other required headers do not route.)"""

DIRECTORY = {"ListBuckets": "ListDirectoryBuckets"}
"""Operations whose requests differ only in the host: of general purpose buckets -> of directory buckets."""

_METADATA = "BUCKET_METADATA_{}CONFIGURATION"
RESOURCE_TYPES = {
    ("bucket", "delete"): "MULTI_OBJECT_DELETE",
    ("bucket", "logging"): "LOGGING_STATUS",
    ("bucket", "metadataAnnotationTable"): _METADATA.format("ANNOTATION_TABLE_"),
    ("bucket", "metadataConfiguration"): _METADATA.format(""),
    ("bucket", "metadataInventoryTable"): _METADATA.format("INVENTORY_TABLE_"),
    ("bucket", "metadataJournalTable"): _METADATA.format("JOURNAL_TABLE_"),
    ("bucket", "metadataTable"): _METADATA.format("TABLE_"),
    ("bucket", "object-lock"): "OBJECT_LOCK_CONFIGURATION",
    ("bucket", "policy"): "BUCKETPOLICY",
    ("bucket", "versions"): "BUCKETVERSIONS",
    ("object", "encryption"): "OBJECT_ENCRYPTION",
    ("object", "legal-hold"): "OBJECT_LOCK_LEGALHOLD",
    ("object", "retention"): "OBJECT_LOCK_RETENTION",
    ("object", "tagging"): "OBJECT_TAGGING",
    ("object", UPLOAD_ID): "UPLOAD",
}
"""``ResourceType`` of MethodNotAllowed where it is not the name of the sub-resource in capitals (``REQUEST_PAYMENT``).

Recorded from AWS, September 2026: ACL, LOCATION, MULTI_OBJECT_DELETE, RESTORE, OBJECT_TAGGING, OBJECT_ENCRYPTION, SELECT, PART,
TORRENT, BUCKET_METADATA_INVENTORY_TABLE_CONFIGURATION; the others are named as in AWS's page on server access logs, or assumed.
"""

ANNOTATION_NAME = "annotationName"
"""Selects the annotations of a key also without ``annotation``: it is never ignored (recorded from AWS, September 2026)."""

AT_KEYS = frozenset(
    {
        "accelerate",
        "cors",
        "inventory",
        "lifecycle",
        "location",
        "notification",
        "policy",
        "replication",
        "requestPayment",
        "versioning",
        "website",
    }
)
"""Sub-resources of a bucket that a GET of a key returns, too. Recorded from AWS, September 2026, by the project backlot."""

IGNORED_AT_KEYS = frozenset(
    {
        "abac",
        "analytics",
        "intelligent-tiering",
        "list-type",
        "metadataAnnotationTable",
        "metadataConfiguration",
        "metadataInventoryTable",
        "metadataJournalTable",
        "metadataTable",
        "metrics",
        "object-lock",
        "ownershipControls",
        "policyStatus",
        "publicAccessBlock",
    }
)
"""Sub-resources of a bucket that a GET or HEAD of a key ignores. Recorded from AWS, September 2026, by the project backlot.

Assumed: any other method at a key is refused with 501, because it would change an object in place of a configuration.
"""

_INVALID_REQUESTS = {
    ("GET", "object", "uploads"): "Key is not expected for the GET method ?uploads subresource",
    ("GET", "object", "versions"): "There is no such thing as the ?versions sub-resource for a key",
}
"""The texts of InvalidRequest, which these respond instead of MethodNotAllowed (versitygw's tests)."""

_OTHER_VERSION = {"ListObjects": ("start-after", "continuation-token", "fetch-owner"), "ListObjectsV2": ("marker",)}
"""Parameters of the operation's other version, which it refuses (recorded from AWS, September 2026; the text is assumed)."""

_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")

_IGNORED = frozenset({"awsaccesskeyid", "signature", "expires"})
_IGNORED_PREFIXES = ("x-amz-", "response-", "x-id")

Query = Mapping[str, str]


class _Candidate:
    """An operation, and what a request needs besides method, level and sub-resource to be routed to it."""

    __slots__ = ("headers", "literals", "operation", "query", "rank", "values")

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        # S3 does not refuse a configuration's missing id by its route, except that GET returns the list then.
        self.query = operation.required_query - (frozenset() if operation.method == "GET" else {CONFIGURATION_ID})
        self.headers = operation.required_headers & _DISTINGUISHING_HEADERS
        self.literals = frozenset(operation.literals) | (self.query & {UPLOAD_ID})
        self.values = [(name, value) for name, value in operation.literals.items() if value]
        self.rank = len(self.query) + len(self.headers)

    def fits(self, query: Query) -> bool:
        return self.query <= query.keys()


class _Index:
    """The operations by method, level and sub-resource, those with the most requirements first."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self.subresources = {UPLOAD_ID}
        self.nodes: dict[tuple[str, str, str], list[_Candidate]] = {}
        directory_operations = set(DIRECTORY.values())
        for operation in operations:
            self.subresources |= operation.literals.keys()
            if not operation.deprecated and operation.name not in directory_operations:
                candidate = _Candidate(operation)
                for name in candidate.literals or ("",):
                    self.nodes.setdefault((operation.method, operation.level, name), []).append(candidate)
        for node in self.nodes.values():
            node.sort(key=lambda candidate: -candidate.rank)

    def methods(self, level: str, subresource: str, query: Query) -> list[str]:
        """Return the methods that a request could have used instead, for ``Allow``."""
        return [
            method
            for method in METHODS
            for node in [self.nodes.get((method, level, subresource), ())]
            if any(candidate.fits(query) and not candidate.headers for candidate in node)
        ]


def prepare() -> None:
    """Make what the first call of `route` would make."""
    _index()


@lru_cache(1)
def _index() -> _Index:
    model = s3_model()
    return _Index([*model.operations.values(), model.post_object])


def route(method: str, level: str, query: Query, headers: Mapping[str, str], *, directory: bool = False) -> Operation:
    """Return the operation that a request is for.

    Args:
        method: as sent.
        level: ``service``, ``bucket`` or ``object``, as host and path say.
        query: decoded, the first of each name; '' for a name without a value.
        headers: by lower-case name.
        directory: whether the host is an endpoint of directory buckets.

    Raises:
        S3Error: MethodNotAllowed, InvalidArgument, InvalidRequest or NotImplemented. Those for ``partNumber`` and ``uploadId``
            without the other are recorded from AWS (versitygw's issues 1226, 1236 and 1237).
    """
    if query and not query.keys() <= SIGNATURE_PARAMETERS:
        return _find_route(method, level, query, headers, directory)
    distinguishing = method, level, directory, COPY_SOURCE in headers, REQUEST_ROUTE in headers
    operation = _without_query.get(distinguishing)
    if operation is None:
        operation = _without_query[distinguishing] = _find_route(method, level, query, headers, directory)
    return operation


_without_query: dict[tuple[object, ...], Operation] = {}
"""The operations of requests without a query, or with that of a presigned URL, by all that distinguishes those."""


def _find_route(method: str, level: str, query: Query, headers: Mapping[str, str], directory: bool) -> Operation:
    index = _index()
    subresources = index.subresources
    if ANNOTATION_NAME in query and level == "object" and "annotation" not in query:
        query = {**query, "annotation": ""}
    named: list[str] = []
    valueless: list[str] = []
    for name, value in query.items():
        if name in subresources:
            if level == "object" and name in IGNORED_AT_KEYS and method in ("GET", "HEAD"):
                continue
            if name != "list-type" or method != "GET" or level != "bucket" or value == "2":
                named.append(name)
        elif not value:
            valueless.append(name)
    if len(named) > 1 and method == "GET" and level == "bucket" and "list-type" in named:
        named.remove("list-type")
    if CONFIGURATION_ID in valueless and method == "GET":
        query = {name: value for name, value in query.items() if name != CONFIGURATION_ID}
    node = index.nodes.get((method, level, named[0] if named else ""), ())
    for candidate in node:
        if candidate.query <= query.keys() and (
            not candidate.headers or all(name in headers or name in query for name in candidate.headers)
        ):
            break
    else:
        if level == "object" and method in ("GET", "HEAD") and named and named[0] in AT_KEYS:
            return _route_at_key(method, query, headers, named)
        _reject(index, method, level, named, query, headers)
    if len(named) != len(candidate.literals) or (len(named) > 1 and candidate.literals != set(named)):
        _reject_combination(candidate, named)
    operation = candidate.operation
    _check_values(candidate, query)
    _check_details(candidate, level, query, headers, valueless)
    return s3_model().operations[DIRECTORY[operation.name]] if directory and operation.name in DIRECTORY else operation


def _route_at_key(method: str, query: Query, headers: Mapping[str, str], named: list[str]) -> Operation:
    """Return the operation of a bucket's sub-resource that is asked for at a key."""
    if method == "HEAD":
        raise S3Error(
            "MethodNotAllowed", headers={"Allow": "GET"}, Method=method, ResourceType=_resource_type("bucket", named[0], query)
        )
    return route(method, "bucket", query, headers)


def _check_values(candidate: _Candidate, query: Query) -> None:
    for name, value in candidate.values:
        if query[name] != value:
            label = name.replace("-", " ").title()
            raise invalid_argument(f"Invalid {label} specified in Request", name, query[name])


def _check_details(candidate: _Candidate, level: str, query: Query, headers: Mapping[str, str], valueless: list[str]) -> None:
    """Reject parameters and headers that the operation does not accept."""
    operation = candidate.operation
    if valueless:
        for name in valueless:
            if name not in operation.query_members and not _is_ignored(name) and _is_risky(candidate, level):
                raise not_implemented(f"{operation.method} ?{name}")
    if level == "bucket" and query:
        if "versionId" in query:
            raise _no_version(query)
        for name in _OTHER_VERSION.get(operation.name, ()):
            if name in query:
                raise S3Error("InvalidArgument", ArgumentName=name, ArgumentValue=query[name])
    elif level == "object" and query:
        if "partNumber" in query and "partNumber" not in operation.query_members and UPLOAD_ID not in query:
            text = "This operation does not accept partNumber without uploadId"
            raise invalid_argument(text, "partNumber", "partNumber")
        if "versionId" in query and "versionId" not in operation.query_members:
            raise _no_version(query)
    if COPY_SOURCE in headers and COPY_SOURCE not in candidate.headers:
        raise _stray_copy_source(headers)


def _no_version(query: Query) -> S3Error:
    return invalid_argument("This operation does not accept a version-id.", "versionId", query["versionId"])


def _is_risky(candidate: _Candidate, level: str) -> bool:
    """Return whether a fall-through would create or delete a bucket."""
    return level == "bucket" and candidate.operation.method in ("DELETE", "PUT") and not candidate.literals


def _is_ignored(name: str) -> bool:
    lower = name.lower()
    return lower in _IGNORED or lower.startswith(_IGNORED_PREFIXES)


def _stray_copy_source(headers: Mapping[str, str]) -> S3Error:
    text = "You can only specify a copy source header for copy requests."
    return invalid_argument(text, COPY_SOURCE, headers[COPY_SOURCE])


def _conflict(named: list[str]) -> S3Error:
    names = sorted(named)
    return invalid_argument(f"Conflicting query string parameters: {', '.join(names)}", "ResourceType", names[0])


def _reject_combination(candidate: _Candidate, named: list[str]) -> NoReturn:
    absent = candidate.literals.difference(named)
    if absent and len(named) == 1:  # ?select without select-type
        raise missing("querystring", min(absent))
    raise _conflict(named)


def _reject(index: _Index, method: str, level: str, named: list[str], query: Query, headers: Mapping[str, str]) -> NoReturn:
    """Raise the error for a request of whose method, level and sub-resource there is no operation."""
    if method == "OPTIONS":
        raise not_implemented("CORS preflight (OPTIONS)")
    if method not in KNOWN_METHODS:
        raise S3Error("BadRequest", "An error occurred when parsing the HTTP request.")
    subresource = named[0] if named else ""
    text = _INVALID_REQUESTS.get((method, level, subresource))
    if text is not None:
        raise S3Error("InvalidRequest", text)
    if (level, subresource) == ("object", "logging"):
        _reject_logging_of_key(method)
    if not any((other, level, subresource) in index.nodes for other in METHODS):
        raise not_implemented(f"{method} ?{subresource} on the {level} level")
    if len(named) > 1 and not any(
        candidate.literals == set(named) for other in METHODS for candidate in index.nodes.get((other, level, subresource), ())
    ):
        raise _conflict(named)
    if COPY_SOURCE in headers and method in METHODS and method != "PUT":
        raise _stray_copy_source(headers)
    allowed = index.methods(level, subresource, query)
    if method == "HEAD" and level == "bucket" and "GET" in allowed:  # recorded from AWS, September 2026
        allowed = ["GET"]
    raise S3Error(
        "MethodNotAllowed",
        headers={"Allow": ", ".join(allowed)},
        Method=method,
        ResourceType=_resource_type(level, subresource, query),
    )


def _reject_logging_of_key(method: str) -> NoReturn:
    """Raise for ``?logging`` at a key. (PUT is assumed to be refused as GET is: not recorded from AWS.)"""
    if method in ("GET", "PUT"):
        raise S3Error("NoLoggingStatusForKey")
    raise S3Error("MethodNotAllowed", None, {"Allow": "GET"}, Method=method, ResourceType="LOGGING_STATUS")


def resource_type(level: str, query: Query) -> str:
    """Return what S3 calls the resource of a request in MethodNotAllowed and in access logs: ``OBJECT``, ``LOGGING_STATUS``.

    Args:
        level: ``bucket`` or ``object``.
        query: the decoded query parameters.
    """
    subresources = _index().subresources
    named = next((name for name in query if name in subresources or name == UPLOAD_ID), "")
    return _resource_type(level, named, query)


def _resource_type(level: str, subresource: str, query: Query) -> str:
    """Return the ``ResourceType`` of MethodNotAllowed."""
    if subresource == UPLOAD_ID and "partNumber" in query:
        return "PART"
    return RESOURCE_TYPES.get((level, subresource)) or _WORD.sub("_", subresource or level).replace("-", "_").upper()
