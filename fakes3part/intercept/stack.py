"""The stack of active interceptions, the only state of the project that is global to the process.

`ActiveInterceptions` is one state of the stack. Entering and leaving an interception replace ``active`` by another one; a door
reads ``active`` once for each request and takes no lock.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeAlias, TypeVar
from urllib.parse import urlsplit

from ..protocol.aws_hosts import KMS, S3, S3_CONTROL, STS, Endpoint, aws_endpoint, normalize_host

if TYPE_CHECKING:
    from ..backend import Backend

_REMEMBERED_HOSTS = 512
_COMPANION_SERVICES = frozenset({STS, KMS, S3_CONTROL})
_OTHER_MOCKS_FIRST = {STS: "strict_credentials", KMS: "strict_kms"}
"""Left to another mock that serves them too, unless this setting makes S3 know only the sessions or keys of the fake itself.

(S3 Control is not left to it: its requests are about the buckets of the fake.)
"""

Others: TypeAlias = Literal["moto", "refuse"]
"""Who handles requests to the services that a fake does not serve: moto, or nobody (`ServiceNotFaked`)."""


@dataclass(frozen=True)
class Options:
    """The options of one interception, with moto's names and meanings.

    Attributes:
        mock_credentials: whether to hide the user's AWS configuration and set fake credentials.
        services: services whose requests go to their real hosts (``"dynamodb"``, ``"sts"``; ``"s3"`` includes S3 Control).
        urls: patterns of URLs, without a query, whose requests are sent for real. They match from the start of the URL.
        whitelist: the services to serve; without ``"s3"``, requests to S3 and S3 Control are refused, and those to STS and KMS
            likewise. None: all of them.
        others: who handles the services that the fake does not serve.
        moto_config: what moto is entered with, if ``others`` says so; None: moto's defaults.
    """

    mock_credentials: bool = True
    services: frozenset[str] = frozenset()
    urls: tuple[re.Pattern[str], ...] = ()
    whitelist: frozenset[str] | None = None
    others: Others = "refuse"
    moto_config: Mapping[str, Any] | None = None


DEFAULT = Options()

B = TypeVar("B", bound="Backend", covariant=True)


@dataclass(eq=False)
class Interception(Generic[B]):
    """One interception: a fake and its options. Compared by identity, because the same fake may be entered twice."""

    fake: B
    options: Options = DEFAULT


@dataclass(eq=False)
class ActiveInterceptions:
    """The active interceptions, the latest last, and the fakes of the hosts requested so far.

    Attributes:
        guard: the options of a guard without a fake, which refuses AWS when no interception is active, too; None: there is none.
        is_guarding: whether AWS is refused, by an interception or by the guard.
    """

    interceptions: tuple[Interception[Backend], ...] = ()
    guard: Options | None = None
    is_guarding: bool = field(init=False, default=False)
    fakes_by_host: dict[str, Backend] = field(default_factory=dict)
    mock_credentials: bool = field(init=False, default=False)
    urls: tuple[re.Pattern[str], ...] = field(init=False, default=())
    uses_moto: bool = field(init=False, default=False)
    _services: frozenset[str] = field(init=False, default=frozenset())
    _serves_s3: bool = field(init=False, default=False)
    _companions: frozenset[str] = field(init=False, default=frozenset())

    def __post_init__(self) -> None:
        self.is_guarding = bool(self.interceptions) or self.guard is not None
        if not self.interceptions and self.guard is not None:
            self.mock_credentials = self.guard.mock_credentials
        for interception in self.interceptions:
            options = interception.options
            if options is not DEFAULT:
                self.urls += options.urls
                self._services |= options.services
                self.uses_moto |= options.others == "moto"
            self.mock_credentials |= options.mock_credentials
            self._serves_s3 |= options.whitelist is None or "s3" in options.whitelist
            self._companions |= _COMPANION_SERVICES if options.whitelist is None else _COMPANION_SERVICES & options.whitelist
        self._serves_s3 &= "s3" not in self._services
        self._companions = self._companions | {S3_CONTROL} if self._serves_s3 else self._companions - {S3_CONTROL}
        self._companions -= self._services
        if self.uses_moto:
            self._companions -= {service for service in _OTHER_MOCKS_FIRST if self._is_left_to_others(service)}

    @property
    def served_services(self) -> frozenset[str]:
        """The services that the fakes serve."""
        return self._companions | {S3} if self._serves_s3 else self._companions

    @property
    def passes_through(self) -> bool:
        """Whether requests to some service go to its real hosts."""
        return bool(self._services)

    def fake_for(self, host: str) -> Backend | None:
        """Return the fake that serves this host, the latest one; None: no fake does."""
        fake = self.fakes_by_host.get(host)
        if fake is None:
            fake = self._find(host)
            if fake is not None:
                if len(self.fakes_by_host) >= _REMEMBERED_HOSTS:
                    self.fakes_by_host.clear()
                self.fakes_by_host[host] = fake
        return fake

    def _find(self, host: str) -> Backend | None:
        for interception in reversed(self.interceptions):
            if any(matches_endpoint(endpoint, host) for endpoint in interception.fake.settings.custom_endpoints):
                return interception.fake
        if not self.interceptions:
            return None
        service = aws_endpoint(host).service
        serves = self._serves_s3 if service is S3 else service in self._companions
        return self.interceptions[-1].fake if serves else None

    def yields_to_other_mocks(self, host: str) -> bool:
        """Return whether another active mock may serve this host."""
        return self.fake_for(host) is None or self._is_left_to_others(aws_endpoint(host).service)

    def _is_left_to_others(self, service: str | None) -> bool:
        setting = _OTHER_MOCKS_FIRST.get(service or "")
        return setting is not None and not getattr(self.interceptions[-1].fake.settings, setting)

    def refused_endpoint(self, host: str) -> Endpoint | None:
        """Return the endpoint of AWS that a host names if a connection to it must be refused; None if it is allowed."""
        if not self.is_guarding:
            return None
        endpoint = aws_endpoint(host)
        services = self._services if self.guard is None else self._services | self.guard.services
        return endpoint if endpoint.is_aws and not endpoint.belongs_to(services) else None

    def lets_through_url(self, url: str) -> bool:
        """Return whether a pattern of `Options.urls` matches."""
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


active = ActiveInterceptions()

served: tuple[tuple[object, Backend], ...] = ()
"""The servers of this process that run, and their fakes. They intercept nothing; botocore's clients share their set-up."""

after_last: list[Callable[[], None]] = []
"""Called when the last interception has ended, and when the last server has while there is none."""
