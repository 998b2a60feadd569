"""S3 Control: its protocol, and the public access block of an account."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StringShape, StructureShape
from botocore.parsers import RestXMLParser

from fakes3part.api.fakes3 import FakeS3
from fakes3part.message import Request
from fakes3part.services.protocols import rest_xml
from fakes3part.services.registry import operations_of
from tests.support.callers import OWNER, STRANGER
from tests.support.doors import refused
from tests.support.errors import MALFORMED_XML, METHOD_NOT_ALLOWED
from tests.support.services import Door, allow, deny, policy

SWITCHES = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
NONE = dict.fromkeys(SWITCHES, False)


def test_the_block_of_an_account(control: Any) -> None:
    missing = "The public access block configuration was not found"
    code = "NoSuchPublicAccessBlockConfiguration"
    refused(lambda: control.get_public_access_block(AccountId=OWNER), 404, code, missing, {"AccountId": OWNER})
    put = control.put_public_access_block(AccountId=OWNER, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    assert put["ResponseMetadata"]["HTTPStatusCode"] == 201
    found = control.get_public_access_block(AccountId=OWNER)
    assert found["PublicAccessBlockConfiguration"] == {**NONE, "BlockPublicAcls": True}
    assert found["ResponseMetadata"]["HTTPHeaders"]["content-type"] == "application/xml"
    assert re.fullmatch(r"[0-9A-F]{16}", found["ResponseMetadata"]["RequestId"])
    assert found["ResponseMetadata"]["HostId"] == found["ResponseMetadata"]["HTTPHeaders"]["x-amz-id-2"]
    gone = control.delete_public_access_block(AccountId=OWNER)
    assert gone["ResponseMetadata"]["HTTPStatusCode"] == 204
    refused(lambda: control.get_public_access_block(AccountId=OWNER), 404, code, missing, {"AccountId": OWNER})
    control.delete_public_access_block(AccountId=OWNER)


def test_an_empty_block_is_rejected(control: Any) -> None:
    text = MALFORMED_XML
    call = {"AccountId": OWNER, "PublicAccessBlockConfiguration": {}}
    refused(lambda: control.put_public_access_block(**call), 400, "MalformedXML", text)


def test_each_account_has_its_own(door: Door, control: Any) -> None:
    theirs = door.client("s3control", aws_access_key_id=STRANGER)
    for client, account, switch in ((control, OWNER, SWITCHES[0]), (theirs, STRANGER, SWITCHES[1])):
        client.put_public_access_block(AccountId=account, PublicAccessBlockConfiguration={switch: True})
    found = theirs.get_public_access_block(AccountId=STRANGER)["PublicAccessBlockConfiguration"]
    assert found == {**NONE, "IgnorePublicAcls": True}
    for call in (control.get_public_access_block, control.delete_public_access_block):
        refused(lambda call=call: call(AccountId=STRANGER), 403, "AccessDenied", "Access Denied")
    assert theirs.get_public_access_block(AccountId=STRANGER)["PublicAccessBlockConfiguration"] == found


@pytest.mark.parametrize(
    ("call", "action"),
    [
        ("get_public_access_block", "s3:GetAccountPublicAccessBlock"),
        ("put_public_access_block", "s3:PutAccountPublicAccessBlock"),
        ("delete_public_access_block", "s3:PutAccountPublicAccessBlock"),
    ],
)
def test_users_need_a_policy(door: Door, control: Any, call: str, action: str) -> None:
    block = {"PublicAccessBlockConfiguration": {"BlockPublicAcls": True}}
    control.put_public_access_block(AccountId=OWNER, **block)
    params = {"AccountId": OWNER, **(block if call.startswith("put") else {})}
    bob, eve = door.fake.add_user(None, "bob", policy(allow("s3:*"), deny(action))), door.fake.add_user(None, "eve")
    ann = door.fake.add_user(None, "ann", policy(allow(action)))
    for user, ending in (
        (bob, "with an explicit deny in an identity-based policy"),
        (eve, f"because no identity-based policy allows the {action} action"),
    ):
        message = f"User: {user.arn} is not authorized to perform: {action} on resource: * {ending}"
        client = door.client_of(user, "s3control")
        refused(lambda client=client: getattr(client, call)(**params), 403, "AccessDenied", message)
    assert door.fake.last_denial is not None
    assert door.fake.last_denial.action == action
    getattr(door.client_of(ann, "s3control"), call)(**params)


def test_unsupported_operations_are_501(control: Any) -> None:
    text = "fakes3part does not implement S3 Control's ListJobs"
    refused(lambda: control.list_jobs(AccountId=OWNER), 501, "NotImplemented", text, {"Operation": "S3 Control's ListJobs"})


# --- what it does to buckets -----------------------------------------------------------------------------------------

PUBLIC = policy({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/*"})


@pytest.fixture
def public(door: Door, s3: Any) -> Any:
    """A bucket with an object that everybody may read, by the bucket's policy; returns how everybody does."""
    s3.create_bucket(Bucket="bucket")
    s3.delete_public_access_block(Bucket="bucket")
    s3.put_bucket_policy(Bucket="bucket", Policy=PUBLIC)
    s3.put_object(Bucket="bucket", Key="k", Body=b"abc")
    from botocore import UNSIGNED
    from botocore.config import Config

    client = door.client("s3", config=Config(signature_version=UNSIGNED))
    return lambda: client.get_object(Bucket="bucket", Key="k")


def block(control: Any, *switches: str) -> None:
    control.put_public_access_block(AccountId=OWNER, PublicAccessBlockConfiguration=dict.fromkeys(switches, True))


def test_public_buckets_are_restricted(control: Any, public: Any) -> None:
    assert public()["Body"].read() == b"abc"
    block(control, *SWITCHES[:3])
    assert public()["Body"].read() == b"abc"
    block(control, "RestrictPublicBuckets")
    refused(public, 403, "AccessDenied", "Access Denied")
    control.delete_public_access_block(AccountId=OWNER)
    assert public()["Body"].read() == b"abc"


def test_public_policies_are_refused(door: Door, s3: Any, control: Any, public: Any) -> None:
    block(control, "BlockPublicPolicy")
    s3.delete_bucket_policy(Bucket="bucket")
    message = (
        f"User: arn:aws:iam::{OWNER}:root is not authorized to perform: s3:PutBucketPolicy on resource: "
        '"arn:aws:s3:::bucket" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.'
    )
    refused(lambda: s3.put_bucket_policy(Bucket="bucket", Policy=PUBLIC), 403, "AccessDenied", message)
    assert door.fake.store.buckets["bucket"].policy is None


def test_public_acls_are_ignored_and_refused(s3: Any, control: Any, public: Any) -> None:
    s3.delete_bucket_policy(Bucket="bucket")
    s3.put_bucket_ownership_controls(Bucket="bucket", OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]})
    s3.put_object_acl(Bucket="bucket", Key="k", ACL="public-read")
    assert public()["Body"].read() == b"abc"
    block(control, "IgnorePublicAcls")
    refused(public, 403, "AccessDenied", "Access Denied")
    block(control, "BlockPublicAcls")
    assert public()["Body"].read() == b"abc"
    for call in (
        lambda: s3.put_object_acl(Bucket="bucket", Key="k", ACL="public-read"),
        lambda: s3.put_object(Bucket="bucket", Key="k2", ACL="public-read"),
    ):
        refused(call, 403, "AccessDenied", "Access Denied")
    assert s3.list_objects_v2(Bucket="bucket")["KeyCount"] == 1


def test_the_buckets_own_configuration_is_returned_unchanged(s3: Any, control: Any, public: Any) -> None:
    block(control, *SWITCHES)
    code, text = "NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found"
    refused(lambda: s3.get_public_access_block(Bucket="bucket"), 404, code, text, {"BucketName": "bucket"})


def test_new_buckets_with_public_acls() -> None:
    fake = FakeS3(legacy_defaults=True)
    client = fake.client()
    client.create_bucket(Bucket="before", ACL="public-read")
    with fake:
        import boto3

        control = boto3.session.Session().client("s3control", region_name="us-east-1")
        block(control, "BlockPublicAcls")
        control.close()
    text = "Bucket cannot have public ACLs set with BlockPublicAccess enabled"
    code = "InvalidBucketAclWithBlockPublicAccessError"
    refused(lambda: client.create_bucket(Bucket="after", ACL="public-read"), 400, code, text)
    assert list(fake.buckets) == ["before"]
    client.close()


def test_buckets_of_others_do_not_mind(door: Door, control: Any, public: Any) -> None:
    door.client("s3control", aws_access_key_id=STRANGER).put_public_access_block(
        AccountId=STRANGER, PublicAccessBlockConfiguration=dict.fromkeys(SWITCHES, True)
    )
    assert public()["Body"].read() == b"abc"


def test_snapshots_and_resets_include_the_block(door: Door, control: Any, public: Any) -> None:
    block(control, "RestrictPublicBuckets")
    checkpoint = door.fake.snapshot()
    control.delete_public_access_block(AccountId=OWNER)
    assert public()["Body"].read() == b"abc"
    door.fake.restore(checkpoint)
    refused(public, 403, "AccessDenied", "Access Denied")
    control.delete_public_access_block(AccountId=OWNER)
    assert public()["Body"].read() == b"abc"
    door.fake.restore(checkpoint)
    refused(public, 403, "AccessDenied", "Access Denied")
    door.fake.reset()
    with pytest.raises(control.exceptions.NoSuchPublicAccessBlockConfiguration):
        control.get_public_access_block(AccountId=OWNER)


# --- the wire --------------------------------------------------------------------------------------------------------


def test_every_operation_is_found_by_its_path() -> None:
    """No two templates mean one request, and each is found again."""
    for operation in rest_xml.operations():
        path = re.sub(r"\{\w+\+\}", "a:b%2Fc/d", operation._raw["http"]["requestUri"])
        path = re.sub(r"\{\w+\}", "name-1", path)
        call: Any = type("Context", (), {"request": Request(operation.method, "h", path)})
        assert rest_xml.operation_of(call).name == operation.name


_CONTROL = ServiceModel(Loader().load_service_model("s3control", "service-2"))


def _example(shape: Shape | None, above: tuple[str, ...] = ()) -> Any:
    """Return a value with every member of a shape (of a union with its first); shapes that contain themselves are left out."""
    if isinstance(shape, StructureShape):
        members = {name: member for name, member in shape.members.items() if member.name not in above}
        if shape.is_tagged_union:
            members = dict(list(members.items())[:1])
        return {name: _example(member, (*above, shape.name)) for name, member in members.items()}
    if isinstance(shape, ListShape):
        return [_example(shape.member, above), _example(shape.member, above)]
    if isinstance(shape, MapShape):
        return {"<key>": _example(shape.value, above)}
    if isinstance(shape, StringShape):
        return shape.enum[0] if shape.enum else "a<b>&c"
    assert shape is not None
    numbers = {"integer": 7, "long": 2**40, "double": 0.5, "float": 0.5}
    return {"boolean": True, "timestamp": datetime(2030, 1, 2, 3, 4, 5, tzinfo=timezone.utc), **numbers}[shape.type_name]


@pytest.mark.parametrize("operation", rest_xml.operations(), ids=lambda operation: operation.name)
def test_botocore_parses_every_output(operation: rest_xml.ControlOperation) -> None:
    shape = _CONTROL.operation_model(operation.name).output_shape
    output = _example(shape) if shape is not None else {}
    headers, body = rest_xml.render(operation, output)
    response = {"status_code": 200, "headers": dict(headers), "body": b"".join(body)}
    parsed = RestXMLParser().parse(response, shape)
    del parsed["ResponseMetadata"]
    assert parsed == output


def test_every_implemented_operation_is_in_the_model() -> None:
    from fakes3part.services import model

    assert set(operations_of("s3control")) <= {operation.name for operation in rest_xml.operations()}
    for service in ("sts", "kms"):
        assert set(operations_of(service)) <= set(model.operations(service))


SIGNED = {
    "authorization": "AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0",
    "x-amz-date": "20260101T000000Z",
    "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
}
HOST = f"{OWNER}.s3-control.us-east-1.amazonaws.com"
RAW: list[tuple[str, str, dict[str, str], int, str, str]] = [
    ("GET", "/v20180820/nothing", SIGNED, 400, "InvalidURI", "Couldn't parse the specified URI."),
    (
        "POST",
        "/v20180820/configuration/publicAccessBlock",
        SIGNED,
        405,
        "MethodNotAllowed",
        METHOD_NOT_ALLOWED,
    ),
    ("GET", "/v20180820/configuration/publicAccessBlock", {}, 403, "AccessDenied", "Access Denied"),
    (
        "GET",
        "/v20180820/configuration/publicAccessBlock",
        SIGNED,
        400,
        "InvalidRequest",
        "Missing required header for this request: x-amz-account-id",
    ),
    (
        "PUT",
        "/v20180820/configuration/publicAccessBlock",
        {**SIGNED, "x-amz-account-id": OWNER},
        400,
        "MalformedXML",
        MALFORMED_XML,
    ),
    (
        "GET",
        "/v20180820/configuration/publicAccessBlock",
        {**SIGNED, "x-amz-account-id": OWNER, "authorization": "Basic x"},
        400,
        "InvalidArgument",
        "Unsupported Authorization Type",
    ),
]


@pytest.mark.parametrize(("method", "path", "headers", "status", "code", "message"), RAW, ids=[code for *_, code, _ in RAW])
def test_errors_of_the_wire(method: str, path: str, headers: dict[str, str], status: int, code: str, message: str) -> None:
    raw_response = FakeS3().handle(Request(method, HOST, path, headers=dict(headers)))
    document = b"".join(map(bytes, raw_response.body)).decode()
    assert raw_response.status == status
    assert f"<Error><Code>{code}</Code><Message>{message}</Message>" in document
    assert document.startswith(
        '<?xml version="1.0" encoding="UTF-8"?>\n<ErrorResponse xmlns="http://awss3control.amazonaws.com/doc/2018-08-20/">'
    )
    request_id = dict(raw_response.headers)["x-amz-request-id"]
    assert f"<RequestId>{request_id}</RequestId>" in document
