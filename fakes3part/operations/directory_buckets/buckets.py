"""CreateBucket, HeadBucket, DeleteBucket and ListDirectoryBuckets, and the configurations of directory buckets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...auth.authorization.directory_buckets import (
    arn_of_bucket,
    authorize_create_directory_bucket,
    check_directory_bucket_policy,
)
from ...auth.policies.policy import PolicyError, bucket_policy
from ...auth.policies.validation import is_public
from ...errors import S3Error, invalid_argument
from ...protocol.aws_hosts import parse_host
from ...rules import tags
from ...rules.directory_buckets import REDUNDANCIES, STORAGE_CLASSES, check_request, zone_of
from ...rules.encryption import parse_bucket_encryption
from ...rules.listing import decode_token, encode_token
from ...rules.regions import region_of
from ...state.bucket import DIRECTORY, Bucket
from ...state.directory_bucket import Directory
from ...state.encryption import AES256, KMS, BucketEncryption
from ..buckets.configurations import locked_bucket
from ..buckets.policy import MAX_POLICY
from ..context import Context
from ..object_encryption import DECRYPT, GENERATE, usable_key
from ..registry import OPERATIONS, Output, Params, directory_operation, operation

MAX_BUCKETS = 1000
_UNSUPPORTED_LIFECYCLE_MEMBERS = frozenset({"Transitions", "NoncurrentVersionTransitions", "NoncurrentVersionExpiration"})


@directory_operation("CreateBucket")
def create_directory_bucket(context: Context, params: Params) -> Output:
    """Create a directory bucket in the zone that its name and its location declare.

    Raises:
        S3Error: InvalidBucketName, also for another zone than the location's, MalformedXML for an incomplete configuration,
            BucketAlreadyOwnedByYou, BucketAlreadyExists, AccessDenied.
    """
    name, configuration = params["Bucket"], params.get("CreateBucketConfiguration", {})
    tag_set, region = configuration.get("Tags", []), context.region
    authorize_create_directory_bucket(context.request_context, name, tagged=bool(tag_set))
    zone = zone_of(name)
    check_request("CreateBucket", context.request.headers, context.query, "")
    kind = _location_type(configuration)
    if configuration["Location"].get("Name") != zone:
        raise S3Error("InvalidBucketName", BucketName=name)
    new = Bucket(
        name,
        context.account,
        region,
        context.clock.now(),
        encryption=BucketEncryption(),
        kind=DIRECTORY,
        zone=zone,
        directory=Directory(kind, STORAGE_CLASSES[kind]),
    )
    new.tags = tags.parse_bucket_tags(tag_set, tags.OF_NEW_BUCKET) or None
    stored = context.store.add(new)
    if stored is not new:
        raise S3Error("BucketAlreadyOwnedByYou" if stored.account == context.account else "BucketAlreadyExists", BucketName=name)
    return {"Location": f"https://{name}.s3express-{zone}.{region}.amazonaws.com/", "BucketArn": arn_of_bucket(new)}


def _location_type(configuration: Mapping[str, Any]) -> str:
    """Return the type of the location.

    Raises:
        S3Error: MalformedXML for an incomplete configuration.
    """
    location, info = configuration.get("Location") or {}, configuration.get("Bucket") or {}
    kind = location.get("Type", "")
    expected = REDUNDANCIES.get(kind)
    is_complete = expected is not None and info.get("Type") == "Directory" and info.get("DataRedundancy", expected) == expected
    if not is_complete or "LocationConstraint" in configuration:
        raise S3Error("MalformedXML")
    return str(kind)


@directory_operation("HeadBucket")
def head_bucket(context: Context, params: Params) -> Output:
    """Return the bucket's location."""
    bucket = context.bucket
    assert bucket.directory is not None
    context.headers.append(("Content-Type", "application/xml"))
    return {
        "BucketRegion": region_of(bucket),
        "BucketLocationType": bucket.directory.location_type,
        "BucketLocationName": bucket.zone,
        "AccessPointAlias": False,
        "BucketArn": arn_of_bucket(bucket),
    }


@directory_operation("DeleteBucket")
def delete_bucket(context: Context, params: Params) -> Output:
    """Delete an empty bucket. Unlike in general purpose buckets, an upload in progress prevents it."""
    bucket = context.bucket
    with bucket.lock:
        context.ensure_exists(bucket)
        if bucket.uploads or not bucket.is_empty:
            raise S3Error("BucketNotEmpty", BucketName=bucket.name)
        context.store.remove(bucket)
    return {}


@operation("ListDirectoryBuckets")
def list_directory_buckets(context: Context, params: Params) -> Output:
    """List the caller's directory buckets by name: at AWS's hosts those of the Region, at a custom endpoint all."""
    limit = params.get("MaxDirectoryBuckets", MAX_BUCKETS)
    if not 0 <= limit <= MAX_BUCKETS:
        text = f"Argument max-directory-buckets must be an integer between 0 and {MAX_BUCKETS}."
        raise invalid_argument(text, "max-directory-buckets", limit)
    region = parse_host(context.request.host).region
    after = decode_token(params["ContinuationToken"]) if "ContinuationToken" in params else ""
    with context.store.lock:
        buckets = [
            bucket
            for bucket in context.store.buckets.values()
            if bucket.kind is DIRECTORY
            and bucket.account == context.account
            and bucket.name > after
            and region in (None, region_of(bucket))
        ]
    page = buckets[:limit]
    return {
        "Buckets": [{"Name": bucket.name, "CreationDate": bucket.created, "BucketArn": arn_of_bucket(bucket)} for bucket in page],
        "ContinuationToken": encode_token(page[-1].name) if page and len(buckets) > limit else None,
    }


@directory_operation("PutBucketPolicy")
def put_bucket_policy(context: Context, params: Params) -> Output:
    """Replace the policy. It may contain ``s3express:CreateSession`` only, and must not be public."""
    text: str = params.get("Policy", "")
    bucket = context.bucket
    if len(text.encode()) > MAX_POLICY:
        raise S3Error("PolicyTooLarge")
    try:
        policy = bucket_policy(text)
        check_directory_bucket_policy(policy, bucket)
    except PolicyError as error:
        extras: dict[str, Any] = {} if error.detail is None else {"Detail": error.detail}
        raise S3Error("MalformedPolicy", error.message, **extras) from None
    if is_public(policy):
        raise S3Error(
            "AccessDenied",
            f"User: {context.caller.arn} is not authorized to perform: s3express:PutBucketPolicy on resource: "
            f'"{arn_of_bucket(bucket)}" because public policies are prevented by the BlockPublicPolicy setting in S3 Block '
            "Public Access.",
        )
    with locked_bucket(context):
        bucket.policy = text
    return {}


@directory_operation("PutBucketEncryption")
def put_bucket_encryption(context: Context, params: Params) -> Output:
    """Set the default encryption: SSE-S3, or SSE-KMS with a customer managed key, the only one for the bucket's lifetime.

    Raises:
        S3Error: InvalidArgument for an AWS managed key, an alias, or a second key, or one of KMS's.
    """
    encryption, bucket = parse_bucket_encryption(params["ServerSideEncryptionConfiguration"]), context.bucket
    if encryption.algorithm not in (AES256, KMS):
        raise invalid_argument("The encryption method specified is not supported", "SSEAlgorithm", encryption.algorithm)
    if encryption.algorithm == KMS:
        encryption = replace(encryption, key_id=_customer_key(context, bucket, encryption.key_id), bucket_key=True)
    with locked_bucket(context):
        assert bucket.directory is not None
        key_arn = bucket.directory.key_arn
        if encryption.key_id is not None and key_arn not in (None, encryption.key_id):
            text = "Directory buckets support one customer managed key for the lifetime of the bucket"
            raise invalid_argument(text, "KMSMasterKeyID", encryption.key_id)
        bucket.directory.key_arn = encryption.key_id or key_arn
        bucket.encryption = encryption
    return {}


def _customer_key(context: Context, bucket: Bucket, name: str | None) -> str:
    """Return the ARN of a customer managed key, once the caller is authorized to use it."""
    text = "Directory buckets support customer managed keys only, by their key ID or ARN"
    if name is None or name.startswith("alias/") or ":alias/" in name:
        raise invalid_argument(text, "KMSMasterKeyID", name)
    for action in (GENERATE, DECRYPT):
        key = usable_key(context, name, region_of(bucket), action)
        if key.is_managed:
            raise invalid_argument(text, "KMSMasterKeyID", name)
    return key.arn


@directory_operation("DeleteBucketEncryption")
def delete_bucket_encryption(context: Context, params: Params) -> Output:
    """Set the default encryption back to SSE-S3."""
    with locked_bucket(context) as bucket:
        bucket.encryption = BucketEncryption()
    return {}


@directory_operation("PutBucketLifecycleConfiguration")
def put_lifecycle(context: Context, params: Params) -> Output:
    """Replace the rules. Directory buckets support expiration and the abortion of uploads only."""
    for rule in params.get("LifecycleConfiguration", {}).get("Rules", []):
        filters = rule.get("Filter") or {}
        unsupported = _UNSUPPORTED_LIFECYCLE_MEMBERS & rule.keys()
        if "ExpiredObjectDeleteMarker" in (rule.get("Expiration") or {}):
            unsupported |= {"ExpiredObjectDeleteMarker"}
        if "Tag" in filters or "Tags" in (filters.get("And") or {}):
            unsupported |= {"Tag"}
        if unsupported:
            raise S3Error(
                "InvalidRequest", f"{min(unsupported)} is not supported in the lifecycle configuration of directory buckets"
            )
    OPERATIONS["PutBucketLifecycleConfiguration"](context, params)
    return {}
