"""A request whose head is parsed and whose caller is authenticated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..auth.authorization.request import RequestContext
from ..auth.callers import Caller
from ..clock import Clock
from ..message import Request
from ..protocol.address import Address
from ..protocol.model import Operation
from .request_head import RequestHead


@dataclass(slots=True, eq=False)
class RoutedRequest:
    """A request whose operation and caller are known.

    Attributes:
        request: the HTTP request.
        query: its decoded query parameters.
        address: the address as the client wrote it: access points are not resolved in it.
        caller: who signed the request.
        operation: the operation of botocore's model.
        head: what the request says besides its body.
        region: of the endpoint (`endpoint_region`).
    """

    request: Request
    query: Mapping[str, str]
    address: Address
    caller: Caller
    operation: Operation
    head: RequestHead
    region: str

    def request_context(self, clock: Clock, region: str) -> RequestContext:
        """Return what authorization requests need of this request."""
        return RequestContext(self.caller, self.request, self.query, clock, region)
