"""What the document of a request says, for the condition keys that ask for it: tags, a retention, a legal hold.

Read when a policy asks, which is before the operation reads it. A document that is none says nothing: the operation refuses it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ...errors import S3Error
from .request import AuthorizationRequest

_DOCUMENTS = {
    "tagging": ("PutObjectTagging", "Tagging"),
    "retention": ("PutObjectRetention", "Retention"),
    "legal-hold": ("PutObjectLegalHold", "LegalHold"),
}
"""Sub-resource of an object -> the operation that puts it, and its member."""


def is_document(request: AuthorizationRequest, subresource: str) -> bool:
    """Whether the request puts this sub-resource of an object that is there."""
    return subresource in request.context.query and request.context.http_request.method == "PUT" and request.key is not None


def document_tags(request: AuthorizationRequest) -> Mapping[str, str]:
    """The tags that PutObjectTagging brings; of a key given twice the last, for the operation refuses that anyway."""
    return {tag["Key"]: tag["Value"] for tag in _document(request, "tagging").get("TagSet", ())}


def document_value(request: AuthorizationRequest, subresource: str, member: str) -> str | None:
    """A member of the document; a date in ISO 8601."""
    value = _document(request, subresource).get(member)
    return value.isoformat() if isinstance(value, datetime) else value


def _document(request: AuthorizationRequest, subresource: str) -> Mapping[str, Any]:
    from ...protocol.aws_chunked import is_chunked, remove_framing
    from ...protocol.model import s3_model

    operation, member = _DOCUMENTS[subresource]
    headers, query = request.context.headers, request.context.query

    def body() -> bytes:
        payload = request.context.http_request.payload
        return remove_framing(payload, headers).data if is_chunked(headers) else payload.data

    try:
        found = s3_model().operations[operation].parse("", "", query, headers, body)
    except S3Error:
        return {}
    document: Mapping[str, Any] = found.get(member, {})
    return document
