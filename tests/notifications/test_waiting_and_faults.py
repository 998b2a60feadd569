"""Event notifications: waiting for them; losing, delaying, doubling and reordering them."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from fakes3part import FakeS3
from tests.support.doors import Door
from tests.support.notifications import QUEUE, Message, configure, keys, put, queue, topic

pytestmark = pytest.mark.usefixtures("bucket")

# --- waiting ---------------------------------------------------------------------------------------------------------


def test_waiting(door: Door) -> None:
    configure(door, queue=queue())
    later = threading.Timer(0.05, lambda: put(door, "late"))
    put(door, "early")
    assert door.fake.wait_for_notification(timeout=0).key == "early"
    later.start()
    sent = door.fake.wait_for_notification("queue", key="late", event="s3:ObjectCreated:*", bucket="bucket")
    assert (sent.key, sent.status) == ("late", "kept")
    later.join()
    with pytest.raises(TimeoutError, match=r"with event='s3:ObjectCreated:Copy' has arrived within 0\.01 seconds"):
        door.fake.wait_for_notification(event="s3:ObjectCreated:Copy", timeout=0.01)


def test_waiting_for_an_event(door: Door) -> None:
    later = threading.Timer(0.05, lambda: put(door, "a b"))
    later.start()
    assert door.fake.wait_for_event("s3:ObjectCreated:*", key="a b")["s3"]["object"]["key"] == "a+b"
    later.join()
    assert door.fake.wait_for_event(bucket="bucket", timeout=0)["eventName"] == "ObjectCreated:Put"
    with pytest.raises(TimeoutError, match=r"no event s3:ObjectRemoved:\*, key='k' has come within 0 seconds"):
        door.fake.wait_for_event("s3:ObjectRemoved:*", key="k", timeout=0)
    with pytest.raises(ValueError, match="S3 has no event"):
        door.fake.wait_for_event("s3:Removed", timeout=0)


# --- faults ----------------------------------------------------------------------------------------------------------


def test_a_lost_notification(door: Door) -> None:
    received: list[Message] = []
    door.fake.deliver_to(QUEUE, received.append)
    configure(door, queue=queue())
    with door.fake.fail("notification", "InternalError", nth=2) as rule:
        for key in "abc":
            put(door, key)
    assert (keys(received), rule.calls, rule.hits) == (["a", "c"], 3, 1)
    lost = door.fake.notifications[1]
    assert (lost.status, lost.error, lost.fault, lost.attempts) == ("failed", "InternalError", "error(InternalError)", 1)
    door.fake.notifications.redeliver(lost)
    assert keys(received) == ["a", "c", "b"]


def test_faults_of_some_notifications(door: Door) -> None:
    from fakes3part.faults import Error, Refuse

    configure(door, queue=queue(), topic=topic(["s3:ObjectRemoved:*"]))
    door.fake.fail("notification", Refuse(), key="a*", when=lambda pending: pending.destination == QUEUE)  # type: ignore[attr-defined]
    door.fake.fail("notification", Error("SlowDown", "Slow"), bucket="other")
    for key in ("ab", "b"):
        put(door, key)
    door.client.delete_object(Bucket="bucket", Key="ab")
    assert [sent.status for sent in door.fake.notifications] == ["failed", "kept", "kept"]
    assert door.fake.notifications[0].error == "the connection was refused"


def test_operations_are_not_touched(door: Door) -> None:
    configure(door, queue=queue())
    door.fake.fail("notification", "SlowDown")
    rule = door.fake.fail("*", "NoSuchKey", key="x")
    assert put(door)["ETag"]
    assert rule.calls == 0


def test_a_duplicate(door: Door) -> None:
    from fakes3part.faults import Duplicate

    received: list[Message] = []
    door.fake.deliver_to(QUEUE, received.append)
    configure(door, queue=queue())
    door.fake.fail("notification", Duplicate(), times=1)
    put(door, "a")
    put(door, "b")
    assert keys(received) == ["a", "a", "b"]
    assert received[0] == received[1]
    assert [sent.number for sent in door.fake.notifications] == [1, 2, 3]


def test_a_delay_by_the_clock(door: Door) -> None:
    from fakes3part.faults import Latency

    received: list[Message] = []
    door.fake.clock.freeze()
    door.fake.deliver_to(QUEUE, received.append)
    configure(door, queue=queue())
    door.fake.fail("notification", Latency(60), nth=1)
    put(door, "late")
    put(door, "early")
    assert (keys(received), door.fake.notifications[0].status) == (["early"], "pending")
    door.fake.clock.advance(seconds=59)
    assert keys(received) == ["early"]
    door.fake.clock.advance(timedelta(seconds=1))
    assert (keys(received), door.fake.notifications[0].status) == (["early", "late"], "delivered")


def test_waiting_for_a_delayed_notification(door: Door) -> None:
    from fakes3part.faults import Latency

    configure(door, queue=queue())
    door.fake.fail("notification", Latency(0.05))
    put(door)
    assert door.fake.notifications[0].status == "pending"
    assert door.fake.wait_for_notification().status == "kept"


def test_waiting_before_a_delayed_notification_is_sent(door: Door) -> None:
    from fakes3part.faults import Latency

    configure(door, queue=queue())
    door.fake.fail("notification", Latency(0.03))
    later = threading.Timer(0.1, lambda: put(door))
    later.start()
    assert door.fake.wait_for_notification(timeout=5).status == "kept"
    later.join()


def test_another_order(door: Door) -> None:
    from fakes3part.faults import Reorder

    received: list[Message] = []
    door.fake.deliver_to(QUEUE, received.append)
    configure(door, queue=queue())
    door.fake.fail("notification", Reorder(), nth=[1, 4])
    for key in "abcd":
        put(door, key)
    assert keys(received) == ["b", "a", "c"]
    door.fake.notifications.deliver_pending()
    assert keys(received) == ["b", "a", "c", "d"]
    door.fake.notifications.deliver_pending()
    assert len(received) == 4


def test_effects_that_do_not_apply() -> None:
    from fakes3part.faults import Reorder, Reset, Truncate

    fake = FakeS3()
    with pytest.raises(ValueError, match="reorder does not apply to PutObject: it applies to notifications only"):
        fake.fail("PutObject", Reorder())
    with pytest.raises(ValueError, match="reset does not apply to notification: it applies to operations only"):
        fake.fail("notification", Reset())
    with pytest.raises(ValueError, match="truncate does not apply to notification: it applies to operations whose response has"):
        fake.fail("notification", Truncate())
    with pytest.raises(ValueError, match="S3 has no operation 'notification'"):
        fake.pause_before("notification")
