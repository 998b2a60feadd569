"""Operations that only directory buckets have: appends (PutObject with an offset) and RenameObject.

Bytes are shared, never copied: an append stores a version with the old segments and one more, a rename a version under another
key. Assumed, not recorded from AWS: an append keeps metadata and content headers and changes Last-Modified; a rename onto the
same key changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from urllib.parse import unquote_to_bytes

from ...errors import S3Error, invalid_argument
from ...rules import checksums
from ...rules.conditions import check_read, check_source, check_write, check_write_headers
from ...rules.directory_buckets import looks_like_directory
from ...rules.etags import quote_etag
from ...rules.limits import MAX_PARTS
from ...rules.names import check_key
from ...rules.object_properties import object_properties
from ...state.bucket import DIRECTORY, Bucket
from ...state.objects import NULL, Checksum, Data, ObjectPart, Version
from ...state.synthetic_data import join
from ..context import Context, no_such_key
from ..object_encryption import choose_encryption
from ..objects.put_object import as_data, default_checksum
from ..registry import Output, Params, directory_buckets_only, operation

_EMPTY = "Request body cannot be empty when 'write offset' is specified."
_METADATA = "Cannot specify both a write offset value and user-defined object metadata for existing objects."
_TOKEN = re.compile(r"[!-~]{1,64}", re.ASCII)
_SOURCE = "x-amz-rename-source"


# --- append ----------------------------------------------------------------------------------------------------------


def append(context: Context, params: Params) -> Output:
    """Append the body to an object. The offset must be the object's size; 0 creates an object that does not exist.

    Raises:
        S3Error: InvalidRequest, InvalidWriteOffset, TooManyParts, EncryptionTypeMismatch, or as PutObject. Nothing was written.
    """
    offset, bucket, key = params["WriteOffsetBytes"], context.bucket, params["Key"]
    if not params.get("Body"):
        raise S3Error("InvalidRequest", _EMPTY)
    properties, encryption = object_properties(params, bucket.kind), choose_encryption(context, bucket, params)
    data = as_data(params["Body"], context.digests)
    sent = checksums.verify_checksum(data, context.sent_checksum())
    with bucket.lock:
        context.ensure_exists(bucket)
        current = bucket.objects.get(key)
        check_write(params, key, current)
        if offset != (0 if current is None else current.size):
            raise S3Error("InvalidWriteOffset")
        if current is None:
            checksum = sent or default_checksum(data)
            version = Version(
                key, NULL, context.now(), bucket.account, context.ids.etag(), data, properties, checksum, encryption=encryption
            )
        else:
            if params.get("Metadata"):
                raise S3Error("InvalidRequest", _METADATA)
            if (current.encryption.algorithm, current.encryption.key_arn) != (encryption.algorithm, encryption.key_arn):
                raise S3Error("EncryptionTypeMismatch")
            version = _appended(context, current, data, sent)
        bucket.store(version)
    return {
        "ETag": quote_etag(version.etag),
        "Size": version.size,
        **version.encryption.response_members,
        **checksums.checksum_output(version.checksum),
    }


def _appended(context: Context, current: Version, data: Data, sent: Checksum | None) -> Version:
    """Return the object with one more part."""
    assert current.data is not None
    if current.checksum is None:
        raise S3Error("NotImplemented", "fakes3part cannot append to a copy of a large synthetic object, which has no checksum")
    name = current.checksum.algorithm
    if sent is not None and sent.algorithm != name:
        raise S3Error(
            "InvalidRequest",
            f"Checksum Type mismatch occurred, expected checksum Type: {name.lower()}, actual checksum Type: "
            f"{sent.algorithm.lower()}",
        )
    parts = current.parts or (ObjectPart(current.size, current.checksum),)
    if len(parts) >= MAX_PARTS:
        raise S3Error("TooManyParts")
    part_checksum = Checksum(name, checksums.digest(data, name))
    whole = join([current.data, data])
    parts = (*parts, ObjectPart(data.size, part_checksum))
    checksum = _checksum(current, part_checksum, whole, parts)
    return replace(current, data=whole, parts=parts, checksum=checksum, etag=context.ids.etag(), last_modified=context.now())


def _checksum(current: Version, part_checksum: Checksum, whole: Data, parts: tuple[ObjectPart, ...]) -> Checksum:
    """Return the checksum of the whole object: combined from the parts' where the algorithm can, else computed from the bytes."""
    assert current.checksum is not None
    name = current.checksum.algorithm
    if current.checksum.type == checksums.COMPOSITE:
        return checksums.composite_checksum(name, (part.checksum.value for part in parts if part.checksum is not None))
    if checksums.ALGORITHMS[name].combine is None:
        return checksums.computed(whole, name)
    return checksums.combine_crcs(name, ((current.checksum.value, current.size), (part_checksum.value, parts[-1].size)))


# --- rename ----------------------------------------------------------------------------------------------------------


@operation("RenameObject")
def rename_object(context: Context, params: Params) -> Output:
    """Give an object another key, atomically. ETag, Last-Modified, checksum and all properties stay.

    The source is a URL-encoded key, with or without the bucket's name and a slash before it. A request that is repeated with the
    same client token succeeds and changes nothing.

    Raises:
        S3Error: NoSuchKey, PreconditionFailed, IdempotencyParameterMismatch, InvalidArgument.
    """
    bucket, key = context.bucket, params["Key"]
    if bucket.kind is not DIRECTORY or bucket.directory is None:
        raise directory_buckets_only(_SOURCE)
    source, token = _source_key(bucket, params["RenameSource"]), _client_token(params)
    destination = {name.removeprefix("Destination"): value for name, value in params.items() if name.startswith("Destination")}
    check_write_headers(destination)
    request = _digest_of(params)
    with bucket.lock:
        context.ensure_exists(bucket)
        earlier = bucket.directory.renames.get(token) if token is not None else None
        if earlier is not None:
            if earlier != request:
                raise S3Error("IdempotencyParameterMismatch")
            return {}
        version = bucket.objects.get(source)
        if version is None:
            no_such_key(bucket, source)
        _check_source(params, version, context)
        _check_destination(destination, key, bucket.objects.get(key), context)
        if source != key:
            bucket.rename(version, key)
        if token is not None:
            bucket.directory.remember(token, request)
    return {}


def _source_key(bucket: Bucket, header: str) -> str:
    try:
        source = unquote_to_bytes(header).decode()
    except UnicodeDecodeError:
        raise invalid_argument("Invalid rename source encoding", _SOURCE, header) from None
    source = source.removeprefix("/")
    first, slash, rest = source.partition("/")
    if slash and first == bucket.name:
        source = rest
    elif slash and looks_like_directory(first):
        raise S3Error("InvalidRequest", "The source of a rename must be in the same bucket as its destination.")
    if not source:
        raise invalid_argument("Invalid rename source object key", _SOURCE, header)
    check_key(source)
    return source


def _client_token(params: Params) -> str | None:
    token: str | None = params.get("ClientToken")
    if token is not None and not _TOKEN.fullmatch(token):
        raise invalid_argument("The client token must be 1 to 64 ASCII characters from 33 to 126", "x-amz-client-token", token)
    return token


def _digest_of(params: Params) -> bytes:
    """Return a digest of all parameters, which identifies a rename."""
    return sha256(repr(sorted((name, str(value)) for name, value in params.items())).encode()).digest()


def _check_source(params: Params, version: Version, context: Context) -> None:
    """Check the four ``x-amz-rename-source-if-*``, which work like those of a copy's source."""
    conditions = {f"Copy{name}": value for name, value in params.items() if name.startswith("SourceIf")}
    try:
        check_source(conditions, version, context.clock.now())
    except S3Error as error:
        failed = str(error.extras["Condition"]).removeprefix("x-amz-copy-source-")
        raise S3Error("PreconditionFailed", Condition=f"x-amz-rename-source-{failed}") from None


def _check_destination(conditions: Mapping[str, object], key: str, current: Version | None, context: Context) -> None:
    """Check If-Match, If-None-Match, If-Modified-Since and If-Unmodified-Since against the object under the new key.

    ``current`` None: no object has that key.
    """
    check_write(conditions, key, current)
    dates = {name: conditions[name] for name in ("IfModifiedSince", "IfUnmodifiedSince") if name in conditions}
    if current is None:
        if "IfModifiedSince" in dates:
            no_such_key(context.bucket, key)
        return
    try:
        check_read(dates, current, context.clock.now())
    except S3Error as error:
        if error.status != 304:
            raise
        raise S3Error("PreconditionFailed", Condition="If-Modified-Since") from None
