"""Access points of buckets, and the buckets on Outposts, which are reached through access points only.

An access point is replaced, never changed, so that copies of the state share it. An Outpost needs no set-up: any well-formed id
names one, as with accounts.
"""

from __future__ import annotations

import re
from base64 import b32encode
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from hashlib import sha256

from ..locks import LazyLock, new_rlock
from .access_control import BLOCK_ALL, PublicAccessBlock
from .bucket import Bucket

ALIAS = "-s3alias"
OUTPOSTS_ALIAS = "--op-s3"
NAME = re.compile(r"(?!.*-s3alias$)(?!.*--op-s3$)[a-z0-9][a-z0-9-]{1,48}[a-z0-9]", re.ASCII)
"""3 to 50 lower-case letters, digits and dashes, no dash at either end, and not the suffix of an alias."""

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
    """Return the short form of a region: ``usw2`` for us-west-2."""
    return "".join(word if word.isdigit() or not index else word[0] for index, word in enumerate(region.split("-")))


@dataclass(frozen=True)
class AccessPoint:
    """An access point.

    Attributes:
        name: unique in its account, region and Outpost.
        account: the id of the access point's owner.
        bucket: the name of its bucket.
        bucket_account: the id of the bucket's owner, often the same account.
        vpc: the id of the VPC that requests must come from (``FakeS3.vpc``); None: from anywhere. An access point on an Outpost
            always has one, but a fake has no network: it accepts requests from anywhere.
        block: its own public access block, which applies in addition to the bucket's.
        policy: the JSON text as it was put; None: no policy.
        outpost: the id of the Outpost that the bucket is on; None: a general purpose bucket.
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
        """The ARN, which clients may use as ``Bucket``."""
        if self.outpost is not None:
            return f"{_on_outpost(self.region, self.account, self.outpost)}/accesspoint/{self.name}"
        return f"arn:aws:s3:{self.region}:{self.account}:accesspoint/{self.name}"

    @cached_property
    def alias(self) -> str:
        """The alias, which clients may use as ``Bucket``: it has the form of a bucket name, at most 63 characters."""
        if self.outpost is None:
            # Four characters name the region, as in AWS's aliases.
            code = _short(self.region)[:4].ljust(4, "0")
            return f"{self.name[:20].rstrip('-')}-{_digest(self.arn, 30)}{code}{ALIAS}"
        # botocore extracts the Outpost's id by position, counted from the end.
        code = f"{_short(self.region)[:4].ljust(4, '0')}0"
        return f"{self.name[:12].rstrip('-')}-o{self.outpost[3:].rjust(17, '0')}{_digest(self.arn, 20)}{code}{OUTPOSTS_ALIAS}"

    @property
    def network_origin(self) -> str:
        return "Internet" if self.vpc is None else "VPC"

    @property
    def key(self) -> AccessPointKey:
        return self.account, self.region, self.outpost, self.name

    def with_policy(self, policy: str | None) -> AccessPoint:
        """Return the same access point with another policy; None removes it."""
        return replace(self, policy=policy)


AccessPointKey = tuple[str, str, "str | None", str]
"""Account, region, Outpost (None: no Outpost) and name of an access point."""


def _on_outpost(region: str, account: str, outpost: str) -> str:
    return f"arn:aws:s3-outposts:{region}:{account}:outpost/{outpost}"


def bucket_arn(bucket: Bucket) -> str:
    """Return the ARN of a bucket. That of a bucket on an Outpost contains region, account and Outpost."""
    if bucket.outpost is None:
        return f"arn:aws:s3:::{bucket.name}"
    return f"{_on_outpost(bucket.region, bucket.account, bucket.outpost)}/bucket/{bucket.name}"


class AccessPoints:
    """The access points of one fake, and the buckets on its Outposts, whose names are unique in their account and Outpost only.

    Only changes take the lock: ``points`` and ``outposts`` are replaced, never changed.
    """

    _lock = LazyLock(new_rlock)

    def __init__(self) -> None:
        self.points: dict[AccessPointKey, AccessPoint] = {}
        self.outposts: dict[tuple[str, str, str], Bucket] = {}
        self._aliases: dict[str, AccessPoint] = {}

    def add(self, point: AccessPoint) -> AccessPoint:
        """Add an access point, unless there is one of its key; return the one that has the key now."""
        with self._lock:
            existing = self.points.get(point.key)
            if existing is None:
                self._set({**self.points, point.key: point})
            return existing or point

    def replace(self, point: AccessPoint) -> None:
        """Replace the access point of the same key, unless it was deleted meanwhile."""
        with self._lock:
            if point.key in self.points:
                self._set({**self.points, point.key: point})

    def remove(self, point: AccessPoint) -> None:
        """Remove an access point."""
        with self._lock:
            self._set({key: other for key, other in self.points.items() if key != point.key})

    def _set(self, points: dict[AccessPointKey, AccessPoint]) -> None:
        self._aliases = {point.alias: point for point in points.values()}
        self.points = points

    def find(self, name: str, account: str, region: str | None, outpost: str | None = None) -> AccessPoint | None:
        """Return the access point of a name; None: there is none. ``region`` None: in any region."""
        if region is not None:
            return self.points.get((account, region, outpost, name))
        identity = (account, outpost, name)
        return next((point for point in self.points.values() if (point.account, point.outpost, point.name) == identity), None)

    def by_alias(self, alias: str) -> AccessPoint | None:
        """Return the access point of an alias; None: there is none."""
        return self._aliases.get(alias)

    def by_arn(self, arn: str) -> AccessPoint | None:
        """Return the access point of an ARN; None: there is none, or the text is no such ARN."""
        match = POINT_ARN.fullmatch(arn)
        return self.find(match["name"], match["account"], match["region"], match["outpost"]) if match else None

    def of_bucket(self, bucket: Bucket) -> Iterator[AccessPoint]:
        """Yield the access points of a bucket."""
        for point in self.points.values():
            if (point.bucket, point.bucket_account, point.outpost) == (bucket.name, bucket.account, bucket.outpost):
                yield point

    # Buckets on Outposts

    def add_bucket(self, bucket: Bucket) -> Bucket:
        """Add a bucket on an Outpost, unless there is one of its name; return the one that has the name now."""
        assert bucket.outpost is not None
        with self._lock:
            key = bucket.account, bucket.outpost, bucket.name
            existing = self.outposts.get(key)
            if existing is None:
                self.outposts = {**self.outposts, key: bucket}
            return existing or bucket

    def remove_bucket(self, bucket: Bucket) -> None:
        """Remove a bucket on an Outpost, and mark it as deleted for the requests that hold it."""
        with self._lock:
            bucket.deleted = True
            self.outposts = {key: other for key, other in self.outposts.items() if other is not bucket}

    def copy(self) -> AccessPoints:
        """Return the same access points, and copies of the buckets."""
        copied = AccessPoints()
        with self._lock:
            points, outposts = self.points, self.outposts
        copied._set(points)
        copied.outposts = {key: bucket.copy() for key, bucket in outposts.items()}
        return copied
