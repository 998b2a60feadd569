"""Laws of access logs: every request is in exactly one log object, after its hour at the latest, however the clock moves."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from fakes3part import FakeS3
from fakes3part.message import Request
from tests.support.access_logs import allow_delivery, bodies, log_to, parse

STEPS = st.one_of(
    st.just("request"),
    st.just("deliver"),
    st.integers(min_value=1, max_value=300),  # minutes
)


def _time(text: str) -> datetime:
    return datetime.strptime(text, "[%d/%b/%Y:%H:%M:%S %z]")


@settings(max_examples=30)
@given(st.lists(STEPS, max_size=25), st.booleans())
def test_every_request_is_logged_once(steps: list[str | int], by_event: bool) -> None:
    fake = FakeS3(seed=3)
    s3 = fake.client()
    for name in ("bucket", "logs"):
        s3.create_bucket(Bucket=name)
    allow_delivery(s3)
    source = "EventTime" if by_event else "DeliveryTime"
    log_to(s3, TargetObjectKeyFormat={"PartitionedPrefix": {"PartitionDateSource": source}})
    sent: dict[str, datetime] = {}
    for step in steps:
        if step == "request":
            response = fake.handle(Request("GET", "localhost", "/bucket/k"))
            sent[dict(response.headers)["x-amz-request-id"]] = fake.clock.now()
        elif step == "deliver":
            fake.deliver_logs()
        else:
            assert isinstance(step, int)
            fake.clock.advance(minutes=step)
            hour = fake.clock.now().replace(minute=0, second=0, microsecond=0)
            overdue = {request for request, time in sent.items() if time < hour}
            assert overdue <= set(_logged(fake))
    fake.deliver_logs()
    assert sorted(_logged(fake)) == sorted(sent)


def _logged(fake: FakeS3) -> list[str]:
    """Return the ids of the requests that were logged, and check the dates of the log objects."""
    objects = fake.buckets["logs"].objects.values()
    texts = bodies(fake)
    ids: list[str] = []
    for found in objects:
        lines = [parse(line) for line in texts[found.key].splitlines()]
        times = [_time(line["time"]) for line in lines]
        assert times == sorted(times)
        assert times[-1] <= found.last_modified <= times[0] + timedelta(hours=1)
        day = f"{times[0]:/%Y/%m/%d/}" if "00-00-00" in found.key else f"{found.last_modified:/%Y/%m/%d/}"
        assert day in found.key
        ids += [line["request_id"] for line in lines if line["operation"] == "REST.GET.OBJECT"]
    return ids
