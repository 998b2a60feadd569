"""CompleteMultipartUpload: the listed parts become one object, or nothing happens at all."""

from __future__ import annotations

from hashlib import sha256
from itertools import pairwise
from typing import Any

from ...errors import S3Error, invalid_argument
from ...rules import checksums
from ...rules.conditions import check_write, check_write_headers
from ...rules.etags import composite_etag, quoted, unquoted
from ...rules.sse_c import check_upload
from ...state.bucket import DIRECTORY, Bucket
from ...state.objects import Checksum, Data, ObjectPart, Part, Version
from ...state.uploads import Completed, Upload
from ..buckets.lifecycle import shown_expiration
from ..context import Context, shown_version_id
from ..object_encryption import complete_members
from ..object_lock import lock_of_new_version
from ..object_url import object_url
from ..registry import Output, Params, operation
from .uploads import find_upload

_FORM = "application/x-www-form-urlencoded"


@operation("CompleteMultipartUpload")
def complete_multipart_upload(context: Context, params: Params) -> Output:
    """Assemble the object from the listed parts; parts not listed are dropped.

    After any error the upload is open as before. The same request sent again gets the same answer (S3 is idempotent here).
    """
    listed = _listed(context, params)
    bucket = context.bucket
    with bucket.lock:
        context.ensure(bucket)
        repeated = _repeated(bucket, params, listed)
        if repeated is not None:
            return repeated
        check_write_headers(params)
        upload = find_upload(bucket, params)
        check_upload(params, upload.encryption)
        check_write(
            params,
            upload.key,
            bucket.current(upload.key),
            deleted_since=upload.deleted_since,
            written_since=upload.written_since,
        )
        parts = _check_parts(context, upload, params, listed)
        checksum = _object_checksum(upload, parts)
        _check_object(context, upload, params, parts, checksum)
        version = _version(context, upload, parts, checksum)
        bucket.close(upload)
        bucket.store(version)
        context.add_event("ObjectCreated:CompleteMultipartUpload", bucket, upload.key, version)
        output = {
            "Location": object_url(context, bucket.name, upload.key),
            "Bucket": bucket.name,
            "Key": upload.key,
            "ETag": quoted(version.etag),
            "VersionId": shown_version_id(bucket, version),
            "Expiration": None if bucket.lifecycle is None else shown_expiration(bucket, version),
            **complete_members(upload.encryption),
            **_shown_checksum(upload, checksum),
        }
        bucket.remember(upload.id, Completed(upload.key, _identity(listed), output))
        return output


def _listed(context: Context, params: Params) -> list[dict[str, Any]]:
    """The parts that the request lists. A form's body is no body to S3: botocore's model warns of that Content-Type.

    Raises:
        S3Error: InvalidRequest without a body, MalformedXML without a (whole) part, InvalidArgument for a number below 1.
    """
    document = params.get("MultipartUpload")
    if document is None or context.request.headers.get("content-type", "").lower().startswith(_FORM):
        raise S3Error("InvalidRequest", "You must specify at least one part")
    parts: list[dict[str, Any]] = document.get("Parts", [])
    if not parts or any("ETag" not in part or "PartNumber" not in part for part in parts):
        raise S3Error("MalformedXML")
    for part in parts:
        if part["PartNumber"] < 1:
            raise invalid_argument("PartNumber must be >= 1", "PartNumber", part["PartNumber"])
        _check_single(part)
    return parts


def _check_single(part: dict[str, Any]) -> None:
    """A part is listed with one checksum at most, in base64."""
    given = [(checksums.BY_MEMBER[member], part[member]) for member in part if member in checksums.BY_MEMBER]
    if len(given) > 1 or any(checksums.decode(value, algorithm.length) is None for algorithm, value in given):
        value = "".join(f"{algorithm.name}:{value};" for algorithm, value in given)
        raise invalid_argument("Invalid Base64 or multiple checksums present in request", "Checksum", value)


def _identity(listed: list[dict[str, Any]]) -> bytes:
    """What tells one list of parts from another: a digest, for of 10,000 parts nothing more should be kept."""
    return sha256("\n".join(f"{part['PartNumber']} {unquoted(part['ETag'])}" for part in listed).encode()).digest()


def _repeated(bucket: Bucket, params: Params, listed: list[dict[str, Any]]) -> Output | None:
    """The answer that this very request got before, if any."""
    done = bucket.completed.get(params["UploadId"])
    if done is None or done.key != params["Key"] or done.parts != _identity(listed):
        return None
    return done.output


def _check_parts(context: Context, upload: Upload, params: Params, listed: list[dict[str, Any]]) -> list[Part]:
    """The stored parts that are listed, each judged in turn."""
    numbers = [part["PartNumber"] for part in listed]
    in_order = all(first < second for first, second in pairwise(numbers))
    consecutive = upload.checksum_type == checksums.COMPOSITE or context.bucket.kind is DIRECTORY
    if not in_order or (consecutive and numbers != list(range(1, len(numbers) + 1))):
        raise S3Error("InvalidPartOrder", UploadId=upload.id)
    wanted = params.get("ChecksumType")
    if wanted is not None and wanted.upper() != upload.checksum_type:
        raise S3Error(
            "InvalidRequest",
            f"The upload was created using the {upload.checksum_type or 'null'} checksum mode. The complete request must use "
            "the same checksum mode.",
        )
    found = []
    for position, one in enumerate(listed, 1):
        part = _find_part(upload, one)
        if position < len(listed) and part.size < context.settings.min_part_size:
            raise S3Error(
                "EntityTooSmall",
                ProposedSize=part.size,
                MinSizeAllowed=context.settings.min_part_size,
                PartNumber=part.number,
                ETag=part.etag,
            )
        found.append(part)
    return found


def _find_part(upload: Upload, one: dict[str, Any]) -> Part:
    """The stored part that is meant by one listed, if its ETag and checksum are the stored ones."""
    number, etag = one["PartNumber"], unquoted(one["ETag"])
    part: Part | None = upload.parts.get(number)
    wrong = S3Error("InvalidPart", UploadId=upload.id, PartNumber=number, ETag=etag)
    if part is None or part.etag != etag:
        raise wrong
    given = next(((member, one[member]) for member in one if member in checksums.BY_MEMBER), None)
    if given is None:
        if upload.checksum_type == checksums.COMPOSITE:
            raise S3Error(
                "InvalidRequest",
                f"The upload was created using a {str(upload.algorithm).lower()} checksum. The complete request must include "
                f"the checksum for each part. It was missing for part {number} in the request.",
            )
        return part
    name = checksums.BY_MEMBER[given[0]].name
    if upload.algorithm is None:
        raise wrong
    if name != upload.algorithm:
        raise S3Error("BadDigest", f"The {name.lower()} you specified for part {number} did not match what we received.")
    if part.checksum is None or part.checksum.value != given[1]:
        raise wrong
    return part


def _object_checksum(upload: Upload, parts: list[Part]) -> Checksum | None:
    """The object's checksum, from the parts' and without reading their bytes again.

    Of an upload under the client's own key S3 computes none that nobody asked for.
    """
    if upload.algorithm is None and upload.encryption.customer is not None:
        return None
    algorithm = upload.algorithm or checksums.DEFAULT
    values = [(checksums.digest(part.data, algorithm), part.size) for part in parts]
    if upload.checksum_type == checksums.COMPOSITE:
        return checksums.composite(algorithm, (value for value, _ in values))
    return checksums.combined(algorithm, values)


def _shown_checksum(upload: Upload, checksum: Checksum | None) -> Output:
    """Under KMS the checksum that S3 computed of itself is first seen on a read."""
    hidden = upload.algorithm is None and upload.encryption.key_arn is not None
    return {} if hidden else checksums.as_output(checksum)


def _check_object(context: Context, upload: Upload, params: Params, parts: list[Part], checksum: Checksum | None) -> None:
    """What the request says of the whole object: its size and its checksum.

    A FULL_OBJECT value is believed only together with ``x-amz-checksum-type: FULL_OBJECT``: recorded so.

    Raises:
        S3Error: InvalidRequest or BadDigest.
    """
    size, total = params.get("MpuObjectSize"), sum(part.size for part in parts)
    if size is not None and size != total:
        raise S3Error(
            "InvalidRequest",
            f"The provided 'x-amz-mp-object-size' header value {size} does not match what was computed: {total}",
        )
    given = [(checksums.BY_MEMBER[member], params[member]) for member in params if member in checksums.BY_MEMBER]
    if len(given) > 1:
        raise checksums.only_one()
    if not given or upload.algorithm is None or checksum is None:
        return
    algorithm, value = given[0]
    digest, dash, count = value.partition("-")
    composite = upload.checksum_type == checksums.COMPOSITE
    if checksums.decode(digest, algorithm.length) is None or (dash and not (composite and count.isdecimal())):
        raise S3Error("InvalidRequest", f"Value for {algorithm.header} header is invalid.")
    believed = composite or params.get("ChecksumType") is not None
    if not believed or algorithm.name != upload.algorithm or value != checksum.value:
        raise S3Error("BadDigest", f"The {upload.algorithm.lower()} you specified did not match the calculated checksum.")


def _version(context: Context, upload: Upload, parts: list[Part], checksum: Checksum | None) -> Version:
    segments = tuple(segment for part in parts for segment in part.data.segments)
    listed_with = upload.algorithm is not None
    now = context.now()
    return Version(
        key=upload.key,
        id=context.new_version_id(context.bucket),
        last_modified=now,
        owner=upload.owner,
        etag=context.ids.etag() if context.bucket.kind is DIRECTORY else composite_etag(parts),
        data=Data(segments),
        carried=upload.carried,
        checksum=checksum,
        parts=tuple(ObjectPart(part.size, part.checksum if listed_with else None) for part in parts),
        encryption=upload.encryption,
        acl=upload.acl,
        lock=lock_of_new_version(context.bucket, upload.lock, now),
    )
