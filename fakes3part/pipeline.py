"""The steps of one request: parse its head, authenticate, find the bucket, authorize, parse its body, perform, serialize.

This is the only place that catches `S3Error` and turns it into a response.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from time import perf_counter
from typing import TYPE_CHECKING

from . import leniences
from .auth.access_point_address import find_access_point
from .auth.authenticate import authenticate
from .auth.authorization.evaluate import is_charged
from .auth.callers import ANONYMOUS, Caller
from .auth.signing_region import add_bucket_region, endpoint_region
from .errors import S3Error
from .faults.matching import PendingCall
from .journal.record import CallError
from .message import Request, Response, ResponseParts
from .operations import access_point_routing
from .operations.access_points import outposts
from .operations.body_in_flight import reserve_body
from .operations.context import Context
from .operations.loading import LOADED, load
from .operations.registry import BUCKET_CHECKS, OPERATIONS, Params, check_members
from .operations.request_body import parse_body
from .operations.request_head import check_head
from .operations.routed_request import RoutedRequest
from .operations.targets import Target, authorize_target, find_target
from .protocol.address import Address, parse_address
from .protocol.aws_hosts import DIRECTORY, DIRECTORY_CONTROL, GENERAL, WEBSITE
from .protocol.documents import error_document
from .protocol.header_names import header_names
from .protocol.model import Operation
from .protocol.payload_hash import HEADER as SHA256_HEADER
from .protocol.payload_hash import check_streaming
from .protocol.query import SIGNATURE_PARAMETERS, hoisted_header, parse_query
from .protocol.routes import route
from .protocol.timestamps import http_date
from .rules.sse_c import check_transport
from .services.dispatch import service_of
from .state.access_control import REQUESTER
from .website.error_pages import PageError

if TYPE_CHECKING:
    from .backend import Backend
    from .events.records import EventFields, Origin
    from .faults.injection import Injection
    from .state.bucket import Bucket

_ORIGIN = "origin"
"""The header of requests from web pages. What they need is imported by the first one."""


def handle(backend: Backend, request: Request) -> Response:
    """Handle a request. S3's errors become responses; any other exception is a bug of ours, and is raised."""
    if backend.store.processes_ran_at or backend.events.scheduled:
        backend.run_scheduled_work()
    service = service_of(request)
    if service is not None:
        return _companion_response(backend, request, service)
    request_id, host_id = backend.ids.request_ids()
    call = RequestInProgress(backend, request, request_id)
    try:
        status, headers, body = call.run()
    except S3Error as error:
        if error.status == 403 and call.operation is not None and call.operation.name == "HeadBucket":
            add_bucket_region(error, backend, parse_address(request.host, request.path, backend.custom_hosts).bucket)
        operation = call.operation.name if call.operation else None
        status, headers, body = _error_response(error, request.method, request_id, host_id, operation)
        call.error = CallError(error.code, error.message, error.extras, error.decision)
        if error.decision is not None:
            backend.last_denial = error.decision
    except Exception as bug:
        call.error = CallError("InternalError", f"{type(bug).__name__}: {bug}", {}, None)
        backend.calls.add(call, Response(500, []), request_id, perf_counter(), backend.clock.now())
        raise
    if _ORIGIN in request.headers and request.method != "OPTIONS":  # the response to a preflight has them already
        from .operations.buckets.cors import cors_headers

        headers.extend(cors_headers(request, call.addressed_bucket()))
    now = backend.clock.now()
    headers += _common_headers(request_id, host_id, now)
    if request.used_leniences:
        headers.append((leniences.HEADER, ", ".join(request.used_leniences)))
    response = Response(status, headers, body, call.operation.name if call.operation else None)
    if request.used_leniences:
        response.leniences = request.used_leniences
        leniences.report(request.used_leniences)
    if call.injection is not None:
        call.injection.after(response)
    record = backend.calls.add(call, response, request_id, perf_counter(), now)
    response.body_state = record.body_state
    if call.pending_events:
        backend.events.publish(call.pending_events, now, _origin(call, request_id, host_id))
    if call.store.processes_ran_at:
        backend.call_handled(call.store, record, request, response, host_id, call.target, call.output)
    return response


def _origin(call: RequestInProgress, request_id: str, host_id: str) -> Origin:
    request = call.request
    return call.caller or ANONYMOUS, request.client, request_id, host_id, request.headers.get("x-amzn-trace-id")


def reject(backend: Backend, error: S3Error, method: str = "GET") -> Response:
    """Return the response for what a door could not take for a request. It is no call: the journal does not show it."""
    request_id, host_id = backend.ids.request_ids()
    status, headers, body = _error_response(error, method, request_id, host_id, None)
    return Response(status, [*headers, *_common_headers(request_id, host_id, backend.clock.now())], body)


def _common_headers(request_id: str, host_id: str, now: datetime) -> list[tuple[str, str]]:
    return [("x-amz-id-2", host_id), ("x-amz-request-id", request_id), ("Date", http_date(now)), ("Server", "AmazonS3")]


def _companion_response(backend: Backend, request: Request, service: str) -> Response:
    """Handle a request to STS, KMS or S3 Control, which are loaded by the first one."""
    from .services.pipeline import handle

    return handle(backend, request, service)


def _error_response(error: S3Error, method: str, request_id: str, host_id: str, operation: str | None) -> ResponseParts:
    """Return the response for an error. ``operation``: the one that was refused; None: it is not known yet."""
    headers = list(error.headers.items())
    if error.status == 304:
        return error.status, headers, ()
    if isinstance(error, PageError):
        status, headers, body = error.response(request_id, host_id)
        return status, headers, () if method == "HEAD" else body
    headers.append(("Content-Type", "application/xml"))
    if method == "HEAD":
        return error.status, headers, ()
    return (
        error.status,
        headers,
        (error_document(error.code, error.message, error.extras, request_id, host_id, operation=operation),),
    )


def _is_for_directories(request: Request, address: Address) -> bool:
    """Return whether a request to no bucket is about directory buckets, by its host or the service in its credential scope."""
    return address.endpoint.kind in (DIRECTORY, DIRECTORY_CONTROL) or "/s3express/aws4_request" in request.headers.get(
        "authorization", ""
    )


def _with_hoisted_headers(headers: dict[str, str], query: Mapping[str, str]) -> dict[str, str]:
    """Return the headers with those that a presigner has hoisted into the query. A header of the same name goes first."""
    if query.keys() <= SIGNATURE_PARAMETERS:
        return headers
    signed = "X-Amz-Signature" in query
    hoisted = {
        header: value
        for name, value in query.items()
        if (header := hoisted_header(name, signed)) is not None and header not in headers
    }
    return {**headers, **hoisted} if hoisted else headers


class RequestInProgress:
    """One request on its way through the steps. An attribute is None, that of the class, until its step is done.

    Attributes:
        started: when it came, by `time.perf_counter`.
        store: the state on which the whole request is performed, even if a snapshot is restored meanwhile.
        sent_headers: the headers as the client sent them.
        error: of the `S3Error` that it was refused with.
        injection: what fault rules inject into it; None: nothing.
        fault: the name of the injected fault; None: there is none.
        pending_events: S3 events that are published once the response is made.
    """

    operation: Operation | None = None
    address: Address | None = None
    caller: Caller | None = None
    params: Params | None = None
    output: Params | None = None
    target: Target | None = None
    error: CallError | None = None
    injection: Injection | None = None
    fault: str | None = None

    def __init__(self, backend: Backend, request: Request, request_id: str) -> None:
        self.started = perf_counter()
        self.backend = backend
        self.store = backend.store
        self.request = request
        self.request_id = request_id
        self.sent_headers: Mapping[str, str] = request.headers
        self.pending_events: list[EventFields] = []

    def run(self) -> ResponseParts:
        """Judge the request in S3's order, and perform its operation.

        1. What its request line, query and headers say by themselves.
        2. Its caller: access key, signature, clock, region.
        3. Its bucket: existence, region, expected owner, access.
        4. Its body: payload hash, digests, schema.
        5. The operation's own checks of the state.
        """
        backend, request = self.backend, self.request
        request.vpc, request.lenient = backend.vpc, backend.lenient
        names = header_names(request.headers)
        if names.size + sum(map(len, request.headers.values())) > backend.settings.max_header_size:
            raise S3Error("RequestHeaderSectionTooLarge", MaxSizeAllowed=backend.settings.max_header_size)
        address = parse_address(request.host, request.path, backend.custom_hosts)
        address = self.address = address if address.endpoint.domain is None else self._resolve_domain(address)
        if address.endpoint.kind is WEBSITE:
            return self._serve_website(address)
        if request.method == "OPTIONS" and not address.endpoint.unsupported:
            from .operations.buckets.cors import respond_to_preflight

            return respond_to_preflight(request, self.addressed_bucket())
        if request.headers.get(_ORIGIN):
            from .rules.cors import check_cors_request

            check_cors_request(request.headers)
        query = parse_query(request.query) if request.query else {}
        headers = _with_hoisted_headers(request.headers, query) if query else request.headers
        names = names if headers is request.headers else header_names(headers)
        directory = address.bucket is None and _is_for_directories(request, address)
        try:
            operation = self.operation = route(request.method, address.level, query, headers, directory=directory)
        except S3Error as error:
            if error.status == 501:
                self._check_unrouted(query, address)
            raise
        if operation.name not in LOADED:
            load(operation.name)
        if operation.level == "bucket" and address.key is not None:  # GET /bucket/key?location
            address = self.address = address._replace(key=None)
        params = self.params = operation.parse_head(address.bucket, address.key, query, headers, names)
        declared = check_head(operation, address, params, headers, names, backend.max_upload)
        if request.scheme == "http" and backend.settings.strict_sse_c:
            check_transport(params)
        caller = self.caller = authenticate(backend, request, query, address)
        request.headers = headers
        if headers.get(SHA256_HEADER, "").startswith("STREAMING-") and request.method in ("PUT", "POST"):
            check_streaming(headers, streams=operation.streaming_input, anonymous=caller.is_anonymous)
        region = address.endpoint.region or endpoint_region(backend, address.endpoint, request, query)
        routed = RoutedRequest(request, query, address, caller, operation, region, params, declared)
        return self._inject_fault(routed) if backend.faults.active else self._perform(routed)

    def addressed_bucket(self) -> Bucket | None:
        """Return the bucket that the address names, or its access point; None: it names none, or one that does not exist."""
        address = self.address
        if address is None or not address.bucket:
            return None
        point = find_access_point(self.store, address)
        return self.store.get(address.bucket) if point is None else access_point_routing.bucket_of(self.store, point)

    def _resolve_domain(self, address: Address) -> Address:
        from .website.endpoint import resolve_domain

        return resolve_domain(self.store, self.request, address)

    def _check_unrouted(self, query: Mapping[str, str], address: Address) -> None:
        """Check caller and bucket of a request for which there is no operation: these errors come before a 501."""
        self.caller = authenticate(self.backend, self.request, query, address)
        name = address.bucket
        if name is not None and address.endpoint.kind is GENERAL and self.store.get(name) is None:
            access_point_routing.check_missing(address, bucket_is_missing=True)
            raise S3Error("NoSuchBucket", BucketName=name)

    def _inject_fault(self, routed: RoutedRequest) -> ResponseParts:
        """Perform the operation with the pauses and faults that a test's rules inject."""
        address = routed.address
        pending = PendingCall(routed.operation.name, address.bucket, address.key, routed.query, routed.caller, routed.request)
        injection = self.backend.faults.injection_for(pending)
        if injection is not None:
            self.injection, self.fault = injection, injection.name
            if not injection.before(routed.operation):
                return 0, [], ()
            if injection.repeats_request:
                with suppress(S3Error):
                    self._perform(replace(routed, params=dict(routed.params)))
        return self._perform(routed)

    def _perform(self, routed: RoutedRequest) -> ResponseParts:
        """Find the bucket, authorize the caller, parse the body, call the operation, serialize its output."""
        operation = routed.operation
        target = self.target = find_target(self.backend, self.store, routed)
        if target.object_lambda is not None:
            from .operations.access_points import object_lambda

            context = self._context(routed, target)
            return object_lambda.respond_by_function(context, target.object_lambda, operation.name, target.address)
        authorize_target(self.backend, self.store, routed, target)
        context = self._context(routed, target)
        usage = self.store.usage
        reservation = None if usage is None else reserve_body(usage, context, operation, routed.params)
        try:
            params = self.params = self._parse_body(context, routed, target)
            output = self.output = target.functions[operation.name](context, params) or {}
        finally:
            self.caller = context.caller  # PostObject finds the caller in its form
            if reservation is not None:
                reservation.release()
        if context.denial is not None:
            self.backend.last_denial = context.denial
        bucket = target.bucket
        if bucket is not None and bucket.payer == REQUESTER and is_charged(context.caller, bucket) and operation.reports_charge:
            context.headers.append(("x-amz-request-charged", "requester"))
        return self._serialize(context, operation, output)

    def _context(self, routed: RoutedRequest, target: Target) -> Context:
        backend = self.backend
        return Context(
            backend,
            self.store,
            routed.request,
            routed.query,
            routed.caller,
            target.address.endpoint.region or routed.region,
            target.bucket,
            self.pending_events,
            target.access_point,
            request_id=self.request_id,
            declared=routed.declared,
        )

    def _parse_body(self, context: Context, routed: RoutedRequest, target: Target) -> Params:
        """Return all params of the request, with those of its body."""
        operation, params = routed.operation, routed.params
        if target.address is not routed.address and "Bucket" in params:
            params["Bucket"] = target.address.bucket
        if routed.request.method in ("PUT", "POST"):
            check_bucket = BUCKET_CHECKS.get(operation.name)
            if check_bucket is not None:
                check_bucket(context, params)
            parse_body(context, operation, params)
        check_members(operation.name, params, directory=target.functions is not OPERATIONS)
        if target.access_point is not None:
            outposts.check_supported(context.bucket, operation.name, params)
        return params

    def _serialize(self, context: Context, operation: Operation, output: Params) -> ResponseParts:
        headers, body = operation.serialize(output)
        status = context.status or operation.status
        headers.extend(context.headers)
        if not body and status == 200 and "ContentLength" not in output:
            headers.append(("Content-Length", "0"))
        return status, headers, () if self.request.method == "HEAD" else body

    def _serve_website(self, address: Address) -> ResponseParts:
        from .website.endpoint import serve

        bucket = self.store.get(address.bucket) if address.bucket is not None else None
        backend, region = self.backend, address.endpoint.region or self.backend.settings.region
        context = Context(backend, self.store, self.request, {}, ANONYMOUS, region, bucket, self.pending_events)
        try:
            return serve(context, address, bucket)
        finally:
            if context.denial is not None:
                backend.last_denial = context.denial
