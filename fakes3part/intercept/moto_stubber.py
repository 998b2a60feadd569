"""Lets moto mock other services while a fake serves S3.

moto responds from a ``before-send`` handler, which botocore calls before its HTTP session. With moto active for DynamoDB it would
take S3's requests too, whichever of the two was started first. So its handler skips the hosts that a fake serves. All others are
moto's, and need no guard; STS and KMS too, which a fake serves only if no other mock does. moto intercepts the library requests
as well: there the fake responds in moto's place.
"""

from __future__ import annotations

import sys
from io import BufferedReader, BytesIO
from typing import TYPE_CHECKING, Any

from . import stack
from .handle import handle
from .patch import Function, Patch

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest


def patches() -> list[Patch]:
    """Return the patches of moto's handlers; none while moto's module is still being imported."""
    stubber = getattr(sys.modules.get("moto.core.botocore_stubber"), "BotocoreStubber", None)
    if stubber is None:
        return []
    return [Patch(stubber, "__call__", _skip_served_hosts), Patch(stubber, "process_request", _respond_for_served_hosts)]


def _skip_served_hosts(original: Function) -> Function:
    def __call__(self: Any, event_name: str, request: Any, **kwargs: Any) -> Any:  # noqa: N807
        host = _host(request.url)
        if not stack.active.yields_to_other_mocks(host):
            return None
        return original(self, event_name, request, **kwargs)

    return __call__


def _respond_for_served_hosts(original: Function) -> Function:
    def process_request(self: Any, request: AWSPreparedRequest) -> Any:
        from .botocore.send import to_aws_response, to_request

        active = stack.active
        fake = active.fake_for(host := _host(request.url))
        if fake is None or active.yields_to_other_mocks(host):
            return original(self, request)
        scheme, _, rest = request.url.partition("://")
        path, _, query = rest.partition("/")[2].partition("?")
        aws_response = to_aws_response(request, handle(fake, to_request(request, scheme, host, f"/{path}", query)))
        body = BufferedReader(BytesIO(aws_response.content))
        if request.method == "HEAD":
            body.close()  # else urllib3 would miss as many bytes as Content-Length says
        return aws_response.status_code, dict(aws_response.headers), body

    return process_request


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].partition("?")[0]
