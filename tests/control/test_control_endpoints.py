"""The control API: what a test in Python does by methods of FakeS3, any program does over HTTP."""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from fakes3part import FakeS3, Server
from fakes3part.control.endpoints import ENDPOINTS
from tests.support import inventory

Ask = Callable[..., tuple[int, Any]]


@pytest.fixture
def fake() -> FakeS3:
    return FakeS3(min_part_size=1)


@pytest.fixture
def server(fake: FakeS3) -> Iterator[Server]:
    with Server(fake) as server:
        yield server


@pytest.fixture
def s3(server: Server) -> Iterator[Any]:
    config = Config(retries={"total_max_attempts": 1})
    keys = {"aws_access_key_id": "any", "aws_secret_access_key": "key"}
    client = boto3.client("s3", endpoint_url=server.url, region_name="us-east-1", config=config, **keys)
    with contextlib.closing(client):
        client.create_bucket(Bucket="bucket")
        yield client


@pytest.fixture
def ask(server: Server) -> Ask:
    def ask(method: str, path: str, document: Any = None) -> tuple[int, Any]:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)) as connection:
            body = document if isinstance(document, bytes) or document is None else json.dumps(document)
            connection.request(method, f"/_fakes3part/{path}", body)
            response = connection.getresponse()
            return response.status, json.loads(response.read())

    return ask


def test_faults(s3: Any, ask: Ask) -> None:
    status, rule = ask("POST", "faults", {"operation": "PutObject", "effect": "SlowDown", "key": "a*", "times": 1})
    assert (status, rule["hits"], rule["effect"]["code"]) == (200, 0, "SlowDown")
    with pytest.raises(ClientError, match="SlowDown"):
        s3.put_object(Bucket="bucket", Key="abc", Body=b"1")
    s3.put_object(Bucket="bucket", Key="abc", Body=b"1")
    assert ask("GET", f"faults/{rule['id']}")[1]["hits"] == 1
    assert [one["id"] for one in ask("GET", "faults")[1]["faults"]] == [rule["id"]]
    assert ask("DELETE", f"faults/{rule['id']}")[0] == 200
    assert ask("GET", "faults")[1] == {"faults": []}
    assert ask("GET", f"faults/{rule['id']}") == (404, {"error": f"no rule {rule['id']}"})
    ask("POST", "faults", {"operation": "*", "effect": {"effect": "reset", "when": "before"}})
    assert ask("DELETE", "faults") == (200, {"status": "ok"})
    assert s3.head_object(Bucket="bucket", Key="abc")["ContentLength"] == 1


def test_calls_and_events(s3: Any, ask: Ask) -> None:
    ask("DELETE", "calls"), ask("DELETE", "events")
    s3.put_object(Bucket="bucket", Key="k", Body=b"123")
    with pytest.raises(ClientError):
        s3.get_object(Bucket="bucket", Key="K")
    calls = ask("GET", "calls")[1]["calls"]
    assert [(call["operation"], call["key"], call["status"]) for call in calls] == [
        ("PutObject", "k", 200),
        ("GetObject", "K", 404),
    ]
    assert "did you mean" in calls[1]["hint"]
    assert calls[0]["bytes_in"] == 3
    found = ask("GET", "calls?operation=Get*&status=404&error=NoSuchKey&since=1")[1]["calls"]
    assert found == calls[1:]
    (event,) = ask("GET", "events?type=s3:ObjectCreated:*&bucket=bucket")[1]["events"]
    assert (event["eventName"], event["s3"]["object"]["size"]) == ("ObjectCreated:Put", 3)
    ask("DELETE", "calls"), ask("DELETE", "events")
    assert ask("GET", "calls")[1] == {"calls": [], "dropped": 0}
    assert ask("GET", "events")[1] == {"events": [], "dropped": 0}


def test_waiting_for_an_event(s3: Any, ask: Ask) -> None:
    writer = threading.Timer(0.05, lambda: s3.put_object(Bucket="bucket", Key="a b", Body=b"1"))
    writer.start()
    status, event = ask("GET", "events/next?type=s3:ObjectCreated:*&key=a%20b&bucket=bucket")
    writer.join()
    assert (status, event["s3"]["object"]["key"]) == (200, "a+b")
    assert ask("GET", "events/next?key=x&timeout=0")[0] == 404
    assert ask("GET", "events/next?timeout=-1") == (400, {"error": "timeout must be 0 to 60 seconds, not -1"})
    assert ask("GET", "events/next?timeout=nan")[0] == ask("GET", "events/next?timeout=x")[0] == 400
    assert ask("GET", "events/next?type=s3:Created")[0] == 400


QUEUE = "arn:aws:sqs:us-east-1:123456789012:queue"


def test_notifications(s3: Any, ask: Ask) -> None:
    configuration: Any = {"QueueConfigurations": [{"QueueArn": QUEUE, "Events": ["s3:ObjectCreated:*"]}]}
    s3.put_bucket_notification_configuration(
        Bucket="bucket", NotificationConfiguration=configuration, SkipDestinationValidation=True
    )
    writer = threading.Timer(0.05, lambda: s3.put_object(Bucket="bucket", Key="a b", Body=b"1"))
    writer.start()
    status, notification = ask("GET", "notifications/next?destination=queue&key=a%20b&timeout=10")
    writer.join()
    assert (status, notification["status"], notification["destination"]) == (200, "kept", QUEUE)
    assert notification["document"]["Records"][0]["s3"]["object"]["key"] == "a+b"
    assert ask("GET", "notifications?event=s3:ObjectCreated:*&bucket=bucket")[1] == {"notifications": [notification]}
    assert ask("GET", "notifications?status=failed")[1] == {"notifications": []}
    status, answer = ask("GET", "notifications/next?key=x&timeout=0")
    assert (status, answer["error"][:47]) == (404, "no notification with event='s3:*', key='x' has ")
    assert ask("GET", "notifications/next?timeout=61") == (400, {"error": "timeout must be 0 to 60 seconds, not 61"})
    assert ask("DELETE", "notifications") == (200, {"status": "ok"})
    assert ask("GET", "notifications")[1] == {"notifications": []}
    ask("POST", "faults", {"operation": "notification", "effect": {"effect": "reorder"}})
    s3.put_object(Bucket="bucket", Key="k", Body=b"1")
    assert [each["status"] for each in ask("GET", "notifications")[1]["notifications"]] == ["pending"]
    assert ask("POST", "notifications/deliver_pending") == (200, {"status": "ok"})
    assert [each["status"] for each in ask("GET", "notifications")[1]["notifications"]] == ["kept"]


def test_destinations(fake: FakeS3, s3: Any, ask: Ask) -> None:
    webhook = {"arn": QUEUE, "url": "http://127.0.0.1:1/hook"}
    assert ask("POST", "destinations", webhook) == (200, webhook)
    assert ask("GET", "destinations")[1] == {"destinations": [webhook]}
    assert [destination.receiver for destination in fake.notifications.destinations] == [webhook["url"]]
    assert ask("POST", "destinations", {"arn": QUEUE})[0] == 400
    assert ask("POST", "destinations", {"arn": "queue", "url": "http://127.0.0.1"})[0] == 400
    assert ask("POST", "destinations", {"arn": QUEUE, "url": "https://sqs.us-east-1.amazonaws.com"})[0] == 400
    assert ask("DELETE", f"destinations/{QUEUE}") == (200, webhook)
    assert ask("DELETE", f"destinations/{QUEUE}") == (404, {"error": f"no destination {QUEUE}"})


def test_a_pause(fake: FakeS3, s3: Any, ask: Ask) -> None:
    _, pause = ask("POST", "pauses", {"operation": "PutObject", "key": "k"})
    writer = threading.Thread(target=s3.put_object, kwargs={"Bucket": "bucket", "Key": "k", "Body": b"1"})
    writer.start()
    (held,) = fake.faults.pauses
    held.wait()
    (shown,) = ask("GET", "pauses")[1]["pauses"]
    assert (shown["id"], shown["when"], len(shown["waiting"])) == (pause["id"], "before", 1)
    assert ask("GET", "buckets/bucket")[1]["keys"] == []
    assert ask("DELETE", f"pauses/{pause['id']}")[0] == 200
    writer.join(10)
    assert ask("GET", "buckets/bucket")[1]["keys"] == ["k"]
    assert ask("DELETE", f"pauses/{pause['id']}")[0] == 404


def test_the_clock(s3: Any, ask: Ask) -> None:
    s3.put_object(Bucket="bucket", Key="k", Body=b"1")
    url = s3.generate_presigned_url("get_object", {"Bucket": "bucket", "Key": "k"}, ExpiresIn=60)
    assert ask("GET", "clock")[1]["controlled"] is False
    assert ask("POST", "clock/freeze", {"at": "2030-01-01T00:00:00Z"})[1] == {
        "now": "2030-01-01T00:00:00+00:00",
        "frozen": True,
        "controlled": True,
    }
    assert ask("POST", "clock/advance", {"days": 1, "hours": 2})[1]["now"] == "2030-01-02T02:00:00+00:00"
    assert ask("POST", "clock/move_to", {"to": "2031-01-01"})[1]["now"] == "2031-01-01T00:00:00+00:00"
    s3.put_object(Bucket="bucket", Key="new")
    assert s3.head_object(Bucket="bucket", Key="new")["LastModified"].year == 2031
    assert url
    assert ask("DELETE", "clock")[1]["controlled"] is False


def test_the_state(fake: FakeS3, s3: Any, ask: Ask) -> None:
    content = {"seeded": {"a": "text", "b": {"BodyBase64": "AAE=", "ContentType": "image/png"}}}
    assert ask("POST", "seed", content)[1] == {"buckets": 1, "objects": 2}
    assert s3.get_object(Bucket="seeded", Key="b")["Body"].read() == b"\0\1"
    assert s3.head_object(Bucket="seeded", Key="b")["ContentType"] == "image/png"
    assert ask("POST", "snapshot", {"name": "seeded"})[1] == {"name": "seeded"}
    s3.delete_object(Bucket="seeded", Key="a")
    upload = s3.create_multipart_upload(Bucket="seeded", Key="big")["UploadId"]
    shown = ask("GET", "buckets/seeded")[1]
    assert (shown["keys"], shown["open_uploads"]) == (["b"], [{"id": upload, "key": "big", "parts": []}])
    assert [one["upload_id"] for one in ask("GET", "leftovers")[1]["uploads"]] == [upload]
    assert ask("GET", "snapshots")[1] == {"snapshots": ["seeded"]}
    assert ask("POST", "restore", {"name": "seeded"})[0] == 200
    assert ask("GET", "buckets/seeded")[1]["keys"] == ["a", "b"]
    assert [one["name"] for one in ask("GET", "buckets")[1]["buckets"]] == ["bucket", "seeded"]
    assert ask("GET", "config")[1]["min_part_size"] == 1
    ask("POST", "reset")
    assert ask("GET", "buckets")[1] == {"buckets": []}


@pytest.mark.parametrize(
    ("method", "path", "document", "status", "says"),
    [
        ("POST", "faults", {"operation": "PutObject", "effect": "Slowdown"}, 400, "SlowDown"),
        ("POST", "faults", {"operation": "PutObjects", "effect": "SlowDown"}, 400, "PutObject"),
        ("POST", "faults", {"effect": "SlowDown"}, 400, "a rule needs the fields operation and effect"),
        ("POST", "faults", {"operations": "*"}, 400, "no 'operations' here"),
        ("POST", "faults", b"{", 400, "not JSON"),
        ("POST", "faults", [1], 400, "not a JSON object"),
        ("POST", "pauses", {"operation": "PutObject", "when": "during"}, 400, "'before' or 'after', not 'during'"),
        ("GET", "calls?colour=red", None, 400, "no parameter 'colour'"),
        ("GET", "calls?status=many", None, 400, "invalid literal"),
        ("POST", "clock/move_to", {}, 400, "ISO 8601"),
        ("POST", "clock/move_to", {"to": "soon"}, 400, "soon"),
        ("POST", "clock/advance", {"days": "many"}, 400, "many"),
        ("POST", "clock/advance", {"days": 1e308}, 400, "10,000 years"),
        ("POST", "clock/advance", {"days": 10**400}, 400, "10,000 years"),
        ("POST", "clock/advance", {"days": -999999999}, 400, "10,000 years"),
        ("POST", "clock/advance", {"days": float("inf")}, 400, "10,000 years"),
        ("POST", "clock/move_to", {"to": 5}, 400, "must be a datetime or text"),
        ("POST", "clock/move_to", {"to": {}}, 400, "must be a datetime or text"),
        ("POST", "clock/move_to", {"to": "0001-01-01T00:00:00+23:00"}, 400, "years 1 to 9999"),
        ("POST", "pauses", {"operation": "*", "timeout": "x"}, 400, "timeout must be a number of seconds"),
        ("POST", "pauses", {"operation": "*", "timeout": []}, 400, "timeout must be a number of seconds"),
        ("POST", "pauses", {"operation": "*", "timeout": 1e308}, 400, "timeout must be a number of seconds"),
        ("POST", "seed", {"bucket": {"\ud800k": "x"}}, 400, "encodable as UTF-8"),
        ("POST", "restore", {"name": "nothing"}, 404, "no snapshot 'nothing'"),
        ("POST", "seed", {"B": {"k": "x"}}, 400, "InvalidBucketName"),
        ("POST", "seed", {"bucket": 1}, 400, "must be a JSON object of keys"),
        ("POST", "seed", {"bucket": {"k": {"Colour": "red"}}}, 400, "Colour"),
        ("POST", "seed", {"bucket": {"k": {"BodyBase64": "?"}}}, 400, "BodyBase64"),
        ("GET", "buckets/nothing", None, 404, "no bucket 'nothing'"),
        ("PUT", "faults", {}, 405, "use DELETE, GET, HEAD, POST"),
    ],
)
def test_invalid_requests(s3: Any, ask: Ask, method: str, path: str, document: Any, status: int, says: str) -> None:
    got, response = ask(method, path, document)
    assert got == status
    assert says in response["error"]
    assert ask("GET", "faults")[1] == {"faults": []}
    assert ask("GET", "buckets/bucket")[1]["keys"] == []


def test_the_description_has_every_path(ask: Ask) -> None:
    status, document = ask("GET", "openapi.json")
    assert (status, document["openapi"]) == (200, "3.1.0")
    assert {(method.upper(), path) for path, methods in document["paths"].items() for method in methods} == {
        (endpoint.method, endpoint.path) for endpoint in ENDPOINTS
    }
    names = [one["operationId"] for methods in document["paths"].values() for one in methods.values()]
    assert len(names) == len(set(names))
    faults = document["paths"]["/_fakes3part/faults"]["post"]
    schema = faults["requestBody"]["content"]["application/json"]["schema"]
    assert all("effect" in alternative["properties"] for alternative in schema["anyOf"])


def test_metadata_tables(s3: Any, ask: Ask) -> None:
    none = {"error": "the bucket 'bucket' has no metadata table 'journal'; there are none"}
    assert ask("GET", "metadata/bucket/journal") == (404, none)
    configuration: Any = {"JournalTableConfiguration": {"RecordExpiration": {"Expiration": "DISABLED"}}}
    s3.create_bucket_metadata_configuration(Bucket="bucket", MetadataConfiguration=configuration)
    s3.put_object(Bucket="bucket", Key="k", Body=b"abc", Tagging="a=1")
    status, document = ask("GET", "metadata/bucket/journal")
    (row,) = document["rows"]
    assert (status, row["key"], row["record_type"], row["size"], row["object_tags"]) == (200, "k", "CREATE", 3, {"a": "1"})
    assert row["record_timestamp"].endswith("+00:00")
    assert ask("DELETE", "metadata/bucket/journal") == (200, {"status": "ok"})
    assert ask("DELETE", "metadata/bucket/journal") == (404, none)
    assert ask("GET", "metadata/other/journal")[0] == 404


def test_an_inventory_report(ask: Ask, fake: FakeS3, s3: Any) -> None:
    fake.clock.freeze(inventory.START)
    s3.create_bucket(Bucket="reports")
    inventory.put_policy(s3, inventory.POLICY)
    inventory.configure(s3)
    delivered = ask("POST", "inventory/bucket/daily")
    assert delivered == (200, {"manifest": "bucket/daily/2026-02-19T10-30Z/manifest.json"})
    assert inventory.reports(fake) == ["bucket/daily/2026-02-19T10-30Z/manifest.json"]
    for name in ("bucket/x", "none/daily"):
        assert ask("POST", f"inventory/{name}")[0] == 404
    inventory.configure(s3, enabled=False)
    problem = "the inventory configuration 'daily' of bucket 'bucket' is disabled"
    assert ask("POST", "inventory/bucket/daily") == (400, {"error": problem})
