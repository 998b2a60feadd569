"""CreateSession: the lifetime, the bucket and the permissions of its credentials."""

from __future__ import annotations

import contextlib
import io
import urllib.request
from base64 import b64encode
from datetime import datetime, timedelta, timezone
from functools import partial
from hashlib import md5
from typing import Any

import pytest
from botocore.config import Config
from botocore.credentials import Credentials

from fakes3part.api.fakes3 import FakeS3
from fakes3part.api.server import Server
from tests.support.directory_buckets import (
    CONTROL,
    NAME,
    OTHER,
    ROOT,
    ZONAL,
    ask,
    create,
    make,
    new_client,
    open_session,
)
from tests.support.doors import Door, refused
from tests.support.errors import EXPIRED_TOKEN, INVALID_ACCESS_KEY_ID, INVALID_BUCKET_NAME, INVALID_TOKEN, NO_SUCH_BUCKET
from tests.support.state import unchanged

DENIED = (403, "AccessDenied", "Access Denied")
EXPIRED = (400, "ExpiredToken", EXPIRED_TOKEN)
INVALID = (400, "InvalidToken", INVALID_TOKEN)


def test_the_response(door: Door, s3: Any, directory: str) -> None:
    before = datetime.now(timezone.utc).replace(microsecond=0)
    made = s3.create_session(Bucket=directory)
    given = made["Credentials"]
    assert set(given) == {"AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"}
    assert before + timedelta(minutes=5) <= given["Expiration"] <= before + timedelta(minutes=5, seconds=30)
    assert (made["ServerSideEncryption"], "SSEKMSKeyId" in made) == ("AES256", False)
    assert len({s3.create_session(Bucket=directory)["Credentials"]["AccessKeyId"] for _ in range(3)}) == 3
    text, extras = "The session mode must be ReadWrite or ReadOnly", {"ArgumentName": "x-amz-create-session-mode"}
    wrong = partial(s3.create_session, Bucket=directory, SessionMode="Write")
    refused(wrong, 400, "InvalidArgument", text, {**extras, "ArgumentValue": "Write"})


def test_one_session_serves_many_calls(door: Door, directory: str) -> None:
    with door.client_with() as s3:
        requested: list[str] = []
        s3.meta.events.register("before-send.s3", lambda request, **_: requested.append(request.url))
        for number in range(3):
            s3.put_object(Bucket=directory, Key=f"k{number}", Body=b"abc")
        s3.copy_object(Bucket=directory, Key="copy", CopySource=f"{directory}/k0")
        assert sum(url.endswith("?session") for url in requested) == 1
        assert len(requested) == 5


READS: dict[str, tuple[str, str]] = {
    "GetObject": ("GET", "/k"),
    "HeadObject": ("HEAD", "/k"),
    "ListObjectsV2": ("GET", "/?list-type=2"),
    "ListMultipartUploads": ("GET", "/?uploads"),
    "HeadBucket": ("HEAD", "/"),
    "GetObjectAttributes": ("GET", "/k?attributes"),
}
WRITES = {
    "PutObject": ("PUT", "/n"),
    "DeleteObject": ("DELETE", "/k"),
    "DeleteObjects": ("POST", "/?delete"),
    "CreateMultipartUpload": ("POST", "/n?uploads"),
    "UploadPart": ("PUT", "/n?partNumber=1&uploadId=u"),
    "CompleteMultipartUpload": ("POST", "/n?uploadId=u"),
    "AbortMultipartUpload": ("DELETE", "/n?uploadId=u"),
    "RenameObject": ("PUT", "/n?renameObject"),
}


@pytest.fixture
def filled(fake: FakeS3) -> FakeS3:
    make(fake)
    assert ask(fake, "PUT", ZONAL, "/k", body=b"abc").status == 200
    return fake


@pytest.mark.parametrize(("method", "target"), READS.values(), ids=READS)
def test_reading_in_a_session(filled: FakeS3, method: str, target: str) -> None:
    headers = {"x-amz-object-attributes": "ETag"} if "attributes" in target else {}
    for mode in ("ReadOnly", "ReadWrite"):
        by = open_session(filled, x_amz_create_session_mode=mode)
        assert ask(filled, method, ZONAL, target, headers, by=by, session=True).status == 200


@pytest.mark.parametrize(("method", "target"), WRITES.values(), ids=WRITES)
def test_writing_in_a_session_for_reading(filled: FakeS3, method: str, target: str) -> None:
    by = open_session(filled, x_amz_create_session_mode="ReadOnly")
    headers = {"x-amz-rename-source": "k"} if "rename" in target else {}
    with unchanged(filled):
        assert ask(filled, method, ZONAL, target, headers, by=by, session=True).error == DENIED


def test_writing_in_a_session(filled: FakeS3) -> None:
    by = open_session(filled)
    assert ask(filled, "PUT", ZONAL, "/n", body=b"abc", by=by, session=True).status == 200
    assert ask(filled, "GET", ZONAL, "/n", by=by, session=True).body == b"abc"


COPIES = {"CopyObject": ("PUT", "/n"), "UploadPartCopy": ("PUT", "/n?partNumber=1&uploadId=u")}


@pytest.mark.parametrize(("method", "target"), COPIES.values(), ids=COPIES)
def test_copies_take_no_session(filled: FakeS3, method: str, target: str) -> None:
    by = open_session(filled)
    with unchanged(filled):
        assert ask(filled, method, ZONAL, target, {"x-amz-copy-source": f"{NAME}/k"}, by=by, session=True).error == DENIED
    assert ask(filled, "GET", ZONAL, "/?session", by=by, session=True).error == DENIED


def test_only_its_own_bucket(filled: FakeS3) -> None:
    make(filled, OTHER)
    by = open_session(filled)
    elsewhere = ZONAL.replace(NAME, OTHER)
    with unchanged(filled):
        assert ask(filled, "PUT", elsewhere, "/k", by=by, session=True).error == DENIED
        unknown = (403, "InvalidAccessKeyId", INVALID_ACCESS_KEY_ID)
        assert ask(filled, "DELETE", CONTROL, f"/{OTHER}", by=by, session=True).error == unknown
        host = "s3.us-east-1.amazonaws.com"
        assert ask(filled, "GET", host, f"/{NAME}/k", by=by, session=True, service="s3").error == unknown
        assert ask(filled, "GET", "localhost", "/", by=by, session=True).error == DENIED


def test_tokens_that_are_wrong(filled: FakeS3) -> None:
    by = open_session(filled)
    another = open_session(filled)
    wrong = {
        "garbled": Credentials(by.access_key, by.secret_key, "x" + by.token[1:]),
        "cut": Credentials(by.access_key, by.secret_key, by.token[:-4]),
        "no base64": Credentials(by.access_key, by.secret_key, "\xe9"),
        "empty": Credentials(by.access_key, by.secret_key, "x"),
        "another's": Credentials(by.access_key, by.secret_key, another.token),
    }
    with unchanged(filled):
        for credentials in wrong.values():
            response = ask(filled, "PUT", ZONAL, "/k", by=credentials, session=True)
            assert response.error == INVALID
        without = ask(filled, "PUT", ZONAL, "/k", by=Credentials(by.access_key, by.secret_key))
        assert without.error[:2] == (403, "InvalidAccessKeyId")


def test_the_signature_is_verified(filled: FakeS3) -> None:
    by = open_session(filled)
    with unchanged(filled):
        response = ask(filled, "PUT", ZONAL, "/k", by=Credentials(by.access_key, "guessed", by.token), session=True)
    assert response.error[:2] == (403, "SignatureDoesNotMatch")
    assert response.document["AWSAccessKeyId"] == by.access_key


def test_five_minutes(filled: FakeS3) -> None:
    filled.clock.freeze("2030-01-01T00:00:00Z")
    filled.clock.reset()
    by = open_session(filled)
    filled.clock.advance(minutes=4, seconds=50)
    assert ask(filled, "GET", ZONAL, "/k", by=by, session=True).status == 200
    filled.clock.advance(seconds=20)
    with unchanged(filled):
        response = ask(filled, "PUT", ZONAL, "/k", by=by, session=True)
    assert (response.error, response.document["Token-0"]) == (EXPIRED, by.token)


def test_boto3_renews_its_session_in_time(door: Door, s3: Any, directory: str) -> None:
    """In-process clients live by the fake's clock; over HTTP they hear that their session has expired."""
    with door.client_with() as s3:
        s3.put_object(Bucket=directory, Key="k", Body=b"abc")
        door.fake.clock.advance(minutes=6)
        get = partial(s3.get_object, Bucket=directory, Key="k")
        if door.name == "in-process":
            assert get()["Body"].read() == b"abc"
            door.fake.clock.move_to("2020-02-02T00:00:00Z")
            assert get()["Body"].read() == b"abc"
            door.fake.clock.freeze("2040-02-02T00:00:00Z")
            assert get()["Body"].read() == b"abc"
            return
        with pytest.raises(s3.exceptions.ClientError) as caught:
            get()
        assert (caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]) == EXPIRED[1:]
    with door.client_with() as anew:
        assert anew.get_object(Bucket=directory, Key="k")["Body"].read() == b"abc"


def test_a_client_that_outlives_the_fake() -> None:
    """As every client of a module does: the next test's fake knows the session that it holds."""
    with contextlib.closing(new_client()) as s3:
        for _ in range(2):
            with FakeS3():
                create(s3)
                s3.put_object(Bucket=NAME, Key="k", Body=b"abc")
                assert s3.get_object(Bucket=NAME, Key="k")["Body"].read() == b"abc"


def test_another_fake_evaluates_its_own_policies() -> None:
    with FakeS3() as fake:
        make(fake)
        by = open_session(fake)
    other = FakeS3()
    owner = other.add_account("333333333333", access_key="AKIAOWNER", secret_key="s")
    make(other, by=Credentials(owner.access_key, owner.secret_key))
    assert ask(other, "PUT", ZONAL, "/k", by=by, session=True).error == DENIED
    assert other.store.buckets[NAME].is_empty


def test_presigned_urls(door: Door, s3: Any, directory: str) -> None:
    s3.put_object(Bucket=directory, Key="k", Body=b"abc")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": directory, "Key": "k"}, ExpiresIn=60)
    assert "X-Amz-S3session-Token=" in url
    if door.name == "server":
        with urllib.request.urlopen(url, timeout=10) as response:
            assert response.read() == b"abc"
        return
    host, _, target = url.partition("://")[2].partition("/")
    assert ask(door.fake, "GET", host, f"/{target}", by=None).body == b"abc"
    door.fake.clock.advance(minutes=6)
    assert ask(door.fake, "GET", host, f"/{target}", by=None).status == 403
    assert ask(door.fake, "GET", host, f"/{target.replace('Signature=', 'Signature=0')}", by=None).status == 403


def test_streams(door: Door, s3: Any, directory: str) -> None:
    """Over https the body comes in chunks with a trailing checksum, over http signed as a whole."""
    s3.upload_fileobj(io.BytesIO(b"x" * 100_000), directory, "k")
    target = io.BytesIO()
    s3.download_fileobj(directory, "k", target)
    assert target.getvalue() == b"x" * 100_000


def test_without_sessions(door: Door, directory: str) -> None:
    """With the SDK's option IAM credentials sign the requests, and policies are evaluated each time."""
    config = Config(s3={"disable_s3_express_session_auth": True}, retries={"total_max_attempts": 1})
    with door.client_with(config=config) as s3:
        requested: list[str] = []
        s3.meta.events.register("before-send.s3", lambda request, **_: requested.append(request.url))
        s3.put_object(Bucket=directory, Key="k", Body=b"abc")
        assert s3.get_object(Bucket=directory, Key="k")["Body"].read() == b"abc"
        assert not any("?session" in url for url in requested)


def test_anonymous_callers(filled: FakeS3) -> None:
    with unchanged(filled):
        for method, target in (("GET", "/k"), ("PUT", "/k"), ("GET", "/?session"), ("HEAD", "/")):
            assert ask(filled, method, ZONAL, target, by=None).status == 403
        assert ask(filled, "DELETE", CONTROL, f"/{NAME}", by=None).error == DENIED


def test_a_session_before_the_bucket_exists() -> None:
    """At a custom endpoint SDKs create a session before CreateBucket too; AWS's hosts return none."""
    fake = FakeS3()
    missing = (404, "NoSuchBucket", NO_SUCH_BUCKET)
    assert ask(fake, "GET", ZONAL, "/?session").error == missing
    response = ask(fake, "GET", f"{NAME}.localhost:9000", "/?session")
    given = response.document["Credentials"]
    by = Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    assert ask(fake, "GET", f"{NAME}.localhost:9000", "/k", by=by, session=True).error == missing
    bad = ask(fake, "GET", "127.0.0.1:9000", "/Bad--x-s3?session")
    assert bad.error == (400, "InvalidBucketName", INVALID_BUCKET_NAME)
    assert ask(fake, "GET", f"{NAME}.localhost:9000", "/?session", by=None).error == missing
    owner = fake.add_account("333333333333", access_key="AKIAOWNER", secret_key="s")
    make(fake, by=Credentials(owner.access_key, owner.secret_key))
    with unchanged(fake):  # and it grants no permission
        assert ask(fake, "PUT", f"{NAME}.localhost:9000", "/k", by=by, session=True).error == DENIED


def test_a_servers_moved_clock(door: Door) -> None:
    """Clients of a server live by the machine's clock, and read their session's end by it."""
    if door.name == "in-process":
        pytest.skip("clients live by the fake's clock there")
    fake = FakeS3()
    fake.clock.move_to("2020-01-01T00:00:00Z")
    with Server(fake) as server, contextlib.closing(new_client(endpoint_url=server.url)) as s3:
        create(s3)
        s3.put_object(Bucket=NAME, Key="k", Body=b"abc")
        assert s3.get_object(Bucket=NAME, Key="k")["LastModified"].year == 2020


def test_many_keys_at_once_in_a_session(filled: FakeS3) -> None:
    by = open_session(filled)
    body = b"<Delete><Object><Key>k</Key></Object><Object><Key>n</Key></Object></Delete>"
    headers = {"Content-MD5": b64encode(md5(body).digest()).decode()}
    response = ask(filled, "POST", ZONAL, "/?delete", headers, body, by=by, session=True)
    assert [one["Key"] for one in response.document["Deleted"]] == ["k", "n"]
    assert filled.store.buckets[NAME].is_empty


def test_by_root_of_the_account(filled: FakeS3) -> None:
    assert ask(filled, "GET", ZONAL, "/k", by=ROOT).body == b"abc"
