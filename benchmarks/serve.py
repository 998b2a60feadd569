"""One server in a process of its own: ``python -m benchmarks.serve SYSTEM`` prints its URL, and ends with its stdin."""

from __future__ import annotations

import json
import sys


def ours() -> str:
    from fakes3part import Server

    return Server().start().url


def moto() -> str:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    return f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"


if __name__ == "__main__":
    print(json.dumps({"ours": ours, "moto": moto}[sys.argv[1]]()), flush=True)
    sys.stdin.read()
