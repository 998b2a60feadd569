"""PutBucketCors, GetBucketCors, DeleteBucketCors; preflight requests, and CORS headers of all other responses."""

from __future__ import annotations

from ...errors import S3Error
from ...message import Request, ResponseParts
from ...rules.cors import ORIGIN, check_cors_request, cors_output, parse_cors, requested_method, response_headers
from ...state.bucket import Bucket
from ...state.cors import Cors
from ..context import Context
from ..registry import Params
from .configurations import configuration

_NOT_ENABLED = "CORSResponse: CORS is not enabled for this bucket."
_NO_BUCKET = "CORSResponse: Bucket not found"
_NOT_ALLOWED = (
    "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / "
    "Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec."
)


def _parse(context: Context, params: Params) -> Cors:
    return parse_cors(params["CORSConfiguration"])


configuration(
    field="cors",
    put="PutBucketCors",
    get="GetBucketCors",
    delete="DeleteBucketCors",
    parse=_parse,
    show=cors_output,
    missing="NoSuchCORSConfiguration",
)


def respond_to_preflight(request: Request, bucket: Bucket | None) -> ResponseParts:
    """Return the response to an OPTIONS request, which needs no signature and does not look for the key.

    Args:
        bucket: None: there is no such bucket.

    Raises:
        S3Error: BadRequest, or AccessForbidden where no rule allows the request.
    """
    headers = request.headers
    if not headers.get(ORIGIN):
        raise S3Error("BadRequest", "Insufficient information. Origin request header needed.")
    check_cors_request(headers)
    cors = None if bucket is None else bucket.cors
    allowing = None if cors is None else response_headers(cors, headers, request.method)
    if allowing is not None:
        return 200, [*allowing, ("Content-Length", "0")], ()
    text = _NO_BUCKET if bucket is None else _NOT_ENABLED if cors is None else _NOT_ALLOWED
    kind = "BUCKET" if cors is None else "OBJECT"
    raise S3Error("AccessForbidden", text, Method=requested_method(headers, request.method), ResourceType=kind)


def cors_headers(request: Request, bucket: Bucket | None) -> list[tuple[str, str]]:
    """Return the CORS headers of the response to a plain request with an Origin; none if no rule of its bucket allows it."""
    if bucket is None or bucket.cors is None or not request.headers.get(ORIGIN):
        return []
    return response_headers(bucket.cors, request.headers, request.method) or []
