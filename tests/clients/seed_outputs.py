"""The output fields of ``upload-part``, and the kinds of bucket that it is used on."""

from __future__ import annotations

from seed_rows import ACCOUNT, CHECKSUMS, EMPTY_MD5, ETAG, LATER, SSE_KEY, WORKS, Gives, Refused, Row, Try, later


def _echoed(algorithm: str) -> Row:
    member = f"Checksum{algorithm}"
    given = {"--checksum-algorithm": algorithm}
    tries = (
        Try(Gives({member: CHECKSUMS[algorithm]}), given),
        Try(Gives({member: CHECKSUMS[algorithm]}), given, upload=given),
    )
    return Row(member, member, WORKS, "echoed when it was sent", tries)


def _from_create(name: str, note: str, refused: Refused, **options: str) -> Row:
    """An output that only an upload created otherwise would have."""
    given = {f"--{option.replace('_', '-')}": value for option, value in options.items()}
    return Row(name, name, LATER, note, (Try(refused, given, command="create-multipart-upload"),))


_KMS_CREATE = later("SSE-KMS", "CreateMultipartUpload")
OUTPUTS: tuple[Row, ...] = (
    Row(
        "ServerSideEncryption",
        "ServerSideEncryption",
        WORKS,
        "`AES256`, S3's default; `aws:kms` is refused when the upload is created (501)",
        (Try(Gives({"ServerSideEncryption": "AES256"})),),
    ),
    Row("ETag", "ETag", WORKS, "MD5 in hex, in quotes", (Try(Gives({"ETag": ETAG})),)),
    *(_echoed(algorithm) for algorithm in ("CRC32", "CRC32C", "SHA1", "SHA256")),
    _from_create(
        "SSECustomerAlgorithm",
        "SSE-C",
        later("SSE-C", "CreateMultipartUpload"),
        sse_customer_algorithm="AES256",
        sse_customer_key=SSE_KEY,
    ),
    _from_create(
        "SSECustomerKeyMD5",
        "SSE-C",
        later("SSE-C", "CreateMultipartUpload"),
        sse_customer_algorithm="AES256",
        sse_customer_key=SSE_KEY,
        sse_customer_key_md5=EMPTY_MD5,
    ),
    _from_create("SSEKMSKeyId", "SSE-KMS", _KMS_CREATE, server_side_encryption="aws:kms", ssekms_key_id="alias/any"),
    _from_create("BucketKeyEnabled", "SSE-KMS", _KMS_CREATE, server_side_encryption="aws:kms", bucket_key_enabled=""),
    Row(
        "RequestCharged",
        "RequestCharged",
        LATER,
        "a bucket cannot be made requester pays yet; an owner who pays never sees it",
        (
            Try(
                Refused(
                    501,
                    "NotImplemented",
                    "fakes3part does not implement PutBucketRequestPayment",
                    "PutBucketRequestPayment",
                ),
                {"--request-payment-configuration": "Payer=Requester"},
                command="put-bucket-request-payment",
            ),
        ),
    ),
)

_ACCESS_POINT = f"arn:aws:s3:us-east-1:{ACCOUNT}:accesspoint/point"
_OUTPOST = f"arn:aws:s3-outposts:us-east-1:{ACCOUNT}:outpost/op-01234567890123456/accesspoint/point"
_LOCAL = ("--endpoint-url", "$localhost")
_SECURE = ("--endpoint-url", "$tls", "--no-verify-ssl")


def _elsewhere(bucket: str, what: str, *arguments: str, operation: str = "UploadPart") -> tuple[Try, ...]:
    """A bucket that is none: a 501 for boto3 in-process and for the CLI."""
    shown = f"{operation} ({what})" if what else operation
    refused = Refused(501, "NotImplemented", f"fakes3part does not implement {shown}", operation)
    given = {"--bucket": bucket}
    return (
        Try(refused, given, without="cli"),
        Try(refused, given, arguments, without="boto3"),
    )


BUCKETS: tuple[Row, ...] = (
    Row("general purpose bucket", "bucket", WORKS, "path style (CLI) and virtual-hosted style (boto3)", (Try(Gives()),)),
    Row("access point ARN", _ACCESS_POINT, LATER, "", _elsewhere(_ACCESS_POINT, "access points", *_LOCAL)),
    Row(
        "access point alias",
        "point-abcdefghijklmnopqrstuvwxyz012345-s3alias",
        LATER,
        "",
        _elsewhere("point-abcdefghijklmnopqrstuvwxyz012345-s3alias", "access points"),
    ),
    Row("Outposts access point ARN", _OUTPOST, LATER, "", _elsewhere(_OUTPOST, "S3 on Outposts", *_SECURE)),
    Row(
        "directory bucket",
        "base--use1-az4--x-s3",
        LATER,
        "the SDKs ask for a session first, and are refused that",
        (
            *_elsewhere("base--use1-az4--x-s3", "directory buckets", operation="CreateSession")[:1],
            *_elsewhere("base--use1-az4--x-s3", "", operation="CreateSession")[1:],
        ),
    ),
)
