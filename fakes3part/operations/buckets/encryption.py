"""PutBucketEncryption, GetBucketEncryption, DeleteBucketEncryption, UpdateObjectEncryption."""

from __future__ import annotations

from dataclasses import replace

from ...errors import S3Error
from ...rules.encryption import encryption_output, parse_bucket_encryption, parse_update_target
from ...rules.regions import region_of
from ...state.bucket import GENERAL_PURPOSE
from ...state.encryption import AES256, KMS, SSE_C, BucketEncryption, sse_kms
from ..context import Context, find_version
from ..object_encryption import DECRYPT, GENERATE, check_may_decrypt, usable_key
from ..registry import Output, Params, operation
from .configurations import configuration

_UPDATE = "The UpdateObjectEncryption operation"


def default_encryption(context: Context) -> BucketEncryption:
    """Return the encryption of a bucket where none was put: SSE-S3 since January 2023.

    Since 2026 new buckets of S3 refuse SSE-C, too (recorded in September); here that is the setting ``block_sse_c``.
    """
    blocks = context.settings.block_sse_c and context.bucket.kind is GENERAL_PURPOSE
    return BucketEncryption(blocked=(SSE_C,)) if blocks else BucketEncryption()


def _parse(context: Context, params: Params) -> BucketEncryption:
    """Return the encryption of the document. Without BlockedEncryptionTypes a bucket refuses what it refused (assumed)."""
    encryption = parse_bucket_encryption(params["ServerSideEncryptionConfiguration"])
    if encryption.blocked is None and context.settings.block_sse_c:
        current = context.bucket.encryption or default_encryption(context)
        return replace(encryption, blocked=current.blocked)
    return encryption


configuration(
    field="encryption",
    put="PutBucketEncryption",
    get="GetBucketEncryption",
    delete="DeleteBucketEncryption",
    parse=_parse,
    default=default_encryption,
    show=lambda encryption: {"ServerSideEncryptionConfiguration": encryption_output(encryption)},
    missing=None,
)


def _check_document(context: Context, params: Params) -> None:
    """Check nothing more than the schema, which S3 judges before the digests."""


@operation("UpdateObjectEncryption", check_document=_check_document)
def update_object_encryption(context: Context, params: Params) -> Output:
    """Encrypt an object with another KMS key in place: ETag, checksum and Last-Modified do not change.

    The order (document, digests, key, encryption type, ARN) and the text of the type are recorded from AWS, September 2026. The
    other texts are those of botocore's S3 model documentation; they are not recorded from AWS.
    """
    bucket = context.bucket
    version = find_version(bucket, params["Key"], params.get("VersionId"))
    arn, bucket_key = parse_update_target(params.get("ObjectEncryption"))
    if version.encryption.algorithm not in (AES256, KMS):
        raise S3Error(
            "InvalidRequest",
            f"{_UPDATE} doesn't support source objects with the encryption type DSSE-KMS or SSE-C. Only source objects "
            "encrypted with SSE-S3 or SSE-KMS are supported.",
        )
    if arn.split(":")[4] != bucket.account:
        raise S3Error(
            "AccessDenied",
            "The AWS KMS key in the request must be owned by the same account as the bucket. Modify the request to specify a "
            "KMS key from the same account, and then try again.",
        )
    check_may_decrypt(context, version.encryption)
    for action in (GENERATE, DECRYPT):
        key = usable_key(context, arn, region_of(bucket), action)
    with bucket.lock:
        context.ensure_exists(bucket)
        current = find_version(bucket, version.key, version.id)
        changed = replace(current, encryption=sse_kms(KMS, key.arn, bucket_key=bucket_key))
        bucket.replace(changed)
        context.announce_change("ObjectEncryption:Put", bucket, version.key, changed)
    return {}
