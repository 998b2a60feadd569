"""The handlers of the control API that wait for events and notifications, and those for destinations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .endpoint import BadRequestError, ControlRequest, Document, NotFoundError

if TYPE_CHECKING:
    from ..backend import Backend

MAX_WAIT = 60
"""Seconds."""

FILTERS = {
    "destination": "an ARN, or its last part (the name of a queue)",
    "event": "s3:ObjectCreated:* ...",
    "bucket": "a name",
    "key": "a key",
}
_TIMEOUT = {"timeout": f"seconds to wait (10), up to {MAX_WAIT}; then 404 if there is none"}
WAIT = {**FILTERS, **_TIMEOUT}
WAIT_FOR_EVENT = {"type": "s3:ObjectCreated:* ...", "bucket": "a name", "key": "a key", **_TIMEOUT}
LIST = {**FILTERS, "status": "pending, delivered, kept or failed"}
WEBHOOK = {"arn": "of a queue, a topic, a function or an event bus", "url": "of the webhook, to which notifications are posted"}


def list_notifications(backend: Backend, request: ControlRequest) -> Document:
    """Return the notifications that match the query."""
    return {"notifications": [sent.to_json() for sent in backend.notifications.filter(**request.query)]}


def wait_for_notification(backend: Backend, request: ControlRequest) -> Document:
    """Return the first notification that matches, as soon as it has arrived.

    Raises:
        BadRequestError: the timeout is not a number of seconds, or too long.
        NotFoundError: there was none in time.
    """
    filters = dict(request.query)
    timeout = _timeout(filters)
    try:
        return backend.notifications.wait(backend.run_scheduled_work, **filters, timeout=timeout).to_json()
    except TimeoutError as error:
        raise NotFoundError(str(error)) from None


def wait_for_event(backend: Backend, request: ControlRequest) -> Document:
    """Return the record of the first event that matches, as soon as there is one.

    Raises:
        BadRequestError: the timeout is not a number of seconds, or too long.
        NotFoundError: there was none in time.
        ValueError: S3 has no such event type.
    """
    filters = dict(request.query)
    timeout, pattern = _timeout(filters), filters.get("type", "s3:*")
    try:
        bucket, key, work = filters.get("bucket"), filters.get("key"), backend.run_scheduled_work
        return backend.events.wait(work, pattern, bucket=bucket, key=key, timeout=timeout)
    except TimeoutError as error:
        raise NotFoundError(str(error)) from None


def _timeout(filters: dict[str, str]) -> float:
    """Remove the timeout from the filters, and return it.

    Raises:
        BadRequestError: it is too long.
        ValueError: it is not a number of seconds.
    """
    timeout = float(filters.pop("timeout", "10"))
    if not 0 <= timeout <= MAX_WAIT:
        raise BadRequestError(f"timeout must be 0 to {MAX_WAIT} seconds, not {timeout:g}")
    return timeout


def clear_notifications(backend: Backend, request: ControlRequest) -> Document:
    """Remove all notifications."""
    backend.notifications.clear()
    return {"status": "ok"}


def deliver_pending(backend: Backend, request: ControlRequest) -> Document:
    """Deliver what fault rules have delayed or held back."""
    backend.notifications.deliver_pending()
    return {"status": "ok"}


def list_destinations(backend: Backend, request: ControlRequest) -> Document:
    """Return the registered destinations."""
    return {"destinations": [destination.to_json() for destination in backend.notifications.destinations]}


def add_webhook(backend: Backend, request: ControlRequest) -> Document:
    """Register a webhook for an ARN.

    Raises:
        BadRequestError: ARN or URL is missing.
        ValueError: it is not allowed.
    """
    document = request.document
    if not isinstance(document.get("arn"), str) or not isinstance(document.get("url"), str):
        raise BadRequestError("the document needs 'arn' and 'url', two texts")
    return backend.notifications.deliver_to(document["arn"], document["url"]).to_json()


def remove_destination(backend: Backend, request: ControlRequest) -> Document:
    """Remove the destination that is registered for an ARN.

    Raises:
        NotFoundError: there is none.
    """
    for destination in backend.notifications.destinations:
        if destination.arn == request.path_values[0]:
            destination.cancel()
            return destination.to_json()
    raise NotFoundError(f"no destination {request.path_values[0]}")
