"""Conditional requests: read, write and copy-source conditions, in S3's precedence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..errors import S3Error
from ..state.objects import Version
from .etags import unquote_etag

READ_CONDITIONS = frozenset({"IfMatch", "IfUnmodifiedSince", "IfNoneMatch", "IfModifiedSince"})
WRITE_CONDITIONS = frozenset({"IfMatch", "IfNoneMatch"})
"""Members of an input that are conditions. `check_read` and `check_write` need not be called without them."""


def _matches(header: str, etag: str) -> bool:
    """Return whether one of the listed ETags (``*``: any) is this one."""
    return any(unquote_etag(listed_etag) in ("*", etag) for listed_etag in header.split(","))


def check_read(params: Mapping[str, Any], version: Version, now: datetime) -> None:
    """Check If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since of GET and HEAD.

    If-Unmodified-Since is ignored beside an If-Match that matches, and If-Modified-Since beside an If-None-Match. A date in the
    future is ignored as If-Modified-Since (RFC 9110, recorded from AWS).

    Raises:
        S3Error: PreconditionFailed (412) or NotModified (304).
    """
    if (if_match := params.get("IfMatch")) is not None:
        if not _matches(if_match, version.etag):
            raise S3Error("PreconditionFailed", Condition="If-Match")
    elif (unmodified := params.get("IfUnmodifiedSince")) is not None and version.last_modified > unmodified:
        raise S3Error("PreconditionFailed", Condition="If-Unmodified-Since")
    if (if_none_match := params.get("IfNoneMatch")) is not None:
        if _matches(if_none_match, version.etag):
            raise S3Error("NotModified")
    elif (modified := params.get("IfModifiedSince")) is not None and version.last_modified <= modified <= now:
        raise S3Error("NotModified")


def check_source(params: Mapping[str, Any], version: Version, now: datetime) -> None:
    """Check the four ``x-amz-copy-source-if-*`` headers. As `check_read`, but every failure is 412, never 304.

    Raises:
        S3Error: PreconditionFailed naming the header.
    """
    if_match = params.get("CopySourceIfMatch")
    if_none_match = params.get("CopySourceIfNoneMatch")
    unmodified = params.get("CopySourceIfUnmodifiedSince")
    modified = params.get("CopySourceIfModifiedSince")
    failed = None
    if if_match is not None and not _matches(if_match, version.etag):
        failed = "If-Match"
    elif if_match is None and unmodified is not None and version.last_modified > unmodified:
        failed = "If-Unmodified-Since"
    elif if_none_match is not None and _matches(if_none_match, version.etag):
        failed = "If-None-Match"
    elif if_none_match is None and modified is not None and version.last_modified <= modified <= now:
        failed = "If-Modified-Since"
    if failed:
        raise S3Error("PreconditionFailed", Condition=f"x-amz-copy-source-{failed}")


def _refused(header: str, reason: str) -> S3Error:
    return S3Error("NotImplemented", None, Header=header, additionalMessage=reason)


def check_write_headers(params: Mapping[str, Any]) -> None:
    """Check that a write carries at most one of If-Match, which must be an ETag, and If-None-Match, which must be ``*``.

    Raises:
        S3Error: NotImplemented (501), S3's own.
    """
    if_match, if_none_match = params.get("IfMatch"), params.get("IfNoneMatch")
    if if_match is not None and if_none_match is not None:
        raise _refused("If-Match,If-None-Match", "Multiple conditional request headers present in the request")
    # Recorded from AWS. (For CompleteMultipartUpload it is assumed.)
    for header, is_refused in (("If-None-Match", if_none_match not in (None, "*")), ("If-Match", if_match == "*")):
        if is_refused:
            raise _refused(header, f"We don't accept the provided value of {header} header for this API")


def check_write(
    params: Mapping[str, Any],
    key: str,
    current: Version | None,
    *,
    deleted_since: bool = False,
    written_since: bool = False,
) -> None:
    """Check If-None-Match: * and If-Match of PutObject, CopyObject and CompleteMultipartUpload, under the bucket's lock.

    Args:
        current: the current version; None: the key has no versions.
        deleted_since: for CompleteMultipartUpload, whether the key was deleted since the upload was created.
        written_since: likewise, whether it was written.

    Raises:
        S3Error: PreconditionFailed, NoSuchKey, or ConditionalRequestConflict.
    """
    exists = current is not None and not current.is_delete_marker
    if params.get("IfNoneMatch") is not None:
        if exists:
            raise S3Error("PreconditionFailed", Condition="If-None-Match")
        if deleted_since:
            raise S3Error("ConditionalRequestConflict", Condition="If-None-Match", Key=key)
    if (if_match := params.get("IfMatch")) is not None:
        if current is None or not exists:
            raise S3Error("NoSuchKey", Key=key)
        if unquote_etag(if_match) != current.etag:  # one ETag, no list of them
            raise S3Error("PreconditionFailed", Condition="If-Match")
        if written_since:
            raise S3Error("ConditionalRequestConflict", Condition="If-Match", Key=key)


def check_delete(if_match: str | None, key: str, current: Version | None) -> None:
    """Check If-Match of DeleteObject: an ETag, or ``*``: the object must exist. ``if_match`` None: the header was not sent.

    Raises:
        S3Error: NoSuchKey, or PreconditionFailed.
    """
    if if_match is None:
        return
    if current is None or current.is_delete_marker:
        raise S3Error("NoSuchKey", Key=key)
    if unquote_etag(if_match) not in ("*", current.etag):
        raise S3Error("PreconditionFailed", Condition="If-Match")


def check_unchanged(modified: datetime | None, size: int | None, current: Version | None) -> None:
    """Check ``x-amz-if-match-last-modified-time`` and ``x-amz-if-match-size`` of a delete; None: the header was not sent.

    If there is no object (``current`` None), the conditions hold.

    Raises:
        S3Error: PreconditionFailed.
    """
    if current is None:
        return
    if modified is not None and current.last_modified != modified:
        raise S3Error("PreconditionFailed", Condition="If-Match-Last-Modified-Time")
    if size is not None and current.size != size:
        raise S3Error("PreconditionFailed", Condition="If-Match-Size")
