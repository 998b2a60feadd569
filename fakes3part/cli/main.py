"""The command line: ``fakes3part serve | demo | migrate | operations``, also as ``python -m fakes3part``."""

from __future__ import annotations

import argparse
import atexit
import logging
import os
import shlex
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from ..api.fakes3 import FakeS3
from ..api.server import Server
from ..config_file import ConfigError
from ..control.router import version
from ..server.tls import TlsError
from ..settings import SettingError
from .migrate import command as migrate
from .moto_arguments import add_moto_arguments
from .settings_flags import add_settings_flags, settings_from_flags
from .stderr_log import log_to_stderr
from .stop_signals import StopSignals

if TYPE_CHECKING:
    from ..protocol.model import Operation

DEFAULT_PORT = 4580
"""Used by no similar tool: 4566 is LocalStack's, 4568 s3rver's, 5000 moto's, 9000 MinIO's, 9090 S3Mock's, 10000 Azurite's."""

USAGE_ERROR = 2
INTERRUPTED = 128 + signal.SIGINT
"""The exit code of shells for a command that Ctrl+C ended. (``serve`` ends with 0 then, as that is how it ends.)"""

STOP_TIMEOUT = 1
"""Seconds that requests have to end when ``serve`` is stopped."""

COLUMNS = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Args:
        arguments: without the program's name; None: those of the process, which ends afterwards.

    Raises:
        SystemExit: after ``--help`` and ``--version``, and for wrong arguments.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    options.ends_process = arguments is None
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # "fakes3part operations | head": the reader has closed the pipe. What is still buffered must not fail at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("fakes3part", description="An in-memory Amazon S3 for test suites.")
    parser.add_argument("--version", action="version", version=f"fakes3part {version()}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_serve_arguments(commands.add_parser("serve", help="serve S3 over HTTP until Ctrl+C or SIGTERM"))
    demo = commands.add_parser("demo", help="upload a file by parts, and see S3's own errors")
    demo.set_defaults(run=_demo)
    migrate.add_arguments(commands.add_parser("migrate", help="rewrite test files from moto to fakes3part"))
    table = commands.add_parser("operations", help="print which operations work, as a Markdown table")
    table.set_defaults(run=_operations)
    return parser


def _add_serve_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("-H", "--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    add(
        "-p",
        "--port",
        default=_default_port(),
        type=_port,
        help=f"port to listen on, 0 for a free one (environment: MOTO_PORT; default: {DEFAULT_PORT})",
    )
    add(
        "--config",
        type=Path,
        metavar="FILE",
        help="TOML file of settings, accounts and KMS keys",
    )
    add("--ready-file", type=Path, metavar="PATH", help="file that holds the URL while the server accepts requests")
    add("--tls", "-s", "--ssl", action="store_true", help="serve HTTPS, with a certificate made at the start (extra: tls)")
    add("--cert", "-c", "--ssl-cert", type=Path, metavar="FILE", help="PEM file of a certificate of your own; implies --tls")
    add("--key", "-k", "--ssl-key", type=Path, metavar="FILE", help="PEM file of its key, unless it is in the file of --cert")
    add("--verbose", action="store_true", help="log a line per request to stderr")
    add_settings_flags(parser)
    add_moto_arguments(parser)
    parser.set_defaults(run=_serve)


def _default_port() -> str:
    variable = os.environ.get("MOTO_PORT", "")
    # For a service named "moto", Kubernetes sets it to a URL.
    return variable if variable and not variable.startswith("tcp://") else str(DEFAULT_PORT)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"the port must be a whole number, 0 to 65535, not {text!r}")
    return int(text)


def _serve(options: argparse.Namespace) -> int:
    level = logging.INFO if options.verbose else logging.WARNING
    with StopSignals(ends_process=options.ends_process) as signals, log_to_stderr(level):
        code = _serve_until(signals, options)
    if code == 0 and options.ends_process:
        _end_process()
    return code


def _end_process() -> NoReturn:
    """End the process at once: Python would free one object after the other, which takes seconds if there are many."""
    atexit._run_exitfuncs()
    with suppress(OSError):
        sys.stdout.flush()
    os._exit(0)


def _serve_until(signals: StopSignals, options: argparse.Namespace) -> int:
    try:
        fake = _make_fake(options)
        server = Server(fake, options.host, options.port, tls=options.tls, cert=options.cert, key=options.key)
    except (ConfigError, SettingError, TlsError, OSError) as error:
        message = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else str(error)
        print(f"fakes3part serve: error: {message}", file=sys.stderr)
        return USAGE_ERROR
    try:
        server.start()
        _load()
        with _ready_file(options.ready_file, server.url):
            _announce(server)
            signals.wait()
    except OSError as error:
        reason = error.strerror or error
        print(f"fakes3part serve: error: {error.filename or _address(options)}: {reason}", file=sys.stderr)
        return USAGE_ERROR
    finally:
        server.stop(STOP_TIMEOUT)
    return 0


def _load() -> None:
    """Import what requests need: later there might be no file descriptor for that."""
    from .. import pipeline
    from ..protocol.routes import route

    assert pipeline
    route("GET", "service", {}, {}, directory=False)


def _make_fake(options: argparse.Namespace) -> FakeS3:
    settings = settings_from_flags(options)
    return FakeS3(**settings) if options.config is None else FakeS3.from_config(options.config, **settings)


def _address(options: argparse.Namespace) -> str:
    return f"cannot listen on {options.host}:{options.port}"


@contextmanager
def _ready_file(path: Path | None, url: str) -> Iterator[None]:
    """Keep a file with the URL, which appears complete; None: no file."""
    if path is None:
        yield
        return
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.write(f"{url}\n")
        os.replace(draft, path)
    except OSError as error:
        with suppress(OSError):
            os.unlink(draft)
        raise OSError(error.errno, error.strerror, str(path)) from None
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _announce(server: Server) -> None:
    lines = [f"fakes3part {version()} serves S3 at {server.url} until Ctrl+C", ""]
    lines += [f"export {name}={shlex.quote(value)}" for name, value in server.environment().items()]
    print("\n".join(lines), flush=True)


def _demo(_options: argparse.Namespace) -> int:
    from .demo import demo

    return demo()


def _operations(_options: argparse.Namespace) -> int:
    print(operations_table())
    return 0


def _successor(old: Operation, model: Mapping[str, Operation]) -> str | None:
    """Return the name of the operation that replaced a deprecated one at the same request line; None: there is none."""
    line = old.method, old.level, old.literals
    for name, candidate in model.items():
        if not candidate.deprecated and (candidate.method, candidate.level, candidate.literals) == line:
            return name
    return None


def operations_table() -> str:
    """Return a Markdown table of every operation of the installed botocore's S3 model: whether it works, or responds 501."""
    from ..operations.loading import implemented
    from ..protocol.model import s3_model

    model = s3_model().operations
    working = implemented()
    working |= {name for name, operation in model.items() if operation.deprecated and _successor(operation, model) in working}
    names = sorted(model)
    cells = [f"{name} | {'**works**' if name in working else '501'}" for name in names]
    cells += [" | "] * (-len(cells) % COLUMNS)
    height = len(cells) // COLUMNS
    rows = [f"| {' | '.join(cells[row::height])} |" for row in range(height)]
    others = "the others respond" if working < set(names) else "what a newer botocore adds responds"
    summary = f"{len(working & set(names))} of {len(names)} operations work; {others} `501 NotImplemented`."
    return "\n".join([summary, "", "| Operation |  " * COLUMNS + "|", "|---|---" * COLUMNS + "|", *rows])
