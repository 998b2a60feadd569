"""Whose host is it? S3's, another AWS service's, a credential endpoint's, or nobody's we know.

A static table (botocore need not be imported to ask); a test compares it with botocore's own partitions and endpoint rules.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from ..services import dispatch

AWS_SUFFIXES = frozenset(
    {
        # every partition's suffix and dual-stack suffix
        "amazonaws.com",
        "api.aws",
        "amazonaws.com.cn",
        "api.amazonwebservices.com.cn",
        "amazonaws.eu",
        "api.amazonwebservices.eu",
        "c2s.ic.gov",
        "api.aws.ic.gov",
        "sc2s.sgov.gov",
        "api.aws.scloud",
        "cloud.adc-e.uk",
        "api.cloud-aws.adc-e.uk",
        "csp.hci.ic.gov",
        "api.aws.hci.ic.gov",
        # what a few services use instead
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
    }
)

METADATA_HOSTS = frozenset(
    # EC2's instance metadata, ECS's container credentials, EKS's pod identity
    {"169.254.169.254", "fd00:ec2::254", "169.254.170.2", "169.254.170.23", "fd00:ec2::23"}
)

_REGION = re.compile(r"[a-z]{2,5}(?:-[a-z]+)+-\d+|(?:aws-(?:[a-z-]+-)?)?global")
_NOT_BEFORE = frozenset({"vpce", "dualstack"})
_PORT = re.compile(r":\d*$")

# Names under which moto and boto3 know a service whose hosts say something else.
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


class Kind(Enum):
    S3 = "s3"
    AWS = "aws"
    METADATA = "metadata"
    FOREIGN = "foreign"


class Host(NamedTuple):
    """What a host is: its kind, the service that its name tells, and its labels before region and suffix."""

    kind: Kind
    service: str = ""
    labels: tuple[str, ...] = ()

    def belongs_to(self, services: frozenset[str]) -> bool:
        """Is this a host of one of these services, called as moto or boto3 call them?"""
        if self.kind is Kind.S3:
            return "s3" in services
        return any(_HOST_LABELS.get(service, service) in self.labels for service in services)


def bare(host: str) -> str:
    """A host as names compare: lower case, without user, port, brackets and the root's dot."""
    name = host.rpartition("@")[2].lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    if name.count(":") < 2:
        name = _PORT.sub("", name)
    return name.rstrip(".")


@lru_cache(maxsize=4096)
def look_up(host: str) -> Host:
    """What the host of a URL is. ``host`` may carry a port."""
    name = bare(host)
    if name in METADATA_HOSTS:
        return Host(Kind.METADATA, "instance metadata")
    labels = name.split(".")
    for start in range(len(labels)):
        if ".".join(labels[start:]) in AWS_SUFFIXES:
            return _aws(labels[:start])
    return Host(Kind.FOREIGN)


def _aws(labels: list[str]) -> Host:
    # Read from the right: [vpce] [region] [dualstack] service ... ; a bucket may be called anything, so only the label next
    # to the region tells the service.
    while labels and (labels[-1] in _NOT_BEFORE or _REGION.fullmatch(labels[-1])):
        labels = labels[:-1]
    if not labels:
        return Host(Kind.AWS)
    service = labels[-1]
    return Host(Kind.S3 if _is_s3(labels, service) else Kind.AWS, service, tuple(labels))


def _is_s3(labels: list[str], service: str) -> bool:
    if service != "s3" and not service.startswith(("s3-", "s3express-")):
        return False  # s3tables, s3vectors ... are services of their own
    if service.startswith("s3-control") or (service.startswith("s3-outposts") and len(labels) == 1):
        return False  # the S3 Control API, and S3 Outposts' own
    return labels[0] != "control" or not labels[1].startswith("vpce-")


def beside(host: str, known: Host) -> str | None:
    """The service beside S3 that we fake (``sts``, ``kms``, ``s3control``), if it is a host of one; ``known``: its `look_up`."""
    service = dispatch.look_up(host).service if known.kind is Kind.AWS else None
    return None if service == dispatch.S3 else service


def claims(endpoint: str, host: str) -> bool:
    """Is ``host`` this custom endpoint (``host``, ``host:port`` or a URL), maybe with a bucket in front?

    An endpoint that names no port claims every port of its host.
    """
    wanted = urlsplit(endpoint if "//" in endpoint else f"//{endpoint}")
    name = wanted.hostname or ""
    asked = bare(host)
    if asked != name and not asked.endswith(f".{name}"):
        return False
    return wanted.port is None or urlsplit(f"//{host}").port == wanted.port
