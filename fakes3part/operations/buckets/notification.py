"""PutBucketNotificationConfiguration and GetBucketNotificationConfiguration.

The deprecated operations PutBucketNotification and GetBucketNotification are the same requests.
"""

from __future__ import annotations

from ...rules.notification import notification_output, parse_notification
from ...rules.regions import region_of
from ...state.notification import Notification
from ..context import Context
from ..registry import Params
from .configurations import configuration


def _parse(context: Context, params: Params) -> Notification:
    return parse_notification(params["NotificationConfiguration"], region_of(context.bucket), context.ids.rule_id)


configuration(
    field="notification",
    put="PutBucketNotificationConfiguration",
    get="GetBucketNotificationConfiguration",
    delete=None,
    parse=_parse,
    show=notification_output,
    missing=None,
)
