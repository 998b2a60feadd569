"""Finds the access point that the host or the path of a request names."""

from __future__ import annotations

import re

from ..protocol.address import Address
from ..protocol.aws_hosts import ACCESS_POINT, OUTPOSTS
from ..state.access_points import ALIAS, OUTPOSTS_ALIAS, AccessPoint
from ..state.store import Store

ENDPOINT_LABEL = re.compile(r"(?P<name>[a-z0-9][a-z0-9-]*)-(?P<account>\d{12})", re.ASCII)
"""The first label of the host when a client names an access point by ARN at a custom endpoint; a bucket may have such a name."""


def find_access_point(store: Store, address: Address) -> AccessPoint | None:
    """Return the access point that an address names; None: it does not exist, or the address does not name one."""
    points, endpoint, name = store.points, address.endpoint, address.bucket or ""
    if endpoint.kind in (ACCESS_POINT, OUTPOSTS):
        if endpoint.account is None:  # the alias of one on an Outpost
            return points.by_alias(name)
        return points.find(endpoint.bucket or "", endpoint.account, endpoint.region, endpoint.outpost)
    if name.endswith((ALIAS, OUTPOSTS_ALIAS)):
        return points.by_alias(name)
    label = ENDPOINT_LABEL.fullmatch(name) if endpoint.bucket is not None and endpoint.region is None else None
    return points.find(label["name"], label["account"], None) if label else None
