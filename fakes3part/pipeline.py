"""The path of one request, on one screen: address, who asks, which operation, may they, the operation, the answer.

This is the only place that catches `S3Error` and turns it into an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from time import perf_counter
from typing import TYPE_CHECKING

from . import operations, website
from .auth import expected_owner
from .auth.authenticate import authenticate, chunk_verifier
from .auth.authorization.evaluate import is_always_allowed, is_charged
from .auth.authorization.operation import authorize_operation, authorize_service_operation, check_payer
from .auth.authorization.request import RequestContext
from .auth.callers import ANONYMOUS, Caller
from .auth.signatures.presigned_url import PARAMETERS
from .auth.signing_region import add_bucket_region, check_region
from .errors import S3Error, not_implemented
from .faults.matching import PendingCall
from .journal.record import CallError
from .message import Request, Response, Segments
from .operations import access_point_routing
from .operations.access_points import object_lambda, outposts
from .operations.buckets.acceleration import check_accelerated
from .operations.buckets.cors_preflight import refuse_preflight
from .operations.context import Context
from .operations.directory_buckets import access
from .operations.registry import OPERATIONS, Function, Params, check_members
from .operations.request_body import read_document, read_stream
from .protocol.address import Address, parse_address, unsupported_kind
from .protocol.aws_hosts import ACCELERATE, DIRECTORY, DIRECTORY_CONTROL, GENERAL, WEBSITE
from .protocol.documents import error_document
from .protocol.model import Operation
from .protocol.payload_hash import check_streaming
from .protocol.query import parse_query
from .protocol.routes import route
from .protocol.timestamps import http_date
from .rules.limits import MAX_HEADERS
from .rules.names import check_key
from .services.dispatch import service_of
from .state.access_points import AccessPoint
from .state.bucket import DIRECTORY as DIRECTORY_BUCKET
from .state.bucket import Bucket

if TYPE_CHECKING:
    from .backend import Backend
    from .events.records import EventFields
    from .faults.injection import Injection

operations.load()

Answer = tuple[int, list[tuple[str, str]], Segments]


def answer(backend: Backend, request: Request) -> Response:
    """Answer a request. Errors that S3 answers are answers; anything else raised is a bug of ours."""
    if backend.store.lifecycle_ran_at is not None or backend.events.scheduled:
        backend.run_scheduled_work()
    service = service_of(request)
    if service is not None:
        return _beside(backend, request, service)
    request_id, host_id = backend.ids.request_ids()
    call = Call(backend, request)
    try:
        status, headers, body = call.serve()
    except S3Error as error:
        if error.status == 403 and call.operation is not None and call.operation.name == "HeadBucket":
            add_bucket_region(error, backend, parse_address(request.host, request.path, backend.custom_hosts).bucket)
        status, headers, body = _refusal(error, request.method, request_id, host_id)
        call.error = CallError(error.code, error.message, error.extras, error.decision)
        if error.decision is not None:
            backend.last_denial = error.decision
    except Exception as bug:
        call.error = CallError("InternalError", f"{type(bug).__name__}: {bug}", {}, None)
        backend.calls.add(call, Response(500, []), request_id, perf_counter(), backend.clock.now())
        raise
    now = backend.clock.now()
    headers.append(("x-amz-id-2", host_id))
    headers.append(("x-amz-request-id", request_id))
    headers.append(("Date", http_date(now)))
    headers.append(("Server", "AmazonS3"))
    response = Response(status, headers, body, call.operation.name if call.operation else None)
    if call.injection is not None:
        call.injection.after(response)
    response.body_state = backend.calls.add(call, response, request_id, perf_counter(), now).body_state
    if call.pending_events:
        backend.events.publish(call.pending_events, now, (call.caller or ANONYMOUS, request.client, request_id, host_id))
    return response


def _beside(backend: Backend, request: Request, service: str) -> Response:
    """STS, KMS, S3 Control: most tests ask none of them, and need not load them."""
    from .services.pipeline import handle

    return handle(backend, request, service)


def _refusal(error: S3Error, method: str, request_id: str, host_id: str) -> Answer:
    headers = list(error.headers.items())
    if error.status == 304:
        return error.status, headers, ()
    if isinstance(error, website.PageError):
        status, headers, body = error.response(request_id, host_id)
        return status, headers, () if method == "HEAD" else body
    headers.append(("Content-Type", "application/xml"))
    if method == "HEAD":
        return error.status, headers, ()
    return error.status, headers, (error_document(error.code, error.message, error.extras, request_id, host_id),)


def _check_size(headers: Mapping[str, str]) -> None:
    """All headers together, names and values, take 8 KiB at most."""
    if sum(map(len, headers)) + sum(map(len, headers.values())) > MAX_HEADERS:
        raise S3Error("RequestHeaderSectionTooLarge", MaxSizeAllowed=MAX_HEADERS)


def _is_for_directories(request: Request, address: Address) -> bool:
    """Told by the host or, at an endpoint of one's own, by the service that the request is signed for."""
    return address.bucket is None and (
        address.endpoint.kind in (DIRECTORY, DIRECTORY_CONTROL)
        or "/s3express/aws4_request" in request.headers.get("authorization", "")
    )


def _missing(operation: str, address: Address, point: AccessPoint | None) -> S3Error:
    if point is None:
        access_point_routing.check_missing(address, bucket_is_missing=True)
    kind = unsupported_kind(address)
    if kind is not None:
        return not_implemented(operation, kind)
    return S3Error("NoSuchBucket", BucketName=address.bucket)


def _effective_headers(headers: dict[str, str], query: Mapping[str, str]) -> dict[str, str]:
    """Presigners hoist ``x-amz-*`` headers into the query, and S3 takes them there."""
    moved = {
        name.lower(): value
        for name, value in query.items()
        if name[:6].lower() == "x-amz-" and name not in PARAMETERS and name.lower() not in headers
    }
    return {**headers, **moved} if moved else headers


class Call:
    """One request on its way. ``operation`` is known once the request was routed, the rest likewise as it goes.

    ``sent_headers`` are the headers as they came; ``pending_events`` are published with the response; ``fault`` names the
    fault that a rule injected.
    """

    __slots__ = (
        "address",
        "backend",
        "caller",
        "error",
        "fault",
        "functions",
        "injection",
        "operation",
        "output",
        "params",
        "pending_events",
        "point",
        "request",
        "sent_headers",
        "started",
        "store",
    )

    def __init__(self, backend: Backend, request: Request) -> None:
        self.started = perf_counter()
        self.backend = backend
        self.store = backend.store  # looked up once: a snapshot may be restored at any time
        self.request = request
        self.sent_headers: Mapping[str, str] = request.headers
        self.operation: Operation | None = None
        self.address: Address | None = None
        self.caller: Caller | None = None
        self.params: Params | None = None
        self.output: Params | None = None
        self.error: CallError | None = None
        self.injection: Injection | None = None
        self.fault: str | None = None
        self.pending_events: list[EventFields] = []
        self.functions: Mapping[str, Function] = OPERATIONS
        self.point: AccessPoint | None = None

    def serve(self) -> Answer:
        request = self.request
        request.vpc = self.backend.vpc
        _check_size(request.headers)
        address = self.address = parse_address(request.host, request.path, self.backend.custom_hosts)
        if address.endpoint.domain is not None:
            address = self.address = website.resolve_domain(self.store, request, address)
        if address.endpoint.kind is WEBSITE:
            return self._site(address)
        if request.method == "OPTIONS" and not address.endpoint.unsupported:
            refuse_preflight(request.headers, self.store.get(address.bucket) if address.bucket else None)
        query = parse_query(request.query)
        caller = self.caller = authenticate(self.backend, request, query, address)
        if query:
            request.headers = _effective_headers(request.headers, query)
        operation = self.operation = route(
            request.method, address.level, query, request.headers, directory=_is_for_directories(request, address)
        )
        check_streaming(request.headers, streams=operation.streaming_input, anonymous=caller.is_anonymous)
        if self.backend.faults.active:
            return self._inject_fault(operation, caller, address, query)
        return self._perform(operation, caller, address, query)

    def _inject_fault(self, operation: Operation, caller: Caller, address: Address, query: Mapping[str, str]) -> Answer:
        """Perform the operation with the pauses and faults that a test's rules inject."""
        pending = PendingCall(operation.name, address.bucket, address.key, query, caller, self.request)
        injection = self.backend.faults.injection_for(pending)
        if injection is not None:
            self.injection, self.fault = injection, injection.name
            if not injection.before(operation):
                return 0, [], ()
            if injection.repeats_request:
                with suppress(S3Error):
                    self._perform(operation, caller, address, query)
        return self._perform(operation, caller, address, query)

    def _perform(self, operation: Operation, caller: Caller, address: Address, query: Mapping[str, str]) -> Answer:
        if address.endpoint.kind is not GENERAL or self.backend.lambdas.points or self.store.points.points:
            access.check_host(self.backend, address, operation, self.request, query)
            point = object_lambda.resolve(self.backend.lambdas, address, operation.name)
            if point is not None and operation.name in point.actions:
                return object_lambda.respond_by_function(
                    self._context(address, caller, None, query), point, operation.name, address
                )
            if point is not None:
                address = object_lambda.bucket_address(point, address)
            else:
                self.point, address = access_point_routing.resolve(self.store, address, operation.name, self.request.method)
        bucket = self._authorized(operation, caller, address, query)
        context = self._context(address, caller, bucket, query)
        params = self.params = self._params(context, operation, address, query)
        try:
            output = self.output = self.functions[operation.name](context, params) or {}
        finally:
            self.caller = context.caller  # a form tells by itself who asks
        if context.denial is not None:
            self.backend.last_denial = context.denial
        if bucket is not None and is_charged(context.caller, bucket) and operation.reports_charge:
            context.headers.append(("x-amz-request-charged", "requester"))
        return self._respond(context, operation, output)

    def _authorized(self, operation: Operation, caller: Caller, address: Address, query: Mapping[str, str]) -> Bucket | None:
        """The bucket, once it is clear that it is the expected one and that the caller may use it.

        Order: format of the expected owner, existence, the owner itself, an operation that we lack, access.
        """
        headers = self.request.headers
        expected_owner.check_format(headers)
        if self.point is not None:
            bucket = access_point_routing.bucket_of(self.store, self.point)
        else:
            bucket = self.store.get(address.bucket) if address.bucket is not None else None
        if bucket is not None and bucket.kind is DIRECTORY_BUCKET:
            self.functions = access.check_access(self.backend, operation, caller, bucket, address, self.request, query)
            return bucket
        if address.endpoint.kind is ACCELERATE:
            check_accelerated(address, operation.name, self.request.method, bucket)
        if bucket is not None and operation.name != "CreateBucket":
            if address.endpoint.suffix is not None or self.backend.settings.strict_regions:
                check_region(self.backend, address, bucket, operation.name, self.request, query)
            expected_owner.check_owner(headers, bucket)
        if operation.name not in OPERATIONS:
            raise not_implemented(operation.name)
        if operation.name == "PostObject":  # its form tells who asks, and for which key
            if bucket is None:
                raise _missing(operation.name, address, self.point)
            return bucket
        check_payer(headers)
        if address.bucket is None:
            authorize_service_operation(operation.name, self._request_context(caller, address, query))
            return None
        if operation.name == "CreateBucket":  # asks for itself: policies may speak of the region, which the body names
            self.functions = access.functions_for_new_bucket(address.bucket, self.request, query)
            return None
        if bucket is None:
            if operation.name == object_lambda.WRITE:  # its path is no bucket's name
                authorize_service_operation(operation.name, self._request_context(caller, address, query))
                return None
            if access.allows_missing_bucket(address, operation.name, caller):
                return None
            raise _missing(operation.name, address, self.point)
        if self.point is not None or not is_always_allowed(caller, bucket):
            authorize_operation(operation.name, self._request_context(caller, address, query), bucket, address.key, self.point)
        if address.key is not None:
            check_key(address.key)
        return bucket

    def _request_context(self, caller: Caller, address: Address, query: Mapping[str, str]) -> RequestContext:
        region = address.endpoint.region or self.backend.settings.region
        return RequestContext(caller, self.request, query, self.backend.clock, region)

    def _site(self, address: Address) -> Answer:
        bucket = self.backend.store.get(address.bucket) if address.bucket is not None else None
        context = self._context(address, ANONYMOUS, bucket, {})
        try:
            return website.serve(context, address, bucket)
        finally:
            if context.denial is not None:
                self.backend.last_denial = context.denial

    def _context(self, address: Address, caller: Caller, bucket: Bucket | None, query: Mapping[str, str]) -> Context:
        backend = self.backend
        return Context(
            self.request,
            caller,
            bucket,
            address.endpoint.region or backend.settings.region,
            query,
            accounts=backend.accounts,
            store=self.store,
            clock=backend.clock,
            ids=backend.ids,
            kms=backend.kms,
            lambdas=backend.lambdas,
            settings=backend.settings,
            point=self.point,
            events=backend.events,
            pending_events=self.pending_events,
        )

    def _params(self, context: Context, operation: Operation, address: Address, query: Mapping[str, str]) -> Params:
        request = self.request

        def body() -> bytes:
            if operation.streaming_input:
                data, context.trailers, context.digests = read_stream(request, chunk_verifier(request, context.caller))
                return data
            return read_document(request, operation)

        params = operation.parse(address.bucket, address.key, query, request.headers, body)
        check_members(operation.name, params, directory=self.functions is not OPERATIONS)
        if self.point is not None:
            outposts.check_supported(context.bucket, operation.name, params)
        return params

    def _respond(self, context: Context, operation: Operation, output: Params) -> Answer:
        headers, body = operation.serialize(output)
        status = context.status or operation.status
        headers.extend(context.headers)
        if not body and status == 200 and "ContentLength" not in output:
            headers.append(("Content-Length", "0"))
        return status, headers, () if self.request.method == "HEAD" else body
