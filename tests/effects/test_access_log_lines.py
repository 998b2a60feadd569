"""The lines of access logs: their fields, and the operations' names as they were seen in logs that AWS delivered."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError

from fakes3part.auth.callers import canonical_id
from fakes3part.clock import Clock
from fakes3part.faults import Reset
from tests.support.access_logs import Line, bodies, delivered, log_to, parse
from tests.support.callers import OWNER, STRANGER
from tests.support.doors import Door, MiB
from tests.support.lifecycle import put_rules, rule
from tests.support.named_clients import named_clients
from tests.support.policies import client_of, enable_acls, put_policy, statement, status, user
from tests.support.post_forms import by, known, post, signed
from tests.support.website import WITH_ERROR, look, open_to_all

pytestmark = pytest.mark.usefixtures("logged")

ME, THEM = canonical_id(OWNER), canonical_id(STRANGER)
VERSION = "3HL4kqtJvjVBH40Nrjfkd7sdkFjdsS2e"


def names(lines: list[Line]) -> list[str]:
    return [line["operation"] for line in lines]


def test_a_whole_line(door: Door) -> None:
    headers = {"User-Agent": 'a "b" c', "Referer": "https://site.test/?a b", "Content-Type": "text/plain"}
    response = door.raw("PUT", "/bucket/k?x-user=1", headers, b"abc")
    [log] = door.fake.deliver_logs()
    host = door.url.partition("//")[2]
    https = door.name == "in-process"
    text = door.fake.buckets["logs"].objects[log.key].text
    cipher, tls = ("TLS_AES_128_GCM_SHA256", "TLSv1.3") if https else ("-", "-")
    assert response.status == 200
    assert text.splitlines()[-1] == (
        f"{ME} bucket [20/Sep/2026:19:29:41 +0000] 127.0.0.1 {ME} {response.headers['x-amz-request-id']} REST.PUT.OBJECT k "
        f'"PUT /bucket/k?x-user=1 HTTP/1.1" 200 - - 3 1 1 "https://site.test/?a b" "a "b" c" - {response.headers["x-amz-id-2"]} '
        f"SigV4 {cipher} AuthHeader {host} {tls} - - -"
    )


@pytest.fixture
def quiet(door: Door) -> Door:
    """Objects, an upload with a part and configurations; the log up to here is delivered."""
    s3 = door.client
    s3.put_object(Bucket="bucket", Key="k", Body=b"abc")
    s3.put_object(Bucket="bucket", Key="big", Body=b"x" * 5000)
    s3.put_bucket_tagging(Bucket="bucket", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    delivered(door)
    return door


CORS: Any = {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}
SSE: Any = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
Call = Callable[[Any], object]

CALLS: dict[str, tuple[str, Call]] = {
    "HeadBucket": ("HEAD.BUCKET", lambda s3: s3.head_bucket(Bucket="bucket")),
    "ListObjects": ("GET.BUCKET", lambda s3: s3.list_objects(Bucket="bucket")),
    "ListObjectsV2": ("GET.BUCKET", lambda s3: s3.list_objects_v2(Bucket="bucket")),
    "ListObjectVersions": ("GET.BUCKETVERSIONS", lambda s3: s3.list_object_versions(Bucket="bucket")),
    "GetBucketLocation": ("GET.LOCATION", lambda s3: s3.get_bucket_location(Bucket="bucket")),
    "GetBucketAcl": ("GET.ACL", lambda s3: s3.get_bucket_acl(Bucket="bucket")),
    "GetBucketLogging": ("GET.LOGGING_STATUS", lambda s3: s3.get_bucket_logging(Bucket="bucket")),
    "GetBucketVersioning": ("GET.VERSIONING", lambda s3: s3.get_bucket_versioning(Bucket="bucket")),
    "PutBucketVersioning": (
        "PUT.VERSIONING",
        lambda s3: s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Suspended"}),
    ),
    "GetBucketRequestPayment": ("GET.REQUEST_PAYMENT", lambda s3: s3.get_bucket_request_payment(Bucket="bucket")),
    "PutBucketRequestPayment": (
        "PUT.REQUEST_PAYMENT",
        lambda s3: s3.put_bucket_request_payment(Bucket="bucket", RequestPaymentConfiguration={"Payer": "BucketOwner"}),
    ),
    "GetBucketTagging": ("GET.TAGGING", lambda s3: s3.get_bucket_tagging(Bucket="bucket")),
    "DeleteBucketTagging": ("DELETE.TAGGING", lambda s3: s3.delete_bucket_tagging(Bucket="bucket")),
    "PutBucketCors": ("PUT.CORS", lambda s3: s3.put_bucket_cors(Bucket="bucket", CORSConfiguration=CORS)),
    "DeleteBucketCors": ("DELETE.CORS", lambda s3: s3.delete_bucket_cors(Bucket="bucket")),
    "PutBucketEncryption": (
        "PUT.ENCRYPTION",
        lambda s3: s3.put_bucket_encryption(Bucket="bucket", ServerSideEncryptionConfiguration=SSE),
    ),
    "GetBucketEncryption": ("GET.ENCRYPTION", lambda s3: s3.get_bucket_encryption(Bucket="bucket")),
    "GetBucketOwnershipControls": ("GET.OWNERSHIP_CONTROLS", lambda s3: s3.get_bucket_ownership_controls(Bucket="bucket")),
    "GetPublicAccessBlock": ("GET.PUBLIC_ACCESS_BLOCK", lambda s3: s3.get_public_access_block(Bucket="bucket")),
    "DeletePublicAccessBlock": ("DELETE.PUBLIC_ACCESS_BLOCK", lambda s3: s3.delete_public_access_block(Bucket="bucket")),
    "DeleteBucketPolicy": ("DELETE.BUCKETPOLICY", lambda s3: s3.delete_bucket_policy(Bucket="bucket")),
    "DeleteBucketWebsite": ("DELETE.WEBSITE", lambda s3: s3.delete_bucket_website(Bucket="bucket")),
    "GetBucketNotification": (
        "GET.NOTIFICATION",
        lambda s3: s3.get_bucket_notification_configuration(Bucket="bucket"),
    ),
    "ListMultipartUploads": ("GET.UPLOADS", lambda s3: s3.list_multipart_uploads(Bucket="bucket")),
}


@pytest.mark.parametrize("case", CALLS)
def test_operations_on_the_bucket(quiet: Door, case: str) -> None:
    name, call = CALLS[case]
    call(quiet.client)
    [line] = delivered(quiet)
    assert (line["operation"], line["key"], line["size"], line["error"]) == (f"REST.{name}", "-", "-", "-")
    listed = name in ("HEAD.BUCKET", "GET.BUCKET", "GET.BUCKETVERSIONS", "GET.UPLOADS")
    assert (line["total"], line["turn_around"]) == ("1", "1" if listed else "-")


OBJECT_CALLS: dict[str, tuple[str, str, str, Call]] = {
    "GetObject": ("GET.OBJECT", "3", "3", lambda s3: s3.get_object(Bucket="bucket", Key="k")["Body"].read()),
    "a range": ("GET.OBJECT", "2", "3", lambda s3: s3.get_object(Bucket="bucket", Key="k", Range="bytes=1-5")["Body"].read()),
    "HeadObject": ("HEAD.OBJECT", "-", "3", lambda s3: s3.head_object(Bucket="bucket", Key="k")),
    "PutObject": ("PUT.OBJECT", "-", "7000", lambda s3: s3.put_object(Bucket="bucket", Key="k", Body=b"y" * 7000)),
    "an empty PutObject": ("PUT.OBJECT", "-", "0", lambda s3: s3.put_object(Bucket="bucket", Key="k")),
    "DeleteObject": ("DELETE.OBJECT", "-", "-", lambda s3: s3.delete_object(Bucket="bucket", Key="k")),
    "CreateMultipartUpload": ("POST.UPLOADS", "", "-", lambda s3: s3.create_multipart_upload(Bucket="bucket", Key="k")),
    "GetObjectAcl": ("GET.ACL", "", "-", lambda s3: s3.get_object_acl(Bucket="bucket", Key="k")),
    "GetObjectTagging": ("GET.OBJECT_TAGGING", "", "-", lambda s3: s3.get_object_tagging(Bucket="bucket", Key="k")),
    "DeleteObjectTagging": ("DELETE.OBJECT_TAGGING", "-", "-", lambda s3: s3.delete_object_tagging(Bucket="bucket", Key="k")),
    "PutObjectTagging": (
        "PUT.OBJECT_TAGGING",
        "-",
        "-",
        lambda s3: s3.put_object_tagging(Bucket="bucket", Key="k", Tagging={"TagSet": []}),
    ),
    "GetObjectAttributes": (
        "GET.OBJECT_ATTRIBUTES",
        "",
        "-",
        lambda s3: s3.get_object_attributes(Bucket="bucket", Key="k", ObjectAttributes=["ETag"]),
    ),
}


@pytest.mark.parametrize("case", OBJECT_CALLS)
def test_operations_on_objects(quiet: Door, case: str) -> None:
    name, sent, size, call = OBJECT_CALLS[case]
    call(quiet.client)
    [line] = delivered(quiet)
    assert (line["operation"], line["key"], line["size"], line["error"]) == (f"REST.{name}", "k", size, "-")
    assert line["bytes"] == sent or (sent == "" and int(line["bytes"]) > 0)


def test_multipart_uploads(quiet: Door) -> None:
    s3 = quiet.client
    upload = {"Bucket": "bucket", "Key": "m"}
    upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
    first = s3.upload_part(**upload, PartNumber=1, Body=b"x" * 5 * MiB)["ETag"]
    copied = s3.upload_part_copy(**upload, PartNumber=2, CopySource="bucket/big", CopySourceRange="bytes=0-99")
    s3.list_parts(**upload)
    parts = [{"PartNumber": 1, "ETag": first}, {"PartNumber": 2, "ETag": copied["CopyPartResult"]["ETag"]}]
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    other = s3.create_multipart_upload(Bucket="bucket", Key="n")["UploadId"]
    s3.abort_multipart_upload(Bucket="bucket", Key="n", UploadId=other)
    lines = delivered(quiet)
    assert [(line["operation"], line["key"], line["size"]) for line in lines] == [
        ("REST.POST.UPLOADS", "m", "-"),
        ("REST.PUT.PART", "m", str(5 * MiB)),
        ("REST.COPY.PART", "m", "100"),
        ("REST.COPY.PART_GET", "big", "5000"),
        ("REST.GET.UPLOAD", "m", "-"),
        ("REST.POST.UPLOAD", "m", str(5 * MiB + 100)),
        ("REST.POST.UPLOADS", "n", "-"),
        ("REST.DELETE.UPLOAD", "n", "-"),
    ]


def test_copies_are_in_both_logs(quiet: Door) -> None:
    s3 = quiet.client
    s3.create_bucket(Bucket="other")
    s3.copy_object(Bucket="other", Key="c", CopySource="bucket/big")
    s3.copy_object(Bucket="bucket", Key="c", CopySource="other/c")
    log_to(s3, source="other")
    s3.copy_object(Bucket="bucket", Key="d", CopySource="other/c")
    status(s3.copy_object, Bucket="bucket", Key="d", CopySource="other/missing")
    lines = delivered(quiet)
    shown = [(line["bucket"], line["operation"], line["key"], line["status"], line["size"]) for line in lines]
    assert sorted(shown) == [
        ("bucket", "REST.COPY.OBJECT", "c", "200", "5000"),
        ("bucket", "REST.COPY.OBJECT", "d", "200", "5000"),
        ("bucket", "REST.COPY.OBJECT", "d", "404", "-"),
        ("bucket", "REST.COPY.OBJECT_GET", "big", "200", "5000"),
        ("other", "REST.COPY.OBJECT_GET", "c", "200", "5000"),
        ("other", "REST.COPY.OBJECT_GET", "missing", "404", "-"),
    ]
    assert len({line["request_id"] for line in lines}) == 4


def test_delete_objects(quiet: Door) -> None:
    s3 = quiet.client
    objects: Any = [{"Key": "k"}, {"Key": "missing"}, {"Key": "a b", "VersionId": VERSION}]
    for is_quiet in (False, True):
        s3.delete_objects(Bucket="bucket", Delete={"Objects": objects, "Quiet": is_quiet})
        first, *lines = delivered(quiet)
        assert (first["operation"], first["key"], first["version"]) == ("REST.POST.MULTI_OBJECT_DELETE", "-", "-")
        assert [(line["key"], line["status"], line["error"], line["version"]) for line in lines] == [
            ("k", "204", "-", "-"),
            ("missing", "204", "-", "-"),
            ("a%2520b", "404", "NoSuchVersion", VERSION),
        ]
        for line in lines:
            assert (line["operation"], line["uri"], line["bytes"]) == ("BATCH.DELETE.OBJECT", "-", "-")
            assert {line[name] for name in ("total", "turn_around", "referer", "agent")} == {"-"}
            for name in ("request_id", "host_id", "requester", "time", "client", "signature", "host"):
                assert line[name] == first[name]


@pytest.mark.parametrize(
    ("method", "target", "operation", "key", "error"),
    [
        ("GET", "/bucket/missing", "REST.GET.OBJECT", "missing", "404 NoSuchKey"),
        ("HEAD", "/bucket/missing", "REST.HEAD.OBJECT", "missing", "404 NoSuchKey"),
        ("GET", "/bucket?policy", "REST.GET.BUCKETPOLICY", "-", "404 NoSuchBucketPolicy"),
        ("GET", "/bucket/k?policy", "REST.GET.BUCKETPOLICY", "-", "404 NoSuchBucketPolicy"),
        ("GET", "/bucket/k?logging", "REST.GET.LOGGING", "k", "400 NoLoggingStatusForKey"),
        ("GET", "/bucket?max-keys=x", "REST.GET.BUCKET", "-", "400 InvalidArgument"),
        ("DELETE", "/bucket?location", "REST.DELETE.LOCATION", "-", "405 MethodNotAllowed"),
        ("PATCH", "/bucket/k", "REST.PATCH.OBJECT", "k", "405 MethodNotAllowed"),
        ("PUT", "/bucket?versioning", "REST.PUT.VERSIONING", "-", "400 MissingRequestBodyError"),
        ("DELETE", "/bucket/k?versionId=x", "REST.DELETE.OBJECT", "k", "400 InvalidArgument"),
        ("GET", "/bucket/k?partNumber=9", "REST.GET.OBJECT", "k", "416 InvalidPartNumber"),
    ],
)
def test_errors(quiet: Door, method: str, target: str, operation: str, key: str, error: str) -> None:
    response = quiet.raw(method, target, {"Content-Length": "0"})
    [line] = delivered(quiet)
    assert (line["operation"], line["key"], f"{line['status']} {line['error']}") == (operation, key, error)
    assert (line["size"], line["turn_around"], line["request_id"]) == ("-", "-", response.headers["x-amz-request-id"])
    assert line["bytes"] == (str(len(response.body)) if response.body else "-")
    assert line["uri"] == f'"{method} {target} HTTP/1.1"'


def test_not_modified(quiet: Door) -> None:
    response = quiet.raw("GET", "/bucket/k", {"If-None-Match": "*"})
    [line] = delivered(quiet)
    assert response.status == 304
    assert (line["status"], line["error"], line["bytes"], line["size"]) == ("304", "-", "-", "3")


def test_keys_are_encoded_twice(quiet: Door) -> None:
    for key in ("a b/c+d", "ä%20", "x\ny", "~.-_"):
        quiet.client.put_object(Bucket="bucket", Key=key)
    expected = ["a%2520b/c%252Bd", "%25C3%25A4%252520", "x%250Ay", "~.-_"]
    assert [line["key"] for line in delivered(quiet)] == expected


def test_the_version_is_that_of_the_request(quiet: Door) -> None:
    s3 = quiet.client
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    created = s3.put_object(Bucket="bucket", Key="k", Body=b"new")["VersionId"]
    s3.get_object(Bucket="bucket", Key="k", VersionId=created)["Body"].read()
    s3.copy_object(Bucket="bucket", Key="c", CopySource={"Bucket": "bucket", "Key": "k", "VersionId": created})
    assert [(line["operation"], line["version"]) for line in delivered(quiet)] == [
        ("REST.PUT.VERSIONING", "-"),
        ("REST.PUT.OBJECT", "-"),
        ("REST.GET.OBJECT", created),
        ("REST.COPY.OBJECT", "-"),
        ("REST.COPY.OBJECT_GET", created),
    ]


# --- who, and how ----------------------------------------------------------------------------------------------------


def test_requesters(quiet: Door) -> None:
    put_policy(quiet, statement(Action="s3:*", Resource=["arn:aws:s3:::bucket", "arn:aws:s3:::bucket/*"]))
    delivered(quiet)
    fake = quiet.fake
    person = user(quiet, {"Action": "s3:*", "Resource": "*"})
    role = fake.add_role(OWNER, "log-reader", {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})
    with named_clients(quiet) as new:
        keys = new("sts").assume_role(RoleArn=role.arn, RoleSessionName="job")["Credentials"]
    session = {
        "aws_access_key_id": keys["AccessKeyId"],
        "aws_secret_access_key": keys["SecretAccessKey"],
        "aws_session_token": keys["SessionToken"],
    }
    with quiet.client_with(**session) as s3:
        s3.head_object(Bucket="bucket", Key="k")
    for caller in (person, STRANGER):
        with client_of(quiet, caller) as s3:
            s3.head_object(Bucket="bucket", Key="k")
    quiet.raw("GET", "/bucket/k", sign=False)
    lines = delivered(quiet)
    assert [line["requester"] for line in lines] == [
        f"arn:aws:sts::{OWNER}:assumed-role/log-reader/job",
        person.arn,
        THEM,
        "-",
    ]
    assert [(line["signature"], line["authentication"]) for line in lines] == [("SigV4", "AuthHeader")] * 3 + [("-", "-")]


def test_denied_requests_are_logged(quiet: Door) -> None:
    assert quiet.raw("GET", "/bucket/k", sign=False).status == 403
    assert quiet.raw("GET", "/bucket/k", {"Authorization": "AWS4-HMAC-SHA256 x"}, sign=False).status == 403
    shown = [(line["requester"], line["status"], line["error"], line["signature"]) for line in delivered(quiet)]
    assert shown == [("-", "403", "AccessDenied", "-"), ("-", "403", "AccessDenied", "SigV4")]


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_presigned_urls(quiet: Door, version: str) -> None:
    quiet.fake.clock.reset()
    with quiet.client_with(config=Config(signature_version=version, s3={"addressing_style": "path"})) as s3:
        url = s3.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "k"})
    target = "/" + url.split("/", 3)[3]
    assert quiet.raw("GET", target, sign=False).status == 200
    [line] = delivered(quiet)
    name = "X-Amz-Signature" if version == "s3v4" else "Signature"
    assert line["uri"] == '"GET ' + re.sub(rf"\b{name}=[^&]*", f"{name}=XXXXXXXX", target) + ' HTTP/1.1"'
    assert (line["signature"], line["authentication"]) == ("SigV4" if version == "s3v4" else "SigV2", "QueryString")
    assert line["requester"] == ME


@pytest.mark.parametrize("version", [2, 4])
def test_browser_uploads(quiet: Door, version: int) -> None:
    response = post(quiet, signed({"key": "form"}, **by(known(quiet.fake), version)))
    assert response.status == 204
    [line] = delivered(quiet)
    assert (line["operation"], line["key"], line["size"], line["status"]) == ("REST.POST.BUCKET", "form", "10", "204")
    assert (line["signature"], line["authentication"], line["requester"]) == (f"SigV{version}", "-", ME)


def test_acl_required(quiet: Door) -> None:
    """As in AWS's example, a root user's PutObject needs an ACL unless ACLs are disabled."""
    s3 = quiet.client
    s3.put_object(Bucket="bucket", Key="a")
    enable_acls(quiet)
    s3.put_object(Bucket="bucket", Key="public", ACL="public-read")
    s3.get_bucket_location(Bucket="bucket")
    assert quiet.raw("GET", "/bucket/public", sign=False).status == 200
    assert quiet.raw("GET", "/bucket/k", sign=False).status == 403
    with client_of(quiet, user(quiet, {"Action": "s3:*", "Resource": "*"})) as users:
        users.head_object(Bucket="bucket", Key="k")
    put_policy(quiet, statement())
    assert quiet.raw("GET", "/bucket/k", sign=False).status == 200
    shown = [(line["operation"].removeprefix("REST."), line["acl"]) for line in delivered(quiet)]
    assert [entry for entry in shown if entry[0].endswith(("OBJECT", "LOCATION"))] == [
        ("PUT.OBJECT", "-"),
        ("PUT.OBJECT", "Yes"),
        ("GET.LOCATION", "-"),
        ("GET.OBJECT", "Yes"),
        ("GET.OBJECT", "-"),
        ("HEAD.OBJECT", "-"),
        ("GET.OBJECT", "-"),
    ]


def test_access_points(quiet: Door) -> None:
    point = quiet.fake.add_access_point("point", "bucket")
    with named_clients(quiet) as new:
        client = new()
        for name in (point.arn, point.alias):
            client.get_object(Bucket=name, Key="k")["Body"].read()
        status(client.get_object, Bucket=point.arn, Key="missing")
    lines = delivered(quiet)
    assert [(line["bucket"], line["key"], line["access_point"]) for line in lines] == [
        ("bucket", "k", point.arn),
        ("bucket", "k", point.arn),
        ("bucket", "missing", point.arn),
    ]


# --- other requests --------------------------------------------------------------------------------------------------


def test_preflights(quiet: Door) -> None:
    quiet.client.put_bucket_cors(Bucket="bucket", CORSConfiguration=CORS)
    delivered(quiet)
    headers = {"Origin": "https://site.test", "Access-Control-Request-Method": "GET"}
    assert quiet.raw("OPTIONS", "/bucket/k", headers, sign=False).status == 200
    assert quiet.raw("OPTIONS", "/bucket", {**headers, "Access-Control-Request-Method": "PUT"}, sign=False).status == 403
    lines = delivered(quiet)
    assert [(line["operation"], line["key"], line["status"], line["error"]) for line in lines] == [
        ("REST.OPTIONS.PREFLIGHT", "k", "200", "-"),
        ("REST.OPTIONS.PREFLIGHT", "-", "403", "AccessForbidden"),
    ]


def test_websites(quiet: Door) -> None:
    s3 = quiet.client
    s3.put_bucket_website(Bucket="bucket", WebsiteConfiguration=WITH_ERROR)
    s3.put_object(Bucket="bucket", Key="index.html", Body=b"hello")
    s3.put_object(Bucket="bucket", Key="error.html", Body=b"sorry!")
    open_to_all(s3)
    delivered(quiet)
    for target in ("/", "/index.html", "/missing"):
        look(quiet, target)
    look(quiet, "/", "HEAD")
    lines = delivered(quiet)
    shown = [(line["operation"], line["key"], line["status"], line["error"], line["bytes"], line["size"]) for line in lines]
    assert shown == [
        ("WEBSITE.GET.OBJECT", "index.html", "200", "-", "5", "5"),
        ("WEBSITE.GET.OBJECT", "index.html", "200", "-", "5", "5"),
        ("WEBSITE.GET.OBJECT", "missing", "404", "NoSuchKey", "6", "-"),
        ("WEBSITE.HEAD.OBJECT", "index.html", "200", "-", "-", "5"),
    ]
    assert {(line["requester"], line["cipher"], line["tls"]) for line in lines} == {("-", "-", "-")}


def test_delete_bucket_is_the_last_line(door: Door) -> None:
    s3 = door.client
    s3.put_object(Bucket="bucket", Key="k")
    s3.delete_object(Bucket="bucket", Key="k")
    s3.delete_bucket(Bucket="bucket")
    status(s3.head_bucket, Bucket="bucket")
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="k")
    assert names(delivered(door)) == ["REST.PUT.OBJECT", "REST.DELETE.OBJECT", "REST.DELETE.BUCKET"]


def test_lifecycle(door: Door) -> None:
    s3, clock = door.client, door.fake.clock
    put_rules(
        s3,
        rule("expire", Filter={"Prefix": "old"}, Expiration={"Days": 1}),
        rule("move", Filter={"Prefix": "cold"}, Transitions=[{"Days": 1, "StorageClass": "GLACIER_IR"}]),
        rule("freeze", Filter={"Prefix": "ice"}, Transitions=[{"Days": 1, "StorageClass": "GLACIER"}]),
        rule("uploads", AbortIncompleteMultipartUpload={"DaysAfterInitiation": 1}),
    )
    for key in ("old", "cold", "ice"):
        s3.put_object(Bucket="bucket", Key=key, Body=b"x" * 200_000)
    s3.create_multipart_upload(Bucket="bucket", Key="upload")
    delivered(door)
    clock.move_to("2026-09-22T00:00:30Z")
    lines = {line["key"]: line for line in delivered(door)}
    assert {key: (line["operation"], line["size"], line["time"]) for key, line in lines.items()} == {
        "old": ("S3.EXPIRE.OBJECT", "200000", "[22/Sep/2026:00:00:00 +0000]"),
        "cold": ("S3.TRANSITION_GIR.OBJECT", "200000", "[22/Sep/2026:00:00:00 +0000]"),
        "ice": ("S3.TRANSITION.OBJECT", "200000", "[22/Sep/2026:00:00:00 +0000]"),
        "upload": ("S3.DELETE.UPLOAD", "-", "[22/Sep/2026:00:00:00 +0000]"),
    }
    for line in lines.values():
        assert {line[name] for name in ("client", "uri", "status", "error", "agent", "host", "signature", "version")} == {"-"}
        assert line["owner"] == ME


def test_lifecycle_with_versions(door: Door) -> None:
    s3, clock = door.client, door.fake.clock
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    put_rules(s3, rule(Expiration={"Days": 1}, NoncurrentVersionExpiration={"NoncurrentDays": 1}))
    version = s3.put_object(Bucket="bucket", Key="k", Body=b"abc")["VersionId"]
    delivered(door)
    clock.move_to("2026-09-24T00:00:30Z")
    marker, expired = [parsed for parsed in _all_lines(door) if parsed["operation"].startswith("S3.")][:2]
    assert (marker["operation"], marker["key"], marker["size"]) == ("S3.CREATE.DELETEMARKER", "k", "-")
    assert (expired["operation"], expired["key"], expired["size"], expired["version"]) == ("S3.EXPIRE.OBJECT", "k", "3", version)


def _all_lines(door: Door) -> list[Line]:
    door.fake.deliver_logs()
    return sorted(
        (parse(line) for text in bodies(door.fake).values() for line in text.splitlines()), key=lambda line: line["time"]
    )


def test_times_that_are_measured(door: Door) -> None:
    """While no test controls the clock, a request takes its real time, in begun milliseconds."""
    clock: Clock = door.fake.clock
    clock.reset()
    door.client.head_bucket(Bucket="bucket")
    [line] = delivered(door)
    assert 1 <= int(line["total"]) == int(line["turn_around"])


def test_requests_that_get_no_response_are_not_logged(door: Door) -> None:
    with door.fake.fail("HeadBucket", Reset()), pytest.raises(ConnectionClosedError):
        door.client.head_bucket(Bucket="bucket")
    assert delivered(door) == []
