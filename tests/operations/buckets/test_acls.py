"""ACLs: which are accepted and refused, what requests return, what they allow others, and ownership.

Most errors are recorded from AWS, February 2026.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from fakes3part.auth.callers import canonical_id
from tests.support.callers import OWNER, STRANGER
from tests.support.doors import Door, refused
from tests.support.errors import ACCESS_DENIED, ACLS_NOT_ALLOWED, MALFORMED_XML, METHOD_NOT_ALLOWED, NO_SUCH_KEY
from tests.support.policies import ALL_USERS, AUTHENTICATED, client_of, digest, enable_acls, put_policy, statement, status, user
from tests.support.state import unchanged

ME, THEM = canonical_id(OWNER), canonical_id(STRANGER)
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi'
GRANT = f'<Grant><Grantee {XSI}:type="{{}}">{{}}</Grantee><Permission>{{}}</Permission></Grant>'


def document(*grants: tuple[str, str, str], owner: str = f"<Owner><ID>{ME}</ID></Owner>") -> bytes:
    inside = "".join(GRANT.format(*grant) for grant in grants)
    return f"<AccessControlPolicy>{owner}<AccessControlList>{inside}</AccessControlList></AccessControlPolicy>".encode()


@pytest.fixture
def acls(door: Door, bucket: str) -> Door:
    """A bucket with ACLs enabled, and an object."""
    enable_acls(door)
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc")
    return door


USER = ("CanonicalUser", f"<ID>{THEM}</ID>", "READ")
Refusal = tuple[dict[str, str], bytes, int, dict[str, str | None]]
ARGUMENT = "InvalidArgument"


def _argument(message: str | None, name: str, value: str) -> dict[str, str | None]:
    return {"Code": ARGUMENT, "Message": message, "ArgumentName": name, "ArgumentValue": value}


MALFORMED_ACL: dict[str, str | None] = {"Code": "MalformedACLError", "Message": MALFORMED_XML}
REFUSED: dict[str, Refusal] = {
    "canned": ({"x-amz-acl": "fake-acl"}, b"", 400, _argument(None, "x-amz-acl", "fake-acl")),
    "two": (
        {"x-amz-acl": "private", "x-amz-grant-read": f"id={THEM}"},
        b"",
        400,
        {"Code": "InvalidRequest", "Message": "Specifying both Canned ACLs and Header Grants is not allowed"},
    ),
    "canned and a body": (
        {"x-amz-acl": "private"},
        document(USER),
        400,
        {"Code": "UnexpectedContent", "Message": "This request does not support content"},
    ),
    "grants and a body": (
        {"x-amz-grant-read": f"id={THEM}"},
        document(USER),
        400,
        {"Code": "UnexpectedContent", "Message": "This request does not support content"},
    ),
    "nothing": (
        {},
        b"",
        400,
        {
            "Code": "MissingSecurityHeader",
            "Message": "Your request was missing a required header",
            "MissingHeaderName": "x-amz-acl",
        },
    ),
    "unknown key": (
        {"x-amz-grant-write": 'fakekey="1234"'},
        b"",
        400,
        _argument("Argument format not recognized", "x-amz-grant-write", 'fakekey="1234"'),
    ),
    "no key": ({"x-amz-grant-read": "1234"}, b"", 400, _argument("Argument format not recognized", "x-amz-grant-read", "1234")),
    "uri": ({"x-amz-grant-read": 'uri="http://x"'}, b"", 400, _argument("Invalid group uri", "uri", "http://x")),
    "id": ({"x-amz-grant-read": 'id="wrong"'}, b"", 400, _argument("Invalid id", "id", "wrong")),
    "second id": ({"x-amz-grant-read": f'id="{THEM}", id="x"'}, b"", 400, _argument("Invalid id", "id", "x")),
    "e-mail": (
        {"x-amz-grant-read": 'emailAddress="a@example.com"'},
        b"",
        405,
        {"Code": "MethodNotAllowed", "Message": METHOD_NOT_ALLOWED},
    ),
    "document id": ({}, document(("CanonicalUser", "<ID>x</ID>", "READ")), 400, _argument("Invalid id", "CanonicalUser/ID", "x")),
    "document uri": ({}, document(("Group", "<URI>x</URI>", "READ")), 400, _argument("Invalid group uri", "Group/URI", "x")),
    "no owner": ({}, document(USER, owner=""), 400, MALFORMED_ACL),
    "empty owner": ({}, document(USER, owner="<Owner/>"), 400, MALFORMED_ACL),
    "no list": ({}, f"<AccessControlPolicy><Owner><ID>{ME}</ID></Owner></AccessControlPolicy>".encode(), 400, MALFORMED_ACL),
    "no XML": ({}, b"hello", 400, MALFORMED_ACL),
    "broken XML": ({}, b"<AccessControlPolicy>", 400, MALFORMED_ACL),
    "other XML": ({}, b"<Acl/>", 400, MALFORMED_ACL),
    "permission": ({}, document(("CanonicalUser", f"<ID>{THEM}</ID>", "ALL")), 400, MALFORMED_ACL),
    "no grantee": ({}, document(("CanonicalUser", "", "READ")), 400, MALFORMED_ACL),
    "no type": ({}, document(("Robot", f"<ID>{THEM}</ID>", "READ")), 400, MALFORMED_ACL),
    "101 grants": ({}, document(*[USER] * 101), 400, MALFORMED_ACL),
    "another owner": (
        {},
        document(USER, owner=f"<Owner><ID>{THEM}</ID></Owner>"),
        403,
        {"Code": "AccessDenied", "Message": ACCESS_DENIED},
    ),
    "document e-mail": (
        {},
        document(("AmazonCustomerByEmail", "<EmailAddress>a@example.com</EmailAddress>", "READ")),
        405,
        {"Code": "MethodNotAllowed", "Message": METHOD_NOT_ALLOWED},
    ),
}


@pytest.mark.parametrize(("headers", "body", "expected", "error"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("target", ["/bucket?acl", "/bucket/k?acl"])
def test_refused(acls: Door, target: str, headers: dict[str, str], body: bytes, expected: int, error: dict[str, str]) -> None:
    with unchanged(acls.fake):
        response = acls.raw("PUT", target, {**headers, **digest(body)}, body)
    assert (response.status, response.error) == (expected, error)


FULL = ("CanonicalUser", ME, "FULL_CONTROL")
CANNED: dict[str, list[tuple[str, str, str]]] = {
    "private": [FULL],
    "public-read": [FULL, ("Group", ALL_USERS, "READ")],
    "public-read-write": [FULL, ("Group", ALL_USERS, "READ"), ("Group", ALL_USERS, "WRITE")],
    "authenticated-read": [FULL, ("Group", AUTHENTICATED, "READ")],
    "bucket-owner-read": [FULL],
    "bucket-owner-full-control": [FULL],
}


def _grants(answer: dict[str, Any]) -> list[tuple[str, str, str]]:
    assert answer["Owner"] == {"ID": ME}
    return [
        (grant["Grantee"]["Type"], grant["Grantee"].get("ID") or grant["Grantee"]["URI"], grant["Permission"])
        for grant in answer["Grants"]
    ]


@pytest.mark.parametrize("canned", CANNED)
def test_canned(acls: Door, canned: str) -> None:
    s3 = acls.client
    s3.put_object_acl(Bucket="bucket", Key="k", ACL=canned)
    assert _grants(s3.get_object_acl(Bucket="bucket", Key="k")) == CANNED[canned]
    s3.put_object(Bucket="bucket", Key="new", ACL=canned)
    assert _grants(s3.get_object_acl(Bucket="bucket", Key="new")) == CANNED[canned]
    s3.copy_object(Bucket="bucket", Key="copy", CopySource="bucket/new")
    assert _grants(s3.get_object_acl(Bucket="bucket", Key="copy")) == [FULL]  # an ACL is not copied
    upload = {"Bucket": "bucket", "Key": "big"}
    upload["UploadId"] = s3.create_multipart_upload(**upload, ACL=canned)["UploadId"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": s3.upload_part(**upload, PartNumber=1, Body=b"x")["ETag"]}]}
    s3.complete_multipart_upload(**upload, MultipartUpload=parts)
    assert _grants(s3.get_object_acl(Bucket="bucket", Key="big")) == CANNED[canned]
    if canned.startswith(("public", "private", "authenticated")):
        s3.put_bucket_acl(Bucket="bucket", ACL=canned)
        assert _grants(s3.get_bucket_acl(Bucket="bucket")) == CANNED[canned]


def test_log_delivery_is_for_buckets(acls: Door) -> None:
    assert acls.raw("PUT", "/bucket?acl", {"x-amz-acl": "log-delivery-write", **digest(b"")}).status == 200
    group = "http://acs.amazonaws.com/groups/s3/LogDelivery"
    found = _grants(acls.client.get_bucket_acl(Bucket="bucket"))
    assert found == [FULL, ("Group", group, "WRITE"), ("Group", group, "READ_ACP")]
    response = acls.raw("PUT", "/bucket/k?acl", {"x-amz-acl": "log-delivery-write", **digest(b"")})
    assert (response.status, response.error) == (400, _argument(None, "x-amz-acl", "log-delivery-write"))


def test_grants_in_headers_and_documents(acls: Door) -> None:
    s3 = acls.client
    s3.put_object_acl(Bucket="bucket", Key="k", GrantRead=f'id="{THEM}", uri="{ALL_USERS}"', GrantWriteACP=f"id={ME}")
    expected = [("CanonicalUser", THEM, "READ"), ("Group", ALL_USERS, "READ"), ("CanonicalUser", ME, "WRITE_ACP")]
    found = s3.get_object_acl(Bucket="bucket", Key="k")
    assert _grants(found) == expected
    # What was got can be put: scripts do that to add a grant.
    given = {
        "Owner": found["Owner"],
        "Grants": [*found["Grants"], {"Grantee": {"Type": "CanonicalUser", "ID": ME}, "Permission": "READ"}],
    }
    s3.put_object_acl(Bucket="bucket", Key="k", AccessControlPolicy=given)
    assert _grants(s3.get_object_acl(Bucket="bucket", Key="k")) == [*expected, ("CanonicalUser", ME, "READ")]
    s3.put_bucket_acl(Bucket="bucket", AccessControlPolicy={**given, "Grants": []})
    assert _grants(s3.get_bucket_acl(Bucket="bucket")) == []


def test_an_acl_is_no_new_version(acls: Door) -> None:
    s3 = acls.client
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    old = s3.put_object(Bucket="bucket", Key="k", Body=b"old")["VersionId"]
    new = s3.put_object(Bucket="bucket", Key="k", Body=b"new")["VersionId"]
    before = s3.head_object(Bucket="bucket", Key="k")
    response = s3.put_object_acl(Bucket="bucket", Key="k", VersionId=old, ACL="public-read")
    assert response["ResponseMetadata"]["HTTPHeaders"]["x-amz-version-id"] == old
    assert _grants(s3.get_object_acl(Bucket="bucket", Key="k", VersionId=old)) == CANNED["public-read"]
    assert _grants(s3.get_object_acl(Bucket="bucket", Key="k")) == [FULL]
    s3.put_object_acl(Bucket="bucket", Key="k", ACL="public-read")
    after = s3.head_object(Bucket="bucket", Key="k")
    assert (after["VersionId"], after["LastModified"], after["ETag"]) == (new, before["LastModified"], before["ETag"])
    assert s3.get_object(Bucket="bucket", Key="k")["Body"].read() == b"new"
    assert acls.raw("GET", "/bucket/k", sign=False).body == b"new"


@pytest.mark.parametrize("with_id", [True, False])
def test_delete_markers_have_no_acl(acls: Door, with_id: bool) -> None:
    s3 = acls.client
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    marker = s3.delete_object(Bucket="bucket", Key="k")["VersionId"]
    named = {"VersionId": marker} if with_id else {}
    put = partial(s3.put_object_acl, Bucket="bucket", Key="k", ACL="private", **named)
    message = METHOD_NOT_ALLOWED
    refused(put, 405, "MethodNotAllowed", message, {"Method": "PUT", "ResourceType": "DeleteMarker"})


def test_missing(acls: Door) -> None:
    for call in (acls.client.get_object_acl, partial(acls.client.put_object_acl, ACL="private")):
        message = NO_SUCH_KEY
        refused(partial(call, Bucket="bucket", Key="none"), 404, "NoSuchKey", message, {"Key": "none"})


# --- buckets whose owner owns everything -----------------------------------------------------------------------------

UNSUPPORTED = [
    ("PUT", "/bucket?acl", {"x-amz-acl": "public-read"}),
    ("PUT", "/bucket?acl", {"x-amz-acl": "private"}),
    ("PUT", "/bucket/k?acl", {"x-amz-acl": "bucket-owner-full-control"}),
    ("PUT", "/bucket/new", {"x-amz-acl": "public-read"}),
    ("PUT", "/bucket/new", {"x-amz-grant-read": "id=who"}),
    ("PUT", "/bucket/new", {"x-amz-grant-read": f"id={ME}, id={THEM}"}),
    ("PUT", "/bucket/new", {"x-amz-grant-full-control": f"id={THEM}"}),
    ("POST", "/bucket/new?uploads", {"x-amz-acl": "authenticated-read"}),
    ("PUT", "/bucket/new", {"x-amz-acl": "public-read", "x-amz-copy-source": "bucket/k"}),
]


@pytest.mark.parametrize(("method", "target", "headers"), UNSUPPORTED)
def test_not_supported(door: Door, bucket: str, method: str, target: str, headers: dict[str, str]) -> None:
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc")
    with unchanged(door.fake):
        response = door.raw(method, target, {**headers, **(digest(b"") if "?acl" in target else {})})
    expected = {"Code": "AccessControlListNotSupported", "Message": ACLS_NOT_ALLOWED}
    assert (response.status, response.error) == (400, expected)


@pytest.mark.parametrize(
    "options",
    [{"ACL": "bucket-owner-full-control"}, {"ACL": "private"}, {"GrantFullControl": f"id={ME}"}, {"GrantRead": f"id={ME}"}],
)
def test_what_says_what_is_so_anyway(s3: Any, bucket: str, options: dict[str, str]) -> None:
    s3.put_object(Bucket=bucket, Key="k", **options)
    assert _grants(s3.get_object_acl(Bucket=bucket, Key="k")) == [FULL]
    assert _grants(s3.get_bucket_acl(Bucket=bucket)) == [FULL]


# --- what ACLs let others do -----------------------------------------------------------------------------------------


def _may(door: Door) -> dict[str, int]:
    """Return the statuses of requests by other callers."""
    found = {
        "nobody gets": door.raw("GET", "/bucket/k", sign=False).status,
        "nobody lists": door.raw("GET", "/bucket", sign=False).status,
        "nobody puts": door.raw("PUT", "/bucket/of-nobody", body=b"x", sign=False).status,
    }
    with client_of(door, STRANGER) as stranger:
        found["stranger gets"] = status(stranger.get_object, Bucket="bucket", Key="k")
        found["stranger lists"] = status(stranger.list_objects_v2, Bucket="bucket")
        found["stranger puts"] = status(stranger.put_object, Bucket="bucket", Key="of-stranger", Body=b"x")
        found["stranger overwrites"] = status(stranger.put_object, Bucket="bucket", Key="k", Body=b"abc")
        found["stranger reads ACL"] = status(stranger.get_object_acl, Bucket="bucket", Key="k")
        found["stranger writes ACL"] = status(stranger.put_object_acl, Bucket="bucket", Key="k", GrantRead=f"id={THEM}")
    return found


ALLOWED: dict[str, tuple[dict[str, str], dict[str, str], set[str]]] = {
    "private": ({}, {}, set()),
    "object public-read": ({}, {"ACL": "public-read"}, {"nobody gets", "stranger gets"}),
    "object authenticated-read": ({}, {"ACL": "authenticated-read"}, {"stranger gets"}),
    "object read": ({}, {"GrantRead": f"id={THEM}"}, {"stranger gets"}),
    "object read ACL": ({}, {"GrantReadACP": f"id={THEM}"}, {"stranger reads ACL"}),
    "object write ACL": ({}, {"GrantWriteACP": f"id={THEM}"}, {"stranger writes ACL"}),
    "object full": (
        {},
        {"GrantFullControl": f"id={THEM}"},
        {"stranger gets", "stranger reads ACL", "stranger writes ACL"},
    ),
    "bucket public-read": ({"ACL": "public-read"}, {}, {"nobody lists", "stranger lists"}),
    "bucket public-read-write": (
        {"ACL": "public-read-write"},
        {},
        {"nobody lists", "stranger lists", "nobody puts", "stranger puts"},
    ),
    "bucket authenticated-read": ({"ACL": "authenticated-read"}, {}, {"stranger lists"}),
    "bucket write": ({"GrantWrite": f"id={THEM}"}, {}, {"stranger puts"}),
    "bucket full": ({"GrantFullControl": f"id={THEM}"}, {}, {"stranger lists", "stranger puts"}),
}


@pytest.mark.parametrize(("on_bucket", "on_object", "expected"), ALLOWED.values(), ids=ALLOWED)
def test_what_others_may(acls: Door, on_bucket: dict[str, str], on_object: dict[str, str], expected: set[str]) -> None:
    if on_bucket:
        acls.client.put_bucket_acl(Bucket="bucket", **on_bucket)
    if on_object:
        acls.client.put_object_acl(Bucket="bucket", Key="k", **on_object)
    found = _may(acls)
    assert set(found.values()) <= {200, 403}
    assert {what for what, answered in found.items() if answered == 200} == expected


@pytest.mark.parametrize("acl", ["public-read", "private"])
def test_a_missing_key_is_for_those_to_know_who_list(acls: Door, acl: str) -> None:
    acls.client.put_bucket_acl(Bucket="bucket", ACL=acl)
    assert acls.raw("GET", "/bucket/none", sign=False).status == (404 if acl == "public-read" else 403)


def test_users_of_another_account_need_their_own_policy_too(acls: Door) -> None:
    acls.client.put_object_acl(Bucket="bucket", Key="k", GrantRead=f"id={THEM}")
    read = {"Action": "s3:GetObject", "Resource": "*"}
    for statements, expected in (([], 403), ([read], 200)):
        with client_of(acls, user(acls, *statements, account=STRANGER)) as guest:
            assert status(guest.get_object, Bucket="bucket", Key="k") == expected


def test_a_deny_goes_before_an_acl(acls: Door) -> None:
    acls.client.put_object_acl(Bucket="bucket", Key="k", ACL="public-read")
    put_policy(acls, statement(Effect="Deny"))
    assert acls.raw("GET", "/bucket/k", sign=False).status == 403


# --- who owns what ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ownership", "options", "owner", "owner_reads"),
    [
        ("ObjectWriter", {}, STRANGER, 403),
        ("ObjectWriter", {"ACL": "bucket-owner-full-control"}, STRANGER, 200),
        ("ObjectWriter", {"ACL": "bucket-owner-read"}, STRANGER, 200),
        ("BucketOwnerPreferred", {}, STRANGER, 403),
        ("BucketOwnerPreferred", {"ACL": "bucket-owner-full-control"}, OWNER, 200),
        ("BucketOwnerEnforced", {}, OWNER, 200),
        ("BucketOwnerEnforced", {"ACL": "bucket-owner-full-control"}, OWNER, 200),
    ],
)
def test_owners(door: Door, bucket: str, ownership: str, options: dict[str, str], owner: str, owner_reads: int) -> None:
    enable_acls(door, ownership)
    everything = {"Principal": {"AWS": STRANGER}, "Action": ["s3:PutObject", "s3:PutObjectAcl"]}
    put_policy(door, statement(**everything))
    with client_of(door, STRANGER) as stranger:
        stranger.put_object(Bucket=bucket, Key="k", Body=b"theirs", **options)
        assert status(stranger.get_object, Bucket=bucket, Key="k") == (200 if owner == STRANGER else 403)
    assert door.fake.store.buckets[bucket].objects["k"].owner == owner
    assert status(door.client.get_object, Bucket=bucket, Key="k") == owner_reads
    listed = door.client.list_objects_v2(Bucket=bucket, FetchOwner=True)["Contents"]
    assert [one["Owner"] for one in listed] == [{"ID": canonical_id(owner)}]
    assert status(door.client.delete_object, Bucket=bucket, Key="k") == 204  # whatever is in it, the bucket is mine


def test_enforcing_takes_everything_over(acls: Door) -> None:
    acls.client.put_bucket_acl(Bucket="bucket", GrantWrite=f"id={THEM}")
    with client_of(acls, STRANGER) as stranger:
        stranger.put_object(Bucket="bucket", Key="theirs", Body=b"abc", ACL="public-read")
        controls = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
        enforce = partial(acls.client.put_bucket_ownership_controls, Bucket="bucket", OwnershipControls=controls)
        message = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"
        with unchanged(acls.fake):
            refused(enforce, 400, "InvalidBucketAclWithObjectOwnership", message)
        acls.client.put_bucket_acl(Bucket="bucket", ACL="private")
        enforce()
        assert status(stranger.get_object, Bucket="bucket", Key="theirs") == 403
        assert acls.client.get_object(Bucket="bucket", Key="theirs")["Body"].read() == b"abc"
        assert _grants(acls.client.get_object_acl(Bucket="bucket", Key="theirs")) == [FULL]
        enable_acls(acls)  # and back: ACLs that did not count count again
        assert status(stranger.get_object, Bucket="bucket", Key="theirs") == 200
        assert acls.raw("GET", "/bucket/theirs", sign=False).status == 200


def test_nobodys_objects(acls: Door) -> None:
    acls.client.put_bucket_acl(Bucket="bucket", ACL="public-read-write")
    assert acls.raw("PUT", "/bucket/new", {"x-amz-acl": "public-read"}, b"x", sign=False).status == 200
    response = acls.raw("GET", "/bucket?list-type=2&fetch-owner=true&prefix=new", access_key=OWNER)
    assert b"<Owner><ID>65a011a29cdf8ec533ec3d1ccaae921c</ID></Owner>" in response.body
    assert b"<Owner>" not in acls.raw("GET", "/bucket", sign=False).body  # owners are not shown
