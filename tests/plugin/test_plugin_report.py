"""What the plugin reports about a test: its calls, its leftovers, its callbacks.

An inner pytest run takes seconds to import boto3, so each run has many small files, and writes its reports to one JSON file.
"""

from __future__ import annotations

import pytest

from tests.support.plugin_reports import FileReport, run

# Calls

FAILS = """
def test_it(fakes3_client, fakes3_bucket):
    fakes3_bucket.put_object(Key="report.csv", Body=b"1")
    fakes3_client.get_object(Bucket=fakes3_bucket.name, Key="reports.csv")
"""

FAKES: dict[str, str] = {
    "fixture": """
        def test_it(fakes3_client):
            fakes3_client.create_bucket(Bucket="mine")
            assert False
        """,
    "marker": """
        @pytest.mark.fakes3
        def test_it():
            client().create_bucket(Bucket="mine")
            assert False
        """,
    "decorator": """
        @mock_s3
        def test_it():
            client().create_bucket(Bucket="mine")
            assert False
        """,
    "block": """
        def test_it():
            with mock_s3():
                client().create_bucket(Bucket="mine")
            assert False
        """,
    "fake": """
        def test_it():
            with FakeS3():
                client().create_bucket(Bucket="mine")
            assert False
        """,
    "made": """
        def test_it(make_fakes3):
            make_fakes3().client().create_bucket(Bucket="mine")
            assert False
        """,
    "server": """
        def test_it(fakes3_server):
            fakes3_server.fake.client().create_bucket(Bucket="mine")
            assert False
        """,
    "unittest": """
        @mock_s3
        class TestIt(unittest.TestCase):
            def test_it(self):
                client().create_bucket(Bucket="mine")
                assert False
        """,
    "module": """
        @pytest.fixture(scope="module", autouse=True)
        def mine():
            with mock_s3():
                yield

        def test_before():
            client().create_bucket(Bucket="not-of-the-test")

        def test_it():
            client().create_bucket(Bucket="mine")
            assert False
        """,
}

NOTHING_SHOWN: dict[str, str] = {
    "without": "def test_it(): assert False",
    "no_calls": "def test_it(fakes3): assert False",
    "passes": "def test_it(fakes3_bucket): pass",
    "set_up": "@pytest.mark.fakes3(buckets=['one'])\ndef test_it(): assert False",
    "expected": "@pytest.mark.xfail(strict=True)\ndef test_it(fakes3_bucket): assert False",
    "skipped": "def test_it(fakes3_bucket): pytest.skip()",
}

PHASES = {
    "setup": """
        @pytest.fixture
        def broken(fakes3_bucket):
            fakes3_bucket.put_object(Key="k")
            assert False

        def test_it(broken): pass
        """,
    "teardown": """
        @pytest.fixture
        def late(fakes3_bucket):
            yield
            fakes3_bucket.put_object(Key="k")
            assert False

        def test_it(late): pass
        """,
    "both": """
        @pytest.fixture
        def late(fakes3_bucket):
            yield
            assert False

        def test_it(late): assert False
        """,
}

SEVERAL = """
def test_it(fakes3_client, make_fakes3):
    fakes3_client.create_bucket(Bucket="one")
    make_fakes3(seed=7).client().create_bucket(Bucket="two")
    assert False
"""


@pytest.mark.parametrize("workers", [[], ["-n2"]], ids=["alone", "xdist"])
def test_a_failing_test_shows_its_calls(pytester: pytest.Pytester, workers: list[str]) -> None:
    reports = run(pytester, {**FAKES, **NOTHING_SHOWN, **PHASES, "fails": FAILS, "several": SEVERAL}, *workers)

    words = [line.split() for line in reports["fails"].lines]
    assert [line[:5] for line in words] == [
        ["#1", "CreateBucket", "fakes3-bucket", "200", words[0][4]],
        ["#2", "PutObject", "fakes3-bucket/report.csv", "200", "in"],
        [">", "#3", "GetObject", "fakes3-bucket/reports.csv", "404"],
    ]
    assert reports["fails"].titles == ["S3 calls"]
    assert reports["fails"].text.count("bucket 'fakes3-bucket' has no 'reports.csv'; did you mean 'report.csv'?") == 1
    assert reports["fails"].advice == "--full-trace: hidden frames; fakes3.inspect() or --fakes3-inspect: the state"

    for name in FAKES:
        assert (name, reports[name].outcomes["call"], len(reports[name].lines)) == (name, "failed", 1)
        assert reports[name].lines[0].split()[1:4] == ["CreateBucket", "mine", "200"]
        assert reports[name].advice == "fakes3.inspect() or --fakes3-inspect: the state in a browser"

    for name in NOTHING_SHOWN:
        assert (name, reports[name].titles) == (name, [])
        assert reports[name].outcomes.keys() == {"setup", "call", "teardown"}

    assert [name for name in PHASES if reports[name].titles == ["S3 calls"]] == list(PHASES)
    assert reports["setup"].outcomes["setup"] == reports["teardown"].outcomes["teardown"] == "failed"
    assert [line.split()[1] for line in reports["teardown"].lines] == ["CreateBucket", "PutObject"]

    lines = reports["several"].lines
    assert lines[0].startswith("<FakeS3 of 1 buckets")
    assert lines[1].split()[1:3] == ["CreateBucket", "one"]
    assert "seed=7" in lines[3]
    assert lines[4].split()[1:3] == ["CreateBucket", "two"]


def test_trace(pytester: pytest.Pytester) -> None:
    fails = "def test_it(fakes3_client): fakes3_client.head_object(Bucket='nothing', Key='k')"
    reports = run(pytester, {"passes": NOTHING_SHOWN["passes"], "fails": fails}, "--fakes3-trace")
    assert (reports["passes"].titles, reports["fails"].titles) == (["S3 trace"], ["S3 calls", "S3 trace"])
    trace = pytest.LineMatcher(reports["fails"].sections[1][1].splitlines())
    trace.fnmatch_lines(
        [
            "#1 HeadObject nothing/k 404 NoSuchBucket*",
            "    > HEAD https://nothing.s3.amazonaws.com/k",
            "    > authorization: AWS4-HMAC-SHA256 *Signature=[*][*][*]",
            "    < 404 x-amz-request-id: *",
            "    < NoSuchBucket: The specified bucket does not exist",
            "    bucket 'nothing' was never created in this fake, which has no bucket at all",
        ]
    )


# Leftovers

LEAVES = """
def test_it(fakes3_client, fakes3_bucket):
    leave(fakes3_client, fakes3_bucket.name)
"""
LEAVES_A_BODY = """
def test_it(fakes3_client, fakes3_bucket):
    fakes3_bucket.put_object(Key="k", Body=b"hello")
    fakes3_client.get_object(Bucket=fakes3_bucket.name, Key="k")
"""
TIDIES_UP = """
@pytest.fixture
def upload(fakes3_client, fakes3_bucket):
    upload = fakes3_client.create_multipart_upload(Bucket=fakes3_bucket.name, Key="k")["UploadId"]
    yield
    fakes3_client.abort_multipart_upload(Bucket=fakes3_bucket.name, Key="k", UploadId=upload)

def test_it(upload): pass
"""
RESETS = """
def test_it(fakes3, fakes3_client, fakes3_bucket):
    leave(fakes3_client, fakes3_bucket.name)
    fakes3.reset()
"""
LEAVES_TWICE = """
def test_it(make_fakes3):
    for bucket in ("one", "two"):
        s3 = make_fakes3().client()
        s3.create_bucket(Bucket=bucket)
        leave(s3, bucket)
"""
RAISES = """
def test_it(fakes3, fakes3_bucket):
    def handler(event):
        assert event["s3"]["object"]["size"] > 5, "too small"
    fakes3.on("s3:ObjectCreated:*", handler)
    fakes3_bucket.put_object(Key="small", Body=b"x")
"""

NOTIFIED = """
def test_it(fakes3, fakes3_client, fakes3_bucket):
    arn = "arn:aws:sqs:us-east-1:123456789012:queue"
    def receive(message):
        assert "Records" in message["Body"], "no records"
    fakes3.deliver_to(arn, receive)
    entry = {"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}
    configuration = {"QueueConfigurations": [entry]}
    fakes3_client.put_bucket_notification_configuration(Bucket=fakes3_bucket.name, NotificationConfiguration=configuration)
"""

UPLOAD = "upload of fakes3-bucket/big neither completed nor aborted (no parts; created by call #2)"
BODY = "body of fakes3-bucket/k (5 bytes) neither read nor closed (call #3)"


def _marked(source: str, **keywords: str) -> str:
    given = ", ".join(f"{name}={value!r}" for name, value in keywords.items())
    return source.replace("def test_it", f"@pytest.mark.fakes3({given})\ndef test_it")


SOURCES = {
    "upload": LEAVES,
    "body": LEAVES_A_BODY,
    "nothing": "def test_it(fakes3_bucket): pass",
    "tidy": TIDIES_UP,
    "reset": RESETS,
    "marked_fail": _marked(LEAVES, leftovers="fail"),
    "marked_ignore": _marked(LEAVES, leftovers="ignore"),
    "module": f"pytestmark = pytest.mark.fakes3(leftovers='fail'){LEAVES}",
    "marked_body": _marked(LEAVES_A_BODY, leftover_bodies="warn"),
    "failed_anyway": f"{LEAVES}    assert False\n",
    "twice": LEAVES_TWICE,
    "callback": RAISES,
    "notified": NOTIFIED,
}

ALWAYS = {
    "nothing": "",
    "tidy": "",
    "reset": "",
    "marked_fail": f"failed: {UPLOAD}",
    "marked_ignore": "",
    "module": f"failed: {UPLOAD}",
    "marked_body": f"warned: {BODY}",
    "failed_anyway": "",
}

RUNS: dict[str, tuple[tuple[str, ...], str, dict[str, str]]] = {
    "default": ((), "", {"upload": f"warned: {UPLOAD}", "body": ""}),
    "options": (
        ("--fakes3-leftovers=fail", "--fakes3-leftover-bodies=warn"),
        "fakes3_leftovers = ignore\nfakes3_leftover_bodies = ignore",
        {"upload": f"failed: {UPLOAD}", "body": f"warned: {BODY}"},
    ),
    "ini": ((), "fakes3_leftovers = ignore\nfakes3_leftover_bodies = fail", {"upload": "", "body": f"failed: {BODY}"}),
    "warnings are errors": (("-Werror",), "", {"upload": f"failed: {UPLOAD}", "marked_body": f"failed: {BODY}"}),
    "warnings are ignored": ((), "filterwarnings = ignore::fakes3part.LeftoverWarning", {"upload": "", "marked_body": ""}),
}


def _outcome(report: FileReport) -> str:
    """Return how a leftover was reported: in one word and one line; empty: not at all."""
    if report.outcomes["teardown"] == "failed":
        return "failed: " + next(line for line in report.text.splitlines() if "neither" in line).rpartition("left over: ")[2]
    warnings = [warning for warning in report.warnings if warning.startswith("LeftoverWarning: ")]
    return f"warned: {warnings[0].removeprefix('LeftoverWarning: left over: ')}" if warnings else ""


@pytest.mark.parametrize(("options", "ini", "expected"), RUNS.values(), ids=RUNS)
def test_leftovers(pytester: pytest.Pytester, options: tuple[str, ...], ini: str, expected: dict[str, str]) -> None:
    reports = run(pytester, SOURCES, *options, ini=ini)
    assert {name: _outcome(reports[name]) for name in {**ALWAYS, **expected}} == {**ALWAYS, **expected}
    assert {name for name in SOURCES if reports[name].outcomes["call"] != "passed"} == {"failed_anyway"}
    both = reports["twice"].text + "".join(reports["twice"].warnings)
    assert ("one/big" in both) == ("two/big" in both) == (expected["upload"] != "")
    assert reports["callback"].outcomes["teardown"] == "failed"
    assert "a callback of fakes3.on failed: " in reports["callback"].text
    assert "handler" in reports["callback"].text
    assert " on ObjectCreated:Put of small: AssertionError: too small" in reports["callback"].text
    assert reports["callback"].titles == ["S3 calls"]
    assert reports["notified"].outcomes["teardown"] == "failed"
    text = "a function of fakes3.deliver_to failed: s3:TestEvent of fakes3-bucket to arn:aws:sqs:us-east-1:123456789012:queue: "
    assert f"{text}AssertionError: no records" in reports["notified"].text


@pytest.mark.parametrize(
    ("arguments", "ini", "source", "message"),
    [
        (("--fakes3-leftovers=maybe",), "", "", "*invalid choice: 'maybe'*"),
        ((), "fakes3_leftovers = maybe", "", "*ini option fakes3_leftovers must be one of warn, fail, ignore, not 'maybe'"),
        (
            (),
            "",
            "@pytest.mark.fakes3(leftover_bodies=1)\ndef test_it(): pass",
            "*@pytest.mark.fakes3: leftover_bodies must be one of warn, fail, ignore, not 1",
        ),
    ],
)
def test_a_mode_that_means_nothing(
    pytester: pytest.Pytester, arguments: tuple[str, ...], ini: str, source: str, message: str
) -> None:
    pytester.makeini(f"[pytest]\nasyncio_default_fixture_loop_scope = function\n{ini}")
    pytester.makepyfile(f"import pytest\n{source}")
    result = pytester.runpytest_subprocess(*arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "Traceback" not in result.stderr.str()
    pytest.LineMatcher([*result.stdout.lines, *result.stderr.lines]).fnmatch_lines([message])


def test_what_it_adds_to_help(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess("--help")
    result.stdout.fnmatch_lines(["*--fakes3-trace*", "*--fakes3-leftovers=*", "*--fakes3-leftover-bodies=*"])
    result.stdout.fnmatch_lines(["*fakes3_leftovers (string)*", "*fakes3_leftover_bodies (string)*"])
