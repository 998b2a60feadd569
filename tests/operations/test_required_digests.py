"""Which requests need Content-MD5 or an ``x-amz-checksum-*``, and which S3 takes without.

Sources: issues aws-cli 229, aws-sdk-js 67 and 2387, aws-sdk-ios 109, s3cmd 1177 (demanded) and minio 9852 (not demanded); s3cmd
and minio-js send no digest with ACLs, versioning and request payment. botocore's trait ``requestChecksumRequired`` names more.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import md5
from typing import NamedTuple

import pytest

from tests.support.doors import Door, assert_error
from tests.support.errors import MALFORMED_XML, NO_DIGEST
from tests.support.state import unchanged

KEY_ARN = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"


class Write(NamedTuple):
    """A request with a document, valid on the bucket that has Object Lock."""

    method: str
    target: str
    document: str
    status: int = 200


DEMANDED = {
    "DeleteObjects": Write("POST", "/locked?delete", "<Delete><Object><Key>missing</Key></Object></Delete>"),
    "PutBucketEncryption": Write(
        "PUT",
        "/locked?encryption",
        "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm>"
        "</ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>",
    ),
    "PutBucketLifecycleConfiguration": Write(
        "PUT",
        "/locked?lifecycle",
        "<LifecycleConfiguration><Rule><ID>r</ID><Filter><Prefix>p</Prefix></Filter><Status>Enabled</Status>"
        "<Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>",
    ),
    "PutBucketTagging": Write(
        "PUT", "/locked?tagging", "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>", 204
    ),
    "PutObjectLockConfiguration": Write(
        "PUT",
        "/locked?object-lock",
        "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>",
    ),
    "PutObjectRetention": Write("PUT", "/locked/k?retention", "<Retention/>"),
    "PutObjectLegalHold": Write("PUT", "/locked/k?legal-hold", "<LegalHold><Status>OFF</Status></LegalHold>"),
    "PutPublicAccessBlock": Write(
        "PUT",
        "/locked?publicAccessBlock",
        "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>",
    ),
}

NOT_DEMANDED = {
    "PutBucketAcl": Write("PUT", "/open?acl", ""),
    "PutObjectAcl": Write("PUT", "/open/k?acl", ""),
    "PutBucketVersioning": Write(
        "PUT", "/bucket?versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    ),
    "PutBucketRequestPayment": Write(
        "PUT", "/bucket?requestPayment", "<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>"
    ),
    "PutBucketPolicy": Write(
        "PUT",
        "/bucket?policy",
        '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:GetObject",'
        '"Resource":"arn:aws:s3:::bucket/secret"}]}',
        204,
    ),
    "PutBucketWebsite": Write(
        "PUT",
        "/bucket?website",
        "<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix></IndexDocument></WebsiteConfiguration>",
    ),
    "PutBucketAccelerateConfiguration": Write(
        "PUT", "/bucket?accelerate", "<AccelerateConfiguration><Status>Enabled</Status></AccelerateConfiguration>"
    ),
    "PutBucketOwnershipControls": Write(
        "PUT",
        "/bucket?ownershipControls",
        "<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule></OwnershipControls>",
    ),
    "PutObjectTagging": Write("PUT", "/bucket/k?tagging", "<Tagging><TagSet/></Tagging>"),
    "RestoreObject": Write("POST", "/bucket/cold?restore", "<RestoreRequest><Days>1</Days></RestoreRequest>", 202),
    "UpdateObjectEncryption": Write(
        "PUT", "/bucket/k?encryption", f"<ObjectEncryption><SSE-KMS><KMSKeyArn>{KEY_ARN}</KMSKeyArn></SSE-KMS></ObjectEncryption>"
    ),
}


@pytest.fixture(autouse=True)
def _buckets(door: Door, bucket: str) -> None:
    s3 = door.client
    s3.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
    s3.create_bucket(Bucket="open", ObjectOwnership="ObjectWriter")
    for name in ("bucket", "locked", "open"):
        s3.put_object(Bucket=name, Key="k", Body=b"abc")
    s3.put_object(Bucket="bucket", Key="cold", StorageClass="GLACIER")


@pytest.mark.parametrize("write", DEMANDED.values(), ids=DEMANDED)
def test_demanded(door: Door, write: Write) -> None:
    document = write.document.encode()
    with unchanged(door.fake):
        assert_error(door.raw(write.method, write.target, {}, document), 400, "InvalidRequest", NO_DIGEST)
    digest = {"Content-MD5": b64encode(md5(document).digest()).decode()}
    assert door.raw(write.method, write.target, digest, document).status == write.status


MALFORMED_IF_EMPTY = ("PutObjectTagging", "UpdateObjectEncryption", "PutObjectRetention", "PutObjectLegalHold")
NO_BODY_NEEDED = ("PutBucketPolicy", "PutBucketAcl", "PutObjectAcl", "RestoreObject")
EMPTY = {name: write for name, write in (DEMANDED | NOT_DEMANDED).items() if name not in NO_BODY_NEEDED}


@pytest.mark.parametrize(("name", "write"), EMPTY.items(), ids=EMPTY)
def test_empty_bodies(door: Door, name: str, write: Write) -> None:
    """Recorded from AWS for DeleteObjects, PutObjectLockConfiguration and notifications; the other configurations are assumed."""
    expected = ("MissingRequestBodyError", "Request Body is empty")
    if name in MALFORMED_IF_EMPTY:
        expected = ("MalformedXML", MALFORMED_XML)
    with unchanged(door.fake):
        answer = door.raw(write.method, write.target, {"Content-MD5": b64encode(md5(b"").digest()).decode()})
        assert_error(answer, 400, *expected)


@pytest.mark.parametrize("write", NOT_DEMANDED.values(), ids=NOT_DEMANDED)
def test_not_demanded(door: Door, write: Write) -> None:
    headers = {} if write.document else {"x-amz-acl": "public-read" if write.target == "/open/k?acl" else "private"}
    if write.target == "/open/k?acl":
        door.client.delete_public_access_block(Bucket="open")
    answer = door.raw(write.method, write.target, headers, write.document.encode())
    assert (answer.status, answer.body) == (write.status, b"")
