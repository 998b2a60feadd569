"""Parses the host of a request: which service of AWS, which kind of S3 endpoint, its region, and the labels before it.

The hosts of S3 are those of botocore's endpoint rules (``s3/2006-03-01/endpoint-rule-set-1.json``); the tests resolve every rule.
At a custom endpoint (a server on localhost, a host of ``custom_endpoints``) the same labels stand before the endpoint's name.
Everything is in tables of this file, so that botocore need not be imported; the tests compare them with botocore's.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

S3, S3_CONTROL, STS, KMS = "s3", "s3control", "sts", "kms"
"""The services that fakes3part fakes, as boto3 names them."""

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
OTHER = "no kind of S3 endpoint"
METADATA = "instance metadata"

UNSUPPORTED = frozenset({MULTI_REGION, DIRECTORY_POINT})
"""Kinds of endpoint that respond 501, naming the operation and the kind."""

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
"""DNS suffix of a partition, dual-stack or not -> the region of S3's hosts without one (botocore's ``implicitGlobalRegion``)."""

_SERVICE_SUFFIXES = (
    "on.aws",
    "signin.aws",
    "signin.aws.amazon.com",
    "amazonaws.cn",
    "amazonaws-us-gov.com",
    "amazonaws-eusc.eu",
    "c2shome.ic.gov",
    "sc2shome.sgov.gov",
    "csphome.adc-e.uk",
    "csphome.hci.ic.gov",
)
"""Suffixes that a few services use instead."""

AWS_SUFFIXES = frozenset((*_MAIN_REGIONS, *_SERVICE_SUFFIXES))

METADATA_HOSTS = frozenset(
    # EC2's instance metadata, ECS's container credentials, EKS's pod identity
    {"169.254.169.254", "fd00:ec2::254", "169.254.170.2", "169.254.170.23", "fd00:ec2::23"}
)
_NUMERIC = re.compile(r"[0-9a-fx.]+|[0-9a-f.]*:[0-9a-f:.]*(?:%.*)?")
_EMBEDDED_IPV4 = (b"\0" * 10 + b"\xff\xff", b"\0" * 12, b"\0\x64\xff\x9b" + b"\0" * 8)
"""How IPv6 addresses begin that end with an IPv4 address: mapped and compatible ones (RFC 4291), and NAT64's (RFC 6052)."""

_REGION_NAME = r"[a-z]{2,5}(?:-[a-z]+)+-\d+"
_REGION = rf"(?P<region>{_REGION_NAME}|aws-(?:[a-z-]+-)?global)"
_NAMED_REGION = rf"(?P<region>{_REGION_NAME})"
_NAME = r"(?P<bucket>[a-z0-9][a-z0-9-]*)"
_ACCOUNT = r"(?P<account>\d{12})"
_OUTPOST = r"(?P<outpost>op-[a-z0-9]+|ec2)"
_FLAVORS = r"(?:-fips)?(?:\.dualstack)?"
_VPC = r"vpce-[a-z0-9-]+"

_S3_ENDPOINTS = (
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
"""What stands before the suffix of a partition. (Each pattern is compiled when a host comes that gets as far.)"""

_CUSTOM_ENDPOINTS = (
    (OUTPOSTS, rf"{_NAME}-{_ACCOUNT}\.{_OUTPOST}"),
    (OUTPOSTS, rf"(?P<bucket>[^.]+--op-s3)\.{_OUTPOST}"),
    (WEBSITE, r"(?P<bucket>.+)\.s3-website"),
    (DIRECTORY, r"(?P<bucket>[a-z0-9-]+--(?P<zone>[a-z0-9-]+)--xa?-s3)"),
)
"""What may stand before the name of a custom endpoint. (``name-123456789012`` may be a bucket there, or an access point.)"""

_COMPANIONS = (
    (STS, rf"(?:vpce-[\w-]+\.)?sts(?:-fips)?(?:\.{_NAMED_REGION})?(?:\.vpce)?"),
    (KMS, rf"(?:vpce-[\w-]+\.)?kms(?:-fips)?\.{_NAMED_REGION}(?:\.vpce)?"),
    (S3_CONTROL, rf"(?:\d{{12}}\.)?s3-control(?:-fips)?(?:\.dualstack)?\.{_NAMED_REGION}"),
    (S3_CONTROL, rf"s3-outposts(?:-fips)?(?:\.dualstack)?\.{_NAMED_REGION}"),
    (S3_CONTROL, rf"(?:\d{{12}}\.)?control\.vpce-[\w-]+\.s3\.{_NAMED_REGION}\.vpce"),
)
"""The other services that fakes3part fakes: the host names before the suffix of a partition."""

_REGIONAL = frozenset({GENERAL, WEBSITE, ACCESS_POINT, OBJECT_LAMBDA, OUTPOSTS, DIRECTORY, DIRECTORY_CONTROL})
"""Kinds whose endpoints are a region's."""

_GLOBAL_REGIONS = {"aws-us-gov-global": "us-gov-west-1"}
"""Where it is not the main region of the suffix, which AWS GovCloud shares with the commercial regions."""

_LOCAL = ("s3.localhost", "localhost")
_IP = re.compile(r"(?:(?P<label>.+)\.)?\d+\.\d+\.\d+\.\d+")
_PORT = re.compile(r":\d*$")
_AFTER_SERVICE = re.compile(rf"{_REGION_NAME}|(?:aws-(?:[a-z-]+-)?)?global|vpce|dualstack")

_HOST_LABELS = {
    "cloudwatch": "monitoring",
    "efs": "elasticfilesystem",
    "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing",
    "emr": "elasticmapreduce",
    "opensearch": "es",
    "resourcegroupstaggingapi": "tagging",
    "s3control": "s3-control",
    "ses": "email",
    "sesv2": "email",
    "stepfunctions": "states",
}
"""A service's name in moto and boto3 -> the label in its hosts, where they differ."""


class Endpoint(NamedTuple):
    """What a host names: an endpoint of AWS, or a custom one, and what stands before it.

    Attributes:
        bucket: a bucket, an alias, or the name of an access point; None: the path names it.
        region: of the endpoint; None where its name has none.
        kind: of S3's endpoints; `OTHER` at hosts of AWS that are none, `METADATA` at credential and metadata services.
        account: of the access point; None where the host names none.
        outpost: its id; None where the host names none.
        zone: of directory buckets, as in ``usw2-az1``; None where the host names none.
        suffix: the DNS suffix of AWS, as in ``amazonaws.com``; None at a custom endpoint.
        is_global: AWS's host without a region. It serves buckets of every region under their names, the main region otherwise.
        domain: a host that is neither AWS's nor a configured endpoint, with a dot in it: a bucket of that name if there is one
            (a CNAME of a website), else path style. None at all other hosts.
        service: `S3`, `S3_CONTROL`, `STS` or `KMS`, at AWS's hosts of these; None at all others.
        labels: at AWS's hosts, the labels before region and suffix. The last one names the service.
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
    service: str | None = None
    labels: tuple[str, ...] = ()

    @property
    def unsupported(self) -> str | None:
        """The kind of the endpoint if fakes3part does not implement it; None if it does."""
        return self.kind if self.kind in UNSUPPORTED else None

    @property
    def is_aws(self) -> bool:
        """Whether this is a host of AWS, or one of the metadata services that only machines of AWS have."""
        return self.suffix is not None or self.kind is METADATA

    @property
    def service_name(self) -> str:
        """The service of a host of AWS as its name shows it (``dynamodb``, ``s3-control``), for messages; maybe empty."""
        if self.kind is METADATA:
            return METADATA
        return self.labels[-1] if self.labels else ""

    def belongs_to(self, services: frozenset[str]) -> bool:
        """Return whether this is a host of one of these services, named as moto or boto3 name them."""
        if self.service is S3:
            return S3 in services
        return any(_HOST_LABELS.get(service, service) in self.labels for service in services)


def normalize_host(host: str) -> str:
    """Return a host for comparison: lower case, without user, port, brackets and the root's dot."""
    name = host.rpartition("@")[2].lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    if name.count(":") < 2:
        name = _PORT.sub("", name)
    return name.rstrip(".")


@lru_cache(maxsize=4096)
def aws_endpoint(host: str) -> Endpoint:
    """Return the endpoint of AWS that a host names, with or without a port; a plain `Endpoint` for a host that is not AWS's."""
    name = _in_ascii(normalize_host(host))
    if name in METADATA_HOSTS or (_NUMERIC.fullmatch(name) and _plain_address(name) in METADATA_HOSTS):
        return Endpoint(kind=METADATA)
    labels = name.split(".")
    for start in range(len(labels)):
        suffix = ".".join(labels[start:])
        if suffix in AWS_SUFFIXES:
            return _aws_endpoint(labels[:start], suffix)
    return Endpoint()


def _in_ascii(name: str) -> str:
    """Return a host as resolvers look it up: full-width letters and ideographic dots are letters and dots."""
    if name.isascii():
        return name
    try:
        return name.encode("idna").decode("ascii").rstrip(".")
    except UnicodeError:
        return name


def _plain_address(name: str) -> str:
    """Return an IP address in its usual spelling (of ``0xa9fea9fe``, ``169.254.43518``, ``::ffff:a9fe:a9fe``), else ``name``."""
    import socket

    try:
        if ":" not in name:
            return socket.inet_ntoa(socket.inet_aton(name))
        packed = socket.inet_pton(socket.AF_INET6, name.partition("%")[0])
    except OSError:
        return name
    if packed.startswith(_EMBEDDED_IPV4):
        return socket.inet_ntoa(packed[12:])
    return socket.inet_ntop(socket.AF_INET6, packed)


def _aws_endpoint(labels: list[str], suffix: str) -> Endpoint:
    prefix = ".".join(labels)
    # Read from the right: [vpce] [region] [dualstack] service ... ; a bucket may be called anything, so only the label next
    # to the region names the service.
    while labels and _AFTER_SERVICE.fullmatch(labels[-1]):
        labels = labels[:-1]
    service = S3 if labels and _is_s3(labels) else None
    if suffix in _MAIN_REGIONS:
        for kind, pattern in _S3_ENDPOINTS:
            if match := re.fullmatch(pattern, prefix):
                return _endpoint(kind, match, suffix)._replace(service=service, labels=tuple(labels))
        for companion, pattern in _COMPANIONS:
            if match := re.fullmatch(pattern, prefix):
                return Endpoint(None, match["region"], OTHER, suffix=suffix, service=companion, labels=tuple(labels))
    return Endpoint(kind=OTHER, suffix=suffix, service=service, labels=tuple(labels))


def _is_s3(labels: list[str]) -> bool:
    service = labels[-1]
    if service != "s3" and not service.startswith(("s3-", "s3express-")):
        return False  # s3tables, s3vectors ... are services of their own
    if service.startswith("s3-control") or (service.startswith("s3-outposts") and len(labels) == 1):
        return False  # the S3 Control API, and S3 Outposts' own
    return labels[0] != "control" or not labels[1].startswith("vpce-")


def _endpoint(kind: str, match: re.Match[str], suffix: str | None = None) -> Endpoint:
    groups = match.groupdict()
    region = groups.get("region")
    is_global = region is None and kind is GENERAL and suffix is not None and not groups.get("external")
    if suffix is not None and (region is None or region.endswith("-global")) and kind in _REGIONAL:
        region = _GLOBAL_REGIONS.get(region or "", _MAIN_REGIONS[suffix])
    return Endpoint(
        groups.get("bucket"), region, kind, groups.get("account"), groups.get("outpost"), groups.get("zone"), suffix, is_global
    )


def _custom_endpoint(label: str) -> Endpoint:
    for kind, pattern in _CUSTOM_ENDPOINTS:
        if match := re.fullmatch(pattern, label):
            return _endpoint(kind, match)
    return Endpoint(label)


@lru_cache(maxsize=1024)
def parse_host(host: str, custom: tuple[str, ...] | None = ()) -> Endpoint:
    """Parse a Host header, as a host of S3.

    ``custom`` are the hosts of custom endpoints, without a port, which buckets may precede as labels; None: only AWS's hosts
    name buckets. Any other host (an IP, a container's name) is path style.
    """
    endpoint = aws_endpoint(host)
    if endpoint.suffix is not None and endpoint.kind is not OTHER:
        return endpoint
    if custom is None:
        return Endpoint()
    name = normalize_host(host)
    for base in sorted((*custom, *_LOCAL), key=len, reverse=True):
        if name == base:
            return Endpoint()
        if name.endswith(f".{base}"):
            return _custom_endpoint(name[: -len(base) - 1])
    if match := _IP.fullmatch(name):  # no DNS has names before an IP, but botocore builds such hosts for access points
        return _custom_endpoint(match["label"]) if match["label"] else Endpoint()
    label, dot, _ = name.partition(".")
    if dot and label.endswith(("--x-s3", "--xa-s3")):  # so SDKs build the hosts of directory buckets at any endpoint
        return _custom_endpoint(label)
    return Endpoint(domain=name if "." in name else None)
