"""Where requests go: to the target only, about buckets of this run only."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes3part.compare import target as target_module
from fakes3part.compare.answers import Answer, Content
from fakes3part.compare.bucket_names import BucketNames, new_token
from fakes3part.compare.cleanup import delete_bucket
from fakes3part.compare.target import AWS, Target, TargetError, UnsafeRequest, target_from_environment
from fakes3part.message import Request
from fakes3part.rules.names import is_bucket_name, is_legacy_bucket_name
from tests.support.other_s3 import KEYS, FakeTransport

TOKEN = "f3c0123456789"


class Recorder:
    """A transport that responds what it is told, and records base URLs and targets."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = [*answers]
        self.sent: list[tuple[str, str]] = []

    def __call__(self, method: str, base: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        self.sent.append((base, target))
        return self.answers.pop(0) if self.answers else Answer(200, ())


def error(status: int, code: str) -> Answer:
    return Answer(status, (), Content.of([f"<Error><Code>{code}</Code></Error>".encode()]))


@pytest.mark.parametrize(
    ("region", "base"),
    [
        ("us-east-1", "https://s3.us-east-1.amazonaws.com"),
        ("eu-west-1", "https://s3.eu-west-1.amazonaws.com"),
        ("cn-north-1", "https://s3.cn-north-1.amazonaws.com.cn"),
        (None, "https://s3.eu-central-1.amazonaws.com"),
    ],
)
def test_hosts_of_aws(region: str | None, base: str) -> None:
    recorder = Recorder()
    Target(AWS, KEYS, TOKEN, region="eu-central-1", transport=recorder).send(Request("GET", "", "/"), region=region)
    assert recorder.sent == [(base, "/")]


@pytest.mark.parametrize("region", ["evil.example.com/", "us-east-1.evil", "", "a@b"])
def test_a_region_cannot_lead_elsewhere(region: str) -> None:
    recorder = Recorder()
    with pytest.raises(TargetError, match="is no region of AWS"):
        Target(AWS, KEYS, TOKEN, transport=recorder).send(Request("GET", "", "/"), region=region)
    assert recorder.sent == []


def test_an_endpoint_keeps_its_region() -> None:
    recorder = Recorder()
    Target("http://127.0.0.1:9000/", KEYS, TOKEN, transport=recorder).send(Request("GET", "", "/"), region="eu-west-1")
    assert recorder.sent == [("http://127.0.0.1:9000", "/")]


UNSAFE = [
    Request("GET", "", "/of-the-user"),
    Request("DELETE", "", "/of-the-user/key"),
    Request("PUT", "", "//f3c0123456789-1-b"),
    Request("DELETE", "", "/%6ff-the-user"),
    Request("PUT", "", "/f3c0123456789-1-b/k", headers={"x-amz-copy-source": "of-the-user/key"}),
    Request("PUT", "", "/f3c0123456789-1-b/k", headers={"x-amz-copy-source": "/of-the-user/key"}),
    Request("POST", "", "/"),
    Request("PUT", "", ""),
]


@pytest.mark.parametrize("request_", UNSAFE, ids=repr)
def test_other_buckets_are_not_touched(request_: Request) -> None:
    recorder = Recorder()
    with pytest.raises(UnsafeRequest, match="refused: "):
        Target("http://127.0.0.1:9", KEYS, TOKEN, transport=recorder).send(request_)
    assert recorder.sent == []


def test_temporary_failures_are_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target_module, "PAUSE", 0)
    recorder = Recorder(error(503, "SlowDown"), error(500, "InternalError"))
    target = Target("http://127.0.0.1:9", KEYS, TOKEN, transport=recorder)
    assert target.send(Request("GET", "", "/")).status == 200
    assert len(recorder.sent) == 3
    recorder.answers = [error(503, "SlowDown")] * 9
    assert target.send(Request("GET", "", "/"), repeats=False).status == 503
    assert len(recorder.sent) == 4
    assert target.send(Request("GET", "", "/")).status == 503
    assert len(recorder.sent) == 8
    recorder.answers = [error(501, "NotImplemented")]
    assert target.send(Request("GET", "", "/")).status == 501


@given(st.text(st.sampled_from("abXY09.-_"), min_size=1, max_size=70))
def test_names_of_buckets(name: str) -> None:
    """The target's name has the token and keeps or breaks the same rules; both ways lead back. Else there is none."""
    names = BucketNames(f"{TOKEN}-1")
    made = names.at_target(name)
    if is_bucket_name(name):
        assert made is not None
    if made is not None:
        assert made.startswith(f"{TOKEN}-1-")
        assert is_bucket_name(made) == is_bucket_name(name)
        assert is_legacy_bucket_name(made) == is_legacy_bucket_name(name)
        assert names.in_fake(f"<Name>{made}</Name>") == f"<Name>{name}</Name>"
        assert names.at_target(name) == made


def test_long_names_stay_apart() -> None:
    names = BucketNames(f"{TOKEN}-1")
    made = {names.at_target("a" * 62 + end) for end in "abc"}
    assert len(made) == 3
    assert None not in made


def test_tokens_differ() -> None:
    assert len({new_token() for _ in range(100)}) == 100


def test_a_bucket_is_deleted_with_all_that_is_in_it() -> None:
    transport = FakeTransport(min_part_size=1)
    target = Target("http://127.0.0.1:9", KEYS, TOKEN, transport=transport)
    name = f"{TOKEN}-1-b"
    target.send(Request("PUT", "", f"/{name}", headers={"x-amz-bucket-object-lock-enabled": "true"}))
    for key in ("a", "b%20c", "%C3%BC"):
        target.send(Request("PUT", "", f"/{name}/{key}", headers={"x-amz-object-lock-mode": "GOVERNANCE", **LOCK}, body=b"1"))
        target.send(Request("DELETE", "", f"/{name}/{key}"))
        assert target.send(Request("POST", "", f"/{name}/{key}", "uploads")).status == 200
    assert len(transport.fake.buckets[name].uploads) == 3
    assert delete_bucket(target, name, None) is None
    assert list(transport.fake.buckets) == []
    assert delete_bucket(target, name, None) is None  # gone already


LOCK = {"x-amz-object-lock-retain-until-date": "2100-01-01T00:00:00Z", "content-md5": "xMpCOKC5I4INzFCab3WEmw=="}


def test_what_cannot_be_deleted_is_said() -> None:
    transport = FakeTransport()
    target = Target("http://127.0.0.1:9", KEYS, TOKEN, transport=transport)
    name = f"{TOKEN}-1-b"
    target.send(Request("PUT", "", f"/{name}", headers={"x-amz-bucket-object-lock-enabled": "true"}))
    target.send(Request("PUT", "", f"/{name}/k", headers={"x-amz-object-lock-mode": "COMPLIANCE", **LOCK}, body=b"1"))
    problem = delete_bucket(target, name, None)
    assert problem is not None
    assert problem.startswith(f"the bucket {name} is left: Access Denied")


def test_credentials_are_those_of_boto3(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKID",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_SESSION_TOKEN": "token",
        "AWS_ACCOUNT_ID": "210987654321",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9",
    }.items():
        monkeypatch.setenv(name, value)
    target = target_from_environment(AWS, TOKEN)
    assert target.credentials == ("AKID", "secret", "token", "210987654321")
    assert (target.region, target._url) == ("eu-west-1", "http://127.0.0.1:9")
    assert target_from_environment("http://127.0.0.1:8", TOKEN)._url == "http://127.0.0.1:8"
