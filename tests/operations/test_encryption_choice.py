"""The encryption of new objects, contradicting headers, and the default encryption of a bucket.

Sources: botocore's model documentation; recorded from AWS, February 2026 (LocalStack's test_s3.snapshot.json).
"""

from __future__ import annotations

import json
from functools import partial
from typing import Any, ClassVar

import pytest

from fakes3part.state.kms import Kms
from tests.support.callers import OWNER
from tests.support.doors import Door, assert_error, refused
from tests.support.encryption import KEY_ARN, KEY_ID, SSE, b64, customer, etag_of, shown
from tests.support.errors import COPY_ONTO_ITSELF, INVALID_ENCRYPTION_METHOD, MALFORMED_XML, NO_DIGEST, NO_SUCH_BUCKET
from tests.support.state import unchanged

KMS_HEADER = "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms"
CONTEXT = (
    "The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 string holding JSON which represents a "
    "string-string map."
)
ALIAS_ARN = f"arn:aws:kms:us-east-1:{OWNER}:alias/mine"
PLAIN = {"ServerSideEncryption": "AES256"}


def default(**rule: Any) -> dict[str, Any]:
    """Return a configuration of one rule; ``BucketKeyEnabled`` and ``BlockedEncryptionTypes`` are members of the rule."""
    outer = {name: rule.pop(name) for name in ("BucketKeyEnabled", "BlockedEncryptionTypes") if name in rule}
    return {"Rules": [{"ApplyServerSideEncryptionByDefault": rule, **outer}]}


def set_default(s3: Any, bucket: str, **rule: Any) -> None:
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=default(**rule))


def rule_of(s3: Any, bucket: str) -> dict[str, Any]:
    """Return the only rule of GetBucketEncryption."""
    [rule] = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    found: dict[str, Any] = rule
    return found


WRITES = {
    "PutObject": lambda s3, **given: s3.put_object(Body=b"new", **given),
    "CreateMultipartUpload": lambda s3, **given: s3.create_multipart_upload(**given),
    "CopyObject": lambda s3, **given: s3.copy_object(CopySource="bucket/source", **given),
}

REFUSED: dict[str, tuple[dict[str, Any], str, dict[str, str]]] = {
    "unknown method": (
        {"ServerSideEncryption": "rot13"},
        INVALID_ENCRYPTION_METHOD,
        {"ArgumentName": SSE, "ArgumentValue": "rot13"},
    ),
    "method that only answers have": (
        {"ServerSideEncryption": "aws:fsx"},
        INVALID_ENCRYPTION_METHOD,
        {"ArgumentName": SSE, "ArgumentValue": "aws:fsx"},
    ),
    "key without method": ({"SSEKMSKeyId": KEY_ID}, KMS_HEADER, {"ArgumentName": SSE, "ArgumentValue": "null"}),
    "key with AES256": ({"SSEKMSKeyId": KEY_ID, **PLAIN}, KMS_HEADER, {"ArgumentName": SSE, "ArgumentValue": "AES256"}),
    "context without method": (
        {"SSEKMSEncryptionContext": b64(b"{}")},
        KMS_HEADER,
        {"ArgumentName": SSE, "ArgumentValue": "null"},
    ),
    **{
        f"context {text[:9]!r}": (
            {"ServerSideEncryption": "aws:kms", "SSEKMSEncryptionContext": text},
            CONTEXT,
            {"ArgumentName": f"{SSE}-context", "ArgumentValue": text},
        )
        for text in ("{}", "%%%", b64(b"{"), b64(b"[]"), b64(b'{"a": 1}'), b64(b"\xff"), b64(b"[" * 5000))
    },
}


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize(("requested", "message", "extras"), REFUSED.values(), ids=REFUSED)
def test_refused(door: Door, bucket: str, write: str, requested: dict[str, Any], message: str, extras: dict[str, str]) -> None:
    s3 = door.client
    s3.put_object(Bucket=bucket, Key="source", Body=b"data")
    with unchanged(door.fake):
        refused(partial(WRITES[write], s3, Bucket=bucket, Key="k", **requested), 400, "InvalidArgument", message, extras)


def test_an_encryption_context_is_not_returned(s3: Any, bucket: str) -> None:
    context = b64(json.dumps({"project": "fakes3part"}).encode())
    put = s3.put_object(
        Bucket=bucket, Key="k", ServerSideEncryption="aws:kms", SSEKMSKeyId=KEY_ID, SSEKMSEncryptionContext=context
    )
    expected = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": KEY_ARN}
    assert shown(put) == shown(s3.get_object(Bucket=bucket, Key="k")) == expected


class TestTheHeaderWhereItDoesNotBelong:
    """Only PutObject, CopyObject and CreateMultipartUpload take the encryption headers.

    Sources: issues irods_resource_plugin_s3 1838 (UploadPart), fog-aws 589 (UploadPartCopy), ClickHouse 64570 (Complete), s3cmd
    276 (a listing); botocore's model documentation of GetObject. The others are assumed.
    """

    MESSAGE = "x-amz-server-side-encryption header is not supported for this operation."
    DOCUMENT = b"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>e</ETag></Part></CompleteMultipartUpload>"
    REQUESTS: ClassVar = {
        "GetObject": ("GET", "/bucket/k", {}, b""),
        "GetObjectAttributes": ("GET", "/bucket/k?attributes", {"x-amz-object-attributes": "ETag"}, b""),
        "GetObjectTagging": ("GET", "/bucket/k?tagging", {}, b""),
        "DeleteObject": ("DELETE", "/bucket/k", {}, b""),
        "UploadPart": ("PUT", "/bucket/up?partNumber=1&uploadId={}", {}, b"data"),
        "UploadPartCopy": ("PUT", "/bucket/up?partNumber=1&uploadId={}", {"x-amz-copy-source": "bucket/k"}, b""),
        "CompleteMultipartUpload": ("POST", "/bucket/up?uploadId={}", {}, DOCUMENT),
        "AbortMultipartUpload": ("DELETE", "/bucket/up?uploadId={}", {}, b""),
        "ListParts": ("GET", "/bucket/up?uploadId={}", {}, b""),
        "ListObjects": ("GET", "/bucket", {}, b""),
        "ListObjectsV2": ("GET", "/bucket?list-type=2", {}, b""),
        "ListObjectVersions": ("GET", "/bucket?versions", {}, b""),
        "ListMultipartUploads": ("GET", "/bucket?uploads", {}, b""),
        "DeleteObjects": ("POST", "/bucket?delete", {}, b"<Delete><Object><Key>k</Key></Object></Delete>"),
    }

    @pytest.mark.parametrize("value", ["AES256", "aws:kms", "aws:kms:dsse", "nonsense"])
    @pytest.mark.parametrize(("method", "target", "more", "body"), REQUESTS.values(), ids=REQUESTS)
    def test_refused(
        self, door: Door, bucket: str, method: str, target: str, more: dict[str, str], body: bytes, value: str
    ) -> None:
        s3 = door.client
        s3.put_object(Bucket=bucket, Key="k", Body=b"data")
        upload = s3.create_multipart_upload(Bucket=bucket, Key="up", ServerSideEncryption="aws:kms")["UploadId"]
        expected = {"ArgumentName": SSE, "ArgumentValue": value}
        with unchanged(door.fake):
            response = door.raw(method, target.format(upload), {SSE: value, **more}, body)
            assert_error(response, 400, "InvalidArgument", self.MESSAGE, expected)

    def test_head(self, door: Door, bucket: str) -> None:
        door.client.put_object(Bucket=bucket, Key="k", Body=b"data")
        assert door.raw("HEAD", f"/{bucket}/k", {SSE: "AES256"})[::2] == (400, b"")

    def test_in_a_presigned_query(self, door: Door, bucket: str) -> None:
        door.client.put_object(Bucket=bucket, Key="k", Body=b"data")
        response = door.raw("GET", f"/{bucket}/k?{SSE}=AES256")
        assert_error(response, 400, "InvalidArgument", self.MESSAGE, {"ArgumentName": SSE, "ArgumentValue": "AES256"})


DEFAULTS = {
    "AES256": ({"SSEAlgorithm": "AES256"}, PLAIN),
    "key id": (
        {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY_ID},
        {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": KEY_ARN},
    ),
    "ARN, bucket key": (
        {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY_ARN, "BucketKeyEnabled": True},
        {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": KEY_ARN, "BucketKeyEnabled": True},
    ),
    "DSSE": (
        {"SSEAlgorithm": "aws:kms:dsse", "KMSMasterKeyID": KEY_ID, "BucketKeyEnabled": True},
        {"ServerSideEncryption": "aws:kms:dsse", "SSEKMSKeyId": KEY_ARN},
    ),
}


class TestBucketDefault:
    @pytest.mark.parametrize(("rule", "expected"), DEFAULTS.values(), ids=DEFAULTS)
    def test_new_objects_have_the_default_encryption(
        self, s3: Any, bucket: str, rule: dict[str, Any], expected: dict[str, Any]
    ) -> None:
        s3.put_object(Bucket=bucket, Key="source", Body=b"data")
        open_before = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
        set_default(s3, bucket, **rule)
        assert shown(s3.head_object(Bucket=bucket, Key="source")) == PLAIN
        responses = [write(s3, Bucket=bucket, Key="k") for write in WRITES.values()]
        assert [shown(response) for response in responses] == [expected] * 3
        part = s3.upload_part(Bucket=bucket, Key="k", UploadId=open_before, PartNumber=1)
        assert shown(part) == PLAIN

    def test_without_a_key_the_aws_managed_key_is_used(self, s3: Any, bucket: str) -> None:
        set_default(s3, bucket, SSEAlgorithm="aws:kms")
        first, second = (s3.put_object(Bucket=bucket, Key=key)["SSEKMSKeyId"] for key in "ab")
        requested = s3.put_object(Bucket=bucket, Key="c", ServerSideEncryption="aws:kms", SSEKMSKeyId="alias/aws/s3")
        assert first == second == requested["SSEKMSKeyId"]
        assert first.startswith(f"arn:aws:kms:us-east-1:{OWNER}:key/")

    @pytest.mark.parametrize("write", WRITES)
    def test_the_request_goes_first(self, s3: Any, bucket: str, write: str) -> None:
        s3.put_object(Bucket=bucket, Key="source", Body=b"data")
        set_default(s3, bucket, SSEAlgorithm="aws:kms", KMSMasterKeyID=KEY_ID, BucketKeyEnabled=True)
        given = {"Bucket": bucket, "Key": "k"}
        assert shown(WRITES[write](s3, **given, ServerSideEncryption="AES256")) == PLAIN
        assert "ServerSideEncryption" not in WRITES[write](s3, **given, **customer())
        assert "BucketKeyEnabled" not in WRITES[write](s3, **given, BucketKeyEnabled=False)
        requested = shown(WRITES[write](s3, **given, ServerSideEncryption="aws:kms"))
        assert requested["SSEKMSKeyId"] != KEY_ARN
        assert requested.get("BucketKeyEnabled") is (None if write == "CopyObject" else True)

    def test_a_bucket_key_can_be_requested_alone(self, s3: Any, bucket: str) -> None:
        set_default(s3, bucket, SSEAlgorithm="aws:kms", KMSMasterKeyID=KEY_ID)
        put = s3.put_object(Bucket=bucket, Key="k", BucketKeyEnabled=True)
        assert shown(put) == {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": KEY_ARN, "BucketKeyEnabled": True}

    def test_an_invalid_default_key_is_reported_at_the_upload(self, door: Door, bucket: str) -> None:
        set_default(door.client, bucket, SSEAlgorithm="aws:kms", KMSMasterKeyID="fake-key-id")
        put = partial(door.client.put_object, Bucket=bucket, Key="k")
        refused(put, 400, "KMS.NotFoundException", "Invalid keyId 'fake-key-id'")
        assert door.client.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


LEGAL: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "the same method": ({}, PLAIN),
    "another method": ({}, {"ServerSideEncryption": "aws:kms"}),
    "a customer's key": ({}, customer()),
    "from KMS": ({"ServerSideEncryption": "aws:kms"}, {}),
    "from DSSE": ({"ServerSideEncryption": "aws:kms:dsse"}, {}),
    "from SSE-C": (customer(), customer(prefix="CopySource")),
}


class TestOntoItself:
    @pytest.mark.parametrize(("put", "copy"), LEGAL.values(), ids=LEGAL)
    def test_legal(self, s3: Any, bucket: str, put: dict[str, Any], copy: dict[str, Any]) -> None:
        s3.put_object(Bucket=bucket, Key="k", Body=b"data", **put)
        copied = s3.copy_object(Bucket=bucket, Key="k", CopySource=f"{bucket}/k", **copy)
        if not copy.keys() & {"ServerSideEncryption", "SSECustomerKey"}:
            assert shown(copied) == PLAIN
            assert copied["CopyObjectResult"]["ETag"] == etag_of(b"data")

    def test_illegal_without_encryption_headers(self, s3: Any, bucket: str) -> None:
        s3.put_object(Bucket=bucket, Key="k", Body=b"data", ServerSideEncryption="AES256")
        refused(
            partial(s3.copy_object, Bucket=bucket, Key="k", CopySource=f"{bucket}/k"), 400, "InvalidRequest", COPY_ONTO_ITSELF
        )

    def test_an_explicit_default_makes_the_copy_legal(self, s3: Any, bucket: str) -> None:
        s3.put_object(Bucket=bucket, Key="k", Body=b"data")
        copy = partial(s3.copy_object, Bucket=bucket, Key="k", CopySource=f"{bucket}/k")
        set_default(s3, bucket, SSEAlgorithm="AES256")
        assert shown(copy()) == PLAIN
        s3.delete_bucket_encryption(Bucket=bucket)
        refused(copy, 400, "InvalidRequest", COPY_ONTO_ITSELF)


EVERY = {
    "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}],
}


ECHOED = {
    "AES256": {"SSEAlgorithm": "AES256"},
    "bucket key of AES256": {"SSEAlgorithm": "AES256", "BucketKeyEnabled": True},
    "no key": {"SSEAlgorithm": "aws:kms"},
    "id": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY_ID},
    "ARN": {"SSEAlgorithm": "aws:kms:dsse", "KMSMasterKeyID": KEY_ARN},
    "alias": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/mine", "BucketKeyEnabled": True},
    "SSE-C blocked": {"SSEAlgorithm": "AES256", "BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]}},
    "nothing blocked": {"SSEAlgorithm": "AES256", "BlockedEncryptionTypes": {"EncryptionType": ["NONE"]}},
}


RULE = default(SSEAlgorithm="AES256")["Rules"][0]
MALFORMED_ONES: dict[str, dict[str, Any]] = {
    "no rule": {"Rules": []},
    "two rules": {"Rules": [RULE, RULE]},
    "rule without default": {"Rules": [{"BucketKeyEnabled": True}]},
    "unknown algorithm": default(SSEAlgorithm="rot13"),
    "answer-only algorithm": default(SSEAlgorithm="aws:backup"),
    "nothing in the list of what is blocked": default(SSEAlgorithm="AES256", BlockedEncryptionTypes={}),
    "unknown type blocked": default(SSEAlgorithm="AES256", BlockedEncryptionTypes={"EncryptionType": ["SSE-S3"]}),
    "all and nothing": default(SSEAlgorithm="AES256", BlockedEncryptionTypes={"EncryptionType": ["NONE", "SSE-C"]}),
}


class TestConfiguration:
    def test_every_bucket_has_a_default_encryption(self, s3: Any, bucket: str) -> None:
        assert s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"] == EVERY

    def test_delete_restores_the_default(self, s3: Any, bucket: str) -> None:
        set_default(s3, bucket, SSEAlgorithm="aws:kms")
        for _ in range(2):
            deleted = s3.delete_bucket_encryption(Bucket=bucket)
            assert deleted["ResponseMetadata"]["HTTPStatusCode"] == 204
        assert s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"] == EVERY
        assert shown(s3.put_object(Bucket=bucket, Key="k")) == PLAIN

    @pytest.mark.parametrize("rule", ECHOED.values(), ids=ECHOED)
    def test_the_configuration_is_returned_as_put(self, s3: Any, bucket: str, rule: dict[str, Any]) -> None:
        set_default(s3, bucket, **rule)
        expected = default(**rule)
        expected["Rules"][0].setdefault("BucketKeyEnabled", False)
        assert s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"] == expected

    @pytest.mark.parametrize("configuration", MALFORMED_ONES.values(), ids=MALFORMED_ONES)
    def test_malformed(self, s3: Any, bucket: str, configuration: dict[str, Any]) -> None:
        set_default(s3, bucket, SSEAlgorithm="aws:kms")
        put = partial(s3.put_bucket_encryption, Bucket=bucket, ServerSideEncryptionConfiguration=configuration)
        refused(put, 400, "MalformedXML", MALFORMED_XML)
        kept = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
        assert kept["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms"}

    def test_key_with_aes256(self, s3: Any, bucket: str) -> None:
        refused(
            partial(set_default, s3, bucket, SSEAlgorithm="AES256", KMSMasterKeyID=KEY_ID),
            400,
            "InvalidArgument",
            "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse",
            {"ArgumentName": "ApplyServerSideEncryptionByDefault"},
        )

    @pytest.mark.parametrize("call", ["get_bucket_encryption", "delete_bucket_encryption"])
    def test_no_bucket(self, s3: Any, call: str) -> None:
        missing = partial(getattr(s3, call), Bucket="missing")
        refused(missing, 404, "NoSuchBucket", NO_SUCH_BUCKET, {"BucketName": "missing"})

    def test_a_digest_is_demanded(self, door: Door, bucket: str) -> None:
        response = door.raw("PUT", f"/{bucket}?encryption", {}, b"<ServerSideEncryptionConfiguration/>")
        assert response.status == 400
        assert response.error["Message"] == NO_DIGEST


class TestBlocked:
    @pytest.mark.parametrize("write", WRITES)
    def test_new_objects(self, door: Door, bucket: str, write: str) -> None:
        s3 = door.client
        s3.put_object(Bucket=bucket, Key="source", Body=b"data")
        s3.put_object(Bucket=bucket, Key="old", Body=b"data", **customer())
        set_default(s3, bucket, SSEAlgorithm="AES256", BlockedEncryptionTypes={"EncryptionType": ["SSE-C"]})
        with unchanged(door.fake):
            refused(partial(WRITES[write], s3, Bucket=bucket, Key="k", **customer()), 403, "AccessDenied", "Access Denied")
        assert s3.get_object(Bucket=bucket, Key="old", **customer())["Body"].read() == b"data"
        set_default(s3, bucket, SSEAlgorithm="AES256", BlockedEncryptionTypes={"EncryptionType": ["NONE"]})
        WRITES[write](s3, Bucket=bucket, Key="k", **customer())


class TestBlockedByDefault:
    """Buckets as S3 creates them since 2026 (recorded in September): the setting ``block_sse_c``."""

    RULE: ClassVar = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
    BLOCKED: ClassVar = {"BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]}}
    NONE: ClassVar = {"BlockedEncryptionTypes": {"EncryptionType": ["NONE"]}}

    def blocks(self, s3: Any, write: str) -> None:
        refused(partial(WRITES[write], s3, Bucket="bucket", Key="k", **customer()), 403, "AccessDenied", "Access Denied")

    @pytest.mark.parametrize("write", WRITES)
    def test_until_it_is_lifted(self, door: Door, write: str) -> None:
        with door.with_settings(block_sse_c=True) as s3:
            s3.create_bucket(Bucket="bucket")
            s3.put_object(Bucket="bucket", Key="source", Body=b"data")
            shown_rule = partial(rule_of, s3, "bucket")
            assert shown_rule() == self.RULE | self.BLOCKED
            self.blocks(s3, write)
            set_default(s3, "bucket", SSEAlgorithm="AES256")  # without the element: as before
            assert shown_rule() == self.RULE | self.BLOCKED
            self.blocks(s3, write)
            set_default(s3, "bucket", SSEAlgorithm="AES256", **self.NONE)
            assert shown_rule() == self.RULE | self.NONE
            WRITES[write](s3, Bucket="bucket", Key="k", **customer())
            set_default(s3, "bucket", SSEAlgorithm="AES256")
            assert shown_rule() == self.RULE | self.NONE
            s3.delete_bucket_encryption(Bucket="bucket")
            assert shown_rule() == self.RULE | self.BLOCKED
            self.blocks(s3, write)

    def test_not_by_default(self, s3: Any, bucket: str) -> None:
        assert rule_of(s3, bucket) == self.RULE
        s3.put_object(Bucket=bucket, Key="k", Body=b"data", **customer())


def test_the_default_is_part_of_a_snapshot(door: Door, bucket: str) -> None:
    set_default(door.client, bucket, SSEAlgorithm="aws:kms")
    checkpoint = door.fake.snapshot()
    door.client.delete_bucket_encryption(Bucket=bucket)
    door.fake.restore(checkpoint)
    assert door.client.put_object(Bucket=bucket, Key="k")["ServerSideEncryption"] == "aws:kms"


def test_aliases_name_one_key(s3: Any, bucket: str) -> None:
    requested = {"Bucket": bucket, "Key": "k", "ServerSideEncryption": "aws:kms"}
    arns = {s3.put_object(**requested, SSEKMSKeyId=name)["SSEKMSKeyId"] for name in ("alias/mine", ALIAS_ARN)}
    assert arns == {Kms(OWNER, "us-east-1").add_key(alias="mine")}
