"""Intercepts ``URLLib3Session.send``: a fake handles the request instead of the network.

Every client's request leaves the process by that method, whichever session, thread or resource made the client, before or after
the fake became active. Signing, retries, checksums, parsing and event handlers of the client stay real. This is the hot path of
every test: measure each change.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from types import SimpleNamespace
from typing import Any

from botocore import auth, signers
from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HeadersDict
from botocore.compat import HAS_CRT
from botocore.credentials import RefreshableCredentials
from botocore.httpsession import URLLib3Session

from ...clock import Clock
from ...message import Request, Response
from .. import network_guard, others, stack
from ..handle import handle
from ..patch import Function, Patch
from .headers import aws_response
from .request_body import read_body
from .response_body import BytesBody, raw_body

_HeadersDict: Any = HeadersDict


def patches() -> list[Patch]:
    """Return the patches of ``URLLib3Session.send``, and of the clock that clients sign by."""
    return [
        Patch(URLLib3Session, "send", _send),
        *(clock_patch(module) for module in _signing_modules()),
        Patch(auth.HmacV1QueryAuth, "_get_date", _sigv2_expiry),
        Patch(RefreshableCredentials, "_seconds_remaining", _session_seconds_remaining),
    ]


def clock_patch(module: Any) -> Patch:
    """Return the patch of the clock that a module of botocore or aiobotocore signs by.

    Until 1.40.0 botocore's modules called ``datetime.datetime.utcnow``, of the module ``datetime`` that they had imported.
    """
    if hasattr(module, "get_current_datetime"):
        return Patch(module, "get_current_datetime", signing_time)
    return Patch(module, "datetime", _signing_datetime)


def _signing_datetime(original: Any) -> Any:
    """Return a stand-in for the module ``datetime``, whose ``datetime.utcnow`` is `signing_time`."""
    now = signing_time(lambda _: original.datetime.utcnow())

    class SigningDatetime(datetime):
        @classmethod
        def utcnow(cls) -> SigningDatetime:
            moment: SigningDatetime = now()
            return moment

    return SimpleNamespace(**{**vars(original), "datetime": SigningDatetime})


def _signing_modules() -> list[Any]:
    modules: list[Any] = [auth, signers]
    if HAS_CRT:  # then the C runtime makes some signatures
        from botocore.crt import auth as crt_auth

        modules.append(crt_auth)
    return modules


def signing_time(original: Function) -> Function:
    """Let clients sign by the fake's clock if a test controls it: else their dates would be wrong."""

    def get_current_datetime(remove_tzinfo: bool = True) -> datetime:
        clock = _controlled_clock()
        if clock is None:
            now: datetime = original(remove_tzinfo)
            return now
        return clock.now().replace(tzinfo=None) if remove_tzinfo else clock.now()

    return get_current_datetime


def _sigv2_expiry(original: Function) -> Function:
    """Do the same for presigned URLs of Signature Version 2, which contain the time of expiry, not of signing."""

    def _get_date(self: Any) -> str:
        clock = _controlled_clock()
        return str(original(self)) if clock is None else str(int(clock.now().timestamp()) + int(self._expires))

    return _get_date


def _session_seconds_remaining(original: Function) -> Function:
    """Let the sessions of directory buckets, which clients keep, expire by the fake's clock too: after five minutes."""

    def _seconds_remaining(self: Any) -> float:
        clock = _controlled_clock() if self.method == "s3express" else None
        if clock is None:
            seconds: float = original(self)
            return seconds
        return float((self._expiry_time - clock.now()).total_seconds())

    return _seconds_remaining


def _controlled_clock() -> Clock | None:
    interceptions = stack.active.interceptions
    if not interceptions:
        return None
    clock = interceptions[-1].fake.clock
    return clock if clock.is_controlled else None


def _send(original: Function) -> Function:
    def send(self: URLLib3Session, request: AWSPreparedRequest) -> AWSResponse:
        active = stack.active
        url = request.url
        scheme, _, rest = url.partition("://")
        host, _, target = rest.partition("/")
        fake = active.fakes_by_host.get(host) or active.fake_for(host)
        if active.urls and active.lets_through_url(url.partition("?")[0]):
            fake = None
        if fake is not None:
            path, _, query = target.partition("?")
            return to_aws_response(request, handle(fake, to_request(request, scheme, host, f"/{path}", query)))
        return _send_for_real(original, self, request, host, active)

    return send


def _send_for_real(
    original: Function, session: URLLib3Session, request: AWSPreparedRequest, host: str, active: stack.ActiveInterceptions
) -> AWSResponse:
    """Send a request that no fake handles, or hand it to moto. (It responds earlier, to clients made after its import.)

    Raises:
        ServiceNotFaked: it would reach AWS.
    """
    endpoint = active.refused_endpoint(host)
    if endpoint is not None and not active.lets_through_url(request.url.partition("?")[0]):
        if active.uses_moto and (response_of_moto := others.respond(request)) is not None:
            return response_of_moto
        raise network_guard.refused_request(host, endpoint, request)
    with network_guard.bypass():
        response: AWSResponse = original(session, request)
        return response


def to_request(prepared: AWSPreparedRequest, scheme: str, host: str, path: str, query: str) -> Request:
    """Convert botocore's request, with its URL given in parts. The body is read when it is needed."""
    headers: Any = prepared.headers
    # The public methods create a key object and look it up for each header: 14 us instead of 1.
    plain = _plain_of_bytes(headers._dict) if type(headers) is _HeadersDict else _plain(headers)
    host = plain.get("host", host)
    body = prepared.body
    if body is None:
        return Request(prepared.method, host, path, query, plain, scheme=scheme)
    if type(body) is bytes:
        return Request(prepared.method, host, path, query, plain, body, scheme=scheme)
    return Request(prepared.method, host, path, query, plain, scheme=scheme, read=partial(read_body, body))


def _plain_of_bytes(headers: dict[Any, Any]) -> dict[str, str]:
    """Return the headers of a `HeadersDict`; the values of those of a signed request are bytes, but for Content-Length."""
    try:
        return {key._lower: value.decode("latin-1") for key, value in headers.items()}
    except AttributeError:
        return {key._lower: _latin(value) for key, value in headers.items()}


def _latin(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _plain(headers: Any) -> dict[str, str]:
    plain: dict[str, str] = {}
    for key, value in headers.items():
        name, text = _latin(key).lower(), _latin(value)
        plain[name] = f"{plain[name]},{text}" if name in plain else text
    return plain


def to_aws_response(prepared: AWSPreparedRequest, response: Response) -> AWSResponse:
    """Convert a response for botocore. S3 sends a body without a length in chunks, and the headers say so.

    Raises:
        HTTPClientError: a kind of it, if an injected fault prevents the delivery.
    """
    has_body = prepared.method != "HEAD" and response.status not in (204, 304)
    body = response.body if has_body else ()
    raw = raw_body(body) if body else BytesBody()
    content = None if response.body or response.delivery is not None else b""
    converted = aws_response(prepared.url, response.status, response.headers, raw, content, says_length=has_body)
    if response.delivery is not None:
        from .faulty_response import apply_fault

        return apply_fault(prepared, response, converted)
    if response.body_state is not None and response.body and response.status < 300:
        converted.raw.watch(response.body_state)
    return converted
