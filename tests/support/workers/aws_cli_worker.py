"""The real AWS CLI as a long-lived process: one JSON line in (the arguments), one JSON line out (status and output).

Starting ``aws`` costs 0.6 s of CPU, a command in a running interpreter 0.06 s. Every command gets a new driver, so nothing but
imported modules and loaded models is kept from one to the next (what sets up logging for good, ``--debug``, belongs into a
process of its own).
"""

from __future__ import annotations

import gc
import io
import json
import socket
import sys
from typing import Any

import botocore_data  # (beside this file)

_COLLECTED = 10
"""The number of commands between two garbage collections."""

_resolve = socket.getaddrinfo


def _resolve_localhost(host: Any, *rest: Any, **named: Any) -> Any:
    """Resolve ``*.localhost`` to this machine (RFC 6761): not every system's resolver does."""
    return _resolve("127.0.0.1" if str(host).endswith(".localhost") else host, *rest, **named)


def run(arguments: list[str]) -> dict[str, Any]:
    """Run one command as the ``aws`` script does."""
    from awscli.clidriver import create_clidriver  # type: ignore[import-untyped]

    streams = [io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2)]
    kept = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = streams
    try:
        status = create_clidriver().main(arguments)
    except SystemExit as ended:
        status = ended.code
    finally:
        sys.stdout, sys.stderr = kept
    out, err = (stream.buffer.getvalue().decode() for stream in streams)
    return {"status": status or 0, "out": out, "err": err}


def main() -> None:
    socket.getaddrinfo = _resolve_localhost
    botocore_data.keep()
    gc.disable()  # each command loads the model anew: collecting as Python does takes half of the time
    for number, line in enumerate(sys.stdin, 1):
        print(json.dumps(run(json.loads(line))), flush=True)
        if number % _COLLECTED == 0:
            gc.collect()


if __name__ == "__main__":
    main()
