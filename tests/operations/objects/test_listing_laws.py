"""Properties of listings of versions, uploads and parts: they equal a naive listing, and the pages add up to the whole.

(Objects: test_list_objects_laws.py.)
"""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import quote, unquote_plus, urlencode
from xml.etree import ElementTree

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fakes3part.api.fakes3 import FakeS3
from fakes3part.message import Request
from tests.support.doors import Door
from tests.support.state import SIGNED

LAST = "\U0010ffff"
LETTERS = st.sampled_from(["a", "b", "/", "-", " ", "%", "+", "\xe9", "\r", "\n", "\x01", "\uffff", "\U0001f600", LAST])
TEXT = st.text(LETTERS, max_size=4)
KEY = st.text(LETTERS, min_size=1, max_size=5)
LAW = settings(max_examples=40, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

ListedEntry = tuple[str, ...]
"""('Version' | 'DeleteMarker' | 'Upload', key, id ...), or ('CommonPrefixes', prefix)."""


def ask(fake: FakeS3, method: str, key: str = "", query: str = "", body: bytes = b"") -> Any:
    """Send a request by the fake's `handle`, which is fast."""
    headers = {name.lower(): value for name, value in SIGNED.items()} | {"content-length": str(len(body))}
    response = fake.handle(Request(method, "localhost", f"/bucket/{quote(key)}", query, headers, body))
    assert response.status < 300, (method, key, query, b"".join(response.body))
    return response


def fresh(door: Door) -> FakeS3:
    door.fake.reset()
    door.client.create_bucket(Bucket="bucket")
    return door.fake


class Question(NamedTuple):
    prefix: str
    delimiter: str
    key_marker: str
    size: int


QUESTIONS = st.builds(Question, TEXT, st.text(LETTERS, max_size=2), TEXT, st.integers(1, 6))


def page(door: Door, kind: str, requested: Question, **markers: str) -> tuple[list[ListedEntry], dict[str, str]]:
    """Return the entries in the order of the document (its prefixes, which are at its end, last) and the other fields."""
    size = "max-uploads" if kind == "uploads" else "max-keys"
    query = {
        "prefix": requested.prefix,
        "delimiter": requested.delimiter,
        size: requested.size,
        "encoding-type": "url",
        **markers,
    }
    response = door.raw("GET", f"/bucket?{kind}&{urlencode(query, quote_via=quote)}")
    assert response.status == 200, response.body
    entries: list[ListedEntry] = []
    others: dict[str, str] = {}
    for child in ElementTree.fromstring(response.body):
        name = child.tag.rpartition("}")[2]
        fields = {one.tag.rpartition("}")[2]: one.text or "" for one in child}
        if name == "CommonPrefixes":
            entries.append((name, unquote_plus(fields["Prefix"])))
        elif name in ("Version", "DeleteMarker"):
            entries.append((name, unquote_plus(fields["Key"]), fields["VersionId"], fields["IsLatest"]))
        elif name == "Upload":
            entries.append((name, unquote_plus(fields["Key"]), fields["UploadId"]))
        else:
            others[name] = child.text or ""
    return entries, others


def rolled_up(entries: list[ListedEntry], requested: Question, behind: int | None) -> list[ListedEntry]:
    """Return the entries that are listed: those after the key marker, or after the entry with an index."""
    shown: list[ListedEntry] = []
    for index, entry in enumerate(entries):
        key = entry[1]
        if not key.startswith(requested.prefix):
            continue
        cut = key.find(requested.delimiter, len(requested.prefix)) if requested.delimiter else -1
        if cut >= 0:
            rolled = ("CommonPrefixes", key[: cut + len(requested.delimiter)])
            if rolled[1].encode() > requested.key_marker.encode() and rolled not in shown:
                shown.append(rolled)
        elif key.encode() > requested.key_marker.encode() or (
            behind is not None and key == requested.key_marker and index > behind
        ):
            shown.append(entry)
    return shown


def as_documents(entries: list[ListedEntry], size: int) -> list[list[ListedEntry]]:
    """Split entries into pages of a size; in a document the prefixes follow the other entries."""
    pages = [entries[start : start + size] for start in range(0, max(len(entries), 1), size)]
    return [sorted(one, key=lambda entry: entry[0] == "CommonPrefixes") for one in pages]


# --- versions --------------------------------------------------------------------------------------------------------

STEPS = st.lists(st.tuples(st.sampled_from(["put", "put", "mark", "mark", "drop", "Enabled", "Suspended"]), KEY), max_size=14)


def build(fake: FakeS3, steps: list[tuple[str, str]], status: str | None) -> list[ListedEntry]:
    """Take the steps, under versioning; every version and marker by key, the newest first, as a naive reader counts them."""
    inside = fake.store.buckets["bucket"]
    inside.versioning = status
    stored: dict[str, dict[str, str]] = {}
    for step, key in steps:
        if key in (".", ".."):
            continue
        versions = stored.setdefault(key, {})
        if step == "drop":
            if versions:
                dropped = list(versions)[len(key) % len(versions)]
                ask(fake, "DELETE", key, f"versionId={dropped}")
                del versions[dropped]
        elif step in ("Enabled", "Suspended"):
            inside.versioning = step
        else:
            response = ask(fake, "DELETE" if step == "mark" else "PUT", key)
            version_id = dict(response.headers).get("x-amz-version-id", "null")
            versions.pop(version_id, None)
            if step == "put" or inside.versioning is not None:
                versions[version_id] = "Version" if step == "put" else "DeleteMarker"
    return [
        (kind, key, version_id, "true" if place == 0 else "false")
        for key in sorted(stored, key=str.encode)
        for place, (version_id, kind) in enumerate(reversed(stored[key].items()))
    ]


@LAW
@given(
    before=st.lists(st.tuples(st.just("put"), KEY), max_size=3),
    steps=STEPS,
    requested=QUESTIONS,
    marker=st.integers(0, 30),
)
@example(before=[], steps=[("put", LAST * count) for count in (1, 2, 6)], requested=Question("", LAST, "", 1), marker=30)
@example(before=[], steps=[("put", "a"), ("mark", "a"), ("put", "a")], requested=Question("", "", "", 1), marker=0)
def test_versions(door: Door, before: Any, steps: Any, requested: Question, marker: int) -> None:
    fake = fresh(door)
    entries = build(fake, [*before, ("Enabled", "a"), *steps], None)
    markers = {"key-marker": requested.key_marker} if requested.key_marker else {}
    behind = None
    if marker < len(entries):  # begin between two versions of a key
        behind = marker
        requested = requested._replace(key_marker=entries[marker][1])
        markers = {"key-marker": requested.key_marker, "version-id-marker": entries[marker][2]}
    shown: list[list[ListedEntry]] = []
    while True:
        found, fields = page(door, "versions", requested, **markers)
        shown.append(found)
        if fields["IsTruncated"] == "false":
            break
        markers = {"key-marker": unquote_plus(fields["NextKeyMarker"])}
        if "NextVersionIdMarker" in fields:
            markers["version-id-marker"] = fields["NextVersionIdMarker"]
    assert shown == as_documents(rolled_up(entries, requested, behind), requested.size)


@LAW
@given(steps=STEPS, size=st.integers(1, 4), kept=st.sets(st.integers(0, 20)))
@example(steps=[("put", "a")] * 6, size=2, kept=set())
@example(steps=[("put", "a")] * 6, size=2, kept={0, 3})
def test_versions_deleted_page_by_page(door: Door, steps: Any, size: int, kept: set[int]) -> None:
    """A client that deletes all or some entries of each page still sees every entry exactly once."""
    fake = fresh(door)
    entries = build(fake, steps, "Enabled")
    listed: list[ListedEntry] = []
    markers: dict[str, str] = {}
    while True:
        found, fields = page(door, "versions", Question("", "", "", size), **markers)
        for number, (_, key, version_id, _) in enumerate(found, len(listed)):
            if number not in kept:
                ask(fake, "DELETE", key, f"versionId={version_id}")
        listed += found
        if fields["IsTruncated"] == "false":
            break
        markers = {
            "key-marker": unquote_plus(fields["NextKeyMarker"]),
            "version-id-marker": fields["NextVersionIdMarker"],
        }
    assert [entry[:3] for entry in listed] == [entry[:3] for entry in entries]
    rest, _ = page(door, "versions", Question("", "", "", 1000))
    assert [entry[:3] for entry in rest] == [entry[:3] for number, entry in enumerate(entries) if number in kept]


# --- uploads ---------------------------------------------------------------------------------------------------------


def open_uploads(fake: FakeS3, keys: list[str]) -> list[ListedEntry]:
    """Create uploads of the keys; return them in the order of the listing: by key, then by age."""
    uploads = []
    for key in keys:
        if key not in (".", ".."):
            body = b"".join(ask(fake, "POST", key, "uploads").body).decode()
            # Not parsed: the key, which is not encoded here, may be what no parser takes.
            uploads.append(("Upload", key, body.partition("<UploadId>")[2].partition("<")[0]))
    return sorted(uploads, key=lambda upload: upload[1].encode())


@LAW
@given(keys=st.lists(KEY, max_size=12), requested=QUESTIONS, marker=st.integers(0, 30), over=st.sets(st.integers(0, 12)))
@example(keys=["a/1", "a/2", "b", "a/3"], requested=Question("", "/", "", 1), marker=30, over=set())
@example(keys=["a"] * 5, requested=Question("", "", "", 2), marker=1, over={1, 2})
def test_uploads(door: Door, keys: list[str], requested: Question, marker: int, over: set[int]) -> None:
    """Also after the marker of a closed upload: clients that clean up abort one page, then request the next."""
    fake = fresh(door)
    uploads = open_uploads(fake, keys)
    markers = {"key-marker": requested.key_marker} if requested.key_marker else {}
    behind = None
    if marker < len(uploads):
        behind = marker
        requested = requested._replace(key_marker=uploads[marker][1])
        markers = {"key-marker": requested.key_marker, "upload-id-marker": uploads[marker][2]}
    for number in over:
        if number < len(uploads):
            ask(fake, "DELETE", uploads[number][1], f"uploadId={uploads[number][2]}")
    expected = rolled_up(uploads, requested, behind)
    gone = {uploads[number] for number in over if number < len(uploads)}
    if gone:
        expected = _without(uploads, gone, requested, behind)
    shown: list[list[ListedEntry]] = []
    while True:
        found, fields = page(door, "uploads", requested, **markers)
        shown.append(found)
        if fields["IsTruncated"] == "false":
            break
        markers = {"key-marker": unquote_plus(fields["NextKeyMarker"])}
        if fields["NextUploadIdMarker"]:
            markers["upload-id-marker"] = fields["NextUploadIdMarker"]
    assert shown == as_documents(expected, requested.size)


def _without(uploads: list[ListedEntry], gone: set[ListedEntry], requested: Question, behind: int | None) -> list[ListedEntry]:
    """Return what is listed of the uploads that remain."""
    left = [upload for upload in uploads if upload not in gone]
    if behind is not None:
        behind = sum(upload not in gone for upload in uploads[: behind + 1]) - 1
    return rolled_up(left, requested, behind)


@LAW
@given(keys=st.lists(KEY, min_size=1, max_size=10), size=st.integers(1, 4))
@example(keys=["a"] * 7, size=2)
def test_uploads_aborted_page_by_page(door: Door, keys: list[str], size: int) -> None:
    fake = fresh(door)
    uploads = open_uploads(fake, keys)
    listed: list[ListedEntry] = []
    markers: dict[str, str] = {}
    while True:
        found, fields = page(door, "uploads", Question("", "", "", size), **markers)
        for _, key, upload_id in found:
            ask(fake, "DELETE", key, f"uploadId={upload_id}")
        listed += found
        if fields["IsTruncated"] == "false":
            break
        markers = {"key-marker": unquote_plus(fields["NextKeyMarker"]), "upload-id-marker": fields["NextUploadIdMarker"]}
    assert listed == uploads
    assert fake.store.buckets["bucket"].uploads == {}


# --- parts -----------------------------------------------------------------------------------------------------------


@LAW
@given(numbers=st.sets(st.integers(1, 10_000), max_size=10), size=st.integers(1, 5), after=st.integers(0, 10_001))
@example(numbers={1, 2, 3, 10_000}, size=2, after=0)
def test_parts(door: Door, numbers: set[int], size: int, after: int) -> None:
    fake = fresh(door)
    [(_, _, upload_id)] = open_uploads(fake, ["k"])
    for number in sorted(numbers, reverse=True):
        ask(fake, "PUT", "k", f"partNumber={number}&uploadId={upload_id}", b"x")
    wanted = sorted(number for number in numbers if number > after)
    shown: list[list[int]] = []
    while True:
        response = door.client.list_parts(Bucket="bucket", Key="k", UploadId=upload_id, MaxParts=size, PartNumberMarker=after)
        shown.append([part["PartNumber"] for part in response.get("Parts", [])])
        assert response["NextPartNumberMarker"] == (shown[-1][-1] if shown[-1] else 0)
        if not response["IsTruncated"]:
            break
        after = response["NextPartNumberMarker"]
    assert shown == [wanted[start : start + size] for start in range(0, max(len(wanted), 1), size)]
