"""Intelligent-Tiering configurations: the document. Recorded from AWS, September 2026; texts: the project stackd."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from tests.support.doors import Door, assert_error, refused
from tests.support.errors import MALFORMED_XML
from tests.support.families import TIERING
from tests.support.state import unchanged

pytestmark = pytest.mark.usefixtures("bucket")


def tiers(*pairs: tuple[str, int]) -> list[dict[str, Any]]:
    return [{"Days": days, "AccessTier": f"{tier}_ACCESS"} for tier, days in pairs]


ARCHIVE, DEEP = "ARCHIVE", "DEEP_ARCHIVE"


@pytest.mark.parametrize(
    "tierings",
    [
        tiers((ARCHIVE, 90)),
        tiers((ARCHIVE, 730)),
        tiers((DEEP, 180)),
        tiers((DEEP, 730)),
        tiers((ARCHIVE, 90), (DEEP, 180)),
        tiers((DEEP, 200), (ARCHIVE, 199)),
    ],
)
@pytest.mark.parametrize("status", ["Enabled", "Disabled"])
def test_returned_as_put(door: Door, tierings: list[dict[str, Any]], status: str) -> None:
    TIERING.put(door.client, Tierings=tierings, Status=status)
    assert TIERING.get(door.client) == {"Id": "a", "Status": status, "Tierings": tierings}


def test_on_the_wire(door: Door) -> None:
    TIERING.put(door.client, Tierings=tiers((DEEP, 180), (ARCHIVE, 90)), Filter={"Tag": {"Key": "k", "Value": ""}})
    assert door.raw("GET", "/bucket?intelligent-tiering&id=a").body.decode() == (
        '<IntelligentTieringConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Id>a</Id><Filter><Tag><Key>k</Key>'
        "<Value/></Tag></Filter><Status>Enabled</Status><Tiering><Days>180</Days><AccessTier>DEEP_ARCHIVE_ACCESS</AccessTier>"
        "</Tiering><Tiering><Days>90</Days><AccessTier>ARCHIVE_ACCESS</AccessTier></Tiering></IntelligentTieringConfiguration>"
    )


def twice(tier: str) -> str:
    return f"All Access Tiers in a configuration must be unique. Found duplicate entry for {tier}_ACCESS."


def limit(tier: str, text: str) -> str:
    return f"Days specified in {tier}_ACCESS tier should not be {text}."


NOT_GREATER = "Days specified in DEEP_ARCHIVE_ACCESS should be greater than days specified in ARCHIVE_ACCESS"


@pytest.mark.parametrize(
    ("tierings", "message"),
    [
        (tiers((ARCHIVE, 89)), limit(ARCHIVE, "less than 90")),
        (tiers((ARCHIVE, 0)), limit(ARCHIVE, "less than 90")),
        (tiers((ARCHIVE, -1)), limit(ARCHIVE, "less than 90")),
        (tiers((ARCHIVE, 731)), limit(ARCHIVE, "more than 730")),
        (tiers((DEEP, 179)), limit(DEEP, "less than 180")),
        (tiers((DEEP, 731)), limit(DEEP, "more than 730")),
        (tiers((ARCHIVE, 90), (DEEP, 90)), limit(DEEP, "less than 180")),
        (tiers((ARCHIVE, 180), (DEEP, 180)), NOT_GREATER),
        (tiers((DEEP, 180), (ARCHIVE, 200)), NOT_GREATER),
        (tiers((ARCHIVE, 90), (ARCHIVE, 90)), twice(ARCHIVE)),
        (tiers((ARCHIVE, 90), (DEEP, 180), (DEEP, 200)), twice(DEEP)),
    ],
)
def test_days(door: Door, tierings: list[dict[str, Any]], message: str) -> None:
    TIERING.put(door.client)
    with unchanged(door.fake):
        refused(partial(TIERING.put, door.client, Tierings=tierings), 400, "InvalidAccessTier", message)


GOOD = TIERING.xml
MALFORMED = [
    GOOD.replace("<Status>Enabled</Status>", ""),
    GOOD.replace(">Enabled", ">enabled"),
    GOOD.replace(">Enabled", ">"),
    GOOD.replace(">Enabled", ">On"),
    GOOD.partition("<Tiering>")[0],
    GOOD.replace("<Days>90</Days>", ""),
    GOOD.replace("<AccessTier>ARCHIVE_ACCESS</AccessTier>", ""),
    GOOD.replace("ARCHIVE_ACCESS", "archive_access"),
    GOOD.replace("ARCHIVE_ACCESS", "FREQUENT_ACCESS"),
    GOOD.replace("90", "x"),
    GOOD.replace("90", "90.5"),
    GOOD.replace("90", "2147483648"),
    GOOD.replace("<Days>90</Days>", "<Days>90</Days><Days>90</Days>"),
    GOOD.replace("<Tiering>", "<Tierings>").replace("</Tiering>", "</Tierings>"),
]


@pytest.mark.parametrize("content", MALFORMED)
def test_malformed(door: Door, content: str) -> None:
    TIERING.put(door.client)
    with unchanged(door.fake):
        response = door.raw("PUT", "/bucket?intelligent-tiering&id=a", body=TIERING.body(content=content))
        assert_error(response, 400, "MalformedXML", MALFORMED_XML)
