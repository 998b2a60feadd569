"""Interception of STS, KMS and S3 Control in-process, also beside other mocks."""

from __future__ import annotations

import contextlib
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import moto
import pytest
from botocore.stub import Stubber

from fakes3part import FakeS3, Server, ServiceNotFaked, mock_s3
from fakes3part.intercept import stack
from tests.support.callers import OWNER

MOTOS = f"arn:aws:sts::{OWNER}:user/moto"
OURS = f"arn:aws:iam::{OWNER}:root"


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    yield
    assert stack.active.interceptions == ()


@pytest.fixture(scope="module")
def early() -> Iterator[Callable[[str], Any]]:
    """Clients that were made before any mock."""
    session = boto3.session.Session(aws_access_key_id="AKIAEARLY", aws_secret_access_key="s", region_name="us-east-1")
    made: dict[str, Any] = {name: session.client(name) for name in ("sts", "kms", "s3control", "s3", "dynamodb")}
    yield made.__getitem__
    for client in made.values():
        client.close()


@pytest.fixture
def late() -> Iterator[Callable[[str], Any]]:
    """Clients made within."""
    with contextlib.ExitStack() as made:

        def client(name: str) -> Any:
            return made.enter_context(contextlib.closing(boto3.session.Session().client(name, region_name="us-east-1")))

        yield client


ORDERS: dict[str, list[Callable[[], Any]]] = {
    "moto outside": [moto.mock_aws, mock_s3],
    "moto inside": [mock_s3, moto.mock_aws],
    "moto between": [mock_s3, moto.mock_aws, mock_s3],
}


@pytest.mark.parametrize("which", ["early", "late"])
@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_moto_has_sts_and_kms_and_we_have_s3(order: list[Any], which: str, request: pytest.FixtureRequest) -> None:
    with contextlib.ExitStack() as entered:
        for mock in order:
            found = entered.enter_context(mock())
            fake = found if isinstance(found, FakeS3) else None
        fake = fake or stack.active.interceptions[-1].fake
        client = request.getfixturevalue(which)
        assert client("sts").get_caller_identity()["Arn"] == MOTOS
        key = client("kms").create_key()["KeyMetadata"]["Arn"]
        assert client("kms").list_keys()["Keys"][0]["KeyArn"] == key
        assert fake.kms.keys(OWNER, "us-east-1") == []
        block = {"PublicAccessBlockConfiguration": {"BlockPublicAcls": True}}
        client("s3control").put_public_access_block(AccountId=OWNER, **block)
        assert fake.store.public_access_blocks[OWNER].block_public_acls
        client("s3").create_bucket(Bucket="bucket")
        stored = client("s3").put_object(Bucket="bucket", Key="k", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
        assert (list(fake.buckets), stored["SSEKMSKeyId"]) == (["bucket"], key)


def test_each_alone_before_and_after(early: Callable[[str], Any]) -> None:
    sts = early("sts")
    with mock_s3():
        assert sts.get_caller_identity()["Arn"] == OURS
        with moto.mock_aws():
            assert sts.get_caller_identity()["Arn"] == MOTOS
        assert sts.get_caller_identity()["Arn"] == OURS
    with moto.mock_aws():
        assert sts.get_caller_identity()["Arn"] == MOTOS
        with mock_s3():
            assert sts.get_caller_identity()["Arn"] == MOTOS
        assert sts.get_caller_identity()["Arn"] == MOTOS


def test_a_stubber_takes_precedence(early: Callable[[str], Any]) -> None:
    sts = early("sts")
    with mock_s3(), Stubber(sts) as stubber:
        stubber.add_response("get_caller_identity", {"Arn": "arn:aws:stubbed:::no-one"})
        assert sts.get_caller_identity()["Arn"] == "arn:aws:stubbed:::no-one"
    with mock_s3():
        assert sts.get_caller_identity()["Arn"] == OURS


def test_a_custom_endpoint_takes_precedence(monkeypatch: pytest.MonkeyPatch, late: Callable[[str], Any]) -> None:
    other = FakeS3(account="999999999999")
    with Server(other) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", server.url)
        with mock_s3():
            assert late("sts").get_caller_identity()["Account"] == "999999999999"


OFF: list[tuple[dict[str, Any], str]] = [
    ({"service_whitelist": ["s3"]}, "sts kms"),
    ({"service_whitelist": ["s3", "sts"]}, "kms"),
    ({"service_whitelist": ["sts", "kms"]}, "s3 s3control"),
    ({"service_whitelist": []}, "s3 s3control sts kms"),
]
CALLS: dict[str, Callable[[Any], Any]] = {
    "s3": lambda client: client.list_buckets(),
    "sts": lambda client: client.get_caller_identity(),
    "kms": lambda client: client.list_keys(),
    "s3control": lambda client: client.delete_public_access_block(AccountId=OWNER),
}


@pytest.mark.parametrize(("core", "off"), OFF, ids=[str(core) for core, _ in OFF])
def test_switched_off(early: Callable[[str], Any], core: dict[str, Any], off: str) -> None:
    with mock_s3(config={"core": core}):
        for name, call in CALLS.items():
            if name in off.split():
                with pytest.raises(ServiceNotFaked) as caught:
                    call(early(name))
                assert name.replace("s3control", "s3-control") in caught.value.host
            else:
                call(early(name))


def test_nested_whitelists_add_up(early: Callable[[str], Any]) -> None:
    with mock_s3(config={"core": {"service_whitelist": ["s3"]}}), mock_s3(config={"core": {"service_whitelist": ["kms"]}}):
        for name in ("s3", "s3control", "kms"):
            CALLS[name](early(name))
        with pytest.raises(ServiceNotFaked):
            CALLS["sts"](early("sts"))


@pytest.mark.parametrize(("services", "through"), [(["sts"], "sts"), (["kms", "sts"], "sts kms"), (["s3control"], "s3control")])
def test_let_through(early: Callable[[str], Any], services: list[str], through: str) -> None:
    """What is let through goes to the socket, where these tests end."""
    with mock_s3(config={"core": {"passthrough": {"services": services}}}):
        for name, call in CALLS.items():
            if name not in through.split():
                call(early(name))
                continue
            sent: list[str] = []

            def stop(request: Any, sent: list[str] = sent, **_: Any) -> None:
                sent.append(request.url)
                assert stack.active.fake_for(request.url.split("/")[2]) is None
                assert stack.active.refused_endpoint(request.url.split("/")[2]) is None
                raise InterruptedError

            early(name).meta.events.register_first("before-send.*.*", stop)
            try:
                with pytest.raises(InterruptedError):
                    call(early(name))
            finally:
                early(name).meta.events.unregister("before-send.*.*", stop)
            assert len(sent) == 1


def test_s3_control_passes_through_with_s3() -> None:
    with mock_s3(config={"core": {"passthrough": {"services": ["s3"]}}}):
        assert stack.active.fake_for(f"{OWNER}.s3-control.us-east-1.amazonaws.com") is None
        assert stack.active.fake_for("sts.amazonaws.com") is not None


def test_other_services_are_refused_as_ever(early: Callable[[str], Any]) -> None:
    with mock_s3(), pytest.raises(ServiceNotFaked) as caught:
        early("dynamodb").list_tables()
    assert (caught.value.service, caught.value.operation) == ("dynamodb", "ListTables")
    assert "It serves S3, S3 Control, STS and KMS only" in str(caught.value)


def test_urllib_reaches_sts_too() -> None:
    with mock_s3() as fake, pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen("https://sts.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15", timeout=1)
    assert caught.value.code == 403
    assert b"<Code>MissingAuthenticationToken</Code>" in caught.value.read()
    assert fake.store.buckets == {}


def test_two_fakes_of_which_the_inner_answers(early: Callable[[str], Any]) -> None:
    with FakeS3(account="111111111111"):
        with FakeS3(account="222222222222"):
            assert early("sts").get_caller_identity()["Account"] == "222222222222"
        assert early("sts").get_caller_identity()["Account"] == "111111111111"


def test_assumed_by_a_session_made_within() -> None:
    """The way that applications go about it."""
    with mock_s3() as fake:
        given = boto3.client("sts", region_name="us-east-1").assume_role(
            RoleArn="arn:aws:iam::222222222222:role/reader", RoleSessionName="app"
        )["Credentials"]
        session = boto3.session.Session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
        session.client("s3", region_name="us-east-1").create_bucket(Bucket="bucket")
        assert fake.store.buckets["bucket"].account == "222222222222"


def test_the_environment_of_a_server_leads_here(monkeypatch: pytest.MonkeyPatch) -> None:
    with Server() as server:
        given = server.environment()
        assert given["AWS_ENDPOINT_URL_STS"] == given["AWS_ENDPOINT_URL_KMS"] == server.url
        assert given["AWS_ENDPOINT_URL_S3_CONTROL"] == f"http://localhost:{server.port}"
        for name, value in given.items():
            monkeypatch.setitem(os.environ, name, value)
        for name in ("sts", "kms"):
            client = boto3.session.Session().client(name)
            CALLS[name](client)
            client.close()


def test_the_server_sets_the_s3_control_endpoint() -> None:
    with Server(host="localhost") as server:
        assert server.environment()["AWS_ENDPOINT_URL_S3_CONTROL"] == server.url
