"""The interface to HTTP libraries in tests: what they send and raise is theirs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from tests.support.doors import RawResponse

TIMEOUT = 5.0
"""Seconds until a client gives up. In-process it does so at once."""

Body = bytes | Iterable[bytes] | Any
"""Bytes, an iterable of them, or a file."""


class HttpClient(ABC):
    """A client of one library, with its connections, which it keeps.

    Attributes:
        name: the library's.
        follows_redirects: whether it follows redirects of GET requests by default.
        resends_bodies: whether it follows a 307 of a PUT too, with the body.
        upload_failure: what an upload raises whose body raises a ZeroDivisionError.
        refused, reset, timeout: what it raises if the connection is refused or reset, or if no response comes in time.
        cut, cut_chunked, body_reset, body_timeout: what reading a body raises if it is too short, with a length and in chunks, if
            the connection is reset within it, or if the rest does not come in time.
    """

    name: ClassVar[str]
    follows_redirects: ClassVar[bool] = True
    resends_bodies: ClassVar[bool] = False
    upload_failure: ClassVar[type[Exception]] = ZeroDivisionError
    refused: ClassVar[type[Exception]]
    reset: ClassVar[type[Exception]]
    timeout: ClassVar[type[Exception]]
    cut: ClassVar[type[Exception]]
    cut_chunked: ClassVar[type[Exception]]
    body_reset: ClassVar[type[Exception]]
    body_timeout: ClassVar[type[Exception]]

    def __init__(self, timeout: float = TIMEOUT) -> None:
        self.seconds = timeout

    @abstractmethod
    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, body: Body = None, *, proxy: str | None = None
    ) -> RawResponse:
        """Return the response, with the whole body, whatever its status is."""

    @abstractmethod
    def chunks(self, url: str, size: int) -> Iterator[bytes]:
        """Yield the body of a GET as it comes, ``size`` bytes at a time."""

    @abstractmethod
    def close(self) -> None:
        """Close the connections."""


def raw_response(status: int, headers: Iterable[tuple[str, str]], body: bytes) -> RawResponse:
    return RawResponse(status, {name.lower(): value for name, value in headers}, body)
