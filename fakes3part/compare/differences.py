"""Compares the responses of a fake and of another S3 to the same request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .answers import Answer
from .correspondence import Correspondence
from .documents import Node, pairs, parse
from .volatile import (
    CORS_HEADERS,
    IGNORED_ELEMENTS,
    IGNORED_HEADERS,
    UNORDERED_ELEMENTS,
    has_opaque_etag,
    has_same_times,
    location_path,
)

DOWNLOADS = frozenset({"GetObject", "GetObjectAnnotation", "GetObjectTorrent"})
"""Operations whose response is the bytes that were stored, and no document of S3's."""

STREAMS = frozenset({"SelectObjectContent"})
"""Operations whose response is cut into events as the service likes: only status and headers are compared."""

_LENGTH = "content-length"


class Difference(NamedTuple):
    """One difference.

    Attributes:
        where: ``status``, ``code``, ``message``, ``body``, ``header NAME``, or the path of an element.
        fake: the fake's value; None: it has none.
        real: the other S3's value; None: it has none.
    """

    where: str
    fake: str | None
    real: str | None


class ErrorSummary(NamedTuple):
    """Code and message of an error document; '' in the response to a HEAD, and of a success."""

    code: str
    message: str


def error_of(answer: Answer) -> ErrorSummary:
    """Return code and message of a response. A 200 may be an error too, as of CompleteMultipartUpload."""
    root = parse(answer.content.data or b"") if answer.status >= 200 and answer.content.size < 65536 else None
    if root is None or root.name != "Error":
        return ErrorSummary("", "")
    return ErrorSummary(root.find("Code") or "", root.find("Message") or "")


def compare(
    fake: Answer,
    real: Answer,
    correspondence: Correspondence,
    *,
    operation: str | None = None,
    from_browser: bool = False,
    opaque_etag: bool = False,
) -> list[Difference]:
    """Return how two responses differ, and learn which made-up values belong together.

    If status or code differ, the rest differs for that reason, and is left out.

    Args:
        real: with the fake's names of buckets.
        operation: AWS's name of it; None: unknown.
        from_browser: whether the request has an Origin header, so that headers of CORS count.
        opaque_etag: whether the ETag is made of opaque ones, as that of an upload whose parts are encrypted.
    """
    correspondence.learn(fake, real)
    found = [*_outcome(fake, real, correspondence)]
    opaque_etag = opaque_etag or has_opaque_etag(fake.by_name()) or has_opaque_etag(real.by_name())
    if not any(difference.where in ("status", "code") for difference in found):
        found += _headers(fake, real, correspondence, operation, from_browser, opaque_etag)
        found += _body(fake, real, correspondence, operation, opaque_etag)
    correspondence.learn_etags(fake, real)
    return found


def _outcome(fake: Answer, real: Answer, correspondence: Correspondence) -> Iterator[Difference]:
    fake_error, real_error = error_of(fake), error_of(real)
    if fake.status != real.status:
        yield Difference("status", str(fake.status), str(real.status))
    if fake_error.code != real_error.code:
        yield Difference("code", fake_error.code or None, real_error.code or None)
    if not _is_same("Message", fake_error.message, real_error.message, correspondence):
        yield Difference("message", fake_error.message or None, real_error.message or None)


def _headers(
    fake: Answer, real: Answer, correspondence: Correspondence, operation: str | None, from_browser: bool, opaque_etag: bool
) -> Iterator[Difference]:
    fakes, reals = fake.by_name(), real.by_name()
    for name in sorted(fakes.keys() | reals.keys()):
        if name in IGNORED_HEADERS or (name == _LENGTH and not _counts_length(fake, operation)):
            continue
        if CORS_HEADERS.fullmatch(name) and not from_browser:
            continue
        one, other = fakes.get(name), reals.get(name)
        if name == "etag" and opaque_etag and one and other:
            continue
        if one is None or other is None or not _is_same(name, one, other, correspondence):
            yield Difference(f"header {name}", one, other)


def _counts_length(fake: Answer, operation: str | None) -> bool:
    """Return whether the length is an object's. That of a document depends on ids, and S3 sends documents in chunks."""
    return fake.status < 300 and (operation in DOWNLOADS or operation == "HeadObject")


def _body(
    fake: Answer, real: Answer, correspondence: Correspondence, operation: str | None, opaque_etag: bool
) -> Iterator[Difference]:
    if fake.content == real.content or operation in STREAMS:
        return
    is_stored = operation in DOWNLOADS and fake.status < 300
    fake_root = None if is_stored else parse(fake.content.data or b"")
    real_root = None if is_stored else parse(real.content.data or b"")
    if fake_root is None or real_root is None:
        yield Difference("body", _describe(fake), _describe(real))
    elif fake_root.name != real_root.name:
        yield Difference("root element", fake_root.name, real_root.name)
    else:
        yield from _elements("", fake_root, real_root, correspondence, opaque_etag)


def _describe(answer: Answer) -> str | None:
    """Return size and digest of a body in a few words; None: it is empty."""
    content = answer.content
    return f"{content.size} bytes, sha256 {content.sha256[:12]}..." if content.size else None


def _elements(path: str, fake: Node, real: Node, correspondence: Correspondence, opaque: bool) -> Iterator[Difference]:
    for label, one, other in pairs(fake, real, UNORDERED_ELEMENTS):
        name = label.partition("[")[0]
        where = f"{path}/{label}" if path else label
        is_of_error = fake.name == "Error" and not path and name in ("Code", "Message")
        if name in IGNORED_ELEMENTS or is_of_error or (name == "ETag" and opaque and one and other):
            continue
        if one is None or other is None:
            yield Difference(f"<{where}>", None if one is None else one.outline(), None if other is None else other.outline())
        elif one.children or other.children:
            yield from _elements(where, one, other, correspondence, opaque)
        elif not _is_same(name, one.text, other.text, correspondence):
            yield Difference(f"<{where}>", one.text, other.text)


def _is_same(name: str, fake: str, real: str, correspondence: Correspondence) -> bool:
    if fake == real or fake == correspondence.in_fake(real) or has_same_times(fake, correspondence.in_fake(real)):
        return True
    return name.lower() == "location" and location_path(fake) == location_path(real)
