"""What the document of a request says, for the condition keys that ask for it: tags, a retention, a legal hold.

Read when a policy asks, which is before the operation reads it. A document that is none says nothing: the operation refuses it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ...errors import S3Error

if TYPE_CHECKING:
    from .request import Access

_DOCUMENTS = {
    "tagging": ("PutObjectTagging", "Tagging"),
    "retention": ("PutObjectRetention", "Retention"),
    "legal-hold": ("PutObjectLegalHold", "LegalHold"),
}
"""Sub-resource of an object -> the operation that puts it, and its member."""


def is_document(access: Access, subresource: str) -> bool:
    """Whether the request puts this sub-resource of an object that is there."""
    return subresource in access.query and access.request.method == "PUT" and access.key is not None


def tags_of(access: Access) -> Mapping[str, str]:
    """The tags that PutObjectTagging brings; of a key given twice the last, for the operation refuses that anyway."""
    return {tag["Key"]: tag["Value"] for tag in _document(access, "tagging").get("TagSet", ())}


def text_of(access: Access, subresource: str, member: str) -> str | None:
    """A member of the document; a date in ISO 8601."""
    value = _document(access, subresource).get(member)
    return value.isoformat() if isinstance(value, datetime) else value


def _document(access: Access, subresource: str) -> Mapping[str, Any]:
    from ...protocol.aws_chunked import is_chunked, remove_framing
    from ...protocol.model import s3_model

    operation, member = _DOCUMENTS[subresource]
    request = access.request

    def body() -> bytes:
        payload = request.payload
        return remove_framing(payload, request.headers).data if is_chunked(request.headers) else payload.data

    try:
        found = s3_model().operations[operation].parse("", "", access.query, request.headers, body)
    except S3Error:
        return {}
    document: Mapping[str, Any] = found.get(member, {})
    return document
