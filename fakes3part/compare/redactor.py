"""Replaces what a recording must not contain: keys, tokens, accounts, owners, users, and keys of encryption.

Each secret is replaced by the same made-up value everywhere, so that a replay finds the same relations.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping

from .. import redaction
from .answers import Answer
from .signing import Credentials

ACCOUNT = "123456789012"
"""The account of every fake, by default."""

ACCESS_KEY = "AKIAIOSFODNN7EXAMPLE"
DISPLAY_NAME = "owner"

_SHORTEST = 16
"""The length of AWS's shortest keys. Shorter ones, such as ``testing``, are no secrets, and words that occur elsewhere."""

_NOT_RECORDED = frozenset(
    {
        "amz-sdk-invocation-id",
        "amz-sdk-request",
        "authorization",
        "connection",
        "cookie",
        "date",
        "expect",
        "host",
        "proxy-authorization",
        "set-cookie",
        "transfer-encoding",
        "user-agent",
        "x-amz-date",
        "x-amz-id-2",
        "x-amz-request-id",
        "x-amz-security-token",
    }
)
_KEY_SUFFIX = "server-side-encryption-customer-key"
_CANONICAL_ID = re.compile(r"<ID>([0-9a-f]{64})</ID>")
_DISPLAY_NAME = re.compile(r"<DisplayName>[^<]*</DisplayName>")
_ACCOUNT_IN_ARN = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]*:[a-z0-9-]*:(\d{12}):")
_PRINCIPAL = re.compile(r"arn:aws[a-z-]*:(?:iam|sts)::\d{12}:(?:user|assumed-role|role|federated-user)/[^\s<\"]+")
_IDS = re.compile(r"<(RequestId|HostId)>[^<]*</")


class Redactor:
    """Replaces the secrets of one recording, those that it is given and those that it finds.

    Args:
        credentials: the user's.
    """

    def __init__(self, credentials: Credentials) -> None:
        secrets = (
            (credentials.access_key, ACCESS_KEY),
            (credentials.secret, redaction.HIDDEN),
            (credentials.token, redaction.HIDDEN),
        )
        self._replacements = {secret: made for secret, made in secrets if secret and len(secret) >= _SHORTEST}
        if credentials.account:
            self._replacements[credentials.account] = ACCOUNT
        self._owners = 0
        self._keys = 0

    def learn(self, answer: Answer, request_headers: Mapping[str, str], request_body: bytes | None) -> None:
        """Find the owners and accounts in a response, and the keys of encryption in a request."""
        text = answer.content.text if answer.content.size and (answer.content.data or b"").lstrip()[:1] in (b"<", b"{") else ""
        for owner in _CANONICAL_ID.findall(text):
            if owner not in self._replacements and owner not in self._replacements.values():
                self._owners += 1
                self._replacements[owner] = hashlib.sha256(f"owner {self._owners}".encode()).hexdigest()
        sent = (request_body or b"").decode("utf-8", "replace") + " ".join(request_headers.values())
        for account in _ACCOUNT_IN_ARN.findall(" ".join([text, *(value for _, value in answer.headers)])):
            if account != ACCOUNT and account not in sent:
                self._replacements.setdefault(account, ACCOUNT)
        for name, value in request_headers.items():
            if name.endswith(_KEY_SUFFIX) and value not in self._replacements.values():
                self._learn_key(value)

    def _learn_key(self, sent: str) -> None:
        """Find a key of SSE-C, and its digest, which responses repeat."""
        if sent in self._replacements:
            return
        try:
            key = b64decode(sent, validate=True)
        except (Base64Error, ValueError):
            return  # it is no key, and S3 refuses it
        self._keys += 1
        made = hashlib.sha256(f"key {self._keys}".encode()).digest()[: len(key)]
        self._replacements[sent] = b64encode(made).decode()
        self._replacements[_md5(key)] = _md5(made)

    def text(self, text: str) -> str:
        """Return a text without secrets."""
        for secret, made in self._replacements.items():
            if secret in text:
                text = text.replace(secret, made)
        return _PRINCIPAL.sub(f"arn:aws:iam::{ACCOUNT}:user/user", text) if "arn:aws" in text else text

    def header(self, name: str, value: str) -> str:
        """Return the value of a header of a response."""
        return redaction.HIDDEN if name in _NOT_RECORDED else self.text(value)

    def headers(self, sent: Mapping[str, str]) -> dict[str, str]:
        """Return the headers of a request, without those of the connection, the signature and the SDK."""
        return {name: self.text(value) for name, value in sent.items() if name not in _NOT_RECORDED}

    def body(self, data: bytes) -> bytes | None:
        """Return a body without secrets; None: it is no document and has some, so that it must not be recorded.

        In documents, the names of owners and the ids of requests are replaced too.
        """
        if data.lstrip()[:1] in (b"<", b"{"):
            text = data.decode("utf-8", "surrogateescape")
            text = _DISPLAY_NAME.sub(f"<DisplayName>{DISPLAY_NAME}</DisplayName>", text)
            text = _IDS.sub(rf"<\1>{redaction.HIDDEN}</", text)
            return self.text(text).encode("utf-8", "surrogateescape")
        return None if any(secret.encode() in data for secret in self._replacements) else data


def _md5(data: bytes) -> str:
    return b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
