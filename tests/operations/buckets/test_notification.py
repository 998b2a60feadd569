"""The notification configuration: what may be put, and what is shown. Its deliveries: `tests/notifications/`."""

from __future__ import annotations

import re
from base64 import b64decode
from typing import Any

import pytest

from fakes3part import FakeS3
from fakes3part.rules.notification import EVENTS
from tests.support.botocore_model import OPERATIONS
from tests.support.doors import Door, RawResponse, assert_error, refused
from tests.support.policies import client_of
from tests.support.state import unchanged

pytestmark = pytest.mark.usefixtures("bucket")

NS = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
QUEUE = "arn:aws:sqs:us-east-1:123456789012:queue"
TOPIC = "arn:aws:sns:us-east-1:123456789012:topic"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:function"
CREATED = ["s3:ObjectCreated:*"]


def queue(arn: str = QUEUE, events: list[str] = CREATED, **members: Any) -> dict[str, Any]:
    return {"QueueArn": arn, "Events": events, **members}


def keys(*rules: tuple[str, str]) -> dict[str, Any]:
    """Return a filter of these rules."""
    return {"Filter": {"Key": {"FilterRules": [{"Name": name, "Value": value} for name, value in rules]}}}


def put(door: Door, **configuration: Any) -> Any:
    return door.client.put_bucket_notification_configuration(Bucket="bucket", NotificationConfiguration=configuration)


def put_queues(door: Door, *queues: dict[str, Any]) -> None:
    put(door, QueueConfigurations=list(queues))


def get(door: Door, bucket: str = "bucket") -> dict[str, Any]:
    response: dict[str, Any] = door.client.get_bucket_notification_configuration(Bucket=bucket)
    del response["ResponseMetadata"]
    return response


def put_raw(door: Door, children: str, headers: dict[str, str] | None = None) -> RawResponse:
    body = f"<NotificationConfiguration {NS}>{children}</NotificationConfiguration>".encode()
    return door.raw("PUT", "/bucket?notification", headers, body)


# --- put and get -----------------------------------------------------------------------------------------------------


def test_a_new_bucket_has_none(door: Door) -> None:
    response = door.raw("GET", "/bucket?notification")
    assert response.body.decode() == f"{DECLARATION}<NotificationConfiguration {NS}/>"
    assert (response.status, "content-type" in response.headers) == (200, False)
    assert get(door) == {}


def test_put_and_get(door: Door) -> None:
    sent: dict[str, Any] = {
        "TopicConfigurations": [
            {"Id": "t", "TopicArn": TOPIC, "Events": ["s3:ObjectRemoved:*", "s3:ReducedRedundancyLostObject"]}
        ],
        "QueueConfigurations": [
            queue(Id="q", **keys(("suffix", ".jpg"), ("PREFIX", ""))),
            queue(Id="b", events=["s3:ObjectTagging:Put", "s3:ObjectAcl:Put"]),
        ],
        "LambdaFunctionConfigurations": [
            {"Id": "l", "LambdaFunctionArn": f"{FUNCTION}:$LATEST", "Events": ["s3:LifecycleExpiration:*"]}
        ],
        "EventBridgeConfiguration": {},
    }
    response = put(door, **sent)["ResponseMetadata"]
    assert (response["HTTPStatusCode"], response["HTTPHeaders"]["content-length"]) == (200, "0")
    sent["QueueConfigurations"][0] |= keys(("Suffix", ".jpg"), ("Prefix", ""))
    assert get(door) == sent
    raw = door.raw("GET", "/bucket?notification")
    assert "content-type" not in raw.headers
    assert raw.body.decode() == (
        f"{DECLARATION}<NotificationConfiguration {NS}>"
        f"<TopicConfiguration><Id>t</Id><Topic>{TOPIC}</Topic><Event>s3:ObjectRemoved:*</Event>"
        "<Event>s3:ReducedRedundancyLostObject</Event></TopicConfiguration>"
        f"<QueueConfiguration><Id>q</Id><Queue>{QUEUE}</Queue><Event>s3:ObjectCreated:*</Event><Filter><S3Key>"
        "<FilterRule><Name>Suffix</Name><Value>.jpg</Value></FilterRule><FilterRule><Name>Prefix</Name><Value/></FilterRule>"
        "</S3Key></Filter></QueueConfiguration>"
        f"<QueueConfiguration><Id>b</Id><Queue>{QUEUE}</Queue><Event>s3:ObjectTagging:Put</Event><Event>s3:ObjectAcl:Put</Event>"
        "</QueueConfiguration>"
        f"<CloudFunctionConfiguration><Id>l</Id><CloudFunction>{FUNCTION}:$LATEST</CloudFunction>"
        "<Event>s3:LifecycleExpiration:*</Event></CloudFunctionConfiguration>"
        "<EventBridgeConfiguration/></NotificationConfiguration>"
    )
    assert door.raw("GET", "/bucket/some/key?notification").body == raw.body


def test_a_put_replaces_all_and_an_empty_one_switches_off(door: Door) -> None:
    put(door, QueueConfigurations=[queue(Id="q")], EventBridgeConfiguration={})
    put(door, EventBridgeConfiguration={})
    assert get(door) == {"EventBridgeConfiguration": {}}
    put(door)
    assert get(door) == {}


def test_an_id_is_made(door: Door) -> None:
    put_queues(door, queue(), queue(events=["s3:ObjectRemoved:*"]), queue(Id="", events=["s3:ObjectAcl:Put"]))
    ids = [entry["Id"] for entry in get(door)["QueueConfigurations"]]
    assert len(set(ids)) == 3
    assert all(re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", b64decode(name).decode()) for name in ids)
    assert [entry["Id"] for entry in get(door)["QueueConfigurations"]] == ids


def test_all_events_of_the_model(door: Door) -> None:
    enumeration = OPERATIONS["PutBucketNotificationConfiguration"].service_model.shape_for("Event").enum
    assert list(EVENTS) == enumeration
    kinds = [event for event in enumeration if event.endswith("*")]
    alone = [event for event in enumeration if not any(event != kind and event.startswith(kind[:-1]) for kind in kinds)]
    put_queues(door, queue(events=alone))
    assert get(door)["QueueConfigurations"][0]["Events"] == alone


def test_a_digest_is_not_required(door: Door) -> None:
    assert put_raw(door, f"<QueueConfiguration><Event>s3:ObjectCreated:*</Event><Queue>{QUEUE}</Queue></QueueConfiguration>")
    assert get(door)["QueueConfigurations"][0]["QueueArn"] == QUEUE
    with unchanged(door.fake):
        response = put_raw(door, "", {"Content-MD5": "1B2M2Y8AsgTpgAmY7PhCfg=="})
    assert (response.status, response.error["Code"]) == (400, "BadDigest")


def test_the_deprecated_operations_are_the_same_requests(door: Door) -> None:
    s3 = door.client
    s3.put_bucket_notification(
        Bucket="bucket",
        NotificationConfiguration={
            "TopicConfiguration": {"Id": "t", "Topic": TOPIC, "Event": "s3:ReducedRedundancyLostObject"},
            "QueueConfiguration": {"Queue": QUEUE, "Id": "q", "Events": ["s3:ObjectRemoved:*"], "Event": "s3:ObjectAcl:Put"},
            "CloudFunctionConfiguration": {
                "Id": "l",
                "CloudFunction": FUNCTION,
                "InvocationRole": "arn:aws:iam::123456789012:role/old",
                "Events": ["s3:ObjectCreated:Put"],
            },
        },
    )
    assert [set(entry["Events"]) for name, entries in get(door).items() for entry in entries] == [
        {"s3:ReducedRedundancyLostObject"},
        {"s3:ObjectRemoved:*", "s3:ObjectAcl:Put"},
        {"s3:ObjectCreated:Put"},
    ]
    old = s3.get_bucket_notification(Bucket="bucket")
    assert old["CloudFunctionConfiguration"]["CloudFunction"] == FUNCTION
    assert (old["TopicConfiguration"]["Topic"], old["QueueConfiguration"]["Id"]) == (TOPIC, "q")


# --- refused ---------------------------------------------------------------------------------------------------------

SUPPORTED = ", ".join(EVENTS)
OVERLAP = "Configurations overlap. Configurations on the same bucket cannot share a common event type."
AMBIGUOUS = (
    "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the "
    "same event type."
)
RULE_NAME = "filter rule name must be either prefix or suffix"
REGION = "The notification destination service region is not valid for the bucket location constraint"

REFUSED: dict[str, tuple[list[dict[str, Any]], str, dict[str, str]]] = {
    "long id": ([queue(Id="i" * 256)], "ID length exceeded allowed limit of 255", {}),
    "same id": (
        [queue(Id="i"), queue(Id="i", events=["s3:ObjectAcl:Put"])],
        "Same ID used for multiple configurations. IDs must be unique.",
        {},
    ),
    "long value": (
        [queue(**keys(("prefix", "ä" * 512 + "a")))],
        "Size of filter rule value cannot exceed 1024 bytes in UTF-8 representation",
        {},
    ),
    "prefixes": (
        [queue(**keys(("prefix", "a"), ("Prefix", "b")))],
        "Cannot specify more than one prefix rule in a filter.",
        {},
    ),
    "suffixes": (
        [queue(**keys(("suffix", "a"), ("suffix", "a")))],
        "Cannot specify more than one suffix rule in a filter.",
        {},
    ),
    "rule name": (
        [queue(**keys(("prefixes", "a")))],
        RULE_NAME,
        {"ArgumentName": "FilterRule.Name", "ArgumentValue": "prefixes"},
    ),
    "event": (
        [queue(events=["s3:ObjectCreated:Post", "s3:Created"])],
        f"The event 's3:Created' is not supported for notifications. Supported events are as follows: [{SUPPORTED}]",
        {},
    ),
    "events twice": ([queue(events=["s3:ObjectAcl:Put", "s3:ObjectAcl:Put"])], OVERLAP, {}),
    "wildcard and event": ([queue(events=["s3:ObjectCreated:Put", "s3:ObjectCreated:*"])], OVERLAP, {}),
    "no filters": ([queue(), queue(events=["s3:ObjectCreated:Copy"])], OVERLAP, {}),
    "one filter": ([queue(**keys(("prefix", "a"))), queue()], AMBIGUOUS, {}),
    "prefix of a prefix": ([queue(**keys(("prefix", "images"))), queue(**keys(("prefix", "im")))], AMBIGUOUS, {}),
    "suffix of a suffix": ([queue(**keys(("suffix", ".jpg"))), queue(**keys(("suffix", "jpg")))], AMBIGUOUS, {}),
    "prefix and suffix": (
        [queue(**keys(("prefix", "a"), ("suffix", ".jpg"))), queue(**keys(("suffix", ".jpg")))],
        AMBIGUOUS,
        {},
    ),
    "decoded": ([queue(**keys(("prefix", "a+b"))), queue(**keys(("prefix", "a%20b")))], AMBIGUOUS, {}),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refused_entries(door: Door, case: str) -> None:
    queues, message, extras = REFUSED[case]
    put_queues(door, queue(Id="before"))
    with unchanged(door.fake):
        refused(lambda: put_queues(door, *queues), 400, "InvalidArgument", message, extras)
    assert [entry["Id"] for entry in get(door)["QueueConfigurations"]] == ["before"]


def test_overlaps_of_different_kinds_of_destinations(door: Door) -> None:
    put_queues(door, queue(Id="before"))
    topics = [{"TopicArn": TOPIC, "Events": ["s3:ObjectCreated:Put"]}]
    with unchanged(door.fake):
        refused(lambda: put(door, TopicConfigurations=topics, QueueConfigurations=[queue()]), 400, "InvalidArgument", OVERLAP)


NOT_OVERLAPPING: dict[str, list[dict[str, Any]]] = {
    "events": [queue(events=["s3:ObjectCreated:Put"]), queue(events=["s3:ObjectCreated:Copy"])],
    "prefixes": [queue(**keys(("prefix", "a"))), queue(**keys(("prefix", "b")))],
    "suffixes": [queue(**keys(("suffix", ".jpg"))), queue(**keys(("suffix", ".png")))],
    "suffixes below prefixes": [
        queue(**keys(("prefix", "a"), ("suffix", ".jpg"))),
        queue(**keys(("prefix", "ab"), ("suffix", ".png"))),
    ],
    "prefixes above suffixes": [
        queue(**keys(("prefix", "a"), ("suffix", ".jpg"))),
        queue(**keys(("prefix", "b"), ("suffix", "g"))),
    ],
    "case": [queue(**keys(("prefix", "a"))), queue(**keys(("prefix", "A")))],
    "value of 1024 bytes": [queue(**keys(("prefix", "ä" * 512)))],
    "id of 255 characters": [queue(Id="ä" * 255)],
}


@pytest.mark.parametrize("case", NOT_OVERLAPPING)
def test_accepted_entries(door: Door, case: str) -> None:
    put_queues(door, *NOT_OVERLAPPING[case])
    assert len(get(door)["QueueConfigurations"]) == len(NOT_OVERLAPPING[case])


def test_a_hundred_entries(door: Door) -> None:
    queues = [queue(**keys(("prefix", f"{number:03}"))) for number in range(101)]
    put_queues(door, *queues[1:])
    with unchanged(door.fake):
        message = "Too many configurations submitted. The maximum number of configurations is 100"
        refused(lambda: put_queues(door, *queues), 400, "InvalidRequest", message)


ENTRY = f"<Queue>{QUEUE}</Queue><Event>s3:ObjectCreated:*</Event>"
MALFORMED = {
    "no arn": "<QueueConfiguration><Event>s3:ObjectCreated:*</Event></QueueConfiguration>",
    "no event": f"<QueueConfiguration><Queue>{QUEUE}</Queue></QueueConfiguration>",
    "two arns": f"<QueueConfiguration>{ENTRY}<Queue>{QUEUE}</Queue></QueueConfiguration>",
    "two ids": f"<QueueConfiguration>{ENTRY}<Id>a</Id><Id>b</Id></QueueConfiguration>",
    "empty filter": f"<QueueConfiguration>{ENTRY}<Filter/></QueueConfiguration>",
    "no rule": f"<QueueConfiguration>{ENTRY}<Filter><S3Key/></Filter></QueueConfiguration>",
    "no name": f"<QueueConfiguration>{ENTRY}<Filter><S3Key><FilterRule><Value>a</Value></FilterRule></S3Key></Filter>"
    "</QueueConfiguration>",
    "no value": f"<QueueConfiguration>{ENTRY}<Filter><S3Key><FilterRule><Name>prefix</Name></FilterRule></S3Key></Filter>"
    "</QueueConfiguration>",
    "unknown": "<StreamConfiguration/>",
    "two buses": "<EventBridgeConfiguration/><EventBridgeConfiguration/>",
    "role of a queue": f"<QueueConfiguration>{ENTRY}<InvocationRole>a</InvocationRole></QueueConfiguration>",
    "no XML": "<",
}
MALFORMED_TEXT = "The XML you provided was not well-formed or did not validate against our published schema"


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed_documents(door: Door, case: str) -> None:
    with unchanged(door.fake):
        assert_error(put_raw(door, MALFORMED[case]), 400, "MalformedXML", MALFORMED_TEXT)


def test_an_empty_body(door: Door) -> None:
    with unchanged(door.fake):
        assert_error(door.raw("PUT", "/bucket?notification"), 400, "MissingRequestBodyError", "Request Body is empty")


# --- ARNs ------------------------------------------------------------------------------------------------------------

PATTERN = "The ARN failed to satisfy constraint: Member must satisfy regular expression pattern: "
SQS = PATTERN + r"^arn:aws[\p{Alpha}\-]*:sqs:[\p{Alnum}\-]+:[\p{Digit}]{12}:[\p{Alnum}\-_]{1,80}$"
SNS = PATTERN + r"^arn:aws[\p{Alpha}\-]*:sns:[\p{Alnum}\-]+:[\p{Digit}]{12}:[\p{Alnum}\-_]{1,256}$"
ARNS: dict[str, tuple[str, str, str]] = {
    "service": ("Queue", TOPIC, SQS),
    "account": ("Queue", "arn:aws:sqs:us-east-1:1234:queue", SQS),
    "no account": ("Queue", "arn:aws:sqs:us-east-1::queue", SQS),
    "name": ("Queue", "arn:aws:sqs:us-east-1:123456789012:a/b", SQS),
    "81 characters": ("Queue", "arn:aws:sqs:us-east-1:123456789012:" + "q" * 81, SQS),
    "line feed": ("Queue", f"{QUEUE}\n", SQS),
    "fifo": ("Queue", f"{QUEUE}.fifo", "FIFO SQS queues are not supported."),
    "queue's region": ("Queue", "arn:aws:sqs:eu-west-1:123456789012:queue", REGION),
    "topic": ("Topic", QUEUE, SNS),
    "topic's region": ("Topic", "arn:aws:sns:eu-west-1:123456789012:topic", REGION),
    "function's region": ("CloudFunction", "arn:aws:lambda:eu-west-1:123456789012:function:f", REGION),
}
MEMBERS = {
    "Queue": ("QueueConfigurations", "QueueArn"),
    "Topic": ("TopicConfigurations", "TopicArn"),
    "CloudFunction": ("LambdaFunctionConfigurations", "LambdaFunctionArn"),
}


def put_arns(door: Door, *arns: tuple[str, str], **arguments: Any) -> None:
    configuration: dict[str, Any] = {}
    for number, (kind, arn) in enumerate(arns):
        member, name = MEMBERS[kind]
        entry = {name: arn, "Events": CREATED, **keys(("prefix", f"{number}"))}
        configuration.setdefault(member, []).append(entry)
    door.client.put_bucket_notification_configuration(Bucket="bucket", NotificationConfiguration=configuration, **arguments)


@pytest.mark.parametrize("skip", [True, False])
@pytest.mark.parametrize("case", ARNS)
def test_refused_arns(door: Door, case: str, skip: bool) -> None:
    kind, arn, message = ARNS[case]
    with unchanged(door.fake):
        refused(lambda: put_arns(door, (kind, arn), SkipDestinationValidation=skip), 400, "InvalidArgument", message)


@pytest.mark.parametrize("skip", [True, False])
@pytest.mark.parametrize("arn", ["queue", "arn:aws:sqs:us-east-1", "arn:aws:sqs:us-east-1:123456789012:", "arn:", " "])
@pytest.mark.parametrize("kind", MEMBERS)
def test_what_is_no_arn(door: Door, kind: str, arn: str, skip: bool) -> None:
    """This is checked for all entries first. Recorded from AWS, 2025."""
    extras = {"ArgumentName": kind, "ArgumentValue": arn}
    with unchanged(door.fake):
        refused(
            lambda: put_arns(door, ("Topic", QUEUE), (kind, arn), SkipDestinationValidation=skip),
            400,
            "InvalidArgument",
            "The ARN could not be parsed",
            extras,
        )


@pytest.mark.parametrize(
    ("kind", "arn"),
    [
        ("Queue", "arn:aws-us-gov:sqs:us-east-1:000000000000:" + "q" * 80),
        ("Topic", "arn:aws:sns:us-east-1:000000000000:Topic_-1"),
        ("CloudFunction", f"{FUNCTION}:alias"),
    ],
)
def test_accepted_arns(door: Door, kind: str, arn: str) -> None:
    put_arns(door, (kind, arn))
    member, name = MEMBERS[kind]
    assert get(door)[member][0][name] == arn


def test_the_region_of_a_bucket_elsewhere(door: Door) -> None:
    with door.client_with(region_name="eu-west-1") as s3:
        s3.create_bucket(Bucket="irish", CreateBucketConfiguration={"LocationConstraint": "EU"})
        for arn, accepted in [(QUEUE, False), (QUEUE.replace("us-east-1", "eu-west-1"), True)]:
            configuration: Any = {"QueueConfigurations": [queue(arn)]}

            def put_irish(configuration: Any = configuration) -> None:
                s3.put_bucket_notification_configuration(Bucket="irish", NotificationConfiguration=configuration)

            if accepted:
                put_irish()
            else:
                refused(put_irish, 400, "InvalidArgument", REGION)


# --- who, and where --------------------------------------------------------------------------------------------------


def test_the_policy_actions(door: Door) -> None:
    """Both operations of each pair have one action: PutBucketNotification, GetBucketNotification."""
    reader = door.fake.add_user(None, "notif-reader", _allow("s3:GetBucketNotification"))
    with client_of(door, reader) as s3:
        assert "QueueConfigurations" not in s3.get_bucket_notification_configuration(Bucket="bucket")
        with unchanged(door.fake):
            message = (
                "User: arn:aws:iam::123456789012:user/notif-reader is not authorized to perform: s3:PutBucketNotification on "
                'resource: "arn:aws:s3:::bucket" because no identity-based policy allows the s3:PutBucketNotification action'
            )
            refused(
                lambda: s3.put_bucket_notification_configuration(Bucket="bucket", NotificationConfiguration={}),
                403,
                "AccessDenied",
                message,
            )


def _allow(action: str) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}


def test_the_expected_owner(door: Door) -> None:
    with unchanged(door.fake):
        arguments: Any = {"Bucket": "bucket", "ExpectedBucketOwner": "999999999999", "NotificationConfiguration": {}}
        refused(lambda: door.client.put_bucket_notification_configuration(**arguments), 403, "AccessDenied", "Access Denied")


def test_it_is_saved_forked_and_shown(door: Door, tmp_path: Any) -> None:
    fake, s3 = door.fake, door.client
    put(door, QueueConfigurations=[queue(Id="q", **keys(("prefix", "a/")))], EventBridgeConfiguration={})
    before = get(door)
    snapshot, forked = fake.snapshot(), fake.fork()
    fake.save(tmp_path / "archive")
    shown = fake.buckets["bucket"].configuration.notification
    assert [entry.arn for entry in shown.entries] == [QUEUE]
    put(door)
    assert forked.client().get_bucket_notification_configuration(Bucket="bucket")["EventBridgeConfiguration"] == {}
    fake.restore(snapshot)
    assert get(door) == before
    loaded = FakeS3()
    loaded.load(tmp_path / "archive")
    response = loaded.client().get_bucket_notification_configuration(Bucket="bucket")
    assert response["QueueConfigurations"] == before["QueueConfigurations"]
    s3.delete_bucket(Bucket="bucket")
