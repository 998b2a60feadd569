"""Checks of requests to directory buckets: the endpoint, the operation, its headers, and the caller's authorization.

On AWS zonal operations are sent to hosts that name the bucket, control plane operations to ``s3express-control`` in path style. A
custom endpoint serves both: requests signed for ``s3express`` are meant for directory buckets there. Zonal operations are
virtual-hosted there too, except where the host is an IP address: then SDKs put the bucket into the path.
"""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ...auth import expected_owner
from ...auth.authorization.directory_buckets import authorize_directory_operation
from ...auth.callers import Caller
from ...auth.express_sessions import SERVICE, signed_service
from ...auth.signatures.sigv4 import malformed_header_error
from ...errors import S3Error, not_implemented
from ...message import Request
from ...protocol.address import Address
from ...protocol.aws_hosts import DIRECTORY, DIRECTORY_CONTROL, parse_host
from ...rules.directory_buckets import CONTROL, ZONAL, check_request, looks_like_directory, unsupported_operation, zone_of
from ...rules.names import check_key
from ...state.bucket import DIRECTORY as DIRECTORY_BUCKET
from ...state.bucket import Bucket
from ...state.store import Store
from ..registry import DIRECTORY_OPERATIONS, OPERATIONS, Function
from ..routed_request import RoutedRequest
from . import append_and_rename, buckets, listings, objects, sessions

if TYPE_CHECKING:
    from ...auth.environment import AuthEnvironment

__all__ = ["append_and_rename", "buckets", "listings", "objects", "sessions"]
"""Imported so that directory buckets have all their operations."""

HOSTS = frozenset({DIRECTORY, DIRECTORY_CONTROL})

_IP = re.compile(r"(?:\d+\.\d+\.\d+\.\d+|\[[0-9a-f:.]+\])(?::\d*)?", re.ASCII | re.IGNORECASE)
_FUNCTIONS: Mapping[str, Function] = ChainMap(DIRECTORY_OPERATIONS, OPERATIONS)
_NOT_VIRTUAL = "Path-style requests are not supported."
_NOT_PATH = "Virtual-hosted-style requests aren't supported."
_OLD_SIGNATURE = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."


def check_host(store: Store, routed: RoutedRequest) -> None:
    """Raise for requests that an endpoint of directory buckets does not serve. Requests to other endpoints pass.

    Raises:
        S3Error: AuthorizationHeaderMalformed for another service's signature, InvalidRequest for SigV2 and for operations of the
            other endpoint, NoSuchBucket for another kind of bucket, NotImplemented for access points.
    """
    request, operation, address = routed.request, routed.operation, routed.address
    endpoint, name = address.endpoint, address.bucket
    if endpoint.kind not in HOSTS:
        return
    if request.headers.get("authorization", "").startswith("AWS ") or "AWSAccessKeyId" in routed.query:
        raise S3Error("InvalidRequest", _OLD_SIGNATURE)
    service = signed_service(request, routed.query)
    if service is not None and service != SERVICE:
        raise malformed_header_error(f'incorrect service "{service}". This endpoint belongs to "{SERVICE}".')
    if name is not None and name.endswith("--xa-s3"):
        raise not_implemented(operation.name, "access points of directory buckets")
    if endpoint.suffix is not None:
        _check_style(address, operation.name)
    bucket = store.get(name) if name is not None else None
    if bucket is not None and bucket.kind is not DIRECTORY_BUCKET:
        raise S3Error("NoSuchBucket", BucketName=name)


def _check_style(address: Address, name: str) -> None:
    """Raise for an operation of AWS's other endpoint, and for a bucket of another zone than the host's."""
    if address.endpoint.kind is DIRECTORY:
        if name in CONTROL:
            raise S3Error("InvalidRequest", _NOT_PATH)
        if address.endpoint.bucket is None:
            raise S3Error("InvalidRequest", _NOT_VIRTUAL)
        if address.endpoint.zone != zone_of(address.endpoint.bucket):
            raise S3Error("NoSuchBucket", BucketName=address.bucket)
    elif name in ZONAL:
        raise S3Error("InvalidRequest", _NOT_VIRTUAL)


def check_access(environment: AuthEnvironment, routed: RoutedRequest, address: Address, bucket: Bucket) -> Mapping[str, Function]:
    """Check a request to a directory bucket, and return the operations as directory buckets have them.

    Raises:
        S3Error: NoSuchBucket at an endpoint of general purpose buckets, those of `rules.directory_buckets`, AccessDenied.
    """
    request, query, operation = routed.request, routed.query, routed.operation
    name, key = operation.name, address.key
    if address.endpoint.kind not in HOSTS:
        _check_general_endpoint(address, name, bucket, request, query)
    if name == "CreateBucket":  # the operation authorizes itself, as for a new bucket
        return functions_for_new_bucket(bucket.name, request, query)
    assert bucket.directory is not None
    if name not in ZONAL and name not in CONTROL:
        raise unsupported_operation(request.method, operation.level, operation.document, name)
    check_request(name, request.headers, query, bucket.directory.storage_class)
    expected_owner.check_owner(request.headers, bucket)
    if name not in OPERATIONS:
        raise not_implemented(name)
    authorize_directory_operation(name, routed.request_context(environment.clock, ""), bucket)
    if key is not None:
        check_key(key)
    return _FUNCTIONS


def functions_for_new_bucket(name: str, request: Request, query: Mapping[str, str]) -> Mapping[str, Function]:
    """Return the operations that handle a CreateBucket: those of directory buckets, or of all others.

    The bucket's name and the endpoint decide. On AWS the endpoint is known by its host. At a custom endpoint it is known by the
    service that the request is signed for.
    """
    if not looks_like_directory(name):
        return OPERATIONS
    host = parse_host(request.host)
    directory = host.kind is DIRECTORY_CONTROL or (host.suffix is None and signed_service(request, query) == SERVICE)
    return _FUNCTIONS if directory else OPERATIONS


def _check_general_endpoint(address: Address, name: str, bucket: Bucket, request: Request, query: Mapping[str, str]) -> None:
    """Raise for a request to another endpoint than those of directory buckets.

    AWS's other endpoints serve no directory buckets. A custom endpoint serves both kinds.
    """
    if address.endpoint.suffix is not None or signed_service(request, query) != SERVICE:
        raise S3Error("NoSuchBucket", BucketName=bucket.name)
    if name in ZONAL and not _IP.fullmatch(request.host):
        raise S3Error("InvalidRequest", _NOT_VIRTUAL)


def allows_missing_bucket(address: Address, caller: Caller) -> bool:
    """Return whether a CreateSession is allowed although the bucket does not exist.

    At a custom endpoint botocore creates a session before every operation, CreateBucket included.
    """
    return (
        address.endpoint.suffix is None
        and looks_like_directory(address.bucket or "")
        and not caller.is_anonymous
        and caller.express is None
    )
