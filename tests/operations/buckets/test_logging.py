"""PutBucketLogging and GetBucketLogging: what is accepted, refused and returned. Recorded from AWS, September 2026."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest

from fakes3part import FakeS3
from fakes3part.auth.callers import canonical_id
from tests.support.callers import OWNER, STRANGER
from tests.support.directory_buckets import NAME, create, new_client
from tests.support.doors import Door, RawResponse, assert_error, refused
from tests.support.errors import (
    ACCESS_DENIED,
    INVALID_CONTENT_MD5,
    MALFORMED_XML,
    METHOD_NOT_ALLOWED,
    NO_SUCH_BUCKET,
    WRONG_CONTENT_MD5,
)
from tests.support.policies import client_of, digest, status, user
from tests.support.state import unchanged

pytestmark = pytest.mark.usefixtures("logs")

ME, THEM = canonical_id(OWNER), canonical_id(STRANGER)
LOG_DELIVERY = "http://acs.amazonaws.com/groups/s3/LogDelivery"
NS = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
NO_TARGET = "The target bucket for logging does not exist"
TARGET = "<TargetBucket>logs</TargetBucket>"
PREFIX = "<TargetPrefix>p/</TargetPrefix>"
ENABLED: dict[str, Any] = {"TargetBucket": "logs", "TargetPrefix": "p/"}


@pytest.fixture
def logs(door: Door, bucket: str) -> str:
    """A bucket ``logs`` beside the bucket ``bucket``."""
    door.client.create_bucket(Bucket="logs")
    return "logs"


def put(door: Door, enabled: dict[str, Any] | None = ENABLED) -> None:
    status: Any = {} if enabled is None else {"LoggingEnabled": enabled}
    door.client.put_bucket_logging(Bucket="bucket", BucketLoggingStatus=status)


def get(door: Door) -> dict[str, Any]:
    response: dict[str, Any] = door.client.get_bucket_logging(Bucket="bucket")
    del response["ResponseMetadata"]
    return response


def enabled(inside: str) -> str:
    return f"<BucketLoggingStatus {NS}><LoggingEnabled>{inside}</LoggingEnabled></BucketLoggingStatus>"


def put_raw(door: Door, document: str, **headers: str) -> RawResponse:
    return door.raw("PUT", "/bucket?logging", headers, document.encode())


def user_grant(permission: str = "READ") -> dict[str, Any]:
    return {"Grantee": {"Type": "CanonicalUser", "ID": THEM}, "Permission": permission}


def allow_acls(door: Door, name: str = "logs") -> None:
    door.client.put_bucket_ownership_controls(Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})


# --- what is returned ------------------------------------------------------------------------------------------------

NEVER_SET = (
    f"{DECLARATION}\n<BucketLoggingStatus {NS}>\n"
    "<!--<LoggingEnabled><TargetBucket>log-bucket</TargetBucket><TargetPrefix>logs/</TargetPrefix></LoggingEnabled>-->\n"
    "</BucketLoggingStatus>\n"
)

ACCEPTED: dict[str, tuple[str, str]] = {
    "no format": (f"{TARGET}{PREFIX}", f"{TARGET}{PREFIX}"),
    "empty prefix": (f"{TARGET}<TargetPrefix/>", f"{TARGET}<TargetPrefix/>"),
    "any order": (f"{PREFIX}{TARGET}", f"{TARGET}{PREFIX}"),
    "simple": (
        f"{TARGET}{PREFIX}<TargetObjectKeyFormat><SimplePrefix/></TargetObjectKeyFormat>",
        f"{TARGET}<TargetObjectKeyFormat><SimplePrefix/></TargetObjectKeyFormat>{PREFIX}",
    ),
    "partitioned": (
        f"{TARGET}{PREFIX}<TargetObjectKeyFormat><PartitionedPrefix/></TargetObjectKeyFormat>",
        f"{TARGET}<TargetObjectKeyFormat><PartitionedPrefix/></TargetObjectKeyFormat>{PREFIX}",
    ),
    "event time": (
        f"{TARGET}{PREFIX}<TargetObjectKeyFormat><PartitionedPrefix><PartitionDateSource>EventTime</PartitionDateSource>"
        "</PartitionedPrefix></TargetObjectKeyFormat>",
        f"{TARGET}<TargetObjectKeyFormat><PartitionedPrefix><PartitionDateSource>EventTime</PartitionDateSource>"
        f"</PartitionedPrefix></TargetObjectKeyFormat>{PREFIX}",
    ),
    "delivery time": (
        f"{TARGET}{PREFIX}<TargetObjectKeyFormat><PartitionedPrefix><PartitionDateSource>DeliveryTime</PartitionDateSource>"
        "</PartitionedPrefix></TargetObjectKeyFormat>",
        f"{TARGET}<TargetObjectKeyFormat><PartitionedPrefix><PartitionDateSource>DeliveryTime</PartitionDateSource>"
        f"</PartitionedPrefix></TargetObjectKeyFormat>{PREFIX}",
    ),
    "empty grants": (f"{TARGET}<TargetGrants/>{PREFIX}", f"{TARGET}<TargetGrants/>{PREFIX}"),
    "itself": (
        f"<TargetBucket>bucket</TargetBucket>{PREFIX}",
        f"<TargetBucket>bucket</TargetBucket>{PREFIX}",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ACCEPTED)
def test_only_what_was_put_is_returned(door: Door, case: str) -> None:
    document, expected = ACCEPTED[case]
    response = put_raw(door, enabled(document))
    assert (response.status, response.body, response.headers["content-length"]) == (200, b"", "0")
    response = door.raw("GET", "/bucket?logging")
    assert response.status == 200
    assert response.body.decode() == f"{DECLARATION}{enabled(expected)}"
    assert response.headers["content-type"] == "application/xml"


def test_never_set_and_switched_off(door: Door) -> None:
    response = door.raw("GET", "/bucket?logging")
    assert (response.status, response.body.decode()) == (200, NEVER_SET)
    assert response.headers["content-type"] == "application/xml"
    assert get(door) == {}
    put(door)
    assert get(door) == {"LoggingEnabled": ENABLED}
    put(door, None)
    assert get(door) == {}
    assert door.raw("GET", "/bucket?logging").body.decode() == NEVER_SET


@pytest.mark.parametrize("root", ["Wrong", f"Other {NS}", "LoggingEnabled"])
def test_any_root_is_accepted(door: Door, root: str) -> None:
    put(door)
    assert put_raw(door, f"<{root}/>").status == 200
    assert get(door) == {}
    assert put_raw(door, f"<{root}><LoggingEnabled>{TARGET}{PREFIX}</LoggingEnabled></{root.split()[0]}>").status == 200
    assert get(door) == {"LoggingEnabled": ENABLED}


def test_a_put_replaces_the_whole_document(door: Door) -> None:
    put(door, {**ENABLED, "TargetObjectKeyFormat": {"SimplePrefix": {}}, "TargetGrants": []})
    put(door, {"TargetBucket": "bucket", "TargetPrefix": ""})
    assert get(door) == {"LoggingEnabled": {"TargetBucket": "bucket", "TargetPrefix": ""}}


@pytest.mark.parametrize("permission", ["FULL_CONTROL", "READ", "WRITE"])
def test_grants(door: Door, permission: str) -> None:
    allow_acls(door)
    grants: Any = [user_grant(permission), {"Grantee": {"Type": "Group", "URI": LOG_DELIVERY}, "Permission": permission}]
    put(door, {**ENABLED, "TargetGrants": grants})
    assert get(door) == {"LoggingEnabled": {**ENABLED, "TargetGrants": grants}}
    assert door.raw("GET", "/bucket?logging").body.decode() == DECLARATION + enabled(
        f'{TARGET}<TargetGrants><Grant><Grantee {XSI} xsi:type="CanonicalUser"><ID>{THEM}</ID></Grantee>'
        f'<Permission>{permission}</Permission></Grant><Grant><Grantee {XSI} xsi:type="Group"><URI>{LOG_DELIVERY}</URI></Grantee>'
        f"<Permission>{permission}</Permission></Grant></TargetGrants>{PREFIX}"
    )


def test_a_target_that_gets_nothing_is_accepted(door: Door) -> None:
    """Neither a policy nor an ACL lets S3 write there, and requesters pay: logs are just not delivered."""
    door.client.put_bucket_request_payment(Bucket="logs", RequestPaymentConfiguration={"Payer": "Requester"})
    put(door)
    assert get(door) == {"LoggingEnabled": ENABLED}


# --- what is refused -------------------------------------------------------------------------------------------------

FORMAT = f"{TARGET}{PREFIX}<TargetObjectKeyFormat>{{}}</TargetObjectKeyFormat>"
GRANT = f"{TARGET}{PREFIX}<TargetGrants>{{}}</TargetGrants>"
GRANTEE = f'<Grantee {XSI} xsi:type="CanonicalUser"><ID>{THEM}</ID></Grantee>'
MALFORMED: dict[str, str] = {
    "no target": PREFIX,
    "no prefix": TARGET,
    "two targets": f"{TARGET}{TARGET}{PREFIX}",
    "two prefixes": f"{TARGET}{PREFIX}{PREFIX}",
    "unknown element": f"{TARGET}{PREFIX}<Other/>",
    "text": f"{TARGET}{PREFIX}text",
    "both formats": FORMAT.format("<SimplePrefix/><PartitionedPrefix/>"),
    "no format": FORMAT.format(""),
    "a format twice": FORMAT.format("<SimplePrefix/><SimplePrefix/>"),
    "unknown format": FORMAT.format("<OtherPrefix/>"),
    "in the simple format": FORMAT.format("<SimplePrefix><PartitionDateSource>EventTime</PartitionDateSource></SimplePrefix>"),
    "unknown date source": FORMAT.format(
        "<PartitionedPrefix><PartitionDateSource>Never</PartitionDateSource></PartitionedPrefix>"
    ),
    "date source in lower case": FORMAT.format(
        "<PartitionedPrefix><PartitionDateSource>eventtime</PartitionDateSource></PartitionedPrefix>"
    ),
    "empty date source": FORMAT.format("<PartitionedPrefix><PartitionDateSource/></PartitionedPrefix>"),
    "no grantee": GRANT.format("<Grant><Permission>READ</Permission></Grant>"),
    "no permission": GRANT.format(f"<Grant>{GRANTEE}</Grant>"),
    "READ_ACP": GRANT.format(f"<Grant>{GRANTEE}<Permission>READ_ACP</Permission></Grant>"),
    "permission in lower case": GRANT.format(f"<Grant>{GRANTEE}<Permission>read</Permission></Grant>"),
    "no type": GRANT.format(f"<Grant><Grantee><ID>{THEM}</ID></Grantee><Permission>READ</Permission></Grant>"),
    "other type": GRANT.format(
        f'<Grant><Grantee {XSI} xsi:type="Robot"><ID>{THEM}</ID></Grantee><Permission>READ</Permission></Grant>'
    ),
    "101 grants": GRANT.format(f"<Grant>{GRANTEE}<Permission>READ</Permission></Grant>" * 101),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed_documents(door: Door, case: str) -> None:
    put(door)
    with unchanged(door.fake):
        assert_error(put_raw(door, enabled(MALFORMED[case])), 400, "MalformedXML", MALFORMED_XML)


@pytest.mark.parametrize("document", ["no XML", f"<BucketLoggingStatus {NS}>", "<!DOCTYPE a><BucketLoggingStatus/>", "<a/><b/>"])
def test_what_is_no_document(door: Door, document: str) -> None:
    put(door)
    with unchanged(door.fake):
        assert_error(put_raw(door, document), 400, "MalformedXML", MALFORMED_XML)


def test_unknown_element_beside_logging_enabled(door: Door) -> None:
    put(door)
    with unchanged(door.fake):
        document = (
            f"<BucketLoggingStatus>{'<LoggingEnabled>' + TARGET + PREFIX + '</LoggingEnabled>'}<Other/></BucketLoggingStatus>"
        )
        assert_error(put_raw(door, document), 400, "MalformedXML", MALFORMED_XML)


def test_no_body(door: Door) -> None:
    put(door)
    with unchanged(door.fake):
        assert_error(put_raw(door, ""), 400, "MissingRequestBodyError", "Request Body is empty")


def test_target_is_missing(door: Door) -> None:
    put(door)
    with unchanged(door.fake):
        missing = {**ENABLED, "TargetBucket": "missing"}
        refused(lambda: put(door, missing), 400, "InvalidTargetBucketForLogging", NO_TARGET, {"TargetBucket": "missing"})
        refused(
            lambda: put(door, {**ENABLED, "TargetBucket": ""}),
            400,
            "InvalidTargetBucketForLogging",
            NO_TARGET,
            {"TargetBucket": ""},
        )


def test_target_is_a_directory_bucket(door: Door) -> None:
    with contextlib.closing(new_client(**({"endpoint_url": door.url} if door.name == "server" else {}))) as express:
        create(express)
    with unchanged(door.fake):
        target = {**ENABLED, "TargetBucket": NAME}
        refused(lambda: put(door, target), 400, "InvalidTargetBucketForLogging", NO_TARGET, {"TargetBucket": NAME})


def test_target_of_another_owner(door: Door) -> None:
    with client_of(door, STRANGER) as theirs:
        theirs.create_bucket(Bucket="theirs")
    message = "The owner for the bucket to be logged and the target bucket must be the same."
    with unchanged(door.fake):
        target = {**ENABLED, "TargetBucket": "theirs"}
        refused(lambda: put(door, target), 400, "InvalidTargetBucketForLogging", message, {"TargetBucket": "theirs"})


@pytest.mark.parametrize(
    ("source", "target", "extras"),
    [
        ("us-east-1", "eu-west-1", {"TargetBucketLocation": "eu-west-1"}),
        ("us-west-2", "us-east-1", {"SourceBucketLocation": "us-west-2", "TargetBucketLocation": "us-east-1"}),
        ("us-west-2", "eu-west-1", {"SourceBucketLocation": "us-west-2", "TargetBucketLocation": "eu-west-1"}),
    ],
)
def test_target_in_another_region(door: Door, source: str, target: str, extras: dict[str, str]) -> None:
    for name, region in (("source", source), ("target", target)):
        configuration = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        door.client.create_bucket(Bucket=name, **configuration)
    with unchanged(door.fake), door.client_with(region_name=source) as s3:
        status: Any = {"LoggingEnabled": {"TargetBucket": "target", "TargetPrefix": ""}}
        refused(
            lambda: s3.put_bucket_logging(Bucket="source", BucketLoggingStatus=status),
            403,
            "CrossLocationLoggingProhibitted",
            "Cross S3 location logging not allowed. ",
            extras,
        )


def test_grants_where_acls_are_disabled(door: Door) -> None:
    message = "Target grants not allowed for bucket owner enforced buckets"
    with unchanged(door.fake):
        granting = {**ENABLED, "TargetGrants": [user_grant()]}
        refused(lambda: put(door, granting), 400, "AccessControlListNotSupported", message)
    put(door, {**ENABLED, "TargetGrants": []})
    assert get(door) == {"LoggingEnabled": {**ENABLED, "TargetGrants": []}}


@pytest.mark.parametrize("missing", [True, False])
def test_grant_to_an_email_address(door: Door, missing: bool) -> None:
    allow_acls(door)
    grant = {"Grantee": {"Type": "AmazonCustomerByEmail", "EmailAddress": "a@example.com"}, "Permission": "READ"}
    document = {**ENABLED, "TargetBucket": "missing" if missing else "logs", "TargetGrants": [grant]}
    with unchanged(door.fake):
        refused(lambda: put(door, document), 405, "MethodNotAllowed", METHOD_NOT_ALLOWED)


@pytest.mark.parametrize(
    ("grantee", "message", "extras"),
    [
        (
            {"Type": "CanonicalUser", "ID": "x"},
            "Invalid id",
            {"ArgumentName": "CanonicalUser/ID", "ArgumentValue": "x"},
        ),
        (
            {"Type": "Group", "URI": "http://x"},
            "Invalid group uri",
            {"ArgumentName": "Group/URI", "ArgumentValue": "http://x"},
        ),
    ],
)
def test_invalid_grantees(door: Door, grantee: dict[str, str], message: str, extras: dict[str, str]) -> None:
    allow_acls(door)
    with unchanged(door.fake):
        document = {**ENABLED, "TargetGrants": [{"Grantee": grantee, "Permission": "READ"}]}
        refused(lambda: put(door, document), 400, "InvalidArgument", message, extras)


# --- the request -----------------------------------------------------------------------------------------------------


def test_digests_are_optional_and_checked(door: Door) -> None:
    document = enabled(f"{TARGET}{PREFIX}")
    body = document.encode()
    assert put_raw(door, document).status == 200
    assert put_raw(door, document, **digest(body)).status == 200
    wrong = digest(b"other")["Content-MD5"]
    with unchanged(door.fake):
        extras = {"CalculatedDigest": digest(body)["Content-MD5"], "ExpectedDigest": wrong}
        response = put_raw(door, document, **{"Content-MD5": wrong})
        assert_error(response, 400, "BadDigest", WRONG_CONTENT_MD5, extras)
        response = put_raw(door, document, **{"Content-MD5": "x"})
        assert_error(response, 400, "InvalidDigest", INVALID_CONTENT_MD5, {"Content-MD5": "x"})
        missing = (
            "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found."
        )
        response = put_raw(door, document, **{"x-amz-sdk-checksum-algorithm": "CRC32"})
        assert_error(response, 400, "InvalidRequest", missing)
        response = put_raw(door, document, **{"x-amz-sdk-checksum-algorithm": "NOPE"}, **digest(body))
        assert_error(response, 400, "InvalidRequest", "Value for x-amz-sdk-checksum-algorithm header is invalid.")
        response = put_raw(door, document, **{"x-amz-checksum-crc32": "AAAAAA=="})
        assert (response.status, response.error["Code"]) == (400, "BadDigest")


def test_at_a_key(door: Door) -> None:
    text = "There is no such thing as the ?logging sub-resource for a key"
    put(door)
    with unchanged(door.fake):
        assert_error(door.raw("GET", "/bucket/k?logging"), 400, "NoLoggingStatusForKey", text)
        assert_error(door.raw("PUT", "/bucket/k?logging", {}, b"<a/>"), 400, "NoLoggingStatusForKey", text)
        assert door.raw("HEAD", "/bucket/k?logging")[::2] == (405, b"")


def test_no_delete(door: Door) -> None:
    put(door)
    with unchanged(door.fake):
        response = door.raw("DELETE", "/bucket?logging")
        extras = {"Method": "DELETE", "ResourceType": "LOGGING_STATUS"}
        assert_error(response, 405, "MethodNotAllowed", METHOD_NOT_ALLOWED, extras)
        assert response.headers["allow"] == "GET, PUT"


def test_bucket_is_missing(door: Door) -> None:
    for method, body in (("GET", b""), ("PUT", b"no XML")):
        response = door.raw(method, "/missing?logging", {}, body)
        assert_error(response, 404, "NoSuchBucket", NO_SUCH_BUCKET, {"BucketName": "missing"})


def test_expected_owner(door: Door) -> None:
    document = enabled(f"{TARGET}{PREFIX}")
    for method, body in (("GET", b""), ("PUT", document.encode())):
        with unchanged(door.fake):
            response = door.raw(method, "/bucket?logging", {"x-amz-expected-bucket-owner": STRANGER}, body)
            assert_error(response, 403, "AccessDenied", ACCESS_DENIED)
        assert door.raw(method, "/bucket?logging", {"x-amz-expected-bucket-owner": OWNER}, body).status == 200


@pytest.mark.parametrize(
    ("actions", "allowed"),
    [
        (["s3:PutBucketLogging"], (200, 403)),
        (["s3:GetBucketLogging"], (403, 200)),
        (["s3:*Logging"], (200, 200)),
        (["s3:PutBucketPolicy"], (403, 403)),
    ],
)
def test_actions(door: Door, actions: list[str], allowed: tuple[int, int]) -> None:
    door.fake.enforce_policies = True
    somebody = user(door, {"Action": actions, "Resource": "arn:aws:s3:::bucket"})
    with client_of(door, somebody) as s3:
        document: Any = {"LoggingEnabled": ENABLED}
        answered = (
            status(s3.put_bucket_logging, Bucket="bucket", BucketLoggingStatus=document),
            status(s3.get_bucket_logging, Bucket="bucket"),
        )
    assert answered == allowed
    assert get(door) == ({"LoggingEnabled": ENABLED} if allowed[0] == 200 else {})


def test_it_is_saved_forked_and_shown(door: Door, tmp_path: Path) -> None:
    allow_acls(door)
    fake, s3 = door.fake, door.client
    key_format = {"PartitionedPrefix": {"PartitionDateSource": "EventTime"}}
    document = {**ENABLED, "TargetGrants": [user_grant()], "TargetObjectKeyFormat": key_format}
    put(door, document)
    shown = fake.buckets["bucket"].configuration.logging
    assert (shown.target_bucket, shown.target_prefix, shown.key_format, shown.date_source) == (
        "logs",
        "p/",
        "PartitionedPrefix",
        "EventTime",
    )
    snapshot, forked = fake.snapshot(), fake.fork()
    fake.save(tmp_path / "archive")
    put(door, None)
    assert fake.buckets["bucket"].configuration.logging is None
    loaded = FakeS3()
    loaded.load(tmp_path / "archive")
    for other in (forked, loaded):
        assert other.client().get_bucket_logging(Bucket="bucket")["LoggingEnabled"] == document
    fake.restore(snapshot)
    assert s3.get_bucket_logging(Bucket="bucket")["LoggingEnabled"] == document
