"""What a process imports before its first call has a bound: start-up time is import time, and it grows unnoticed.

A module that a fake or a put needs is welcome: raise the bound. Any other is imported by the function that needs it.
"""

from __future__ import annotations

import os
import subprocess
import sys

FAKE = "import fakes3part; fakes3part.FakeS3()"
PARTS = f"{FAKE.replace('fakes3part.FakeS3', 'fake = fakes3part.FakeS3')}; fake.store, fake.kms, fake.calls, fake.events"
PUT = """
import boto3
from fakes3part import mock_s3

with mock_s3():
    s3 = boto3.client("s3", region_name="us-east-1")
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="key", Body=b"body")
"""


def _imported_by(code: str) -> set[str]:
    """Return the modules that a process imports, beside those of the interpreter itself."""
    script = f"import sys; before = {{*sys.modules}}\n{code}\nprint(*sorted(sys.modules.keys() - before))"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("FAKES3PART_", "COVERAGE_"))}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment)
    return set(done.stdout.split())


def _beneath(modules: set[str], *packages: str) -> set[str]:
    """Return the modules that are one of the packages, or in one."""
    return {name for name in modules if name.startswith(tuple(f"{package}." for package in packages)) or name in packages}


def test_what_a_fake_imports() -> None:
    imported = _imported_by(FAKE)
    assert len(_beneath(imported, "fakes3part")) <= 20
    assert not _beneath(imported, "hashlib", "logging", "random", "socket", "sortedcontainers", "urllib", "fakes3part.state")


def test_what_the_parts_of_a_fake_import() -> None:
    imported = _imported_by(PARTS)
    assert len(_beneath(imported, "fakes3part")) <= 60
    heavy = {
        "asyncio",
        "concurrent",
        "email",
        "http",
        "importlib.abc",
        "subprocess",
        "tempfile",
        "unittest",
        "urllib.request",
        "xml",
    }
    if sys.version_info < (3, 11):
        heavy.remove("subprocess")  # the standard library's platform imports it
    assert not _beneath(imported, "botocore", "boto3", "urllib3", *heavy)


def test_what_the_parts_of_a_fake_import_of_the_state() -> None:
    """Each of these modules makes classes, which takes about a millisecond a class."""
    imported = {name.rpartition(".")[2] for name in _beneath(_imported_by(PARTS), "fakes3part.state")}
    assert imported <= {
        "access_control",
        "access_points",
        "bucket",
        "bucket_configuration",
        "encryption",
        "kms",
        "object_lambdas",
        "objects",
        "pending_logs",
        "sorted_index",
        "state",
        "store",
        "usage",
        "versions",
    }


def test_modules_are_attributes_without_an_import() -> None:
    script = f"""{FAKE}
for name in ("faults", "events", "journal", "inspection", "message", "settings"):
    assert getattr(fakes3part, name) is sys.modules["fakes3part." + name]
for name in ("fault", "_faults", "__wrapped__", "conftest_plugin"):
    try:
        getattr(fakes3part, name)
    except AttributeError as error:
        assert str(error) == f"module 'fakes3part' has no attribute {{name!r}}"
    else:
        raise AssertionError(name)
try:
    from fakes3part import nothing
except ImportError as error:
    assert "cannot import name 'nothing'" in str(error)
else:
    raise AssertionError"""
    assert "fakes3part.faults" in _imported_by(script)


def test_what_the_first_put_imports() -> None:
    imported = _imported_by(PUT)
    assert len(_beneath(imported, "fakes3part")) <= 215
    unneeded = ("cli", "control", "effects", "seeding", "select", "server", "snapshots", "website.endpoint")
    assert not _beneath(imported, *(f"fakes3part.{package}" for package in unneeded))
    assert not _beneath(imported, "cheroot", "werkzeug", "cryptography", "xmltodict")
    configurations = ("analytics", "cors", "inventory", "lifecycle", "metadata_tables", "notification", "replication", "website")
    assert not _beneath(imported, *(f"fakes3part.{layer}.{name}" for layer in ("state", "rules") for name in configurations))
    assert not _beneath(imported, "fakes3part.faults.effects", "fakes3part.auth.sessions", "fakes3part.journal.hints")
