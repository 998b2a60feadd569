"""ListObjectVersions: all versions and delete markers by key, the newest of each key first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice, repeat
from typing import NamedTuple

from ...errors import S3Error, invalid_argument
from ...protocol.interleaved_lists import InterleavedItems
from ...rules.limits import PAGE
from ...rules.listing import entries, parse_encoding_type
from ...rules.regions import region_of
from ...state.bucket import Bucket
from ...state.objects import NULL, Version
from ..context import Context, check_version_id
from ..registry import Output, Params, operation
from .list_objects import check_list_head, entry, includes_restore_status, owners, restore_status, url_encoded

_MARKER = "version-id-marker"


class _Page(NamedTuple):
    """A page of versions. ``latest`` has True for the newest version of each key. The markers name the last entry."""

    versions: list[Version]
    latest: list[bool]
    prefixes: list[str]
    next_key: str
    next_version: str | None
    truncated: bool


def _markers(params: Params) -> tuple[str, str | None]:
    """Return the key and the version id after which the page begins; None: after all versions of the key.

    Raises:
        S3Error: InvalidArgument for a version id without a key, an empty one, or one that no version can have.
    """
    key, version_id = params.get("KeyMarker", ""), params.get("VersionIdMarker")
    if not key:
        if version_id and not _is_before_all(params):
            raise invalid_argument("A version-id marker cannot be specified without a key marker.", _MARKER, version_id)
        return "", None
    if version_id == "":
        raise invalid_argument("A version-id marker cannot be empty.", _MARKER, "")
    if version_id is not None:
        check_version_id(version_id, _MARKER)
    return key, version_id


def _candidates(bucket: Bucket, key: str, marker: str | None) -> tuple[Iterator[Version], bool]:
    """Return the versions of a key after the marker, newest first, and whether the first is the newest of the key.

    If the marker's version does not exist any more, all versions are returned: better to list some twice than to miss one.
    """
    history = bucket.versions_by_key.get(key)
    if history is None:
        live = bucket.objects[key]
        return iter(() if live.id == marker else (live,)), True
    older = history.older(marker) if marker is not None else None
    return (history.newest_first(), True) if older is None else (older, False)


def _page(bucket: Bucket, params: Params, key_marker: str, version_marker: str | None, limit: int) -> _Page:
    prefix, delimiter = params.get("Prefix", ""), params.get("Delimiter") or ""
    page = _Page([], [], [], "", None, False)
    if limit == 0:
        return page
    remaining = limit
    last: tuple[str, str | None] = ("", None)
    keys_and_prefixes = entries(
        bucket, prefix=prefix, delimiter=delimiter, after=key_marker, including=version_marker is not None
    )
    for key, is_prefix in keys_and_prefixes:
        if is_prefix:
            if remaining == 0:
                return _truncated(bucket, page, last)
            page.prefixes.append(key)
            remaining, last = remaining - 1, (key, None)
            continue
        candidates, newest = _candidates(bucket, key, version_marker if key == key_marker else None)
        versions = list(islice(candidates, remaining + 1))
        more = len(versions) > remaining
        if more:
            versions.pop()
        if versions:
            page.versions.extend(versions)
            page.latest.append(newest)
            page.latest.extend(repeat(False, len(versions) - 1))
            remaining, last = remaining - len(versions), (key, versions[-1].id)
        if more:
            return _truncated(bucket, page, last)
    return page


def _truncated(bucket: Bucket, page: _Page, last: tuple[str, str | None]) -> _Page:
    """Return the page as a truncated one. The next page begins after ``last``, even if that is deleted meanwhile."""
    key, version_id = last
    if version_id is not None and (history := bucket.versions_by_key.get(key)) is not None:
        history.keep_order()
    return page._replace(next_key=key, next_version=version_id, truncated=True)


def _is_before_all(params: Params) -> bool:
    """Return whether the markers are an empty key and its null version, of which S3 lists nothing more."""
    return params.get("KeyMarker") == "" and params.get("VersionIdMarker") == NULL


def _check_head(params: Params, headers: Mapping[str, str]) -> None:
    check_list_head(params, headers)
    if params.get("MaxKeys", 0) < 0:
        raise S3Error("InvalidArgument", "max-keys cannot be negative", ArgumentName="max-keys")
    _markers(params)


@operation("ListObjectVersions", check_head=_check_head)
def list_object_versions(context: Context, params: Params) -> Output:
    """List the versions and delete markers of a bucket, in pages that may end between two versions of a key.

    NextKeyMarker and NextVersionIdMarker name the last version listed. After a common prefix there is no NextVersionIdMarker.
    """
    encode = parse_encoding_type(params.get("EncodingType"))
    text = url_encoded if encode else str
    key_marker, version_marker = _markers(params)
    requested = params.get("MaxKeys", context.settings.default_max_keys)
    limit = 0 if _is_before_all(params) else min(requested, PAGE)
    bucket = context.bucket
    with bucket.lock:
        context.ensure_exists(bucket)
        page = _page(bucket, params, key_marker, version_marker, limit)
    versions, markers = _entries(context, params, page, encode)
    delimiter = params.get("Delimiter")
    context.headers.append(("x-amz-bucket-region", region_of(bucket)))
    return {
        "Name": bucket.name,
        "Prefix": text(params.get("Prefix", "")),
        "KeyMarker": text(key_marker),
        "VersionIdMarker": version_marker or "",
        "NextKeyMarker": text(page.next_key) if page.truncated else None,
        "NextVersionIdMarker": page.next_version,
        "MaxKeys": requested,
        "Delimiter": text(delimiter) if delimiter is not None else None,
        "EncodingType": params.get("EncodingType"),
        "IsTruncated": page.truncated,
        "Versions": versions,
        "DeleteMarkers": markers,
        "CommonPrefixes": [{"Prefix": text(prefix)} for prefix in page.prefixes],
    }


def _entries(context: Context, params: Params, page: _Page, encode: bool) -> tuple[InterleavedItems, InterleavedItems]:
    """Return the entries of versions and delete markers, each with its position among the others."""
    owner_elements = repeat(None) if context.caller.is_anonymous else owners(context, context.bucket, page.versions)
    now = context.clock.now() if includes_restore_status(params) else None
    versions, markers = InterleavedItems(), InterleavedItems()
    for position, (version, latest, owner) in enumerate(zip(page.versions, page.latest, owner_elements, strict=False)):
        if version.is_delete_marker:
            markers.put(position, _marker(version, latest, owner, encode))
        else:
            item = entry(version, owner, encode)
            item["VersionId"], item["IsLatest"] = version.id, latest
            if now is not None:
                item["RestoreStatus"] = restore_status(version, now)
            versions.put(position, item)
    return versions, markers


def _marker(version: Version, latest: bool, owner: dict[str, str] | None, encode: bool) -> Output:
    item = {
        "Key": url_encoded(version.key) if encode else version.key,
        "VersionId": version.id,
        "IsLatest": latest,
        "LastModified": version.last_modified,
    }
    if owner is not None:
        item["Owner"] = owner
    return item
