"""The stack of active interceptions: the one thing of the project that a module, not a `FakeS3`, keeps.

A `Table` is one immutable state of that stack. Entering and leaving put another one into ``table``; a door reads ``table``
once per request and takes no lock.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar
from urllib.parse import urlsplit

from ..protocol.aws_hosts import KMS, S3, S3_CONTROL, STS, Endpoint, aws_endpoint, normalize_host

if TYPE_CHECKING:
    from ..backend import Backend

_REMEMBERED_HOSTS = 512
_COMPANION_SERVICES = frozenset({STS, KMS, S3_CONTROL})
_OTHER_MOCKS_FIRST = frozenset({STS, KMS})
"""Left to another mock that serves them too. (S3 Control is not: its requests are about the buckets of this fake.)"""


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
    _companions: frozenset[str] = field(init=False, default=frozenset())

    def __post_init__(self) -> None:
        for entry in self.entries:
            options = entry.options
            if options is not DEFAULT:
                self.urls += options.urls
                self._services |= options.services
            self.mock_credentials |= options.mock_credentials
            self._serves_s3 |= options.whitelist is None or "s3" in options.whitelist
            self._companions |= _COMPANION_SERVICES if options.whitelist is None else _COMPANION_SERVICES & options.whitelist
        self._serves_s3 &= "s3" not in self._services
        self._companions = self._companions | {S3_CONTROL} if self._serves_s3 else self._companions - {S3_CONTROL}
        self._companions -= self._services

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
            if any(matches_endpoint(endpoint, host) for endpoint in entry.fake.settings.custom_endpoints):
                return entry.fake
        if not self.entries:
            return None
        service = aws_endpoint(host).service
        serves = self._serves_s3 if service is S3 else service in self._companions
        return self.entries[-1].fake if serves else None

    def yields_to_other_mocks(self, host: str) -> bool:
        """Return whether another active mock may serve this host."""
        return self.serving(host) is None or aws_endpoint(host).service in _OTHER_MOCKS_FIRST

    def refuses(self, host: str) -> Endpoint | None:
        """Return the endpoint of AWS that a host names if a connection to it must be refused; None if it is allowed."""
        if not self.entries:
            return None
        endpoint = aws_endpoint(host)
        return endpoint if endpoint.is_aws and not endpoint.belongs_to(self._services) else None

    def lets_through_url(self, url: str) -> bool:
        """Is it one of the URLs that were let through by pattern?"""
        return any(pattern.match(url) for pattern in self.urls)


def matches_endpoint(endpoint: str, host: str) -> bool:
    """Return whether ``host`` is this custom endpoint (``host``, ``host:port`` or a URL), maybe with a bucket in front.

    An endpoint without a port matches every port of its host.
    """
    parts = urlsplit(endpoint if "//" in endpoint else f"//{endpoint}")
    base = parts.hostname or ""
    name = normalize_host(host)
    if name != base and not name.endswith(f".{base}"):
        return False
    return parts.port is None or urlsplit(f"//{host}").port == parts.port


table = Table()
