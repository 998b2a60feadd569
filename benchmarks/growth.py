"""Growth: what a call costs once there is much. Each row in a process of its own.

Measured on ``FakeS3.handle`` rather than through boto3, whose own work (most of it parsing) would hide what grows.
"""

from __future__ import annotations

import os
import tracemalloc
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timezone
from hashlib import md5
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import process_time
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from .measure import Call, cpu_per_call, settle
from .processes import environment
from .report import Row

if TYPE_CHECKING:
    from fakes3part import FakeS3

COLUMNS = ("small", "middle", "large", "large, after a put", "data", "most")
RATIO = "large / small"
ROUNDS = 25

_BUCKET = "bench"
_HOST = f"{_BUCKET}.s3.us-east-1.amazonaws.com"
_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
_MIB = 2**20
_WITHIN = 1.2
_WITHIN_LOG = 2.5
"""Where every entry takes a bisection of its own: log n, and memory that no cache holds."""


def rows(chosen: Callable[[str], bool], rounds: int | None, *, profiled: bool) -> Iterator[Row]:
    """Measure the chosen rows, each in ``rounds`` rounds."""
    wanted = environment()
    os.environ.clear()
    os.environ.update(wanted)
    for name, measure in _ROWS.items():
        if chosen(name):
            with get_context("spawn").Pool(1) as process:
                yield process.apply(measure, (name, rounds or ROUNDS))


class _Door:
    """The least of a client: requests straight to `FakeS3.handle`."""

    def __init__(self, **settings: Any) -> None:
        from fakes3part import FakeS3

        self.fake: FakeS3 = FakeS3(**settings)
        self.call("PUT")

    def request(self, method: str, key: str = "", query: str = "", body: bytes = b"", **headers: str) -> Callable[[], bytes]:
        """A call that asks, and reads the whole answer. Raises RuntimeError when it is a refusal."""
        from fakes3part.message import Request

        now = datetime.now(timezone.utc)
        signed = {
            "host": _HOST,
            "x-amz-date": f"{now:%Y%m%dT%H%M%SZ}",
            "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
            "authorization": f"AWS4-HMAC-SHA256 Credential=testing/{now:%Y%m%d}/us-east-1/s3/aws4_request, "
            f"SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature={'0' * 64}",
            **({"content-length": str(len(body))} if body or method in ("PUT", "POST") else {}),
            **headers,
        }

        def send() -> bytes:
            response = self.fake.handle(Request(method, _HOST, f"/{key}", query, dict(signed), body))
            data = b"".join(response.body)
            if response.status >= 300:
                raise RuntimeError(f"{method} /{key}?{query}: {response.status} {data.decode()}")
            return data

        return send

    def call(self, method: str, key: str = "", query: str = "", body: bytes = b"", **headers: str) -> bytes:
        return self.request(method, key, query, body, **headers)()

    def open_upload(self, key: str) -> str:
        """The id of a new upload."""
        return _text(self.call("POST", key, "uploads"), "UploadId")

    def complete(self, key: str, upload: str, count: int) -> Callable[[], bytes]:
        """The call that completes an upload of ``count`` parts."""
        listed = _text_by_number(self.list_parts(key, upload, count))
        parts = "".join(f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>" for number, etag in listed)
        body = f'<CompleteMultipartUpload xmlns="{_NAMESPACE}">{parts}</CompleteMultipartUpload>'
        return self.request("POST", key, f"uploadId={upload}", body.encode())

    def list_parts(self, key: str, upload: str, count: int) -> list[ElementTree.Element]:
        found: list[ElementTree.Element] = []
        while len(found) < count:
            page = ElementTree.fromstring(self.call("GET", key, f"uploadId={upload}&part-number-marker={len(found)}"))
            found += page.iterfind("{*}Part")
        return found


def _text(document: bytes, name: str) -> str:
    return ElementTree.fromstring(document).findtext(f"{{*}}{name}") or ""


def _text_by_number(parts: list[ElementTree.Element]) -> list[tuple[str, str]]:
    return [(part.findtext("{*}PartNumber") or "", part.findtext("{*}ETag") or "") for part in parts]


def _in_turn(
    calls: Mapping[str, Call], block: int, rounds: int, before: Mapping[str, Call] | None = None
) -> dict[str, list[float]]:
    """CPU seconds a call, block by block, the calls in turn. What is in ``before`` is called before each, unmeasured."""
    settle()
    figures: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        call()
    for _ in range(rounds):
        for name, call in calls.items():
            if before and name in before:
                before[name]()
            figures[name].append(cpu_per_call(call, block))
    return figures


def _grown(name: str, figures: dict[str, list[float]], target: float = _WITHIN, notes: list[str] | None = None) -> Row:
    """The worst of the large columns against the small one."""
    small = figures["small"]
    ratios = [
        median(value / least for value, least in zip(values, small, strict=True))
        for column, values in figures.items()
        if column != "small"
    ]
    middle = {column: median(values) for column, values in figures.items()}
    return Row(name, middle, measured=max(ratios), target=target, notes=notes or [])


def _fill(fake: FakeS3, bucket: str, keys: Iterable[str], versions: int = 0) -> None:
    """Put objects past the door: a million puts of it would take minutes, and it is reading that is measured.

    Each is a version of its own as a put would make it; they share the data. With ``versions``, each key has so many.
    """
    from fakes3part.state.objects import NULL, Checksum, Data, ObjectProperties, Version

    target = fake.store.buckets[bucket]
    data, properties, checksum = Data((b"x",)), ObjectProperties(), Checksum("CRC32", "jNxYfA==")
    now = datetime.now(timezone.utc)
    etag = "9dd4e461268c8034f5c8564e155c67a6"
    if versions:
        target.versioning = "Enabled"
    with target.lock:
        for key in keys:
            for version_id in [fake.ids.version_id() for _ in range(versions)] or [NULL]:
                target.store(Version(key, version_id, now, target.account, etag, data, properties, checksum))


def _keys(count: int) -> Iterator[str]:
    return (f"prefix/key-{number:07}" for number in range(count))


def _pages_of(name: str, rounds: int, base_query: str, after: str, versions: int = 0) -> Row:
    """A page of 1,000 from the middle of 1,000 (which is all), 100,000 and 1,000,000 entries."""
    calls: dict[str, Call] = {}
    for column, count in (("small", 1_000), ("middle", 100_000), ("large", 1_000_000)):
        door = _Door()
        keys = count // max(versions, 1)
        _fill(door.fake, _BUCKET, _keys(keys), versions)
        middle = "" if column == "small" else f"&{after}=prefix/key-{keys // 2:07}"
        calls[column] = door.request("GET", query=base_query + middle)
    calls["large, after a put"] = calls["large"]
    puts = (door.request("PUT", f"prefix/key-{number:07}-new", body=b"x") for number in range(rounds))
    figures = _in_turn(calls, 1, rounds, {"large, after a put": lambda: next(puts)()})
    return _grown(name, figures, notes=["blocks of one page"])


def _page(name: str, rounds: int) -> Row:
    return _pages_of(name, rounds, "list-type=2", "start-after")


def _seed_rule(door: _Door, count: int) -> None:
    from fakes3part import KeyRange

    door.fake.seed({_BUCKET: KeyRange("prefix/key-{:08d}", count)})


def _page_of_rule(name: str, rounds: int) -> Row:
    """A page of 1,000 stored keys, and the first and the 9,900th page of 10,000,000 keys that exist as a rule."""
    stored, rule = _Door(), _Door()
    _fill(stored.fake, _BUCKET, _keys(1_000))
    _seed_rule(rule, 10_000_000)
    calls: dict[str, Call] = {
        "small": stored.request("GET", query="list-type=2"),
        "middle": rule.request("GET", query="list-type=2"),
        "large": rule.request("GET", query="list-type=2&start-after=prefix/key-09900000"),
    }
    return _grown(name, _in_turn(calls, 1, rounds), notes=["small = stored, middle and large = the first and the 9,900th page"])


def _memory_of_rule(name: str, rounds: int) -> Row:
    door = _Door()
    _seed_rule(door, 1)  # imports what it needs
    door = _Door()
    count = 10_000_000
    tracemalloc.start()
    _seed_rule(door, count)
    seeded = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    notes = [f"{seeded / count:.4f} bytes a key"]
    figures = {"data": 1024.0 * count, "most": float(seeded)}
    return Row(name, figures, measured=float(seeded), target=float(count) / 100, unit="B", absolute=True, notes=notes)


def _page_of_versions(name: str, rounds: int) -> Row:
    return _pages_of(name, rounds, "versions", "key-marker", versions=1)


def _page_of_ten_versions(name: str, rounds: int) -> Row:
    return _pages_of(name, rounds, "versions", "key-marker", versions=10)


def _page_of_one_key(name: str, rounds: int) -> Row:
    """A page of the versions of one key, from the middle of them on."""
    calls: dict[str, Call] = {}
    for column, count in (("small", 2_000), ("middle", 20_000), ("large", 100_000)):
        door = _Door()
        _fill(door.fake, _BUCKET, ["key"], count)
        marker = list(door.fake.store.buckets[_BUCKET].versions("key"))[count // 2]
        calls[column] = door.request("GET", query=f"versions&key-marker=key&version-id-marker={marker}")
    return _grown(name, _in_turn(calls, 1, rounds), notes=["blocks of one page"])


def _tree(count: int) -> Iterator[str]:
    """Keys under 1,000 prefixes, with as many prefixes beneath each as there are keys for, two keys a prefix."""
    beneath = count // 1_000
    return (f"p-{first:04}/q-{second // 2:04}/key-{second % 2}" for first in range(1_000) for second in range(beneath))


def _page_of_prefixes(name: str, rounds: int) -> Row:
    calls: dict[str, Call] = {}
    for column, count in (("small", 2_000), ("middle", 100_000), ("large", 1_000_000)):
        door = _Door()
        _fill(door.fake, _BUCKET, _tree(count))
        calls[column] = door.request("GET", query="list-type=2&delimiter=/")
    figures = _in_turn(calls, 1, rounds)
    return _grown(name, figures, _WITHIN_LOG, ["1,000 common prefixes, of 2, 100 and 1,000 keys each"])


def _page_in_a_tree(name: str, rounds: int) -> Row:
    calls: dict[str, Call] = {}
    for column, prefixes in (("small", 1), ("middle", 100), ("large", 1_000)):
        door = _Door()
        keys = (f"p-{first:04}/q-{second // 2:04}/key-{second % 2}" for first in range(prefixes) for second in range(1_000))
        _fill(door.fake, _BUCKET, keys)
        calls[column] = door.request("GET", query=f"list-type=2&delimiter=/&prefix=p-{prefixes // 2:04}/")
    figures = _in_turn(calls, 2, rounds)
    return _grown(name, figures, _WITHIN_LOG, ["500 common prefixes beneath one prefix out of 1, 100 and 1,000"])


def _versions(name: str, rounds: int) -> Row:
    door = _Door()
    status = "<Status>Enabled</Status>"
    enabled = f'<VersioningConfiguration xmlns="{_NAMESPACE}">{status}</VersioningConfiguration>'.encode()
    digest = b64encode(md5(enabled).digest()).decode()
    door.call("PUT", query="versioning", body=enabled, **{"content-md5": digest})
    block = 20
    put_old = door.request("PUT", "old", body=b"x" * 1024)
    for _ in range(2_000):
        put_old()
    firsts = iter([door.request("PUT", f"new-{number}", body=b"x" * 1024) for number in range(block * rounds + 1)])
    return _grown(
        name,
        _in_turn({"small": lambda: next(firsts)(), "large": put_old}, block, rounds),
        notes=["the first version of a key enters the index of keys, too"],
    )


def _multipart_object(door: _Door, key: str, count: int) -> None:
    upload = door.open_upload(key)
    for number in range(1, count + 1):
        door.call("PUT", key, f"uploadId={upload}&partNumber={number}", os.urandom(5 * _MIB))
    door.complete(key, upload, count)()


def _range(name: str, rounds: int) -> Row:
    door = _Door()
    calls: dict[str, Call] = {}
    for column, count in (("small", 5), ("large", 60)):
        _multipart_object(door, column, count)
        start = count * 5 * _MIB // 2 - 100
        calls[column] = door.request("GET", column, range=f"bytes={start}-{start + 1023}")
    return _grown(name, _in_turn(calls, 200, rounds), notes=["a range in the middle"])


def _complete(name: str, rounds: int) -> Row:
    """Parts of 64 KiB that share their bytes: 655 MB that a joining Complete would have to write out."""
    count, body = 10_000, bytes(64 * 1024)

    def opened(door: _Door) -> Call:
        upload = door.open_upload("key")
        for number in range(1, count + 1):
            door.call("PUT", "key", f"uploadId={upload}&partNumber={number}", body)
        return door.complete("key", upload, count)

    door = _Door(min_part_size=1)
    complete = opened(door)
    started = process_time()
    complete()
    spent = process_time() - started
    complete = opened(door)
    tracemalloc.start()
    complete()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    data = count * len(body)
    figures = {"data": float(data), "most": float(most)}
    notes = [f"most = the most memory that Complete had allocated at a time; it took {spent:.3f} s of CPU (without tracing)"]
    return Row(name, figures, measured=float(most), target=data / 20, unit="B", absolute=True, notes=notes)


def _resident() -> int:
    """Bytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _memory(name: str, rounds: int) -> Row:
    import boto3

    from fakes3part import mock_s3

    from .systems import ACCESS

    with mock_s3():
        client = boto3.client("s3", **ACCESS)
        client.create_bucket(Bucket=_BUCKET)
        client.put_object(Bucket=_BUCKET, Key="first", Body=b"x")
        before = _resident()
        for number in range(1000):
            client.put_object(Bucket=_BUCKET, Key=f"key-{number}", Body=os.urandom(_MIB))
        grown = _resident() - before
    notes = [f"put through boto3; the process before had {before / 1e6:.0f} MB"]
    return Row(name, {"data": 1000.0 * _MIB, "most": float(grown)}, float(grown), 1.1e9, unit="B", absolute=True, notes=notes)


_ROWS: dict[str, Callable[[str, int], Row]] = {
    "a page of 1,000 keys out of 1,000 to 1,000,000": _page,
    "a page of 1,000 keys of 10,000,000 as a rule": _page_of_rule,
    "memory of 10,000,000 keys as a rule": _memory_of_rule,
    "a page of 1,000 versions out of 1,000 to 1,000,000, one a key": _page_of_versions,
    "a page of 1,000 versions out of 1,000 to 1,000,000, ten a key": _page_of_ten_versions,
    "a page of 1,000 versions of a key with 2,000 to 100,000": _page_of_one_key,
    "a page of 1,000 common prefixes over 2,000 to 1,000,000 keys": _page_of_prefixes,
    "a page beneath one prefix in a tree of 1,000 to 1,000,000 keys": _page_in_a_tree,
    "put of the 1st and the 2,000th version": _versions,
    "1 KiB of a multipart object of 25 and 300 MiB": _range,
    "Complete of 10,000 parts": _complete,
    "1,000 objects of 1 MiB": _memory,
}
