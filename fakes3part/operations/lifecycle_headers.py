"""What responses say of lifecycle rules: when they expire an object, or abort an upload."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from ..protocol.timestamps import http_date
from ..state.bucket import Bucket
from ..state.objects import Version
from .registry import Output

if TYPE_CHECKING:
    from ..state.uploads import Upload


def expiration_header(bucket: Bucket, version: Version) -> str | None:
    """Return the ``x-amz-expiration`` header of a current version; None: no rule expires it."""
    if bucket.lifecycle is None:
        return None
    from ..rules.lifecycle_schedule import expiration_date

    expiry_date = expiration_date(bucket.lifecycle, version)
    if expiry_date is None:
        return None
    return f'expiry-date="{http_date(expiry_date.at)}", rule-id="{quote(expiry_date.rule_id, safe="")}"'


def abort_members(bucket: Bucket, upload: Upload) -> Output:
    """Return AbortDate and AbortRuleId of an open upload, if a rule aborts it. (Rule ids are quoted unless they are ASCII.)"""
    if bucket.lifecycle is None:
        return {}
    from ..rules.lifecycle_schedule import abort_date

    expiry_date = abort_date(bucket.lifecycle, upload)
    if expiry_date is None:
        return {}
    rule_id = expiry_date.rule_id if expiry_date.rule_id.isascii() else quote(expiry_date.rule_id, safe="")
    return {"AbortDate": expiry_date.at, "AbortRuleId": rule_id}
