"""The stack of active interceptions: the one thing of the project that a module, not a `FakeS3`, keeps.

A `Table` is one immutable state of that stack. Entering and leaving put another one into ``table``; a door reads ``table``
once per request and takes no lock.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from ..services.dispatch import CONTROL, KMS, STS
from .aws_hosts import Host, Kind, beside, claims, look_up

if TYPE_CHECKING:
    from ..backend import Backend

_REMEMBERED_HOSTS = 512
_BESIDE = frozenset({STS, KMS, CONTROL})
_OTHERS_FIRST = frozenset({STS, KMS})
"""Another mock that claims them may have them: what S3 Control says is about our buckets, what these say need not be."""


@dataclass(frozen=True)
class Options:
    """What one interception lets through and hides (moto's names, moto's meaning).

    Attributes:
        mock_credentials: hide the user's AWS configuration and give fake credentials.
        services: let requests to these services' real hosts through (``"dynamodb"``, ``"sts"``, even ``"s3"``, which takes S3
            Control with it).
        urls: let URLs through that one of these matches, from their start, the query left off.
        whitelist: refuse S3 (and S3 Control) too when the list is given without ``"s3"``; STS and KMS likewise.
    """

    mock_credentials: bool = True
    services: frozenset[str] = frozenset()
    urls: tuple[re.Pattern[str], ...] = ()
    whitelist: frozenset[str] | None = None


DEFAULT = Options()

B = TypeVar("B", bound="Backend", covariant=True)


@dataclass(eq=False)
class Entry(Generic[B]):
    """One interception: the fake that answers, and how. Compared by identity: the same fake may be entered twice."""

    fake: B
    options: Options = DEFAULT


@dataclass(eq=False)
class Table:
    """The interceptions that are active, the latest last, and what they mean for each host asked so far."""

    entries: tuple[Entry[Backend], ...] = ()
    answers: dict[str, Backend] = field(default_factory=dict)
    mock_credentials: bool = field(init=False, default=False)
    urls: tuple[re.Pattern[str], ...] = field(init=False, default=())
    _services: frozenset[str] = field(init=False, default=frozenset())
    _serves_s3: bool = field(init=False, default=False)
    _serves_beside: frozenset[str] = field(init=False, default=frozenset())

    def __post_init__(self) -> None:
        for entry in self.entries:
            options = entry.options
            if options is not DEFAULT:
                self.urls += options.urls
                self._services |= options.services
            self.mock_credentials |= options.mock_credentials
            self._serves_s3 |= options.whitelist is None or "s3" in options.whitelist
            self._serves_beside |= _BESIDE if options.whitelist is None else _BESIDE & options.whitelist
        self._serves_s3 &= "s3" not in self._services
        self._serves_beside = self._serves_beside | {CONTROL} if self._serves_s3 else self._serves_beside - {CONTROL}
        self._serves_beside -= self._services

    def serving(self, host: str) -> Backend | None:
        """The fake that answers for this host: the latest that claims it. None: nobody does."""
        fake = self.answers.get(host)
        if fake is None:
            fake = self._find(host)
            if fake is not None:
                if len(self.answers) >= _REMEMBERED_HOSTS:
                    self.answers.clear()
                self.answers[host] = fake
        return fake

    def _find(self, host: str) -> Backend | None:
        for entry in reversed(self.entries):
            if any(claims(endpoint, host) for endpoint in entry.fake.settings.custom_endpoints):
                return entry.fake
        if not self.entries:
            return None
        known = look_up(host)
        serves = self._serves_s3 if known.kind is Kind.S3 else beside(host, known) in self._serves_beside
        return self.entries[-1].fake if serves else None

    def leaves(self, host: str) -> bool:
        """Whether another mock that is active may answer for this host, as far as we are concerned."""
        return self.serving(host) is None or beside(host, look_up(host)) in _OTHERS_FIRST

    def refuses(self, host: str) -> Host | None:
        """What the host is when a connection to it must not leave the process; None when it may."""
        if not self.entries:
            return None
        known = look_up(host)
        return None if known.kind is Kind.FOREIGN or known.belongs_to(self._services) else known

    def lets_through_url(self, url: str) -> bool:
        """Is it one of the URLs that were let through by pattern?"""
        return any(pattern.match(url) for pattern in self.urls)


table = Table()
