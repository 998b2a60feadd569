"""The encryption of new objects, and the checks that the caller may use the keys of stored ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..auth.authorization.directory_buckets import arn_of_bucket
from ..auth.authorization.kms import authorize_key_use
from ..auth.authorization.request import AuthorizationRequest, RequestContext
from ..errors import S3Error, invalid_argument
from ..rules.encryption import ENCRYPTION_MEMBERS, check_method, directory_bucket_method
from ..rules.regions import region_of
from ..rules.sse_c import check_key, parse_customer_key
from ..state.bucket import Bucket
from ..state.encryption import AES256, EXPRESS_SSE_S3, KMS, SSE_C, SSE_S3, BucketEncryption, Encryption, sse_c, sse_kms
from ..state.kms import Key, KmsError
from .context import Context
from .registry import Output, Params

_DEFAULT_ENCRYPTION = BucketEncryption()
GENERATE, DECRYPT = "kms:GenerateDataKey", "kms:Decrypt"


def choose_encryption(context: Context, bucket: Bucket, params: Params, *, copying: bool = False) -> Encryption:
    """Return the encryption of a new object or upload: the request's, else the bucket's default, else SSE-S3.

    A copy does not inherit its source's encryption. With ``copying`` a method in the request also ignores the bucket's setting
    for bucket keys (recorded from AWS); PutObject does not.

    Raises:
        S3Error: InvalidArgument for contradicting headers, AccessDenied for SSE-C where the bucket blocks it and for a key that
            the caller may not use, or one of KMS's.
    """
    default = bucket.encryption
    if default is None:
        if ENCRYPTION_MEMBERS.isdisjoint(params):
            return SSE_S3
        default = _DEFAULT_ENCRYPTION
    if bucket.directory is not None:
        return _choose_in_directory_bucket(context, bucket, params, default, copying=copying)
    sent = parse_customer_key(params)
    check_method(params)
    if sent is not None:
        if SSE_C in (default.blocked or ()) or (bucket.encryption is None and context.settings.block_sse_c):
            raise S3Error("AccessDenied")
        return sse_c(sent.to_stored(context.ids.salt()))
    requested = params.get("ServerSideEncryption")
    method = requested or default.algorithm
    if method == AES256:
        return SSE_S3
    name = params.get("SSEKMSKeyId") if requested else default.key_id
    inherited = default.bucket_key and default.algorithm == KMS and not (copying and requested)
    key = usable_key(context, name, region_of(bucket), GENERATE)
    return sse_kms(method, key.arn, bucket_key=params.get("BucketKeyEnabled", inherited))


def _choose_in_directory_bucket(
    context: Context, bucket: Bucket, params: Params, default: BucketEncryption, *, copying: bool
) -> Encryption:
    """Return the encryption in a directory bucket: the session's, else the bucket's default. Headers can only repeat it.

    A copy has no session encryption, and may be SSE-S3 in any case.
    """
    session = context.caller.express
    algorithm, key = default.algorithm, default.key_id
    if session is not None and session.algorithm is not None:
        algorithm, key = session.algorithm, session.kms_key
    algorithm = directory_bucket_method(params, algorithm, key, arn_of_bucket(bucket), copying=copying)
    if algorithm == AES256:
        return EXPRESS_SSE_S3
    return sse_kms(KMS, usable_key(context, key, region_of(bucket), GENERATE).arn, bucket_key=not copying)


def usable_key(context: Context, name: str | None, region: str, action: str) -> Key:
    """Return the KMS key with this id, ARN or alias, if the caller may perform the action with it now.

    ``name`` None means AWS's own key for S3.

    Raises:
        S3Error: InvalidArgument for a request not signed with SigV4, AccessDenied, or one of KMS's.
    """
    _check_signature_version(context)
    with _kms_errors_as_s3_errors():
        key = context.kms.find(name, context.account, region)
    return _authorized_key(context, key, region, action)


def check_may_decrypt(context: Context, encryption: Encryption) -> None:
    """Check that the caller may decrypt with the key of an encryption; without a KMS key there is nothing to check.

    Raises:
        S3Error: as `usable_key`.
    """
    if encryption.key_arn is not None:
        check_key_use(context, encryption.key_arn, DECRYPT)


def check_key_use(context: Context, key_arn: str, action: str) -> None:
    """Check that the caller may perform an action with a key that an object is encrypted with.

    Raises:
        S3Error: as `usable_key`.
    """
    _check_signature_version(context)
    key = context.kms.by_arn(key_arn)
    _authorized_key(context, key, key.region, action)


def check_key_and_may_decrypt(context: Context, params: Params, encryption: Encryption, prefix: str = "") -> None:
    """Check that the request has the SSE-C key of an object, or that the caller may decrypt with its KMS key.

    ``prefix`` is ``CopySource`` for the source of a copy.

    Raises:
        S3Error: as `rules.sse_c.check_key` and `check_may_decrypt`.
    """
    check_key(params, encryption, prefix)
    check_may_decrypt(context, encryption)


def complete_members(encryption: Encryption) -> Output:
    """Return the encryption members of CompleteMultipartUpload's response, which has none for SSE-C."""
    return {} if encryption.customer is not None else dict(encryption.response_members)


def _authorized_key(context: Context, key: Key | None, region: str, action: str) -> Key:
    """Return the key, if the caller may perform the action and the key's state allows it. None: it does not exist."""
    checked = authorize_key_use(key, _authorization_request(context, action, region))
    with _kms_errors_as_s3_errors():
        checked.check_state()
    return checked


@contextmanager
def _kms_errors_as_s3_errors() -> Iterator[None]:
    """Convert a KmsError to the S3Error ``KMS.<code>``."""
    try:
        yield
    except KmsError as error:
        raise S3Error(f"KMS.{error.code}", error.message) from None


def _authorization_request(context: Context, action: str, region: str) -> AuthorizationRequest:
    """Return the request to perform a KMS action on behalf of this request."""
    conditions = {"kms:viaservice": f"s3.{region}.amazonaws.com", "kms:calleraccount": context.account}
    request_context = RequestContext(context.caller, context.request, context.query, context.clock)
    return AuthorizationRequest(request_context, action, context.bucket, extra_conditions=conditions)


def _check_signature_version(context: Context) -> None:
    """Raise InvalidArgument for anonymous requests and SigV2: KMS accepts SigV4 only."""
    sigv2 = context.request.headers.get("authorization", "").startswith("AWS ") or "AWSAccessKeyId" in context.query
    if context.caller.is_anonymous or sigv2:
        raise invalid_argument(
            "Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.",
            "Authorization",
            "null",
        )
