"""`aws_endpoint` distinguishes S3, other services of AWS, metadata services, and all other hosts."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import botocore
import pytest

from fakes3part.protocol.aws_hosts import AWS_SUFFIXES, METADATA, METADATA_HOSTS, S3, Endpoint, aws_endpoint, normalize_host

_DATA = Path(botocore.__file__).parent / "data"

S3_HOSTS = [
    "s3.amazonaws.com",
    "s3.eu-west-1.amazonaws.com",
    "bucket.s3.amazonaws.com",
    "BUCKET.S3.AMAZONAWS.COM:443",
    "bucket.s3.amazonaws.com.",
    "my.dotted.bucket.s3.us-gov-west-1.amazonaws.com",
    "s3.dualstack.us-east-1.amazonaws.com",
    "bucket.s3.dualstack.us-east-1.amazonaws.com",
    "bucket.s3-fips.us-east-1.amazonaws.com",
    "s3-fips.dualstack.us-east-1.amazonaws.com",
    "s3-us-west-2.amazonaws.com",
    "bucket.s3-us-west-2.amazonaws.com",
    "s3-external-1.amazonaws.com",
    "bucket.s3-accelerate.amazonaws.com",
    "bucket.s3-accelerate.dualstack.amazonaws.com",
    "bucket.s3-website-us-east-1.amazonaws.com",
    "bucket.s3-website.eu-central-1.amazonaws.com",
    "ap-123456789012.s3-accesspoint.us-east-1.amazonaws.com",
    "alias.mrap.accesspoint.s3-global.amazonaws.com",
    "ap-123456789012.s3-object-lambda.us-east-1.amazonaws.com",
    "ap-123456789012.op-01234567890123456.s3-outposts.us-east-1.amazonaws.com",
    "b--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com",
    "s3express-control.us-east-1.amazonaws.com",
    "bucket.vpce-1a2b3c4d-5e6f.s3.us-east-1.vpce.amazonaws.com",
    "control.s3.us-east-1.amazonaws.com",  # a bucket named control
    "us-east-1.s3.amazonaws.com",  # a bucket named us-east-1
    "dynamodb.s3.amazonaws.com",
    "s3.cn-north-1.amazonaws.com.cn",
    "bucket.s3.eusc-de-east-1.amazonaws.eu",
    "bucket.s3.us-iso-east-1.c2s.ic.gov",
    "bucket.s3.us-isob-east-1.sc2s.sgov.gov",
    "bucket.s3.eu-isoe-west-1.cloud.adc-e.uk",
    "bucket.s3.us-isof-south-1.csp.hci.ic.gov",
]

OTHER_AWS_HOSTS = {
    "dynamodb.us-east-1.amazonaws.com": "dynamodb",
    "sts.amazonaws.com": "sts",
    "sts.us-east-1.amazonaws.com:443": "sts",
    "iam.global.api.amazonwebservices.com.cn": "iam",
    "queue.amazonaws.com": "queue",
    "eu-west-1.queue.amazonaws.com": "queue",
    "123456789012.dkr.ecr.us-east-1.amazonaws.com": "ecr",
    "s3tables.us-east-1.amazonaws.com": "s3tables",
    "s3vectors.us-east-1.api.aws": "s3vectors",
    "123456789012.s3-control.us-east-1.amazonaws.com": "s3-control",
    "123456789012.s3-control-fips.dualstack.us-east-1.amazonaws.com": "s3-control-fips",
    "s3-outposts.us-east-1.amazonaws.com": "s3-outposts",
    "control.vpce-1a2b-5e6f.s3.us-east-1.vpce.amazonaws.com": "s3",
    "s3.execute-api.us-east-1.amazonaws.com": "execute-api",
    "kms.us-isob-east-1.sc2s.sgov.gov": "kms",
    "us-east-1.signin.aws.amazon.com": "",
    "amazonaws.com": "",
}

FOREIGN = ["localhost", "localhost:9000", "127.0.0.1", "example.com", "s3.example.com", "notamazonaws.com", "", "[::1]:80"]


@pytest.mark.parametrize("host", S3_HOSTS)
def test_s3(host: str) -> None:
    assert aws_endpoint(host).service is S3


@pytest.mark.parametrize(("host", "service"), OTHER_AWS_HOSTS.items())
def test_other_services(host: str, service: str) -> None:
    endpoint = aws_endpoint(host)
    assert endpoint.is_aws
    assert endpoint.service != S3
    assert endpoint.service_name == service


@pytest.mark.parametrize("host", [*sorted(METADATA_HOSTS), "169.254.169.254:80", "[fd00:ec2::254]:80"])
def test_metadata(host: str) -> None:
    assert aws_endpoint(host) == Endpoint(kind=METADATA)
    assert aws_endpoint(host).is_aws


@pytest.mark.parametrize("host", FOREIGN)
def test_foreign(host: str) -> None:
    assert aws_endpoint(host) == Endpoint()
    assert not aws_endpoint(host).is_aws


def test_the_table_has_every_partition_of_botocore() -> None:
    partitions = json.loads((_DATA / "partitions.json").read_text())["partitions"]
    suffixes = {one["outputs"][name] for one in partitions for name in ("dnsSuffix", "dualStackDnsSuffix")}
    assert suffixes
    assert suffixes <= AWS_SUFFIXES


def test_the_table_has_every_suffix_of_botocores_endpoint_rules() -> None:
    """Including services with a domain of their own. Only DynamoDB Local's host is not AWS's."""
    unknown = set()
    for file in _DATA.glob("*/*/endpoint-rule-set-1.json.gz"):
        rules = gzip.decompress(file.read_bytes()).decode()
        for authority in re.findall(r'"url":\s*"https?://([^"/]+)', rules):
            host = re.sub(r"\{\w+#(dnsSuffix|dualStackDnsSuffix)\}", "amazonaws.com", authority)
            if not host.endswith("}") and not aws_endpoint(re.sub(r"\{[^}]*\}", "x", host)).is_aws:
                unknown.add(host)
    assert unknown == {"localhost:8000"}


@pytest.mark.parametrize(
    ("services", "host", "belongs"),
    [
        ({"dynamodb"}, "dynamodb.us-east-1.amazonaws.com", True),
        ({"dynamodb"}, "sts.us-east-1.amazonaws.com", False),
        ({"ecr"}, "api.ecr.us-east-1.amazonaws.com", True),
        ({"ses"}, "email.us-east-1.amazonaws.com", True),
        ({"cloudwatch", "logs"}, "monitoring.us-east-1.amazonaws.com", True),
        ({"dynamodb"}, "dynamodb.s3.amazonaws.com", False),
        ({"s3"}, "bucket.s3-us-west-2.amazonaws.com", True),
        (set(), "sts.amazonaws.com", False),
    ],
)
def test_belongs_to(services: set[str], host: str, belongs: bool) -> None:
    assert aws_endpoint(host).belongs_to(frozenset(services)) is belongs


@pytest.mark.parametrize(
    ("host", "name"),
    [("user:pw@Example.com:80", "example.com"), ("[FD00::1]:80", "fd00::1"), ("fd00::1", "fd00::1"), ("a.b.", "a.b")],
)
def test_normalize_host(host: str, name: str) -> None:
    assert normalize_host(host) == name
