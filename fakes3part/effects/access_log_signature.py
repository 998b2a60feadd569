"""What access logs say of a request's signature, and of the connection that it came through."""

from __future__ import annotations

from collections.abc import Mapping

from ..message import Request
from .process import HandledCall

_IN_PROCESS_TLS = "TLS_AES_128_GCM_SHA256", "TLSv1.3"
"""What requests have that were meant for TLS and were intercepted before: the suite that clients negotiate with S3."""

_FORM = 64 * 1024
"""Bytes of a form in which its fields are looked for."""


def signature_and_type(call: HandledCall, query: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Return ``SigV4`` or ``SigV2``, and ``AuthHeader`` or ``QueryString``; None and None: the request is not signed.

    The signature in a browser's form has a version, and no type. (Assumed: not recorded from AWS.)
    """
    record = call.record
    authorization = record.headers.get("authorization", "")
    if authorization:
        return ("SigV2" if authorization.startswith("AWS ") else "SigV4"), "AuthHeader"
    if "X-Amz-Credential" in query:
        return "SigV4", "QueryString"
    if "AWSAccessKeyId" in query:
        return "SigV2", "QueryString"
    is_form = record.operation is not None and record.operation.name == "PostObject"
    if is_form and record.caller is not None and not record.caller.is_anonymous:
        is_v4 = b'"x-amz-algorithm"' in call.request.payload.data[:_FORM].lower()
        return ("SigV4" if is_v4 else "SigV2"), None
    return None, None


def cipher_and_version(request: Request) -> tuple[str | None, str | None]:
    """Return the cipher suite and the version of TLS; None and None: the request came over plain HTTP."""
    if request.scheme != "https":
        return None, None
    return request.tls or _IN_PROCESS_TLS
