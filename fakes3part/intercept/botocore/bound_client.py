"""Makes boto3 clients bound to one fake: it handles their requests whether or not an interception is active."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from botocore import UNSIGNED
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from botocore.hooks import first_non_none_response

from ..handle import handle
from .send import to_aws_response, to_request

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

    from ...auth.callers import Principal
    from ...backend import Backend
    from ...clock import Clock


class ClientOptions(TypedDict, total=False):
    """Keyword arguments of ``boto3.session.Session.client``."""

    region_name: str | None
    api_version: str | None
    use_ssl: bool | None
    verify: bool | str | None
    endpoint_url: str | None
    aws_access_key_id: str | None
    aws_secret_access_key: str | None
    aws_session_token: str | None
    config: Config | None
    aws_account_id: str | None


def new_session() -> Any:
    """Return a new boto3 session. That takes 50 ms; a client of a used one takes 3."""
    import boto3.session

    return boto3.session.Session()


def bound_client(backend: Backend, session: Any, principal: Principal | None, options: ClientOptions) -> S3Client:
    """Return a client whose requests are signed by ``principal``; None: they are not signed."""
    options = {"region_name": backend.settings.region, **options}
    if principal is None:
        config = options.get("config") or Config()
        options["config"] = config.merge(Config(signature_version=UNSIGNED))
    else:
        options.setdefault("aws_access_key_id", principal.access_key)
        options.setdefault("aws_secret_access_key", principal.secret_key)
        options.setdefault("aws_session_token", principal.session_token)
    made: Any = session.client("s3", **options)  # Any: types_boto3 knows neither handlers with results nor the endpoint

    def send(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        scheme, _slashes, rest = request.url.partition("://")
        host, _slash, target = rest.partition("/")
        path, _mark, query = target.partition("?")
        return to_aws_response(request, handle(backend, to_request(request, scheme, host, f"/{path}", query)))

    # The emitter is the client's own, and this event is the last one before the network.
    made.meta.events.register("before-send.s3", send)
    made._endpoint._event_emitter = _RetryEmitter(made.meta.events, backend.clock)
    client: S3Client = made
    return client


class _RetryEmitter:
    """The event emitter of a bound client's endpoint. Pauses before a retry pass on the fake's clock if a test controls it.

    (`retry_sleep` does the same for all intercepted clients by patches, which a bound client does not need.)
    """

    def __init__(self, events: Any, clock: Clock) -> None:
        self._events = events
        self._clock = clock

    def emit(self, event_name: str, **arguments: Any) -> Any:
        responses = self._events.emit(event_name, **arguments)
        if not event_name.startswith("needs-retry.") or not self._clock.is_controlled:
            return responses
        delay = first_non_none_response(responses)
        if delay:
            self._clock.sleep(delay)
            return [(self, 0)]
        return responses

    def __getattr__(self, name: str) -> Any:
        return getattr(self._events, name)
