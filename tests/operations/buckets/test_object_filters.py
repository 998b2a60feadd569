"""Filters of analytics, Intelligent-Tiering and metrics configurations. Recorded from AWS, September 2026; some texts: stackd."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from tests.support.doors import Door, assert_error, refused
from tests.support.errors import MALFORMED_XML
from tests.support.families import ANALYTICS, FAMILIES, METRICS, TIERING, Family
from tests.support.state import unchanged

pytestmark = pytest.mark.usefixtures("bucket")

POINT = "arn:aws:s3:us-east-1:123456789012:accesspoint/point"
A, B = {"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}
TEN = [{"Key": f"k{number}", "Value": "v"} for number in range(10)]
LONG = {"Key": "k" * 128, "Value": "é" * 256}


def tag(key: str, value: str) -> dict[str, Any]:
    return {"Tag": {"Key": key, "Value": value}}


ACCEPTED: dict[str, dict[str, Any]] = {
    "prefix": {"Prefix": "logs/"},
    "tag": {"Tag": A},
    "long tag": {"Tag": LONG},
    "prefix and tag": {"And": {"Prefix": "logs/", "Tags": [A]}},
    "two tags, in their order": {"And": {"Tags": [B, A]}},
    "ten tags": {"And": {"Tags": TEN}},
    "ten tags and a prefix": {"And": {"Prefix": "p", "Tags": TEN}},
}


@pytest.mark.parametrize("case", ACCEPTED)
@pytest.mark.parametrize("family", [ANALYTICS, TIERING, METRICS], ids=lambda family: family.query)
def test_accepted_and_returned_as_put(door: Door, family: Family, case: str) -> None:
    family.put(door.client, Filter=ACCEPTED[case])
    assert family.get(door.client)["Filter"] == ACCEPTED[case]


ACCEPTED_BY_SOME = [
    (ANALYTICS, {"And": {"Tags": [A, {**A, "Value": "2"}]}}),
    (ANALYTICS, {"And": {"Tags": [A, A]}}),
    (TIERING, tag("k", "")),
    (TIERING, {"And": {"Tags": [tag("k", "")["Tag"], A]}}),
    (METRICS, tag("k", "")),
    (METRICS, {"AccessPointArn": POINT}),
    (METRICS, {"And": {"AccessPointArn": POINT, "Prefix": "p"}}),
    (METRICS, {"And": {"AccessPointArn": POINT, "Tags": [A]}}),
    (METRICS, {"And": {"AccessPointArn": POINT, "Prefix": "p", "Tags": [B, A]}}),
]


@pytest.mark.parametrize(("family", "object_filter"), ACCEPTED_BY_SOME)
def test_accepted_by_some(door: Door, family: Family, object_filter: dict[str, Any]) -> None:
    family.put(door.client, Filter=object_filter)
    assert family.get(door.client)["Filter"] == object_filter


EMPTY_PREFIX = "InvalidPrefix", "Filter Prefix should be set to a valid non-empty value or not set at all."
TOO_FEW = "InvalidAnd", "Number of Prefixes and Tags combined cannot be less than 2. And cannot contain less than 2 elements."
TOO_MANY = (
    "InvalidAnd",
    "Number of tags should not be less than 1 and more than 10 within And. And cannot contain less than 2 elements.",
)
BAD_KEY = "InvalidTag", "Tag Key cannot be empty or longer than 128 chars."
NO_VALUE = "InvalidTag", "Tag Value must be specified."
LONG_VALUE = "InvalidTag", "Tag Value cannot be longer than 256 chars."
TWICE = "InvalidAnd", "All Tag Keys in an And must be unique. Found duplicate entry for a."
MALFORMED = "MalformedXML", MALFORMED_XML
BOTH = (ANALYTICS, TIERING)
ELEVEN = [*TEN, A]
PREFIX, TAG_XML = "<Prefix>p</Prefix>", "<Tag><Key>a</Key><Value>1</Value></Tag>"

REFUSED: list[tuple[tuple[Family, ...], str, tuple[str, str]]] = [
    (BOTH, "", MALFORMED),
    (BOTH, PREFIX + TAG_XML, MALFORMED),
    (BOTH, TAG_XML + TAG_XML, MALFORMED),
    (BOTH, f"{PREFIX}<And>{PREFIX}{TAG_XML}</And>", MALFORMED),
    (BOTH, "<AccessPointArn>a</AccessPointArn>", MALFORMED),
    (BOTH, "<Prefix/>", EMPTY_PREFIX),
    (BOTH, f"<And><Prefix/>{TAG_XML}</And>", EMPTY_PREFIX),
    (BOTH, "<And/>", TOO_FEW),
    (BOTH, f"<And>{PREFIX}</And>", TOO_FEW),
    (BOTH, f"<And>{TAG_XML}</And>", TOO_FEW),
    (BOTH, f"<And>{PREFIX}{PREFIX}{TAG_XML}</And>", MALFORMED),
    (BOTH, "<Tag><Key/><Value>1</Value></Tag>", BAD_KEY),
    (BOTH, f"<Tag><Key>{'k' * 129}</Key><Value>1</Value></Tag>", BAD_KEY),
    (BOTH, f"<And>{PREFIX}<Tag><Key/><Value>1</Value></Tag></And>", BAD_KEY),
    (BOTH, f"<Tag><Key>a</Key><Value>{'v' * 257}</Value></Tag>", LONG_VALUE),
    (BOTH, f"<And>{''.join(f'<Tag><Key>{n}</Key><Value>v</Value></Tag>' for n in range(11))}</And>", TOO_MANY),
    ((ANALYTICS,), "<Tag><Key>a</Key><Value/></Tag>", NO_VALUE),
    ((ANALYTICS,), "<Tag><Key>a</Key></Tag>", NO_VALUE),
    ((ANALYTICS,), f"<And>{PREFIX}<Tag><Key>a</Key></Tag></And>", NO_VALUE),
    ((ANALYTICS,), "<Tag><Value>a</Value></Tag>", BAD_KEY),
    ((TIERING,), "<Tag><Key>a</Key></Tag>", MALFORMED),
    ((TIERING,), "<Tag><Value>a</Value></Tag>", MALFORMED),
    ((TIERING,), f"<And>{TAG_XML}{TAG_XML}</And>", TWICE),
    ((TIERING,), f"<And>{TAG_XML}<Tag><Key>a</Key><Value>2</Value></Tag></And>", TWICE),
    ((METRICS,), "", MALFORMED),
    ((METRICS,), "<Prefix/>", MALFORMED),
    ((METRICS,), PREFIX + TAG_XML, MALFORMED),
    ((METRICS,), "<And/>", MALFORMED),
    ((METRICS,), f"<And>{PREFIX}</And>", MALFORMED),
    ((METRICS,), f"<And>{TAG_XML}</And>", MALFORMED),
    ((METRICS,), f"<And><AccessPointArn>{POINT}</AccessPointArn></And>", MALFORMED),
    ((METRICS,), f"<And><Prefix/>{TAG_XML}</And>", MALFORMED),
    ((METRICS,), "<Tag><Key>a</Key></Tag>", MALFORMED),
    ((METRICS,), "<Tag><Key/><Value>a</Value></Tag>", MALFORMED),
    ((METRICS,), "<AccessPointArn>point-alias-s3alias</AccessPointArn>", MALFORMED),
    ((METRICS,), "<AccessPointArn/>", MALFORMED),
]
CASES = [(family, content, error) for families, content, error in REFUSED for family in families]


@pytest.mark.parametrize(("family", "content", "error"), CASES, ids=[f"{row[0].query}-{row[1][:60]}" for row in CASES])
def test_refused(door: Door, family: Family, content: str, error: tuple[str, str]) -> None:
    family.put(door.client)
    with unchanged(door.fake):
        body = family.body(content=f"{family.xml}<Filter>{content}</Filter>")
        assert_error(door.raw("PUT", f"/bucket?{family.query}&id=a", body=body), 400, *error)


def test_no_filter_is_the_whole_bucket(door: Door) -> None:
    for family in FAMILIES.values():
        family.put(door.client)
        assert "Filter" not in family.get(door.client)


def test_an_inventory_has_only_a_prefix(door: Door) -> None:
    inventory = FAMILIES["inventory"]
    with unchanged(door.fake):
        for content in ("", "<Prefix/>", TAG_XML, f"<And>{PREFIX}{TAG_XML}</And>", PREFIX + PREFIX):
            body = inventory.body(content=f"{inventory.xml}<Filter>{content}</Filter>")
            assert_error(door.raw("PUT", "/bucket?inventory&id=a", body=body), 400, *MALFORMED)


def test_through_boto3(door: Door) -> None:
    with unchanged(door.fake):
        refused(partial(ANALYTICS.put, door.client, Filter={"And": {"Tags": ELEVEN}}), 400, *TOO_MANY)
        refused(partial(TIERING.put, door.client, Filter={"And": {"Prefix": "p", "Tags": [A, A]}}), 400, *TWICE)
