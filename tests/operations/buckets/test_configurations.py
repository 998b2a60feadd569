"""A new bucket configuration takes changes in four source files, and every place that is forgotten is noticed.

The tests add a configuration that AWS does not have, BucketMotto, to a copy of the package, as CONTRIBUTING ("Add a bucket
configuration") describes it, and use it in a process of its own. The other files of a real one are its tests,
the table of operations in docs/reference/operations.md (`test_readme` compares it), a page in docs/guides/configurations and
CHANGELOG.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from fakes3part.operations.buckets.configurations import FIELDS
from fakes3part.operations.loading import load_all
from fakes3part.state.bucket_configuration import BucketConfiguration

ROOT = Path(__file__).parents[3]

OTHERS = {"acl", "metadata", "mfa_delete", "versioning"}
"""Fields whose operations are written out: their put operation sets two fields, accepts headers, or is one of several."""

MOTTO = "state/motto.py"
FIELD = "state/bucket_configuration.py"
ERROR = "error_codes/configurations.py"
ROW = "operations/buckets/motto.py"

NEW_FILES = {
    MOTTO: '''
"""The motto of a bucket."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a motto."""

    text: str


@dataclass(frozen=True, slots=True)
class Motto:
    """What PutBucketMotto set."""

    lines: tuple[Line, ...]
''',
    ROW: '''
"""PutBucketMotto, GetBucketMotto, DeleteBucketMotto."""

from __future__ import annotations

from ...errors import S3Error
from ...state.motto import Line, Motto
from ..context import Context
from ..registry import Params
from .configurations import configuration


def _parse(context: Context, params: Params) -> Motto:
    lines = params["MottoConfiguration"].get("Lines", [])
    if not lines:
        raise S3Error("MalformedXML")
    return Motto(tuple(map(Line, lines)))


configuration(
    field="motto",
    put="PutBucketMotto",
    get="GetBucketMotto",
    delete="DeleteBucketMotto",
    parse=_parse,
    show=lambda motto: {"Lines": [line.text for line in motto.lines]},
    missing="NoSuchBucketMotto",
)
''',
}

CHANGES = {
    FIELD: [
        ("from .object_lock import", "from .motto import Motto\n    from .object_lock import"),
        ("    accelerate: str | None = None\n", "    accelerate: str | None = None\n    motto: Motto | None = None\n"),
    ],
    ERROR: [
        ('    "NoSuchBucketPolicy":', '    "NoSuchBucketMotto": (404, "The motto does not exist"),\n    "NoSuchBucketPolicy":')
    ],
}
"""Source file -> (text, what replaces it)."""

BUCKET = {"shape": "BucketName", "location": "uri", "locationName": "Bucket", "contextParam": {"name": "Bucket"}}
REQUEST = {"type": "structure", "required": ["Bucket"], "members": {"Bucket": BUCKET}}
LINES = {"Lines": {"shape": "MottoLines", "locationName": "Line"}}
MODEL = {
    "operations": {
        name: {
            "name": name,
            "http": {"method": method, "requestUri": "/{Bucket}?motto", "responseCode": status},
            "input": {"shape": f"{name}Request"},
            **({"output": {"shape": "GetBucketMottoOutput"}} if method == "GET" else {}),
        }
        for name, method, status in (
            ("PutBucketMotto", "PUT", 200),
            ("GetBucketMotto", "GET", 200),
            ("DeleteBucketMotto", "DELETE", 204),
        )
    },
    "shapes": {
        "GetBucketMottoRequest": REQUEST,
        "DeleteBucketMottoRequest": REQUEST,
        "PutBucketMottoRequest": {
            "type": "structure",
            "required": ["Bucket", "MottoConfiguration"],
            "members": {"Bucket": BUCKET, "MottoConfiguration": {"shape": "Motto", "locationName": "MottoConfiguration"}},
            "payload": "MottoConfiguration",
        },
        "Motto": {"type": "structure", "members": LINES},
        "MottoLines": {"type": "list", "member": {"shape": "Prefix"}, "flattened": True},
        "GetBucketMottoOutput": {"type": "structure", "members": LINES},
    },
}
"""The operations as botocore would know them: it reads additions to its models from ``~/.aws/models``."""

USE = """
import botocore.loaders  # reads HOME, which the tests' package changes
from contextlib import closing

import pytest
from botocore.exceptions import ClientError
from fakes3part import FakeS3
from fakes3part.auth.policies.actions import ACTIONS
from tests.support.state import unchanged

for verb in ("Put", "Get", "Delete"):
    ACTIONS[f"{verb}BucketMotto"] = f"s3:{verb}BucketMotto"
fake = FakeS3()


def motto(fake):
    with closing(fake.client()) as s3:
        return s3.get_bucket_motto(Bucket="bucket")["Lines"]


def assert_missing(fake):
    with pytest.raises(ClientError, match="The motto does not exist") as caught:
        motto(fake)
    error, status = caught.value.response["Error"], caught.value.response["ResponseMetadata"]["HTTPStatusCode"]
    assert (status, error["Code"], error["BucketName"]) == (404, "NoSuchBucketMotto", "bucket")


with closing(fake.client()) as s3:
    s3.create_bucket(Bucket="bucket")
    assert_missing(fake)
    assert fake.buckets["bucket"].configuration.motto is None
    empty = fake.snapshot()

    s3.put_bucket_motto(Bucket="bucket", MottoConfiguration={"Lines": ["one", "two"]})
    assert motto(fake) == ["one", "two"]
    assert [line.text for line in fake.buckets["bucket"].configuration.motto.lines] == ["one", "two"]

    with unchanged(fake), pytest.raises(ClientError, match="MalformedXML"):
        s3.put_bucket_motto(Bucket="bucket", MottoConfiguration={})
    with pytest.raises(AssertionError), unchanged(fake):
        s3.put_bucket_motto(Bucket="bucket", MottoConfiguration={"Lines": ["three"]})

    fork, snapshot = fake.fork(), fake.snapshot()
    fake.save(archive)
    s3.delete_bucket_motto(Bucket="bucket")
    s3.delete_bucket_motto(Bucket="bucket")
    assert_missing(fake)
    assert motto(fork) == motto(FakeS3.load(archive)) == ["three"]
    fake.restore(snapshot)
    assert motto(fake) == ["three"]
    fake.restore(empty)
    assert_missing(fake)
"""


def _use(place: Path, forgotten: str | None = None) -> subprocess.CompletedProcess[str]:
    """Add the configuration to a copy of the package, except in one file (None: in all), and use it."""
    copied, models = place / "source", place / ".aws" / "models"
    shutil.copytree(ROOT / "fakes3part", copied / "fakes3part", ignore=shutil.ignore_patterns("__pycache__"))
    for name, text in NEW_FILES.items():
        if name != forgotten:
            (copied / "fakes3part" / name).write_text(text)
    for name, replacements in CHANGES.items():
        if name != forgotten:
            file = copied / "fakes3part" / name
            source = file.read_text()
            for old, new in replacements:
                assert old in source
                source = source.replace(old, new)
            file.write_text(source)
    extras = models / "s3" / "2006-03-01" / "service-2.sdk-extras.json"
    extras.parent.mkdir(parents=True)
    extras.write_text(json.dumps({"version": 1.0, "merge": MODEL}))
    path = os.pathsep.join([str(copied), str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": path, "HOME": str(place)}
    script = f"archive = {str(place / 'archive')!r}\n{USE}"
    return subprocess.run([sys.executable, "-c", script], env=environment, cwd=place, capture_output=True, text=True)


def test_a_new_configuration(tmp_path: Path) -> None:
    assert len({*NEW_FILES, *CHANGES}) == 4
    done = _use(tmp_path)
    assert done.stderr == ""
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("forgotten", "complaint"),
    [
        (MOTTO, "No module named 'fakes3part.state.motto'"),
        (FIELD, "BucketConfiguration has no field 'motto'"),
        (ERROR, "fakes3part.error_codes has no 'NoSuchBucketMotto'"),
        (ROW, "fakes3part does not implement GetBucketMotto"),
    ],
)
def test_what_is_forgotten_is_noticed(tmp_path: Path, forgotten: str, complaint: str) -> None:
    done = _use(tmp_path, forgotten)
    assert done.returncode == 1
    assert complaint in done.stderr


def test_every_field_has_its_operations() -> None:
    load_all()
    assert {field.name for field in fields(BucketConfiguration)} == FIELDS.keys() | OTHERS
