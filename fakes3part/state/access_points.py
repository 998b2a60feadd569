"""Access points: names of their own for a bucket, each with a policy of its own. And S3 on Outposts, whose buckets have no other.

An access point is never changed, only replaced, so that copies of the state share it. Nothing needs to be set up for an Outpost:
it is there as soon as somebody names its id, as accounts are.
"""

from __future__ import annotations

import re
import threading
from base64 import b32encode
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from hashlib import sha256

from .access_control import BLOCK_ALL, PublicAccessBlock
from .bucket import Bucket

ALIAS = "-s3alias"
OUTPOSTS_ALIAS = "--op-s3"
NAME = re.compile(r"(?!.*-s3alias$)(?!.*--op-s3$)[a-z0-9][a-z0-9-]{1,48}[a-z0-9]", re.ASCII)
"""3 to 50 lower-case letters, digits and dashes, none at either end; what ends an alias ends no name."""

ALIAS_FORM = re.compile(r"[a-z0-9][a-z0-9-]{0,19}-[a-z0-9]{34}-s3alias", re.ASCII)
OUTPOST_ID = re.compile(r"op-[a-f0-9]{17}", re.ASCII)

POINT_ARN = re.compile(
    r"arn:aws[\w-]*:(?P<service>s3|s3-outposts):(?P<region>[a-z0-9-]+):(?P<account>\d{12}):"
    r"(?:outpost[:/](?P<outpost>op-[a-z0-9]+)[:/])?accesspoint[:/](?P<name>[a-z0-9-]+)",
    re.ASCII,
)
BUCKET_ARN = re.compile(
    r"arn:aws[\w-]*:s3-outposts:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):"
    r"outpost[:/](?P<outpost>op-[a-z0-9]+)[:/]bucket[:/](?P<name>[a-z0-9.-]+)",
    re.ASCII,
)


def _digest(text: str, length: int) -> str:
    return b32encode(sha256(text.encode()).digest()).decode().lower().rstrip("=")[:length]


def _short(region: str) -> str:
    """``usw2`` of us-west-2."""
    return "".join(word if word.isdigit() or not at else word[0] for at, word in enumerate(region.split("-")))


@dataclass(frozen=True)
class AccessPoint:
    """One access point.

    Attributes:
        name: unique in its account, region and Outpost.
        bucket: the name of the bucket behind it.
        bucket_account: whose the bucket is; often the same account.
        vpc: only requests from this VPC reach it (``FakeS3.vpc``); None: from anywhere. One on an Outpost has one always and,
            as a fake has no network, is reached from anywhere all the same.
        block: its own public access block; the bucket's counts too.
        policy: the text as it was put.
        outpost: the Outpost that its bucket is on; None: a general purpose bucket.
    """

    name: str
    account: str
    region: str
    bucket: str
    bucket_account: str
    created: datetime
    vpc: str | None = None
    block: PublicAccessBlock = BLOCK_ALL
    policy: str | None = field(default=None, repr=False)
    outpost: str | None = None

    @cached_property
    def arn(self) -> str:
        """What a client gives as ``Bucket``."""
        if self.outpost is not None:
            return f"{_on_outpost(self.region, self.account, self.outpost)}/accesspoint/{self.name}"
        return f"arn:aws:s3:{self.region}:{self.account}:accesspoint/{self.name}"

    @cached_property
    def alias(self) -> str:
        """What a client may give as ``Bucket`` too: it is spelled as a bucket's name. At most 63 characters."""
        if self.outpost is None:
            # Four characters of the metadata tell the region, as AWS's do.
            code = _short(self.region)[:4].ljust(4, "0")
            return f"{self.name[:20].rstrip('-')}-{_digest(self.arn, 30)}{code}{ALIAS}"
        # botocore reads the Outpost's id back out of it, by counting from the end.
        code = f"{_short(self.region)[:4].ljust(4, '0')}0"
        return f"{self.name[:12].rstrip('-')}-o{self.outpost[3:].rjust(17, '0')}{_digest(self.arn, 20)}{code}{OUTPOSTS_ALIAS}"

    @property
    def network_origin(self) -> str:
        return "Internet" if self.vpc is None else "VPC"

    @property
    def key(self) -> AccessPointKey:
        return self.account, self.region, self.outpost, self.name

    def with_policy(self, policy: str | None) -> AccessPoint:
        """The same access point with another policy."""
        return replace(self, policy=policy)


AccessPointKey = tuple[str, str, "str | None", str]
"""Account, region, Outpost and name of an access point."""


def _on_outpost(region: str, account: str, outpost: str) -> str:
    return f"arn:aws:s3-outposts:{region}:{account}:outpost/{outpost}"


def bucket_arn(bucket: Bucket) -> str:
    """The ARN of a bucket; that of one on an Outpost tells where it is."""
    if bucket.outpost is None:
        return f"arn:aws:s3:::{bucket.name}"
    return f"{_on_outpost(bucket.region, bucket.account, bucket.outpost)}/bucket/{bucket.name}"


class AccessPoints:
    """The access points of one fake, and the buckets on its Outposts, whose names are unique in their account and Outpost only.

    Reading takes no lock (``points`` and ``outposts`` are replaced, never changed); changes do.
    """

    def __init__(self) -> None:
        self.points: dict[AccessPointKey, AccessPoint] = {}
        self.outposts: dict[tuple[str, str, str], Bucket] = {}
        self._aliases: dict[str, AccessPoint] = {}
        self._lock = threading.RLock()

    def add(self, point: AccessPoint) -> AccessPoint:
        """Register an access point; the one that is there already, if any, stays and is returned."""
        with self._lock:
            there = self.points.get(point.key)
            if there is None:
                self._set({**self.points, point.key: point})
            return there or point

    def replace(self, point: AccessPoint) -> None:
        """Put a changed access point (another policy) in its place, unless it was deleted meanwhile."""
        with self._lock:
            if point.key in self.points:
                self._set({**self.points, point.key: point})

    def remove(self, point: AccessPoint) -> None:
        with self._lock:
            self._set({place: one for place, one in self.points.items() if place != point.key})

    def _set(self, points: dict[AccessPointKey, AccessPoint]) -> None:
        self._aliases = {point.alias: point for point in points.values()}
        self.points = points

    def find(self, name: str, account: str, region: str | None, outpost: str | None = None) -> AccessPoint | None:
        """By what a host tells; ``region`` None: it tells none, and any region's will do."""
        if region is not None:
            return self.points.get((account, region, outpost, name))
        wanted = (account, outpost, name)
        return next((point for (one, _, *rest), point in self.points.items() if (one, *rest) == wanted), None)

    def by_alias(self, alias: str) -> AccessPoint | None:
        return self._aliases.get(alias)

    def by_arn(self, arn: str) -> AccessPoint | None:
        found = POINT_ARN.fullmatch(arn)
        return self.find(found["name"], found["account"], found["region"], found["outpost"]) if found else None

    def of_bucket(self, bucket: Bucket) -> Iterator[AccessPoint]:
        """The access points of a bucket."""
        for point in self.points.values():
            if (point.bucket, point.bucket_account, point.outpost) == (bucket.name, bucket.account, bucket.outpost):
                yield point

    # Buckets on Outposts

    def add_bucket(self, bucket: Bucket) -> Bucket:
        """Register a bucket on an Outpost; the one that is there already, if any, stays and is returned."""
        assert bucket.outpost is not None
        with self._lock:
            key = bucket.account, bucket.outpost, bucket.name
            there = self.outposts.get(key)
            if there is None:
                self.outposts = {**self.outposts, key: bucket}
            return there or bucket

    def remove_bucket(self, bucket: Bucket) -> None:
        with self._lock:
            bucket.deleted = True
            self.outposts = {key: one for key, one in self.outposts.items() if one is not bucket}

    def copy(self) -> AccessPoints:
        """The same access points, and copies of the buckets."""
        twin = AccessPoints()
        with self._lock:
            points, outposts = self.points, self.outposts
        twin._set(points)
        twin.outposts = {key: bucket.copy() for key, bucket in outposts.items()}
        return twin
