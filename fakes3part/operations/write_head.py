"""What S3 refuses from the headers of a write (PutObject, PostObject, CopyObject, CreateMultipartUpload) alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..rules import object_lock
from ..rules.conditions import check_write_headers
from ..rules.directory_buckets import looks_like_directory
from ..rules.encryption import ENCRYPTION_MEMBERS, check_method
from ..rules.object_properties import PROPERTY_MEMBERS, check_properties
from ..rules.sse_c import parse_customer_key

_CHECKED = frozenset({"IfMatch", "IfNoneMatch"}) | PROPERTY_MEMBERS | object_lock.MEMBERS | ENCRYPTION_MEMBERS


def check_write_head(params: Mapping[str, Any], headers: Mapping[str, str]) -> None:
    """Check the headers of a write whose object has no source.

    Raises:
        S3Error: of conditions, properties, lock or encryption.
    """
    if _CHECKED.isdisjoint(params):
        return
    check_write_headers(params)
    check_properties(params)
    check_lock_and_encryption(params)


def check_lock_and_encryption(params: Mapping[str, Any]) -> None:
    """Check the lock and the encryption that a write requests. Directory buckets have no locks, whatever the headers say.

    Raises:
        S3Error: InvalidArgument, or InvalidRequest.
    """
    if not object_lock.MEMBERS.isdisjoint(params) and not looks_like_directory(params["Bucket"]):
        object_lock.check_members(params)
    if not ENCRYPTION_MEMBERS.isdisjoint(params):
        parse_customer_key(params)
        check_method(params)
