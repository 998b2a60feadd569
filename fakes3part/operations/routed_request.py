"""A request whose head is parsed and whose caller is authenticated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..auth.authorization.request import RequestContext
from ..auth.callers import Caller
from ..clock import Clock
from ..message import Request
from ..protocol.address import Address
from ..protocol.aws_chunked import DeclaredBody
from ..protocol.model import Operation
from .registry import Params


@dataclass(slots=True, eq=False)
class RoutedRequest:
    """A request whose operation and caller are known.

    Attributes:
        request: the HTTP request.
        query: its decoded query parameters.
        address: the address as the client wrote it: access points are not resolved in it.
        caller: who signed the request.
        operation: the operation of botocore's model.
        region: of the endpoint (`endpoint_region`).
        params: the params of the operation, at first without those of the body.
        declared: what the headers declare about a streaming body; None: the operation has no such body.
    """

    request: Request
    query: Mapping[str, str]
    address: Address
    caller: Caller
    operation: Operation
    region: str
    params: Params
    declared: DeclaredBody | None

    def request_context(self, clock: Clock, region: str) -> RequestContext:
        """Return what authorization requests need of this request."""
        return RequestContext(self.caller, self.request, self.query, clock, region)
