"""SSE-C: every row of its errors, as they are on the wire.

Sources: recorded from AWS, February 2026 (LocalStack's test_s3.snapshot.json).
"""

from __future__ import annotations

import dataclasses
import logging
import traceback
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from fakes3part.api.fakes3 import FakeS3
from fakes3part.message import Request
from fakes3part.rules.sse_c import parse_customer_key
from tests.support.doors import Door, assert_error, refused, refused_head
from tests.support.encryption import (
    CUSTOMER,
    GOOD_KEY,
    GOOD_MD5,
    INCOMPATIBLE,
    INVALID,
    INVALID_ON_WRITES,
    NOT_APPLICABLE,
    OTHER_CUSTOMER,
    SSE,
    STORED_ENCRYPTED,
    UPLOAD_DIFFERS,
    UPLOADS_KEY_DIFFERS,
    WRONG_KEY,
    b64,
    customer,
    encoded,
    etag_of,
    headers,
    md5_of_key,
    shown,
    source,
)
from tests.support.state import prepare, unchanged

GOOD = headers("AES256", GOOD_KEY, GOOD_MD5)
OTHER = headers("AES256", b64(OTHER_CUSTOMER.encode()), md5_of_key(OTHER_CUSTOMER))
COPIED = {"x-amz-copy-source": "bucket/plain"}
SHOWN = {"SSECustomerAlgorithm": "AES256", "SSECustomerKeyMD5": md5_of_key(CUSTOMER)}


def of_the_source(sent: dict[str, str]) -> dict[str, str]:
    return {name.replace("x-amz-", "x-amz-copy-source-", 1): value for name, value in sent.items()}


@pytest.fixture
def filled(door: Door, bucket: str) -> str:
    """A bucket with an object under the customer's key (``secret``) and one without (``plain``)."""
    prepare(door.fake, "PUT", f"/{bucket}/secret", b"secret data", headers("AES256", GOOD_KEY, GOOD_MD5))
    prepare(door.fake, "PUT", f"/{bucket}/plain", b"plain data")
    return bucket


@pytest.fixture
def secret_upload(s3: Any, filled: str) -> str:
    """The id of an upload under the customer's key."""
    upload: str = s3.create_multipart_upload(Bucket=filled, Key="k", **customer())["UploadId"]
    return upload


@pytest.fixture
def plain_upload(s3: Any, filled: str) -> str:
    upload: str = s3.create_multipart_upload(Bucket=filled, Key="k")["UploadId"]
    return upload


class TestInvalidOnWrites:
    WRITES = (
        ("PUT", "/bucket/k", {}),
        ("PUT", "/bucket/k", COPIED),
        ("POST", "/bucket/k?uploads", {}),
        ("PUT", "/bucket/k?partNumber=1&uploadId={}", {}),
        ("PUT", "/bucket/k?partNumber=1&uploadId={}", COPIED),
    )
    IDS = ("PutObject", "CopyObject", "CreateMultipartUpload", "UploadPart", "UploadPartCopy")

    @pytest.mark.parametrize(("method", "target", "more"), WRITES, ids=IDS)
    @pytest.mark.parametrize(
        ("sent", "code", "message", "extras"), (INVALID | INVALID_ON_WRITES).values(), ids=INVALID | INVALID_ON_WRITES
    )
    def test_row(
        self,
        door: Door,
        secret_upload: str,
        method: str,
        target: str,
        more: dict[str, str],
        sent: dict[str, str],
        code: str,
        message: str,
        extras: dict[str, str],
    ) -> None:
        with unchanged(door.fake):
            assert_error(door.raw(method, target.format(secret_upload), {**sent, **more}), 400, code, message, extras)

    @pytest.mark.parametrize(("method", "target", "more"), WRITES[:3], ids=IDS[:3])
    @pytest.mark.parametrize("method_asked", ["AES256", "aws:kms", "aws:kms:dsse"])
    def test_with_a_method_of_s3s(
        self, door: Door, filled: str, method: str, target: str, more: dict[str, str], method_asked: str
    ) -> None:
        with unchanged(door.fake):
            response = door.raw(method, target, {**GOOD, SSE: method_asked, **more})
            expected = {"ArgumentName": SSE, "ArgumentValue": method_asked}
            assert_error(response, 400, "InvalidArgument", INCOMPATIBLE, expected)

    def test_keys_in_a_query_count(self, door: Door, filled: str) -> None:
        """Presigners put headers there."""
        for sent, status in (GOOD, 200), (OTHER, 403), ({}, 400):
            assert door.raw("GET", f"/{filled}/secret?{urlencode(sent)}").status == status


class TestReads:
    READS = (("GET", "/bucket/{}", {}), ("GET", "/bucket/{}?attributes", {"x-amz-object-attributes": "ETag"}))
    IDS = ("GetObject", "GetObjectAttributes")
    ROWS = (
        *((sent, 400, code, message, extras) for sent, code, message, extras in INVALID.values()),
        ({}, 400, "InvalidRequest", STORED_ENCRYPTED, {}),
        (OTHER, 403, "AccessDenied", WRONG_KEY, {}),
        *((sent, 403, "AccessDenied", WRONG_KEY, {}) for sent, *_ in INVALID_ON_WRITES.values()),
    )
    ROW_IDS = (*INVALID, "no key", "other key", *INVALID_ON_WRITES)

    @pytest.mark.parametrize(("method", "target", "more"), READS, ids=IDS)
    @pytest.mark.parametrize(("sent", "status", "code", "message", "extras"), ROWS, ids=ROW_IDS)
    def test_row(
        self,
        door: Door,
        filled: str,
        method: str,
        target: str,
        more: dict[str, str],
        sent: dict[str, str],
        status: int,
        code: str,
        message: str,
        extras: dict[str, str],
    ) -> None:
        assert_error(door.raw(method, target.format("secret"), {**sent, **more}), status, code, message, extras)

    @pytest.mark.parametrize(("sent", "status", "code", "message", "extras"), ROWS, ids=ROW_IDS)
    def test_head_returns_the_status_only(
        self, door: Door, filled: str, sent: dict[str, str], status: int, code: str, message: str, extras: dict[str, str]
    ) -> None:
        response = door.raw("HEAD", "/bucket/secret", sent)
        assert (response.status, response.body) == (status, b"")
        assert not [name for name in response.headers if name.startswith(SSE)]

    def test_boto3_sees_bare_heads(self, s3: Any, filled: str) -> None:
        refused_head(partial(s3.head_object, Bucket=filled, Key="secret"), 400)
        refused_head(partial(s3.head_object, Bucket=filled, Key="secret", **customer(OTHER_CUSTOMER)), 403)
        refused_head(partial(s3.head_object, Bucket=filled, Key="plain", **customer()), 400)

    @pytest.mark.parametrize(("method", "target", "more"), READS, ids=IDS)
    def test_a_key_for_an_object_without_one(
        self, door: Door, filled: str, method: str, target: str, more: dict[str, str]
    ) -> None:
        assert_error(door.raw(method, target.format("plain"), {**GOOD, **more}), 400, "InvalidRequest", NOT_APPLICABLE)

    def test_the_right_key(self, s3: Any, filled: str) -> None:
        got = s3.get_object(Bucket=filled, Key="secret", Range="bytes=0-5", **customer())
        assert got["Body"].read() == b"secret"
        assert shown(got) == shown(s3.head_object(Bucket=filled, Key="secret", **customer())) == SHOWN
        attributes = s3.get_object_attributes(Bucket=filled, Key="secret", ObjectAttributes=["ObjectSize"], **encoded())
        assert attributes["ObjectSize"] == 11
        assert shown(attributes) == {}

    def test_the_key_comes_before_the_conditions(self, s3: Any, filled: str) -> None:
        read = partial(s3.get_object, Bucket=filled, Key="secret", IfMatch='"another"')
        refused(read, 400, "InvalidRequest", STORED_ENCRYPTED)

    def test_a_put_has_its_checksum(self, s3: Any, filled: str) -> None:
        head = s3.head_object(Bucket=filled, Key="secret", ChecksumMode="ENABLED", **customer())
        assert head["ChecksumType"] == "FULL_OBJECT"

    def test_operations_that_need_no_key(self, s3: Any, filled: str, secret_upload: str) -> None:
        assert s3.list_objects_v2(Bucket=filled)["KeyCount"] == 2
        assert s3.list_parts(Bucket=filled, Key="k", UploadId=secret_upload)["IsTruncated"] is False
        s3.delete_object(Bucket=filled, Key="secret")
        assert s3.list_objects_v2(Bucket=filled)["KeyCount"] == 1

    def test_each_version_has_its_own_key(self, s3: Any, bucket: str) -> None:
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        keys = [CUSTOMER, OTHER_CUSTOMER]
        ids = [s3.put_object(Bucket=bucket, Key="k", Body=key.encode(), **customer(key))["VersionId"] for key in keys]
        for version_id, key, other in zip(ids, keys, reversed(keys), strict=True):
            read = partial(s3.get_object, Bucket=bucket, Key="k", VersionId=version_id)
            assert read(**customer(key))["Body"].read() == key.encode()
            refused(partial(read, **customer(other)), 403, "AccessDenied", WRONG_KEY)
        refused(partial(s3.get_object, Bucket=bucket, Key="k", **customer(keys[0])), 403, "AccessDenied", WRONG_KEY)


class TestSources:
    COPIES = (("/bucket/copy", {}), ("/bucket/k?partNumber=1&uploadId={}", {}))
    IDS = ("CopyObject", "UploadPartCopy")
    SOURCE = {"x-amz-copy-source": "bucket/secret"}  # noqa: RUF012

    @pytest.mark.parametrize(("target", "more"), COPIES, ids=IDS)
    @pytest.mark.parametrize(
        ("sent", "status", "code", "message", "extras"),
        [
            *((sent, 400, code, message, extras) for sent, code, message, extras in INVALID.values()),
            ({}, 400, "InvalidRequest", STORED_ENCRYPTED, {}),
            (OTHER, 403, "AccessDenied", "Access Denied", {}),
            *((sent, 403, "AccessDenied", "Access Denied", {}) for sent, *_ in INVALID_ON_WRITES.values()),
        ],
        ids=TestReads.ROW_IDS,
    )
    def test_row(
        self,
        door: Door,
        plain_upload: str,
        target: str,
        more: dict[str, str],
        sent: dict[str, str],
        status: int,
        code: str,
        message: str,
        extras: dict[str, str],
    ) -> None:
        with unchanged(door.fake):
            response = door.raw("PUT", target.format(plain_upload), {**self.SOURCE, **of_the_source(sent)})
            assert_error(response, status, code, message, extras)

    @pytest.mark.parametrize(("target", "more"), COPIES, ids=IDS)
    def test_a_key_for_an_object_without_one(self, door: Door, plain_upload: str, target: str, more: dict[str, str]) -> None:
        with unchanged(door.fake):
            response = door.raw("PUT", target.format(plain_upload), {**COPIED, **of_the_source(GOOD)})
            assert_error(response, 400, "InvalidRequest", NOT_APPLICABLE)

    def test_own_key_is_not_the_sources(self, s3: Any, filled: str) -> None:
        copy = partial(s3.copy_object, Bucket=filled, Key="copy", CopySource=f"{filled}/secret", **customer())
        refused(copy, 400, "InvalidRequest", STORED_ENCRYPTED)

    def test_both_keys_of_a_part(self, s3: Any, filled: str) -> None:
        upload = s3.create_multipart_upload(Bucket=filled, Key="k", **customer(OTHER_CUSTOMER))["UploadId"]
        given = {"Bucket": filled, "Key": "k", "UploadId": upload, "PartNumber": 1, "CopySource": f"{filled}/secret"}
        refused(partial(s3.upload_part_copy, **given, **source()), 400, "InvalidRequest", UPLOAD_DIFFERS)
        only_own = partial(s3.upload_part_copy, **given, **customer(OTHER_CUSTOMER))
        refused(only_own, 400, "InvalidRequest", STORED_ENCRYPTED)
        part = s3.upload_part_copy(**given, **source(), **customer(OTHER_CUSTOMER))["CopyPartResult"]["ETag"]
        parts = {"Parts": [{"PartNumber": 1, "ETag": part}]}
        s3.complete_multipart_upload(Bucket=filled, Key="k", UploadId=upload, MultipartUpload=parts)
        assert s3.get_object(Bucket=filled, Key="k", **customer(OTHER_CUSTOMER))["Body"].read() == b"secret data"


class TestMultipart:
    def test_part_without_the_key(self, door: Door, filled: str, secret_upload: str) -> None:
        part = partial(door.client.upload_part, Bucket=filled, Key="k", UploadId=secret_upload, PartNumber=1, Body=b"data")
        with unchanged(door.fake):
            refused(part, 400, "InvalidRequest", UPLOAD_DIFFERS)

    def test_part_with_a_key_for_a_plain_upload(self, door: Door, filled: str, plain_upload: str) -> None:
        part = partial(door.client.upload_part, Bucket=filled, Key="k", UploadId=plain_upload, PartNumber=1, Body=b"data")
        with unchanged(door.fake):
            refused(partial(part, **customer()), 400, "InvalidRequest", UPLOAD_DIFFERS)

    def test_part_with_another_key(self, door: Door, filled: str, secret_upload: str) -> None:
        part = partial(door.client.upload_part, Bucket=filled, Key="k", UploadId=secret_upload, PartNumber=1, Body=b"data")
        with unchanged(door.fake):
            refused(partial(part, **customer(OTHER_CUSTOMER)), 400, "InvalidRequest", UPLOADS_KEY_DIFFERS)
        assert shown(part(**customer())) == SHOWN

    def test_only_a_sent_checksum_is_stored(self, s3: Any, filled: str, secret_upload: str) -> None:
        upload = {"Bucket": filled, "Key": "k", "UploadId": secret_upload}
        part = s3.upload_part(**upload, PartNumber=1, Body=b"data", ChecksumAlgorithm="SHA256", **customer())
        assert "ChecksumSHA256" in part
        parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
        responses = [s3.complete_multipart_upload(**upload, MultipartUpload=parts) for _ in range(2)]
        head = s3.head_object(Bucket=filled, Key="k", ChecksumMode="ENABLED", **customer())
        attributes = s3.get_object_attributes(Bucket=filled, Key="k", ObjectAttributes=["Checksum", "ObjectParts"], **encoded())
        for response in (*responses, head):
            assert not [name for name in response if name.startswith("Checksum")]
        assert "Checksum" not in attributes
        assert attributes["ObjectParts"] == {"TotalPartsCount": 1}
        listed = s3.list_objects_v2(Bucket=filled)["Contents"][0]
        assert listed["Key"] == "k"
        assert "ChecksumAlgorithm" not in listed
        copied = s3.copy_object(Bucket=filled, Key="copy", CopySource=f"{filled}/k", **source())["CopyObjectResult"]
        assert (copied["ETag"], copied["ChecksumType"]) == (etag_of(b"data"), "FULL_OBJECT")
        assert "ChecksumCRC64NVME" in copied

    def test_a_requested_checksum_is_stored(self, s3: Any, filled: str) -> None:
        created = s3.create_multipart_upload(Bucket=filled, Key="k", ChecksumAlgorithm="SHA256", **customer())
        upload = {"Bucket": filled, "Key": "k", "UploadId": created["UploadId"]}
        part = s3.upload_part(**upload, PartNumber=1, Body=b"data", ChecksumAlgorithm="SHA256", **customer())
        parts = [{"PartNumber": 1, "ETag": part["ETag"], "ChecksumSHA256": part["ChecksumSHA256"]}]
        completed = s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts}, **customer())
        assert completed["ChecksumType"] == "COMPOSITE"

    @pytest.mark.parametrize(
        ("sent", "code", "message", "extras"),
        [*INVALID.values(), (OTHER, "InvalidRequest", UPLOADS_KEY_DIFFERS, {})],
        ids=[*INVALID, "other key"],
    )
    def test_an_unneeded_key_must_be_valid(
        self,
        door: Door,
        filled: str,
        secret_upload: str,
        sent: dict[str, str],
        code: str,
        message: str,
        extras: dict[str, str],
    ) -> None:
        """Complete and ListParts take the headers and can do without; a wrong key is not passed over in silence."""
        s3, target = door.client, f"/{filled}/k?uploadId={secret_upload}"
        part = s3.upload_part(Bucket=filled, Key="k", UploadId=secret_upload, PartNumber=1, Body=b"data", **customer())
        listed = f"<Part><PartNumber>1</PartNumber><ETag>{part['ETag']}</ETag></Part>"
        body = f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>"
        with unchanged(door.fake):
            assert_error(door.raw("POST", target, sent, body.encode()), 400, code, message, extras)
            assert_error(door.raw("GET", target, sent), 400, code, message, extras)
        assert door.raw("GET", target, GOOD).status == 200
        assert door.raw("POST", target, GOOD, body.encode()).status == 200

    @pytest.mark.parametrize("name", [name for name in INVALID_ON_WRITES if name != "no MD5"])
    def test_the_length_of_an_unneeded_key_is_not_judged(self, door: Door, filled: str, secret_upload: str, name: str) -> None:
        """The AWS CLI encodes the key of CompleteMultipartUpload twice."""
        s3, target, sent = door.client, f"/{filled}/k?uploadId={secret_upload}", INVALID_ON_WRITES[name][0]
        part = s3.upload_part(Bucket=filled, Key="k", UploadId=secret_upload, PartNumber=1, Body=b"data", **customer())
        listed = f"<Part><PartNumber>1</PartNumber><ETag>{part['ETag']}</ETag></Part>"
        assert door.raw("GET", target, sent).status == 200
        body = f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>".encode()
        assert door.raw("POST", target, sent, body).status == 200
        assert s3.get_object(Bucket=filled, Key="k", **customer())["Body"].read() == b"data"

    def test_a_key_of_a_plain_upload(self, door: Door, filled: str, plain_upload: str) -> None:
        response = door.raw("GET", f"/{filled}/k?uploadId={plain_upload}", GOOD)
        assert_error(response, 400, "InvalidRequest", NOT_APPLICABLE)


class TestTheKeyStaysSecret:
    """A key that was sent is in no response, log or repr, and is not stored."""

    def test_answers_and_logs(self, door: Door, filled: str, secret_upload: str, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG, "fakes3part")
        target = f"/{filled}/k?partNumber=1&uploadId={secret_upload}"
        responses = [
            door.raw("GET", f"/{filled}/secret", GOOD),
            door.raw("GET", f"/{filled}/secret", OTHER),
            door.raw("GET", f"/{filled}/plain", GOOD),
            door.raw("PUT", f"/{filled}/secret", {**GOOD, SSE: "AES256"}),
            door.raw("PUT", target, OTHER),
            *(door.raw("PUT", target, sent) for sent, *_ in INVALID.values()),
        ]
        returned = repr(responses) + "".join(
            record.getMessage() for record in caplog.records if record.name.startswith("fakes3part")
        )
        for secret in (CUSTOMER, GOOD_KEY, OTHER_CUSTOMER, b64(OTHER_CUSTOMER.encode())):
            assert secret not in returned

    @pytest.mark.parametrize("version", ["s3v4", "s3"])
    @pytest.mark.parametrize("presigned", [False, True], ids=["header", "query"])
    def test_the_error_of_a_wrong_signature(self, version: str, presigned: bool) -> None:
        """S3 shows what it signed, headers and all; the key is masked there, and nothing else is."""
        fake = FakeS3()
        known = fake.add_account("111122223333")
        wrong = dataclasses.replace(known, secret_key="wrong")
        client = fake.client(wrong, config=Config(signature_version=version, retries={"total_max_attempts": 1}))
        given = {"Bucket": "bucket", "Key": "k", **customer(), **source()}
        if presigned:
            url = client.generate_presigned_url("get_object", {"Bucket": "bucket", "Key": "k", **customer()})
            parts = urlsplit(url)
            sent = {**{name.lower(): value for name, value in GOOD.items()}, "content-length": "0"}
            response = fake.handle(Request("GET", parts.netloc, parts.path, parts.query, sent))
            assert response.status == 403
            returned = b"".join(map(bytes, response.body)).decode()
        else:
            with pytest.raises(ClientError) as caught:
                client.copy_object(**given, CopySource="bucket/source")
            returned = repr(caught.value.response)
        assert "SignatureDoesNotMatch" in returned
        for secret in (GOOD_KEY, quote(GOOD_KEY, safe=""), GOOD_KEY.encode().hex(" ")):
            assert secret not in returned
        if not presigned:
            assert returned.count("customer-key:***") >= 2
            assert GOOD_MD5 in returned

    def test_state(self, door: Door, filled: str, secret_upload: str) -> None:
        bucket = door.fake.store.buckets[filled]
        version, upload = bucket.current("secret"), bucket.uploads[secret_upload]
        assert version is not None
        for holder in (version, upload):
            returned = repr(holder) + repr(holder.encryption.customer)
            assert CUSTOMER not in returned
            assert GOOD_KEY not in returned
        first, second = version.encryption.customer, upload.encryption.customer
        assert first is not None
        assert second is not None
        assert first.md5 == second.md5
        assert first.digest != second.digest
        assert CUSTOMER.encode() not in (first.digest, first.salt)

    def test_errors(self) -> None:
        params = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": GOOD_KEY, "SSECustomerKeyMD5": "wrong"}
        with pytest.raises(Exception, match="The calculated MD5 hash") as caught:
            parse_customer_key(params)
        assert GOOD_KEY not in "".join(traceback.format_exception(caught.value))
        key = parse_customer_key({**params, "SSECustomerKeyMD5": GOOD_MD5})
        assert CUSTOMER not in repr(key)
        assert GOOD_KEY not in repr(Request("GET", "localhost", "/bucket/k", headers=dict(GOOD)))
