"""The setting ``lenient``: what each lenience accepts, what it never accepts, and how each use is reported."""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from fakes3part import FakeS3, LenientWarning, Server, mock_aws, mock_s3
from fakes3part.leniences import ALL, HEADER, LENIENCES
from tests.support.callers import STRANGER
from tests.support.doors import Door, refused, warm
from tests.support.state import unchanged

pytestmark = pytest.mark.filterwarnings("ignore::fakes3part.LenientWarning")

WITHOUT_OTHERS = [name for name in ALL if name != "other_accounts"]
POLICY = '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/*"}}'
UNSIGNED_CONFIG = Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1})


@contextlib.contextmanager
def _lenient(door: Door, lenient: Any = True) -> Iterator[Door]:
    """Yield a door of a lenient fake, reached in the same way, with the bucket ``bucket``."""
    fake = FakeS3(lenient=lenient)
    with contextlib.ExitStack() as stack:
        if door.name == "server":
            url = stack.enter_context(Server(fake)).url
            client = stack.enter_context(contextlib.closing(door.new_client(endpoint_url=url)))
        else:
            stack.enter_context(fake)
            url, client = door.url, door.client
        client.create_bucket(Bucket="bucket")
        yield Door(door.name, fake, client, url, door.new_client)


def _names(fake: FakeS3) -> list[tuple[str, tuple[str, ...]]]:
    return [(call.operation or "", call.leniences) for call in fake.calls if call.leniences]


LEGACY_NAMES = ["test_bucket", "TestBucket", "a" * 64, "a" * 255, "-x-", "my..bucket", "192.168.0.1", "xn--bucket", "_" * 3]


@pytest.mark.parametrize("name", LEGACY_NAMES)
def test_bucket_names_as_before_2018(door: Door, name: str) -> None:
    message = "The specified bucket is not valid."
    with unchanged(door.fake):
        refused(lambda: door.client.create_bucket(Bucket=name), 400, "InvalidBucketName", message, {"BucketName": name})
    with _lenient(door, "bucket_names") as lenient:
        s3 = lenient.client
        response = s3.create_bucket(Bucket=name)
        assert response["ResponseMetadata"]["HTTPHeaders"][HEADER] == "bucket_names"
        s3.put_object(Bucket=name, Key="a/b", Body=b"abc")
        s3.copy_object(Bucket=name, Key="copy", CopySource={"Bucket": name, "Key": "a/b"})
        assert s3.get_object(Bucket=name, Key="copy")["Body"].read() == b"abc"
        assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=name)["Contents"]] == ["a/b", "copy"]
        assert name in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
        s3.delete_objects(Bucket=name, Delete={"Objects": [{"Key": "a/b"}, {"Key": "copy"}]})
        s3.delete_bucket(Bucket=name)
        assert _names(lenient.fake) == [("CreateBucket", ("bucket_names",))]


@pytest.mark.parametrize("name", ["ab", "a" * 256, "a+b", "caf\u00e9", "bucket--x-s3", "bucket-s3alias", "bucket--ol-s3"])
def test_what_never_was_a_bucket_name(door: Door, name: str) -> None:
    with _lenient(door) as lenient, unchanged(lenient.fake):
        assert lenient.raw("PUT", f"/{name}".encode().decode("latin-1") if name.isascii() else "/caf%C3%A9").status == 400
        assert _names(lenient.fake) == []


def _put_with_acl(s3: Any) -> None:
    s3.put_object(Bucket="bucket", Key="k", Body=b"abc", ACL="public-read")


def _complete_with_acl(s3: Any) -> None:
    upload = s3.create_multipart_upload(Bucket="bucket", Key="k", ACL="public-read")
    part = s3.upload_part(Bucket="bucket", Key="k", PartNumber=1, UploadId=upload["UploadId"], Body=b"abc")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    s3.complete_multipart_upload(Bucket="bucket", Key="k", UploadId=upload["UploadId"], MultipartUpload=parts)


def _copy_with_acl(s3: Any) -> None:
    s3.put_object(Bucket="bucket", Key="source", Body=b"abc")
    s3.copy_object(Bucket="bucket", Key="k", CopySource="bucket/source", ACL="public-read")


def _put_acl(s3: Any) -> None:
    s3.put_object(Bucket="bucket", Key="k", Body=b"abc")
    s3.put_object_acl(Bucket="bucket", Key="k", ACL="public-read")


def _put_policy(s3: Any) -> None:
    s3.put_object(Bucket="bucket", Key="k", Body=b"abc")
    s3.put_bucket_policy(Bucket="bucket", Policy=POLICY)


PUBLIC: dict[str, tuple[Callable[[Any], None], str]] = {
    "PutObject": (_put_with_acl, "AccessControlListNotSupported"),
    "CreateMultipartUpload": (_complete_with_acl, "AccessControlListNotSupported"),
    "CopyObject": (_copy_with_acl, "AccessControlListNotSupported"),
    "PutObjectAcl": (_put_acl, "AccessControlListNotSupported"),
    "PutBucketPolicy": (_put_policy, "AccessDenied"),
}


@pytest.mark.parametrize("operation", PUBLIC)
def test_acls_and_public_access_as_before_2023(door: Door, operation: str) -> None:
    make_public, code = PUBLIC[operation]
    door.client.create_bucket(Bucket="bucket")
    with pytest.raises(ClientError) as caught:
        make_public(door.client)
    assert caught.value.response["Error"]["Code"] == code
    with _lenient(door, ["acls"]) as lenient, lenient.client_with(config=UNSIGNED_CONFIG) as anyone:
        make_public(lenient.client)
        assert anyone.get_object(Bucket="bucket", Key="k")["Body"].read() == b"abc"
        assert _names(lenient.fake) == [(operation, ("acls",))]


def test_a_new_bucket_with_an_acl(door: Door) -> None:
    create: dict[str, Any] = {"Bucket": "public", "ACL": "public-read"}
    message = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"
    refused(lambda: door.client.create_bucket(**create), 400, "InvalidBucketAclWithObjectOwnership", message)
    with _lenient(door, "acls") as lenient:
        s3 = lenient.client
        s3.create_bucket(**create)
        s3.create_bucket(Bucket="preferred", ACL="public-read", ObjectOwnership="BucketOwnerPreferred")
        s3.put_bucket_acl(Bucket="bucket", ACL="public-read")
        s3.put_object(Bucket="public", Key="k", Body=b"abc")
        permissions = [grant["Permission"] for grant in s3.get_bucket_acl(Bucket="public")["Grants"]]
        assert permissions == ["FULL_CONTROL", "READ"]
        assert _names(lenient.fake) == [("CreateBucket", ("acls",))] * 2 + [("PutBucketAcl", ("acls",))]
        refused(
            lambda: s3.get_bucket_ownership_controls(Bucket="public"),
            404,
            "OwnershipControlsNotFoundError",
            "The bucket ownership controls were not found",
            {"BucketName": "public"},
        )


def test_what_was_set_explicitly_stays(door: Door) -> None:
    with _lenient(door) as lenient:
        s3 = lenient.client
        ownership: Any = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
        s3.put_bucket_ownership_controls(Bucket="bucket", OwnershipControls=ownership)
        s3.put_public_access_block(Bucket="bucket", PublicAccessBlockConfiguration={"BlockPublicPolicy": True})
        with unchanged(lenient.fake):
            put = {"Bucket": "bucket", "Key": "k", "ACL": "public-read"}
            refused(lambda: s3.put_object(**put), 400, "AccessControlListNotSupported", "The bucket does not allow ACLs")
            with pytest.raises(ClientError, match="public policies are prevented by the BlockPublicPolicy setting"):
                s3.put_bucket_policy(Bucket="bucket", Policy=POLICY)
        s3.create_bucket(Bucket="enforced", ObjectOwnership="BucketOwnerEnforced")
        put["Bucket"] = "enforced"
        refused(lambda: s3.put_object(**put), 400, "AccessControlListNotSupported", "The bucket does not allow ACLs")
        assert s3.get_public_access_block(Bucket="bucket")["PublicAccessBlockConfiguration"]["BlockPublicPolicy"]
        assert _names(lenient.fake) == []


def test_the_default_configurations_are_those_of_before_2023(door: Door) -> None:
    with _lenient(door, "acls") as lenient:
        for get in (lenient.client.get_public_access_block, lenient.client.get_bucket_ownership_controls):
            with pytest.raises(ClientError) as caught:
                get(Bucket="bucket")
            assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404
        assert [names for _, names in _names(lenient.fake)] == [("acls",), ("acls",)]


ANONYMOUS: dict[str, Callable[[Any], Any]] = {
    "CreateBucket": lambda s3: s3.create_bucket(Bucket="other"),
    "ListBuckets": lambda s3: s3.list_buckets()["Buckets"][0]["Name"],
    "PutObject": lambda s3: s3.put_object(Bucket="bucket", Key="new", Body=b"abc"),
    "GetObject": lambda s3: s3.get_object(Bucket="bucket", Key="k")["Body"].read(),
    "CopyObject": lambda s3: s3.copy_object(Bucket="bucket", Key="copy", CopySource="bucket/k"),
    "CreateMultipartUpload": lambda s3: s3.create_multipart_upload(Bucket="bucket", Key="k"),
    "DeleteObjects": lambda s3: s3.delete_objects(Bucket="bucket", Delete={"Objects": [{"Key": "k"}]})["Deleted"],
    "ListObjectsV2": lambda s3: s3.list_objects_v2(Bucket="bucket")["Contents"],
    "PutBucketPolicy": lambda s3: s3.put_bucket_policy(Bucket="bucket", Policy=POLICY.replace('"*"', '{"AWS": "123456789012"}')),
    "DeleteBucket": lambda s3: s3.delete_bucket(Bucket="empty"),
}


@pytest.mark.parametrize("operation", ANONYMOUS)
def test_anonymous_callers_may_do_what_they_like(door: Door, operation: str) -> None:
    with _lenient(door, ["anonymous"]) as lenient, lenient.client_with(config=UNSIGNED_CONFIG) as anonymous:
        lenient.client.create_bucket(Bucket="empty")
        lenient.client.put_object(Bucket="bucket", Key="k", Body=b"abc")
        assert ANONYMOUS[operation](anonymous)
        assert _names(lenient.fake) == [(operation, ("anonymous",))]
        if operation == "CreateBucket":
            assert "other" in [bucket["Name"] for bucket in lenient.client.list_buckets()["Buckets"]]


def test_an_explicit_deny_holds_for_anonymous_callers(door: Door) -> None:
    policy = POLICY.replace("Allow", "Deny")
    with _lenient(door) as lenient, lenient.client_with(config=UNSIGNED_CONFIG) as anonymous:
        lenient.client.put_object(Bucket="bucket", Key="k", Body=b"abc")
        lenient.client.put_bucket_policy(Bucket="bucket", Policy=policy)
        refused(lambda: anonymous.get_object(Bucket="bucket", Key="k"), 403, "AccessDenied", "Access Denied")
        assert _names(lenient.fake) == []


OF_THE_OWNER = [operation for operation in ANONYMOUS if operation not in ("CreateBucket", "ListBuckets")]


@pytest.mark.parametrize("operation", OF_THE_OWNER)
def test_other_accounts_may_do_what_the_owner_may(door: Door, operation: str) -> None:
    with (
        _lenient(door, ["other_accounts"]) as lenient,
        lenient.client_with(aws_access_key_id=STRANGER) as other,
        lenient.client_with(config=UNSIGNED_CONFIG) as anonymous,
    ):
        lenient.client.create_bucket(Bucket="empty")
        lenient.client.put_object(Bucket="bucket", Key="k", Body=b"abc")
        with pytest.raises((ClientError, KeyError)):  # a response of DeleteObjects without "Deleted"
            ANONYMOUS[operation](anonymous)
        assert _names(lenient.fake) == []
        assert ANONYMOUS[operation](other)
        assert _names(lenient.fake) == [(operation, ("other_accounts",))]
        assert other.list_buckets()["Buckets"] == []


@pytest.mark.parametrize("operation", OF_THE_OWNER)
def test_without_the_lenience_they_may_not(door: Door, operation: str) -> None:
    with _lenient(door, WITHOUT_OTHERS) as lenient, lenient.client_with(aws_access_key_id=STRANGER) as other:
        lenient.client.create_bucket(Bucket="empty")
        lenient.client.put_object(Bucket="bucket", Key="k", Body=b"abc")
        with unchanged(lenient.fake):
            if operation == "DeleteObjects":
                refused_delete = other.delete_objects(Bucket="bucket", Delete={"Objects": [{"Key": "k"}]})
                assert [error["Code"] for error in refused_delete["Errors"]] == ["AccessDenied"]
            else:
                refused(lambda: ANONYMOUS[operation](other), 403, "AccessDenied", "Access Denied")
        assert _names(lenient.fake) == []


def test_an_explicit_deny_holds_for_other_accounts(door: Door) -> None:
    with _lenient(door) as lenient, lenient.client_with(aws_access_key_id=STRANGER) as other:
        lenient.client.put_object(Bucket="bucket", Key="k", Body=b"abc")
        lenient.client.put_bucket_policy(Bucket="bucket", Policy=POLICY.replace("Allow", "Deny"))
        refused(lambda: other.get_object(Bucket="bucket", Key="k"), 403, "AccessDenied", "Access Denied")
        assert _names(lenient.fake) == []


@pytest.mark.parametrize("allowed", [True, False])
def test_users_of_other_accounts_need_their_own_policies(door: Door, allowed: bool) -> None:
    policy = {"Statement": {"Effect": "Allow", "Action": "s3:GetObject" if allowed else "s3:ListBucket", "Resource": "*"}}
    with _lenient(door) as lenient:
        lenient.client.put_object(Bucket="bucket", Key="k", Body=b"abc")
        user = lenient.fake.add_user(STRANGER, "reader", policy)
        keys = {"aws_access_key_id": user.access_key, "aws_secret_access_key": user.secret_key}
        with lenient.client_with(**keys) as reader:
            if allowed:
                assert reader.get_object(Bucket="bucket", Key="k")["Body"].read() == b"abc"
            else:
                refused(lambda: reader.get_object(Bucket="bucket", Key="k"), 403, "AccessDenied", "Access Denied")
        assert _names(lenient.fake) == [("GetObject", ("other_accounts",))] * allowed


def test_a_public_object_needs_no_lenience(door: Door) -> None:
    with _lenient(door) as lenient, lenient.client_with(config=UNSIGNED_CONFIG) as anonymous:
        lenient.client.put_object(Bucket="bucket", Key="k", Body=b"abc", ACL="public-read")
        lenient.fake.calls.clear()
        assert anonymous.get_object(Bucket="bucket", Key="k")["Body"].read() == b"abc"
        assert _names(lenient.fake) == []


def test_temporary_keys_without_their_token(door: Door) -> None:
    key = "ASIAIOSFODNN7EXAMPLE"
    with door.client_with(aws_access_key_id=key) as s3:
        message = "The AWS Access Key Id you provided does not exist in our records."
        refused(s3.list_buckets, 403, "InvalidAccessKeyId", message, {"AWSAccessKeyId": key})
    with _lenient(door, "credentials") as lenient, lenient.client_with(aws_access_key_id=key) as s3:
        assert s3.list_buckets()["Buckets"][0]["Name"] == "bucket"
        assert _names(lenient.fake) == [("ListBuckets", ("credentials",))]


def test_nothing_is_lost_and_no_digest_is_wrong(door: Door) -> None:
    with _lenient(door) as lenient, unchanged(lenient.fake):
        s3 = lenient.client
        put = {"Bucket": "bucket", "Key": "k", "Body": b"abc"}
        assert _code(lambda: s3.put_object(**put, ContentMD5="AAAAAAAAAAAAAAAAAAAAAA==")) == "BadDigest"
        assert _code(lambda: s3.upload_part(**put, PartNumber=1, UploadId="x")) == "NoSuchUpload"
        assert _code(lambda: s3.put_object(**put, ExpectedBucketOwner="111122223333")) == "AccessDenied"
        assert _code(lambda: s3.get_object(Bucket="bucket", Key="missing")) == "NoSuchKey"
        assert _names(lenient.fake) == []


def _code(call: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as caught:
        call()
    code: str = caught.value.response["Error"]["Code"]
    return code


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (True, ALL),
        (False, ()),
        ("acls", ("acls",)),
        (["anonymous", "bucket_names"], ("bucket_names", "anonymous")),
        ("acls, credentials", ("acls", "credentials")),
        ([], ()),
    ],
)
def test_values(given: Any, names: tuple[str, ...]) -> None:
    assert FakeS3(lenient=given).settings.leniences == names


# --- reports -----------------------------------------------------------------------------------------------------------------


def test_the_warning_names_the_line_of_the_user() -> None:
    with mock_s3(lenient=True), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="Old_Name")
        s3.create_bucket(Bucket="Old_Name_2")
    (warning,) = caught
    assert warning.category is LenientWarning
    assert warning.filename == __file__
    assert str(warning.message) == (
        f"CreateBucket /Old_Name: accepted by the lenience 'bucket_names' (bucket names): {LENIENCES['bucket_names'].rule}; "
        "lenient=False, or pytest --fakes3-strict, does as S3 does"
    )


@pytest.mark.parametrize(("name", "raises"), [("Warning", False), ("UserWarning", False), ("LenientWarning", True), ("", False)])
def test_only_a_filter_that_names_the_category_makes_it_an_error(name: str, raises: bool) -> None:
    categories: dict[str, type[Warning]] = {"Warning": Warning, "UserWarning": UserWarning, "LenientWarning": LenientWarning}
    with mock_s3(lenient=True), warnings.catch_warnings(record=True) as caught:
        if name:
            warnings.filterwarnings("error", category=categories[name])
        else:
            warnings.simplefilter("always")
        create: Callable[[], Any] = lambda: boto3.client("s3").create_bucket(Bucket="Old_Name")  # noqa: E731
        if raises:
            with pytest.raises(LenientWarning):
                create()
        else:
            create()
            assert [warning.category for warning in caught] == [LenientWarning]


def test_the_access_log_names_leniences(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "fakes3part.access"), Server(lenient=True) as server:
        keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
        with contextlib.closing(warm().client("s3", endpoint_url=server.url, **keys)) as s3:
            s3.create_bucket(Bucket="Old_Name")
    assert caplog.messages == ["PUT /Old_Name 200 CreateBucket x-fakes3part-lenient: bucket_names"]


def test_clients_of_the_fake_itself_warn_too() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        FakeS3(lenient=True).client().create_bucket(Bucket="Old_Name")
    assert [(warning.category, warning.filename) for warning in caught] == [(LenientWarning, __file__)]


def test_the_call_shows_it() -> None:
    fake = FakeS3(lenient=True)
    fake.client().create_bucket(Bucket="Old_Name")
    call = fake.calls[0]
    assert call.leniences == ("bucket_names",)
    assert "lenient: bucket_names" in str(call)
    assert call.to_json()["leniences"] == ["bucket_names"]


# --- mock_aws ----------------------------------------------------------------------------------------------------------------


def _creates(name: str) -> str | None:
    try:
        boto3.client("s3").create_bucket(Bucket=name)
    except ClientError as error:
        code: str = error.response["Error"]["Code"]
        return code
    return None


def test_mock_aws_is_lenient_and_mock_s3_strict(monkeypatch: pytest.MonkeyPatch) -> None:
    with mock_aws():
        assert _creates("Old_Name") is None
        with mock_s3():  # joins
            assert _creates("Old_Name_2") is None
        with mock_s3(lenient=False):
            assert _creates("Old_Name") == "InvalidBucketName"
        with mock_aws(region="us-east-1"):
            assert _creates("Old_Name") is None
    with mock_aws(lenient=False):
        assert _creates("Old_Name") == "InvalidBucketName"
    with mock_s3():
        assert _creates("Old_Name") == "InvalidBucketName"
    monkeypatch.setenv("FAKES3PART_LENIENT", "no")
    with mock_aws():
        assert _creates("Old_Name") == "InvalidBucketName"
    monkeypatch.setenv("FAKES3PART_LENIENT", "bucket_names")
    with mock_s3():
        assert _creates("Old_Name") is None
        assert _code(lambda: boto3.client("s3").create_bucket(Bucket="bucket", ACL="public-read")).startswith("InvalidBucketAcl")
