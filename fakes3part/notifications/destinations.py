"""The destinations that a test registers for an ARN (``FakeS3.deliver_to``), and how a notification is passed to them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeAlias

from .notification import EVENT_BUS, FUNCTION, QUEUE, TOPIC, SentNotification

if TYPE_CHECKING:
    from typing_extensions import Self

Receiver: TypeAlias = "Callable[..., object] | str"
"""A function, or the URL of a webhook. The function of a Lambda's ARN is called as ``function(event, context)``, the function of
any other ARN as ``function(message)`` (`SentNotification.message`)."""

_KINDS = {"sqs": QUEUE, "sns": TOPIC, "lambda": FUNCTION, "events": EVENT_BUS}
_ARN = re.compile(r"arn:aws[a-zA-Z-]*:(sqs|sns|lambda|events):[a-zA-Z0-9-]+:[0-9]{12}:[a-zA-Z0-9_.$:/-]+")
_TIMEOUT = 10
"""Seconds."""


class Destination:
    """A function or URL that gets the notifications for an ARN, until `cancel` or the end of its ``with`` block.

    Attributes:
        arn: of a queue, a topic, a function or an event bus.
        receiver: the function or URL.
    """

    def __init__(self, arn: str, receiver: Receiver, on_cancel: Callable[[Destination], None]) -> None:
        self.arn = check_arn(arn)
        self.receiver = _check_receiver(receiver)
        self._on_cancel = on_cancel

    @property
    def via(self) -> str:
        """How notifications get there: ``url`` or ``function``."""
        return "url" if isinstance(self.receiver, str) else "function"

    def receive(self, sent: SentNotification) -> None:
        """Pass a notification on, in this thread.

        Raises:
            Exception: what the function raises; OSError if the URL does not respond with a status of success.
        """
        if isinstance(self.receiver, str):
            _post(self.receiver, sent)
        elif sent.kind == FUNCTION:
            self.receiver(_copy(sent.message), LambdaContext(sent.destination, sent.message_id))
        else:
            self.receiver(_copy(sent.message))

    def to_json(self) -> dict[str, Any]:
        """Return the ARN, and the URL or the function's repr."""
        return {"arn": self.arn, self.via: self.receiver if isinstance(self.receiver, str) else repr(self.receiver)}

    def cancel(self) -> None:
        """Deliver no more notifications there. Idempotent."""
        self._on_cancel(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.cancel()

    def __repr__(self) -> str:
        return f"<Destination {self.arn} -> {self.receiver!r}>"


class LambdaContext:
    """The second argument of a Lambda function, with the attributes of AWS Lambda's context object."""

    def __init__(self, arn: str, request_id: str) -> None:
        name, _, version = arn.partition(":function:")[2].partition(":")
        self.aws_request_id = request_id
        self.function_name = name
        self.function_version = version or "$LATEST"
        self.invoked_function_arn = arn
        self.log_group_name = f"/aws/lambda/{name}"
        self.log_stream_name = request_id
        self.memory_limit_in_mb = "128"

    def get_remaining_time_in_millis(self) -> int:
        """Return 60,000 always: the time is not measured."""
        return 60_000


def check_arn(arn: str) -> str:
    """Return the ARN.

    Raises:
        ValueError: it is not that of a queue, a topic, a function or an event bus.
    """
    if not isinstance(arn, str) or not _ARN.fullmatch(arn):
        allowed = "an SQS queue, an SNS topic, a Lambda function or an event bus"
        raise ValueError(f"a destination is the ARN of {allowed}, not {arn!r}")
    return arn


def kind_of(arn: str) -> str:
    """Return the kind of destination that an ARN names."""
    return _KINDS[arn.split(":")[2]]


def _check_receiver(receiver: Receiver) -> Receiver:
    if isinstance(receiver, str):
        from .aws_services import is_aws

        if not re.match("https?://[^/]", receiver):
            raise ValueError(f"a webhook is a URL that begins with http:// or https://, not {receiver!r}")
        if is_aws(receiver):
            raise ValueError(f"a fake sends nothing to the real AWS: {receiver}")
        return receiver
    if not callable(receiver):
        raise ValueError(f"notifications are delivered to a function or a URL, not to {receiver!r}")
    from inspect import iscoroutinefunction

    if iscoroutinefunction(receiver):
        raise ValueError(f"notifications are delivered to plain functions, not to coroutine functions such as {receiver!r}")
    return receiver


def _copy(message: dict[str, Any]) -> dict[str, Any]:
    """Return a copy, which the function may change."""
    copied: dict[str, Any] = json.loads(json.dumps(message))
    return copied


def _post(url: str, sent: SentNotification) -> None:
    """Post a notification to a webhook: of a topic, what SNS posts to its HTTP subscribers; else S3's document."""
    from urllib.request import ProxyHandler, Request, build_opener

    from .messages import to_text

    headers = {"Content-Type": "application/json", "User-Agent": "fakes3part"}
    body = sent.document
    if sent.kind == TOPIC:
        body = sent.message
        headers = {
            "Content-Type": "text/plain; charset=UTF-8",
            "User-Agent": "Amazon Simple Notification Service Agent",
            "x-amz-sns-message-type": "Notification",
            "x-amz-sns-message-id": sent.message_id,
            "x-amz-sns-topic-arn": sent.destination,
        }
    request = Request(url, to_text(body).encode(), headers, method="POST")
    with build_opener(ProxyHandler({})).open(request, timeout=_TIMEOUT) as response:
        response.read()
