"""Properties of object listings: they equal a naive listing of all keys, and the pages add up to the whole."""

from __future__ import annotations

from typing import Any, NamedTuple

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.support.doors import Door
from tests.support.state import fill

LETTERS = st.sampled_from(["a", "b", "/", "-", " ", "%", "+", "\xe9", "\r", "\n", "\x01", "\uffff", "\U0001f600", "\U0010ffff"])
TEXT = st.text(LETTERS, max_size=4)
KEYS = st.sets(st.text(LETTERS, min_size=1, max_size=6), max_size=25)
LAW = settings(max_examples=60, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Question(NamedTuple):
    prefix: str
    delimiter: str
    after: str
    size: int


_LAST = "\U0010ffff"
QUESTIONS = st.builds(Question, TEXT, st.text(LETTERS, max_size=3), TEXT, st.integers(1, 6))


def _entries(keys: set[str], requested: Question) -> list[str]:
    """Return all keys and common prefixes after the marker, in UTF-8 order."""
    entries = set()
    for key in keys:
        if key.startswith(requested.prefix):
            cut = key.find(requested.delimiter, len(requested.prefix)) if requested.delimiter else -1
            entries.add(key if cut < 0 else key[: cut + len(requested.delimiter)])
    return sorted((entry for entry in entries if entry.encode() > requested.after.encode()), key=str.encode)


def _fresh(door: Door, keys: set[str]) -> None:
    door.fake.reset()
    door.client.create_bucket(Bucket="bucket")
    fill(door.fake, "bucket", keys)


def _shown(page: Any) -> list[str]:
    keys = [entry["Key"] for entry in page.get("Contents", [])]
    prefixes = [entry["Prefix"] for entry in page.get("CommonPrefixes", [])]
    assert keys == sorted(keys, key=str.encode)
    assert prefixes == sorted(prefixes, key=str.encode)
    return sorted(keys + prefixes, key=str.encode)


def _pages(s3: Any, call: str, requested: Question) -> list[Any]:
    """Return all pages; each continues at the marker of the previous one."""
    pages = []
    options: dict[str, Any] = {"Marker" if call == "list_objects" else "StartAfter": requested.after}
    while True:
        page = getattr(s3, call)(
            Bucket="bucket", Prefix=requested.prefix, Delimiter=requested.delimiter, MaxKeys=requested.size, **options
        )
        pages.append(page)
        if not page["IsTruncated"]:
            return pages
        if call == "list_objects":
            assert ("NextMarker" in page) is bool(requested.delimiter)
            options["Marker"] = page.get("NextMarker") or page["Contents"][-1]["Key"]
        else:
            options["ContinuationToken"] = page["NextContinuationToken"]


@LAW
@given(keys=KEYS, requested=QUESTIONS)
@example(keys={_LAST, _LAST * 2, _LAST * 6}, requested=Question("", _LAST, "", 1))  # no key sorts after such a prefix
def test_listing_v1(door: Door, keys: set[str], requested: Question) -> None:
    keys -= {".", ".."}
    _fresh(door, keys)
    _check(_entries(keys, requested), _pages(door.client, "list_objects", requested), requested)


@LAW
@given(keys=KEYS, requested=QUESTIONS)
@example(keys={_LAST, _LAST * 2, _LAST * 6}, requested=Question("", _LAST, "", 1))  # no key sorts after such a prefix
def test_listing_v2(door: Door, keys: set[str], requested: Question) -> None:
    keys -= {".", ".."}
    _fresh(door, keys)
    pages = _pages(door.client, "list_objects_v2", requested)
    assert [page["KeyCount"] for page in pages] == [len(_shown(page)) for page in pages]
    _check(_entries(keys, requested), pages, requested)


def _check(entries: list[str], pages: list[Any], requested: Question) -> None:
    assert [_shown(page) for page in pages] == [
        entries[start : start + requested.size] for start in range(0, max(len(entries), 1), requested.size)
    ]
