"""Concurrent calls to a bucket, and a model of what they may respond: ``python -m tests.fuzz.histories [ROUNDS] [SEED]``.

Each round, threads put, get, copy, delete and list objects, complete and abort uploads, with and without conditions; the history
of these calls must be linearizable (`tests.support.linearizability`). A round is judged for the whole bucket, not key by key:
listings show all keys at once.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from hashlib import md5
from random import Random
from typing import Any, NamedTuple

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from fakes3part.api.fakes3 import FakeS3
from fakes3part.api.server import Server
from tests.support.linearizability import Event, linearize
from tests.support.racers import short_turns

THREADS = 4
CALLS = 6
"""The calls of each thread in one round."""

KEYS = ("a", "b", "c")
UPLOADS = 4

KINDS = ("put", "put", "get", "get", "delete", "delete_objects", "copy", "complete", "complete", "abort", "list", "list_uploads")
"""What is called, how often."""

# --- the model -------------------------------------------------------------------------------------------------------


class Stored(NamedTuple):
    """An object."""

    key: str
    etag: str
    body: bytes


class Upload(NamedTuple):
    """A multipart upload with one part."""

    id: str
    key: str
    body: bytes
    part: str

    @property
    def etag(self) -> str:
        return f'"{md5(md5(self.body).digest()).hexdigest()}-1"'


class State(NamedTuple):
    """A bucket.

    Attributes:
        open: ids of uploads.
        completed: likewise.
        written: ids of uploads whose key was written since the round began. (They are older.)
        deleted: ids of uploads whose key was deleted since then.
    """

    objects: frozenset[Stored]
    open: frozenset[Upload]
    completed: frozenset[str] = frozenset()
    written: frozenset[str] = frozenset()
    deleted: frozenset[str] = frozenset()

    def get(self, key: str) -> Stored | None:
        """Return an object; None: the key has none."""
        return next((stored for stored in self.objects if stored.key == key), None)

    def _others(self, key: str) -> frozenset[Stored]:
        return frozenset(stored for stored in self.objects if stored.key != key)

    def _ids_of(self, key: str) -> set[str]:
        return {upload.id for upload in self.open if upload.key == key}

    def with_object(self, stored: Stored) -> State:
        written = self.written | self._ids_of(stored.key)
        return self._replace(objects=self._others(stored.key) | {stored}, written=written)

    def without_object(self, key: str) -> State:
        if self.get(key) is None:
            return self
        return self._replace(objects=self._others(key), deleted=self.deleted | self._ids_of(key))


class Call(NamedTuple):
    """A call of the model.

    Attributes:
        key: its key; of a listing "".
        body: what is written.
        upload: which is completed or aborted.
        condition: ("IfMatch", ETag) or ("IfNoneMatch", "*"); None: without.
    """

    name: str
    key: str = ""
    body: bytes = b""
    upload: Upload | None = None
    condition: tuple[str, str] | None = None


def apply(state: State, call: Call, result: Any) -> State | None:
    """Return the state after a call, or None if it cannot have this result: an error's code, or what `Client` returns."""
    return _MODEL[call.name](state, call, result)


def _refusal(state: State, call: Call) -> str:
    """Return the error that the condition of a write or a delete is; empty if there is none."""
    current = state.get(call.key)
    if call.condition is None:
        return ""
    name, etag = call.condition
    if name == "IfNoneMatch":
        return "PreconditionFailed" if current is not None else ""
    if current is None:
        return f"NoSuchKey {call.key}"
    return "" if etag == current.etag else "PreconditionFailed"


def _put(state: State, call: Call, result: Any) -> State | None:
    refusal = _refusal(state, call)
    if refusal:
        return state if result == refusal else None
    stored = Stored(call.key, _etag(call.body), call.body)
    return state.with_object(stored) if result == stored.etag else None


def _get(state: State, call: Call, result: Any) -> State | None:
    current = state.get(call.key)
    expected: Any = f"NoSuchKey {call.key}" if current is None else (current.etag, current.body)
    return state if result == expected else None


def _read_source(state: State, call: Call, result: Any) -> State | None:
    current = state.get(call.key)
    return state if current is not None and current.body == result else None


def _delete(state: State, call: Call, result: Any) -> State | None:
    refusal = _refusal(state, call)
    if refusal:
        return state if result == refusal else None
    return state.without_object(call.key) if result == "" else None


def _complete(state: State, call: Call, result: Any) -> State | None:
    upload = call.upload
    assert upload is not None
    if upload.id in state.completed:
        return state if result == upload.etag else None
    if upload not in state.open:
        return state if result == "NoSuchUpload" else None
    refusal = _refusal(state, call)
    if not refusal and call.condition is not None:
        changed = state.deleted if call.condition[0] == "IfNoneMatch" else state.written
        refusal = "ConditionalRequestConflict" if upload.id in changed else ""
    if refusal:
        return state if result == refusal else None
    after = state._replace(open=state.open - {upload}, completed=state.completed | {upload.id})
    return after.with_object(Stored(upload.key, upload.etag, upload.body)) if result == upload.etag else None


def _abort(state: State, call: Call, result: Any) -> State | None:
    upload = call.upload
    assert upload is not None
    if upload not in state.open:
        expected = "" if upload.id in state.completed else "NoSuchUpload"
        return state if result == expected else None
    return state._replace(open=state.open - {upload}) if result == "" else None


def _list(state: State, call: Call, result: Any) -> State | None:
    return state if result == tuple(sorted((stored.key, stored.etag) for stored in state.objects)) else None


def _list_uploads(state: State, call: Call, result: Any) -> State | None:
    return state if result == tuple(sorted((upload.key, upload.id) for upload in state.open)) else None


_MODEL: dict[str, Callable[[State, Call, Any], State | None]] = {
    "put": _put,
    "get": _get,
    "read_source": _read_source,
    "delete": _delete,
    "complete": _complete,
    "abort": _abort,
    "list": _list,
    "list_uploads": _list_uploads,
}


def _etag(body: bytes) -> str:
    return f'"{md5(body).hexdigest()}"'


# --- the calls -------------------------------------------------------------------------------------------------------


class Client:
    """One thread of a round: it calls S3 and records events."""

    def __init__(self, s3: Any, bucket: str, random: Random, uploads: list[Upload], bodies: dict[str, bytes]) -> None:
        self._s3, self._bucket, self._random, self._uploads = s3, bucket, random, uploads
        self._bodies = bodies
        """Of all clients: the ETag of a single write -> its body."""
        self._etags: dict[str, str] = {}
        """Key -> the ETag that it had when it was last seen."""
        self.events: list[Event] = []

    def call(self) -> None:
        """Make any call."""
        kind = self._random.choice(KINDS)
        getattr(self, f"_{kind}")()

    def _record(self, call: Call, send: Callable[[], Any]) -> Any:
        start = time.monotonic_ns()
        result = _result(send)
        self.events.append(Event(start, time.monotonic_ns(), call, result))
        return result

    def _condition(self, key: str, *, of_delete: bool = False) -> tuple[str, str] | None:
        kind = self._random.choice(("", "IfMatch", "IfNoneMatch"))
        if kind == "IfMatch" and key in self._etags:
            return kind, self._etags[key]
        return ("IfNoneMatch", "*") if kind == "IfNoneMatch" and not of_delete else None

    def _put(self) -> None:
        key, body = self._random.choice(KEYS), new_body(self._random)
        self._bodies[_etag(body)] = body
        condition = self._condition(key)
        arguments = {"Bucket": self._bucket, "Key": key, "Body": body, **_arguments(condition)}
        call = Call("put", key, body, None, condition)
        self._remember(key, self._record(call, lambda: self._s3.put_object(**arguments)["ETag"]))

    def _remember(self, key: str, result: str) -> None:
        if result.startswith('"'):
            self._etags[key] = result

    def _get(self) -> None:
        key = self._random.choice(KEYS)

        def send() -> Any:
            response = self._s3.get_object(Bucket=self._bucket, Key=key)
            return response["ETag"], response["Body"].read()

        got = self._record(Call("get", key), send)
        self._remember(key, got if isinstance(got, str) else got[0])

    def _delete(self) -> None:
        key = self._random.choice(KEYS)
        condition = self._condition(key, of_delete=True)
        arguments = {"Bucket": self._bucket, "Key": key, **_arguments(condition)}
        self._record(Call("delete", key, b"", None, condition), lambda: self._s3.delete_object(**arguments) and "")

    def _delete_objects(self) -> None:
        """Delete several keys: each is deleted by itself, at any moment of the call."""
        keys = self._random.sample(KEYS, 2)
        start = time.monotonic_ns()
        self._s3.delete_objects(Bucket=self._bucket, Delete={"Objects": [{"Key": key} for key in keys]})
        end = time.monotonic_ns()
        self.events += [Event(start, end, Call("delete", key), "") for key in keys]

    def _copy(self) -> None:
        """Copy an object: S3 reads the source at one moment, and writes at another."""
        source, key = self._random.sample(KEYS, 2)
        condition = self._condition(key)
        arguments = {"Bucket": self._bucket, "Key": key, "CopySource": f"{self._bucket}/{source}", **_arguments(condition)}
        start = time.monotonic_ns()
        result = _result(lambda: self._s3.copy_object(**arguments)["CopyObjectResult"]["ETag"])
        end = time.monotonic_ns()
        self._remember(key, result)
        if result == f"NoSuchKey {source}":
            self.events.append(Event(start, end, Call("get", source), result))
            return
        body, after = self._bodies.get(result, b""), None
        if result in self._bodies:
            after = len(self.events)
            self.events.append(Event(start, end, Call("read_source", source), body))
        self.events.append(Event(start, end, Call("put", key, body, None, condition), result, after))

    def _complete(self) -> None:
        upload = self._random.choice(self._uploads)
        condition = self._condition(upload.key)
        arguments = {"Bucket": self._bucket, "Key": upload.key, "UploadId": upload.id, **_arguments(condition)}
        parts = {"Parts": [{"PartNumber": 1, "ETag": upload.part}]}
        call = Call("complete", upload.key, upload.body, upload, condition)
        self._record(call, lambda: self._s3.complete_multipart_upload(**arguments, MultipartUpload=parts)["ETag"])

    def _abort(self) -> None:
        upload = self._random.choice(self._uploads)
        where = {"Bucket": self._bucket, "Key": upload.key, "UploadId": upload.id}
        self._record(Call("abort", upload.key, b"", upload), lambda: self._s3.abort_multipart_upload(**where) and "")

    def _list(self) -> None:
        def send() -> Any:
            listed = self._s3.list_objects_v2(Bucket=self._bucket).get("Contents", [])
            return tuple((one["Key"], one["ETag"]) for one in listed)

        self._record(Call("list"), send)

    def _list_uploads(self) -> None:
        def send() -> Any:
            listed = self._s3.list_multipart_uploads(Bucket=self._bucket).get("Uploads", [])
            return tuple(sorted((one["Key"], one["UploadId"]) for one in listed))

        self._record(Call("list_uploads"), send)


def new_body(random: Random) -> bytes:
    """Return a body that no other write has."""
    return random.randbytes(8).hex().encode()


def _arguments(condition: tuple[str, str] | None) -> dict[str, str]:
    return {} if condition is None else {condition[0]: condition[1]}


def _result(send: Callable[[], Any]) -> Any:
    """Return what a call returns, or its error's code, with the key that S3 did not find."""
    try:
        return send()
    except ClientError as error:
        shown: Any = error.response["Error"]
        return f"{shown['Code']} {shown['Key']}" if shown["Code"] == "NoSuchKey" else shown["Code"]


# --- rounds ----------------------------------------------------------------------------------------------------------


def check_round(s3: Any, seed: int) -> list[Event]:
    """Make concurrent calls to a new bucket, and return their history.

    Raises:
        NotLinearizable: no order of the calls explains their results.
    """
    random, bucket = Random(seed), f"bucket-{seed}"
    s3.create_bucket(Bucket=bucket)
    initial, uploads, bodies = _prepare(s3, bucket, random)
    clients = [Client(s3, bucket, Random(f"{seed} {number}"), uploads, bodies) for number in range(THREADS)]
    gate = threading.Barrier(THREADS)

    def run(client: Client) -> None:
        gate.wait(30)
        for _ in range(CALLS):
            client.call()

    with short_turns(), ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(run, clients))
    history = list[Event]()
    for client in clients:
        offset = len(history)
        history += [event._replace(after=None if event.after is None else event.after + offset) for event in client.events]
    linearize(history, initial, apply)
    return history


def _prepare(s3: Any, bucket: str, random: Random) -> tuple[State, list[Upload], dict[str, bytes]]:
    """Put an object and open uploads; return the state, the uploads, and the ETags' bodies."""
    body = new_body(random)
    bodies = {_etag(body): body}
    stored = Stored(KEYS[0], s3.put_object(Bucket=bucket, Key=KEYS[0], Body=body)["ETag"], body)
    uploads = []
    for key in itertools.islice(itertools.cycle(KEYS), UPLOADS):
        body = new_body(random)
        bodies[_etag(body)] = body
        where = {"Bucket": bucket, "Key": key}
        where["UploadId"] = s3.create_multipart_upload(**where)["UploadId"]
        part = s3.upload_part(**where, PartNumber=1, Body=body)["ETag"]
        uploads.append(Upload(where["UploadId"], key, body, part))
    return State(frozenset([stored]), frozenset(uploads)), uploads, bodies


@contextlib.contextmanager
def client_of(fake: FakeS3, *, over_http: bool) -> Iterator[Any]:
    """Yield a boto3 client of a fake, in-process or of a server."""
    config = Config(retries={"total_max_attempts": 1}, max_pool_connections=THREADS)
    keys: dict[str, Any] = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": "us-east-1"}
    with contextlib.ExitStack() as stack:
        entered = stack.enter_context(Server(fake) if over_http else fake)
        url = entered.url if isinstance(entered, Server) else None
        session = boto3.session.Session()
        yield stack.enter_context(closing(session.client("s3", endpoint_url=url, config=config, **keys)))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.histories", description=__doc__)
    parser.add_argument("rounds", nargs="?", type=int, default=500, help="how many rounds in-process, and as many by server")
    parser.add_argument("seed", nargs="?", type=int, default=0, help="equal seeds make equal calls, but not equal orders")
    options = parser.parse_args()
    for over_http in (False, True):
        counts = Counter[str]()
        with client_of(FakeS3(), over_http=over_http) as s3:
            for number in range(options.rounds):
                counts.update(event.call.name for event in check_round(s3, options.seed * 1_000_000 + number))
        calls = ", ".join(f"{count:,} {name}" for name, count in counts.most_common())
        print(f"{'server' if over_http else 'in-process'}: {options.rounds} rounds, all linearizable: {calls}", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
