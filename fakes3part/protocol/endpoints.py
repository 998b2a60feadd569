"""What a Host header tells: which kind of endpoint, of which region, and what stands before it.

The hosts are those of botocore's endpoint rules (facts 50.1 to 50.3), which a table test walks; each row of `_AWS` is one kind.
At an endpoint of one's own (a server on localhost, a custom endpoint) the same labels stand before its name.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

GENERAL = "general purpose buckets"
ACCELERATE = "transfer acceleration"
WEBSITE = "website endpoints"
ACCESS_POINT = "access points"
OBJECT_LAMBDA = "Object Lambda access points"
MULTI_REGION = "multi-region access points"
OUTPOSTS = "S3 on Outposts"
DIRECTORY = "directory buckets"
DIRECTORY_CONTROL = "the control plane of directory buckets"
DIRECTORY_POINT = "access points of directory buckets"

NOT_DONE = frozenset({MULTI_REGION, DIRECTORY_POINT})
"""Kinds of endpoint that answer 501, which names the operation and the kind."""

# Suffixes of AWS partitions (botocore's partitions.json).
_SUFFIX = (
    r"(?P<suffix>amazonaws\.com(?:\.cn)?|api\.aws|api\.amazonwebservices\.com\.cn|amazonaws\.eu|api\.amazonwebservices\.eu|"
    r"c2s\.ic\.gov|api\.aws\.ic\.gov|sc2s\.sgov\.gov|api\.aws\.scloud|cloud\.adc-e\.uk|api\.cloud-aws\.adc-e\.uk|"
    r"csp\.hci\.ic\.gov|api\.aws\.hci\.ic\.gov)"
)
AWS_SUFFIX = _SUFFIX
"""A pattern, for the hosts of services beside S3."""
_REGION = r"(?P<region>[a-z]{2,5}(?:-[a-z]+)+-\d+|aws-(?:[a-z-]+-)?global)"
_NAME = r"(?P<bucket>[a-z0-9][a-z0-9-]*)"
_ACCOUNT = r"(?P<account>\d{12})"
_OUTPOST = r"(?P<outpost>op-[a-z0-9]+|ec2)"
_FLAVORS = r"(?:-fips)?(?:\.dualstack)?"
_VPC = r"vpce-[a-z0-9-]+"

_MAIN_REGIONS = {
    "amazonaws.com": "us-east-1",
    "api.aws": "us-east-1",
    "amazonaws.com.cn": "cn-northwest-1",
    "api.amazonwebservices.com.cn": "cn-northwest-1",
    "amazonaws.eu": "eusc-de-east-1",
    "api.amazonwebservices.eu": "eusc-de-east-1",
    "c2s.ic.gov": "us-iso-east-1",
    "api.aws.ic.gov": "us-iso-east-1",
    "sc2s.sgov.gov": "us-isob-east-1",
    "api.aws.scloud": "us-isob-east-1",
    "cloud.adc-e.uk": "eu-isoe-west-1",
    "api.cloud-aws.adc-e.uk": "eu-isoe-west-1",
    "csp.hci.ic.gov": "us-isof-south-1",
    "api.aws.hci.ic.gov": "us-isof-south-1",
}
"""Suffix -> whose endpoint a host without a region is (botocore's ``implicitGlobalRegion``)."""

_SHARED_SUFFIX = {"aws-us-gov-global": "us-gov-west-1"}

_AWS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(rf"{pattern}\.{_SUFFIX}"))
    for kind, pattern in (
        (GENERAL, rf"(?:(?P<bucket>.+)\.)?s3(?:-fips|(?P<external>-external-1))?(?:\.dualstack)?(?:[.-]{_REGION})?"),
        (GENERAL, rf"(?:(?P<bucket>.+)\.)?bucket\.{_VPC}\.s3\.{_REGION}\.vpce"),
        (ACCELERATE, rf"(?:(?P<bucket>.+)\.)?s3-accelerate(?:\.dualstack(?:\.{_REGION})?)?"),
        (WEBSITE, rf"(?:(?P<bucket>.+)\.)?s3-website[.-]{_REGION}"),
        (ACCESS_POINT, rf"{_NAME}-{_ACCOUNT}\.s3-accesspoint{_FLAVORS}\.{_REGION}"),
        (ACCESS_POINT, rf"{_NAME}-{_ACCOUNT}\.accesspoint\.{_VPC}\.s3\.{_REGION}\.vpce"),
        (OBJECT_LAMBDA, rf"(?P<bucket>[^.]+)\.s3-object-lambda{_FLAVORS}\.{_REGION}"),
        (MULTI_REGION, r"(?P<bucket>.+)\.mrap\.accesspoint\.s3-global"),
        (OUTPOSTS, rf"{_NAME}-{_ACCOUNT}\.{_OUTPOST}\.s3-outposts{_FLAVORS}\.{_REGION}"),
        (OUTPOSTS, rf"(?P<bucket>[^.]+)\.{_OUTPOST}\.s3-outposts{_FLAVORS}\.{_REGION}"),
        (DIRECTORY_CONTROL, rf"s3express-control{_FLAVORS}\.{_REGION}"),
        (DIRECTORY, rf"(?:(?P<bucket>[^.]+)\.)?s3express(?:-fips)?-(?P<zone>[a-z0-9-]+?)(?:\.dualstack)?\.{_REGION}"),
    )
)

_OWN: tuple[tuple[str, re.Pattern[str]], ...] = (
    (OUTPOSTS, re.compile(rf"{_NAME}-{_ACCOUNT}\.{_OUTPOST}")),
    (OUTPOSTS, re.compile(rf"(?P<bucket>[^.]+--op-s3)\.{_OUTPOST}")),
    (WEBSITE, re.compile(r"(?P<bucket>.+)\.s3-website")),
    (DIRECTORY, re.compile(r"(?P<bucket>[a-z0-9-]+--(?P<zone>[a-z0-9-]+)--xa?-s3)")),
)
"""What may stand before an endpoint of one's own. (``name-123456789012`` may be a bucket there, or an access point.)"""

_REGIONAL = frozenset({GENERAL, WEBSITE, ACCESS_POINT, OBJECT_LAMBDA, OUTPOSTS, DIRECTORY, DIRECTORY_CONTROL})
"""Kinds whose endpoints are a region's."""

_LOCAL = ("s3.localhost", "localhost")
_IP = re.compile(r"(?:(?P<label>.+)\.)?\d+\.\d+\.\d+\.\d+")


class Host(NamedTuple):
    """An endpoint, and what its host names.

    Attributes:
        bucket: a bucket, an alias, or the name of an access point; None: the path names it.
        region: of the endpoint; None where its name has none.
        account: of the access point.
        outpost: its id.
        zone: of directory buckets, as in ``usw2-az1``.
        suffix: of the AWS partition, as in ``amazonaws.com``; None at an endpoint of one's own.
        is_global: AWS's host without a region: a bucket's own region answers under its name there, the main one else.
        domain: a host that nobody told us of, with a dot in it: maybe a bucket of that name (a CNAME), else path style.
    """

    bucket: str | None = None
    region: str | None = None
    kind: str = GENERAL
    account: str | None = None
    outpost: str | None = None
    zone: str | None = None
    suffix: str | None = None
    is_global: bool = False
    domain: str | None = None

    @property
    def unsupported(self) -> str | None:
        """The kind of an endpoint that we lack."""
        return self.kind if self.kind in NOT_DONE else None


def _told(kind: str, found: re.Match[str], suffix: str | None = None) -> Host:
    named = found.groupdict()
    region = named.get("region")
    is_global = region is None and kind is GENERAL and suffix is not None and not named.get("external")
    if suffix is not None and (region is None or region.endswith("-global")) and kind in _REGIONAL:
        region = _SHARED_SUFFIX.get(region or "", _MAIN_REGIONS[suffix])
    return Host(
        named.get("bucket"), region, kind, named.get("account"), named.get("outpost"), named.get("zone"), suffix, is_global
    )


def _own(label: str) -> Host:
    for kind, pattern in _OWN:
        if found := pattern.fullmatch(label):
            return _told(kind, found)
    return Host(label)


@lru_cache(maxsize=1024)
def parse_host(host: str, custom: tuple[str, ...] = ()) -> Host:
    """A Host header taken apart. ``custom`` are hosts of our own under which buckets may be labels, without a port.

    A host that nobody told us of (an IP, a container's name) is path style.
    """
    name = host.lower()
    if not name.endswith("]"):
        name = name.rpartition(":")[0] or name if re.search(r":\d*$", name) else name
    name = name.rstrip(".")
    for kind, pattern in _AWS:
        if found := pattern.fullmatch(name):
            return _told(kind, found, found["suffix"])
    for base in sorted((*custom, *_LOCAL), key=len, reverse=True):
        if name == base:
            return Host()
        if name.endswith(f".{base}"):
            return _own(name[: -len(base) - 1])
    if found := _IP.fullmatch(name):  # no DNS has names before an IP, but botocore makes them up for access points
        return _own(found["label"]) if found["label"] else Host()
    label, dot, _ = name.partition(".")
    if dot and label.endswith(("--x-s3", "--xa-s3")):  # so SDKs build the hosts of directory buckets at any endpoint
        return _own(label)
    return Host(domain=name if "." in name else None)
