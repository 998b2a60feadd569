"""The two lists of ListObjectVersions are written as one sequence of elements, and both are still checked by the model."""

from __future__ import annotations

import re
from typing import Any

import pytest

from fakes3part.protocol.interleaved_lists import InterleavedItems
from fakes3part.protocol.model import s3_model


def written(**output: Any) -> list[str]:
    """Return (element, key) in the order of the document."""
    _, body = s3_model().operations["ListObjectVersions"].serialize({"Name": "b", **output})
    return re.findall(r"<(?:(?:Version|DeleteMarker)><Key|CommonPrefixes><Prefix|Name)>\w+", b"".join(body).decode())


def interleaved(*positions: tuple[int, str]) -> InterleavedItems:
    items = InterleavedItems()
    for position, key in positions:
        items.put(position, {"Key": key})
    return items


def test_two_lists() -> None:
    assert written(
        CommonPrefixes=[{"Prefix": "p"}], DeleteMarkers=interleaved((1, "b"), (2, "c")), Versions=interleaved((0, "a"), (3, "d"))
    ) == [
        "<Name>b",
        "<Version><Key>a",
        "<DeleteMarker><Key>b",
        "<DeleteMarker><Key>c",
        "<Version><Key>d",
        "<CommonPrefixes><Prefix>p",
    ]


def test_one_list_alone() -> None:
    assert written(DeleteMarkers=interleaved((0, "a"), (1, "b"))) == ["<Name>b", "<DeleteMarker><Key>a", "<DeleteMarker><Key>b"]
    assert written(Versions=interleaved((0, "a")), DeleteMarkers=interleaved()) == ["<Name>b", "<Version><Key>a"]
    assert written() == ["<Name>b"]


def test_plain_lists_follow_one_another() -> None:
    output = {"Versions": [{"Key": "b"}, {"Key": "c"}], "DeleteMarkers": [{"Key": "a"}]}
    assert written(**output) == ["<Name>b", "<Version><Key>b", "<Version><Key>c", "<DeleteMarker><Key>a"]


def test_the_model_checks_them() -> None:
    wrong = interleaved((0, "a"))
    wrong[0]["Colour"] = "red"
    for member, shape in (("Versions", "ObjectVersion"), ("DeleteMarkers", "DeleteMarkerEntry")):
        with pytest.raises(AssertionError, match=f"{shape} has no member Colour"):
            written(**{member: wrong})
