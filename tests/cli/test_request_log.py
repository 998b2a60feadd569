"""The log of requests of ``serve``: what it shows, where, and what it never shows."""

from __future__ import annotations

import contextlib
import http.client
import json
import logging
import os
import pty
import re
import signal
import socket
import struct
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import datetime
from fcntl import ioctl
from pathlib import Path
from termios import TIOCSWINSZ
from typing import Any, NamedTuple
from unicodedata import combining, east_asian_width
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from fakes3part import Server
from fakes3part.cli.log_entry import LogEntry
from fakes3part.cli.log_text import Terminal, text_of
from fakes3part.cli.request_log import LogOptions, RequestLog
from tests.support.state import SIGNED

ENTRY = LogEntry(
    datetime.fromisoformat("2026-11-30T10:00:00.123+00:00"),
    "GET",
    "GetObject",
    "bucket",
    "key",
    "/bucket/key",
    200,
    None,
    0,
    2048,
    0.0123,
    "ID",
    None,
)
KEYS = (
    *("time", "method", "operation", "bucket", "key", "path", "status", "error", "bytes_in", "bytes_out", "ms", "request_id"),
    *("fault", "leniences"),
)
CREDENTIALS = {"aws_access_key_id": "any", "aws_secret_access_key": "topsecret", "region_name": "us-east-1"}
VERBOSE_KEYS = (*KEYS, "message", "hint", "caller", "params")


class Logged(NamedTuple):
    """A server whose requests are logged, and the lines of the log."""

    server: Server
    log: RequestLog
    lines: list[str]

    def documents(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]


@contextlib.contextmanager
def logged(**options: Any) -> Iterator[Logged]:
    server = Server(min_part_size=1)
    lines: list[str] = []
    server.observer = log = RequestLog(server.fake, LogOptions(**options), lines.append, "utf-8")
    with server:
        yield Logged(server, log, lines)


@contextlib.contextmanager
def s3_of(server: Server, **options: Any) -> Iterator[Any]:
    config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, **options)
    with contextlib.closing(boto3.client("s3", endpoint_url=server.url, config=config, **CREDENTIALS)) as s3:
        yield s3


def send(server: Server, method: str, target: str, **headers: str) -> int:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)) as connection:
        connection.request(method, target, headers=headers)
        response = connection.getresponse()
        response.read()
        return response.status


def test_what_a_line_says() -> None:
    with logged(format="text") as told, s3_of(told.server) as s3:
        s3.create_bucket(Bucket="bucket")
        s3.put_object(Bucket="bucket", Key="a key/é", Body=b"x" * 2048)
        s3.get_object(Bucket="bucket", Key="a key/é")["Body"].read()
        with pytest.raises(ClientError):
            s3.head_object(Bucket="bucket", Key="none")
        upload = s3.create_multipart_upload(Bucket="bucket", Key="u")["UploadId"]
        s3.upload_part(Bucket="bucket", Key="u", UploadId=upload, PartNumber=7, Body=b"x")
        s3.list_buckets()
    stamp = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} "
    assert all(re.match(stamp, line) for line in told.lines)
    without_time = [re.sub(r"[\d.]+ ms", "N ms", line[24:]) for line in told.lines]
    assert without_time == [
        "PUT bucket 200 0 B N ms",
        "PUT bucket/a key/é 200 2.0 KiB N ms",
        "GET bucket/a key/é 200 2.0 KiB N ms",
        "HEAD bucket/none 404 0 B N ms NoSuchKey",
        without_time[4],
        "PUT bucket/u part 7 200 1 B N ms",
        without_time[6],
    ]
    assert without_time[4].startswith("POST bucket/u 200 ")
    assert without_time[6].startswith("GET / ListBuckets 200 ")


def test_json_has_the_same_keys_for_every_request() -> None:
    with logged(format="json") as told, s3_of(told.server) as s3:
        s3.create_bucket(Bucket="bucket")
        s3.put_object(Bucket="bucket", Key="k\n\x1b", Body=b"abc")
        for wrong in (lambda: s3.head_object(Bucket="bucket", Key="none"), lambda: s3.get_object(Bucket="absent", Key="k")):
            with pytest.raises(ClientError):
                wrong()
        with contextlib.closing(boto3.client("sts", endpoint_url=told.server.url, **CREDENTIALS)) as sts:
            sts.get_caller_identity()
        with socket.create_connection(told.server.get_host_and_port()) as connection:
            connection.sendall(b"no HTTP\r\n\r\n")
            connection.recv(100)
        send(told.server, "GET", "/bucket/%FF")
        send(told.server, "GET", "/bucket/k", Host="evil.example.com")
    documents = told.documents()
    assert [tuple(document) for document in documents] == [KEYS] * 8
    assert all("\n" not in line and line.isascii() for line in told.lines)
    shown = [[document[key] for key in ("method", "operation", "bucket", "key", "status", "error")] for document in documents]
    assert shown == [
        ["PUT", "CreateBucket", "bucket", None, 200, None],
        ["PUT", "PutObject", "bucket", "k\n\x1b", 200, None],
        ["HEAD", "HeadObject", "bucket", "none", 404, "NoSuchKey"],
        ["GET", "GetObject", "absent", "k", 404, "NoSuchBucket"],
        ["POST", "GetCallerIdentity", None, None, 200, None],
        [None, None, None, None, 400, "BadRequest"],
        ["GET", None, None, None, 400, "InvalidURI"],
        ["GET", None, "bucket", "k", 403, "AccessDenied"],
    ]
    put = documents[1]
    assert (put["path"], put["bytes_in"], put["bytes_out"]) == ("/bucket/k%0A%1B", 3, 0)
    assert put["ms"] > 0
    assert put["time"].endswith("Z")
    assert re.fullmatch("[0-9A-F]{16}", put["request_id"])
    assert (told.log.requests, told.log.errors) == (8, 5)


def test_verbose_json_has_more() -> None:
    with logged(format="json", is_verbose=True) as told, s3_of(told.server) as s3:
        s3.create_bucket(Bucket="bucket")
        s3.put_object(Bucket="bucket", Key="Key", Body=b"x")
        with pytest.raises(ClientError):
            s3.get_object(Bucket="bucket", Key="key", Range="bytes=0-1")
        send(told.server, "GET", "/_fakes3part/health")
    documents = told.documents()
    assert [tuple(document) for document in documents] == [VERBOSE_KEYS] * 4
    missing = documents[2]
    assert missing["message"] == "The specified key does not exist."
    assert missing["params"]["Range"] == "bytes=0-1"
    assert missing["caller"] == "arn:aws:iam::123456789012:root"
    assert "'Key'" in missing["hint"]
    assert (documents[3]["path"], documents[3]["params"], documents[3]["hint"]) == ("/_fakes3part/health", {}, None)
    assert (told.log.requests, told.log.errors) == (3, 1)


def test_verbose_text_has_more() -> None:
    with logged(is_verbose=True) as told, s3_of(told.server) as s3:
        s3.create_bucket(Bucket="bucket")
        s3.put_object(Bucket="bucket", Key="Key", Body=b"x")
        with pytest.raises(ClientError):
            s3.get_object(Bucket="bucket", Key="key", Range="bytes=0-1")
    _, *details = told.lines[2].splitlines()
    assert details[0].startswith("    GetObject by arn:aws:iam::123456789012:root request id ")
    assert details[1].startswith("    Range='bytes=0-1'")
    assert details[2] == "    The specified key does not exist."
    assert "'Key'" in details[3]


NOT_OF_S3 = [
    ("GET", "/_fakes3part/health"),
    ("GET", "/_fakes3part/calls"),
    ("GET", "/_fakes3part/calls/stream?timeout=0"),
    ("POST", "/_fakes3part/reset"),
    ("GET", "/_fakes3part/none"),
    ("GET", "/"),
    ("GET", "/_fakes3part/inspector.js"),
    ("GET", "/health"),
    ("GET", "/minio/health/live"),
    ("GET", "/_localstack/health"),
    ("POST", "/moto-api/reset"),
    ("GET", "/moto-api/"),
]


@pytest.mark.parametrize("is_verbose", [False, True])
def test_requests_to_the_server_itself_are_left_out_unless_verbose(is_verbose: bool) -> None:
    with logged(format="json", is_verbose=is_verbose) as told:
        for method, target in NOT_OF_S3:
            send(told.server, method, target)
        assert [document["path"] for document in told.documents()] == [
            target.partition("?")[0] for _, target in NOT_OF_S3 if is_verbose
        ]
        assert (told.log.requests, told.log.errors) == (0, 0)
        send(told.server, "GET", "/", **SIGNED)
        assert told.documents()[-1]["operation"] == "ListBuckets"
        assert (told.log.requests, told.log.errors) == (1, 0)


@pytest.mark.parametrize("options", [{"format": "text"}, {"format": "json"}], ids=str)
@pytest.mark.parametrize("is_verbose", [False, True])
def test_secrets_are_not_shown(options: dict[str, Any], is_verbose: bool) -> None:
    sse_key = b"0123456789abcdef" * 2
    sse = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": sse_key}
    secrets = ["topsecret", b64encode(sse_key).decode(), sse_key.decode()]
    with logged(**options, is_verbose=is_verbose) as told:
        for version in ("s3v4", "s3"):
            with s3_of(told.server, signature_version=version) as s3:
                s3.create_bucket(Bucket=version.ljust(3, "x"))
                s3.put_object(Bucket=version.ljust(3, "x"), Key="k", Body=b"x", **sse)
                for method in ("get_object", "put_object"):
                    url = s3.generate_presigned_url(method, Params={"Bucket": version.ljust(3, "x"), "Key": "k", **sse})
                    secrets += re.findall("Signature=([^&]+)", url)
                    with (
                        contextlib.suppress(HTTPError),
                        urlopen(Request(url, method="GET" if method == "get_object" else "PUT")) as response,
                    ):
                        response.read()
        send(told.server, "GET", "/s3x/k?X-Amz-Signature=stolen1&Signature=stolen2", Authorization="AWS any:stolen3")
        send(told.server, "GET", "/s3x/k", **{**SIGNED, "x-amz-security-token": "stolen4"})
        send(told.server, "GET", "/_fakes3part/calls?token=stolen5", **{"X-Fakes3part-Token": "stolen6"})
    text = "\n".join(told.lines)
    assert len(secrets) == 7
    assert [secret for secret in [*secrets, "stolen"] if secret in text] == []
    assert "Signature=" not in text
    assert "?" not in text.partition("params")[0]


def test_the_documentation_lists_the_keys() -> None:
    page = (Path(__file__).parents[2] / "docs/reference/cli.md").read_text("utf-8")
    table = page[page.index("<!-- log-keys -->") : page.index("<!-- /log-keys -->")]
    rows = [line.split("|")[1:3] for line in table.splitlines()[3:]]
    named = [(name, "with `--verbose`" in meaning) for names, meaning in rows for name in re.findall("`(.+?)`", names)]
    assert named == [(name, name not in KEYS) for name in VERBOSE_KEYS]


def test_faults_are_shown() -> None:
    with logged(format="json") as told, s3_of(told.server) as s3:
        from fakes3part.faults import Error, Reset

        s3.create_bucket(Bucket="bucket")
        told.server.fake.fail("GetObject", Error("SlowDown"))
        told.server.fake.fail("PutObject", Reset())
        for call in (
            lambda: s3.get_object(Bucket="bucket", Key="k"),
            lambda: s3.put_object(Bucket="bucket", Key="k", Body=b""),
        ):
            with contextlib.suppress(Exception):
                call()
    shown = [(document["status"], document["error"], document["fault"]) for document in told.documents()[1:]]
    assert shown[0] == (503, "SlowDown", shown[0][2])
    assert "SlowDown" in shown[0][2]
    assert shown[1][2]


def test_a_log_that_fails_is_not_the_clients_failure(caplog: pytest.LogCaptureFixture) -> None:
    def fail(_text: str) -> None:
        raise RuntimeError("no log today")

    server = Server()
    server.observer = RequestLog(server.fake, LogOptions(format="text"), fail, "utf-8")
    with server:
        assert send(server, "GET", "/", **SIGNED) == 200
    assert "no log today" in caplog.text


def test_without_the_journal_a_line_has_still_bucket_and_code() -> None:
    server = Server(journal_size=0)
    lines: list[str] = []
    server.observer = RequestLog(server.fake, LogOptions(format="json"), lines.append, "utf-8")
    with server:
        send(server, "GET", "/bucket/k", **SIGNED)
    document = json.loads(lines[0])
    assert (document["bucket"], document["key"], document["error"]) == ("bucket", "k", "NoSuchBucket")


# --- the form of a line ---


@pytest.mark.parametrize("columns", [80, 100, 200])
@pytest.mark.parametrize(
    "key",
    ["k", "k" * 1024, "日本語" * 100, "e\u0301" * 300, "\x1b[31m\r\n" * 50, "😀" * 50, "\u202eabc", "\ud800"],
    ids=["short", "long", "wide", "combining", "control", "emoji", "bidirectional", "surrogate"],
)
@pytest.mark.parametrize("error", [None, "NoSuchKey", "SignatureDoesNotMatch"])
def test_a_line_fits_into_the_terminal(columns: int, key: str, error: str | None) -> None:
    entry = ENTRY._replace(key=key, error=error, status=404 if error else 200)
    line = text_of(entry, Terminal(columns), "utf-8", verbose=False)
    assert width_of(line) <= columns
    assert line.isprintable()
    assert line.split(" 404 " if error else " 200 ")[0].rstrip().endswith(key[-1] if key[-1].isprintable() else repr(key[-1])[-2])


def width_of(text: str) -> int:
    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)


@given(st.text(max_size=200), st.integers(80, 200), st.sampled_from(["utf-8", "ascii", "latin-1", "cp1252"]))
def test_any_key_is_one_line_of_the_terminals_characters(key: str, columns: int, encoding: str) -> None:
    line = text_of(ENTRY._replace(key=key), Terminal(columns), encoding, verbose=False)
    assert line.isprintable()
    assert line.encode(encoding).decode(encoding) == line
    assert width_of(line) <= columns


def test_columns_are_aligned() -> None:
    lines = [
        text_of(ENTRY._replace(method=method, key=key, seconds=seconds), Terminal(80), "utf-8", verbose=False)
        for method, key, seconds in [("GET", "k", 0.0004), ("OPTIONS", "日本", 12.3), ("PUT", "k" * 100, 0.09)]
    ]
    assert {width_of(line[: line.index(" 200 ")]) for line in lines} == {width_of(lines[0][: lines[0].index(" 200 ")])}
    assert [line.endswith(end) for line, end in zip(lines, ["0.4 ms", "12300 ms", "90.0 ms"], strict=True)] == [True] * 3
    assert [width_of(line) for line in lines] == [width_of(lines[0])] * 3


def test_wide_terminals_show_the_time() -> None:
    local = f"{ENTRY.time.astimezone():%H:%M:%S} GET     bucket/key "
    assert text_of(ENTRY, Terminal(100), "utf-8", verbose=False).startswith(local)
    assert text_of(ENTRY, Terminal(99), "utf-8", verbose=False).startswith("GET     bucket/key ")


@pytest.mark.parametrize(("status", "colour"), [(200, 32), (206, 32), (304, 36), (404, 33), (503, 31), (0, 31)])
def test_colours(status: int, colour: int) -> None:
    entry = ENTRY._replace(status=status, error="Code")
    line = text_of(entry, Terminal(80, has_colours=True), "utf-8", verbose=False)
    assert f"\033[{colour}m{status or '---'}\033[0m" in line
    assert line.endswith(f"\033[{colour}m  Code\033[0m")
    assert re.sub(r"\033\[\d+m", "", line) == text_of(entry, Terminal(80), "utf-8", verbose=False)


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1024**2 - 1, "1.0 MiB"), (5 * 1024**3, "5.0 GiB"), (2**50, "1024.0 TiB")],
)
def test_sizes(number: int, text: str) -> None:
    assert f" {text} " in text_of(ENTRY._replace(bytes_out=number), None, "utf-8", verbose=False)


# --- serve, in a terminal and outside of one ---


class Session:
    """``serve`` with its streams in a terminal, or in pipes."""

    def __init__(self, *flags: str, columns: int = 0, **environment: str) -> None:
        command = [sys.executable, "-W", "error", "-m", "fakes3part", "serve", "--port", "0", *flags]
        clean = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS")}
        self.environment = {**clean, "TERM": "xterm", **environment}
        self._master = None
        if columns:
            self._master, slave = pty.openpty()
            ioctl(slave, TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
            streams: dict[str, Any] = {"stdin": slave, "stdout": slave, "stderr": slave}
        else:
            streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.process = subprocess.Popen(command, env=self.environment, **streams)
        self.text = ""
        if columns:
            os.close(slave)
        self.read_until(lambda text: re.search(r"https?://[\w.:]+ until Ctrl\+C\r?\n", text) is not None)
        found = re.search(r"http://127.0.0.1:(\d+)", self.text)
        assert found is not None
        self.port = int(found[1])

    def read_until(self, is_enough: Callable[[str], bool]) -> None:
        end = time.monotonic() + 20
        while not is_enough(self.text) and time.monotonic() < end:
            if self._master is not None:
                self.text += os.read(self._master, 65536).decode(self.environment.get("ENCODING", "utf-8"))
            else:
                assert self.process.stdout is not None
                self.text += self.process.stdout.readline().decode()

    def send(self, method: str, target: str, **headers: str) -> None:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request(method, target, headers=headers)
            connection.getresponse().read()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[str, str]:
        """Stop it and return all that it wrote: to stdout, or to the terminal; and to stderr."""
        self.process.send_signal(number)
        self.process.wait(20)
        err = ""
        if self._master is not None:
            with contextlib.suppress(OSError):  # EIO: the other end is closed
                while data := os.read(self._master, 65536):
                    self.text += data.decode(self.environment.get("ENCODING", "utf-8"))
            os.close(self._master)
        else:
            assert self.process.stdout is not None
            assert self.process.stderr is not None
            self.text += self.process.stdout.read().decode()
            err = self.process.stderr.read().decode()
            self.process.stdout.close()
            self.process.stderr.close()
        assert self.process.wait(20) == 0
        return self.text.replace("\r\n", "\n"), err


Start = Callable[..., Session]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start sessions, which end with the test at the latest."""
    sessions: list[Session] = []

    def start(*flags: str, columns: int = 0, **environment: str) -> Session:
        sessions.append(Session(*flags, columns=columns, **environment))
        return sessions[-1]

    yield start
    for session in sessions:
        session.process.kill()
        session.process.wait()


def test_in_a_terminal_requests_are_logged_with_colours(start: Start) -> None:
    session = start(columns=80)
    session.send("GET", "/bucket/key", **SIGNED)
    session.send("GET", "/", **SIGNED)
    session.send("GET", "/_fakes3part/health")
    session.send("GET", "/")
    shown, _ = session.stop(signal.SIGINT)
    log = shown[shown.index("=true\n\n") + 7 :].splitlines()
    assert re.fullmatch(
        r"GET     bucket/key +\033\[33m404\033\[0m +\d+ B +[\d.]+ ms\033\[33m  NoSuchBucket\033\[0m",
        log[0],
    )
    assert re.fullmatch(r"GET     / ListBuckets +\033\[32m200\033\[0m +\d+ B +[\d.]+ ms", log[1])
    assert log[2] == ""
    assert re.fullmatch(r"fakes3part stopped: 2 requests, 1 error, [\d.]+ s", log[3])
    assert len(log) == 4
    assert f"Inspector: http://127.0.0.1:{session.port}/_fakes3part/\n" in shown


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=str)
def test_no_colours(start: Start, environment: dict[str, str]) -> None:
    session = start(columns=120, **environment)
    session.send("GET", "/bucket/key", **SIGNED)
    shown, _ = session.stop()
    assert "\033" not in shown
    assert re.search(r"\d\d:\d\d:\d\d GET     bucket/key +404 +\d+ B +[\d.]+ ms  NoSuchBucket\n", shown)


def test_a_terminal_that_has_ascii_only(start: Start) -> None:
    session = start(columns=80, LC_ALL="POSIX", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0", ENCODING="ascii")
    session.send("GET", "/bucket/%C3%A9" + "k" * 100, **SIGNED)
    session.send("GET", "/bucket/%C3%A9", **SIGNED)
    shown, _ = session.stop()
    assert re.search(r"GET     bucket/.{,4}\.\.\.k+ +", shown)
    assert r"GET     bucket/\xe9 " in shown


def test_outside_of_a_terminal_nothing_is_logged(start: Start) -> None:
    session = start()
    session.send("GET", "/bucket/key", **SIGNED)
    out, err = session.stop()
    assert err == ""
    assert re.fullmatch(r"fakes3part stopped: 1 request, 1 error, [\d.]+ s", out.splitlines()[-1])


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (["--log-format", "text"], 1),
        (["--log-format", "json"], 1),
        (["-v"], 2),
        (["--verbose", "--log-format", "json"], 2),
        (["--quiet"], 0),
        (["-q", "--log-format", "json"], 0),
        (["-q", "-v"], 0),
    ],
    ids=str,
)
def test_flags(start: Start, flags: list[str], expected: int) -> None:
    session = start(*flags)
    session.send("GET", "/bucket/key", **SIGNED)
    session.send("GET", "/_fakes3part/health")
    out, err = session.stop()
    requests = [line for line in err.splitlines() if not line.startswith("    ")]
    assert len(requests) == expected
    assert "\033" not in err
    if "json" in flags:
        assert [json.loads(line)["path"] for line in requests] == ["/bucket/key", "/_fakes3part/health"][:expected]
    is_quiet = "-q" in flags or "--quiet" in flags
    assert len(out.splitlines()) == (1 if is_quiet else 13)


@pytest.mark.parametrize("flags", [["--quiet"], [], ["--log-format", "json"]], ids=str)
def test_warnings_are_shown(start: Start, flags: list[str]) -> None:
    session = start(*flags)
    session.send("PUT", "/bucket", **SIGNED)
    session.send("GET", "/bucket/key")
    _, err = session.stop()
    if "json" not in flags:
        assert "denied" in err
        assert err.count("\n") == 1
        return
    put, warning, get = map(json.loads, err.splitlines())
    assert [put["operation"], get["error"]] == ["CreateBucket", "AccessDenied"]
    assert {name: warning[name] for name in ("level", "logger")} == {"level": "WARNING", "logger": "fakes3part.authorization"}
    assert "denied" in warning["message"]


def test_stdout_that_is_closed_says_no_goodbye_and_fails_not(start: Start) -> None:
    session = start()
    assert session.process.stdout is not None
    session.process.stdout.close()
    session.process.send_signal(signal.SIGTERM)
    assert session.process.wait(20) == 0
    assert session.process.stderr is not None
    assert session.process.stderr.read() == b""
    session.process.stderr.close()


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_process_without_stdout_or_stderr(closed: str, tmp_path: Path) -> None:
    """The descriptors may be those of connections, which must not receive the log."""
    ready, program = tmp_path / "ready", f"{sys.executable} -W error -m fakes3part serve --port 0 -v --log-format json"
    process = subprocess.Popen(
        ["sh", "-c", f"exec {program} --ready-file {ready} {closed}"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        end = time.monotonic() + 20
        while not ready.exists() and time.monotonic() < end:
            time.sleep(0.05)
        for _ in range(3):
            with urlopen(f"{ready.read_text().strip()}/_fakes3part/health") as response:
                assert response.status == 200
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == 0
    assert b"Traceback" not in err
    assert bool(out) == (not closed.startswith(">"))
    assert len(err.splitlines()) == (3 if "2>" not in closed else 0)


def test_a_terminal_that_is_held_blocks_nothing(start: Start) -> None:
    """Ctrl+S: nothing is read from the terminal, and its buffer is full soon."""
    session = start(columns=80)
    began = time.monotonic()
    for _ in range(300):
        session.send("GET", f"/bucket/{'k' * 500}", **SIGNED)
    assert time.monotonic() - began < 15
    session.process.send_signal(signal.SIGTERM)
    assert session.process.wait(5) == 0
    session.stop()


def test_the_servers_of_a_test_log_nothing(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    with caplog.at_level(logging.WARNING), Server() as server:
        send(server, "GET", "/bucket/key", **SIGNED)
    assert (caplog.text, capfd.readouterr()) == ("", ("", ""))
