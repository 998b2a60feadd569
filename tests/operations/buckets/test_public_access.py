"""Ownership controls and the public access block, also of CreateBucket, and request payment."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from fakes3part.auth.callers import canonical_id
from tests.support.callers import OWNER, STRANGER
from tests.support.doors import Door, refused, refused_head
from tests.support.errors import ACCESS_DENIED, MALFORMED_XML
from tests.support.policies import BUCKET, OBJECTS, ask, client_of, digest, enable_acls, put_policy, statement, status
from tests.support.state import unchanged

ALL_ON = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)


def _xml(door: Door, target: str, body: bytes) -> Any:
    return door.raw("PUT", target, digest(body), body)


def test_new_buckets(s3: Any, bucket: str) -> None:
    assert s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"] == ALL_ON
    controls = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]
    assert controls == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"


def test_deleted(s3: Any, bucket: str) -> None:
    for _ in range(2):
        assert status(s3.delete_public_access_block, Bucket=bucket) == 204
        assert status(s3.delete_bucket_ownership_controls, Bucket=bucket) == 204
    get = partial(s3.get_public_access_block, Bucket=bucket)
    message = "The public access block configuration was not found"
    refused(get, 404, "NoSuchPublicAccessBlockConfiguration", message, {"BucketName": bucket})
    get = partial(s3.get_bucket_ownership_controls, Bucket=bucket)
    message = "The bucket ownership controls were not found"
    refused(get, 404, "OwnershipControlsNotFoundError", message, {"BucketName": bucket})
    s3.put_object(Bucket=bucket, Key="k", ACL="public-read")  # without controls ACLs count


@pytest.mark.parametrize("ownership", ["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"])
def test_ownership_controls(s3: Any, bucket: str, ownership: str) -> None:
    controls = {"Rules": [{"ObjectOwnership": ownership}]}
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=controls)
    assert s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"] == controls


RULE = b"<Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule>"
BAD = [
    ("/bucket?ownershipControls", b"<OwnershipControls/>"),
    ("/bucket?ownershipControls", b"<OwnershipControls>" + RULE * 2 + b"</OwnershipControls>"),
    ("/bucket?ownershipControls", b"<OwnershipControls>" + RULE.replace(b"Writer", b"Reader") + b"</OwnershipControls>"),
    ("/bucket?publicAccessBlock", b"<PublicAccessBlockConfiguration/>"),
    (
        "/bucket?publicAccessBlock",
        b"<PublicAccessBlockConfiguration><BlockPublicAcls>maybe</BlockPublicAcls></PublicAccessBlockConfiguration>",
    ),
    ("/bucket?requestPayment", b"<RequestPaymentConfiguration><Payer>Somebody</Payer></RequestPaymentConfiguration>"),
    ("/bucket?requestPayment", b"<RequestPaymentConfiguration/>"),
]


@pytest.mark.parametrize(("target", "body"), BAD)
def test_malformed(door: Door, bucket: str, target: str, body: bytes) -> None:
    with unchanged(door.fake):
        response = _xml(door, target, body)
    assert (response.status, response.error) == (400, {"Code": "MalformedXML", "Message": MALFORMED_XML})


def test_flags_not_named_are_off(s3: Any, bucket: str) -> None:
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"IgnorePublicAcls": True})
    found = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert found == {**dict.fromkeys(ALL_ON, False), "IgnorePublicAcls": True}


# --- the four switches -----------------------------------------------------------------------------------------------


def _block(door: Door, name: str) -> None:
    door.client.put_public_access_block(Bucket="bucket", PublicAccessBlockConfiguration={name: True})


PUBLIC_ACLS = [
    ("put_bucket_acl", {}),
    ("put_object_acl", {"Key": "k"}),
    ("put_object", {"Key": "new"}),
    ("create_multipart_upload", {"Key": "new"}),
    ("copy_object", {"Key": "new", "CopySource": "bucket/k"}),
]


@pytest.mark.parametrize(("method", "params"), PUBLIC_ACLS)
@pytest.mark.parametrize("acl", ["public-read", "authenticated-read"])
def test_block_public_acls(door: Door, bucket: str, method: str, params: dict[str, str], acl: str) -> None:
    enable_acls(door)
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc")
    _block(door, "BlockPublicAcls")
    call = partial(getattr(door.client, method), Bucket=bucket, **params)
    with unchanged(door.fake):
        refused(partial(call, ACL=acl), 403, "AccessDenied", ACCESS_DENIED)
    assert status(call, ACL="private") == 200


def test_ignore_public_acls(door: Door, bucket: str) -> None:
    enable_acls(door)
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc", ACL="public-read")
    door.client.put_object(Bucket=bucket, Key="theirs", Body=b"abc", GrantRead=f"id={canonical_id(STRANGER)}")
    assert door.raw("GET", "/bucket/k", sign=False).status == 200
    _block(door, "IgnorePublicAcls")
    assert door.raw("GET", "/bucket/k", sign=False).status == 403
    assert door.raw("GET", "/bucket/k", access_key=STRANGER).status == 403
    assert door.raw("GET", "/bucket/theirs", access_key=STRANGER).status == 200
    door.client.delete_public_access_block(Bucket=bucket)
    assert door.raw("GET", "/bucket/k", sign=False).status == 200


def test_restrict_public_buckets(door: Door, bucket: str) -> None:
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc")
    put_policy(door, statement(), statement(Principal={"AWS": STRANGER}))
    assert door.raw("GET", "/bucket/k", sign=False).status == 200
    _block(door, "RestrictPublicBuckets")
    assert door.raw("GET", "/bucket/k", sign=False).status == 403
    assert door.raw("GET", "/bucket/k", access_key=STRANGER).status == 403
    assert door.raw("GET", "/bucket/k", access_key=OWNER).status == 200
    put_policy(door, statement(Principal={"AWS": STRANGER}))  # not public, so nothing to restrict
    _block(door, "RestrictPublicBuckets")
    assert door.raw("GET", "/bucket/k", access_key=STRANGER).status == 200


# --- CreateBucket ----------------------------------------------------------------------------------------------------


def test_created_with_acls(door: Door) -> None:
    door.client.create_bucket(Bucket="bucket", ObjectOwnership="BucketOwnerPreferred", GrantRead=f"id={canonical_id(STRANGER)}")
    with client_of(door, STRANGER) as stranger:
        assert status(stranger.list_objects_v2, Bucket="bucket") == 200
        door.client.create_bucket(Bucket="bucket")  # again, in us-east-1: the ACL is reset, and nothing else
        assert status(stranger.list_objects_v2, Bucket="bucket") == 403
    assert door.fake.store.buckets["bucket"].ownership == "BucketOwnerPreferred"


@pytest.mark.parametrize("acl", ["public-read", "authenticated-read", "public-read-write"])
def test_created_public(door: Door, acl: str) -> None:
    create = partial(door.client.create_bucket, Bucket="bucket", ObjectOwnership="ObjectWriter", ACL=acl)
    message = "Bucket cannot have public ACLs set with BlockPublicAccess enabled"
    with unchanged(door.fake):
        refused(create, 400, "InvalidBucketAclWithBlockPublicAccessError", message)


def test_legacy_defaults(door: Door) -> None:
    """S3's defaults of before April 2023, and its responses of before November 2025."""
    with door.with_settings(legacy_defaults=True) as s3:
        s3.create_bucket(Bucket="old-bucket", ACL="public-read")
        s3.put_object(Bucket="old-bucket", Key="k", Body=b"abc", ACL="public-read")
        owner = {"ID": canonical_id(OWNER), "DisplayName": OWNER}
        assert s3.list_buckets()["Owner"] == owner
        acl = s3.get_object_acl(Bucket="old-bucket", Key="k")
        assert acl["Owner"] == owner
        assert [grant["Permission"] for grant in acl["Grants"]] == ["FULL_CONTROL", "READ"]
        assert acl["Grants"][0]["Grantee"] == {**owner, "Type": "CanonicalUser"}
        assert [one["Owner"] for one in s3.list_objects(Bucket="old-bucket")["Contents"]] == [owner]
        assert status(s3.get_public_access_block, Bucket="old-bucket") == 404
        controls = s3.get_bucket_ownership_controls(Bucket="old-bucket")["OwnershipControls"]
        assert controls == {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}


# --- who pays --------------------------------------------------------------------------------------------------------


@pytest.fixture
def paid(door: Door, bucket: str) -> Door:
    """A public bucket with requester pays."""
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc")
    put_policy(door, statement(Action="s3:*", Resource=[BUCKET, OBJECTS]))
    door.client.put_bucket_request_payment(Bucket=bucket, RequestPaymentConfiguration={"Payer": "Requester"})
    assert door.client.get_bucket_request_payment(Bucket=bucket)["Payer"] == "Requester"
    return door


PAID: list[tuple[str, dict[str, Any]]] = [
    ("get_object", {"Key": "k"}),
    ("head_object", {"Key": "k"}),
    ("put_object", {"Key": "k", "Body": b"abc"}),
    ("copy_object", {"Key": "copy", "CopySource": "bucket/k"}),
    ("create_multipart_upload", {"Key": "k"}),
    ("list_objects", {}),
    ("list_objects_v2", {}),
    ("get_object_acl", {"Key": "k"}),
    ("delete_object", {"Key": "k"}),
    ("delete_objects", {"Delete": {"Objects": [{"Key": "k"}]}}),
]


@pytest.mark.parametrize(("method", "params"), PAID)
def test_requester_pays(paid: Door, method: str, params: dict[str, Any]) -> None:
    with client_of(paid, STRANGER) as stranger:
        call = partial(getattr(stranger, method), Bucket="bucket", **params)
        with unchanged(paid.fake):
            if method == "delete_objects":
                assert [error["Code"] for error in call()["Errors"]] == ["AccessDenied"]
            elif method == "head_object":
                refused_head(call, 403)
            else:
                refused(call, 403, "AccessDenied", ACCESS_DENIED)
        response = ask(call, RequestPayer="requester")
        assert response["RequestCharged"] == "requester"
        assert response["ResponseMetadata"]["HTTPHeaders"]["x-amz-request-charged"] == "requester"
    for options in ({}, {"RequestPayer": "requester"}):
        response = ask(getattr(paid.client, method), Bucket="bucket", **{**params, **options})
        assert "RequestCharged" not in response  # its own owner never pays twice
        if method == "delete_object":
            break


def test_nobody_cannot_pay(paid: Door) -> None:
    for headers in ({}, {"x-amz-request-payer": "requester"}):
        response = paid.raw("GET", "/bucket/k", headers, sign=False)
        assert (response.status, response.error) == (403, {"Code": "AccessDenied", "Message": ACCESS_DENIED})


@pytest.mark.parametrize(("query", "expected"), [("", 403), ("?x-amz-request-payer=requester", 200)])
def test_said_in_the_query(paid: Door, query: str, expected: int) -> None:
    """In presigned URLs."""
    assert paid.raw("GET", f"/bucket/k{query}", access_key=STRANGER).status == expected


def test_ignored_where_the_owner_pays(paid: Door) -> None:
    paid.client.put_bucket_request_payment(Bucket="bucket", RequestPaymentConfiguration={"Payer": "BucketOwner"})
    with client_of(paid, STRANGER) as stranger:
        assert "RequestCharged" not in ask(stranger.get_object, Bucket="bucket", Key="k", RequestPayer="requester")


def test_a_bad_payer(paid: Door) -> None:
    with unchanged(paid.fake):
        response = paid.raw("GET", "/bucket/k", {"x-amz-request-payer": "me"})
    assert response.status == 400
    assert [response.error[name] for name in ("Code", "ArgumentName", "ArgumentValue")] == [
        "InvalidArgument",
        "x-amz-request-payer",
        "me",
    ]
