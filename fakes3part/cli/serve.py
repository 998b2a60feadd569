"""The command ``fakes3part serve``."""

from __future__ import annotations

import argparse
import atexit
import os
import shlex
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

from ..api.fakes3 import FakeS3
from ..api.server import Server
from ..config_file import ConfigError
from ..server.tls import TlsError
from ..settings import SettingError
from ..version import __version__
from .default_port import DEFAULT_PORT, default_port
from .exit_codes import USAGE_ERROR
from .log_text import is_terminal
from .moto_arguments import add_moto_arguments, check_service
from .request_log import FORMATS, LogOptions, RequestLog
from .settings_flags import add_settings_flags, settings_from_flags
from .stderr_log import Writer, log_to_stderr, writer_of
from .stop_signals import StopSignals

EXAMPLES = [
    ("serve", "listen on 127.0.0.1:4580, and log requests"),
    ("serve --port 0 --ready-file ready.txt", "for scripts: a free port; ready.txt has the URL"),
    ("serve --host 0.0.0.0 --port 9000", "for other machines and containers"),
    ("serve --tls", "HTTPS, with a certificate made at the start"),
    ("serve --config s3.toml --region eu-west-1", "settings of a file, and one more"),
    ("serve --strict-credentials --min-part-size 1", "two settings"),
]

STOP_TIMEOUT = 1
"""Seconds that requests have to end when ``serve`` is stopped."""


class _Server(Server):
    _free_port = "--port 0"
    _has_clients_here = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments to its parser."""
    add = parser.add_argument
    add("-H", "--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    add(
        "-p",
        "--port",
        default=default_port(),
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
    _add_log_arguments(parser)
    add_settings_flags(parser)
    add_moto_arguments(parser)


def _add_log_arguments(parser: argparse.ArgumentParser) -> None:
    description = (
        "On a terminal, a line for each request to S3 is logged to stderr; elsewhere none, unless a flag below demands it."
    )
    group = parser.add_argument_group("log", textwrap.fill(description, 76))
    group.add_argument("-q", "--quiet", action="store_true", help="log warnings and errors only, and print the URL only")
    verbose = "log operation, caller, request id, parameters and hint too, and requests to the control API and for health checks"
    group.add_argument("-v", "--verbose", action="store_true", help=verbose)
    group.add_argument("--log-format", choices=FORMATS, help="log requests as text, or as one JSON object a line")


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"the port must be a whole number, 0 to 65535, not {text!r}")
    return int(text)


def run(options: argparse.Namespace) -> int:
    """Serve until a signal comes, and return the exit code."""
    check_service(options.service, options.parser)
    writer = writer_of(sys.stderr)
    with StopSignals(ends_process=options.ends_process) as signals, log_to_stderr(writer, is_json=options.log_format == "json"):
        code = _serve_until(signals, options, writer)
    if code == 0 and options.ends_process:
        _end_process()
    return code


def _end_process() -> NoReturn:
    """End the process at once: Python would free one object after the other, which takes seconds if there are many."""
    atexit._run_exitfuncs()
    with suppress(OSError):
        sys.stdout.flush()
    os._exit(0)


def _serve_until(signals: StopSignals, options: argparse.Namespace, writer: Writer) -> int:
    try:
        fake = make_fake(options)
        server = _Server(fake, options.host, options.port, tls=options.tls, cert=options.cert, key=options.key)
    except (ConfigError, SettingError, TlsError, OSError) as error:
        return _refuse(error)
    log_options = LogOptions(options.quiet, options.verbose, options.log_format)
    server.observer = log = RequestLog(fake, log_options, writer.write, writer.encoding)
    try:
        server.start()
        _load()
        with _ready_file(options.ready_file, server.url):
            _announce(server, is_quiet=options.quiet)
            signals.wait()
    except OSError as error:
        return _refuse(error)
    finally:
        server.stop(STOP_TIMEOUT)
    if not options.quiet:
        _print_summary(log, writer)
    return 0


def _refuse(error: Exception) -> int:
    """Print an error that prevents serving, and return the exit code."""
    message = str(error)
    if isinstance(error, OSError):
        reason = error.strerror or str(error)
        message = f"{error.filename}: {reason}" if error.filename else reason
    print(f"fakes3part serve: error: {message}", file=sys.stderr)
    return USAGE_ERROR


def _load() -> None:
    """Import what requests need: later there might be no file descriptor for that."""
    from .. import pipeline
    from ..operations.loading import load_all
    from ..protocol.routes import route
    from ..website import endpoint

    assert pipeline
    assert endpoint
    load_all()
    route("GET", "service", {}, {}, directory=False)


def make_fake(options: argparse.Namespace) -> FakeS3:
    """Return the fake that the arguments describe."""
    settings = settings_from_flags(options)
    return FakeS3(**settings) if options.config is None else FakeS3.from_config(options.config, **settings)


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


def _announce(server: Server, *, is_quiet: bool) -> None:
    lines = [f"fakes3part {__version__} serves S3 at {server.url} until Ctrl+C"]
    if not is_quiet:
        lines += [f"Inspector: {server.url}/_fakes3part/", ""]
        lines += [f"export {name}={shlex.quote(value)}" for name, value in server.environment().items()]
        if is_terminal(sys.stdout):
            lines.append("")
    print("\n".join([*lines, ""]), end="", flush=True)  # one write, also with PYTHONUNBUFFERED


def _print_summary(log: RequestLog, writer: Writer) -> None:
    writer.flush()
    stdout = writer_of(sys.stdout)
    # The terminal has shown "^C" at the beginning of a line.
    stdout.write(f"\n{log.summary()}" if is_terminal(sys.stdout) else log.summary())
    stdout.flush()
