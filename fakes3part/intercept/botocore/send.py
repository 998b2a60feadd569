"""The botocore door: ``URLLib3Session.send``, answered by the fake.

That one class method is where every client's request leaves the process: whichever session, thread or resource made the
client, and whether it was made before or after the fake became active. Signing, retries, checksums, parsing and event
handlers of the client all stay real. It is the hot path of every test: mind each line.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from botocore import auth, signers
from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HeadersDict
from botocore.compat import HAS_CRT
from botocore.credentials import RefreshableCredentials
from botocore.httpsession import URLLib3Session

from ...clock import Clock
from ...message import Request, Response
from .. import network_guard, stack
from ..patch import Function, Patch
from .request_body import read_body
from .response_body import BytesBody, raw_body

_HeadersDict: Any = HeadersDict


def patches() -> list[Patch]:
    """The patch of ``URLLib3Session.send``, and of the clock that clients sign by."""
    return [
        Patch(URLLib3Session, "send", _door),
        *(Patch(module, "get_current_datetime", _signing_time) for module in _signing_modules()),
        Patch(auth.HmacV1QueryAuth, "_get_date", _old_expiry),
        Patch(RefreshableCredentials, "_seconds_remaining", _remaining),
    ]


def _signing_modules() -> list[Any]:
    modules: list[Any] = [auth, signers]
    if HAS_CRT:  # then some signatures are the C runtime's
        from botocore.crt import auth as crt_auth

        modules.append(crt_auth)
    return modules


def _signing_time(original: Function) -> Function:
    """Clients sign by the clock of the fake that a test has set or moved: else each of their dates would be a wrong one."""

    def get_current_datetime(remove_tzinfo: bool = True) -> datetime:
        clock = _moved_clock()
        if clock is None:
            now: datetime = original(remove_tzinfo)
            return now
        return clock.now().replace(tzinfo=None) if remove_tzinfo else clock.now()

    return get_current_datetime


def _old_expiry(original: Function) -> Function:
    """Likewise for presigned URLs of Signature Version 2, which say when they expire, not when they were signed."""

    def _get_date(self: Any) -> str:
        clock = _moved_clock()
        return str(original(self)) if clock is None else str(int(clock.now().timestamp()) + int(self._expires))

    return _get_date


def _remaining(original: Function) -> Function:
    """And by it the sessions of directory buckets run out, which clients hold: after five minutes there they get new ones."""

    def _seconds_remaining(self: Any) -> float:
        clock = _moved_clock() if self.method == "s3express" else None
        if clock is None:
            seconds: float = original(self)
            return seconds
        return float((self._expiry_time - clock.now()).total_seconds())

    return _seconds_remaining


def _moved_clock() -> Clock | None:
    interceptions = stack.active.interceptions
    if not interceptions:
        return None
    clock = interceptions[-1].fake.clock
    return clock if clock.is_controlled else None


def _door(original: Function) -> Function:
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
            return to_answer(request, fake.handle(to_request(request, scheme, host, f"/{path}", query)))
        return _elsewhere(original, self, request, host, active)

    return send


def _elsewhere(
    original: Function, session: URLLib3Session, request: AWSPreparedRequest, host: str, active: stack.ActiveInterceptions
) -> AWSResponse:
    """A request that is not ours: refused when it would reach AWS, else sent for real."""
    endpoint = active.refused_endpoint(host)
    if endpoint is not None and not active.lets_through_url(request.url.partition("?")[0]):
        raise network_guard.refusal(host, endpoint, request)
    with network_guard.bypass():
        answer: AWSResponse = original(session, request)
        return answer


def to_request(prepared: AWSPreparedRequest, scheme: str, host: str, path: str, query: str) -> Request:
    """botocore's request as ours. Its URL is given taken apart; its body is read when somebody asks for it."""
    headers: Any = prepared.headers
    if type(headers) is _HeadersDict:
        # Its public way costs a new key object and a lookup for each header: 14 us against 2.
        plain = {
            key._lower: value.decode("latin-1") if type(value) is bytes else str(value) for key, value in headers._dict.items()
        }
    else:
        plain = _plain(headers)
    host = plain.get("host", host)
    body = prepared.body
    if body is None:
        return Request(prepared.method, host, path, query, plain, scheme=scheme)
    if type(body) is bytes:
        return Request(prepared.method, host, path, query, plain, body, scheme=scheme)
    return Request(prepared.method, host, path, query, plain, scheme=scheme, read=partial(read_body, body))


def _plain(headers: Any) -> dict[str, str]:
    plain: dict[str, str] = {}
    for key, value in headers.items():
        name = (key.decode("latin-1") if isinstance(key, bytes) else str(key)).lower()
        text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
        plain[name] = f"{plain[name]},{text}" if name in plain else text
    return plain


def to_answer(prepared: AWSPreparedRequest, response: Response) -> AWSResponse:
    """Our response as botocore's, or botocore's exception for a response that a fault keeps from arriving."""
    answer = _whole(prepared, response)
    if response.delivery is None:
        if response.body_state is not None and response.body and response.status < 300:
            answer.raw.watch(response.body_state)
        return answer
    from .faulty_response import apply_fault

    return apply_fault(prepared, response, answer)


def _whole(prepared: AWSPreparedRequest, response: Response) -> AWSResponse:
    """S3 sends what has no length in chunks, and the headers say so."""
    headers: Any = response.headers
    if prepared.method == "HEAD" or response.status in (204, 304):
        return AWSResponse(prepared.url, response.status, headers, BytesBody())
    for name, _ in headers:
        if name == "Content-Length":
            break
    else:
        if not any(name.lower() == "content-length" for name, _ in headers):
            headers = [*headers, ("Transfer-Encoding", "chunked")]
    return AWSResponse(prepared.url, response.status, headers, raw_body(response.body))
