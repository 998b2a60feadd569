"""What the report of a failing test shows: the user's lines, S3's error, the hint and the calls; not the insides of clients."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass

import pytest

from tests.support.plugin_reports import run

NOTES = sys.version_info >= (3, 11)
"""Whether exceptions have notes, in which hints are."""

HIDES = "--full-trace: hidden frames; fakes3.inspect() or --fakes3-inspect: the state"
SHOWS = "fakes3.inspect() or --fakes3-inspect: the state in a browser"


@dataclass
class Case:
    """A failing ``test_it``.

    Attributes:
        source: its file.
        frames: the functions of the traceback that are shown, in order; those of libraries are ``package.function``.
        marked: the operations that are marked in the table of calls; None: there is no table.
        hides: whether frames are hidden.
    """

    source: str
    frames: str = "test_it"
    marked: tuple[str, ...] | None = ()
    hides: bool = True


CASES: dict[str, Case] = {
    "get": Case("def test_it(fakes3_client): fakes3_client.get_object(Bucket='none', Key='k')", marked=("GetObject",)),
    "in_a_function": Case(
        """
        def read(client):
            return client.get_object(Bucket="none", Key="k")["Body"].read()

        def test_it(fakes3_client):
            assert read(fakes3_client) == b"1"
        """,
        "test_it read",
        marked=("GetObject",),
    ),
    "upload_part": Case(
        """
        def test_it(fakes3_client, fakes3_bucket):
            fakes3_client.upload_part(Bucket=fakes3_bucket.name, Key="k", UploadId="none", PartNumber=1, Body=b"x")
        """,
        marked=("UploadPart",),
    ),
    "bad_digest": Case(
        """
        def test_it(fakes3_client, fakes3_bucket):
            fakes3_client.put_object(Bucket=fakes3_bucket.name, Key="k", Body=b"x", ContentMD5="1B2M2Y8AsgTpgAmY7PhCfg==")
        """,
        marked=("PutObject",),
    ),
    "resource": Case("def test_it(fakes3_resource): fakes3_resource.Object('none', 'k').load()", marked=("HeadObject",)),
    "paginator": Case(
        """
        def test_it(fakes3_client):
            list(fakes3_client.get_paginator("list_objects_v2").paginate(Bucket="none"))
        """,
        marked=("ListObjectsV2",),
    ),
    "waiter": Case(
        """
        def test_it(fakes3_client):
            fakes3_client.get_waiter("object_exists").wait(Bucket="none", Key="k", WaiterConfig={"MaxAttempts": 1})
        """,
        marked=("HeadObject",),
    ),
    "transfer": Case(
        """
        def test_it(fakes3_client, tmp_path):
            tmp_path.joinpath("file").write_bytes(b"x")
            fakes3_client.upload_file(str(tmp_path / "file"), "none", "k")
        """,
        "test_it",  # the error in s3transfer's thread has no line of the user
        marked=("PutObject",),
    ),
    "thread": Case(
        """
        from concurrent.futures import ThreadPoolExecutor

        def test_it(fakes3_client):
            with ThreadPoolExecutor() as pool:
                pool.submit(fakes3_client.head_bucket, Bucket="none").result()
        """,
        marked=("HeadBucket",),
    ),
    "validation": Case("def test_it(fakes3_client): fakes3_client.get_object(Bucket='b', Key='')", marked=None),
    "guard": Case("def test_it(fakes3): boto3.client('sqs', region_name='us-east-1').list_queues()", marked=None),
    "reset_connection": Case(
        """
        from fakes3part.faults import Reset

        def test_it(fakes3, fakes3_client):
            fakes3.fail("GetObject", Reset())
            fakes3_client.get_object(Bucket="b", Key="k")
        """,
    ),
    "requests": Case(
        """
        import requests

        def test_it(fakes3):
            requests.get("https://none.s3.amazonaws.com/k", timeout=9).raise_for_status()
        """,
        marked=("GetObject",),
    ),
    "httpx": Case(
        """
        import httpx

        def test_it(fakes3):
            httpx.get("https://none.s3.amazonaws.com/k").raise_for_status()
        """,
        marked=("GetObject",),
    ),
    "urllib": Case(
        """
        from urllib.request import urlopen

        def test_it(fakes3): urlopen("https://none.s3.amazonaws.com/k")
        """,
        marked=("GetObject",),
    ),
    "companion": Case(
        """
        def test_it(fakes3):
            kms = boto3.client("kms", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
            kms.describe_key(KeyId="none")
        """,
        marked=None,
    ),
    "from": Case(
        """
        def test_it(fakes3_client):
            try:
                fakes3_client.get_object(Bucket="none", Key="k")
            except Exception as error:
                raise LookupError("no report") from error
        """,
        "test_it test_it",
        marked=("GetObject",),
    ),
    "during": Case(
        """
        def test_it(fakes3_client):
            try:
                fakes3_client.get_object(Bucket="none", Key="k")
            except Exception:
                fakes3_client.delete_object(Bucket="none", Key="k")
        """,
        "test_it test_it",
        marked=("GetObject", "DeleteObject"),
    ),
    "fixture": Case(
        """
        @pytest.fixture
        def report(fakes3_client):
            fakes3_client.put_object(Bucket="none", Key="k")

        def test_it(report): pass
        """,
        "report",
        marked=("PutObject",),
    ),
    "teardown": Case(
        """
        @pytest.fixture
        def report(fakes3_client):
            yield
            fakes3_client.put_object(Bucket="none", Key="k")

        def test_it(report): pass
        """,
        "report",
        marked=("PutObject",),
    ),
    "unittest": Case(
        """
        @mock_s3
        class TestIt(unittest.TestCase):
            def test_it(self):
                client().get_object(Bucket="none", Key="k")
        """,
        marked=("GetObject",),
    ),
    "decorator": Case("@mock_s3\ndef test_it(): client().get_object(Bucket='none', Key='k')", marked=("GetObject",)),
    "helper": Case("def test_it(fakes3): fakes3.fail('PutObjec', 'SlowDown')", marked=None),
    "setting": Case("def test_it(): FakeS3(regoin='eu-west-1')", marked=None),
    "our_fixture": Case(
        """
        @pytest.fixture(autouse=True)
        def broken(fakes3): fakes3.fail("CreateBucket", "InternalError")

        def test_it(fakes3_bucket): pass
        """,
        "conftest_plugin.fakes3_bucket",
        marked=("CreateBucket",),
    ),
    "assertion": Case(
        """
        def test_it(fakes3_bucket):
            assert fakes3_bucket.name == "mine"
        """,
        hides=False,
    ),
    "journal": Case("def test_it(fakes3, fakes3_bucket): fakes3.calls.assert_called('PutObject')", marked=None),
    "handler": Case(
        """
        def handler(**arguments): raise LookupError("mine")

        def test_it(fakes3_client):
            fakes3_client.meta.events.register("before-call.s3.GetObject", handler)
            fakes3_client.get_object(Bucket="b", Key="k")
        """,
        "test_it botocore._api_call botocore.wrapper botocore._make_api_call "
        "botocore.emit_until_response botocore.emit_until_response botocore._emit handler",
        marked=None,
        hides=False,
    ),
    "installed_handler": Case(
        """
        def test_it(fakes3_client, tmp_path, monkeypatch):
            folder = tmp_path / "site-packages"
            folder.mkdir()
            folder.joinpath("users_handler.py").write_text("def handler(**arguments): raise LookupError('mine')")
            monkeypatch.syspath_prepend(folder)
            from users_handler import handler
            fakes3_client.meta.events.register("before-call.s3.GetObject", handler)
            fakes3_client.get_object(Bucket="b", Key="k")
        """,
        "test_it botocore._api_call botocore.wrapper botocore._make_api_call "
        "botocore.emit_until_response botocore.emit_until_response botocore._emit users_handler.py.handler",
        marked=None,
        hides=False,
    ),
    "handler_calls_s3": Case(
        """
        def handler(request, **arguments): client().head_bucket(Bucket="none")

        def test_it(fakes3_client):
            fakes3_client.meta.events.register("before-send.s3.GetObject", handler)
            fakes3_client.get_object(Bucket="b", Key="k")
        """,
        "test_it handler",
        marked=("HeadBucket",),
    ),
    "skipped_by_a_fixture": Case("def test_it(fakes3): pytest.skip('later')", "", marked=None, hides=False),
    "other_server": Case(
        """
        import requests
        from pytest_httpserver import HTTPServer

        def test_it(fakes3):
            with HTTPServer() as server:
                server.expect_request("/").respond_with_data("no", status=404)
                requests.get(server.url_for("/"), timeout=9).raise_for_status()
        """,
        "test_it requests.raise_for_status",
        marked=None,
        hides=False,
    ),
    "no_fake": Case(
        """
        def test_it():
            client().get_object(Bucket="b", Key="")
        """,
        "test_it botocore._api_call botocore.wrapper botocore._make_api_call "
        "botocore._convert_to_request_dict botocore.serialize_to_request",
        marked=None,
        hides=False,
    ),
}


def shown_frames(text: str) -> str:
    """Return the functions of the frames that a report in the style ``short`` shows."""
    frames = re.findall(r"^(\S+?):\d+: in (\S+)$", re.sub(r".*/pytest_asyncio/.*", "", text), re.MULTILINE)
    return " ".join(function if "/" not in path else f"{_package(path)}.{function}" for path, function in frames)


def _package(path: str) -> str:
    folders = path.partition("site-packages/")[2] or path.lstrip("./")
    return next((part for part in folders.split("/") if part in {"conftest_plugin", "fakes3part"}), folders.partition("/")[0])


def test_frames_of_libraries_are_hidden(pytester: pytest.Pytester) -> None:
    reports = run(pytester, {name: case.source for name, case in CASES.items()}, "--tb=short")
    assert {name: shown_frames(reports[name].text) for name in CASES} == {name: case.frames for name, case in CASES.items()}
    for name, case in CASES.items():
        report = reports[name]
        if case.marked is None:
            assert (name, [text for _, text in report.sections if ">" in text]) == (name, [])
            continue
        assert (name, tuple(line.split()[2] for line in report.lines if line.startswith("> "))) == (name, case.marked)
        assert (name, report.advice) == (name, HIDES if case.hides else SHOWS)
    for name in ("validation", "guard", "helper", "setting", "journal"):
        assert (name, reports[name].sections) == (name, [])  # there are no calls, or the error lists them


GET = {"get": CASES["get"].source}
INSIDES = "botocore/client.py"


@pytest.mark.parametrize("style", ["auto", "long", "short", "line"])
def test_the_styles_that_hide_frames(pytester: pytest.Pytester, style: str) -> None:
    report = run(pytester, GET, f"--tb={style}")["get"]
    assert INSIDES not in report.text
    assert "NoSuchBucket" in report.text
    assert report.advice == HIDES
    if NOTES:
        assert report.text.count("bucket 'none' was never created in this fake") == 1
        assert report.lines[-1].startswith("> #1  GetObject  none/k  404 NoSuchBucket  ")


@pytest.mark.parametrize(
    ("arguments", "ini"),
    [(["--full-trace"], ""), (["--tb=native"], ""), ([], "fakes3_hide_frames = false"), (["-o", "fakes3_hide_frames=no"], "")],
)
def test_how_to_see_all_frames(pytester: pytest.Pytester, arguments: list[str], ini: str) -> None:
    report = run(pytester, GET, *arguments, ini=ini)["get"]
    assert INSIDES in report.text
    assert report.advice == SHOWS


def test_frames_are_hidden_in_workers_of_xdist(pytester: pytest.Pytester) -> None:
    report = run(pytester, GET, "-n2")["get"]
    assert INSIDES not in report.text
    assert report.advice == HIDES


GROUP = """
def test_it(fakes3_client):
    errors = []
    for key in "ab":
        try:
            fakes3_client.get_object(Bucket="none", Key=key)
        except Exception as error:
            errors.append(error)
    raise ExceptionGroup("both", errors)
"""


@pytest.mark.skipif(sys.version_info < (3, 11), reason="there are no exception groups")
def test_the_calls_of_a_group_are_marked(pytester: pytest.Pytester) -> None:
    """pytest 9.2 hides frames in groups; earlier ones show all."""
    report = run(pytester, {"group": GROUP}, "-p", "no:schemathesis")["group"]  # schemathesis shows the first one only
    assert [line.split()[:4] for line in report.lines] == [[">", "#1", "GetObject", "none/a"], [">", "#2", "GetObject", "none/b"]]
    assert report.text.count("fakes3_client.get_object(") == 2
    if pytest.version_tuple >= (9, 2):
        assert INSIDES not in report.text


MANY = """
def test_it(fakes3_client, fakes3_bucket):
    for number in range(30):
        fakes3_client.put_object(Bucket=fakes3_bucket.name, Key=str(number))
    fakes3_client.head_object(Bucket=fakes3_bucket.name, Key="30")
"""


def test_the_latest_calls_are_shown(pytester: pytest.Pytester) -> None:
    report = run(pytester, {"many": MANY})["many"]
    assert report.lines[0] == "... 12 earlier calls: fakes3.calls has them, --fakes3-trace shows them"
    assert [line.split()[0] for line in report.lines[1:3]] == ["#13", "#14"]
    assert [line.split()[:4] for line in report.lines[20:21]] == [[">", "#32", "HeadObject", "fakes3-bucket/30"]]
    # A response to HEAD has no message; S3's other clients would see this one.
    assert report.lines[21:] == ["         The specified key does not exist."] + (
        [] if NOTES else ["         bucket 'fakes3-bucket' has no '30'; did you mean '0' or '10' or '20'?"]
    )


TWICE = """
import requests

def test_it(fakes3):
    for _ in range(2):
        response = requests.get("https://none.s3.amazonaws.com/k", timeout=9)
    response.raise_for_status()
"""


def test_a_reason_is_given_once(pytester: pytest.Pytester) -> None:
    report = run(pytester, {"twice": TWICE})["twice"]
    assert [line.split()[:2] for line in report.lines[:2]] == [["#1", "GetObject"], [">", "#2"]]
    assert [line.strip() for line in report.lines[2:]] == [
        "The specified bucket does not exist",
        "bucket 'none' was never created in this fake, which has no bucket at all",
    ]
