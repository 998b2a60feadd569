"""Request metrics: what a request adds to which metric of CloudWatch.

Source: "Amazon S3 request metrics in CloudWatch" in the S3 user guide. Assumed, not recorded from AWS: a request with a bad
signature or without permission counts like any other, and only listings of objects and versions are list requests.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

METRICS = (
    "AllRequests",
    "GetRequests",
    "PutRequests",
    "DeleteRequests",
    "HeadRequests",
    "PostRequests",
    "SelectRequests",
    "ListRequests",
    "BytesDownloaded",
    "BytesUploaded",
    "4xxErrors",
    "5xxErrors",
    "FirstByteLatency",
    "TotalRequestLatency",
)
LATENCIES = ("FirstByteLatency", "TotalRequestLatency")

_LISTS = frozenset({"ListObjects", "ListObjectsV2", "ListObjectVersions"})
_PAGES = frozenset({"ListMultipartUploads", "ListParts", "ListObjectAnnotations"})
_OF_OBJECTS = {"GET": "GetRequests", "PUT": "PutRequests", "DELETE": "DeleteRequests"}
_BY_OPERATION = {"DeleteObjects": "DeleteRequests", "SelectObjectContent": "SelectRequests"}


class Handled(NamedTuple):
    """What the metrics need of a request.

    Attributes:
        operation: None: the request was rejected before it was routed.
        has_key: whether it is about a single object.
        status: of the response; 0: there was none.
        latency: in milliseconds.
    """

    method: str
    operation: str | None
    has_key: bool
    status: int
    bytes_in: int
    bytes_out: int
    latency: float


def increments(handled: Handled) -> dict[str, float]:
    """Return what a request adds to the metrics, by their names."""
    added: dict[str, float] = {"AllRequests": 1}
    kind = _kind(handled)
    if kind is not None:
        added[kind] = 1
    added["BytesDownloaded"], added["BytesUploaded"] = handled.bytes_out, handled.bytes_in
    if 400 <= handled.status < 600:
        added[f"{handled.status // 100}xxErrors"] = 1
    return {**added, **dict.fromkeys(LATENCIES, handled.latency)}


def _kind(handled: Handled) -> str | None:
    """Return the metric of the request's type; None: it has none of its own."""
    operation, method = handled.operation or "", handled.method
    if operation in _LISTS:
        return "ListRequests"
    if operation in _PAGES:
        return None
    if operation in _BY_OPERATION:
        return _BY_OPERATION[operation]
    if method in ("HEAD", "POST"):
        return f"{method.title()}Requests"
    return _OF_OBJECTS.get(method) if handled.has_key else None


def values(sums: Mapping[str, float]) -> dict[str, float]:
    """Return all metrics of the sums: requests, errors and bytes as integers, latencies as averages."""
    requests = sums.get("AllRequests", 0)
    return {
        name: (sums.get(name, 0) / requests if requests else 0.0) if name in LATENCIES else int(sums.get(name, 0))
        for name in METRICS
    }
