"""SSE-KMS and the fake KMS: names of keys, their states, and permissions to use them.

Sources: recorded from AWS, February 2026 (LocalStack's test_s3.snapshot.json).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from fakes3part.api.fakes3 import FakeS3
from fakes3part.state.kms import Kms
from tests.support.callers import OWNER, STRANGER
from tests.support.doors import Door, refused, refused_head
from tests.support.encryption import KEY_ARN, KEY_ID, shown
from tests.support.state import unchanged

KMS = {"ServerSideEncryption": "aws:kms"}
STRANGERS = (
    "on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a "
    "resource-based policy explicitly denies access"
)
GENERATE, DECRYPT = "kms:GenerateDataKey", "kms:Decrypt"


@pytest.fixture(autouse=True)
def _fresh_kms(door: Door) -> Iterator[None]:
    """The server's fake lives for the whole session, and its keys are no state that a reset forgets."""
    before = door.fake.kms
    door.fake.kms = Kms(OWNER, "us-east-1", check_policy=before._check_policy)
    yield
    door.fake.kms = before


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Resource": "*", **statement} for statement in statements]}


def allow(principal: Any, *actions: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": list(actions)}


def deny(principal: Any, *actions: str, **condition: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Principal": principal, "Action": list(actions), **condition}


NAMES: dict[str, tuple[str, str, str]] = {
    "no UUID": ("fake-key-id", "KMS.NotFoundException", "Invalid keyId 'fake-key-id'"),
    "ARN of no UUID": (
        f"arn:aws:kms:us-east-1:{OWNER}:key/fake-key-id",
        "KMS.NotFoundException",
        "Invalid keyId 'fake-key-id'",
    ),
    "bad alias": ("alias/with space", "KMS.NotFoundException", "Invalid keyId 'alias/with space'"),
    "other region": (f"arn:aws:kms:us-east-2:{OWNER}:key/{KEY_ID}", "KMS.NotFoundException", "Invalid arn us-east-2"),
    "no ARN of KMS": ("arn:aws:s3:::bucket", "KMS.NotFoundException", "Invalid arn arn:aws:s3:::bucket"),
    "AWS's alias for another service": (
        "alias/aws/ebs",
        "KMS.NotFoundException",
        f"Alias arn:aws:kms:us-east-1:{OWNER}:alias/aws/ebs is not found.",
    ),
}
STRICT: dict[str, tuple[str, str, str]] = {
    "unknown id": (KEY_ID, "KMS.NotFoundException", f"Key '{KEY_ARN}' does not exist"),
    "unknown ARN": (KEY_ARN, "KMS.NotFoundException", f"Key '{KEY_ARN}' does not exist"),
    "unknown alias": (
        "alias/mine",
        "KMS.NotFoundException",
        f"Alias arn:aws:kms:us-east-1:{OWNER}:alias/mine is not found.",
    ),
}
WRITES = {
    "PutObject": lambda s3, **given: s3.put_object(Body=b"new", **given),
    "CreateMultipartUpload": lambda s3, **given: s3.create_multipart_upload(**given),
    "CopyObject": lambda s3, **given: s3.copy_object(CopySource="bucket/source", **given),
}
by_write = pytest.mark.parametrize("write", WRITES)


class TestNames:
    @by_write
    @pytest.mark.parametrize(("name", "code", "message"), NAMES.values(), ids=NAMES)
    @pytest.mark.parametrize("method", ["aws:kms", "aws:kms:dsse"])
    def test_wrong(self, door: Door, bucket: str, write: str, name: str, code: str, message: str, method: str) -> None:
        door.client.put_object(Bucket=bucket, Key="source", Body=b"data")
        call = partial(WRITES[write], door.client, Bucket=bucket, Key="k", ServerSideEncryption=method, SSEKMSKeyId=name)
        with unchanged(door.fake):
            refused(call, 400, code, message)

    @pytest.mark.parametrize(("name", "code", "message"), STRICT.values(), ids=STRICT)
    def test_unknown_when_strict(self, door: Door, bucket: str, name: str, code: str, message: str) -> None:
        door.fake.kms.strict = True
        put = partial(door.client.put_object, Bucket=bucket, Key="k", Body=b"data", **KMS, SSEKMSKeyId=name)
        with unchanged(door.fake):
            refused(put, 400, code, message)
        assert door.fake.kms.add_key(id=KEY_ID, alias="mine") == KEY_ARN
        assert put()["SSEKMSKeyId"] == KEY_ARN

    def test_strict_is_a_setting(self, door: Door) -> None:
        with door.with_settings(strict_kms=True) as s3:
            s3.create_bucket(Bucket="bucket")
            put = partial(s3.put_object, Bucket="bucket", Key="k", **KMS)
            refused(partial(put, SSEKMSKeyId=KEY_ID), 400, "KMS.NotFoundException", f"Key '{KEY_ARN}' does not exist")
            managed = put()["SSEKMSKeyId"]
            assert put(SSEKMSKeyId=managed)["SSEKMSKeyId"] == put(SSEKMSKeyId="alias/aws/s3")["SSEKMSKeyId"] == managed

    @pytest.mark.parametrize(
        "name",
        [KEY_ID, KEY_ARN, "mrk-" + "0" * 32, "alias/mine", f"arn:aws:kms:us-east-1:{OWNER}:alias/mine"],
    )
    def test_nothing_needs_to_be_set_up(self, s3: Any, bucket: str, name: str) -> None:
        arns = [s3.put_object(Bucket=bucket, Key="k", Body=b"data", **KMS, SSEKMSKeyId=name)["SSEKMSKeyId"] for _ in range(2)]
        assert arns[0] == arns[1]
        assert arns[0].startswith(f"arn:aws:kms:us-east-1:{OWNER}:key/")
        assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"data"

    def test_an_alias_of_an_added_key(self, door: Door, bucket: str) -> None:
        first = door.fake.kms.add_key(alias="mine")
        put = partial(door.client.put_object, Bucket=bucket, Key="k", **KMS, SSEKMSKeyId="alias/mine")
        assert put()["SSEKMSKeyId"] == first
        second = door.fake.kms.add_key(id=KEY_ID, alias="alias/mine")
        assert put()["SSEKMSKeyId"] == second == KEY_ARN

    def test_the_region_is_the_buckets(self, door: Door) -> None:
        with door.client_with(region_name="eu-west-1") as s3:
            s3.create_bucket(Bucket="bucket-eu", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
            put = partial(s3.put_object, Bucket="bucket-eu", Key="k", **KMS)
            refused(partial(put, SSEKMSKeyId=KEY_ARN), 400, "KMS.NotFoundException", "Invalid arn us-east-1")
            assert put(SSEKMSKeyId=KEY_ID)["SSEKMSKeyId"] == KEY_ARN.replace("us-east-1", "eu-west-1")

    def test_the_old_name_of_a_region(self, door: Door, s3: Any) -> None:
        s3.create_bucket(Bucket="bucket-old", CreateBucketConfiguration={"LocationConstraint": "EU"})
        assert ":eu-west-1:" in s3.put_object(Bucket="bucket-old", Key="k", **KMS)["SSEKMSKeyId"]


STATES = {
    "Disabled": ("KMS.DisabledException", f"{KEY_ARN} is disabled."),
    "PendingDeletion": ("KMS.KMSInvalidStateException", f"{KEY_ARN} is pending deletion."),
}


class TestStates:
    @by_write
    @pytest.mark.parametrize("state", STATES)
    def test_writes(self, door: Door, bucket: str, write: str, state: str) -> None:
        door.fake.kms.add_key(id=KEY_ID, state=state)
        door.client.put_object(Bucket=bucket, Key="source", Body=b"data")
        call = partial(WRITES[write], door.client, Bucket=bucket, Key="k", **KMS, SSEKMSKeyId=KEY_ID)
        with unchanged(door.fake):
            refused(call, 400, *STATES[state])

    @pytest.mark.parametrize("state", STATES)
    def test_reads(self, door: Door, bucket: str, state: str) -> None:
        s3 = door.client
        s3.put_object(Bucket=bucket, Key="source", Body=b"data", **KMS, SSEKMSKeyId=KEY_ID)
        upload = s3.create_multipart_upload(Bucket=bucket, Key="k", **KMS, SSEKMSKeyId=KEY_ID)["UploadId"]
        door.fake.kms.set_state(KEY_ID, state)
        part = partial(s3.upload_part, Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, Body=b"data")
        with unchanged(door.fake):
            for call in (
                partial(s3.get_object, Bucket=bucket, Key="source"),
                partial(s3.copy_object, Bucket=bucket, Key="copy", CopySource=f"{bucket}/source"),
                partial(s3.get_object_attributes, Bucket=bucket, Key="source", ObjectAttributes=["Checksum"]),
                part,
            ):
                refused(call, 400, *STATES[state])
            refused_head(partial(s3.head_object, Bucket=bucket, Key="source", ChecksumMode="ENABLED"), 400)
        assert shown(s3.head_object(Bucket=bucket, Key="source"))["SSEKMSKeyId"] == KEY_ARN
        s3.get_object_attributes(Bucket=bucket, Key="source", ObjectAttributes=["ETag", "ObjectSize"])
        door.fake.kms.set_state(KEY_ARN, "Enabled")
        part()
        assert s3.get_object(Bucket=bucket, Key="source")["Body"].read() == b"data"

    def test_the_managed_key_too(self, door: Door, bucket: str) -> None:
        door.fake.kms.set_state("alias/aws/s3", "Disabled")
        put = partial(door.client.put_object, Bucket=bucket, Key="k", **KMS)
        door.fake.kms.set_state("alias/aws/s3", "Enabled")
        arn = put()["SSEKMSKeyId"]
        door.fake.kms.set_state("alias/aws/s3", "Disabled")
        refused(put, 400, "KMS.DisabledException", f"{arn} is disabled.")


ROOT = f"arn:aws:iam::{OWNER}:root"
EXPLICIT = f"on resource: {KEY_ARN} with an explicit deny in a resource-based policy"


class TestKeyPolicies:
    def denied(self, call: Any, action: str, ending: str, who: str = ROOT) -> None:
        refused(call, 403, "AccessDenied", f"User: {who} is not authorized to perform: {action} {ending}")

    @by_write
    @pytest.mark.parametrize(
        ("statements", "ending"),
        [
            ([deny("*", "kms:*"), allow("*", "kms:*")], EXPLICIT),
            ([deny({"AWS": ROOT}, GENERATE), allow("*", "kms:*")], EXPLICIT),
            ([deny("*", "kms:generate*"), allow("*", "*")], EXPLICIT),
            (
                [allow("*", DECRYPT)],
                f"on resource: {KEY_ARN} because no resource-based policy allows the {GENERATE} action",
            ),
            (
                [allow({"AWS": STRANGER}, "kms:*")],
                f"on resource: {KEY_ARN} because no resource-based policy allows the {GENERATE} action",
            ),
        ],
        ids=["deny all", "deny the root", "deny a wildcard", "other action", "other account"],
    )
    def test_upload(self, door: Door, bucket: str, write: str, statements: list[dict[str, Any]], ending: str) -> None:
        door.fake.kms.add_key(id=KEY_ID, policy=policy(*statements))
        door.client.put_object(Bucket=bucket, Key="source", Body=b"data")
        call = partial(WRITES[write], door.client, Bucket=bucket, Key="k", **KMS, SSEKMSKeyId=KEY_ID)
        with unchanged(door.fake):
            self.denied(call, GENERATE, ending)

    def test_reads_and_parts(self, door: Door, bucket: str) -> None:
        s3 = door.client
        s3.put_object(Bucket=bucket, Key="plain", Body=b"data")
        door.fake.kms.add_key(id=KEY_ID, policy=json.dumps(policy(allow("*", "kms:*"), deny("*", DECRYPT))))
        s3.put_object(Bucket=bucket, Key="source", Body=b"data", **KMS, SSEKMSKeyId=KEY_ID)
        upload = s3.create_multipart_upload(Bucket=bucket, Key="k", **KMS, SSEKMSKeyId=KEY_ID)["UploadId"]
        part = {"Bucket": bucket, "Key": "k", "UploadId": upload, "PartNumber": 1}
        with unchanged(door.fake):
            for call in (
                partial(s3.get_object, Bucket=bucket, Key="source"),
                partial(s3.copy_object, Bucket=bucket, Key="copy", CopySource=f"{bucket}/source"),
                partial(s3.upload_part, **part, Body=b"data"),
                partial(s3.upload_part_copy, **part, CopySource=f"{bucket}/plain"),
            ):
                self.denied(call, DECRYPT, EXPLICIT)
            refused_head(partial(s3.head_object, Bucket=bucket, Key="source", ChecksumMode="ENABLED"), 403)
            refused_head(partial(s3.head_object, Bucket=bucket, Key="source", PartNumber=1), 403)
        s3.head_object(Bucket=bucket, Key="source")

    def test_complete(self, door: Door, bucket: str) -> None:
        s3 = door.client
        door.fake.kms.add_key(id=KEY_ID, policy=policy(allow("*", "kms:*")))
        upload = s3.create_multipart_upload(Bucket=bucket, Key="k", **KMS, SSEKMSKeyId=KEY_ID)["UploadId"]
        where = {"Bucket": bucket, "Key": "k", "UploadId": upload}
        etag = s3.upload_part(**where, PartNumber=1, Body=b"data")["ETag"]
        complete = partial(s3.complete_multipart_upload, **where, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
        door.fake.kms.add_key(id=KEY_ID, policy=policy(allow("*", "kms:*"), deny("*", DECRYPT)))
        with unchanged(door.fake):
            self.denied(complete, DECRYPT, EXPLICIT)
        door.fake.kms.add_key(id=KEY_ID, state="Disabled")
        with unchanged(door.fake):
            refused(complete, 400, *STATES["Disabled"])
        door.fake.kms.add_key(id=KEY_ID)
        complete()

    @pytest.mark.parametrize(
        ("operator", "value", "works"),
        [
            ("StringEquals", {"kms:ViaService": "s3.us-east-1.amazonaws.com"}, False),
            ("StringEquals", {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}, True),
            ("StringEquals", {"kms:CallerAccount": OWNER}, False),
        ],
    )
    def test_conditions(self, door: Door, bucket: str, operator: str, value: dict[str, str], works: bool) -> None:
        denies = deny("*", "kms:*", Condition={operator: value})
        door.fake.kms.add_key(id=KEY_ID, policy=policy(allow("*", "kms:*"), denies))
        put = partial(door.client.put_object, Bucket=bucket, Key="k", **KMS, SSEKMSKeyId=KEY_ID)
        if works:
            put()
        else:
            self.denied(put, GENERATE, EXPLICIT)

    def test_the_decision_is_logged(self, door: Door, bucket: str, caplog: pytest.LogCaptureFixture) -> None:
        door.fake.kms.add_key(id=KEY_ID, policy=policy({**deny("*", "kms:*"), "Sid": "NoKeys"}))
        put = partial(door.client.put_object, Bucket=bucket, Key="k", **KMS, SSEKMSKeyId=KEY_ID)
        self.denied(put, GENERATE, EXPLICIT)
        assert "statement 'NoKeys' of a resource-based policy denies it" in caplog.text


class TestOtherAccounts:
    ARN = f"arn:aws:kms:us-east-1:{STRANGER}:key/{KEY_ID}"

    @pytest.mark.parametrize("strict", [False, True])
    @pytest.mark.parametrize("is_there", [False, True])
    def test_other_accounts_get_no_details(self, door: Door, bucket: str, strict: bool, is_there: bool) -> None:
        door.fake.kms.strict = strict
        if is_there:
            door.fake.kms.add_key(account=STRANGER, id=KEY_ID)
        put = partial(door.client.put_object, Bucket=bucket, Key="k", **KMS, SSEKMSKeyId=self.ARN)
        with unchanged(door.fake):
            refused(put, 403, "AccessDenied", f"User: {ROOT} is not authorized to perform: {GENERATE} {STRANGERS}")

    @pytest.mark.parametrize("principal", ["*", {"AWS": OWNER}, {"AWS": ROOT}, {"AWS": [STRANGER, OWNER]}])
    def test_a_key_that_was_shared(self, door: Door, bucket: str, principal: Any) -> None:
        arn = door.fake.kms.add_key(account=STRANGER, id=KEY_ID, policy=policy(allow(principal, "kms:*")))
        put = door.client.put_object(Bucket=bucket, Key="k", Body=b"data", **KMS, SSEKMSKeyId=arn)
        assert put["SSEKMSKeyId"] == arn == self.ARN
        assert door.client.get_object(Bucket=bucket, Key="k")["Body"].read() == b"data"

    def test_ids_and_aliases_are_the_callers_own(self, door: Door, bucket: str) -> None:
        door.fake.kms.strict = True
        door.fake.kms.add_key(account=STRANGER, id=KEY_ID, alias="mine", policy=policy(allow("*", "kms:*")))
        put = partial(door.client.put_object, Bucket=bucket, Key="k", **KMS)
        refused(partial(put, SSEKMSKeyId=KEY_ID), 400, "KMS.NotFoundException", f"Key '{KEY_ARN}' does not exist")
        alias = f"Alias arn:aws:kms:us-east-1:{OWNER}:alias/mine is not found."
        refused(partial(put, SSEKMSKeyId="alias/mine"), 400, "KMS.NotFoundException", alias)


class TestUsers:
    """An IAM user's identity policy must allow the use of a key that leaves it to the account."""

    def bucket_of(self, fake: FakeS3, statements: list[dict[str, Any]]) -> Any:
        fake.add_account(OWNER)
        user = fake.add_user(OWNER, "writer", {"Version": "2012-10-17", "Statement": statements})
        fake.client(OWNER).create_bucket(Bucket="bucket")
        return fake.client(user)

    S3_ALL = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}  # noqa: RUF012
    WHO = f"arn:aws:iam::{OWNER}:user/writer"

    def test_reads_without_kms(self) -> None:
        with FakeS3() as fake:
            s3 = self.bucket_of(fake, [self.S3_ALL])
            put = partial(s3.put_object, Bucket="bucket", Key="k", **KMS)
            ending = f"on resource: {KEY_ARN} because no identity-based policy allows the {GENERATE} action"
            message = f"User: {self.WHO} is not authorized to perform: {GENERATE} {ending}"
            refused(partial(put, SSEKMSKeyId=KEY_ID), 403, "AccessDenied", message)
            assert put()["ServerSideEncryption"] == "aws:kms"

    def test_allowed_and_denied(self) -> None:
        use = {"Effect": "Allow", "Action": "kms:GenerateDataKey*", "Resource": KEY_ARN}
        with FakeS3() as fake:
            s3 = self.bucket_of(fake, [self.S3_ALL, use])
            s3.put_object(Bucket="bucket", Key="k", **KMS, SSEKMSKeyId=KEY_ID)
            ending = f"on resource: {KEY_ARN} because no identity-based policy allows the {DECRYPT} action"
            message = f"User: {self.WHO} is not authorized to perform: {DECRYPT} {ending}"
            refused(partial(s3.get_object, Bucket="bucket", Key="k"), 403, "AccessDenied", message)

    @pytest.mark.parametrize("principal", ["*", {"AWS": WHO}, {"AWS": ROOT}], ids=["all", "the user", "its account"])
    def test_with_a_key_policy(self, principal: Any) -> None:
        with FakeS3() as fake:
            s3 = self.bucket_of(fake, [self.S3_ALL])
            fake.kms.add_key(id=KEY_ID, policy=policy(allow(principal, "kms:*")))
            put = partial(s3.put_object, Bucket="bucket", Key="k", **KMS, SSEKMSKeyId=KEY_ID)
            if principal == {"AWS": ROOT}:
                ending = f"on resource: {KEY_ARN} because no identity-based policy allows the {GENERATE} action"
                refused(put, 403, "AccessDenied", f"User: {self.WHO} is not authorized to perform: {GENERATE} {ending}")
            else:
                put()

    def test_an_explicit_deny(self) -> None:
        with FakeS3() as fake:
            s3 = self.bucket_of(fake, [self.S3_ALL, {"Effect": "Deny", "Action": "kms:*", "Resource": "*"}])
            fake.kms.add_key(id=KEY_ID, policy=policy(allow("*", "kms:*")))
            put = partial(s3.put_object, Bucket="bucket", Key="k", **KMS, SSEKMSKeyId=KEY_ID)
            ending = f"on resource: {KEY_ARN} with an explicit deny in an identity-based policy"
            refused(put, 403, "AccessDenied", f"User: {self.WHO} is not authorized to perform: {GENERATE} {ending}")


def test_sigv2_is_not_enough(door: Door, bucket: str) -> None:
    from botocore.config import Config

    with door.client_with(config=Config(signature_version="s3", retries={"total_max_attempts": 1})) as s3:
        put = partial(s3.put_object, Bucket=bucket, Key="k", **KMS)
        message = "Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4."
        with unchanged(door.fake):
            refused(put, 400, "InvalidArgument", message, {"ArgumentName": "Authorization", "ArgumentValue": "null"})


class TestAddKey:
    @pytest.mark.parametrize(
        "given",
        [
            {"account": "12"},
            {"id": "key"},
            {"state": "Sleeping"},
            {"alias": "with space"},
            {"alias": "aws/s3"},
            {"policy": "no JSON"},
            {"policy": {"Statement": [{"Effect": "Perhaps"}]}},
        ],
        ids=str,
    )
    def test_wrong_arguments(self, given: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match=r"."):
            FakeS3().kms.add_key(**given)

    def test_wrong_state(self) -> None:
        kms = FakeS3().kms
        with pytest.raises(ValueError, match="state must be one of Enabled, Disabled, PendingDeletion, not 'Sleeping'"):
            kms.set_state(KEY_ID, "Sleeping")

    def test_arn(self) -> None:
        kms = FakeS3(account=STRANGER, region="cn-north-1").kms
        assert kms.add_key(id=KEY_ID) == f"arn:aws-cn:kms:cn-north-1:{STRANGER}:key/{KEY_ID}"
        assert kms.add_key(OWNER, KEY_ID, region="us-gov-west-1").startswith("arn:aws-us-gov:kms:us-gov-west-1:123")
        assert len({kms.add_key() for _ in range(3)}) == 3
        assert repr(kms) == "<Kms of 5 added keys>"
