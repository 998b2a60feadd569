"""S3 Metadata: the configuration, its tables and their statuses on the clock.

The responses without a configuration are recorded from AWS, September 2026; the documents are those of botocore's model.
Codes and texts of other errors are assumed.
"""

from __future__ import annotations

import contextlib
import re
from base64 import b64encode
from functools import partial
from hashlib import md5
from typing import Any

import pytest

from fakes3part import FakeS3
from tests.support.callers import OWNER, STRANGER
from tests.support.doors import Door, RawResponse, assert_error, refused
from tests.support.errors import MALFORMED_XML, METHOD_NOT_ALLOWED, NO_DIGEST, NO_SUCH_BUCKET
from tests.support.state import unchanged

pytestmark = pytest.mark.usefixtures("bucket")

NS = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
FOREVER = {"RecordExpiration": {"Expiration": "DISABLED"}}
KEY = f"arn:aws:kms:us-east-1:{OWNER}:key/11111111-2222-3333-4444-555555555555"
ROLE = f"arn:aws:iam::{OWNER}:role/annotations"
MISSING = "The metadata configuration was not found"
ARN = re.compile(rf"arn:aws:s3tables:us-east-1:{OWNER}:bucket/aws-s3/table/[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}")


def create(s3: Any, inventory: str | None = None, annotation: dict[str, Any] | None = None, journal: Any = FOREVER) -> Any:
    configuration: Any = {"JournalTableConfiguration": journal}
    if inventory is not None:
        configuration["InventoryTableConfiguration"] = {"ConfigurationState": inventory}
    if annotation is not None:
        configuration["AnnotationTableConfiguration"] = annotation
    return s3.create_bucket_metadata_configuration(Bucket="bucket", MetadataConfiguration=configuration)


def get(s3: Any) -> Any:
    found = s3.get_bucket_metadata_configuration(Bucket="bucket")
    return found["GetBucketMetadataConfigurationResult"]["MetadataConfigurationResult"]


def statuses(s3: Any) -> dict[str, str | None]:
    """Return the status of each table that has one."""
    tables = ((name.removesuffix("TableConfigurationResult"), table) for name, table in get(s3).items())
    return {name: table["TableStatus"] for name, table in tables if "TableStatus" in table}


def send(door: Door, method: str, selector: str, document: str, headers: dict[str, str] | None = None) -> RawResponse:
    digest = b64encode(md5(document.encode()).digest()).decode()
    return door.raw(method, f"/bucket?{selector}", {"Content-MD5": digest, **(headers or {})}, document.encode())


# --- V2 --------------------------------------------------------------------------------------------------------------


def test_create_get_delete(door: Door) -> None:
    s3 = door.client
    door.fake.clock.freeze()
    answer = create(s3, "ENABLED", journal={"RecordExpiration": {"Expiration": "ENABLED", "Days": 7}})
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    found = get(s3)
    arns = [found[f"{table}TableConfigurationResult"].pop("TableArn") for table in ("Journal", "Inventory")]
    assert all(map(ARN.fullmatch, arns))
    assert arns[0] != arns[1]
    assert found == {
        "DestinationResult": {
            "TableBucketType": "aws",
            "TableBucketArn": f"arn:aws:s3tables:us-east-1:{OWNER}:bucket/aws-s3",
            "TableNamespace": "b_bucket",
        },
        "JournalTableConfigurationResult": {
            "TableStatus": "CREATING",
            "TableName": "journal",
            "RecordExpiration": {"Expiration": "ENABLED", "Days": 7},
        },
        "InventoryTableConfigurationResult": {
            "ConfigurationState": "ENABLED",
            "TableStatus": "CREATING",
            "TableName": "inventory",
        },
    }
    gone = s3.delete_bucket_metadata_configuration(Bucket="bucket")
    assert gone["ResponseMetadata"]["HTTPStatusCode"] == 204
    extras = {"BucketName": "bucket"}
    for call in (s3.get_bucket_metadata_configuration, s3.delete_bucket_metadata_configuration):
        refused(partial(call, Bucket="bucket"), 404, "MetadataConfigurationNotFound", MISSING, extras)


def test_the_wire_form(door: Door) -> None:
    response = door.raw("GET", "/bucket?metadataConfiguration")
    start = "<Error><Code>MetadataConfigurationNotFound</Code>"
    assert (response.status, response.body.decode()[: len(start)]) == (404, start)
    document = (
        f"<MetadataConfiguration {NS}><JournalTableConfiguration><RecordExpiration><Expiration>DISABLED</Expiration>"
        "</RecordExpiration></JournalTableConfiguration></MetadataConfiguration>"
    )
    created = send(door, "POST", "metadataConfiguration", document)
    assert (created.status, created.body) == (200, b"")
    response = door.raw("GET", "/bucket?metadataConfiguration")
    assert response.status == 200
    assert "content-type" not in response.headers
    arn = get(door.client)["JournalTableConfigurationResult"]["TableArn"]
    assert response.body.decode().partition("\n")[2] == (
        f"<GetBucketMetadataConfigurationResult {NS}><MetadataConfigurationResult><DestinationResult>"
        f"<TableBucketType>aws</TableBucketType><TableBucketArn>arn:aws:s3tables:us-east-1:{OWNER}:bucket/aws-s3"
        "</TableBucketArn><TableNamespace>b_bucket</TableNamespace></DestinationResult><JournalTableConfigurationResult>"
        f"<TableStatus>CREATING</TableStatus><TableName>journal</TableName><TableArn>{arn}</TableArn><RecordExpiration>"
        "<Expiration>DISABLED</Expiration></RecordExpiration></JournalTableConfigurationResult>"
        "<InventoryTableConfigurationResult><ConfigurationState>DISABLED</ConfigurationState>"
        "</InventoryTableConfigurationResult></MetadataConfigurationResult></GetBucketMetadataConfigurationResult>"
    )


def test_statuses_follow_the_clock(door: Door) -> None:
    s3, clock = door.client, door.fake.clock
    clock.freeze()
    create(s3, "ENABLED", {"ConfigurationState": "ENABLED"})
    seen = [statuses(s3)]
    for minutes in (1, 13, 1):
        clock.advance(minutes=minutes)
        seen.append(statuses(s3))
    expected = [
        ("CREATING", "CREATING", "CREATING"),
        ("ACTIVE", "BACKFILLING", "BACKFILLING"),
        ("ACTIVE", "BACKFILLING", "BACKFILLING"),
        ("ACTIVE", "ACTIVE", "ACTIVE"),
    ]
    assert [tuple(one.values()) for one in seen] == expected
    assert list(seen[0]) == ["Journal", "Inventory", "Annotation"]


def test_namespaces_have_no_periods(door: Door) -> None:
    s3 = door.client
    s3.create_bucket(Bucket="a.b-c")
    configuration: Any = {"JournalTableConfiguration": FOREVER}
    s3.create_bucket_metadata_configuration(Bucket="a.b-c", MetadataConfiguration=configuration)
    found = s3.get_bucket_metadata_configuration(Bucket="a.b-c")["GetBucketMetadataConfigurationResult"]
    assert found["MetadataConfigurationResult"]["DestinationResult"]["TableNamespace"] == "b_a_b-c"


JOURNAL_XML = "<JournalTableConfiguration><RecordExpiration>{}</RecordExpiration></JournalTableConfiguration>"
OFF = "<Expiration>DISABLED</Expiration>"
ON = "<Expiration>ENABLED</Expiration>"
VALID = JOURNAL_XML.format(OFF)
RANGE = "Days must be from 7 to 2147483647 if journal table record expiration is enabled."
NO_DAYS = "Days must not be specified if journal table record expiration is disabled."
NO_KEY = "KmsKeyArn must be the ARN of a KMS key if the SseAlgorithm is aws:kms."
OTHER_REGION = "The KMS key must be in the same Region as the general purpose bucket."
OTHER_KEY = "KmsKeyArn can only be specified with the SseAlgorithm aws:kms."
NO_TABLE = "EncryptionConfiguration can only be specified if the table is enabled."
NO_ROLE = "Role must be the ARN of an IAM role."


def encrypted(content: str) -> str:
    encryption = f"<EncryptionConfiguration>{content}</EncryptionConfiguration>"
    return f"{VALID}<InventoryTableConfiguration><ConfigurationState>ENABLED</ConfigurationState>{encryption}</InventoryTableConfiguration>"  # noqa: E501


def inventory(content: str) -> str:
    return f"{VALID}<InventoryTableConfiguration>{content}</InventoryTableConfiguration>"


MALFORMED = {
    "nothing": "",
    "no journal": "<InventoryTableConfiguration><ConfigurationState>ENABLED</ConfigurationState></InventoryTableConfiguration>",
    "an empty journal": "<JournalTableConfiguration/>",
    "an empty expiration": JOURNAL_XML.format(""),
    "lower case": JOURNAL_XML.format("<Expiration>enabled</Expiration><Days>7</Days>"),
    "twice": JOURNAL_XML.format(OFF + OFF),
    "two journals": VALID + VALID,
    "no number": JOURNAL_XML.format(f"{ON}<Days>x</Days>"),
    "no int32": JOURNAL_XML.format(f"{ON}<Days>2147483648</Days>"),
    "unknown": f"{VALID}<Other/>",
    "no state": inventory(""),
    "an unknown state": inventory("<ConfigurationState>Enabled</ConfigurationState>"),
    "an unknown algorithm": encrypted("<SseAlgorithm>aws:kms:dsse</SseAlgorithm>"),
    "no algorithm": encrypted(f"<KmsKeyArn>{KEY}</KmsKeyArn>"),
}
INVALID = {
    "no days": (JOURNAL_XML.format(ON), RANGE),
    "six days": (JOURNAL_XML.format(f"{ON}<Days>6</Days>"), RANGE),
    "negative days": (JOURNAL_XML.format(f"{ON}<Days>-1</Days>"), RANGE),
    "days without expiration": (JOURNAL_XML.format(f"{OFF}<Days>7</Days>"), NO_DAYS),
    "no key": (encrypted("<SseAlgorithm>aws:kms</SseAlgorithm>"), NO_KEY),
    "no ARN": (encrypted("<SseAlgorithm>aws:kms</SseAlgorithm><KmsKeyArn>alias/a</KmsKeyArn>"), NO_KEY),
    "a key of another region": (
        encrypted(f"<SseAlgorithm>aws:kms</SseAlgorithm><KmsKeyArn>{KEY.replace('us-east-1', 'eu-west-1')}</KmsKeyArn>"),
        OTHER_REGION,
    ),
    "a key too many": (encrypted(f"<SseAlgorithm>AES256</SseAlgorithm><KmsKeyArn>{KEY}</KmsKeyArn>"), OTHER_KEY),
    "encryption of nothing": (
        inventory(
            "<ConfigurationState>DISABLED</ConfigurationState><EncryptionConfiguration><SseAlgorithm>AES256</SseAlgorithm>"
            "</EncryptionConfiguration>"
        ),
        NO_TABLE,
    ),
    "no role": (
        f"{VALID}<AnnotationTableConfiguration><ConfigurationState>ENABLED</ConfigurationState><Role>annotations</Role>"
        "</AnnotationTableConfiguration>",
        NO_ROLE,
    ),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed_documents(door: Door, case: str) -> None:
    with unchanged(door.fake):
        document = f"<MetadataConfiguration {NS}>{MALFORMED[case]}</MetadataConfiguration>"
        assert_error(send(door, "POST", "metadataConfiguration", document), 400, "MalformedXML", MALFORMED_XML)


@pytest.mark.parametrize("case", INVALID)
def test_invalid_values(door: Door, case: str) -> None:
    content, message = INVALID[case]
    with unchanged(door.fake):
        document = f"<MetadataConfiguration {NS}>{content}</MetadataConfiguration>"
        assert_error(send(door, "POST", "metadataConfiguration", document), 400, "InvalidRequest", message)


def test_elements_may_have_any_order(door: Door) -> None:
    document = (
        f"<MetadataConfiguration><AnnotationTableConfiguration><Role>{ROLE}</Role><ConfigurationState>ENABLED</ConfigurationState>"
        "</AnnotationTableConfiguration><InventoryTableConfiguration><EncryptionConfiguration>"
        f"<KmsKeyArn>{KEY}</KmsKeyArn><SseAlgorithm>aws:kms</SseAlgorithm></EncryptionConfiguration>"
        "<ConfigurationState>ENABLED</ConfigurationState></InventoryTableConfiguration>"
        f"{JOURNAL_XML.format('<Days>2147483647</Days>' + ON)}</MetadataConfiguration>"
    )
    assert send(door, "POST", "metadataConfiguration", document).status == 200
    assert get(door.client)["AnnotationTableConfigurationResult"]["Role"] == ROLE
    metadata = door.fake.buckets["bucket"].configuration.metadata
    assert (metadata.record_days, metadata.inventory.encryption.key_arn) == (2147483647, KEY)


SELECTORS = {
    "metadataConfiguration": ("POST", "MetadataConfiguration"),
    "metadataInventoryTable": ("PUT", "InventoryTableConfiguration"),
    "metadataJournalTable": ("PUT", "JournalTableConfiguration"),
    "metadataAnnotationTable": ("PUT", "AnnotationTableConfiguration"),
}


@pytest.mark.parametrize("selector", SELECTORS)
def test_bucket_permission_and_digest_come_first(door: Door, selector: str) -> None:
    method, root = SELECTORS[selector]
    document = f"<{root}>".encode()
    with unchanged(door.fake):
        missing = door.raw(method, f"/missing?{selector}", {}, document)
        assert_error(missing, 404, "NoSuchBucket", NO_SUCH_BUCKET, {"BucketName": "missing"})
        assert_error(
            door.raw(method, f"/bucket?{selector}", {}, document, access_key=STRANGER), 403, "AccessDenied", "Access Denied"
        )
        assert_error(door.raw(method, f"/bucket?{selector}", {}, document), 400, "InvalidRequest", NO_DIGEST)
        assert_error(send(door, method, selector, ""), 400, "MissingRequestBodyError", "Request Body is empty")
        assert_error(send(door, method, selector, "<Wrong/>"), 400, "MalformedXML", MALFORMED_XML)


def test_a_second_configuration(door: Door) -> None:
    create(door.client)
    with unchanged(door.fake):
        message = "A metadata configuration already exists for this bucket."
        refused(partial(create, door.client), 409, "MetadataConfigurationAlreadyExists", message, {"BucketName": "bucket"})


def test_tables_stay_when_the_configuration_is_deleted(door: Door) -> None:
    """AWS's user guide: the tables stay, and new ones of their names cannot be made until they are deleted."""
    s3, fake = door.client, door.fake
    fake.clock.freeze()
    create(s3, "ENABLED", {"ConfigurationState": "ENABLED"})
    fake.clock.advance(hours=1)
    s3.put_object(Bucket="bucket", Key="k")
    s3.delete_bucket_metadata_configuration(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="later")
    for table in ("journal", "inventory"):
        assert [row["key"] for row in fake.metadata_table("bucket", table)] == ["k"]
    create(s3, "ENABLED", {"ConfigurationState": "ENABLED"})
    assert set(statuses(s3).values()) == {"CREATING"}
    fake.clock.advance(minutes=1)
    found = get(s3)
    error = found["JournalTableConfigurationResult"]["Error"]
    assert error["ErrorCode"] == "JournalTableAlreadyExists"
    assert error["ErrorMessage"].startswith("A journal table already exists in the Amazon Web Services managed table bucket's")
    assert found["InventoryTableConfigurationResult"]["Error"]["ErrorCode"] == "JournalTableNotAvailable"
    assert set(statuses(s3).values()) == {"FAILED"}
    assert "TableArn" not in found["JournalTableConfigurationResult"]
    s3.delete_bucket_metadata_configuration(Bucket="bucket")
    for table in ("journal", "inventory", "annotation"):
        fake.delete_metadata_table("bucket", table)
    create(s3, "ENABLED")
    fake.clock.advance(hours=1)
    assert statuses(s3) == {"Journal": "ACTIVE", "Inventory": "ACTIVE"}
    assert [row["key"] for row in fake.metadata_table("bucket", "inventory")] == ["k", "later"]


def test_a_table_that_is_deleted_under_its_configuration(door: Door) -> None:
    s3, fake = door.client, door.fake
    fake.clock.freeze()
    create(s3, "ENABLED")
    fake.clock.advance(hours=1)
    fake.delete_metadata_table("bucket", "inventory")
    found = get(s3)["InventoryTableConfigurationResult"]
    assert (found["TableStatus"], found["Error"]["ErrorCode"]) == ("FAILED", "DestinationTableNotFound")
    s3.put_object(Bucket="bucket", Key="k")
    fake.delete_metadata_table("bucket", "journal")
    s3.put_object(Bucket="bucket", Key="k")
    assert statuses(s3) == {"Journal": "FAILED", "Inventory": "FAILED"}
    with pytest.raises(KeyError, match="the bucket 'bucket' has no metadata table 'journal'; there are none"):
        fake.metadata_table("bucket", "journal")


@pytest.mark.parametrize("table", ["Journal", "Inventory"])
def test_a_table_whose_key_cannot_be_used(door: Door, table: str) -> None:
    """The request succeeds, and the table is FAILED."""
    s3, fake = door.client, door.fake
    fake.clock.freeze()
    key = fake.kms.add_key(state="Disabled")
    encryption = {"SseAlgorithm": "aws:kms", "KmsKeyArn": key}
    configuration: Any = {"JournalTableConfiguration": {**FOREVER}}
    configuration["InventoryTableConfiguration"] = {"ConfigurationState": "ENABLED"}
    configuration[f"{table}TableConfiguration"]["EncryptionConfiguration"] = encryption
    s3.create_bucket_metadata_configuration(Bucket="bucket", MetadataConfiguration=configuration)
    assert set(statuses(s3).values()) == {"CREATING"}
    fake.clock.advance(hours=1)
    found = get(s3)
    shown = {name: found[f"{name}TableConfigurationResult"] for name in ("Journal", "Inventory")}
    error = shown[table]["Error"]
    assert (shown[table]["TableStatus"], error["ErrorCode"]) == ("FAILED", "AccessDeniedCreatingResources")
    assert "ensure that the KMS key used to encrypt the table still exists, is active" in error["ErrorMessage"]
    if table == "Journal":
        assert shown["Inventory"]["Error"]["ErrorCode"] == "JournalTableNotAvailable"
        s3.put_object(Bucket="bucket", Key="k")
        with pytest.raises(KeyError, match="has no metadata table 'journal'"):
            fake.metadata_table("bucket", "journal")
    else:
        assert shown["Journal"]["TableStatus"] == "ACTIVE"


# --- updates ---------------------------------------------------------------------------------------------------------

UPDATES: dict[str, dict[str, Any]] = {
    "inventory": {"ConfigurationState": "ENABLED"},
    "journal": FOREVER,
    "annotation": {"ConfigurationState": "ENABLED"},
}


def update(s3: Any, table: str, **configuration: Any) -> Any:
    call = getattr(s3, f"update_bucket_metadata_{table}_table_configuration")
    return call(Bucket="bucket", **{f"{table.capitalize()}TableConfiguration": configuration})


@pytest.mark.parametrize("table", UPDATES)
def test_updates_need_a_configuration(door: Door, table: str) -> None:
    with unchanged(door.fake):
        call = partial(update, door.client, table, **UPDATES[table])
        refused(call, 404, "MetadataConfigurationNotFound", MISSING, {"BucketName": "bucket"})


def test_the_inventory_table_is_switched(door: Door) -> None:
    s3, fake = door.client, door.fake
    fake.clock.freeze()
    create(s3)
    assert get(s3)["InventoryTableConfigurationResult"] == {"ConfigurationState": "DISABLED"}
    s3.put_object(Bucket="bucket", Key="k")
    encryption = {"SseAlgorithm": "aws:kms", "KmsKeyArn": KEY}
    answer = update(s3, "inventory", ConfigurationState="ENABLED", EncryptionConfiguration=encryption)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    update(s3, "inventory", ConfigurationState="ENABLED")  # it is already
    with unchanged(fake):
        text = "The encryption of an inventory table cannot be changed while it is enabled."
        call = partial(update, s3, "inventory", ConfigurationState="ENABLED", EncryptionConfiguration=encryption)
        refused(call, 400, "InvalidRequest", text)
        call = partial(update, s3, "inventory", ConfigurationState="DISABLED", EncryptionConfiguration=encryption)
        refused(call, 400, "InvalidRequest", NO_TABLE)
    assert statuses(s3) == {"Journal": "CREATING", "Inventory": "CREATING"}
    fake.clock.advance(minutes=15)
    assert statuses(s3) == {"Journal": "ACTIVE", "Inventory": "ACTIVE"}
    for _ in range(2):
        update(s3, "inventory", ConfigurationState="DISABLED")
        assert get(s3)["InventoryTableConfigurationResult"] == {"ConfigurationState": "DISABLED"}
    s3.put_object(Bucket="bucket", Key="later")
    assert [row["key"] for row in fake.metadata_table("bucket", "inventory")] == ["k"]
    update(s3, "inventory", ConfigurationState="ENABLED")
    fake.clock.advance(hours=1)
    found = get(s3)["InventoryTableConfigurationResult"]
    assert (found["TableStatus"], found["Error"]["ErrorCode"]) == ("FAILED", "InventoryTableAlreadyExists")


def test_the_annotation_table_is_updated(door: Door) -> None:
    """InvalidRequest is that of AWS's documentation; the texts are assumed."""
    s3, fake = door.client, door.fake
    fake.clock.freeze()
    create(s3)
    assert "AnnotationTableConfigurationResult" not in get(s3)
    same = "The annotation table configuration is as requested already."
    creating = "The annotation table cannot be updated while it is being created."
    fixed = "The annotation table is enabled already: its encryption cannot be changed."
    encryption = {"SseAlgorithm": "AES256"}
    no: Any = partial(update, s3, "annotation")
    refused(partial(no, ConfigurationState="DISABLED"), 400, "InvalidRequest", same)
    refused(partial(no, ConfigurationState="DISABLED", EncryptionConfiguration=encryption), 400, "InvalidRequest", NO_TABLE)
    update(s3, "annotation", ConfigurationState="ENABLED", EncryptionConfiguration=encryption)
    with unchanged(fake):
        refused(partial(no, ConfigurationState="DISABLED"), 400, "InvalidRequest", creating)
        refused(partial(no, ConfigurationState="ENABLED", Role=ROLE), 400, "InvalidRequest", creating)
    fake.clock.advance(minutes=1)
    with unchanged(fake):
        refused(partial(no, ConfigurationState="ENABLED"), 400, "InvalidRequest", same)
        call = partial(no, ConfigurationState="ENABLED", EncryptionConfiguration=encryption, Role=ROLE)
        refused(call, 400, "InvalidRequest", fixed)
        refused(partial(no, ConfigurationState="ENABLED", Role="role"), 400, "InvalidRequest", NO_ROLE)
    update(s3, "annotation", ConfigurationState="ENABLED", Role=ROLE)
    found = get(s3)["AnnotationTableConfigurationResult"]
    assert (found["ConfigurationState"], found["TableStatus"], found["TableName"]) == ("ENABLED", "BACKFILLING", "annotation")
    assert found["Role"] == ROLE
    update(s3, "annotation", ConfigurationState="DISABLED")
    assert get(s3)["AnnotationTableConfigurationResult"] == {"ConfigurationState": "DISABLED", "Role": ROLE}


def test_roles_must_be_passed(door: Door) -> None:
    actions = ["s3:CreateBucketMetadataTableConfiguration", "s3:GetBucketMetadataTableConfiguration"]
    allowed: list[Any] = [{"Effect": "Allow", "Action": actions, "Resource": "arn:aws:s3:::bucket"}]
    condition = {"StringEquals": {"iam:PassedToService": "metadata.s3.amazonaws.com"}}
    passes = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": ROLE, "Condition": condition}
    eve = door.fake.add_user(None, f"eve-{door.name}", {"Version": "2012-10-17", "Statement": allowed})
    ann = door.fake.add_user(None, "test_metadata_tables", {"Version": "2012-10-17", "Statement": [*allowed, passes]})
    annotation = {"ConfigurationState": "ENABLED", "Role": ROLE}
    message = (
        f'User: {eve.arn} is not authorized to perform: iam:PassRole on resource: "{ROLE}" because no identity-based policy '
        "allows the iam:PassRole action"
    )
    with door.client_with(aws_access_key_id=eve.access_key, aws_secret_access_key=eve.secret_key) as s3, unchanged(door.fake):
        refused(partial(create, s3, None, annotation), 403, "AccessDenied", message)
    with door.client_with(aws_access_key_id=ann.access_key, aws_secret_access_key=ann.secret_key) as s3:
        create(s3, None, annotation)
        assert statuses(s3) == {"Journal": "CREATING", "Annotation": "CREATING"}


# --- V1 --------------------------------------------------------------------------------------------------------------

TABLE_BUCKET = f"arn:aws:s3tables:us-east-1:{OWNER}:bucket/tables"
V1_XML = (
    f"<MetadataTableConfiguration><S3TablesDestination><TableBucketArn>{TABLE_BUCKET}</TableBucketArn><TableName>t</TableName>"
    "</S3TablesDestination></MetadataTableConfiguration>"
)


def not_allowed(verb: str) -> str:
    return (
        f"The V1 {verb}BucketMetadataTableConfiguration API operation isn't available for this account. Use the corresponding V2 "
        f"{verb}BucketMetadataConfiguration API operation instead."
    )


@pytest.mark.parametrize(("method", "verb"), [("GET", "Get"), ("DELETE", "Delete"), ("POST", "Create")])
def test_v1_is_closed(door: Door, method: str, verb: str) -> None:
    """Recorded from AWS, September 2026, for GET; the others are assumed."""
    with unchanged(door.fake):
        response = door.raw(method, "/bucket?metadataTable", {}, b"<no" if method == "POST" else b"")
        assert_error(response, 405, "V1APIsNotAllowed", not_allowed(verb), {"Method": method})
        assert response.body.startswith(b"<Error>")
        missing = door.raw(method, "/missing?metadataTable")
        assert_error(missing, 404, "NoSuchBucket", NO_SUCH_BUCKET, {"BucketName": "missing"})


def v1(s3: Any, arn: str = TABLE_BUCKET, name: str = "changes") -> Any:
    configuration: Any = {"S3TablesDestination": {"TableBucketArn": arn, "TableName": name}}
    return s3.create_bucket_metadata_table_configuration(Bucket="bucket", MetadataTableConfiguration=configuration)


def v1_get(s3: Any) -> Any:
    return s3.get_bucket_metadata_table_configuration(Bucket="bucket")["GetBucketMetadataTableConfigurationResult"]


@pytest.fixture
def older() -> Any:
    """A client of a fake whose account used V1, with the bucket, and the fake."""
    fake = FakeS3(metadata_v1=True)
    s3 = fake.client()
    s3.create_bucket(Bucket="bucket")
    fake.clock.freeze()
    yield s3, fake
    s3.close()


def test_v1_of_older_accounts(older: Any) -> None:
    s3, fake = older
    v1(s3)
    found = v1_get(s3)
    arn = found["MetadataTableConfigurationResult"]["S3TablesDestinationResult"].pop("TableArn")
    assert re.fullmatch(rf"{TABLE_BUCKET}/table/[0-9a-f-]{{36}}", arn)
    destination = {"TableBucketArn": TABLE_BUCKET, "TableName": "changes", "TableNamespace": "aws_s3_metadata"}
    result = {"MetadataTableConfigurationResult": {"S3TablesDestinationResult": destination}}
    assert found == {**result, "Status": "CREATING"}
    fake.clock.advance(minutes=1)
    assert v1_get(s3)["Status"] == "ACTIVE"
    s3.put_object(Bucket="bucket", Key="k")
    assert [row["key"] for row in fake.metadata_table("bucket", "changes")] == ["k"]
    shown = get(s3)
    assert shown["DestinationResult"] == {
        "TableBucketType": "customer",
        "TableBucketArn": TABLE_BUCKET,
        "TableNamespace": "aws_s3_metadata",
    }
    assert shown["JournalTableConfigurationResult"] == {
        "TableStatus": "ACTIVE",
        "TableName": "changes",
        "TableArn": arn,
        "RecordExpiration": {"Expiration": "DISABLED"},
    }
    extras = {"Method": "PUT", "ResourceType": "BUCKET_METADATA_TABLE_CONFIGURATION"}
    for table, configuration in UPDATES.items():
        refused(partial(update, s3, table, **configuration), 405, "MethodNotAllowed", METHOD_NOT_ALLOWED, extras)
    s3.delete_bucket_metadata_table_configuration(Bucket="bucket")
    missing = {"BucketName": "bucket"}
    refused(partial(v1_get, s3), 404, "MetadataConfigurationNotFound", MISSING, missing)
    call = partial(s3.delete_bucket_metadata_table_configuration, Bucket="bucket")
    refused(call, 404, "MetadataConfigurationNotFound", MISSING, missing)
    v1(s3)
    fake.clock.advance(minutes=1)
    assert v1_get(s3)["Status"] == "FAILED"
    assert v1_get(s3)["Error"]["ErrorCode"] == "TableAlreadyExists"
    s3.delete_bucket_metadata_configuration(Bucket="bucket")  # V2 deletes both
    v1(s3, f"arn:aws:s3tables:eu-west-1:{OWNER}:bucket/tables", "other")
    fake.clock.advance(minutes=1)
    assert v1_get(s3)["Error"]["ErrorCode"] == "TableBucketNotFound"


def test_v1_operations_on_a_v2_configuration(older: Any) -> None:
    s3, fake = older
    create(s3)
    extras = {"ResourceType": "BUCKET_METADATA_TABLE_CONFIGURATION"}
    with unchanged(fake):
        refused(partial(v1_get, s3), 405, "MethodNotAllowed", METHOD_NOT_ALLOWED, {"Method": "GET", **extras})
        call = partial(s3.delete_bucket_metadata_table_configuration, Bucket="bucket")
        refused(call, 405, "MethodNotAllowed", METHOD_NOT_ALLOWED, {"Method": "DELETE", **extras})
        text = "A metadata configuration already exists for this bucket."
        refused(partial(v1, s3), 409, "MetadataConfigurationAlreadyExists", text, {"BucketName": "bucket"})


@pytest.mark.parametrize(
    ("arn", "name", "text"),
    [
        ("arn:aws:s3:::tables", "t", "TableBucketArn must be the ARN of a table bucket."),
        (TABLE_BUCKET, "A", "TableName must have 1 to 255 lowercase letters, digits and underscores."),
        (TABLE_BUCKET, "a" * 256, "TableName must have 1 to 255 lowercase letters, digits and underscores."),
    ],
)
def test_invalid_destinations(older: Any, arn: str, name: str, text: str) -> None:
    s3, fake = older
    with unchanged(fake):
        refused(partial(v1, s3, arn, name), 400, "InvalidRequest", text)


# --- state -----------------------------------------------------------------------------------------------------------


def test_it_is_saved_forked_and_shown(door: Door, tmp_path: Any) -> None:
    fake, s3 = door.fake, door.client
    fake.clock.freeze()
    empty = fake.snapshot()
    annotation = {"ConfigurationState": "ENABLED", "Role": ROLE}
    create(s3, "ENABLED", annotation, {"RecordExpiration": {"Expiration": "ENABLED", "Days": 30}})
    fake.clock.advance(hours=1)
    s3.put_object(Bucket="bucket", Key="k", Body=b"abc", Metadata={"a": "1"}, Tagging="b=2")
    s3.delete_object(Bucket="bucket", Key="k")
    s3.put_object(Bucket="bucket", Key="k", Body=b"abcd")
    s3.put_object_annotation(Bucket="bucket", Key="k", AnnotationName="note", AnnotationPayload=b"text")
    tables = {table: fake.metadata_table("bucket", table) for table in ("journal", "inventory", "annotation")}
    assert [len(rows) for rows in tables.values()] == [3, 1, 1]
    fake.save(tmp_path / "archive")
    snapshot = fake.snapshot()
    for copy in (fake.fork(), FakeS3.load(tmp_path / "archive")):
        assert {table: copy.metadata_table("bucket", table) for table in tables} == tables
        with contextlib.closing(copy.client()) as client:
            client.put_object(Bucket="bucket", Key="other")
        assert len(copy.metadata_table("bucket", "journal")) == 4
    assert fake.metadata_table("bucket", "journal") == tables["journal"]
    s3.delete_bucket_metadata_configuration(Bucket="bucket")
    fake.restore(snapshot)
    assert statuses(s3) == {"Journal": "ACTIVE", "Inventory": "ACTIVE", "Annotation": "ACTIVE"}
    fake.restore(empty)
    assert fake.buckets["bucket"].configuration.metadata is None
    with pytest.raises(KeyError):
        fake.metadata_table("bucket", "journal")
    with pytest.raises(KeyError, match="no bucket 'buckets'; did you mean 'bucket'"):
        fake.metadata_table("buckets", "journal")
