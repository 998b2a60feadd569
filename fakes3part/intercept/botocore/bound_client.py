"""Makes boto3 clients bound to one fake: it handles their requests whether or not an interception is active."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore import UNSIGNED
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from botocore.hooks import first_non_none_response

from .send import to_aws_response, to_request

if TYPE_CHECKING:
    from ...auth.callers import Principal
    from ...backend import Backend
    from ...clock import Clock


def session() -> Any:
    """Return a new boto3 session. That takes 50 ms; a client of a used one takes 3."""
    import boto3.session

    return boto3.session.Session()


def bound_client(backend: Backend, session: Any, principal: Principal | None, settings: dict[str, Any]) -> Any:
    """A client signed by ``principal``, None: not at all. ``settings`` go to ``Session.client``."""
    options: dict[str, Any] = {"region_name": backend.settings.region, **settings}
    if principal is None:
        config = options.get("config") or Config()
        options["config"] = config.merge(Config(signature_version=UNSIGNED))
    else:
        options.setdefault("aws_access_key_id", principal.access_key)
        options.setdefault("aws_secret_access_key", principal.secret_key)
        options.setdefault("aws_session_token", principal.session_token)
    client = session.client("s3", **options)

    def send(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        scheme, _slashes, rest = request.url.partition("://")
        host, _slash, target = rest.partition("/")
        path, _mark, query = target.partition("?")
        return to_aws_response(request, backend.handle(to_request(request, scheme, host, f"/{path}", query)))

    # The emitter is the client's own, and this event is the last one before the network.
    client.meta.events.register("before-send.s3", send)
    client._endpoint._event_emitter = _RetryEmitter(client.meta.events, backend.clock)
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
