"""The output fields of ``upload-part``, and the kinds of buckets."""

from __future__ import annotations

from tests.clients.upload_part_rows import ACCOUNT, ETAG, SSE_C, SSE_KEY_MD5, WORKS, Gives, Prints, Refused, Row, Try
from tests.support.errors import NO_SUCH_ACCESS_POINT, NO_SUCH_BUCKET
from tests.support.vectors import DUMMY_CHECKSUMS


def _echoed(algorithm: str) -> Row:
    member = f"Checksum{algorithm}"
    given = {"--checksum-algorithm": algorithm}
    tries = (
        Try(Gives({member: DUMMY_CHECKSUMS[algorithm]}), given),
        Try(Gives({member: DUMMY_CHECKSUMS[algorithm]}), given, upload=given),
    )
    return Row(member, member, WORKS, "echoed when it was sent", tries)


_KEY_ID = "01234567-89ab-cdef-0123-456789abcdef"
_KMS = {"--server-side-encryption": "aws:kms", "--ssekms-key-id": _KEY_ID}
_UNDER_KMS = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{_KEY_ID}"}
_UNDER_THE_KEY = {"SSECustomerAlgorithm": "AES256", "SSECustomerKeyMD5": SSE_KEY_MD5}


def _of_sse_c(name: str, note: str) -> Row:
    return Row(name, name, WORKS, note, (Try(Gives(_UNDER_THE_KEY, absent=("ServerSideEncryption",)), SSE_C, upload=SSE_C),))


OUTPUTS: tuple[Row, ...] = (
    Row(
        "ServerSideEncryption",
        "ServerSideEncryption",
        WORKS,
        "the upload's: `AES256`, S3's default, `aws:kms` or `aws:kms:dsse`",
        (
            Try(Gives({"ServerSideEncryption": "AES256"}, absent=("SSEKMSKeyId", "BucketKeyEnabled"))),
            Try(Gives(_UNDER_KMS), upload=_KMS),
            Try(Gives({"ServerSideEncryption": "aws:kms:dsse"}), upload={"--server-side-encryption": "aws:kms:dsse"}),
        ),
    ),
    Row(
        "ETag",
        "ETag",
        WORKS,
        "MD5 in hex, in quotes; with a KMS or customer key not the MD5, as on S3",
        (Try(Gives({"ETag": ETAG})),),
    ),
    *(_echoed(algorithm) for algorithm in ("CRC32", "CRC32C", "SHA1", "SHA256")),
    _of_sse_c("SSECustomerAlgorithm", "of an upload with a customer key"),
    _of_sse_c("SSECustomerKeyMD5", "of an upload with a customer key"),
    Row(
        "SSEKMSKeyId",
        "SSEKMSKeyId",
        WORKS,
        "the key's ARN, also if the upload named an id or alias",
        (
            Try(Gives(_UNDER_KMS, absent=("BucketKeyEnabled",)), upload=_KMS),
            Try(Gives(_UNDER_KMS), upload={**_KMS, "--ssekms-key-id": _UNDER_KMS["SSEKMSKeyId"]}),
        ),
    ),
    Row(
        "BucketKeyEnabled",
        "BucketKeyEnabled",
        WORKS,
        "only if it is on",
        (Try(Gives({**_UNDER_KMS, "BucketKeyEnabled": True}), upload={**_KMS, "--bucket-key-enabled": ""}),),
    ),
    Row(
        "RequestCharged",
        "RequestCharged",
        WORKS,
        "`requester` for another account, on a bucket where the requester pays; never for the owner",
        (
            Try(Gives(absent=("RequestCharged",)), {"--request-payer": "requester"}),
            Try(
                Prints(stores=False),
                {"--request-payment-configuration": "Payer=Requester"},
                command="put-bucket-request-payment",
            ),
        ),
    ),
)

_ACCESS_POINT = f"arn:aws:s3:us-east-1:{ACCOUNT}:accesspoint/point"
_OUTPOST = f"arn:aws:s3-outposts:us-east-1:{ACCOUNT}:outpost/op-01234567890123456/accesspoint/point"
_DIRECTORY = "base--use1-az4--x-s3"
_LOCAL = ("--endpoint-url", "$localhost")
_SECURE = ("--endpoint-url", "$tls", "--no-verify-ssl")


def _lost(bucket: str, *arguments: str) -> tuple[Try, ...]:
    """Return the tries with the ARN of an access point that does not exist."""
    refused = Refused(404, "NoSuchAccessPoint", NO_SUCH_ACCESS_POINT)
    given = {"--bucket": bucket}
    return Try(refused, given, without="cli"), Try(refused, given, arguments, without="boto3")


BUCKETS: tuple[Row, ...] = (
    Row("general purpose bucket", "bucket", WORKS, "path style (CLI) and virtual-hosted style (boto3)", (Try(Gives()),)),
    Row(
        "access point ARN",
        _ACCESS_POINT,
        WORKS,
        "`fakes3.add_access_point`, or S3 Control's CreateAccessPoint",
        (
            Try(Gives(), {"--bucket": _ACCESS_POINT}, without="cli"),
            Try(Gives(), {"--bucket": _ACCESS_POINT}, _LOCAL, without="boto3"),
            *_lost(f"arn:aws:s3:us-east-1:{ACCOUNT}:accesspoint/other", *_LOCAL),
        ),
    ),
    Row(
        "access point alias",
        "point-...-s3alias",
        WORKS,
        "at any endpoint, as a bucket's name",
        (
            Try(Gives(), {"--bucket": "$alias"}),
            *_lost("point-abcdefghijklmnopqrstuvwxyz01234567-s3alias"),
        ),
    ),
    Row(
        "Outposts access point ARN",
        _OUTPOST,
        WORKS,
        "signed by SigV4A, which is verified too; the SDKs insist on HTTPS there",
        (
            Try(Gives(), {"--bucket": _OUTPOST}, without="cli", home=_OUTPOST),
            Try(Gives(), {"--bucket": _OUTPOST}, _SECURE, without="boto3", home=_OUTPOST),
            *_lost(_OUTPOST.replace("point/point", "point/other"), *_SECURE),
        ),
    ),
    Row(
        "directory bucket",
        _DIRECTORY,
        WORKS,
        "in a session that the SDKs create by themselves; ETags are not MD5 there",
        (
            Try(Gives({"ServerSideEncryption": "AES256"}, ("SSEKMSKeyId",)), {"--bucket": _DIRECTORY}, home=_DIRECTORY),
            Try(
                Gives({"ServerSideEncryption": "AES256"}, ("SSEKMSKeyId",)),
                {"--bucket": _DIRECTORY},
                _LOCAL,
                without="boto3",
                home=_DIRECTORY,
            ),
            Try(
                Refused(404, "NoSuchBucket", NO_SUCH_BUCKET, "CreateSession"),
                {"--bucket": "other--use1-az4--x-s3"},
                without="cli",
            ),
            Try(
                Refused(404, "NoSuchBucket", NO_SUCH_BUCKET),
                {"--bucket": "other--use1-az4--x-s3"},
                without="boto3",
            ),
        ),
    ),
)
