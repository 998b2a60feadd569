"""PutBucketNotificationConfiguration and GetBucketNotificationConfiguration.

The deprecated operations PutBucketNotification and GetBucketNotification are the same requests.
"""

from __future__ import annotations

from ...errors import S3Error
from ...events.records import TEST_EVENT, event_fields
from ...rules.notification import LOST_OBJECT, notification_output, parse_notification
from ...rules.regions import region_of
from ...state.notification import FUNCTION, TOPIC, Notification
from ..context import Context
from ..registry import Output, Params
from .configurations import configuration


def _parse(context: Context, params: Params) -> Notification:
    return parse_notification(params["NotificationConfiguration"], region_of(context.bucket), context.ids.rule_id)


def _check_destinations(context: Context, params: Params) -> None:
    """Raise InvalidArgument for destinations that S3 cannot use, with the setting ``strict_destinations``."""
    if not context.settings.strict_destinations or params.get("SkipDestinationValidation"):
        return
    entries, problem_of = _parse(context, params).entries, context.environment.destination_problem
    problems = [problem for entry in entries if (problem := problem_of(context.bucket, entry)) is not None]
    if problems:
        extras: dict[str, str] = {}
        for number, (name, value) in enumerate(problems, 1):
            extras |= {f"ArgumentName{number}": name, f"ArgumentValue{number}": value}
        raise S3Error("InvalidArgument", "Unable to validate the following destination configurations", None, **extras)


def _send_test(context: Context, notification: Notification) -> Output:
    """Try the queues and topics of the new configuration, once the response is made."""
    entries = notification.entries
    skip = context.request.headers.get("x-amz-skip-destination-validation", "").strip().lower() == "true"
    if skip or all(entry.kind == FUNCTION for entry in entries):
        return {}
    extra = {"MessageId": context.ids.uuid("notification")}
    context.pending_events.append(event_fields(0, TEST_EVENT, context.bucket, "", None, extra))
    if len(entries) == 1 and entries[0].kind == TOPIC and entries[0].events == (LOST_OBJECT,):
        context.headers.append(("x-amz-sns-test-message-id", extra["MessageId"]))
    return {}


configuration(
    field="notification",
    put="PutBucketNotificationConfiguration",
    get="GetBucketNotificationConfiguration",
    delete=None,
    parse=_parse,
    show=notification_output,
    missing=None,
    before_put=_check_destinations,
    after_put=_send_test,
)
