"""ACLs of objects, with versions, delete markers and blocked public access.

Sources: recorded from AWS, February 2026 (LocalStack's test_s3.snapshot.json); botocore's model documentation.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from fakes3part.auth.callers import canonical_id
from tests.support.callers import STRANGER
from tests.support.doors import Door, refused
from tests.support.errors import ACCESS_DENIED, INVALID_VERSION_ID, METHOD_NOT_ALLOWED, NO_SUCH_KEY, NO_SUCH_VERSION
from tests.support.policies import ALL_USERS, client_of, digest, enable_acls, status
from tests.support.state import unchanged
from tests.support.version_ids import GONE


@pytest.fixture
def versioned(door: Door, bucket: str) -> Door:
    enable_acls(door)
    door.client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return door


def calls(door: Door) -> dict[str, partial[Any]]:
    where = {"Bucket": "bucket", "Key": "k"}
    return {
        "GET": partial(door.client.get_object_acl, **where),
        "PUT": partial(door.client.put_object_acl, **where, ACL="private"),
    }


@pytest.mark.parametrize("method", ["GET", "PUT"])
class TestVersions:
    def test_of_a_marker_by_its_id(self, versioned: Door, method: str) -> None:
        marker = versioned.client.delete_object(Bucket="bucket", Key="k")["VersionId"]
        extras = {"Method": method, "ResourceType": "DeleteMarker"}
        with unchanged(versioned.fake):
            call = partial(calls(versioned)[method], VersionId=marker)
            error = refused(call, 405, "MethodNotAllowed", METHOD_NOT_ALLOWED, extras)
        headers = error.response["ResponseMetadata"]["HTTPHeaders"]
        assert (headers["x-amz-delete-marker"], headers["x-amz-version-id"], headers["allow"]) == ("true", marker, "DELETE")

    @pytest.mark.parametrize(
        ("version_id", "status_code", "code", "message", "extras"),
        [
            (
                GONE,
                404,
                "NoSuchVersion",
                NO_SUCH_VERSION,
                {"Key": "k", "VersionId": GONE},
            ),
            (
                "x",
                400,
                "InvalidArgument",
                INVALID_VERSION_ID,
                {"ArgumentName": "versionId", "ArgumentValue": "x"},
            ),
        ],
    )
    def test_of_no_version(
        self, versioned: Door, method: str, version_id: str, status_code: int, code: str, message: str, extras: dict[str, str]
    ) -> None:
        versioned.client.put_object(Bucket="bucket", Key="k", Body=b"abc")
        with unchanged(versioned.fake):
            refused(partial(calls(versioned)[method], VersionId=version_id), status_code, code, message, extras)

    def test_an_empty_id(self, versioned: Door, method: str) -> None:
        versioned.client.put_object(Bucket="bucket", Key="k", Body=b"abc")
        headers = {"x-amz-acl": "private", **digest(b"")} if method == "PUT" else {}
        with unchanged(versioned.fake):
            response = versioned.raw(method, "/bucket/k?acl&versionId=", headers)
        message = "Version id cannot be the empty string"
        expected = {"Code": "InvalidArgument", "Message": message, "ArgumentName": "versionId", "ArgumentValue": None}
        assert (response.status, response.error) == (400, expected)

    def test_the_version_id_is_returned(self, versioned: Door, method: str) -> None:
        new = versioned.client.put_object(Bucket="bucket", Key="k", Body=b"abc")["VersionId"]
        returned = [calls(versioned)[method](**named)["ResponseMetadata"]["HTTPHeaders"] for named in ({}, {"VersionId": new})]
        assert [headers["x-amz-version-id"] for headers in returned] == [new, new]


def test_get_of_a_current_marker(versioned: Door) -> None:
    """404 where PutObjectAcl returns 405 (recorded from AWS)."""
    versioned.client.put_object(Bucket="bucket", Key="k", Body=b"abc")
    marker = versioned.client.delete_object(Bucket="bucket", Key="k")["VersionId"]
    error = refused(calls(versioned)["GET"], 404, "NoSuchKey", NO_SUCH_KEY, {"Key": "k"})
    headers = error.response["ResponseMetadata"]["HTTPHeaders"]
    assert (headers["x-amz-delete-marker"], headers["x-amz-version-id"]) == ("true", marker)
    with unchanged(versioned.fake):
        extras = {"Method": "PUT", "ResourceType": "DeleteMarker"}
        refused(calls(versioned)["PUT"], 405, "MethodNotAllowed", METHOD_NOT_ALLOWED, extras)


def test_without_versioning_no_version_id_is_returned(door: Door, bucket: str) -> None:
    enable_acls(door)
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc")
    for call in calls(door).values():
        for named in ({}, {"VersionId": "null"}):
            assert "x-amz-version-id" not in call(**named)["ResponseMetadata"]["HTTPHeaders"]


def test_the_document(door: Door, bucket: str) -> None:
    """Elements in S3's order, the type of a grantee as an attribute with a namespace of its own."""
    enable_acls(door)
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc", ACL="public-read")
    me = canonical_id("123456789012")
    xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type'
    expected = (
        f"<Owner><ID>{me}</ID></Owner><AccessControlList>"
        f'<Grant><Grantee {xsi}="CanonicalUser"><ID>{me}</ID></Grantee><Permission>FULL_CONTROL</Permission></Grant>'
        f'<Grant><Grantee {xsi}="Group"><URI>{ALL_USERS}</URI></Grantee><Permission>READ</Permission></Grant>'
        "</AccessControlList></AccessControlPolicy>"
    )
    body = door.raw("GET", "/bucket/k?acl").body.decode()
    assert body.endswith(expected)
    assert '<AccessControlPolicy xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' in body


# --- blocked public access -------------------------------------------------------------------------------------------

PUBLIC = [
    ("PUT", "/bucket/k?acl", {"x-amz-acl": "public-read"}),
    ("PUT", "/bucket/k?acl", {"x-amz-acl": "public-read-write"}),
    ("PUT", "/bucket/k?acl", {"x-amz-acl": "authenticated-read"}),
    ("PUT", "/bucket/k?acl", {"x-amz-grant-read": f'uri="{ALL_USERS}"'}),
    ("PUT", "/bucket/new", {"x-amz-acl": "public-read"}),
    ("PUT", "/bucket/new", {"x-amz-acl": "public-read", "x-amz-copy-source": "bucket/k"}),
    ("POST", "/bucket/new?uploads", {"x-amz-acl": "public-read"}),
]


@pytest.mark.parametrize(("method", "target", "headers"), PUBLIC)
def test_public_acls_may_be_blocked(door: Door, bucket: str, method: str, target: str, headers: dict[str, str]) -> None:
    enable_acls(door)
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc")
    block = {"BlockPublicAcls": True}
    door.client.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=block)
    given = {**headers, **(digest(b"") if "?acl" in target else {})}
    with unchanged(door.fake):
        response = door.raw(method, target, given)
    assert (response.status, response.error) == (403, {"Code": "AccessDenied", "Message": ACCESS_DENIED})
    door.client.delete_public_access_block(Bucket=bucket)
    assert door.raw(method, target, given).status == 200


def test_public_acls_may_be_ignored(door: Door, bucket: str) -> None:
    """Public grants stay and are returned, but have no effect; grants to single accounts have."""
    enable_acls(door)
    them = canonical_id(STRANGER)
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc", GrantRead=f'uri="{ALL_USERS}"')
    door.client.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"IgnorePublicAcls": True})
    shown = door.client.get_object_acl(Bucket=bucket, Key="k")["Grants"]
    assert [grant["Grantee"].get("URI") for grant in shown] == [ALL_USERS]
    assert door.raw("GET", "/bucket/k", sign=False).status == 403
    door.client.put_object_acl(Bucket=bucket, Key="k", GrantRead=f'id="{them}"')
    with client_of(door, STRANGER) as stranger:
        assert status(stranger.get_object, Bucket=bucket, Key="k") == 200
