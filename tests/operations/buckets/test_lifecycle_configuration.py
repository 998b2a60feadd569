"""Put, get and delete a lifecycle configuration: what is returned, and every error.

Most errors are recorded from AWS, February 2026.
"""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import datetime, timezone
from functools import partial
from typing import Any

import pytest

from tests.support.doors import Door, RawResponse, refused
from tests.support.errors import INVALID_TAG_KEY, MALFORMED_XML, NO_SUCH_BUCKET
from tests.support.lifecycle import get_rules, put_rules, rule

MINIMUM = "x-amz-transition-default-minimum-object-size"
MIDNIGHT = datetime(2030, 1, 1, tzinfo=timezone.utc)
LATER = datetime(2031, 1, 1, tzinfo=timezone.utc)
OLD = rule("old", Expiration={"Days": 9})


def tag(key: str, value: str = "v") -> dict[str, str]:
    return {"Key": key, "Value": value}


ECHOED: dict[str, dict[str, Any]] = {
    "empty filter": rule(Filter={}, Expiration={"Days": 1}),
    "empty prefix": rule(Filter={"Prefix": ""}, Expiration={"Days": 1}),
    "prefix": rule(Filter={"Prefix": "a/&<\u00e9"}, Expiration={"Date": MIDNIGHT}),
    "base prefix": rule(Filter=None, Prefix="a/", Expiration={"Days": 2147483647}),
    "empty base prefix": rule(Filter=None, Prefix="", Expiration={"Days": 1}),
    "tag": rule(Filter={"Tag": tag("a", "")}, Expiration={"Days": 1}),
    "larger": rule(Filter={"ObjectSizeGreaterThan": 0}, Expiration={"Days": 1}),
    "smaller": rule(Filter={"ObjectSizeLessThan": 1}, Expiration={"Days": 1}),
    "and": rule(
        Filter={
            "And": {
                "Prefix": "p",
                "Tags": [tag("a"), tag("b")],
                "ObjectSizeGreaterThan": 10,
                "ObjectSizeLessThan": 12,
            }
        },
        Expiration={"Days": 1},
    ),
    "and of tags": rule(Filter={"And": {"Tags": [tag("b"), tag("a")]}}, Expiration={"Days": 1}),
    "disabled": rule(Status="Disabled", Expiration={"Days": 1}),
    "markers": rule(Expiration={"ExpiredObjectDeleteMarker": True}),
    "no markers": rule(Expiration={"ExpiredObjectDeleteMarker": False}),
    "transitions": rule(
        Transitions=[
            {"Days": 30, "StorageClass": "STANDARD_IA"},
            {"Days": 60, "StorageClass": "GLACIER_IR"},
            {"Days": 61, "StorageClass": "GLACIER"},
            {"Days": 62, "StorageClass": "DEEP_ARCHIVE"},
        ],
        Expiration={"Days": 63},
    ),
    "at once": rule(Transitions=[{"Days": 0, "StorageClass": "INTELLIGENT_TIERING"}]),
    "by date": rule(Transitions=[{"Date": MIDNIGHT, "StorageClass": "GLACIER"}], Expiration={"Date": LATER}),
    "noncurrent": rule(
        NoncurrentVersionTransitions=[
            {"NoncurrentDays": 30, "StorageClass": "ONEZONE_IA", "NewerNoncurrentVersions": 1},
            {"NoncurrentDays": 60, "StorageClass": "DEEP_ARCHIVE"},
        ],
        NoncurrentVersionExpiration={"NoncurrentDays": 61, "NewerNoncurrentVersions": 100},
    ),
    "abort": rule(AbortIncompleteMultipartUpload={"DaysAfterInitiation": 7}),
    "longest id": rule("\u00e9" * 255, Expiration={"Days": 1}),
}


@pytest.mark.parametrize("given", ECHOED.values(), ids=ECHOED)
def test_echoed_as_given(s3: Any, bucket: str, given: dict[str, Any]) -> None:
    put_rules(s3, given)
    assert get_rules(s3) == [given]


def test_rules_keep_their_order(s3: Any, bucket: str) -> None:
    given = [rule(f"{number}", Expiration={"Days": 1 + number % 7}) for number in reversed(range(1000))]
    put_rules(s3, *given)
    assert get_rules(s3) == given


def test_the_document(door: Door, bucket: str) -> None:
    put_rules(door.client, rule("a b", Filter={}, Expiration={"Date": MIDNIGHT}))
    response = door.raw("GET", "/bucket?lifecycle")
    assert (response.status, "content-type" in response.headers) == (200, False)
    assert response.headers[MINIMUM] == "all_storage_classes_128K"
    assert response.body == (
        b'<?xml version="1.0" encoding="UTF-8"?>\n'
        b'<LifecycleConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Rule><ID>a b</ID><Filter/>'
        b"<Status>Enabled</Status><Expiration><Date>2030-01-01T00:00:00.000Z</Date></Expiration></Rule>"
        b"</LifecycleConfiguration>"
    )


def test_ids_are_made_up_once(s3: Any, bucket: str) -> None:
    put_rules(s3, rule(ID=None, Expiration={"Days": 1}), rule(ID="", Expiration={"Days": 2}))
    first, second = (one["ID"] for one in get_rules(s3))
    assert first != second
    for made in (first, second):
        uuid = base64.b64decode(made, validate=True).decode()
        assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", uuid)
    assert [one["ID"] for one in get_rules(s3)] == [first, second]


@pytest.mark.parametrize("minimum", ["varies_by_storage_class", "all_storage_classes_128K"])
def test_minimum_size(s3: Any, bucket: str, minimum: str) -> None:
    response = put_rules(s3, OLD, TransitionDefaultMinimumObjectSize=minimum)
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert response["TransitionDefaultMinimumObjectSize"] == minimum
    assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["TransitionDefaultMinimumObjectSize"] == minimum
    put_rules(s3, OLD)
    found = s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    assert found["TransitionDefaultMinimumObjectSize"] == "all_storage_classes_128K"


def test_bad_minimum_size(s3: Any, bucket: str) -> None:
    put_rules(s3, OLD)
    refused(
        lambda: put_rules(s3, rule(Expiration={"Days": 0}), TransitionDefaultMinimumObjectSize="value"),
        400,
        "InvalidRequest",
        "Invalid TransitionDefaultMinimumObjectSize found: value",
    )
    assert get_rules(s3) == [OLD]


def test_none(s3: Any, bucket: str) -> None:
    for _ in range(2):
        get = partial(s3.get_bucket_lifecycle_configuration, Bucket=bucket)
        message = "The lifecycle configuration does not exist"
        refused(get, 404, "NoSuchLifecycleConfiguration", message, {"BucketName": "bucket"})
        assert s3.delete_bucket_lifecycle(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 204
        put_rules(s3, OLD)
        assert s3.delete_bucket_lifecycle(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 204


@pytest.mark.parametrize("call", ["get_bucket_lifecycle_configuration", "delete_bucket_lifecycle"])
def test_no_bucket(s3: Any, call: str) -> None:
    message = NO_SUCH_BUCKET
    refused(partial(getattr(s3, call), Bucket="missing"), 404, "NoSuchBucket", message, {"BucketName": "missing"})


def test_the_deprecated_operations_share_the_url(s3: Any, bucket: str) -> None:
    if not hasattr(s3, "put_bucket_lifecycle"):
        pytest.skip("this botocore has dropped them")
    given = {
        "ID": "old",
        "Prefix": "a/",
        "Status": "Enabled",
        "Transition": {"Days": 1, "StorageClass": "GLACIER"},
        "Expiration": {"Days": 2},
    }
    s3.put_bucket_lifecycle(Bucket=bucket, LifecycleConfiguration={"Rules": [given]})
    assert s3.get_bucket_lifecycle(Bucket=bucket)["Rules"] == [given]
    transitions = {"Transitions": [given.pop("Transition")]}
    assert get_rules(s3) == [given | transitions]


# --- refused ---------------------------------------------------------------------------------------------------------

IA = {"Days": 30, "StorageClass": "STANDARD_IA"}
GLACIER = {"Days": 30, "StorageClass": "GLACIER"}
DAY = {"Days": 1}

MALFORMED_RULES: dict[str, list[dict[str, Any]]] = {
    "no rules": [],
    "1001 rules": [rule(f"{number}", Expiration=DAY) for number in range(1001)],
    "neither filter nor prefix": [rule(Filter=None, Expiration=DAY)],
    "filter and prefix": [rule(Prefix="a", Expiration=DAY)],
    "status": [rule(Status="enabled", Expiration=DAY)],
    "two conditions": [rule(Filter={"Prefix": "a", "ObjectSizeGreaterThan": 1}, Expiration=DAY)],
    "tag and prefix": [rule(Filter={"Prefix": "a", "Tag": tag("a")}, Expiration=DAY)],
    "and beside": [rule(Filter={"And": {"Prefix": "a", "Tags": [tag("a")]}, "Prefix": "a"}, Expiration=DAY)],
    "and of one prefix": [rule(Filter={"And": {"Prefix": "a"}}, Expiration=DAY)],
    "and of one size": [rule(Filter={"And": {"ObjectSizeLessThan": 9}}, Expiration=DAY)],
    "and of one tag": [rule(Filter={"And": {"Tags": [tag("a")]}}, Expiration=DAY)],
    "and of one, beside": [rule(Filter={"And": {"Prefix": "a"}, "ObjectSizeGreaterThan": 1}, Expiration=DAY)],
    "empty and": [rule(Filter={"And": {}}, Expiration=DAY)],
    "empty expiration": [rule(Expiration={})],
    "days and date": [rule(Expiration={"Days": 1, "Date": MIDNIGHT})],
    "markers and days": [rule(Expiration={"Days": 1, "ExpiredObjectDeleteMarker": True})],
    "no markers and days": [rule(Expiration={"Days": 1, "ExpiredObjectDeleteMarker": False})],
    "markers and date": [rule(Expiration={"Date": MIDNIGHT, "ExpiredObjectDeleteMarker": True})],
    "noncurrent without days": [rule(NoncurrentVersionExpiration={"NewerNoncurrentVersions": 3})],
    "empty noncurrent": [rule(NoncurrentVersionExpiration={})],
    "noncurrent transition without days": [rule(NoncurrentVersionTransitions=[{"StorageClass": "GLACIER"}])],
    "noncurrent transition without class": [rule(NoncurrentVersionTransitions=[{"NoncurrentDays": 1}])],
    "transition without class": [rule(Transitions=[{"Days": 1}])],
    "transition without days": [rule(Transitions=[{"StorageClass": "GLACIER"}])],
    "transition with both": [rule(Transitions=[{"Days": 1, "Date": MIDNIGHT, "StorageClass": "GLACIER"}])],
    "transition to STANDARD": [rule(Transitions=[{"Days": 1, "StorageClass": "STANDARD"}])],
    "transition to nowhere": [rule(Transitions=[{"Days": 1, "StorageClass": "ICE"}])],
    "empty abort": [rule(AbortIncompleteMultipartUpload={})],
    "second rule": [rule("a", Expiration=DAY), rule("b", Filter=None, Expiration=DAY)],
}


@pytest.mark.parametrize("rules", MALFORMED_RULES.values(), ids=MALFORMED_RULES)
def test_malformed(s3: Any, bucket: str, rules: list[dict[str, Any]]) -> None:
    put_rules(s3, OLD)
    refused(lambda: put_rules(s3, *rules), 400, "MalformedXML", MALFORMED_XML)
    assert get_rules(s3) == [OLD]


def _request(message: str) -> tuple[str, str, dict[str, str]]:
    return "InvalidRequest", message, {}


def _argument(message: str, name: str, value: str) -> tuple[str, str, dict[str, str]]:
    return "InvalidArgument", message, {"ArgumentName": name, "ArgumentValue": value}


Refusal = tuple[list[dict[str, Any]], tuple[str, str, dict[str, str]]]
NAME = "filter '(prefix=a/)'"
REFUSED: dict[str, Refusal] = {
    "not midnight": (
        [rule(Expiration={"Date": datetime(2030, 1, 1, 0, 0, 1, tzinfo=timezone.utc)})],
        _argument("'Date' must be at midnight GMT", "Date", "2030-01-01T00:00:01.000Z"),
    ),
    "transition not at midnight": (
        [rule(Transitions=[{"Date": datetime(2030, 1, 1, 12, tzinfo=timezone.utc), "StorageClass": "GLACIER"}])],
        _argument("'Date' must be at midnight GMT", "Date", "2030-01-01T12:00:00.000Z"),
    ),
    "duplicate tags": (
        [rule(Filter={"And": {"Tags": [tag("a"), tag("a", "w")]}}, Expiration=DAY)],
        _request("Duplicate Tag Keys are not allowed."),
    ),
    "same id": (
        [rule("a", Expiration=DAY), rule("b", Expiration=DAY), rule("a", Expiration={"Days": 2})],
        _argument("Rule ID must be unique. Found same ID for more than one rule", "ID", "a"),
    ),
    "long id": (
        [rule("i" * 256, Expiration=DAY)],
        _argument("ID length should not exceed allowed limit of 255", "ID", "i" * 256),
    ),
    "both generations": (
        [rule("a", Expiration=DAY), rule("b", Filter=None, Prefix="", Expiration=DAY)],
        _request("Base level prefix cannot be used in Lifecycle V2, prefixes are only supported in the Filter."),
    ),
    "kept versions in the old form": (
        [
            rule(
                Filter=None,
                Prefix="",
                NoncurrentVersionExpiration={"NoncurrentDays": 1, "NewerNoncurrentVersions": 1},
            )
        ],
        _request("NewerNoncurrentVersions element can only be used in Lifecycle V2."),
    ),
    "no action": ([rule()], _request("At least one action needs to be specified in a rule")),
    "no day": (
        [rule(Expiration={"Days": 0})],
        _argument("'Days' for Expiration action must be a positive integer", "Days", "0"),
    ),
    "negative transition": (
        [rule(Transitions=[{"Days": -1, "StorageClass": "GLACIER"}])],
        _argument("'Days' for Transition action must be a nonnegative integer", "Days", "-1"),
    ),
    "no noncurrent day": (
        [rule(NoncurrentVersionExpiration={"NoncurrentDays": 0})],
        _argument("'NoncurrentDays' for NoncurrentVersionExpiration action must be a positive integer", "NoncurrentDays", "0"),
    ),
    "no day of an upload": (
        [rule(AbortIncompleteMultipartUpload={"DaysAfterInitiation": 0})],
        _argument(
            "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a positive integer",
            "DaysAfterInitiation",
            "0",
        ),
    ),
    **{
        f"{keep} kept": (
            [rule(NoncurrentVersionExpiration={"NoncurrentDays": 1, "NewerNoncurrentVersions": keep})],
            _argument(
                "'NewerNoncurrentVersions' for NoncurrentVersionExpiration action must be a positive integer up to 100",
                "NewerNoncurrentVersions",
                str(keep),
            ),
        )
        for keep in (0, 101)
    },
    "long prefix": (
        [rule(Filter={"Prefix": "\u00e9" * 513}, Expiration=DAY)],
        _request("The maximum size of a prefix is 1024."),
    ),
    "sizes crossed": (
        [rule(Filter={"And": {"ObjectSizeGreaterThan": 5, "ObjectSizeLessThan": 5}}, Expiration=DAY)],
        _request("'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'"),
    ),
    "negative size": (
        [rule(Filter={"ObjectSizeGreaterThan": -1}, Expiration=DAY)],
        _request("'ObjectSizeGreaterThan' has to be a nonnegative value"),
    ),
    "abort by tag": (
        [rule(Filter={"Tag": tag("a")}, AbortIncompleteMultipartUpload={"DaysAfterInitiation": 1})],
        _request("AbortIncompleteMultipartUpload cannot be specified with Tags."),
    ),
    "abort by size": (
        [rule(Filter={"ObjectSizeGreaterThan": 1}, AbortIncompleteMultipartUpload={"DaysAfterInitiation": 1})],
        _request("AbortIncompleteMultipartUpload cannot be specified with Object Size."),
    ),
    "markers by tag": (
        [rule(Filter={"Tag": tag("a")}, Expiration={"ExpiredObjectDeleteMarker": True})],
        _request("ExpiredObjectDeleteMarker cannot be specified with Tags."),
    ),
    "mixed": (
        [rule(Filter={"Prefix": "a/"}, Expiration={"Date": MIDNIGHT}, Transitions=[GLACIER])],
        _request(f"Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule for {NAME}"),
    ),
    "same class": (
        [rule(Filter={"Prefix": "a/"}, Transitions=[GLACIER, {"Days": 90, "StorageClass": "GLACIER"}])],
        _request(f"'StorageClass' must be different for 'Transition' actions in same 'Rule' with {NAME}"),
    ),
    "too early for IA": (
        [rule(Transitions=[{"Days": 29, "StorageClass": "ONEZONE_IA"}])],
        _argument("'Days' in Transition action must be greater than or equal to 30 for storageClass 'ONEZONE_IA'", "Days", "29"),
    ),
    "too short in IA": (
        [rule(Filter={"Prefix": "a/"}, Transitions=[{"Days": 59, "StorageClass": "GLACIER"}, IA])],
        _argument(
            f"'Days' in the 'GLACIER' Transition action for {NAME} must be 30 days more than 'Days' in the 'STANDARD_IA' "
            "Transition action",
            "Days",
            "59",
        ),
    ),
    "upwards": (
        [rule(Filter={"Prefix": "a/"}, Transitions=[GLACIER, {"Days": 30, "StorageClass": "DEEP_ARCHIVE"}])],
        _argument(
            f"'Days' in the 'DEEP_ARCHIVE' Transition action for {NAME} must be greater than 'Days' in the 'GLACIER' "
            "Transition action",
            "Days",
            "30",
        ),
    ),
    "upwards by date": (
        [
            rule(
                Filter={"Prefix": "a/"},
                Transitions=[
                    {"Date": LATER, "StorageClass": "GLACIER"},
                    {"Date": MIDNIGHT, "StorageClass": "DEEP_ARCHIVE"},
                ],
            )
        ],
        _argument(
            f"'Date' in the 'DEEP_ARCHIVE' Transition action for {NAME} must be later than 'Date' in the 'GLACIER' "
            "Transition action",
            "Date",
            "2030-01-01T00:00:00.000Z",
        ),
    ),
    "expires before it moves": (
        [rule(Filter={"Prefix": "a/"}, Transitions=[GLACIER], Expiration={"Days": 30})],
        _argument(
            f"'Days' in the Expiration action for {NAME} must be greater than 'Days' in the Transition action", "Days", "30"
        ),
    ),
    "expires before the date": (
        [
            rule(
                Filter={"Prefix": "a/"},
                Transitions=[{"Date": MIDNIGHT, "StorageClass": "GLACIER"}],
                Expiration={"Date": MIDNIGHT},
            )
        ],
        _argument(
            f"'Date' in the Expiration action for {NAME} must be later than 'Date' in the Transition action",
            "Date",
            "2030-01-01T00:00:00.000Z",
        ),
    ),
    "noncurrent expires before it moves": (
        [
            rule(
                Filter={"Prefix": "a/"},
                NoncurrentVersionTransitions=[{"NoncurrentDays": 5, "StorageClass": "GLACIER"}],
                NoncurrentVersionExpiration={"NoncurrentDays": 5},
            )
        ],
        _argument(
            f"'NoncurrentDays' in the NoncurrentVersionExpiration action for {NAME} must be greater than 'NoncurrentDays' in "
            "the NoncurrentVersionTransition action",
            "NoncurrentDays",
            "5",
        ),
    ),
    "tag key": (
        [rule(Filter={"Tag": tag("?")}, Expiration=DAY)],
        ("InvalidTag", INVALID_TAG_KEY, {"TagKey": "?"}),
    ),
}


@pytest.mark.parametrize(("rules", "error"), REFUSED.values(), ids=REFUSED)
def test_refused(s3: Any, bucket: str, rules: list[dict[str, Any]], error: tuple[str, str, dict[str, str]]) -> None:
    put_rules(s3, OLD)
    code, message, extras = error
    refused(lambda: put_rules(s3, *rules), 400, code, message, extras)
    assert get_rules(s3) == [OLD]


def _put(door: Door, body: bytes, **headers: str) -> RawResponse:
    digest = {"Content-MD5": base64.b64encode(hashlib.md5(body).digest()).decode()}
    return door.raw("PUT", "/bucket?lifecycle", {**digest, **headers}, body)


def _document(*elements: str) -> bytes:
    return f"<LifecycleConfiguration><Rule>{''.join(elements)}</Rule></LifecycleConfiguration>".encode()


STATUS, DAYS = "<Status>Enabled</Status>", "<Expiration><Days>1</Days></Expiration>"
DOCUMENTS = {
    "no XML": b"rules",
    "another root": b"<Lifecycle/>",
    "no rule": b"<LifecycleConfiguration/>",
    "unknown element": _document(STATUS, "<Prefix/><Days>1</Days>"),
    "no status": _document("<Prefix/>", DAYS),
    "no number": _document(STATUS, "<Prefix/><Expiration><Days>1.5</Days></Expiration>"),
}


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_bad_documents(door: Door, bucket: str, document: bytes) -> None:
    put_rules(door.client, OLD)
    response = _put(door, document)
    assert (response.status, response.error) == (400, {"Code": "MalformedXML", "Message": MALFORMED_XML})
    assert get_rules(door.client) == [OLD]


def test_a_digest_is_needed(door: Door, bucket: str) -> None:
    response = door.raw("PUT", "/bucket?lifecycle", {}, _document(STATUS, "<Prefix/>", DAYS))
    assert response.status == 400
    assert response.error["Code"] == "InvalidRequest"
    assert door.fake.store.buckets["bucket"].lifecycle is None
