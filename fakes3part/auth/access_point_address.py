"""Finds the access point that the host or path of a request names."""

from __future__ import annotations

import re

from ..protocol.address import Address
from ..protocol.aws_hosts import ACCESS_POINT, OUTPOSTS
from ..state.access_points import ALIAS, OUTPOSTS_ALIAS, AccessPoint
from ..state.store import Store

LABEL = re.compile(r"(?P<name>[a-z0-9][a-z0-9-]*)-(?P<account>\d{12})", re.ASCII)
"""What stands before a host of one's own when a client names an access point by ARN. (A bucket may be called so, too.)"""


def point_at(store: Store, place: Address) -> AccessPoint | None:
    """The access point that an address names; None: there is none, or it names something else."""
    points, host, name = store.points, place.host, place.bucket or ""
    if host.kind in (ACCESS_POINT, OUTPOSTS):
        if host.account is None:  # the alias of one on an Outpost
            return points.by_alias(name)
        return points.find(host.bucket or "", host.account, host.region, host.outpost)
    if name.endswith((ALIAS, OUTPOSTS_ALIAS)):
        return points.by_alias(name)
    label = LABEL.fullmatch(name) if host.bucket is not None and host.region is None else None
    return points.find(label["name"], label["account"], None) if label else None
