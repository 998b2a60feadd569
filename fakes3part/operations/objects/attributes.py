"""GetObjectAttributes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ...errors import invalid_argument
from ...rules import checksums
from ...rules.limits import PAGE
from ...rules.sse_c import check_key
from ...state.objects import Version
from ..context import Context, find_version, read_response_version_id
from ..object_encryption import check_may_decrypt
from ..registry import Output, Params, operation

_HEADER = "x-amz-object-attributes"


def _check_head(params: Params, headers: Mapping[str, str]) -> None:
    for name in params["ObjectAttributes"]:
        if name not in _ATTRIBUTES:
            raise invalid_argument("Invalid attribute name specified.", _HEADER, name)


@operation("GetObjectAttributes", check_head=_check_head)
def get_object_attributes(context: Context, params: Params) -> Output:
    """Return the requested attributes only. An object with SSE-C needs its key for them too."""
    requested = params["ObjectAttributes"]
    bucket = context.bucket
    with bucket.lock:
        version = find_version(bucket, params["Key"], params.get("VersionId"))
        version_id = read_response_version_id(bucket, version)
    check_key(params, version.encryption)
    if "Checksum" in requested:
        check_may_decrypt(context, version.encryption)
    output: Output = {"LastModified": version.last_modified, "VersionId": version_id}
    for name in requested:
        output[name] = _ATTRIBUTES[name](version, params)
    return output


def _checksum(version: Version, params: Params) -> Output | None:
    """Return the ``Checksum`` attribute. Only here a composite value has no ``-N`` suffix (recorded from AWS)."""
    if version.checksum is None:
        return None
    output = checksums.checksum_output(version.checksum)
    member = f"Checksum{version.checksum.algorithm}"
    output[member] = output[member].partition("-")[0]
    return output


def _parts(version: Version, params: Params) -> Output | None:
    """Return the ``ObjectParts`` attribute; None: the object was not uploaded in parts.

    Only a COMPOSITE object lists its parts, in pages; others have their number only.
    """
    if not version.parts:
        return None
    count = len(version.parts)
    if version.checksum is None or version.checksum.type != checksums.COMPOSITE:
        return {"TotalPartsCount": count}
    marker, limit = params.get("PartNumberMarker", 0), min(params.get("MaxParts", PAGE), PAGE)
    last = min(marker + limit, count)
    return {
        "TotalPartsCount": count,
        "PartNumberMarker": marker,
        "NextPartNumberMarker": last if last > marker else 0,
        "MaxParts": limit,
        "IsTruncated": limit > 0 and last < count,
        "Parts": [
            {"PartNumber": number, "Size": part.size, **checksums.checksum_output(part.checksum, with_type=False)}
            for number, part in enumerate(version.parts[marker:last], marker + 1)
        ],
    }


_ATTRIBUTES: dict[str, Callable[[Version, Params], object]] = {
    "ETag": lambda version, params: version.etag,
    "Checksum": _checksum,
    "ObjectParts": _parts,
    "StorageClass": lambda version, params: version.properties.storage_class,
    "ObjectSize": lambda version, params: version.size,
}
