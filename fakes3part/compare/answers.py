"""What a request was answered, by a fake or another S3: status, headers and body, as plain data."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple

from ..message import Response

KEPT = 1024 * 1024
"""The largest body, in bytes, that is stored; of a larger one size and digest."""

BODILESS = frozenset({204, 304})


class Content(NamedTuple):
    """A body.

    Attributes:
        size: in bytes.
        sha256: of its bytes, in hex.
        data: its bytes; None if there are more than `KEPT`.
    """

    size: int
    sha256: str
    data: bytes | None

    @classmethod
    def of(cls, chunks: Iterable[bytes | memoryview], kept: float = KEPT) -> Content:
        """Return the content of chunks, of which at most ``kept`` bytes are in memory at once, and one chunk."""
        size, digest, stored = 0, sha256(), bytearray()
        for chunk in chunks:
            size += len(chunk)
            digest.update(chunk)
            if size <= kept:
                stored += chunk
        return cls(size, digest.hexdigest(), bytes(stored) if size <= kept else None)

    @property
    def text(self) -> str:
        """The body as text; '' if it is not stored."""
        return (self.data or b"").decode("utf-8", "replace")


NOTHING = Content.of(())


class Answer(NamedTuple):
    """A response.

    Attributes:
        headers: in the order sent.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    content: Content = NOTHING

    def by_name(self) -> dict[str, str]:
        """Return the headers by lower-case name; several of one name are joined with a comma."""
        found: dict[str, str] = {}
        for name, value in self.headers:
            key = name.lower()
            found[key] = f"{found[key]}, {value}" if key in found else value
        return found


def answer_of(response: Response, method: str, kept: float = KEPT) -> Answer:
    """Return the response of a fake as a client gets it. ``kept``: as of `Content.of`."""
    bodiless = method == "HEAD" or response.status in BODILESS
    return Answer(response.status, tuple(response.headers), NOTHING if bodiless else Content.of(response.body, kept))
