"""A boto3 client that belongs to one fake: its requests go there, whether an interception is active or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore import UNSIGNED
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config

from .botocore import to_answer, to_request

if TYPE_CHECKING:
    from ..auth.accounts import Principal
    from ..fake import FakeS3


def session() -> Any:
    """A boto3 session of our own: making one takes 50 ms, a client of a warm one 3."""
    import boto3.session

    return boto3.session.Session()


def bound_client(fake: FakeS3, warm: Any, principal: Principal | None, settings: dict[str, Any]) -> Any:
    """A client signed by ``principal``, None: not at all. ``settings`` go to ``Session.client``."""
    options: dict[str, Any] = {"region_name": fake.settings.region, **settings}
    if principal is None:
        config = options.get("config") or Config()
        options["config"] = config.merge(Config(signature_version=UNSIGNED))
    else:
        options.setdefault("aws_access_key_id", principal.access_key)
        options.setdefault("aws_secret_access_key", principal.secret_key)
        options.setdefault("aws_session_token", principal.session_token)
    client = warm.client("s3", **options)

    def send(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        scheme, _slashes, rest = request.url.partition("://")
        host, _slash, target = rest.partition("/")
        path, _mark, query = target.partition("?")
        return to_answer(request, fake.handle(to_request(request, scheme, host, f"/{path}", query)))

    # The client's own emitter, which no other client shares: the last stop before the network.
    client.meta.events.register("before-send.s3", send)
    return client
