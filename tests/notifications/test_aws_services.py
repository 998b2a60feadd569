"""Notifications that go to the queues, topics, functions and event buses of another fake: moto, or an endpoint."""

from __future__ import annotations

import io
import json
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import moto
import pytest

from fakes3part import FakeS3, mock_aws
from fakes3part.notifications import aws_services
from tests.support.doors import refused
from tests.support.moto import client, moto_left_as_it_was

__all__ = ["moto_left_as_it_was"]

ACCOUNT = "123456789012"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:topic"
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:function"


@pytest.fixture(autouse=True)
def no_endpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    for variables in aws_services.VARIABLES.values():
        for variable in variables:
            monkeypatch.delenv(variable, raising=False)


def queue_arn(name: str = "queue") -> str:
    return f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"


def configure(s3: Any, *, skip: bool = True, **configuration: Any) -> None:
    s3.put_bucket_notification_configuration(
        Bucket="bucket", NotificationConfiguration=configuration, SkipDestinationValidation=skip
    )


def to_queue(arn: str = queue_arn(), events: str = "s3:ObjectCreated:*") -> dict[str, Any]:
    return {"QueueConfigurations": [{"QueueArn": arn, "Events": [events]}]}


def messages(url: str) -> list[dict[str, Any]]:
    response = client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"])
    found: list[dict[str, Any]] = response.get("Messages", [])
    return found


# --- moto ------------------------------------------------------------------------------------------------------------


def test_a_queue_of_moto() -> None:
    with mock_aws(others="moto") as fakes3:
        url = client("sqs").create_queue(QueueName="queue")["QueueUrl"]
        s3 = client("s3")
        s3.create_bucket(Bucket="bucket")
        configure(s3, skip=False, **to_queue())
        s3.put_object(Bucket="bucket", Key="a b", Body=b"x")
        test, created = messages(url)
        assert json.loads(test["Body"])["Event"] == "s3:TestEvent"
        assert json.loads(created["Body"]) == {"Records": fakes3.notifications[1].records}
        assert {(sent.status, sent.via) for sent in fakes3.notifications} == {("delivered", "moto")}


def test_a_topic_of_moto_and_its_subscribers() -> None:
    with mock_aws(others="moto") as fakes3:
        url = client("sqs").create_queue(QueueName="subscriber")["QueueUrl"]
        client("sns").create_topic(Name="topic")
        client("sns").subscribe(TopicArn=TOPIC, Protocol="sqs", Endpoint=queue_arn("subscriber"))
        s3 = client("s3")
        s3.create_bucket(Bucket="bucket")
        configure(s3, TopicConfigurations=[{"TopicArn": TOPIC, "Events": ["s3:ObjectCreated:*"]}])
        s3.put_object(Bucket="bucket", Key="k", Body=b"x")
        (message,) = messages(url)
        notification = json.loads(message["Body"])
        assert (notification["TopicArn"], notification["Subject"]) == (TOPIC, "Amazon S3 Notification")
        assert json.loads(notification["Message"]) == fakes3.notifications[0].document


def test_an_event_bus_of_moto() -> None:
    pytest.importorskip("jsonpath_ng", reason="moto's event bus needs moto[events]")
    with mock_aws(others="moto") as fakes3:
        url = client("sqs").create_queue(QueueName="events")["QueueUrl"]
        pattern = {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": {"bucket": {"name": ["bucket"]}}}
        client("events").put_rule(Name="rule", EventPattern=json.dumps(pattern))
        client("events").put_targets(Rule="rule", Targets=[{"Id": "1", "Arn": queue_arn("events")}])
        s3 = client("s3")
        s3.create_bucket(Bucket="bucket")
        configure(s3, EventBridgeConfiguration={})
        s3.put_object(Bucket="bucket", Key="a b", Body=b"x")
        s3.delete_object(Bucket="bucket", Key="a b")
        (message,) = messages(url)
        event = json.loads(message["Body"])
        assert (event["source"], event["resources"]) == ("aws.s3", ["arn:aws:s3:::bucket"])
        assert event["detail"] == fakes3.notifications[0].document["detail"]
        assert [sent.status for sent in fakes3.notifications] == ["delivered"] * 2


def test_a_function_of_moto() -> None:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("code.py", "def handler(event, context): pass")
    with mock_aws(others="moto", config={"lambda": {"use_docker": False}}) as fakes3:
        role = client("iam").create_role(RoleName="role", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        client("lambda").create_function(
            FunctionName="function", Runtime="python3.12", Role=role, Handler="code.handler", Code={"ZipFile": code.getvalue()}
        )
        s3 = client("s3")
        s3.create_bucket(Bucket="bucket")
        configure(s3, LambdaFunctionConfigurations=[{"LambdaFunctionArn": FUNCTION, "Events": ["s3:ObjectCreated:*"]}])
        s3.put_object(Bucket="bucket", Key="k", Body=b"x")
        (sent,) = fakes3.notifications
        assert (sent.status, sent.via, sent.error) == ("delivered", "moto", None)


def test_a_queue_that_moto_does_not_have() -> None:
    with mock_aws(others="moto") as fakes3:
        s3 = client("s3")
        s3.create_bucket(Bucket="bucket")
        configure(s3, **to_queue())
        s3.put_object(Bucket="bucket", Key="k", Body=b"x")
        (sent,) = fakes3.notifications
        assert (sent.status, sent.via) == ("failed", "moto")
        assert "The specified queue does not exist" in str(sent.error)
        assert fakes3.notifications.errors == []


def test_registered_functions_come_before_moto() -> None:
    with mock_aws(others="moto") as fakes3:
        url = client("sqs").create_queue(QueueName="queue")["QueueUrl"]
        received: list[Any] = []
        fakes3.deliver_to(queue_arn(), received.append)
        s3 = client("s3")
        s3.create_bucket(Bucket="bucket")
        configure(s3, **to_queue())
        s3.put_object(Bucket="bucket", Key="k", Body=b"x")
        assert (len(received), messages(url)) == (1, [])


def test_moto_that_the_test_itself_has_entered() -> None:
    with moto.mock_aws(), FakeS3() as fakes3:
        url = client("sqs").create_queue(QueueName="queue")["QueueUrl"]
        s3 = fakes3.client()
        s3.create_bucket(Bucket="bucket")
        configure(s3, **to_queue())
        s3.put_object(Bucket="bucket", Key="k", Body=b"x")
        s3.close()
        assert len(messages(url)) == 1


def test_without_moto_nothing_is_sent() -> None:
    with FakeS3() as fakes3:
        s3 = client("s3")
        s3.create_bucket(Bucket="bucket")
        configure(s3, **to_queue())
        s3.put_object(Bucket="bucket", Key="k", Body=b"x")
        assert [(sent.status, sent.via) for sent in fakes3.notifications] == [("kept", None)]


def _policy(action: str, **statement: Any) -> str:
    default = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": action, "Resource": "*"}
    condition = {"ArnLike": {"aws:SourceArn": "arn:aws:s3:*:*:bucket"}, "StringEquals": {"aws:SourceAccount": ACCOUNT}}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**default, "Condition": condition, **statement}]})


UNABLE = "Unable to validate the following destination configurations"


@pytest.fixture
def strict() -> Iterator[Any]:
    with mock_aws(others="moto", strict_destinations=True):
        s3 = client("s3")
        s3.create_bucket(Bucket="bucket")
        yield s3


def test_destinations_must_exist_in_moto_and_allow_it(strict: Any) -> None:
    client("sqs").create_queue(QueueName="queue", Attributes={"Policy": _policy("sqs:SendMessage")})
    client("sns").create_topic(Name="topic", Attributes={"Policy": _policy("SNS:Publish")})
    topics = [{"TopicArn": TOPIC, "Events": ["s3:ObjectRemoved:*"]}]
    configure(strict, skip=False, **to_queue(), TopicConfigurations=topics)
    functions = [{"LambdaFunctionArn": FUNCTION, "Events": ["s3:ObjectTagging:*"]}]
    refused(
        lambda: configure(strict, skip=False, **to_queue(queue_arn("missing")), LambdaFunctionConfigurations=functions),
        400,
        "InvalidArgument",
        UNABLE,
        {
            "ArgumentName1": queue_arn("missing"),
            "ArgumentValue1": "The destination queue does not exist",
            "ArgumentName2": f"{FUNCTION}, null",
            "ArgumentValue2": f"Not authorized to invoke function [{FUNCTION}]",
        },
    )


@pytest.mark.parametrize(
    "policy",
    [
        None,
        _policy("sqs:ReceiveMessage"),
        _policy("*", Effect="Deny"),
        _policy("*", Principal={"Service": "sns.amazonaws.com"}),
        _policy("*", Resource=queue_arn("other")),
        _policy("*", Condition={"ArnEquals": {"aws:SourceArn": "arn:aws:s3:::other"}}),
        _policy("*", Condition={"StringEquals": {"aws:SourceAccount": "999999999999"}}),
    ],
)
def test_queues_must_allow_it(strict: Any, policy: str | None) -> None:
    client("sqs").create_queue(QueueName="queue", Attributes={} if policy is None else {"Policy": policy})
    reason = "Permissions on the destination queue do not allow S3 to publish notifications from this bucket"
    extras = {"ArgumentName1": queue_arn(), "ArgumentValue1": reason}
    refused(lambda: configure(strict, skip=False, **to_queue()), 400, "InvalidArgument", UNABLE, extras)
    configure(strict, skip=True, **to_queue())


def test_topics_must_allow_it(strict: Any) -> None:
    """A new topic allows its owner only."""
    client("sns").create_topic(Name="topic")
    reason = "Permissions on the destination topic do not allow S3 to publish notifications from this bucket"
    topics = [{"TopicArn": TOPIC, "Events": ["s3:ObjectRemoved:*"]}]
    extras = {"ArgumentName1": TOPIC, "ArgumentValue1": reason}
    refused(lambda: configure(strict, skip=False, TopicConfigurations=topics), 400, "InvalidArgument", UNABLE, extras)


# --- endpoints -------------------------------------------------------------------------------------------------------


class Endpoint(ThreadingHTTPServer):
    """A server that answers as SQS and Lambda do, as far as notifications need them, and remembers the requests."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[tuple[str, str, Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Endpoint

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        operation = str(self.headers.get("X-Amz-Target", "")).rpartition(".")[2]
        self.server.requests.append((self.path, operation, body))
        answer = {"QueueUrl": f"{self.server.url}/{ACCOUNT}/queue"} if operation == "GetQueueUrl" else {}
        if operation == "PutEvents":
            answer = {"Entries": [{"EventId": "1"}], "FailedEntryCount": 0}  # type: ignore[dict-item]
        text = json.dumps(answer).encode()
        self.send_response(202 if "/functions/" in self.path else 200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: Any) -> None: ...  # noqa: A002 -- its name in the base class


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()
        for each in aws_services._clients.values():
            each.close()
        aws_services._clients.clear()


@pytest.mark.parametrize("inside", [True, False])
def test_an_endpoint_of_sqs(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, inside: bool) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", endpoint.url)
    fakes3 = FakeS3()
    s3 = fakes3.client()
    s3.create_bucket(Bucket="bucket")
    configure(s3, **to_queue())
    if inside:
        with fakes3:
            s3.put_object(Bucket="bucket", Key="k", Body=b"x")
    else:
        s3.put_object(Bucket="bucket", Key="k", Body=b"x")
    s3.close()
    (sent,) = fakes3.notifications
    assert (sent.status, sent.via, sent.error) == ("delivered", "endpoint", None)
    assert [operation for _, operation, _ in endpoint.requests] == ["GetQueueUrl", "SendMessage"]
    body = endpoint.requests[1][2]
    assert body["QueueUrl"] == f"{endpoint.url}/{ACCOUNT}/queue"
    assert json.loads(body["MessageBody"]) == sent.document


def test_the_users_configuration_is_not_read(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither a profile that does not exist nor a file that cannot be parsed, neither a proxy nor bad certificates, matter."""
    (tmp_path / "config").write_text("no ini file")
    fakes3 = FakeS3()
    s3 = fakes3.client()
    s3.create_bucket(Bucket="bucket")
    configure(s3, **to_queue())
    for variable, value in {
        "AWS_ENDPOINT_URL_SQS": endpoint.url,
        "AWS_PROFILE": "missing",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "config"),
        "HTTP_PROXY": "http://127.0.0.1:1",
        "AWS_CA_BUNDLE": str(tmp_path / "missing"),
        "AWS_RETRY_MODE": "nonsense",
    }.items():
        monkeypatch.setenv(variable, value)
    s3.put_object(Bucket="bucket", Key="k", Body=b"x")
    s3.close()
    assert [(sent.status, sent.error) for sent in fakes3.notifications] == [("delivered", None)]


@pytest.mark.parametrize("variable", ["AWS_ENDPOINT_URL_EVENTS", "AWS_ENDPOINT_URL_EVENTBRIDGE"])
def test_an_endpoint_of_event_bridge(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, endpoint.url)
    with FakeS3() as fakes3:
        s3 = client("s3")
        s3.create_bucket(Bucket="bucket")
        configure(s3, EventBridgeConfiguration={})
        s3.put_object(Bucket="bucket", Key="k", Body=b"x")
    (entry,) = endpoint.requests[0][2]["Entries"]
    assert (entry["Source"], entry["DetailType"]) == ("aws.s3", "Object Created")
    assert json.loads(entry["Detail"]) == fakes3.notifications[0].document["detail"]


def test_an_endpoint_of_lambda(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", endpoint.url)
    with FakeS3() as fakes3:
        s3 = client("s3")
        s3.create_bucket(Bucket="bucket")
        configure(s3, LambdaFunctionConfigurations=[{"LambdaFunctionArn": FUNCTION, "Events": ["s3:ObjectCreated:*"]}])
        s3.put_object(Bucket="bucket", Key="k", Body=b"x")
    ((path, _, event),) = endpoint.requests
    assert path == f"/2015-03-31/functions/{FUNCTION.replace(':', '%3A')}/invocations"
    assert event == fakes3.notifications[0].document


@pytest.mark.parametrize("url", ["https://sqs.us-east-1.amazonaws.com", "http://169.254.169.254", ""])
def test_the_real_aws_is_no_endpoint(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", url)
    fakes3 = FakeS3()
    s3 = fakes3.client()
    s3.create_bucket(Bucket="bucket")
    configure(s3, **to_queue())
    s3.put_object(Bucket="bucket", Key="k", Body=b"x")
    s3.close()
    assert [sent.status for sent in fakes3.notifications] == ["kept"]


def test_an_endpoint_that_does_not_respond(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:1")
    fakes3 = FakeS3()
    s3 = fakes3.client()
    s3.create_bucket(Bucket="bucket")
    configure(s3, **to_queue())
    s3.put_object(Bucket="bucket", Key="k", Body=b"x")
    s3.close()
    (sent,) = fakes3.notifications
    assert (sent.status, sent.via) == ("failed", "endpoint")
    assert str(sent.error).startswith("EndpointConnectionError")
