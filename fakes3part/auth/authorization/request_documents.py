"""Reads the tags, retention or legal hold in a request's document, for condition keys.

The document is parsed when a policy needs it, which is before the operation parses it. A malformed document has no values: the
operation rejects it later.
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
"""Subresource of an object -> the operation that sets it, and the operation's member."""


def is_document(request: AuthorizationRequest, subresource: str) -> bool:
    """Return whether the request sets this subresource of an existing object."""
    return subresource in request.context.query and request.context.http_request.method == "PUT" and request.key is not None


def document_tags(request: AuthorizationRequest) -> Mapping[str, str]:
    """Return the tags of PutObjectTagging. Of a duplicate key, which the operation rejects, the last one counts."""
    return {tag["Key"]: tag["Value"] for tag in _document(request, "tagging").get("TagSet", ())}


def document_value(request: AuthorizationRequest, subresource: str, member: str) -> str | None:
    """Return a member of the document, a date as ISO 8601; None: the document does not have it."""
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
        params = s3_model().operations[operation].parse("", "", query, headers, body)
    except S3Error:
        return {}
    document: Mapping[str, Any] = params.get(member, {})
    return document
