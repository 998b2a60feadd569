"""The modules of operations are imported when an operation is first requested, and registration does not depend on the order."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from fakes3part.operations import loading
from fakes3part.operations.loading import MODULES, implemented
from tests.support.doors import Door

ALONE = """
import os
from importlib import import_module
from fakes3part.operations import registry
from fakes3part.operations.loading import MODULES

for module, names in MODULES.items():
    if not os.fork():  # each in a process that has imported no other
        import_module(f"fakes3part.operations.{module}")
        missing = set(names) - registry.OPERATIONS.keys()
        if missing:
            print(module, "does not register", *sorted(missing), flush=True)
        os._exit(0)
    os.wait()
"""

REQUESTED = """
import sys
from fakes3part import mock_s3
import boto3

with mock_s3():
    s3 = boto3.client("s3", region_name="us-east-1")
    {calls}
prefix = "fakes3part.operations."
print(*sorted(name.removeprefix(prefix) for name in sys.modules if name.startswith(prefix)))
"""


def _run(script: str) -> str:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout


def test_each_module_registers_the_operations_of_its_row() -> None:
    assert _run(ALONE) == ""


def test_every_row_names_implemented_operations_once() -> None:
    names = [name for names in MODULES.values() for name in names]
    assert len(names) == len(set(names))
    assert set(names) <= implemented()


def test_a_put_imports_no_other_operations() -> None:
    imported = _run(REQUESTED.format(calls="s3.create_bucket(Bucket='bucket'); s3.put_object(Bucket='bucket', Key='k')")).split()
    # The other two hold what CreateBucket and PutObject share with the operations on ownership and on Object Lock.
    assert MODULES.keys() & set(imported) == {
        "buckets.buckets",
        "objects.put_object",
        "buckets.ownership_controls",
        "object_lock",
    }


def test_an_operation_without_a_row_works(door: Door, s3: Any, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "_MODULE_OF", {})
    monkeypatch.setattr(loading, "LOADED", set[str]())
    assert s3.get_bucket_versioning(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 200


RACE = """
import threading
from fakes3part import FakeS3

fake = FakeS3()
clients = [fake.client() for _ in range(8)]
clients[0].create_bucket(Bucket="bucket")
start, errors = threading.Barrier(len(clients)), []


def call(s3):
    start.wait()
    try:
        s3.put_bucket_lifecycle_configuration(
            Bucket="bucket",
            LifecycleConfiguration={"Rules": [{"ID": "a", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 1}}]},
        )
        s3.get_bucket_lifecycle_configuration(Bucket="bucket")
    except Exception as error:
        errors.append(error)


threads = [threading.Thread(target=call, args=(s3,)) for s3 in clients]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(errors)
"""


def test_threads_that_need_the_same_module_at_once() -> None:
    assert _run(RACE) == "[]\n"


DROPPED = """
import sys
from fakes3part import FakeS3
from fakes3part.operations import loading

loading.load_all()
for name in [name for name in sys.modules if name.startswith("fakes3part.operations.") and name.count(".") > 2]:
    del sys.modules[name]
loading.load_all()
import contextlib

with contextlib.closing(FakeS3().client()) as s3:
    s3.create_bucket(Bucket="bucket")
    s3.put_bucket_cors(
        Bucket="bucket", CORSConfiguration={"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}
    )
    s3.put_bucket_metrics_configuration(Bucket="bucket", Id="all", MetricsConfiguration={"Id": "all"})
    print(len(s3.get_bucket_cors(Bucket="bucket")["CORSRules"]))
"""


def test_modules_that_pytester_has_dropped_are_imported_again() -> None:
    assert _run(DROPPED) == "1\n"
