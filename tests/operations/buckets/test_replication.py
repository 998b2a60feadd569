"""The replication configuration: documents, their errors, versioning, roles. Recorded from AWS, September 2026."""

from __future__ import annotations

from base64 import b64encode
from hashlib import md5
from pathlib import Path
from typing import Any

import pytest
from botocore.session import get_session

from fakes3part import FakeS3
from tests.support.doors import Door, RawResponse, assert_error, refused
from tests.support.state import prepare, unchanged, version

NS = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
ROLE = "arn:aws:iam::123456789012:role/replication"
KEY = "arn:aws:kms:us-east-1:123456789012:key/12345678-1234-1234-1234-123456789012"
MALFORMED = "The XML you provided was not well-formed or did not validate against our published schema"
OTHER_VERSION = (
    "for this version of Cross Region Replication configuration schema. Please refer to S3 Developer Guide for more information."
)
HAS_NOT_FILTER = "Not" in get_session().get_service_model("s3").shape_for("ReplicationRuleFilter").members

TARGET = {"Bucket": "arn:aws:s3:::replicas"}
V1: dict[str, Any] = {"Prefix": "", "Status": "Enabled", "Destination": TARGET}
V2: dict[str, Any] = {
    "Priority": 1,
    "Filter": {},
    "Status": "Enabled",
    "Destination": TARGET,
    "DeleteMarkerReplication": {"Status": "Disabled"},
}
MARKERS: dict[str, Any] = {"DeleteMarkerReplication": {"Status": "Enabled"}}
TAG = {"Key": "k", "Value": "v"}


@pytest.fixture(autouse=True)
def buckets(door: Door) -> None:
    """Create buckets with versioning: ``source``, ``replicas`` and ``others``."""
    for name in ("source", "replicas", "others"):
        prepare(door.fake, "PUT", f"/{name}")
        version(door.fake, name)


def versioning(door: Door, bucket: str, status: str) -> None:
    door.client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})


def put(door: Door, *rules: dict[str, Any], role: str = ROLE, bucket: str = "source") -> None:
    document: Any = {"Role": role, "Rules": list(rules)}
    door.client.put_bucket_replication(Bucket=bucket, ReplicationConfiguration=document)


def get(door: Door) -> Any:
    return door.client.get_bucket_replication(Bucket="source")["ReplicationConfiguration"]


def put_raw(door: Door, content: str) -> RawResponse:
    body = f"<ReplicationConfiguration {NS}>{content}</ReplicationConfiguration>".encode()
    return door.raw("PUT", "/source?replication", {"Content-MD5": b64encode(md5(body).digest()).decode()}, body)


def v1(**changes: Any) -> dict[str, Any]:
    return {**V1, **changes}


def v2(**changes: Any) -> dict[str, Any]:
    return {name: value for name, value in {**V2, **changes}.items() if value is not None}


def to(**members: Any) -> dict[str, Any]:
    return {"Destination": {**TARGET, **members}}


KMS_OBJECTS = {"SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}}}
TIME = {"Status": "Enabled", "Time": {"Minutes": 15}}
METRICS = {"Status": "Enabled", "EventThreshold": {"Minutes": 15}}

ACCEPTED: dict[str, list[dict[str, Any]]] = {
    "V1": [v1()],
    "V1 with prefixes": [v1(Prefix="a/"), v1(Prefix="b/", Status="Disabled")],
    "V1 with KMS": [v1(**KMS_OBJECTS, **to(EncryptionConfiguration={"ReplicaKmsKeyID": KEY}))],
    "V2": [v2()],
    "priorities": [v2(Priority=2**31 - 1), v2(Priority=0, Destination={"Bucket": "arn:aws:s3:::others"})],
    "prefix": [v2(Filter={"Prefix": ""}, **MARKERS), v2(Priority=7, Filter={"Prefix": "ä/\N{SNOWMAN}"})],
    "tag": [v2(Filter={"Tag": TAG})],
    "and": [
        v2(Filter={"And": {"Prefix": "p", "Tags": [TAG]}}),
        v2(Priority=2, Filter={"And": {"Tags": [TAG, {**TAG, "Key": "l"}]}}),
    ],
    "criteria": [
        v2(
            SourceSelectionCriteria={
                "SseKmsEncryptedObjects": {"Status": "Disabled"},
                "ReplicaModifications": {"Status": "Enabled"},
            },
            **to(EncryptionConfiguration={"ReplicaKmsKeyID": KEY}),
        ),
        v2(Priority=3, SourceSelectionCriteria={"ReplicaModifications": {"Status": "Disabled"}}),
    ],
    "alias": [v2(**KMS_OBJECTS, **to(EncryptionConfiguration={"ReplicaKmsKeyID": "arn:aws:kms:eu-west-1:123456789012:alias/a"}))],
    "account": [v2(**to(Account="any text"))],
    "owner": [v2(**to(Account="111122223333", AccessControlTranslation={"Owner": "Destination"}))],
    "class": [v2(**to(StorageClass="GLACIER"))],
    "metrics": [v2(**to(Metrics={"Status": "Enabled"})), v2(Priority=2, **to(Metrics={"Status": "Disabled"}))],
    "time": [v2(**to(ReplicationTime=TIME, Metrics=METRICS))],
    "time off": [v2(**to(ReplicationTime={**TIME, "Status": "Disabled"}, Metrics={"Status": "Disabled"}))],
    "ids": [v2(ID="a" * 255), v2(ID="b", Priority=2)],
    "thousand": [v2(ID=str(number), Priority=number) for number in range(1000)],
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_it_is_returned_as_it_was_put(door: Door, case: str) -> None:
    rules = [{"ID": f"rule {number}", **rule} for number, rule in enumerate(ACCEPTED[case])]
    put(door, *rules)
    assert get(door) == {"Role": ROLE, "Rules": rules}


def test_put_get_delete(door: Door) -> None:
    s3 = door.client
    message = "The replication configuration was not found"
    code = "ReplicationConfigurationNotFoundError"
    refused(lambda: get(door), 404, code, message, {"BucketName": "source"})
    put(door, v1(ID="one"))
    put(door, v2(ID="two"))
    assert [rule["ID"] for rule in get(door)["Rules"]] == ["two"]
    assert door.fake.buckets["source"].configuration.replication is not None
    for _ in range(2):
        assert s3.delete_bucket_replication(Bucket="source")["ResponseMetadata"]["HTTPStatusCode"] == 204
    refused(lambda: get(door), 404, code, message, {"BucketName": "source"})
    refused(
        lambda: s3.get_bucket_replication(Bucket="missing"),
        404,
        "NoSuchBucket",
        "The specified bucket does not exist",
        {"BucketName": "missing"},
    )


def test_the_wire(door: Door) -> None:
    content = (
        f"<Role>{ROLE}</Role><Rule><ID>two</ID><Priority>1</Priority><Filter/><Status>Enabled</Status>"
        "<SourceSelectionCriteria><ReplicaModifications><Status>Enabled</Status></ReplicaModifications></SourceSelectionCriteria>"
        "<Destination><Bucket>arn:aws:s3:::replicas</Bucket><StorageClass>STANDARD_IA</StorageClass><ReplicationTime>"
        "<Status>Enabled</Status><Time><Minutes>15</Minutes></Time></ReplicationTime><Metrics><Status>Enabled</Status>"
        "<EventThreshold><Minutes>15</Minutes></EventThreshold></Metrics></Destination>"
        "<DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication></Rule>"
    )
    response = put_raw(door, content)
    assert (response.status, response.body, response.headers["content-length"]) == (200, b"", "0")
    response = door.raw("GET", "/source?replication")
    declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'
    expected = f"{declaration}<ReplicationConfiguration {NS}>{content}</ReplicationConfiguration>"
    assert (response.status, response.body.decode(), "content-type" in response.headers) == (200, expected, False)
    assert door.raw("GET", "/source/key?replication").body.decode() == expected
    assert door.raw("DELETE", "/source?replication").status == 204


@pytest.mark.parametrize("element", ["", "<ID/>"])
def test_ids_are_generated(door: Door, element: str) -> None:
    rule = "<Prefix/><Status>Enabled</Status><Destination><Bucket>arn:aws:s3:::replicas</Bucket></Destination>"
    content = f"<Role>{ROLE}</Role>{f'<Rule>{element}{rule}</Rule>' * 2}"
    assert put_raw(door, content).status == 200
    first, second = (rule["ID"] for rule in get(door)["Rules"])
    assert first
    assert second
    assert first != second
    assert [rule["ID"] for rule in get(door)["Rules"]] == [first, second]


# --- refused documents -----------------------------------------------------------------------------------------------

BUCKET_XML = "<Destination><Bucket>arn:aws:s3:::replicas</Bucket></Destination>"
RULE_XML = f"<Rule><Prefix/><Status>Enabled</Status>{BUCKET_XML}</Rule>"
ROLE_XML = f"<Role>{ROLE}</Role>"
NO_MARKERS = "<DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication>"
TAG_XML = "<Tag><Key>k</Key><Value>v</Value></Tag>"


def v2_xml(middle: str = "<Filter/>", destination: str = BUCKET_XML, markers: str = NO_MARKERS) -> str:
    return f"{ROLE_XML}<Rule><Priority>1</Priority>{middle}<Status>Enabled</Status>{destination}{markers}</Rule>"


def destination_xml(members: str) -> str:
    return f"<Destination><Bucket>arn:aws:s3:::replicas</Bucket>{members}</Destination>"


MALFORMED_DOCUMENTS = {
    "no role": RULE_XML,
    "two roles": ROLE_XML * 2 + RULE_XML,
    "unknown element": f"{ROLE_XML}{RULE_XML}<Other/>",
    "unknown element in a rule": f"{ROLE_XML}<Rule><Prefix/><Status>Enabled</Status>{BUCKET_XML}<Other/></Rule>",
    "no rule": ROLE_XML,
    "no status": f"{ROLE_XML}<Rule><Prefix/>{BUCKET_XML}</Rule>",
    "empty status": f"{ROLE_XML}<Rule><Prefix/><Status/>{BUCKET_XML}</Rule>",
    "lower case": f"{ROLE_XML}<Rule><Prefix/><Status>enabled</Status>{BUCKET_XML}</Rule>",
    "neither prefix nor filter": f"{ROLE_XML}<Rule><Status>Enabled</Status>{BUCKET_XML}</Rule>",
    "prefix and filter": f"{ROLE_XML}<Rule><Prefix/><Filter/><Status>Enabled</Status>{BUCKET_XML}</Rule>",
    "no destination": f"{ROLE_XML}<Rule><Prefix/><Status>Enabled</Status></Rule>",
    "no bucket": f"{ROLE_XML}<Rule><Prefix/><Status>Enabled</Status><Destination/></Rule>",
    "empty delete markers": v2_xml(markers="<DeleteMarkerReplication/>"),
    "bad delete markers": v2_xml(markers="<DeleteMarkerReplication><Status>on</Status></DeleteMarkerReplication>"),
    "priority": v2_xml().replace(">1<", ">2147483648<"),
    "no number": v2_xml().replace(">1<", ">one<"),
    "prefix beside tag": v2_xml(f"<Filter><Prefix>p</Prefix>{TAG_XML}</Filter>"),
    "two tags": v2_xml(f"<Filter>{TAG_XML}{TAG_XML}</Filter>"),
    "empty and": v2_xml("<Filter><And/></Filter>"),
    "and of a prefix": v2_xml("<Filter><And><Prefix>p</Prefix></And></Filter>"),
    "and of a tag": v2_xml(f"<Filter><And>{TAG_XML}</And></Filter>"),
    "and beside prefix": v2_xml(f"<Filter><Prefix>p</Prefix><And><Prefix>p</Prefix>{TAG_XML}</And></Filter>"),
    "existing objects": v2_xml(
        "<Filter/><ExistingObjectReplication><Status>Enabled</Status></ExistingObjectReplication>"
    ),
    "existing objects off": v2_xml(
        "<Filter/><ExistingObjectReplication><Status>Disabled</Status></ExistingObjectReplication>"
    ),
    "owner": v2_xml(
        destination=destination_xml(
            "<Account>111122223333</Account><AccessControlTranslation><Owner>Source</Owner></AccessControlTranslation>"
        )
    ),
    "class": v2_xml(destination=destination_xml("<StorageClass>COLD</StorageClass>")),
    "directory class": v2_xml(destination=destination_xml("<StorageClass>EXPRESS_ONEZONE</StorageClass>")),
    "KMS status": v2_xml(
        "<Filter/><SourceSelectionCriteria><SseKmsEncryptedObjects><Status/></SseKmsEncryptedObjects></SourceSelectionCriteria>"
    ),
    "metrics status": v2_xml(destination=destination_xml("<Metrics><Status>x</Status></Metrics>")),
    "too many rules": ROLE_XML + RULE_XML * 1001,
}  # fmt: skip


@pytest.mark.parametrize("case", MALFORMED_DOCUMENTS)
def test_malformed_documents(door: Door, case: str) -> None:
    put(door, V1)
    with unchanged(door.fake):
        assert_error(put_raw(door, MALFORMED_DOCUMENTS[case]), 400, "MalformedXML", MALFORMED)


ARGUMENT, REQUEST = "InvalidArgument", "InvalidRequest"
TAGGED = (
    "Delete marker replication is not supported if any Tag filter is specified. Please refer to S3 Developer Guide for more "
    "information."
)
DISABLED_KMS = {"SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Disabled"}}}
NO_KEY = "ReplicaKmsKeyID must be specified if SseKmsEncryptedObjects tag is present."
NO_CRITERIA = "SseKmsEncryptedObjects must be specified if EncryptionConfiguration is present."
NO_THRESHOLD = "Metrics cannot contain an event threshold when ReplicationTime is not specified or Disabled"
BOTH_OR_NEITHER = "Replication destination must contain both ReplicationTime and Metrics or neither."
UNVERSIONED = "Destination bucket must have versioning enabled."


def minutes(count: int) -> dict[str, Any]:
    return {"Time": {"Minutes": count}, "Status": "Enabled"}


REFUSED: dict[str, tuple[list[dict[str, Any]], str, str]] = {
    "long id": ([v2(ID="a" * 256)], ARGUMENT, "Rule Id cannot be greater than 255"),
    "the same id": ([v2(ID="a"), v2(ID="a", Priority=2)], ARGUMENT, "Rule Id must be unique"),
    "V1 with priority": ([v1(Priority=1)], REQUEST, f"Priority cannot be used {OTHER_VERSION}"),
    "V1 with delete markers": ([v1(**MARKERS)], REQUEST, f"DeleteMarkerReplication cannot be used {OTHER_VERSION}"),
    "V1 with replica modifications": (
        [v1(SourceSelectionCriteria={"ReplicaModifications": {"Status": "Enabled"}})],
        REQUEST,
        f"ReplicaModifications cannot be used {OTHER_VERSION}",
    ),
    "V2 without priority": ([v2(Priority=None)], REQUEST, f"Priority must be specified {OTHER_VERSION}"),
    "V2 without delete markers": (
        [v2(DeleteMarkerReplication=None)],
        REQUEST,
        f"DeleteMarkerReplication must be specified {OTHER_VERSION}",
    ),
    "V1 and V2": (
        [v1(), v2()],
        REQUEST,
        "All rules of a replication configuration must be of the same version of the configuration schema.",
    ),
    "delete markers by tag": ([v2(Filter={"Tag": TAG}, **MARKERS)], REQUEST, TAGGED),
    "delete markers by and": ([v2(Filter={"And": {"Prefix": "p", "Tags": [TAG]}}, **MARKERS)], REQUEST, TAGGED),
    "priority": ([v2(Priority=-1)], REQUEST, "Priority must be between 0 and 2147483647."),
    "the same priority": ([v2(Priority=5), v2(Priority=5)], REQUEST, "Found duplicate priority 5."),
    "the same priority elsewhere": (
        [v2(Priority=5), v2(Priority=5, Destination={"Bucket": "arn:aws:s3:::others"})],
        REQUEST,
        "Found duplicate priority 5.",
    ),
    "the same tag": ([v2(Filter={"And": {"Tags": [TAG, TAG]}})], REQUEST, "Duplicate Tag Keys are not allowed."),
    "no criteria": ([v2(SourceSelectionCriteria={})], REQUEST, "SourceSelectionCriteria cannot be empty."),
    "no key": ([v2(**KMS_OBJECTS)], REQUEST, NO_KEY),
    "no key, disabled": ([v2(**DISABLED_KMS)], REQUEST, NO_KEY),
    "empty encryption": ([v2(**KMS_OBJECTS, **to(EncryptionConfiguration={}))], REQUEST, NO_KEY),
    "key alone": ([v2(**to(EncryptionConfiguration={"ReplicaKmsKeyID": KEY}))], REQUEST, NO_CRITERIA),
    "key without ARN": (
        [v2(**KMS_OBJECTS, **to(EncryptionConfiguration={"ReplicaKmsKeyID": "alias/a"}))],
        ARGUMENT,
        "Invalid ReplicaKmsKeyID ARN.",
    ),
    "bucket name": ([v2(Destination={"Bucket": "replicas"})], ARGUMENT, "Invalid bucket ARN"),
    "object ARN": ([v2(Destination={"Bucket": "arn:aws:s3:::replicas/key"})], ARGUMENT, "Invalid bucket ARN"),
    "itself": (
        [v2(Destination={"Bucket": "arn:aws:s3:::source"})],
        REQUEST,
        "Destination bucket cannot be the same as the source bucket.",
    ),
    "missing destination": ([v2(Destination={"Bucket": "arn:aws:s3:::missing"})], REQUEST, UNVERSIONED),
    "unversioned destination": ([v2(Destination={"Bucket": "arn:aws:s3:::plain"})], REQUEST, UNVERSIONED),
    "suspended destination": (
        [v2(), v2(Priority=2, Destination={"Bucket": "arn:aws:s3:::suspended"}, Status="Disabled")],
        REQUEST,
        UNVERSIONED,
    ),
    "owner without account": (
        [v2(**to(AccessControlTranslation={"Owner": "Destination"}))],
        REQUEST,
        "Account must be specified if the Owner in AccessControlTranslation has a value",
    ),
    "threshold alone": ([v2(**to(Metrics=METRICS))], ARGUMENT, NO_THRESHOLD),
    "threshold without time": (
        [v2(**to(Metrics=METRICS, ReplicationTime={**TIME, "Status": "Disabled"}))],
        ARGUMENT,
        NO_THRESHOLD,
    ),
    "time alone": ([v2(**to(ReplicationTime=TIME))], REQUEST, BOTH_OR_NEITHER),
    "time off alone": ([v2(**to(ReplicationTime={**TIME, "Status": "Disabled"}))], REQUEST, BOTH_OR_NEITHER),
    "time without threshold": (
        [v2(**to(ReplicationTime=TIME, Metrics={"Status": "Enabled"}))],
        ARGUMENT,
        "ReplicationMetrics must contain an event threshold",
    ),
    "minutes": ([v2(**to(ReplicationTime=minutes(10), Metrics=METRICS))], ARGUMENT, "Invalid time minute value"),
    "threshold": (
        [v2(**to(ReplicationTime=TIME, Metrics={**METRICS, "EventThreshold": {"Minutes": 16}}))],
        ARGUMENT,
        "Invalid event threshold minute value",
    ),
    "V1 with two destinations": (
        [v1(Prefix="a"), v1(Prefix="b", Destination={"Bucket": "arn:aws:s3:::others"})],
        REQUEST,
        "Number of distinct destination bucket ARNs cannot exceed 1",
    ),
    "prefix": ([v2(Filter={"Prefix": "ä" * 513})], REQUEST, "The maximum size of a prefix is 1024."),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_documents(door: Door, case: str) -> None:
    rules, code, message = REFUSED[case]
    door.client.create_bucket(Bucket="plain")
    door.client.create_bucket(Bucket="suspended")
    versioning(door, "suspended", "Suspended")
    put(door, V1)
    with unchanged(door.fake):
        refused(lambda: put(door, *rules), 400, code, message)


def test_keys_of_several_regions_are_not_implemented(door: Door) -> None:
    members = get_session().get_service_model("s3").shape_for("EncryptionConfiguration").members
    if "UseSourceMultiRegionKey" not in members:
        pytest.skip("this botocore does not know UseSourceMultiRegionKey")
    encryption = {"ReplicaKmsKeyID": KEY, "UseSourceMultiRegionKey": {"Status": "Enabled"}}
    with unchanged(door.fake):
        refused(
            lambda: put(door, v2(**KMS_OBJECTS, **to(EncryptionConfiguration=encryption))),
            501,
            "NotImplemented",
            "fakes3part does not implement PutBucketReplication (UseSourceMultiRegionKey)",
            {"Operation": "PutBucketReplication"},
        )


# --- Not -------------------------------------------------------------------------------------------------------------

NOT_FILTERS: dict[str, dict[str, Any]] = {
    "prefix": {"Not": {"Prefix": "tmp/"}},
    "tag": {"Not": {"Tag": TAG}},
    "or": {"Not": {"Or": {"Prefixes": ["a", "b"], "Tags": [TAG]}}},
    "and": {"And": {"Prefix": "p", "Not": {"Or": {"Prefixes": ["pa"]}}}},
}


@pytest.mark.skipif(not HAS_NOT_FILTER, reason="this botocore does not know Not")
@pytest.mark.parametrize("case", NOT_FILTERS)
def test_filters_with_not(door: Door, case: str) -> None:
    rule = v2(ID="a", Filter=NOT_FILTERS[case])
    put(door, rule)
    assert get(door)["Rules"] == [rule]
    if case in ("tag", "or"):
        with unchanged(door.fake):
            refused(lambda: put(door, {**rule, **MARKERS}), 400, REQUEST, TAGGED)


@pytest.mark.skipif(not HAS_NOT_FILTER, reason="this botocore does not know Not")
@pytest.mark.parametrize(
    "content",
    ["<Not/>", f"<Not><Prefix>p</Prefix>{TAG_XML}</Not>", "<Not><Or/></Not>", "<Prefix>p</Prefix><Not><Prefix>q</Prefix></Not>"],
)
def test_malformed_not(door: Door, content: str) -> None:
    with unchanged(door.fake):
        assert_error(put_raw(door, v2_xml(f"<Filter>{content}</Filter>")), 400, "MalformedXML", MALFORMED)


# --- roles -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "message"),
    [
        ("", "Invalid Role specified in replication configuration"),
        ("replication", "Invalid Role specified in replication configuration"),
        ("arn:aws:s3:::bucket", "Invalid Role specified in replication configuration"),
        ("arn:aws:iam::123456789012:user/replication", "The relative id should start with role"),
        ("arn:aws:iam::123456789012:root", "The relative id should start with role"),
    ],
)
def test_refused_roles(door: Door, role: str, message: str) -> None:
    with unchanged(door.fake):
        refused(lambda: put(door, V1, role=role), 400, "InvalidArgument", message)


def test_the_role_of_another_account(door: Door) -> None:
    with unchanged(door.fake):
        refused(lambda: put(door, V1, role="arn:aws:iam::111122223333:role/r"), 403, "AccessDenied", "Access Denied")


def test_the_caller_must_be_allowed_to_pass_the_role(door: Door) -> None:
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    denied = door.fake.add_user(None, "denied", policy={"Version": "2012-10-17", "Statement": [statement]})
    passing = {
        "Effect": "Allow",
        "Action": "iam:PassRole",
        "Resource": ROLE,
        "Condition": {"StringEquals": {"iam:PassedToService": "s3.amazonaws.com"}},
    }
    allowed = door.fake.add_user(None, "allowed", policy={"Version": "2012-10-17", "Statement": [statement, passing]})
    document: Any = {"Role": ROLE, "Rules": [V1]}
    with (
        door.client_with(aws_access_key_id=denied.access_key, aws_secret_access_key=denied.secret_key) as s3,
        unchanged(door.fake),
    ):
        refused(
            lambda: s3.put_bucket_replication(Bucket="source", ReplicationConfiguration=document),
            403,
            "AccessDenied",
            f'User: arn:aws:iam::123456789012:user/denied is not authorized to perform: iam:PassRole on resource: "{ROLE}" '
            "because no identity-based policy allows the iam:PassRole action",
        )
    with door.client_with(aws_access_key_id=allowed.access_key, aws_secret_access_key=allowed.secret_key) as s3:
        s3.put_bucket_replication(Bucket="source", ReplicationConfiguration=document)
    assert get(door)["Role"] == ROLE


# --- versioning ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [None, "Suspended"])
def test_the_source_needs_versioning(door: Door, status: str | None) -> None:
    door.client.create_bucket(Bucket="plain")
    if status is not None:
        versioning(door, "plain", status)
    with unchanged(door.fake):
        message = "Versioning must be 'Enabled' on the bucket to apply a replication configuration"
        refused(lambda: put(door, V1, bucket="plain"), 400, "InvalidRequest", message)


def test_versioning_cannot_be_suspended(door: Door) -> None:
    put(door, v1(Status="Disabled"))
    message = (
        "A replication configuration is present on this bucket, so you cannot change the versioning state. To change the "
        "versioning state, first delete the replication configuration."
    )
    with unchanged(door.fake):
        refused(lambda: versioning(door, "source", "Suspended"), 409, "InvalidBucketState", message)
        versioning(door, "source", "Enabled")
    versioning(door, "replicas", "Suspended")
    door.client.delete_bucket_replication(Bucket="source")
    versioning(door, "source", "Suspended")


def test_object_lock_needs_no_token(door: Door) -> None:
    s3 = door.client
    s3.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
    s3.create_bucket(Bucket="locked-too", ObjectLockEnabledForBucket=True)
    put(door, V1, bucket="locked")
    put(door, v1(Destination={"Bucket": "arn:aws:s3:::locked"}))
    put(door, v1(Destination={"Bucket": "arn:aws:s3:::locked-too"}), bucket="locked")


# --- the request -----------------------------------------------------------------------------------------------------


def test_a_digest_is_required(door: Door) -> None:
    with unchanged(door.fake):
        response = door.raw("PUT", "/source?replication", {}, b"<ReplicationConfiguration/>")
        message = "Missing required header for this request: Content-MD5 OR x-amz-checksum-*"
        assert_error(response, 400, "InvalidRequest", message)


def test_the_bucket_comes_before_the_document(door: Door) -> None:
    response = door.raw("PUT", "/missing?replication", {}, b"x")
    assert_error(response, 404, "NoSuchBucket", "The specified bucket does not exist", {"BucketName": "missing"})


def test_the_expected_owner(door: Door) -> None:
    s3 = door.client
    document: Any = {"Role": ROLE, "Rules": [V1]}
    calls = (
        lambda: s3.put_bucket_replication(Bucket="source", ReplicationConfiguration=document, ExpectedBucketOwner="111122223333"),
        lambda: s3.get_bucket_replication(Bucket="source", ExpectedBucketOwner="111122223333"),
        lambda: s3.delete_bucket_replication(Bucket="source", ExpectedBucketOwner="111122223333"),
    )
    with unchanged(door.fake):
        for call in calls:
            refused(call, 403, "AccessDenied", "Access Denied")


def test_it_is_saved_forked_and_restored(door: Door, tmp_path: Path) -> None:
    fake, s3 = door.fake, door.client
    rules = [rule for name in ("and", "owner", "time") for rule in ACCEPTED[name]]
    rules = [{**rule, "ID": str(number), "Priority": number} for number, rule in enumerate(rules)]
    if HAS_NOT_FILTER:
        rules.append({**v2(Filter=NOT_FILTERS["or"]), "ID": "not", "Priority": 100})
    put(door, *rules)
    snapshot, forked = fake.snapshot(), fake.fork()
    fake.save(tmp_path / "archive")
    s3.delete_bucket_replication(Bucket="source")
    loaded = FakeS3()
    loaded.load(tmp_path / "archive")
    fake.restore(snapshot)
    for client in (s3, forked.client(), loaded.client()):
        assert client.get_bucket_replication(Bucket="source")["ReplicationConfiguration"]["Rules"] == rules
