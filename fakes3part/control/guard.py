"""Which control requests are refused: those that a web page can make, and those without the token that a setting demands."""

from __future__ import annotations

from hmac import compare_digest
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from ..message import Request
from .own_hosts import is_foreign_host

if TYPE_CHECKING:
    from ..backend import Backend

TOKEN_HEADER = "X-Fakes3part-Token"
_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
"""What curl and Python's urllib send with a body if they are not told its type. No form of a web page can hold JSON in it."""


class Refusal(NamedTuple):
    """The status of a refused control request, and the reason."""

    status: int
    reason: str


def refusal(backend: Backend, request: Request, *, needs_token: bool = True) -> Refusal | None:
    """Return why a control request is refused; None: it is not.

    Args:
        needs_token: whether the token is demanded, if there is one: not of health checks.
    """
    if is_foreign_host(backend, request.host):
        return Refusal(403, foreign_host_reason(request.host))
    if _is_of_web_page(request):
        return Refusal(403, "control requests are refused if a web page of another origin makes them (Origin, Sec-Fetch-Site)")
    token = backend.settings.control_token
    if token is not None and needs_token and not _has_token(request, token):
        return Refusal(401, f"the setting control_token is set: send its value in the header {TOKEN_HEADER}")
    content_type = request.headers.get("content-type")
    if request.method in ("POST", "PUT") and content_type is not None and not _is_accepted(content_type, request):
        return Refusal(415, f"the Content-Type must be {_JSON}, not {content_type}")
    return None


def foreign_host_reason(host: str) -> str:
    """Return what is said about requests for a foreign host (`is_foreign_host`)."""
    return (
        f"This server does not answer to the host {host}, which may be the name of any web site. If it is this server, name it "
        "in the setting custom_endpoints: serve --custom-endpoints HOST, or FAKES3PART_CUSTOM_ENDPOINTS=HOST"
    )


def _is_of_web_page(request: Request) -> bool:
    """Return whether a browser made a request for a page that does not come from this server itself."""
    headers = request.headers
    if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        return True
    origin = headers.get("origin")
    if origin is None:
        return False
    try:
        return urlsplit(origin).netloc.lower() != request.host.lower()
    except ValueError:
        return True


def _has_token(request: Request, token: str) -> bool:
    headers = request.headers
    sent = headers.get(TOKEN_HEADER.lower()) or headers.get("authorization", "").removeprefix("Bearer ")
    return compare_digest(sent.encode("latin-1", "replace"), token.encode())


def _is_accepted(content_type: str, request: Request) -> bool:
    """Return whether a Content-Type is that of JSON, or the one of clients that name none.

    A web page can send text/plain and forms to any server without a preflight. Browsers that do not say where a request comes
    from (Origin, Sec-Fetch-Site) are known by their User-Agent.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == _FORM:
        return not request.headers.get("user-agent", "").startswith("Mozilla/")
    return kind == _JSON or kind.endswith("+json")
