"""ListObjectVersions: every version and delete marker, by key, the newest of a key first."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, repeat
from typing import NamedTuple

from ...errors import invalid_argument
from ...protocol.interleaved_lists import Placed
from ...rules.listing import check_encoding, entries
from ...rules.regions import shown_region
from ...state.bucket import Bucket
from ...state.objects import Version
from ..context import Context, check_version_id
from ..registry import Output, Params, operation
from .list_objects import entry, includes_restore_status, owners, page_size, restore_status, url_encoded

_MARKER = "version-id-marker"


class _Page(NamedTuple):
    """``latest`` tells of each version whether it is its key's newest. The markers name the last thing listed."""

    versions: list[Version]
    latest: list[bool]
    prefixes: list[str]
    next_key: str
    next_version: str | None
    truncated: bool


def _markers(params: Params) -> tuple[str, str | None]:
    """Behind which key, and behind which of its versions, the page begins.

    Raises:
        S3Error: InvalidArgument for a version without a key, for an empty one, or for what can be none.
    """
    key, version_id = params.get("KeyMarker", ""), params.get("VersionIdMarker")
    if not key:
        if version_id:
            raise invalid_argument("A version-id marker cannot be specified without a key marker.", _MARKER, version_id)
        return "", None
    if version_id == "":
        raise invalid_argument("A version-id marker cannot be empty.", _MARKER, "")
    if version_id is not None:
        check_version_id(version_id, _MARKER)
    return key, version_id


def _candidates(bucket: Bucket, key: str, marker: str | None) -> tuple[Iterator[Version], bool]:
    """The versions of a key, newest first and behind the marker, and whether the first of them is the newest of all.

    All of them where nobody knows the marker (any more): better to list something twice than never.
    """
    history = bucket.history.get(key)
    if history is None:
        live = bucket.live[key]
        return iter(() if live.id == marker else (live,)), True
    older = history.older(marker) if marker is not None else None
    return (history.newest_first(), True) if older is None else (older, False)


def _page(bucket: Bucket, params: Params, key_marker: str, version_marker: str | None, limit: int) -> _Page:
    prefix, delimiter = params.get("Prefix", ""), params.get("Delimiter") or ""
    page = _Page([], [], [], "", None, False)
    if limit == 0:
        return page
    room = limit
    last: tuple[str, str | None] = ("", None)
    found = entries(bucket, prefix=prefix, delimiter=delimiter, after=key_marker, including=version_marker is not None)
    for key, is_prefix in found:
        if is_prefix:
            if room == 0:
                return _cut(bucket, page, last)
            page.prefixes.append(key)
            room, last = room - 1, (key, None)
            continue
        candidates, newest = _candidates(bucket, key, version_marker if key == key_marker else None)
        versions = list(islice(candidates, room + 1))
        more = len(versions) > room
        if more:
            versions.pop()
        if versions:
            page.versions.extend(versions)
            page.latest.append(newest)
            page.latest.extend(repeat(False, len(versions) - 1))
            room, last = room - len(versions), (key, versions[-1].id)
        if more:
            return _cut(bucket, page, last)
    return page


def _cut(bucket: Bucket, page: _Page, last: tuple[str, str | None]) -> _Page:
    """The page ends here, and the next one begins behind this place, whatever is deleted meanwhile."""
    key, version_id = last
    if version_id is not None and (history := bucket.history.get(key)) is not None:
        history.keep_order()
    return page._replace(next_key=key, next_version=version_id, truncated=True)


@operation("ListObjectVersions")
def list_object_versions(context: Context, params: Params) -> Output:
    """The versions and delete markers of a bucket, in pages that may end between two versions of one key.

    The next page begins behind NextKeyMarker and NextVersionIdMarker, which name the last version listed; behind a common
    prefix there is no NextVersionIdMarker.
    """
    encode = check_encoding(params.get("EncodingType"))
    text = url_encoded if encode else str
    key_marker, version_marker = _markers(params)
    limit = page_size(params, "MaxKeys")
    bucket = context.bucket
    with bucket.lock:
        context.ensure(bucket)
        found = _page(bucket, params, key_marker, version_marker, limit)
    versions, markers = _listed(context, params, found, encode)
    delimiter = params.get("Delimiter")
    context.headers.append(("x-amz-bucket-region", shown_region(bucket)))
    return {
        "Name": bucket.name,
        "Prefix": text(params.get("Prefix", "")),
        "KeyMarker": text(key_marker),
        "VersionIdMarker": version_marker or "",
        "NextKeyMarker": text(found.next_key) if found.truncated else None,
        "NextVersionIdMarker": found.next_version,
        "MaxKeys": limit,
        "Delimiter": text(delimiter) if delimiter else None,
        "EncodingType": params.get("EncodingType"),
        "IsTruncated": found.truncated,
        "Versions": versions,
        "DeleteMarkers": markers,
        "CommonPrefixes": [{"Prefix": text(one)} for one in found.prefixes],
    }


def _listed(context: Context, params: Params, found: _Page, encode: bool) -> tuple[Placed, Placed]:
    """The versions and the delete markers as they are listed, with their places among each other."""
    shown = repeat(None) if context.caller.is_anonymous else owners(context, context.bucket, found.versions)
    now = context.clock.now() if includes_restore_status(params) else None
    versions, markers = Placed(), Placed()
    for place, (version, latest, owner) in enumerate(zip(found.versions, found.latest, shown, strict=False)):
        if version.is_delete_marker:
            markers.put(place, _marker(version, latest, owner, encode))
        else:
            listed = entry(version, owner, encode)
            listed["VersionId"], listed["IsLatest"] = version.id, latest
            if now is not None:
                listed["RestoreStatus"] = restore_status(version, now)
            versions.put(place, listed)
    return versions, markers


def _marker(version: Version, latest: bool, owner: dict[str, str] | None, encode: bool) -> Output:
    listed = {
        "Key": url_encoded(version.key) if encode else version.key,
        "VersionId": version.id,
        "IsLatest": latest,
        "LastModified": version.last_modified,
    }
    if owner is not None:
        listed["Owner"] = owner
    return listed
