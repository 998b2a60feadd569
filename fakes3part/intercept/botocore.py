"""The botocore door: ``URLLib3Session.send``, answered by the fake.

That one class method is where every client's request leaves the process: whichever session, thread or resource made the
client, and whether it was made before or after the fake became active. Signing, retries, checksums, parsing and event
handlers of the client all stay real. It is the hot path of every test: mind each line.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HeadersDict
from botocore.httpsession import URLLib3Session

from ..message import Request, Response
from . import guard, stack
from .patch import Function, Patch
from .payload import read_body
from .raw import Whole, raw_body

_HeadersDict: Any = HeadersDict


def patches() -> list[Patch]:
    """The patch of ``URLLib3Session.send``."""
    return [Patch(URLLib3Session, "send", _door)]


def _door(original: Function) -> Function:
    def send(self: URLLib3Session, request: AWSPreparedRequest) -> AWSResponse:
        table = stack.table
        url = request.url
        scheme, _, rest = url.partition("://")
        host, _, target = rest.partition("/")
        fake = table.answers.get(host) or table.serving(host)
        if table.urls and table.lets_through_url(url.partition("?")[0]):
            fake = None
        if fake is not None:
            path, _, query = target.partition("?")
            return to_answer(request, fake.handle(to_request(request, scheme, host, f"/{path}", query)))
        return _elsewhere(original, self, request, host, table)

    return send


def _elsewhere(
    original: Function, session: URLLib3Session, request: AWSPreparedRequest, host: str, table: stack.Table
) -> AWSResponse:
    """A request that is not ours: refused when it would reach AWS, else sent for real."""
    known = table.refuses(host)
    if known is not None and not table.lets_through_url(request.url.partition("?")[0]):
        raise guard.refusal(host, known, request)
    with guard.passage():
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
    """Our response as botocore's. S3 sends what has no length in chunks, and the headers say so."""
    headers: Any = response.headers
    if prepared.method == "HEAD" or response.status in (204, 304):
        return AWSResponse(prepared.url, response.status, headers, Whole())
    for name, _ in headers:
        if name == "Content-Length":
            break
    else:
        if not any(name.lower() == "content-length" for name, _ in headers):
            headers = [*headers, ("Transfer-Encoding", "chunked")]
    return AWSResponse(prepared.url, response.status, headers, raw_body(response.body))
