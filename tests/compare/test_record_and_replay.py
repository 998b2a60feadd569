"""Recordings: what another S3 has responded, without secrets, is found again by the fake; a change of it is a difference."""

from __future__ import annotations

import dataclasses
import json
import socket
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timezone
from io import StringIO
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakes3part.api.fakes3 import FakeS3
from fakes3part.compare import report, steps
from fakes3part.compare.bucket_names import new_token
from fakes3part.compare.calls import ComparedCall
from fakes3part.compare.recorder import NotRecorded, RecordingFake
from fakes3part.compare.recording import (
    RecordedCall,
    Recording,
    RecordingError,
    RecordingWriter,
    body_to_json,
    read,
)
from fakes3part.compare.redactor import Redactor
from fakes3part.compare.replay import replay
from fakes3part.compare.scenarios import SCENARIOS
from fakes3part.compare.target import Target
from fakes3part.intercept.activation import intercepted
from tests.support.other_s3 import ACCOUNT, KEYS, FakeTransport, compared, comparison_with

NOW = datetime(2026, 2, 21, tzinfo=timezone.utc)


class Recorded:
    """A recording under way, of a fake that stands for another S3."""

    def __init__(self, **settings: Any) -> None:
        self.transport = FakeTransport(**settings)
        self.text = StringIO()
        target = Target("http://127.0.0.1:9", KEYS, new_token(), transport=self.transport)
        writer = RecordingWriter(self.text, Redactor(KEYS), target.name, target.region, NOW)
        self.calls: list[RecordedCall] = []

        def add(call: RecordedCall) -> None:
            self.calls.append(call)
            writer.add(call)

        self.fake = RecordingFake(target, add)

    def replayed(self, directory: Path) -> list[ComparedCall]:
        return list(replay(self.read(directory)))

    def read(self, directory: Path) -> Recording:
        file = directory / "recording.jsonl"
        file.write_text(self.text.getvalue())
        return read(file)

    @property
    def documents(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.getvalue().splitlines()]


@pytest.fixture
def recorded() -> Iterator[Recorded]:
    recorded = Recorded()
    recorded.fake.begin_group("group")
    with intercepted(recorded.fake):
        yield recorded
    recorded.fake.end_group()
    assert recorded.fake.left == []
    assert list(recorded.transport.fake.buckets) == []


def client() -> Any:
    return boto3.client("s3", "us-east-1", config=Config(retries={"total_max_attempts": 1}))


def shown(calls: list[ComparedCall]) -> str:
    return "\n".join(report.lines([call.to_json() for call in calls]))


@pytest.fixture(scope="module")
def s() -> Iterator[steps.Steps]:
    """Clients take long to make, and are the same for all scenarios."""
    with intercepted(FakeS3()), steps.clients("us-east-1") as clients:
        yield steps.Steps(clients, "us-east-1", needs_all=True)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_each_scenario(scenario: steps.Scenario, s: steps.Steps, tmp_path: Path) -> None:
    """Recorded from a fake of another account and replayed, nothing differs; nor if two fakes are compared."""
    recorded = Recorded()
    recorded.fake.begin_group(scenario.name)
    with intercepted(recorded.fake):
        steps.run(scenario, s)
    recorded.fake.end_group()
    assert recorded.fake.left == []
    assert list(recorded.transport.fake.buckets) == []
    calls = recorded.replayed(tmp_path)
    assert len(calls) == len(recorded.calls) > 5
    assert shown(calls) == ""
    assert [call.reason for call in calls if call.reason] == []

    comparison = comparison_with(FakeTransport())
    with compared(comparison), FakeS3() as fake:
        steps.run(scenario, s)
    assert len(comparison.calls) == len(fake.calls)
    assert shown(comparison.calls) == ""
    assert {call.reason for call in comparison.calls} <= {""}


def test_the_scenarios_are_of_all_kinds(s: steps.Steps) -> None:
    """Many operations, and both outcomes of most of them."""
    outcomes: dict[str | None, set[bool]] = {}
    for scenario in SCENARIOS:
        fake = FakeS3()
        with intercepted(fake):
            steps.run(scenario, s)
        for call in fake.calls:
            outcomes.setdefault(call.operation, set()).add(call.status < 300)
    assert len(outcomes) > 60
    assert sum(len(both) == 2 for both in outcomes.values()) > 30
    assert len({scenario.name for scenario in SCENARIOS}) == len(SCENARIOS)


def test_another_region(tmp_path: Path) -> None:
    transport = FakeTransport(region="eu-west-1")
    text = StringIO()
    target = Target("http://127.0.0.1:9", KEYS, new_token(), region="eu-west-1", transport=transport)
    fake = RecordingFake(target, RecordingWriter(text, Redactor(KEYS), target.name, "eu-west-1", NOW).add)
    fake.begin_group("group")
    with intercepted(fake), steps.clients("eu-west-1") as clients:
        steps.run(SCENARIOS[0], steps.Steps(clients, "eu-west-1"))
    fake.end_group()
    file = tmp_path / "f"
    file.write_text(text.getvalue())
    calls = list(replay(read(file)))
    assert shown(calls) == ""
    assert "eu-west-1" in text.getvalue()


def test_there_is_no_secret_in_the_file(recorded: Recorded) -> None:
    s3 = client()
    s3.create_bucket(Bucket="bucket")
    canonical_id = s3.list_buckets()["Owner"]["ID"]
    key = "k" * 32
    s3.put_object(Bucket="bucket", Key="k", Body=b"1", SSECustomerAlgorithm="AES256", SSECustomerKey=key)
    s3.get_bucket_acl(Bucket="bucket")
    grant = {"Owner": {"ID": canonical_id}, "Grants": []}
    with pytest.raises(ClientError):
        s3.put_bucket_acl(Bucket="bucket", AccessControlPolicy=grant)
    statement = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "s3:*", "Resource": "arn:aws:s3:::bucket"}
    s3.put_bucket_policy(Bucket="bucket", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    s3.get_bucket_policy(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="secret", Body=f"my {KEYS.secret}".encode())
    text = recorded.text.getvalue()
    for secret in (
        KEYS.access_key,
        KEYS.secret,
        ACCOUNT,
        canonical_id,
        "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=",
        "Signature",
    ):
        assert secret not in text
    for name in ("authorization", "x-amz-date", "user-agent", "x-amz-request-id"):
        assert not [line for line in recorded.documents[1:] if name in line["request"]["headers"]]
    for line in recorded.documents[1:]:
        assert {value for name, value in line["response"]["headers"] if name.lower() in ("x-amz-request-id", "x-amz-id-2")} <= {
            "***"
        }
    assert recorded.fake._buckets.names.token not in text


def test_what_is_redacted_is_still_the_same(recorded: Recorded, tmp_path: Path) -> None:
    """Owners and keys stand for themselves under other values, and digests fit the redacted documents."""
    s3 = client()
    s3.create_bucket(Bucket="bucket", ObjectOwnership="ObjectWriter")
    owner = s3.get_bucket_acl(Bucket="bucket")["Owner"]
    grants = [{"Grantee": {"Type": "CanonicalUser", "ID": owner["ID"]}, "Permission": "FULL_CONTROL"}]
    s3.put_bucket_acl(Bucket="bucket", AccessControlPolicy={"Owner": {"ID": owner["ID"]}, "Grants": grants})
    s3.get_bucket_acl(Bucket="bucket")
    customer = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32}
    s3.put_object(Bucket="bucket", Key="k", Body=b"1", **customer)
    s3.get_object(Bucket="bucket", Key="k", **customer)["Body"].read()
    calls = recorded.replayed(tmp_path)
    assert [call.fake.status for call in calls] == [200] * 6
    assert shown(calls) == ""


def test_a_changed_response_is_found(recorded: Recorded, tmp_path: Path) -> None:
    s3 = client()
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="k", Body=b"1")
    s3.list_objects_v2(Bucket="bucket")
    lines = recorded.text.getvalue().replace("<Size>1</Size>", "<Size>2</Size>")
    file = tmp_path / "f"
    file.write_text(lines)
    calls = list(replay(read(file)))
    assert [[tuple(item) for item in call.differences] for call in calls] == [[], [], [("<Contents/Size>", "1", "2")]]


def test_the_client_sees_the_other_s3(recorded: Recorded) -> None:
    s3 = client()
    s3.create_bucket(Bucket="bucket")
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["bucket"]
    s3.put_object(Bucket="bucket", Key="k", Body=b"x" * 3_000_000)
    assert s3.head_object(Bucket="bucket", Key="k")["ContentLength"] == 3_000_000
    assert s3.get_object(Bucket="bucket", Key="k")["Body"].read() == b"x" * 3_000_000
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket="bucket", Key="none")
    with pytest.raises(ClientError, match="304"):
        s3.get_object(Bucket="bucket", Key="k", IfNoneMatch=s3.head_object(Bucket="bucket", Key="k")["ETag"])
    text = "this run records a real S3, and sends no requests to sts"
    with pytest.raises(NotRecorded, match=text), closing(boto3.client("sts", "us-east-1")) as sts:
        sts.get_caller_identity()
    retention = {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": "2100-01-01T00:00:00Z"}
    with pytest.raises(ClientError, match="Not recorded: retention in COMPLIANCE mode is not sent"):
        s3.put_object(Bucket="bucket", Key="k", Body=b"1", **retention)
    with pytest.raises(ClientError, match="Not recorded: the bucket name 'ab' cannot carry the prefix of this run"):
        s3.list_objects_v2(Bucket="ab")


def test_a_target_that_does_not_respond_is_an_error_of_the_client() -> None:
    def broken(*_: Any) -> Any:
        raise ConnectionResetError("reset")

    fake = RecordingFake(Target("http://127.0.0.1:9", KEYS, new_token(), transport=broken), lambda _: None)
    with intercepted(fake), pytest.raises(EndpointConnectionError):
        client().list_buckets()


def test_a_large_body_that_repeats_nothing(recorded: Recorded, tmp_path: Path) -> None:
    s3 = client()
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="k", Body=bytes(range(256)) * 300 + b"end")
    assert set(recorded.documents[2]["request"]["body"]) == {"size", "sha256"}
    calls = recorded.replayed(tmp_path)
    assert [call.reason for call in calls] == ["", "the recording does not have the body of 76803 bytes"]


BODIES: list[tuple[bytes, dict[str, Any]]] = [
    (b"", {}),
    (b"text", {"text": "text"}),
    (b"\xff", {"base64": "/w=="}),
    (b"a" * 5_242_880, {"repeat": "YQ==", "times": 5_242_880}),
    (b"0123456789abcdef" * 100, {"repeat": "MDEyMzQ1Njc4OWFiY2RlZg==", "times": 100}),
]


@pytest.mark.parametrize(("body", "document"), BODIES, ids=lambda value: str(value)[:30])
def test_bodies(body: bytes, document: dict[str, Any]) -> None:
    assert body_to_json(body) == document


BAD_FILES = [
    ("", "f is empty"),
    ("no json\n", "f, line 1: not JSON"),
    ("[]\n", "f, line 1: not an object"),
    ("{}\n", "f is no recording of fakes3part"),
    ('{"fakes3part":"recording","version":2}\n', "f has version 2 of the format; this release reads version 1"),
    ('{"fakes3part":"recording","version":1}\n{}\n', "f, line 2: KeyError: 'request'"),
    ('{"fakes3part":"recording","version":1}\n{"request":1,"response":{},"time":"x"}\n', "f, line 2: ValueError: time must be"),
]


@pytest.mark.parametrize(("text", "error"), BAD_FILES)
def test_files_that_are_no_recordings(text: str, error: str, tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_text(text)
    with pytest.raises(RecordingError) as caught:
        read(file)
    assert str(caught.value).startswith(f"{tmp_path}/{error}")


def test_binary_files_are_no_recordings(tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RecordingError, match="is no recording"):
        read(file)


def test_a_replay_needs_no_network(recorded: Recorded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client().create_bucket(Bucket="bucket")

    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    assert shown(recorded.replayed(tmp_path)) == ""


def test_a_replay_is_at_the_recorded_time(recorded: Recorded, tmp_path: Path) -> None:
    """A retention that was in the future then is past today; a presigned URL was valid then."""
    s3 = client()
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="k", Body=b"1")
    recording = recorded.read(tmp_path)
    calls = [dataclasses.replace(call, time=datetime(2020, 1, 1, tzinfo=timezone.utc)) for call in recording.calls]
    headers = [(name, value) for name, value in calls[1].response_headers if name != "Date"]
    calls[1] = dataclasses.replace(calls[1], response_headers=tuple(headers))
    calls.append(
        dataclasses.replace(
            calls[1],
            operation="HeadObject",
            method="HEAD",
            body=calls[0].response_body,
            headers={"x-amz-content-sha256": "UNSIGNED-PAYLOAD"},
        )
    )
    (head,) = list(replay(Recording("aws", "us-east-1", calls)))[2:]
    modified = {item.where: item.fake for item in head.differences}["header last-modified"]
    assert modified == "Wed, 01 Jan 2020 00:00:00 GMT"


PREFIXES = st.sampled_from(["", "b"])
KEYS_OF_HISTORIES = st.sampled_from(["a", "b/c", "ü d"])
STEP: st.SearchStrategy[tuple[str, dict[str, Any]]] = st.one_of(
    st.tuples(st.just("put_object"), st.fixed_dictionaries({"Key": KEYS_OF_HISTORIES, "Body": st.binary(max_size=3)})),
    st.tuples(st.sampled_from(["get_object", "head_object", "delete_object"]), st.fixed_dictionaries({"Key": KEYS_OF_HISTORIES})),
    st.tuples(
        st.just("list_objects_v2"), st.fixed_dictionaries({"MaxKeys": st.integers(-1, 3), "Prefix": st.sampled_from(["", "b"])})
    ),
    st.tuples(st.just("list_object_versions"), st.fixed_dictionaries({"MaxKeys": st.integers(0, 3)})),
    st.tuples(
        st.just("put_bucket_versioning"),
        st.fixed_dictionaries({"VersioningConfiguration": st.sampled_from([{"Status": "Enabled"}, {"Status": "Suspended"}])}),
    ),
    st.tuples(st.just("create_multipart_upload"), st.fixed_dictionaries({"Key": KEYS_OF_HISTORIES})),
    st.tuples(
        st.sampled_from(["upload_part", "list_parts", "abort_multipart_upload", "complete_multipart_upload"]),
        st.fixed_dictionaries({"Key": KEYS_OF_HISTORIES}),
    ),
)


def run_history(s: steps.Steps, history: list[tuple[str, dict[str, Any]]]) -> None:
    upload, etag = "none", "none"
    s("create_bucket")
    for method, params in history:
        if method in ("upload_part", "list_parts", "abort_multipart_upload", "complete_multipart_upload"):
            params = {**params, "UploadId": upload}
        if method == "upload_part":
            params |= {"PartNumber": 1, "Body": b"1"}
        if method == "complete_multipart_upload":
            params |= {"MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": etag}]}}
        output = s(method, **params)
        upload = output.get("UploadId", upload)
        etag = output.get("ETag", etag)
    s("list_objects_v2")
    s("list_object_versions")
    s("list_multipart_uploads")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(STEP, min_size=3, max_size=25))
def test_any_history_is_the_same_in_two_fakes(s: steps.Steps, tmp_path: Path, history: list[tuple[str, dict[str, Any]]]) -> None:
    comparison = comparison_with(FakeTransport())
    with compared(comparison), FakeS3():
        run_history(s, history)
    assert shown(comparison.calls) == ""
    assert comparison.clean_up(everything=True) == []
    recorded = Recorded()
    recorded.fake.begin_group("history")
    with intercepted(recorded.fake):
        run_history(s, history)
    assert shown(recorded.replayed(tmp_path)) == ""
