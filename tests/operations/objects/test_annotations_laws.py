"""Properties of annotations: lists are in UTF-8 order with exact pages, and a payload is read as it was written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fakes3part.api.fakes3 import FakeS3
from fakes3part.errors import S3Error
from fakes3part.rules.annotations import check_name, check_payload

NAMES = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"]), min_size=1, max_size=8).filter(
    lambda name: not name.lower().startswith(("aws", "s3"))
)


@pytest.fixture(scope="module")
def notes() -> Iterator[tuple[FakeS3, Any]]:
    fake = FakeS3()
    client = fake.client()
    client.create_bucket(Bucket="bucket")
    yield fake, client
    client.close()


@given(
    put=st.dictionaries(NAMES, st.text(min_size=1, max_size=5), max_size=8),
    gone=st.lists(NAMES, max_size=3),
    prefix=st.text("ab\U0001f600", max_size=2),
    size=st.integers(1, 4),
)
@example(put={"\uffee": "x", "\U0001f600": "x", "a": "x"}, gone=[], prefix="", size=1)
def test_pages(notes: tuple[FakeS3, Any], put: dict[str, str], gone: list[str], prefix: str, size: int) -> None:
    _, s3 = notes
    where = {"Bucket": "bucket", "Key": "k"}
    s3.put_object(**where)
    for name, text in put.items():
        s3.put_object_annotation(**where, AnnotationName=name, AnnotationPayload=text.encode())
    for name in gone:
        s3.delete_object_annotation(**where, AnnotationName=name)
    left = {name: text for name, text in put.items() if name not in gone}
    expected = sorted((name for name in left if name.startswith(prefix)), key=str.encode)
    found: list[str] = []
    more: dict[str, str] = {}
    while True:
        page = s3.list_object_annotations(**where, AnnotationPrefix=prefix, MaxAnnotationResults=size, **more)
        names = [one["AnnotationName"] for one in page.get("Annotations", [])]
        assert page["AnnotationCount"] == len(names) <= size
        found += names
        if "NextContinuationToken" not in page:
            break
        assert len(names) == size
        more = {"ContinuationToken": page["NextContinuationToken"]}
    assert found == expected
    for name in found:
        got = s3.get_object_annotation(**where, AnnotationName=name)
        assert got["AnnotationPayload"].read().decode() == left[name]


@given(st.binary(min_size=1, max_size=20))
def test_a_payload_is_utf_8(payload: bytes) -> None:
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        with pytest.raises(S3Error, match="UnsupportedMediaType"):
            check_payload(payload)
    else:
        check_payload(text.encode())


@given(st.text(max_size=600))
def test_a_valid_name_is_listed_unchanged(name: str) -> None:
    """What is accepted can be written in XML 1.0 and fits."""
    from xml.etree.ElementTree import fromstring

    from fakes3part.protocol.documents import encode, escape

    try:
        check_name(name)
    except S3Error:
        return
    assert 1 <= len(name.encode()) <= 512
    assert fromstring(encode(f"<a>{escape(name)}</a>")).text == name
