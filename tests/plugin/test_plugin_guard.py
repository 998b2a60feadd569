"""``fakes3_guard``: no test of the run reaches the real AWS, least of all one that has forgotten its fake."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import textwrap

import pytest

from fakes3part.intercept import stack

GUARD = ("-o", "fakes3_guard=true", "-p", "no:randomly", "-o", "asyncio_default_fixture_loop_scope=function")
TEXT = (
    "*ServiceNotFaked: refused: s3 PutObject at bucket.s3.amazonaws.com. fakes3_guard is on, *no fake is active here. "
    "Give the test a fake: the fixture fakes3, @pytest.mark.fakes3, or the decorator @mock_s3;*-o fakes3_guard_passthrough=s3"
)
FORGOTTEN = """
    import os
    import boto3, pytest
    from fakes3part import mock_s3

    def put():
        boto3.client("s3", "us-east-1").put_object(Bucket="bucket", Key="key", Body=b"data")
"""


@pytest.fixture(autouse=True)
def _real_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a developer's machine has."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREAL")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "real")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "false")


@pytest.mark.parametrize("way", ["ini", "flag", "override"])
def test_a_forgotten_fake(pytester: pytest.Pytester, way: str) -> None:
    if way == "ini":
        pytester.makeini("[pytest]\nfakes3_guard = true\n")
    pytester.makepyfile(FORGOTTEN + "\n    def test_it():\n        put()\n")
    options = {"ini": (), "flag": ("--fakes3-guard",), "override": GUARD}[way]
    result = pytester.runpytest_subprocess(*options)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["fakes3part: *fakes3_guard: AWS is refused)", TEXT])


PLACES = {
    "import of a test module": FORGOTTEN + "\n    put()\n    def test_it():\n        pass\n",
    "session fixture": FORGOTTEN
    + """
    @pytest.fixture(scope="session", autouse=True)
    def data():
        put()

    def test_it():
        pass
    """,
    "teardown": FORGOTTEN
    + """
    @pytest.fixture
    def data(fakes3_bucket):
        yield

    @pytest.fixture(scope="module", autouse=True)
    def clean_up():
        yield
        put()

    def test_it(data):
        pass
    """,
}


@pytest.mark.parametrize("place", PLACES)
def test_outside_of_tests(pytester: pytest.Pytester, place: str) -> None:
    pytester.makepyfile(PLACES[place])
    result = pytester.runpytest_subprocess(*GUARD)
    assert result.parseoutcomes().get("errors") == 1
    result.stdout.fnmatch_lines([TEXT])


def test_import_of_the_first_conftest(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(FORGOTTEN + "\n    put()\n")
    pytester.makepyfile("def test_it():\n    pass\n")
    result = pytester.runpytest_subprocess(*GUARD)
    assert result.ret != 0
    assert "ServiceNotFaked: refused: s3 PutObject at bucket.s3.amazonaws.com" in result.stdout.str() + result.stderr.str()


def test_xdist(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        FORGOTTEN
        + """
    @pytest.mark.parametrize("n", range(4))
    def test_it(n):
        put()

    @mock_s3(config={"core": {"mock_credentials": False}})
    def test_the_users_environment():
        assert os.environ["AWS_ACCESS_KEY_ID"] == "AKIAREAL"
        assert "AWS_ENDPOINT_URL" not in os.environ
    """
    )
    result = pytester.runpytest_subprocess("--fakes3-guard", "-n", "2")
    result.assert_outcomes(failed=4, passed=1)
    result.stdout.fnmatch_lines([TEXT])


CLIENTS = """
    import os, socket, urllib.request
    import boto3, pytest, requests
    from fakes3part import ServiceNotFaked, mock_s3

    EARLY = boto3.client("s3", "eu-west-1", aws_access_key_id="AKIAREAL", aws_secret_access_key="real")

    @pytest.mark.parametrize(
        ("attempt", "operation"),
        [
            (lambda: EARLY.list_buckets(), "ListBuckets"),
            (lambda: boto3.client("dynamodb", "us-east-1").list_tables(), "ListTables"),
            (lambda: boto3.client("lambda", "us-east-1").list_functions(), "ListFunctions"),
            (lambda: boto3.client("sts", "us-east-1").get_caller_identity(), "GetCallerIdentity"),
            (lambda: boto3.client("sqs").list_queues(), "ListQueues"),
            (lambda: boto3.Session(profile_name="team").client("iam").list_users(), "ListUsers"),
            (lambda: requests.get("http://bucket.s3.amazonaws.com/key"), "GET /key"),
            (lambda: urllib.request.urlopen("http://169.254.169.254/latest"), ""),
            (lambda: socket.create_connection(("s3.amazonaws.com", 443)), "connection"),
            (lambda: socket.gethostbyname("sqs.us-east-1.amazonaws.com"), "connection"),
        ],
    )
    def test_refused(attempt, operation):
        for _ in range(2):
            with pytest.raises(ServiceNotFaked) as caught:
                attempt()
            assert caught.value.operation == operation
            assert not caught.value.has_fake
            assert "fakes3_guard is on" in str(caught.value)
            with mock_s3():  # entering and leaving a fake changes nothing
                pass

    def test_a_fake(fakes3_bucket, fakes3):
        fakes3_bucket.put_object(Key="key", Body=b"data")
        assert EARLY.get_object(Bucket=fakes3_bucket.name, Key="key")["Body"].read() == b"data"
        with pytest.raises(ServiceNotFaked, match="While fakes3part is active") as caught:
            boto3.client("dynamodb", "us-east-1").list_tables()
        assert caught.value.has_fake

    @mock_s3(region="eu-west-1")
    def test_the_region_of_a_fake():
        assert boto3.client("s3").meta.region_name == os.environ["AWS_DEFAULT_REGION"] == "eu-west-1"

    def test_the_environment():
        assert (os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_DEFAULT_REGION"]) == ("FOOBARKEY", "us-east-1")

    @mock_s3(config={"core": {"mock_credentials": False}})
    def test_the_users_credentials():
        assert os.environ["AWS_ACCESS_KEY_ID"] == "AKIAREAL"

    @mock_s3(config={"core": {"passthrough": {"services": ["sqs"]}}})
    def test_what_a_mock_lets_through():
        with pytest.raises(OSError):
            socket.getaddrinfo("sqs.no-such-name.us-east-1.amazonaws.com", 443)

    def test_other_hosts():
        with socket.create_server(("127.0.0.1", 0)) as server:
            socket.create_connection(server.getsockname()).close()

    @mock_s3(others="moto")
    def test_moto():
        assert boto3.client("dynamodb").list_tables()["TableNames"] == []

    def test_moto_alone():
        import moto
        with moto.mock_aws():
            assert boto3.client("dynamodb").list_tables()["TableNames"] == []
            boto3.client("s3").create_bucket(Bucket="of-moto")
        with pytest.raises(ServiceNotFaked):
            boto3.client("dynamodb").list_tables()
"""


def test_clients(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    pytester.makepyfile(CLIENTS)
    result = pytester.runpytest_subprocess(*GUARD, "-W", "error")
    result.assert_outcomes(passed=18)


def test_what_is_let_through(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nfakes3_guard = true\nfakes3_guard_passthrough = sqs s3\n")
    pytester.makepyfile(
        """
        import os, socket
        import boto3, pytest
        from botocore.config import Config
        from botocore.exceptions import EndpointConnectionError
        from fakes3part import ServiceNotFaked

        def test_real_services(monkeypatch):
            hosts = []

            def getaddrinfo(host, *args, **kwargs):
                hosts.append(host)
                raise socket.gaierror("no network in tests")

            monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
            assert os.environ["AWS_ACCESS_KEY_ID"] == "AKIAREAL"
            config = Config(retries={"total_max_attempts": 1})
            for service, call in (("sqs", "list_queues"), ("s3", "list_buckets")):
                with pytest.raises(EndpointConnectionError):
                    getattr(boto3.client(service, "us-east-1", config=config), call)()
            with pytest.raises(ServiceNotFaked):
                boto3.client("dynamodb", "us-east-1").list_tables()
            assert [host.partition(".")[0] for host in hosts] == ["sqs", "s3"]

        def test_a_fake_is_served_all_the_same(fakes3_client):
            assert fakes3_client.list_buckets()["Buckets"] == []
        """
    )
    pytester.runpytest_subprocess("-p", "no:randomly").assert_outcomes(passed=2)


CHILD = """
    import os, subprocess, sys

    PROGRAM = '''
    import boto3, os
    from botocore.config import Config
    client = boto3.client("s3", "us-east-1", config=Config(retries={"total_max_attempts": 1}))
    print(os.environ["AWS_ACCESS_KEY_ID"], client.meta.endpoint_url)
    try:
        client.list_buckets()
    except Exception as error:
        print(type(error).__name__)
    '''

    def run():
        return subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True).stdout.split()

    def test_without_a_fake():
        assert run() == ["FOOBARKEY", "ENDPOINT", "EndpointConnectionError"]

    def test_with_a_fake(fakes3):
        assert len(run()) == 2
        assert [call.operation for call in fakes3.calls] == ["ListBuckets"]
"""


@pytest.mark.parametrize("own", [None, "http://127.0.0.1:1"], ids=["no endpoint", "an endpoint of the user"])
def test_children(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, own: str | None) -> None:
    """A guard without a fake gives them fake keys and an endpoint that refuses, or leaves the user's (LocalStack, say)."""
    if own is not None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", own)
    pytester.makepyfile(CHILD.replace("ENDPOINT", own or "http://127.0.0.1:9"))
    pytester.runpytest_subprocess(*GUARD).assert_outcomes(passed=2)


@pytest.mark.parametrize(
    "options", [(), ("-o", "fakes3_guard=false"), ("--fakes3-guard", "--fakes3-target", "http://127.0.0.1:1")]
)
def test_off(pytester: pytest.Pytester, options: tuple[str, ...]) -> None:
    pytester.makepyfile(
        """
        import os

        def test_it():
            from fakes3part.intercept import stack
            assert not stack.active.is_guarding
            assert os.environ["AWS_ACCESS_KEY_ID"] == "AKIAREAL"
        """
    )
    pytester.runpytest_subprocess(*options).assert_outcomes(passed=1)


def test_everything_is_restored_after_the_run(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(fakes3_bucket):\n    pass\n")
    before = dict(os.environ), socket.getaddrinfo, list(sys.meta_path), stack.active
    result = pytester.inline_run(*GUARD)
    result.assertoutcome(passed=1)
    current = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
    before[0].pop("PYTEST_CURRENT_TEST", None)
    assert (current, socket.getaddrinfo, list(sys.meta_path)) == before[:3]
    assert not stack.active.is_guarding


def test_a_guard_begins_and_ends_around_and_inside_fakes() -> None:
    program = """
        import os, socket
        from fakes3part import mock_s3
        from fakes3part.intercept import activation, stack
        from fakes3part.intercept.stack import Options

        before = dict(os.environ), socket.getaddrinfo
        fake = mock_s3()
        assert activation.begin_guard(Options())
        assert not activation.begin_guard(Options())
        fake.start()
        activation.end_guard()
        activation.end_guard()
        assert stack.active.is_guarding
        assert activation.begin_guard(Options())
        fake.stop()
        assert stack.active.is_guarding
        activation.end_guard()
        assert not stack.active.is_guarding
        assert (dict(os.environ), socket.getaddrinfo) == before
    """
    run = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stderr) == (0, "")
