"""Delivers notifications to the services of another fake: moto in this process, or an endpoint that a variable names.

No request ever reaches the real AWS: endpoints on its hosts do not count, and what moto does not serve is refused.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any, NoReturn
from urllib.parse import urlsplit

from ..locks import new_lock
from ..protocol.aws_hosts import METADATA, aws_endpoint
from .messages import to_text
from .notification import EVENT_BUS, FUNCTION, QUEUE, TOPIC, SentNotification

VARIABLES = {
    QUEUE: ("AWS_ENDPOINT_URL_SQS",),
    TOPIC: ("AWS_ENDPOINT_URL_SNS",),
    FUNCTION: ("AWS_ENDPOINT_URL_LAMBDA",),
    EVENT_BUS: ("AWS_ENDPOINT_URL_EVENTBRIDGE", "AWS_ENDPOINT_URL_EVENTS"),
}
"""Kind of destination -> the environment variables that name the endpoint of its service."""

_SERVICES = {QUEUE: "sqs", TOPIC: "sns", FUNCTION: "lambda", EVENT_BUS: "events"}
_CREDENTIALS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
_NO_FILES: dict[str, tuple[None, None, str | None, None]] = {
    "ca_bundle": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
    "profile": (None, None, None, None),
    "retry_mode": (None, None, "standard", None),
}
"""Variables of botocore's sessions -> where their values come from: the user's files and environment are not read."""

_TIMEOUT = 10
"""Seconds."""

MOTO = "moto"
ENDPOINT = "endpoint"

_clients: dict[tuple[str, str, str | None], Any] = {}
"""Clients by service, region and URL; URL None: for moto."""
_lock = new_lock()


class NotServedError(Exception):
    """A request that would have reached the real AWS. Nothing was sent."""


def is_aws(url: str) -> bool:
    """Return whether a URL is on a host of AWS."""
    endpoint = aws_endpoint(urlsplit(url).netloc)
    return endpoint.suffix is not None or endpoint.kind is METADATA


def route(kind: str) -> tuple[str, str | None] | None:
    """Return how the service of a kind of destination is reached now: `ENDPOINT` and its URL, or `MOTO` and None.

    None: it is not reached at all.
    """
    for variable in VARIABLES[kind]:
        url = os.environ.get(variable, "")
        if url and not is_aws(url):
            return ENDPOINT, url
    return (MOTO, None) if _moto_is_active() else None


def _moto_is_active() -> bool:
    stubber = getattr(sys.modules.get("moto.core.models"), "botocore_stubber", None)
    return bool(getattr(stubber, "enabled", False))


def send(sent: SentNotification, url: str | None) -> None:
    """Send a notification to the service of its destination.

    Args:
        url: of the service; None: moto.

    Raises:
        Exception: what botocore raises, if there is no such destination or the service cannot be reached.
    """
    _SENDERS[sent.kind](_client(sent.kind, sent.destination, url), sent)


def policy(kind: str, arn: str, url: str | None) -> str | None:
    """Return the policy of a destination, in JSON; None: it has none. ``url`` as for `send`.

    Raises:
        Exception: what botocore raises if there is no such destination; of a function, also if it has no policy.
    """
    client = _client(kind, arn, url)
    if kind == QUEUE:
        queue = client.get_queue_url(QueueName=_name(arn))["QueueUrl"]
        text = client.get_queue_attributes(QueueUrl=queue, AttributeNames=["Policy"]).get("Attributes", {}).get("Policy")
    elif kind == TOPIC:
        text = client.get_topic_attributes(TopicArn=arn)["Attributes"].get("Policy")
    else:
        text = client.get_policy(FunctionName=arn)["Policy"]
    return None if text is None else str(text)


def _client(kind: str, arn: str, url: str | None) -> Any:
    """Return a client of a destination's service, in its region."""
    service, region = _SERVICES[kind], arn.split(":")[3]
    with _lock:
        client = _clients.get((service, region, url))
        if client is None:
            client = _clients[service, region, url] = _new_client(service, region, url)
    return client


def _new_client(service: str, region: str, url: str | None) -> Any:
    from botocore.config import Config
    from botocore.session import Session

    options: dict[str, Any] = {
        "ignore_configured_endpoint_urls": True,
        "retries": {"total_max_attempts": 1},
        "connect_timeout": _TIMEOUT,
        "read_timeout": _TIMEOUT,
        "proxies": {},
    }
    create_client: Any = Session(session_vars=_NO_FILES).create_client
    client = create_client(service, region, endpoint_url=url, config=Config(**options), **_CREDENTIALS)
    if url is None:
        client._endpoint.http_session = _NoNetwork()  # moto responds before a request gets there
    return client


class _NoNetwork:
    """Takes the place of a client's HTTP session, and sends nothing."""

    def send(self, request: Any) -> NoReturn:
        raise NotServedError(f"moto does not serve {request.url}")

    def close(self) -> None:
        """Do nothing."""


def _name(arn: str) -> str:
    return arn.rpartition(":")[2]


def _send_to_queue(client: Any, sent: SentNotification) -> None:
    attributes = {} if sent.trace is None else {"AWSTraceHeader": {"DataType": "String", "StringValue": sent.trace}}
    client.send_message(
        QueueUrl=client.get_queue_url(QueueName=_name(sent.destination))["QueueUrl"],
        MessageBody=to_text(sent.document),
        MessageSystemAttributes=attributes,
    )


def _publish(client: Any, sent: SentNotification) -> None:
    client.publish(TopicArn=sent.destination, Message=sent.message["Message"], Subject=sent.message["Subject"])


def _invoke(client: Any, sent: SentNotification) -> None:
    client.invoke(FunctionName=sent.destination, InvocationType="Event", Payload=to_text(sent.document).encode())


def _put_event(client: Any, sent: SentNotification) -> None:
    event = sent.document
    entry = {
        "Source": event["source"],
        "DetailType": event["detail-type"],
        "Detail": to_text(event["detail"]),
        "Resources": event["resources"],
        "Time": sent.time,
    }
    response = client.put_events(Entries=[entry])
    for result in response["Entries"]:
        if "ErrorCode" in result:
            raise NotServedError(f"{result['ErrorCode']}: {result.get('ErrorMessage', '')}")


_SENDERS: dict[str, Callable[[Any, SentNotification], None]] = {
    QUEUE: _send_to_queue,
    TOPIC: _publish,
    FUNCTION: _invoke,
    EVENT_BUS: _put_event,
}
