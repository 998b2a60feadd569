"""The path of one request, on one screen: address, who asks, which operation, may they, the operation, the answer.

This is the only place that catches `S3Error` and turns it into an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from . import operations
from .auth import owner
from .auth.accounts import Caller
from .auth.authenticate import authenticate, chain_of
from .auth.authorize import is_charged
from .auth.payload_hash import check_streaming
from .auth.permit import check_payer, permit, permit_service
from .auth.presigned import PARAMETERS
from .errors import S3Error, not_implemented
from .message import Request, Response, Segments
from .operations.context import Context
from .operations.preflight import refuse_preflight
from .operations.registry import OPERATIONS, REFUSED, Params
from .protocol.address import DIRECTORY, Address, address, other_kind
from .protocol.body import read_document, read_stream
from .protocol.documents import error_document
from .protocol.model import Operation
from .protocol.routes import route
from .protocol.timestamps import http_date
from .rules.limits import MAX_HEADERS
from .rules.names import check_key
from .state.bucket import Bucket

if TYPE_CHECKING:
    from .fake import FakeS3

operations.load()

Answer = tuple[int, list[tuple[str, str]], Segments]


def answer(fake: FakeS3, request: Request) -> Response:
    """Answer a request. Errors that S3 answers are answers; anything else raised is a bug of ours."""
    request_id, host_id = fake.ids.request_ids()
    call = Call(fake, request)
    try:
        status, headers, body = call.serve()
    except S3Error as error:
        status, headers, body = _refusal(error, request.method, request_id, host_id)
        if error.decision is not None:
            fake.last_denial = error.decision
    headers.append(("x-amz-id-2", host_id))
    headers.append(("x-amz-request-id", request_id))
    headers.append(("Date", http_date(fake.clock.now())))
    headers.append(("Server", "AmazonS3"))
    return Response(status, headers, body, call.operation.name if call.operation else None)


def _refusal(error: S3Error, method: str, request_id: str, host_id: str) -> Answer:
    headers = list(error.headers.items())
    if error.status == 304:
        return error.status, headers, ()
    headers.append(("Content-Type", "application/xml"))
    if method == "HEAD":
        return error.status, headers, ()
    return error.status, headers, (error_document(error.code, error.message, error.extras, request_id, host_id),)


def parse_query(query: str) -> dict[str, str]:
    """The query by name, decoded; a bare name has the value ''; of one name given twice the first counts."""
    parsed: dict[str, str] = {}
    if query:
        for pair in query.split("&"):
            name, _, value = pair.partition("=")
            if name:
                parsed.setdefault(unquote_plus(name), unquote_plus(value) if value else "")
    return parsed


def _check_size(headers: Mapping[str, str]) -> None:
    """All headers together, names and values, take 8 KiB at most."""
    if sum(map(len, headers)) + sum(map(len, headers.values())) > MAX_HEADERS:
        raise S3Error("RequestHeaderSectionTooLarge", MaxSizeAllowed=MAX_HEADERS)


def _is_for_directories(request: Request, place: Address) -> bool:
    """Told by the host or, at an endpoint of one's own, by the service that the request is signed for."""
    return place.bucket is None and (
        place.host.unsupported == DIRECTORY or "/s3express/aws4_request" in request.headers.get("authorization", "")
    )


def _missing(operation: str, place: Address) -> S3Error:
    kind = other_kind(place)
    if kind is not None:
        return not_implemented(operation, kind)
    return S3Error("NoSuchBucket", BucketName=place.bucket)


def _effective_headers(headers: dict[str, str], query: Mapping[str, str]) -> dict[str, str]:
    """Presigners hoist ``x-amz-*`` headers into the query, and S3 takes them there."""
    moved = {
        name.lower(): value
        for name, value in query.items()
        if name[:6].lower() == "x-amz-" and name not in PARAMETERS and name.lower() not in headers
    }
    return {**headers, **moved} if moved else headers


class Call:
    """One request on its way. ``operation`` is known once the request was routed."""

    __slots__ = ("fake", "operation", "request")

    def __init__(self, fake: FakeS3, request: Request) -> None:
        self.fake = fake
        self.request = request
        self.operation: Operation | None = None

    def serve(self) -> Answer:
        request = self.request
        _check_size(request.headers)
        place = address(request.host, request.path, self.fake.custom_hosts)
        if request.method == "OPTIONS" and not place.host.unsupported:
            refuse_preflight(request.headers, self.fake.store.get(place.bucket) if place.bucket else None)
        query = parse_query(request.query)
        caller = authenticate(self.fake, request, query, place)
        if query:
            request.headers = _effective_headers(request.headers, query)
        operation = self.operation = route(
            request.method, place.level, query, request.headers, directory=_is_for_directories(request, place)
        )
        check_streaming(request.headers, streams=operation.streaming_input, anonymous=caller.is_anonymous)
        if place.host.unsupported:
            raise not_implemented(operation.name, place.host.unsupported)
        bucket = self._authorized(operation, caller, place, query)
        s3 = self._context(place, caller, bucket, query)
        params = self._params(s3, operation, place, query)
        output = OPERATIONS[operation.name](s3, params) or {}
        if s3.denial is not None:
            self.fake.last_denial = s3.denial
        if bucket is not None and is_charged(s3.caller, bucket) and operation.tells_charge:
            s3.headers.append(("x-amz-request-charged", "requester"))
        return self._respond(s3, operation, output)

    def _authorized(self, operation: Operation, caller: Caller, place: Address, query: Mapping[str, str]) -> Bucket | None:
        """The bucket, once it is clear that it is the expected one and that the caller may use it.

        Order: format of the expected owner, existence, the owner itself, an operation that we lack, access.
        """
        headers = self.request.headers
        owner.check_format(headers)
        bucket = self.fake.store.get(place.bucket) if place.bucket is not None else None
        if bucket is not None and operation.name != "CreateBucket":
            owner.check_owner(headers, bucket)
        if operation.name not in OPERATIONS:
            raise not_implemented(operation.name)
        if operation.name == "PostObject":  # its form tells who asks, and for which key
            if bucket is None:
                raise _missing(operation.name, place)
            return bucket
        check_payer(headers)
        fake, region = self.fake, place.host.region or self.fake.settings.region
        if place.bucket is None:
            permit_service(operation.name, caller, self.request, query, region=region, clock=fake.clock)
            return None
        if operation.name == "CreateBucket":  # asks for itself: policies may speak of the region, which the body names
            return None
        if bucket is None:
            raise _missing(operation.name, place)
        permit(operation.name, caller, bucket, place.key, self.request, query, region=region, clock=fake.clock)
        if place.key is not None:
            check_key(place.key)
        return bucket

    def _context(self, place: Address, caller: Caller, bucket: Bucket | None, query: Mapping[str, str]) -> Context:
        fake = self.fake
        return Context(
            self.request,
            caller,
            bucket,
            place.host.region or fake.settings.region,
            query,
            accounts=fake.accounts,
            store=fake.store,
            clock=fake.clock,
            ids=fake.ids,
            kms=fake.kms,
            settings=fake.settings,
        )

    def _params(self, s3: Context, operation: Operation, place: Address, query: Mapping[str, str]) -> Params:
        request = self.request

        def body() -> bytes:
            if operation.streaming_input:
                data, s3.trailers, s3.digests = read_stream(request, chain_of(request, s3.caller))
                return data
            return read_document(request, operation)

        params = operation.parse(place.bucket, place.key, query, request.headers, body)
        refused = REFUSED.keys() & params.keys()
        if refused:
            raise not_implemented(operation.name, REFUSED[min(refused)])
        return params

    def _respond(self, s3: Context, operation: Operation, output: Params) -> Answer:
        headers, body = operation.serialize(output)
        status = s3.status or operation.status
        headers.extend(s3.headers)
        if not body and status == 200 and "ContentLength" not in output:
            headers.append(("Content-Length", "0"))
        return status, headers, () if self.request.method == "HEAD" else body
