"""Properties of notification configurations: an accepted one sends each event once, to the entry that a naive match selects."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, quote_plus

from botocore.exceptions import ClientError
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.support.doors import Door

LETTERS = st.sampled_from(["a", "b", " ", "+", "%", "ü", "*", "/"])
AFFIX = st.text(LETTERS, max_size=2)
KEYS = st.lists(st.text(LETTERS, min_size=1, max_size=5), min_size=1, max_size=6, unique=True)
EVENTS = st.sampled_from([["s3:ObjectCreated:*"], ["s3:ObjectCreated:Put"], ["s3:ObjectCreated:Copy", "s3:ObjectRemoved:*"]])
ENTRIES = st.lists(st.tuples(AFFIX, AFFIX, EVENTS, st.booleans()), min_size=1, max_size=4)
Entry = tuple[str, str, list[str], bool]
LAW = settings(max_examples=40, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def document(number: int, prefix: str, suffix: str, events: list[str], plus: bool) -> dict[str, Any]:
    """Return an entry; ``plus``: blanks are written as ``+``."""
    encode = quote_plus if plus else quote
    rules = [{"Name": "prefix", "Value": encode(prefix)}, {"Name": "suffix", "Value": encode(suffix)}]
    arn = f"arn:aws:sqs:us-east-1:123456789012:queue{number}"
    return {"QueueArn": arn, "Events": events, "Filter": {"Key": {"FilterRules": rules}}}


@given(entries=ENTRIES, keys=KEYS)
@LAW
def test_an_event_has_at_most_one_destination(door: Door, entries: list[Entry], keys: list[str]) -> None:
    door.fake.reset()
    s3 = door.client
    s3.create_bucket(Bucket="bucket")
    configuration: Any = {"QueueConfigurations": [document(number, *entry) for number, entry in enumerate(entries)]}
    try:
        s3.put_bucket_notification_configuration(
            Bucket="bucket", NotificationConfiguration=configuration, SkipDestinationValidation=True
        )
    except ClientError as error:
        assert error.response["Error"]["Message"].startswith("Configuration is ambiguously defined.")  # noqa: PT017
        assume(False)
    for key in keys:
        s3.put_object(Bucket="bucket", Key=key, Body=b"")
    expected = [
        (f"queue{number}", key)
        for key in keys
        for number, (prefix, suffix, events, _) in enumerate(entries)
        if key.startswith(prefix) and key.endswith(suffix) and events[0] in ("s3:ObjectCreated:*", "s3:ObjectCreated:Put")
    ]
    assert len({key for _, key in expected}) == len(expected)
    assert [(sent.destination.rpartition(":")[2], sent.key) for sent in door.fake.notifications] == expected


@given(entries=ENTRIES)
@LAW
def test_refused_entries_have_a_key_in_common(door: Door, entries: list[Entry]) -> None:
    """Two entries are refused only if some key has the prefixes and suffixes of both, and some event is of both."""
    door.fake.reset()
    door.client.create_bucket(Bucket="bucket")
    configuration: Any = {"QueueConfigurations": [document(number, *entry) for number, entry in enumerate(entries)]}
    refused = False
    try:
        door.client.put_bucket_notification_configuration(
            Bucket="bucket", NotificationConfiguration=configuration, SkipDestinationValidation=True
        )
    except ClientError:
        refused = True
    created = ("s3:ObjectCreated:*", "s3:ObjectCreated:Put")
    overlapping = False
    for number, (prefix, suffix, events, _) in enumerate(entries):
        for other_prefix, other_suffix, other_events, _ in entries[:number]:
            longest = max(prefix, other_prefix, key=len) + max(suffix, other_suffix, key=len)
            both = all(
                longest.startswith(start) and longest.endswith(end)
                for start, end in ((prefix, suffix), (other_prefix, other_suffix))
            )
            star = "s3:ObjectCreated:*" in (events[0], other_events[0])
            overlapping |= both and (star or (events[0] in created) == (other_events[0] in created))
    assert refused == overlapping
