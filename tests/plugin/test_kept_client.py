"""The client of ``fakes3_client`` is kept from test to test, as long as no test can tell it from a new one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeAlias

import boto3
import botocore.client
import botocore.session
import pytest
from botocore.configprovider import ConstantProvider
from botocore.exceptions import ClientError

from conftest_plugin import kept_client as kept_client_module
from conftest_plugin.kept_client import kept_client
from fakes3part import mock_s3

REGION = "us-east-1"
Change: TypeAlias = Callable[[Any, pytest.MonkeyPatch], object]


@pytest.fixture(autouse=True)
def own_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin with no client, and with a default session that has none."""
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    monkeypatch.setattr(kept_client_module, "_kept", {})
    monkeypatch.setattr(kept_client_module, "_backoff", kept_client_module._Backoff())


def session() -> Any:
    """Return the default session."""
    return boto3.DEFAULT_SESSION


def lend(use: Callable[[Any], object] = lambda client: None, region: str = REGION, **settings: Any) -> Any:
    """Use the client as a test with ``fakes3_client`` does, and return it."""
    with mock_s3(region=region, **settings), kept_client(region) as client:
        use(client)
        return client


def use_as_usual(client: Any) -> None:
    assert client.list_buckets()["Buckets"] == []
    client.create_bucket(Bucket="bkt")
    client.put_object(Bucket="bkt", Key="key", Body=b"body")
    assert client.get_object(Bucket="bkt", Key="key")["Body"].read() == b"body"
    assert [page["KeyCount"] for page in client.get_paginator("list_objects_v2").paginate(Bucket="bkt")] == [1]
    client.get_waiter("bucket_exists").wait(Bucket="bkt")
    with suppress(client.exceptions.NoSuchKey):
        client.get_object(Bucket="bkt", Key="missing")
    with pytest.raises(ClientError, match="NoSuchBucket"):
        client.list_objects_v2(Bucket="missing")
    client.generate_presigned_url("get_object", Params={"Bucket": "bkt", "Key": "key"})
    client.generate_presigned_post("bkt", "key")


def test_it_is_kept() -> None:
    """Not the first one of a session: its User-Agent says where the credentials are from, which that of later ones does not."""
    first, second, third, fourth = (lend() for _ in range(4))
    assert second is third is fourth
    assert first is not second


def test_one_for_each_region() -> None:
    for region in (REGION, "eu-west-1") * 2:
        lend(region=region)
    assert lend() is lend()
    assert lend(region="eu-west-1") is lend(region="eu-west-1") is not lend()
    assert lend(region="eu-west-1").meta.region_name == "eu-west-1"


def test_clients_that_are_used_at_once() -> None:
    lend()
    kept = lend()
    with mock_s3(), kept_client(REGION) as outer, kept_client(REGION) as inner:
        assert outer is kept
        assert inner is not kept
        inner.create_bucket(Bucket="bkt")
        outer.head_bucket(Bucket="bkt")


def _begin_express_session(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "bkt--use1-az4--x-s3"
    client.create_bucket(
        Bucket=name,
        CreateBucketConfiguration={
            "Location": {"Type": "AvailabilityZone", "Name": "use1-az4"},
            "Bucket": {"Type": "Directory", "DataRedundancy": "SingleAvailabilityZone"},
        },
    )
    client.put_object(Bucket=name, Key="key")


def handler(**event: Any) -> None:
    """Do nothing."""


CHANGES: dict[str, Change] = {
    "a handler": lambda client, monkeypatch: client.meta.events.register("before-call.s3", handler),
    "a handler of one operation": lambda client, monkeypatch: client.meta.events.register_first(
        "before-call.s3.PutObject", handler
    ),
    "a handler of the session": lambda client, monkeypatch: session().events.register("before-call.s3", handler),
    "a method that stays": lambda client, monkeypatch: setattr(client, "put_object", handler),
    "an attribute": lambda client, monkeypatch: setattr(client, "own", 1),
    "a method of the client's class": lambda client, monkeypatch: setattr(type(client), "put_object", handler),
    "a method of all clients": lambda client, monkeypatch: monkeypatch.setattr(
        botocore.client.BaseClient, "_make_request", handler
    ),
    "how clients are made": lambda client, monkeypatch: monkeypatch.setattr(boto3, "client", session().client),
    "how sessions make clients": lambda client, monkeypatch: monkeypatch.setattr(
        botocore.session.Session,
        "create_client",
        lambda *args, original=botocore.session.Session.create_client, **kw: original(*args, **kw),
    ),
    "the configuration": lambda client, monkeypatch: setattr(client.meta.config, "user_agent", "own"),
    "a part of the configuration": lambda client, monkeypatch: client.meta.config.retries.update(total_max_attempts=9),
    "the endpoint": lambda client, monkeypatch: setattr(client._endpoint, "host", "https://own.test"),
    "the signer": lambda client, monkeypatch: setattr(client._request_signer, "_signature_version", "s3"),
    "the model's metadata": lambda client, monkeypatch: client.meta.service_model.metadata.update(own="own"),
    "another default session": lambda client, monkeypatch: boto3.setup_default_session(),
    "no default session": lambda client, monkeypatch: monkeypatch.setattr(boto3, "DEFAULT_SESSION", None),
    "a variable of the session": lambda client, monkeypatch: session()._session.set_config_variable("retry_mode", "adaptive"),
    "what looks up a variable of the session": lambda client, monkeypatch: (
        session()._session.get_component("config_store").set_config_provider("retry_mode", ConstantProvider("adaptive"))
    ),
    "the session's credentials": lambda client, monkeypatch: session()._session.set_credentials("key", "secret"),
    "an environment variable": lambda client, monkeypatch: monkeypatch.setenv("AWS_MAX_ATTEMPTS", "7"),
    "an environment variable that is removed": lambda client, monkeypatch: monkeypatch.delenv("OWN"),
    "an uploaded file": lambda client, monkeypatch: (
        client.create_bucket(Bucket="bkt"),
        client.upload_file(__file__, "bkt", "key"),
    ),
    "a session of a directory bucket": _begin_express_session,
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_not_seen_by_the_next_test(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("OWN", "own")
    lend()
    kept = lend(use_as_usual)
    assert lend(use_as_usual) is kept
    assert lend(lambda client: CHANGES[name](client, monkeypatch)) is kept
    assert lend(lambda client: None) is not kept


@pytest.mark.parametrize("name", ["a handler", "a method that stays", "the configuration"])
def test_after_a_change_a_client_is_kept_again(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    for _ in range(3):
        lend()
    lend(lambda client: CHANGES[name](client, monkeypatch))
    clients = [lend(use_as_usual) for _ in range(5)]
    assert clients[-1] is clients[-2]


def test_what_a_test_undoes_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def use(client: Any) -> None:
        with monkeypatch.context() as context:
            context.setattr(client, "put_object", handler)
            context.setenv("AWS_MAX_ATTEMPTS", "7")

    lend()
    kept = lend()
    assert lend(use) is lend() is kept


def test_retries_of_one_test_are_not_those_of_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """In standard mode, a client that has failed often retries less."""
    monkeypatch.setenv("AWS_RETRY_MODE", "standard")
    lend()
    kept = lend()
    with mock_s3() as fake, kept_client(REGION) as client:
        assert client is kept
        fake.fail("ListBuckets", "SlowDown")
        with pytest.raises(ClientError, match="SlowDown"):
            client.list_buckets()
    assert lend() is not kept


def test_a_redirect_of_one_test_is_not_followed_in_the_next() -> None:
    def elsewhere(client: Any) -> None:
        client.create_bucket(Bucket="bkt", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        client.put_object(Bucket="bkt", Key="key")

    def here(client: Any) -> None:
        client.create_bucket(Bucket="bkt")
        client.put_object(Bucket="bkt", Key="key")
        assert client.head_bucket(Bucket="bkt")["BucketRegion"] == REGION

    for use in (elsewhere, here) * 3:
        lend(use)


def test_tests_that_always_change_their_client_pay_little(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[Any] = []
    contents = kept_client_module._contents
    monkeypatch.setattr(kept_client_module, "_contents", lambda client: (compared.append(client), contents(client))[1])
    for _ in range(100):
        lend(lambda client: client.meta.events.register("before-call.s3", handler))
    assert 2 <= len(compared) <= 8


def test_a_client_after_an_exception_is_not_kept() -> None:
    lend()
    kept = lend()
    with pytest.raises(KeyError), mock_s3(), kept_client(REGION):
        raise KeyError
    assert lend() is not kept


def test_with_pytest(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        CLIENTS, CALLS = [], []

        @pytest.mark.parametrize("number", range(4))
        def test_unchanged(fakes3, fakes3_client, number):
            CLIENTS.append(fakes3_client)
            fakes3_client.create_bucket(Bucket="bkt")
            assert fakes3.calls.count("CreateBucket") == 1

        def test_changes_it(fakes3_client):
            assert CLIENTS[1] is CLIENTS[2] is CLIENTS[3] is fakes3_client
            fakes3_client.meta.events.register("before-call.s3", lambda **event: CALLS.append(event))

        def test_has_another(fakes3_client):
            fakes3_client.create_bucket(Bucket="bkt")
            assert CALLS == []
            assert fakes3_client not in CLIENTS
        """
    )
    pytester.runpytest_subprocess("-p", "no:randomly").assert_outcomes(passed=6)
