"""The arguments of ``moto_server`` that ``fakes3part serve`` has for those who change the command only.

``-H/--host`` and ``-p/--port`` are its own; ``-s/--ssl``, ``-c/--ssl-cert`` and ``-k/--ssl-key`` are other names of ``--tls``,
``--cert`` and ``--key``; the name of a service and ``--reload`` change nothing.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

SERVICES = ("s3", "s3control", "sts", "kms")
"""What is served, whichever of these is named."""


class _WarnOfReload(argparse.Action):
    """``--reload``, which has no effect, and says so."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        print(f"{parser.prog}: {option_string} has no effect: no code of yours runs in this server", file=sys.stderr)


def add_moto_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments to the parser of ``serve``."""
    parser.add_argument("service", nargs="?", help=f"ignored: {', '.join(SERVICES)} are served in any case")
    group = parser.add_argument_group("for those who come from moto_server")
    unused = argparse.SUPPRESS
    group.add_argument("-r", "--reload", action=_WarnOfReload, nargs=0, default=unused, help="no effect")


def check_service(service: str | None, parser: argparse.ArgumentParser) -> None:
    """End the process if a service is not served; None: none was named.

    argparse does not do it: of ``--misspelt value`` it would take the value for the service, and complain about that.
    """
    if service is not None and service not in SERVICES:
        parser.error(f"argument service: fakes3part serves {', '.join(SERVICES)}, not {service!r}")
