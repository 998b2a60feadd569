"""Translates a request from one S3 to another: names of buckets, made-up values, and the digests that depend on them.

What is translated has no signature yet; `signing` makes one.
"""

from __future__ import annotations

import hashlib
import html
import re
from base64 import b64encode
from collections.abc import Callable
from typing import TypeAlias
from urllib.parse import quote, unquote, unquote_plus

from ..errors import S3Error
from ..message import Payload, Request
from ..protocol.address import Address, parse_address
from ..protocol.aws_chunked import add_framing
from ..protocol.aws_hosts import ACCELERATE, GENERAL
from ..protocol.model import s3_model
from ..protocol.payload_hash import HEADER as PAYLOAD_HASH
from ..rules.checksums import BY_HEADER

Rename: TypeAlias = Callable[[str], str | None]
"""Returns the name that a bucket has at the other S3; None: it can have none."""

_MAPPED_HEADERS = (
    "if-match",
    "if-none-match",
    "x-amz-copy-source-if-match",
    "x-amz-copy-source-if-none-match",
    "x-amz-expected-bucket-owner",
    "x-amz-grant-full-control",
    "x-amz-grant-read",
    "x-amz-grant-read-acp",
    "x-amz-grant-write",
    "x-amz-grant-write-acp",
    "x-amz-source-expected-bucket-owner",
)
_COPY_SOURCE = "x-amz-copy-source"
_WORD = re.compile(r"[\w.~+/=-]+")
_ELEMENT = re.compile(r"<(\w+)>([^<>]+)</")
_ARN = re.compile(r"(arn:aws[a-z-]*:s3:::)([A-Za-z0-9._-]+)")


class Untranslatable(Exception):
    """A request that cannot be sent to the other S3. The text says why."""


def address_of(request: Request, custom: tuple[str, ...] | None = ()) -> Address:
    """Return what a request addresses.

    Raises:
        Untranslatable: it is not for buckets and objects of S3, or its path is not UTF-8.
    """
    try:
        address = parse_address(request.host, request.path, custom)
    except S3Error:
        raise Untranslatable("the path is not UTF-8") from None
    if address.endpoint.kind not in (GENERAL, ACCELERATE):
        raise Untranslatable(f"{address.endpoint.kind} are not compared")
    if address.bucket is not None and (address.bucket.startswith("arn:") or address.bucket.endswith(("--x-s3", "-s3alias"))):
        raise Untranslatable("access points and directory buckets are not compared")
    return address


def copy_source(request: Request) -> tuple[str, str] | None:
    """Return the bucket of ``x-amz-copy-source``, decoded, and the rest of the header; None: there is none."""
    sent = request.headers.get(_COPY_SOURCE)
    if sent is None:
        return None
    bucket, slash, rest = (sent[1:] if sent.startswith("/") else sent).partition("/")
    if not slash and "%2F" in bucket.upper():
        bucket, _, rest = unquote(bucket).partition("/")
        rest = quote(rest, safe="/?=&")
    return unquote(bucket), rest


def translate(
    request: Request,
    address: Address,
    rename: Rename,
    values: dict[str, str],
    *,
    is_document: bool,
    keeps_framing: bool = True,
) -> Request:
    """Return a request for the other S3, in path style.

    Args:
        rename: the names of buckets there.
        values: made-up values of this S3 -> those of the other.
        is_document: whether the body is a document of S3's (and not an object's bytes).
        keeps_framing: whether the body keeps its aws-chunked framing; False: only its trailers are kept.

    Raises:
        Untranslatable: a bucket can have no name there.
    """
    path = "/"
    if address.bucket is not None:
        of_host = address.endpoint.bucket is not None
        _, slash, rest = ("", "/", request.path[1:]) if of_host else request.path[1:].partition("/")
        path = f"/{quote(_name(address.bucket, rename), safe='')}{slash}{rest}"
    headers = dict(request.headers)
    for name in _MAPPED_HEADERS:
        if name in headers:
            headers[name] = _words(headers[name], values)
    source = copy_source(request)
    if source is not None:
        key, question, version = source[1].partition("?versionId=")
        headers[_COPY_SOURCE] = f"{quote(_name(source[0], rename), safe='')}/{key}{question}{values.get(version, version)}"
    payload = request.payload
    body = add_framing(payload) if keeps_framing else payload.data
    if is_document and body:
        changed = _document(body, rename, values)
        if changed != body:
            correct_digests(headers, body, changed)
            body = changed
    translated = Payload(body, None if keeps_framing else payload.trailers)
    return Request(request.method, "", path, _query(request.query, values), headers, scheme="", read=lambda: translated)


def _name(bucket: str, rename: Rename) -> str:
    name = rename(bucket)
    if name is None:
        raise Untranslatable(f"the bucket name {bucket!r} cannot carry the prefix of this run")
    return name


def _words(text: str, values: dict[str, str]) -> str:
    return _WORD.sub(lambda match: values.get(match[0], match[0]), text)


def _query(query: str, values: dict[str, str]) -> str:
    pairs = []
    for pair in query.split("&"):
        name, equals, value = pair.partition("=")
        decoded = unquote_plus(value)
        pairs.append(f"{name}={quote(values[decoded], safe='~')}" if equals and decoded in values else pair)
    return "&".join(pairs)


def _document(body: bytes, rename: Rename, values: dict[str, str]) -> bytes:
    """Return a document with the other S3's values: texts of elements, targets of access logs, and ARNs of buckets."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return body
    text = _ARN.sub(lambda match: f"{match[1]}{rename(match[2]) or match[2]}", text)
    if text.lstrip().startswith("{"):
        return _words(text, values).encode()

    def element(match: re.Match[str]) -> str:
        name, content = match.groups()
        plain = html.unescape(content)
        if name == "TargetBucket":
            changed = rename(plain) or plain
        else:
            changed = _words(plain, values)
        return match[0] if changed == plain else f"<{name}>{html.escape(changed)}</"

    return (_ELEMENT.sub(element, text) if values or "<TargetBucket>" in text else text).encode()


def correct_digests(headers: dict[str, str], before: bytes, after: bytes) -> None:
    """Replace the digests of a body that was changed. Those that were wrong stay wrong."""
    digests: list[tuple[str, Callable[[bytes], str]]] = [
        ("content-length", lambda data: str(len(data))),
        ("content-md5", lambda data: b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()),
        (PAYLOAD_HASH, lambda data: hashlib.sha256(data).hexdigest()),
    ]
    for header, algorithm in BY_HEADER.items():
        if header in headers:
            digests.append((header, lambda data, digest=algorithm.digest: b64encode(digest((data,))).decode()))  # type: ignore[misc]
    for name, digest in digests:
        if name in headers and headers[name] == digest(before):
            headers[name] = digest(after)


def sends_made_etags(operation: str | None, request: Request, translated: Request) -> bool:
    """Return whether a request completes an upload with parts whose ETags the two S3s have made up, or made differently."""
    return operation == "CompleteMultipartUpload" and request.payload.data != translated.payload.data


def check_retention(request: Request) -> None:
    """Raise Untranslatable for what nobody could delete before its time."""
    mode = request.headers.get("x-amz-object-lock-mode", "")
    if mode.upper() == "COMPLIANCE" or b"<Mode>COMPLIANCE</Mode>" in request.payload.data[:100_000]:
        raise Untranslatable("retention in COMPLIANCE mode is not sent, since nobody could clean it up")


def is_document(operation: str | None) -> bool:
    """Return whether the request body of an operation is a document of S3's; None: unknown, and taken for bytes."""
    found = s3_model().operations.get(operation) if operation is not None else None
    return found is not None and not found.streaming_input
