"""Policies of forms: what they allow, and the errors of invalid policies."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from tests.support.doors import Door
from tests.support.errors import ENTITY_TOO_LARGE, ENTITY_TOO_SMALL
from tests.support.post_forms import DATA, conditions, policy, post, signed, stored
from tests.support.state import unchanged

pytestmark = pytest.mark.usefixtures("bucket")

FUTURE = "2099-01-01T00:00:00.000Z"


def document(**members: Any) -> str:
    return json.dumps({"expiration": FUTURE, "conditions": [], **members})


INVALID: dict[str, tuple[str | bytes, str]] = {
    "nothing": ("", "Expecting '{' but found End-of-Input"),
    "blanks": (" \r\n", "Expecting '{' but found End-of-Input"),
    "no JSON": ("{", "Invalid JSON."),
    "no UTF-8": (b"{\xff}", "Invalid JSON."),
    "not a number": ('{"expiration": NaN}', "Invalid JSON."),
    "nested beyond measure": ("[" * 5000, "Invalid JSON."),
    "no object": ("[]", "Invalid JSON."),
    "an escape that is none": ('{"expiration": "\\x"}', "Invalid JSON."),
    "another member": (document(x=1), 'Unexpected: "x"'),
    "a member in another case": (document(Conditions=[]), 'Unexpected: "Conditions"'),
    "no expiration": ('{"conditions": []}', "Policy missing expiration."),
    "expiration": (document(expiration="x"), "Invalid 'expiration' value: 'x'"),
    "expiration of a day": (document(expiration="2099-01-01"), "Invalid 'expiration' value: '2099-01-01'"),
    "expiration without a zone": (
        document(expiration="2099-01-01T00:00:00"),
        "Invalid 'expiration' value: '2099-01-01T00:00:00'",
    ),
    "expiration that is no date": (
        document(expiration="2099-02-30T00:00:00Z"),
        "Invalid 'expiration' value: '2099-02-30T00:00:00Z'",
    ),
    "expiration in seconds": (document(expiration=4070908800), "Invalid 'expiration' value: '4070908800'"),
    "no conditions": (json.dumps({"expiration": FUTURE}), "Policy missing conditions."),
    "conditions": (document(conditions={"key": "k"}), "Invalid 'conditions' value: must be a List."),
    "a condition": (document(conditions=["test"]), "Invalid condition test: must be a List or Object."),
    "an empty condition": (document(conditions=[[]]), "Invalid Condition: missing operation identifier."),
    "an operation": (document(conditions=[["x", "$key", "k"]]), "Invalid Condition: unknown operation 'x'."),
    "an operation that is no text": (document(conditions=[[1, "$key", "k"]]), "Invalid Condition: unknown operation '1'."),
    "too few arguments": (document(conditions=[["eq", "$key"]]), "Invalid eq: wrong number of arguments."),
    "too many arguments": (
        document(conditions=[["starts-with", "$key", "k", "l"]]),
        "Invalid starts-with: wrong number of arguments.",
    ),
    "a range without an end": (
        document(conditions=[["content-length-range", 1]]),
        "Invalid content-length-range: wrong number of arguments.",
    ),
    "a simple condition of a number": (
        document(conditions=[{"key": 1}]),
        "Invalid Simple-Condition: value must be a string.",
    ),
    "a simple condition of nothing": (
        document(conditions=[{}]),
        "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.",
    ),
    "a simple condition of two": (
        document(conditions=[{"key": "k", "bucket": "bucket"}]),
        "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.",
    ),
}


@pytest.mark.parametrize(("text", "wrong"), INVALID.values(), ids=INVALID)
def test_invalid(door: Door, text: str | bytes, wrong: str) -> None:
    with unchanged(door.fake):
        response = post(door, signed({"key": "k"}, text))
    assert (response.status, response.error) == (400, {"Code": "InvalidPolicyDocument", "Message": f"Invalid Policy: {wrong}"})


@pytest.mark.parametrize("text", ["x", "!!!!", "ä", "eyJ9"[:-1]])
def test_no_base64(door: Door, text: str) -> None:
    with unchanged(door.fake):
        response = post(door, {**signed({"key": "k"}), "policy": text})
    message = "Invalid Policy: invalid Base64 encoding."
    assert (response.status, response.error) == (400, {"Code": "InvalidPolicyDocument", "Message": message})


def denied(why: str) -> dict[str, str]:
    return {"Code": "AccessDenied", "Message": f"Invalid according to Policy: {why}"}


FAILED: dict[str, tuple[dict[str, str], Any, list[Any]]] = {
    "eq": (
        {"success_action_redirect": "http://localhost.test/other"},
        ["eq", "$success_action_redirect", "http://localhost.test/random"],
        ["eq", "$success_action_redirect", "http://localhost.test/random"],
    ),
    "case of the value": ({"acl": "private"}, ["eq", "$acl", "Private"], ["eq", "$acl", "Private"]),
    "starts-with": ({"x-amz-meta-a": "a"}, ["starts-with", "$x-amz-meta-a", "b"], ["starts-with", "$x-amz-meta-a", "b"]),
    "as spelled": ({"acl": "private"}, ["Eq", "$ACL", "x"], ["Eq", "$ACL", "x"]),
    "without the dollar": ({"acl": "private"}, ["eq", "acl", "private"], ["eq", "acl", "private"]),
    "simple": ({"acl": "private"}, {"acl": "x"}, ["eq", "$acl", "x"]),
    "simple, of the bucket": ({}, {"bucket": "x"}, ["eq", "$bucket", "x"]),
    "a field that is not there": ({}, ["eq", "$acl", ""], ["eq", "$acl", ""]),
    "a field that may be anything, not there": ({}, ["starts-with", "$Content-Type", ""], ["starts-with", "$Content-Type", ""]),
    "unicode": ({"acl": "private"}, ["eq", "$acl", "grüße ✓"], ["eq", "$acl", "grüße ✓"]),
    "no text": ({"acl": "private"}, ["eq", "$acl", 1], ["eq", "$acl", "1"]),
    "no name": ({"acl": "private"}, ["eq", None, "x"], ["eq", "null", "x"]),
    "one of several content types": (
        {"Content-Type": "image/png,text/plain"},
        ["starts-with", "$Content-Type", "image/"],
        ["starts-with", "$Content-Type", "image/"],
    ),
    "range from no number": ({}, ["content-length-range", "test", "10"], ["content-length-range", "test", "10"]),
    "range to no number": ({}, ["content-length-range", 0, 1.5], ["content-length-range", "0", "1.5"]),
    "range of truth": ({}, ["content-length-range", True, 100], ["content-length-range", "true", "100"]),
}


@pytest.mark.parametrize(("fields", "condition", "echo"), FAILED.values(), ids=FAILED)
def test_a_condition_fails(door: Door, fields: dict[str, str], condition: Any, echo: list[Any]) -> None:
    with unchanged(door.fake):
        response = post(door, signed({"key": "k", **fields}, more=[condition]))
    shown = ", ".join(f'"{one}"' for one in echo)
    assert (response.status, response.error) == (403, denied(f"Policy Condition failed: [{shown}]"))


PASSED: dict[str, tuple[dict[str, str], Any]] = {
    "names and operations in any case": ({"aCl": "private"}, ["StArTs-WiTh", "$AcL", "priv"]),
    "anything": ({"Content-Type": "x"}, ["starts-with", "$Content-Type", ""]),
    "several content types": ({"Content-Type": "image/png, image/jpeg"}, ["starts-with", "$Content-Type", "image/"]),
    "exactly these bytes": ({}, ["content-length-range", len(DATA), len(DATA)]),
    "a range of texts": ({}, ["content-length-range", "0", "100"]),
    "the key as stored": ({}, ["eq", "$key", "up/photo.jpg"]),
    "unicode": ({"x-amz-meta-a": "grüße ✓"}, {"x-amz-meta-a": "grüße ✓"}),
    "the same field again": ({"acl": "private"}, ["starts-with", "$acl", "p"]),
}


@pytest.mark.parametrize(("fields", "condition"), PASSED.values(), ids=PASSED)
def test_a_condition_holds(door: Door, fields: dict[str, str], condition: Any) -> None:
    assert post(door, signed({"key": "up/${filename}", **fields}, more=[condition])).status == 204
    assert stored(door, "up/photo.jpg")["Body"] == DATA


SIZES: dict[str, tuple[list[Any], str, str, str, str]] = {
    "large": ([0, 9], "EntityTooLarge", ENTITY_TOO_LARGE, "MaxSizeAllowed", "9"),
    "small": (
        [11, 20],
        "EntityTooSmall",
        ENTITY_TOO_SMALL,
        "MinSizeAllowed",
        "11",
    ),
    "neither": ([20, 1], "EntityTooLarge", ENTITY_TOO_LARGE, "MaxSizeAllowed", "1"),
}


@pytest.mark.parametrize(("bounds", "code", "message", "limit", "value"), SIZES.values(), ids=SIZES)
def test_sizes(door: Door, bounds: list[Any], code: str, message: str, limit: str, value: str) -> None:
    with unchanged(door.fake):
        response = post(door, signed({"key": "k"}, more=[["content-length-range", *bounds]]))
    assert len(DATA) == 10
    assert (response.status, response.error) == (400, {"Code": code, "Message": message, "ProposedSize": "10", limit: value})


EXTRA: dict[str, tuple[dict[str, str], list[Any], str]] = {
    "one": ({"x-amz-meta-foo": "1"}, [{"bucket": "bucket"}, {"key": "k"}], "x-amz-meta-foo"),
    "two": ({"X-Amz-Meta-Foo": "1", "submit": "Go"}, [{"bucket": "bucket"}, {"key": "k"}], "x-amz-meta-foo, submit"),
    "the bucket": ({}, [{"key": "k"}], "bucket"),
    "the key": ({}, [{"bucket": "bucket"}], "key"),
    "all": ({}, [], "bucket, key"),
}


@pytest.mark.parametrize(("fields", "covered", "extra"), EXTRA.values(), ids=EXTRA)
def test_a_field_that_no_condition_covers(door: Door, fields: dict[str, str], covered: list[Any], extra: str) -> None:
    with unchanged(door.fake):
        response = post(door, signed({"key": "k", **fields}, policy(covered), version=2))
    assert (response.status, response.error) == (403, denied(f"Extra input fields: {extra}"))


def test_version_4_must_be_covered_too(door: Door) -> None:
    with unchanged(door.fake):
        response = post(door, signed({"key": "k"}, policy(conditions({"key": "k"}))))
    assert response.error == denied("Extra input fields: x-amz-algorithm, x-amz-credential, x-amz-date")


def test_fields_that_need_no_cover(door: Door) -> None:
    fields = {"key": "k", "x-ignore-me": "1", "X-Ignore-": ""}
    assert post(door, signed(fields, policy(conditions({"key": "k"})), version=2)).status == 204


@pytest.mark.parametrize("expires", [timedelta(0), timedelta(seconds=-1), timedelta(days=-3650)])
def test_expired(door: Door, expires: timedelta) -> None:
    with unchanged(door.fake):
        response = post(door, signed({"key": "k"}, policy(conditions({"key": "other"}), expires)))
    assert (response.status, response.error) == (403, denied("Policy expired."))


@pytest.mark.parametrize("escaped", ["\\$x", "\\u0024x"])
def test_escapes_that_only_s3_knows(door: Door, escaped: str) -> None:
    """The S3 API reference requires ``\\$`` for a dollar sign, which is not JSON."""
    text = policy([{"bucket": "bucket"}, {"key": "k"}, ["eq", "$x-amz-meta-a", "X"]]).replace('"X"', f'"{escaped}"')
    assert post(door, signed({"key": "k", "x-amz-meta-a": "$x"}, text, version=2)).status == 204


def test_a_backslash_before_a_dollar(door: Door) -> None:
    text = policy([{"bucket": "bucket"}, ["starts-with", "$key", "\\$foo"]])
    assert post(door, signed({"key": "\\$foo.txt"}, text, version=2)).status == 204
    assert stored(door, "\\$foo.txt")["Body"] == DATA


def test_base64_in_lines(door: Door) -> None:
    fields = signed({"key": "k"}, version=2)
    lines = base64.encodebytes(base64.b64decode(fields["policy"])).decode()
    assert "\n" in lines.strip()
    assert post(door, {**fields, "policy": lines}).status == 204
