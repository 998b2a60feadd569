"""Event notifications: which entries of a configuration get an event."""

from __future__ import annotations

import pytest

from tests.support.doors import Door
from tests.support.notifications import QUEUE, Message, configure, keys, put, queue

pytestmark = pytest.mark.usefixtures("bucket")

FILTERS: dict[str, tuple[dict[str, str], list[str]]] = {
    "none": ({}, ["images/a.jpg", "images/b.png", "a b.jpg", "IMAGES/a.JPG", "c*.jpg", "ü.jpg"]),
    "prefix": ({"prefix": "images/"}, ["images/a.jpg", "images/b.png"]),
    "suffix": ({"suffix": ".jpg"}, ["images/a.jpg", "a b.jpg", "c*.jpg", "ü.jpg"]),
    "both": ({"prefix": "im", "suffix": "jpg"}, ["images/a.jpg"]),
    "blank": ({"prefix": "a+b"}, ["a b.jpg"]),
    "percent": ({"prefix": "a%20"}, ["a b.jpg"]),
    "utf-8": ({"prefix": "%C3%BC"}, ["ü.jpg"]),
    "not encoded": ({"prefix": "ü"}, ["ü.jpg"]),
    "star": ({"prefix": "*"}, []),
    "literal star": ({"prefix": "c*"}, ["c*.jpg"]),
    "empty": ({"prefix": ""}, ["images/a.jpg", "images/b.png", "a b.jpg", "IMAGES/a.JPG", "c*.jpg", "ü.jpg"]),
}


@pytest.mark.parametrize("case", FILTERS)
def test_filters(door: Door, case: str) -> None:
    from urllib.parse import unquote_plus

    filters, expected = FILTERS[case]
    received: list[Message] = []
    door.fake.deliver_to(QUEUE, received.append)
    configure(door, queue=queue(**filters))
    for key in FILTERS["none"][1]:
        put(door, key)
    assert [unquote_plus(key) for key in keys(received)] == expected
    assert [sent.key for sent in door.fake.notifications] == expected


@pytest.mark.parametrize("value", ["100%", "%C3%28", "%zz"])
def test_a_value_that_cannot_be_decoded_is_literal(door: Door, value: str) -> None:
    configure(door, queue=queue(prefix=value))
    put(door, f"{value}a")
    put(door, "other")
    assert [sent.key for sent in door.fake.notifications] == [f"{value}a"]


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["s3:ObjectCreated:*"], ["ObjectCreated:Put", "ObjectCreated:Copy"]),
        (["s3:ObjectCreated:Copy"], ["ObjectCreated:Copy"]),
        (["s3:ObjectRemoved:Delete", "s3:ObjectTagging:Put"], ["ObjectTagging:Put", "ObjectRemoved:Delete"]),
        (["s3:LifecycleTransition"], []),
    ],
)
def test_events(door: Door, patterns: list[str], expected: list[str]) -> None:
    configure(door, queue=queue(patterns))
    put(door)
    door.client.copy_object(Bucket="bucket", Key="l", CopySource="bucket/k")
    door.client.put_object_tagging(Bucket="bucket", Key="k", Tagging={"TagSet": []})
    door.client.delete_object(Bucket="bucket", Key="k")
    assert [sent.event for sent in door.fake.notifications] == [f"s3:{name}" for name in expected]


def test_each_key_has_a_message_of_its_own(door: Door) -> None:
    configure(door, queue=queue(["s3:ObjectRemoved:*"]))
    put(door)
    door.client.delete_objects(Bucket="bucket", Delete={"Objects": [{"Key": "k"}, {"Key": "never"}]})
    assert [[record["s3"]["object"]["key"] for record in sent.records] for sent in door.fake.notifications] == [["k"], ["never"]]


def test_failed_requests_and_reads_notify_no_one(door: Door) -> None:
    put(door)
    configure(door, queue=queue(["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]), bus=True)
    door.client.get_object(Bucket="bucket", Key="k")["Body"].read()
    with pytest.raises(door.client.exceptions.ClientError):
        put(door, IfNoneMatch="*")
    assert list(door.fake.notifications) == []


def test_other_buckets_have_their_own(door: Door) -> None:
    door.client.create_bucket(Bucket="other-bucket")
    configure(door, queue=queue())
    door.client.put_object(Bucket="other-bucket", Key="k", Body=b"")
    put(door)
    assert [sent.bucket for sent in door.fake.notifications] == ["bucket"]
    configure(door)
    put(door)
    assert len(door.fake.notifications) == 1
