"""Object Lambda access points: WriteGetObjectResponse, and the reads that it answers.

A GetObject at such an access point runs its function, in the caller's thread, with the event that AWS Lambda would be given; what
the function writes by WriteGetObjectResponse, from whatever thread and through whatever door, is the answer. No lock is held
meanwhile, so the function may use the same fake for what it likes. A HeadObject is answered by what the function returns.

Sources: botocore's model documentation of the operation, the user guide's pages on events and returned documents. Chosen where
those are silent: the statuses of errors of functions (400: they are the customer's, and SDKs do not try again), InvalidToken for
a route and token under which nobody waits (any more).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NoReturn
from urllib.parse import unquote_plus

from ...auth import expected_owner
from ...auth.authorization.condition_keys import condition_values
from ...auth.authorization.evaluate import authorize
from ...auth.authorization.request import AuthorizationRequest
from ...auth.signatures.presign import presigned_url
from ...auth.signatures.presigned_url import PARAMETERS, TOKEN
from ...errors import S3Error, invalid_argument, not_implemented
from ...message import Segments
from ...protocol.address import Address
from ...protocol.aws_hosts import GENERAL, OBJECT_LAMBDA, Endpoint, parse_host
from ...protocol.model import s3_model
from ...rules import checksums
from ...rules.names import check_key
from ...state.object_lambda import ACTIONS, ALIAS, ObjectLambda, ObjectLambdas, Waiting
from ..context import Context
from ..registry import Output, Params, operation

WRITE = "WriteGetObjectResponse"
LOG = logging.getLogger("fakes3part.objectlambda")
"""Every exception of a function, with its traceback, as an error: the client gets S3's words only."""
LOG.addHandler(logging.NullHandler())

Answer = tuple[int, list[tuple[str, str]], Segments]

_URL_LIFETIME = 61
"""How long ``inputS3Url`` works: a function has a minute to answer."""

_ROUTE = "io-cell001"
_STATUSES = frozenset({200, 206, 304, 400, 401, 403, 404, 405, 409, 411, 412, 416, 500, 503})
_SUCCESSES = frozenset({200, 206, 304})
_CODE = re.compile("[A-Z][a-zA-Z]+", re.ASCII)
_REQUEST_MEMBERS = frozenset({"RequestRoute", "RequestToken", "StatusCode", "ErrorCode", "ErrorMessage", "Body", "ContentLength"})
_SECRET_HEADERS = frozenset({"authorization", "x-amz-security-token"})


# --- where a request goes --------------------------------------------------------------------------------------------


def resolve(points: ObjectLambdas, address: Address, name: str) -> ObjectLambda | None:
    """The access point that a request of this operation is for; None: it is for none.

    Raises:
        S3Error: NoSuchAccessPoint, or NotImplemented for another kind of endpoint and for operations that are not done there.
    """
    endpoint = address.endpoint
    if endpoint.unsupported:
        raise not_implemented(name, endpoint.unsupported)
    if name == WRITE:
        return None
    at_one = endpoint.kind == OBJECT_LAMBDA
    point = _find(points.points, address)
    if (point is not None or at_one) and name not in ACTIONS:
        raise not_implemented(name, OBJECT_LAMBDA)
    if point is None and at_one:
        raise S3Error("NoSuchAccessPoint", AccessPointName=(endpoint.bucket or "").rpartition("-")[0])
    return point


def _find(points: Mapping[str, ObjectLambda], address: Address) -> ObjectLambda | None:
    """By its name and account in the host, or by its alias, which clients take for a bucket."""
    name = address.bucket or ""
    return points.get(name) if address.endpoint.bucket is not None or name.endswith(ALIAS) else None


def bucket_address(point: ObjectLambda, address: Address) -> Address:
    """The bucket's own address, for what passes an access point by."""
    return Address(point.bucket, address.key, Endpoint(None, point.region))


# --- reading through a function --------------------------------------------------------------------------------------


class LambdaContext:
    """What a function is given beside the event, as far as tests may look at it."""

    def __init__(self, point: ObjectLambda, request_id: str) -> None:
        self.aws_request_id = request_id
        self.function_name = point.name
        self.function_version = "$LATEST"
        self.invoked_function_arn = f"arn:aws:lambda:{point.region}:{point.account}:function:{point.name}"
        self.log_group_name = f"/aws/lambda/{point.name}"
        self.log_stream_name = request_id
        self.memory_limit_in_mb = "128"

    def get_remaining_time_in_millis(self) -> int:
        """A minute, always: nobody watches the clock."""
        return 60_000


def respond_by_function(context: Context, point: ObjectLambda, name: str, address: Address) -> Answer:
    """Answer a GetObject or HeadObject by the access point's function.

    Raises:
        S3Error: AccessDenied and its kin, NotImplemented for a range or part where the access point allows none,
            LambdaRuntimeError for a function that failed, LambdaResponseNotReceived for one that wrote nothing,
            LambdaInvalidResponse for one that returned no answer to a HeadObject, or what the function wrote as an error.
    """
    key = address.key or ""
    access = _authorize(context, point, name, key)
    _check_features(context, point, name)
    request_id, _ = context.ids.request_ids()
    waiting = Waiting(_ROUTE, context.ids.token())
    event = _event(context, point, name, key, waiting, request_id, access)
    context.lambdas.wait(waiting)
    try:
        returned = _invoke(point, event, request_id, waiting)
    finally:
        context.lambdas.forget(waiting)
    if name == "HeadObject":
        return _head_response(returned)
    if waiting.reply is None:
        raise S3Error("LambdaResponseNotReceived")
    return _get_response(waiting.reply)


def _invoke(point: ObjectLambda, event: dict[str, Any], request_id: str, waiting: Waiting) -> object:
    try:
        return point.handler(event, LambdaContext(point, request_id))
    except Exception:
        LOG.exception("the function of %s failed", point.arn)
        if waiting.reply is None:
            raise S3Error("LambdaRuntimeError") from None
        return None  # what it wrote before is on its way to the client already


def _authorize(context: Context, point: ObjectLambda, name: str, key: str) -> AuthorizationRequest:
    """Authorize a read through the Object Lambda access point. Return the request, for the conditions' values.

    Only identity policies of the access point's account can allow it: the access point has no policy. What the function reads is
    read in the caller's name and authorized separately.
    """
    action = f"s3-object-lambda:{name}"
    access = AuthorizationRequest(context.request_context, action, arn=point.arn, owner_account=point.account)
    authorize(access)
    bucket = context.store.get(point.bucket)
    if bucket is None:
        raise S3Error("NoSuchBucket", BucketName=point.bucket)
    expected_owner.check_format(context.request.headers)
    expected_owner.check_owner(context.request.headers, bucket)
    check_key(key)
    return access


def _check_features(context: Context, point: ObjectLambda, name: str) -> None:
    """Ranges and parts are the function's work, so S3 takes them only where somebody says that it does it."""
    asked = {"Range": context.request.headers.get("range"), "PartNumber": context.query.get("partNumber")}
    for what, value in asked.items():
        if value is not None and f"{name}-{what}" not in point.features:
            header = "Range" if what == "Range" else "partNumber"
            reason = f"The access point's allowed features lack {name}-{what}"
            raise S3Error("NotImplemented", None, Header=header, additionalMessage=reason)


# --- the event -------------------------------------------------------------------------------------------------------


def _event(
    context: Context, point: ObjectLambda, name: str, key: str, waiting: Waiting, request_id: str, access: AuthorizationRequest
) -> dict[str, Any]:
    url = presigned_url(
        point.endpoint_url or _endpoint(context, point),
        point.bucket,
        key,
        context.caller,
        point.region,
        context.clock.now(),
        seconds=_URL_LIFETIME,
        version_id=context.query.get("versionId"),
    )
    if name == "GetObject":
        contexts = {"getObjectContext": {"inputS3Url": url, "outputRoute": waiting.route, "outputToken": waiting.token}}
    else:
        contexts = {"headObjectContext": {"inputS3Url": url}}
    return {
        "xAmzRequestId": request_id,
        **contexts,
        "configuration": {
            "accessPointArn": point.arn,
            "supportingAccessPointArn": point.supporting_arn,
            "payload": point.payload,
        },
        "userRequest": {"url": _url(context), "headers": _headers(context.request.headers)},
        "userIdentity": _identity(context, access),
        "protocolVersion": "1.00",
    }


def _endpoint(context: Context, point: ObjectLambda) -> str:
    """Where the request came from, as an endpoint that knows buckets by path: AWS's, or somebody's own server."""
    scheme, host = context.request.scheme, context.request.host
    endpoint = parse_host(host)
    if endpoint.region or endpoint.kind is not GENERAL:
        return f"{scheme}://s3.{point.region}.amazonaws.com"
    return f"{scheme}://{host.removeprefix(f'{point.name}-{point.account}.')}"


def _url(context: Context) -> str:
    """As requested, without what a presigned URL is signed by."""
    request = context.request
    kept = [pair for pair in request.query.split("&") if unquote_plus(pair.partition("=")[0]) not in (*PARAMETERS, TOKEN)]
    query = "&".join(kept)
    return f"{request.scheme}://{request.host}{request.path}{f'?{query}' if query else ''}"


def _headers(headers: Mapping[str, str]) -> dict[str, str]:
    """In the usual capitals (how they came is not kept), without what is secret."""
    return {name.title(): value for name, value in headers.items() if name not in _SECRET_HEADERS}


def _identity(context: Context, access: AuthorizationRequest) -> dict[str, Any]:
    caller = context.caller
    [principal_id] = condition_values(access, "aws:userid") or ("",)
    identity = {
        "type": "IAMUser" if caller.identity else "Root",
        "principalId": principal_id,
        "arn": caller.arn,
        "accountId": context.account,
        "accessKeyId": caller.access_key,
    }
    return identity | ({"userName": caller.identity.name} if caller.identity else {})


# --- the answer ------------------------------------------------------------------------------------------------------


class ForwardedError(S3Error):
    """An error of the function's own making: any code, any status."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str]) -> None:
        super().__init__("InternalError", message, headers=headers)
        self.status, self.code = status, code


def _get_response(reply: Mapping[str, Any]) -> Answer:
    """What WriteGetObjectResponse said, as GetObject says it."""
    output: Output = {member: value for member, value in reply.items() if member not in _REQUEST_MEMBERS}
    status = reply.get("StatusCode", 200)
    headers, _ = s3_model().operations["GetObject"].serialize(output)
    if "ErrorCode" in reply or "ErrorMessage" in reply:
        code = reply.get("ErrorCode") or HTTPStatus(status).phrase.replace(" ", "")
        raise ForwardedError(status, code, reply.get("ErrorMessage", ""), dict(headers))
    body = reply.get("Body", b"")
    if status != 304:
        headers.append(("Content-Length", str(len(body))))
    return status, headers, (body,) if body and status != 304 else ()


def _head_response(document: object) -> Answer:
    """What a function returned for a HeadObject: ``{"statusCode": 200, "headers": {...}}``, or an error."""
    if not isinstance(document, Mapping) or not isinstance(document.get("statusCode"), int):
        raise S3Error("LambdaInvalidResponse")
    status, headers = document["statusCode"], document.get("headers") or {}
    if status not in _STATUSES or not isinstance(headers, Mapping):
        raise S3Error("LambdaInvalidResponse")
    response_headers = [(str(name), _header_value(value)) for name, value in headers.items() if value is not None]
    if document.get("errorCode"):
        raise ForwardedError(status, str(document["errorCode"]), str(document.get("errorMessage") or ""), dict(response_headers))
    return status, response_headers, ()


def _header_value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


# --- what the function writes ----------------------------------------------------------------------------------------


@operation(WRITE)
def write_get_object_response(context: Context, params: Params) -> Output:
    """Answer the GetObject that waits under the route and token: once.

    Raises:
        S3Error: InvalidArgument or InvalidRequest for what cannot be an answer, InvalidToken.
    """
    _check_response(params)
    if not context.lambdas.write(params["RequestRoute"], params["RequestToken"], params):
        raise S3Error("InvalidToken")
    return {}


def _check_response(params: Params) -> None:
    status, code = params.get("StatusCode", 200), params.get("ErrorCode")
    if status not in _STATUSES:
        _raise_invalid_argument("The status code is none that a response may have.", "x-amz-fwd-status", status)
    if code is not None and not _CODE.fullmatch(code):
        _raise_invalid_argument("The error code must match ^[A-Z][a-zA-Z]+$.", "x-amz-fwd-error-code", code)
    if code is not None or "ErrorMessage" in params:
        for wrong, what in ((status in _SUCCESSES, "a successful status code"), (bool(params.get("Body")), "a body")):
            if wrong:
                raise S3Error("InvalidRequest", f"An error code or message cannot be used with {what}.")
    if len(checksums.BY_MEMBER.keys() & params.keys()) > 1:
        raise checksums.only_one()


def _raise_invalid_argument(message: str, name: str, value: object) -> NoReturn:
    raise invalid_argument(message, name, value)
