"""moto's server in another process as the real S3: the differences that are known are found, each where it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from fakes3part.api.fakes3 import FakeS3
from fakes3part.compare import report, steps
from fakes3part.compare.bucket_names import new_token
from fakes3part.compare.calls import ComparedCall
from fakes3part.compare.comparison import Comparison
from fakes3part.compare.recorder import recording
from fakes3part.compare.recording import read
from fakes3part.compare.replay import replay
from fakes3part.compare.scenarios import SCENARIOS
from fakes3part.compare.signing import Credentials
from fakes3part.compare.target import Target
from fakes3part.intercept.activation import intercepted
from tests.support.other_s3 import compared, missing_for_moto, moto_server

pytestmark = pytest.mark.skipif(missing_for_moto() is not None, reason=str(missing_for_moto()))


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with moto_server() as url:
        yield url


@pytest.fixture
def comparison(url: str) -> Iterator[Comparison]:
    target = Target(url, Credentials("testing", "testing"), new_token())
    comparison = Comparison(target)
    with compared(comparison):
        yield comparison
    assert comparison.clean_up(everything=True) == []
    target.close()


@pytest.fixture
def s3(comparison: Comparison) -> Iterator[Any]:
    with FakeS3():
        client = boto3.client("s3", "us-east-1", config=Config(retries={"total_max_attempts": 1}))
        client.create_bucket(Bucket="bucket")
        yield client


def attempt(call: Callable[..., Any], **arguments: Any) -> Any:
    try:
        return call(**arguments)
    except ClientError as error:
        return error.response


def last(comparison: Comparison) -> ComparedCall:
    return comparison.calls[-1]


PUT = {"Bucket": "bucket", "Key": "k", "Body": b"1"}
WRONG_MD5 = "rL0Y20zC+Fzt72VPzMSk2A=="
REFUSED: list[tuple[str, dict[str, Any], str, str]] = [
    ("put_object", {**PUT, "ContentMD5": WRONG_MD5}, "400 BadDigest", "200"),
    ("put_object", {**PUT, "ChecksumCRC32": "AAAAAA=="}, "400 BadDigest", "200"),
    ("put_object", {**PUT, "ExpectedBucketOwner": "111122223333"}, "403 AccessDenied", "200"),
    ("put_object", {**PUT, "ContentMD5": "nonsense"}, "400 InvalidDigest", "200"),
    ("get_object", {"Bucket": "bucket", "Key": "kept", "ExpectedBucketOwner": "111122223333"}, "403 AccessDenied", "200"),
    ("put_object_acl", {"Bucket": "bucket", "Key": "kept", "ACL": "public-read"}, "400 AccessControlListNotSupported", "200"),
    ("delete_bucket_metrics_configuration", {"Bucket": "bucket", "Id": "none"}, "404 NoSuchConfiguration", "409 BucketNotEmpty"),
    ("create_bucket", {"Bucket": "sthree-bucket"}, "400 InvalidBucketName", ""),
]
"""Requests with what the fake and moto's server respond, by status and code; '': not sent."""


@pytest.mark.parametrize(("method", "arguments", "fake", "real"), REFUSED, ids=lambda value: str(value)[:60])
def test_what_moto_forgives(
    s3: Any, comparison: Comparison, method: str, arguments: dict[str, Any], fake: str, real: str
) -> None:
    s3.put_object(Bucket="bucket", Key="kept", Body=b"1")
    attempt(getattr(s3, method), **arguments)
    call = last(comparison)
    assert f"{call.fake.status} {call.fake.code}".strip() == fake
    if not real:
        assert call.reason == "the bucket name 'sthree-bucket' cannot carry the prefix of this run"
        return
    assert call.real is not None
    assert f"{call.real.status} {call.real.code}".strip() == real
    assert "code" in [difference.where for difference in call.differences]


def test_parts(s3: Any, comparison: Comparison) -> None:
    where = {"Bucket": "bucket", "Key": "m"}
    where["UploadId"] = s3.create_multipart_upload(**where)["UploadId"]
    attempt(s3.upload_part, **where, PartNumber=1, Body=b"1", ContentMD5=WRONG_MD5)
    assert [tuple(difference) for difference in last(comparison).differences] == [
        ("status", "400", "200"),
        ("code", "BadDigest", None),
        ("message", "The Content-MD5 you specified did not match what we received.", None),
    ]
    etag = s3.upload_part(**where, PartNumber=1, Body=b"1")["ETag"]
    s3.list_parts(**where)
    assert [tuple(difference) for difference in last(comparison).differences] == [
        ("root element", "ListPartsResult", "ListPartsResponse")
    ]
    s3.upload_part(**where, PartNumber=2, Body=b"2")
    parts = [{"PartNumber": number, "ETag": etag} for number in (1, 2)]
    attempt(s3.complete_multipart_upload, **where, MultipartUpload={"Parts": parts})
    real = last(comparison).real
    assert real is not None
    assert (last(comparison).fake.code, real.code) == ("EntityTooSmall", "InvalidPart")


def test_headers_and_elements(s3: Any, comparison: Comparison) -> None:
    s3.put_object(**PUT)
    found = {(where, fake, real) for where, fake, real in last(comparison).differences}
    assert ("header x-amz-server-side-encryption", "AES256", None) in found
    assert ("header x-amz-checksum-type", "FULL_OBJECT", None) in found
    s3.put_object(Bucket="bucket", Key="a b", Body=b"1")
    s3.list_objects_v2(Bucket="bucket")
    assert ("<Contents[1]/Key>", "a+b", "a%20b") in {tuple(difference) for difference in last(comparison).differences}


def test_what_is_equal(s3: Any, comparison: Comparison) -> None:
    """What moto does as S3 does is no difference, made-up values included."""
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(**PUT)["VersionId"]
    attempt(s3.get_object, Bucket="bucket", Key="none")
    assert last(comparison).differences == []
    s3.get_object(Bucket="bucket", Key="k", VersionId=version)["Body"].read()
    assert "x-amz-version-id" not in str(last(comparison).differences)
    assert "body" not in [difference.where for difference in last(comparison).differences]


KNOWN: list[tuple[str, str, str, str]] = [
    ("buckets", "CreateBucket", "400 InvalidBucketName", "200"),
    ("objects", "GetObject", "400 InvalidArgument", "404 NoSuchVersion"),
    ("keys", "PutObject", "400 KeyTooLongError", "200"),
    ("listings", "ListObjectsV2", "400 InvalidArgument", "200"),
    ("listings", "ListObjectsV2", "400 InvalidArgument", "500"),
    ("versions", "GetObject", "405 MethodNotAllowed", "404 NoSuchVersion"),
    ("multipart", "UploadPart", "400 BadDigest", "200"),
    ("multipart", "CompleteMultipartUpload", "400 InvalidPartOrder", "400 EntityTooSmall"),
    ("multipart", "GetObject", "206", "200"),
    ("multipart", "ListParts", "404 NoSuchUpload", "200"),
    ("checksums", "PutObject", "400 BadDigest", "200"),
    ("checksums", "PutObject", "400 InvalidRequest", "200"),
    ("checksums", "PutObject", "400 InvalidDigest", "200"),
    ("owners and access", "PutObject", "403 AccessDenied", "200"),
    ("owners and access", "ListObjectsV2", "403 AccessDenied", "200"),
    ("owners and access", "PutObjectAcl", "400 AccessControlListNotSupported", "200"),
    ("customer keys", "GetObject", "400 InvalidRequest", "200"),
    ("other configurations", "GetBucketMetricsConfiguration", "404 NoSuchConfiguration", "200"),
    ("object tags", "PutObjectTagging", "400 InvalidTag", "200"),
]
"""Scenario, operation, and the two outcomes: what is said of moto in its issues, and measured by others."""


def outcome(side: dict[str, Any]) -> str:
    return f"{side['status']} {side['code']}".strip()


def test_the_scenarios_recorded_from_moto(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The replay finds what is known, without the server."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    file = tmp_path / "moto.jsonl"
    with recording(url, file) as fake:
        for scenario in SCENARIOS:
            fake.begin_group(scenario.name)
            with intercepted(fake), steps.clients("us-east-1") as clients:
                steps.run(scenario, steps.Steps(clients, "us-east-1"))
    assert fake.left == []
    calls = [call.to_json() for call in replay(read(file))]
    assert len(calls) > 350
    differing = report.differing(calls)
    found = {(call["test"], call["operation"], outcome(call["fake"]), outcome(call["real"])) for call in differing}
    assert [row for row in KNOWN if row not in found] == []
    assert len(report.lines(calls)) < 80
