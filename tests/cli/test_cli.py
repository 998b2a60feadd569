"""The command line, in another process where signals and exit codes matter."""

from __future__ import annotations

import io
import os
import re
import signal
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fakes3part.api.server import Server
from fakes3part.cli import demo as demo_module
from fakes3part.cli.default_port import DEFAULT_PORT
from fakes3part.cli.demo import EXAMPLE, DemoReport, demo
from fakes3part.cli.main import _parser, main
from fakes3part.cli.operations import operations_table
from fakes3part.protocol.model import s3_model
from tests.support.raw_server import RawConnection, request

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    processes: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-W", "error", "-m", "fakes3part", *arguments]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        processes.append(process)
        return process

    yield start
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate()


def url_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    first = process.stdout.readline().split()
    return next(word for word in first if word.startswith("http://"))


def address_of(url: str) -> tuple[str, int]:
    host, _, port = url.removeprefix("http://").rpartition(":")
    return host, int(port)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_until_a_signal(start: Start, tmp_path: Path, number: signal.Signals) -> None:
    ready = tmp_path / "ready"
    process = start("serve", "--port", "0", "--ready-file", str(ready), "--region", "eu-west-1", "--verbose")
    url = url_of(process)
    assert ready.read_text() == f"{url}\n"
    assert os.listdir(tmp_path) == ["ready"]
    with RawConnection(address_of(url)) as connection:
        assert connection.send(request("GET", "/_fakes3part/health")).response()[0] == "200 OK"
    assert process.stdout is not None
    assert process.stderr is not None
    process.send_signal(number)
    assert process.wait(20) == 0
    err = process.stderr.read()
    *announced, goodbye = process.stdout.read().splitlines()
    assert announced == [
        f"Inspector: {url}/_fakes3part/",
        "",
        f"export AWS_ENDPOINT_URL_S3={url}",
        f"export AWS_ENDPOINT_URL_S3_CONTROL={url.replace('127.0.0.1', 'localhost')}",
        f"export AWS_ENDPOINT_URL_STS={url}",
        f"export AWS_ENDPOINT_URL_KMS={url}",
        "export AWS_ACCESS_KEY_ID=FOOBARKEY",
        "export AWS_SECRET_ACCESS_KEY=FOOBARSECRET",
        "export AWS_DEFAULT_REGION=eu-west-1",
        "export AWS_REGION=eu-west-1",
        "export AWS_ALLOW_HTTP=true",
    ]
    assert re.fullmatch(r"[\d-]+ [\d:,]+ GET /_fakes3part/health 200 \d+ B [\d.]+ ms\n", err)
    assert re.fullmatch(r"fakes3part stopped: 0 requests, 0 errors, [\d.]+ s", goodbye)
    assert not ready.exists()


def test_the_arguments_of_moto_server(start: Start) -> None:
    process = start("serve", "s3", "-H", "127.0.0.1", "-p0", "-r")
    with RawConnection(address_of(url_of(process))) as connection:
        assert connection.send(request("POST", "//moto-api/reset", "Content-Length: 0")).response()[0] == "200 OK"
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    assert process.stderr is not None
    assert process.stderr.read() == "fakes3part serve: -r has no effect: no code of yours runs in this server\n"


@pytest.mark.parametrize("flag", ["--tls", "--ssl", "-s"])
def test_serve_tls(start: Start, flag: str) -> None:
    process = start("serve", "--port", "0", flag)
    assert process.stdout is not None
    url = next(word for word in process.stdout.readline().split() if word.startswith("https://127.0.0.1:"))
    exported: dict[str, str] = {}
    while "REQUESTS_CA_BUNDLE" not in exported:
        name, _, exported[name] = process.stdout.readline().strip().removeprefix("export ").partition("=")
    assert exported["AWS_ENDPOINT_URL_S3"] == url
    context = ssl.create_default_context(cafile=exported["AWS_CA_BUNDLE"])
    with urllib.request.urlopen(f"{url}/_fakes3part/health", context=context) as response:
        assert response.status == 200
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    assert process.stderr is not None
    assert process.stderr.read() == ""
    assert not os.path.exists(exported["AWS_CA_BUNDLE"])
    assert not os.path.exists(exported["SSL_CERT_FILE"])


@pytest.mark.parametrize("flags", ["--cert c.pem --key k.pem", "-c c.pem -k k.pem", "--ssl -cc.pem -kk.pem"])
def test_a_certificate_is_named_as_for_moto_server(flags: str) -> None:
    options = _parser().parse_args(["serve", *flags.split()])
    assert (options.cert, options.key) == (Path("c.pem"), Path("k.pem"))


@pytest.mark.parametrize("service", [[], ["s3"], ["s3control"], ["sts"], ["kms"]])
def test_a_service_is_named_before_or_after_the_options(service: list[str]) -> None:
    for arguments in (["serve", *service, "-p", "1"], ["serve", "-p", "1", *service]):
        options = _parser().parse_args(arguments)
        assert (options.port, options.host, options.service) == (1, "127.0.0.1", service[0] if service else None)


def test_motos_variable_of_the_port(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("MOTO_PORT", "5123")
    assert _parser().parse_args(["serve"]).port == 5123
    assert _parser().parse_args(["serve", "-p", "0"]).port == 0
    for none in ("", "tcp://10.0.0.1:5000"):
        monkeypatch.setenv("MOTO_PORT", none)
        assert _parser().parse_args(["serve"]).port == DEFAULT_PORT
    monkeypatch.setenv("MOTO_PORT", "http")
    with pytest.raises(SystemExit):
        main(["serve"])
    assert "the port must be a whole number, 0 to 65535, not 'http'" in capsys.readouterr().err


def test_a_taken_port_is_one_line_and_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    with Server(min_part_size=1) as taken:
        before = signal.getsignal(signal.SIGTERM)
        assert main(["serve", "--port", str(taken.port)]) == 2
        assert signal.getsignal(signal.SIGTERM) is before
        reason = f"cannot listen on 127.0.0.1:{taken.port}: Address already in use. Stop the program that listens there"
    out, err = capsys.readouterr()
    assert (out, err.partition(",")[0]) == ("", f"fakes3part serve: error: {reason}")
    assert err.endswith(", or choose another port: --port 0 takes a free one\n")
    assert err.count("\n") == 1


def test_a_ready_file_that_cannot_be_written_is_one_line_and_code_2(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["serve", "--port", "0", "--ready-file", str(tmp_path / "absent" / "ready")]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("fakes3part serve: error: ")
    assert err.endswith(": No such file or directory\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["dance"], "invalid choice: 'dance'"),
        (["serve", "--min-part-sise", "1"], "unrecognized arguments: --min-part-sise; did you mean '--min-part-size'"),
        (["serve", "--min-part-sise=1"], "unrecognized arguments: --min-part-sise=1; did you mean '--min-part-size'"),
        (["serve", "--strict-credential", "--strickt-kms"], "unrecognized arguments: --strickt-kms; did you mean '--strict-kms'"),
        (["serve", "s3", "more"], "fakes3part serve: error: unrecognized arguments: more\n"),
        (["operations", "--jason"], "fakes3part operations: error: unrecognized arguments: --jason\n"),
        (["migrate", "tests", "--writ", "--chek"], "unrecognized arguments: --chek; did you mean '--check'"),
        (["serve", "--port", "65536"], "argument -p/--port: the port must be a whole number, 0 to 65535, not '65536'"),
        (["serve", "--port", "http"], "argument -p/--port: the port must be a whole number, 0 to 65535, not 'http'"),
        (["serve", "dynamodb"], "argument service: fakes3part serves s3, s3control, sts, kms, not 'dynamodb'"),
        (
            ["serve", "--account", "me"],
            "argument --account: account must be the 12 digits of an AWS account id, as a string, not 'me'",
        ),
        (
            ["serve", "--min-part-size", "-1"],
            "argument --min-part-size: min_part_size must be a whole number of bytes, 0 or more, not '-1'",
        ),
    ],
)
def test_wrong_arguments(capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code == 2
    assert said in capsys.readouterr().err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["--version"])
    assert exit_.value.code == 0
    assert capsys.readouterr().out == "fakes3part 0.1.0\n"


def test_the_default_port_is_nobody_elses() -> None:
    assert DEFAULT_PORT not in {4566, 4568, 5000, 9000, 9090, 9191, 10000}


def test_the_table_of_operations(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["operations"]) == 0
    lines = capsys.readouterr().out.splitlines()
    cells = [line.strip("| ").split(" | ") for line in lines[4:]]
    first, second = [cell[:2] for cell in cells], [cell[2:] for cell in cells if len(cell) == 4]
    table = dict((*first, *second))
    assert list(table) == sorted(s3_model().operations)
    assert table["UploadPart"] == table["CompleteMultipartUpload"] == "**works**"
    assert table["SelectObjectContent"] == "**works**"
    works = sum(response == "**works**" for response in table.values())
    assert lines[0].startswith(f"{works} of {len(table)} operations work")
    assert operations_table().splitlines() == lines


def test_a_reader_that_had_enough_is_no_traceback(start: Start) -> None:
    process = start("operations")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.wait(20) == 1
    assert process.stderr.read() == ""
    process.stdout = None


@pytest.mark.parametrize("arguments", ["operations", "--version", "demo"])
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_process_without_streams(arguments: str, closed: str) -> None:
    command = f"exec {sys.executable} -W error -X dev -m fakes3part {arguments} {closed}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert bool(done.stdout) == (not closed.startswith(">"))


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_the_demo_behaves_and_needs_nothing_of_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "config"
    broken.write_text("this is no configuration")
    users_own = {
        "AWS_CONFIG_FILE": str(broken),
        "AWS_PROFILE": "nobody",
        "AWS_ACCESS_KEY_ID": "real",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "http_proxy": "http://127.0.0.1:9",
    }
    for name, value in users_own.items():
        monkeypatch.setenv(name, value)
    out = Terminal()
    code = demo(out)
    shown = out.getvalue()
    assert code == 0, shown
    assert "\033[32m✓\033[0m" in shown
    assert "✗" not in shown
    assert "SHA-256" in shown
    for code_shown in ("NoSuchUpload", "BadDigest", "AccessDenied", "InvalidPart", "EntityTooSmall"):
        assert code_shown in shown
    assert EXAMPLE in shown
    assert {name: os.environ[name] for name in users_own} == users_own
    assert "AWS_SHARED_CREDENTIALS_FILE" not in os.environ


def test_the_demo_notices_what_misbehaves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_module, "PART_SIZE", 4 << 20)  # too small: Complete must fail, and parts are not three
    out = io.StringIO()
    assert demo(out) == 1
    shown = out.getvalue()
    assert "NO complete_multipart_upload" in shown
    assert "\033" not in shown
    assert "NOT as S3 does" in shown


def test_what_a_line_says() -> None:
    out = Terminal()
    show = DemoReport(out)
    refused: Any = ZeroDivisionError("other")

    def refuse() -> None:
        raise refused

    show.works("call", lambda: 1, str)
    show.works("call", refuse)
    show.fails("call", lambda: None, 404, "NoSuchKey")
    show.fails("call", refuse, 404, "NoSuchKey")
    assert (show.lines, show.failures) == (4, 3)
    results = [line.partition("-> ")[2] for line in out.getvalue().splitlines()]
    assert results == ["1", "other", "no error, not 404 NoSuchKey", "ZeroDivisionError('other')"]


def test_starting_is_quick_once_imported() -> None:
    Server(min_part_size=1).start().stop()
    began = time.perf_counter()
    with Server(min_part_size=1):
        took = time.perf_counter() - began
    assert took < 0.5
