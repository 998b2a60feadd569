"""What is measured in-process: one case a row of the table, the same calls for every system."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import ClientError

from . import canned, http_doors
from .canned import BODY, BUCKET, FULL_BUCKET, KEY, MISSING
from .systems import ACCESS, System

PART = b"x" * (8 * 2**20)
_THOUSAND = [f"prefix/key-{number:05}" for number in range(1000)]


@dataclass(frozen=True)
class Measured:
    """A case made ready in one system: ``call`` is measured, ``before`` (not measured) readies a block of calls."""

    call: Callable[[], object]
    before: Callable[[], object] = lambda: None


Start = Callable[[System, ExitStack], Measured]


@dataclass(frozen=True)
class Case:
    """One row.

    Attributes:
        name: what the row is called.
        start: makes it ready in a system; what it enters is left when the case ends.
        target: at most so many times the base; without a base, at most so many seconds.
        calls: how many of them make one measured block.
        base: the system that ours is compared with.
        systems: who takes part.
        compared: are the floor's answers compared with ours?
    """

    name: str
    start: Start
    target: float
    calls: int
    base: str | None = "floor"
    systems: tuple[str, ...] = ("floor", "ours", "moto")
    compared: bool = True


def _inside(system: System, stack: ExitStack, bucket: str = BUCKET) -> Any:
    """A client with an empty bucket, inside the mock."""
    stack.enter_context(system.mock())
    client = system.client()
    client.create_bucket(Bucket=bucket)
    return client


def _put(system: System, stack: ExitStack) -> Measured:
    client = _inside(system, stack)
    return Measured(lambda: client.put_object(Bucket=BUCKET, Key=KEY, Body=BODY))


def _get(system: System, stack: ExitStack) -> Measured:
    client = _inside(system, stack)
    client.put_object(Bucket=BUCKET, Key=KEY, Body=BODY)
    return Measured(lambda: client.get_object(Bucket=BUCKET, Key=KEY)["Body"].read())


def _head(system: System, stack: ExitStack) -> Measured:
    client = _inside(system, stack)
    client.put_object(Bucket=BUCKET, Key=KEY, Body=BODY)
    return Measured(lambda: client.head_object(Bucket=BUCKET, Key=KEY))


def _thousand(system: System, stack: ExitStack) -> tuple[Any, Callable[[], None]]:
    """A client, and what puts a thousand objects into its bucket."""
    canned.fill(_THOUSAND)
    client = _inside(system, stack, FULL_BUCKET)

    def fill() -> None:
        for key in _THOUSAND:
            client.put_object(Bucket=FULL_BUCKET, Key=key, Body=BODY)

    return client, fill


def _list(system: System, stack: ExitStack) -> Measured:
    client, fill = _thousand(system, stack)
    fill()
    return Measured(lambda: client.list_objects_v2(Bucket=FULL_BUCKET))


def _delete(system: System, stack: ExitStack) -> Measured:
    client, fill = _thousand(system, stack)
    wanted = {"Objects": [{"Key": key} for key in _THOUSAND]}
    return Measured(lambda: client.delete_objects(Bucket=FULL_BUCKET, Delete=wanted), before=fill)


def _upload_part(system: System, stack: ExitStack) -> Measured:
    client = _inside(system, stack)
    upload = client.create_multipart_upload(Bucket=BUCKET, Key=KEY)["UploadId"]
    return Measured(lambda: client.upload_part(Bucket=BUCKET, Key=KEY, UploadId=upload, PartNumber=1, Body=PART))


def _enter_and_leave(system: System, stack: ExitStack) -> Measured:
    system.client()  # exists, and is not touched

    def call() -> None:
        with system.mock():
            pass

    return Measured(call)


def _new_client(system: System, stack: ExitStack) -> Measured:
    system.client()  # warms boto3's default session

    def call() -> None:
        with system.mock():
            system.new_client()

    return Measured(call)


def _new_session(system: System, stack: ExitStack) -> Measured:
    stack.enter_context(system.mock())
    return _new_sessions(system)


def _beside_a_server(system: System, stack: ExitStack) -> Measured:
    stack.enter_context(system.server())
    return _new_sessions(system)


def _new_sessions(system: System) -> Measured:
    for _ in range(2):
        boto3.Session().client("s3", **ACCESS)

    return Measured(lambda: system.connect(boto3.Session().client("s3", **ACCESS)))


def _small_test(system: System, stack: ExitStack) -> Measured:
    system.client()

    def call() -> None:
        with system.mock():
            client = system.new_client()
            client.create_bucket(Bucket=BUCKET)
            client.put_object(Bucket=BUCKET, Key=KEY, Body=BODY)
            client.get_object(Bucket=BUCKET, Key=KEY)["Body"].read()
            client.list_objects_v2(Bucket=BUCKET)
            try:
                client.get_object(Bucket=BUCKET, Key=MISSING)
            except ClientError:
                return
            raise AssertionError("the missing key was found")

    return Measured(call)


def _http(library: str, method: str) -> Start:
    return lambda system, stack: Measured(http_doors.start(library, method, system, stack))


OTHER_LIBRARIES = tuple(f"{library}:" for library in http_doors.LIBRARIES)
"""How the names of the rows of other libraries than boto3 begin."""

CASES = (
    Case("put 1 KiB", _put, target=1.15, calls=200),
    Case("get 1 KiB", _get, target=1.1, calls=200),
    Case("head 1 KiB", _head, target=1.08, calls=200),
    Case("list 1,000", _list, target=1.08, calls=5),
    Case("DeleteObjects 1,000", _delete, target=1.12, calls=1),
    Case(
        "UploadPart 8 MiB", _upload_part, target=1.0, calls=4, base="floor-read", systems=("floor", "floor-read", "ours", "moto")
    ),
    Case("enter + leave", _enter_and_leave, target=5e-5, calls=100, base=None, systems=("ours", "moto"), compared=False),
    Case("enter + client + leave", _new_client, target=1.15, calls=20, compared=False),
    Case("a new session's client", _new_session, target=0.25, calls=5, compared=False),
    Case("a new session's client beside a server", _beside_a_server, target=0.25, calls=5, compared=False),
    Case("a small test", _small_test, target=1.0, calls=10, compared=False),
    *(
        Case(f"{library}: {method.lower()} 1 KiB", _http(library, method), 1.3, 100, systems=("floor", "ours"), compared=False)
        for library in http_doors.LIBRARIES
        for method in ("GET", "PUT")
    ),
)
