"""Save the state of a fake to an archive, and load it.

The file is a ZIP archive, version 1 of its format:

* ``fakes3part.json``: ``{"format": "fakes3part", "version": 1, "settings": {"region", "account"},
  "clock": null | {"frozen": date} | {"offset": seconds}, "kms": ..., "buckets": [...]}``. A bucket, a version, a lifecycle rule
  ... is an object ``{"$": class, field: value}`` with those fields of the dataclass in `fakes3part.state` that do not have
  their default value (see `json_codec`).
  Objects that exist as a rule are saved as the rule (``rules``), synthetic bytes as seed and size.
* ``data/<SHA-256 in hex>``: the bytes of objects, parts and annotations, each only once.

The same state gives the same file, byte for byte. It does not contain functions (Object Lambda), accounts with their keys, and
the customers' keys of SSE-C, of which only a salted digest is stored; the clock only if a test moved or froze it.
"""

from __future__ import annotations

import json
import os
import tempfile
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from ..clock import ClockState
from ..state.access_logs import AccessLog
from ..state.access_points import AccessPoint
from ..state.bucket import GENERAL_PURPOSE, KINDS, Bucket
from ..state.kms import Alias, Key, KmsState
from ..state.objects import Data, Version
from ..state.replication import PendingReplication
from ..state.rule_index import RuleIndex
from ..state.snapshot import Snapshot
from ..state.store import Store
from ..state.uploads import Upload
from .json_codec import DecodeError, Decoder, Encoder
from .rules import decode_rules, encode_rules
from .snapshot import restore, take

if TYPE_CHECKING:
    from ..backend import Backend

FORMAT, VERSION = "fakes3part", 3
_INDEX = "fakes3part.json"
_DATA = "data/"
_CONTAINERS = ("objects", "versions_by_key", "uploads", "uploads_by_key")
_NOT_ENCODED = (*_CONTAINERS, "lock", "epoch", "shares_uploads", "deleted", "public_access_blocks", "usage")
_UNREADABLE = (BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError, ValueError, zlib.error)
"""What zipfile raises for damaged archives."""

_DATE = (1980, 1, 1, 0, 0, 0)
"""The modification time of each entry: the earliest of the ZIP format."""


class ArchiveError(ValueError):
    """A file is not an archive of a fake, or is damaged."""


def save(backend: Backend, path: str | os.PathLike[str]) -> None:
    """Write the state to a file, see `FakeS3.save`. An existing file stays as it is if that fails."""
    snapshot = take(backend)
    target = Path(path)
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file, ZipFile(file, "w") as archive:
            _write(archive, snapshot, backend)
        _set_default_permissions(name)
        os.replace(name, target)
    except BaseException as error:
        with suppress(FileNotFoundError):
            os.unlink(name)
        if isinstance(error, OSError) and error.filename is None:  # while writing: the disk is full, for example
            raise OSError(error.errno, error.strerror, str(path)) from None
        raise


def _set_default_permissions(name: str) -> None:
    """Give a temporary file the permissions of any new file."""
    mask = os.umask(0)
    os.umask(mask)
    os.chmod(name, 0o666 & ~mask)


def _write(archive: ZipFile, snapshot: Snapshot, backend: Backend) -> None:
    written: set[str] = set()

    def blob(data: Data) -> str:
        digest = sha256()
        for segment in data.segments:
            digest.update(segment)
        name = digest.hexdigest()
        if name not in written:
            written.add(name)
            entry = ZipInfo(_DATA + name, _DATE)
            with archive.open(entry, "w", force_zip64=data.size >= 2**31) as target:
                for segment in data.segments:
                    target.write(segment)
        return name

    encode = Encoder(blob)
    index = {
        "format": FORMAT,
        "version": VERSION,
        "settings": {"region": backend.settings.region, "account": backend.settings.account},
        "clock": _encode_clock(snapshot.clock),
        "processes_ran_at": encode(snapshot.store.processes_ran_at),
        "access_logs": [encode(log) for log in snapshot.store.access_logs.logs()],
        "pending_replications": [encode(pending) for pending in snapshot.store.pending_replications],
        "timed_replications": [encode(pending) for pending in snapshot.store.timed_replications],
        "kms": {
            "keys": [encode(key) for key in snapshot.kms.keys],
            "aliases": [[*name, alias.key_id] for name, alias in snapshot.kms.aliases.items()],
        },
        "buckets": [_encode_bucket(encode, bucket) for bucket in snapshot.store.buckets.values()],
        "outposts": [_encode_bucket(encode, bucket) for bucket in snapshot.store.points.outposts.values()],
        "points": [encode(point) for point in snapshot.store.points.points.values()],
        "public_access_blocks": encode(snapshot.store.public_access_blocks),
    }
    entry = ZipInfo(_INDEX, _DATE)
    entry.compress_type = ZIP_DEFLATED
    archive.writestr(entry, json.dumps(index, separators=(",", ":")))


def _encode_clock(hold: ClockState) -> dict[str, Any] | None:
    if hold.frozen is not None:
        return {"frozen": hold.frozen.isoformat()}
    return {"offset": hold.offset / timedelta(seconds=1)} if hold.offset else None


def _encode_bucket(encode: Encoder, bucket: Bucket) -> dict[str, Any]:
    rules = {"rules": encode_rules(encode, bucket.objects)} if isinstance(bucket.objects, RuleIndex) else {}
    return {
        **encode.fields(bucket, leave_out=_NOT_ENCODED),
        **rules,
        "versions": [[encode(version) for version in versions.values()] for versions in bucket.versions_by_key.values.values()],
        "objects": [encode(version) for key, version in bucket.objects.values.items() if key not in bucket.versions_by_key],
        "uploads": [encode(upload) for upload in bucket.uploads_by_key.values()],
    }


# --- and back --------------------------------------------------------------------------------------------------------


def read_settings(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the settings of the fake that was saved, as keyword arguments of `Settings`.

    Raises:
        ArchiveError: the file is not an archive, or is damaged.
        OSError: the file cannot be read.
    """
    with _open(path) as archive:
        settings = _index(archive, path).get("settings")
    if not isinstance(settings, dict) or set(settings) != {"region", "account"}:
        raise ArchiveError(f"{path} is damaged: settings must be region and account, not {settings!r}")
    return settings


def load(backend: Backend, path: str | os.PathLike[str]) -> None:
    """Replace the state by that of a file, see `FakeS3.load`. Nothing changes until everything is read and checked."""
    with _open(path) as archive:
        index = _index(archive, path)
        try:
            snapshot = _read(archive, index, backend)
        except (DecodeError, KeyError, TypeError, ValueError, AttributeError, OverflowError, EOFError) as error:
            raise ArchiveError(f"{path} is damaged: {error!r}") from error
        digest = sha256(archive.read(_INDEX)).hexdigest()
    restore(backend, snapshot)
    # The ids in the file were drawn from the same generators, if the seed was the same.
    backend.ids.branch(f"loaded {digest}")


def _open(path: str | os.PathLike[str]) -> ZipFile:
    try:
        return ZipFile(path)
    except BadZipFile as error:
        raise ArchiveError(f"{path} is not an archive of FakeS3.save: {error}") from None


def _index(archive: ZipFile, path: str | os.PathLike[str]) -> dict[str, Any]:
    try:
        index = json.loads(archive.read(_INDEX))
    except KeyError:
        raise ArchiveError(f"{path} is not an archive of FakeS3.save: it has no {_INDEX}") from None
    except _UNREADABLE as error:
        raise ArchiveError(f"{path} is damaged: {error}") from None
    if not isinstance(index, dict) or index.get("format") != FORMAT:
        raise ArchiveError(f"{path} is not an archive of FakeS3.save")
    if index.get("version") != VERSION:
        raise ArchiveError(f"{path} has version {index.get('version')} of the format; this fakes3part reads version {VERSION}")
    return index


def _read(archive: ZipFile, index: Mapping[str, Any], backend: Backend) -> Snapshot:
    loaded: dict[str, Data] = {}

    def blob(name: str) -> Data:
        data = loaded.get(name)
        if data is None:
            try:
                content = archive.read(_DATA + name)
            except (KeyError, *_UNREADABLE) as error:
                raise DecodeError(f"{_DATA}{name}: {error}") from None
            if sha256(content).hexdigest() != name:
                raise DecodeError(f"the content of {_DATA}{name} does not match its SHA-256")
            data = loaded[name] = Data((content,) if content else ())
        return data

    decode = Decoder(blob)
    store = Store()
    store.processes_ran_at = {name: decode.of(datetime, at) for name, at in decode(index["processes_ran_at"]).items()}
    for raw in index["access_logs"]:
        log = decode.of(AccessLog, raw)
        store.access_logs.add(replace(log, records=()), *log.records)
    store.pending_replications.extend(decode.of(PendingReplication, raw) for raw in index["pending_replications"])
    store.timed_replications.extend(decode.of(PendingReplication, raw) for raw in index["timed_replications"])
    for raw in index["buckets"]:
        bucket = _decode_bucket(decode, raw)
        store.buckets[bucket.name] = bucket
    for raw in index["outposts"]:
        bucket = _decode_bucket(decode, raw)
        if bucket.outpost is None:
            raise DecodeError(f"bucket {bucket.name} has no Outpost")
        store.points.outposts[bucket.account, bucket.outpost, bucket.name] = bucket
    for raw in index["points"]:
        store.points.add(decode.of(AccessPoint, raw))
    store.public_access_blocks.update(decode(index["public_access_blocks"]))
    for bucket in store.buckets.values():
        bucket.public_access_blocks = store.public_access_blocks
    keys = tuple(decode.of(Key, key) for key in index["kms"]["keys"])
    aliases = {
        (str(region), str(account), str(name)): Alias(str(name), str(key))
        for region, account, name, key in index["kms"]["aliases"]
    }
    return Snapshot(None, store, _decode_clock(index["clock"], backend), KmsState(keys, aliases), backend.lambdas.points, None)


def _decode_clock(raw: Mapping[str, Any] | None, backend: Backend) -> ClockState:
    if raw is None:
        return backend.clock.state
    if "frozen" in raw:
        return ClockState(timedelta(), datetime.fromisoformat(raw["frozen"]).astimezone(timezone.utc))
    return ClockState(timedelta(seconds=raw["offset"]), None)


def _decode_bucket(decode: Decoder, raw: Mapping[str, Any]) -> Bucket:
    lists = ("versions", "objects", "uploads", "rules")
    bucket: Bucket = decode.of(Bucket, {name: value for name, value in raw.items() if name not in lists})
    # The constant itself: code compares by identity.
    bucket.kind = next((kind for kind in KINDS if kind == bucket.kind), GENERAL_PURPOSE)
    if "rules" in raw:
        bucket.objects = decode_rules(decode, raw["rules"])
    for versions in raw["versions"]:
        if not versions:
            raise DecodeError("a key without versions")
        for item in versions:
            version = decode.of(Version, item)
            versions_of_key = bucket.versions(version.key)
            versions_of_key.put(version)
            bucket.versions_by_key[version.key] = versions_of_key
        newest = bucket.versions(version.key).newest
        if newest is not None and not newest.is_delete_marker:
            bucket.objects[version.key] = newest
    for item in raw["objects"]:
        version = decode.of(Version, item)
        if version.data is None:
            raise DecodeError(f"object {version.key} has no data")
        bucket.objects[version.key] = version
    for item in raw["uploads"]:
        upload = decode.of(Upload, item)
        bucket.open_upload(upload)
    return bucket
