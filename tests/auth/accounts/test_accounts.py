"""Accounts, users, sessions and their clients from Python; session tokens and unknown keys in requests.

The error of an expired token is recorded from AWS (issue 15 of romange/helio); InvalidToken is assumed: not recorded from AWS.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.credentials import Credentials

from fakes3part import FakeS3
from fakes3part.api.server import Server
from fakes3part.auth.accounts import Accounts
from fakes3part.auth.callers import Principal, canonical_id
from tests.support.doors import Door, assert_error, refused
from tests.support.errors import EXPIRED_TOKEN, INVALID_ACCESS_KEY_ID, INVALID_TOKEN
from tests.support.signing import ACCOUNT, DENIED, KEY, SIGNERS, MovingClock, by_header, mismatched
from tests.support.state import unchanged

TOKEN = "x-amz-security-token"
ONCE = Config(retries={"total_max_attempts": 1})


# Session tokens


def _credentials(session: Principal, token: str | None = "") -> Credentials:
    return Credentials(session.access_key, session.secret_key, session.session_token if token == "" else token)


@pytest.mark.parametrize("signer", SIGNERS)
def test_a_right_token(door: Door, session: Principal, signer: str) -> None:
    assert session.access_key.startswith("ASIA")
    assert SIGNERS[signer](door, credentials=_credentials(session)).send().body == b"abc"


@pytest.mark.parametrize("signer", SIGNERS)
def test_wrong_tokens(door: Door, clock: MovingClock, signer: str) -> None:
    root = door.fake.accounts.principals[0]
    lasting = door.fake.add_session(root)
    brief = door.fake.add_session(root, expires=clock.now() + timedelta(minutes=10))
    sign = partial(SIGNERS[signer], door, "PUT")
    with unchanged(door.fake):
        response = sign(credentials=_credentials(lasting, None)).send()
        assert_error(response, 403, "InvalidAccessKeyId", INVALID_ACCESS_KEY_ID, {"AWSAccessKeyId": lasting.access_key})
        for wrong in ("garbled", brief.session_token):
            response = sign(credentials=_credentials(lasting, wrong)).send()
            assert_error(response, 400, "InvalidToken", INVALID_TOKEN, {"Token-0": wrong})
        response = sign(credentials=Credentials(root.access_key, root.secret_key, "none is asked for")).send()
        assert_error(response, 400, "InvalidToken", INVALID_TOKEN, {"Token-0": "none is asked for"})
        sent = sign(credentials=_credentials(brief))
        clock.ahead = timedelta(minutes=11)
        assert_error(sent.send(), 400, "ExpiredToken", EXPIRED_TOKEN, {"Token-0": brief.session_token})
        clock.ahead = timedelta()
    assert sent.send().status == 200


def test_unknown_temporary_keys(door: Door) -> None:
    """A key with the prefix of temporary ones is rejected without a token; with one it is accepted without verification."""
    key = "ASIAIOSFODNN7EXAMPLE"
    response = by_header(door, "PUT", "/own", credentials=Credentials(key, "secret")).send()
    assert_error(response, 403, "InvalidAccessKeyId", INVALID_ACCESS_KEY_ID, {"AWSAccessKeyId": key})
    assert by_header(door, "PUT", "/own", credentials=Credentials(key, "secret", "token")).send().status == 200
    assert by_header(door, "PUT", "/own2", credentials=Credentials("ASIA-mine", "secret")).send().status == 200


# Strict


@pytest.fixture(params=["in-process", "server"])
def strict(request: pytest.FixtureRequest) -> Iterator[tuple[FakeS3, Any]]:
    fake = FakeS3(strict_credentials=True)
    fake.add_account(ACCOUNT, access_key=KEY, secret_key="secret")
    settings: dict[str, Any] = {"region_name": "us-east-1", "config": ONCE, "aws_secret_access_key": "secret"}
    if request.param == "server":
        with Server(fake) as server:
            yield fake, partial(boto3.session.Session().client, "s3", endpoint_url=server.url, **settings)
    else:
        with fake:
            yield fake, partial(boto3.session.Session().client, "s3", **settings)


@pytest.mark.parametrize("access_key", ["testing", "999999999999", "123456789012", "AKIAAAAAAAAAAAAAAAAA"])
def test_strict_credentials(strict: tuple[FakeS3, Any], access_key: str) -> None:
    fake, client = strict
    with contextlib.closing(client(aws_access_key_id=access_key)) as stranger:
        with unchanged(fake):
            call = partial(stranger.create_bucket, Bucket="bucket")
            refused(call, 403, "InvalidAccessKeyId", INVALID_ACCESS_KEY_ID, {"AWSAccessKeyId": access_key})
        url = stranger.generate_presigned_url("list_buckets")
    with contextlib.closing(client(aws_access_key_id=KEY)) as known:
        known.create_bucket(Bucket="bucket")
        assert known.head_bucket(Bucket="bucket", ExpectedBucketOwner=ACCOUNT)["BucketRegion"] == "us-east-1"
    assert access_key in url


def test_a_strict_server_prints_the_first_long_term_key() -> None:
    fake = FakeS3(strict_credentials=True)
    with Server(fake) as server:
        assert server.environment()["AWS_ACCESS_KEY_ID"] == "FOOBARKEY"
        root = fake.add_account(secret_key="s")
        environment = server.environment()
    assert (environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"]) == (root.access_key, "s")


# From Python


def test_defaults_are_generated_and_repeatable() -> None:
    first, second = FakeS3().add_account(), FakeS3().add_account()
    assert first == second
    assert (len(first.id), first.id.isdigit()) == (12, True)
    assert first.canonical_id == canonical_id(first.id)
    assert (first.display_name, first.email, first.name) == (first.id, None, None)
    assert (first.arn, first.account.arn) == (f"arn:aws:iam::{first.id}:root",) * 2
    assert (first.access_key[:4], len(first.access_key), len(first.secret_key)) == ("AKIA", 20, 40)
    assert first.secret_key not in repr(first) + repr(first.caller)


def test_every_attribute_can_be_set() -> None:
    fake = FakeS3()
    main = fake.add_account(
        ACCOUNT, canonical_id="a" * 64, display_name="main", email="Main@example.com", access_key=KEY, secret_key="s"
    )
    assert (main.id, main.canonical_id, main.display_name, main.email) == (ACCOUNT, "a" * 64, "main", "Main@example.com")
    assert (main.access_key, main.secret_key) == (KEY, "s")
    assert fake.accounts.find_by_canonical_id("a" * 64) == main.account
    assert fake.accounts.find_by_canonical_id("b" * 64) is None
    assert fake.accounts.find_by_email("main@EXAMPLE.com") == [main.account]
    assert fake.accounts.find_by_email("") == []
    assert fake.accounts.find_by_canonical_id(canonical_id("123456789012")) == fake.accounts.account("123456789012")


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "id": ({"id": "1"}, "an account id must have 12 digits, not '1'"),
    "id twice": ({"id": ACCOUNT}, f"account {ACCOUNT} was added already"),
    "canonical id": ({"canonical_id": "A" * 64}, "a canonical user id must have 64 lower-case hex digits, not 'AAAA"),
    "canonical id twice": ({"canonical_id": canonical_id(ACCOUNT)}, f"account {ACCOUNT} has the canonical user id"),
    "key twice": ({"access_key": KEY}, f"access key {KEY} was added already"),
    "empty key": ({"access_key": ""}, "an access key must have an id and a secret"),
    "empty secret": ({"secret_key": ""}, "an access key must have an id and a secret"),
}


@pytest.mark.parametrize(("given", "message"), WRONG.values(), ids=WRONG)
def test_wrong_accounts(given: dict[str, Any], message: str) -> None:
    fake = FakeS3()
    fake.add_account(ACCOUNT, access_key=KEY)
    with pytest.raises(ValueError, match=message):
        fake.add_account(**given)


def test_users() -> None:
    fake = FakeS3()
    main = fake.add_account(ACCOUNT)
    policy = {"Version": "2012-10-17", "Statement": []}
    reader = fake.add_user(main, "reader", policy, access_key="AKIAREADER", secret_key="s")
    writer = fake.add_user(ACCOUNT, "writer", '{"Version": "2012-10-17", "Statement": []}')
    own = fake.add_user(None, "reader")
    assert (reader.name, reader.arn, reader.id) == ("reader", f"arn:aws:iam::{ACCOUNT}:user/reader", ACCOUNT)
    assert reader.identity is not None
    assert writer.identity is not None
    assert reader.identity.policy == writer.identity.policy == policy
    assert own.id == fake.settings.account
    assert len({main.access_key, reader.access_key, writer.access_key, own.access_key}) == 4
    assert fake.accounts.caller("AKIAREADER") == reader.caller
    assert not reader.caller.is_root
    with pytest.raises(ValueError, match=f"account {ACCOUNT} has a user reader already"):
        fake.add_user(main, "reader")
    with pytest.raises(ValueError, match="the policy is not JSON"):
        fake.add_user(main, "other", "{")
    with pytest.raises(ValueError, match="a policy must be a JSON object"):
        fake.add_user(main, "other", "[]")
    with pytest.raises(ValueError, match="the name of a user must not be empty"):
        fake.add_user(main, "")


def test_an_account_seen_before_it_was_added() -> None:
    """Callers with unknown keys become callers of the account that is added; its buckets stay its own."""
    fake = FakeS3()
    with contextlib.closing(fake.client(aws_access_key_id=ACCOUNT, aws_secret_access_key="x")) as unknown:
        unknown.create_bucket(Bucket="bucket")
        main = fake.add_account(ACCOUNT, display_name="main")
        assert unknown.list_buckets()["Owner"]["ID"] == main.canonical_id
    caller = fake.accounts.caller(ACCOUNT)
    assert caller is not None
    assert (caller.account, caller.secret) == (main.account, None)
    with contextlib.closing(fake.client(main)) as client:
        assert [bucket["Name"] for bucket in client.list_buckets()["Buckets"]] == ["bucket"]


def test_reset_and_restore_keep_accounts() -> None:
    fake = FakeS3(strict_credentials=True)
    before = fake.snapshot()
    main = fake.add_account()
    fake.reset()
    fake.restore(before)
    assert fake.accounts.principals == [main]
    with contextlib.closing(fake.client(main)) as client:
        client.create_bucket(Bucket="bucket")
        assert client.list_buckets()["Owner"]["ID"] == main.canonical_id
    assert {name: bucket.account for name, bucket in fake.store.buckets.items()} == {"bucket": main.id}


def test_clients_need_no_interception() -> None:
    """A client signs with its principal's key and sends to its own fake, whichever fake is active."""
    first, second = FakeS3(region="eu-west-1"), FakeS3()
    main = first.add_account(ACCOUNT)
    with second, contextlib.ExitStack() as stack:
        client = stack.enter_context(contextlib.closing(first.client(main)))
        client.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        client.put_object(Bucket="bucket", Key="k", Body=b"abc")
        assert client.get_object(Bucket="bucket", Key="k", ExpectedBucketOwner=ACCOUNT)["Body"].read() == b"abc"
        assert (list(first.buckets), list(second.buckets)) == (["bucket"], [])
        assert client.meta.region_name == "eu-west-1"
        own = stack.enter_context(contextlib.closing(first.client()))
        refused(partial(own.list_objects_v2, Bucket="bucket"), 403, "AccessDenied", "Access Denied")
        again = stack.enter_context(contextlib.closing(first.client(ACCOUNT)))
        assert again.head_object(Bucket="bucket", Key="k")["ContentLength"] == 3
        session = stack.enter_context(contextlib.closing(first.client(first.add_session(main))))
        assert session.head_object(Bucket="bucket", Key="k")["ContentLength"] == 3


def test_an_anonymous_client() -> None:
    fake = FakeS3()
    seen: list[Any] = []
    with contextlib.closing(fake.client(anonymous=True, config=ONCE)) as client:
        client.meta.events.register("before-send.s3", lambda request, **_: seen.append(request))
        refused(client.list_buckets, 403, DENIED["Code"], DENIED["Message"])
    assert "Authorization" not in seen[0].headers


def test_clients_of_users() -> None:
    fake = FakeS3()
    main = fake.add_account(ACCOUNT)
    reader = fake.add_user(main, "reader")
    for account, identity in ((reader, None), (main, "reader"), (ACCOUNT, reader.identity), (main.account, "reader")):
        with contextlib.closing(fake.client(account, identity)) as client:
            assert client._request_signer._credentials.access_key == reader.access_key
    with pytest.raises(ValueError, match=f"account {ACCOUNT} has no user 'writer'"):
        fake.client(main, "writer")


def test_a_wrong_secret_in_a_client(door: Door) -> None:
    with door.client_with(aws_secret_access_key="wrong") as client, unchanged(door.fake):
        sent: list[Any] = []
        client.meta.events.register("before-sign.s3", lambda request, **_: sent.append(request))
        url = client.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "k"})
        with pytest.raises(client.exceptions.ClientError, match="SignatureDoesNotMatch") as caught:
            client.put_object(Bucket="bucket", Key="k", Body=b"new")
    assert caught.value.response["Error"]["SignatureProvided"] == sent[-1].headers["Authorization"][-64:]
    path, _, query = url.partition("://")[2].partition("/")[2].partition("?")
    mismatched(
        door.raw("GET", f"/{path if path.startswith('bucket/') else f'bucket/{path}'}?{query}", sign=False), canonical=True
    )


def test_accounts_are_thread_safe() -> None:
    accounts = Accounts("123456789012")
    failures: list[Exception] = []

    def add(thread: int) -> None:
        try:
            for number in range(50):
                account = accounts.add_account()
                key = accounts.add_key(account)
                assert accounts.caller(key.access_key) == key.caller
                accounts.add_user(ACCOUNT, f"user {thread} {number}")
                for index in range(40):
                    found = accounts.caller(f"key {thread} {number} {index}")
                    assert found is not None
                    assert found.account is not None
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=add, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert len({principal.id for principal in accounts.principals}) == 400
    assert len(accounts._unknown_callers) <= 1024
