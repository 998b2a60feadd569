"""Conditional reads, writes, deletes and copies.

Sources: recorded from AWS, February 2026 (LocalStack's test_s3.snapshot.json); botocore's model documentation; the S3 user guide,
"Conditional requests".
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any

import pytest

from tests.support.doors import Door, refused, refused_head
from tests.support.errors import DIRECTORY_BUCKETS_ONLY, HEADER_NOT_IMPLEMENTED, NO_SUCH_KEY, PRECONDITION_FAILED
from tests.support.state import unchanged

WRITTEN = datetime(2026, 2, 21, 12, 0, 0, tzinfo=timezone.utc)
BEFORE, EQUAL, AFTER = WRITTEN - timedelta(seconds=1), WRITTEN, WRITTEN + timedelta(hours=1)
FUTURE = WRITTEN + timedelta(days=2)
ETAG = '"900150983cd24fb0d6963f7d28e17f72"'
OTHER = '"00000000000000000000000000000000"'


@pytest.fixture
def key(door: Door, bucket: str) -> str:
    """The object is written at ``WRITTEN``, everything after happens a day later."""
    door.fake.clock.freeze(WRITTEN)
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc")
    door.fake.clock.advance(days=1)
    return "k"


MATCH, NONE_MATCH, MODIFIED, UNMODIFIED = "IfMatch", "IfNoneMatch", "IfModifiedSince", "IfUnmodifiedSince"
READS = [
    ({MATCH: ETAG}, 200),
    ({MATCH: ETAG.strip('"')}, 200),
    ({MATCH: "*"}, 200),
    ({MATCH: f"{OTHER}, {ETAG}"}, 200),
    ({MATCH: OTHER}, "If-Match"),
    ({MATCH: OTHER, NONE_MATCH: ETAG}, "If-Match"),
    ({MATCH: ETAG, UNMODIFIED: BEFORE}, 200),
    ({MATCH: OTHER, UNMODIFIED: AFTER}, "If-Match"),
    ({UNMODIFIED: BEFORE}, "If-Unmodified-Since"),
    ({UNMODIFIED: EQUAL}, 200),
    ({UNMODIFIED: AFTER}, 200),
    ({UNMODIFIED: BEFORE, NONE_MATCH: ETAG}, "If-Unmodified-Since"),
    ({NONE_MATCH: ETAG}, 304),
    ({NONE_MATCH: ETAG.strip('"')}, 304),
    ({NONE_MATCH: "*"}, 304),
    ({NONE_MATCH: f"{OTHER},{ETAG}"}, 304),
    ({NONE_MATCH: OTHER}, 200),
    ({NONE_MATCH: OTHER, MODIFIED: AFTER}, 200),
    ({NONE_MATCH: ETAG, MODIFIED: BEFORE}, 304),
    ({MODIFIED: BEFORE}, 200),
    ({MODIFIED: EQUAL}, 304),
    ({MODIFIED: AFTER}, 304),
    ({MODIFIED: FUTURE}, 200),
    ({MATCH: ETAG, NONE_MATCH: ETAG}, 304),
    ({MATCH: ETAG, MODIFIED: AFTER}, 304),
    ({UNMODIFIED: AFTER, MODIFIED: AFTER}, 304),
]


def _show(value: Any) -> str:
    names = {ETAG: "etag", OTHER: "other", BEFORE: "before", EQUAL: "equal", AFTER: "after", FUTURE: "future"}
    return "+".join(f"{k}={names.get(v, v)}" for k, v in value.items()) if isinstance(value, dict) else str(value)


@pytest.mark.parametrize(("conditions", "outcome"), READS, ids=_show)
def test_read(s3: Any, bucket: str, key: str, conditions: dict[str, Any], outcome: int | str) -> None:
    get = partial(s3.get_object, Bucket=bucket, Key=key, **conditions)
    head = partial(s3.head_object, Bucket=bucket, Key=key, **conditions)
    if outcome == 200:
        assert get()["Body"].read() == b"abc"
        assert head()["ContentLength"] == 3
    elif outcome == 304:
        for call in (get, head):
            headers = refused_head(call, 304).response["ResponseMetadata"]["HTTPHeaders"]
            assert (headers["etag"], headers["last-modified"]) == (ETAG, "Sat, 21 Feb 2026 12:00:00 GMT")
            assert {"content-type", "content-length", "x-amz-server-side-encryption"}.isdisjoint(headers)
    else:
        refused(get, 412, "PreconditionFailed", PRECONDITION_FAILED, {"Condition": str(outcome)})
        refused_head(head, 412)


@pytest.mark.parametrize("header", ["If-Modified-Since", "If-Unmodified-Since"])
@pytest.mark.parametrize("date", ["yesterday", "Sat, 99 Feb 2026 12:00:00 GMT", "2026-02-21T12:00:00Z", ""])
def test_unparsable_dates_are_ignored(door: Door, key: str, header: str, date: str) -> None:
    assert door.raw("GET", "/bucket/k", {header: date}).body == b"abc"


def test_conditions_on_a_missing_key(s3: Any, bucket: str) -> None:
    for conditions in ({MATCH: ETAG}, {NONE_MATCH: "*"}, {UNMODIFIED: BEFORE}):
        call = partial(s3.get_object, Bucket=bucket, Key="none", **conditions)
        refused(call, 404, "NoSuchKey", NO_SUCH_KEY, {"Key": "none"})


WRITES = {
    "absent, none": ({NONE_MATCH: "*"}, False, None),
    "present, none": ({NONE_MATCH: "*"}, True, (412, "PreconditionFailed", PRECONDITION_FAILED, {"Condition": "If-None-Match"})),
    "absent, match": ({MATCH: ETAG}, False, (404, "NoSuchKey", NO_SUCH_KEY, {"Key": "k"})),
    "present, match": ({MATCH: ETAG}, True, None),
    "present, match without quotes": ({MATCH: ETAG.strip('"')}, True, None),
    "present, other": ({MATCH: OTHER}, True, (412, "PreconditionFailed", PRECONDITION_FAILED, {"Condition": "If-Match"})),
    "both": (
        {MATCH: ETAG, NONE_MATCH: "*"},
        True,
        (
            501,
            "NotImplemented",
            HEADER_NOT_IMPLEMENTED,
            {
                "Header": "If-Match,If-None-Match",
                "additionalMessage": "Multiple conditional request headers present in the request",
            },
        ),
    ),
    "none of an etag": (
        {NONE_MATCH: ETAG},
        True,
        (
            501,
            "NotImplemented",
            HEADER_NOT_IMPLEMENTED,
            {
                "Header": "If-None-Match",
                "additionalMessage": "We don't accept the provided value of If-None-Match header for this API",
            },
        ),
    ),
    "match anything": (
        {MATCH: "*"},
        True,
        (
            501,
            "NotImplemented",
            HEADER_NOT_IMPLEMENTED,
            {
                "Header": "If-Match",
                "additionalMessage": "We don't accept the provided value of If-Match header for this API",
            },
        ),
    ),
}


@pytest.mark.parametrize("operation", ["put_object", "copy_object"])
@pytest.mark.parametrize(("conditions", "present", "refusal"), WRITES.values(), ids=WRITES)
def test_write(
    door: Door, bucket: str, operation: str, conditions: dict[str, str], present: bool, refusal: tuple[Any, ...] | None
) -> None:
    s3 = door.client
    s3.put_object(Bucket=bucket, Key="source", Body=b"new")
    if present:
        s3.put_object(Bucket=bucket, Key="k", Body=b"abc")
    how = {"Body": b"new"} if operation == "put_object" else {"CopySource": "bucket/source"}
    call = partial(getattr(s3, operation), Bucket=bucket, Key="k", **how, **conditions)
    if refusal is None:
        call()
        assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"new"
    else:
        with unchanged(door.fake):
            refused(call, *refusal)


def test_a_delete_marker_counts_as_absent(s3: Any, bucket: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=bucket, Key="k", Body=b"abc")
    s3.delete_object(Bucket=bucket, Key="k")
    call = partial(s3.put_object, Bucket=bucket, Key="k", Body=b"new", IfMatch=ETAG)
    refused(call, 404, "NoSuchKey", NO_SUCH_KEY, {"Key": "k"})
    s3.put_object(Bucket=bucket, Key="k", Body=b"new", IfNoneMatch="*")
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"new"


@pytest.mark.parametrize("condition", [ETAG, ETAG.strip('"'), "*"])
def test_delete_if_match(s3: Any, bucket: str, condition: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"abc")
    assert s3.delete_object(Bucket=bucket, Key="k", IfMatch=condition)["ResponseMetadata"]["HTTPStatusCode"] == 204
    refused_head(partial(s3.head_object, Bucket=bucket, Key="k"), 404)


def test_delete_if_match_fails(door: Door, bucket: str) -> None:
    s3 = door.client
    s3.put_object(Bucket=bucket, Key="k", Body=b"abc")
    with unchanged(door.fake):
        call = partial(s3.delete_object, Bucket=bucket, Key="k", IfMatch=OTHER)
        refused(call, 412, "PreconditionFailed", PRECONDITION_FAILED, {"Condition": "If-Match"})
        for condition in (ETAG, "*"):
            call = partial(s3.delete_object, Bucket=bucket, Key="none", IfMatch=condition)
            refused(call, 404, "NoSuchKey", NO_SUCH_KEY, {"Key": "none"})


@pytest.mark.parametrize(
    ("option", "header"),
    [
        ({"IfMatchSize": 3}, "x-amz-if-match-size"),
        ({"IfMatchLastModifiedTime": BEFORE}, "x-amz-if-match-last-modified-time"),
    ],
)
def test_delete_conditions_of_directory_buckets(door: Door, bucket: str, option: dict[str, Any], header: str) -> None:
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc")
    text = HEADER_NOT_IMPLEMENTED
    extras = {"Header": header, "additionalMessage": DIRECTORY_BUCKETS_ONLY}
    with unchanged(door.fake):
        refused(partial(door.client.delete_object, Bucket=bucket, Key="k", **option), 501, "NotImplemented", text, extras)


def _source(conditions: dict[str, Any]) -> dict[str, Any]:
    return {f"CopySource{name}": value for name, value in conditions.items()}


COPIES = [
    ({MATCH: ETAG}, None),
    ({MATCH: ETAG.strip('"')}, None),
    ({MATCH: OTHER}, "If-Match"),
    ({NONE_MATCH: OTHER}, None),
    ({NONE_MATCH: ETAG}, "If-None-Match"),
    ({UNMODIFIED: BEFORE}, "If-Unmodified-Since"),
    ({UNMODIFIED: EQUAL}, None),
    ({UNMODIFIED: AFTER}, None),
    ({MODIFIED: BEFORE}, None),
    ({MODIFIED: EQUAL}, "If-Modified-Since"),
    ({MODIFIED: AFTER}, "If-Modified-Since"),
    ({MODIFIED: FUTURE}, None),
    ({UNMODIFIED: FUTURE}, None),
    ({NONE_MATCH: OTHER, MODIFIED: AFTER}, None),
    ({MATCH: ETAG, NONE_MATCH: ETAG}, "If-None-Match"),
    ({MATCH: ETAG, MODIFIED: AFTER}, "If-Modified-Since"),
    ({UNMODIFIED: BEFORE, NONE_MATCH: ETAG}, "If-Unmodified-Since"),
    ({MATCH: ETAG, UNMODIFIED: BEFORE}, None),
    ({NONE_MATCH: ETAG, MODIFIED: BEFORE}, "If-None-Match"),
    ({MATCH: OTHER, UNMODIFIED: AFTER}, "If-Match"),
]


@pytest.mark.parametrize(("conditions", "failed"), COPIES, ids=_show)
def test_copy_source(door: Door, bucket: str, key: str, conditions: dict[str, Any], failed: str | None) -> None:
    s3 = door.client
    call = partial(s3.copy_object, Bucket=bucket, Key="copy", CopySource="bucket/k", **_source(conditions))
    if failed is None:
        call()
        assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == b"abc"
    else:
        with unchanged(door.fake):
            refused(call, 412, "PreconditionFailed", PRECONDITION_FAILED, {"Condition": f"x-amz-copy-source-{failed}"})
