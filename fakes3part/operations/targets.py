"""What a request is about: which bucket, through which access point, and whether the caller may use it.

`find_target` and `authorize_target` are the two steps between routing and performing an operation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..auth import expected_owner
from ..auth.authorization.evaluate import is_always_allowed
from ..auth.authorization.operation import authorize_operation, authorize_service_operation, check_anonymous
from ..auth.authorization.request import RequestContext
from ..auth.signing_region import check_region
from ..errors import S3Error, not_implemented
from ..protocol.address import Address, unsupported_kind
from ..protocol.aws_hosts import ACCELERATE, GENERAL
from ..rules.directory_buckets import looks_like_directory
from ..state.access_points import AccessPoint
from ..state.bucket import DIRECTORY, Bucket
from ..state.store import Store
from . import access_point_routing
from .context import OperationEnvironment
from .registry import OPERATIONS, Function
from .routed_request import RoutedRequest

if TYPE_CHECKING:
    from ..state.object_lambda import ObjectLambda


@dataclass(slots=True, eq=False)
class Target:
    """What a request is about.

    Attributes:
        address: the address of the bucket itself: access points are resolved.
        functions: the operations as they are for this kind of bucket.
        point: the access point that the request goes through; None: it addresses the bucket directly.
        object_lambda: the Object Lambda access point whose function makes the response; None: the operation makes it.
        bucket: None: the request addresses none, or one that does not exist.
    """

    address: Address
    functions: Mapping[str, Function]
    access_point: AccessPoint | None = None
    object_lambda: ObjectLambda | None = None
    bucket: Bucket | None = None


def find_target(environment: OperationEnvironment, store: Store, routed: RoutedRequest) -> Target:
    """Return what a request is about, its access point resolved. `authorize_target` finds the bucket.

    Raises:
        S3Error: no such access point, or the host does not serve this operation.
    """
    address, name = routed.address, routed.operation.name
    if address.endpoint.kind is GENERAL and not environment.lambdas.points and not store.points.points:
        return Target(address, OPERATIONS)
    from .access_points import object_lambda
    from .directory_buckets import access

    access.check_host(store, routed)
    lambda_point = object_lambda.resolve(environment.lambdas, address, name)
    if lambda_point is not None:
        if name in lambda_point.actions:
            return Target(address, OPERATIONS, object_lambda=lambda_point)
        return Target(object_lambda.bucket_address(lambda_point, address), OPERATIONS)
    point, address = access_point_routing.resolve(store, address, name, routed.request.method)
    return Target(address, OPERATIONS, point)


def authorize_target(environment: OperationEnvironment, store: Store, routed: RoutedRequest, target: Target) -> None:
    """Find the target's bucket, check that it is the expected one and that the caller may perform the operation.

    Order: existence, region, expected owner, operations that are not implemented, access.

    Raises:
        S3Error: the first of these checks that fails.
    """
    request, name = routed.request, routed.operation.name
    bucket_name = target.address.bucket
    if target.access_point is not None:
        bucket = access_point_routing.bucket_of(store, target.access_point)
    else:
        bucket = None if bucket_name is None else store.get(bucket_name)
    target.bucket = bucket
    if bucket is not None and bucket.kind is DIRECTORY:
        from .directory_buckets import access

        target.functions = access.check_access(environment, routed, target.address, bucket)
        return
    if target.address.endpoint.kind is ACCELERATE:
        from .buckets.acceleration import check_accelerated

        check_accelerated(target.address, name, request.method, bucket)
    if bucket is not None and name != "CreateBucket":
        if target.address.endpoint.suffix is not None or environment.settings.strict_regions:
            check_region(environment, target.address, bucket, name, request, routed.query)
        if expected_owner.HEADER in request.headers:
            expected_owner.check_owner(request.headers, bucket)
    if name not in OPERATIONS:
        if bucket is None and bucket_name is not None:
            raise missing_bucket(name, target)
        raise not_implemented(name)
    _AUTHORIZERS.get(name, _authorize)(environment, routed, target)


def _authorize(environment: OperationEnvironment, routed: RoutedRequest, target: Target) -> None:
    bucket = target.bucket
    if bucket is not None and target.access_point is None and is_always_allowed(routed.caller, bucket):
        return
    address, name = target.address, routed.operation.name
    if address.bucket is None:
        authorize_service_operation(name, _context(environment, routed, target))
        return
    if bucket is None:
        raise missing_bucket(name, target)
    context = _context(environment, routed, target)
    authorize_operation(name, context, bucket, address.key, target.access_point)


def _authorize_later(environment: OperationEnvironment, routed: RoutedRequest, target: Target) -> None:
    """Leave the authorization to the operation: PostObject's form contains signature and key; other documents come first."""
    if target.bucket is None:
        raise missing_bucket(routed.operation.name, target)


def _authorize_new_bucket(environment: OperationEnvironment, routed: RoutedRequest, target: Target) -> None:
    """Leave the authorization to CreateBucket: policies may have conditions on the region, which is in the body."""
    assert target.address.bucket is not None
    if looks_like_directory(target.address.bucket):
        from .directory_buckets import access

        target.functions = access.functions_for_new_bucket(target.address.bucket, routed.request, routed.query)
    if routed.caller.is_anonymous and target.functions is OPERATIONS:
        check_anonymous("CreateBucket", _context(environment, routed, target))
    target.bucket = None


def _authorize_lambda_response(environment: OperationEnvironment, routed: RoutedRequest, target: Target) -> None:
    """Authorize WriteGetObjectResponse, which has no bucket: its path does not begin with a bucket's name."""
    if target.bucket is not None:
        return _authorize(environment, routed, target)
    context = _context(environment, routed, target)
    return authorize_service_operation(routed.operation.name, context)


def _authorize_session(environment: OperationEnvironment, routed: RoutedRequest, target: Target) -> None:
    """Authorize CreateSession, also of a bucket that does not exist: botocore creates a session even for CreateBucket."""
    from .directory_buckets import access

    if target.bucket is not None or not access.allows_missing_bucket(target.address, routed.caller):
        _authorize(environment, routed, target)


_AUTHORIZERS: Mapping[str, Callable[[OperationEnvironment, RoutedRequest, Target], None]] = {
    "CreateBucket": _authorize_new_bucket,
    "CreateSession": _authorize_session,
    "PostObject": _authorize_later,
    "PutBucketAnalyticsConfiguration": _authorize_later,
    "PutBucketIntelligentTieringConfiguration": _authorize_later,
    "PutBucketInventoryConfiguration": _authorize_later,
    "PutBucketMetricsConfiguration": _authorize_later,
    "WriteGetObjectResponse": _authorize_lambda_response,
}
"""Operations that are not authorized by what their address says."""


def _context(environment: OperationEnvironment, routed: RoutedRequest, target: Target) -> RequestContext:
    return routed.request_context(environment.clock, target.address.endpoint.region or routed.region)


def missing_bucket(operation: str, target: Target) -> S3Error:
    """Return the error for a bucket that does not exist."""
    if target.access_point is None:
        access_point_routing.check_missing(target.address, bucket_is_missing=True)
    kind = unsupported_kind(target.address)
    if kind is not None:
        return not_implemented(operation, kind)
    return S3Error("NoSuchBucket", BucketName=target.address.bucket)
