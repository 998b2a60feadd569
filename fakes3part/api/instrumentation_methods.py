"""The methods of `FakeS3` for what S3 itself does not offer: faults, pauses, event callbacks, delivery of logs, leftovers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..backend import Backend

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ..effects.access_log import DeliveredLog
    from ..error_codes.codes import ErrorCode
    from ..events.events import Subscription
    from ..events.records import Event
    from ..faults.effect import Effect
    from ..faults.matching import Match
    from ..faults.pauses import Pause
    from ..faults.rule import Rule, RuleOptions
    from ..journal.leftovers import Leftovers
    from ..notifications.destinations import Destination
    from ..notifications.notification import SentNotification
    from ..operation_names import Operations


class InstrumentationMethods(Backend):
    """Methods of `FakeS3` for faults, pauses, events, logs and leftovers."""

    def fail(self, operation: Operations, effect: Effect | ErrorCode, **options: Unpack[RuleOptions]) -> Rule:
        """Inject a fault into calls until the rule is removed: by ``rule.remove()``, the end of its ``with`` block, or `reset`.

        Args:
            operation: a name (``"PutObject"``), several, or a pattern (``"*"``, ``"*Multipart*"``); ``"notification"``, which no
                pattern selects: the delivery of an event notification.
            effect: one of `fakes3part.faults`, or the code of an S3 error (``"SlowDown"``).
            bucket: a name, or a pattern of `fnmatch`; None: any.
            key: a key, or a pattern of `fnmatch`; None: any. PostObject has no key until its form is read.
            part_number: one or several; None: any.
            nth: inject into the nth matching call only, or into several, counted from 1; None: into every matching call.
            times: inject at most so many times; None: without limit.
            probability: 0 to 1, drawn for each matching call from the fake's ``seed``; None: 1.
            when: called with each call that matches otherwise (`fakes3part.faults.matching.PendingCall`); returns whether the
                rule applies to it. None: it does.

        Returns:
            the rule. If several rules match a call, the first that fires decides; Latency and Bandwidth are added to it.

        Raises:
            ValueError: there is no such operation or error code, the effect applies to none of the operations, or an option
                has a value that is not allowed.
        """
        return self.faults.add(operation, effect, **options)

    def pause_before(self, operation: Operations, *, timeout: float = 10, **match: Unpack[Match]) -> Pause:
        """Hold calls before their operation is performed, until ``pause.release()`` or the end of the ``with`` block.

        Args:
            operation: as for `fail`; so are the options ``bucket``, ``key``, ``part_number`` and ``when``.
            timeout: real seconds after which a call goes on by itself; the end of the block then raises TimeoutError.

        Raises:
            ValueError: there is no such operation.
        """
        return self.faults.pause(operation, after=False, timeout=timeout, **match)

    def pause_after(self, operation: Operations, *, timeout: float = 10, **match: Unpack[Match]) -> Pause:
        """Hold calls whose operation was performed, before their response is sent; otherwise as `pause_before`."""
        return self.faults.pause(operation, after=True, timeout=timeout, **match)

    def on(
        self,
        event: str,
        callback: Callable[[Event], object],
        *,
        bucket: str | None = None,
        prefix: str = "",
        suffix: str = "",
    ) -> Subscription:
        """Call ``callback`` with the record of each matching event (an element of ``event["Records"]`` in a Lambda function).

        The callback runs in the thread of the request, after the response is made and all locks are released. What it raises is
        logged and stored in ``fakes3.events.errors``, and fails the test that uses the fixture ``fakes3``.

        Args:
            event: a type (``s3:ObjectCreated:Put``), a kind (``s3:ObjectCreated:*``) or ``s3:*`` for all.
            bucket: its name; None: any.
            prefix: what the key begins with, not URL-encoded.
            suffix: what the key ends with, likewise.

        Returns:
            the subscription, which has ``cancel()`` and is a context manager.

        Raises:
            ValueError: S3 has no such event type.
        """
        return self.events.on(event, callback, bucket=bucket, prefix=prefix, suffix=suffix)

    def deliver_inventory(self, bucket: str, configuration_id: str) -> str:
        """Deliver the inventory report of a configuration now, before the clock says so.

        Args:
            bucket: the name of the bucket that the report lists.
            configuration_id: the id of its inventory configuration.

        Returns:
            the key of the report's ``manifest.json`` in the destination bucket.

        Raises:
            KeyError: there is no such bucket or configuration.
            fakes3part.effects.inventory.InventoryError: it is disabled, or its destination cannot be written: the policy of that
                bucket must allow it to s3.amazonaws.com.
        """
        from ..effects.inventory import deliver_now

        return deliver_now(self, self.store, bucket, configuration_id)

    def deliver_logs(self) -> list[DeliveredLog]:
        """Deliver the records of server access logging now, which otherwise happens when their hour has passed.

        S3 loses the records of a log whose target it may not write to; the log ``fakes3part.access_log`` then has a warning.

        Returns:
            the log objects that were written: their ``bucket`` and ``key``.
        """
        from ..effects.access_log import deliver

        self.run_scheduled_work()
        return deliver(self, self.store, self.clock.now())

    def metrics(self, bucket: str, configuration_id: str) -> dict[str, float]:
        """Return what a metrics configuration of a bucket has counted, by the names of CloudWatch's request metrics.

        Requests, errors and bytes are sums since the configuration was put; latencies are averages in milliseconds of real time.

        Args:
            bucket: its name.
            configuration_id: the id that PutBucketMetricsConfiguration had.

        Raises:
            KeyError: there is no such bucket or configuration.
        """
        from ..inspection.metrics import request_metrics

        return request_metrics(self.store, bucket, configuration_id)

    def wait_for_event(
        self, event: str = "s3:*", *, bucket: str | None = None, key: str | None = None, timeout: float = 10
    ) -> Event:
        """Return the record of the first event that matches, as soon as there is one: other threads or processes may cause it.

        Args:
            event: a type (``s3:ObjectCreated:Put``), a kind (``s3:ObjectCreated:*``) or ``s3:*`` for all.
            bucket: its name; None: any.
            key: not URL-encoded; None: any.
            timeout: real seconds.

        Raises:
            TimeoutError: there was none in time.
            ValueError: S3 has no such event type.
        """
        return self.events.wait(self.run_scheduled_work, event, bucket=bucket, key=key, timeout=timeout)

    def deliver_to(self, arn: str, receiver: Callable[..., object] | str) -> Destination:
        """Deliver the notifications for an ARN to a function or a webhook, in place of an earlier one for this ARN.

        It is called in the thread of the request, after the response is made and all locks are released. What a function raises
        is logged and stored in ``fakes3.notifications.errors``, and fails the test that uses the fixture ``fakes3``. `reset`
        removes it; snapshots and forks do not have it.

        Args:
            arn: of a queue, a topic, a function or an event bus, as in the bucket's notification configuration; for events to
                EventBridge ``arn:aws:events:REGION:ACCOUNT:event-bus/default``.
            receiver: of a Lambda function ``handler(event, context)``; of anything else ``function(message)``, which gets an SQS
                message, a notification of SNS or an event; or the URL of a webhook, to which they are posted.

        Returns:
            the destination, which has ``cancel()`` and is a context manager.

        Raises:
            ValueError: the ARN is none of these, or the receiver is neither a function nor a URL, or is on a host of AWS.
        """
        return self.notifications.deliver_to(arn, receiver)

    def wait_for_notification(
        self,
        destination: str | None = None,
        *,
        event: str = "s3:*",
        bucket: str | None = None,
        key: str | None = None,
        timeout: float = 10,
    ) -> SentNotification:
        """Return the first notification that matches, as soon as it was delivered or, without a destination here, is kept.

        Args:
            destination: an ARN, or its last part (the name of a queue); None: any.
            event: a type (``s3:ObjectCreated:Put``), a kind (``s3:ObjectCreated:*``) or ``s3:*`` for all.
            bucket: its name; None: any.
            key: not URL-encoded; None: any.
            timeout: real seconds.

        Raises:
            TimeoutError: none has arrived in time; the text lists those that were sent.
        """
        return self.notifications.wait(self.run_scheduled_work, destination, event=event, bucket=bucket, key=key, timeout=timeout)

    def leftovers(self) -> Leftovers:
        """Return the multipart uploads neither completed nor aborted, and the GetObject bodies never read; false if none."""
        from ..journal.leftovers import leftovers

        return leftovers(self.store, self.calls)
