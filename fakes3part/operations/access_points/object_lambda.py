"""Object Lambda access points: GetObject and HeadObject through a function, and WriteGetObjectResponse.

A GetObject runs the access point's function in the caller's thread, with the event that AWS Lambda would pass. The response is
what the function sends by WriteGetObjectResponse, from any thread, in-process or over HTTP. No lock is held meanwhile, so the
function may use the same fake. The response to a HeadObject is what the function returns.

Sources: botocore's model documentation of the operation, the user guide's pages on event context and returned documents. Assumed,
not recorded from AWS: status 400 for errors of functions (SDKs do not retry those), InvalidToken for a route and token without a
waiting request.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import quote, unquote_plus

from ...auth import expected_owner
from ...auth.authorization.condition_keys import condition_values
from ...auth.authorization.evaluate import authorize
from ...auth.authorization.request import AuthorizationRequest
from ...auth.signatures.presign import presign_get
from ...auth.signatures.presigned_url import TOKEN
from ...errors import S3Error, invalid_argument, not_implemented
from ...message import ResponseParts
from ...protocol.address import Address
from ...protocol.aws_hosts import GENERAL, OBJECT_LAMBDA, Endpoint, parse_host
from ...protocol.http1 import PHRASES
from ...protocol.model import s3_model
from ...protocol.query import SIGNATURE_PARAMETERS
from ...rules import checksums
from ...rules.names import check_key
from ...state.object_lambda import ACTIONS, ALIAS, ObjectLambda, PendingLambdaResponse
from ...state.object_lambdas import ObjectLambdas
from ..context import Context
from ..registry import Output, Params, operation

WRITE = "WriteGetObjectResponse"
LOG = logging.getLogger("fakes3part.objectlambda")
"""Logs every exception of a function with its traceback, since the client gets S3's error only."""
LOG.addHandler(logging.NullHandler())

_URL_LIFETIME = 61
"""Seconds for which ``inputS3Url`` is valid: a function has a minute to respond."""

_ROUTE = "io-cell001"
_STATUSES = frozenset({200, 206, 304, 400, 401, 403, 404, 405, 409, 411, 412, 416, 500, 503})
_SUCCESSES = frozenset({200, 206, 304})
_CODE = re.compile("[A-Z][a-zA-Z]+", re.ASCII)
_REQUEST_MEMBERS = frozenset({"RequestRoute", "RequestToken", "StatusCode", "ErrorCode", "ErrorMessage", "Body", "ContentLength"})
_SECRET_HEADERS = frozenset({"authorization", "x-amz-security-token"})


# --- where a request goes --------------------------------------------------------------------------------------------


def resolve(points: ObjectLambdas, address: Address, name: str) -> ObjectLambda | None:
    """Return the Object Lambda access point that a request goes to; None: it goes to none.

    Raises:
        S3Error: NoSuchAccessPoint, or NotImplemented for unsupported endpoints, and for operations that these access points lack.
    """
    endpoint = address.endpoint
    if endpoint.unsupported:
        raise not_implemented(name, endpoint.unsupported)
    if name == WRITE:
        return None
    is_object_lambda = endpoint.kind == OBJECT_LAMBDA
    point = _find(points.points, address)
    if (point is not None or is_object_lambda) and name not in ACTIONS:
        raise not_implemented(name, OBJECT_LAMBDA)
    if point is None and is_object_lambda:
        raise S3Error("NoSuchAccessPoint", AccessPointName=(endpoint.bucket or "").rpartition("-")[0])
    return point


def _find(points: Mapping[str, ObjectLambda], address: Address) -> ObjectLambda | None:
    """Return the access point by its name and account in the host, or by its alias, which clients send as a bucket name."""
    name = address.bucket or ""
    return points.get(name) if address.endpoint.bucket is not None or name.endswith(ALIAS) else None


def bucket_address(point: ObjectLambda, address: Address) -> Address:
    """Return the address of the access point's bucket, for the operations that no function handles."""
    return Address(point.bucket, address.key, Endpoint(None, point.region))


# --- reading through a function --------------------------------------------------------------------------------------


class LambdaContext:
    """The second argument of a function, with the attributes of AWS Lambda's context object."""

    def __init__(self, point: ObjectLambda, request_id: str) -> None:
        self.aws_request_id = request_id
        self.function_name = point.name
        self.function_version = "$LATEST"
        self.invoked_function_arn = f"arn:aws:lambda:{point.region}:{point.account}:function:{point.name}"
        self.log_group_name = f"/aws/lambda/{point.name}"
        self.log_stream_name = request_id
        self.memory_limit_in_mb = "128"

    def get_remaining_time_in_millis(self) -> int:
        """Return 60,000 always: the time is not measured."""
        return 60_000


def respond_by_function(context: Context, point: ObjectLambda, name: str, address: Address) -> ResponseParts:
    """Return the response to a GetObject or HeadObject that the access point's function makes.

    Raises:
        S3Error: AccessDenied and other errors of authorization, NotImplemented for a range or part that the access point's
            features lack, LambdaRuntimeError for a function that raised, LambdaResponseNotReceived for one that wrote no
            response, LambdaInvalidResponse for one that returned no valid response to a HeadObject, or the error that the
            function wrote.
    """
    key = address.key or ""
    access = _authorize(context, point, name, key)
    _check_features(context, point, name)
    request_id, _ = context.ids.request_ids()
    waiting = PendingLambdaResponse(_ROUTE, context.ids.token())
    event = _event(context, point, name, key, waiting, request_id, access)
    context.lambdas.add_pending(waiting)
    try:
        returned = _invoke(point, event, request_id, waiting)
    finally:
        context.lambdas.remove_pending(waiting)
    if name == "HeadObject":
        return _head_response(returned)
    if waiting.reply is None:
        raise S3Error("LambdaResponseNotReceived")
    return _get_response(waiting.reply)


def _invoke(point: ObjectLambda, event: dict[str, Any], request_id: str, waiting: PendingLambdaResponse) -> object:
    try:
        return point.handler(event, LambdaContext(point, request_id))
    except Exception:
        LOG.exception("the function of %s failed", point.arn)
        if waiting.reply is None:
            raise S3Error("LambdaRuntimeError") from None
        return None  # the response that it wrote before stands


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
    """Raise NotImplemented for a range or part that the access point's features do not declare the function to support."""
    requested = {"Range": context.request.headers.get("range"), "PartNumber": context.query.get("partNumber")}
    for feature, value in requested.items():
        if value is not None and f"{name}-{feature}" not in point.features:
            header = "Range" if feature == "Range" else "partNumber"
            reason = f"The access point's allowed features lack {name}-{feature}"
            raise S3Error("NotImplemented", None, Header=header, additionalMessage=reason)


# --- the event -------------------------------------------------------------------------------------------------------


def _event(
    context: Context,
    point: ObjectLambda,
    name: str,
    key: str,
    waiting: PendingLambdaResponse,
    request_id: str,
    access: AuthorizationRequest,
) -> dict[str, Any]:
    object_url = f"{point.endpoint_url or _endpoint(context, point)}/{point.bucket}/{quote(key, safe='/~')}"
    now, version_id = context.clock.now(), context.query.get("versionId")
    url = presign_get(object_url, context.caller, point.region, now, _URL_LIFETIME, version_id)
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
    """Return the endpoint for ``inputS3Url``, which names the bucket in the path: AWS's, or the custom one of the request."""
    scheme, host = context.request.scheme, context.request.host
    endpoint = parse_host(host)
    if endpoint.region or endpoint.kind is not GENERAL:
        return f"{scheme}://s3.{point.region}.amazonaws.com"
    return f"{scheme}://{host.removeprefix(f'{point.name}-{point.account}.')}"


def _url(context: Context) -> str:
    """Return the URL of the request without the parameters of a presigned URL's signature."""
    request = context.request
    pairs = [
        pair for pair in request.query.split("&") if unquote_plus(pair.partition("=")[0]) not in (*SIGNATURE_PARAMETERS, TOKEN)
    ]
    query = "&".join(pairs)
    return f"{request.scheme}://{request.host}{request.path}{f'?{query}' if query else ''}"


def _headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers with capitalized names and without secrets. (The original capitals are not stored.)"""
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


# --- the response ----------------------------------------------------------------------------------------------------


class ForwardedError(S3Error):
    """An error that the function wrote, with any code and status."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str]) -> None:
        super().__init__("InternalError", message, headers=headers)
        self.status, self.code = status, code


def _get_response(reply: Mapping[str, Any]) -> ResponseParts:
    """Return the response to a GetObject from the parameters of WriteGetObjectResponse.

    Raises:
        ForwardedError: the function wrote an error.
    """
    output: Output = {member: value for member, value in reply.items() if member not in _REQUEST_MEMBERS}
    status = reply.get("StatusCode", 200)
    headers, _ = s3_model().operations["GetObject"].serialize(output)
    if "ErrorCode" in reply or "ErrorMessage" in reply:
        code = reply.get("ErrorCode") or PHRASES[status].replace(" ", "")
        raise ForwardedError(status, code, reply.get("ErrorMessage", ""), dict(headers))
    body = reply.get("Body", b"")
    if status != 304:
        headers.append(("Content-Length", str(len(body))))
    return status, headers, (body,) if body and status != 304 else ()


def _head_response(document: object) -> ResponseParts:
    """Return the response to a HeadObject from what the function returned: ``{"statusCode": 200, "headers": {...}}``.

    Raises:
        S3Error: LambdaInvalidResponse, or a `ForwardedError` for a document with ``errorCode``.
    """
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
    """Send the response to the GetObject that waits under the route and token. Only the first one counts.

    Raises:
        S3Error: InvalidArgument or InvalidRequest for an impossible response, InvalidToken.
    """
    _check_response(params)
    if not context.lambdas.respond(params["RequestRoute"], params["RequestToken"], params):
        raise S3Error("InvalidToken")
    return {}


def _check_response(params: Params) -> None:
    status, code = params.get("StatusCode", 200), params.get("ErrorCode")
    if status not in _STATUSES:
        _raise_invalid_argument("The status code is none that a response may have.", "x-amz-fwd-status", status)
    if code is not None and not _CODE.fullmatch(code):
        _raise_invalid_argument("The error code must match ^[A-Z][a-zA-Z]+$.", "x-amz-fwd-error-code", code)
    if code is not None or "ErrorMessage" in params:
        for is_wrong, forbidden in ((status in _SUCCESSES, "a successful status code"), (bool(params.get("Body")), "a body")):
            if is_wrong:
                raise S3Error("InvalidRequest", f"An error code or message cannot be used with {forbidden}.")
    if len(checksums.BY_MEMBER.keys() & params.keys()) > 1:
        raise checksums.only_one()


def _raise_invalid_argument(message: str, name: str, value: object) -> NoReturn:
    raise invalid_argument(message, name, value)
