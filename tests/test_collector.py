"""The garbage collector runs after a pause as it did before."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Iterator

import pytest

from fakes3part.collector import collecting_no_garbage

FIRST_PUT = """
import gc
{before}
from fakes3part import mock_s3
import boto3
with mock_s3():
    s3 = boto3.client("s3", region_name="us-east-1")
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="key")
print(gc.isenabled())
"""


@pytest.fixture(params=[True, False], ids=["on", "off"])
def is_on(request: pytest.FixtureRequest) -> Iterator[bool]:
    was_on = gc.isenabled()
    (gc.enable if request.param else gc.disable)()
    yield request.param
    (gc.enable if was_on else gc.disable)()


def test_it_pauses_and_goes_on(*, is_on: bool) -> None:
    with collecting_no_garbage():
        assert not gc.isenabled()
        with collecting_no_garbage():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled() is is_on


def test_it_goes_on_after_an_error(*, is_on: bool) -> None:
    with pytest.raises(ImportError), collecting_no_garbage():
        raise ImportError
    assert gc.isenabled() is is_on


@pytest.mark.parametrize(("before", "after"), [("", "True"), ("gc.disable()", "False")])
def test_a_first_put_changes_nothing(before: str, after: str) -> None:
    script = FIRST_PUT.format(before=before)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == (f"{after}\n", "")
