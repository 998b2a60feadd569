"""Random operations on a fake, its snapshots and its forks: each equals a fake on which only its own operations were done."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import ClassVar

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from fakes3part.api.fakes3 import FakeS3
from fakes3part.state.snapshot import Snapshot
from tests.support.snapshots import ask, encoded_state, text

KEYS = ["a", "b", "b/c"]
BUCKETS = ["bkt", "bkt", "bkt", "other"]
Op = tuple[str, ...]

_VERSIONING = b"<VersioningConfiguration><Status>%b</Status></VersioningConfiguration>"
_PART = "<Part><PartNumber>%s</PartNumber><ETag>%s</ETag></Part>"


def new_fake() -> FakeS3:
    return FakeS3(seed=1, min_part_size=0)


def do(fake: FakeS3, op: Op) -> None:
    """Perform one operation. Versions and uploads are named by their positions, since each fake has its own ids."""
    name, bucket, *rest = op
    inside = fake.store.get(bucket)
    if name == "create":
        ask(fake, "PUT", f"/{bucket}")
    elif inside is None:
        return
    elif name == "drop":
        ask(fake, "DELETE", f"/{bucket}")
    elif name == "versioning":
        assert ask(fake, "PUT", f"/{bucket}?versioning", _VERSIONING % rest[0].encode()).status == 200
    elif name == "put":
        assert ask(fake, "PUT", f"/{bucket}/{rest[0]}", rest[1].encode()).status == 200
    elif name == "tag":
        ask(
            fake,
            "PUT",
            f"/{bucket}/{rest[0]}?tagging",
            b"<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>",
        )
    elif name == "delete":
        ask(fake, "DELETE", f"/{bucket}/{rest[0]}")
    elif name == "delete many":
        keys = "".join(f"<Object><Key>{key}</Key></Object>" for key in KEYS)
        assert ask(fake, "POST", f"/{bucket}?delete", f"<Delete>{keys}</Delete>".encode()).status == 200
    elif name == "delete version":
        versions = list(inside.versions(rest[0]))
        if versions:
            ask(fake, "DELETE", f"/{bucket}/{rest[0]}?versionId={versions[int(rest[1]) % len(versions)]}")
    elif name == "list":
        assert ask(fake, "GET", f"/{bucket}").status == 200
        marked = text(ask(fake, "GET", f"/{bucket}?versions&max-keys=1"))
        found = re.search("<NextVersionIdMarker>(.*)</NextVersionIdMarker>", marked)
        if found:
            key = re.search("<NextKeyMarker>(.*)</NextKeyMarker>", marked)
            assert key
            ask(fake, "GET", f"/{bucket}?versions&key-marker={key[1]}&version-id-marker={found[1]}")
    elif name == "open":
        ask(fake, "POST", f"/{bucket}/{rest[0]}?uploads")
    elif inside.uploads:
        upload = next(islice(inside.uploads.values(), int(rest[0]) % len(inside.uploads), None))
        target = f"/{bucket}/{upload.key}?uploadId={upload.id}"
        if name == "part":
            assert ask(fake, "PUT", f"{target}&partNumber={rest[1]}", rest[2].encode()).status == 200
        elif name == "complete" and upload.parts:
            parts = "".join(_PART % (part.number, part.etag) for part in upload.parts.values())
            body = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>"
            assert ask(fake, "POST", target, body.encode()).status == 200
        elif name == "abort":
            ask(fake, "DELETE", target)


def whole(fake: FakeS3) -> object:
    """Return the state, and the orders in which it is walked."""
    orders = [
        (list(bucket.objects), list(bucket.walk("")), list(bucket.uploads_by_key)) for bucket in fake.store.buckets.values()
    ]
    return encoded_state(fake), orders


@dataclass
class Twin:
    """A fake, and the operations that were done on it."""

    fake: FakeS3
    done: tuple[Op, ...] = ()


@dataclass(frozen=True)
class KeptSnapshot:
    snapshot: Snapshot
    done: tuple[Op, ...] = field(repr=False)


buckets = st.sampled_from(BUCKETS)
keys = st.sampled_from(KEYS)
numbers = st.integers(0, 3).map(str)
bodies = st.sampled_from(["x", "yy", ""])
OPS = st.one_of(
    st.tuples(st.just("put"), buckets, keys, bodies),
    st.tuples(st.just("delete"), buckets, keys),
    st.tuples(st.just("delete version"), buckets, keys, numbers),
    st.tuples(st.just("versioning"), buckets, st.sampled_from(["Enabled", "Suspended"])),
    st.tuples(st.just("open"), buckets, keys),
    st.tuples(st.just("part"), buckets, numbers, st.sampled_from("123"), bodies),
    st.tuples(st.just("complete"), buckets, numbers),
    st.tuples(st.just("abort"), buckets, numbers),
    st.tuples(st.sampled_from(["create", "drop", "delete many", "list"]), buckets),
    st.tuples(st.just("tag"), buckets, keys),
)


BEGINNING: list[Op] = [
    ("create", "bkt"),
    ("versioning", "bkt", "Enabled"),
    *[("put", "bkt", key, body) for key in "ab" for body in "xy"],
    *[("put", "bkt", f"c{number:02}", "") for number in range(16)],  # an order of fewer is always made anew
    ("open", "bkt", "a"),
    ("part", "bkt", "0", "1", "x"),
    ("open", "bkt", "b"),
    ("create", "other"),
]


class Independence(RuleBasedStateMachine):
    """Compares with a fake on which the same is done from its beginning, without snapshots and forks."""

    known: ClassVar[dict[tuple[Op, ...], object]] = {}

    @initialize()
    def begin(self) -> None:
        self.twins = [Twin(new_fake())]
        self.snapshots: list[KeptSnapshot] = []
        self.play(0, BEGINNING)

    def play(self, place: int, ops: list[Op]) -> None:
        twin = self.twins[place % len(self.twins)]
        for op in ops:
            do(twin.fake, op)
            twin.done += (op,)

    @rule(place=st.integers(0, 5), ops=st.lists(OPS, min_size=1, max_size=6))
    def work(self, place: int, ops: list[Op]) -> None:
        self.play(place, ops)

    @rule(place=st.integers(0, 5))
    def snapshot(self, place: int) -> None:
        twin = self.twins[place % len(self.twins)]
        self.snapshots.append(KeptSnapshot(twin.fake.snapshot(), twin.done))

    @rule(place=st.integers(0, 5))
    def fork(self, place: int) -> None:
        twin = self.twins[place % len(self.twins)]
        if len(self.twins) < 4:
            self.twins.append(replace(twin, fake=twin.fake.fork()))

    @rule(place=st.integers(0, 5), which=st.integers(0, 5))
    def restore(self, place: int, which: int) -> None:
        if self.snapshots:
            twin, kept = self.twins[place % len(self.twins)], self.snapshots[which % len(self.snapshots)]
            twin.fake.restore(kept.snapshot)
            twin.done = kept.done

    @invariant()
    def each_is_its_own(self) -> None:
        for twin in self.twins:
            assert whole(twin.fake) == self.expected(twin.done)

    def expected(self, done: tuple[Op, ...]) -> object:
        if done not in self.known:
            fake = new_fake()
            for op in done:
                do(fake, op)
            if len(self.known) > 500:
                self.known.clear()
            self.known[done] = whole(fake)
        return self.known[done]

    def teardown(self) -> None:
        fake = new_fake()
        for kept in self.snapshots:
            fake.restore(kept.snapshot)
            assert whole(fake) == self.expected(kept.done)


TestIndependence = Independence.TestCase
TestIndependence.settings = settings(max_examples=50, stateful_step_count=20)
