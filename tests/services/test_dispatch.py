"""The service that a request is for."""

from __future__ import annotations

import json
import re
from pathlib import Path

import botocore
import botocore.session
import pytest

from fakes3part.api.fakes3 import FakeS3
from fakes3part.message import Request
from fakes3part.protocol.aws_hosts import S3, aws_endpoint
from fakes3part.services.dispatch import service_of

_PARTITIONS = json.loads((Path(botocore.__file__).parent / "data" / "partitions.json").read_text())["partitions"]
_LOADER = botocore.session.get_session().get_component("data_loader")


def _names() -> dict[str, tuple[str, str | None]]:
    """Return each host that botocore's endpoint rules yield for the three services, in every partition -> (service, region)."""
    found: dict[str, tuple[str, str | None]] = {}
    for service in ("sts", "kms", "s3control"):
        rules = json.dumps(_LOADER.load_service_model(service, "endpoint-rule-set-1"))
        for template in set(re.findall(r'"url": "https://([^"/]+)', rules)):
            for partition in _PARTITIONS:
                region = next(name for name in partition["regions"] if "global" not in name)
                host = re.sub(r"\{\w+#dualStackDnsSuffix\}", partition["outputs"]["dualStackDnsSuffix"], template)
                host = re.sub(r"\{\w+#dnsSuffix\}", partition["outputs"]["dnsSuffix"], host)
                host = re.sub(r"\{(\w+#)?[rR]egion\}", region, host).replace("{AccountId}", "123456789012")
                assert "{" not in host
                found[host] = service, region if region in host else None
    return found


NAMES = _names()


def test_there_are_enough_names() -> None:
    assert len(NAMES) > 100


@pytest.mark.parametrize("host", NAMES)
def test_every_host_of_botocores_rules(host: str) -> None:
    service, region = NAMES[host]
    if host.startswith("s3express-control"):  # a host of S3 too: the path decides
        assert aws_endpoint(host).service is S3
        return
    for spelled in (host, f"{host}:443", host.upper()):
        endpoint = aws_endpoint(spelled)
        assert (endpoint.service, endpoint.region) == (service, region)
        assert service_of(Request("POST", spelled, "/")) == service


OTHERS = {
    "vpce-1a2b-3c4d.sts.us-east-1.vpce.amazonaws.com": "sts",
    "vpce-1a2b-3c4d.kms.eu-west-1.vpce.amazonaws.com": "kms",
    "123456789012.control.vpce-1a2b-3c4d.s3.us-east-1.vpce.amazonaws.com": "s3control",
    "control.vpce-1a2b-3c4d.s3.us-east-1.vpce.amazonaws.com": "s3control",
    "s3.amazonaws.com": "s3",
    "bucket.s3.us-east-1.amazonaws.com": "s3",
    "sts.s3.amazonaws.com": "s3",
    "kms.s3.us-east-1.amazonaws.com": "s3",
    "123456789012.s3.us-east-1.amazonaws.com": "s3",
    "ap-123456789012.op-01234567890123456.s3-outposts.us-east-1.amazonaws.com": "s3",
    "127.0.0.1:4566": None,
    "localhost": None,
    "sts.example.com": None,
    "kms.localhost:80": None,
    "notsts.amazonaws.com.example.com": None,
}


@pytest.mark.parametrize("host", OTHERS)
def test_other_hosts(host: str) -> None:
    assert aws_endpoint(host).service == OTHERS[host]


SIGNED = "AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/{}/aws4_request, SignedHeaders=host, Signature=0"
FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
ASKED = b"Action=GetCallerIdentity&Version=2011-06-15"
MEANT: list[tuple[str, str, str, dict[str, str], bytes, str | None]] = [
    ("POST", "/", "", {"x-amz-target": "TrentService.ListKeys"}, b"{}", "kms"),
    ("POST", "/", "", {"authorization": SIGNED.format("kms")}, b"{}", "kms"),
    ("POST", "/", "", {"authorization": SIGNED.format("sts")}, ASKED, "sts"),
    ("POST", "/", "", FORM, ASKED, "sts"),
    ("POST", "/", "", FORM, b"Version=2011-06-15&Action=GetCallerIdentity", "sts"),
    ("GET", "/", "Action=x&X-Amz-Credential=K%2F20260101%2Fus-east-1%2Fsts%2Faws4_request", {}, b"", "sts"),
    ("GET", "/", "X-Amz-Credential=K%2F20260101%2Fus-east-1%2Fs3%2Faws4_request", {}, b"", None),
    ("GET", "/", "", {"authorization": SIGNED.format("s3")}, b"", None),
    ("GET", "/", "", {"authorization": SIGNED.format("dynamodb")}, b"", None),
    ("POST", "/", "delete", {"authorization": SIGNED.format("s3")}, b"<Delete/>", None),
    ("POST", "/", "", FORM, b"key=k", None),
    ("POST", "/", "", {"content-type": "multipart/form-data; boundary=b"}, ASKED, None),
    ("POST", "/bucket", "", FORM, ASKED, None),
    ("GET", "/v20180820/accesspoint", "", {"x-amz-account-id": "123456789012"}, b"", "s3control"),
    ("PUT", "/v20180820/bucket/b", "", {"x-amz-outpost-id": "op-1"}, b"", "s3control"),
    ("GET", "/v20180820/accesspoint", "", {"authorization": SIGNED.format("s3")}, b"", None),  # a key in such a bucket
    ("GET", "/v20180820", "", {"x-amz-account-id": "123456789012"}, b"", None),
]


@pytest.mark.parametrize(("method", "path", "query", "headers", "body", "service"), MEANT)
@pytest.mark.parametrize("host", ["127.0.0.1:4566", "bucket.localhost", "s3express-control.us-east-1.amazonaws.com"])
def test_at_a_custom_endpoint(
    host: str, method: str, path: str, query: str, headers: dict[str, str], body: bytes, service: str | None
) -> None:
    assert service_of(Request(method, host, path, query, headers, body)) == service


@pytest.mark.parametrize(("method", "path", "query", "headers", "body", "service"), MEANT)
def test_at_aws_the_host_decides_alone(
    method: str, path: str, query: str, headers: dict[str, str], body: bytes, service: str | None
) -> None:
    assert service_of(Request(method, "bucket.s3.us-east-1.amazonaws.com", path, query, headers, body)) is None
    assert service_of(Request(method, "kms.us-east-1.amazonaws.com", path, query, headers, body)) == "kms"


def test_a_bucket_called_like_the_prefix() -> None:
    fake = FakeS3()
    headers = {
        "authorization": SIGNED.format("s3").replace("=host", "=host;x-amz-date"),
        "x-amz-date": "20260101T000000Z",
        "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
    }
    for method, path, status in (("PUT", "/v20180820", 200), ("PUT", "/v20180820/jobs", 200), ("GET", "/v20180820/jobs", 200)):
        sent = {**headers, "content-length": "0"} if method == "PUT" else dict(headers)
        assert fake.handle(Request(method, "127.0.0.1", path, headers=sent)).status == status


def test_the_journal_sees_the_operation() -> None:
    request = Request("POST", "sts.amazonaws.com", "/", headers=dict(FORM), body=ASKED)
    assert FakeS3().handle(request).operation == "GetCallerIdentity"


def test_importing_the_fake_loads_no_service() -> None:
    import subprocess
    import sys

    code = "import sys, fakes3part.pipeline; print(*[name for name in sys.modules if 'fakes3part.services' in name])"
    completed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(completed.stdout.split()) == {"fakes3part.services", "fakes3part.services.dispatch"}
